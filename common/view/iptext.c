// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>

#include "output/escape.h"
#include "view/iptext.h"

/* Text of a stranger's. */
static void put(const struct iptext *t, const char *s)
{
	escape_to(t->f, s, strlen(s), t->ascii ? ESC_ASCII : 0);
}

/* "dev eth0 ": nothing where there is none. */
static void word(const struct iptext *t, const char *label, const char *value)
{
	if (!value)
		return;
	fprintf(t->f, "%s ", label);
	put(t, value);
	fputc(' ', t->f);
}

static void number(const struct iptext *t, const char *label, int64_t value)
{
	if (OPT_VALUE(value))
		fprintf(t->f, "%s %" PRId64 " ", label, value);
}

static void joined(const struct iptext *t, const char *const *items, uint32_t n, const char *between)
{
	for (uint32_t i = 0; i < n; i++) {
		fputs(i ? between : "", t->f);
		put(t, items[i]);
	}
}

/* --- links -------------------------------------------------------------------------------------------------------------------------------- */

static void behind(const struct iptext *t, const char *label, const char *value)
{
	if (!value)
		return;
	fprintf(t->f, " %s ", label);
	put(t, value);
}

static void link_name(const struct iptext *t, const struct iprow_link *l)
{
	fprintf(t->f, "%u: ", l->ifindex);
	put(t, l->ifname);
	if (OPT_VALUE(l->link_index))
		fprintf(t->f, "@if%" PRId64, l->link_index);
	else if (l->link)
		fputc('@', t->f), put(t, l->link);
	fputs(": <", t->f);
	joined(t, l->flags, l->n_flags, ",");
	fprintf(t->f, "> mtu %u", l->mtu);
	behind(t, "qdisc", l->qdisc);
	behind(t, "master", l->master);
	behind(t, "state", l->operstate);
	behind(t, "mode", l->linkmode);
	behind(t, "group", l->group);
	if (OPT_VALUE(l->txqlen))
		fprintf(t->f, " qlen %" PRId64, l->txqlen);
}

static void link_address(const struct iptext *t, const struct iprow_link *l)
{
	fprintf(t->f, "\n    link/%s ", l->link_type);
	if (l->address)
		fputs(l->address, t->f);
	behind(t, l->link_pointtopoint ? "peer" : "brd", l->broadcast);
	if (OPT_VALUE(l->link_netnsid))
		fprintf(t->f, " link-netnsid %" PRId64, l->link_netnsid);
}

/* The end of a veth, or the lower device, and whose that is: ip cannot tell. */
static void link_peer(const struct iptext *t, const struct iprow_link *l)
{
	const struct iprow_peer *p = l->peer;

	if (!p || l->link)
		return;
	fputs("\n    peer ", t->f);
	if (p->ifname)
		put(t, p->ifname);
	else
		fprintf(t->f, "if%" PRId64, l->link_index);
	if (!NSREF_KNOWN(p->ns)) {
		fputs(" in a network namespace that is not known here", t->f);
		return;
	}
	fputs(" in ", t->f);
	put(t, t->where(p->ns, t->arg));
	fprintf(t->f, " (net:[%u])", p->ns);
}

