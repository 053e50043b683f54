// SPDX-License-Identifier: GPL-2.0-or-later
/* From one snapshot to the next: what is taken over, and what happened in a second. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "model/carry.h"
#include "store/recording.h"
#include "view/ctrow.h"
#include "view/frame.h"
#include "view/human.h"

enum { NET = 4026532180, OTHER_NET = 4026532190, SECOND = 1000000000 };

static void add_task(struct snap *s, uint32_t pid, uint64_t start, int64_t cpu, uint32_t net, const char *container)
{
	uint32_t *nspid = arena_alloc(&s->arena, sizeof(*nspid));

	*nspid = pid;
	*ARRAY_ADD(s, tasks) = (struct snap_task){
		.pid = pid, .tid = pid, .nthreads = 1, .start = start, .comm = "x", .container = container, .cpu = cpu, .rss = 4096 * pid,
		.ns = { [NS_NET] = net }, .nspid = nspid, .n_nspid = 1,
	};
}

static void add_link(struct snap *s, uint32_t net, uint32_t ifindex, uint64_t rx, uint64_t tx)
{
	*ARRAY_ADD(s, links) = (struct snap_link){ .ns = net, .ifindex = ifindex, .ifname = "eth0", .master = OPT_NONE, .link = OPT_NONE,
						   .link_netnsid = OPT_NONE, .xdp_prog = OPT_NONE, .rx_bytes = rx, .tx_bytes = tx };
}

/* At second n of a host; settled. */
static void begin(struct snap *s, uint64_t n)
{
	snap_init(s);
	s->head.taken = (1000 + n) * SECOND;
	s->head.ticks = 100000 + 100 * n;
	s->head.wants = WANT_TASKS | WANT_USAGE;
	s->head.initial_view = true;
}

static void count(struct snap *s, uint32_t net, uint64_t at)
{
	struct snap_ns *ns = snap_find_ns(s, NS_NET, net);

	assert_non_null(ns);
	ns->counted = at;
	ns->links = 1;
	s->head.wants |= WANT_LINKS;
}

static void test_rates(void **state)
{
	struct frame *first, *second, *third;
	struct snap s;
	uint32_t ns;

	(void)state;
	begin(&s, 0);
	add_task(&s, 10, 500, 1000000, NET, NULL);
	add_task(&s, 11, 500, 700, NET, NULL);
	add_link(&s, NET, 2, 1000, 5000);
	snap_settle(&s);
	count(&s, NET, s.head.taken);
	first = frame_new(&s, NULL);
	assert_true(first->rates.cpu[0] == OPT_NONE); /* nothing to compare with is not 0 */

	begin(&s, 1);
	add_task(&s, 10, 500, 1250000, NET, NULL);   /* a quarter of a second */
	add_task(&s, 11, 99999, 900, NET, NULL);     /* the same number, another process, which was there before */
	add_task(&s, 12, 100050, 100000, NET, NULL); /* born since */
	add_link(&s, NET, 2, 3000, 4000);            /* tx has begun anew */
	add_link(&s, NET, 3, 500, 0);                /* a new device */
	snap_settle(&s);
	count(&s, NET, s.head.taken);
	second = frame_new(&s, first);
	assert_int_equal(second->rates.cpu[0], 250);
	assert_true(second->rates.cpu[1] == OPT_NONE);
	assert_int_equal(second->rates.cpu[2], 100);
	ns = index_ns(&second->ix, NS_NET, NET);
	assert_int_equal(second->rates.net[ns].rx, 2500);
	assert_int_equal(second->rates.net[ns].tx, 0);

	begin(&s, 2);
	add_task(&s, 10, 500, 1250000, NET, NULL);
	snap_settle(&s);
	snap_carry(&s, &second->snap, WANT_LINKS);
	assert_int_equal(s.n_links, 2);
	third = frame_new(&s, second);
	assert_int_equal(third->rates.cpu[0], 0);
	/* its counters were not read again: the rate is what it was */
	assert_int_equal(third->rates.net[index_ns(&third->ix, NS_NET, NET)].rx, 2500);
	frame_put(first);
	frame_put(second);
	frame_put(third);
}

