# SPDX-License-Identifier: GPL-2.0-or-later
# nsnet why: each cause once, made for real in a network namespace of its own, first tried against the kernel, then asked about.
load ../lib

# The pairs of a third of a million sockets take a processor for half a minute: beside the other tests, which mostly wait.
setup_file()
{
	((EUID == 0)) && unshare --net true 2>/dev/null || return 0
	spawn sh -c 'exec >"$2" 2>"$2.err"; exec unshare --net sh -c "ip link add veth0 type veth peer name veth1; ip addr add fd09::1/64 dev veth0 nodad
		ip link set lo up; ip link set veth0 up; ip link set veth1 up; exec \"\$@\"" sh "$1/bindpairs"' sh "$HELPERS" "$BATS_FILE_TMPDIR/pairs"
	echo "$SPAWNED $(start_of "$SPAWNED")" >"$BATS_FILE_TMPDIR/pairs.pid"
}

teardown_file()
{
	cleanup
}

setup()
{
	need_ns
	need_cmd ip python3 jq
	A=why$$a B=why$$b
	python=/usr/bin/python3 # one that other users may run, too
	[[ -x $python ]] || python=python3
}

# netns NAME: a named network namespace with lo up
netns()
{
	ip netns add "$1"
	on_cleanup ip netns del "$1"
	ip -n "$1" link set lo up
}

# holder NETNS PYTHON [COMMAND...]: a process there that has run the code and waits: $PID
holder()
{
	local out=$BATS_TEST_TMPDIR/holder$((++holders))
	spawn_open "$out" ip netns exec "$1" "${@:3}" "$python" -c "
import os, sys, time, signal, array
from socket import *
$2
print(os.getpid(), flush=True)
time.sleep(300)"
	PID=$SPAWNED_LINE
}

# tries NETNS PYTHON: what the kernel says to it: OK or the errno's name
tries()
{
	ip netns exec "$1" "$python" -c "
import errno, os
from socket import *
try:
	$2
	print('OK')
except OSError as e:
	print(errno.errorcode[e.errno])"
}

bind_error() # NETNS ADDR PORT [SETSOCKOPT...]
{
	tries "$1" "s = socket(AF_INET6 if ':' in '$2' else AF_INET); ${4:-pass}; s.bind(('$2', $3))"
}

free() # NETNS PORT
{
	[[ $(bind_error "$1" 0.0.0.0 "$2") == OK ]]
}

# why ARGUMENT...: $status, $output; that the document follows the schema, the last test looks at
why()
{
	run --separate-stderr "$NSNET" why -J "$@"
	later_valid nsnet-why <<<"$output"
}

# blames CODE ERRNO [FILTER]: it is the only cause, and its evidence fulfils the filter
blames()
{
	jq_is '.why.verdict == "blocked" and (.why.causes | map(.code) == [$code] and .[0].errno == $errno) and (.why.unchecked == [])' \
		--arg code "$1" --arg errno "$2"
	jq_is ".why.causes[0].evidence | ${3:-true}"
	[[ $status == 4 ]]
}

fine() # ok, and nobody is blamed
{
	jq_is '.why.verdict == "ok" and .why.causes == [] and .why.unchecked == []'
	[[ $status == 0 ]]
}

@test "a free port, and the same port of other namespaces" {
	netns $A
	netns $B
	holder $B 's = socket(); s.bind(("0.0.0.0", 8080)); s.listen()'
	[[ $(bind_error $A 0.0.0.0 8080) == OK ]]
	why 8080 netns:$A
	fine
	run --separate-stderr "$NSNET" why 8080 netns:$A
	[[ $output == "OK  tcp 0.0.0.0:8080 in $A (net $(stat -Lc %i /run/netns/$A)) is free and may be bound by root ("*" checks)" ]]
}

@test "port-in-use: who listens, by name, pid and inode; the first line says it" {
	netns $A
	holder $A 's = socket(); s.bind(("0.0.0.0", 8080)); s.listen()'
	[[ $(bind_error $A 0.0.0.0 8080) == EADDRINUSE ]]
	why 8080 netns:$A
	blames port-in-use EADDRINUSE ".holder_pid == $PID and .holder_state == \"LISTEN\" and .holder_addr == \"0.0.0.0\" and .holder_inode > 0"
	run "$NSNET" why 8080 netns:$A
	[[ $output == *"  holder    python3 pid $PID, started "[0-2][0-9]:[0-5][0-9]:[0-5][0-9]", uid 0, fd "* || $(date +%H%M) < 0005 ]]
	[[ ${lines[0]} == "BLOCKED  tcp 0.0.0.0:8080 in $A (net "*"): EADDRINUSE, python3 $PID listens on it" ]]
	why 8080 netns:$A
	follow
	eventually free $A 8080
	# The first process of a PID namespace takes no SIGTERM from outside that it has no handler for.
	spawn_open "$BATS_TEST_TMPDIR/init" ip netns exec $A unshare --pid --fork --kill-child "$python" -c 'import time
from socket import *
s = socket(); s.bind(("0.0.0.0", 8080)); s.listen(); print("there", flush=True); time.sleep(300)'
	why 8080 netns:$A
	jq_is '.why.causes[0] | .advice[0] == "end or repair the holder:  kill -KILL \(.evidence.holder_pid)"'
	follow
	eventually free $A 8080
}

@test "an answer on a terminal: broken between words, never in a command" {
	need_cmd script
	netns $A
	holder $A 's = socket(); s.bind(("0.0.0.0", 80)); s.listen()'
	run script -qec "stty cols 60; $NSNET why --uid 1001 80 netns:$A 2>/dev/null" /dev/null
	output=${output//$'\r'/}
	[[ $output == "BLOCKED  tcp 0.0.0.0:80 in $A (net"* ]]
	grep -qxF "            nsenter --net=/run/netns/$A sysctl -w net.ipv4.ip_unprivileged_port_start=80" <<<"$output"
	! grep -vF -e sysctl -e setcap <<<"$output" | grep -q '.\{61\}'
	run "$NSNET" why --uid 1001 80 netns:$A
	[[ ${lines[0]} == *"uid 1001 without capabilities may not use it" ]]
}

@test "port-in-use: an mptcp server" {
	netns $A
	[[ $(tries $A 'socket(AF_INET, SOCK_STREAM, 262)') == OK ]] || skip "this kernel has no MPTCP"
	holder $A 's = socket(AF_INET, SOCK_STREAM, 262); s.bind(("0.0.0.0", 8080)); s.listen()'
	why 8080 netns:$A
	blames port-in-use EADDRINUSE ".holder_pid == $PID and .holder_proto == \"mptcp\""
}

@test "port-in-use-wildcard-overlap, both ways" {
	netns $A
	holder $A 's = socket(AF_INET, SOCK_DGRAM); s.bind(("127.0.0.53", 53)); t = socket(); t.bind(("0.0.0.0", 99)); t.listen()'
	why 53/udp netns:$A
	blames port-in-use-wildcard-overlap EADDRINUSE ".holder_pid == $PID and .holder_addr == \"127.0.0.53\" and .asked_addr == \"0.0.0.0\""
	why 127.0.0.2:99 netns:$A
	blames port-in-use-wildcard-overlap EADDRINUSE '.holder_addr == "0.0.0.0"'
	why 127.0.0.1:53/udp netns:$A
	fine
}

@test "port-in-use-dual-stack, unless it is IPv6 only" {
	netns $A
	holder $A 's = socket(AF_INET6); s.setsockopt(IPPROTO_IPV6, IPV6_V6ONLY, 0); s.bind(("::", 8080)); s.listen()
t = socket(AF_INET6); t.setsockopt(IPPROTO_IPV6, IPV6_V6ONLY, 1); t.bind(("::", 8081)); t.listen()'
	[[ $(bind_error $A 0.0.0.0 8080) == EADDRINUSE && $(bind_error $A 0.0.0.0 8081) == OK ]]
	why 8080 netns:$A
	blames port-in-use-dual-stack EADDRINUSE ".holder_pid == $PID and .holder_v6only == false"
	why 8081 netns:$A
	fine
	why '[::]:8081' netns:$A
	blames port-in-use EADDRINUSE .holder_v6only
}

@test "port-in-use-bound-not-listening" {
	netns $A
	need_kernel 6.8
	holder $A 's = socket(); s.bind(("0.0.0.0", 8080))'
	[[ $(bind_error $A 0.0.0.0 8080) == EADDRINUSE ]]
	why 8080 netns:$A
	blames port-in-use-bound-not-listening EADDRINUSE ".holder_pid == $PID and .holder_state == \"BOUND\""
}

@test "port-in-use-device-bound, unless it is another device" {
	netns $A
	ip -n $A link add veth0 type veth peer name veth1
	holder $A 's = socket(); s.setsockopt(SOL_SOCKET, SO_BINDTODEVICE, b"veth0"); s.bind(("0.0.0.0", 8080)); s.listen()'
	[[ $(bind_error $A 0.0.0.0 8080) == EADDRINUSE ]]
	why 8080 netns:$A
	blames port-in-use-device-bound EADDRINUSE ".holder_pid == $PID and .holder_device == \"veth0\""
	why --device veth1 8080 netns:$A
	fine
}

@test "reuseport-uid-mismatch and reuseport-not-set-by-holder" {
	need_cmd setpriv
	netns $A
	holder $A 's = socket(); s.setsockopt(SOL_SOCKET, SO_REUSEPORT, 1); s.bind(("0.0.0.0", 8080)); s.listen()' setpriv --reuid 65534 --clear-groups
	[[ $(bind_error $A 0.0.0.0 8080 's.setsockopt(SOL_SOCKET, SO_REUSEPORT, 1)') == EADDRINUSE ]]
	why --reuseport 8080 netns:$A
	blames reuseport-uid-mismatch EADDRINUSE ".holder_pid == $PID and .holder_uid == 65534 and .asking_uid == 0"
	why --reuseport --uid 65534 8080 netns:$A
	fine
	holder $A 's = socket(); s.bind(("0.0.0.0", 8081)); s.listen()'
	why --reuseport 8081 netns:$A
	blames reuseport-not-set-by-holder EADDRINUSE ".holder_pid == $PID and .holder_reuseport == false"
}

@test "time-wait: harmless only if old and new have set SO_REUSEADDR" {
	local port
	netns $A
	for port in 8080 8081; do
		holder $A "l = socket(); l.setsockopt(SOL_SOCKET, SO_REUSEADDR, $((port == 8081))); l.bind(('127.0.0.1', $port)); l.listen()
c = create_connection(('127.0.0.1', $port)); a = l.accept()[0]; a.close(); c.recv(1); c.close(); l.close()"
	done
	[[ $(bind_error $A 0.0.0.0 8080 's.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)') == EADDRINUSE ]]
	[[ $(bind_error $A 0.0.0.0 8081 's.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)') == OK ]]
	why --reuseaddr 8080 netns:$A
	blames time-wait EADDRINUSE '.state == "TIME_WAIT" and .inode == 0 and .no_process'
	why --reuseaddr 8081 netns:$A
	fine
	why 8081 netns:$A
	blames time-wait EADDRINUSE
}

@test "orphaned-socket: closed, and the peer does not confirm it" {
	netns $A
	netns $B
	ip -n $A link add veth0 type veth peer name veth0 netns $B
	ip -n $A addr add 10.7.7.1/24 dev veth0
	ip -n $B addr add 10.7.7.2/24 dev veth0
	ip -n $A link set veth0 up
	ip -n $B link set veth0 up
	spawn_open "$BATS_TEST_TMPDIR/server" ip netns exec $A "$python" -c '
import sys, time
from socket import *
l = socket(); l.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1); l.bind(("0.0.0.0", 8080)); l.listen(); print("listens", flush=True)
a = l.accept()[0]; sys.stdin.readline(); a.send(b"x"); a.close(); l.close(); print("closed", flush=True); time.sleep(300)'
	local server=$SPAWNED
	holder $B 's = create_connection(("10.7.7.1", 8080)); print(s.getsockname()[1], flush=True)'
	local peer=$PID # its port: it is printed first
	ip -n $B link set veth0 down
	echo >"/proc/$server/fd/0"
	eventually grep -q closed "$BATS_TEST_TMPDIR/server"
	[[ $(bind_error $A 0.0.0.0 8080) == EADDRINUSE ]]
	why 8080 netns:$A
	blames orphaned-socket EADDRINUSE ".state == \"FIN-WAIT-1\" and .inode == 0 and .no_process and .peer_addr == \"10.7.7.2\" and .peer_port == $peer"
	# who happens to be in that namespace has nothing to do with it
	jq_is '.why.causes[0].advice[0] == "destroy it:  nsenter --net=/run/netns/\($a) ss -K state fin-wait-1 sport = :8080 dst 10.7.7.2:\($p)"' --arg a $A --arg p "$peer"
	[[ $(bind_error $A 0.0.0.0 8080 's.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)') == OK ]]
	why --reuseaddr 8080 netns:$A
	fine
	why 8080 netns:$A
	if zgrep -q '^CONFIG_INET_DIAG_DESTROY=y' /proc/config.gz 2>/dev/null; then
		follow
		[[ $(bind_error $A 0.0.0.0 8080) == OK ]]
	fi
}

