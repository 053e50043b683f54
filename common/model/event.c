// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/event.h"

/* All kinds: the name, in front of whose _event_desc is what it tells; and what it is, for people who choose. */
/* clang-format off */
#define KINDS(KIND) \
	KIND(SETNS, setns, "entering namespaces") \
	KIND(UNSHARE, unshare, "leaving for new namespaces") \
	KIND(CLONE, clone, "a child in other namespaces") \
	KIND(BIND, bind, "a socket asks for an address") \
	KIND(LISTEN, listen, "a socket begins to listen") \
	KIND(SOCKET, socket, "a socket that could not be had") \
	KIND(FORK, fork, "any other child or thread") \
	KIND(EXIT, exit, "the end of a process or thread") \
	KIND(CHANGE, change, "where there is no BPF: other namespaces than before") \
	KIND(LOST, lost, "events that were not seen")
#define KIND_NAME(id, name, help) [EVENT_##id] = #name,
#define KIND_ROW(id, name, help) [EVENT_##id] = { #name, &name##_event_desc, help },
/* clang-format on */

const char *const event_kind_names[] = { KINDS(KIND_NAME) NULL };

/* include/uapi/linux/sched.h. In unshare and setns the bit of CLONE_NEWTIME is one of clone's signal number. */
const char *const event_flag_names[] = {
	"0x1",
	"0x2",
	"0x4",
	"0x8",
	"0x10",
	"0x20",
	"0x40",
	"CLONE_NEWTIME",
	"CLONE_VM",
	"CLONE_FS",
	"CLONE_FILES",
	"CLONE_SIGHAND",
	"CLONE_PIDFD",
	"CLONE_PTRACE",
	"CLONE_VFORK",
	"CLONE_PARENT",
	"CLONE_THREAD",
	"CLONE_NEWNS",
	"CLONE_SYSVSEM",
	"CLONE_SETTLS",
	"CLONE_PARENT_SETTID",
	"CLONE_CHILD_CLEARTID",
	"CLONE_DETACHED",
	"CLONE_UNTRACED",
	"CLONE_CHILD_SETTID",
	"CLONE_NEWCGROUP",
	"CLONE_NEWUTS",
	"CLONE_NEWIPC",
	"CLONE_NEWUSER",
	"CLONE_NEWPID",
	"CLONE_NEWNET",
	"CLONE_IO",
	"CLONE_CLEAR_SIGHAND",
	"CLONE_INTO_CGROUP",
	"0x400000000",
	"0x800000000",
	"0x1000000000",
	"0x2000000000",
	"0x4000000000",
	"0x8000000000",
	"0x10000000000",
	"0x20000000000",
	"0x40000000000",
	"0x80000000000",
	"0x100000000000",
	"0x200000000000",
	"0x400000000000",
	"0x800000000000",
	"0x1000000000000",
	"0x2000000000000",
	"0x4000000000000",
	"0x8000000000000",
	"0x10000000000000",
	"0x20000000000000",
	"0x40000000000000",
	"0x80000000000000",
	"0x100000000000000",
	"0x200000000000000",
	"0x400000000000000",
	"0x800000000000000",
	"0x1000000000000000",
	"0x2000000000000000",
	"0x4000000000000000",
	"0x8000000000000000",
	NULL,
};

#define F(rec, member, knd, help, ...) FIELD(rec, member, knd, HELP(help), __VA_ARGS__)
#define FN(rec, key, member, knd, help, ...) FIELD_AS(rec, key, member, knd, HELP(help), __VA_ARGS__)
#define N(rec, member) COUNTED(rec, member)

static const struct field change_fields[] = {
	F(event_change, type, F_STR, "type of namespace"),
	F(event_change, from, F_NSREF, "which it was"),
	F(event_change, to, F_NSREF, "which it is"),
	F(event_change, for_children, F_BOOL, "it is the children to come that will be there: pid namespaces, and time by unshare"),
};
static DESC(change_desc, "change", struct event_change, "a namespace that was exchanged for another", change_fields);

static const struct field ns_fields[] = {
	F(event_ns, type, F_STR, "type of namespace"),
	F(event_ns, ns, F_NSREF, "its number"),
};
static DESC(ns_desc, "ns", struct event_ns, "a namespace", ns_fields);

static const struct field wanted_fields[] = {
	F(event_wanted, type, F_STR, "type of the namespace that was meant; null: several of a process"),
	F(event_wanted, ns, F_NSREF, "its number"),
	F(event_wanted, pid, F_OPT, "the process, where the file was a pidfd", .flags = FF_OMIT),
	F(event_wanted, namespaces, F_RECS, "those of the process that were asked for", .flags = FF_OMIT,
	  N(event_wanted, namespaces), .rec = &ns_desc),
};
static DESC(wanted_desc, "wanted", struct event_wanted, "what setns was given", wanted_fields);

static const struct field child_fields[] = {
	F(event_child, pid, F_U32, "process"),
	F(event_child, tid, F_U32, "thread"),
	F(event_child, nspid, F_U32S, "number of the thread at each level", N(event_child, nspid)),
};
static DESC(child_desc, "child", struct event_child, "a new task", child_fields);

static const struct field why_fields[] = {
	F(event_why, verdict, F_STR, "whether that would be so now: as nsnet why says it"),
	F(event_why, code, F_STR, "the cause"),
	FN(event_why, "errno", err, F_ERRNO, "what the cause gives"),
	F(event_why, summary, F_STR, "the cause in words"),
	F(event_why, advice, F_STRS, "ways out", N(event_why, advice)),
};
static DESC(why_desc, "event_why", struct event_why, "why it failed", why_fields);