static void test_clock_set(void **state)
{
	struct frame *first, *second;
	struct snap s;

	(void)state;
	begin(&s, 0);
	add_task(&s, 10, 500, 0, NET, NULL);
	snap_settle(&s);
	first = frame_new(&s, NULL);
	begin(&s, 1);
	s.head.taken -= 3600ull * SECOND; /* the wall clock was put back by an hour */
	add_task(&s, 10, 500, 500000, NET, NULL);
	snap_settle(&s);
	second = frame_new(&s, first);
	assert_in_range(second->rates.cpu[0], 495, 505);
	frame_put(first);
	frame_put(second);
}

static void test_carry(void **state)
{
	struct snap before, now;

	(void)state;
	begin(&before, 0);
	add_task(&before, 10, 500, 0, NET, NULL);
	add_task(&before, 11, 500, 0, OTHER_NET, NULL);
	add_link(&before, NET, 2, 1, 1);
	add_link(&before, OTHER_NET, 2, 2, 2);
	*ARRAY_ADD(&before, holds) = (struct snap_hold){ .kind = HOLD_FD, .type = NS_NET, .inum = 4026532444, .pid = 10, .fd = 3, .path = "p" };
	*ARRAY_ADD(&before, holds) = (struct snap_hold){ .kind = HOLD_FD, .type = NS_NET, .inum = 4026532444, .pid = 11, .fd = 4 };
	snap_settle(&before);
	count(&before, NET, 7);
	count(&before, OTHER_NET, 7);
	before.head.wants |= WANT_KEEPERS | WANT_HIDDEN;

	begin(&now, 1);
	add_task(&now, 10, 500, 0, NET, NULL); /* 11 is gone, and its namespace with it */
	snap_settle(&now);
	snap_carry(&now, &before, WANT_LINKS | WANT_KEEPERS | WANT_HIDDEN | WANT_ROUTES);
	assert_int_equal(now.n_links, 1);
	assert_int_equal(now.links[0].ns, NET);
	assert_int_equal(snap_find_ns(&now, NS_NET, NET)->links, 1);
	assert_int_equal(snap_find_ns(&now, NS_NET, NET)->counted, 7);
	assert_null(snap_find_ns(&now, NS_NET, OTHER_NET));
	assert_non_null(snap_find_ns(&now, NS_NET, 4026532444)); /* no process was in it: it stays until somebody searches again */
	assert_int_equal(now.n_holds, 1);
	assert_string_equal(now.holds[0].path, "p");
	assert_ptr_not_equal(now.holds[0].path, before.holds[0].path);
	assert_true(now.head.wants & WANT_LINKS);
	assert_false(now.head.wants & WANT_ROUTES); /* the older one did not have them either */
	snap_done(&before);
	snap_done(&now);
}

/* What was read again is not mixed with what was there before. */
static void test_carry_fresh(void **state)
{
	struct snap before, now;

	(void)state;
	begin(&before, 0);
	add_task(&before, 10, 500, 0, NET, NULL);
	add_link(&before, NET, 2, 1, 1);
	add_link(&before, NET, 3, 1, 1);
	snap_settle(&before);
	count(&before, NET, 7);
	begin(&now, 1);
	add_task(&now, 10, 500, 0, NET, NULL);
	add_link(&now, NET, 2, 9, 9);
	snap_settle(&now);
	count(&now, NET, 8);
	snap_carry(&now, &before, WANT_LINKS);
	assert_int_equal(now.n_links, 1);
	assert_int_equal(now.links[0].rx_bytes, 9);
	assert_int_equal(snap_find_ns(&now, NS_NET, NET)->counted, 8);
	/* a number that came again: the kernel's id tells */
	snap_find_ns(&now, NS_NET, NET)->id = 5;
	snap_find_ns(&before, NS_NET, NET)->id = 4;
	now.n_links = 0;
	snap_carry(&now, &before, WANT_LINKS);
	assert_int_equal(now.n_links, 0);
	snap_done(&before);
	snap_done(&now);
}

