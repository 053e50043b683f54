// SPDX-License-Identifier: GPL-2.0-or-later
/* Steps of a diagnosis on evidence made by hand: verdicts, order of causes, what is unchecked; and the machines that run filters. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <linux/seccomp.h>

#include "why/aim.h"
#include "why/asker.h"
#include "why/cbpf.h"
#include "why/ebpf.h"

enum { NET = 4026532001u, USER = 4026531837u, INNER = 4026532002u };

struct world {
	struct snap s;
	struct index ix;
	struct why_query q;
	struct why why;
};

static void set(struct snap *s, uint32_t ns, const char *key, const char *value)
{
	*ARRAY_ADD(s, sysctls) = (struct snap_sysctl){ ns, key, value };
}

/* A network namespace with one process (pid 100, uid 1000) in it, and all that the steps of a bind read. */
static void build(struct world *w)
{
	struct snap_task *t;
	struct snap_ns *ns;

	*w = (struct world){ 0 };
	snap_init(&w->s);
	w->s.head.initial[NS_USER] = USER;
	w->s.head.initial_view = true;
	t = ARRAY_ADD(&w->s, tasks);
	*t = (struct snap_task){ .pid = 100, .tid = 100, .uid = 1000, .gid = 1000, .comm = "node" };
	t->ns[NS_NET] = NET;
	t->ns[NS_USER] = USER;
	ns = snap_add_ns(&w->s, NS_NET, NET);
	ns->owner = USER;
	ns->links = ns->sockets = ns->routes = 1;
	set(&w->s, 0, "protocols", "tcp udp raw ipv6");
	set(&w->s, 0, "lsm", "capability,landlock");
	set(&w->s, NET, "net.ipv4.ip_unprivileged_port_start", "1024");
	set(&w->s, NET, "net.ipv6.bindv6only", "0");
	set(&w->s, NET, "net.ipv4.ip_local_port_range", "40000\t40003");
	*ARRAY_ADD(&w->s, guards) = (struct snap_guard){ .pid = 100,
							 .seccomp_mode = 0,
							 .nofile_limit = 1024,
							 .open_fds = 3,
							 .flags = GUARD_SECCOMP_KNOWN | GUARD_LANDLOCK_KNOWN };
	aim_init(&w->q);
	w->q.ns = NET;
	w->q.task = 0;
	w->q.port = 8080;
}

static void run(struct world *w)
{
	snap_settle(&w->s);
	index_build(&w->ix, &w->s);
	why_run(&w->ix, &w->q, &w->why);
}

static void done(struct world *w)
{
	why_done(&w->why);
	index_done(&w->ix);
	snap_done(&w->s);
}

static void add_listener(struct world *w, const char *addr, uint32_t port)
{
	*ARRAY_ADD(&w->s, sockets) = (struct snap_socket){ .ns = NET,
							   .netid = NETID_TCP,
							   .state = STATE_LISTEN,
							   .addr = addr,
							   .port = port,
							   .ino = 77,
							   .ifindex = OPT_NONE,
							   .known = SOCKF_REUSEADDR | SOCKF_REUSEPORT };
}

static void free_port(void **state)
{
	struct world w;

	(void)state;
	build(&w);
	run(&w);
	assert_int_equal(w.why.verdict, WHY_OK);
	assert_int_equal(w.why.n_causes, 0);
	assert_int_equal(w.why.n_unchecked, 0);
	done(&w);
}

static void two_causes_in_order(void **state)
{
	struct world w;

	(void)state;
	build(&w);
	add_listener(&w, "0.0.0.0", 80);
	w.q.port = 80;
	run(&w);
	assert_int_equal(w.why.verdict, WHY_BLOCKED);
	assert_int_equal(w.why.n_causes, 2);
	assert_string_equal(w.why.causes[0].code, "privileged-port-no-cap");
	assert_int_equal(w.why.causes[0].err, EACCES);
	assert_string_equal(w.why.causes[1].code, "port-in-use");
	done(&w);
}

