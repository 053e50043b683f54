// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Any bytes as what decides about a process's calls: a seccomp filter, a BPF program of a control group with its map, and the files and
 * attributes that credentials are read from. The machines end, say the same twice, and say nothing of what they refuse; the first byte
 * tells which it is: 'c', 'e', or a text.
 */
#include <linux/seccomp.h>

#include "collect/guards.h"
#include "why/aim.h"
#include "why/cbpf.h"
#include "why/ebpf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void need(bool ok)
{
	if (!ok)
		abort();
}

/* Before the instructions: what the program is asked about. */
struct head {
	uint8_t what, hook, six, unknown, n_map, nr;
	uint16_t port;
};

/* The rest of the bytes as whole instructions, where they may be read as numbers. NULL: none. */
static uint32_t *take_code(const uint8_t *data, size_t size, size_t *n)
{
	uint32_t *code = NULL;

	*n = size / 8;
	if (*n) {
		code = malloc(*n * 8);
		need(code);
		memcpy(code, data, *n * 8);
	}
	return code;
}

static void run_filter(const struct head *h, const uint32_t *code, size_t n)
{
	struct cbpf_call call = { .nr = h->nr, .arch = 0xc000003e, .args = { 2, 1, h->port, 28 }, .unknown = h->unknown & 63 };
	uint32_t first = 0x5eed, again = 0x5eed;
	bool guessed = false, guessed_again = false;
	int err = cbpf_run(code, n, &call, &first, &guessed);

	need(err == 0 || err == -EINVAL);
	need(err == cbpf_run(code, n, &call, &again, &guessed_again) && first == again && guessed == guessed_again);
	need(!err || (first == 0x5eed && !guessed));
	need(!guessed || call.unknown);
	need(cbpf_stricter(SECCOMP_RET_ALLOW, first) == first || (first & SECCOMP_RET_ACTION_FULL) >= SECCOMP_RET_ALLOW);
}

static void run_program(const struct head *h, const uint32_t *map, const uint32_t *code, size_t n)
{
	struct snap_cgmap m = { .id = 1, .words = map, .n_words = h->n_map & 15 };
	struct snap s = { .cgmaps = &m, .n_cgmaps = 1 };
	struct snap_cgprog p = { .hook = h->hook % CGPROG_LSM, .insns = code, .n_insns = (uint32_t)n * 2 };
	struct why why = { 0 };
	struct why_query q;
	struct why_state st = { .s = &s, .q = &q, .why = &why };
	bool waives = false, waives_again = false;
	enum ebpf_answer a;

	aim_init(&q);
	q.port = h->port;
	q.addr.family = h->six & 1 ? 6 : 4;
	a = ebpf_judge(&st, &p, &waives);
	need(a == ebpf_judge(&st, &p, &waives_again) && waives == waives_again);
	need(!waives || a == EBPF_ALLOWS);
}

static void read_text(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);
	struct guard_status st;
	uint64_t caps = 7;
	bool effective;
	int64_t n;

	need(text);
	memcpy(text, data, size);
	text[size] = '\0';
	if (!guards_parse_status(text, size, &st)) {
		need(!st.n_groups == !st.groups);
		need(OPT_VALUE(st.seccomp) || st.seccomp == OPT_NONE);
		need(OPT_VALUE(st.seccomp_filters) || st.seccomp_filters == OPT_NONE);
		free(st.groups);
	}
	n = guards_parse_nofile(text, size);
	need(OPT_VALUE(n) || n == OPT_NONE);
	if (guards_parse_file_caps(data, size, &caps, &effective))
		need(caps == 7);
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint32_t map[16] = { 0 }, *code;
	struct head h;
	size_t n, map_size;

	if (!size || (data[0] != 'c' && data[0] != 'e')) {
		read_text(data + (size != 0), size - (size != 0));
		return 0;
	}
	if (size < sizeof(h))
		return 0;
	memcpy(&h, data, sizeof(h));
	data += sizeof(h);
	size -= sizeof(h);
	map_size = h.what == 'e' ? MIN((size_t)(h.n_map & 15) * 4, size) : 0;
	memcpy(map, data, map_size);
	code = take_code(data + map_size, size - map_size, &n);
	if (h.what == 'c')
		run_filter(&h, code, n);
	else
		run_program(&h, map, code, n);
	free(code);
	return 0;
}
