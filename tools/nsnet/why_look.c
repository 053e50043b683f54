// SPDX-License-Identifier: GPL-2.0-or-later
/* nsnet why: what is collected for a question, and looked at. */
#include "asking.h"
#include "collect/trials.h"
#include "model/carry.h"
#include "output/escape.h"
#include "view/whydoc.h"
#include "why/aim.h"

/* --- whom it is about ------------------------------------------------------------------------------------------------------------ */

static int resolve(struct asking *a, const struct index *ix, char *message, size_t size)
{
	struct target t;
	int err = 0;

	a->q.task = a->q.client_task = IDMAP_NONE;
	a->q.named = a->q.targeted = a->q.has_client = false;
	if (a->as) {
		err = target_resolve(ix, a->as, &t, message, size);
		if (!err && t.kind != TARGET_TASK) {
			snprintf(message, size, "--as takes a process: %s", a->as);
			err = -EINVAL;
		}
		if (err)
			return err;
		a->q.task = t.task;
		a->q.named = true;
	}
	if (a->target) {
		err = target_resolve(ix, a->target, &a->q.target, message, size);
		a->q.targeted = !err;
	} else if (a->as) {
		a->q.target = t;
		a->q.targeted = true;
	}
	if (!err && !a->q.targeted && a->q.call != CALL_REACH) {
		a->q.target = (struct target){ .kind = TARGET_HOST };
		a->q.targeted = true;
	}
	if (!err && a->client) {
		err = target_resolve(ix, a->client, &a->q.client, message, size);
		if (!err)
			err = aim_place(ix, &a->q.client, &a->q.client_ns, &a->q.client_task, message, size);
		a->q.has_client = !err;
	}
	return err ? err : aim_target(ix, &a->q, message, size);
}

/* Programs whose command line says for whom they hold a port. */
static bool is_broker(const struct snap_task *t)
{
	static const char *const names[] = { "docker-proxy", "rootlesskit", "rootlessport" };

	for (size_t i = 0; t->comm && i < ARRAY_SIZE(names); i++)
		if (!strcmp(t->comm, names[i]))
			return true;
	return false;
}

static void choose(const struct index *ix, uint8_t *which, void *arg)
{
	struct asking *a = arg;
	char message[512];

	if (resolve(a, ix, message, sizeof(message)))
		return;
	for (uint32_t i = 0; i < ix->snap->n_tasks; i++)
		if (i == a->q.task || i == a->q.client_task || is_broker(&ix->snap->tasks[i]))
			which[i / 8] |= (uint8_t)(1 << i % 8);
}

static void choose_ns(const struct index *ix, uint8_t *which, void *arg)
{
	struct asking *a = arg;
	char message[512];

	if (resolve(a, ix, message, sizeof(message)))
		return;
	for (uint32_t ns = 0; ns < ix->snap->n_namespaces; ns++) {
		uint32_t inum = ix->snap->namespaces[ns].inum;

		if (ix->snap->namespaces[ns].type == NS_NET && (inum == a->q.ns || inum == a->q.client_ns))
			which[ns / 8] |= (uint8_t)(1 << ns % 8);
	}
}

/* --- running ------------------------------------------------------------------------------------------------------------------------------ */

static enum exit_status status_of(uint8_t verdict)
{
	return verdict == WHY_OK ? EXIT_DONE : verdict == WHY_UNKNOWN ? EXIT_INCOMPLETE : EXIT_FOUND;
}

static struct whydoc_style style_of(const struct asking *a)
{
	return (struct whydoc_style){ cli_ascii() ? ESC_ASCII : 0, a->n->cli.color, cli_width() };
}

static void print(const struct asking *a, const struct index *ix, const struct why *why)
{
	struct whydoc_style style = style_of(a);

	if (a->n->json)
		whydoc_json(stdout, ix, &a->q, why);
	else
		whydoc_text(stdout, ix, &a->q, why, &style);
}

/*
 * Some answers want to know where else an address or device is: then, and only then, all network namespaces are looked into. Their
 * devices and addresses take the place of those of the few.
 */
