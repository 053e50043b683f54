# SPDX-License-Identifier: GPL-2.0-or-later
# Published ports, read from rulesets as their makers write them, loaded by iptables-nft and nft: what each leads to, in nsnet topo
# (text, JSON, DOT), nstop's list of containers is tested with an engine, and nsnet why PORT.
load ../lib

setup()
{
	need_ns
	need_cmd ip jq nft iptables-nft
	in_ns --net; ROUTER=$NS_PID
	in_ns --net; WEB=$NS_PID
	in_ns --net; DB=$NS_PID
	joined vweb 10.244.0 "$WEB"
	joined vdb 10.244.1 "$DB"
}

at() # PID COMMAND...: in its network namespace
{
	nsenter -t "$1" -n "${@:2}"
}

joined() # NAME NET PID: a veth from the router's NET.1 and fd00:NET::1 to the other's NET.2
{
	at "$ROUTER" ip link add "$1" type veth peer name eth0 netns "/proc/$3/ns/net" || skip "no veths in this kernel"
	at "$ROUTER" ip address add "$2.1/24" dev "$1"
	at "$3" ip address add "$2.2/24" dev eth0
	at "$3" ip address add "fd00:${2##*.}::2/64" dev eth0 nodad
	at "$ROUTER" ip link set "$1" up
	at "$3" ip link set eth0 up
}

ipt() # ARGUMENTS...: into the router's nat table
{
	at "$ROUTER" iptables-nft -t nat "$@" || skip "iptables-nft cannot load this here: $*"
}

rules() # standard input: into the router
{
	at "$ROUTER" nft -f - || skip "nft cannot load this here"
}

listens() # PID PORT: a server
{
	spawn_open "$BATS_TEST_TMPDIR/up.$1.$2" nsenter -t "$1" -n python3 -uc "
import socket, time
s = socket.socket(); s.bind(('0.0.0.0', $2)); s.listen(); print('up'); time.sleep(1000)"
}

topology() # TARGET: JSON in $output
{
	json nsnet-topo "$NSNET" topo -J "$1"
}

# leads LINE...: are these the published ports, in that order? "tcp host:ports address:ports conditions rule"
leads()
{
	local told
	told=$(jq -r '.published[] | "\(.proto) \(.host_ip // "*"):\(.host_port)-\(.host_last) \(.addr // "self"):\(.port)-\(.last) \(.conditions | join(",")) \(.rule)"' \
		<<<"$output" | sed -E 's/([0-9]+)-\1\b/\1/g; s/  / - /')
	diff <(printf '%s\n' "$@") <(printf '%s\n' "$told") >&2
}

handle() # CHAIN NTH [TABLE]: of its rule
{
	at "$ROUTER" nft -a list chain ip "${3-nat}" "$1" | grep '# handle' | sed -n "$(($2 + 1))s/.*# handle //p"
}

places() # PORT: nsnet why's answer, in $output
{
	run -4 --separate-stderr "$NSNET" why "$@"
}

@test "as netavark writes them: conditions stand in the rule that jumps" {
	need_cmd python3
	ipt -N NETAVARK-HOSTPORT-DNAT
	ipt -N NETAVARK-HOSTPORT-SETMARK
	ipt -N NETAVARK-DN-1D8721804F16F
	ipt -A PREROUTING -m addrtype --dst-type LOCAL -j NETAVARK-HOSTPORT-DNAT
	ipt -A OUTPUT -m addrtype --dst-type LOCAL -j NETAVARK-HOSTPORT-DNAT
	ipt -A NETAVARK-HOSTPORT-SETMARK -j MARK --or-mark 0x2000
	ipt -A NETAVARK-HOSTPORT-DNAT -p tcp -m tcp --dport 8080 -m comment --comment "dnat name: podman id: 1" -j NETAVARK-DN-1D8721804F16F
	ipt -A NETAVARK-HOSTPORT-DNAT -p tcp -d 10.244.0.1 -m tcp --dport 9000:9010 -j NETAVARK-DN-1D8721804F16F
	ipt -A NETAVARK-DN-1D8721804F16F -s 10.244.0.0/24 -p tcp -m tcp --dport 8080 -j NETAVARK-HOSTPORT-SETMARK
	ipt -A NETAVARK-DN-1D8721804F16F -p tcp -m tcp --dport 8080 -j DNAT --to-destination 10.244.0.2:80
	ipt -A NETAVARK-DN-1D8721804F16F -p tcp -j DNAT --to-destination 10.244.0.2:7000-7010/9000
	listens "$WEB" 80
	topology "$ROUTER"
	leads "tcp *:8080 10.244.0.2:80 - nat NETAVARK-DN-1D8721804F16F $(handle NETAVARK-DN-1D8721804F16F 2)" \
		"tcp 10.244.0.1:9000-9010 10.244.0.2:7000-7010 - nat NETAVARK-DN-1D8721804F16F $(handle NETAVARK-DN-1D8721804F16F 3)"
	jq_is '.undecoded == [] and (.published[0] | .to_ns == $ns and .listener_pid == $pid)' --argjson ns "$(ns_of net "$WEB")" --argjson pid "$SPAWNED"
	output=$("$NSNET" topo "$ROUTER" 2>/dev/null)
	grep -q "vweb ── eth0 .*  :8080 -> :80 python3 $SPAWNED, 10\.244\.0\.1:9000-9010 -> :7000-7010 (nobody listens)\$" <<<"$output"
	output=$("$NSNET" topo "$WEB" 2>/dev/null)
	grep -q "^$(ns_of net "$WEB") .*  :8080 -> :80 python3 $SPAWNED, " <<<"$output"
	"$NSNET" topo --dot "$ROUTER" 2>/dev/null | grep -qF "label=\":8080 -> :80 python3 $SPAWNED\""
	places 8080
	[[ $output == *"published net $(ns_of net "$ROUTER"): nat NETAVARK-DN-1D8721804F16F "*" leads on to 10.244.0.2:80"* ]]
	output=$("$NSNET" why -J 9005 2>/dev/null || true)
	validate nsnet-why <<<"$output"
	jq_is '[.why.places[] | [.ns, .role, .leads_to.port, .leads_to.last]] == [[$ns, "published", 7000, 7010]]' --argjson ns "$(ns_of net "$ROUTER")"
}

