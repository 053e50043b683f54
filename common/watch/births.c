// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>

#include "../bpf/records.h"
#include "births.lskel.h"
#include "births.skel.h"
#include "collect/bpf_iter.h"
#include "collect/proc.h"
#include "watch/births.h"

enum {
	NS_PER_TICK = 10000000,
	BPF_INTERVAL = 1000, /* ms: the ring holds 80,000 births */
	LIST_INTERVAL = 200, /* ms: listing 4,400 processes takes 1.3 */
	URGENT_INTERVAL = 20,
};

struct birthwatch {
	struct births_sink sink;
	struct births *light; /* the programs, whichever way they could be loaded; NULL: /proc is listed */
	struct births_full *full;
	struct ring_buffer *ring;
	struct collecting c;
	struct proc_entry *known; /* whom /proc listed, ascending */
	size_t n_known;
	uint64_t listed; /* when */
};

uint64_t births_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/* --- BPF --------------------------------------------------------------------------------------------------------------- */

static int take_record(void *arg, void *data, size_t size)
{
	struct birthwatch *b = arg;
	struct birth_rec r = { 0 };
	uint32_t nr[REC_MAX_LEVELS], pidns[REC_MAX_LEVELS];
	struct birth birth = { .nr = nr, .pidns = pidns };

	memcpy(&r, data, MIN(size, sizeof(r)));
	if (r.kind == REC_DIED) {
		b->sink.died(b->sink.arg, r.tid, r.time);
		return 0;
	}
	for (uint32_t i = 0; i < MIN(r.levels, (uint32_t)REC_MAX_LEVELS); i++) {
		nr[i] = r.at[i].nr;
		pidns[i] = r.at[i].pidns;
	}
	birth.tid = r.tid;
	birth.n = MIN(r.levels, (uint32_t)REC_MAX_LEVELS);
	birth.start = r.time / NS_PER_TICK;
	b->sink.born(b->sink.arg, &birth);
	return 0;
}

static int load_full(struct birthwatch *b)
{
	int err;

	b->full = births_full__open_and_load();
	if (!b->full)
		return -errno;
	err = births_full__attach(b->full);
	if (err) {
		births_full__destroy(b->full);
		b->full = NULL;
	}
	return err;
}

/* The light skeleton loads 20 times faster, from 5.17 on. */
static int load(struct birthwatch *b)
{
	int err;

	b->light = births__open();
	err = b->light ? births__load(b->light) : -ENOMEM;
	if (!err)
		err = births__attach(b->light);
	if (!err)
		return 0;
	if (b->light)
		births__destroy(b->light);
	b->light = NULL;
	return load_full(b);
}

/* The programs tell the host's numbers: those of /proc only in the host's own PID namespace. */
static bool in_initial_pidns(void)
{
	struct stat st;

	return !stat("/proc/self/ns/pid", &st) && st.st_ino == nstypes[NS_PID].initial;
}

static int start_bpf(struct birthwatch *b)
{
	int err = in_initial_pidns() ? bpf_prepare() : -EXDEV;

	if (!err)
		err = load(b);
	if (err)
		return err;
	b->ring =
		ring_buffer__new(b->light ? b->light->maps.births.map_fd : bpf_map__fd(b->full->maps.births), take_record, b, NULL);
	return b->ring ? 0 : -errno;
}

/* --- /proc --------------------------------------------------------------------------------------------------------------- */

/* Both lists ascend. A directory with another inode number is another process's, or was only forgotten: it is asked again. */
static void compare(struct birthwatch *b, const struct proc_entry *now, size_t n)
{
	CLEAN_MEM uint32_t *fresh = xcalloc(n, sizeof(*fresh));
	uint64_t when = births_now();
	size_t n_fresh = 0, k = 0;

	for (size_t i = 0; i < n; i++) {
		for (; k < b->n_known && b->known[k].number < now[i].number; k++)
			b->sink.died(b->sink.arg, b->known[k].number, when);
		if (k < b->n_known && b->known[k].number == now[i].number) {
			if (b->known[k++].ino == now[i].ino)
				continue;
		}
		fresh[n_fresh++] = now[i].number;
	}
	for (; k < b->n_known; k++)
		b->sink.died(b->sink.arg, b->known[k].number, when);
	if (n_fresh)
		b->sink.appeared(b->sink.arg, fresh, n_fresh);
}

static void list(struct birthwatch *b)
{
	struct proc_entry *now;
	size_t n;

	b->listed = births_now();
	if (proc_pids(&b->c, &now, &n))
		return;
	compare(b, now, n);
	free(b->known);
	b->known = now;
	b->n_known = n;
}

static int start_listing(struct birthwatch *b, const char *proc)
{
	b->c.proc_fd = open(proc ? proc : "/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	return b->c.proc_fd < 0 ? -errno : 0;
}

/* --------------------------------------------------------------------------------------------------------------------------------- */

struct birthwatch *births_open(const char *proc, enum collector how, const struct births_sink *sink, int *err, const char **why)
{
	struct birthwatch *b = xcalloc(1, sizeof(*b));

	b->sink = *sink;
	b->c.proc_fd = -1;
	*why = NULL;
	*err = how == COLLECT_PROC || proc ? -EOPNOTSUPP : start_bpf(b);
	if (*err && how == COLLECT_BPF)
		*why = "following forks and exits needs the host's own PID namespace, BPF ring buffers (5.8), BTF, CAP_BPF and CAP_PERFMON";
	else if (*err)
		*err = start_listing(b, proc);
	if (!*err)
		return b;
	births_close(b);
	return NULL;
}

void births_close(struct birthwatch *b)
{
	if (!b)
		return;
	ring_buffer__free(b->ring);
	if (b->light)
		births__destroy(b->light);
	births_full__destroy(b->full);
	if (b->c.proc_fd >= 0)
		close(b->c.proc_fd);
	free(b->known);
	free(b);
}

void births_take(struct birthwatch *b, bool urgent)
{
	uint64_t interval = (urgent ? URGENT_INTERVAL : LIST_INTERVAL) * 1000000ull;

	if (b->ring)
		ring_buffer__consume(b->ring);
	else if (!b->listed || births_now() - b->listed >= interval)
		list(b);
}

int births_interval(const struct birthwatch *b)
{
	return b->ring ? BPF_INTERVAL : LIST_INTERVAL;
}

uint32_t births_lost(const struct birthwatch *b)
{
	return b->light ? b->light->bss->lost : b->full ? b->full->bss->lost : 0;
}
