# SPDX-License-Identifier: GPL-2.0-or-later
# nsnet topo: namespaces joined by veths and a bridge are shown as they were joined.
load ../lib

setup()
{
	need_ns
	need_cmd ip jq
}

# joined: a router with a bridge and two ports, whose other ends are in web and db; db leads on to deep. ROUTER, WEB, DB, DEEP: pids.
joined()
{
	in_ns --net; ROUTER=$NS_PID
	in_ns --net; WEB=$NS_PID
	in_ns --net; DB=$NS_PID
	in_ns --net; DEEP=$NS_PID
	at "$ROUTER" ip link add br0 type bridge || skip "no bridges in this kernel"
	at "$ROUTER" ip address add 10.1.0.1/24 dev br0
	at "$ROUTER" ip link set br0 up
	pair "$ROUTER" vweb "$WEB" eth0
	pair "$ROUTER" vdb "$DB" eth0
	at "$ROUTER" ip link set vweb master br0
	at "$ROUTER" ip link set vdb master br0
	at "$WEB" ip address add 10.1.0.2/24 dev eth0
	at "$WEB" ip route add default via 10.1.0.1
	at "$DB" ip address add 10.1.0.3/24 dev eth0
	pair "$DB" todeep "$DEEP" eth1
}

at() # PID COMMAND...: in its network namespace
{
	nsenter -t "$1" -n "${@:2}"
}

pair() # PID NAME PID NAME: a veth, both ends up
{
	at "$1" ip link add "$2" type veth peer name "$4" netns "/proc/$3/ns/net" || skip "no veths in this kernel"
	at "$1" ip link set "$2" up
	at "$3" ip link set "$4" up
}

topo() # TARGET...: text in $output and ${lines[@]}
{
	output=$("$NSNET" topo "$@" 2>/dev/null) || return
	mapfile -t lines <<<"$output"
}

has_line() # PATTERN
{
	printf '%s\n' "${lines[@]}" | grep -Eq -- "$1" || { printf 'no line like: %s\n%s\n' "$1" "$output" >&2; return 1; }
}

@test "three namespaces and a bridge: names, addresses and namespaces at both ends" {
	joined
	topo "$ROUTER"
	[[ ${lines[0]} == "$(ns_of net "$ROUTER")" ]]
	has_line '^├─ br0 +bridge  10\.1\.0\.1/24$'
	has_line "^│  ├─ vweb ── eth0 +10\.1\.0\.2/24  $(ns_of net "$WEB")\$"
	has_line "^│  └─ vdb ── eth0 +10\.1\.0\.3/24  $(ns_of net "$DB")\$"
	topo "$WEB"
	has_line "^├─ eth0 ── vweb +10\.1\.0\.2/24  default via 10\.1\.0\.1  $(ns_of net "$ROUTER")  in br0\$"
	topo "$DB"
	has_line "^├─ todeep ── eth1 +$(ns_of net "$DEEP")\$"
}

@test "ends with the same number are no reason to take them for one" {
	in_ns --net; WEB=$NS_PID
	in_ns --net; DB=$NS_PID
	pair "$WEB" west "$DB" east
	[[ $(at "$WEB" ip -o link show west | cut -d: -f1) == $(at "$DB" ip -o link show east | cut -d: -f1) ]]
	topo "$WEB"
	has_line "^├─ west ── east +$(ns_of net "$DB")\$"
}

@test "JSON: the graph, as ip has its ends; and from a snapshot the same" {
	joined
	json nsnet-topo "$NSNET" topo -J "$DB"
	jq_is '[.namespaces[] | select(.asked) | .ns] == [$db]' --argjson db "$(ns_of net "$DB")"
	jq_is '[.namespaces[].ns] | sort == ([$db, $router, $deep] | sort)' --argjson db "$(ns_of net "$DB")" --argjson router "$(ns_of net "$ROUTER")" \
		--argjson deep "$(ns_of net "$DEEP")"
	jq_is '.links[] | select(.ns == $db and .ifname == "eth0") | .peer == "vdb" and .peer_ns == $router and .addresses[0] == "10.1.0.3/24"' \
		--argjson db "$(ns_of net "$DB")" --argjson router "$(ns_of net "$ROUTER")"
	jq_is '.links[] | select(.ifname == "vdb" and .ns == $router) | .master == "br0" and .kind == "veth"' --argjson router "$(ns_of net "$ROUTER")"
	topo "$DB"
	live=$output
	"$NSNET" --save "$BATS_TEST_TMPDIR/snapshot" >/dev/null 2>&1
	topo --from "$BATS_TEST_TMPDIR/snapshot" "$DB"
	[[ $output == "$live" ]]
}

