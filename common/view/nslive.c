// SPDX-License-Identifier: GPL-2.0-or-later
#include "view/human.h"
#include "view/nslive.h"

static void cpu_text(const void *rec, char *buf, size_t size)
{
	human_cpu(((const struct nslive *)rec)->cpu, buf, size);
}

static void rss_text(const void *rec, char *buf, size_t size)
{
	human_bytes(((const struct nslive *)rec)->rss, buf, size);
}

static void rx_text(const void *rec, char *buf, size_t size)
{
	human_bytes(((const struct nslive *)rec)->rx, buf, size);
}

static void tx_text(const void *rec, char *buf, size_t size)
{
	human_bytes(((const struct nslive *)rec)->tx, buf, size);
}

static void age_text(const void *rec, char *buf, size_t size)
{
	const struct nslive *r = rec;

	*buf = '\0';
	if (OPT_VALUE(r->age))
		human_age((uint64_t)r->age, buf, size);
}

#define F(member, ...) FIELD(nslive, member, F_OPT, __VA_ARGS__)

static const struct field live_fields[] = {
	F(cpu, .text = cpu_text, .want = WANT_USAGE,
	  HELP("CPU time a second of its processes, in thousandths of a core; the screen shows per cent")),
	F(rss, .text = rss_text, .want = WANT_USAGE, HELP("their resident memory in bytes, summed up")),
	F(listeners, .want = WANT_LISTENERS, HELP("sockets that listen in it (net)")),
	F(sockets, .want = WANT_COUNTERS, HELP("all sockets in it (net)")),
	F(rx, .text = rx_text, .want = WANT_LINKS, HELP("bytes a second that it receives (net)")),
	F(tx, .text = tx_text, .want = WANT_LINKS, HELP("bytes a second that it sends (net)")),
	F(age, .text = age_text, HELP("seconds since its first process began")),
};

/* The host's own are in no container, and that is a name, too. */
static void container_text(const void *rec, char *buf, size_t size)
{
	const struct nslive *r = rec;

	if (r->row.initial && !r->row.container)
		snprintf(buf, size, "host");
	else
		desc_field(&nsrow_desc, "container")->text(rec, buf, size);
}

const struct desc *nslive_desc(void)
{
	static struct field fields[64];
	static struct desc d;

	if (d.fields)
		return &d;
	for (size_t i = 0; i < nsrow_desc.n_fields; i++) {
		fields[d.n_fields++] = nsrow_desc.fields[i];
		if (!strcmp(nsrow_desc.fields[i].name, "container"))
			fields[d.n_fields - 1].text = container_text;
	}
	for (size_t i = 0; i < ARRAY_SIZE(live_fields) && d.n_fields < ARRAY_SIZE(fields); i++)
		fields[d.n_fields++] = live_fields[i];
	d.name = "live_namespace";
	d.help = "a namespace, live";
	d.size = sizeof(struct nslive);
	d.fields = fields;
	return &d;
}

void nslives_init(struct nslives *r, const struct frame *f)
{
	*r = (struct nslives){ 0 };
	nsrows_init(&r->rows, &f->ix);
	r->rows.explain = true;
}

void nslives_done(struct nslives *r)
{
	nsrows_done(&r->rows);
	free(r->items);
}

static void add_opt(int64_t *sum, int64_t v)
{
	if (OPT_VALUE(v))
		*sum = OPT_VALUE(*sum) ? *sum + v : v;
}

static void add_usage(struct nslive *row, const struct frame *f, uint32_t ns)
{
	const struct ns_members *m = &f->ix.ns[ns];

	for (uint32_t i = m->begin; i < m->begin + m->n; i++) {
		uint32_t task = f->ix.members[i];
		const struct snap_task *t = &f->snap.tasks[task];

		if (t->tid != t->pid)
			continue;
		add_opt(&row->cpu, f->rates.cpu[task]);
		add_opt(&row->rss, t->rss);
	}
	if (m->first != IDMAP_NONE && f->snap.head.ticks >= f->snap.tasks[m->first].start)
		row->age = (int64_t)((f->snap.head.ticks - f->snap.tasks[m->first].start) / 100);
}

/* "sockets: used N" of /proc/net/sockstat, where it was read. */
static int64_t all_sockets(const struct snap *s, uint32_t inum)
{
	uint32_t n;
	const struct snap_counter *c = SNAP_RANGE(s, counters, inum, &n);

	for (uint32_t i = 0; i < n; i++)
		if (!strcmp(c[i].key, "sockstat.sockets.used"))
			return (int64_t)c[i].value;
	return OPT_NONE;
}

void nslives_add(struct nslives *r, const struct frame *f, uint32_t ns)
{
	const struct snap_ns *x = &f->snap.namespaces[ns];
	struct nslive *row = ARRAY_ADD(r, items);

	nsrows_add(&r->rows, ns);
	row->row = r->rows.items[r->rows.n_items - 1];
	row->cpu = row->rss = row->sockets = row->rx = row->tx = row->age = OPT_NONE;
	row->listeners = x->listeners;
	add_usage(row, f, ns);
	if (x->type != NS_NET)
		return;
	row->rx = f->rates.net[ns].rx;
	row->tx = f->rates.net[ns].tx;
	row->sockets = all_sockets(&f->snap, x->inum);
}
