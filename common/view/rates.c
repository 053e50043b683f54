// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/carry.h"
#include "view/rates.h"

enum { IFF_LOOPBACK_ = 0x8 }; /* include/uapi/linux/if.h */

/*
 * In us, 0: unknown. Where nobody noted when CPU times were read, the snapshots' own times must do: the wall clock may have been set
 * meanwhile, and the ticks since boot, which are coarse, say whether to believe it.
 */
static uint64_t elapsed(const struct snap *now, const struct snap *before)
{
	if (now->head.measured && before->head.measured)
		return now->head.measured > before->head.measured ? now->head.measured - before->head.measured : 0;

	uint64_t ticks = now->head.ticks > before->head.ticks ? (now->head.ticks - before->head.ticks) * 10000 : 0;
	uint64_t wall = now->head.taken > before->head.taken ? (now->head.taken - before->head.taken) / 1000 : 0;

	return wall + 30000 > ticks && wall < ticks + 30000 ? wall : ticks;
}

static void keep_cpu(struct rates *r, const struct snap *now, const struct snap *before, const struct rates *last)
{
	size_t at = 0;

	for (size_t i = 0; i < now->n_tasks; i++) {
		const struct snap_task *b = snap_same_task(before, &now->tasks[i], &at);

		r->cpu[i] = b ? last->cpu[b - before->tasks] : OPT_NONE;
	}
}

static void make_cpu(struct rates *r, const struct snap *now, const struct snap *before)
{
	uint64_t us = before ? elapsed(now, before) : 0;
	size_t at = 0;

	for (size_t i = 0; i < now->n_tasks; i++) {
		const struct snap_task *t = &now->tasks[i], *b;
		int64_t had = 0;

		r->cpu[i] = OPT_NONE;
		if (!us || !OPT_VALUE(t->cpu) || t->tid != t->pid)
			continue;
		b = snap_same_task(before, t, &at);
		if (b && !OPT_VALUE(b->cpu))
			continue;
		if (b)
			had = b->cpu;
		else if (t->start < before->head.ticks) /* it was there, and was not read */
			continue;
		r->cpu[i] = t->cpu > had ? (int64_t)((uint64_t)(t->cpu - had) * 1000 / us) : 0;
	}
}

/* Devices of one namespace in the order in which they came: mostly by number, so that a mark beside each array does. */
static const struct snap_link *same_link(const struct snap_link *links, uint32_t n, uint32_t ifindex, uint32_t *mark)
{
	for (uint32_t tries = 0; tries < n; tries++) {
		uint32_t i = (*mark + tries) % n;

		if (links[i].ifindex == ifindex) {
			*mark = i + 1;
			return &links[i];
		}
		if (tries == 1 && links[i].ifindex > ifindex) /* a new one: those behind it are newer still */
			break;
	}
	return NULL;
}

static bool leads_out(const struct snap_link *l)
{
	return !(l->flags & IFF_LOOPBACK_) && !OPT_VALUE(l->master);
}

static struct net_rate compare(const struct snap *now, const struct snap *before, const struct snap_ns *ns, uint64_t us)
{
	uint32_t n, n_before, mark = 0;
	const struct snap_link *links = SNAP_RANGE(now, links, ns->inum, &n);
	const struct snap_link *old = SNAP_RANGE(before, links, ns->inum, &n_before);
	uint64_t rx = 0, tx = 0;

	for (uint32_t i = 0; i < n; i++) {
		const struct snap_link *b;

		if (!leads_out(&links[i]))
			continue;
		b = same_link(old, n_before, links[i].ifindex, &mark);
		rx += links[i].rx_bytes - (b && b->rx_bytes <= links[i].rx_bytes ? b->rx_bytes : b ? links[i].rx_bytes : 0);
		tx += links[i].tx_bytes - (b && b->tx_bytes <= links[i].tx_bytes ? b->tx_bytes : b ? links[i].tx_bytes : 0);
	}
	return (struct net_rate){ (int64_t)(rx * 1000000 / us), (int64_t)(tx * 1000000 / us) };
}

static void make_net(struct rates *r, const struct snap *now, const struct snap *before, const struct rates *last)
{
	size_t k = 0;

	for (size_t i = 0; i < now->n_namespaces; i++) {
		const struct snap_ns *ns = &now->namespaces[i], *b;

		r->net[i] = (struct net_rate){ OPT_NONE, OPT_NONE };
		if (ns->type != NS_NET || !ns->counted || !before)
			continue;
		while (k < before->n_namespaces && (before->namespaces[k].inum < ns->inum || before->namespaces[k].type != NS_NET))
			k++;
		b = k < before->n_namespaces ? &before->namespaces[k] : NULL;
		if (!b || b->inum != ns->inum || !b->counted || (b->id && ns->id && b->id != ns->id))
			continue;
		if (b->counted >= ns->counted)
			r->net[i] = last ? last->net[k] : r->net[i];
		else if (ns->counted - b->counted >= 1000)
			r->net[i] = compare(now, before, ns, (ns->counted - b->counted) / 1000);
	}
}

void rates_make(struct rates *r, const struct snap *now, const struct snap *before, const struct rates *last)
{
	r->cpu = xcalloc(now->n_tasks, sizeof(*r->cpu));
	r->net = xcalloc(now->n_namespaces, sizeof(*r->net));
	if (before && last && now->head.measured && now->head.measured == before->head.measured)
		keep_cpu(r, now, before, last);
	else
		make_cpu(r, now, before);
	make_net(r, now, before, last);
}

void rates_done(struct rates *r)
{
	free(r->cpu);
	free(r->net);
	*r = (struct rates){ 0 };
}