/* clang-format off */
#define WHAT_AND_WHEN \
	FN(event, "event", kind, F_ENUM, "what happened", .names = event_kind_names), \
	F(event, time, F_TIME, "when; calls: when they returned")
#define WHO \
	F(event, pid, F_U32, "process"), \
	F(event, tid, F_U32, "thread"), \
	F(event, nspid, F_U32S, "number of the process at each level, the host's first", N(event, nspid)), \
	F(event, nstid, F_U32S, "the same of the thread, where it is not the process's first", .flags = FF_OMIT, N(event, nstid)), \
	F(event, ppid, F_U32, "parent process"), \
	F(event, comm, F_STR, "command name"), \
	F(event, uid, F_U32, "effective user id, as the host counts"), \
	F(event, container, F_REC, "container that it is in", .rec = &snap_container_desc)
#define CALL \
	WHAT_AND_WHEN, WHO, \
	F(event, ret, F_INT, "what the call returned"), \
	FN(event, "errno", err, F_ERRNO, "why it failed"), \
	F(event, entered, F_BOOL, "false: refused before it began (seccomp), or begun before the watch")
#define CHANGES F(event, changes, F_RECS, "namespaces that are others than before", N(event, changes), .rec = &change_desc)
#define FLAGS F(event, flags, F_FLAGS, "what was asked for", .names = event_flag_names)
#define SOCKET_PLACE \
	F(event, netns, F_NSREF, "network namespace of the process"), \
	F(event, socket_netns, F_NSREF, "network namespace of the socket")
#define WHY F(event, why, F_REC, "why it failed (--why)", .flags = FF_OMIT, .rec = &why_desc)
#define CHILD F(event, child, F_REC, "the child", .rec = &child_desc)
/* clang-format on */

static const struct field setns_fields[] = { CALL, FLAGS, F(event, wanted, F_REC, "what the file was", .rec = &wanted_desc),
					     CHANGES };
static const struct field unshare_fields[] = { CALL, FLAGS, CHANGES };
static const struct field clone_fields[] = { CALL, FLAGS, CHANGES, CHILD };
static const struct field bind_fields[] = {
	CALL,
	F(event, fd, F_INT, "file descriptor"),
	F(event, proto, F_STR, "protocol of the socket"),
	F(event, addr, F_STR, "address that was asked for"),
	F(event, port, F_OPT, "port that was asked for"),
	SOCKET_PLACE,
	WHY,
};
static const struct field listen_fields[] = {
	CALL,
	F(event, fd, F_INT, "file descriptor"),
	F(event, backlog, F_INT, "length of the queue that was asked for"),
	F(event, proto, F_STR, "protocol of the socket"),
	F(event, addr, F_STR, "address that it is bound to"),
	F(event, port, F_OPT, "port that it is bound to"),
	SOCKET_PLACE,
	WHY,
};
static const struct field socket_fields[] = {
	CALL,
	F(event, proto, F_STR, "protocol that was asked for"),
	F(event, netns, F_NSREF, "network namespace of the process"),
	WHY,
};
static const struct field fork_fields[] = { WHAT_AND_WHEN, WHO, F(event, ret, F_INT, "the child's number as its parent sees it"),
					    CHILD };
static const struct field exit_fields[] = {
	WHAT_AND_WHEN,
	WHO,
	F(event, code, F_OPT, "exit status"),
	F(event, signal, F_OPT, "signal that ended it"),
	F(event, last, F_BOOL, "the process has ended with it"),
};
static const struct field change_kind_fields[] = { WHAT_AND_WHEN, WHO, CHANGES };
static const struct field lost_fields[] = {
	WHAT_AND_WHEN,
	F(event, count, F_U64, "so many events were lost since the last one that says so"),
	F(event, of, F_STR, "of this kind"),
};

#define EVENT_DESC(kind, text) static DESC(kind##_event_desc, #kind, struct event, text, kind##_fields)
EVENT_DESC(setns, "a call of setns(2)");
EVENT_DESC(unshare, "a call of unshare(2)");
EVENT_DESC(clone, "a child in other namespaces, or a clone(2) for such a child that failed");
EVENT_DESC(bind, "a call of bind(2)");
EVENT_DESC(listen, "a call of listen(2)");
EVENT_DESC(socket, "a call of socket(2) that failed");
EVENT_DESC(fork, "a child in the same namespaces");
EVENT_DESC(exit, "the end of a thread");
static DESC(change_event_desc, "change_event", struct event, "other namespaces than before, by a call that could not be seen",
	    change_kind_fields);
EVENT_DESC(lost, "events that were not seen");

const struct event_kind_info event_kinds[EVENT_KINDS] = { KINDS(KIND_ROW) };

enum event_kind event_kind_by_name(const char *name)
{
	enum event_kind kind = 0;

	while (kind < EVENT_KINDS && strcmp(event_kinds[kind].name, name))
		kind++;
	return kind;
}

int event_kinds_parse(const char *list, uint32_t *kinds, const char **bad, size_t *bad_len)
{
	uint32_t set = 0;

	do {
		size_t len = strcspn(list, ",");
		enum event_kind kind = 0;

		while (kind < EVENT_LOST && (strlen(event_kinds[kind].name) != len || memcmp(event_kinds[kind].name, list, len)))
			kind++;
		if (kind < EVENT_LOST) {
			set |= 1u << kind;
		} else if (len == 3 && !memcmp(list, "all", 3)) {
			set |= (1u << EVENT_LOST) - 1;
		} else {
			*bad = list;
			*bad_len = len;
			return -EINVAL;
		}
		list += len;
	} while (*list++);
	*kinds = set;
	return 0;
}
