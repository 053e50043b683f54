// SPDX-License-Identifier: GPL-2.0-or-later
#include <arpa/inet.h>
#include <linux/bpf.h>
#include <linux/in6.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "util/words.h"
#include "why/checks.h"
#include "why/ebpf.h"
#include "why/look.h"

/* What a register holds: a number, an offset into something that is stood in for, or nobody knows what. */
enum kind { NUMBER, CONTEXT, SOCKADDR, SOCK, STACK, DATA, UNKNOWN };

struct reg {
	uint64_t v; /* the number, or the offset */
	uint8_t kind;
	uint32_t map; /* DATA: its id */
};

enum { STACK_SIZE = 512, SOCK_SIZE = 2048, MAX_STEPS = 1 << 17, R10 = 10 };

struct vm {
	const struct why_state *st;
	bool post;   /* the context is a struct sock itself, not a struct bpf_sock_addr_kern */
	bool create; /* and nothing was done with it yet */
	uint8_t sockaddr[28], sock[SOCK_SIZE], sock_known[SOCK_SIZE];
	uint64_t mark, priority;                 /* where it keeps them; 0: not known */
	struct reg r[11], stack[STACK_SIZE / 8]; /* whole slots only */
};

static const struct reg unknown = { 0, UNKNOWN, 0 };

static struct reg number(uint64_t v)
{
	return (struct reg){ v, NUMBER, 0 };
}

/* --- what stands in for the kernel's structures ---------------------------------------------------------------------------- */

static void set_known(struct vm *m, uint64_t off, const void *value, size_t size)
{
	if (off > sizeof(m->sock) - size)
		return;
	memcpy(m->sock + off, value, size);
	memset(m->sock_known + off, 1, size);
}

/* Whose offsets depend on how the kernel was built: guards_sock() has found them out. */
static void fill_fields(struct vm *m, const struct why_query *q)
{
	const char *list = look_sysctl(m->st->s, 0, "sock-fields");
	uint64_t at[4], zero = 0; /* type, protocol, mark, priority */
	uint16_t type = (uint16_t)asked_type(q), protocol = (uint16_t)asked_protocol(q);

	if (!list || words_numbers(list, at, 4) != 4)
		return;
	set_known(m, at[0], &type, 2);
	if (q->netid != NETID_RAW) /* of which the query says nothing */
		set_known(m, at[1], &protocol, 2);
	if (m->create) {
		set_known(m, at[2], &zero, 4);
		set_known(m, at[3], &zero, 4);
	}
	m->mark = at[2];
	m->priority = at[3];
}

/* The head of struct sock_common (include/net/sock.h), which has stood still since 3.14. */
static void fill_sock(struct vm *m, const struct why_query *q)
{
	uint16_t family = q->addr.family == 6 ? AF_INET6 : AF_INET, num = m->post && !m->create ? (uint16_t)q->port : 0;
	uint32_t device = m->create ? 0 : asked_device(m->st);
	struct ipaddr v4 = ipaddr_unmap(&q->addr);
	const uint8_t zero[8] = { 0 }, closed = STATE_UNCONN;

	set_known(m, 0, zero, 4);  /* skc_daddr */
	set_known(m, 12, zero, 2); /* skc_dport */
	if (m->create)
		set_known(m, 4, zero, 4);
	else if (v4.family == 4)
		set_known(m, 4, v4.bytes, 4); /* skc_rcv_saddr */
	if ((q->port || !m->post || m->create) && q->netid != NETID_RAW)
		set_known(m, 14, &num, 2); /* skc_num */
	set_known(m, 16, &family, 2);      /* skc_family */
	set_known(m, 18, &closed, 1);      /* skc_state */
	set_known(m, 20, &device, 4);      /* skc_bound_dev_if */
	fill_fields(m, q);
}

