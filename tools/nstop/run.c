// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/target.h"
#include "run.h"

static enum exit_status choose_columns(const struct nstop *n, struct view *v)
{
	CLEAN_MEM char *words = NULL;
	const char *bad;
	size_t bad_len;

	if (!n->columns || !strcmp(n->columns, "help"))
		return EXIT_DONE;
	if (asprintf(&words, "%s%s%s", *n->columns == '+' ? v->ops->columns : "", *n->columns == '+' ? "," : "",
		     n->columns + (*n->columns == '+')) < 0)
		return EXIT_FAILED;
	if (!rowlist_columns(&v->list, words, &bad, &bad_len))
		return EXIT_DONE;
	cli_usage_error(&n->cli, "unknown column: %.*s (--view %s --output help lists them)", (int)bad_len, bad, v->ops->name);
	return EXIT_USAGE;
}

static enum exit_status choose_sort(const struct nstop *n, struct view *v)
{
	const char *word = n->sort;
	const struct field *f;

	if (!word)
		return EXIT_DONE;
	v->list.invert = *word == '-'; /* as in ps and top: the other way round */
	word += *word == '-' || *word == '+';
	f = desc_field(v->list.desc, word);
	if (!f || f->flags & FF_HIDDEN) {
		cli_usage_error(&n->cli, "unknown column to sort by: %s (--view %s --output help lists them)", word, v->ops->name);
		return EXIT_USAGE;
	}
	rowlist_sort_by(&v->list, f);
	return EXIT_DONE;
}

struct words {
	struct arena arena;
	const char **items;
	size_t n_items, cap_items;
};

static void words_done(struct words *w)
{
	free(w->items);
	arena_done(&w->arena);
}

/* "4711,4712", as top has it: the targets that they are. 0, or -EINVAL. */
static int split_tasks(const char *list, struct words *w)
{
	const char *at = list;

	do {
		size_t len = strcspn(at, ",");
		const char *one = arena_strndup(&w->arena, at, len);
		uint32_t pid;

		if (parse_u32(one, &pid) || !pid)
			return -EINVAL;
		*ARRAY_ADD(w, items) = arena_printf(&w->arena, "pid:%u", pid);
		at += len;
	} while (*at++ == ',');
	return 0;
}

static enum exit_status check_task(const struct nstop *n)
{
	struct words w = { 0 };
	int err = n->task ? split_tasks(n->task, &w) : 0;

	words_done(&w);
	if (!err)
		return EXIT_DONE;
	cli_usage_error(&n->cli, "not a process id, nor several with commas between: %s", n->task);
	return EXIT_USAGE;
}

enum exit_status run_prepare(const struct nstop *n, struct ui *ui)
{
	enum exit_status status = check_task(n);

	if (status == EXIT_DONE && n->view && ui_go(ui, n->view)) {
		cli_usage_error(&n->cli, "no such view: %s (containers, namespaces, processes, sockets, network, events)", n->view);
		return EXIT_USAGE;
	}
	if (n->user) {
		snprintf(ui->user, sizeof(ui->user), "%s", n->user);
		if (!n->view)
			ui_go_view(ui, VIEW_PROCESSES);
	}
	ui->threads = n->threads;
	ui->tidings.delay_ms = n->delay_ms;
	if (status == EXIT_DONE)
		status = choose_columns(n, ui_view(ui));
	return status == EXIT_DONE ? choose_sort(n, ui_view(ui)) : status;
}

enum exit_status run_targets(const struct nstop *n, struct ui *ui, bool spoken)
{
	char message[512] = "";
	enum view_id here = ui->here;
	struct words w = { 0 };
	int err = n->task ? split_tasks(n->task, &w) : 0;

	for (int i = 0; i < n->cli.argc; i++)
		*ARRAY_ADD(&w, items) = n->cli.argv[i];
	if (!err && w.n_items)
		err = ui_target(ui, w.items, w.n_items, message, sizeof(message));
	if (!err && w.n_items && n->view)
		ui_go_view(ui, here);
	words_done(&w);
	if (err && spoken)
		cli_error(&n->cli, "%s", message);
	else if (err)
		ui_say(ui, "%s", message);
	return err ? EXIT_FAILED : EXIT_DONE;
}

struct order run_order(const struct nstop *n, const struct ui *ui)
{
	struct order o = { .wants = ui_wants(ui), .delay_ms = ui->tidings.delay_ms, .paused = ui->paused };

	/* What is recorded is looked at when it is over: by other views, too, and by whoever asks why a bind failed. */
	if (n->record)
		o.wants |= ui_all_wants(ui) | WANT_SOCKETS | WANT_SOCKET_FDS | WANT_SYSCTLS;
	for (int i = 0; i < n->cli.argc; i++)
		o.named |= target_wants(n->cli.argv[i]);
	o.wants |= o.named;
	o.n_netns = ui_netns(ui, &o.netns);
	o.only_netns = ui->here == VIEW_CONTAINERS && !n->record;
	return o;
}
