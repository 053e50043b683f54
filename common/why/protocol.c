// SPDX-License-Identifier: GPL-2.0-or-later
/* What socket() itself refuses (inet_create, net/ipv4/af_inet.c; inet6_create, net/ipv6/af_inet6.c; sock_map_fd, net/socket.c). */
#include <inttypes.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "util/words.h"
#include "why/checks.h"
#include "why/look.h"

int asked_protocol(const struct why_query *q)
{
	static const int numbers[] = {
		[NETID_TCP] = IPPROTO_TCP,         [NETID_UDP] = IPPROTO_UDP,   [NETID_MPTCP] = 262,
		[NETID_UDPLITE] = IPPROTO_UDPLITE, [NETID_SCTP] = IPPROTO_SCTP, [NETID_DCCP] = IPPROTO_DCCP
	};

	if (q->netid == NETID_RAW || q->netid == NETID_PING)
		return q->addr.family == 6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP;
	return q->netid < ARRAY_SIZE(numbers) ? numbers[q->netid] : 0;
}

int asked_type(const struct why_query *q)
{
	switch (q->netid) {
	case NETID_UDP:
	case NETID_UDPLITE:
	case NETID_PING:
	case NETID_UNIX_DGRAM:
		return SOCK_DGRAM;
	case NETID_RAW:
		return SOCK_RAW;
	case NETID_UNIX_SEQPACKET:
		return SOCK_SEQPACKET;
	case NETID_DCCP:
		return SOCK_DCCP;
	default:
		return SOCK_STREAM;
	}
}

/* Is a word in the list of protocols that sockets can be had for? Without the list: unknown (-1). */
static int has_protocol(const struct snap *s, const char *name)
{
	const char *list = look_sysctl(s, 0, "protocols"), *at = list;
	size_t len = strlen(name);

	if (!list)
		return -1;
	while ((at = strstr(at, name))) {
		if ((at == list || at[-1] == ' ') && (!at[len] || at[len] == ' '))
			return 1;
		at += len;
	}
	return 0;
}

static void no_protocol(struct why_state *st, int err, const char *summary)
{
	why_add(st, "protocol-unsupported", err);
	why_summary(st, "%s", summary);
	why_text(st, "failing_call", "socket");
	why_text(st, "proto", sock_netid_names[st->q->netid]);
}

void check_protocol(struct why_state *st)
{
	const struct why_query *q = st->q;
	const char *name = sock_netid_names[q->netid];
	int there = q->netid == NETID_PING ? 1 : has_protocol(st->s, name);

	if (there < 0) {
		why_skip(st, "protocols of this kernel", NULL, "not in the snapshot");
	} else if (!there) {
		/* Of DCCP there is not even the type (inet_create). */
		no_protocol(st, q->netid == NETID_DCCP ? ESOCKTNOSUPPORT : EPROTONOSUPPORT,
			    why_printf(st, "this kernel has no %s", name));
		why_line(st, "rule", "socket() finds no %s: it is neither built in nor a module that could be loaded", name);
		if (q->netid == NETID_SCTP || q->netid == NETID_DCCP)
			why_advise(st, "see whether its module can be had:  modprobe %s", name);
		why_advise(st, "%sa kernel that has it", q->netid == NETID_SCTP || q->netid == NETID_DCCP ? "or " : "");
	} else if (q->netid == NETID_MPTCP && look_sysctl_number(st->s, q->ns, "net.mptcp.enabled") == 0) {
		no_protocol(st, ENOPROTOOPT, "MPTCP is switched off in this network namespace");
		why_line(st, "rule", "net.mptcp.enabled = 0");
		why_advise(st, "switch it on:  %ssysctl -w net.mptcp.enabled=1", look_enter(st, q->ns));
	}
	if (q->addr.family == 6 && has_protocol(st->s, "ipv6") == 0) {
		why_add(st, "ipv6-disabled", EAFNOSUPPORT);
		why_summary(st, "this kernel runs without IPv6");
		why_text(st, "failing_call", "socket");
		why_line(st, "rule",
			 "no socket of AF_INET6 can be made: ipv6.disable=1 on the kernel's command line, or none built in");
		why_advise(st, "use IPv4, or boot without ipv6.disable=1");
	}
}

/* --- raw and ping sockets -------------------------------------------------------------------------------------------------- */

static bool in_ping_range(const struct why_state *st, const struct asker *a, int *known)
{
	const char *range = look_sysctl(st->s, st->q->ns, "net.ipv4.ping_group_range");
	uint64_t group[2]; /* the first and the last */

	*known = range && words_numbers(range, group, 2) == 2;
	if (!*known)
		return false;
	if (!a->task && !OPT_VALUE(a->gid)) /* root, or the user's own group */
		return OPT_VALUE(a->uid) && (uint64_t)a->uid >= group[0] && (uint64_t)a->uid <= group[1];
	if ((uint64_t)a->gid >= group[0] && (uint64_t)a->gid <= group[1])
		return true;
	for (uint32_t i = 0; a->guard && !a->override && i < a->guard->n_groups; i++)
		if (a->guard->groups[i] >= group[0] && a->guard->groups[i] <= group[1])
			return true;
	return false;
}

