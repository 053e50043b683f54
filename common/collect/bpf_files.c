// SPDX-License-Identifier: GPL-2.0-or-later
#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "../bpf/records.h"
#include "collect/bpf_iter.h"
#include "collect/session.h"
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

static void destroy_full(void *skel)
{
	files_full__destroy(skel);
}

static void destroy(void *skel)
{
	files__destroy(skel);
}

static int load(struct loaded *l, void *arg)
{
	struct files *skel = files__open_and_load();
	struct files_full *full;

	(void)arg;
	if (skel) {
		*l = (struct loaded){ .prog_fd = skel->progs.files.prog_fd, .skel = skel, .destroy = destroy };
		return 0;
	}
	full = files_full__open_and_load();
	if (!full)
		return -errno;
	*l = (struct loaded){ .prog_fd = bpf_program__fd(full->progs.files), .skel = full, .destroy = destroy_full };
	return 0;
}

int bpf_fds(struct collecting *c)
{
	size_t had = c->snap->n_holds;
	struct loaded own, *prog;
	int err = bpf_prepare();

	if (err)
		return err;
	prog = session_get(c->opts->session, SESSION_FILES, load, NULL, &own, &err);
	if (!prog)
		return err;
	err = bpf_iter_run(prog->prog_fd, take_files, c->snap);
	session_put(c->opts->session, prog);
	if (err)
		c->snap->n_holds = had;
	return err;
}
