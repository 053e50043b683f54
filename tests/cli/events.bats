#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# nstop -e: each kind of call, made by tests/cli/calls.c, against what the event says of it.
load ../lib

setup()
{
	need_root
	need_bpf
	need_cmd jq
	EVENTS=$BATS_TEST_TMPDIR/events
}

# watch KINDS OPTION...: nstop -J -e KINDS in the background; it watches when this returns: it has told of a call that fails.
watch()
{
	"$NSTOP" -J -e "$@" >"$EVENTS" 2>"$EVENTS.err" </dev/null 3>&- &
	WATCH=$!
	kill_on_cleanup "$WATCH"
	eventually watches "${1%%,*}"
}

watches()
{
	case $1 in
	setns) (exec "$HELPERS/calls" setns /dev/null 0) ;;
	unshare) (exec "$HELPERS/calls" unshare 1) ;;
	clone) (exec "$HELPERS/calls" clone 0x20200) ;;
	bind) (exec "$HELPERS/calls" bind-file) ;;
	listen) (exec "$HELPERS/calls" listen 0) ;;
	esac
	[[ -s $EVENTS ]]
}

unwatch()
{
	kill -INT "$WATCH"
	status=0
	wait "$WATCH" || status=$?
	stderr=$(<"$EVENTS.err")
}

# made CALL...: make it; $made is what it says, $output the events of that thread
made()
{
	made=$(exec "$HELPERS/calls" "$@")
	eventually seen
	output=$(jq -c --argjson m "$made" 'select(.tid == $m.tid and .event != "fork" and .event != "exit")' "$EVENTS")
}

seen()
{
	[[ -n $(jq -c --argjson m "$made" 'select(.tid == $m.tid)' "$EVENTS") ]]
}

# What is true of every event of a call.
is_call()
{
	[[ $(wc -l <<<"$output") == 1 ]] || { echo "not one event: $output" >&2; return 1; }
	jq_is '.pid == $m.pid and .tid == $m.tid and .ppid == $m.ppid and .ret == $m.ret and (.errno == null) == ($m.errno == 0)
		and .entered and .uid == 0' --argjson m "$made"
	validate -l nstop-events "$EVENTS"
}

changed() # TYPE [KEY-OF-/proc]
{
	jq_is '[.changes[] | select(.type == $t)] == [{type: $t, from: $m.before[$k], to: $m.after[$k], for_children: ($k | endswith("_for_children"))}]' \
		--argjson m "$made" --arg t "$1" --arg k "${2:-$1}"
}

@test "unshare: each type, with the old number and the new" {
	watch unshare --ppid $BASHPID
	for type in mnt:0x20000 net:0x40000000 uts:0x4000000 ipc:0x8000000 user:0x10000000 cgroup:0x2000000; do
		made unshare "${type#*:}"
		is_call
		jq_is '.event == "unshare" and .errno == null and .comm == "calls" and (.changes | length) == 1 and .flags == [$f]' \
			--arg f "CLONE_NEW$([[ $type == mnt* ]] && echo NS || tr a-z A-Z <<<"${type%:*}")"
		changed "${type%:*}"
	done
	unwatch
	[[ $status == 0 && $stderr == *" unshare ("*"; none lost" ]]
}

@test "unshare: what only children will be in" {
	watch unshare --ppid $BASHPID
	made unshare 0x20000000
	is_call
	jq_is '.changes | length == 1 and .[0].type == "pid" and .[0].for_children and .[0].from == $m.before.pid and .[0].to > 0' --argjson m "$made"
	made unshare 0x80
	is_call
	changed time time_for_children
}

@test "unshare that fails: bad flags, and nothing changed" {
	watch unshare --errors --ppid $BASHPID
	made unshare 0x1
	is_call
	jq_is '.errno == "EINVAL" and .ret == -22 and .flags == ["0x1"] and .changes == []'
	unwatch
	[[ $stderr =~ ([0-9]+)" unshare ("([0-9]+)" failed); none lost" && ${BASH_REMATCH[1]} == "${BASH_REMATCH[2]}" ]]
}