@test "port-in-use-established: accepted connections of a listener that is gone" {
	netns $A
	holder $A 'l = socket(); l.bind(("127.0.0.1", 8080)); l.listen(); c = create_connection(("127.0.0.1", 8080)); a = l.accept()[0]; l.close()'
	[[ $(bind_error $A 0.0.0.0 8080) == EADDRINUSE ]]
	why 8080 netns:$A
	blames port-in-use-established EADDRINUSE ".holder_pid == $PID and .holder_state == \"ESTAB\" and .peer_port > 0"
}

@test "ephemeral-port-clash: a connection was given the port" {
	netns $A
	ip netns exec $A sysctl -qw net.ipv4.ip_local_port_range='40000 40000'
	holder $A 'l = socket(); l.bind(("127.0.0.1", 8080)); l.listen(); c = create_connection(("127.0.0.1", 8080)); a = l.accept()[0]'
	[[ $(bind_error $A 0.0.0.0 40000 's.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)') == EADDRINUSE ]]
	why --reuseaddr 40000 netns:$A
	blames ephemeral-port-clash EADDRINUSE ".holder_pid == $PID and .connected_to == \"127.0.0.1:8080\" and .ip_local_port_range == \"40000 40000\""
	why --reuseaddr 127.0.0.2:40000 netns:$A
	fine
	[[ $output != *"(inside)"* ]]
	# A client of UDP has a port, too.
	holder $A 's = socket(type=SOCK_DGRAM); s.connect(("127.0.0.1", 53))'
	[[ $(tries $A 's = socket(type=SOCK_DGRAM); s.bind(("0.0.0.0", 40000))') == EADDRINUSE ]]
	why 40000/udp netns:$A
	blames ephemeral-port-clash EADDRINUSE ".holder_pid == $PID and .connected_to == \"127.0.0.1:53\""
	# What is reserved stays so.
	ip netns exec $A sysctl -qw net.ipv4.ip_local_reserved_ports=50000
	why 40000/udp netns:$A
	jq_is '.why.causes[0].advice | any(endswith("nsenter --net=/run/netns/\($a) sysctl -w net.ipv4.ip_local_reserved_ports=50000,40000"))' --arg a $A
}

# A listener may well have a port that the kernel could have chosen: who has opened a connection, what was sent and confirmed tells.
@test "ephemeral-port-clash, port-in-use-established: where both ends' ports are ephemeral" {
	local client server
	netns $A
	holder $A 'l = socket(); l.bind(("127.0.0.1", 50001)); l.listen(); c = create_connection(("127.0.0.1", 50001)); a = l.accept()[0]
c.send(b"x" * 9000); a.send(b"y"); c.recv(1); l.close(); print(c.getsockname()[1], flush=True)'
	client=$PID
	eventually bash -c "ip netns exec $A ss -Htn | wc -l | grep -qx 2"
	[[ $(bind_error $A 0.0.0.0 "$client" 's.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)') == EADDRINUSE && $(bind_error $A 0.0.0.0 50001) == EADDRINUSE ]]
	why --reuseaddr "$client" netns:$A
	blames ephemeral-port-clash EADDRINUSE '.connected_to == "127.0.0.1:50001"'
	why 50001 netns:$A
	blames port-in-use-established EADDRINUSE ".peer_port == $client"
	jq_is '.why.causes[0].summary | endswith("of a listener that is gone")'
	# It has said something that nobody confirms: then its ports alone are known, and nobody knows.
	holder $A 'l = socket(); l.bind(("127.0.0.1", 50002)); l.listen(); c = create_connection(("127.0.0.1", 50002)); a = l.accept()[0]
c.setsockopt(SOL_SOCKET, SO_RCVBUF, 4096); a.setblocking(False)
try:
	while True: a.send(b"z" * 65536)
except BlockingIOError: l.close()'
	why 50002 netns:$A
	blames port-in-use-established EADDRINUSE
	jq_is '.why.causes[0].summary | endswith("can\u0027t be told")'
	# It chose its port itself, out of the range.
	holder $A 'l = socket(); l.bind(("127.0.0.1", 8080)); l.listen(); c = create_connection(("127.0.0.1", 8080), source_address=("127.0.0.1", 9090))'
	why 9090 netns:$A
	blames port-in-use-established EADDRINUSE '.holder_peer == "127.0.0.1:8080"'
	jq_is '.why.causes[0].summary | contains("listener") | not'
}

@test "socket-in-flight: nobody has it open" {
	need_bpf
	netns $A
	holder $A 'p = socketpair(AF_UNIX, SOCK_DGRAM); s = socket(); s.bind(("0.0.0.0", 8080)); s.listen(); send_fds(p[0], [b"x"], [s.fileno()]); s.close()'
	[[ $(bind_error $A 0.0.0.0 8080) == EADDRINUSE ]]
	why 8080 netns:$A
	blames socket-in-flight EADDRINUSE ".carrier_pid == $PID and .no_process_fd and .carrier_inode > 0"
	# One that does not even listen is in no table that is counted.
	need_kernel 6.8
	netns $B
	holder $B 'p = socketpair(AF_UNIX, SOCK_DGRAM); s = socket(AF_INET6); s.bind(("::", 8081)); send_fds(p[0], [b"x"], [s.fileno()]); s.close()'
	[[ $(bind_error $B 0.0.0.0 8081) == EADDRINUSE ]]
	why 8081 netns:$B
	blames socket-in-flight EADDRINUSE ".carrier_pid == $PID and .no_process_fd"
	run --separate-stderr "$NSNET" -tanH
	[[ $output == *:8081\ * ]]
	# Of two who carry something nobody can tell which, and nobody is to be killed for it.
	holder $B 'p = socketpair(AF_UNIX, SOCK_DGRAM); f = open("/dev/null"); send_fds(p[0], [b"x"], [f.fileno()])'
	why 8081 netns:$B
	jq_is '.why.causes | map(.code) == ["socket-in-flight"] and (.[0].summary | contains(" or ")) and (.[0].advice | any(contains("kill")) | not)'
}

@test "port-in-use-holder-in-other-netns: a socket stays where it was made" {
	netns $A
	netns $B
	holder $A "s = socket(); s.bind(('0.0.0.0', 8080)); s.listen(); import ctypes; ctypes.CDLL(None).setns(os.open('/run/netns/$B', 0), 0)"
	why 8080 netns:$A
	blames port-in-use-holder-in-other-netns EADDRINUSE \
		".holder_pid == $PID and .holder_proc_netns == $(stat -Lc %i /run/netns/$B) and .socket_netns == $(stat -Lc %i /run/netns/$A)"
}

