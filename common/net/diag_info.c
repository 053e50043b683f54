// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Figures of connections: tcp_get_info() and tcp_diag_get_aux(), net/ipv4/tcp.c and tcp_diag.c; mptcp_diag_fill_info(), net/mptcp/sockopt.c.
 * Structures grow at their end, so that the attribute's length says what there is.
 */
#include <linux/inet_diag.h>
#include <linux/mptcp.h>
#include <linux/tcp.h>
#include <linux/tls.h>
#include <inttypes.h>
#include <stdarg.h>

#include "net/diag_inside.h"

/* --- words of a socket's own ---------------------------------------------------------------------------------------------------------- */

void diag_detail(struct diag_details *d, const char *key, bool number, const char *fmt, ...)
{
	char text[256];
	va_list ap;
	int len;

	if (d->n == DIAG_DETAILS)
		return;
	va_start(ap, fmt);
	len = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	d->items[d->n++] = (struct snap_link_attr){ key, intern_text(d->in, text, MIN((size_t)len, sizeof(text) - 1)), number };
}

void diag_details_end(struct diag_details *d, struct snap_socket *s)
{
	struct snap_link_attr *list = d->n ? arena_alloc(d->in->arena, d->n * sizeof(*list)) : NULL;

	if (list)
		memcpy(list, d->items, d->n * sizeof(*list));
	s->details = list;
	s->n_details = d->n;
}

/* --- TCP ---------------------------------------------------------------------------------------------------------------------------------- */

enum { /* where members stand that older headers than the kernel do not have */
       AT_RCV_WND = offsetof(struct tcp_info, tcpi_snd_wnd) + 4,
       AT_REHASH = AT_RCV_WND + 4,
       AT_TOTAL_RTO = AT_RCV_WND + 8, /* 16 bits, and 16 of total_rto_recoveries */
       AT_TOTAL_RTO_TIME = AT_RCV_WND + 12,
};

static int64_t member(const struct nlattr *a, size_t at)
{
	const char *p = nl_attr(a, at + sizeof(uint32_t));
	uint32_t v;

	if (!p)
		return OPT_NONE;
	memcpy(&v, p + at, sizeof(v));
	return v;
}

static int64_t half_member(const struct nlattr *a, size_t at)
{
	const char *p = nl_attr(a, at + sizeof(uint16_t));
	uint16_t v;

	if (!p)
		return OPT_NONE;
	memcpy(&v, p + at, sizeof(v));
	return v;
}

/* What it was in the first place (2.6), and up to 4.2. */
static void take_old(const struct tcp_info *t, struct snap_tcp_info *out)
{
	bool scaled = t->tcpi_options & TCPI_OPT_WSCALE;

	out->timestamps = t->tcpi_options & TCPI_OPT_TIMESTAMPS;
	out->sack = t->tcpi_options & TCPI_OPT_SACK;
	out->ecn = t->tcpi_options & TCPI_OPT_ECN;
	out->ecn_seen = t->tcpi_options & TCPI_OPT_ECN_SEEN;
	out->fast_open = t->tcpi_options & TCPI_OPT_SYN_DATA;
	out->snd_wscale = scaled ? t->tcpi_snd_wscale : OPT_NONE;
	out->rcv_wscale = scaled ? t->tcpi_rcv_wscale : OPT_NONE;
	out->backoff = t->tcpi_backoff;
	out->rto = t->tcpi_rto;
	out->ato = t->tcpi_ato;
	out->snd_mss = t->tcpi_snd_mss;
	out->rcv_mss = t->tcpi_rcv_mss;
	out->unacked = t->tcpi_unacked;
	out->sacked = t->tcpi_sacked;
	out->lost = t->tcpi_lost;
	out->retrans = t->tcpi_retrans;
	out->fackets = t->tcpi_fackets;
	out->last_snd = t->tcpi_last_data_sent;
	out->last_rcv = t->tcpi_last_data_recv;
	out->last_ack = t->tcpi_last_ack_recv;
	out->pmtu = t->tcpi_pmtu;
	out->rcv_ssthresh = t->tcpi_rcv_ssthresh;
	out->rtt = t->tcpi_rtt;
	out->rttvar = t->tcpi_rttvar;
	out->ssthresh = t->tcpi_snd_ssthresh;
	out->cwnd = t->tcpi_snd_cwnd;
	out->advmss = t->tcpi_advmss;
	out->reordering = t->tcpi_reordering;
	out->rcv_rtt = t->tcpi_rcv_rtt;
	out->rcv_space = t->tcpi_rcv_space;
	out->total_retrans = t->tcpi_total_retrans;
}

static uint64_t rate(uint64_t bytes)
{
	return bytes == UINT64_MAX ? 0 : bytes; /* no limit */
}