@test "a thread has its own numbers, its process others" {
	in_ns --pid --fork --mount-proc
	watch unshare
	made=$(nsenter -t "$NS_PID" -p -m "$HELPERS/calls" -t unshare 0x4000000)
	eventually [ -s "$EVENTS" ]
	output=$(jq -c 'select(.comm == "calls")' "$EVENTS")
	jq_is '.nstid[1] == $m.tid and .nspid[1] == $m.pid and .nspid[0] == .pid and .nstid[0] == .tid and .pid != .tid and (.nspid | length) == 2' --argjson m "$made"
	jq_is '.changes[0].to == $m.after.uts' --argjson m "$made"
}

@test "a PID namespace within a PID namespace: a number at each level" {
	watch unshare
	made=$(unshare -p -f unshare -p -f "$HELPERS/calls" unshare 0x4000000)
	eventually grep -q '"comm":"calls".*"CLONE_NEWUTS"' "$EVENTS"
	output=$(jq -c 'select(.comm == "calls" and .flags == ["CLONE_NEWUTS"])' "$EVENTS" | tail -n1)
	jq_is '(.nspid | length) == 3 and .nspid[0] == .pid and .nspid[2] == $m.pid and $m.pid == 1' --argjson m "$made"
}

@test "setns: by file, what it meant and what it changed" {
	in_ns --net --uts
	watch setns --ppid $BASHPID
	made setns "/proc/$NS_PID/ns/net" 0x40000000
	is_call
	changed net
	jq_is '.flags == ["CLONE_NEWNET"] and .wanted == {type: "net", ns: $m.after.net}' --argjson m "$made"
	made setns "/proc/$NS_PID/ns/uts" 0 # any type
	is_call
	changed uts
	jq_is '.flags == [] and .wanted == {type: "uts", ns: $m.after.uts}' --argjson m "$made"
	made setns /proc/self/ns/ipc 0 # where it is: nothing changes
	is_call
	jq_is '.changes == [] and .wanted.type == "ipc" and .ret == 0'
	made setns "/proc/$NS_PID/ns/net" 0x4000000 # of another type than asked for
	is_call
	jq_is '.errno == "EINVAL" and .changes == [] and .flags == ["CLONE_NEWUTS"] and .wanted == {type: "net", ns: $n}' --argjson n "$(ns_of net "$NS_PID")"
	made setns /nonexistent 0
	is_call
	jq_is '.errno == "EBADF" and .wanted == null'
	made setns /dev/null 0
	is_call
	jq_is '.errno == "EINVAL" and .wanted == null'
}

@test "setns: by pidfd, several types at once" {
	in_ns --net --uts --ipc
	watch setns --ppid $BASHPID
	made pidfd "$NS_PID" $((0x40000000 | 0x4000000))
	is_call
	changed net
	changed uts
	jq_is '(.changes | length) == 2 and .wanted.pid == $p and .wanted.type == null and (.wanted.namespaces | sort_by(.type)) ==
		[{type: "net", ns: $m.after.net}, {type: "uts", ns: $m.after.uts}]' --argjson m "$made" --argjson p "$NS_PID"
	made pidfd "$NS_PID" 0
	is_call
	jq_is '.errno == "EINVAL" and .wanted.pid == $p' --argjson p "$NS_PID"
	made pidfd "$NS_PID" $((0x8000000))
	changed ipc
	jq_is '.wanted.type == "ipc" and .wanted.ns == $m.after.ipc' --argjson m "$made"
}

