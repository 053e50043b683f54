// SPDX-License-Identifier: GPL-2.0-or-later
/* Events: records of the kernel's side, words, and what they do to a snapshot. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "model/apply.h"
#include "view/event_text.h"
#include "watch/event_parse.h"

/* --- records ------------------------------------------------------------------------------------------------------------------------------ */

static size_t with_numbers(void *rec, size_t fixed, const int32_t *nr, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct event_upid u = { .nr = nr[i], .opaque = UINT64_MAX };

		memcpy((char *)rec + fixed + i * sizeof(u), &u, sizeof(u));
	}
	return fixed + n * sizeof(struct event_upid);
}

static struct event_head head(uint16_t kind, int32_t ret, uint32_t pid, uint32_t tid, uint32_t levels)
{
	return (struct event_head){ .kind = kind,
				    .flags = EVREC_ENTERED,
				    .ret = ret,
				    .time = 5,
				    .cgroup = 9,
				    .pid = pid,
				    .tid = tid,
				    .ppid = 1,
				    .uid = 1000,
				    .comm = "exactly16bytes!!",
				    .levels = levels };
}

static void test_record_of_thread(void **state)
{
	struct ns_event_rec r = {
		.h = head(EVREC_SETNS, 0, 10, 11, 2), .flags = 0x40000000, .compared = 0x40000000, .wanted_how = EVWANT_NS
	};
	const int32_t nr[] = { 11, 2, 10, 1 };
	struct parsed_event p;

	(void)state;
	r.from[NS_NET] = 4026531833u;
	r.to[NS_NET] = r.wanted[NS_NET] = 4026532180u;
	assert_int_equal(event_parse((char *)&r, with_numbers(&r, offsetof(struct ns_event_rec, nr), nr, 4), &p), 0);
	assert_string_equal(p.e.comm, "exactly16bytes!!");
	assert_int_equal(p.e.n_nspid, 2);
	assert_int_equal(p.e.nspid[1], 1);
	assert_int_equal(p.e.n_nstid, 2);
	assert_int_equal(p.e.nstid[1], 2);
	assert_int_equal(p.e.n_changes, 1);
	assert_int_equal(p.e.changes[0].to, 4026532180u);
	assert_string_equal(p.e.wanted->type, "net");
	assert_int_equal(p.cgroup, 9);
}

static void test_broken_records(void **state)
{
	struct ns_event_rec r = { .h = head(EVREC_CLONE, 12, 10, 10, 1) };
	const int32_t nr[] = { 10, 12 };
	struct parsed_event p;
	size_t len;

	(void)state;
	r.h.child_levels = 1;
	len = with_numbers(&r, offsetof(struct ns_event_rec, nr), nr, 2);
	assert_int_equal(event_parse((char *)&r, len, &p), 0);
	assert_int_equal(p.e.child->nspid[0], 12);
	for (size_t cut = 0; cut < len; cut++)
		assert_int_equal(event_parse((char *)&r, cut, &p), -EINVAL);
	assert_int_equal(event_parse((char *)&r, len + 16, &p), -EINVAL);
	r.h.levels = 34;
	assert_int_equal(event_parse((char *)&r, len, &p), -EINVAL);
	r.h.levels = 1;
	r.h.kind = EVREC_KINDS;
	assert_int_equal(event_parse((char *)&r, len, &p), -EINVAL);
}

static struct event bound(struct parsed_event *p, uint32_t family, const void *addr, uint32_t len)
{
	struct sock_event_rec r = { .h = head(EVREC_BIND, -98, 10, 10, 1),
				    .is_socket = 1,
				    .family = family,
				    .type = SOCK_STREAM,
				    .addr_len = (int)len,
				    .addr_read = len };
	const int32_t nr[] = { 10 };

	memcpy(r.addr, addr, len);
	assert_int_equal(event_parse((char *)&r, with_numbers(&r, offsetof(struct sock_event_rec, nr), nr, 1), p), 0);
	return p->e;
}

