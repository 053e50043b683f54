// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <string.h>

#include "why/cbpf.h"

struct machine {
	uint32_t a, x, mem[BPF_MEMWORDS];
	uint32_t words[sizeof(struct seccomp_data) / 4];
	uint8_t unknown[sizeof(struct seccomp_data) / 4];
	bool guessed;
};

static void fill(struct machine *m, const struct cbpf_call *call)
{
	struct seccomp_data data = { .nr = (int)call->nr, .arch = call->arch };
	const size_t first = offsetof(struct seccomp_data, args) / 4;

	memcpy(data.args, call->args, sizeof(data.args));
	memcpy(m->words, &data, sizeof(data));
	for (size_t i = 0; i < 6; i++)
		m->unknown[first + 2 * i] = m->unknown[first + 2 * i + 1] = call->unknown >> i & 1;
}

static int load(struct machine *m, uint32_t off)
{
	if (off & 3 || off / 4 >= sizeof(m->words) / 4)
		return -EINVAL;
	if (m->unknown[off / 4])
		m->guessed = true;
	m->a = m->words[off / 4];
	return 0;
}

static int compute(struct machine *m, uint16_t code, uint32_t operand)
{
	switch (BPF_OP(code)) {
	case BPF_ADD:
		m->a += operand;
		return 0;
	case BPF_SUB:
		m->a -= operand;
		return 0;
	case BPF_MUL:
		m->a *= operand;
		return 0;
	case BPF_DIV:
		if (!operand)
			return -EINVAL; /* the kernel returns 0 then: SECCOMP_RET_KILL_THREAD */
		m->a /= operand;
		return 0;
	case BPF_OR:
		m->a |= operand;
		return 0;
	case BPF_AND:
		m->a &= operand;
		return 0;
	case BPF_XOR:
		m->a ^= operand;
		return 0;
	case BPF_LSH:
		m->a = operand < 32 ? m->a << operand : 0;
		return 0;
	case BPF_RSH:
		m->a = operand < 32 ? m->a >> operand : 0;
		return 0;
	case BPF_NEG:
		m->a = -m->a;
		return 0;
	}
	return -EINVAL;
}

static int compare(const struct machine *m, uint16_t code, uint32_t operand, bool *holds)
{
	switch (BPF_OP(code)) {
	case BPF_JEQ:
		*holds = m->a == operand;
		return 0;
	case BPF_JGT:
		*holds = m->a > operand;
		return 0;
	case BPF_JGE:
		*holds = m->a >= operand;
		return 0;
	case BPF_JSET:
		*holds = m->a & operand;
		return 0;
	}
	return -EINVAL;
}

/* Loads and stores that seccomp_check_filter() lets through. */
static int move(struct machine *m, uint16_t code, uint32_t k)
{
	switch (code) {
	case BPF_LD | BPF_W | BPF_ABS:
		return load(m, k);
	case BPF_LD | BPF_W | BPF_LEN:
		m->a = sizeof(struct seccomp_data);
		return 0;
	case BPF_LDX | BPF_W | BPF_LEN:
		m->x = sizeof(struct seccomp_data);
		return 0;
	case BPF_LD | BPF_IMM:
		m->a = k;
		return 0;
	case BPF_LDX | BPF_IMM:
		m->x = k;
		return 0;
	case BPF_MISC | BPF_TAX:
		m->x = m->a;
		return 0;
	case BPF_MISC | BPF_TXA:
		m->a = m->x;
		return 0;
	}
	if (k >= BPF_MEMWORDS)
		return -EINVAL;
	switch (code) {
	case BPF_LD | BPF_MEM:
		m->a = m->mem[k];
		return 0;
	case BPF_LDX | BPF_MEM:
		m->x = m->mem[k];
		return 0;
	case BPF_ST:
		m->mem[k] = m->a;
		return 0;
	case BPF_STX:
		m->mem[k] = m->x;
		return 0;
	}
	return -EINVAL;
}

int cbpf_run(const uint32_t *insns, size_t n, const struct cbpf_call *call, uint32_t *answer, bool *guessed)
{
	struct machine m = { 0 };

	fill(&m, call);
	for (size_t pc = 0; pc < n; pc++) { /* jumps only lead forward, so that it ends */
		uint16_t code = (uint16_t)insns[2 * pc];
		uint32_t k = insns[2 * pc + 1], operand = BPF_SRC(code) == BPF_X ? m.x : k;
		bool holds;
		int err = 0;

		switch (BPF_CLASS(code)) {
		case BPF_RET:
			*answer = BPF_RVAL(code) == BPF_A ? m.a : k;
			*guessed |= m.guessed;
			return 0;
		case BPF_ALU:
			err = compute(&m, code, operand);
			break;
		case BPF_JMP:
			if (BPF_OP(code) == BPF_JA) {
				pc += k;
				break;
			}
			err = compare(&m, code, operand, &holds);
			pc += err ? 0 : holds ? insns[2 * pc] >> 16 & 0xff : insns[2 * pc] >> 24;
			break;
		default:
			err = move(&m, code, k);
		}
		if (err)
			return err;
	}
	return -EINVAL;
}

uint32_t cbpf_stricter(uint32_t a, uint32_t b)
{
	return (int32_t)(b & SECCOMP_RET_ACTION_FULL) < (int32_t)(a & SECCOMP_RET_ACTION_FULL) ? b : a;
}
