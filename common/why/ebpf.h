// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * BPF programs of control groups, run by ourselves: what they would answer to a call that nobody makes. The code is the kernel's own
 * translation ("xlated"), in which accesses to the context have become loads from kernel structures; those that such programs look at
 * are stood in for. Whatever else a program does (helpers with effects, maps with more than one element) makes its answer unknown. Pure.
 */
#ifndef NSKIT_WHY_EBPF_H
#define NSKIT_WHY_EBPF_H

#include "why/why.h"

enum ebpf_answer { EBPF_DENIES, EBPF_ALLOWS, EBPF_UNKNOWN };

/* *waives is set when it spares the call the question whether the port is privileged. */
enum ebpf_answer ebpf_judge(const struct why_state *st, const struct snap_cgprog *p, bool *waives);

#endif