@test "as kube-proxy writes them for iptables: services, node ports, by chance" {
	local c
	for c in KUBE-SERVICES KUBE-NODEPORTS KUBE-SVC-A KUBE-EXT-A KUBE-SEP-1 KUBE-SEP-2 KUBE-MARK-MASQ; do
		ipt -N $c
	done
	ipt -A PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
	ipt -A OUTPUT -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
	ipt -A KUBE-MARK-MASQ -j MARK --or-mark 0x4000
	ipt -A KUBE-SERVICES -d 10.96.0.10/32 -p tcp -m comment --comment "default/web cluster IP" -m tcp --dport 80 -j KUBE-SVC-A
	ipt -A KUBE-SERVICES -m comment --comment "must be the last" -m addrtype --dst-type LOCAL -j KUBE-NODEPORTS
	ipt -A KUBE-NODEPORTS -p tcp -m comment --comment default/web -m tcp --dport 30080 -j KUBE-EXT-A
	ipt -A KUBE-EXT-A -m comment --comment "masquerade traffic for default/web" -j KUBE-MARK-MASQ
	ipt -A KUBE-EXT-A -j KUBE-SVC-A
	ipt -A KUBE-SVC-A ! -s 10.244.0.0/16 -d 10.96.0.10/32 -p tcp -m tcp --dport 80 -j KUBE-MARK-MASQ
	ipt -A KUBE-SVC-A -m comment --comment "default/web -> 10.244.0.2:8080" -m statistic --mode random --probability 0.5 -j KUBE-SEP-1
	ipt -A KUBE-SVC-A -m comment --comment "default/web -> 10.244.1.2:8080" -j KUBE-SEP-2
	ipt -A KUBE-SEP-1 -s 10.244.0.2/32 -j KUBE-MARK-MASQ
	ipt -A KUBE-SEP-1 -p tcp -m comment --comment default/web -m tcp -j DNAT --to-destination 10.244.0.2:8080
	ipt -A KUBE-SEP-2 -s 10.244.1.2/32 -j KUBE-MARK-MASQ
	ipt -A KUBE-SEP-2 -p tcp -m comment --comment default/web -m tcp -j DNAT --to-destination 10.244.1.2:8080
	topology "$ROUTER"
	output=$(jq '.published |= sort_by(.host_port, .addr)' <<<"$output")
	leads "tcp 10.96.0.10:80 10.244.0.2:8080 chance nat KUBE-SEP-1 $(handle KUBE-SEP-1 2)" \
		"tcp 10.96.0.10:80 10.244.1.2:8080 chance nat KUBE-SEP-2 $(handle KUBE-SEP-2 2)" \
		"tcp *:30080 10.244.0.2:8080 chance nat KUBE-SEP-1 $(handle KUBE-SEP-1 2)" \
		"tcp *:30080 10.244.1.2:8080 chance nat KUBE-SEP-2 $(handle KUBE-SEP-2 2)"
	output=$("$NSNET" topo "$ROUTER" 2>/dev/null)
	grep -q 'vdb ── eth0 .*  10\.96\.0\.10:80 -> :8080 (by chance) (nobody listens), :30080 -> :8080 (by chance) (nobody listens)$' <<<"$output"
	places 30080
	[[ ${lines[0]} == "tcp 0.0.0.0:30080 is held in 0 of "*" published in 1, blocked in 0" ]]
	[[ $output == *" leads on to 10.244.0.2:8080"*" leads on to 10.244.1.2:8080"* ]]
}