static void capability_in_the_wrong_place(void **state)
{
	struct world w;
	struct snap_ns *inner;

	(void)state;
	build(&w);
	inner = snap_add_ns(&w.s, NS_USER, INNER);
	inner->parent = inner->owner = USER;
	inner->owner_uid = 1000;
	w.s.tasks[0].ns[NS_USER] = INNER;
	w.s.guards[0].cap_effective = ~0ull;
	w.q.port = 80;
	run(&w);
	assert_string_equal(w.why.causes[0].code, "privileged-port-wrong-userns");
	done(&w);
	/* And in the right one: the namespace belongs to the inner user namespace. */
	build(&w);
	inner = snap_add_ns(&w.s, NS_USER, INNER);
	inner->parent = USER;
	w.s.tasks[0].ns[NS_USER] = INNER;
	w.s.guards[0].cap_effective = ~0ull;
	w.s.namespaces[0].owner = INNER;
	w.q.port = 80;
	run(&w);
	assert_int_equal(w.why.verdict, WHY_OK);
	done(&w);
}

/* What is not known is never ok. */
static void unknown_is_not_ok(void **state)
{
	struct world w;

	(void)state;
	build(&w);
	w.s.n_guards = 0;
	run(&w);
	assert_int_equal(w.why.verdict, WHY_UNKNOWN);
	assert_true(w.why.n_unchecked > 0);
	done(&w);
	build(&w);
	add_listener(&w, "0.0.0.0", 8080);
	w.s.sockets[0].known = 0;
	w.s.sockets[0].uid = 1000; /* one user: then SO_REUSEPORT decides */
	w.q.reuseport = true;
	run(&w);
	assert_int_equal(w.why.verdict, WHY_UNKNOWN);
	done(&w);
}

static void assert_unchecked(const struct world *w, const char *what, const char *why)
{
	for (size_t i = 0; i < w->why.n_unchecked; i++)
		if (!strcmp(w->why.unchecked[i].what, what)) {
			assert_string_equal(w->why.unchecked[i].why, why);
			return;
		}
	fail_msg("not unchecked: %s", what);
}

static void drop_sysctls(struct world *w)
{
	w->s.n_sysctls = 2; /* those of no namespace */
}

/* What is not there is called by its name: of a snapshot without settings, or without the process. */
static void missing_is_named(void **state)
{
	static const char privileged[] = "whether the port is privileged";
	struct world w;

	(void)state;
	build(&w);
	drop_sysctls(&w);
	w.q.port = 80;
	run(&w);
	assert_unchecked(&w, privileged, "net.ipv4.ip_unprivileged_port_start is not in the snapshot");
	done(&w);
	build(&w);
	drop_sysctls(&w);
	w.s.n_guards = 0;
	w.q.port = 80;
	run(&w);
	assert_unchecked(
		&w, privileged,
		"the process's capabilities are not in the snapshot, and net.ipv4.ip_unprivileged_port_start is not in the snapshot");
	done(&w);
	build(&w);
	w.s.n_guards = 0;
	w.q.port = 80;
	run(&w);
	assert_unchecked(&w, privileged, "the process's capabilities are not in the snapshot");
	done(&w);
	/* It has died since: that user without capabilities. */
	build(&w);
	drop_sysctls(&w);
	w.q.task = IDMAP_NONE;
	w.q.uid = 1000;
	w.q.port = 80;
	run(&w);
	assert_unchecked(&w, privileged, "net.ipv4.ip_unprivileged_port_start is not in the snapshot");
	done(&w);
	build(&w);
	*ARRAY_ADD(&w.s, routes) =
		(struct snap_route){ .ns = NET, .family = ADDR_INET, .table = 255, .type = 2, .dst = "127.0.0.1", .dst_len = 32 };
	w.q.addr = (struct ipaddr){ .family = 4, .bytes = { 10, 9, 8, 7 } };
	run(&w);
	assert_int_equal(w.why.n_causes, 0);
	assert_unchecked(&w, "net.ipv4.ip_nonlocal_bind", "not in the snapshot");
	done(&w);
}

static const char *what_unchecked(const struct world *w)
{
	return w->why.n_unchecked ? w->why.unchecked[0].what : "";
}

