# SPDX-License-Identifier: GPL-2.0-or-later
# Rulesets: what is read is what nft shows, and what the evaluator says of packets is what the kernel does with them.
load ../lib

setup()
{
	need_ns
	need_cmd nft jq
	unshare --net nft add table ip t 2>/dev/null || skip "no nf_tables in this kernel"
}

# ruleset: from standard input, into a namespace of its own, $NS_PID and $NS
ruleset()
{
	in_ns --net
	NS=$(ns_of net "$NS_PID")
	nsenter -t "$NS_PID" -n nft -f -
}

saved() # of that namespace, in $BATS_TEST_TMPDIR/snapshot
{
	"$NSNET" --save "$BATS_TEST_TMPDIR/snapshot" "net:[$NS]" >/dev/null 2>&1
}

@test "what is read is what nft lists: tables, chains, rules with their handles" {
	ruleset <<-'END'
		table inet f {
			set s { type ipv4_addr . inet_service; flags interval; elements = { 10.0.0.0/8 . 80-90 }; }
			chain in {
				type filter hook input priority -5; policy drop
				ip saddr . tcp dport @s accept comment "words \x1b"
				iifname "lo" tcp dport { 22, 80 } counter accept
				tcp dport vmap { 1 : drop, 2 : jump out }
			}
			chain out { reject with tcp reset; }
		}
		table netdev d { }
	END
	saved
	validate snapshot <"$BATS_TEST_TMPDIR/snapshot"
	output=$(jq --argjson ns "$NS" '[.fw_rules[] | select(.ns == $ns) | [.family, .table, .chain, .handle]] | sort' -c "$BATS_TEST_TMPDIR/snapshot")
	theirs=$(nsenter -t "$NS_PID" -n nft -aj list ruleset | jq -c '[.nftables[].rule // empty | [.family, .table, .chain, .handle]] | sort')
	[[ $output == "$theirs" ]]
	output=$(jq --argjson ns "$NS" '[.fw_chains[] | select(.ns == $ns) | [.table, .name, if .hook == "none" then null else .hook end]] | sort' -c \
		"$BATS_TEST_TMPDIR/snapshot")
	theirs=$(nsenter -t "$NS_PID" -n nft -aj list ruleset | jq -c '[.nftables[].chain // empty | [.table, .name, .hook]] | sort')
	[[ $output == "$theirs" ]]
	output=$("$HELPERS/weigh" "$BATS_TEST_TMPDIR/snapshot" "$NS" rules)
	grep -qx 'f/in/[0-9]* meta nfproto ipv4 ip saddr . tcp dport @s accept comment "words \\x1b"' <<<"$output" ||
		grep -qx 'f/in/[0-9]* ip saddr . tcp dport @s accept comment "words \\x1b"' <<<"$output"
	grep -qx 'f/in/[0-9]* iifname "lo" tcp dport { 22, 80 } accept' <<<"$output" || grep -qx 'f/in/[0-9]* iifname "lo" tcp dport { 80, 22 } accept' <<<"$output"
	grep -qx 'f/out/[0-9]* meta l4proto tcp reject with tcp reset' <<<"$output"
}

@test "without CAP_NET_ADMIN a ruleset is a gap, and no ruleset is no gap" {
	need_cmd setpriv
	in_ns --net
	NS=$(ns_of net "$NS_PID")
	saved
	jq -e --argjson ns "$NS" '.namespaces[] | select(.type == "net" and .ns == $ns) | .firewall == 0' "$BATS_TEST_TMPDIR/snapshot"
	nsenter -t "$NS_PID" -n setpriv --bounding-set=-net_admin --inh-caps=-net_admin "$NSNET" --save "$BATS_TEST_TMPDIR/less" "net:[$NS]" >/dev/null 2>&1
	jq -e --argjson ns "$NS" '(.namespaces[] | select(.type == "net" and .ns == $ns) | .firewall == null and .denied.firewall == "EPERM") and
		any(.nskit.gaps[]; .what == "network namespaces'"'"' rulesets" and .hint == "CAP_NET_ADMIN")' "$BATS_TEST_TMPDIR/less"
}

@test "what cannot be told is unchecked, and what does not depend on it is told all the same" {
	ruleset <<-'END'
		table inet f {
			chain in {
				type filter hook input priority 0
				tcp dport 1 numgen random mod 2 0 drop
				tcp dport 2 numgen random mod 2 0 accept
				tcp dport 3 ip saddr 10.0.0.0/8 drop
				tcp dport 4 limit rate 5/second accept
				tcp dport 4 drop
			}
		}
	END
	saved
	mapfile -t lines < <(printf 'hook=input proto=tcp daddr=10.0.0.1 dport=%s\n' 1 2 3 4 5 | "$HELPERS/weigh" "$BATS_TEST_TMPDIR/snapshot" "$NS")
	[[ ${lines[0]} == "unknown by=f/in/"*" unchecked=numgen@f/in/"* ]]
	[[ ${lines[1]} == "accept "* && ${lines[1]} != *unchecked* ]]
	[[ ${lines[2]} == "unknown by=f/in/"*" unchecked=source address@f/in/"* ]]
	[[ ${lines[3]} == "accept by=f/in/"*" assumed=limit@f/in/"* ]]
	[[ ${lines[4]} == "accept by=policy "* ]]
}

@test "random rulesets of nft and iptables: the evaluator says what the kernel does" {
	need_cmd python3 iptables-nft-restore
	run unshare --net python3 "$ROOT/tests/cli/rulesets.py" "$NSNET" "$HELPERS/weigh" 24
	echo "$output"
	[[ $status == 0 ]]
}
