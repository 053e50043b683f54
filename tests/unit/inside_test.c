// SPDX-License-Identifier: GPL-2.0-or-later
/* What namespaces isolate, on snapshots made by hand: ranges, words, and what is unknown. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "view/inside.h"

enum { A = 4026532001u, B = 4026532002u, C = UINT32_MAX };

static void assert_words(const struct snap *s, enum nstype type, uint32_t inum, const char *want)
{
	struct arena arena = { 0 };
	struct inside in;
	struct index ix;
	char buf[1024];

	index_build(&ix, s);
	inside_fill(&in, &ix, index_ns(&ix, type, inum), &arena);
	inside_words(&in, buf, sizeof(buf));
	assert_string_equal(buf, want);
	for (size_t size = 0; size < 60; size++) { /* any room will do */
		memset(buf, 'x', sizeof(buf));
		inside_words(&in, buf, size);
		assert_true(!size || strlen(buf) < size);
		assert_int_equal(buf[size], 'x');
	}
	index_done(&ix);
	arena_done(&arena);
}

static void ranges(void **state)
{
	static const uint32_t order[] = { C, A, B, A, C, A };
	struct snap s;
	uint32_t n;

	(void)state;
	snap_init(&s);
	assert_null(SNAP_RANGE(&s, capsets, A, &n));
	assert_int_equal(n, 0);
	for (size_t i = 0; i < ARRAY_SIZE(order); i++)
		ARRAY_ADD(&s, capsets)->ns = order[i];
	snap_settle(&s);
	assert_int_equal(SNAP_RANGE(&s, capsets, A, &n)->ns, A);
	assert_int_equal(n, 3);
	assert_int_equal(SNAP_RANGE(&s, capsets, B, &n)->ns, B);
	assert_int_equal(n, 1);
	assert_int_equal(SNAP_RANGE(&s, capsets, C, &n)->ns, C);
	assert_int_equal(n, 2);
	SNAP_RANGE(&s, capsets, A + 77, &n);
	assert_int_equal(n, 0);
	snap_done(&s);
}

static void add_ipc(struct snap *s, enum ipc_kind kind, int64_t size)
{
	*ARRAY_ADD(s, ipc) = (struct snap_ipc){ .ns = A, .kind = (uint8_t)kind, .key = OPT_NONE, .id = OPT_NONE, .size = size };
}

static void ipc_words(void **state)
{
	struct snap s;
	struct snap_ns *ns;

	(void)state;
	snap_init(&s);
	snap_add_ns(&s, NS_IPC, A);
	snap_settle(&s);
	ns = snap_find_ns(&s, NS_IPC, A);
	assert_words(&s, NS_IPC, A, "System V objects unknown, POSIX queues unknown");
	ns->sysv = 0;
	ns->mqueues = -EPERM;
	assert_words(&s, NS_IPC, A, "no System V objects, POSIX queues unknown");
	ns->mqueues = 0;
	assert_words(&s, NS_IPC, A, "no IPC objects");
	add_ipc(&s, IPC_SHM, 3 << 20);
	add_ipc(&s, IPC_SHM, 1 << 20);
	add_ipc(&s, IPC_MQUEUE, OPT_NONE);
	ns->sysv = 2;
	ns->mqueues = 1;
	assert_words(&s, NS_IPC, A, "2 shm (4096 kiB), 0 sem, 0 msg, 1 mqueue");
	snap_done(&s);
}

static void propagation(void **state)
{
	struct snap_mount m = { .shared = OPT_NONE, .master = OPT_NONE, .propagate_from = OPT_NONE };
	char buf[64];

	(void)state;
	mount_propagation(&m, buf, sizeof(buf));
	assert_string_equal(buf, "private");
	m.unbindable = true;
	mount_propagation(&m, buf, sizeof(buf));
	assert_string_equal(buf, "unbindable");
	m.shared = 3;
	m.master = 2;
	m.propagate_from = 1;
	m.unbindable = false;
	mount_propagation(&m, buf, sizeof(buf));
	assert_string_equal(buf, "shared:3,master:2,propagate_from:1");
	mount_propagation(&m, buf, 12);
	assert_string_equal(buf, "shared:3,ma");
}

static void capabilities(void **state)
{
	const uint64_t known = (1ULL << 41) - 1;
	const uint64_t sets[] = { known, known & ~(1ULL << 24), 0, 1 | 1ULL << 12 | 1ULL << 63 };
	struct snap s;

	(void)state;
	snap_init(&s);
	s.head.wants = WANT_CAPS;
	snap_add_ns(&s, NS_USER, A);
	snap_settle(&s);
	assert_words(&s, NS_USER, A, "uids unknown, gids unknown");
	for (size_t i = 0; i < ARRAY_SIZE(sets); i++)
		*ARRAY_ADD(&s, capsets) = (struct snap_capset){ .ns = A, .effective = sets[i], .known = known, .nprocs = i + 1 };
	assert_words(&s, NS_USER, A,
		     "uids unknown, gids unknown; capabilities: 1 process all; 2 processes all but sys_resource; 3 processes none; "
		     "4 processes chown,net_admin,cap_63");
	snap_done(&s);
}

static void network(void **state)
{
	struct snap s;
	struct snap_ns *ns;

	(void)state;
	snap_init(&s);
	snap_add_ns(&s, NS_NET, A);
	snap_settle(&s);
	ns = snap_find_ns(&s, NS_NET, A);
	assert_words(&s, NS_NET, A, "devices unknown; listeners unknown");
	ns->links = ns->listeners = 0;
	assert_words(&s, NS_NET, A, "no devices; nobody listens");
	*ARRAY_ADD(&s, links) = (struct snap_link){ .ns = A, .ifindex = 1, .ifname = "lo", .flags = 1 };
	*ARRAY_ADD(&s, links) = (struct snap_link){ .ns = A, .ifindex = 5, .ifname = "eth0" };
	*ARRAY_ADD(&s, addresses) = (struct snap_addr){ .ns = A, .ifindex = 1, .local = "127.0.0.1", .prefixlen = 8 };
	*ARRAY_ADD(&s, addresses) = (struct snap_addr){ .ns = A, .ifindex = 99, .local = "10.9.9.9", .prefixlen = 8 }; /* of none */
	*ARRAY_ADD(&s, addresses) = (struct snap_addr){ .ns = A, .ifindex = 5 };                                       /* forged */
	for (uint32_t i = 0; i < 12; i++)
		*ARRAY_ADD(&s, sockets) = (struct snap_socket){ .ns = A, .netid = NETID_TCP, .port = 80 + i / 2, .addr = "::" };
	*ARRAY_ADD(&s, sockets) = (struct snap_socket){ .ns = A, .netid = NETID_UDP, .port = 53 };
	assert_words(&s, NS_NET, A, "lo 127.0.0.1/8, eth0 down ?/0; 13 listening: tcp 80 81 82 83 84 85 udp 53");
	snap_done(&s);
}

static void wants(void **state)
{
	(void)state;
	assert_int_equal(inside_wants(1u << NS_UTS), WANT_DETAILS);
	assert_int_equal(inside_wants(1u << NS_IPC | 1u << NS_MNT), WANT_IPC | WANT_MOUNTS);
	assert_int_equal(inside_wants(0) & INSIDE_WANTS, INSIDE_WANTS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ranges),       cmocka_unit_test(ipc_words), cmocka_unit_test(propagation),
		cmocka_unit_test(capabilities), cmocka_unit_test(network),   cmocka_unit_test(wants),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
