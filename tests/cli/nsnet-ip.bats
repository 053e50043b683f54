# SPDX-License-Identifier: GPL-2.0-or-later
# nsnet link, addr, route, rule, neigh beside ip, in the same namespace: JSON field by field, text line by line; and what ip cannot tell.
load ../lib

# Three namespaces: a and b joined by a veth, b and c by a bridge in b. Kinds of devices that this kernel lacks are left out.
setup_file()
{
	need_ns
	local n
	for n in a b c; do
		ip netns add "nskit-$n"
		echo "ip netns del nskit-$n" >>"$(cleanup_list)"
		ip -n "nskit-$n" link set lo up
	done
	ip link add nskva netns nskit-a type veth peer name nskvb netns nskit-b
	ip -n nskit-a addr add 10.9.0.1/24 dev nskva
	ip -n nskit-b addr add 10.9.0.2/24 dev nskvb
	ip -n nskit-b link add nskbr type bridge
	ip link add nskp netns nskit-b type veth peer name eth0 netns nskit-c
	ip -n nskit-b link set nskp master nskbr
	ip -n nskit-c addr add 10.7.0.2/24 dev eth0
	for n in "a nskva" "b nskvb" "b nskbr" "b nskp" "c eth0"; do
		# shellcheck disable=SC2086
		set -- $n
		ip -n "nskit-$1" link set "$2" up
	done
	eventually carrier a nskva
	eventually carrier b nskbr
	eventually carrier c eth0
	ip -n nskit-a link property add dev nskva altname nskit-longer-name
	ip -n nskit-a addr add fd09::1/64 dev nskva nodad
	ip -n nskit-a addr add 10.9.0.11/24 dev nskva
	ip -n nskit-a addr add 10.8.0.1 peer 10.8.0.2/32 dev nskva label nskva:x
	ip -n nskit-a link add nskmv link nskva type macvlan mode bridge
	ip -n nskit-a link add nskvx type vxlan id 42 remote 10.9.0.2 dstport 4789 dev nskva
	ip -n nskit-a tuntap add nsktap mode tap
	for n in "vlan id 7" ipvlan "macvtap mode vepa"; do
		# shellcheck disable=SC2086
		ip -n nskit-a link add nsk"${n%% *}" link nskva type $n || true
	done 2>/dev/null || true
	ip -n nskit-a route add default via 10.9.0.2 metric 100
	ip -n nskit-a route add 10.11.0.0/16 nexthop via 10.9.0.2 weight 2 nexthop dev nskva weight 1
	ip -n nskit-a route add blackhole 10.12.0.0/16
	ip -n nskit-a route add unreachable 10.13.0.0/16 metric 7
	ip -n nskit-a route add 10.14.0.0/16 via 10.9.0.2 src 10.9.0.11 table 777 proto static
	ip -n nskit-a nexthop add id 5 via 10.9.0.2 dev nskva
	ip -n nskit-a nexthop add id 7 group 5
	ip -n nskit-a route add 10.15.0.0/16 nhid 5
	ip -n nskit-a route add 10.16.0.0/16 nhid 7
	ip -n nskit-a route add 10.17.0.0/16 dev nskva scope link mtu 1400 advmss 1200
	ip -n nskit-a route add 10.18.0.0/16 via inet6 fd09::2 dev nskva
	ip -n nskit-a -6 route add default via fd09::2 dev nskva pref high
	ip -n nskit-a route add 10.19.0.0/16 via 10.9.0.2 mtu 1400 rtt 100 rttvar 2000 features ecn congctl reno fastopen_no_cookie 1 quickack 1
	ip -n nskit-a -6 route add fd19::/64 nexthop via fd09::2 weight 2 nexthop via fd09::3
	ip -n nskit-a rule add from 10.9.0.0/24 table 777 pref 100
	ip -n nskit-a rule add fwmark 0x10/0xff table 50
	ip -n nskit-a rule add iif nskva oif lo ipproto tcp sport 1000-2000 dport 80 uidrange 0-100 table 51
	ip -n nskit-a rule add not to 10.2.0.0/16 blackhole pref 20
	ip -n nskit-a rule add pref 30 goto 100
	ip -n nskit-a rule add tos 0x10 table 52
	ip -n nskit-a rule add table main suppress_prefixlength 0 pref 40
	ip -n nskit-a -6 rule add from fd09::/64 table 60
	ip -n nskit-a tuntap add nsktun mode tun user daemon group games
	ip -n nskit-a link add nskdown type veth peer name nskdown2
	ip -n nskit-a link add nsksrc link nskva type macvlan mode source macaddr set 02:00:00:00:00:01
	ip -n nskit-a rule add from 10.3.0.1 realms 3/4 table 53
	ip -n nskit-a rule add tun_id 77 table 54
	ip -n nskit-a rule add to 10.3.0.2 nop
	ip -n nskit-a rule add iif nskgone table 55
	ip -n nskit-a rule add oif nskgone table 56
	ip -n nskit-a rule add pref 31 goto 99999
	ip -n nskit-a rule add suppress_ifgroup 5 table main
	ip -n nskit-a neigh add 10.9.0.79 lladdr 02:00:00:00:00:79 dev nskva nud permanent protocol static
	ip -n nskit-a neigh add 10.9.0.80 dev nskva managed
	ip -n nskit-a neigh add 10.9.0.77 lladdr 02:00:00:00:00:77 dev nskva nud permanent
	ip -n nskit-a neigh add 10.9.0.78 lladdr 02:00:00:00:00:78 dev nskva nud permanent
	ip -n nskit-a -6 neigh add fd09::77 lladdr 02:00:00:00:00:77 dev nskva nud permanent router
}

