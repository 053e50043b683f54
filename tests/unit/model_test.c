// SPDX-License-Identifier: GPL-2.0-or-later
/* The snapshot's order, the index, keepers and targets, on snapshots made by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "model/index.h"
#include "model/target.h"

enum { HOST_NET = 4026531833u, HOST_PID = 4026531836u, HOST_USER = 4026531837u, WEB_NET = 4026532180u, WEB_PID = 4026532184u };

static struct snap_task *add_task(struct snap *s, uint32_t pid, uint32_t tid, const char *comm, uint32_t net, uint32_t pidns)
{
	struct snap_task *t = ARRAY_ADD(s, tasks);

	t->pid = pid;
	t->tid = tid;
	t->nthreads = pid == tid;
	t->comm = comm;
	t->ns[NS_NET] = net;
	t->ns[NS_PID] = pidns;
	t->ns[NS_USER] = HOST_USER;
	return t;
}

static void add_container(struct snap *s, const char *id, const char *name, const char *pod, const char *pod_namespace)
{
	*ARRAY_ADD(s, containers) = (struct snap_container){ .id = id, .name = name, .pod = pod, .pod_namespace = pod_namespace };
}

/* A host with init, a kernel thread, a container of two processes and a thread that has left for a network of its own. */
static void host(struct snap *s)
{
	snap_init(s);
	s->head.initial[NS_NET] = HOST_NET;
	s->head.initial[NS_PID] = HOST_PID;
	s->head.initial[NS_USER] = HOST_USER;
	add_task(s, 120, 120, "worker", WEB_NET, WEB_PID)->container = "aaa111";
	add_task(s, 100, 100, "web", WEB_NET, WEB_PID)->container = "aaa111";
	add_task(s, 2, 2, "kthreadd", HOST_NET, HOST_PID)->flags = TASK_KTHREAD;
	add_task(s, 1, 1, "init", HOST_NET, HOST_PID)->nthreads = 3;
	add_task(s, 1, 7, "roamer", 4026532999u, HOST_PID);
	add_container(s, "aaa111", "web", NULL, NULL);
	add_container(s, "aaa222", "db", NULL, NULL);
	add_container(s, "bbb333", "front", "shop", "default");
	add_container(s, "bbb444", "front", "shop", "test");
}

static void tasks_come_sorted_first_thread_first(void **state)
{
	struct snap s;

	(void)state;
	host(&s);
	add_task(&s, 500, 400, "low tid", HOST_NET, HOST_PID)->ns[NS_UTS] = 4026532001u; /* pids have wrapped */
	add_task(&s, 500, 500, "leader", HOST_NET, HOST_PID);
	snap_settle(&s);
	assert_int_equal(s.n_tasks, 7);
	assert_int_equal(s.tasks[0].tid, 1);
	assert_int_equal(s.tasks[1].tid, 7);
	assert_int_equal(s.tasks[5].tid, 500);
	assert_int_equal(s.tasks[6].tid, 400);
	snap_done(&s);
}

static void a_thread_in_its_process_namespaces_is_dropped_unless_wanted(void **state)
{
	struct snap s;

	(void)state;
	for (uint64_t wants = 0; wants <= WANT_THREADS; wants += WANT_THREADS) {
		host(&s);
		s.head.wants = wants;
		add_task(&s, 100, 101, "same", WEB_NET, WEB_PID);
		snap_settle(&s);
		assert_int_equal(s.n_tasks, wants ? 6 : 5);
		snap_done(&s);
	}
}

static void a_dead_leader_takes_a_live_threads_namespaces(void **state)
{
	struct snap s;
	struct index ix;
	struct snap_task *leader;

	(void)state;
	host(&s);
	leader = add_task(&s, 300, 300, "dead", 0, HOST_PID);
	leader->flags = TASK_LEADER_DEAD;
	leader->nthreads = 3;
	add_task(&s, 300, 301, "alive", WEB_NET, HOST_PID);
	add_task(&s, 300, 302, "alive", WEB_NET, HOST_PID);
	snap_settle(&s);
	assert_int_equal(s.n_tasks, 6); /* its threads are where it is now, so they need no rows */
	assert_int_equal(s.tasks[5].ns[NS_NET], WEB_NET);
	index_build(&ix, &s);
	assert_int_equal(ix.ns[index_ns(&ix, NS_NET, WEB_NET)].nprocs, 3);
	assert_int_equal(ix.ns[index_ns(&ix, NS_NET, WEB_NET)].nthreads, 4); /* the dead one does not count */
	index_done(&ix);
	snap_done(&s);
}

