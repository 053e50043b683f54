// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "store/record.h"
#include "output/json.h"
#include "store/store.h"
#include "unit/thing.h"

enum { PLENTY = 1 << 24 };

/* Every byte there is, but NUL. */
static const char *all_bytes(struct snap *s)
{
	char *p = arena_alloc(&s->arena, 256);

	for (int i = 1; i < 256; i++)
		p[i - 1] = (char)i;
	return p;
}

/* What follows fills a settled snapshot with something of everything, and names that somebody chose with care. */
static void fill_tasks(struct snap *s)
{
	static const uint32_t levels[] = { 100, 1 };

	for (int i = 0; i < 20; i++) {
		struct snap_task *t = ARRAY_ADD(s, tasks);

		*t = (struct snap_task){ .pid = 100 + (uint32_t)i,
					 .tid = 100 + (uint32_t)i,
					 .uid = UINT32_MAX,
					 .start = 1ULL << 50,
					 .nthreads = 1,
					 .flags = TASK_ZOMBIE,
					 .comm = all_bytes(s),
					 .command = "",
					 .nspid = levels,
					 .n_nspid = 2 };
		for (int type = 0; type < NS_TYPES; type++)
			t->ns[type] = i == 3 ? EACCES : 4026532000 + (uint32_t)type;
		t->pid_for_children = i == 4 ? EPERM : 0;
	}
	s->tasks[5].comm = "\"},{\\x41\xed\xa0\x80\xe2\x80\xae";
	s->tasks[6].container = s->tasks[6].cgroup = "\n";
	s->tasks[7].nspid = NULL;
	s->tasks[7].n_nspid = 0;
}

static void fill_namespaces(struct snap *s)
{
	static const struct snap_cgroot roots[] = { { "", "/a\n" }, { "cpu,cpuacct", "/" } };
	static const struct snap_map map[] = { { 0, 100000, 65536 }, { UINT32_MAX, 0, 1 } };
	struct snap_ns *ns;

	ns = snap_add_ns(s, NS_USER, 4026533000);
	*ns = (struct snap_ns){ .type = NS_USER,
				.inum = 4026533000,
				.id = UINT64_MAX,
				.parent = EPERM,
				.owner = 4026533000,
				.owner_uid = -EPERM,
				.level = 3,
				.netnsid = OPT_NONE,
				.uid_map = map,
				.n_uid_map = 2,
				.gid_map = map,
				.n_gid_map = 0,
				.listed = true };
	ns = snap_add_ns(s, NS_CGROUP, 4026533100);
	ns->cgroup_roots = roots;
	ns->n_cgroup_roots = 2;
	ns->links = -EPERM;
	ns->sysv = 0;
}

static void fill_holds(struct snap *s)
{
	*ARRAY_ADD(s, holds) = (struct snap_hold){
		.kind = HOLD_MOUNT, .type = NS_NET, .inum = 4026532001, .fd = OPT_NONE, .mntns = EPERM, .path = "/run/\033c"
	};
	*ARRAY_ADD(s, holds) =
		(struct snap_hold){ .kind = HOLD_SOCKET, .type = NS_NET, .inum = 4026532001, .pid = 100, .fd = 0, .socket = 77 };
}