static void test_addresses(void **state)
{
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6, .sin6_port = htons(80), .sin6_scope_id = 3 };
	struct parsed_event p;
	struct event e;

	(void)state;
	in6.sin6_addr.s6_addr[0] = 0xfe;
	in6.sin6_addr.s6_addr[1] = 0x80;
	e = bound(&p, AF_INET6, &in6, sizeof(in6));
	assert_string_equal(e.addr, "fe80::%3");
	assert_int_equal(e.port, 80);
	assert_int_equal(e.err, EADDRINUSE);
	e = bound(&p, AF_INET6, &in6, sizeof(in6) - 4); /* RFC 2133's, without a scope */
	assert_string_equal(e.addr, "fe80::");
	e = bound(&p, AF_INET6, &in6, 7);
	assert_null(e.addr);
	assert_int_equal(e.port, 80);
	for (uint32_t len = 0; len < 4; len++) {
		e = bound(&p, AF_INET6, &in6, len);
		assert_null(e.addr);
		assert_true(e.port == OPT_NONE);
	}
	e = bound(&p, AF_UNIX, "\1\0\0a\0b", 6);
	assert_string_equal(e.addr, "@a@b");
	e = bound(&p, AF_UNIX, "\1\0/x\0rest", 9);
	assert_string_equal(e.addr, "/x");
	assert_string_equal(e.proto, "unix");
}

static void test_protocols(void **state)
{
	char buf[32];

	(void)state;
	assert_string_equal(event_proto(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0, buf, sizeof(buf)), "tcp");
	assert_string_equal(event_proto(AF_INET, SOCK_DGRAM, IPPROTO_UDPLITE, buf, sizeof(buf)), "udplite");
	assert_string_equal(event_proto(AF_INET, SOCK_RAW, 1, buf, sizeof(buf)), "raw");
	assert_string_equal(event_proto(99, 1, 2, buf, sizeof(buf)), "99/1/2");
}

/* --- words -------------------------------------------------------------------------------------------------------------------------------- */

static void test_kinds(void **state)
{
	const char *bad;
	uint32_t kinds;
	size_t len;

	(void)state;
	assert_int_equal(event_kinds_parse("bind,fork", &kinds, &bad, &len), 0);
	assert_int_equal(kinds, 1 << EVENT_BIND | 1 << EVENT_FORK);
	assert_int_equal(event_kinds_parse("all", &kinds, &bad, &len), 0);
	assert_int_equal(kinds, (1 << EVENT_LOST) - 1);
	assert_int_equal(event_kinds_parse("bind,bin,x", &kinds, &bad, &len), -EINVAL);
	assert_true(len == 3 && !strncmp(bad, "bin,", 4));
	assert_int_equal(event_kinds_parse("", &kinds, &bad, &len), -EINVAL);
	assert_int_equal(event_kinds_parse("lost", &kinds, &bad, &len), -EINVAL);
	for (enum event_kind k = 0; k < EVENT_KINDS; k++) {
		assert_string_equal(event_kinds[k].name, event_kind_names[k]);
		assert_int_equal(event_kind_by_name(event_kinds[k].name), k);
	}
	for (enum nstype t = 0; t < NS_TYPES; t++)
		for (unsigned int bit = 0; bit < 32; bit++)
			if (nstypes[t].clone_flag == 1u << bit)
				assert_int_equal(strncmp(event_flag_names[bit], "CLONE_NEW", 9), 0);
}

static const char *name_of(void *arg, uint32_t inum)
{
	(void)arg;
	return inum == 2 ? "web" : NULL;
}

static void test_words(void **state)
{
	const struct event_names names = { name_of, NULL };
	const struct event_change change = { "net", 1, 2, false };
	struct event e = { .kind = EVENT_SETNS, .entered = true, .changes = &change, .n_changes = 1, .port = OPT_NONE };
	char buf[256];

	(void)state;
	event_what(&e, &names, buf, sizeof(buf));
	assert_string_equal(buf, "net 1 -> 2 (web)");
	e = (struct event){ .kind = EVENT_BIND,
			    .err = EACCES,
			    .entered = true,
			    .proto = "tcp",
			    .addr = "::",
			    .port = 80,
			    .netns = 5000,
			    .socket_netns = 6000 };
	event_what(&e, NULL, buf, sizeof(buf));
	assert_string_equal(buf, "FAILED EACCES tcp [::]:80, the socket in net 6000");
	e = (struct event){ .kind = EVENT_BIND, .err = EPERM, .proto = "unix", .addr = "/x", .port = OPT_NONE };
	event_what(&e, NULL, buf, sizeof(buf));
	assert_string_equal(buf, "FAILED EPERM before it began (seccomp) unix /x");
	assert_int_equal(event_what(&e, NULL, buf, 8), strlen("FAILED EPERM before it began (seccomp) unix /x"));
	assert_string_equal(buf, "FAILED ");
}

