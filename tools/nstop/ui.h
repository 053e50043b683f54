// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The screen of nstop without a terminal: what is shown, what a key does. A function of frames and keys: it opens nothing and knows no
 * clock, so that tests press keys and read the grid. Whoever runs it (live.c, shot.c) brings frames and does what it asks for.
 */
#ifndef NSKIT_NSTOP_UI_H
#define NSKIT_NSTOP_UI_H

#include "screen/rowlist.h"
#include "view/frame.h"

/* Keys beyond Unicode. */
enum ui_key {
	KEY_FIRST_ = 0x110000,
	K_UP,
	K_DOWN,
	K_LEFT,
	K_RIGHT,
	K_PAGE_UP,
	K_PAGE_DOWN,
	K_HOME,
	K_END,
	K_BACKTAB,
	K_DELETE,
	K_BACKSPACE,
	K_F1,
	K_F2,
	K_F3,
	K_F4,
	K_F5,
	K_F6,
	K_F7,
	K_F8,
	K_F9,
	K_F10,
	K_ENTER = '\r',
	K_ESCAPE = 0x1b,
	K_TAB = '\t',
};

enum view_id { VIEW_CONTAINERS, VIEW_NAMESPACES, VIEW_PROCESSES, VIEW_SOCKETS, VIEW_NETWORK, VIEW_EVENTS, VIEWS };
extern const char *const ui_view_words[]; /* "containers", …; ends with NULL */

/* What the views are limited to by having gone in. */
enum scope_kind { SCOPE_ALL, SCOPE_HOST, SCOPE_CONTAINER, SCOPE_POD, SCOPE_NS, SCOPE_TASK, SCOPE_SEVERAL };
struct scope {
	enum scope_kind kind;
	char container[256];
	char pod[256], pod_namespace[256]; /* pod_namespace "": unknown */
	enum nstype type;
	uint32_t inum;
	uint32_t pid;
	uint64_t start;
	const struct scope *each; /* SCOPE_SEVERAL: what is in any of them; they live as long as the screen */
	size_t n_each;
	char label[96]; /* for the line that says where one is; raw */
};

struct ui;
struct view;

/* A view: what distinguishes it from the others. */
struct view_ops {
	const char *name; /* in the line of tabs */
	const struct desc *(*desc)(void);
	const char *columns;              /* the usual ones */
	const char *sort;                 /* the usual one */
	const struct rowlist_look *looks; /* of its columns; NULL: those of ui.c */
	const char *tree;                 /* the column that a tree is drawn in */
	const char *const *trees;         /* names of its trees, the first "none"; NULL: it has none */
	uint64_t wants;                   /* beyond what its columns want */
	uint64_t (*key)(const void *rec);
	enum style (*style)(const void *rec);
	/* Make the rows of the frame, as far as they are in the scope, and rowlist_arrange() them. */
	void (*fill)(struct ui *ui, struct view *v);
	void (*drop)(struct view *v); /* free them; called before fill and at the end */
	void (*enter)(struct ui *ui, const void *rec);
};

struct view {
	const struct view_ops *ops;
	struct rowlist list;
	int tree;   /* index into ops->trees */
	void *rows; /* of the view's own */
};

/* Where one was before going in. */
struct station {
	enum view_id view;
	struct scope scope;
	uint64_t cursor_key;
};

/* Lines over the screen: help, an explanation. */
struct pager {
	char *text; /* malloc'ed, escaped, lines; NULL: closed */
	const char *title;
	int top;
	uint64_t awaits; /* the event whose explanation is to come; 0: none */
	size_t gap;      /* where in text: a line stands there until then */
};

/* A choice among words. */
struct menu {
	const char *title; /* NULL: closed */
	struct menu_item {
		char text[96]; /* escaped */
		uint32_t value;
		bool checked;
	} * items;
	size_t n_items, cap_items, cursor, top;
	bool checks; /* Space and Enter check and uncheck; else Enter chooses */
	void (*chosen)(struct ui *ui, struct menu_item *item);
};

enum prompt_kind { PROMPT_NONE, PROMPT_SEARCH, PROMPT_FILTER, PROMPT_SAVE, PROMPT_DELAY };

/* What the ui wants done by whoever runs it; cleared by them. */
struct wishes {
	bool quit, redraw, collect;
	char save[256]; /* file to save the snapshot to */
	int step;       /* replay: frames forward or back */
	int64_t seek;   /* replay: seconds */
	int faster;     /* replay: doublings of the speed */
};

/* What whoever runs it tells the ui, for the top line and the footer. */
struct tidings {
	uint32_t delay_ms;
	int64_t cost;          /* OPT: thousandths of a core that nstop itself takes */
	uint64_t lost;         /* events */
	bool collecting;       /* a collection is under way for longer than a refresh */
	bool live;             /* else a file is shown */
	char replay[64];       /* "12/300 x2"; "": no replay */
	const char *no_events; /* why none are seen; NULL: they are */
	char trouble[160];     /* why there is no newer frame; "" */
	bool recording;
};

