// SPDX-License-Identifier: GPL-2.0-or-later
#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <fcntl.h>
#include <linux/if_ether.h>
#include <linux/netlink.h>
#include <netinet/ether.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <sys/stat.h>

#include "collect/inside.h"
#include "collect/trials.h"
#include "net/conntrack.h"

/* --- a packet ------------------------------------------------------------------------------------------------------------ */

struct bytes {
	uint8_t at[128];
	size_t len;
};

static uint32_t sum_words(const void *p, size_t len, uint32_t sum)
{
	const uint8_t *b = p;

	for (size_t i = 0; i + 1 < len; i += 2)
		sum += (uint32_t)b[i] << 8 | b[i + 1];
	return sum;
}

static uint16_t checksum(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return htons((uint16_t)~sum);
}

/* A SYN, or a datagram of eight bytes. The checksum begins with the pseudo header's sum. */
static size_t put_l4(uint8_t *at, const struct snap_trial *t, uint32_t pseudo)
{
	struct tcphdr tcp = { .source = htons((uint16_t)t->sport),
			      .dest = htons((uint16_t)t->dport),
			      .seq = htonl(1),
			      .doff = 5,
			      .syn = 1,
			      .window = htons(64240) };
	struct udphdr udp = { .source = tcp.source, .dest = tcp.dest, .len = htons(sizeof(udp) + 8) };
	size_t len = t->proto == IPPROTO_TCP ? sizeof(tcp) : sizeof(udp) + 8;

	memset(at, 0, len);
	pseudo += (uint32_t)len + t->proto;
	if (t->proto == IPPROTO_TCP) {
		tcp.check = checksum(sum_words(&tcp, sizeof(tcp), pseudo));
		memcpy(at, &tcp, sizeof(tcp));
	} else {
		udp.check = checksum(sum_words(&udp, sizeof(udp), pseudo));
		memcpy(at, &udp, sizeof(udp));
	}
	return len;
}

static void put_v4(struct bytes *b, const struct snap_trial *t)
{
	struct iphdr ip = { .version = 4, .ihl = 5, .ttl = 64, .protocol = t->proto, .frag_off = htons(0x4000) };
	uint8_t *at = b->at + b->len;

	inet_pton(AF_INET, t->src, &ip.saddr);
	inet_pton(AF_INET, t->dst, &ip.daddr);
	b->len += sizeof(ip);
	b->len += put_l4(b->at + b->len, t, sum_words(&ip.saddr, 8, 0));
	ip.tot_len = htons((uint16_t)(b->at + b->len - at));
	ip.check = checksum(sum_words(&ip, sizeof(ip), 0));
	memcpy(at, &ip, sizeof(ip));
}

static void put_v6(struct bytes *b, const struct snap_trial *t)
{
	struct ip6_hdr ip = { .ip6_flow = htonl(6u << 28), .ip6_nxt = t->proto, .ip6_hlim = 64 };
	uint8_t *at = b->at + b->len;
	size_t len;

	inet_pton(AF_INET6, t->src, &ip.ip6_src);
	inet_pton(AF_INET6, t->dst, &ip.ip6_dst);
	b->len += sizeof(ip);
	len = put_l4(b->at + b->len, t, sum_words(&ip.ip6_src, 32, 0));
	b->len += len;
	ip.ip6_plen = htons((uint16_t)len);
	memcpy(at, &ip, sizeof(ip));
}

static bool is_v6(const struct snap_trial *t)
{
	return strchr(t->dst, ':') != NULL;
}

/* As it arrives at a device: to the device's own address. */
static void make_packet(struct bytes *b, const struct snap *s, const struct snap_trial *t)
{
	struct ethhdr eth = { .h_proto = htons(is_v6(t) ? ETH_P_IPV6 : ETH_P_IP), .h_source = { 2, 0, 0, 0, 0, 1 } };
	uint32_t n;
	const struct snap_link *l = SNAP_RANGE(s, links, t->ns, &n);

	for (uint32_t i = 0; i < n; i++)
		if (l[i].ifindex == t->ifindex && l[i].address)
			ether_aton_r(l[i].address, (struct ether_addr *)eth.h_dest);
	memcpy(b->at, &eth, sizeof(eth));
	b->len = sizeof(eth);
	if (is_v6(t))
		put_v6(b, t);
	else
		put_v4(b, t);
}