static void link_details(const struct iptext *t, const struct iprow_link *l)
{
	const struct {
		const char *label;
		int64_t value;
	} rest[] = { { "numtxqueues", l->num_tx_queues }, { "numrxqueues", l->num_rx_queues }, { "gso_max_size", l->gso_max_size },
		     { "gso_max_segs", l->gso_max_segs }, { "tso_max_size", l->tso_max_size }, { "tso_max_segs", l->tso_max_segs },
		     { "gro_max_size", l->gro_max_size } };

	fputc(' ', t->f);
	number(t, "promiscuity", l->promiscuity);
	number(t, "allmulti", l->allmulti);
	number(t, "minmtu", l->min_mtu);
	number(t, "maxmtu", l->max_mtu);
	if (l->linkinfo && l->linkinfo->info_kind)
		fputs("\n    ", t->f), put(t, l->linkinfo->info_kind), fputc(' ', t->f);
	for (uint32_t i = 0; l->linkinfo && i < l->linkinfo->n_info_data; i++)
		word(t, l->linkinfo->info_data[i].key, l->linkinfo->info_data[i].value);
	if (l->linkinfo && l->linkinfo->info_slave_kind)
		fputs("\n    ", t->f), put(t, l->linkinfo->info_slave_kind), fputs("_slave ", t->f);
	word(t, "addrgenmode", l->inet6_addr_gen_mode);
	for (size_t i = 0; i < ARRAY_SIZE(rest); i++)
		number(t, rest[i].label, rest[i].value);
}

static size_t digits(uint64_t v)
{
	size_t n = 1;

	while (v /= 10)
		n++;
	return n;
}

/* Columns of both tables are as wide as the widest of their numbers and titles. */
static void counters(const struct iptext *t, const char *title, const char *const *names, const uint64_t *v, const int *width)
{
	fprintf(t->f, "\n    %s:", title);
	for (int i = 0; i < 6; i++)
		fprintf(t->f, " %*s", width[i], names[i]);
	fputs("\n       ", t->f);
	for (int i = 0; i < 6; i++)
		fprintf(t->f, " %*" PRIu64, width[i], v[i]);
}

static void link_stats(const struct iptext *t, const struct iprow_stats *s)
{
	static const char *const names[2][6] = { { "bytes", "packets", "errors", "dropped", "missed", "mcast" },
						 { "bytes", "packets", "errors", "dropped", "carrier", "collsns" } };
	const uint64_t v[2][6] = {
		{ s->rx->bytes, s->rx->packets, s->rx->errors, s->rx->dropped, s->rx->over_errors, s->rx->multicast },
		{ s->tx->bytes, s->tx->packets, s->tx->errors, s->tx->dropped, s->tx->carrier_errors, s->tx->collisions }
	};
	int width[6];

	for (int i = 0; i < 6; i++) {
		width[i] = i ? 0 : 6;
		for (int way = 0; way < 2; way++)
			width[i] = (int)MAX((size_t)width[i], MAX(strlen(names[way][i]), digits(v[way][i])));
	}
	counters(t, "RX", names[0], v[0], width);
	counters(t, "TX", names[1], v[1], width);
}

static void life_time(const struct iptext *t, const char *label, uint32_t seconds)
{
	if (seconds == UINT32_MAX)
		fprintf(t->f, "%s forever", label);
	else
		fprintf(t->f, "%s %usec", label, seconds);
}

static void addr_flags(const struct iptext *t, const struct iprow_addr *a)
{
	const struct {
		bool set;
		const char *name;
	} flags[] = { { a->secondary, "secondary" },
		      { a->temporary, "temporary" },
		      { a->tentative, "tentative" },
		      { a->deprecated, "deprecated" },
		      { a->home, "home" },
		      { a->nodad, "nodad" },
		      { a->dynamic, "dynamic" },
		      { a->optimistic, "optimistic" },
		      { a->dadfailed, "dadfailed" },
		      { a->mngtmpaddr, "mngtmpaddr" },
		      { a->noprefixroute, "noprefixroute" },
		      { a->autojoin, "autojoin" } };

	for (size_t i = 0; i < ARRAY_SIZE(flags); i++)
		if (flags[i].set)
			fprintf(t->f, "%s ", flags[i].name);
}

static void address(const struct iptext *t, const struct iprow_addr *a)
{
	fprintf(t->f, "    %s %s%s%s/%u ", a->family, a->local ? a->local : "?", a->address ? " peer " : "",
		a->address ? a->address : "", a->prefixlen);
	word(t, "brd", a->broadcast);
	word(t, "scope", a->scope);
	addr_flags(t, a);
	if (a->label)
		put(t, a->label);
	fputs("\n       ", t->f);
	life_time(t, "valid_lft", a->valid_life_time);
	life_time(t, " preferred_lft", a->preferred_life_time);
	fputc('\n', t->f);
}

