# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=dash disable=SC2154 # out, err, ms, held and status come from init
# nsnet why --reach on this kernel: a server that answers, a port that nobody serves, and a route that refuses the address; with BPF and without.

load tcp_diag udp_diag inet_diag

nc -l -p 8087 </tmp/never >/dev/null 2>&1 &
server=$!
eventually serves $server 8087
ip route add unreachable 192.0.2.0/24
reached() { echo "$status $(echo "$out" | jq -r '.why | .verdict, (.causes[] | .code, .errno)' | tr '\n' ' ')"; }

for how in auto proc; do
	run nsnet why -J --reach --collector $how 127.0.0.1:8087 host --client host
	same "a server that answers ($how)" "$(echo "$out" | jq -c '[.why.verdict, (.why.causes | length)]')" '["ok",0]'
	run nsnet why -J --reach --collector $how 127.0.0.1:8088 host --client host
	same "nobody serves it ($how)" "$(echo "$out" | jq -r '.why.verdict, .why.causes[0].errno' | tr '\n' ' ')" "unreachable ECONNREFUSED "
	run nsnet why -J --reach --collector $how 192.0.2.1:8087 host --client host
	same "a route that refuses ($how)" "$(reached)" "4 unreachable client-route-prohibit EHOSTUNREACH "
done
ip route del unreachable 192.0.2.0/24
kill $server

# The lookup of routes against this kernel's own. (routepairs makes its worlds with iproute2's ip; busybox's sh would take its own.)
load veth ipv6
run env ROUTE_IP=/bin/ip routepairs 1 4 500
if echo "$out" | tail -n1 | grep -q ' 0 different$'; then
	pass "routes are looked up as this kernel does ($(echo "$out" | tail -n1))"
else
	fail "routes are looked up as this kernel does" "$(echo "$out" | tr '\n' '|')$err"
fi
