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

static enum exit_status check_task(const struct nstop *n)
{
	uint32_t pid;

	if (!n->task || (!parse_u32(n->task, &pid) && pid))
		return EXIT_DONE;
	cli_usage_error(&n->cli, "not a process id: %s", n->task);
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
	char message[512] = "", word[32];
	int n_words = n->cli.argc + (n->task != NULL);

	if (n->task)
		snprintf(word, sizeof(word), "pid:%s", n->task);
	for (int i = 0; i < n_words; i++) {
		enum view_id here = ui->here;

		if (ui_target(ui, n->task ? word : n->cli.argv[i], message, sizeof(message))) {
			if (spoken)
				cli_error(&n->cli, "%s", message);
			else
				ui_say(ui, "%s", message);
			return EXIT_FAILED;
		}
		if (n->view)
			ui_go_view(ui, here);
	}
	return EXIT_DONE;
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
