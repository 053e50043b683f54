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
		.pid = pid,
		.tid = pid,
		.nthreads = 1,
		.start = start,
		.comm = "x",
		.container = container,
		.cpu = cpu,
		.rss = 4096 * pid,
		.ns = { [NS_NET] = net },
		.nspid = nspid,
		.n_nspid = 1,
	};
}

static void add_link(struct snap *s, uint32_t net, uint32_t ifindex, uint64_t rx, uint64_t tx)
{
	*ARRAY_ADD(s, links) = (struct snap_link){ .ns = net,
						   .ifindex = ifindex,
						   .ifname = "eth0",
						   .master = OPT_NONE,
						   .link = OPT_NONE,
						   .link_netnsid = OPT_NONE,
						   .xdp_prog = OPT_NONE,
						   .rx_bytes = rx,
						   .tx_bytes = tx };
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

/* Between two collections: who is there follows the events, and what was measured stays as it was. */
static void test_later(void **state)
{
	static const uint32_t nr[] = { 20 };
	const struct event_child child = { 20, 20, nr, 1 };
	const struct event events[] = {
		{ .kind = EVENT_EXIT, .time = 1001ull * SECOND + 1, .pid = 11, .tid = 11, .last = true, .start = 500 },
		{ .kind = EVENT_CLONE,
		  .time = 1001ull * SECOND + 2,
		  .pid = 12,
		  .tid = 12,
		  .comm = "y",
		  .child = &child,
		  .start = 100150,
		  .ns = { [NS_NET] = OTHER_NET } },
	};
	struct frame *first, *second, *later;
	struct snap s;

	(void)state;
	begin(&s, 0);
	s.head.measured = 1000000;
	for (uint32_t pid = 10; pid <= 12; pid++)
		add_task(&s, pid, 500, 0, NET, NULL);
	add_link(&s, NET, 2, 1000, 5000);
	snap_settle(&s);
	count(&s, NET, s.head.taken);
	first = frame_new(&s, NULL);
	begin(&s, 1);
	s.head.measured = 2000000;
	for (uint32_t pid = 10; pid <= 12; pid++)
		add_task(&s, pid, 500, 10000 * pid, NET, NULL);
	add_link(&s, NET, 2, 3000, 5000);
	snap_settle(&s);
	count(&s, NET, s.head.taken);
	second = frame_new(&s, first);
	frame_put(first);
	later = frame_later(second, 1003ull * SECOND, events, 2, NULL, NULL, 0);
	frame_put(second); /* its strings are still needed */
	assert_int_equal(later->snap.n_tasks, 3);
	assert_string_equal(later->snap.tasks[1].comm, "x");
	assert_int_equal(later->snap.tasks[2].pid, 20);
	assert_string_equal(later->snap.tasks[2].comm, "y");
	assert_int_equal(later->rates.cpu[0], 100);
	assert_int_equal(later->rates.cpu[1], 120);
	assert_true(later->rates.cpu[2] == OPT_NONE);
	assert_int_equal(later->rates.net[index_ns(&later->ix, NS_NET, NET)].rx, 2000);
	assert_int_equal(later->ix.ns[index_ns(&later->ix, NS_NET, NET)].nprocs, 2);
	assert_int_equal(later->ix.ns[index_ns(&later->ix, NS_NET, OTHER_NET)].nprocs, 1);
	assert_int_equal(later->snap.head.taken, 1003ull * SECOND);
	assert_int_equal(later->snap.head.ticks, 100300);
	assert_int_equal(second->snap.n_tasks, 3); /* untouched: the next collection is compared with it */
	assert_int_equal(second->snap.tasks[1].pid, 11);
	frame_put(later);
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
	*ARRAY_ADD(&before, holds) =
		(struct snap_hold){ .kind = HOLD_FD, .type = NS_NET, .inum = 4026532444, .pid = 10, .fd = 3, .path = "p" };
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
		{ 0, "0", "0.0" },        { 1023, "1023", "102" },       { 1024, "1.0K", "102" },
		{ 10240, "10K", "1024" }, { 1 << 20, "1.0M", "104857" }, { 3758096384, "3.5G", "375809638" },
		{ OPT_NONE, "", "" },     { -EPERM, "?", "?" },          { INT64_MAX, "7.9E", "922337203685477580" },
		{ 12, "12", "1.2" },      { 1000, "1000", "100" },
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
	expect_index("nskit-recording/1 5 3 0\nabc", 1, false, 0);
	expect_index("nskit-recording/1 5 3 0\nabcnskit-recording/1 6 2 1\nxy\n", 2, false, 0);
	expect_index("nskit-recording/1 5 3 0\nabcnskit-recording/1 6 3 0\nxy", 1, true, 0);
	expect_index("nskit-recording/1 5 3 0\nabcnskit-recording/1 6 2 3\nxy\n", 1, true, 0);
	expect_index("nskit-recording/1 5 3 0\nabcnskit-rec", 1, true, 0);
	expect_index("nskit-recording/1 5 3 0\nabcgarbage\n", 1, true, 0);
	expect_index("nskit-recording/1 5 3\nabc", 0, true, -EINVAL);
	expect_index("nskit-recording/1 5 99999999999999 0\nabc", 0, true, -EINVAL);
	expect_index("nskit-recording/1 5 3 18446744073709551615\nabc", 0, true, -EINVAL);
	expect_index("nskit-recording/1 5 -3 0\nabc", 0, true, -EINVAL);
	expect_index("nskit-recording/1 5 0 0\n", 0, true, -EINVAL);
	expect_index("nskit-recording/2 5 3 0\nabc", 0, true, -EINVAL);
	expect_index("\n\n\n", 0, true, -EINVAL);
}

/* What is written is read again, with all that it points to; the list is its own memory. */
static void test_recorded_events(void **state)
{
	uint32_t nspid[] = { 5127, 1 };
	struct event_change change = { "net", 4026531833, NET, true };
	struct snap_container c = { .id = "abc", .name = "w\x1b\xff", .runtime = "docker", .exit_code = OPT_NONE };
	struct event bound = { .kind = EVENT_BIND,
			       .time = 12ull * SECOND + 5,
			       .pid = 5127,
			       .tid = 5127,
			       .nspid = nspid,
			       .n_nspid = 2,
			       .comm = "a\n\xff",
			       .container = &c,
			       .ret = -1,
			       .err = EADDRINUSE,
			       .proto = "tcp",
			       .addr = "::1",
			       .port = 80,
			       .netns = NET,
			       .fd = 3 };
	struct event moved = {
		.kind = EVENT_SETNS, .time = 13, .pid = 1, .comm = "x", .flags = 1u << 30, .changes = &change, .n_changes = 1
	};
	struct eventlist events = { 0 }, more = { 0 }, back = { 0 };
	struct recorded *list;
	char error[128];
	struct snap s;
	size_t n;
	bool cut;

	(void)state;
	eventlist_add(&events, &bound);
	eventlist_add(&more, &moved);
	eventlist_move(&events, &more);
	assert_int_equal(more.n_items, 0);
	bound = moved = (struct event){ 0 };
	begin(&s, 1);
	CLEAN_FILE FILE *f = tmpfile();
	assert_int_equal(recording_append(f, &s, &events), 0);
	assert_int_equal(recording_append(f, &s, NULL), 0);
	snap_done(&s);
	eventlist_done(&events);
	assert_int_equal(recording_index(f, &list, &n, &cut), 0);
	assert_int_equal(n, 2);
	assert_int_equal(list[1].event_bytes, 0);
	for (int i = 0; i < 2; i++) {
		snap_init(&s);
		assert_int_equal(recording_load(f, &list[i], &s, error, sizeof(error)), 0);
		assert_int_equal(recording_events(f, &list[i], &back, error, sizeof(error)), 0);
		snap_done(&s);
	}
	assert_int_equal(back.n_items, 2);
	assert_int_equal(back.items[0].kind, EVENT_BIND);
	assert_int_equal(back.items[0].time, 12ull * SECOND + 5);
	assert_int_equal(back.items[0].nspid[1], 1);
	assert_string_equal(back.items[0].comm, "a\n\xff");
	assert_string_equal(back.items[0].container->name, "w\x1b\xff");
	assert_int_equal(back.items[0].err, EADDRINUSE);
	assert_string_equal(back.items[0].addr, "::1");
	assert_int_equal(back.items[0].port, 80);
	assert_int_equal(back.items[1].flags, 1u << 30);
	assert_int_equal(back.items[1].changes[0].to, NET);
	assert_true(back.items[1].changes[0].for_children);
	eventlist_done(&back);
	free(list);
}

static void expect_events(const char *text, int want, size_t events)
{
	struct recorded r = { .event_bytes = strlen(text) };
	CLEAN_MEM char *copy = xstrdup(text);
	CLEAN_FILE FILE *f = fmemopen(copy, strlen(copy), "r");
	struct eventlist list = { 0 };
	char error[128] = "";

	assert_int_equal(recording_events(f, &r, &list, error, sizeof(error)), want);
	assert_int_equal(list.n_items, events);
	assert_int_equal(!*error, !want);
	eventlist_done(&list);
}

static void test_foreign_events(void **state)
{
	static const char good[] =
		"{\"event\":\"lost\",\"time\":\"2026-11-24T09:00:00Z\",\"count\":3,\"of\":\"bind\",\"new\":{}}\n";
	CLEAN_MEM char *text = NULL;

	(void)state;
	expect_events(good, 0, 1);
	expect_events("{\"event\":\"of another time\"}\n", 0, 0);
	expect_events("{}\n", -EINVAL, 0);
	expect_events("[]\n", -EINVAL, 0);
	expect_events("\n", -EINVAL, 0);
	expect_events("{\"event\":7}\n", -EINVAL, 0);
	expect_events("{\"event\":\"lost\"", -EINVAL, 0);
	expect_events("{\"event\":\"bind\",\"nspid\":[-1]}\n", -EINVAL, 0);
	assert_true(asprintf(&text, "%s{\"event\":\"lost\",\"count\":-1}\n%s", good, good) > 0);
	expect_events(text, -EINVAL, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rates),          cmocka_unit_test(test_later),       cmocka_unit_test(test_clock_set),
		cmocka_unit_test(test_carry),          cmocka_unit_test(test_carry_fresh), cmocka_unit_test(test_containers),
		cmocka_unit_test(test_human),          cmocka_unit_test(test_recording),   cmocka_unit_test(test_recorded_events),
		cmocka_unit_test(test_foreign_events),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
