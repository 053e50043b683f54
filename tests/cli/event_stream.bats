#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# nstop -e as a stream: filters, counts, what is lost, who may, several at once, and how it ends.
load ../lib

setup()
{
	need_root
	need_bpf
	need_cmd jq
	EVENTS=$BATS_TEST_TMPDIR/events
	ME=$BASHPID
}

# stream OPTION...: nstop in the background; attached when this returns.
stream()
{
	"$NSTOP" "$@" >"$EVENTS" 2>"$EVENTS.err" </dev/null 3>&- &
	STREAM=$!
	kill_on_cleanup "$STREAM"
	eventually attached "$STREAM"
}

# It sleeps in poll(2), which it does not before its programs are attached (x86_64: 7; ppoll 271).
attached()
{
	[[ $(awk '{ print $1 }' "/proc/$1/syscall" 2>/dev/null) == 7 || $(awk '{ print $1 }' "/proc/$1/syscall") == 271 ]]
}

ends() # SIGNAL
{
	kill "-$1" "$STREAM"
	status=0
	wait "$STREAM" || status=$?
}

call() { (exec "$HELPERS/calls" "$@" >/dev/null); }
shown() { [[ $(wc -l <"$EVENTS") -ge $1 ]]; }

# What one namespace's members do is all that is counted, lost or not: other tests may run beside this one. (Of UTS namespaces, for collectors
# of others enter network namespaces.)
@test "what was made is what was seen and lost, exactly: a storm as fast as it goes" {
	in_ns --uts
	stream -J -e setns "uts:[$(ns_of uts "$NS_PID")]"
	made=$(nsenter -t "$NS_PID" -u "$HELPERS/callstorm" -t 2 -n 200000 | jq .made)
	ends INT
	[[ $status == 0 && $made == 400000 ]]
	seen=$(grep -c '"event":"setns"' "$EVENTS")
	lost=$(jq -s '[.[] | select(.event == "lost") | .count] | add // 0' <(grep '"event":"lost"' "$EVENTS"))
	echo "made $made seen $seen lost $lost"
	((seen + lost == made + 1)) # and nsenter's
	[[ $(grep -c '"comm":"nsenter"' "$EVENTS") == 1 ]]
	((lost)) || [[ $(<"$EVENTS.err") == *"none lost" ]]
}

@test "lost events are told: a reader who stands still" {
	stream -J -e setns
	kill -STOP "$STREAM"
	made=$("$HELPERS/callstorm" -n 200000 | jq .made)
	kill -CONT "$STREAM"
	sleep 0.5
	ends INT
	seen=$(grep -c '"event":"setns"' "$EVENTS")
	lost=$(jq -s '[.[] | select(.event == "lost" and .of == "setns") | .count] | add // 0' <(grep '"event":"lost"' "$EVENTS"))
	echo "made $made seen $seen lost $lost"
	((lost > 0 && seen + lost >= made))
	[[ $(<"$EVENTS.err") == *"$lost lost" ]]
	grep '"event":"lost"' "$EVENTS" | validate -l nstop-events
}

@test "--count, --for, --errors, --ppid; no fork or exit unless asked for" {
	run --separate-stderr "$NSTOP" -e unshare --ppid "$ME" --for 0.2
	[[ $status == 0 && $(wc -l <<<"$output") == 1 && $output == TIME* ]]
	stream -e unshare --no-header --ppid "$ME" --count 2
	for i in 1 2 3; do call unshare 0x400; done
	wait "$STREAM"
	[[ $(wc -l <"$EVENTS") == 2 && $(<"$EVENTS.err") == "nstop: 2 events in "*": 2 unshare; none lost" ]]
	stream -J --errors -e --ppid "$ME"
	call unshare 0x400
	call unshare 1
	call bind inet stream 0 127.0.0.1 0
	call bind-file
	eventually shown 2
	ends INT
	[[ $(jq -r '.event + " " + .errno' "$EVENTS" | sort) == $'bind ENOTSOCK\nunshare EINVAL' ]]
	stream -J -e fork,exit --ppid "$ME"
	(exit 3) || true
	sh -c 'kill -9 $$' || true
	eventually grep -q '"signal":9' "$EVENTS"
	ends INT
	[[ $(jq -r 'select(.event == "exit" and .code == 3) | .last' "$EVENTS") == true ]]
	validate -l nstop-events "$EVENTS"
}

@test "targets: a process, a namespace and who comes to it" {
	in_ns --net --uts
	net=$(ns_of net "$NS_PID")
	stream -J -e setns,unshare "net:[$net]"
	call unshare 0x400 # not in it
	call setns "/proc/$NS_PID/ns/net" 0
	nsenter -t "$NS_PID" -n "$HELPERS/calls" unshare 0x400 >/dev/null
	eventually shown 3
	ends INT
	[[ $(jq -r '.event + " " + .comm' "$EVENTS" | sort) == $'setns calls\nsetns nsenter\nunshare calls' ]]
	jq -se --argjson n "$net" 'map(select(.event == "setns")) | all(.wanted.ns == $n)' "$EVENTS"
	run "$NSTOP" -e --for 1 nobody-here
	[[ $status == 1 && $output == *nobody-here* ]]
	run "$NSTOP" -e bind,nonsense --for 1
	[[ $status == 2 || $status == 1 ]]
	run "$NSTOP" --events=nonsense
	[[ $status == 2 && $output == *"no such kind"* ]]
}