static void look_elsewhere(struct asking *a, struct snap *s)
{
	struct cli all = a->n->cli;
	struct snap more;

	all.save = NULL;
	all.narrow = (struct collect_opts){ 0 };
	snap_init(&more);
	if (cli_snapshot(&all, &more, WANT_TASKS | WANT_HIDDEN | WANT_LINKS | WANT_NSIDS, 0) == EXIT_DONE) {
		for (size_t i = 0; i < s->n_namespaces; i++) {
			const struct snap_ns *ns = snap_find_ns(&more, s->namespaces[i].type, s->namespaces[i].inum);

			if (s->namespaces[i].links == OPT_NONE)
				s->namespaces[i].links = ns && ns->links != OPT_NONE ? ns->links : -ESRCH; /* it is gone */
		}
		free(s->links);
		free(s->addresses);
		s->links = more.links;
		s->addresses = more.addresses;
		s->n_links = more.n_links;
		s->n_addresses = more.n_addresses;
		s->cap_links = more.cap_links;
		s->cap_addresses = more.cap_addresses;
		more.links = NULL;
		more.addresses = NULL;
		arena_take(&s->arena, &more.arena);
		snap_settle(s);
	}
	snap_done(&more);
}

/* The index and the query's numbers are of the snapshot as it is now. 0, or -errno after it has spoken. */
static int judge(struct asking *a, const struct snap *s, struct index *ix, struct why *why)
{
	char message[512];

	index_build(ix, s);
	if (!resolve(a, ix, message, sizeof(message))) {
		why_run(ix, &a->q, why);
		return 0;
	}
	cli_error(&a->n->cli, "%s", message);
	index_done(ix);
	return -ENOENT;
}

/*
 * Programs that are attached in a packet's path are run on it, and conntrack is asked for its entry; each answer may lead the packet
 * elsewhere, where others wait. A saved snapshot has no kernel behind it: there they stay unchecked.
 */
static int try_out(struct asking *a, struct snap *s, struct index *ix, struct why *why)
{
	enum { MAX_ROUNDS = 8 };

	for (int i = 0; i < MAX_ROUNDS && !a->n->cli.from && why_take_trials(why, s); i++) {
		trials_run(s, &(struct collect_opts){ .proc = a->n->cli.proc });
		why_done(why);
		index_done(ix);
		if (judge(a, s, ix, why))
			return -ENOENT;
	}
	return 0;
}

static enum exit_status look(struct asking *a, struct snap *s)
{
	enum exit_status status;
	struct index ix;
	struct why why;

	if (judge(a, s, &ix, &why))
		return EXIT_FAILED;
	/* A packet's way was looked for in all of them already. */
	if (why.elsewhere && !a->n->cli.from && a->q.call != CALL_REACH) {
		why_done(&why);
		index_done(&ix);
		look_elsewhere(a, s);
		if (judge(a, s, &ix, &why))
			return EXIT_FAILED;
	}
	if (try_out(a, s, &ix, &why))
		return EXIT_FAILED;
	if (a->probe && (a->q.call != CALL_REACH || a->q.path))
		nsnet_why_probe(&ix, &a->q, &why);
	else if (a->probe)
		nsnet_why_probe_reach(&ix, &a->q, &why);
	print(a, &ix, &why);
	status = status_of(why.verdict);
	why_done(&why);
	index_done(&ix);
	return status;
}

static void choose_scope(const struct index *ix, uint8_t *which, void *arg)
{
	const struct asking *a = arg;

	for (uint32_t ns = 0; ns < ix->snap->n_namespaces; ns++)
		if (ix->snap->namespaces[ns].type == NS_NET && scope_has(&a->scope, ix->snap->namespaces[ns].inum))
			which[ns / 8] |= (uint8_t)(1 << ns % 8);
}

/* Collected again, with more namespaces, as long as the packet turns out to come through others. */
static enum exit_status widen(struct asking *a, struct snap *s, const struct snap *joints, uint64_t wants)
{
	enum exit_status status;
	bool more = true;

	for (int i = 0; more && i < 6; i++) {
		struct index ix;
		struct why why;

		snap_done(s);
		snap_init(s);
		status = cli_snapshot(&a->n->cli, s, wants, nsnet_save_wants);
		if (status != EXIT_DONE)
			return status;
		snap_carry(s, joints, WANT_LINKS);
		snap_settle(s);
		if (judge(a, s, &ix, &why))
			return EXIT_FAILED;
		more = scope_widen(&a->scope, &why);
		why_done(&why);
		index_done(&ix);
	}
	return EXIT_DONE;
}

/*
 * Where there are hundreds of namespaces: first how all of them are joined, then all that matters of the few that a packet may come
 * through.
 */
static enum exit_status collect_path(struct asking *a, struct snap *s, uint64_t wants)
{
	char message[512];
	enum exit_status status;
	struct snap joints;
	struct index ix;

