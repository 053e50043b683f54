// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Seccomp filters, run by ourselves: what they answer to a system call that nobody makes. Classic BPF over struct seccomp_data
 * (seccomp_check_filter and seccomp_run_filters, kernel/seccomp.c). Pure; any bytes will do as a program.
 */
#ifndef NSKIT_WHY_CBPF_H
#define NSKIT_WHY_CBPF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cbpf_call {
	uint32_t nr, arch; /* __NR_*, AUDIT_ARCH_* */
	uint64_t args[6];
	uint8_t unknown; /* bits: arguments that are not known (pointers, descriptors) */
};

/*
 * Run a program (two numbers an instruction: code | jt << 16 | jf << 24, k). 0 and the answer (SECCOMP_RET_*), or -EINVAL for what is
 * no valid filter. *guessed is set when an argument that is not known was looked at.
 */
int cbpf_run(const uint32_t *insns, size_t n, const struct cbpf_call *call, uint32_t *answer, bool *guessed);

/* Of two answers the one that wins: the more restrictive, the first of equals. */
uint32_t cbpf_stricter(uint32_t a, uint32_t b);

#endif