static void test_containers(void **state)
{
	struct frame *f;
	struct ctrows rows;
	struct snap s;

	(void)state;
	begin(&s, 0);
	*ARRAY_ADD(&s, containers) = (struct snap_container){ .id = "aaa", .name = "web" };
	*ARRAY_ADD(&s, containers) = (struct snap_container){ .id = "bbb", .name = "side" };
	*ARRAY_ADD(&s, containers) = (struct snap_container){ .id = "ccc", .name = "stopped" };
	s.head.initial[NS_NET] = 4026531833;
	s.head.initial[NS_MNT] = 4026531832;
	add_task(&s, 10, 500, 0, 4026531833, NULL);
	add_task(&s, 11, 500, 0, NET, "aaa");
	add_task(&s, 12, 600, 0, NET, "aaa");
	add_task(&s, 13, 600, 0, NET, "bbb");
	for (int i = 0; i < 4; i++)
		s.tasks[i].ns[NS_MNT] = i == 3 ? 4026532200 : 4026531832;
	snap_settle(&s);
	f = frame_new(&s, NULL);
	ctrows_init(&rows, f);
	assert_int_equal(rows.n_items, 3); /* the host and those that run */
	assert_true(rows.items[0].host);
	assert_int_equal(rows.items[0].nprocs, 1);
	assert_int_equal(rows.items[1].nprocs, 2);
	assert_int_equal(rows.items[1].rss, 4096 * 23);
	assert_int_equal(rows.items[1].n_shared, 2);
	assert_string_equal(rows.items[1].shared[0], "host:mnt");
	assert_string_equal(rows.items[1].shared[1], "side:net");
	assert_string_equal(rows.items[2].shared[0], "web:net");
	assert_int_equal(rows.items[2].n_own, 1);
	assert_string_equal(rows.items[2].own[0], "mnt");
	ctrows_event(&rows, "bbb", "FAILED", 4);
	ctrows_event(&rows, "nobody", "FAILED", 4);
	assert_string_equal(rows.items[2].event, "FAILED 4s ago");
	assert_int_equal(rows.items[0].failed + rows.items[1].failed, 0);
	ctrows_done(&rows);
	frame_put(f);
}

static void test_human(void **state)
{
	static const struct {
		int64_t n;
		const char *bytes, *cpu;
	} table[] = {
		{ 0, "0", "0.0" }, { 1023, "1023", "102" }, { 1024, "1.0K", "102" }, { 10240, "10K", "1024" }, { 1 << 20, "1.0M", "104857" },
		{ 3758096384, "3.5G", "375809638" }, { OPT_NONE, "", "" }, { -EPERM, "?", "?" }, { INT64_MAX, "7.9E", "922337203685477580" },
		{ 12, "12", "1.2" }, { 1000, "1000", "100" },
	};
	char buf[32];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		human_bytes(table[i].n, buf, sizeof(buf));
		assert_string_equal(buf, table[i].bytes);
		human_cpu(table[i].n, buf, sizeof(buf));
		assert_string_equal(buf, table[i].cpu);
	}
}

static void expect_index(const char *text, size_t frames, bool is_cut, int want)
{
	CLEAN_MEM char *copy = xstrdup(text);
	CLEAN_FILE FILE *f = fmemopen(copy, strlen(copy) + (*copy == '\0'), "r");
	struct recorded *list = NULL;
	size_t n = 0;
	bool cut;

	assert_int_equal(recording_index(f, &list, &n, &cut), want);
	assert_int_equal(n, frames);
	if (!want)
		assert_int_equal(cut, is_cut);
	free(list);
}

static void test_recording(void **state)
{
	(void)state;
	expect_index("nskit-recording/1 5 3\nabc", 1, false, 0);
	expect_index("nskit-recording/1 5 3\nabcnskit-recording/1 6 2\nxy", 2, false, 0);
	expect_index("nskit-recording/1 5 3\nabcnskit-recording/1 6 3\nxy", 1, true, 0);
	expect_index("nskit-recording/1 5 3\nabcnskit-rec", 1, true, 0);
	expect_index("nskit-recording/1 5 3\nabcgarbage\n", 1, true, 0);
	expect_index("nskit-recording/1 5 99999999999999\nabc", 0, true, -EINVAL);
	expect_index("nskit-recording/1 5 -3\nabc", 0, true, -EINVAL);
	expect_index("nskit-recording/1 5 0\n", 0, true, -EINVAL);
	expect_index("nskit-recording/2 5 3\nabc", 0, true, -EINVAL);
	expect_index("\n\n\n", 0, true, -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rates),	   cmocka_unit_test(test_clock_set), cmocka_unit_test(test_carry), cmocka_unit_test(test_carry_fresh),
		cmocka_unit_test(test_containers), cmocka_unit_test(test_human),     cmocka_unit_test(test_recording),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