@test "as kube-proxy writes them for nftables: verdict maps" {
	rules <<-'END'
		table ip kube-proxy {
			map service-ips { type ipv4_addr . inet_proto . inet_service : verdict; }
			map service-nodeports { type inet_proto . inet_service : verdict; }
			set nodeport-ips { type ipv4_addr; elements = { 192.168.0.1 } }
			chain mark-for-masquerade {
				meta mark set meta mark or 0x4000
			}
			chain endpoint-a {
				ip saddr 10.244.0.2 jump mark-for-masquerade
				meta l4proto tcp dnat to 10.244.0.2:8000
			}
			chain endpoint-b {
				ip saddr 10.244.1.2 jump mark-for-masquerade
				meta l4proto tcp dnat to 10.244.1.2:8000
			}
			chain service-x {
				ip daddr 172.30.0.41 tcp dport 80 ip saddr != 10.244.0.0/16 jump mark-for-masquerade
				numgen random mod 2 vmap { 0 : goto endpoint-a, 1 : goto endpoint-b }
			}
			chain external-x {
				jump mark-for-masquerade
				goto service-x
			}
			chain services {
				ip daddr . meta l4proto . th dport vmap @service-ips
				ip daddr @nodeport-ips meta l4proto . th dport vmap @service-nodeports
			}
			chain nat-prerouting {
				type nat hook prerouting priority dstnat
				jump services
			}
			chain nat-output {
				type nat hook output priority -100
				jump services
			}
		}
		add element ip kube-proxy service-ips { 172.30.0.41 . tcp . 80 : goto service-x }
		add element ip kube-proxy service-nodeports { tcp . 30080 : goto external-x }
	END
	topology "$ROUTER"
	output=$(jq '.published |= sort_by(.host_port, .addr)' <<<"$output")
	leads "tcp 172.30.0.41:80 10.244.0.2:8000 chance kube-proxy endpoint-a $(handle endpoint-a 2 kube-proxy)" \
		"tcp 172.30.0.41:80 10.244.1.2:8000 chance kube-proxy endpoint-b $(handle endpoint-b 2 kube-proxy)" \
		"tcp 192.168.0.1:30080 10.244.0.2:8000 chance kube-proxy endpoint-a $(handle endpoint-a 2 kube-proxy)" \
		"tcp 192.168.0.1:30080 10.244.1.2:8000 chance kube-proxy endpoint-b $(handle endpoint-b 2 kube-proxy)"
	jq_is '.undecoded == []'
}

@test "native rules: maps, sets, ranges, prefixes, redirections, both protocols" {
	rules <<-'END'
		table ip t {
			chain p {
				type nat hook prerouting priority dstnat
				dnat ip to tcp dport map { 80 : 10.244.0.2 . 8080, 81 : 10.244.1.2 . 81 }
				tcp dport 9000-9010 redirect to :99
				meta l4proto { tcp, udp } th dport 53 dnat to 10.244.0.2
				ip daddr 10.1.0.0/16 tcp dport { 1000, 2000-2010 } dnat to 10.244.1.2:1
				iifname "vweb" ip saddr 10.9.0.0/16 tcp dport 3000 dnat to 10.244.1.2
				ip daddr . tcp dport { 10.2.0.1 . 4000-4001 } dnat to 10.244.1.2
				tcp dport < 10 dnat to 10.244.0.2:9
				tcp dport 5000 ip daddr 10.3.0.1 jump more
			}
			chain more {
				tcp dport 5001 dnat to 10.244.0.2:1
				ip daddr 10.3.0.2 tcp dport 5000 dnat to 10.244.0.2:2
				udp dport 5000 dnat to 10.244.0.2:3
				tcp dport { 1-5000 } dnat to 10.244.0.2:4
			}
			chain nowhere {
				tcp dport 6000 dnat to 10.244.0.2:1
			}
		}
	END
	topology "$ROUTER"
	output=$(jq '.published |= sort_by(.host_port, .proto)' <<<"$output")
	leads "tcp *:0-9 10.244.0.2:9 - t p $(handle p 7 t)" \
		"tcp *:53 10.244.0.2:53 - t p $(handle p 3 t)" \
		"udp *:53 10.244.0.2:53 - t p $(handle p 3 t)" \
		"tcp *:80 10.244.0.2:8080 - t p $(handle p 1 t)" \
		"tcp *:81 10.244.1.2:81 - t p $(handle p 1 t)" \
		"tcp 10.1.0.0/16:1000 10.244.1.2:1 - t p $(handle p 4 t)" \
		"tcp 10.1.0.0/16:2000-2010 10.244.1.2:1 - t p $(handle p 4 t)" \
		"tcp *:3000 10.244.1.2:3000 source,device t p $(handle p 5 t)" \
		"tcp 10.2.0.1:4000-4001 10.244.1.2:4000-4001 - t p $(handle p 6 t)" \
		"tcp 10.3.0.1:5000 10.244.0.2:4 - t more $(handle more 4 t)" \
		"tcp *:9000-9010 self:99 - t p $(handle p 2 t)"
	jq_is '.undecoded == [] and (.published[] | select(.host_port == 9000) | .to_ns == $ns)' --argjson ns "$(ns_of net "$ROUTER")"
	output=$("$NSNET" topo "$ROUTER" 2>/dev/null)
	grep -q "^$(ns_of net "$ROUTER") .*  :9000-9010 -> :99 (nobody listens)\$" <<<"$output"
}