@test "port-held-by-inherited-fd: a sleep holds it" {
	netns $A
	holder $A 's = socket(); s.bind(("0.0.0.0", 8080)); s.listen(); s.set_inheritable(True); print(os.getpid(), flush=True); os.execvp("sleep", ["sleep", "300"])'
	why 8080 netns:$A
	blames port-held-by-inherited-fd EADDRINUSE ".holder_pid == $PID and .holder_comm == \"sleep\""
	holder $A 's = socket(type=SOCK_DGRAM); s.bind(("0.0.0.0", 8081)); s.set_inheritable(True); print(os.getpid(), flush=True); os.execvp("sleep", ["sleep", "300"])'
	eventually runs "$PID" sleep
	why 8081/udp netns:$A
	blames port-held-by-inherited-fd EADDRINUSE ".holder_pid == $PID and .holder_comm == \"sleep\""
}

@test "port-held-by-socket-activation: an activator listens" {
	netns $A
	holder $A 's = socket(); s.bind(("0.0.0.0", 8080)); s.listen(); open("/proc/self/comm", "w").write("systemd-socket-activate")'
	why 8080 netns:$A
	blames port-held-by-socket-activation EADDRINUSE ".holder_pid == $PID"
}

@test "port-in-use-at-listen: both have bound it, one listens" {
	netns $A
	holder $A 's = socket(); s.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1); s.bind(("0.0.0.0", 8080))'
	local late=$PID
	holder $A 's = socket(); s.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1); s.bind(("0.0.0.0", 8080)); s.listen()'
	why --call listen --reuseaddr --as "$late" 8080 netns:$A
	blames port-in-use-at-listen EADDRINUSE ".holder_pid == $PID and .asking_pid == $late and .failing_call == \"listen\""
}

@test "local-port-range-exhausted and local-ports-all-reserved" {
	netns $A
	ip netns exec $A sysctl -qw net.ipv4.ip_local_port_range='40000 40003'
	holder $A 'l = []
for p in range(40000, 40004): s = socket(); s.bind(("0.0.0.0", p)); l.append(s)'
	[[ $(bind_error $A 0.0.0.0 0) == EADDRINUSE ]]
	why 0 netns:$A
	blames local-port-range-exhausted EADDRINUSE '.used_ports == 4 and .ip_local_port_range == "40000 40003"'
	why --call connect 127.0.0.1:80 netns:$A
	blames local-port-range-exhausted EADDRNOTAVAIL
	ip netns exec $A sysctl -qw net.ipv4.ip_local_reserved_ports=40000-40003
	why 0/udp netns:$A
	blames local-ports-all-reserved EADDRINUSE '.ip_local_reserved_ports == "40000-40003"'
	[[ $(tries $A 's = socket(type=SOCK_DGRAM); s.connect(("127.0.0.1", 53))') == EAGAIN ]]
	why --call connect 127.0.0.1:53/udp netns:$A
	blames local-ports-all-reserved EAGAIN
	why 40003/udp netns:$A
	fine
}

@test "local-port-range-exhausted: by connections that have ended, and by one whose listener is gone" {
	local connects='s = socket(); s.connect(("127.0.0.1", 8080))'
	netns $A
	netns $B
	ip netns exec $A sysctl -qw net.ipv4.ip_local_port_range='40000 40000'
	ip netns exec $B sysctl -qw net.ipv4.ip_local_port_range='40000 40000'
	holder $A 'l = socket(); l.bind(("127.0.0.1", 8080)); l.listen(); m = socket(); m.bind(("127.0.0.1", 8081)); m.listen()
c = create_connection(("127.0.0.1", 8080)); a = l.accept()[0]; c.close(); a.recv(1); a.close()'
	[[ $(tries $A "$connects") == EADDRNOTAVAIL ]]
	why --call connect 127.0.0.1:8080 netns:$A
	blames local-port-range-exhausted EADDRNOTAVAIL '.used_ports == 1'
	why --call connect 127.0.0.1:8081 netns:$A # another peer
	fine
	holder $B 'l = socket(); l.bind(("127.0.0.1", 40000)); l.listen(); c = create_connection(("127.0.0.1", 40000), source_address=("127.0.0.1", 9090))
a = l.accept()[0]; l.close()'
	[[ $(tries $B "$connects") == EADDRNOTAVAIL ]]
	why --call connect 127.0.0.1:8080 netns:$B
	blames local-port-range-exhausted EADDRNOTAVAIL '.used_ports == 1'
	sleep 1.2
	ip netns exec $A sysctl -qw net.ipv4.tcp_tw_reuse=0
	why --call connect 127.0.0.1:8080 netns:$A
	blames local-port-range-exhausted EADDRNOTAVAIL '.used_ports == 1'
	[[ $(tries $A "$connects") == EADDRNOTAVAIL ]]
	ip netns exec $A sysctl -qw net.ipv4.tcp_tw_reuse=1
	why --call connect 127.0.0.1:8080 netns:$A
	fine
	[[ $(tries $A "$connects") == OK ]]
}

@test "privileged-port-no-cap: by uid, by sysctl, and what comes behind it" {
	netns $A
	holder $A 's = socket(); s.bind(("0.0.0.0", 80)); s.listen()'
	why --uid 1001 80 netns:$A
	jq_is '.why.causes | map(.code) == ["privileged-port-no-cap", "port-in-use"] and .[0].errno == "EACCES" and .[1].evidence.holder_pid == $pid' \
		--argjson pid "$PID"
	ip netns exec $A sysctl -qw net.ipv4.ip_unprivileged_port_start=9000
	why --uid 1001 '[::]:8080' netns:$A
	blames privileged-port-no-cap EACCES '.ip_unprivileged_port_start == 9000 and .asking_uid == 1001'
	follow
	why --uid 1001 '[::]:8080' netns:$A
	fine
	ip netns exec $A sysctl -qw net.ipv4.ip_unprivileged_port_start=0
	why --uid 1001 81 netns:$A
	fine
}

@test "privileged-port-no-cap: in the bounding set alone; privileged-port-wrong-userns" {
	need_cmd setpriv unshare
	netns $A
	holder $A pass setpriv --reuid 1001 --clear-groups
	why --as "$PID" 80 netns:$A
	blames privileged-port-no-cap EACCES ".asking_pid == $PID and .cap_in_bounding_set and .file_has_capability == false"
	holder $A pass unshare --user --map-root-user
	why 80 "$PID"
	blames privileged-port-wrong-userns EACCES ".asking_pid == $PID and .cap_in_own_userns and .asking_userns == $(stat -Lc %i /proc/$PID/ns/user)"
}

@test "addr-not-local, and where it is; an IPv4 address of a device that is down" {
	netns $A
	netns $B
	ip -n $B addr add 10.9.8.7/32 dev lo
	[[ $(bind_error $A 10.9.8.7 8080) == EADDRNOTAVAIL ]]
	why 10.9.8.7:8080 netns:$A
	blames addr-not-local EADDRNOTAVAIL ".addr_found_in_netns == $(stat -Lc %i /run/netns/$B)"
	ip -n $A link add veth0 type veth peer name veth1
	ip -n $A addr add 10.1.1.1/24 dev veth0
	[[ $(bind_error $A 10.1.1.1 8080) == OK ]]
	why 10.1.1.1:8080 netns:$A
	fine
	[[ $(bind_error $A 0.1.2.3 8080) == EADDRNOTAVAIL ]]
	why 0.1.2.3:8080 netns:$A
	blames addr-not-local EADDRNOTAVAIL
	ip netns exec $A sysctl -qw net.ipv4.ip_nonlocal_bind=1
	why 10.9.8.7:8080 netns:$A
	fine
}

@test "addr-tentative, interface-down, link-local-no-scope" {
	netns $A
	ip -n $A link add veth0 type veth peer name veth1
	ip -n $A addr add fd09::1/64 dev veth0
	[[ $(bind_error $A fd09::1 8080) == EADDRNOTAVAIL ]]
	why '[fd09::1]:8080' netns:$A
	blames interface-down EADDRNOTAVAIL '.device == "veth0" and .device_up == false'
	ip netns exec $A sysctl -qw net.ipv6.conf.veth0.dad_transmits=1000
	ip -n $A link set veth1 up
	ip -n $A link set veth0 up
	ip -n $A addr add fd09::2/64 dev veth0
	[[ $(bind_error $A fd09::2 8080) == EADDRNOTAVAIL ]]
	why '[fd09::2]:8080' netns:$A
	blames addr-tentative EADDRNOTAVAIL '.device == "veth0" and .ifaddr_flags == "tentative"'
	follow 1
	[[ $(bind_error $A fd09::2 8080) == OK ]]
	ip -n $A addr add fe80::45/64 dev veth0 nodad
	[[ $(bind_error $A fe80::45 8080) == EINVAL ]]
	why '[fe80::45]:8080' netns:$A
	blames link-local-no-scope EINVAL '.scope_id == 0 and .device == "veth0"'
	why '[fe80::45%veth0]:8080' netns:$A
	fine
}

@test "interface-down, ipv6-disabled: one device of several, by the network that it leads to" {
	netns $A
	netns $B
	local i
	for i in 0 1; do
		ip -n $A link add veth$i type veth peer name veth$i netns $B
		ip -n $A addr add fd7$i::1/64 dev veth$i nodad
		ip -n $B addr add fd7$i::2/64 dev veth$i nodad
		ip -n $A link set veth$i up
		ip -n $B link set veth$i up
	done
	ip -n $A link set veth1 down
	[[ $(bind_error $A fd71::1 8080) == EADDRNOTAVAIL ]]
	why '[fd71::1]:8080' netns:$A
	blames interface-down EADDRNOTAVAIL '.device == "veth1" and .device_up == false'
	why '[fd72::1]:8080' netns:$A # of no network that is near
	blames addr-not-local EADDRNOTAVAIL
	why '[fd71::2]:8080' netns:$A # it is the other end's
	blames addr-not-local EADDRNOTAVAIL ".addr_found_in_netns == $(stat -Lc %i /run/netns/$B)"
	ip -n $A link set veth1 up
	ip netns exec $A sysctl -qw net.ipv6.conf.veth1.disable_ipv6=1
	[[ $(bind_error $A fd71::1 8080) == EADDRNOTAVAIL ]]
	why '[fd71::1]:8080' netns:$A
	blames ipv6-disabled EADDRNOTAVAIL '.device == "veth1" and .disable_ipv6 == 1'
	why '[fd70::1]:8080' netns:$A
	fine
}

