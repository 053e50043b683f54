// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Programs and filters in the packet's path. What a program does with it is not read but tried (collect/trials.h): a walk says which
 * trials it would need, and the next one finds their answers in the snapshot.
 */
#include <net/if.h>
#include <netinet/in.h>

#include "reach/trip.h"

static bool same_text(const char *a, const char *b)
{
	return a && b && !strcmp(a, b);
}

static bool is_answer_to(const struct snap_trial *a, const struct snap_trial *q)
{
	return a->kind == q->kind && a->ns == q->ns && a->place == q->place && a->ifindex == q->ifindex &&
	       a->prog_id == q->prog_id && a->cgroup == q->cgroup && a->proto == q->proto && same_text(a->src, q->src) &&
	       same_text(a->dst, q->dst) && a->sport == q->sport && a->dport == q->dport;
}

/* The answer, or NULL: then the answer's list has the question. */
static const struct snap_trial *ask(struct trip *t, struct snap_trial q)
{
	const struct snap *s = t->st->s;
	struct why *why = t->st->why;

	q.ns = t->ns;
	q.proto = t->p.l4proto;
	q.src = q.kind == TRIAL_FLOWS ? t->p.daddr.family == 4 ? "0.0.0.0" : "::" : trip_ip(t->st, &t->p.saddr);
	q.dst = trip_ip(t->st, &t->p.daddr);
	q.sport = q.kind == TRIAL_FLOWS ? 0 : t->p.sport;
	q.dport = t->p.dport;
	for (size_t i = 0; i < s->n_trials; i++)
		if (is_answer_to(&s->trials[i], &q))
			return &s->trials[i];
	for (size_t i = 0; i < why->n_trials; i++)
		if (is_answer_to(&why->trials[i], &q))
			return NULL;
	*ARRAY_ADD(why, trials) = q;
	return NULL;
}

static const char *name_of(struct why_state *st, const struct snap_hook *h)
{
	const char *name = h->function ? h->function : h->prog_name;

	if (!h->prog_id)
		return why_printf(st, "tc filter %s", h->kind ? h->kind : "");
	return why_printf(st, "program %s (id %u)", name ? name : "without a name", h->prog_id);
}

static const char *where(struct trip *t, const struct snap_hook *h)
{
	struct why_state *st = t->st;
	const char *name = name_of(st, h);

	if (h->ifindex)
		return why_printf(st, "%s, %s on %s in %s", name, hook_place_names[h->place], look_ifname(st->s, h->ns, h->ifindex),
				  look_ns_name(st, h->ns));
	return why_printf(st, "%s, %s in %s", name, hook_place_names[h->place], look_ns_name(st, t->ns));
}

/* --- devices ----------------------------------------------------------------------------------------------------------------- */

static void add_device_cause(struct trip *t, const struct snap_hook *h, const struct snap_trial *answer)
{
	struct why_state *st = t->st;
	const char *dev = look_ifname(st->s, t->ns, h->ifindex);
	bool xdp = h->place == HOOK_XDP;

	why_add(st, "tc-or-xdp-drop", ETIMEDOUT);
	why_summary(st, "%s drops %s", where(t, h), t->back ? "the answer" : "it");
	why_text(st, "device", dev);
	why_number(st, "netns", t->ns);
	why_text(st, "attach_type", hook_place_names[h->place]);
	if (h->prog_id) {
		why_number(st, xdp ? "xdp_prog_id" : "tc_prog_id", h->prog_id);
		why_text(st, xdp ? "xdp_prog_name" : "tc_prog_name", h->prog_name);
		why_text(st, "bpf_function", h->function);
	}
	if (answer)
		why_line(st, "tried", "the program was run on this packet and returned %d", answer->ret);
	why_line(st, "rule", "%s",
		 xdp ? "XDP runs before tcpdump, conntrack and any ruleset"
		     : "tc runs before any ruleset: no counter of one shows it");
	if (h->prog_id)
		why_advise(st, "see what it is:  bpftool prog show id %u", h->prog_id);
	if (xdp)
		why_advise(st, "detach it:  %sip link set %s xdp off", look_enter(st, t->ns), look_quoted(st, dev));
	else
		why_advise(st, "see where it hangs:  %stc filter show dev %s %s", look_enter(st, t->ns), look_quoted(st, dev),
			   h->place == HOOK_TC_EGRESS || h->place == HOOK_TCX_EGRESS ? "egress" : "ingress");
	trip_word(t, "%s %s (drop)", hook_place_names[h->place], h->prog_name ? h->prog_name : h->kind ? h->kind : "");
}

