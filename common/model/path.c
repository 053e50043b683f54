// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/path.h"
#include "util/util.h"

const char *const hook_place_names[] = {
	"xdp",        "tcx-ingress", "tc-ingress", "sk-lookup", "cgroup-ingress", "cgroup-egress", "tc-egress",
	"tcx-egress", "netkit",      "xfrm",       NULL
};
const char *const halt_kind_names[] = { "stopped", "traced", "frozen", NULL };

#define F(rec, member, ...) FIELD(rec, member, __VA_ARGS__)

static const struct field hook_fields[] = {
	F(snap_hook, ns, F_NSREF, HELP("network namespace; none: of a control group")),
	F(snap_hook, place, F_ENUM, .names = hook_place_names, HELP("where it is attached")),
	F(snap_hook, ifindex, F_U32, HELP("device")),
	F(snap_hook, cgroup, F_ID64, HELP("id of the control group whose sockets it sees")),
	F(snap_hook, cgroup_path, F_STR, OMIT, HELP("its path")),
	F(snap_hook, prog_id, F_U32, HELP("id of the BPF program; 0: a filter of another kind")),
	F(snap_hook, prog_name, F_STR, HELP("its name")),
	F(snap_hook, function, F_STR, HELP("its whole name, where the kernel cut it off")),
	F(snap_hook, kind, F_STR, HELP("tc: kind of filter")),
	F(snap_hook, count, F_U32, OMIT, HELP("xfrm: how many IPsec policies packets are held against")),
	F(snap_hook, action, F_STR, HELP("tc: what ends a packet's way there")),
	F(snap_hook, prio, F_U32, HELP("tc: preference; else its place among the programs")),
	F(snap_hook, answers, F_BOOL, HELP("tc: what the program returns is the verdict")),
};
DESC(snap_hook_desc, "hook", struct snap_hook, "a program or filter in packets' path", hook_fields);

static const struct field halt_fields[] = {
	F(snap_halt, pid, F_U32, HELP("process")),
	F(snap_halt, kind, F_ENUM, .names = halt_kind_names, HELP("why it does not run")),
	F(snap_halt, cgroup, F_STR, HELP("frozen: the control group that is")),
};
DESC(snap_halt_desc, "halt", struct snap_halt, "a process with sockets that does not run", halt_fields);

static const struct field vserver_dest_fields[] = {
	F(snap_vserver_dest, addr, F_STR, HELP("address")),
	F(snap_vserver_dest, port, F_U32, HELP("port")),
	F(snap_vserver_dest, forward, F_STR, HELP("how packets get there")),
	F(snap_vserver_dest, weight, F_U32, HELP("share of the connections; 0: no new ones")),
};
DESC(snap_vserver_dest_desc, "vserver_dest", struct snap_vserver_dest, "a server of a virtual service", vserver_dest_fields);

static const struct field vserver_fields[] = {
	F(snap_vserver, ns, F_NSREF, HELP("network namespace")),
	F(snap_vserver, proto, F_STR, HELP("TCP, UDP, SCTP; FWM: by mark")),
	F(snap_vserver, addr, F_STR, HELP("its address")),
	F(snap_vserver, port, F_U32, HELP("its port")),
	F(snap_vserver, mark, F_U32, HELP("FWM: the mark")),
	F(snap_vserver, scheduler, F_STR, HELP("how a server is chosen")),
	F(snap_vserver, servers, F_RECS, .rec = &snap_vserver_dest_desc, COUNTED(snap_vserver, servers),
	  HELP("where its packets go")),
};
DESC(snap_vserver_desc, "vserver", struct snap_vserver, "a virtual service of IPVS", vserver_fields);