@test "addr-multicast-stream: a group has no connections" {
	netns $A
	[[ $(bind_error $A ff05::1 80 'import os; os.setuid(1001)') == EINVAL ]]
	why --uid 1001 '[ff05::1]:80' netns:$A
	jq_is '.why.causes | map([.code, .errno]) == [["addr-multicast-stream", "EINVAL"], ["privileged-port-no-cap", "EACCES"]]'
	[[ $(tries $A 's = socket(AF_INET6, SOCK_DGRAM); s.bind(("ff05::1", 8080))') == OK ]]
	why '[ff05::1]:8080/udp' netns:$A
	fine
	[[ $(bind_error $A 239.1.1.1 8080) == OK ]]
	why 239.1.1.1:8080 netns:$A
	fine
}

@test "addr-dadfailed: another host has the address" {
	netns $A
	netns $B
	ip -n $A link add veth0 type veth peer name veth0 netns $B
	ip -n $B addr add fd0d::1/64 dev veth0 nodad
	ip -n $B link set veth0 up
	ip -n $A link set veth0 up
	sleep 0.2
	ip -n $A addr add fd0d::1/64 dev veth0
	eventually bash -c "ip -n $A addr show dev veth0 | grep -q dadfailed"
	why '[fd0d::1]:8080' netns:$A
	blames addr-dadfailed EADDRNOTAVAIL ".device == \"veth0\" and .addr_found_in_netns == $(stat -Lc %i /run/netns/$B)"
}

@test "ipv6-disabled" {
	netns $A
	ip netns exec $A sysctl -qw net.ipv6.conf.all.disable_ipv6=1
	[[ $(bind_error $A ::1 8080) == EADDRNOTAVAIL ]]
	why '[::1]:8080' netns:$A
	blames ipv6-disabled EADDRNOTAVAIL '.disable_ipv6 == 1'
	why '[::]:8080' netns:$A
	fine
}

@test "v6only-mapped-address, device-missing" {
	netns $A
	netns $B
	[[ $(bind_error $A ::ffff:127.0.0.1 8080 's.setsockopt(IPPROTO_IPV6, IPV6_V6ONLY, 1)') == EINVAL ]]
	why --v6only '[::ffff:127.0.0.1]:8080' netns:$A
	blames v6only-mapped-address EINVAL .asked_v6only
	why --v6only=no '[::ffff:127.0.0.1]:8080' netns:$A
	fine
	ip -n $B link add wan0 type veth peer name lan0
	why --device wan0 8080 netns:$A
	blames device-missing ENODEV ".asked_device == \"wan0\" and .device_found_in_netns == $(stat -Lc %i /run/netns/$B)"
	jq_is '.why.causes[0].summary == "there is no device wan0 here: it is in \($b) (net \($n))"' --arg b $B --arg n "$(stat -Lc %i /run/netns/$B)"
	follow
	why --device wan0 8080 netns:$A
	fine
}

@test "socket-already-bound" {
	need_kernel 6.8
	netns $A
	holder $A 's = socket(); s.bind(("0.0.0.0", 8080))'
	why --as "$PID" 8081 netns:$A
	blames socket-already-bound EINVAL ".asking_pid == $PID and .current_addr == \"0.0.0.0:8080\""
	why --as "$PID" 8080 netns:$A # its own socket is not in its way
	blames socket-already-bound EINVAL ".asking_pid == $PID"
}

@test "protocol-unsupported, raw-no-cap, fd-limit" {
	need_cmd setpriv prlimit
	netns $A
	local error
	error=$(tries $A 'socket(AF_INET, 6, 33)') # SOCK_DCCP
	[[ $error == E* ]] || skip "this kernel has DCCP"
	why --call socket 0/dccp netns:$A
	blames protocol-unsupported "$error" '.failing_call == "socket" and .proto == "dccp"'
	holder $A pass setpriv --reuid 1001 --clear-groups
	why --call socket 1/raw "$PID"
	blames raw-no-cap EPERM ".asking_pid == $PID"
	holder $A 'os.closerange(3, 1024)
import resource; resource.setrlimit(resource.RLIMIT_NOFILE, (16, 16)); l = []
try:
	while True: l.append(os.dup(0))
except OSError: pass'
	why --call socket 80 "$PID"
	blames fd-limit EMFILE ".nofile_limit == 16 and .open_fds == 16"
	# More are open than the limit, which was lowered since: those below it count.
	holder $A 'import resource
for n in range(20, 60): os.dup2(0, n)
resource.setrlimit(resource.RLIMIT_NOFILE, (16, 16)); socket()'
	why --call socket 80 "$PID"
	fine
}

@test "raw-no-cap: ping sockets, by group" {
	netns $A
	ip netns exec $A sysctl -qw net.ipv4.ping_group_range='1 0'
	[[ $(tries $A 'socket(AF_INET, SOCK_DGRAM, IPPROTO_ICMP)') == EACCES ]]
	why --call socket 0/icmp netns:$A
	blames raw-no-cap EACCES '.failing_call == "socket"'
	ip netns exec $A sysctl -qw net.ipv4.ping_group_range='1001 1001'
	[[ $(tries $A 'os.setgroups([]); os.setgid(1001); os.setuid(1005); socket(AF_INET, SOCK_DGRAM, IPPROTO_ICMP)') == OK ]]
	why --call socket --uid 1005 --gid 1001 0/ping netns:$A
	fine
	why --call socket --uid 1005 0/ping netns:$A
	blames raw-no-cap EACCES
}

@test "seccomp-deny: the filter is run; one that denies another call is no evidence" {
	need_bpf
	netns $A
	local deny='import ctypes, struct
c = ctypes.CDLL(None)
def deny(nr, err):
	f = struct.pack("HBBIHBBIHBBIHBBI", 0x20, 0, 0, 0, 0x15, 0, 1, nr, 6, 0, 0, 0x50000 | err, 6, 0, 0, 0x7fff0000)
	b = ctypes.create_string_buffer(f, len(f)); p = struct.pack("HxxxxxxP", 4, ctypes.addressof(b))
	c.prctl(38, 1, 0, 0, 0); assert c.prctl(22, 2, ctypes.create_string_buffer(p)) == 0
'
	[[ $(uname -m) == x86_64 ]] || skip "numbers of system calls are those of x86_64"
	holder $A "$deny
deny(50, 1)" # listen
	why 8080 "$PID"
	fine
	holder $A "$deny
deny(50, 1); deny(49, 13)" # bind
	why 8080 "$PID"
	blames seccomp-deny EACCES ".asking_pid == $PID and .seccomp_mode == 2 and .seccomp_filters == 2"
	# It hangs on the number of the descriptor, which nobody can know.
	holder $A 'import ctypes, struct
c = ctypes.CDLL(None)
f = b"".join(struct.pack("HBBI", *i) for i in ((0x20, 0, 0, 0), (0x15, 0, 3, 49), (0x20, 0, 0, 16), (0x15, 0, 1, 9), (6, 0, 0, 0x50001), (6, 0, 0, 0x7fff0000)))
b = ctypes.create_string_buffer(f, len(f)); p = struct.pack("HxxxxxxP", 6, ctypes.addressof(b))
c.prctl(38, 1, 0, 0, 0); assert c.prctl(22, 2, ctypes.create_string_buffer(p)) == 0'
	why 8080 "$PID"
	unseen "seccomp filters"
	why --call socket 8080 "$PID"
	fine
}

# need_landlock: of ports
need_landlock()
{
	local out
	out=$("$HELPERS/landlock" -- true 2>&1) || skip "$out"
}

# denied PYTHON WORD...: in such a domain, in $A, the kernel says to it: OK or the errno's name
denied()
{
	ip netns exec $A "$HELPERS/landlock" "${@:2}" -- "$python" -c "
import errno
from socket import *
try:
	$1
	print('OK')
except OSError as e:
	print(errno.errorcode[e.errno])"
}

@test "lsm-deny: Landlock lets it bind one port; of two domains only what both allow" {
	need_bpf
	need_landlock
	netns $A
	[[ $(denied 's = socket(); s.bind(("0.0.0.0", 8080))' bind=9090) == EACCES ]]
	[[ $(denied 's = socket(); s.bind(("0.0.0.0", 9090))' bind=9090) == OK ]]
	holder $A pass "$HELPERS/landlock" bind=9090 --
	why 8080 "$PID"
	blames lsm-deny EACCES ".lsm == \"landlock\" and .asking_pid == $PID and .port_not_privileged and .no_new_privs"
	jq_is '.why.causes[0].summary | endswith("only port 9090")'
	why 9090 "$PID"
	fine
	why 8080/udp "$PID" # of which Landlock asks nothing
	fine
	why --call connect 127.0.0.1:8080 "$PID"
	fine
	[[ $(denied 's = socket(); s.bind(("0.0.0.0", 9090))' bind=9090,9091 bind=9091) == EACCES ]]
	holder $A pass "$HELPERS/landlock" bind=9090,9091 bind=9091 --
	why 9090 "$PID"
	blames lsm-deny EACCES ".asking_pid == $PID"
	why 9091 "$PID"
	fine
	holder $A pass "$HELPERS/landlock" bind --
	why 80 "$PID"
	blames lsm-deny EACCES '.port_not_privileged == false'
	jq_is '.why.causes[0].summary | endswith("no TCP port")'
}