@test "a macvlan hangs on its lower device, and says so at home" {
	joined
	at "$DB" ip link add mv0 link todeep type macvlan mode bridge || skip "no macvlans in this kernel"
	at "$DB" ip link set mv0 netns "/proc/$WEB/ns/net"
	topo "$DB"
	has_line "^│  └─ mv0 +macvlan.* $(ns_of net "$WEB")\$"
	topo "$WEB"
	has_line "^├─ mv0 +macvlan .*on todeep of $(ns_of net "$DB")\$"
}

@test "ports are told once, and addresses of a veth's other end here on its own line" {
	need_cmd nft
	joined
	at "$ROUTER" nft -f - <<-END || skip "no nf_tables in this kernel"
		table ip t {
			chain p {
				type nat hook prerouting priority dstnat
				tcp dport 8080 dnat to 10.1.0.2:80
			}
		}
	END
	pair "$ROUTER" vweb2 "$WEB" eth1
	at "$ROUTER" ip link add one type veth peer name two
	at "$ROUTER" ip address add 10.4.0.1/24 dev one
	topo "$ROUTER"
	[[ $(grep -c ':8080 -> :80' <<<"$output") == 1 ]]
	[[ $(grep -c '10\.4\.0\.1/24' <<<"$output") == 1 ]]
	has_line '^├─ one ── two .*10\.4\.0\.1/24'
}

@test "a translated port is told with its rule, its address, and who listens there" {
	need_cmd nft python3
	joined
	at "$ROUTER" nft -f - <<-END || skip "no nf_tables in this kernel"
		table ip t {
			chain p {
				type nat hook prerouting priority dstnat
				tcp dport 8080 dnat to 10.1.0.2:80
				udp dport 53 dnat to 10.1.0.3
			}
		}
	END
	spawn_open "$BATS_TEST_TMPDIR/port" nsenter -t "$WEB" -n python3 -uc '
import socket, time
s = socket.socket(); s.bind(("0.0.0.0", 80)); s.listen(); print("up"); time.sleep(1000)'
	topo "$ROUTER"
	has_line "vweb ── eth0 .*  :8080 -> :80 python3 $SPAWNED\$"
	has_line 'vdb ── eth0 .*  :53/udp -> :53 \(nobody listens\)$'
	json nsnet-topo "$NSNET" topo -J "$ROUTER"
	jq_is '[.published[] | [.host_port, .proto, .addr, .port, .listens, .by[0]]] | sort == [[53, "udp", "10.1.0.3", 53, false, "rule"],
		[8080, "tcp", "10.1.0.2", 80, true, "rule"]]'
	jq_is '.published[] | select(.port == 80) | .rule == "t p 2" and .listener_pid == $pid and .to_ns == $ns' --argjson pid "$SPAWNED" \
		--argjson ns "$(ns_of net "$WEB")"
}

@test "DOT and SVG: hostile names stay names" {
	in_ns --net; WEB=$NS_PID
	in_ns --net; DB=$NS_PID
	pair "$WEB" '"];x[&#8238;' "$DB" $'\\N\033[1m'
	run -0 --separate-stderr "$NSNET" topo --dot "$WEB"
	grep -qF 'label="\"];x[&amp;#8238;"' <<<"$output"
	grep -qF 'label="\\N\\x1b[1m"' <<<"$output"
	[[ $output != *$'\033'* ]]
	need_cmd dot
	run -0 --separate-stderr "$NSNET" topo --svg "$WEB"
	[[ $output == *"<svg"*"</svg>"* ]]
	/usr/bin/python3 - "$output" <<-'END'
		import sys, xml.etree.ElementTree as tree
		words = [t.text for t in tree.fromstring(sys.argv[1].split("?>", 1)[1].split("<!DOCTYPE", 1)[-1].split(">", 1)[-1]).iter() if t.tag.endswith("text")]
		assert '"];x[&#8238;' in words, words
		assert "\\N\\x1b[1m" in words, words
	END
}

@test "what graphviz would have drawn" {
	run -1 --separate-stderr env PATH=/nowhere "$NSNET" topo --svg
	[[ ${stderr_lines[-1]} == "nsnet: a picture takes graphviz, and there is no dot in PATH"* ]]
	[[ -z $output ]]
	run -2 "$NSNET" topo --svg --json
	run -1 "$NSNET" topo no-such-target
	run -1 bash -c '"$NSNET" topo --dot >/dev/full'
}
