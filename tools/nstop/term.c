// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>
#include <wchar.h>

#include "term.h"
#include "ui.h"
#include "util/util.h"

/* Last: they define many a common word as a macro. */
#define NCURSES_WIDECHAR 1
#include <curses.h>
#include <term.h>

static struct {
	SCREEN *screen;
	struct grid shown; /* what is on the terminal */
	attr_t attrs[STYLES];
	short pairs[STYLES];
	struct termios before;
	bool open, has_termios;
	char reset[256]; /* what brings the terminal back, written by a signal handler */
} term;

/* --- how things look ------------------------------------------------------------------------------------------------------------- */

static const struct {
	attr_t mono;            /* without colours */
	short fg, bg, light_fg; /* -1: the terminal's own */
	attr_t attr;            /* with them */
} looks[STYLES] = {
	[STYLE_PLAIN] = { A_NORMAL, -1, -1, -1, A_NORMAL },
	[STYLE_BAR] = { A_REVERSE, -1, -1, -1, A_REVERSE },
	[STYLE_TAB] = { A_NORMAL, -1, -1, -1, A_NORMAL },
	[STYLE_TAB_HERE] = { A_REVERSE | A_BOLD, COLOR_BLACK, COLOR_CYAN, COLOR_BLACK, A_NORMAL },
	[STYLE_HEADER] = { A_UNDERLINE, COLOR_BLACK, COLOR_GREEN, COLOR_BLACK, A_NORMAL },
	[STYLE_SORTED] = { A_REVERSE | A_UNDERLINE, COLOR_BLACK, COLOR_CYAN, COLOR_BLACK, A_NORMAL },
	[STYLE_CURSOR] = { A_REVERSE, COLOR_BLACK, COLOR_CYAN, COLOR_BLACK, A_NORMAL },
	[STYLE_MARKED] = { A_BOLD | A_UNDERLINE, COLOR_YELLOW, -1, COLOR_MAGENTA, A_BOLD },
	[STYLE_HOST] = { A_NORMAL, COLOR_YELLOW, -1, COLOR_BLUE, A_NORMAL },
	[STYLE_FAILED] = { A_BOLD, COLOR_RED, -1, COLOR_RED, A_BOLD },
	[STYLE_OWN] = { A_BOLD, -1, -1, -1, A_BOLD },
	[STYLE_DIM] = { A_DIM, -1, -1, -1, A_DIM },
	[STYLE_KEY] = { A_NORMAL, -1, -1, -1, A_BOLD },
};

bool term_is_light(void)
{
	const char *v = getenv("COLORFGBG"), *last = v ? strrchr(v, ';') : NULL;

	return last && (!strcmp(last, ";7") || !strcmp(last, ";15"));
}

static void choose_looks(bool colors, bool light)
{
	bool own = colors && has_colors() && start_color() == OK;
	bool defaults = own && use_default_colors() == OK;

	for (int i = 0; i < STYLES; i++) {
		short fg = light ? looks[i].light_fg : looks[i].fg, bg = looks[i].bg;

		term.attrs[i] = own ? looks[i].attr : looks[i].mono;
		term.pairs[i] = 0;
		if (!own || (fg < 0 && bg < 0))
			continue;
		if (!defaults) {
			fg = fg < 0 ? COLOR_WHITE : fg;
			bg = bg < 0 ? COLOR_BLACK : bg;
		}
		if (init_pair((short)(i + 1), fg, bg) == OK)
			term.pairs[i] = (short)(i + 1);
	}
}

/* --- coming and going ------------------------------------------------------------------------------------------------------------ */

static void add_reset(const char *capability)
{
	const char *s = tigetstr(capability);
	size_t len = strlen(term.reset);

	if (s && s != (char *)-1)
		snprintf(term.reset + len, sizeof(term.reset) - len, "%s", s);
}

/* Curses itself may be what has failed: only what is safe in a handler (signal-safety(7)). */
static void on_fatal(int sig)
{
	if (term.open) {
		if (write(STDOUT_FILENO, term.reset, strlen(term.reset)) < 0)
			term.open = false;
		if (term.has_termios)
			tcsetattr(STDIN_FILENO, TCSANOW, &term.before);
	}
	signal(sig, SIG_DFL);
	raise(sig);
}

