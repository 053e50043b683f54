# SPDX-License-Identifier: GPL-2.0-or-later
# nsnet why --reach: a client, a router and a server in namespaces of their own; what is broken, and what the kernel does about it.
# Each answer is held against a real attempt (serve -q).
load ../lib

setup()
{
	need_ns
	need_cmd ip jq nft
	PRE=nsk$BATS_TEST_NUMBER$RANDOM
}

# ns NAME...: named network namespaces with a loopback
ns()
{
	local n
	for n; do
		netns_add "$PRE$n"
		ip -n "$PRE$n" link set lo up
	done
}
at() { ip netns exec "$PRE$1" "${@:2}"; }
ipn() { ip -n "$PRE$1" "${@:2}"; }
nsid() { at "$1" readlink /proc/self/ns/net | tr -cd 0-9; }
sysctl_in() { at "$1" sh -c "echo $3 >/proc/sys/$2"; }

# link A DEV ADDR B DEV ADDR: a veth pair with addresses, up at both ends
link()
{
	ip link add "v$PRE" type veth peer name "w$PRE"
	ip link set "v$PRE" netns "$PRE$1" name "$2"
	ip link set "w$PRE" netns "$PRE$4" name "$5"
	ipn "$1" addr add "$3" dev "$2"
	ipn "$4" addr add "$6" dev "$5"
	ipn "$1" link set "$2" up
	ipn "$4" link set "$5" up
}

# The client c, the router r and the server s: 10.1.0.2 - 10.1.0.1 10.2.0.1 - 10.2.0.2
three()
{
	ns c r s
	link c eth0 10.1.0.2/24 r rc 10.1.0.1/24
	link s eth0 10.2.0.2/24 r rs 10.2.0.1/24
	ipn c route add default via 10.1.0.1
	ipn s route add default via 10.2.0.1
	sysctl_in r net/ipv4/ip_forward 1
}

# server NAME NS OPTION... ADDR PORT: its pid is in PID_NAME
server()
{
	local name=$1 n=$2
	shift 2
	spawn_open "$BATS_TEST_TMPDIR/$name" ip netns exec "$PRE$n" "$HELPERS/serve" "$@"
	printf -v "PID_$name" %s "$SPAWNED_LINE"
}

# really FROM WANT OPTION... ADDR PORT: what an attempt gives
really()
{
	local got
	got=$(at "$1" "$HELPERS/serve" -q "${@:3}")
	[[ $got == "$2" ]] || { echo "the kernel says $got, not $2" >&2; return 1; }
}

# reach STATUS ARGUMENT...: the JSON of the answer in $output; exit status STATUS
reach()
{
	local want=$1 status=0
	shift
	output=$("$NSNET" why -J --reach "$@" 2>"$BATS_TEST_TMPDIR/err") || status=$?
	[[ $status == "$want" ]] || { echo "exit status $status, not $want: $output"; cat "$BATS_TEST_TMPDIR/err"; return 1; } >&2
	later_valid nsnet-why <<<"$output"
}

# blames CODE...: these causes and no others, in this order
blames()
{
	jq_is '([.why.causes[].code] | join(" ")) == $want' --arg want "$*"
}
evidence() # FILTER [JQ-ARGUMENT...]: of the first cause
{
	jq_is ".why.causes[0].evidence | $1" "${@:2}"
}
fine() # ARGUMENT...: nothing is wrong
{
	reach 0 "$@"
	jq_is '.why.verdict == "ok" and .why.causes == [] and .why.unchecked == []'
}

@test "a server that answers: by a router, on itself, by IPv6, by UDP; rules for others are no evidence" {
	three
	server web s 0.0.0.0 8080
	server dns s -u 0.0.0.0 5353
	ipn s addr add fd00:2::2/64 dev eth0 nodad
	ipn r addr add fd00:2::1/64 dev rs nodad
	server six s fd00:2::2 8086
	at s nft 'table inet t { chain i { type filter hook input priority 0; policy drop;
		iifname "lo" accept
		tcp dport 8081 drop
		udp dport 8080 drop
		iifname "eth1" tcp dport 8080 drop
		ip saddr 10.9.0.0/16 tcp dport 8080 reject
		ct state established,related accept
		icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept
		tcp dport { 8080, 8086 } accept
		udp dport 5353 accept; }; }'
	really c ok 10.2.0.2 8080
	fine 10.2.0.2:8080 "netns:${PRE}s" --client "netns:${PRE}c"
	fine 10.2.0.2:8080 --client "netns:${PRE}c"
	really s ok 10.2.0.2 8080
	fine 10.2.0.2:8080 "netns:${PRE}s" --client "netns:${PRE}s"
	really c ok -u 10.2.0.2 5353
	fine 10.2.0.2:5353/udp "netns:${PRE}s" --client "netns:${PRE}c"
	really r ok fd00:2::2 8086
	fine "[fd00:2::2]:8086" "netns:${PRE}s" --client "netns:${PRE}r"
}

