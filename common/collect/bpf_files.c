// SPDX-License-Identifier: GPL-2.0-or-later
#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "../bpf/records.h"
#include "collect/bpf_iter.h"
#include "collect/sources.h"
#include "files.lskel.h"
#include "files.skel.h"

static size_t take_files(const char *buf, size_t len, void *arg)
{
	struct snap *s = arg;
	size_t used = 0;

	for (; len - used >= sizeof(struct file_rec); used += sizeof(struct file_rec)) {
		struct file_rec r;
		enum nstype type;

		memcpy(&r, buf + used, sizeof(r));
		type = r.type ? nstype_by_flag(r.type) : NS_NET;
		if (type == NS_TYPES)
			continue;
		*ARRAY_ADD(s, holds) = (struct snap_hold){
			.kind = r.type ? HOLD_FD : HOLD_SOCKET,
			.type = (uint8_t)type,
			.inum = r.inum,
			.pid = r.pid,
			.fd = r.fd,
			.socket = r.socket,
		};
	}
	return used;
}

static int run_full(struct snap *s)
{
	struct files_full *skel = files_full__open_and_load();
	int err;

	if (!skel)
		return -errno;
	err = bpf_iter_run(bpf_program__fd(skel->progs.files), take_files, s);
	files_full__destroy(skel);
	return err;
}

static int run(struct snap *s)
{
	struct files *skel = files__open_and_load();
	int err;

	if (!skel)
		return -errno;
	err = bpf_iter_run(skel->progs.files.prog_fd, take_files, s);
	files__destroy(skel);
	return err;
}

int bpf_fds(struct collecting *c)
{
	size_t had = c->snap->n_holds;
	int err = bpf_prepare();

	if (err)
		return err;
	err = run(c->snap);
	if (err) {
		c->snap->n_holds = had;
		err = run_full(c->snap);
	}
	if (err)
		c->snap->n_holds = had;
	return err;
}