static void fill_inside(struct snap *s)
{
	*ARRAY_ADD(s, ipc) = (struct snap_ipc){ .ns = 1,
						.kind = IPC_MQUEUE,
						.name = all_bytes(s),
						.mode = 0600,
						.flags = 3,
						.key = OPT_NONE,
						.id = -EACCES,
						.size = 1LL << 40,
						.attached = OPT_NONE,
						.nsems = 0,
						.messages = OPT_NONE,
						.max_messages = OPT_NONE,
						.creator = OPT_NONE,
						.last = OPT_NONE };
	*ARRAY_ADD(s, mounts) = (struct snap_mount){ .ns = 1,
						     .id = 7,
						     .point = all_bytes(s),
						     .root = "/",
						     .source = "",
						     .shared = 3,
						     .master = OPT_NONE,
						     .propagate_from = OPT_NONE,
						     .unbindable = true };
	*ARRAY_ADD(s, links) = (struct snap_link){
		.ns = 1, .ifname = "\x1b", .flags = 0x11043, .operstate = 6, .master = OPT_NONE, .link = 4, .link_netnsid = 0
	};
	*ARRAY_ADD(s, addresses) = (struct snap_addr){ .ns = 1, .family = ADDR_INET6, .local = "::1", .prefixlen = 128 };
	*ARRAY_ADD(s, sockets) = (struct snap_socket){ .ns = 1,
						       .netid = NETID_UDP,
						       .state = STATE_UNCONN,
						       .addr = "::",
						       .port = 53,
						       .ifindex = OPT_NONE,
						       .cookie = UINT64_MAX };
	*ARRAY_ADD(s, capsets) =
		(struct snap_capset){ .ns = 1, .effective = 1ULL << 40, .known = (1ULL << 41) - 1, .nprocs = 2, .pid = 1 };
}

static void fill_firewall(struct snap *s)
{
	static struct snap_fw_expr exprs[2];
	static const struct snap_fw_elem elems[] = { { .key = "0050", .verdict = "jump", .ref = "c\n" }, { .interval_end = true } };
	static const uint32_t parts[] = { 4, 2 };

	exprs[0] = snap_fw_expr_of("immediate");
	exprs[0].verdict = "drop";
	exprs[0].dreg = 0;
	exprs[1] = snap_fw_expr_of("counter");
	exprs[1].bytes = (1LL << 53) - 1;
	*ARRAY_ADD(s, fw_tables) =
		(struct snap_fw_table){ .ns = 1, .family = FW_IP6, .name = all_bytes(s), .handle = 9, .flags = FW_DORMANT };
	*ARRAY_ADD(s, fw_chains) = (struct snap_fw_chain){
		.ns = 1, .table = "t", .name = "c\n", .hook = FW_INGRESS, .priority = -400, .type = "filter"
	};
	*ARRAY_ADD(s, fw_rules) = (struct snap_fw_rule){
		.ns = 1, .table = "t", .chain = "c\n", .comment = all_bytes(s), .exprs = exprs, .n_exprs = 2
	};
	*ARRAY_ADD(s, fw_sets) = (struct snap_fw_set){
		.ns = 1, .table = "t", .name = "s", .flags = 0x1ff, .fields = parts, .n_fields = 2, .elems = elems, .n_elems = 2
	};
}

static void fill(struct snap *s)
{
	snap_init(s);
	s->head = (struct snap_head){ .tool = "nsls",
				      .version = "1",
				      .host = all_bytes(s),
				      .boot_id = "b",
				      .kernel = "6.18",
				      .collector = "bpf",
				      .proc = "/proc",
				      .taken = 1795425164123456789,
				      .ticks = 123,
				      .wants = 0x3fff,
				      .pidns = 4026531836,
				      .initial_view = true,
				      .initial = { 4026531840, EPERM } };
	fill_tasks(s);
	fill_namespaces(s);
	fill_holds(s);
	fill_inside(s);
	fill_firewall(s);
	*ARRAY_ADD(s, containers) = (struct snap_container){ .id = "\n", .name = "web", .runtime = "docker", .sandbox = true };
	*ARRAY_ADD(s, users) = (struct snap_user){ 0, "root" };
	snap_add_gap(s, "processes' namespaces", EPERM, "CAP_SYS_PTRACE");
	snap_add_gap(s, "mounts", 529, NULL);
	snap_settle(s);
}

static char *saved(const struct snap *s, struct memory *m)
{
	assert_int_equal(snap_save(s, memory_open(m)), 0);
	return memory_take(m);
}

