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

# A rule that drops it, and one for another port; the kernel is asked, too.
load crc32c_generic # libcrc32c asks for it by what it does, which busybox does not know
asked() { serve -q -t 300 "$@"; }
if load nf_tables && nft 'table ip t { chain i { type filter hook input priority 0; tcp dport 8091 drop; }; }' 2>/tmp/stderr; then
	serve 0.0.0.0 8091 >/tmp/served 2>&1 &
	eventually serves $! 8091
	serve 0.0.0.0 8092 >/tmp/served 2>&1 &
	eventually serves $! 8092
	same "a rule drops it: the kernel" "$(asked 127.0.0.1 8091)" ETIMEDOUT
	run nsnet why -J --reach 127.0.0.1:8091 host --client host
	same "a rule drops it" "$(reached)$(echo "$out" | jq -r '.why.causes[0].evidence | .nft_table, .nft_chain' | tr '\n' ' ')" \
		"4 unreachable netns-firewall-drop ETIMEDOUT t i "
	same "a rule for another port: the kernel" "$(asked 127.0.0.1 8092)" ok
	run nsnet why -J --reach 127.0.0.1:8092 host --client host
	same "a rule for another port" "$(reached)" "0 ok "
	nft delete table ip t
else
	skip "a rule drops it" "no nf_tables: $(head -n1 /tmp/stderr)"
fi

# VRFs. Each row: who listens or wants to bind, and what the kernel and we make of it.
# tried WHAT [-u] OPTION... ADDR PORT: somebody beyond asks this one, and we are asked about the same
tried()
{
	what=$1
	shift
	rm -f /tmp/served
	serve "$@" >/tmp/served 2>&1 &
	tried_pid=$!
	eventually test -s /tmp/served
	for port; do :; done
	case $* in *-u*) udp=-u ;; *) udp= ;; esac
	kernel=$(nsenter -t $beyond -n serve -q -t 300 $udp 10.8.0.1 "$port")
	run nsnet why -J --reach "10.8.0.1:$port${udp:+/udp}" host --client $beyond
	same "VRF: $what" "$kernel $(reached)" "$expected"
	kill $tried_pid
}
# bound WHAT ERRNO DEVICE [-u] ADDR PORT: to bind it there, by the kernel and by us
bound()
{
	what=$1 errno=$2 device=$3
	shift 3
	rm -f /tmp/served
	udp=
	[ "$1" != -u ] || { udp=-u && shift; }
	serve ${device:+-d "$device"} $udp "$1" "$2" >/tmp/served 2>&1 &
	tried_pid=$!
	eventually test -s /tmp/served
	kernel=$(sed 's/^[0-9]*$/-/; s/.*Address already in use/EADDRINUSE/; s/.*assign requested.*/EADDRNOTAVAIL/' /tmp/served)
	kill $tried_pid 2>/dev/null
	wait $tried_pid 2>/dev/null
	run nsnet why -J ${device:+--device "$device"} "$1:$2${udp:+/udp}" host
	same "VRF: $what" "$kernel $(echo "$out" | jq -r '.why.causes[0].errno // "-"')" "$errno $errno"
}
accept() { echo "$1" >/proc/sys/net/ipv4/tcp_l3mdev_accept && echo "$1" >/proc/sys/net/ipv4/udp_l3mdev_accept; }
if load vrf veth && ip link add blue type vrf table 77; then
	unshare -n sleep 1000 &
	beyond=$!
	eventually apart $beyond
	ip link set blue up
	ip link add in-blue type veth peer name eth0 netns $beyond
	ip link set in-blue master blue up
	ip addr add 10.8.0.1/24 dev in-blue
	nsenter -t $beyond -n ip addr add 10.8.0.2/24 dev eth0
	nsenter -t $beyond -n ip link set eth0 up
	ip link add red type vrf table 78
	ip link set red up
	eventually nsenter -t $beyond -n ping -c 1 -W 1 10.8.0.1 >/dev/null
	expected="ok 0 ok "
	tried "a listener of it" -d blue 0.0.0.0 8101
	tried "a listener of its device" -d in-blue 0.0.0.0 8102
	tried "datagrams" -u -d blue 0.0.0.0 8103
	expected="ECONNREFUSED 4 unreachable listener-vrf ECONNREFUSED "
	tried "a listener outside" 0.0.0.0 8104
	tried "datagrams outside" -u 0.0.0.0 8105
	expected="ECONNREFUSED 4 unreachable listener-device-bound ECONNREFUSED "
	tried "a listener of another" -d red 0.0.0.0 8106
	accept 1
	expected="ok 0 ok "
	tried "a listener for all" 0.0.0.0 8107
	accept 0
	serve 0.0.0.0 8110 >/tmp/held 2>&1 &
	serve -u 0.0.0.0 8110 >/tmp/held 2>&1 &
	serve -d blue 0.0.0.0 8111 >/tmp/held 2>&1 &
	eventually serves $! 8111
	usleep 200000
	bound "its ports are its own" - blue 0.0.0.0 8110
	bound "and outside, too" - "" 0.0.0.0 8111
	bound "a device of it and the VRF" - in-blue 0.0.0.0 8111
	bound "itself" EADDRINUSE blue 0.0.0.0 8111
	bound "of UDP all are one" EADDRINUSE blue -u 0.0.0.0 8110
	bound "its address, from outside" EADDRNOTAVAIL "" 10.8.0.1 8112
	bound "its address, in it" - blue 10.8.0.1 8112
	bound "its address, in another" EADDRNOTAVAIL red 10.8.0.1 8112
	accept 1
	bound "for all, they are one" EADDRINUSE blue 0.0.0.0 8110
	accept 0
else
	skip "VRF" "no such module"
fi

# The lookup of routes against this kernel's own. (routepairs makes its worlds with iproute2's ip; busybox's sh would take its own.)
load veth ipv6
run env ROUTE_IP=/bin/ip routepairs 1 4 500
if echo "$out" | tail -n1 | grep -q ' 0 different$'; then
	pass "routes are looked up as this kernel does ($(echo "$out" | tail -n1))"
else
	fail "routes are looked up as this kernel does" "$(echo "$out" | tr '\n' '|')$err"
fi