carrier() { [[ $(ip -n "nskit-$1" -j link show "$2") == *'"operstate":"UP"'* ]]; }

setup() { need_ns; }

# at_once COMMAND...: a neighbour that is asked for again and again may have changed between our answer and ip's
at_once() { "$@" || "$@" || "$@"; }

# like_ip NETNS PART "OUR ARGUMENTS" "IP'S ARGUMENTS": field by field
like_ip() { at_once compare_fields "$@"; }

compare_fields()
{
	# shellcheck disable=SC2086
	"$NSNET" $3 -J "netns:$1" 2>/dev/null >"$BATS_TEST_TMPDIR/ours"
	# shellcheck disable=SC2086
	ip netns exec "$1" ip -j $4 >"$BATS_TEST_TMPDIR/theirs"
	validate nsnet "$BATS_TEST_TMPDIR/ours" || return
	/usr/bin/python3 "$ROOT/tests/cli/likeip.py" "$2" "$BATS_TEST_TMPDIR/ours" "$BATS_TEST_TMPDIR/theirs"
}

@test "links" { for n in a b c; do like_ip "nskit-$n" links link link; done; }
@test "links, all of them" { for n in a b c; do like_ip "nskit-$n" links "link -d -s" "-d -s link"; done; }
@test "addresses, all of them" { for n in a b c; do like_ip "nskit-$n" links "addr -d" "-d addr"; done; }
@test "addresses" { for n in a b c; do like_ip "nskit-$n" links addr addr; done; }
@test "routes of all tables, IPv4" { for n in a b c; do like_ip "nskit-$n" routes "route -4" "-4 route show table all"; done; }
@test "routes of all tables, IPv6" { for n in a b c; do like_ip "nskit-$n" routes "route -6" "-6 route show table all"; done; }
@test "a single table" { like_ip nskit-a routes "route -4 --table main" "-4 route"; }
@test "rules" { like_ip nskit-a rules "rule -4" rule && like_ip nskit-a rules "rule -6" "-6 rule"; }
@test "neighbours" { like_ip nskit-a neighbours neigh neigh; }

# shellcheck disable=SC2086
compare_lines() { diff <("$NSNET" $1 netns:nskit-a 2>/dev/null) <(ip -n nskit-a $2); }

@test "the lines that ip prints" {
	for view in "route -4 -a|-4 route show table all" "route -6 -a|-6 route show table all" "rule -4|rule" "rule -6|-6 rule" "neigh|neigh"; do
		at_once compare_lines "${view%|*}" "${view#*|}"
	done
	# Ours has a line for each device that leads elsewhere; where that is ip knows by number only, or by name.
	for view in link addr; do
		diff <("$NSNET" "$view" netns:nskit-a 2>/dev/null | grep -v '^    peer ' | sed 's/ link-netns.*//') \
			<(ip -n nskit-a "$view" | sed 's/ link-netns.*//')
	done
}

@test "a route that ends, and one that wraps its packets" {
	in_ns --net
	nsenter -t "$NS_PID" -n sh -c 'ip link add v0 type veth peer name v1 && ip link set v0 up && ip link set v1 up && ip -6 route add fd20::/64 dev v0 expires 600'
	run -0 --separate-stderr "$NSNET" route -6 "$NS_PID"
	[[ $output =~ "fd20::/64 dev v0 metric 1024 expires "(59[0-9]|600)"sec pref medium" ]]
	json nsnet "$NSNET" route -6 -J "$NS_PID"
	jq_is '.netns[].routes[] | select(.dst == "fd20::/64") | .expires > 500 and .expires <= 600'
	nsenter -t "$NS_PID" -n ip -6 route add fd21::/64 encap seg6 mode encap segs fd09::2 dev v0 || skip "no seg6 in this kernel"
	run -0 --separate-stderr "$NSNET" route -6 "$NS_PID"
	[[ $output == *"fd21::/64  encap seg6 dev v0 "* ]]
}

@test "where a device leads to: by name, namespace, both ways" {
	a=$(stat -c %i /run/netns/nskit-a) b=$(stat -c %i /run/netns/nskit-b) c=$(stat -c %i /run/netns/nskit-c)
	json nsnet "$NSNET" link -J netns:nskit-a netns:nskit-b netns:nskit-c
	diff <(jq -r '.netns[] | .ns as $ns | .links[] | select(.link_netnsid != null) | "\($ns) \(.ifname) \(.peer.ns) \(.peer.ifname)"' <<<"$output" | sort) - <<-EOF
		$(printf '%s\n' "$a nskva $b nskvb" "$b nskvb $a nskva" "$b nskp $c eth0" "$c eth0 $b nskp" | sort)
	EOF
	run -0 --separate-stderr "$NSNET" link netns:nskit-c
	[[ "$output" == *"    peer nskp in nskit-b (net:[$b])"* ]]
	[[ $(jq -r '.netns[].links[] | select(.ifname == "nskp") | .master' <<<"$("$NSNET" link -J netns:nskit-b 2>/dev/null)") == nskbr ]]
}

@test "several namespaces: each has a heading" {
	run -0 --separate-stderr "$NSNET" route netns:nskit-a netns:nskit-c
	[[ $(grep -cE '^nskit-[ac] [0-9]+$' <<<"$output") == 2 ]]
	run -0 --separate-stderr "$NSNET" route --no-header netns:nskit-a netns:nskit-c
	[[ $(grep -cE '^nskit-[ac] [0-9]+$' <<<"$output") == 0 ]]
	run -0 --separate-stderr "$NSNET" addr
	[[ "$output" == *"host $(ns_of net 1)"* && "$output" == *"nskit-b "* ]]
}