@test "the client's own: routes that say no, an output chain, a loopback that is down" {
	three
	server web s 0.0.0.0 8080
	server dns s -u 0.0.0.0 5353
	local type err
	for type in prohibit:EACCES unreachable:EHOSTUNREACH blackhole:EINVAL; do
		err=${type#*:} type=${type%:*}
		ipn c route add "$type" 10.2.0.0/24
		really c "$err" 10.2.0.2 8080
		reach 4 10.2.0.2:8080 "netns:${PRE}s" --client "netns:${PRE}c"
		blames client-route-prohibit
		jq_is '.why.causes[0].errno == $e' --arg e "$err"
		evidence '.client_route_type == $t and .listener_pid == $p' --arg t "$type" --argjson p "$PID_web"
		follow
	done
	ipn c route del default
	really c ENETUNREACH 10.2.0.2 8080
	reach 4 10.2.0.2:8080 "netns:${PRE}s" --client "netns:${PRE}c"
	blames client-route-prohibit
	evidence '.client_route_type == "none"'
	ipn c route add default via 10.1.0.1

	at c nft 'table ip t { chain o { type filter hook output priority 0; udp dport 5353 drop; tcp dport 8080 drop; }; }'
	really c EPERM -u 10.2.0.2 5353
	reach 4 10.2.0.2:5353/udp "netns:${PRE}s" --client "netns:${PRE}c"
	blames client-egress-drop
	jq_is '.why.causes[0].errno == "EPERM"'
	evidence '.nft_chain == "o" and .hook == "output" and .verdict == "drop" and .client_netns == $n and .listener_pid == $p' \
		--argjson n "$(nsid c)" --argjson p "$PID_dns"
	really c ETIMEDOUT 10.2.0.2 8080
	reach 4 10.2.0.2:8080 "netns:${PRE}s" --client "netns:${PRE}c"
	blames client-egress-drop
	jq_is '.why.causes[0].errno == "ETIMEDOUT"'
	follow
	really c ok 10.2.0.2 8080

	netns_add "${PRE}new"
	server lonely new 0.0.0.0 80
	really new ENETUNREACH 127.0.0.1 80
	reach 4 127.0.0.1:80 "netns:${PRE}new" --client "netns:${PRE}new"
	blames loopback-down
	jq_is '.why.causes[0].errno == "ENETUNREACH"'
	evidence '.device == "lo" and .device_up == false and .listener_pid == $p' --argjson p "$PID_lonely"
	follow
	really new ok 127.0.0.1 80
}

@test "rulesets: input drops and rejects, forward and prerouting drop, and what is behind them" {
	three
	server web s 127.0.0.1 8080
	at s nft 'table inet t { chain i { type filter hook input priority 0; tcp dport 8080 drop; }; }'
	really c ETIMEDOUT 10.2.0.2 8080
	reach 4 10.2.0.2:8080 "netns:${PRE}s" --client "netns:${PRE}c"
	blames netns-firewall-drop listener-loopback-only
	evidence '.nft_table == "t" and .verdict == "drop" and .hook == "input" and .nft_handle > 0'
	jq_is '.why.causes[1].evidence | .listener_pid == $p and .listener_addr == "127.0.0.1"' --argjson p "$PID_web"
	at s nft flush ruleset
	really c ECONNREFUSED 10.2.0.2 8080
	reach 4 10.2.0.2:8080 "netns:${PRE}s" --client "netns:${PRE}c"
	blames listener-loopback-only

	server app s 0.0.0.0 9090
	local with err
	for with in "tcp reset:ECONNREFUSED" "icmp type port-unreachable:ECONNREFUSED" "icmp type host-unreachable:EHOSTUNREACH" \
		"icmp type net-unreachable:ENETUNREACH" "icmp type admin-prohibited:EHOSTUNREACH" "icmp type prot-unreachable:ENOPROTOOPT"; do
		err=${with##*:} with=${with%:*}
		at s nft "table inet t { chain i { type filter hook input priority 0; tcp dport 9090 reject with $with; }; }"
		really c "$err" 10.2.0.2 9090
		reach 4 10.2.0.2:9090 "netns:${PRE}s" --client "netns:${PRE}c"
		blames netns-firewall-reject
		jq_is '.why.causes[0].errno == $e' --arg e "$err"
		evidence '.verdict == "reject" and .listener_pid == $p' --argjson p "$PID_app"
		at s nft flush ruleset
	done

	at r nft 'table ip t { chain f { type filter hook forward priority 0; policy drop; }; }'
	really c ETIMEDOUT 10.2.0.2 9090
	reach 4 10.2.0.2:9090 "netns:${PRE}s" --client "netns:${PRE}c"
	blames host-forward-drop
	evidence '.hook == "forward" and .nft_chain == "f" and .listener_pid == $p' --argjson p "$PID_app"
	follow 0
	follow 1
	really c ok 10.2.0.2 9090
	at r nft flush ruleset
	at r iptables -P FORWARD DROP
	reach 4 10.2.0.2:9090 "netns:${PRE}s" --client "netns:${PRE}c"
	blames host-forward-drop
	follow 0
	follow 1
	really c ok 10.2.0.2 9090
	at r iptables -S FORWARD | grep -qF -- '--dport 9090 -j ACCEPT' # which still reads it
	at r nft flush ruleset
	at r nft 'table ip t { chain p { type filter hook prerouting priority raw; tcp dport 9090 drop; }; }'
	really c ETIMEDOUT 10.2.0.2 9090
	reach 4 10.2.0.2:9090 "netns:${PRE}s" --client "netns:${PRE}c"
	blames host-prerouting-drop
	evidence '.hook == "prerouting" and .listener_pid == $p' --argjson p "$PID_app"
}

@test "translations: to a port that nobody serves, to nobody, to loopback, past a listener, and hairpins" {
	three
	server app s 0.0.0.0 8080
	dnat() { at r nft flush ruleset; at r nft "table ip t { chain p { type nat hook prerouting priority dstnat; ip daddr 10.1.0.1 tcp dport 80 dnat to $1; }; }"; }
	dnat 10.2.0.2:8080
	really c ok 10.1.0.1 80
	fine 10.1.0.1:80 "netns:${PRE}r" --client "netns:${PRE}c"
	dnat 10.2.0.2:8081
	really c ECONNREFUSED 10.1.0.1 80
	reach 4 10.1.0.1:80 "netns:${PRE}r" --client "netns:${PRE}c"
	blames dnat-wrong-port
	evidence '.dnat_to == "10.2.0.2:8081" and .listener_pid == $p and .actual_listener_port == 8080' --argjson p "$PID_app"
	dnat 10.2.0.9:8080
	really c EHOSTUNREACH -t 6000 10.1.0.1 80
	reach 4 10.1.0.1:80 "netns:${PRE}r" --client "netns:${PRE}c"
	blames dnat-stale-ip
	evidence '.dnat_to == "10.2.0.9:8080" and .dnat_addr_exists == false'

	dnat 10.2.0.2:8080
	server own r 0.0.0.0 80
	really c ok 10.1.0.1 80
	reach 4 10.1.0.1:80 "netns:${PRE}r" --client "netns:${PRE}c"
	jq_is '.why.verdict == "degraded"'
	blames dnat-hijack
	evidence '.listener_pid == $own and .answering_pid == $app and .dnat_to == "10.2.0.2:8080"' --argjson own "$PID_own" --argjson app "$PID_app"

	sysctl_in r net/ipv4/ip_forward 0
	really c ETIMEDOUT 10.1.0.1 80
	reach 4 10.1.0.1:80 "netns:${PRE}s" --client "netns:${PRE}c"
	blames ip-forward-off
	evidence '.ip_forward == 0 and .dnat_to == "10.2.0.2:8080" and .listener_pid == $p' --argjson p "$PID_app"
	follow
	really c ok 10.1.0.1 80

	server inner s 127.0.0.1 9090
	at s nft 'table ip t { chain p { type nat hook prerouting priority dstnat; tcp dport 90 dnat to 127.0.0.1:9090; }; }'
	really c ETIMEDOUT 10.2.0.2 90
	reach 4 10.2.0.2:90 "netns:${PRE}s" --client "netns:${PRE}c"
	blames dnat-to-loopback
	evidence '.dnat_to == "127.0.0.1:9090" and .route_localnet == 0 and .listener_pid == $p' --argjson p "$PID_inner"
	follow 1
	really c ok 10.2.0.2 90
	fine 10.2.0.2:90 "netns:${PRE}s" --client "netns:${PRE}c"
}

# A router r with a bridge, 10.3.0.1, and on it a and b, 10.3.0.2 and .3
bridged()
{
	ns r a b
	ipn r link add br0 type bridge forward_delay 0 # else a timer makes ports forward
	ipn r addr add 10.3.0.1/24 dev br0
	ipn r link set br0 up
	local n i=2
	for n in a b; do
		ip link add "v$PRE" type veth peer name "w$PRE"
		ip link set "v$PRE" netns "$PRE$n" name eth0
		ip link set "w$PRE" netns "${PRE}r" name "p$n"
		ipn r link set "p$n" master br0 up
		ipn "$n" addr add "10.3.0.$i/24" dev eth0
		ipn "$n" link set eth0 up
		ipn "$n" route add default via 10.3.0.1
		((++i))
	done
	sysctl_in r net/ipv4/ip_forward 1
}

# across CODE ERRNO: what a is told of b's port 8080 by the kernel and by us; CODE - where it is answered
across()
{
	really a "$2" -t 300 10.3.0.3 8080
	if [[ $1 == - ]]; then
		fine 10.3.0.3:8080 "netns:${PRE}b" --client "netns:${PRE}a"
	else
		reach 4 10.3.0.3:8080 "netns:${PRE}b" --client "netns:${PRE}a"
		blames "$1"
		evidence '.netns == $n and .listener_pid == $p' --argjson n "$(nsid r)" --argjson p "$PID_app"
	fi
}

@test "a bridge between: isolated ports, one that does not forward, one that is down; VLANs are not followed" {
	need_cmd bridge
	bridged
	server app b 0.0.0.0 8080
	server mine r 0.0.0.0 8081
	eventually really a ok 10.3.0.3 8080
	across - ok
	at r bridge link set dev pa isolated on
	across - ok
	at r bridge link set dev pb isolated on
	across bridge-port-isolated ETIMEDOUT
	evidence '.bridge == "br0" and .in_device == "pa" and .device == "pb" and .isolated'
	jq_is '.why.causes[0].errno == "ETIMEDOUT"' # the neighbour is known yet
	ipn a neigh flush all
	reach 4 10.3.0.3:8080 "netns:${PRE}b" --client "netns:${PRE}a"
	jq_is '.why.causes[0].errno == "EHOSTUNREACH"'
	# To the bridge itself, and from it, isolated ports are open.
	really a ok 10.3.0.1 8081
	fine 10.3.0.1:8081 "netns:${PRE}r" --client "netns:${PRE}a"
	really r ok 10.3.0.3 8080
	fine 10.3.0.3:8080 "netns:${PRE}b" --client "netns:${PRE}r"
	at r bridge link set dev pa isolated off
	across - ok
	local state
	for state in disabled:0 listening:1 learning:2; do
		at r bridge link set dev pb state "${state#*:}"
		across bridge-port-blocked ETIMEDOUT
		evidence '.bridge == "br0" and .port_state == $s' --arg s "${state%:*}"
	done
	reach 4 10.3.0.1:8081 "netns:${PRE}r" --client "netns:${PRE}b"
	blames bridge-port-blocked
	at r bridge link set dev pb state 3
	across - ok
	ipn r link set pb down
	across interface-down ETIMEDOUT
	evidence '.device == "pb"'
	ipn r link set pb up
	eventually really a ok 10.3.0.3 8080
	"$NSNET" --save "$BATS_TEST_TMPDIR/snap"
	jq '(.links[] | select(.ifname == "br0").data[] | select(.key == "vlan_filtering")).value = "1"' "$BATS_TEST_TMPDIR/snap" >"$BATS_TEST_TMPDIR/vlans"
	reach 3 --from "$BATS_TEST_TMPDIR/vlans" 10.3.0.3:8080 "netns:${PRE}b" --client "netns:${PRE}a"
	jq_is '[.why.unchecked[].what] | unique == ["a bridge\u0027s VLANs"]'
	at r bridge link set dev pb bcast_flood off
	reach 3 10.3.0.3:8080 "netns:${PRE}b" --client "netns:${PRE}a"
	jq_is '[.why.unchecked[].what] | unique == ["a bridge port\u0027s settings"]'
	fine 10.3.0.3:8080 "netns:${PRE}b" --client "netns:${PRE}r"
}

@test "macvlans: siblings in mode bridge, private ones, the device that they share, and who is beyond it" {
	ns h x a b p q
	link h e0 10.6.0.1/24 x eth0 10.6.0.254/24
	local n i=2 mode
	for n in a:bridge b:bridge p:private q:private; do
		mode=${n#*:} n=${n%:*}
		ipn h link add link e0 name "mv$n" type macvlan mode "$mode" || skip "no macvlans here"
		ipn h link set "mv$n" netns "$PRE$n" name eth0
		ipn "$n" addr add "10.6.0.$i/24" dev eth0
		ipn "$n" link set eth0 up
		((++i))
	done
	server app b 0.0.0.0 8080
	server app2 q 0.0.0.0 8080
	server mine h 0.0.0.0 8080
	eventually really a ok 10.6.0.3 8080
	fine 10.6.0.3:8080 "netns:${PRE}b" --client "netns:${PRE}a"
	really x ok 10.6.0.3 8080
	fine 10.6.0.3:8080 "netns:${PRE}b" --client "netns:${PRE}x"
	really x ok 10.6.0.5 8080
	fine 10.6.0.5:8080 "netns:${PRE}q" --client "netns:${PRE}x"
	for n in p:q:10.6.0.5 a:q:10.6.0.5 h:b:10.6.0.3 a:h:10.6.0.1; do
		IFS=: read -r n mode i <<<"$n"
		really "$n" ETIMEDOUT -t 150 "$i" 8080
		reach 4 "$i:8080" "netns:$PRE$mode" --client "netns:$PRE$n"
		blames macvlan-isolated
		evidence '.bridge == "e0" and .netns == $n' --argjson n "$(nsid h)"
	done
}

@test "a hairpin: client and server on one bridge, and the answer takes the short way" {
	bridged
	ipn r addr add 192.0.2.1/32 dev lo
	server app b 0.0.0.0 8080
	at r nft 'table ip t { chain p { type nat hook prerouting priority dstnat; ip daddr 192.0.2.1 tcp dport 80 dnat to 10.3.0.3:8080; }; }'
	eventually really a ok 10.3.0.3 8080
	fine 10.3.0.3:8080 "netns:${PRE}b" --client "netns:${PRE}a"
	# Where br_netfilter is, the router sees what its bridge hands on, and translates it back.
	if [[ -e /proc/sys/net/bridge ]]; then
		really a ok 192.0.2.1 80
		fine 192.0.2.1:80 "netns:${PRE}b" --client "netns:${PRE}a"
		sysctl_in r net/bridge/bridge-nf-call-iptables 0
	fi
	really a ETIMEDOUT 192.0.2.1 80
	reach 4 192.0.2.1:80 "netns:${PRE}b" --client "netns:${PRE}a"
	blames hairpin-no-masquerade
	evidence '.dnat_to == "10.3.0.3:8080" and .client_addr == "10.3.0.2" and .masquerade == false and .same_subnet == true and .listener_pid == $p' \
		--argjson p "$PID_app"
	follow
	really a ok 192.0.2.1 80
	fine 192.0.2.1:80 "netns:${PRE}b" --client "netns:${PRE}a"
	# Rules of the bridge itself are not evaluated, and never passed over in silence; a chain that does nothing is nobody's concern.
	at r nft 'table bridge b { chain f { type filter hook forward priority 0; }; chain o { type filter hook output priority 0; }; }'
	fine 10.3.0.3:8080 "netns:${PRE}b" --client "netns:${PRE}a"
	at r nft 'add rule bridge b f ip protocol tcp drop'
	really a ETIMEDOUT 10.3.0.3 8080
	reach 3 10.3.0.3:8080 "netns:${PRE}b" --client "netns:${PRE}a"
	jq_is '[.why.unchecked[].what] == ["a bridge\u0027s rules"] and (.why.unchecked[0].where | contains("chain f"))'
	# What the router sends by its bridge itself does not meet its forward chain.
	fine 10.3.0.3:8080 "netns:${PRE}b" --client "netns:${PRE}r"
}

@test "routing: reverse-path filter, no way back, a device that is down" {
	three
	# As VLANs are called; sysctl(8) writes that dot otherwise.
	ipn s link set eth0 down
	ipn s link set eth0 name eth0.7
	ipn s link set eth0.7 up
	ipn s route add default via 10.2.0.1
	server app s 0.0.0.0 8080
	ns x
	link s eth1 10.4.0.2/24 x eth0 10.4.0.1/24
	ipn s route add 10.1.0.0/24 via 10.4.0.1
	sysctl_in s net/ipv4/conf/all/rp_filter 1
	really c ETIMEDOUT 10.2.0.2 8080
	reach 4 10.2.0.2:8080 "netns:${PRE}s" --client "netns:${PRE}c"
	blames rp-filter-drop
	evidence '.rp_filter == 1 and .in_device == "eth0.7" and .back_device == "eth1" and .listener_pid == $p' --argjson p "$PID_app"
	follow
	[[ $(at s cat /proc/sys/net/ipv4/conf/eth0.7/rp_filter) == 2 ]]
	output=$("$NSNET" why -J --reach 10.2.0.2:8080 "netns:${PRE}s" --client "netns:${PRE}c" 2>/dev/null) || true
	jq_is '[.why.causes[].code] | index("rp-filter-drop") | not'
	ipn s route del 10.1.0.0/24
	ipn s route del default
	reach 4 10.2.0.2:8080 "netns:${PRE}s" --client "netns:${PRE}c"
	blames rp-filter-drop # no way back at all: loosely, too
	evidence '.rp_filter == 2 and has("back_device") == false'
	jq_is '.why.causes[0].advice | any(contains("rp_filter")) | not'
	sysctl_in s net/ipv4/conf/all/rp_filter 0
	sysctl_in s net/ipv4/conf/eth0.7/rp_filter 0
	really c ETIMEDOUT 10.2.0.2 8080
	reach 4 10.2.0.2:8080 "netns:${PRE}s" --client "netns:${PRE}c"
	blames no-return-route
	evidence '.route_to_client == "none" and .client_addr == "10.1.0.2" and .listener_pid == $p' --argjson p "$PID_app"
	ipn s route add default via 10.2.0.1
	really c ok 10.2.0.2 8080
	ipn s link set eth0.7 down
	really c EHOSTUNREACH -t 6000 10.2.0.2 8080
	reach 4 10.2.0.2:8080 "netns:${PRE}s" --client "netns:${PRE}c"
	blames interface-down
	evidence '.device == "eth0.7" and .device_up == false and .netns == $n and .listener_pid == $p' --argjson n "$(nsid s)" --argjson p "$PID_app"
}

@test "sockets: other family, other device, other namespace, other address, connected, and none" {
	three
	server six s ::1 8001
	really s ECONNREFUSED 127.0.0.1 8001
	reach 4 127.0.0.1:8001 "netns:${PRE}s" --client "netns:${PRE}s"
	blames listener-other-family
	evidence '.listener_addr == "::1" and .asked_addr == "127.0.0.1" and .listener_pid == $p' --argjson p "$PID_six"
	server only s -6 :: 8002
	really c ECONNREFUSED 10.2.0.2 8002
	reach 4 10.2.0.2:8002 "netns:${PRE}s" --client "netns:${PRE}c"
	blames listener-other-family
	evidence '.holder_v6only == true'
	server both s :: 8003
	really c ok 10.2.0.2 8003
	fine 10.2.0.2:8003 "netns:${PRE}s" --client "netns:${PRE}c"
	server dev s -d lo 0.0.0.0 8004
	really c ECONNREFUSED 10.2.0.2 8004
	reach 4 10.2.0.2:8004 "netns:${PRE}s" --client "netns:${PRE}c"
	blames listener-device-bound
	evidence '.listener_device == "lo" and .in_device == "eth0" and .listener_pid == $p' --argjson p "$PID_dev"
	# What is sent to oneself counts as come in by the device that has the address.
	really s ECONNREFUSED 10.2.0.2 8004
	reach 4 10.2.0.2:8004 "netns:${PRE}s" --client "netns:${PRE}s"
	blames listener-device-bound
	really s ok 127.0.0.1 8004
	fine 127.0.0.1:8004 "netns:${PRE}s" --client "netns:${PRE}s"
	server own s -d eth0 :: 8014
	ipn s addr add fd02::2/64 dev eth0 nodad
	really s ok 10.2.0.2 8014
	fine 10.2.0.2:8014 "netns:${PRE}s" --client "netns:${PRE}s"
	really s ok fd02::2 8014
	fine "[fd02::2]:8014" "netns:${PRE}s" --client "netns:${PRE}s"
	server strayed c -N "/run/netns/${PRE}s" 0.0.0.0 8005
	really s ECONNREFUSED 127.0.0.1 8005
	reach 4 127.0.0.1:8005 "pid:$PID_strayed" --client "netns:${PRE}s"
	blames listener-in-other-netns
	evidence '.listener_pid == $p and .listener_proc_netns == $s and .socket_netns == $c' --argjson p "$PID_strayed" --argjson s "$(nsid s)" --argjson c "$(nsid c)"
	server float s -f 10.99.0.1 8006
	really s ENETUNREACH 10.99.0.1 8006 || really s ETIMEDOUT 10.99.0.1 8006
	reach 4 10.99.0.1:8006 "netns:${PRE}s" --client "netns:${PRE}s"
	blames listener-addr-not-local
	evidence '.listener_addr == "10.99.0.1" and .addr_local == false and .listener_pid == $p' --argjson p "$PID_float"
	server conn s -u -c 10.2.0.1:9 0.0.0.0 8007
	really c ECONNREFUSED -u 10.2.0.2 8007
	reach 4 10.2.0.2:8007/udp "netns:${PRE}s" --client "netns:${PRE}c"
	blames udp-connected-socket
	evidence '.connected_to == "10.2.0.1:9" and .listener_pid == $p' --argjson p "$PID_conn"
	really c ECONNREFUSED 10.2.0.2 8999
	reach 4 10.2.0.2:8999 "netns:${PRE}s" --client "netns:${PRE}c"
	blames no-listener
}

@test "servers that do not answer: full queue, stopped, one of a group, a thief" {
	ns a
	server full a -n -b 1 0.0.0.0 8001
	local i
	for i in 1 2 3 4; do
		spawn ip netns exec "${PRE}a" "$HELPERS/serve" -q -t 60000 127.0.0.1 8001
	done
	queue_is() { [[ $(at a ss -Hltn "sport = :8001" | awk '{ print $2 }') == "$1" ]]; }
	eventually queue_is 2
	really a ETIMEDOUT 127.0.0.1 8001
	reach 4 127.0.0.1:8001 "netns:${PRE}a" --client "netns:${PRE}a"
	blames accept-queue-full
	evidence '.recv_q == 2 and .send_q == 1 and .listen_overflows > 0 and .listener_pid == $p' --argjson p "$PID_full"

	server still a 0.0.0.0 8002
	kill -STOP "$PID_still"
	really a ETIMEDOUT 127.0.0.1 8002
	reach 4 127.0.0.1:8002 "netns:${PRE}a" --client "netns:${PRE}a"
	blames process-stopped
	evidence '(.process_state | startswith("T")) and .listener_pid == $p' --argjson p "$PID_still"

	server good a -p 0.0.0.0 8003
	fine 127.0.0.1:8003 "netns:${PRE}a" --client "netns:${PRE}a"
	server stuck a -p -n 0.0.0.0 8003
	for ((i = 0; i < 24; i++)); do
		at a "$HELPERS/serve" -q -t 50 127.0.0.1 8003 >/dev/null
	done
	reach 4 127.0.0.1:8003 "netns:${PRE}a" --client "netns:${PRE}a"
	blames reuseport-member-stuck
	jq_is '.why.verdict == "degraded"'
	evidence '.listener_pid == $g and .stuck_pid == $s and .stuck_recv_q_nonzero' --argjson g "$PID_good" --argjson s "$PID_stuck"

	server robbed a -u -a 0.0.0.0 8004
	sleep 0.1
	server thief a -u -a -n 0.0.0.0 8004
	really a ETIMEDOUT -u 127.0.0.1 8004
	reach 4 127.0.0.1:8004/udp "netns:${PRE}a" --client "netns:${PRE}a"
	blames udp-port-stolen
	evidence '.listener_pid == $r and .thief_pid == $t' --argjson r "$PID_robbed" --argjson t "$PID_thief"
}

# shadowed CODE LOSER WINNER PORT[/udp]: of a's two servers on 127.0.0.1 the winner, who never answers, gets it, whoever asks for the other
shadowed()
{
	local udp=${4#"${4%/udp}"}
	really a ETIMEDOUT -t 100 ${udp:+-u} 127.0.0.1 "${4%/udp}"
	reach 4 "127.0.0.1:$4" "pid:$2" --client "netns:${PRE}a"
	blames "$1"
	jq_is '.why.verdict == "degraded"'
	evidence '.listener_pid == $l and .thief_pid == $w and .answering_pid == $w' --argjson l "$2" --argjson w "$3"
}

@test "another process gets it: by its address, before a device, by who was bound last; and of a group each its share" {
	ns a
	# It begins first and is bound last.
	spawn ip netns exec "${PRE}a" sh -c 'until [ -e "$1" ]; do sleep 0.05; done; exec "$0" -u -a -n 127.0.0.1 8004' "$HELPERS/serve" "$BATS_TEST_TMPDIR/go"
	local last=$SPAWNED
	server wide a -u -a 0.0.0.0 8001
	server close a -u -a -n 127.0.0.1 8001
	shadowed udp-port-stolen "$PID_wide" "$PID_close" 8001/udp
	fine 127.0.0.1:8001/udp "netns:${PRE}a" --client "netns:${PRE}a"
	fine 127.0.0.1:8001/udp "pid:$PID_close" --client "netns:${PRE}a"
	server wide2 a -p 0.0.0.0 8002
	server close2 a -p -n 127.0.0.1 8002
	shadowed listener-shadowed "$PID_wide2" "$PID_close2" 8002
	server dev a -u -a -d lo 0.0.0.0 8003
	server close3 a -u -a -n 127.0.0.1 8003
	shadowed udp-port-stolen "$PID_dev" "$PID_close3" 8003/udp
	server nodev a -u -a 0.0.0.0 8005
	server dev2 a -u -a -n -d lo 0.0.0.0 8005
	shadowed udp-port-stolen "$PID_nodev" "$PID_dev2" 8005/udp
	server first a -u -a 127.0.0.1 8004
	touch "$BATS_TEST_TMPDIR/go"
	last_has_it() { at a "$HELPERS/serve" -q -u -t 50 127.0.0.1 8004 | grep -q ETIMEDOUT; }
	eventually last_has_it
	shadowed udp-port-stolen "$PID_first" "$last" 8004/udp
	server one a -u -p 127.0.0.1 8006
	server two a -u -p 127.0.0.1 8006
	fine 127.0.0.1:8006/udp "pid:$PID_two" --client "netns:${PRE}a"
}

# hook NS KIND WHERE PORT: a program in the way: its id in $HOOK. (ip netns exec would hide control groups.)
hook()
{
	spawn_open "$BATS_TEST_TMPDIR/hook" nsenter --net="/run/netns/$PRE$1" "$HELPERS/hook" "${@:2}"
	HOOK=${SPAWNED_LINE% *}
}
unhook() { kill_exactly "${SPAWNED_LINE#* }" "$(start_of "${SPAWNED_LINE#* }")"; }

@test "programs: of a device, of the lookup, of the server's control group; each is run on the packet" {
	need_bpf
	need_kernel 5.18 # tc programs are run with a packet
	three
	local cgroup kind where code kinds=(xdp:eth0:tc-or-xdp-drop sk_lookup:/run/netns/${PRE}s:bpf-sk-lookup)
	cgroup=$(findmnt -nt cgroup2 -o TARGET | head -n1)/$PRE
	mkdir "$cgroup" 2>/dev/null && on_cleanup rmdir "$cgroup" || skip "no control groups of version 2 that may be made"
	! kernel_since 6.6 || kinds+=(tcx:eth0:tc-or-xdp-drop)
	server web s 0.0.0.0 8080
	spawn_open "$BATS_TEST_TMPDIR/guarded" sh -c "echo \$\$ >$cgroup/cgroup.procs; exec \"\$@\"" sh nsenter --net="/run/netns/${PRE}s" \
		"$HELPERS/serve" 0.0.0.0 8081
	local guarded=$SPAWNED_LINE
	for kind in "${kinds[@]}"; do
		code=${kind##*:} where=${kind#*:} where=${where%:*} kind=${kind%%:*}
		hook s "$kind" "$where" 8080
		reach 4 10.2.0.2:8080 "netns:${PRE}s" --client "netns:${PRE}c"
		blames "$code"
		evidence '.listener_pid == $p and ([.xdp_prog_id, .tc_prog_id, .bpf_prog_id] | index($id) != null)' --argjson p "$PID_web" --argjson id "$HOOK"
		fine 10.2.0.2:8081 "netns:${PRE}s" --client "netns:${PRE}c"
		unhook
		fine 10.2.0.2:8080 "netns:${PRE}s" --client "netns:${PRE}c"
	done
	hook s ingress "$cgroup" 8081
	really c ETIMEDOUT -t 300 10.2.0.2 8081
	reach 4 10.2.0.2:8081 "netns:${PRE}s" --client "netns:${PRE}c"
	blames cgroup-bpf-ingress-drop
	evidence '.listener_pid == $p and .bpf_prog_id == $id and .cgroup_path == $path' --argjson p "$guarded" --argjson id "$HOOK" --arg path "/$PRE"
	unhook
	hook s egress "$cgroup" 5555 # the answers
	really c ETIMEDOUT -t 300 -s 5555 10.2.0.2 8081
	reach 4 10.2.0.2:8081 "netns:${PRE}s" --client "netns:${PRE}c" --sport 5555
	blames cgroup-bpf-ingress-drop
	evidence '.bpf_prog_id == $id and .attach_type == "cgroup_inet_egress"' --argjson id "$HOOK"
	fine 10.2.0.2:8081 "netns:${PRE}s" --client "netns:${PRE}c" --sport 5556
	fine 10.2.0.2:8080 "netns:${PRE}s" --client "netns:${PRE}c"
}

@test "a conntrack entry keeps the old translation for a fixed source port" {
	three
	server old s -u 10.2.0.2 5353
	ipn s addr add 10.2.0.3/24 dev eth0
	server new s -u 10.2.0.3 5353
	at r nft 'table ip t { chain p { type nat hook prerouting priority dstnat; udp dport 53 dnat to 10.2.0.2:5353; }; }'
	really c ok -u -s 5555 10.1.0.1 53
	fine 10.1.0.1:53/udp "netns:${PRE}r" --client "netns:${PRE}c" --sport 5555
	at r nft flush chain ip t p
	at r nft add rule ip t p udp dport 53 dnat to 10.2.0.3:5353
	kill "$PID_old"
	reach 4 10.1.0.1:53/udp "netns:${PRE}r" --client "netns:${PRE}c" --sport 5555
	blames conntrack-stale
	evidence '(.conntrack_entry | contains("10.2.0.2:5353")) and .dnat_to == "10.2.0.3:5353"'
	really c ECONNREFUSED -u -s 5555 10.1.0.1 53
	really c ok -u -s 5556 10.1.0.1 53
	fine 10.1.0.1:53/udp "netns:${PRE}r" --client "netns:${PRE}c" --sport 5556
	# Without a port: what is left of a client that is gone is nobody's concern; a socket that has the port still is, and of strangers nobody knows.
	fine 10.1.0.1:53/udp "netns:${PRE}r" --client "netns:${PRE}c"
	server lasting c -u 0.0.0.0 5555
	reach 4 10.1.0.1:53/udp "netns:${PRE}r" --client "netns:${PRE}c"
	blames conntrack-stale
	jq_is '.why.verdict == "degraded"'
	evidence '(.conntrack_entry | startswith("10.1.0.2:5555 > ")) and .dnat_to == "10.2.0.3:5353"'
	reach 3 10.1.0.1:53/udp "netns:${PRE}r"
	jq_is '[.why.unchecked[].what] == ["conntrack entries of other ports"] and (.why.unchecked[0].where | startswith("10.1.0.2:5555 > "))'
	fine 10.2.0.3:5353/udp "netns:${PRE}s" --client "netns:${PRE}c"
}

# dropped_as STATUS REASON ADDR:PORT: what --probe says of it; REASON - for none
dropped_as()
{
	reach "$1" --probe "$3" "netns:${PRE}s" --client "netns:${PRE}c"
	if [[ $2 == - ]]; then
		jq_is '.why | has("drop_reason") | not'
		jq_is '.why.note | test("dropped") | not'
	else
		jq_is '.why.drop_reason == $r and (.why.note | test("dropped as " + $r))' --arg r "$2"
	fi
}

@test "the kernel's reason for a drop: of this flow's packets, by both families, behind a translation, and none without BPF" {
	three
	ipn c addr add fd01::2/64 dev eth0 nodad
	ipn r addr add fd01::1/64 dev rc nodad
	ipn r addr add fd02::1/64 dev rs nodad
	ipn s addr add fd02::2/64 dev eth0 nodad
	ipn c route add default via fd01::1
	ipn s route add default via fd02::1
	sysctl_in r net/ipv6/conf/all/forwarding 1
	server app s 0.0.0.0 9090
	dropped_as 0 - 10.2.0.2:9090
	dropped_as 4 NO_SOCKET 10.2.0.2:9091
	dropped_as 4 NO_SOCKET 10.2.0.2:9091/udp
	dropped_as 4 NO_SOCKET "[fd02::2]:9091"
	at s nft 'table inet t { chain i { type filter hook input priority 0; meta l4proto { tcp, udp } th dport { 9090, 9091 } drop; }; }'
	dropped_as 4 NETFILTER_DROP 10.2.0.2:9090
	jq_is '.why.note | test("says the same: ETIMEDOUT, dropped as NETFILTER_DROP$")'
	dropped_as 4 NETFILTER_DROP "[fd02::2]:9091"
	run -4 env NSKIT_NO_BPF=1 "$NSNET" why --reach --probe 10.2.0.2:9090 "netns:${PRE}s" --client "netns:${PRE}c"
	[[ $output == *"says the same: ETIMEDOUT"* && $output != *"dropped as"* ]]
	at r nft 'table ip n { chain p { type nat hook prerouting priority -100; tcp dport 80 dnat to 10.2.0.2:9090; }; }'
	dropped_as 4 NETFILTER_DROP 10.1.0.1:80
	at r nft 'table ip n { chain o { type nat hook postrouting priority 100; masquerade; }; }'
	dropped_as 4 NETFILTER_DROP 10.2.0.2:9090
	# What befalls others meanwhile is theirs.
	at s nft 'flush ruleset; table ip t { chain i { type filter hook input priority 0; tcp dport 9090 reject with tcp reset; }; }'
	spawn ip netns exec "${PRE}c" sh -c 'while :; do "$0" -q 10.2.0.2 9092; done' "$HELPERS/serve" >/dev/null
	dropped_as 4 NETFILTER_DROP 10.2.0.2:9090
}

@test "IPsec policies are named as unchecked, where packets meet them, and not where none do" {
	three
	ipn c xfrm policy add src 10.9.0.1/32 dst 10.9.0.2/32 dir out action block 2>/dev/null || skip "this kernel has no IPsec"
	ipn c xfrm policy delete src 10.9.0.1/32 dst 10.9.0.2/32 dir out
	server web s 0.0.0.0 8080
	fine 10.2.0.2:8080 "netns:${PRE}s" --client "netns:${PRE}c"
	ipn s xfrm policy add src 10.1.0.2/32 dst 10.2.0.2/32 dir in action block
	really c ETIMEDOUT 10.2.0.2 8080
	reach 3 10.2.0.2:8080 "netns:${PRE}s" --client "netns:${PRE}c"
	blames
	jq_is '[.why.unchecked[] | [.what, .where]] == [["IPsec policies", $w]]' --arg w "1 in ${PRE}s"
	really s ok 10.2.0.2 8080
	fine 10.2.0.2:8080 "netns:${PRE}s" --client "netns:${PRE}s" # by the loopback device, which minds none
	"$NSNET" --save "$BATS_TEST_TMPDIR/saved" 2>/dev/null
	reach 3 --from "$BATS_TEST_TMPDIR/saved" 10.2.0.2:8080 "netns:${PRE}s" --client "netns:${PRE}c"
	jq_is '[.why.unchecked[].what] | contains(["IPsec policies"])'
}

@test "somebody beyond the device, from a saved snapshot, and questions that are wrong" {
	three
	server app s 127.0.0.1 8080
	reach 4 10.2.0.2:8080 "netns:${PRE}s"
	blames listener-loopback-only
	"$NSNET" --save "$BATS_TEST_TMPDIR/snap"
	reach 4 --from "$BATS_TEST_TMPDIR/snap" 10.2.0.2:8080 "netns:${PRE}s" --client "netns:${PRE}c"
	blames listener-loopback-only
	evidence '.listener_pid == $p' --argjson p "$PID_app"
	run -4 "$NSNET" why --reach 10.2.0.2:8080 "netns:${PRE}s"
	[[ ${lines[0]} == UNREACHABLE*"10.2.0.2:8080"*"127.0.0.1"* ]]
	run -4 "$NSNET" why --reach 10.77.77.77:80 "netns:${PRE}s" --client "netns:${PRE}c"
	[[ ${lines[0]} == UNREACHABLE* ]]
	reach 4 --probe 10.2.0.2:8080 "netns:${PRE}s" --client "netns:${PRE}c"
	jq_is '.why.note | test("says the same: ECONNREFUSED")'
	server ok s 0.0.0.0 9090
	reach 0 --probe 10.2.0.2:9090 "netns:${PRE}s" --client "netns:${PRE}c"
	jq_is '.why.note | test("says the same: connected")'
	# Where nobody here has the address, nothing is known of the way; without a target a loopback address is the host's.
	run -3 --separate-stderr "$NSNET" why --reach 10.77.77.77:80
	[[ ${lines[0]} == UNKNOWN* && $output == *"no network namespace here has it"* ]]
	run --separate-stderr "$NSNET" why --reach 127.0.0.1:1
	[[ ${lines[0]} == *" in host;"* || ${lines[0]} == *" in host" ]]
	run --separate-stderr "$NSNET" why --reach --probe 127.0.0.1:1
	[[ $output == *"by a real connection from host ("*"ECONNREFUSED"* ]]
	run -2 "$NSNET" why --reach 10.2.0.2:99999
	run -1 "$NSNET" why --reach 10.2.0.2:80 --client no-such-thing
}

# ipvs SERVER...: what a snapshot of this host would say, had the router a virtual service 10.1.0.1:80 with these ({"addr", …}) servers
ipvs()
{
	local servers
	servers=$(jq -cs . <<<"$*")
	"$NSNET" --save "$BATS_TEST_TMPDIR/snapshot" >/dev/null 2>&1
	jq --argjson servers "$servers" --argjson ns "$(nsid r)" '.vservers = [{ns: $ns, proto: "TCP", addr: "10.1.0.1", port: 80, mark: 0,
		scheduler: "rr", servers: $servers}]' "$BATS_TEST_TMPDIR/snapshot" >"$BATS_TEST_TMPDIR/ipvs"
}

@test "a virtual service of IPVS: to its server, past a listener, to nobody" {
	three
	server web s 10.2.0.2 8080
	ipvs '{"addr": "10.2.0.2", "port": 8080, "forward": "Masq", "weight": 1}'
	reach 0 --from "$BATS_TEST_TMPDIR/ipvs" 10.1.0.1:80 "netns:${PRE}r" --client "netns:${PRE}c"
	jq_is '.why.verdict == "ok" and (.why.path | contains("IPVS TCP 10.1.0.1:80 (10.2.0.2:8080)"))'

	# Without a question about a way: it is published, whoever listens or not.
	run -4 "$NSNET" why --from "$BATS_TEST_TMPDIR/ipvs" 80
	[[ $output == *published*"IPVS leads on to 10.2.0.2:8080"* ]]
	run -4 "$NSNET" why -J --from "$BATS_TEST_TMPDIR/ipvs" 80
	jq_is '.why.places[] | select(.ns == $r) | .role == "published" and (.leads_to | .by == ["ipvs"] and .host_ip == "10.1.0.1" and .to_ns == $s and .listens)' \
		--argjson r "$(nsid r)" --argjson s "$(nsid s)"

	server mine r 10.1.0.1 80
	ipvs '{"addr": "10.2.0.2", "port": 8080, "forward": "Masq", "weight": 1}'
	reach 4 --from "$BATS_TEST_TMPDIR/ipvs" 10.1.0.1:80 "netns:${PRE}r" --client "netns:${PRE}c"
	blames dnat-hijack
	evidence '.dnat_to == "10.2.0.2:8080" and (.listener_pid | tostring) == $mine and (.answering_pid | tostring) == $web' --arg mine "$PID_mine" --arg web "$PID_web"

	ipvs '{"addr": "10.2.0.2", "port": 8080, "forward": "Masq", "weight": 0}'
	reach 4 --from "$BATS_TEST_TMPDIR/ipvs" 10.1.0.1:80 "netns:${PRE}r" --client "netns:${PRE}c"
	jq_is '.why.causes[0] | .code == "published-port-no-listener" and .errno == "ECONNREFUSED" and (.summary | contains("weight 0"))'

	ipvs
	run -4 "$NSNET" why --from "$BATS_TEST_TMPDIR/ipvs" 80
	[[ $output == *"IPVS refuses it, for no server takes connections"* ]]
	reach 4 --from "$BATS_TEST_TMPDIR/ipvs" 10.1.0.1:80 "netns:${PRE}r" --client "netns:${PRE}r"
	jq_is '.why.causes[0] | .code == "published-port-no-listener" and (.summary | contains("no server"))'

	ipvs '{"addr": "10.2.0.2", "port": 80, "forward": "Route", "weight": 1}' '{"addr": "10.2.0.3", "port": 80, "forward": "Route", "weight": 1}'
	reach 3 --from "$BATS_TEST_TMPDIR/ipvs" 10.1.0.1:80 "netns:${PRE}r" --client "netns:${PRE}c"
	jq_is '.why.verdict == "unknown" and ([.why.unchecked[].what] | contains(["the other servers of a virtual service", "the way to a server of IPVS"]))'
}

@test "a route with several hops: the answer holds for all of them, or says that a part is stopped" {
	ns c r q s
	link c eth0 10.1.0.2/24 r rc 10.1.0.1/24
	link c eth1 10.3.0.2/24 q qc 10.3.0.1/24
	link s eth0 10.2.0.2/24 r rs 10.2.0.1/24
	link s eth1 10.4.0.2/24 q qs 10.4.0.1/24
	ipn s addr add 10.5.0.1/32 dev lo
	ipn r route add 10.5.0.1 via 10.2.0.2
	ipn q route add 10.5.0.1 via 10.4.0.2
	ipn c route add 10.5.0.1 nexthop via 10.1.0.1 nexthop via 10.3.0.1
	ipn s route add 10.1.0.0/24 via 10.2.0.1
	ipn s route add 10.3.0.0/24 via 10.4.0.1
	local n
	for n in r q; do sysctl_in $n net/ipv4/ip_forward 1; done
	server app s 0.0.0.0 8080
	really c ok 10.5.0.1 8080
	fine 10.5.0.1:8080 "netns:${PRE}s" --client "netns:${PRE}c"
	at q nft 'table ip t { chain f { type filter hook forward priority 0; tcp dport 8080 drop; }; }'
	reach 4 10.5.0.1:8080 "netns:${PRE}s" --client "netns:${PRE}c"
	jq_is '.why.verdict == "degraded"'
	blames host-forward-drop
	evidence '.ways == 2 and .ways_stopped == 1 and .netns == $n' --argjson n "$(nsid q)"
	run -4 "$NSNET" why --reach 10.5.0.1:8080 "netns:${PRE}s" --client "netns:${PRE}c"
	[[ ${lines[0]} == DEGRADED* && $output == *"1 of 2 ways end so"* ]]
	at r nft 'table ip t { chain f { type filter hook forward priority 0; tcp dport 8080 reject; }; }'
	reach 4 10.5.0.1:8080 "netns:${PRE}s" --client "netns:${PRE}c"
	jq_is '.why.verdict == "unreachable"'
	blames host-forward-drop host-forward-drop
	at r nft flush ruleset
	at q nft flush ruleset
	# One hop is gone with its device: then it does not count.
	at q nft 'table ip t { chain f { type filter hook forward priority 0; drop; }; }'
	ipn c link set eth1 down
	really c ok 10.5.0.1 8080
	fine 10.5.0.1:8080 "netns:${PRE}s" --client "netns:${PRE}c"
}

@test "routing rules: by mark of the ruleset, by user, by protocol and port; one that is not known is said" {
	three
	server app s 0.0.0.0 8080
	ipn c route add unreachable default table 100
	ipn c rule add ipproto tcp dport 8080 lookup 100
	really c EHOSTUNREACH 10.2.0.2 8080
	reach 4 10.2.0.2:8080 "netns:${PRE}s" --client "netns:${PRE}c"
	blames client-route-prohibit
	evidence '.client_route_type == "unreachable"'
	ipn c rule del ipproto tcp dport 8080 lookup 100
	ipn c rule add ipproto udp dport 8080 lookup 100
	ipn c rule add uidrange 1000-2000 lookup 100
	really c ok 10.2.0.2 8080
	fine 10.2.0.2:8080 "netns:${PRE}s" --client "netns:${PRE}c"
	ipn c rule add fwmark 7 prohibit
	at c nft 'table ip t { chain o { type route hook output priority mangle; tcp dport 8080 mark set 7; }; }'
	really c ETIMEDOUT 10.2.0.2 8080
	reach 4 10.2.0.2:8080 "netns:${PRE}s" --client "netns:${PRE}c"
	blames client-route-prohibit
	jq_is '.why.causes[0].errno == "ETIMEDOUT"'
	evidence '.client_route_type == "prohibit"'
	at c nft flush ruleset
	# A chain of type filter marks it too late.
	at c nft 'table ip t { chain o { type filter hook output priority mangle; tcp dport 8080 mark set 7; }; }'
	really c ok 10.2.0.2 8080
	fine 10.2.0.2:8080 "netns:${PRE}s" --client "netns:${PRE}c"
	at c nft flush ruleset
	ipn c rule add tun_id 5 lookup 100 2>/dev/null || skip "this ip has no such rule"
	reach 3 10.2.0.2:8080 "netns:${PRE}s" --client "netns:${PRE}c"
	jq_is '[.why.unchecked[].what] == ["a routing rule"]'
}

# asks CODE ERRNO OPTION... ADDR PORT: c asks the server, and hears what the answer says it hears; CODE - where it gets its answer
asks()
{
	local code=$1 errno=$2 where port=${*: -1} addr=${*: -2:1} udp=
	shift 2
	[[ " $* " != *" -u "* ]] || udp=/udp
	[[ $addr == *:* ]] && where="[$addr]:$port$udp" || where=$addr:$port$udp
	really c "$errno" "$@"
	if [[ $code == - ]]; then
		fine "$where" "netns:${PRE}s" --client "netns:${PRE}c"
	else
		reach 4 "$where" "netns:${PRE}s" --client "netns:${PRE}c"
		blames "$code"
		jq_is '.why.causes[0].errno == $e' --arg e "$errno"
	fi
}

@test "what a sender hears: of refusals on the way, of its own, and for datagrams only of fatal ones" {
	three
	server web s 0.0.0.0 8080
	server dns s -u 0.0.0.0 8080
	at s nft 'table inet t { chain i { type filter hook input priority 0; meta l4proto { tcp, udp } th dport 8080 reject with icmp type host-unreachable; }; }'
	asks netns-firewall-reject EHOSTUNREACH 10.2.0.2 8080
	asks netns-firewall-reject ETIMEDOUT -t 300 -u 10.2.0.2 8080
	at s nft flush ruleset
	at c nft 'table inet t { chain o { type filter hook output priority 0; meta l4proto { tcp, udp } th dport 8080 reject with icmp type port-unreachable; }; }'
	asks client-egress-drop ECONNREFUSED 10.2.0.2 8080
	asks client-egress-drop EPERM -u 10.2.0.2 8080
	at c nft 'flush ruleset; table inet t { chain p { type filter hook postrouting priority 0; th dport 8080 drop; }; }'
	asks client-egress-drop ETIMEDOUT -t 300 10.2.0.2 8080
	asks client-egress-drop EPERM -u 10.2.0.2 8080
	at c nft flush ruleset
	ipn r route add prohibit 10.2.0.2/32
	asks client-route-prohibit EHOSTUNREACH 10.2.0.2 8080
	ipn r route replace blackhole 10.2.0.2/32
	asks client-route-prohibit ETIMEDOUT -t 300 10.2.0.2 8080
	ipn r route del blackhole 10.2.0.2/32
	asks - ok 10.2.0.2 8080
	at r nft 'table ip n { chain p { type nat hook prerouting priority -100; udp dport 53 dnat to 10.2.0.9; }; }'
	asks dnat-stale-ip ETIMEDOUT -t 300 -u 10.1.0.1 53
	ipn c link set eth0 down
	asks interface-down ENETUNREACH 10.2.0.2 8080
	ipn s link set lo down
	really s ETIMEDOUT -t 300 127.0.0.1 8080
	reach 4 127.0.0.1:8080 "netns:${PRE}s" --client "netns:${PRE}s"
	blames loopback-down
	jq_is '.why.causes[0].errno == "ETIMEDOUT"'
}

# from_port NS RULE: an input chain with that, alone
from_port()
{
	at "$1" nft "flush ruleset; table inet t { chain i { type filter hook input priority 0; $2 }; }"
}

@test "rules that mind the client's port: of which it is not said, only those count that it may have" {
	three
	server web s 0.0.0.0 8080
	local to=(10.2.0.2:8080 "netns:${PRE}s" --client "netns:${PRE}c") rule
	for rule in 'tcp sport 1-1023 drop;' 'tcp sport { 22, 53, 32767, 61000-65535 } drop;' 'policy drop; tcp sport 32768-60999 accept;'; do
		from_port s "$rule"
		fine "${to[@]}"
	done
	from_port s 'tcp sport 33000-33100 drop;'
	really c ok -s 34000 10.2.0.2 8080
	fine "${to[@]}" --sport 34000
	really c ETIMEDOUT -t 200 -s 33050 10.2.0.2 8080
	reach 4 "${to[@]}" --sport 33050
	reach 3 "${to[@]}"
	jq_is '[.why.unchecked[].what] == ["the client\u0027s other ports"] and (.why.unchecked[0].where | startswith("table inet t, chain i, handle"))'
	from_port s 'tcp sport 40000-50000 drop;' # the one that is taken is one of them
	reach 4 "${to[@]}"
	blames netns-firewall-drop
	jq_is '.why.verdict == "degraded"'
	at s nft flush ruleset
	# Answers go to it.
	from_port c 'policy drop; tcp dport 32768-60999 accept;'
	fine "${to[@]}"
	from_port c 'policy drop; tcp dport 32768-60000 accept;'
	reach 3 "${to[@]}"
	at c nft flush ruleset
	command -v iptables-nft >/dev/null || skip "no iptables-nft"
	at s iptables-nft -A INPUT -p tcp -m multiport --sports 20:23,33000:33100 -j DROP
	reach 3 "${to[@]}"
	at s iptables-nft -R INPUT 1 -p tcp -m multiport --sports 20:23,123 -j DROP
	fine "${to[@]}"
}

@test "connections: marks stay with them where they were set, and who has not seen the question drops the answer" {
	three
	server web s 0.0.0.0 8080
	at r nft 'table inet t {
		chain p { type filter hook prerouting priority -150; tcp dport 8080 meta mark set 0x10 ct mark set meta mark; };
		chain f { type filter hook forward priority 0; policy drop; ct mark 0x10 accept; }; }'
	asks - ok 10.2.0.2 8080
	at s nft 'table inet t { chain i { type filter hook input priority 0; ct mark 0x10 drop; meta mark 0x10 drop; }; }'
	asks - ok 10.2.0.2 8080
	at r nft flush ruleset
	at s nft flush ruleset
	at r nft 'table ip n { chain p { type nat hook prerouting priority -100; tcp dport 80 dnat to 10.2.0.2:8080; };
		chain f { type filter hook forward priority 0; policy drop; meta l4proto tcp ct status dnat ct original proto-dst 80 accept; }; }'
	asks - ok 10.1.0.1 80
	asks host-forward-drop ETIMEDOUT -t 300 10.2.0.2 8080
	# The answer takes another way, by a router that knows nothing of the connection.
	at r nft flush ruleset
	ns q
	link c eth1 10.3.0.2/24 q qc 10.3.0.1/24
	link s eth1 10.4.0.2/24 q qs 10.4.0.1/24
	sysctl_in q net/ipv4/ip_forward 1
	ipn q route add 10.1.0.0/24 via 10.3.0.2
	ipn s route add 10.1.0.0/24 via 10.4.0.1
	at q nft 'table ip t { chain f { type filter hook forward priority 0; ct state untracked drop; }; }'
	asks - ok 10.2.0.2 8080
	at q nft 'flush ruleset; table ip t { chain f { type filter hook forward priority 0; policy drop; ct state established,related accept; }; }'
	asks host-forward-drop ETIMEDOUT -t 300 10.2.0.2 8080
}

@test "addresses: who answers for one on a link, and a floating one that is routed to who lacks it" {
	three
	server web s 0.0.0.0 8080
	server float s -f 192.168.77.1 8081
	ipn r route add 192.168.77.1/32 via 10.2.0.2
	sysctl_in s net/ipv4/ip_forward 1
	asks listener-addr-not-local EHOSTUNREACH 192.168.77.1 8081
	sysctl_in s net/ipv4/ip_forward 0
	asks listener-addr-not-local ETIMEDOUT -t 300 192.168.77.1 8081
	evidence '.listener_pid == $p and .addr_local == false' --argjson p "$PID_float"
	ipn s addr add 10.2.0.77/32 dev lo
	asks - ok 10.2.0.77 8080
	ipn r neigh flush all
	sysctl_in s net/ipv4/conf/all/arp_ignore 1
	reach 4 10.2.0.77:8080 "netns:${PRE}s" --client "netns:${PRE}c"
	blames addr-not-local
	really c EHOSTUNREACH -t 5000 10.2.0.77 8080
	# A router that answers for what is behind it.
	ipn c route replace 10.2.0.0/24 dev eth0
	reach 4 10.2.0.2:8080 "netns:${PRE}s" --client "netns:${PRE}c"
	blames addr-not-local
	sysctl_in r net/ipv4/conf/rc/proxy_arp 1
	asks - ok 10.2.0.2 8080
}

@test "who has the next hop: rules that stop neighbour discovery, and those for ARP" {
	three
	ipn c addr add fd01::2/64 dev eth0 nodad
	ipn r addr add fd01::1/64 dev rc nodad
	ipn r addr add fd02::1/64 dev rs nodad
	ipn s addr add fd02::2/64 dev eth0 nodad
	ipn c route add default via fd01::1
	ipn s route add default via fd02::1
	sysctl_in r net/ipv6/conf/all/forwarding 1
	server web s :: 8080
	eventually really c ok fd02::2 8080
	local to=("[fd02::2]:8080" "netns:${PRE}s" --client "netns:${PRE}c") nd='icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept;'
	at s nft "table inet t { chain i { type filter hook input priority 0; policy drop; ct state established,related accept; tcp dport 8080 accept; }; }"
	fine "${to[@]}" # the neighbour is known yet
	ipn r neigh flush all
	ipn s neigh flush all
	really c EHOSTUNREACH -t 5000 fd02::2 8080
	reach 4 "${to[@]}"
	blames netns-firewall-drop
	jq_is '.why.causes[0].errno == "EHOSTUNREACH" and (.why.causes[0].summary | contains("neighbour solicitation"))'
	at s nft insert rule inet t i "${nd%;}"
	eventually really c ok fd02::2 8080
	fine "${to[@]}"
	ipn r neigh flush all
	fine "${to[@]}"
	asks - ok 10.2.0.2 8080
	at s nft 'table arp a { chain i { type filter hook input priority 0; arp operation request drop; }; }' 2>/dev/null || skip "no rules for ARP here"
	ipn r neigh flush all
	reach 3 10.2.0.2:8080 "netns:${PRE}s" --client "netns:${PRE}c"
	jq_is '[.why.unchecked[].what] | unique == ["rules for ARP"]'
}

@test "what a server answers with: its address, its mark, its user; and who answers no ARP" {
	three
	server web s 0.0.0.0 8080
	server dns s -u 0.0.0.0 5353
	server dns2 s -u -f 10.2.0.77 5354
	ipn s addr add 10.2.0.77/24 dev eth0
	asks - ok -u 10.2.0.2 5353
	asks - ok -u 10.2.0.77 5354
	really c ETIMEDOUT -t 200 -u 10.2.0.77 5353
	reach 3 10.2.0.77:5353/udp "netns:${PRE}s" --client "netns:${PRE}c"
	jq_is '[.why.unchecked[].what] == ["the answer\u0027s source address"] and (.why.unchecked[0].where | startswith("10.2.0.77 was asked, and routes choose 10.2.0.2"))'
	at s nft 'table ip t { chain p { type filter hook prerouting priority mangle; tcp dport 8080 meta mark set 7; }; }'
	ipn s rule add fwmark 7 unreachable
	asks - ok 10.2.0.2 8080
	sysctl_in s net/ipv4/tcp_fwmark_accept 1
	asks no-return-route ETIMEDOUT -t 200 10.2.0.2 8080
	ipn s rule del fwmark 7 unreachable
	ipn s rule add uidrange 1000-2000 unreachable
	asks - ok 10.2.0.2 8080
	ipn s link set eth0 arp off
	ipn r neigh flush all
	really c ETIMEDOUT -t 200 10.2.0.2 8080
	reach 4 10.2.0.2:8080 "netns:${PRE}s" --client "netns:${PRE}c"
	blames addr-not-local
}

@test "translations: a client that is sent to itself, and a listener that loses what is sent here" {
	three
	server web s 10.2.0.2 8080
	at r nft 'table ip n { chain p { type nat hook prerouting priority -100; tcp dport 80 dnat to 10.2.0.2:8080; }; }'
	really s ETIMEDOUT -t 300 10.2.0.1 80
	reach 4 10.2.0.1:80 "netns:${PRE}s" --client "netns:${PRE}s"
	blames hairpin-no-masquerade
	evidence '.dnat_to == "10.2.0.2:8080" and .client_addr == "10.2.0.2" and .netns == $n' --argjson n "$(nsid r)"
	at r nft add chain ip n o '{ type nat hook postrouting priority 100; }'
	at r nft add rule ip n o ip saddr 10.2.0.0/24 ip daddr 10.2.0.0/24 masquerade
	really s ok 10.2.0.1 80
	fine 10.2.0.1:80 "netns:${PRE}s" --client "netns:${PRE}s"
	server own r 0.0.0.0 81
	at r nft add chain ip n l '{ type nat hook output priority -100; }'
	at r nft add rule ip n l ip daddr 10.2.0.1 tcp dport 81 dnat to 10.2.0.2:8080
	really r ok 10.2.0.1 81
	reach 4 10.2.0.1:81 "netns:${PRE}r" --client "netns:${PRE}r"
	jq_is '.why.verdict == "degraded"'
	blames dnat-hijack
	evidence '.listener_pid == $l and .answering_pid == $a' --argjson l "$PID_own" --argjson a "$PID_web"
}

@test "rules that look up the way back, as firewalld's and rpfilter, and chains where packets leave" {
	three
	server web s :: 8080
	ns q
	link c eth1 10.3.0.2/24 q qc 10.3.0.1/24
	link s eth1 10.4.0.2/24 q qs 10.4.0.1/24
	sysctl_in q net/ipv4/ip_forward 1
	ipn q route add 10.1.0.0/24 via 10.3.0.2
	local rule='meta nfproto ipv4 fib saddr . mark . iif oif missing log prefix "rpfilter_DROP: " drop'
	at s nft "table inet firewalld { chain p { type filter hook prerouting priority -140; $rule; }; }"
	asks - ok 10.2.0.2 8080
	ipn s route add 10.1.0.0/24 via 10.4.0.1
	asks netns-firewall-drop ETIMEDOUT -t 300 10.2.0.2 8080
	at s nft 'flush ruleset; table ip t { chain p { type filter hook prerouting priority -140; fib saddr oif eq 0 drop; fib saddr oifname "eth0" drop; }; }'
	asks - ok 10.2.0.2 8080
	at s nft 'flush ruleset; table ip t { chain p { type filter hook prerouting priority -140; fib saddr oifname "eth1" tcp dport 8080 drop; }; }'
	asks netns-firewall-drop ETIMEDOUT -t 300 10.2.0.2 8080
	at s nft flush ruleset
	if command -v iptables-nft >/dev/null; then
		at s iptables-nft -t raw -A PREROUTING -m rpfilter --loose --invert -j DROP
		asks - ok 10.2.0.2 8080
		at s iptables-nft -t raw -A PREROUTING -m rpfilter --invert -j DROP
		asks netns-firewall-drop ETIMEDOUT -t 300 10.2.0.2 8080
		at s nft flush ruleset
	fi
	asks - ok 10.2.0.2 8080
	at r nft 'table netdev t { chain e { type filter hook egress device "rs" priority 0; tcp dport 8080 drop; }; }' 2>/dev/null || skip "no chains at egress here"
	asks host-forward-drop ETIMEDOUT -t 300 10.2.0.2 8080
	evidence '.hook == "egress"'
}

@test "one of a group that takes datagrams is stopped; a queue that is full drops the SYN whatever tcp_abort_on_overflow says" {
	three
	server good s -u -p 0.0.0.0 5353
	server stuck s -u -p 0.0.0.0 5353
	fine 10.2.0.2:5353/udp "netns:${PRE}s" --client "netns:${PRE}c"
	kill -STOP "$PID_stuck"
	reach 4 10.2.0.2:5353/udp "netns:${PRE}s" --client "netns:${PRE}c"
	jq_is '.why.verdict == "degraded"'
	blames reuseport-member-stuck
	evidence '.listener_pid == $g and .stuck_pid == $s' --argjson g "$PID_good" --argjson s "$PID_stuck"
	kill -CONT "$PID_stuck"
	server full s -n -b 0 0.0.0.0 8080
	sysctl_in s net/ipv4/tcp_abort_on_overflow 1
	at c "$HELPERS/serve" -q -t 100 10.2.0.2 8080 || true
	asks accept-queue-full ETIMEDOUT -t 300 10.2.0.2 8080
}

@test "a client whom nobody named may be near: a router's way back is no evidence, the server's own is" {
	three
	server web s 0.0.0.0 8080
	fine 10.2.0.2:8080 "netns:${PRE}s"
	# Joined with its neighbour alone: that nobody has the address which an unnamed client was given is no fact about any.
	ipn s route del default
	fine 10.2.0.2:8080 "netns:${PRE}s"
	ipn s rule add from 10.2.0.2 unreachable
	reach 4 10.2.0.2:8080 "netns:${PRE}s"
	blames no-return-route
}

@test "a namespace that may not be read: nothing of its routes is said" {
	need_cmd setpriv
	three
	server web s 0.0.0.0 8080
	run -3 --separate-stderr setpriv --reuid=65534 --regid=65534 --clear-groups "$NSNET" why -J --reach 10.2.0.2:8080 --client "netns:${PRE}c"
	jq_is '.why.verdict == "unknown" and .why.causes == []'
	jq_is '.why.unchecked[0].what == "the inside of a network namespace"'
	ipn c route del default
	reach 4 10.2.0.2:8080 --client "netns:${PRE}c"
	blames client-route-prohibit
	evidence 'has("client_addr") | not'
}

@test "all answers follow the schema" {
	all_valid nsnet-why
}
