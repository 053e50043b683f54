// SPDX-License-Identifier: GPL-2.0-or-later
#include <time.h>

#include "model/target.h"
#include "util/words.h"
#include "why/look.h"

const char *look_sysctl(const struct snap *s, uint32_t ns, const char *key)
{
	uint32_t n;
	const struct snap_sysctl *all = SNAP_RANGE(s, sysctls, ns, &n);

	for (uint32_t i = 0; i < n; i++)
		if (!strcmp(all[i].key, key))
			return all[i].value;
	return NULL;
}

int64_t look_sysctl_number(const struct snap *s, uint32_t ns, const char *key)
{
	const char *value = look_sysctl(s, ns, key);
	uint32_t v;

	return value && !parse_u32(value, &v) ? (int64_t)v : OPT_NONE;
}

bool look_port_range(const struct snap *s, uint32_t ns, uint32_t *low, uint32_t *high)
{
	const char *text = look_sysctl(s, ns, "net.ipv4.ip_local_port_range");
	uint64_t v[2];
	bool known = text && words_numbers(text, v, 2) == 2 && v[0] <= v[1] && v[1] <= UINT16_MAX;

	*low = known ? (uint32_t)v[0] : 32768; /* inet_init_net, net/ipv4/af_inet.c */
	*high = known ? (uint32_t)v[1] : 60999;
	return known;
}

const char *look_cgroup2(const struct snap *s)
{
	return s->head.cgroup2 ? s->head.cgroup2 : "/sys/fs/cgroup";
}

/* --- devices and addresses ---------------------------------------------------------------------------------------------- */

/*
 * The kernel keeps no word of it. But of who has opened it, the SYN counts among the bytes that were confirmed (tcp_snd_una_update,
 * net/ipv4/tcp_input.c), and was none that was sent (__tcp_transmit_skb, net/ipv4/tcp_output.c; both since 4.19). It takes that nothing is
 * under way, nor the FIN sent, which counts as well.
 */
int look_opened(const struct snap_socket *x, const struct snap_tcp_info *figures)
{
	uint64_t more = figures->bytes_acked + figures->bytes_retrans - figures->bytes_sent;

	if ((x->state != STATE_ESTAB && x->state != STATE_CLOSE_WAIT) || figures->unacked || figures->notsent || more > 1)
		return -1;
	return (int)more;
}

const struct snap_link *look_link(const struct snap *s, uint32_t ns, uint32_t ifindex)
{
	uint32_t n;
	const struct snap_link *links = SNAP_RANGE(s, links, ns, &n);

	for (uint32_t i = 0; i < n; i++)
		if (links[i].ifindex == ifindex)
			return &links[i];
	return NULL;
}

static bool is_vrf(const struct snap_link *l)
{
	return l && l->kind && !strcmp(l->kind, "vrf");
}

uint32_t look_vrf(const struct snap *s, uint32_t ns, uint32_t ifindex)
{
	const struct snap_link *l = ifindex ? look_link(s, ns, ifindex) : NULL;

	if (l && !is_vrf(l) && OPT_VALUE(l->master))
		l = look_link(s, ns, (uint32_t)l->master);
	return is_vrf(l) ? l->ifindex : 0;
}

uint32_t look_vrf_table(const struct snap *s, uint32_t ns, uint32_t vrf)
{
	const struct snap_link *l = look_link(s, ns, vrf);

	for (uint32_t i = 0; is_vrf(l) && i < l->n_data; i++)
		if (!strcmp(l->data[i].key, "table"))
			return (uint32_t)strtoul(l->data[i].value, NULL, 10);
	return 0;
}

/* A device answers to its other names, too (dev_get_by_name, net/core/dev.c). */
static bool bears(const struct snap_link *link, const char *name)
{
	if (link->ifname && !strcmp(link->ifname, name))
		return true;
	for (uint32_t i = 0; i < link->n_altnames; i++)
		if (!strcmp(link->altnames[i], name))
			return true;
	return false;
}

const struct snap_link *look_link_named(const struct snap *s, uint32_t ns, const char *name)
{
	uint32_t n;
	const struct snap_link *links = SNAP_RANGE(s, links, ns, &n);

	for (uint32_t i = 0; i < n; i++)
		if (bears(&links[i], name))
			return &links[i];
	return NULL;
}