static int load_text(struct snap *s, const char *text, size_t len, size_t max, char *error, size_t error_size)
{
	FILE *f = len ? fmemopen((void *)(uintptr_t)text, len, "r") : fopen("/dev/null", "r");
	int err;

	assert_non_null(f);
	snap_init(s);
	err = snap_load(s, f, max, error, error_size);
	fclose(f);
	return err;
}

static void round_trip(void **state)
{
	struct memory first, second;
	struct snap s, loaded;
	char error[256];

	(void)state;
	fill(&s);
	saved(&s, &first);
	if (load_text(&loaded, first.text, first.len, PLENTY, error, sizeof(error)))
		fail_msg("%s", error);
	assert_string_equal(saved(&loaded, &second), first.text);
	assert_int_equal(loaded.n_tasks, s.n_tasks);
	assert_int_equal(loaded.n_namespaces, s.n_namespaces);
	assert_int_equal(loaded.n_gaps, 2);
	assert_string_equal(loaded.head.host, s.head.host);
	assert_string_equal(loaded.tasks[5].comm, s.tasks[5].comm);
	assert_string_equal(loaded.tasks[5].command, "");
	assert_null(loaded.tasks[5].container);
	assert_int_equal(loaded.head.taken, s.head.taken);
	assert_int_equal(loaded.head.initial[NS_NET], EPERM);
	assert_int_equal(loaded.tasks[3].ns[NS_MNT], EACCES);
	assert_int_equal(loaded.tasks[4].pid_for_children, EPERM);
	assert_null(loaded.tasks[7].nspid);
	assert_true(loaded.containers[0].sandbox);
	assert_int_equal(loaded.holds[1].fd, 0);
	assert_int_equal(loaded.holds[0].fd, OPT_NONE);

	const struct snap_ns *ns = snap_find_ns(&loaded, NS_USER, 4026533000);

	assert_non_null(ns);
	assert_int_equal(ns->owner_uid, -EPERM);
	assert_int_equal(ns->parent, EPERM);
	assert_int_equal(ns->netnsid, OPT_NONE);
	assert_int_equal(ns->id, UINT64_MAX);
	assert_int_equal(ns->n_uid_map, 2);
	assert_int_equal(ns->uid_map[1].inside, UINT32_MAX);
	assert_non_null(ns->gid_map); /* known to be empty */
	snap_done(&loaded);
	snap_done(&s);
	free(first.text);
	free(second.text);
}

static void empty_round_trip(void **state)
{
	struct memory first, second;
	struct snap s, loaded;
	char error[256];

	(void)state;
	snap_init(&s);
	saved(&s, &first);
	assert_int_equal(load_text(&loaded, first.text, first.len, PLENTY, error, sizeof(error)), 0);
	assert_string_equal(saved(&loaded, &second), first.text);
	snap_done(&loaded);
	snap_done(&s);
	free(first.text);
	free(second.text);
}

/* Every kind of field, also those that no snapshot has today. */
static void every_kind(void **state)
{
	struct thing things[] = { thing_full(), thing_empty(), thing_empty() };
	const struct field *fields[64];
	size_t n = 0;

	(void)state;
	things[2].opt = things[2].opt_zero = things[2].opt_omit = -EPERM;
	things[2].nsref = things[2].nsref_zero = EPERM;
	for (size_t i = 0; i < thing_desc.n_fields; i++)
		if (!(thing_fields[i].flags & FF_TEXT))
			fields[n++] = &thing_fields[i];
	for (size_t i = 0; i < 3; i++) {
		char error[128] = "";
		struct arena arena = { 0 };
		struct reading r = { .arena = &arena, .error = error, .error_size = sizeof(error) };
		struct thing again = { 0 };
		struct memory a, b;
		struct json j;
		json_t *v;

		json_start(&j, memory_open(&a), false);
		json_record(&j, NULL, &thing_desc, &things[i], fields, n);
		v = json_loads(memory_take(&a), 0, NULL);
		assert_non_null(v);
		if (record_read(&r, NULL, &thing_desc, v, &again))
			fail_msg("%s", error);
		json_start(&j, memory_open(&b), false);
		json_record(&j, NULL, &thing_desc, &again, fields, n);
		assert_string_equal(memory_take(&b), a.text);
		json_decref(v);
		arena_done(&arena);
		free(a.text);
		free(b.text);
	}
}

