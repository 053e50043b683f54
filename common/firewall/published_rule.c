// SPDX-License-Identifier: GPL-2.0-or-later
/* What a rule says plainly: a protocol, a port, perhaps an address, and where that is translated to. */
#include <netinet/in.h>
#include <linux/netfilter/nf_nat.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/xt_tcpudp.h>

#include "firewall/published.h"
#include "firewall/xt.h"

enum { N_REGS = 24 };

/* What was read into a register, or put there. */
struct seen {
	enum { SEEN_NOTHING, SEEN_PROTO, SEEN_DADDR, SEEN_DPORT, SEEN_CONSTANT } what;
	const char *bytes;
	bool masked;
};

struct parsing {
	int family; /* 4, 6 */
	struct seen regs[N_REGS];
	struct published_rule *out;
	bool translated;
};

static struct seen *reg_of(struct parsing *p, int64_t reg)
{
	static struct seen nothing;

	nothing = (struct seen){ 0 };
	return reg >= 0 && reg < N_REGS ? &p->regs[reg] : &nothing;
}

static const char *proto_word(uint8_t proto)
{
	return proto == IPPROTO_TCP ? "tcp" : proto == IPPROTO_UDP ? "udp" : proto == IPPROTO_SCTP ? "sctp" : NULL;
}

static void set_address(struct parsing *p, struct ipaddr *to, const char *hex)
{
	struct ipaddr a = { .family = 0 };
	size_t n = fw_bytes(hex, a.bytes, sizeof(a.bytes));

	if (n != 4 && n != 16)
		return;
	a.family = n == 4 ? 4 : 6;
	*to = a;
	p->family = a.family;
}

static uint32_t port_of(const char *hex)
{
	uint8_t b[2];

	return fw_bytes(hex, b, sizeof(b)) == sizeof(b) ? (uint32_t)(b[0] << 8 | b[1]) : 0;
}

static void take_reader(struct parsing *p, const struct snap_fw_expr *e)
{
	struct seen *r = reg_of(p, e->dreg);

	*r = (struct seen){ 0 };
	if (!strcmp(e->name, "meta") && e->key == NFT_META_L4PROTO)
		r->what = SEEN_PROTO;
	else if (e->base == NFT_PAYLOAD_TRANSPORT_HEADER && e->offset == 2 && e->len == 2)
		r->what = SEEN_DPORT;
	else if (e->base == NFT_PAYLOAD_NETWORK_HEADER && ((e->offset == 16 && e->len == 4) || (e->offset == 24 && e->len == 16)))
		r->what = SEEN_DADDR;
}

static void take_cmp(struct parsing *p, const struct snap_fw_expr *e)
{
	const struct seen *r = reg_of(p, e->sreg);
	uint8_t proto;

	if (e->op != NFT_CMP_EQ || r->masked)
		return;
	if (r->what == SEEN_PROTO && fw_bytes(e->data, &proto, 1) == 1)
		p->out->proto = proto_word(proto);
	else if (r->what == SEEN_DPORT)
		p->out->host_port = port_of(e->data);
	else if (r->what == SEEN_DADDR)
		set_address(p, &p->out->host, e->data);
}

static void take_nat(struct parsing *p, const struct snap_fw_expr *e)
{
	const struct seen *addr = reg_of(p, e->addr_reg), *port = reg_of(p, e->port_reg);

	if (e->type != NFT_NAT_DNAT || addr->what != SEEN_CONSTANT)
		return;
	set_address(p, &p->out->to, addr->bytes);
	p->out->port = port->what == SEEN_CONSTANT ? port_of(port->bytes) : 0;
	p->translated = p->out->to.family;
}

static void take_match(struct parsing *p, const struct snap_fw_expr *e)
{
	struct xt_info info;
	const struct xt_tcp *tcp = (const void *)info.bytes;
	const struct xt_udp *udp = (const void *)info.bytes;
	bool is_tcp = e->ref && !strcmp(e->ref, "tcp"), is_udp = e->ref && !strcmp(e->ref, "udp");
	const uint16_t *ports = is_tcp ? tcp->dpts : udp->dpts;

	xt_info(e, &info);
	if (is_tcp || is_udp)
		p->out->proto = e->ref;
	if ((is_tcp || is_udp) && ports[0] == ports[1] && !((is_tcp ? tcp->invflags : udp->invflags) & XT_TCP_INV_DSTPT))
		p->out->host_port = ports[0];
}

static void take_target(struct parsing *p, const struct snap_fw_expr *e)
{
	struct xt_range range;

	if (!e->ref || strcmp(e->ref, "DNAT") != 0 || !xt_range(e, p->family, &range) || !ipaddr_equal(&range.low, &range.high))
		return;
	p->out->to = range.low;
	p->out->port = range.low_port;
	p->translated = range.low.family;
}

bool published_parse_rule(const struct snap_fw_rule *rule, struct published_rule *out)
{
	struct parsing p = { .family = rule->family == FW_IP6 ? 6 : 4, .out = out };

	*out = (struct published_rule){ 0 };
	for (uint32_t i = 0; i < rule->n_exprs; i++) {
		const struct snap_fw_expr *e = &rule->exprs[i];

		if (!strcmp(e->name, "meta") || !strcmp(e->name, "payload"))
			take_reader(&p, e);
		else if (!strcmp(e->name, "bitwise"))
			reg_of(&p, e->dreg)->masked = true;
		else if (!strcmp(e->name, "cmp"))
			take_cmp(&p, e);
		else if (!strcmp(e->name, "immediate") && e->data)
			*reg_of(&p, e->dreg) = (struct seen){ .what = SEEN_CONSTANT, .bytes = e->data };
		else if (!strcmp(e->name, "nat"))
			take_nat(&p, e);
		else if (!strcmp(e->name, "match"))
			take_match(&p, e);
		else if (!strcmp(e->name, "target"))
			take_target(&p, e);
	}
	return p.translated;
}

/* The word behind an option; the command line's words are joined by blanks. */
static bool value_of(const char *command, const char *option, char *buf, size_t size)
{
	size_t len = strlen(option);

	for (const char *at = strstr(command, option); at; at = strstr(at + 1, option)) {
		size_t n;

		if (at == command || at[-1] != ' ' || at[len] != ' ')
			continue;
		n = strcspn(at + len + 1, " ");
		if (n >= size)
			return false;
		memcpy(buf, at + len + 1, n);
		buf[n] = '\0';
		return true;
	}
	return false;
}

static bool port_value(const char *command, const char *option, uint32_t *out)
{
	char text[16];
	uint64_t port;

	if (!value_of(command, option, text, sizeof(text)) || parse_u64(text, UINT16_MAX, &port))
		return false;
	*out = (uint32_t)port;
	return true;
}

bool published_parse_proxy(const char *command, struct published_rule *out)
{
	static const char *const protos[] = { "tcp", "udp", "sctp" };
	struct published_rule r = { 0 };
	char text[64];

	for (size_t i = 0; value_of(command, "-proto", text, sizeof(text)) && i < ARRAY_SIZE(protos); i++)
		if (!strcmp(protos[i], text))
			r.proto = protos[i];
	if (!r.proto || !port_value(command, "-host-port", &r.host_port) || !port_value(command, "-container-port", &r.port))
		return false;
	if (!value_of(command, "-container-ip", text, sizeof(text)) || ipaddr_parse(text, &r.to))
		return false;
	if (value_of(command, "-host-ip", text, sizeof(text)))
		ipaddr_parse(text, &r.host);
	*out = r;
	return true;
}