const char *look_ifname(const struct snap *s, uint32_t ns, uint32_t ifindex)
{
	const struct snap_link *link = look_link(s, ns, ifindex);

	return link && link->ifname ? link->ifname : "";
}

static bool is_addr(const struct snap_addr *record, const struct ipaddr *a)
{
	struct ipaddr has;

	return record->local && !ipaddr_parse(record->local, &has) && ipaddr_equal(&has, a);
}

const struct snap_addr *look_addr(const struct snap *s, uint32_t ns, const struct ipaddr *a, uint32_t ifindex)
{
	struct ipaddr wanted = ipaddr_unmap(a);
	uint32_t n;
	const struct snap_addr *all = SNAP_RANGE(s, addresses, ns, &n);

	for (uint32_t i = 0; i < n; i++)
		if ((!ifindex || all[i].ifindex == ifindex) && is_addr(&all[i], &wanted))
			return &all[i];
	return NULL;
}

bool look_everywhere(const struct snap *s)
{
	for (size_t i = 0; i < s->n_namespaces; i++)
		if (s->namespaces[i].type == NS_NET && s->namespaces[i].links == OPT_NONE)
			return false;
	return true;
}

uint32_t look_addr_elsewhere(const struct why_state *st, uint32_t ns, const struct ipaddr *a)
{
	struct ipaddr wanted = ipaddr_unmap(a);

	for (size_t i = 0; i < st->s->n_addresses; i++)
		if (st->s->addresses[i].ns != ns && is_addr(&st->s->addresses[i], &wanted))
			return st->s->addresses[i].ns;
	st->why->elsewhere |= !look_everywhere(st->s);
	return 0;
}

uint32_t look_device_elsewhere(const struct why_state *st, uint32_t ns, const char *name)
{
	for (size_t i = 0; i < st->s->n_links; i++)
		if (st->s->links[i].ns != ns && bears(&st->s->links[i], name))
			return st->s->links[i].ns;
	st->why->elsewhere |= !look_everywhere(st->s);
	return 0;
}

/* --- who ------------------------------------------------------------------------------------------------------------------- */

const struct snap_task *look_task(const struct index *ix, uint32_t pid)
{
	uint32_t i = pid ? index_task(ix, pid) : IDMAP_NONE;

	return i == IDMAP_NONE ? NULL : &ix->snap->tasks[i];
}

const char *look_container(const struct index *ix, const char *id)
{
	const struct snap_container *c = id ? index_container(ix, id) : NULL;

	return c && c->name ? c->name : id;
}

/* --- words ----------------------------------------------------------------------------------------------------------------- */

const char *look_ns_name(struct why_state *st, uint32_t ns)
{
	uint32_t at = index_ns(st->ix, NS_NET, ns), more;
	const struct snap_container *c = at == IDMAP_NONE ? NULL : index_ns_container(st->ix, at, &more);

	if (!ns)
		return "an unknown network namespace";
	if (ns == st->s->head.initial[NS_NET])
		return st->s->head.initial_view ? "host" : "here";
	if (c)
		return c->name ? c->name : c->id;
	for (uint32_t h = at == IDMAP_NONE ? IDMAP_NONE : st->ix->first_hold[at]; h != IDMAP_NONE; h = st->ix->next_hold[h]) {
		const char *name = target_hold_name(st->s, &st->s->holds[h]);

		if (name)
			return name;
	}
	return why_printf(st, "net %u", ns);
}

const char *look_ns_words(struct why_state *st, uint32_t ns)
{
	const char *name = look_ns_name(st, ns);

	return !ns || !strncmp(name, "net ", 4) ? name : why_printf(st, "%s (net %u)", name, ns);
}

/* --- commands -------------------------------------------------------------------------------------------------------------- */

const char *look_quoted(struct why_state *st, const char *word)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_@%+=:,./-";
	const char *text = "'";

	if (*word && *word != '-' && !word[strspn(word, plain)])
		return word;
	while (*word) {
		size_t n = strcspn(word, "'");

		text = why_printf(st, "%s%.*s%s", text, (int)n, word, word[n] ? "'\\''" : "");
		word += n + (word[n] != 0);
	}
	return why_printf(st, "%s'", text);
}