void iptext_link(const struct iptext *t, const struct iprow_link *l)
{
	link_name(t, l);
	link_address(t, l);
	if (OPT_VALUE(l->min_mtu) || l->linkinfo)
		link_details(t, l);
	if (l->stats64)
		link_stats(t, l->stats64);
	for (uint32_t i = 0; i < l->n_altnames; i++)
		fputs("\n    altname ", t->f), put(t, l->altnames[i]);
	link_peer(t, l);
	fputc('\n', t->f);
	for (uint32_t i = 0; i < l->n_addr_info; i++)
		address(t, &l->addr_info[i]);
}

/* --- routes ------------------------------------------------------------------------------------------------------------------------------- */

static void gateway(const struct iptext *t, const char *direct, const struct iprow_via *via)
{
	if (via)
		fprintf(t->f, "via %s %s ", via->family, via->host);
	else
		word(t, "via", direct);
}

static void flags(const struct iptext *t, const char *const *names, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		fprintf(t->f, "%s ", names[i]);
}

/* Times are milliseconds. */
static void metrics(const struct iptext *t, const struct iprow_metrics *m)
{
	const struct {
		const char *label;
		int64_t value;
	} all[] = { { "mtu", m->mtu },           { "window", m->window },         { "rtt", m->rtt },
		    { "rttvar", m->rttvar },     { "ssthresh", m->ssthresh },     { "cwnd", m->cwnd },
		    { "advmss", m->advmss },     { "reordering", m->reordering }, { "hoplimit", m->hoplimit },
		    { "initcwnd", m->initcwnd }, { "rto_min", m->rto_min },       { "initrwnd", m->initrwnd },
		    { "quickack", m->quickack } };

	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		bool time = !strncmp(all[i].label, "rt", 2);

		if (!strcmp(all[i].label, "rto_min"))
			fputs(m->ecn ? "features ecn " : "", t->f);
		if (time && OPT_VALUE(all[i].value) && all[i].value >= 1000)
			fprintf(t->f, "%s %gs ", all[i].label, (double)all[i].value / 1000);
		else if (time && OPT_VALUE(all[i].value))
			fprintf(t->f, "%s %" PRId64 "ms ", all[i].label, all[i].value);
		else
			number(t, all[i].label, all[i].value);
	}
	word(t, "congctl", m->congestion);
	number(t, "fastopen_no_cookie", m->fastopen_no_cookie);
}

void iptext_route(const struct iptext *t, const struct iprow_route *r)
{
	if (r->type)
		fprintf(t->f, "%s ", r->type);
	fprintf(t->f, "%s ", r->dst);
	word(t, "from", r->from);
	word(t, " encap", r->encap);
	word(t, "tos", r->tos);
	number(t, "nhid", r->nhid);
	gateway(t, r->gateway, r->via);
	word(t, "dev", r->dev);
	word(t, "table", r->table);
	word(t, "proto", r->protocol);
	word(t, "scope", r->scope);
	word(t, "src", r->prefsrc);
	number(t, "metric", r->metric);
	flags(t, r->flags, r->n_flags);
	if (OPT_VALUE(r->expires))
		fprintf(t->f, "expires %" PRId64 "sec ", r->expires);
	if (r->metrics)
		metrics(t, r->metrics);
	word(t, "iif", r->iif);
	if (r->pref)
		fprintf(t->f, "pref %s", r->pref);
	for (uint32_t i = 0; i < r->n_nexthops; i++) {
		fputs("\n\tnexthop ", t->f);
		gateway(t, r->nexthops[i].gateway, r->nexthops[i].via);
		word(t, "dev", r->nexthops[i].dev);
		fprintf(t->f, "weight %u ", r->nexthops[i].weight);
		flags(t, r->nexthops[i].flags, r->nexthops[i].n_flags);
	}
	fputc('\n', t->f);
}