static void catch_fatal(void)
{
	static const int signals[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGSYS };
	struct sigaction act = { .sa_handler = on_fatal, .sa_flags = (int)SA_RESETHAND };

	for (size_t i = 0; i < ARRAY_SIZE(signals); i++)
		sigaction(signals[i], &act, NULL);
}

static const char *missing(void)
{
	const char *name = getenv("TERM");
	int err;

	if (!name || !*name)
		return "TERM is not set";
	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return "standard input and output are not a terminal";
	if (setupterm(NULL, STDOUT_FILENO, &err) != OK)
		return "TERM names a terminal that terminfo does not know";
	if (!tigetstr("cup") || tigetstr("cup") == (char *)-1 || !tigetstr("clear") || tigetstr("clear") == (char *)-1)
		return "TERM names a terminal that cannot place its cursor";
	return NULL;
}

/* What terminals send that call themselves something else: tmux, screen, PuTTY and the console know these as their own. */
static void define_keys(void)
{
	static const struct {
		const char *sent;
		int key;
	} keys[] = {
		{ "\033[1~", KEY_HOME },  { "\033[4~", KEY_END },   { "\033[7~", KEY_HOME },  { "\033[8~", KEY_END },
		{ "\033[H", KEY_HOME },   { "\033[F", KEY_END },    { "\033OH", KEY_HOME },   { "\033OF", KEY_END },
		{ "\033[A", KEY_UP },     { "\033[B", KEY_DOWN },   { "\033[C", KEY_RIGHT },  { "\033[D", KEY_LEFT },
		{ "\033OA", KEY_UP },     { "\033OB", KEY_DOWN },   { "\033OC", KEY_RIGHT },  { "\033OD", KEY_LEFT },
		{ "\033OP", KEY_F(1) },   { "\033OQ", KEY_F(2) },   { "\033OR", KEY_F(3) },   { "\033OS", KEY_F(4) },
		{ "\033[11~", KEY_F(1) }, { "\033[12~", KEY_F(2) }, { "\033[13~", KEY_F(3) }, { "\033[14~", KEY_F(4) },
		{ "\033[[A", KEY_F(1) },  { "\033[[B", KEY_F(2) },  { "\033[[C", KEY_F(3) },  { "\033[[D", KEY_F(4) },
		{ "\033[[E", KEY_F(5) },
	};

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		if (key_defined(keys[i].sent) <= 0) /* -1: it begins another one's */
			define_key(keys[i].sent, keys[i].key);
}

int term_open(bool colors, bool light, const char **why)
{
	*why = missing();
	if (*why)
		return -ENOTTY;
	term.has_termios = !tcgetattr(STDIN_FILENO, &term.before);
	set_escdelay(25);
	term.screen = newterm(NULL, stdout, stdin);
	if (!term.screen) {
		*why = "curses cannot use this terminal";
		return -ENOTTY;
	}
	snprintf(term.reset, sizeof(term.reset), "\033[?1000l\033[?1006l");
	add_reset("sgr0");
	add_reset("cnorm");
	add_reset("rmkx");
	add_reset("rmcup");
	term.open = true;
	atexit(term_close);
	catch_fatal();
	cbreak();
	noecho();
	nonl();
	keypad(stdscr, TRUE);
	define_keys();
	nodelay(stdscr, TRUE);
	curs_set(0);
	mousemask(BUTTON1_PRESSED | BUTTON4_PRESSED | BUTTON5_PRESSED, NULL);
	mouseinterval(0);
	choose_looks(colors, light);
	return 0;
}

void term_close(void)
{
	if (!term.open)
		return;
	term.open = false;
	endwin();
	delscreen(term.screen);
	grid_done(&term.shown);
}

void term_leave(void)
{
	endwin();
}

void term_return(void)
{
	term_resize();
	refresh();
	curs_set(0);
	term_redraw();
}

/* --- size ------------------------------------------------------------------------------------------------------------------------ */

void term_size(int *rows, int *cols)
{
	getmaxyx(stdscr, *rows, *cols);
}

void term_resize(void)
{
	struct winsize w;

	if (!ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) && w.ws_row && w.ws_col)
		resizeterm(w.ws_row, w.ws_col);
}