const char *look_enter(struct why_state *st, uint32_t ns)
{
	const struct index *ix = st->ix;
	uint32_t at = index_ns(ix, NS_NET, ns);

	if (ns == st->s->head.initial[NS_NET] || at == IDMAP_NONE)
		return "";
	/* By a file, if there is one: a process that happens to be in it has often nothing to do with the cause. */
	for (uint32_t h = ix->first_hold[at]; h != IDMAP_NONE; h = ix->next_hold[h])
		if (st->s->holds[h].kind == HOLD_MOUNT && st->s->holds[h].mntns == st->s->head.own_mntns)
			return why_printf(st, "nsenter --net=%s ", look_quoted(st, st->s->holds[h].path));
	if (ix->ns[at].first != IDMAP_NONE)
		return why_printf(st, "nsenter -t %u -n ", st->s->tasks[ix->ns[at].first].pid);
	for (uint32_t h = ix->first_hold[at]; h != IDMAP_NONE; h = ix->next_hold[h])
		if (st->s->holds[h].kind == HOLD_FD && OPT_VALUE(st->s->holds[h].fd))
			return why_printf(st, "nsenter --net=/proc/%u/fd/%lld ", st->s->holds[h].pid,
					  (long long)st->s->holds[h].fd);
	return why_printf(st, "in net %u: ", ns);
}

const char *look_conf(struct why_state *st, const char *family, const char *dev, const char *key)
{
	char *slashed = why_printf(st, "%s", dev);

	for (char *c = slashed; *c; c++) /* sysctl(8) takes that for a dot */
		*c = *c == '.' ? '/' : *c;
	return look_quoted(st, why_printf(st, "net.%s.conf.%s.%s", family, slashed, key));
}

/* What stops a container of that runtime; NULL: we know none. */
static const char *stop_command(struct why_state *st, const struct snap_container *c)
{
	static const struct {
		const char *runtime, *command;
		bool by_id;
	} known[] = { { "docker", "docker stop", false },    { "podman", "podman stop", false },
		      { "lxc", "lxc-stop -n", false },       { "nspawn", "machinectl terminate", false },
		      { "containerd", "crictl stop", true }, { "cri-o", "crictl stop", true } };

	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		if (c->runtime && !strcmp(c->runtime, known[i].runtime) && (!known[i].by_id || c->pod))
			return why_printf(st, "%s %s", known[i].command,
					  look_quoted(st, c->name && !known[i].by_id ? c->name : c->id));
	return NULL;
}

const char *look_end(struct why_state *st, const struct snap_task *t)
{
	const struct snap_container *c = t->container ? index_container(st->ix, t->container) : NULL;
	bool init = t->n_nspid > 1 && t->nspid[t->n_nspid - 1] == 1;
	const char *stop = init && c ? stop_command(st, c) : NULL;

	return stop ? stop : why_printf(st, init ? "kill -KILL %u" : "kill %u", t->pid);
}

const char *look_task_words(struct why_state *st, const struct snap_task *t)
{
	const char *container = look_container(st->ix, t->container);

	if (container)
		return why_printf(st, "%s %u in %s", t->comm ? t->comm : "?", t->pid, container);
	return why_printf(st, "%s %u", t->comm ? t->comm : "?", t->pid);
}

const char *look_started(struct why_state *st, const struct snap_task *t)
{
	const struct snap_head *h = &st->s->head;
	time_t at = (time_t)((h->booted + t->start * 10000000) / 1000000000), taken = (time_t)(h->taken / 1000000000);
	struct tm began, now;
	char text[32];

	if (!h->booted || !t->start || !localtime_r(&at, &began) || !localtime_r(&taken, &now))
		return "";
	strftime(text, sizeof(text), began.tm_yday == now.tm_yday && began.tm_year == now.tm_year ? "%H:%M:%S" : "%Y-%m-%d %H:%M",
		 &began);
	return why_printf(st, ", started %s", text);
}

const char *look_endpoint(struct why_state *st, const char *addr, uint32_t port)
{
	return why_printf(st, addr && strchr(addr, ':') ? "[%s]:%u" : "%s:%u", addr ? addr : "?", port);
}
