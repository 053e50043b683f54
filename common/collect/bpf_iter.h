// SPDX-License-Identifier: GPL-2.0-or-later
/* Running a BPF iterator once, whichever way its program could be loaded. */
#ifndef NSKIT_BPF_ITER_H
#define NSKIT_BPF_ITER_H

#include <stddef.h>
#include <sys/types.h>

/*
 * Attach an iterator program and hand its output to a function, a buffer at a time. take() returns how many bytes it used up; the
 * rest comes again in front of what follows. 0, or -errno of bpf(BPF_LINK_CREATE), bpf(BPF_ITER_CREATE) or read(2).
 */
int bpf_iter_run(int prog_fd, size_t (*take)(const char *buf, size_t len, void *arg), void *arg);

/*
 * Call before any skeleton is opened. 0, or -EPERM when the environment says NSKIT_NO_BPF (any value): then all is done as on a
 * kernel without BPF. Also keeps libbpf from speaking to stderr.
 */
int bpf_prepare(void);

#endif