/* --- programs -------------------------------------------------------------------------------------------------------------- */

/* XDP_*, TC_ACT_* and TCX_*, the return values of control groups' programs: include/uapi/linux/bpf.h, pkt_cls.h. */
static uint8_t verdict_of(uint8_t place, int32_t ret)
{
	switch (place) {
	case HOOK_XDP:
		return ret == 2 ? TRIAL_PASS : ret == 3 || ret == 4 ? TRIAL_REDIRECT : TRIAL_DROP;
	case HOOK_CGROUP_INGRESS:
	case HOOK_CGROUP_EGRESS:
		return ret & 1 ? TRIAL_PASS : TRIAL_DROP;
	case HOOK_SK_LOOKUP:
		return ret == 1 ? TRIAL_PASS : TRIAL_DROP;
	default:
		return ret == 2 || ret == 4 || ret == 5 || ret == 8 ? TRIAL_DROP : ret == 7 ? TRIAL_REDIRECT : TRIAL_PASS;
	}
}

static int run_xdp(int fd, struct snap_trial *t, const struct bytes *b)
{
	struct xdp_md md = { .data_end = (uint32_t)b->len, .ingress_ifindex = t->ifindex };
	LIBBPF_OPTS(bpf_test_run_opts, o, .data_in = b->at, .data_size_in = (uint32_t)b->len, .ctx_in = &md,
		    .ctx_size_in = sizeof(md), .repeat = 1);
	int err = bpf_prog_test_run_opts(fd, &o) ? -errno : 0;

	if (err == -EINVAL) { /* a driver that has registered no queue: without a device then (xdp_convert_md_to_buff) */
		o.ctx_in = NULL;
		o.ctx_size_in = 0;
		err = bpf_prog_test_run_opts(fd, &o) ? -errno : 0;
	}
	t->ret = (int32_t)o.retval;
	return err;
}

static int run_skb(int fd, struct snap_trial *t, const struct bytes *b)
{
	struct __sk_buff skb = { .ifindex = t->ifindex > 1 ? t->ifindex : 0 };
	LIBBPF_OPTS(bpf_test_run_opts, o, .data_in = b->at, .data_size_in = (uint32_t)b->len, .ctx_in = &skb,
		    .ctx_size_in = sizeof(skb), .repeat = 1);
	int err = bpf_prog_test_run_opts(fd, &o) ? -errno : 0;

	t->ret = (int32_t)o.retval;
	return err;
}

/*
 * What is looked up is told as fields, and a socket that was chosen comes back as its cookie. The kernel lets nobody say by which device it
 * came in (bpf_prog_test_run_sk_lookup, net/bpf/test_run.c: what is behind local_port has to be zero).
 */
static int run_lookup(int fd, struct snap_trial *t)
{
	struct bpf_sk_lookup ctx = { .family = is_v6(t) ? AF_INET6 : AF_INET, .protocol = t->proto, .local_port = t->dport },
			     answer = { 0 };
	LIBBPF_OPTS(bpf_test_run_opts, o, .ctx_in = &ctx, .ctx_size_in = sizeof(ctx), .ctx_out = &answer,
		    .ctx_size_out = sizeof(answer));
	int err;

	ctx.remote_port = htons((uint16_t)t->sport);
	if (is_v6(t)) {
		inet_pton(AF_INET6, t->src, ctx.remote_ip6);
		inet_pton(AF_INET6, t->dst, ctx.local_ip6);
	} else {
		inet_pton(AF_INET, t->src, &ctx.remote_ip4);
		inet_pton(AF_INET, t->dst, &ctx.local_ip4);
	}
	err = bpf_prog_test_run_opts(fd, &o) ? -errno : 0;
	t->ret = (int32_t)o.retval;
	t->cookie = answer.cookie;
	return err;
}

static void run_program(const struct snap *s, struct snap_trial *t)
{
	CLEAN_FD int fd = bpf_prog_get_fd_by_id(t->prog_id);
	struct bytes b;
	int err;

	if (fd < 0) {
		err = -errno;
	} else if (t->place == HOOK_SK_LOOKUP) {
		err = run_lookup(fd, t);
	} else {
		make_packet(&b, s, t);
		err = t->place == HOOK_XDP ? run_xdp(fd, t, &b) : run_skb(fd, t, &b);
	}
	t->err = -err;
	t->verdict = err ? TRIAL_REFUSED : verdict_of(t->place, t->ret);
}