/* --- snapshots ------------------------------------------------------------------------------------------------------------------------------ */

static const uint32_t number10[] = { 10 };

static void two_processes(struct snap *s)
{
	snap_init(s);
	s->head.taken = 1000;
	for (uint32_t pid = 5; pid <= 10; pid += 5) {
		struct snap_task *t = ARRAY_ADD(s, tasks);

		*t = (struct snap_task){ .pid = pid,
					 .tid = pid,
					 .ppid = 1,
					 .gid = 7,
					 .nthreads = 1,
					 .start = 100,
					 .comm = "sh",
					 .container = "web",
					 .nspid = number10,
					 .n_nspid = 1 };
		for (enum nstype type = 0; type < NS_TYPES; type++)
			t->ns[type] = 4026531832u + type;
	}
	snap_settle(s);
}

static const struct snap_task *task(const struct snap *s, uint32_t tid)
{
	for (size_t i = 0; i < s->n_tasks; i++)
		if (s->tasks[i].tid == tid)
			return &s->tasks[i];
	return NULL;
}

static void test_apply(void **state)
{
	static const uint32_t nr[] = { 12 };
	const struct event_child child = { 12, 12, nr, 1 }, thread = { 12, 13, nr, 1 };
	const struct event_change change = { "net", 4026531833u, 4026532999u, false },
				  later = { "pid", 4026531834u, 4026532998u, true };
	struct event events[] = {
		{ .kind = EVENT_FORK,
		  .time = 2000,
		  .pid = 10,
		  .tid = 10,
		  .ppid = 1,
		  .uid = 3,
		  .comm = "sh",
		  .child = &child,
		  .start = 200 },
		{ .kind = EVENT_FORK,
		  .time = 2001,
		  .pid = 12,
		  .tid = 12,
		  .ppid = 10,
		  .comm = "sh",
		  .child = &thread,
		  .start = 201 },
		{ .kind = EVENT_SETNS, .time = 2002, .pid = 12, .tid = 13, .comm = "worker", .changes = &change, .n_changes = 1 },
		{ .kind = EVENT_UNSHARE, .time = 2003, .pid = 10, .tid = 10, .comm = "sh", .changes = &later, .n_changes = 1 },
		{ .kind = EVENT_EXIT, .time = 2004, .pid = 5, .tid = 5, .last = true, .start = 100 },
	};
	struct snap s;

	(void)state;
	two_processes(&s);
	for (enum nstype t = 0; t < NS_TYPES; t++)
		events[0].ns[t] = events[1].ns[t] = 4026531832u + t;
	assert_int_equal(snap_apply(&s, events, 5), 5);
	assert_null(task(&s, 5));
	assert_int_equal(s.n_tasks, 3);
	assert_string_equal(task(&s, 12)->container, "web");
	assert_int_equal(task(&s, 12)->gid, 7);
	assert_int_equal(task(&s, 12)->ppid, 10);
	assert_true(task(&s, 12)->cpu == OPT_NONE && task(&s, 12)->rss == OPT_NONE); /* nobody has measured it */
	assert_int_equal(s.head.ticks, 201);
	assert_int_equal(task(&s, 12)->nthreads, 2);
	assert_int_equal(task(&s, 13)->ns[NS_NET], 4026532999u); /* a thread elsewhere has a record of its own */
	assert_non_null(snap_find_ns(&s, NS_NET, 4026532999u));
	assert_int_equal(task(&s, 10)->pid_for_children, 4026532998u);
	assert_int_equal(snap_apply(&s, events, 1), 0); /* it is known */
	snap_done(&s);
}

