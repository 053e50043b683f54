// SPDX-License-Identifier: GPL-2.0-or-later
/* The terminal: the only place that knows curses. It shows grids and gives keys. */
#ifndef NSKIT_NSTOP_TERM_H
#define NSKIT_NSTOP_TERM_H

#include "screen/grid.h"

struct term_input {
	uint32_t key;         /* enum ui_key or a character; 0: the mouse */
	int row, col, button; /* of the mouse: 1, 4 and 5 for its wheel */
};

/* Take over the terminal. 0, or -errno with *why: "TERM is not set". Whatever ends the program, the terminal is restored. */
int term_open(bool colors, bool light, const char **why);
void term_close(void);

/* Show a grid: what has changed since the last one; all of it after term_redraw(). */
void term_draw(const struct grid *g);
void term_redraw(void);

/* The next key or click that has come; false: there is none. Never waits. */
bool term_input(struct term_input *in);

/* The size as it is now. After SIGWINCH term_resize() has to be called first. */
void term_size(int *rows, int *cols);
void term_resize(void);

/* Give the terminal back for a while (SIGTSTP), and take it over again. */
void term_leave(void);
void term_return(void);

/* Does the environment say that the background is light (COLORFGBG)? */
bool term_is_light(void);

#endif