/* --- conntrack ---------------------------------------------------------------------------------------------------------------- */

static void ask_conntrack(struct snap *s, struct snap_trial *t)
{
	const struct nlmsghdr *answer;
	struct nlmsghdr *request;
	struct nl nl = { 0 };
	NL_REQUEST(buf);
	int err = nl_open(&nl, NETLINK_NETFILTER);

	request = err ? NULL : conntrack_get(buf, t);
	if (!err)
		err = request ? nl_ask(&nl, request, &answer) : -EINVAL;
	if (!err)
		err = conntrack_parse(answer, &s->arena, t);
	nl_close(&nl);
	t->err = -err;
	t->verdict = err && err != -ENOENT ? TRIAL_REFUSED : TRIAL_PASS;
}

struct flows {
	struct snap *s;
	struct snap_trial *t;
	struct snap_trial_flow *flows;
	size_t n_flows, cap_flows;
};

static int take_flow(const struct nlmsghdr *h, void *arg)
{
	enum { MOST = 256 };
	struct flows *f = arg;
	struct snap_trial_flow flow;

	if (f->n_flows < MOST && !conntrack_parse_flow(h, &f->s->arena, f->t, &flow))
		*ARRAY_ADD(f, flows) = flow;
	return 0;
}

static void forget_flows(void *arg)
{
	((struct flows *)arg)->n_flows = 0;
}

static void ask_flows(struct snap *s, struct snap_trial *t)
{
	struct flows f = { .s = s, .t = t };
	struct nl_sink sink = { take_flow, forget_flows, &f };
	struct snap_trial_flow *kept;
	struct nlmsghdr *request;
	struct nl nl = { 0 };
	NL_REQUEST(buf);
	int err = nl_open(&nl, NETLINK_NETFILTER);

	request = err ? NULL : conntrack_list(buf, t);
	if (!err)
		err = request ? nl_dump(&nl, request, &sink) : -EINVAL;
	nl_close(&nl);
	kept = arena_alloc(&s->arena, (f.n_flows + 1) * sizeof(*kept));
	if (f.n_flows)
		memcpy(kept, f.flows, f.n_flows * sizeof(*kept));
	free(f.flows);
	t->flows = kept;
	t->n_flows = (uint32_t)f.n_flows;
	t->err = -err;
	t->verdict = err ? TRIAL_REFUSED : TRIAL_PASS;
}

/* --- in their namespaces -------------------------------------------------------------------------------------------------------- */

struct rounds {
	struct nsfs n;
	struct snap *s;
};

static uint32_t own_netns(void)
{
	struct stat st;

	return stat("/proc/thread-self/ns/net", &st) ? 0 : (uint32_t)st.st_ino;
}

static void run_one(struct rounds *r, struct snap_trial *t)
{
	uint32_t at = index_ns(r->n.ix, NS_NET, t->ns);
	int err = at == IDMAP_NONE ? -ENOENT : t->ns == own_netns() ? 0 : nsfs_enter(&r->n, at);

	t->answered = true;
	if (err) {
		t->err = -err;
		t->verdict = TRIAL_REFUSED;
	} else if (t->kind == TRIAL_CONNTRACK) {
		ask_conntrack(r->s, t);
	} else if (t->kind == TRIAL_FLOWS) {
		ask_flows(r->s, t);
	} else {
		run_program(r->s, t);
	}
}

static void run_all(void *arg)
{
	struct rounds *r = arg;

	for (size_t i = 0; i < r->s->n_trials; i++)
		if (!r->s->trials[i].answered)
			run_one(r, &r->s->trials[i]);
}

void trials_run(struct snap *s, const struct collect_opts *o)
{
	CLEAN_FD int proc = open(o->proc ? o->proc : "/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct collecting c = { .snap = s, .opts = o, .proc_fd = proc, .own_proc = !o->proc };
	struct rounds r = { .s = s };
	struct index ix;

	if (proc < 0)
		return;
	index_build(&ix, s);
	nsfs_init(&r.n, &c, &ix);
	nsfs_visit(run_all, &r);
	index_done(&ix);
}