@test "setns to a PID namespace is of the children to come; the child itself is a clone" {
	in_ns --pid --fork
	watch setns,clone
	nsenter -t "$NS_PID" -p true
	eventually grep -q '"clone"' "$EVENTS"
	output=$(jq -c 'select(.event == "setns" and .comm == "nsenter")' "$EVENTS")
	jq_is '.changes == [{type: "pid", from: $h, to: $n, for_children: true}]' --argjson h "$(ns_of pid)" --argjson n "$(ns_of pid "$NS_PID")"
	output=$(jq -c 'select(.event == "clone" and .comm == "nsenter")' "$EVENTS")
	jq_is '.changes == [{type: "pid", from: $h, to: $n, for_children: false}] and (.child.nspid | length) == 2 and .child.nspid[0] == .child.pid and .ret == .child.pid' \
		--argjson h "$(ns_of pid)" --argjson n "$(ns_of pid "$NS_PID")"
}

@test "clone and clone3: every CLONE_NEW flag, from both ends" {
	watch clone --ppid $BASHPID
	for call in clone clone3; do
		for type in mnt:0x20000 net:0x40000000 uts:0x4000000 ipc:0x8000000 user:0x10000000 cgroup:0x2000000 pid:0x20000000 time:0x80; do
			[[ $call == clone && $type == time:* ]] && continue # CSIGNAL
			made $call "${type#*:}"
			is_call
			jq_is '.event == "clone" and .errno == null and [.changes[].type] == [$t] and .changes[0].from == $m.before[$t] and
				.changes[0].to > 0 and .changes[0].to != .changes[0].from and .child.pid == $m.child and .ret == $m.child and
				.child.nspid[0] == $m.child and (.child.nspid | length) == (if $t == "pid" then 2 else 1 end)' --argjson m "$made" --arg t "${type%:*}"
			jq_is '.flags | index($f)' --arg f "CLONE_NEW$([[ $type == mnt* ]] && echo NS || tr a-z A-Z <<<"${type%:*}")"
		done
	done
	made clone3 0x7e020080
	is_call
	jq_is '[.changes[].type] == ["mnt","net","pid","uts","ipc","user","cgroup","time"] and (.flags | length) == 8 and .child.nspid[1] == 1'
}

@test "clone that fails, and one whose arguments can't be read" {
	watch clone --ppid $BASHPID
	made clone $((0x20000 | 0x200)) # NEWNS | FS
	is_call
	jq_is '.errno == "EINVAL" and .child == null and .changes == [] and .flags == ["CLONE_FS", "CLONE_NEWNS"]'
	made clone3 $((0x10000000 | 0x200)) # NEWUSER | FS
	is_call
	jq_is '.errno == "EINVAL" and .flags == ["CLONE_FS", "CLONE_NEWUSER"]'
	made clone3-unmapped
	is_call
	jq_is '.errno == "EFAULT" and .flags == []'
}

@test "bind: what was asked for, whether it failed or not" {
	watch bind --ppid $BASHPID
	net=$(ns_of net)
	made bind inet stream 0 127.0.0.1 0
	is_call
	jq_is '.proto == "tcp" and .addr == "127.0.0.1" and .port == 0 and .fd == $m.fd and .netns == $n and .socket_netns == $n' --argjson m "$made" --argjson n "$net"
	made bind inet6 dgram 0 ::1 0
	is_call
	jq_is '.proto == "udp" and .addr == "::1" and .port == 0'
	made bind inet stream 262 127.0.0.1 0
	jq_is '.proto == "mptcp"'
	made bind inet stream 0 192.0.2.1 8080
	is_call
	jq_is '.errno == "EADDRNOTAVAIL" and .addr == "192.0.2.1" and .port == 8080'
	made bind inet6 stream 0 fe80::1%lo 80
	jq_is '.errno != null and .addr == "fe80::1%1" and .port == 80'
	made bind unix stream 0 /nonexistent/socket 0
	is_call
	jq_is '.proto == "unix" and .errno == "ENOENT" and .addr == "/nonexistent/socket" and .port == null'
	made bind unix dgram 0 "@nskit test $$" 0
	is_call
	jq_is '.proto == "unix-dgram" and .errno == null and .addr == $a' --arg a "@nskit test $$"
}