/* What is missing because nobody could look is no evidence: neither that a port is free, nor that an address is not there. */
static void unread_is_no_evidence(void **state)
{
	struct world w;

	(void)state;
	build(&w);
	w.s.namespaces[0].sockets = -EPERM;
	run(&w);
	assert_int_equal(w.why.verdict, WHY_UNKNOWN);
	assert_string_equal(what_unchecked(&w), "sockets");
	done(&w);
	build(&w);
	w.s.namespaces[0].links = OPT_NONE;
	w.q.addr = (struct ipaddr){ .family = 4, .bytes = { 10, 9, 8, 7 } };
	run(&w);
	assert_int_equal(w.why.n_causes, 0);
	assert_string_equal(what_unchecked(&w), "devices and addresses");
	done(&w);
	build(&w);
	w.s.tasks[0].ns[NS_USER] = EACCES;
	w.s.guards[0].cap_effective = ~0ull;
	w.q.port = 80;
	run(&w);
	assert_int_equal(w.why.n_causes, 0);
	assert_string_equal(what_unchecked(&w), "whether the port is privileged");
	done(&w);
	build(&w);
	snap_add_gap(&w.s, "BPF programs", EPERM, NULL);
	w.s.sysctls[1].value = "capability,bpf";
	run(&w);
	assert_int_equal(w.why.verdict, WHY_UNKNOWN);
	assert_string_equal(what_unchecked(&w), "BPF LSM programs");
	done(&w);
	build(&w);
	snap_add_gap(&w.s, "network namespaces' tcp sockets", ENOENT, NULL);
	add_listener(&w, "0.0.0.0", 8080);
	run(&w);
	assert_int_equal(w.why.verdict, WHY_BLOCKED);
	assert_string_equal(what_unchecked(&w), "sockets that files do not tell of");
	done(&w);
}

static void landlock(void **state)
{
	static const uint32_t ports[] = { 9090 };
	struct world w;

	(void)state;
	build(&w);
	w.s.guards[0].flags |= GUARD_LANDLOCK | GUARD_LANDLOCK_BIND;
	w.s.guards[0].landlock_bind = ports;
	w.s.guards[0].n_landlock_bind = 1;
	run(&w);
	assert_int_equal(w.why.n_causes, 1);
	assert_string_equal(w.why.causes[0].code, "lsm-deny");
	done(&w);
}

static void reported_errno(void **state)
{
	struct world w;

	(void)state;
	build(&w);
	w.q.err = EPERM;
	run(&w);
	assert_int_equal(w.why.verdict, WHY_UNKNOWN);
	assert_null(w.why.note);
	assert_string_equal(what_unchecked(&w), "what gave the errno that the program reported");
	done(&w);
	/* Of what was found it is the first, none, or the second. */
	for (int i = 0; i < 3; i++) {
		build(&w);
		add_listener(&w, "0.0.0.0", 80);
		w.q.port = 80;
		w.q.err = (const int[]){ EACCES, EPERM, EADDRINUSE }[i];
		run(&w);
		assert_int_equal(w.why.verdict, WHY_BLOCKED);
		assert_int_equal(w.why.n_unchecked, 0);
		assert_true(i ? strstr(w.why.note, i == 1 ? "none of these" : "a later one") != NULL : !w.why.note);
		done(&w);
	}
}

/* --- machines ---------------------------------------------------------------------------------------------------------------------------- */

#define CBPF(code, jt, jf, k) (uint32_t)(code) | (uint32_t)(jt) << 16 | (uint32_t)(jf) << 24, (uint32_t)(k)