@test "IPv6, and one table for both families" {
	rules <<-'END'
		table inet t {
			chain p {
				type nat hook prerouting priority dstnat
				ip6 daddr fd00:9::/64 tcp dport 80 dnat ip6 to [fd00:0::2]:8080
				tcp dport 81 redirect to :82
				meta nfproto ipv4 tcp dport 83 dnat ip to 10.244.0.2
			}
		}
	END
	topology "$ROUTER"
	leads "tcp fd00:9::/64:80 fd00::2:8080 - t p 2" "tcp *:81 self:82 - t p 3" "tcp *:83 10.244.0.2:83 - t p 4"
	jq_is '.published[0].to_ns == $ns' --argjson ns "$(ns_of net "$WEB")"
	output=$("$NSNET" topo "$ROUTER" 2>/dev/null)
	grep -qF '[fd00:9::/64]:80 -> :8080' <<<"$output"
}

@test "of two rules for one port the first has it; what is for own processes alone is not published" {
	rules <<-'END'
		table ip t {
			chain p {
				type nat hook prerouting priority dstnat
				tcp dport 80 dnat to 10.244.0.2:1
				tcp dport 80 dnat to 10.244.1.2:2
				ip daddr 10.0.0.1 tcp dport 80 dnat to 10.244.1.2:3
			}
			chain o {
				type nat hook output priority -100
				tcp dport 90 redirect to :91
			}
		}
	END
	topology "$ROUTER"
	leads "tcp *:80 10.244.0.2:1 - t p $(handle p 1 t)"
}

@test "what leads nowhere that is known, and what cannot be told, are said" {
	rules <<-'END'
		table ip t {
			chain p {
				type nat hook prerouting priority dstnat
				tcp dport 80 dnat to 10.77.0.9:8080
				tcp dport 81 dnat to 10.244.0.2-10.244.0.9
			}
		}
	END
	topology "$ROUTER"
	leads "tcp *:80 10.77.0.9:8080 - t p 2"
	jq_is '.undecoded == [{"ns": $ns, "rule": "t p 3", "text": "tcp dport 81 dnat to 10.244.0.2-10.244.0.9"}] and .published[0].to_ns == null' \
		--argjson ns "$(ns_of net "$ROUTER")"
	output=$("$NSNET" topo "$ROUTER" 2>/dev/null)
	grep -qxF "published in net $(ns_of net "$ROUTER"): :80 -> 10.77.0.9:8080 (in no namespace that is known)" <<<"$output"
	grep -qxF "not told where it leads, in net $(ns_of net "$ROUTER"): t p 3: tcp dport 81 dnat to 10.244.0.2-10.244.0.9" <<<"$output"
	"$NSNET" topo --dot "$ROUTER" 2>/dev/null | grep -qF 'label=":80 -> 10.77.0.9:8080 (in no namespace that is known)"'
}

@test "a ruleset that forks at every jump takes no longer for it" {
	local i
	rules < <(
		printf 'table ip t {\n chain c12 {\n tcp dport 80 dnat to 10.244.0.2\n}\n'
		for ((i = 11; i; i--)); do
			printf 'chain c%d {\n tcp dport != %d jump c%d\n ip saddr 10.0.0.%d jump c%d\n iifname "x%d" jump c%d\n mark %d jump c%d\n}\n' \
				$i $i $((i + 1)) $i $((i + 1)) $i $((i + 1)) $i $((i + 1))
		done
		printf 'chain p {\n type nat hook prerouting priority dstnat\n jump c1\n}\n}\n')
	run -0 --separate-stderr timeout 10 "$NSNET" topo "$ROUTER"
	[[ $output == *":80 -> :80"* ]]
}
