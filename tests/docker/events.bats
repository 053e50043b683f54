# SPDX-License-Identifier: GPL-2.0-or-later
# nstop -e while a real engine runs, execs and publishes; nsenter into a container.
load ../lib

setup_file()
{
	load engine
	engine_start
}

setup()
{
	load ../lib
	load engine
	engine_need
	need_bpf
	need_cmd jq
	EVENTS=$BATS_TEST_TMPDIR/events
}

teardown_file()
{
	load engine
	engine_stop
}

stream() # OPTION...
{
	"$NSTOP" -J "$@" >"$EVENTS" 2>"$EVENTS.err" </dev/null 3>&- &
	STREAM=$!
	kill_on_cleanup "$STREAM"
	eventually attached
}

attached() { [[ $(awk '{ print $1 }' "/proc/$STREAM/syscall") == 7 ]]; }

ends()
{
	kill -INT "$STREAM"
	wait "$STREAM"
	validate -l nstop-events "$EVENTS"
}

has() # FILTER JQ-ARGUMENT...
{
	jq -se "any($1)" "${@:2}" "$EVENTS"
}

@test "docker run: the namespaces of a container as they are made" {
	stream -e
	engine_run nskit-web
	eventually has '.changes and any(.changes[]; .to == $n)' --argjson n "$(ns_of pid "$ENGINE_PID")"
	ends
	for type in mnt net uts ipc; do
		has '.changes and any(.changes[]; .type == $t and .to == $n)' --arg t $type --argjson n "$(ns_of $type "$ENGINE_PID")"
	done
	# the child that became its init: from both ends
	has '.event == "clone" and .child.pid == $p and .child.nspid == [$p, 1] and any(.changes[]; .type == "pid" and .to == $n)' \
		--argjson p "$ENGINE_PID" --argjson n "$(ns_of pid "$ENGINE_PID")"
}

@test "docker exec and nsenter: who entered, seen by the target" {
	engine_run nskit-web
	stream -e setns nskit-web
	docker exec nskit-web true
	nsenter -t "$ENGINE_PID" -n true
	eventually has '.comm == "nsenter"'
	ends
	for type in mnt net pid uts ipc; do
		has '.comm != "nsenter" and any(.changes[]; .type == $t and .to == $n)' --arg t $type --argjson n "$(ns_of $type "$ENGINE_PID")"
	done
	has '.comm == "nsenter" and .container == null and .wanted == {type: "net", ns: $n} and [.changes[].type] == ["net"]' \
		--argjson n "$(ns_of net "$ENGINE_PID")"
}

@test "as text: whose the namespace is" {
	engine_run nskit-web
	"$NSTOP" -e setns nskit-web >"$EVENTS" 2>"$EVENTS.err" </dev/null 3>&- &
	STREAM=$!
	kill_on_cleanup "$STREAM"
	eventually attached
	nsenter -t "$ENGINE_PID" -n true
	eventually grep -qF " setns   net $(ns_of net) -> $(ns_of net "$ENGINE_PID") (nskit-web)" "$EVENTS"
	kill -INT "$STREAM"
	wait "$STREAM"
}

@test "a bind that fails in a container: its container, and its numbers there" {
	engine_run nskit-web
	stream -e bind,listen nskit-web
	docker exec nskit-web sh -c 'httpd -f -p 192.0.2.9:7 || :'
	eventually has '.event == "bind" and .addr == "192.0.2.9"'
	ends
	has '.event == "bind" and .errno == "EADDRNOTAVAIL" and .port == 7 and .container.name == "nskit-web" and .container.runtime == "docker"
		and (.nspid | length) == 2 and .netns == $n and .socket_netns == $n' --argjson n "$(ns_of net "$ENGINE_PID")"
	! has '.container.name != "nskit-web"'
}