#define HEAD "\"nskit\":{\"schema\":\"nskit-snapshot/1\",\"tool\":\"t\"}"
#define NS(what) "{" HEAD ",\"namespaces\":[{\"type\":\"net\",\"ns\":9},{\"type\":\"net\"," what "}]}"
#define TASK(what) "{" HEAD ",\"tasks\":[{\"pid\":1," what "}]}"

/* Each is refused, with a line that says where and why ("*": in jansson's words). */
static const struct {
	const char *text, *error;
} bad[] = {
	{ "", "empty" },
	{ " \n", "empty" },
	{ "[]", "not a snapshot: not a JSON object" },
	{ "\x7f"
	  "ELF",
	  "not a snapshot: not a JSON object" },
	{ "{}", "not a snapshot: no \"nskit\" header" },
	{ "{\"a\":1}", "not a snapshot: no \"nskit\" header" },
	{ "{\"namespaces\":[{\"ns\":1,\"nsfs\":null}]}", "not a snapshot: no \"nskit\" header before \"namespaces\"" },
	{ "{\"nskit\":1}", "nskit: not an object" },
	{ "{\"nskit\":{}}", "not a snapshot: its header names no schema" },
	{ "{\"nskit\":{\"schema\":\"nskit-snapshot/1\"}}", "nskit: has no \"tool\"" },
	{ "{\"nskit\":{\"schema\":\"nskit-snapshot/2\"}}",
	  "a snapshot of another version: nskit-snapshot/2; this program reads nskit-snapshot/1" },
	{ "{\"nskit\":{\"schema\":\"nskit-nsls/1\"}}", "not a snapshot (nskit-snapshot/1) but nskit-nsls/1" },
	{ "{\"nskit\":{\"schema\":\"\\u001b[2J\"}}", "not a snapshot (nskit-snapshot/1) but \\x1b[2J" },
	{ "{" HEAD ",\"nskit\":{\"schema\":\"x\"}}", "not a snapshot (nskit-snapshot/1) but x" },
	{ "{" HEAD, "line 1: neither a comma nor the end of the object" },
	{ "{" HEAD ",", "line 1: a key was expected" },
	{ "{" HEAD ",}", "line 1: a key was expected" },
	{ "{" HEAD ",\"a\"}", "line 1: a colon was expected" },
	{ "{" HEAD ",\"a\":}", "line 1: *" },
	{ "{" HEAD "} x", "line 1: something follows the end" },
	{ "{" HEAD "}{" HEAD "}", "line 1: something follows the end" },
	{ "{\n" HEAD ",\n\"tasks\":[\n{\"pid\":1}\n{\"pid\":2}]}", "line 5: neither a comma nor the end of a list" },
	{ "{\n\n" HEAD ",\"tasks\":[{\"pid\":1\n,\"comm\":\"\033[2J\"}]}", "line 4: *" },
	{ "{" HEAD ",\"tasks\":[{\"pid\":1,\"comm\":\"\xc0\xaf\"}]}", "line 1: *" },
	{ "{" HEAD ",\"tasks\":[{\"pid\":1,", "line 1: *" },
	{ "{" HEAD ",\"tasks\":[", "line 1: *" },
	{ "{" HEAD ",\"tasks\":{}}", "tasks: not a list" },
	{ "{" HEAD ",\"tasks\":null}", "tasks: not a list" },
	{ "{" HEAD ",\"tasks\":[{\"pid\":1},7]}", "tasks[1]: not an object" },
	{ "{" HEAD ",\"tasks\":[{}]}", "tasks[0]: has no \"pid\"" },
	{ "{\"nskit\":{\"schema\":\"nskit-snapshot/1\",\"tool\":\"t\",\"gaps\":{}}}", "nskit: gaps: not a list" },
	{ "{\"nskit\":{\"schema\":\"nskit-snapshot/1\",\"tool\":\"t\",\"gaps\":[{\"what\":\"a\"},{}]}}",
	  "nskit.gaps[1]: has no \"what\"" },
	{ "{\"nskit\":{\"schema\":\"nskit-snapshot/1\",\"tool\":\"t\",\"gaps\":[{\"what\":\"a\",\"errno\":\"EFOO\"}]}}",
	  "nskit.gaps[0].errno: not the name of an errno" },
	{ "{\"nskit\":{\"schema\":\"nskit-snapshot/1\",\"tool\":1}}", "nskit.tool: not a string" },
	{ "{\"nskit\":{\"schema\":\"nskit-snapshot/1\",\"tool\":\"\",\"taken\":\"2026-02-30T00:00:00Z\"}}",
	  "nskit.taken: not a time like 2026-11-23T09:12:44.5Z" },
	{ "{\"nskit\":{\"schema\":\"nskit-snapshot/1\",\"tool\":\"\",\"taken\":\"9999-01-01T00:00:00Z\"}}",
	  "nskit.taken: not a time like 2026-11-23T09:12:44.5Z" },
	{ "{\"nskit\":{\"schema\":\"nskit-snapshot/1\",\"tool\":\"\",\"taken\":\"2026-01-01T00:00:00.1234567891Z\"}}",
	  "nskit.taken: not a time like 2026-11-23T09:12:44.5Z" },
	{ "{\"nskit\":{\"schema\":\"nskit-snapshot/1\",\"tool\":\"\",\"wants\":[1]}}", "nskit.wants: not a list of names" },
	{ "{\"nskit\":{\"schema\":\"nskit-snapshot/1\",\"tool\":\"\",\"wants\":\"tasks\"}}", "nskit.wants: not a list" },
	{ "{\"nskit\":{\"schema\":\"nskit-snapshot/1\",\"tool\":\"\",\"initial_view\":1}}",
	  "nskit.initial_view: neither true nor false" },
	{ "{" HEAD ",\"namespaces\":[{\"type\":\"nett\"}]}",
	  "namespaces[0].type: not one of mnt, net, pid, uts, ipc, user, cgroup, time" },
	{ "{" HEAD ",\"namespaces\":[{\"type\":null}]}",
	  "namespaces[0].type: not one of mnt, net, pid, uts, ipc, user, cgroup, time" },
	{ "{" HEAD ",\"namespaces\":[{\"type\":3}]}",
	  "namespaces[0].type: not one of mnt, net, pid, uts, ipc, user, cgroup, time" },
	{ "{" HEAD ",\"containers\":[{\"id\":null,\"name\":null}]}", "containers[0]: has no \"id\"" },
	{ NS("\"ns\":-1"), "namespaces[1].ns: -1 is out of range" },
	{ NS("\"ns\":4294967296"), "namespaces[1].ns: 4294967296 is out of range" },
	{ NS("\"ns\":1.0"), "namespaces[1].ns: not a whole number" },
	{ NS("\"ns\":null"), "namespaces[1].ns: not a whole number" },
	{ NS("\"ns\":99999999999999999999"), "line 1: *" },
	{ NS("\"id\":5"), "namespaces[1].id: not a decimal number in a string" },
	{ NS("\"id\":\"18446744073709551616\""), "namespaces[1].id: not a decimal number in a string" },
	{ NS("\"id\":\"-1\""), "namespaces[1].id: not a decimal number in a string" },
	{ NS("\"parent\":1"), "namespaces[1].parent: 1 is no number of a namespace" },
	{ NS("\"parent\":4095"), "namespaces[1].parent: 4095 is no number of a namespace" },
	{ NS("\"level\":-1"), "namespaces[1].level: -1 is out of range" },
	{ NS("\"level\":null,\"denied\":{\"level\":\"errno 4096\"}"), "namespaces[1].level: not the name of an errno" },
	{ NS("\"level\":null,\"denied\":{\"level\":1}"), "namespaces[1].level: not the name of an errno" },
	{ NS("\"uid_map\":[{\"inside\":0},{\"inside\":\"0\"}]"), "namespaces[1].uid_map[1].inside: not a whole number" },
	{ NS("\"uid_map\":[[]]"), "namespaces[1].uid_map[0]: not an object" },
	{ NS("\"uid_map\":{}"), "namespaces[1].uid_map: not a list" },
	{ TASK("\"comm\":5"), "tasks[0].comm: not a string" },
	{ TASK("\"comm\":\"a\\u0000b\""), "line 1: *" },
	{ TASK("\"comm\":\"a\\\\x00b\""), "tasks[0].comm: a NUL byte in a string" },
	{ TASK("\"comm\":\"\\ud800\""), "line 1: *" },
	{ TASK("\"nspid\":[1,\"2\"]"), "tasks[0].nspid[1]: not a whole number" },
	{ TASK("\"nspid\":1"), "tasks[0].nspid: not a list" },
	{ TASK("\"start\":-5"), "tasks[0].start: -5 is out of range" },
};