@test "an event is out within a tenth of a second, also after a rest" {
	stream -J -e unshare --ppid "$ME"
	for pause in 0 0.3 1.5 2.5; do
		sleep "$pause"
		before=$(wc -l <"$EVENTS")
		call unshare 0x400
		at=$(date +%s%N)
		until [[ $(wc -l <"$EVENTS") -gt $before ]]; do
			(( $(date +%s%N) - at < 2000000000 ))
		done
		took=$((($(date +%s%N) - at) / 1000000))
		echo "after $pause s: $took ms"
		((took <= 100 + ${SLACK:-100})) # starting date on a busy machine
	done
}

@test "at rest it sleeps" {
	stream -J -e unshare --ppid "$ME"
	sleep 1.5
	switches() { awk '/ctxt_switches/ { n += $2 } END { print n }' "/proc/$STREAM/status"; }
	before=$(switches)
	ticks=$(awk '{ print $14 + $15 }' "/proc/$STREAM/stat")
	sleep 2
	echo "$(($(switches) - before)) switches"
	[[ $(($(switches) - before)) -le 20 && $(awk '{ print $14 + $15 }' "/proc/$STREAM/stat") == "$ticks" ]]
}

has_three() { [[ $(wc -l <"$1") -ge 3 ]]; }

@test "ten at once see the same; killed, they leave nothing" {
	command -v bpftool >/dev/null || PATH=$PATH:/usr/sbin
	need_cmd bpftool
	pids=()
	for i in 0 1 2 3 4 5 6 7 8 9; do
		"$NSTOP" -J -e unshare --ppid "$ME" >"$EVENTS.$i" 2>/dev/null </dev/null 3>&- &
		pids+=($!)
		kill_on_cleanup $!
	done
	for pid in "${pids[@]}"; do eventually attached "$pid"; done
	for i in 1 2 3; do call unshare 0x4000000; done
	for i in 0 1 2 3 4 5 6 7 8 9; do
		eventually has_three "$EVENTS.$i"
		diff <(jq -c 'del(.time)' "$EVENTS.$i") <(jq -c 'del(.time)' "$EVENTS.0")
	done
	kill -KILL "${pids[@]}"
	wait "${pids[@]}" 2>/dev/null || true
	for pid in "${pids[@]}"; do
		! bpftool prog show 2>/dev/null | grep -q "pids .*($pid)"
	done
}

@test "a closed reader, a full disk, a reader who takes no more" {
	"$NSTOP" -J -e unshare >/dev/full 2>"$EVENTS.err" &
	STREAM=$!
	eventually attached "$STREAM"
	call unshare 0x400
	status=0
	wait "$STREAM" || status=$?
	[[ $status == 1 && $(<"$EVENTS.err") == *"No space left on device"* ]]

	{ "$NSTOP" -J -e unshare 2>"$EVENTS.err" || echo $? >"$EVENTS.status"; } | { read -r line; echo "$line" >"$EVENTS"; } &
	eventually retry_until "$EVENTS.status"
	[[ $(<"$EVENTS.status") == 1 && $(<"$EVENTS.err") == *"Broken pipe"* ]]

	{ "$NSTOP" -J -e unshare --for 3 2>"$EVENTS.err" || echo $? >"$EVENTS.full"; } | sleep 60 &
	SLEEP=$!
	kill_on_cleanup "$SLEEP"
	for i in 1 2 3 4 5 6; do "$HELPERS/callstorm" -k unshare -n 1000 >/dev/null; sleep 0.4; done
	eventually test -s "$EVENTS.full"
	[[ $(<"$EVENTS.full") == 1 && $(<"$EVENTS.err") == *"takes no more"* ]]
}

retry_until()
{
	call unshare 0x400
	[[ -s $1 ]]
}

@test "who may not: exit 1, and what it takes" {
	run setpriv --reuid 65534 --clear-groups --inh-caps=-all --bounding-set=-all "$NSTOP" -e --for 1
	[[ $status == 1 && $output == *CAP_BPF*CAP_PERFMON*CAP_DAC_READ_SEARCH* ]]
}

