// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>

#include "view/sockinfo.h"

const char *sockinfo_detail(const struct snap_socket *s, const char *key)
{
	for (uint32_t i = 0; i < s->n_details; i++)
		if (!strcmp(s->details[i].key, key))
			return s->details[i].value;
	return NULL;
}

static uint64_t number_of(const struct snap_socket *s, const char *key)
{
	const char *text = sockinfo_detail(s, key);
	uint64_t n;

	return text && !parse_u64(text, UINT64_MAX, &n) ? n : 0;
}

/* --- pieces ------------------------------------------------------------------------------------------------------------------------------- */

static void put_count(struct cells *c, const char *name, uint64_t v)
{
	if (v)
		cells_put_f(c, " %s:%" PRIu64, name, v);
}

/* Times in us, shown in ms. */
static void put_time(struct cells *c, const char *name, double us)
{
	if (us > 0)
		cells_put_f(c, " %s:%g", name, us / 1000);
}

static void put_bits(struct cells *c, const struct socktext *t, double bits)
{
	static const struct {
		double least;
		char unit;
	} units[] = { { 1e12, 'T' }, { 1e9, 'G' }, { 1e6, 'M' }, { 1e3, 'k' } };

	if (!t->service) { /* -n */
		cells_put_f(c, "%.0fbps", bits);
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(units); i++)
		if (bits >= units[i].least) {
			cells_put_f(c, "%.3g%cbps", bits / units[i].least, units[i].unit);
			return;
		}
	cells_put_f(c, "%gbps", bits);
}

static void put_rate(struct cells *c, const struct socktext *t, const char *name, double bits)
{
	if (bits <= 0)
		return;
	cells_put_f(c, " %s ", name);
	put_bits(c, t, bits);
}

/* --- TCP ---------------------------------------------------------------------------------------------------------------------------------- */

static void put_options(struct cells *c, const struct snap_tcp_info *i)
{
	if (i->timestamps)
		cells_put(c, " ts");
	if (i->sack)
		cells_put(c, " sack");
	if (i->ecn)
		cells_put(c, " ecn");
	if (i->ecn_seen)
		cells_put(c, " ecnseen");
	if (i->fast_open)
		cells_put(c, " fastopen");
}

static void put_sizes(struct cells *c, const struct snap_tcp_info *i)
{
	if (i->congestion && *i->congestion) {
		cells_put(c, " ");
		cells_put_foreign(c, i->congestion, strlen(i->congestion));
	}
	if (OPT_VALUE(i->snd_wscale))
		cells_put_f(c, " wscale:%" PRId64 ",%" PRId64, i->snd_wscale, i->rcv_wscale);
	if (i->rto != 3000000)
		put_time(c, "rto", i->rto);
	put_count(c, "backoff", i->backoff);
	if (i->rtt)
		cells_put_f(c, " rtt:%g/%g", (double)i->rtt / 1000, (double)i->rttvar / 1000);
	put_time(c, "ato", i->ato);
	put_count(c, "mss", i->snd_mss);
	put_count(c, "pmtu", i->pmtu);
	put_count(c, "rcvmss", i->rcv_mss);
	put_count(c, "advmss", i->advmss);
	put_count(c, "cwnd", i->cwnd);
	if (i->ssthresh < 0xffff)
		put_count(c, "ssthresh", i->ssthresh);
	put_count(c, "bytes_sent", i->bytes_sent);
	put_count(c, "bytes_retrans", i->bytes_retrans);
	put_count(c, "bytes_acked", i->bytes_acked);
	put_count(c, "bytes_received", i->bytes_received);
	put_count(c, "segs_out", i->segs_out);
	put_count(c, "segs_in", i->segs_in);
	put_count(c, "data_segs_out", i->data_segs_out);
	put_count(c, "data_segs_in", i->data_segs_in);
}

/* What congestion control has to say. */
static void put_control(struct cells *c, const struct socktext *t, const struct snap_socket *s)
{
	const char *enabled = sockinfo_detail(s, "dctcp.enabled");

	if (enabled && strcmp(enabled, "true") != 0)
		cells_put(c, " dctcp:fallback_mode");
	else if (enabled)
		cells_put_f(c, " dctcp:(ce_state:%" PRIu64 ",alpha:%" PRIu64 ",ab_ecn:%" PRIu64 ",ab_tot:%" PRIu64 ")",
			    number_of(s, "dctcp.ce_state"), number_of(s, "dctcp.alpha"), number_of(s, "dctcp.ab_ecn"),
			    number_of(s, "dctcp.ab_tot"));
	if (!sockinfo_detail(s, "bbr.bw"))
		return;
	cells_put(c, " bbr:(bw:");
	put_bits(c, t, (double)number_of(s, "bbr.bw") * 8);
	cells_put_f(c, ",mrtt:%g", (double)number_of(s, "bbr.mrtt") / 1000);
	if (number_of(s, "bbr.pacing_gain"))
		cells_put_f(c, ",pacing_gain:%g", (double)number_of(s, "bbr.pacing_gain") / 256);
	if (number_of(s, "bbr.cwnd_gain"))
		cells_put_f(c, ",cwnd_gain:%g", (double)number_of(s, "bbr.cwnd_gain") / 256);
	cells_put(c, ")");
}

static void put_limited(struct cells *c, const char *name, uint64_t us, uint64_t busy)
{
	if (us)
		cells_put_f(c, " %s:%" PRIu64 "ms(%.1f%%)", name, us / 1000, 100.0 * (double)us / (double)busy);
}