static void take_newer(const struct tcp_info *t, struct snap_tcp_info *out)
{
	out->pacing_rate = rate(t->tcpi_pacing_rate);
	out->max_pacing_rate = rate(t->tcpi_max_pacing_rate);
	out->bytes_acked = t->tcpi_bytes_acked;
	out->bytes_received = t->tcpi_bytes_received;
	out->segs_out = t->tcpi_segs_out;
	out->segs_in = t->tcpi_segs_in;
	out->notsent = t->tcpi_notsent_bytes;
	out->min_rtt = t->tcpi_min_rtt;
	out->data_segs_in = t->tcpi_data_segs_in;
	out->data_segs_out = t->tcpi_data_segs_out;
	out->delivery_rate = t->tcpi_delivery_rate;
	out->app_limited = t->tcpi_delivery_rate_app_limited;
	out->busy_time = t->tcpi_busy_time;
	out->rwnd_limited = t->tcpi_rwnd_limited;
	out->sndbuf_limited = t->tcpi_sndbuf_limited;
	out->delivered = t->tcpi_delivered;
	out->delivered_ce = t->tcpi_delivered_ce;
	out->bytes_sent = t->tcpi_bytes_sent;
	out->bytes_retrans = t->tcpi_bytes_retrans;
	out->dsack_dups = t->tcpi_dsack_dups;
	out->reord_seen = t->tcpi_reord_seen;
	out->rcv_ooopack = t->tcpi_rcv_ooopack;
	out->snd_wnd = t->tcpi_snd_wnd;
}

void diag_take_tcp_info(const struct nlattr *a, struct snap_tcp_info *out)
{
	struct tcp_info t = { 0 };

	memcpy(&t, mnl_attr_get_payload(a), MIN((size_t)mnl_attr_get_payload_len(a), sizeof(t)));
	out->cookie = 1;
	take_old(&t, out);
	take_newer(&t, out);
	out->rcv_wnd = member(a, AT_RCV_WND);
	out->rehash = member(a, AT_REHASH);
	out->total_rto = half_member(a, AT_TOTAL_RTO);
	out->total_rto_recoveries = half_member(a, AT_TOTAL_RTO + 2);
	out->total_rto_time = member(a, AT_TOTAL_RTO_TIME);
}

void diag_take_bbr(const struct nlattr *a, struct diag_details *d)
{
	const struct tcp_bbr_info *b = nl_attr(a, sizeof(*b));

	if (!b)
		return;
	diag_detail(d, "bbr.bw", true, "%" PRIu64, (uint64_t)b->bbr_bw_hi << 32 | b->bbr_bw_lo);
	diag_detail(d, "bbr.mrtt", true, "%u", b->bbr_min_rtt);
	diag_detail(d, "bbr.pacing_gain", true, "%u", b->bbr_pacing_gain);
	diag_detail(d, "bbr.cwnd_gain", true, "%u", b->bbr_cwnd_gain);
}

void diag_take_dctcp(const struct nlattr *a, struct diag_details *d)
{
	const struct tcp_dctcp_info *i = nl_attr(a, sizeof(*i));

	if (!i)
		return;
	diag_detail(d, "dctcp.enabled", true, "%s", i->dctcp_enabled ? "true" : "false");
	diag_detail(d, "dctcp.ce_state", true, "%u", i->dctcp_ce_state);
	diag_detail(d, "dctcp.alpha", true, "%u", i->dctcp_alpha);
	diag_detail(d, "dctcp.ab_ecn", true, "%u", i->dctcp_ab_ecn);
	diag_detail(d, "dctcp.ab_tot", true, "%u", i->dctcp_ab_tot);
}

/* --- what lies above TCP -------------------------------------------------------------------------------------------------------------------- */

static uint64_t number(const struct nlattr *a)
{
	switch (mnl_attr_get_payload_len(a)) {
	case 1:
		return mnl_attr_get_u8(a);
	case 2:
		return mnl_attr_get_u16(a);
	case 4:
		return mnl_attr_get_u32(a);
	case 8:
		return mnl_attr_get_u64(a);
	default:
		return 0;
	}
}

/* One of a list, or the number that has no name. */
static void put_named(struct diag_details *d, const char *key, const char *const *names, size_t n, uint64_t value)
{
	if (value < n && names[value])
		diag_detail(d, key, false, "%s", names[value]);
	else
		diag_detail(d, key, false, "unknown(%" PRIu64 ")", value);
}

/* tls_get_info(), net/tls/tls_main.c */
static void take_tls(const struct nlattr *nest, struct diag_details *d)
{
	static const char *const confs[] = { NULL, "none", "sw", "hw", "hw-record" }; /* TLS_CONF_*, from 1 */
	static const char *const ciphers[] = { [51] = "aes-gcm-128", "aes-gcm-256", "aes-ccm-128",
					       "chacha20-poly1305",  "sm4-gcm",     "sm4-ccm",
					       "aria-gcm-128",       "aria-gcm-256" }; /* TLS_CIPHER_* */
	enum { ZC_RO_TX = 5 };                                                         /* TLS_INFO_ZC_RO_TX (6.0) */

	nl_for_each_in (a, nest) {
		switch (mnl_attr_get_type(a)) {
		case TLS_INFO_VERSION: /* 0x0303 is 1.2 */
			diag_detail(d, "tls.version", false, "1.%u", (unsigned int)(number(a) & 0xff) - 1);
			break;
		case TLS_INFO_CIPHER:
			put_named(d, "tls.cipher", ciphers, ARRAY_SIZE(ciphers), number(a));
			break;
		case TLS_INFO_RXCONF:
			put_named(d, "tls.rxconf", confs, ARRAY_SIZE(confs), number(a));
			break;
		case TLS_INFO_TXCONF:
			put_named(d, "tls.txconf", confs, ARRAY_SIZE(confs), number(a));
			break;
		case ZC_RO_TX:
			diag_detail(d, "tls.zc_ro_tx", true, "true");
			break;
		}
	}
}

