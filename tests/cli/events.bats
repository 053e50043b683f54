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

# watch OPTION...: nstop -e -J in the background, of calls that this shell's children make; it watches when this returns.
watch()
{
	"$NSTOP" -J "$@" >"$EVENTS" 2>"$EVENTS.err" </dev/null 3>&- &
	WATCH=$!
	kill_on_cleanup "$WATCH"
	eventually attached "$WATCH"
}

# Its ring is mapped and its tracepoints are open.
attached()
{
	[[ $(find "/proc/$1/fd" -lname 'anon_inode:*perf_event*' -o -lname 'anon_inode:bpf-raw-tracepoint' 2>/dev/null | wc -l) -ge ${POINTS:-1} ]]
	sleep 0.05
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
	watch -e unshare --ppid $BASHPID
	for type in mnt:0x20000 net:0x40000000 uts:0x4000000 ipc:0x8000000 user:0x10000000 cgroup:0x2000000; do
		made unshare "${type#*:}"
		is_call
		jq_is '.event == "unshare" and .errno == null and .comm == "calls" and (.changes | length) == 1 and .flags == [$f]' \
			--arg f "CLONE_NEW$([[ $type == mnt* ]] && echo NS || tr a-z A-Z <<<"${type%:*}")"
		changed "${type%:*}"
	done
	unwatch
	[[ $status == 0 && $stderr == *"6 unshare; none lost" ]]
}

@test "unshare: what only children will be in" {
	watch -e unshare --ppid $BASHPID
	made unshare 0x20000000
	is_call
	jq_is '.changes | length == 1 and .[0].type == "pid" and .[0].for_children and .[0].from == $m.before.pid and .[0].to > 0' --argjson m "$made"
	made unshare 0x80
	is_call
	changed time time_for_children
}