@test "bind: hostile addresses and files" {
	watch bind --ppid $BASHPID
	made bind-bytes inet 0200 2 # too short
	is_call
	jq_is '.errno == "EINVAL" and .addr == null and .port == null'
	made bind-bytes inet 02001f90 4 # a port, no address
	jq_is '.errno == "EINVAL" and .addr == null and .port == 8080'
	made bind-bytes inet 02001f907f000001 200 # too long
	jq_is '.errno == "EINVAL"'
	made bind-bytes inet 02001f907f000001 -1
	jq_is '.errno == "EINVAL" and .addr == null'
	made bind-bytes unix 01002f0a1b5b33316d 9 # a path that would act on a terminal
	is_call
	jq_is '.addr == "/\\x0a\\x1b[31m"'
	rm -f $'/\n\e[31m'
	made bind-bytes unix 01000041004200ff 8
	jq_is '.addr == "@A@B@\\xff"'
	made bind-unmapped
	is_call
	jq_is '.errno == "EFAULT" and .addr == null and .port == null and .proto == "tcp"'
	made bind-file
	is_call
	jq_is '.errno == "ENOTSOCK" and .proto == null and .socket_netns == null and .addr == "127.0.0.1" and .port == 80'
	! grep -q $'\e' "$EVENTS"
}

@test "a socket of another network namespace than its process" {
	in_ns --net
	watch bind --ppid $BASHPID
	made bind-elsewhere "$NS_PID" 5353
	is_call
	jq_is '.netns == $h and .socket_netns == $n and .port == 5353' --argjson h "$(ns_of net)" --argjson n "$(ns_of net "$NS_PID")"
}

@test "listen, with the port that the kernel chose; socket that fails" {
	watch listen,socket --ppid $BASHPID
	made listen 0
	is_call
	jq_is '.event == "listen" and .backlog == 17 and .addr == "127.0.0.1" and .port > 0 and .proto == "tcp"'
	made listen-unbound # autobind: no call of bind tells
	is_call
	jq_is '.port == $m.port and .addr == "0.0.0.0"' --argjson m "$made"
	made socket 99 stream 0
	is_call
	jq_is '.event == "socket" and .errno == "EAFNOSUPPORT" and .proto == "99/1/0"'
	made socket inet stream 17
	jq_is '.errno != null'
}

@test "a bind that seccomp denies has an end and no beginning: it is shown, with what was asked for" {
	watch bind --ppid $BASHPID
	made seccomp-bind 80
	jq_is '.errno == "EPERM" and .ret == -1 and .entered == false and .addr == "0.0.0.0" and .port == 80 and .proto == "tcp"'
}

@test "what cannot be seen: 32-bit calls" {
	[[ $(uname -m) == x86_64 ]] || skip "int 0x80 is x86's"
	watch unshare --ppid $BASHPID
	old=$(exec "$HELPERS/calls" old-unshare) || skip "no 32-bit calls here"
	[[ $(jq .errno <<<"$old") != 38 ]] || skip "no 32-bit calls in this kernel (CONFIG_IA32_EMULATION)"
	made unshare 0x400
	[[ $(jq -c --argjson m "$old" 'select(.pid == $m.pid)' "$EVENTS") == "" ]]
}

@test "a hostile command name" {
	watch unshare --ppid $BASHPID
	made -n '\x1b[31m\x0a"\xff' unshare 0x400
	is_call
	jq_is '.comm == "\\x1b[31m\\x0a\"\\xff"'
	unwatch
	me=$BASHPID
	"$NSTOP" -e unshare --ppid "$me" --no-header >"$EVENTS" 2>"$EVENTS.err" 3>&- &
	WATCH=$!
	kill_on_cleanup "$WATCH"
	eventually watches unshare
	(exec "$HELPERS/calls" -n '\x1b[31m\x0a b' unshare 0x400)
	eventually grep -qF '\x1b[31m\x0a\x20b' "$EVENTS"
	! grep -q $'\e' "$EVENTS"
}