/* subflow_get_info(), net/mptcp/diag.c. Each flag has its letter, from the lowest bit on. */
static void take_subflow(const struct nlattr *nest, struct diag_details *d)
{
	static const char letters[] = "MmJjBbecv";
	char flags[sizeof(letters)], *f = flags;
	uint64_t v[MPTCP_SUBFLOW_ATTR_MAX + 1] = { 0 };

	nl_for_each_in (a, nest)
		if (mnl_attr_get_type(a) <= MPTCP_SUBFLOW_ATTR_MAX)
			v[mnl_attr_get_type(a)] = number(a);
	for (size_t i = 0; letters[i]; i++)
		if (v[MPTCP_SUBFLOW_ATTR_FLAGS] >> i & 1)
			*f++ = letters[i];
	*f = '\0';
	if (*flags)
		diag_detail(d, "mptcp.flags", false, "%s", flags);
	diag_detail(d, "mptcp.token", false, "%04" PRIx64 "(id:%" PRIu64 ")/%04" PRIx64 "(id:%" PRIu64 ")",
		    v[MPTCP_SUBFLOW_ATTR_TOKEN_REM], v[MPTCP_SUBFLOW_ATTR_ID_REM], v[MPTCP_SUBFLOW_ATTR_TOKEN_LOC],
		    v[MPTCP_SUBFLOW_ATTR_ID_LOC]);
	diag_detail(d, "mptcp.seq", false, "%" PRIx64, v[MPTCP_SUBFLOW_ATTR_MAP_SEQ]);
	diag_detail(d, "mptcp.sfseq", false, "%" PRIx64, v[MPTCP_SUBFLOW_ATTR_MAP_SFSEQ]);
	diag_detail(d, "mptcp.ssnoff", false, "%" PRIx64, v[MPTCP_SUBFLOW_ATTR_SSN_OFFSET]);
	diag_detail(d, "mptcp.maplen", false, "%" PRIx64, v[MPTCP_SUBFLOW_ATTR_MAP_DATALEN]);
}

void diag_take_ulp(const struct nlattr *nest, struct diag_details *d)
{
	nl_for_each_in (a, nest) {
		const char *text = mnl_attr_get_payload(a);

		switch (mnl_attr_get_type(a)) {
		case INET_ULP_INFO_NAME:
			diag_detail(d, "ulp", false, "%.*s", (int)strnlen(text, mnl_attr_get_payload_len(a)), text);
			break;
		case INET_ULP_INFO_TLS:
			take_tls(a, d);
			break;
		case INET_ULP_INFO_MPTCP:
			take_subflow(a, d);
			break;
		}
	}
}

/* struct mptcp_info: what is 0 ss does not show. */
void diag_take_mptcp_info(const struct nlattr *a, struct diag_details *d)
{
	struct mptcp_info m = { 0 };

	memcpy(&m, mnl_attr_get_payload(a), MIN((size_t)mnl_attr_get_payload_len(a), sizeof(m)));
	diag_detail(d, "subflows", true, "%u", m.mptcpi_subflows);
	diag_detail(d, "add_addr_signal", true, "%u", m.mptcpi_add_addr_signal);
	diag_detail(d, "add_addr_accepted", true, "%u", m.mptcpi_add_addr_accepted);
	diag_detail(d, "subflows_max", true, "%u", m.mptcpi_subflows_max);
	diag_detail(d, "add_addr_signal_max", true, "%u", m.mptcpi_add_addr_signal_max);
	diag_detail(d, "add_addr_accepted_max", true, "%u", m.mptcpi_add_addr_accepted_max);
	if (m.mptcpi_flags & MPTCP_INFO_FLAG_FALLBACK)
		diag_detail(d, "fallback", true, "true");
	if (m.mptcpi_flags & MPTCP_INFO_FLAG_REMOTE_KEY_RECEIVED)
		diag_detail(d, "remote_key", true, "true");
	diag_detail(d, "token", false, "%x", m.mptcpi_token);
	diag_detail(d, "write_seq", false, "%" PRIx64, (uint64_t)m.mptcpi_write_seq);
	diag_detail(d, "snd_una", false, "%" PRIx64, (uint64_t)m.mptcpi_snd_una);
	diag_detail(d, "rcv_nxt", false, "%" PRIx64, (uint64_t)m.mptcpi_rcv_nxt);
}