/* With a process all its threads end, though only the last one's end may have been told. */
static void test_apply_death(void **state)
{
	const struct event_change change = { "net", 4026531833u, 4026532999u, false };
	const struct event events[] = {
		{ .kind = EVENT_SETNS, .time = 2002, .pid = 10, .tid = 13, .comm = "worker", .changes = &change, .n_changes = 1 },
		{ .kind = EVENT_EXIT, .time = 2003, .pid = 10, .tid = 14, .last = true, .start = 150 },
	};
	struct snap s;

	(void)state;
	two_processes(&s);
	assert_int_equal(snap_apply(&s, events, 2), 2);
	assert_int_equal(s.n_tasks, 1);
	assert_int_equal(s.tasks[0].pid, 5);
	snap_done(&s);
}

/* A closer look at 10 and at 11, who has ended since. */
static void test_refine(void **state)
{
	static const uint32_t nr[] = { 11 }, pids[] = { 10, 11, 77 };
	const struct event_child child = { 11, 11, nr, 1 };
	const struct event birth = { .kind = EVENT_FORK, .time = 2000, .pid = 10, .tid = 10, .child = &child, .start = 200 };
	struct snap s, few;

	(void)state;
	two_processes(&s);
	two_processes(&few);
	*ARRAY_ADD(&few, containers) = (struct snap_container){ .id = "db", .name = "base" };
	few.tasks[1].comm = few.tasks[1].command = "postgres";
	few.tasks[1].container = few.containers[0].id;
	few.tasks[1].ns[NS_NET] = 4026532999u;
	assert_int_equal(snap_apply(&s, &birth, 1), 1);
	snap_refine(&s, &few, pids, 3);
	snap_done(&few);
	assert_int_equal(s.n_tasks, 2);
	assert_null(task(&s, 11));
	assert_string_equal(task(&s, 10)->command, "postgres");
	assert_string_equal(task(&s, 10)->container, "db");
	assert_string_equal(task(&s, 5)->container, "web");
	assert_int_equal(s.n_containers, 1);
	assert_string_equal(s.containers[0].name, "base");
	assert_non_null(snap_find_ns(&s, NS_NET, 4026532999u));
	snap_done(&s);
	/* the same number, another process: who was meant has ended */
	two_processes(&s);
	two_processes(&few);
	few.tasks[1].start = 150;
	snap_refine(&s, &few, pids, 1);
	assert_null(task(&s, 10));
	snap_done(&few);
	snap_done(&s);
}

static void test_apply_nothing(void **state)
{
	static const uint32_t nr[] = { 10 };
	const struct event_child same = { 10, 10, nr, 1 };
	const struct event_change change = { "net", 4026531833u, 4026532999u, false };
	const struct event events[] = {
		{ .kind = EVENT_SETNS,
		  .time = 999,
		  .pid = 10,
		  .tid = 10,
		  .changes = &change,
		  .n_changes = 1 },                                                                     /* before it was taken */
		{ .kind = EVENT_EXIT, .time = 2000, .pid = 10, .tid = 10, .last = true, .start = 50 },  /* an earlier process's */
		{ .kind = EVENT_FORK, .time = 2000, .pid = 5, .tid = 5, .child = &same, .start = 100 }, /* who is there already */
		{ .kind = EVENT_SETNS, .time = 2000, .pid = 77, .tid = 77, .changes = &change, .n_changes = 1 }, /* unknown */
		{ .kind = EVENT_BIND, .time = 2000, .pid = 10, .tid = 10 },
	};
	struct snap s;

	(void)state;
	two_processes(&s);
	assert_int_equal(snap_apply(&s, events, 5), 0);
	assert_int_equal(s.n_tasks, 2);
	assert_int_equal(task(&s, 10)->ns[NS_NET], 4026531833u);
	snap_done(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_record_of_thread),
		cmocka_unit_test(test_broken_records),
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_protocols),
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_apply),
		cmocka_unit_test(test_apply_death),
		cmocka_unit_test(test_refine),
		cmocka_unit_test(test_apply_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