static void fill_sockaddr(struct vm *m, const struct why_query *q)
{
	struct sockaddr_in four = { .sin_family = AF_INET, .sin_port = htons((uint16_t)q->port) };
	struct sockaddr_in6 six = { .sin6_family = AF_INET6, .sin6_port = htons((uint16_t)q->port) };

	memcpy(&four.sin_addr, q->addr.bytes, 4);
	memcpy(&six.sin6_addr, q->addr.bytes, 16);
	if (q->addr.family == 6)
		memcpy(m->sockaddr, &six, sizeof(six));
	else
		memcpy(m->sockaddr, &four, sizeof(four));
}

/* --- memory ---------------------------------------------------------------------------------------------------------------- */

static struct reg read_bytes(const uint8_t *bytes, size_t room, uint64_t off, size_t size)
{
	uint64_t v = 0;

	if (off > room || size > room - off)
		return unknown;
	memcpy(&v, bytes + off, size); /* the program's machine is ours: little endian */
	return number(v);
}

static struct reg read_map(const struct vm *m, uint32_t id, uint64_t off, size_t size)
{
	for (size_t i = 0; i < m->st->s->n_cgmaps; i++)
		if (m->st->s->cgmaps[i].id == id)
			return read_bytes((const uint8_t *)m->st->s->cgmaps[i].words, m->st->s->cgmaps[i].n_words * 4u, off, size);
	return unknown;
}

static struct reg read_sock(const struct vm *m, uint64_t off, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (off + i >= sizeof(m->sock) || !m->sock_known[off + i])
			return unknown;
	return read_bytes(m->sock, sizeof(m->sock), off, size);
}

static struct reg load(const struct vm *m, struct reg base, int16_t off, size_t size)
{
	uint64_t at = base.v + (uint64_t)(int64_t)off;

	switch (base.kind) {
	case CONTEXT:
		if (m->post)
			return read_sock(m, at, size);
		/* struct bpf_sock_addr_kern (include/linux/filter.h): sk, uaddr */
		if (size == 8 && at == 0)
			return (struct reg){ 0, SOCK, 0 };
		return size == 8 && at == 8 ? (struct reg){ 0, SOCKADDR, 0 } : unknown;
	case SOCKADDR:
		return read_bytes(m->sockaddr, sizeof(m->sockaddr), at, size);
	case SOCK:
		return read_sock(m, at, size);
	case DATA:
		return read_map(m, base.map, at, size);
	case STACK:
		return size == 8 && !(at & 7) && at < STACK_SIZE ? m->stack[at / 8] : unknown;
	}
	return unknown;
}

/* False: it writes where others would see it, and what would go on from there. A socket's mark and priority decide about no call. */
static bool store(struct vm *m, struct reg base, int16_t off, size_t size, struct reg value)
{
	uint64_t at = base.v + (uint64_t)(int64_t)off;

	if (m->create && base.kind == CONTEXT && at && (at == m->mark || at == m->priority)) {
		memset(m->sock_known + at, 0, MIN(size, sizeof(m->sock_known) - at));
		return true;
	}
	if (base.kind != STACK || at >= STACK_SIZE)
		return false;
	m->stack[at / 8] = size == 8 && !(at & 7) ? value : unknown;
	return true;
}

/* --- arithmetic ------------------------------------------------------------------------------------------------------------ */

static uint64_t compute(uint8_t op, uint64_t a, uint64_t b, unsigned int bits, bool *known)
{
	switch (op) {
	case BPF_ADD:
		return a + b;
	case BPF_SUB:
		return a - b;
	case BPF_MUL:
		return a * b;
	case BPF_DIV:
		return b ? a / b : 0;
	case BPF_MOD:
		return b ? a % b : a;
	case BPF_OR:
		return a | b;
	case BPF_AND:
		return a & b;
	case BPF_XOR:
		return a ^ b;
	case BPF_LSH:
		return a << (b & (bits - 1));
	case BPF_RSH:
		return a >> (b & (bits - 1));
	case BPF_ARSH:
		return bits == 64 ? (uint64_t)((int64_t)a >> (b & 63)) : (uint32_t)((int32_t)a >> (b & 31));
	case BPF_NEG:
		return -a;
	case BPF_MOV:
		return b;
	}
	*known = false;
	return 0;
}