static void every_named_namespace_has_a_record_once(void **state)
{
	struct snap s;
	struct snap_ns *ns;

	(void)state;
	host(&s);
	ns = snap_add_ns(&s, NS_NET, WEB_NET);
	ns->owner = 4026533333u; /* known from here only */
	snap_add_ns(&s, NS_NET, WEB_NET)->id = 77;
	snap_settle(&s);
	ns = snap_find_ns(&s, NS_NET, WEB_NET);
	assert_non_null(ns);
	assert_int_equal(ns->id, 77);
	assert_int_equal(ns->owner, 4026533333u);
	assert_non_null(snap_find_ns(&s, NS_USER, 4026533333u));
	assert_null(snap_find_ns(&s, NS_MNT, 4026533333u));
	for (size_t i = 1; i < s.n_namespaces; i++)
		assert_true(s.namespaces[i - 1].inum <= s.namespaces[i].inum);
	snap_done(&s);
}

static void of_two_records_of_one_namespace_all_that_is_known_stays(void **state)
{
	struct snap s;
	struct snap_ns *ns;

	(void)state;
	host(&s);
	snap_add_ns(&s, NS_NET, WEB_NET)->listeners = -EPERM;
	ns = snap_add_ns(&s, NS_NET, WEB_NET);
	ns->listeners = ns->sockets = ns->routes = 5;
	ns->counted = 12;
	snap_settle(&s);
	ns = snap_find_ns(&s, NS_NET, WEB_NET);
	assert_non_null(ns);
	assert_int_equal(ns->listeners, -EPERM); /* what the first says counts */
	assert_int_equal(ns->sockets, 5);
	assert_int_equal(ns->routes, 5);
	assert_int_equal(ns->counted, 12);
	snap_done(&s);
}

static void refusals_are_no_namespaces(void **state)
{
	struct snap s;

	(void)state;
	host(&s);
	s.tasks[0].ns[NS_MNT] = EACCES;
	snap_settle(&s);
	for (size_t i = 0; i < s.n_namespaces; i++)
		assert_int_not_equal(s.namespaces[i].type, NS_MNT);
	snap_done(&s);
}

static void members_and_threads_are_counted(void **state)
{
	struct snap s;
	struct index ix;
	uint32_t net, own;

	(void)state;
	host(&s);
	snap_settle(&s);
	index_build(&ix, &s);
	net = index_ns(&ix, NS_NET, HOST_NET);
	own = index_ns(&ix, NS_NET, 4026532999u);
	assert_int_equal(ix.ns[net].nprocs, 2);
	assert_int_equal(ix.ns[net].nthreads, 3); /* init's three, less the one that left, and kthreadd */
	assert_int_equal(ix.ns[own].nprocs, 0);
	assert_int_equal(ix.ns[own].nthreads, 1);
	assert_int_equal(ix.ns[own].first, IDMAP_NONE);
	assert_int_equal(s.tasks[ix.ns[net].first].pid, 1);
	assert_true(index_is_initial(&ix, net));
	assert_false(index_is_initial(&ix, own));
	index_done(&ix);
	snap_done(&s);
}

static void keepers_are_all_named(void **state)
{
	struct snap s;
	struct index ix;
	struct keeper *k;
	size_t n;

	(void)state;
	host(&s);
	*ARRAY_ADD(&s, holds) =
		(struct snap_hold){ .kind = HOLD_MOUNT, .type = NS_NET, .inum = 4026532999u, .fd = OPT_NONE, .path = "/x" };
	*ARRAY_ADD(&s, holds) = (struct snap_hold){ .kind = HOLD_FD, .type = NS_NET, .inum = 4026532999u, .pid = 100, .fd = 9 };
	*ARRAY_ADD(&s, holds) =
		(struct snap_hold){ .kind = HOLD_SOCKET, .type = NS_NET, .inum = 4026532777u, .pid = 100, .fd = 3, .socket = 5 };
	snap_add_ns(&s, NS_PID, 4026532666u)->parent = WEB_PID;
	snap_add_ns(&s, NS_UTS, 4026532555u)->owner = HOST_USER;
	s.tasks[3].pid_for_children = 4026532666u;
	snap_settle(&s);
	index_build(&ix, &s);

	n = index_keepers(&ix, index_ns(&ix, NS_NET, 4026532999u), &k);
	assert_int_equal(n, 3);
	assert_int_equal(k[0].kind, KEEP_THREAD);
	assert_int_equal(k[0].tid, 7);
	assert_int_equal(k[1].kind, KEEP_FD);
	assert_int_equal(k[1].fd, 9);
	assert_string_equal(k[1].container->name, "web");
	assert_int_equal(k[2].kind, KEEP_MOUNT);
	assert_string_equal(k[2].path, "/x");
	free(k);

	n = index_keepers(&ix, index_ns(&ix, NS_NET, 4026532777u), &k);
	assert_int_equal(n, 1);
	assert_int_equal(k[0].kind, KEEP_SOCKET);
	free(k);

	n = index_keepers(&ix, index_ns(&ix, NS_PID, 4026532666u), &k);
	assert_int_equal(n, 1);
	assert_int_equal(k[0].kind, KEEP_FOR_CHILDREN);
	free(k);

	n = index_keepers(&ix, index_ns(&ix, NS_PID, WEB_PID), &k);
	assert_int_equal(k[n - 1].kind, KEEP_CHILD);
	assert_int_equal(k[n - 1].ns, 4026532666u);
	free(k);

	n = index_keepers(&ix, index_ns(&ix, NS_USER, HOST_USER), &k);
	assert_int_equal(k[n - 1].kind, KEEP_OWNED);
	assert_string_equal(k[n - 1].ns_type, "uts");
	free(k);

	n = index_keepers(&ix, index_ns(&ix, NS_UTS, 4026532555u), &k);
	assert_int_equal(n, 1);
	assert_int_equal(k[0].kind, KEEP_HIDDEN);
	free(k);
	index_done(&ix);
	snap_done(&s);
}