void term_redraw(void)
{
	clearok(stdscr, TRUE);
	grid_done(&term.shown);
}

/* --- drawing --------------------------------------------------------------------------------------------------------------------- */

static void put_span(const struct grid *g, int row, int from, int to)
{
	CLEAN_MEM cchar_t *line = xcalloc((size_t)(to - from) + 1, sizeof(*line));
	int n = 0;

	for (int col = from; col < to; col++) {
		const struct cell *c = grid_cell(g, row, col);
		wchar_t text[2 + GRID_MARKS] = { 0 };

		if (!c->ch[0]) /* the right half of a wide character */
			continue;
		for (int i = 0; i <= GRID_MARKS && c->ch[i]; i++)
			text[i] = (wchar_t)c->ch[i];
		setcchar(&line[n++], text, term.attrs[c->style], term.pairs[c->style], NULL);
	}
	mvadd_wchnstr(row, from, line, n);
}

void term_draw(const struct grid *g)
{
	bool all = term.shown.rows != g->rows || term.shown.cols != g->cols;
	int from, to;

	if (all) {
		grid_done(&term.shown);
		grid_init(&term.shown, g->rows, g->cols);
		erase();
	}
	for (int row = 0; row < g->rows; row++) {
		if (all)
			put_span(g, row, 0, g->cols);
		else if (grid_differs(g, &term.shown, row, &from, &to))
			put_span(g, row, from, to);
	}
	memcpy(term.shown.cells, g->cells, (size_t)g->rows * (size_t)g->cols * sizeof(*g->cells));
	refresh();
}

/* --- keys ------------------------------------------------------------------------------------------------------------------------ */

/* A sequence that nobody knows is no Escape with letters behind it, each of which would be a key: it is passed over to its end. */
static bool is_sequence(void)
{
	wint_t c;
	int kind = get_wch(&c);

	if (kind == ERR)
		return false;
	if (kind == KEY_CODE_YES || (c != '[' && c != 'O')) {
		if (kind == KEY_CODE_YES)
			ungetch((int)c);
		else
			unget_wch((wchar_t)c);
		return false;
	}
	while (get_wch(&c) == OK && (c < 0x40 || c > 0x7e))
		;
	return true;
}

static uint32_t translate(wint_t key)
{
	static const struct {
		wint_t curses;
		uint32_t key;
	} keys[] = {
		{ KEY_UP, K_UP },         { KEY_DOWN, K_DOWN },       { KEY_LEFT, K_LEFT },           { KEY_RIGHT, K_RIGHT },
		{ KEY_PPAGE, K_PAGE_UP }, { KEY_NPAGE, K_PAGE_DOWN }, { KEY_HOME, K_HOME },           { KEY_END, K_END },
		{ KEY_BTAB, K_BACKTAB },  { KEY_DC, K_DELETE },       { KEY_BACKSPACE, K_BACKSPACE }, { KEY_ENTER, K_ENTER },
		{ KEY_A1, K_HOME },       { KEY_C1, K_END },          { KEY_A3, K_PAGE_UP },          { KEY_C3, K_PAGE_DOWN },
	};

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		if (keys[i].curses == key)
			return keys[i].key;
	if (key >= (wint_t)KEY_F(1) && key <= (wint_t)KEY_F(10))
		return (uint32_t)K_F1 + (uint32_t)(key - (wint_t)KEY_F(1));
	return 0;
}

static bool take_mouse(struct term_input *in)
{
	MEVENT m;

	if (getmouse(&m) != OK)
		return false;
	*in = (struct term_input){ .row = m.y, .col = m.x };
	in->button = m.bstate & BUTTON4_PRESSED ? 4 : m.bstate & BUTTON5_PRESSED ? 5 : 1;
	return true;
}

bool term_input(struct term_input *in)
{
	wint_t key;
	int kind;

	while ((kind = get_wch(&key)) != ERR) {
		if (kind == KEY_CODE_YES && key == KEY_MOUSE) {
			if (take_mouse(in))
				return true;
			continue;
		}
		if (kind == OK && key == K_ESCAPE && is_sequence())
			continue;
		*in = (struct term_input){ .key = kind == KEY_CODE_YES ? translate(key) : (uint32_t)key };
		if (in->key)
			return true;
	}
	return false;
}