static struct reg swap_bytes(struct reg a, const struct bpf_insn *in)
{
	bool swap = BPF_SRC(in->code) == BPF_TO_BE || BPF_CLASS(in->code) == BPF_ALU64;

	if (a.kind != NUMBER)
		return unknown;
	switch (in->imm) {
	case 16:
		return number(swap ? __builtin_bswap16((uint16_t)a.v) : (uint16_t)a.v);
	case 32:
		return number(swap ? __builtin_bswap32((uint32_t)a.v) : (uint32_t)a.v);
	}
	return number(swap ? __builtin_bswap64(a.v) : a.v);
}

static struct reg arithmetic(const struct vm *m, const struct bpf_insn *in)
{
	bool wide = BPF_CLASS(in->code) == BPF_ALU64, known = in->off == 0; /* off: signed forms of later kernels */
	struct reg a = m->r[in->dst_reg], b = BPF_SRC(in->code) == BPF_X ? m->r[in->src_reg] : number((uint64_t)(int64_t)in->imm);
	uint8_t op = BPF_OP(in->code);

	if (op == BPF_END)
		return swap_bytes(a, in);
	if (op == BPF_MOV && wide && known)
		return b;
	if (wide && (op == BPF_ADD || op == BPF_SUB) && a.kind != NUMBER && a.kind != UNKNOWN && b.kind == NUMBER) {
		a.v = op == BPF_ADD ? a.v + b.v : a.v - b.v;
		return a;
	}
	if ((a.kind != NUMBER && op != BPF_MOV) || b.kind != NUMBER)
		return unknown;
	if (!wide) {
		a.v = (uint32_t)a.v;
		b.v = (uint32_t)b.v;
	}
	a = number(compute(op, a.v, b.v, wide ? 64 : 32, &known));
	if (!wide)
		a.v = (uint32_t)a.v;
	return known ? a : unknown;
}

/* 1 taken, 0 not, -1 unknown. */
static int jumps(const struct vm *m, const struct bpf_insn *in)
{
	struct reg a = m->r[in->dst_reg], b = BPF_SRC(in->code) == BPF_X ? m->r[in->src_reg] : number((uint64_t)(int64_t)in->imm);
	bool wide = BPF_CLASS(in->code) == BPF_JMP;
	uint64_t x = wide ? a.v : (uint32_t)a.v, y = wide ? b.v : (uint32_t)b.v;
	int64_t sx = wide ? (int64_t)a.v : (int32_t)a.v, sy = wide ? (int64_t)b.v : (int32_t)b.v;

	if (a.kind != NUMBER && a.kind != UNKNOWN && b.kind == NUMBER && !b.v) /* is a pointer NULL? none of ours is */
		return BPF_OP(in->code) == BPF_JNE ? 1 : BPF_OP(in->code) == BPF_JEQ ? 0 : -1;
	if (a.kind != NUMBER || b.kind != NUMBER)
		return -1;
	switch (BPF_OP(in->code)) {
	case BPF_JEQ:
		return x == y;
	case BPF_JNE:
		return x != y;
	case BPF_JGT:
		return x > y;
	case BPF_JGE:
		return x >= y;
	case BPF_JLT:
		return x < y;
	case BPF_JLE:
		return x <= y;
	case BPF_JSET:
		return (x & y) != 0;
	case BPF_JSGT:
		return sx > sy;
	case BPF_JSGE:
		return sx >= sy;
	case BPF_JSLT:
		return sx < sy;
	case BPF_JSLE:
		return sx <= sy;
	}
	return -1;
}

/* --- running --------------------------------------------------------------------------------------------------------------- */

static size_t size_of(uint8_t code)
{
	return BPF_SIZE(code) == BPF_B ? 1 : BPF_SIZE(code) == BPF_H ? 2 : BPF_SIZE(code) == BPF_W ? 4 : 8;
}