static void bad_files(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		char error[256] = "";
		struct snap s;
		int err = load_text(&s, bad[i].text, strlen(bad[i].text), PLENTY, error, sizeof(error));

		if (err != -EINVAL || strncmp(error, bad[i].error, strcspn(bad[i].error, "*")) ||
		    (!strchr(bad[i].error, '*') && strcmp(error, bad[i].error)) || strpbrk(error, "\n\033"))
			fail_msg("%s:\ngot %d, %s\nexpected %s", bad[i].text, err, error, bad[i].error);
		assert_null(s.tasks); /* untouched */
		/* The same with less room for the message. */
		char *small = malloc(8);

		assert_int_equal(load_text(&s, bad[i].text, strlen(bad[i].text), PLENTY, small, 8), -EINVAL);
		assert_true(strlen(small) < 8);
		free(small);
	}
}

/* A newer program of the same version may say more. */
static const char *const good[] = {
	"{" HEAD "}",
	" {\n\"new\" : [ {\"x\":[1,2.5e3,\"\\u00e9\"]} ] ,\t" HEAD " } \r\n",
	"{\"tasks\":[{\"pid\":1}]," HEAD "}",
	"{" HEAD ",\"tasks\":[],\"tasks\":[{\"pid\":1,\"new\":{}}]}",
	"{" HEAD "," HEAD "}",
	"{\"n\":12,\"m\":true," HEAD ",\"o\":-1.5,\"p\":null}",
	"{\"nskit\":{\"schema\":\"nskit-snapshot/1\",\"tool\":null,\"wants\":[\"tasks\",\"telepathy\"]}}",
	NS("\"parent\":0,\"id\":\"0\",\"level\":null,\"owner\":4026531837"),
	TASK("\"nspid\":[],\"comm\":\"\xe2\x80\xae\",\"denied\":{\"net\":\"EPERM\",\"more\":1}"),
};