static void a_namespace_is_its_first_process_containers(void **state)
{
	struct snap s;
	struct index ix;
	uint32_t more;

	(void)state;
	host(&s);
	add_task(&s, 900, 900, "nsenter", WEB_NET, HOST_PID);                       /* a guest */
	add_task(&s, 910, 910, "sidecar", WEB_NET, HOST_PID)->container = "aaa222"; /* the same pod */
	snap_settle(&s);
	index_build(&ix, &s);
	assert_string_equal(index_ns_container(&ix, index_ns(&ix, NS_NET, WEB_NET), &more)->name, "web");
	assert_int_equal(more, 1);
	assert_null(index_ns_container(&ix, index_ns(&ix, NS_NET, HOST_NET), &more));
	index_done(&ix);
	snap_done(&s);
}

static void check_target(const struct index *ix, const char *word, int err, enum target_kind kind, const char *in_message)
{
	struct target t = { 0 };
	char message[256];
	int got = target_resolve(ix, word, &t, message, sizeof(message));

	assert_int_equal(got, err);
	if (!err)
		assert_int_equal(t.kind, kind);
	if (in_message && !strstr(message, in_message))
		fail_msg("'%s' gives '%s', without '%s'", word, message, in_message);
}

static void targets_resolve(void **state)
{
	struct target t;
	char message[256];
	struct snap s;
	struct index ix;

	(void)state;
	host(&s);
	add_container(&s, "120", "onetwenty", NULL, NULL);
	add_container(&s, "eee555", NULL, NULL, NULL);
	s.head.own_mntns = 4026531832u;
	*ARRAY_ADD(&s, holds) = (struct snap_hold){ /* in somebody else's mount namespace */
						    .kind = HOLD_MOUNT, .type = NS_NET,       .inum = HOST_NET,
						    .fd = OPT_NONE,     .mntns = 4026532000u, .path = "/run/netns/blue"
	};
	*ARRAY_ADD(&s, holds) = (struct snap_hold){
		.kind = HOLD_MOUNT, .type = NS_NET, .inum = WEB_NET, .fd = OPT_NONE, .mntns = 4026531832u, .path = "/run/netns/blue"
	};
	*ARRAY_ADD(&s, holds) = (struct snap_hold){ .kind = HOLD_MOUNT,
						    .type = NS_NET,
						    .inum = HOST_NET,
						    .fd = OPT_NONE,
						    .mntns = 4026532000u,
						    .path = "/run/netns/ghost" };
	snap_settle(&s);
	index_build(&ix, &s);
	check_target(&ix, "120", 0, TARGET_TASK, NULL);   /* a process before a container */
	check_target(&ix, "pid:7", 0, TARGET_TASK, NULL); /* a thread */
	check_target(&ix, "container:120", 0, TARGET_CONTAINER, NULL);
	check_target(&ix, "web", 0, TARGET_CONTAINER, NULL);
	check_target(&ix, "aaa111", 0, TARGET_CONTAINER, NULL);
	check_target(&ix, "aaa1", 0, TARGET_CONTAINER, NULL);
	check_target(&ix, "4026532180", 0, TARGET_NS, NULL);
	check_target(&ix, "net:[4026532180]", 0, TARGET_NS, NULL);
	check_target(&ix, "netns:blue", 0, TARGET_NS, NULL);
	check_target(&ix, "/run/netns/blue", 0, TARGET_NS, NULL);
	assert_int_equal(target_resolve(&ix, "netns:blue", &t, message, sizeof(message)), 0);
	assert_int_equal(s.namespaces[t.ns].inum, WEB_NET);
	check_target(&ix, "netns:ghost", -ENOENT, 0, "ghost");
	check_target(&ix, "netns:bleu", -ENOENT, 0, "near: netns:blue");
	target_resolve(&ix, "netns:ghosts", &t, message, sizeof(message));
	assert_null(strstr(message, "near"));
	check_target(&ix, "/proc/100/ns/net", 0, TARGET_NS, NULL);
	check_target(&ix, "host", 0, TARGET_HOST, NULL);
	check_target(&ix, "pod:default/shop", 0, TARGET_CONTAINER, NULL);
	check_target(&ix, "pod:shop", -EMLINK, 0, "pod:test/shop");
	check_target(&ix, "front", -EMLINK, 0, "bbb444");
	check_target(&ix, "aaa", -EMLINK, 0, "ambiguous");
	check_target(&ix, "wbe", -ENOENT, 0, "near: web");
	check_target(&ix, "web2", -ENOENT, 0, "near: web");
	check_target(&ix, "nginx", -ENOENT, 0, "; of 1 container only the id could be read"); /* it may be that one */
	check_target(&ix, "aa", -ENOENT, 0, NULL);                                            /* too short for a prefix */
	check_target(&ix, "99999", -ENOENT, 0, "99999");
	check_target(&ix, "99999999999", -EINVAL, 0, "99999999999");
	check_target(&ix, "net:[1]", -ENOENT, 0, "net:[1]");
	check_target(&ix, "netns:../blue", -ENOENT, 0, NULL);
	check_target(&ix, "pid:0x1", -EINVAL, 0, "0x1");
	check_target(&ix, "", -EINVAL, 0, "empty");
	index_done(&ix);
	snap_done(&s);
}