/* A constant of 64 bits takes two instructions; the address of a map's value is one of those. */
static struct reg constant(const struct bpf_insn *in)
{
	if (in->src_reg == BPF_PSEUDO_MAP_VALUE)
		return (struct reg){ (uint32_t)in[1].imm, DATA, (uint32_t)in->imm };
	return in->src_reg ? unknown : number((uint32_t)in->imm | (uint64_t)(uint32_t)in[1].imm << 32);
}

/* One instruction. 1 go on, 0 the end, -1 it can't be told. *pc is moved. */
static int step(struct vm *m, const struct bpf_insn *code, size_t n, size_t *pc)
{
	const struct bpf_insn *in = &code[(*pc)++];
	int taken;

	if (in->dst_reg > R10 || in->src_reg > R10)
		return -1;
	switch (BPF_CLASS(in->code)) {
	case BPF_ALU:
	case BPF_ALU64:
		m->r[in->dst_reg] = arithmetic(m, in);
		return 1;
	case BPF_LDX:
		m->r[in->dst_reg] =
			BPF_MODE(in->code) == BPF_MEM ? load(m, m->r[in->src_reg], in->off, size_of(in->code)) : unknown;
		return 1;
	case BPF_LD:
		if (in->code != (BPF_LD | BPF_DW | BPF_IMM) || *pc >= n) /* NOLINT(misc-redundant-expression): two of them are 0 */
			return -1;
		m->r[in->dst_reg] = constant(in);
		++*pc;
		return 1;
	case BPF_ST:
	case BPF_STX:
		if (BPF_MODE(in->code) != BPF_MEM) /* atomic, or a barrier against speculation */
			return BPF_CLASS(in->code) == BPF_ST ? 1 : -1;
		return store(m, m->r[in->dst_reg], in->off, size_of(in->code),
			     BPF_CLASS(in->code) == BPF_ST ? number((uint64_t)(int64_t)in->imm) : m->r[in->src_reg])
			       ? 1
			       : -1;
	}
	if (in->code == (BPF_JMP | BPF_EXIT))
		return 0;
	if (BPF_OP(in->code) == BPF_CALL)
		return -1;
	taken = BPF_OP(in->code) == BPF_JA ? 1 : jumps(m, in);
	if (taken > 0)
		*pc += (size_t)(int64_t)in->off;
	return taken < 0 ? -1 : 1;
}

enum ebpf_answer ebpf_judge(const struct why_state *st, const struct snap_cgprog *p, bool *waives)
{
	bool create = p->hook == CGPROG_SOCK_CREATE;
	struct vm m = { .st = st,
			.post = create || p->hook == CGPROG_POST_BIND4 || p->hook == CGPROG_POST_BIND6,
			.create = create };
	const struct bpf_insn *code = (const struct bpf_insn *)(const void *)p->insns;
	size_t n = p->insns ? p->n_insns / 2 : 0, pc = 0;
	int more = 1;

	fill_sockaddr(&m, st->q);
	fill_sock(&m, st->q);
	for (size_t i = 0; i < ARRAY_SIZE(m.r); i++)
		m.r[i] = unknown;
	for (size_t i = 0; i < ARRAY_SIZE(m.stack); i++)
		m.stack[i] = unknown;
	m.r[1] = (struct reg){ 0, CONTEXT, 0 };
	m.r[R10] = (struct reg){ STACK_SIZE, STACK, 0 };
	for (int steps = 0; more > 0; steps++)
		more = steps < MAX_STEPS && pc < n ? step(&m, code, n, &pc) : -1;
	if (more < 0 || m.r[0].kind != NUMBER)
		return EBPF_UNKNOWN;
	*waives |= (m.r[0].v & 3) == 3; /* BPF_RET_BIND_NO_CAP_NET_BIND_SERVICE */
	return m.r[0].v & 1 ? EBPF_ALLOWS : EBPF_DENIES;
}