static void put_rates(struct cells *c, const struct socktext *t, const struct snap_tcp_info *i)
{
	if (i->rtt && i->snd_mss && i->cwnd)
		put_rate(c, t, "send", (double)i->cwnd * i->snd_mss * 8000000. / i->rtt);
	put_count(c, "lastsnd", i->last_snd);
	put_count(c, "lastrcv", i->last_rcv);
	put_count(c, "lastack", i->last_ack);
	put_rate(c, t, "pacing_rate", (double)i->pacing_rate * 8.);
	if (i->pacing_rate && i->max_pacing_rate) {
		cells_put(c, "/");
		put_bits(c, t, (double)i->max_pacing_rate * 8.);
	}
	put_rate(c, t, "delivery_rate", (double)i->delivery_rate * 8.);
	put_count(c, "delivered", i->delivered);
	put_count(c, "delivered_ce", i->delivered_ce);
	if (i->app_limited)
		cells_put(c, " app_limited");
	if (!i->busy_time)
		return;
	cells_put_f(c, " busy:%" PRIu64 "ms", i->busy_time / 1000);
	put_limited(c, "rwnd_limited", i->rwnd_limited, i->busy_time);
	put_limited(c, "sndbuf_limited", i->sndbuf_limited, i->busy_time);
}

static void put_losses(struct cells *c, const struct snap_socket *s, const struct snap_tcp_info *i)
{
	put_count(c, "unacked", i->unacked);
	if (i->retrans || i->total_retrans)
		cells_put_f(c, " retrans:%u/%u", i->retrans, i->total_retrans);
	put_count(c, "lost", i->lost);
	if (s->state != STATE_LISTEN)
		put_count(c, "sacked", i->sacked);
	put_count(c, "dsack_dups", i->dsack_dups);
	put_count(c, "fackets", i->fackets);
	if (i->reordering && i->reordering != 3)
		cells_put_f(c, " reordering:%d", (int)i->reordering);
	put_count(c, "reord_seen", i->reord_seen);
	put_time(c, "rcv_rtt", i->rcv_rtt);
	put_count(c, "rcv_space", i->rcv_space);
	put_count(c, "rcv_ssthresh", i->rcv_ssthresh);
	put_count(c, "notsent", i->notsent);
	if (i->min_rtt != UINT32_MAX)
		put_time(c, "minrtt", (double)i->min_rtt);
	put_count(c, "rcv_ooopack", i->rcv_ooopack);
	put_count(c, "snd_wnd", i->snd_wnd);
}

/* What newer kernels tell, and ss of Debian 12 does not. */
static void put_newer(struct cells *c, const struct snap_tcp_info *i)
{
	const struct {
		const char *name;
		int64_t value;
	} all[] = { { "rcv_wnd", i->rcv_wnd },
		    { "rehash", i->rehash },
		    { "total_rto", i->total_rto },
		    { "total_rto_recoveries", i->total_rto_recoveries },
		    { "total_rto_time", i->total_rto_time } };

	for (size_t k = 0; k < ARRAY_SIZE(all); k++)
		if (OPT_VALUE(all[k].value))
			put_count(c, all[k].name, (uint64_t)all[k].value);
}

/* --- all of it ------------------------------------------------------------------------------------------------------------------------------ */

/* Words that stand for themselves, in ss's order and form. What is 0 is left out. */
static void put_words(struct cells *c, const struct snap_socket *s)
{
	static const struct {
		const char *key, *before;
		bool alone; /* its value is only that it is there */
	} words[] = { { "ulp", " tcp-ulp-", false },
		      { "tls.version", " version: ", false },
		      { "tls.cipher", " cipher: ", false },
		      { "tls.rxconf", " rxconf: ", false },
		      { "tls.txconf", " txconf: ", false },
		      { "tls.zc_ro_tx", " zc_ro_tx", true },
		      { "mptcp.flags", " flags:", false },
		      { "mptcp.token", " token:", false },
		      { "mptcp.seq", " seq:", false },
		      { "mptcp.sfseq", " sfseq:", false },
		      { "mptcp.ssnoff", " ssnoff:", false },
		      { "mptcp.maplen", " maplen:", false },
		      { "subflows", " subflows:", false },
		      { "add_addr_signal", " add_addr_signal:", false },
		      { "add_addr_accepted", " add_addr_accepted:", false },
		      { "subflows_max", " subflows_max:", false },
		      { "add_addr_signal_max", " add_addr_signal_max:", false },
		      { "add_addr_accepted_max", " add_addr_accepted_max:", false },
		      { "fallback", " fallback", true },
		      { "remote_key", " remote_key", true },
		      { "token", " token:", false },
		      { "write_seq", " write_seq:", false },
		      { "snd_una", " snd_una:", false },
		      { "rcv_nxt", " rcv_nxt:", false } };

	for (size_t i = 0; s->n_details && i < ARRAY_SIZE(words); i++) {
		const char *value = sockinfo_detail(s, words[i].key);

		if (!value || (s->netid == NETID_MPTCP && !strcmp(value, "0")))
			continue;
		cells_put(c, words[i].before);
		if (!words[i].alone)
			cells_put_foreign(c, value, strlen(value));
	}
}

void sockinfo_put(struct cells *c, const struct socktext *t, const struct sockrow *r)
{
	const struct snap_socket *s = r->socket;

	if (r->info) {
		if (t->timers)
			put_options(c, r->info);
		put_sizes(c, r->info);
		put_control(c, t, s);
		put_rates(c, t, r->info);
		put_losses(c, s, r->info);
		if (t->people)
			put_newer(c, r->info);
	}
	if (sock_is_ip(s))
		put_words(c, s);
}