@test "lsm-deny: Landlock and connect(); what comes behind it" {
	need_bpf
	need_landlock
	netns $A
	[[ $(denied 's = socket(); s.connect(("127.0.0.1", 8080))' connect=443) == EACCES ]]
	[[ $(denied 's = socket(); s.connect(("127.0.0.1", 443))' connect=443) == ECONNREFUSED ]]
	holder $A pass "$HELPERS/landlock" connect=443 --
	local client=$PID
	why --call connect 127.0.0.1:8080 "$client"
	blames lsm-deny EACCES ".asking_pid == $client"
	why --call connect 127.0.0.1:443 "$client"
	fine
	why 8080 "$client"
	fine
	holder $A 's = socket(); s.bind(("0.0.0.0", 8080)); s.listen()'
	local server=$PID
	holder $A pass "$HELPERS/landlock" bind=9090 --
	why 8080 "$PID"
	jq_is '.why.causes | map(.code) == ["lsm-deny", "port-in-use"] and .[1].evidence.holder_pid == $server' --argjson server "$server"
	why "unix:$BATS_TEST_TMPDIR/s" "$PID" # files are not looked at
	jq_is '.why.verdict == "unknown" and (.why.unchecked | map(.what) == ["Landlock"])'
}

@test "unix: path in use and stale, abstract names, too long" {
	local dir=$BATS_TEST_TMPDIR
	netns $A
	netns $B
	holder $A "s = socket(AF_UNIX); s.bind('$dir/live'); s.listen(); t = socket(AF_UNIX); t.bind('\0why-bus'); t.listen(); u = socket(AF_UNIX); u.bind('$dir/dead'); u.close()"
	why "unix:$dir/live" host
	blames unix-path-in-use EADDRINUSE ".holder_pid == $PID and .path == \"$dir/live\""
	why "unix:$dir/dead" host
	blames unix-stale-path EADDRINUSE '.live_listener == false'
	# In another mount namespace it is another file, and the one of the host's stays.
	mkdir "$dir/other"
	spawn_open "$dir/mounted" unshare --mount sh -c 'mount -t tmpfs none "$1/other" && exec "$2" -c "$3" "$1"' sh "$dir" "$python" 'import sys, time
from socket import *
s = socket(AF_UNIX); s.bind(sys.argv[1] + "/other/s"); s.close(); print("there", flush=True); time.sleep(300)'
	"$python" -c 'import sys; from socket import *; socket(AF_UNIX).bind(sys.argv[1])' "$dir/other/s"
	why "unix:$dir/other/s" "$SPAWNED"
	blames unix-stale-path EADDRINUSE
	follow
	why "unix:$dir/other/s" "$SPAWNED"
	fine
	[[ -S $dir/other/s ]]
	why "unix:$dir/free" host
	fine
	why unix:@why-bus netns:$A
	blames unix-abstract-in-use EADDRINUSE ".holder_pid == $PID"
	why unix:@why-bus netns:$B
	fine
	local path=/${dir:1:3}/$(printf '%0107d' 0) # 112 bytes
	[[ $(tries $A "s = socket(AF_UNIX); import ctypes; a = b'\1\0$path'; c = ctypes.CDLL(None, use_errno=True)
	if c.bind(s.fileno(), a, len(a)): raise OSError(ctypes.get_errno(), '')") == EINVAL ]]
	why "unix:$path" host
	blames unix-path-too-long EINVAL '.path_length == 112 and .limit == 108'
	run "$NSNET" why "unix:$path" host
	[[ ${lines[0]} == *": EINVAL, it has 112 bytes, and sun_path holds 108" ]]
	why "unix:/$(printf '%0107d' 0)" host
	blames unix-path-too-long EINVAL '.path_length == 108 and .limit == 108'
	why "unix:@$(printf '%0108d' 0)" host
	blames unix-path-too-long EINVAL '.path_length == 108'
	why "unix:@$(printf '%0107d' 0)" host
	fine
	why "unix:$dir/none/x" host
	blames unix-bind-directory ENOENT
	# A symbolic link is in the way itself; to a server that lives, it is not to be removed.
	ln -s "$dir/live" "$dir/link"
	ln -s "$dir/nowhere" "$dir/dangling"
	[[ $(tries $A "s = socket(AF_UNIX); s.bind('$dir/link')") == EADDRINUSE ]]
	why "unix:$dir/link" host
	blames unix-path-in-use EADDRINUSE ".holder_pid == $PID"
	why "unix:$dir/dangling" host
	blames unix-stale-path EADDRINUSE '.file_is_socket == false'
	jq_is '.why.causes[0].advice | any(startswith("rm ")) | not'
	why --call listen "unix:@why-other/dgram" host
	blames protocol-unsupported EOPNOTSUPP
	why --call listen "unix:@why-other" host
	fine
}

@test "unix: who may connect" {
	need_cmd setpriv
	local dir=$BATS_TEST_TMPDIR/d
	mkdir "$dir"
	chmod 755 "$dir" "$BATS_TEST_TMPDIR"
	netns $A
	netns $B
	holder $A "s = socket(AF_UNIX); s.bind('$dir/s'); s.listen(); os.chmod('$dir/s', 0o660); t = socket(AF_UNIX); t.bind('\0why-bus'); t.listen()"
	local listener=$PID
	holder $B pass
	why --call connect "unix:$dir/s" "$PID"
	fine
	why --call connect "unix:$dir/s/dgram" "$PID"
	blames unix-type-mismatch EPROTOTYPE ".listener_pid == $listener and .listener_type == \"stream\""
	why --call connect unix:@why-bus "$PID"
	blames unix-abstract-other-netns ECONNREFUSED ".listener_pid == $listener"
	why --uid 1004 "unix:$dir/new" host
	jq_is '[.why.causes[].code] | index("unix-bind-directory") != null'
	[[ $(tries $A 's = socket(AF_UNIX, SOCK_DGRAM); s.connect("\0why-bus")') == ECONNREFUSED ]]
	why --call connect unix:@why-bus/dgram netns:$A
	blames unix-type-mismatch ECONNREFUSED ".listener_pid == $listener and .listener_type == \"stream\" and .abstract_name == \"why-bus\""
	holder $B pass unshare --mount sh -c "mount -t tmpfs none $dir; exec \"\$@\"" sh
	why --call connect "unix:$dir/s" "$PID"
	blames unix-path-other-mntns ENOENT ".listener_pid == $listener"
}

@test "unix: a server whose file is gone, that has shut its socket down, or receives from one alone" {
	local dir=$BATS_TEST_TMPDIR
	netns $A
	holder $A "s = socket(AF_UNIX); s.bind('$dir/gone'); s.listen(); os.unlink('$dir/gone')
t = socket(AF_UNIX); t.bind('$dir/shut'); t.listen(); t.shutdown(SHUT_RDWR)
u = socket(AF_UNIX, SOCK_DGRAM); u.bind('$dir/one'); v = socket(AF_UNIX, SOCK_DGRAM); v.bind('$dir/two'); v.connect('$dir/one')"
	[[ $(tries $A "s = socket(AF_UNIX); s.connect('$dir/shut')") == ECONNREFUSED && $(tries $A "s = socket(AF_UNIX, SOCK_DGRAM); s.connect('$dir/two')") == EPERM ]]
	why --call connect "unix:$dir/gone" "$PID"
	blames unix-no-listener ENOENT ".listener_pid == $PID and .live_listener"
	jq_is '.why.causes[0].summary | contains("removed, or renamed")'
	why --call connect "unix:$dir/shut" "$PID"
	blames unix-no-listener ECONNREFUSED ".listener_pid == $PID"
	why --call connect "unix:$dir/two/dgram" "$PID"
	blames unix-no-listener EPERM ".listener_pid == $PID"
	why --call connect "unix:$dir/one/dgram" "$PID"
	fine
}

@test "unix: a directory that is immutable, or on a read-only mount, and not the user's either" {
	need_cmd setpriv chattr
	everybodys
	netns $A
	mkdir "$OPEN/fixed" "$OPEN/ro"
	holder $A pass unshare --mount sh -c "mount -t tmpfs -o ro,mode=755 none $OPEN/ro; exec setpriv --reuid 1004 --clear-groups \"\$@\"" sh
	[[ $(nsenter -t "$PID" -m -- setpriv --reuid 1004 --clear-groups "$python" -c "from socket import *; socket(AF_UNIX).bind('$OPEN/ro/s')" 2>&1) == *"[Errno 30]"* ]]
	why "unix:$OPEN/ro/s" "$PID"
	jq_is '.why.causes | map([.code, .errno]) == [["unix-bind-directory", "EROFS"], ["unix-bind-directory", "EACCES"]]'
	chattr +i "$OPEN/fixed" 2>/dev/null || skip "this file system has no immutable files"
	on_cleanup chattr -i "$OPEN/fixed"
	[[ $(tries $A "s = socket(AF_UNIX); s.bind('$OPEN/fixed/s')") == EPERM ]]
	why "unix:$OPEN/fixed/s" netns:$A
	blames unix-bind-directory EPERM
}

# everybodys: a directory on whose way everybody may pass (those of bats are its own): $OPEN
everybodys()
{
	OPEN=$(mktemp -d /tmp/why.XXXXXX)
	on_cleanup rm -rf "$OPEN"
	chmod 755 "$OPEN"
}

@test "unix: a directory that can't be passed, and who listens behind it" {
	everybodys
	local dir=$OPEN/d
	mkdir -m 700 "$dir"
	netns $A
	holder $A "s = socket(AF_UNIX); s.bind('$dir/s'); s.listen(); os.chmod('$dir/s', 0o666)"
	why --call connect --uid 1004 "unix:$dir/s" netns:$A
	blames unix-permission EACCES ".listener_pid == $PID and .dir_mode == \"0700\" and .asking_uid == 1004"
	jq_is '.why.causes[0].advice[0] | endswith("chgrp GROUP \($d); chmod g+x \($d)")' --arg d "$dir" # not of the socket
	chmod 711 "$dir"
	why --call connect --uid 1004 "unix:$dir/s" netns:$A
	fine
	# A directory that is there for all is not given to one.
	why --uid 1004 "unix:/usr/s$RANDOM" netns:$A
	blames unix-bind-directory EACCES
	jq_is '.why.causes[0].advice[0] | endswith("install -d -o 1004 /run/NAME   (systemd: RuntimeDirectory=)")'
}

@test "unix: root of a user namespace is nobody to a socket of root's; a user's own directory" {
	need_cmd setpriv unshare
	everybodys
	local dir=$OPEN
	netns $A
	holder $A "s = socket(AF_UNIX); s.bind('$dir/s'); s.listen(); os.chmod('$dir/s', 0o660)"
	local listener=$PID
	holder $A pass setpriv --reuid 1003 --regid 1003 --clear-groups unshare --user --map-root-user
	why --call connect "unix:$dir/s" "$PID"
	blames unix-permission-userns EACCES ".listener_pid == $listener and .file_uid == 0 and .file_mode == \"0660\"
		and .asking_uid_inside == 0 and .asking_uid_host == 1003"
	holder $A pass setpriv --reuid 1004 --regid 1004 --clear-groups
	why "unix:$dir/new" "$PID"
	blames unix-bind-directory EACCES '.dir_uid == 0 and .dir_mode == "0755" and .asking_uid == 1004'
	chown 1004 "$dir"
	why "unix:$dir/new" "$PID"
	fine
}

@test "unix: a file that was mounted alone, and the server that has made a new one since" {
	local dir=$BATS_TEST_TMPDIR
	mkdir "$dir/run"
	touch "$dir/mounted"
	netns $A
	holder $A "s = socket(AF_UNIX); s.bind('$dir/run/s'); s.listen()"
	local old=$PID
	holder $A pass unshare --mount sh -c "mount --bind $dir/run/s $dir/mounted; exec \"\$@\"" sh
	local client=$PID
	why --call connect "unix:$dir/mounted" "$client"
	fine
	kill_exactly "$old" "$(start_of "$old")"
	local was=$(stat -c %i "$dir/run/s")
	holder $A "os.unlink('$dir/run/s'); s = socket(AF_UNIX); s.bind('$dir/run/s'); s.listen()"
	why --call connect "unix:$dir/mounted" "$client"
	blames unix-stale-bind-mount ECONNREFUSED ".mounted_inode == $was and .current_inode == $(stat -c %i "$dir/run/s")
		and .mount_root_deleted and .live_listener and .listener_pid == $PID"
}

@test "unix: a server that does not accept" {
	netns $A
	holder $A "s = socket(AF_UNIX); s.bind('$BATS_TEST_TMPDIR/s'); s.listen(1)
c = [socket(AF_UNIX) for i in range(2)]
for i in c: i.connect('$BATS_TEST_TMPDIR/s')"
	why --reach "unix:$BATS_TEST_TMPDIR/s" host
	jq_is '.why.causes | map(.code) == ["accept-queue-full"] and .[0].errno == "EAGAIN"'
	jq_is ".why.causes[0].evidence | .listener_pid == $PID and .recv_q == 2 and .send_q == 1"
	[[ $status == 4 ]]
}

@test "unix: a server that is stopped: connect() succeeds, and nobody answers" {
	netns $A
	holder $A "s = socket(AF_UNIX); s.bind('$BATS_TEST_TMPDIR/s'); s.listen(5); d = socket(AF_UNIX, SOCK_DGRAM); d.bind('$BATS_TEST_TMPDIR/d')"
	why --reach "unix:$BATS_TEST_TMPDIR/s" host
	fine
	kill -STOP "$PID"
	eventually grep -q '^State:.T' "/proc/$PID/status"
	for socket in s d/dgram; do
		why --reach "unix:$BATS_TEST_TMPDIR/$socket" host
		jq_is '.why.causes | map(.code) == ["process-stopped"]'
		jq_is ".why.causes[0].evidence | .listener_pid == $PID and .process_state == \"T (stopped)\""
		[[ $status == 4 ]]
	done
	why --call connect "unix:$BATS_TEST_TMPDIR/s" host
	fine
	kill -CONT "$PID"
	why --reach "unix:$BATS_TEST_TMPDIR/s" host
	fine
}

# cgroup NAME: a control group of version 2 of our own: $CGROUP
cgroup()
{
	local mount
	mount=$(findmnt -nt cgroup2 -o TARGET | head -n1)
	[[ -n $mount ]] && mkdir "$mount/$1" 2>/dev/null || skip "no control groups of version 2 that may be made"
	CGROUP=$mount/$1
	on_cleanup rmdir "$CGROUP"
}

@test "cgroup-bpf-deny: programs are run for the port; those above count too" {
	need_bpf
	cgroup why$$
	mkdir "$CGROUP/below"
	on_cleanup rmdir "$CGROUP/below"
	netns $A
	holder $A pass
	echo "$PID" >"$CGROUP/below/cgroup.procs"
	local kind at
	for kind in bind4 post_bind4; do
		for at in "$CGROUP" "$CGROUP/below"; do
			spawn_open "$BATS_TEST_TMPDIR/hook" "$HELPERS/hook" "$kind" "$at" 8080
			why 8080 "$PID"
			blames cgroup-bpf-deny EPERM ".asking_pid == $PID and .bpf_prog_id == ${SPAWNED_LINE% *} and .bpf_prog_name == \"test_$kind\"
				and .cgroup_path == \"${at#"${CGROUP%/*}"}\""
			[[ $output == *"bpftool cgroup show $at"* ]]
			why 8081 "$PID"
			fine
			why 8080 netns:$A
			fine
			kill_exactly "$SPAWNED" "$(start_of "$SPAWNED")"
		done
	done
}

@test "cgroup-bpf-deny: IPv6, connect() and socket(); a program that lets a port be had without the capability" {
	need_bpf
	cgroup why$$
	netns $A
	holder $A pass setpriv --reuid 1001 --clear-groups
	echo "$PID" >"$CGROUP/cgroup.procs"
	local kind port words
	# KIND, the port (or family) that it refuses; what is asked, and what is not refused
	while read -r kind port words; do
		spawn_open "$BATS_TEST_TMPDIR/hook" "$HELPERS/hook" "$kind" "$CGROUP" "$port"
		why ${words%,*} "$PID"
		blames cgroup-bpf-deny EPERM ".bpf_prog_id == ${SPAWNED_LINE% *} and .asking_pid == $PID"
		why ${words#*, } "$PID"
		fine
		kill_exactly "$SPAWNED" "$(start_of "$SPAWNED")"
	done <<-END
		bind6 8080 [::1]:8080, 8080
		post_bind6 8080 [::]:8080/udp, [::]:8081/udp
		connect4 9090 --call connect 127.0.0.1:9090, --call connect [::1]:9090
		connect6 9090 --call connect [::1]:9090/udp, --call connect [::1]:9091/udp
		sock_create 10 --call socket [::]:0, --call socket 0
		sock_create 2 8080, [::]:8080
		sock_type 2 --call socket [::]:0/udp, --call socket [::]:0
		sock_protocol 6 --call connect 127.0.0.1:80, 8080/udp
		bind4_protocol 17 8080/udp, 8080
	END
	spawn_open "$BATS_TEST_TMPDIR/hook" "$HELPERS/hook" waive4 "$CGROUP" 80
	why 80 "$PID"
	fine
	why 81 "$PID"
	blames privileged-port-no-cap EACCES
}

@test "privileged-port-no-cap: a file's capability that no_new_privs takes away" {
	need_cmd setpriv setcap
	everybodys
	local program=$OPEN/capped
	cp "$(command -v sleep)" "$program"
	setcap cap_net_bind_service+ep "$program" || skip "no capabilities of files here"
	netns $A
	spawn ip netns exec $A setpriv --reuid 1001 --regid 1001 --clear-groups env setpriv --no-new-privs "$program" 300
	eventually runs "$SPAWNED" "$program"
	why 80 "$SPAWNED"
	blames privileged-port-no-cap EACCES ".asking_pid == $SPAWNED and .file_has_capability and .no_new_privs and .cap_net_bind_service == false"
	spawn ip netns exec $A setpriv --reuid 1001 --regid 1001 --clear-groups "$program" 300
	eventually runs "$SPAWNED" "$program"
	why 80 "$SPAWNED"
	fine
}

@test "a program on a file system that does not answer" {
	[[ -c /dev/fuse ]] || skip "no /dev/fuse here"
	need_cmd setpriv
	everybodys
	mkdir "$OPEN/dead"
	spawn_open "$BATS_TEST_TMPDIR/hangfs" "$HELPERS/hangfs" "$OPEN/dead" "$(command -v sleep)" || skip "may not mount FUSE here"
	on_cleanup umount -l "$OPEN/dead"
	netns $A
	spawn ip netns exec $A setpriv --reuid 1001 --regid 1001 --clear-groups "$OPEN/dead/program" 300
	eventually runs "$SPAWNED" "$OPEN/dead/program"
	local began=$EPOCHREALTIME
	why 80 "$SPAWNED"
	# Who may not use the port, is known without the file.
	jq_is '.why.causes | map(.code) == ["privileged-port-no-cap"] and (.[0].evidence | has("file_has_capability") | not)'
	jq_is '.nskit.gaps | any(.what == "capabilities of programs\u0027 files" and .errno == "ETIMEDOUT")'
	(((${EPOCHREALTIME/./} - ${began/./}) / 1000 < 5000))
}

@test "port-in-use: of a server with workers, and beside others with the port" {
	netns $A
	netns $B
	holder $B 's = socket(); s.bind(("0.0.0.0", 8080)); s.listen(); d = socket(type=SOCK_DGRAM)'
	local elsewhere=$PID
	holder $A 's = socket(type=SOCK_DGRAM); s.bind(("0.0.0.0", 8080))'
	local udp=$PID
	holder $A 's = socket(); s.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1); s.bind(("0.0.0.0", 8080)); s.listen()
if os.fork() == 0:
	import ctypes; ctypes.CDLL(None).prctl(1, 9); time.sleep(300)' # PR_SET_PDEATHSIG
	[[ $(bind_error $A 0.0.0.0 8080 's.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)') == EADDRINUSE ]]
	why --reuseaddr 8080 netns:$A
	blames port-in-use EADDRINUSE ".holder_pid == $PID and .holder_state == \"LISTEN\""
	jq_is '[.why.causes | .. | numbers] | index($elsewhere) == null and index($udp) == null' --argjson elsewhere "$elsewhere" --argjson udp "$udp"
	jq_is '.why.causes[0] | .advice[0] == "end or repair the holder:  kill \(.evidence.holder_pids | map(tostring) | join(" "))"'
	why 8080/udp netns:$A
	blames port-in-use EADDRINUSE ".holder_pid == $udp and .holder_proto == \"udp\""
	# Who ends one of two has not got the port yet: both are named.
	holder $A 's = socket(); s.bind(("127.0.0.1", 8082)); s.listen()'
	local one=$PID
	holder $A 's = socket(); s.bind(("127.0.0.2", 8082)); s.listen()'
	run --separate-stderr "$NSNET" why 8082 netns:$A
	[[ $output == *"2 sockets in all are in the way like this one, of "*"$one"* && $output == *"more "*"$PID"* ]]
	[[ $output == *$'\n'"            or end or repair the holder:  kill "* ]]
}

@test "without a target: everywhere the port is held" {
	netns $A
	netns $B
	holder $A 's = socket(); s.bind(("0.0.0.0", 8099)); s.listen()'
	local first=$PID
	holder $B 's = socket(); s.bind(("127.0.0.1", 8099))'
	why 8099
	[[ $status == 4 ]]
	jq_is '.why.places | map(select(.ns == $a or .ns == $b)) | length == 2 and all(.role == "held")' \
		--argjson a "$(stat -Lc %i /run/netns/$A)" --argjson b "$(stat -Lc %i /run/netns/$B)"
	jq_is "[.why.places[].causes[].evidence.holder_pid] | index($first) != null and index($PID) != null"
	why 8098
	jq_is '.why.places == []'
	[[ $status == 0 ]]
}

@test "without a target: where nobody holds it, and nobody there may bind it" {
	need_cmd setpriv
	netns $A
	netns $B
	holder $A pass setpriv --reuid 1001 --clear-groups
	local first=$PID
	ip netns exec $A sysctl -qw net.ipv4.ip_local_reserved_ports=8098 # which keeps nobody from it
	why 80
	[[ $status == 4 ]]
	jq_is '.why.places | map(select(.ns == $a)) | length == 1 and .[0].role == "blocked" and (.[0].causes | map(.code)) == ["privileged-port-no-cap"]
		and .[0].causes[0].evidence.asking_pid == $pid' --argjson a "$(stat -Lc %i /run/netns/$A)" --argjson pid "$first"
	run --separate-stderr "$NSNET" why 80
	[[ ${lines[0]} == *" network namespaces, published in "*", blocked in "* && $output == *"blocked   $A (net $(stat -Lc %i /run/netns/$A)): "*"(process $first)"* ]]
	[[ ${lines[-1]} == "  way out   ask about one of them:  nsnet why "* ]]
	why 8098
	jq_is '.why.places == []'
	ip netns exec $A sysctl -qw net.ipv4.ip_unprivileged_port_start=9000
	why 8098
	jq_is '.why.places | map([.ns, .role]) == [[$a, "blocked"]]' --argjson a "$(stat -Lc %i /run/netns/$A)"
	if command -v nft >/dev/null && ip netns exec $A nft 'table ip n { chain c { type nat hook prerouting priority -100; tcp dport 8098 counter dnat to 10.9.9.9:80
			udp dport 8098 counter dnat to 10.9.9.9:80; }; }'; then
		why 8098 # and what is published there: one place
		jq_is '.why.places | length == 1 and (.[0] | .ns == $a and .role == "published" and .leads_to.port == 80 and (.causes | map(.code)) == ["privileged-port-no-cap"])' \
			--argjson a "$(stat -Lc %i /run/netns/$A)"
		run --separate-stderr "$NSNET" why 8098
		[[ ${#lines[@]} == 3 && ${lines[1]} == *"published "*" leads on to 10.9.9.9:80; nobody there may bind it: port 8098 is privileged here"*" (process $first)" ]]
	fi
	holder $B pass # who may
	why 80
	jq_is '.why.places | any(.ns == $b) | not' --argjson b "$(stat -Lc %i /run/netns/$B)"
	holder $A 's = socket(); s.bind(("0.0.0.0", 80))'
	why 80
	jq_is '.why.places | map(select(.ns == $a).role) == ["held"]' --argjson a "$(stat -Lc %i /run/netns/$A)"
}

@test "--probe asks the kernel, as the one who asks" {
	need_cmd setpriv unshare
	netns $A
	holder $A 's = socket(); s.bind(("0.0.0.0", 8080)); s.listen()'
	why --probe 8080 netns:$A
	jq_is '.why.note == "the kernel was asked by a real bind and says the same: EADDRINUSE"'
	why --probe 8081 netns:$A
	jq_is '.why.note == "the kernel was asked by a real bind and says the same: yes"'
	why --probe --uid 1001 80 netns:$A
	jq_is '.why.note | endswith("the same: EACCES")'
	holder $A pass unshare --user --map-root-user
	why --probe 80 "$PID"
	jq_is '.why.note | endswith("the same: EACCES")'
	holder $A pass setpriv --reuid 1001 --clear-groups --inh-caps +net_bind_service --ambient-caps +net_bind_service
	why --probe 80 "$PID"
	jq_is '.why.note | endswith("the same: yes")'
	[[ $(tries $A 's = socket(); s.bind(("0.0.0.0", 8081))') == OK ]] # it was closed
	run --separate-stderr "$NSNET" why --probe unix:/run/nskit-none host # it makes no files
	[[ $status == 2 && ! -e /run/nskit-none ]]
}

# asked WORDS: what --probe added to the answer
asked() { jq_is '.why.note == $words' --arg words "the kernel was asked by a real $1"; }

# unasked WHY: --probe has left it
unasked() { jq_is '.why.unchecked | any(.what == "the kernel\u0027s word (--probe)" and .why == $words)' --arg words "$1"; }

@test "--probe: listen and connect, of which nobody notices anything" {
	netns $A
	holder $A 's = socket(); s.bind(("0.0.0.0", 8080)); s.listen()'
	local server=$PID
	why --probe --call listen 8080 netns:$A
	asked "listen and says the same: EADDRINUSE"
	why --probe --call listen 8081 netns:$A
	asked "listen and says the same: yes"
	[[ $(bind_error $A 0.0.0.0 8081) == OK ]]
	# No packet is sent: none for the server to accept, nor one that is counted.
	local sent=$(ip netns exec $A awk '/^Tcp: [0-9]/ { print $12 }' /proc/net/snmp)
	why --probe --call connect 127.0.0.1:8080 netns:$A
	asked "connect and says the same: yes"
	why --probe --call connect 127.0.0.1:9 netns:$A # nobody is asked whether he listens
	asked "connect and says the same: yes"
	[[ $(ip netns exec $A awk '/^Tcp: [0-9]/ { print $12 }' /proc/net/snmp) == "$sent" ]]
	[[ $(ip netns exec $A ss -Htan | wc -l) == 1 ]]
	ip netns exec $A sysctl -qw net.ipv4.ip_local_port_range='40000 40000'
	holder $A 's = socket(); s.bind(("0.0.0.0", 40000))'
	why --probe --call connect 127.0.0.1:80 netns:$A
	asked "connect and says the same: EADDRNOTAVAIL"
	why --probe --call connect 192.0.2.1:80 netns:$A # which the steps of connect do not look at, and --reach does
	asked "connect and says ENETUNREACH, which differs from the above"
	why --probe --call connect 127.0.0.1:9/udp netns:$A
	asked "connect and says the same: yes"
	holder $A 's = socket(); s.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1); s.bind(("0.0.0.0", 8082))'
	why --probe --call listen --as "$PID" 8082 netns:$A
	unasked "its own socket would have to listen"
	why --probe --as "$PID" 8083 netns:$A
	unasked "it would take the socket that is bound already"
	# A member of a group gets its share of what comes in, and of two on one port the newest all of it.
	holder $A 's = socket(); s.setsockopt(SOL_SOCKET, SO_REUSEPORT, 1); s.bind(("0.0.0.0", 8084)); s.listen()
u = socket(type=SOCK_DGRAM); u.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1); u.bind(("0.0.0.0", 8084))'
	why --probe --call listen --reuseport 8084 netns:$A
	unasked "it would take packets of the sockets that share the port"
	why --probe --reuseport 8084 netns:$A
	asked "bind and says the same: yes"
	why --probe --reuseaddr 8084/udp netns:$A
	unasked "it would take packets of the sockets that share the port"
	why --probe 8084/udp netns:$A
	asked "bind and says the same: EADDRINUSE"
	run --separate-stderr "$NSNET" why --probe 8084
	[[ $status == 2 && $stderr == *"name a target"* ]]
}

@test "--probe: behind the asker's filters, and in a domain like its own" {
	need_bpf
	netns $A
	local deny='import ctypes, struct
c = ctypes.CDLL(None)
def deny(nr, action):
	f = struct.pack("HBBIHBBIHBBIHBBI", 0x20, 0, 0, 0, 0x15, 0, 1, nr, 6, 0, 0, action, 6, 0, 0, 0x7fff0000)
	b = ctypes.create_string_buffer(f, len(f)); p = struct.pack("HxxxxxxP", 4, ctypes.addressof(b))
	c.prctl(38, 1, 0, 0, 0); assert c.prctl(22, 2, ctypes.create_string_buffer(p)) == 0
'
	if [[ $(uname -m) == x86_64 ]]; then
		holder $A "$deny
deny(49, 0x5000d); deny(54, 0x80000000)" # bind: EACCES; setsockopt: it is killed
		why --probe --reuseaddr 8080 "$PID"
		blames seccomp-deny EACCES true
		asked "bind and says the same: EACCES"
		why --probe --uid 1001 8080 "$PID" # another user behind them
		asked "bind and says the same: EACCES"
		why --probe --call connect 127.0.0.1:80 "$PID"
		asked "connect and says the same: yes"
		holder $A "$deny
deny(50, 0x80000000)" # listen: it is killed
		why --probe --call listen 8080 "$PID"
		asked "listen and says the same: killed by a seccomp filter"
		why --probe 8080 "$PID"
		asked "bind and says the same: yes"
	fi
	need_landlock
	holder $A pass "$HELPERS/landlock" bind=9090 connect=443 --
	why --probe 8080 "$PID"
	asked "bind and says the same: EACCES"
	why --probe 9090 "$PID"
	asked "bind and says the same: yes"
	why --probe --call connect 127.0.0.1:80 "$PID"
	asked "connect and says the same: EACCES"
}

@test "--probe: unix sockets, whose servers notice nothing" {
	local there="yes, as far as it goes without a connection that the server would notice" way="not about the directories on the path's way"
	everybodys
	netns $A
	spawn_open "$BATS_TEST_TMPDIR/server" ip netns exec $A "$python" -c "
import os, select
from socket import *
s = socket(AF_UNIX); s.bind('$OPEN/s'); s.listen(); os.chmod('$OPEN/s', 0o660); t = socket(AF_UNIX); t.bind('\0why-bus'); t.listen(1)
d = socket(AF_UNIX, SOCK_DGRAM); d.bind('$OPEN/d')
print(os.getpid(), flush=True)
select.select([s, t, d], [], [], 300); print('noticed', flush=True)"
	why --probe unix:@why-bus netns:$A
	asked "bind and says the same: EADDRINUSE"
	why --probe unix:@why-free netns:$A
	asked "bind and says the same: yes"
	why --probe "unix:@$(printf '%0108d' 0)" netns:$A
	asked "bind and says the same: EINVAL"
	why --probe --call connect "unix:$OPEN/s" netns:$A
	asked "connect and says the same: $there; $way"
	why --probe --call connect unix:@why-bus netns:$A
	asked "connect and says the same: $there"
	why --probe --call connect "unix:$OPEN/d/dgram" netns:$A
	asked "connect and says the same: yes; $way"
	why --probe --call connect --uid 1004 "unix:$OPEN/s" netns:$A
	asked "connect and says the same: EACCES; $way"
	why --probe --call connect "unix:$OPEN/s/dgram" netns:$A
	asked "connect and says the same: EPROTOTYPE; $way"
	why --probe --reach "unix:$OPEN/s/seqpacket" netns:$A
	asked "connect and says the same: EPROTOTYPE; $way"
	why --probe --call connect "unix:$OPEN/d" netns:$A
	asked "connect and says the same: EPROTOTYPE; $way"
	why --probe --call connect "unix:$OPEN/none" netns:$A
	asked "connect and says the same: ENOENT; $way"
	why --probe --call connect unix:@why-none netns:$A
	asked "connect and says the same: ECONNREFUSED"
	[[ $(<"$BATS_TEST_TMPDIR/server") != *noticed* ]]
	mkdir -m 700 "$OPEN/shut"
	holder $A "s = socket(AF_UNIX); s.bind('$OPEN/shut/s'); s.listen(); os.chmod('$OPEN/shut/s', 0o666)"
	why --probe --call connect --uid 1004 "unix:$OPEN/shut/s" netns:$A # whose way is not gone
	asked "connect and says $there; $way"
}

@test "--probe is not in the asker's control group, and says so" {
	need_bpf
	cgroup why$$
	netns $A
	holder $A pass
	echo "$PID" >"$CGROUP/cgroup.procs"
	spawn_open "$BATS_TEST_TMPDIR/hook" "$HELPERS/hook" bind4 "$CGROUP" 8080
	why --probe 8080 "$PID"
	asked "bind and says yes; not by the BPF programs of control group /${CGROUP##*/}, which it is not in"
	jq_is '.why.causes | map(.code) == ["cgroup-bpf-deny"]'
	[[ $(<"$CGROUP/cgroup.procs") == "$PID" ]]
	# Nor has it the asker's open files.
	holder $A 'import resource
resource.setrlimit(resource.RLIMIT_NOFILE, (4, 4))
try:
	while True: os.dup(0)
except OSError: pass'
	why --probe --call socket 80 "$PID"
	asked "socket and says yes; not with its open files"
}

# as_nobody ARGUMENT...: like why(), by a user who may see next to nothing
as_nobody()
{
	run --separate-stderr setpriv --reuid 65534 --regid 65534 --clear-groups "$NSNET" why -J "$@"
	later_valid nsnet-why <<<"$output"
}

# unseen WHAT: nobody is blamed, nothing is called free, and it is said that this was not looked at
unseen()
{
	jq_is '.why.verdict == "unknown" and .why.causes == [] and ([.why.unchecked[].what] | index($what)) != null' --arg what "$1"
	[[ $status == 3 ]]
}

@test "what could not be read is unchecked: neither ok nor blamed" {
	need_cmd setpriv
	everybodys
	setpriv --reuid 65534 "$NSNET" --version >/dev/null 2>&1 || skip "the tools are where other users can't run them"
	netns $A
	as_nobody 8080 netns:$A
	unseen sockets
	as_nobody '[::1]:8080' netns:$A
	unseen "devices and addresses"
	as_nobody --device lo 8080 netns:$A
	unseen "devices and addresses"
	as_nobody unix:@why-bus netns:$A
	unseen sockets
	as_nobody --call connect unix:@why-bus netns:$A
	unseen sockets
	mkdir -m 700 "$OPEN/d"
	as_nobody "unix:$OPEN/d/s" host
	unseen "what is at the path"
	as_nobody --call connect "unix:$OPEN/d/s" host
	unseen "what is at the path"
	# A server in a namespace that nobody may look into: its file is not to be removed.
	holder $A "s = socket(AF_UNIX); s.bind('$OPEN/s'); s.listen(); os.chmod('$OPEN/s', 0o666)"
	as_nobody "unix:$OPEN/s" host
	jq_is '.why.causes | map(.code) == ["unix-path-in-use"] and (.[0].advice | all(startswith("rm ") | not))'
	as_nobody --call connect "unix:$OPEN/s" host
	unseen "unix sockets of other network namespaces"
	# Root there, for all that can be seen: in which user namespace, cannot.
	as_nobody --as "$PID" 80 host
	unseen "whether the port is privileged"
	as_nobody 8099
	jq_is '.why.places == [] and ([.why.unchecked[].what] | index("network namespaces\u0027 sockets")) != null'
	[[ $status == 3 ]]
	run --separate-stderr setpriv --reuid 65534 --regid 65534 --clear-groups "$NSNET" why 8080 netns:$A
	[[ ${lines[0]} == UNKNOWN* ]]
}

@test "a holder whose process can't be seen is no socket in flight" {
	need_cmd setpriv
	spawn_open "$BATS_TEST_TMPDIR/server" "$python" -c '
import time
from socket import *
s = socket(); s.bind(("127.0.0.1", 0)); s.listen(); print(s.getsockname()[1], flush=True); time.sleep(300)'
	local port=$SPAWNED_LINE
	spawn_open "$BATS_TEST_TMPDIR/carrier" setpriv --reuid 65534 --regid 65534 --clear-groups "$python" -c '
import time
from socket import *
p = socketpair(AF_UNIX, SOCK_DGRAM); s = socket(); send_fds(p[0], [b"x"], [s.fileno()]); s.close(); print(1, flush=True); time.sleep(300)'
	as_nobody "127.0.0.1:$port" host
	jq_is '.why.causes | map(.code) == ["port-in-use"] and (.[0].evidence | has("no_process_fd") | not)'
	run --separate-stderr setpriv --reuid 65534 --regid 65534 --clear-groups "$NSNET" why "127.0.0.1:$port" host
	[[ ${lines[0]} == *"EADDRINUSE, a process of uid 0 that can't be seen listens on it" ]]
}

@test "a saved snapshot answers the same" {
	netns $A
	holder $A 's = socket(); s.bind(("0.0.0.0", 8080)); s.listen()'
	"$NSNET" why --save "$BATS_TEST_TMPDIR/s.json" 8080 netns:$A >"$BATS_TEST_TMPDIR/now" || [[ $? == 4 ]]
	run --separate-stderr "$NSNET" why --from "$BATS_TEST_TMPDIR/s.json" 8080 "$(stat -Lc %i /run/netns/$A)"
	[[ $output == "$(<"$BATS_TEST_TMPDIR/now")" ]]
}

@test "wrong questions get a line and a status" {
	local words
	for words in 65536 http ::1:80 80/quic unix: unix:run/x '[::1]' localhost:80 /run/x.sock '80 host --client host' '80 host --sport 1'; do
		# shellcheck disable=SC2086
		run --separate-stderr "$NSNET" why $words
		[[ $status == 2 && -z $output ]]
	done
	run --separate-stderr "$NSNET" why /run/x.sock
	[[ $stderr == *"a unix socket is written unix:/run/x.sock"* ]]
	run --separate-stderr "$NSNET" why 0 host # the kernel chooses
	[[ ${lines[0]} == "OK  tcp 0.0.0.0:0 in host (net "*") has a port that is free, and that the kernel gives to root ("*" checks)" ]]
	run --separate-stderr "$NSNET" why 80 no-such-container-here
	[[ $status == 1 && $stderr == *"no such container: no-such-container-here"* ]]
	run --separate-stderr "$NSNET" why --as 4194304 80 host
	[[ $status == 1 ]]
}

@test "the rule of conflicts agrees with the kernel: every pair, and sets of holders" {
	local pid start i
	read -r pid start <"$BATS_FILE_TMPDIR/pairs.pid"
	for ((i = 0; i < 1200; i++)); do
		[[ $(start_of "$pid") == "$start" ]] || break
		sleep 0.2
	done
	run cat "$BATS_FILE_TMPDIR/pairs.err" "$BATS_FILE_TMPDIR/pairs"
	echo "$output"
	[[ ${lines[-1]} =~ ^([0-9]+)\ pairs,\ ([0-9]+)\ sets,\ 0\ different$ ]]
	((BASH_REMATCH[1] > 100000 && BASH_REMATCH[2] > 10000))
}

@test "all answers follow the schema" {
	all_valid nsnet-why
}