static void judge_program(struct trip *t, const struct snap_hook *h)
{
	const struct snap_trial *a = ask(
		t, (struct snap_trial){ .kind = TRIAL_PROGRAM, .place = h->place, .ifindex = h->ifindex, .prog_id = h->prog_id });

	if (!a)
		why_skip(t->st, "a BPF program", where(t, h), "it was not run on this packet");
	else if (a->verdict == TRIAL_REFUSED)
		why_skip(t->st, "a BPF program", where(t, h), "the kernel did not run it on this packet");
	else if (a->verdict == TRIAL_REDIRECT)
		why_skip(t->st, "a BPF program", where(t, h), "it takes the packet elsewhere");
	else if (a->verdict == TRIAL_DROP)
		add_device_cause(t, h, a);
}

/* A classic filter: one that matches all can be told; what others match on is not read. */
static void judge_filter(struct trip *t, const struct snap_hook *h)
{
	if (!h->action)
		return;
	if (same_text(h->kind, "matchall") && same_text(h->action, "drop"))
		add_device_cause(t, h, NULL);
	else
		why_skip(t->st, "a tc filter", where(t, h), "what it matches is not evaluated");
}

void attach_device(struct trip *t, enum hook_place place, uint32_t ifindex)
{
	uint32_t n;
	const struct snap_hook *all = SNAP_RANGE(t->st->s, hooks, t->ns, &n);

	t->st->why->checks++;
	for (uint32_t i = 0; i < n; i++) {
		if (all[i].place != place || all[i].ifindex != ifindex)
			continue;
		if (all[i].prog_id && all[i].answers)
			judge_program(t, &all[i]);
		else
			judge_filter(t, &all[i]);
	}
}

void attach_policies(struct trip *t)
{
	uint32_t n;
	const struct snap_hook *all = SNAP_RANGE(t->st->s, hooks, t->ns, &n);
	const struct snap_link *l = look_link(t->st->s, t->ns, t->p.oif.index ? t->p.oif.index : t->p.iif.index);

	if (l && l->flags & IFF_LOOPBACK) /* disable_policy and disable_xfrm (inetdev_init, net/ipv4/devinet.c) */
		return;
	for (uint32_t i = 0; i < n; i++)
		if (all[i].place == HOOK_XFRM)
			why_skip(t->st, "IPsec policies", why_printf(t->st, "%u in %s", all[i].count, look_ns_name(t->st, t->ns)),
				 "whether one of them refuses it, or wants it encrypted, is not evaluated");
}

/* --- the lookup, and control groups -------------------------------------------------------------------------------------------- */

static void add_lookup_cause(struct trip *t, const struct snap_hook *h)
{
	struct why_state *st = t->st;

	why_add(st, "bpf-sk-lookup", t->p.l4proto == IPPROTO_TCP || t->p.l4proto == IPPROTO_UDP ? ECONNREFUSED : ETIMEDOUT);
	why_summary(st, "%s drops it, whoever listens", where(t, h));
	why_text(st, "bpf_prog_name", h->prog_name);
	why_text(st, "bpf_function", h->function);
	why_number(st, "bpf_prog_id", h->prog_id);
	why_number(st, "netns", t->ns);
	why_text(st, "attach_type", "sk_lookup");
	why_line(st, "tried", "the program was run on this packet and said SK_DROP");
	why_line(st, "rule", "sk_lookup programs run before the lookup of a listener; to drop means: no socket");
	why_advise(st, "find its link (netns_ino %u) and detach it:  bpftool link show; bpftool link detach id ID", t->ns);
	trip_word(t, "sk_lookup %s (drop)", h->prog_name ? h->prog_name : "");
}

