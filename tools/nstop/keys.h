// SPDX-License-Identifier: GPL-2.0-or-later
/* The keys of nstop: the one table that presses, the help on the screen and the manual's table are made from. */
#ifndef NSKIT_NSTOP_KEYS_H
#define NSKIT_NSTOP_KEYS_H

#include "ui.h"

struct key_row {
	uint32_t keys[4];  /* 0 ends */
	const char *names; /* as people call them: "F5 t" */
	const char *help;
	void (*act)(struct ui *ui, uint32_t key);
};
extern const struct key_row ui_keys[]; /* ends with names NULL */

/* The row of a key, or NULL. */
const struct key_row *keys_find(uint32_t key);

/* The help as text, malloc'ed. */
char *keys_help(void);

/* A key by its name ("F5", "Enter", "Down", "x"); 0: there is none. */
uint32_t keys_by_name(const char *name, size_t len);

#endif
