// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Virtual services and their servers: ip_vs_info_seq_show(), net/netfilter/ipvs/ip_vs_ctl.c. Everybody may read the file, while the
 * services' generic netlink family wants CAP_NET_ADMIN, and asking for that by name would load the module.
 */
#include "net/netfiles.h"
#include "util/ipaddr.h"

/* "0A000001:0050", its bytes in reading order, or "[2001:0db8:…:0001]:0050". NULL: neither. */
static const char *take_address(const struct words *word, struct intern *in, uint32_t *port)
{
	const char *colon = word->end;
	struct ipaddr a = { .family = 4 };
	char text[IPADDR_TEXT];
	uint64_t v, number;
	size_t n;

	while (colon > word->at && colon[-1] != ':')
		colon--;
	if (colon == word->at || words_hex(&(struct words){ colon, word->end }, &number) || number > UINT16_MAX)
		return NULL;
	n = (size_t)(colon - 1 - word->at);
	if (n >= 2 && n - 2 < sizeof(text) && word->at[0] == '[' && word->at[n - 1] == ']') {
		memcpy(text, word->at + 1, n - 2);
		text[n - 2] = '\0';
		if (ipaddr_parse(text, &a) || a.family != 6)
			return NULL;
	} else if (n == 8 && !words_hex(&(struct words){ word->at, colon - 1 }, &v)) {
		for (int i = 0; i < 4; i++)
			a.bytes[i] = (uint8_t)(v >> (24 - 8 * i));
	} else {
		return NULL;
	}
	*port = (uint32_t)number;
	ipaddr_text(&a, text);
	return intern_text(in, text, strlen(text));
}

/* "TCP  0A000001:0050 rr …", "FWM  00000007 rr …". */
int netfiles_vserver(struct words line, struct intern *in, struct snap_vserver *out)
{
	static const char *const protos[] = { "TCP", "UDP", "SCTP", "FWM" };
	struct snap_vserver x = { 0 };
	struct words proto, where, scheduler;
	uint64_t mark;

	if (!words_next(&line, &proto) || !words_next(&line, &where) || !words_next(&line, &scheduler))
		return -EINVAL;
	for (size_t i = 0; i < ARRAY_SIZE(protos); i++)
		if (words_is(&proto, protos[i]))
			x.proto = protos[i];
	if (!x.proto)
		return -EINVAL;
	if (strcmp(x.proto, "FWM") != 0) {
		x.addr = take_address(&where, in, &x.port);
		if (!x.addr)
			return -EINVAL;
	} else {
		if (words_hex(&where, &mark) || mark > UINT32_MAX)
			return -EINVAL;
		x.mark = (uint32_t)mark;
	}
	x.scheduler = intern_text(in, scheduler.at, words_len(&scheduler));
	*out = x;
	return 0;
}

/* "  -> 0A000002:0050      Masq    1      0          0". */
int netfiles_vserver_dest(struct words line, struct intern *in, struct snap_vserver_dest *out)
{
	struct snap_vserver_dest x = { 0 };
	struct words arrow, where, forward, weight;
	uint64_t v;

	if (!words_next(&line, &arrow) || !words_is(&arrow, "->") || !words_next(&line, &where) || !words_next(&line, &forward) ||
	    !words_next(&line, &weight) || words_number(&weight, &v) || v > INT32_MAX)
		return -EINVAL;
	x.addr = take_address(&where, in, &x.port);
	if (!x.addr)
		return -EINVAL;
	x.forward = intern_text(in, forward.at, words_len(&forward));
	x.weight = (uint32_t)v;
	*out = x;
	return 0;
}