int attach_lookup(struct trip *t, uint32_t ifindex, uint64_t *cookie)
{
	uint32_t n;
	const struct snap_hook *all = SNAP_RANGE(t->st->s, hooks, t->ns, &n), *dropper = NULL;

	t->st->why->checks++;
	for (uint32_t i = 0; i < n; i++) {
		const struct snap_trial *a;

		if (all[i].place != HOOK_SK_LOOKUP)
			continue;
		a = ask(t, (struct snap_trial){
				   .kind = TRIAL_PROGRAM, .place = HOOK_SK_LOOKUP, .ifindex = ifindex, .prog_id = all[i].prog_id });
		if (!a || a->verdict == TRIAL_REFUSED) {
			why_skip(t->st, "a BPF program", where(t, &all[i]),
				 a ? "the kernel did not run it on this packet" : "it was not run on this packet");
		} else if (a->verdict == TRIAL_DROP) {
			dropper = dropper ? dropper : &all[i];
		} else if (a->cookie) { /* a choice wins over a drop (BPF_PROG_SK_LOOKUP_RUN_ARRAY, include/linux/filter.h) */
			*cookie = a->cookie;
			return 2;
		}
	}
	if (dropper)
		add_lookup_cause(t, dropper);
	return dropper != NULL;
}

void attach_cgroup(struct trip *t, enum hook_place place, uint64_t cgroup)
{
	struct why_state *st = t->st;
	uint32_t n;
	const struct snap_hook *all = SNAP_RANGE(st->s, hooks, 0, &n);

	st->why->checks++;
	for (uint32_t i = 0; cgroup && i < n; i++) {
		const struct snap_trial *a;

		if (all[i].place != place || all[i].cgroup != cgroup)
			continue;
		a = ask(t, (struct snap_trial){
				   .kind = TRIAL_PROGRAM, .place = (uint8_t)place, .cgroup = cgroup, .prog_id = all[i].prog_id });
		if (!a || a->verdict == TRIAL_REFUSED) {
			why_skip(st, "a BPF program", where(t, &all[i]),
				 a ? "the kernel did not run it on this packet" : "it was not run on this packet");
			continue;
		}
		if (a->verdict != TRIAL_DROP)
			continue;
		why_add(st, "cgroup-bpf-ingress-drop", ETIMEDOUT);
		why_summary(st, "%s of the server's control group drops %s", where(t, &all[i]), t->back ? "the answer" : "it");
		why_text(st, "bpf_prog_name", all[i].prog_name);
		why_text(st, "bpf_function", all[i].function);
		why_number(st, "bpf_prog_id", all[i].prog_id);
		why_text(st, "attach_type", place == HOOK_CGROUP_INGRESS ? "cgroup_inet_ingress" : "cgroup_inet_egress");
		why_number(st, "cgroup_id", cgroup);
		why_text(st, "cgroup_path", all[i].cgroup_path);
		why_line(st, "tried", "the program was run on this packet and returned %d", a->ret);
		why_advise(
			st,
			"correct the policy of whoever attached it (systemd: IPAddressAllow=, a network plugin):  bpftool cgroup show %s%s",
			look_cgroup2(st->s), all[i].cgroup_path ? all[i].cgroup_path : "/...");
		trip_word(t, "cgroup %s (drop)", all[i].prog_name ? all[i].prog_name : "");
	}
}

/* NULL where there is none, or none is known. */
static const struct snap_trial *ask_entries(struct trip *t, uint8_t kind)
{
	const struct snap_trial *a;

	t->st->why->checks++;
	a = ask(t, (struct snap_trial){ .kind = kind });
	if (!a)
		why_skip(t->st, "conntrack", look_ns_words(t->st, t->ns), "a snapshot does not hold its entries");
	else if (a->verdict == TRIAL_REFUSED)
		why_skip(t->st, "conntrack", look_ns_words(t->st, t->ns), "the kernel could not be asked for its entries");
	return a && !a->err ? a : NULL;
}

const struct snap_trial *attach_conntrack(struct trip *t)
{
	if (!t->st->q->sport || t->back || t->p.unknown & (PACKET_SADDR | PACKET_SPORT))
		return NULL;
	return ask_entries(t, TRIAL_CONNTRACK);
}

/*
 * A new connection of TCP has a port of its own; a socket that sends datagrams keeps its port, and with it its entry. No ruleset: nothing
 * is tracked (nf_ct_netns_get).
 */
const struct snap_trial *attach_flows(struct trip *t)
{
	bool udp = t->p.l4proto == IPPROTO_UDP || t->p.l4proto == IPPROTO_UDPLITE;

	if (t->st->q->sport || t->back || t->proxied || !udp || !trip_place(t, t->ns)->rules.n_rules)
		return NULL;
	return ask_entries(t, TRIAL_FLOWS);
}