struct ui {
	struct view views[VIEWS];
	enum view_id here;
	struct scope scope;
	struct scope *targets; /* those that were named, where they are several */
	struct station back[32];
	size_t n_back;
	const struct frame *frame;      /* borrowed; NULL: none yet */
	const struct eventrows *events; /* borrowed; NULL: no probe */
	uint64_t seen_seq;              /* the last event that was there when the events were looked at */
	uint32_t new_failed;            /* failed ones since */
	struct tidings tidings;
	struct wishes wishes;
	bool paused, ascii, threads, light; /* light: the terminal's background */
	char user[64];                      /* only this user's processes; "" all */
	enum prompt_kind prompt;
	char input[256], last_search[256];
	char message[256]; /* until the next key; raw */
	struct menu menu;
	struct pager pager;
	int rows, cols; /* of the last drawing */
};

void ui_init(struct ui *ui, bool ascii);
void ui_done(struct ui *ui);

/* Another frame is to be shown, or none (NULL); the old one may be freed afterwards. */
void ui_show(struct ui *ui, const struct frame *f);

/* The same frame, after a change of view, scope or filter. */
void ui_refill(struct ui *ui);

/* What the frame has to hold for what is on the screen (enum snap_want); and for whatever may be looked at one day. */
uint64_t ui_wants(const struct ui *ui);
uint64_t ui_all_wants(const struct ui *ui);

/* The network namespaces of the rows on the screen (of all containers, for those are few), sorted (malloc'ed, caller frees); 0: none in particular. */
size_t ui_netns(const struct ui *ui, uint32_t **out);

/* Draw all of it into a grid of any size. */
void ui_draw(struct ui *ui, struct grid *g);

/* A key (a character or enum ui_key); a click or a turn of the mouse's wheel (button 4 up, 5 down) at a place of the grid. */
void ui_press(struct ui *ui, uint32_t key);
void ui_mouse(struct ui *ui, int row, int col, int button, bool twice);

/* Go to a view by its word or the beginning of it. -ENOENT: there is none. */
int ui_go(struct ui *ui, const char *word);
void ui_go_view(struct ui *ui, enum view_id id);

/* Go in: the scope for all views, and the view to begin with. */
void ui_enter(struct ui *ui, enum view_id id, const struct scope *scope);
void ui_back(struct ui *ui);

/* Limit to what targets name, any of them. -ENOENT: message[] of target_resolve(). */
int ui_target(struct ui *ui, const char *const *words, size_t n, char *message, size_t size);

/* Events have come: those that failed are counted until somebody looks. */
void ui_count_events(struct ui *ui);

void ui_say(struct ui *ui, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static inline struct view *ui_view(struct ui *ui)
{
	return &ui->views[ui->here];
}

/* The text of a view's tab; and the blanks between two. */
void tab_text(const struct ui *ui, enum view_id i, char *buf, size_t size);
int tab_gap(const struct ui *ui);

/* --- scope.c: what is in it ------------------------------------------------------------------------------------------------- */

bool scope_has_task(const struct scope *sc, const struct frame *f, uint32_t task);
/* Of the scopes that are a host's, a container's or a pod's: is it (NULL: none, the host) in there? */
bool scope_has_container(const struct scope *sc, const struct snap_container *c);
/* A byte for each of the snapshot's namespaces that the scope has (malloc'ed, caller frees). */
uint8_t *scope_namespaces(const struct scope *sc, const struct frame *f);
/* Is it still there? A label may say so. */
bool scope_exists(const struct scope *sc, const struct frame *f);
void scope_of_task(struct scope *sc, const struct frame *f, uint32_t task);
void scope_of_ns(struct scope *sc, const struct frame *f, uint32_t ns);
void scope_of_container(struct scope *sc, const struct snap_container *c);
void scope_of_pod(struct scope *sc, const char *pod, const char *pod_namespace);
/* What is in any of them. They are borrowed. */
void scope_of_several(struct scope *sc, const struct scope *each, size_t n);

/* --- menu.c, pager.c ------------------------------------------------------------------------------------------------------------- */

void menu_open(struct ui *ui, const char *title, bool checks, void (*chosen)(struct ui *ui, struct menu_item *item));
struct menu_item *menu_add(struct ui *ui, const char *text, uint32_t value, bool checked);
void menu_close(struct ui *ui);
bool menu_press(struct ui *ui, uint32_t key); /* false: it was not open */
void menu_draw(struct ui *ui, struct grid *g);
void pager_open(struct ui *ui, const char *title, char *text); /* takes text over */
void pager_close(struct ui *ui);
/* An explanation of this event is to take the place of the line at gap: whoever runs the ui brings it (NULL: there is none). */
void pager_await(struct ui *ui, uint64_t seq, size_t gap);
void pager_answer(struct ui *ui, uint64_t seq, const char *answer);
bool pager_press(struct ui *ui, uint32_t key);
void pager_draw(struct ui *ui, struct grid *g);

extern const struct view_ops view_containers, view_namespaces, view_processes, view_sockets, view_network, view_events;

#endif