static void numbers_are_parsed_whole(void **state)
{
	uint32_t v = 5;
	enum nstype type;

	(void)state;
	assert_int_equal(parse_u32("4294967295", &v), 0);
	assert_int_equal(v, UINT32_MAX);
	v = 5;
	assert_int_equal(parse_u32("4294967296", &v), -ERANGE);
	assert_int_equal(parse_u32("", &v), -EINVAL);
	assert_int_equal(parse_u32("-1", &v), -EINVAL);
	assert_int_equal(parse_u32(" 1", &v), -EINVAL);
	assert_int_equal(parse_u32("1x", &v), -EINVAL);
	assert_int_equal(parse_u32("99999999999999999999999x", &v), -EINVAL);
	assert_int_equal(v, 5);
	assert_int_equal(nstype_parse_link("net:[4026531833]", &type, &v), 0);
	assert_int_equal(type, NS_NET);
	assert_int_equal(nstype_parse_link("net:[4026531833", &type, &v), -EINVAL);
	assert_int_equal(nstype_parse_link("net:[]", &type, &v), -EINVAL);
	assert_int_equal(nstype_parse_link("netx:[1]", &type, &v), -EINVAL);
	assert_int_equal(nstype_parse_link("net:[1]x", &type, &v), -EINVAL);
}

static void offsets_are_seconds(void **state)
{
	struct snap s;

	(void)state;
	snap_init(&s);
	assert_string_equal(snap_offset(&s, 0, 0), "0.000000000");
	assert_string_equal(snap_offset(&s, -1, 500000000), "-0.500000000");
	assert_string_equal(snap_offset(&s, -86400, 0), "-86400.000000000");
	assert_string_equal(snap_offset(&s, 1000, 7), "1000.000000007");
	snap_done(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tasks_come_sorted_first_thread_first),
		cmocka_unit_test(a_thread_in_its_process_namespaces_is_dropped_unless_wanted),
		cmocka_unit_test(a_dead_leader_takes_a_live_threads_namespaces),
		cmocka_unit_test(every_named_namespace_has_a_record_once),
		cmocka_unit_test(of_two_records_of_one_namespace_all_that_is_known_stays),
		cmocka_unit_test(refusals_are_no_namespaces),
		cmocka_unit_test(members_and_threads_are_counted),
		cmocka_unit_test(keepers_are_all_named),
		cmocka_unit_test(a_namespace_is_its_first_process_containers),
		cmocka_unit_test(targets_resolve),
		cmocka_unit_test(numbers_are_parsed_whole),
		cmocka_unit_test(offsets_are_seconds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