/* --- rules, neighbours -------------------------------------------------------------------------------------------------------------------- */

static void prefix(const struct iptext *t, const char *label, const char *addr, int64_t len)
{
	if (!addr)
		return;
	fprintf(t->f, " %s %s", label, addr);
	if (OPT_VALUE(len))
		fprintf(t->f, "/%" PRId64, len);
}

static void ports(const struct iptext *t, const char *label, int64_t one, int64_t start, int64_t end)
{
	if (OPT_VALUE(one))
		fprintf(t->f, " %s %" PRId64, label, one);
	else if (OPT_VALUE(start))
		fprintf(t->f, " %s %" PRId64 "-%" PRId64, label, start, end);
}

void iptext_rule(const struct iptext *t, const struct iprow_rule *r)
{
	fprintf(t->f, "%u:\t%sfrom %s", r->priority, r->negated ? "not " : "", r->src);
	if (OPT_VALUE(r->srclen))
		fprintf(t->f, "/%" PRId64, r->srclen);
	prefix(t, "to", r->dst, r->dstlen);
	behind(t, "tos", r->tos);
	if (r->fwmark)
		fprintf(t->f, " fwmark %s%s%s", r->fwmark, r->fwmask ? "/" : "", r->fwmask ? r->fwmask : "");
	behind(t, "iif", r->iif);
	fputs(r->iif_detached ? " [detached]" : "", t->f);
	behind(t, "oif", r->oif);
	fputs(r->oif_detached ? " [detached]" : "", t->f);
	if (r->l3mdev)
		fputs(" lookup [l3mdev-table]", t->f);
	if (OPT_VALUE(r->uid_start))
		fprintf(t->f, " uidrange %" PRId64 "-%" PRId64, r->uid_start, r->uid_end);
	behind(t, "ipproto", r->ipproto);
	ports(t, "sport", r->sport, r->sport_start, r->sport_end);
	ports(t, "dport", r->dport, r->dport_start, r->dport_end);
	if (OPT_VALUE(r->tun_id))
		fprintf(t->f, " tun_id %" PRIu64, (uint64_t)r->tun_id);
	fputs(r->more ? " (and more)" : "", t->f);
	behind(t, "lookup", r->table);
	if (OPT_VALUE(r->suppress_prefixlen))
		fprintf(t->f, " suppress_prefixlength %" PRId64, r->suppress_prefixlen);
	behind(t, "suppress_ifgroup", r->suppress_ifgroup);
	if (r->flow_to)
		fprintf(t->f, " realms %s%s%s", r->flow_from ? r->flow_from : "", r->flow_from ? "/" : "", r->flow_to);
	if (OPT_VALUE(r->go_to))
		fprintf(t->f, " goto %" PRId64 "%s", r->go_to, r->unresolved ? " [unresolved]" : "");
	fputs(r->nop ? " nop" : "", t->f);
	if (r->action)
		fprintf(t->f, " %s", r->action);
	behind(t, "proto", r->protocol);
	fputc('\n', t->f);
}

void iptext_neigh(const struct iptext *t, const struct iprow_neigh *n)
{
	fprintf(t->f, "%s ", n->dst);
	word(t, "dev", n->dev);
	word(t, "lladdr", n->lladdr);
	fputs(n->router ? "router " : "", t->f);
	fputs(n->proxy ? "proxy " : "", t->f);
	fputs(n->extern_learn ? "extern_learn " : "", t->f);
	fputs(n->offload ? "offload " : "", t->f);
	fputs(n->managed ? "managed " : "", t->f);
	flags(t, n->state, n->n_state);
	word(t, "proto", n->protocol);
	fputc('\n', t->f);
}