	snap_init(&joints);
	status = cli_snapshot(&a->n->cli, &joints,
			      (wants & (WANT_TASKS | WANT_HIDDEN | WANT_NS | WANT_ALL_CONTAINERS)) | WANT_LINKS | WANT_NSIDS |
				      (a->target ? target_wants(a->target) | WANT_SOCKET_FDS : 0) |
				      (a->client ? target_wants(a->client) : 0),
			      0);
	if (status == EXIT_DONE) {
		index_build(&ix, &joints);
		if (resolve(a, &ix, message, sizeof(message))) {
			cli_error(&a->n->cli, "%s", message);
			status = EXIT_FAILED;
		} else {
			scope_find(&a->scope, &ix, &a->q);
		}
		index_done(&ix);
	}
	a->n->cli.narrow.choose_ns = choose_scope;
	a->n->cli.narrow.choose_ns_arg = a;
	if (status == EXIT_DONE)
		status = widen(a, s, &joints, wants);
	snap_done(&joints);
	return status;
}

static void narrow(struct asking *a)
{
	struct collect_opts *o = &a->n->cli.narrow;

	o->choose = choose;
	o->choose_arg = a;
	if (a->q.path) {
		o->sockets.netids = 1u << NETID_UNIX_STREAM | 1u << NETID_UNIX_DGRAM | 1u << NETID_UNIX_SEQPACKET;
		o->path = a->q.abstract ? NULL : a->q.path;
	} else if (a->q.call != CALL_REACH) {
		o->choose_ns = choose_ns;
		o->choose_ns_arg = a;
		/* Of one who was named all sockets matter: one that is bound elsewhere cannot be bound again. */
		if (a->q.port && a->q.call != CALL_CONNECT && !a->as)
			o->sockets.ports = (struct sock_ports){ (uint16_t)a->q.port, (uint16_t)a->q.port };
	}
}

enum exit_status asking_answer(struct asking *a)
{
	struct nsnet *n = a->n;
	uint64_t wants = why_wants(&a->q) | WANT_HIDDEN | WANT_NS | WANT_MOUNTED | (a->target ? target_wants(a->target) : 0) |
			 (a->client ? target_wants(a->client) : 0);
	enum exit_status status;
	struct snap s;

	narrow(a);
	snap_init(&s);
	if (a->q.call == CALL_REACH && !a->q.path && !n->cli.save && !n->cli.from)
		status = collect_path(a, &s, wants);
	else
		status = cli_snapshot(&n->cli, &s, wants, nsnet_save_wants);
	if (status == EXIT_DONE && !(n->cli.save && !strcmp(n->cli.save, "-")))
		status = look(a, &s);
	if (status == EXIT_DONE)
		status = cli_finish(&n->cli, &s);
	snap_done(&s);
	return status;
}

static void choose_places(const struct index *ix, uint8_t *which, void *arg)
{
	choose(ix, which, arg);
	places_choose(ix, which);
}

enum exit_status asking_places(struct asking *a)
{
	struct nsnet *n = a->n;
	struct whydoc_style style = style_of(a);
	enum exit_status status;
	struct places places;
	struct index ix;
	struct snap s;

	n->cli.narrow =
		(struct collect_opts){ .choose = choose_places, .choose_arg = a, .sysctl = "net/ipv4/ip_unprivileged_port_start" };
	n->cli.narrow.sockets =
		(struct sock_request){ .netids = a->q.netid == NETID_TCP ? 1u << NETID_TCP | 1u << NETID_MPTCP : 1u << a->q.netid,
				       .states = 1u << STATE_LISTEN | 1u << STATE_BOUND | 1u << STATE_UNCONN,
				       .ports = { (uint16_t)a->q.port, (uint16_t)a->q.port } };
	snap_init(&s);
	status = cli_snapshot(&n->cli, &s, places_wants(), nsnet_save_wants);
	if (status == EXIT_DONE && !(n->cli.save && !strcmp(n->cli.save, "-"))) {
		index_build(&ix, &s);
		places_find(&ix, &a->q, &places);
		if (n->json)
			whydoc_places_json(stdout, &ix, &a->q, &places);
		else
			whydoc_places_text(stdout, &ix, &a->q, &places, &style);
		if (places.n_items || places.n_hidden || places.n_unknown)
			status = places.n_items ? EXIT_FOUND : EXIT_INCOMPLETE;
		places_done(&places);
		index_done(&ix);
	}
	if (status == EXIT_DONE)
		status = cli_finish(&n->cli, &s);
	snap_done(&s);
	return status;
}