/* Taken; and what is saved of them is what is loaded again. */
static void good_files(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		char error[256];
		struct memory a, b;
		struct snap s, again;

		if (load_text(&s, good[i], strlen(good[i]), PLENTY, error, sizeof(error)))
			fail_msg("%s: %s", good[i], error);
		saved(&s, &a);
		assert_int_equal(load_text(&again, a.text, a.len, PLENTY, error, sizeof(error)), 0);
		assert_string_equal(saved(&again, &b), a.text);
		snap_done(&s);
		snap_done(&again);
		free(a.text);
		free(b.text);
	}
}

/* Of equal keys the last one counts, with all that belongs to it. */
static void second_header(void **state)
{
	static const char text[] =
		"{\"nskit\":{\"schema\":\"nskit-snapshot/1\",\"tool\":\"a\",\"host\":\"h\",\"gaps\":[{\"what\":\"x\"}]},"
		"\"nskit\":{\"schema\":\"nskit-snapshot/1\",\"tool\":\"b\",\"gaps\":[{\"what\":\"y\"}]}}";
	char error[256];
	struct snap s;

	(void)state;
	assert_int_equal(load_text(&s, text, strlen(text), PLENTY, error, sizeof(error)), 0);
	assert_string_equal(s.head.tool, "b");
	assert_null(s.head.host);
	assert_int_equal(s.n_gaps, 1);
	assert_string_equal(s.gaps[0].what, "y");
	snap_done(&s);
}