static void classic(void **state)
{
	static const uint32_t deny_49[] = { CBPF(0x20, 0, 0, 0), CBPF(0x15, 0, 1, 49), CBPF(6, 0, 0, SECCOMP_RET_ERRNO | 13),
					    CBPF(6, 0, 0, SECCOMP_RET_ALLOW) };
	static const uint32_t looks[] = { CBPF(0x20, 0, 0, 16), CBPF(6, 0, 0, SECCOMP_RET_ALLOW) };
	static const uint32_t beyond[] = { CBPF(0x20, 0, 0, 64), CBPF(6, 0, 0, 0) }, endless[] = { CBPF(5, 0, 0, 0x7fffffff) };
	struct cbpf_call call = { .nr = 49, .unknown = 1 };
	bool guessed = false;
	uint32_t answer;

	(void)state;
	assert_int_equal(cbpf_run(deny_49, 4, &call, &answer, &guessed), 0);
	assert_int_equal(answer, SECCOMP_RET_ERRNO | 13);
	assert_false(guessed);
	call.nr = 50;
	assert_int_equal(cbpf_run(deny_49, 4, &call, &answer, &guessed), 0);
	assert_int_equal(answer, SECCOMP_RET_ALLOW);
	assert_int_equal(cbpf_run(looks, 2, &call, &answer, &guessed), 0);
	assert_true(guessed);
	assert_int_equal(cbpf_run(beyond, 2, &call, &answer, &guessed), -EINVAL);
	assert_int_equal(cbpf_run(endless, 1, &call, &answer, &guessed), -EINVAL);
	assert_int_equal(cbpf_run(deny_49, 0, &call, &answer, &guessed), -EINVAL);
	assert_int_equal(cbpf_stricter(SECCOMP_RET_ALLOW, SECCOMP_RET_KILL_PROCESS), SECCOMP_RET_KILL_PROCESS);
	assert_int_equal(cbpf_stricter(SECCOMP_RET_ERRNO | 1, SECCOMP_RET_ERRNO | 2), SECCOMP_RET_ERRNO | 1);
}

#define EBPF(code, dst, src, off, imm) \
	(uint32_t)(code) | (uint32_t)(dst) << 8 | (uint32_t)(src) << 12 | (uint32_t)(uint16_t)(off) << 16, (uint32_t)(imm)

/* r2 = ctx->uaddr; r2 = sin_port; to host order; 0 if it is 8080, else 1. And one that calls a helper. */
static void extended(void **state)
{
	static const uint32_t deny[] = { EBPF(0x79, 2, 1, 8, 0), EBPF(0x69, 2, 2, 2, 0),    EBPF(0xdc, 2, 0, 0, 16),
					 EBPF(0xb7, 0, 0, 0, 1), EBPF(0x55, 2, 0, 1, 8080), EBPF(0xb7, 0, 0, 0, 0),
					 EBPF(0x95, 0, 0, 0, 0) };
	static const uint32_t calls[] = { EBPF(0x85, 0, 0, 0, 5), EBPF(0x95, 0, 0, 0, 0) }, loops[] = { EBPF(0x05, 0, 0, -1, 0) };
	struct snap_cgprog p = { .hook = CGPROG_BIND4, .insns = deny, .n_insns = ARRAY_SIZE(deny) };
	struct world w;
	struct why_state st;
	bool waives = false;

	(void)state;
	build(&w);
	snap_settle(&w.s);
	st = (struct why_state){ .s = &w.s, .q = &w.q, .why = &w.why };
	assert_int_equal(ebpf_judge(&st, &p, &waives), EBPF_DENIES);
	w.q.port = 8081;
	assert_int_equal(ebpf_judge(&st, &p, &waives), EBPF_ALLOWS);
	p.insns = calls;
	p.n_insns = ARRAY_SIZE(calls);
	assert_int_equal(ebpf_judge(&st, &p, &waives), EBPF_UNKNOWN);
	p.insns = loops;
	p.n_insns = ARRAY_SIZE(loops);
	assert_int_equal(ebpf_judge(&st, &p, &waives), EBPF_UNKNOWN);
	p.insns = NULL;
	assert_int_equal(ebpf_judge(&st, &p, &waives), EBPF_UNKNOWN);
	snap_done(&w.s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(free_port),
		cmocka_unit_test(two_causes_in_order),
		cmocka_unit_test(capability_in_the_wrong_place),
		cmocka_unit_test(unknown_is_not_ok),
		cmocka_unit_test(missing_is_named),
		cmocka_unit_test(unread_is_no_evidence),
		cmocka_unit_test(landlock),
		cmocka_unit_test(reported_errno),
		cmocka_unit_test(classic),
		cmocka_unit_test(extended),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