@test "an ordinary user with CAP_BPF and CAP_PERFMON sees lives, with CAP_DAC_READ_SEARCH all" {
	has_cap 2 38 39 || skip "needs CAP_BPF, CAP_PERFMON and CAP_DAC_READ_SEARCH"
	local as=(setpriv --reuid 65534 --clear-groups)
	local tracefs=
	[[ -d /sys/kernel/tracing/events ]] || { mount -t tracefs tracefs /sys/kernel/tracing && on_cleanup umount /sys/kernel/tracing; }
	"${as[@]}" --inh-caps=+bpf,+perfmon --ambient-caps=+bpf,+perfmon --bounding-set=-all,+bpf,+perfmon \
		"$NSTOP" -J -e fork,exit --ppid "$ME" --count 2 >"$EVENTS" 2>"$EVENTS.err" &
	STREAM=$!
	eventually forks "$STREAM"
	jq -se 'map(.event) | sort | unique | inside(["exit", "fork"])' "$EVENTS"
	run "${as[@]}" --inh-caps=+bpf,+perfmon --ambient-caps=+bpf,+perfmon --bounding-set=-all,+bpf,+perfmon "$NSTOP" -e --for 0.3
	[[ $status == 0 && $output == *"not seen: setns, unshare, bind, listen, socket"*CAP_DAC_READ_SEARCH* ]]
	"${as[@]}" --inh-caps=+bpf,+perfmon,+dac_read_search --ambient-caps=+bpf,+perfmon,+dac_read_search \
		--bounding-set=-all,+bpf,+perfmon,+dac_read_search "$NSTOP" -J -e --ppid "$ME" --count 1 >"$EVENTS" 2>"$EVENTS.err" &
	STREAM=$!
	eventually unshares "$STREAM"
	[[ $(jq -r .event "$EVENTS") == unshare ]]
}

forks() { (:); ! kill -0 "$1" 2>/dev/null; }
unshares() { call unshare 0x400; ! kill -0 "$1" 2>/dev/null; }

# Somebody enters the namespace of NS_PID, again until the stream that may still be looking around for the first time has told it.
entered_seen()
{
	nsenter -t "$NS_PID" -n sleep 1.2
	jq -se --argjson h "$(ns_of net)" --argjson n "$(ns_of net "$NS_PID")" \
		'any(.event == "change" and .changes == [{type: "net", from: $h, to: $n, for_children: false}] and .uid == 0 and .ppid > 0)' "$EVENTS"
}

@test "without BPF: what perf tells, what looking tells, and what neither does" {
	in_ns --net
	for without in NSKIT_NO_PERF=0 NSKIT_NO_PERF=1; do
		if [[ $without == *=1 ]]; then export NSKIT_NO_PERF=1; fi
		NSKIT_NO_BPF=1 "$NSTOP" -J -e >"$EVENTS" 2>"$EVENTS.err" 3>&- &
		STREAM=$!
		kill_on_cleanup "$STREAM"
		eventually grep -q 'not seen' "$EVENTS.err"
		eventually entered_seen
		ends INT
		[[ $status == 0 && $(<"$EVENTS.err") == *"not seen: setns, unshare, clone, bind, listen, socket"*"takes BPF"* ]]
		validate -l nstop-events "$EVENTS"
	done
	unset NSKIT_NO_PERF
	NSKIT_NO_BPF=1 run "$NSTOP" -e bind --collector=bpf --for 1
	[[ $status == 1 ]]
}

@test "--why: the cause that nsnet why gives" {
	need_cmd busybox ip
	in_ns --net
	nsenter -t "$NS_PID" -n ip link set lo up
	nsenter -t "$NS_PID" -n timeout 60 busybox nc -l -p 8099 </dev/null >/dev/null 2>&1 3>&- &
	HOLDER=$!
	kill_on_cleanup "$HOLDER"
	eventually nsenter -t "$NS_PID" -n sh -c 'grep -q ":1FA3 " /proc/net/tcp /proc/net/tcp6'
	stream -J -e bind --errors --why "net:[$(ns_of net "$NS_PID")]"
	nsenter -t "$NS_PID" -n "$HELPERS/calls" bind inet stream 0 0.0.0.0 8099 >/dev/null
	nsenter -t "$NS_PID" -n "$HELPERS/calls" bind inet stream 0 192.0.2.1 80 >/dev/null
	eventually shown 2
	ends INT
	validate -l nstop-events "$EVENTS"
	jq -se 'length == 2 and all(.why.errno == .errno and .why.verdict == "blocked" and (.why.advice | length) > 0)' "$EVENTS"
	for port in 0.0.0.0:8099 192.0.2.1:80; do
		why=$("$NSNET" why -J "$port" "net:[$(ns_of net "$NS_PID")]" | jq -r '.why.causes[0].code') || true
		[[ $why != null && $(jq -r --arg a "${port%:*}" 'select(.addr == $a) | .why.code' "$EVENTS") == "$why" ]]
	done
}

@test "make bench: a peer that is not installed is named, the rest is measured" {
	run env PATH=/nonexistent /usr/bin/python3 -B "$ROOT/tests/bench/events" cost
	[[ $status -le 1 && "$output" != *Traceback* ]] # a target may be missed beside other tests
	[[ "$output" == *"bench: what nstop adds to a setns"*"bench: bpftrace: is not installed"*"bench: strace: is not installed"* ]]
}