static void check_ping(struct why_state *st, const struct asker *a)
{
	int known;

	if (in_ping_range(st, a, &known))
		return;
	if (!known) {
		why_skip(st, "net.ipv4.ping_group_range", NULL, "not in the snapshot");
		return;
	}
	why_add(st, "raw-no-cap", EACCES);
	why_summary(st, "its groups may not open ping sockets");
	why_text(st, "failing_call", "socket");
	asker_facts(st, a);
	why_line(st, "rule", "a group must be in net.ipv4.ping_group_range = %s of this network namespace (ping_init_sock)",
		 look_sysctl(st->s, st->q->ns, "net.ipv4.ping_group_range"));
	why_line(st, "process", "%s", asker_words(st, a));
	why_advise(st, "allow all groups:  %ssysctl -w net.ipv4.ping_group_range='0 2147483647'", look_enter(st, st->q->ns));
}

void check_raw(struct why_state *st)
{
	struct asker a = asker_of(st);
	uint32_t owner = asker_netns_owner(st->s, st->q->ns);
	int may;

	if (st->q->netid == NETID_PING)
		check_ping(st, &a);
	if (st->q->netid != NETID_RAW)
		return;
	may = asker_capable(st, &a, owner, CAP_BIT_NET_RAW);
	if (may < 0)
		why_skip(st, "capabilities", a.task ? look_task_words(st, a.task) : NULL, "not in the snapshot");
	if (may)
		return;
	why_add(st, "raw-no-cap", EPERM);
	why_summary(st, "raw sockets need CAP_NET_RAW, which the process has not got here");
	why_text(st, "failing_call", "socket");
	why_bool(st, "cap_net_raw", false);
	asker_facts(st, &a);
	why_number(st, "netns_owner_userns", owner);
	why_line(st, "rule", "needs CAP_NET_RAW in %s, which owns this network namespace", asker_userns_words(st, owner));
	why_line(st, "process", "%s", asker_words(st, &a));
	why_advise(st,
		   "give it the capability (--cap-add NET_RAW, AmbientCapabilities=CAP_NET_RAW, setcap cap_net_raw+ep PROGRAM)");
}

/* --- descriptors ----------------------------------------------------------------------------------------------------------- */

static void check_file_max(struct why_state *st, const struct asker *a)
{
	const char *nr = look_sysctl(st->s, 0, "fs.file-nr");
	uint64_t v[3], used, max; /* open, open and unused, at most */

	if (!nr || words_numbers(nr, v, 3) != 3)
		return;
	used = v[0];
	max = v[2];
	if (used < max)
		return;
	if (asker_capable(st, a, st->s->head.initial[NS_USER], CAP_BIT_SYS_ADMIN) == 1)
		return; /* alloc_empty_file, fs/file_table.c */
	why_add(st, "fd-limit", ENFILE);
	why_summary(st, "the host has no file left: %" PRIu64 " of %" PRIu64 " are open", used, max);
	why_text(st, "failing_call", "socket");
	why_number(st, "limit", max);
	why_number(st, "open_fds", used);
	why_line(st, "rule", "fs.file-nr has reached fs.file-max; only CAP_SYS_ADMIN passes");
	why_advise(st, "raise the limit:  sysctl -w fs.file-max=%" PRIu64, max * 2);
	why_advise(st, "and find who leaks:  for p in /proc/[0-9]*; do echo $(ls $p/fd | wc -l) $p; done | sort -n | tail");
}

void check_files(struct why_state *st)
{
	struct asker a = asker_of(st);
	const struct snap_guard *g = a.guard;

	if (a.task && (!g || !OPT_VALUE(g->open_fds) || !OPT_VALUE(g->nofile_limit)))
		why_skip(st, "limit of open files", look_task_words(st, a.task), "not in the snapshot");
	else if (a.task && g->open_fds >= g->nofile_limit) {
		why_add(st, "fd-limit", EMFILE);
		why_summary(st, "%s has all files open that it may have, %lld", look_task_words(st, a.task),
			    (long long)g->nofile_limit);
		why_text(st, "failing_call", "socket");
		asker_facts(st, &a);
		why_number(st, "nofile_limit", (uint64_t)g->nofile_limit);
		why_number(st, "open_fds", (uint64_t)g->open_fds);
		why_line(st, "rule", "a new descriptor must be below RLIMIT_NOFILE = %lld (alloc_fd)", (long long)g->nofile_limit);
		why_advise(st, "see what it has open, for it may leak:  ls -l /proc/%u/fd", a.task->pid);
		why_advise(st, "or raise the limit:  prlimit --pid %u --nofile=%lld   (LimitNOFILE=, --ulimit nofile=)",
			   a.task->pid, (long long)MAX(g->nofile_limit * 2, (int64_t)1024));
	}
	check_file_max(st, &a);
}
