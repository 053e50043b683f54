// SPDX-License-Identifier: GPL-2.0-or-later
#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "collect/bpf_iter.h"
#include "util/util.h"

enum { BUFFER = 64 * 1024 }; /* the kernel hands out 32 kB at a time at the most (bpf_seq_read, kernel/bpf/bpf_iter.c) */

int bpf_iter_run(int prog_fd, size_t (*take)(const char *buf, size_t len, void *arg), void *arg)
{
	CLEAN_FD int link = bpf_link_create(prog_fd, 0, BPF_TRACE_ITER, NULL);
	CLEAN_FD int iter = link < 0 ? -1 : bpf_iter_create(link);
	CLEAN_MEM char *buf = NULL;
	size_t have = 0;

	if (link < 0)
		return link;
	if (iter < 0)
		return iter;
	buf = xrealloc(NULL, BUFFER);
	for (;;) {
		ssize_t n = read(iter, buf + have, BUFFER - have);

		/* EAGAIN: a million objects were skipped in a row; the iterator goes on where it was. */
		if (n < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			return 0;
		have += (size_t)n;

		size_t used = take(buf, have, arg);

		memmove(buf, buf + used, have - used);
		have -= used;
	}
}

int bpf_prepare(void)
{
	libbpf_set_print(NULL);
	return getenv("NSKIT_NO_BPF") ? -EPERM : 0;
}