/* A file that was cut off anywhere is refused. */
static void every_truncation(void **state)
{
	struct memory m;
	struct snap s, loaded;
	char error[256];

	(void)state;
	fill(&s);
	s.n_tasks = 2;
	saved(&s, &m);
	for (size_t len = 0; len + 2 < m.len; len++) { /* "}\n" */
		char *exact = malloc(len ? len : 1);

		memcpy(exact, m.text, len);
		if (load_text(&loaded, exact, len, PLENTY, error, sizeof(error)) != -EINVAL)
			fail_msg("the first %zu bytes were taken", len);
		assert_true(*error && !strpbrk(error, "\n\033"));
		free(exact);
	}
	snap_done(&s);
	free(m.text);
}

static void too_large(void **state)
{
	char error[256];
	struct snap s;

	(void)state;
	assert_int_equal(load_text(&s, good[0], strlen(good[0]), strlen(good[0]) - 1, error, sizeof(error)), -EFBIG);
	assert_non_null(strstr(error, "larger than"));
	assert_int_equal(load_text(&s, good[0], strlen(good[0]), strlen(good[0]), error, sizeof(error)), 0);
	snap_done(&s);
}

/* Errors of the stream: a directory cannot be read, a full disk not be written. */
static void stream_errors(void **state)
{
	char error[256];
	struct snap s;
	FILE *f = fopen("/", "r");

	(void)state;
	snap_init(&s);
	assert_non_null(f);
	assert_int_equal(snap_load(&s, f, PLENTY, error, sizeof(error)), -EISDIR);
	assert_string_equal(error, "cannot be read: Is a directory");
	fclose(f);
	f = fopen("/dev/full", "w");
	assert_non_null(f);
	assert_int_equal(snap_save(&s, f), -ENOSPC);
	fclose(f);
}

/* What was there before stays when loading fails, and goes when it does not. */
static void replaces_only_on_success(void **state)
{
	FILE *f = fmemopen((void *)(uintptr_t)bad[0x20].text, strlen(bad[0x20].text), "r");
	char error[256];
	struct snap s;

	(void)state;
	fill(&s);
	assert_non_null(f);
	assert_int_equal(snap_load(&s, f, PLENTY, error, sizeof(error)), -EINVAL);
	assert_int_equal(s.n_tasks, 20);
	fclose(f);
	f = fmemopen((void *)(uintptr_t)good[0], strlen(good[0]), "r");
	assert_non_null(f);
	assert_int_equal(snap_load(&s, f, PLENTY, error, sizeof(error)), 0);
	assert_int_equal(s.n_tasks, 0);
	fclose(f);
	snap_done(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(round_trip),    cmocka_unit_test(empty_round_trip),
		cmocka_unit_test(every_kind),    cmocka_unit_test(bad_files),
		cmocka_unit_test(good_files),    cmocka_unit_test(every_truncation),
		cmocka_unit_test(too_large),     cmocka_unit_test(stream_errors),
		cmocka_unit_test(second_header), cmocka_unit_test(replaces_only_on_success),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
