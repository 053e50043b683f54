// SPDX-License-Identifier: GPL-2.0-or-later
#include "why/aim.h"

void aim_init(struct why_query *q)
{
	*q = (struct why_query){
		.call = CALL_BIND,
		.netid = NETID_TCP,
		.addr = ipaddr_any(4),
		.task = IDMAP_NONE,
		.uid = OPT_NONE,
		.gid = OPT_NONE,
		.v6only = FLAG_UNSET,
		.client_task = IDMAP_NONE,
	};
}

/* --- endpoints ------------------------------------------------------------------------------------------------------------- */

static bool ends_with(const char *s, size_t len, const char *end)
{
	size_t n = strlen(end);

	return len > n && !memcmp(s + len - n, end, n);
}

static int aim_unix(struct why_query *q, const char *word, struct arena *arena, char *message, size_t size)
{
	static const struct {
		const char *word;
		enum sock_netid netid;
	} types[] = { { "/stream", NETID_UNIX_STREAM }, { "/dgram", NETID_UNIX_DGRAM }, { "/seqpacket", NETID_UNIX_SEQPACKET } };
	size_t len = strlen(word);

	q->netid = NETID_UNIX_STREAM;
	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		if (ends_with(word, len, types[i].word)) {
			q->netid = (uint8_t)types[i].netid;
			len -= strlen(types[i].word);
			break;
		}
	q->abstract = *word == '@';
	if (q->abstract || !len) {
		word++;
		len -= len > 0;
	}
	if (!len || (!q->abstract && *word != '/')) {
		snprintf(message, size, "unix: takes an absolute path or @NAME");
		return -EINVAL;
	}
	q->path = arena_strndup(arena, word, len);
	q->path_len = (uint32_t)len;
	return 0;
}

static int aim_protocol(struct why_query *q, const char *name, char *message, size_t size)
{
	if (!strcmp(name, "ping"))
		name = sock_netid_names[NETID_PING];
	for (unsigned int id = 0; id <= NETID_PING; id++)
		if (!strcmp(sock_netid_names[id], name)) {
			q->netid = (uint8_t)id;
			return 0;
		}
	snprintf(message, size, "unknown protocol: %s (tcp, udp, mptcp, udplite, sctp, dccp, raw, icmp)", name);
	return -EINVAL;
}

static int aim_port(struct why_query *q, const char *digits, char *message, size_t size)
{
	uint64_t port;
	int err = parse_u64(digits, 65535, &port);

	if (err) {
		snprintf(message, size, err == -ERANGE ? "ports end at 65535: %s" : "not a port: '%s'", digits);
		return -EINVAL;
	}
	q->port = (uint32_t)port;
	return 0;
}

/* "fe80::1%eth0" or "10.0.0.1". */
static int aim_address(struct why_query *q, char *text, char *message, size_t size)
{
	char *zone = strchr(text, '%');

	if (zone) {
		*zone++ = '\0';
		q->zone = zone;
	}
	if (!strcmp(text, "*") || !*text) /* ":8080", as servers' logs have it */
		return 0;
	if (ipaddr_parse(text, &q->addr) || (zone && (!*zone || q->addr.family != 6))) {
		bool name = text[strspn(text, "0123456789abcdefABCDEF.:")] != '\0';

		snprintf(message, size, "not an address: '%s'%s", text,
			 zone   ? " with a zone"
			 : name ? " (names are not looked up)"
				: "");
		return -EINVAL;
	}
	return 0;
}

int aim_endpoint(struct why_query *q, const char *word, struct arena *arena, char *message, size_t size)
{
	char *copy = arena_strdup(arena, word), *slash, *port = copy;
	int err;

	if (!strncmp(word, "unix:", 5))
		return aim_unix(q, word + 5, arena, message, size);
	if (*word == '/' || *word == '@') {
		snprintf(message, size, "a unix socket is written unix:%s", word);
		return -EINVAL;
	}
	slash = strrchr(copy, '/');
	if (slash) {
		*slash++ = '\0';
		err = aim_protocol(q, slash, message, size);
		if (err)
			return err;
	}
	if (*copy == '[') {
		char *end = strstr(copy, "]:");

		if (!end) {
			snprintf(message, size, "not an address and port: '%s' ([ADDR]:PORT)", word);
			return -EINVAL;
		}
		*end = '\0';
		port = end + 2;
		err = aim_address(q, copy + 1, message, size);
	} else {
		char *colon = strrchr(copy, ':');

		if (colon && strchr(copy, ':') != colon) {
			if (colon[-1] == ':') /* ::1 has no port behind it */
				snprintf(message, size, "an IPv6 address stands in brackets: [%s]:PORT", copy);
			else
				snprintf(message, size, "an IPv6 address stands in brackets: [%.*s]:%s", (int)(colon - copy), copy,
					 colon + 1);
			return -EINVAL;
		}
		if (colon) {
			*colon = '\0';
			port = colon + 1;
		}
		err = colon ? aim_address(q, copy, message, size) : 0;
	}
	return err ? err : aim_port(q, port, message, size);
}

/* --- targets --------------------------------------------------------------------------------------------------------------- */

/* The process that stands for a container: its init, which of all its processes came first. */
static uint32_t first_process(const struct index *ix, const struct target *t)
{
	const struct snap *s = ix->snap;
	uint32_t first = IDMAP_NONE;

	for (uint32_t i = 0; i < s->n_tasks; i++) {
		const struct snap_task *x = &s->tasks[i];

		if (x->tid != x->pid || x->flags & TASK_ZOMBIE || !target_has_task(ix, t, i) || !NSREF_KNOWN(x->ns[NS_NET]))
			continue;
		if (first == IDMAP_NONE || x->start < s->tasks[first].start)
			first = i;
	}
	return first;
}

int aim_place(const struct index *ix, const struct target *t, uint32_t *ns, uint32_t *task, char *message, size_t size)
{
	const struct snap *s = ix->snap;
	const struct snap_ns *of;

	*task = IDMAP_NONE;
	*ns = s->head.initial[NS_NET];
	switch (t->kind) {
	case TARGET_HOST:
		return 0;
	case TARGET_NS:
		of = &s->namespaces[t->ns];
		if (of->type != NS_NET) {
			snprintf(message, size, "%s:[%u] is not a network namespace", nstypes[of->type].name, of->inum);
			return -EINVAL;
		}
		*ns = of->inum;
		return 0;
	case TARGET_TASK:
		*task = t->task;
		break;
	case TARGET_CONTAINER:
		*task = first_process(ix, t);
		if (*task == IDMAP_NONE)
			return 0; /* it does not run */
		break;
	}
	*ns = s->tasks[*task].ns[NS_NET];
	if (NSREF_KNOWN(*ns))
		return 0;
	snprintf(message, size, "the network namespace of process %u is not known%s", s->tasks[*task].pid,
		 s->tasks[*task].flags & TASK_ZOMBIE ? ": it is dead" : "");
	return -ESRCH;
}

int aim_target(const struct index *ix, struct why_query *q, char *message, size_t size)
{
	uint32_t task;
	int err;

	if (!q->targeted)
		return 0;
	err = aim_place(ix, &q->target, &q->ns, &task, message, size);
	if (!err && q->task == IDMAP_NONE)
		q->task = task;
	return err;
}
