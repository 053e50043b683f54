# SPDX-License-Identifier: GPL-2.0-or-later
# nsnet on real network namespaces: sockets beside ss, filters, whose they are, what is refused.
load ../lib

setup() { SOCKETS=$ROOT/tests/cli/sockets.py; }

# sockets_in NETNS WORD...: sockets.py in that named namespace; $SPAWNED is its pid
sockets_in()
{
	spawn_open "$BATS_TEST_TMPDIR/sockets.$1" ip netns exec "$1" /usr/bin/python3 "$SOCKETS" "${@:2}"
	[[ $SPAWNED_LINE == ready ]]
}

# like_ss NETNS ARGUMENT...: the same lines, byte for byte, whatever their order. What ss itself needs (netlink sockets) differs.
like_ss()
{
	diff <(ip netns exec "$1" ss -H "${@:2}" 2>/dev/null | grep -v '^nl ' | sort) \
		<("$NSNET" -H "${@:2}" "netns:$1" 2>/dev/null | grep -v '^nl ' | sort)
}

@test "the same lines as ss, byte for byte" {
	need_ns
	need_cmd ss
	netns_add nskit-ss
	ip -n nskit-ss link set lo up
	sockets_in nskit-ss listen:22 listen:8080 listen6:8081 udp:53 udp:4000 pair pair "unix:$BATS_TEST_TMPDIR/u" abstract:name packet
	lines=$(ip netns exec nskit-ss ss -H -tan | wc -l)
	((lines >= 7)) # else all below compares nothing
	for letters in -tln -tlnp -tl -tan -tanp -uan -ua -tuanp -xan -xl -xanp -0an -4tan -6tln -n -u -w -tlnO -tanm -M \
		"-f inet" "-A tcp" "-A inet,unix" "-tano" "-txl" "-tam -O"; do
		# shellcheck disable=SC2086
		like_ss nskit-ss $letters || { echo "ss $letters" >&2; return 1; }
	done
	# Paths of control groups are out of ss's reach where ip netns exec has mounted another /sys.
	for letters in -tane -tlne -uane -tle -tanpe -xane -0ane; do
		diff <(ip netns exec nskit-ss ss -H "$letters" 2>/dev/null | sed 's/ cgroup:[^ ]*//; s/ *$//' | sort) \
			<("$NSNET" -H "$letters" netns:nskit-ss 2>/dev/null | sed 's/ cgroup:[^ ]*//; s/ *$//' | sort)
	done
	# ss's own netlink sockets may be wider than all others.
	for letters in -a -an -l -ln; do
		diff <(ip netns exec nskit-ss ss -H "$letters" | grep -v ^nl | tr -s ' ' | sort) \
			<("$NSNET" -H "$letters" netns:nskit-ss 2>/dev/null | grep -v ^nl | tr -s ' ' | sort)
	done
}

# told ARGUMENT...: what ss says in nskit-told, and nsnet the same but for what changes while one looks
told()
{
	local drop='s/ cgroup:[^ ]*//; s/ last(snd|rcv|ack):[0-9]*//g; s/timer:\([^)]*\)//; s/ *$//'
	diff <(ip netns exec nskit-told ss -H "$@" 2>/dev/null | grep -v '^nl\|UNCONN .* 4:' | sed -E "$drop" | sort) \
		<("$NSNET" -H "$@" netns:nskit-told 2>/dev/null | grep -v '^nl\|UNCONN .* 4:' | sed -E "$drop" | sort)
}

@test "rings, groups, what waits, and the figures of connections, as ss tells them" {
	need_ns
	need_cmd ss
	netns_add nskit-told
	ip -n nskit-told link set lo up
	sockets_in nskit-told ring filter packet "pending:$BATS_TEST_TMPDIR/p" dgram:dg listen:80 traffic groups
	for letters in -0an -0ane -0anem -0aneO -0ae -tani -tanie -tai -taniO -taneim; do
		told "$letters" | tee "$BATS_TEST_TMPDIR/told"
		[[ ! -s $BATS_TEST_TMPDIR/told ]] || { echo "ss $letters" >&2; return 1; }
	done
	[[ $(ip netns exec nskit-told ss -H0ane | grep -c 'ring_rx\|fanout') == 2 ]]
	[[ $(ip netns exec nskit-told ss -Htani | grep -c bytes_sent:) -ge 1 ]]
	for letters in -xan -xane -xanem; do # in no order that would last
		diff <(told_sorted ss "$letters") <(told_sorted nsnet "$letters")
	done
	# Netlink sockets of this process alone: others come and go.
	[[ $(ip netns exec nskit-told ss -H -f netlink -ane | grep "0:$SPAWNED " | sed 's/ *$//' | sort -u) == \
		"$("$NSNET" -H -f netlink -ane netns:nskit-told 2>/dev/null | grep "0:$SPAWNED " | sed 's/ *$//' | sort -u)" ]]
	json nsnet "$NSNET" -J -a -i netns:nskit-told
	jq -e --arg p "$BATS_TEST_TMPDIR/p" '.netns[0].sockets | (map(select(.groups)) | first | .groups == [1, 5, 7]) and
		(map(select(.details.fanout.type == "lb" and .details.ring_rx.blk_nr == 4)) | length == 1) and
		(map(select(.details.filter == 1)) | length == 1) and
		(map(select(.path == $p)) | first | .pending | length == 2) and
		(map(select(.peer_path == "@dg")) | length == 1) and
		(map(select(.info.bytes_sent >= 30000 and .info.snd_wnd > 0 and .info.rcv_wnd != 0)) | length == 1)' <<<"$output"
	# A saved one tells as much.
	"$NSNET" --save "$BATS_TEST_TMPDIR/told.json" netns:nskit-told >/dev/null
	diff <("$NSNET" -H0ane netns:nskit-told) <("$NSNET" --from "$BATS_TEST_TMPDIR/told.json" -H0ane netns:nskit-told)
	diff <("$NSNET" -Htani netns:nskit-told | sed -E 's/ last...:[0-9]*//g') \
		<("$NSNET" --from "$BATS_TEST_TMPDIR/told.json" -Htani netns:nskit-told | sed -E 's/ last...:[0-9]*//g')
}

told_sorted()
{
	if [[ $1 == ss ]]; then
		ip netns exec nskit-told ss -H "$2"
	else
		"$NSNET" -H "$2" netns:nskit-told 2>/dev/null
	fi | sed 's/ *$//' | sort
}

@test "an mptcp connection has its own figures, not TCP's" {
	need_ns
	need_cmd ss
	[[ -e /proc/sys/net/mptcp/enabled ]] || skip "this kernel has no MPTCP"
	netns_add nskit-mptcp
	ip -n nskit-mptcp link set lo up
	sockets_in nskit-mptcp mptcp
	lines=$(ip netns exec nskit-mptcp ss -HMni state connected)
	[[ $lines == *token:* ]]
	for letters in -Mani -Mania -ManiO; do
		diff <(ip netns exec nskit-mptcp ss -H "$letters" | sed 's/ *$//' | sort) \
			<("$NSNET" -H "$letters" netns:nskit-mptcp 2>/dev/null | sed 's/ *$//' | sort)
	done
	# The connection of TCP below it says that it is one.
	diff <(ip netns exec nskit-mptcp ss -Htani | grep -o 'tcp-ulp.*' | sed 's/ *$//' | sort) \
		<("$NSNET" -Htani netns:nskit-mptcp 2>/dev/null | grep -o 'tcp-ulp.*' | sed 's/ *$//' | sort)
	[[ $("$NSNET" -Htani netns:nskit-mptcp 2>/dev/null | grep -c 'tcp-ulp-mptcp flags:') == 2 ]]
}

@test "a narrow terminal hides nobody who holds a socket" {
	need_ns
	need_cmd script
	netns_add nskit-narrow
	ip -n nskit-narrow link set lo up
	sockets_in nskit-narrow listen:8080 listen6:8443 udp:53 pair
	for cols in 120 80 60 40 30; do
		for letters in -tlnp -tanpe -anpeim "-o -uanp"; do
			run -0 script -qec "stty cols $cols; $NSNET $letters netns:nskit-narrow" /dev/null
			shown=${output//$'\r'/}
			# All of the piped output's words, but for columns that gave way.
			missing=$("$NSNET" $letters netns:nskit-narrow | grep -v '^nl' | grep -oE '(users|timer|ino|sk|skmem|cwnd):[^ ]*' | sort -u |
				while read -r word; do [[ ${shown//$'\n'        /} == *"$word"* ]] || echo "$word"; done | grep -v '^timer\|cwnd' || :)
			[[ -z $missing ]] || { echo "$cols $letters: $missing" "$shown" >&2; return 1; }
			grep -q "pid=$SPAWNED" <<<"$shown"
		done
	done
	run -0 script -qec "stty cols 40; $NSNET -tlnp netns:nskit-narrow 2>/dev/null" /dev/null
	[[ ${lines[0]%$'\r'} =~ ^CONTAINER\ +State\ +Local\ Address:Port\ *$ ]]
	while read -r line; do
		line=${line%$'\r'}
		((${#line} <= 43)) # all lines but those that nothing can break
	done <<<"$output"
	# Not a terminal: one line a socket, however long it is.
	[[ $(COLUMNS=30 "$NSNET" -tlnpH netns:nskit-narrow 2>/dev/null | wc -l) == 3 ]]
	# Addresses are shown as a whole, or not at all.
	for i in 1 2 3; do ip -n nskit-narrow addr add 10.11.12.1$i/24 dev lo; done
	run -0 script -qec "stty cols 70; $NSNET netns:nskit-narrow 2>/dev/null" /dev/null
	[[ "${lines[1]}" == *"10.11.12.11/24 …"* ]]
}

@test "filters choose what they choose in ss" {
	need_ns
	need_cmd ss
	netns_add nskit-filter
	ip -n nskit-filter link set lo up
	sockets_in nskit-filter listen:22 listen:80 listen:8080 listen6:8081 pair
	# filter WORD...: in one word, and as several
	filter()
	{
		local theirs ours
		theirs=$(ip netns exec nskit-filter ss -Htan "$@" | sort)
		ours=$("$NSNET" -Htan netns:nskit-filter "$@" 2>/dev/null | sort)
		[[ $ours == "$theirs" ]] || { echo "$*:" "$ours" "ss has:" "$theirs" >&2; return 1; }
		[[ $("$NSNET" -Htan netns:nskit-filter "$*" 2>/dev/null | sort) == "$theirs" ]]
	}
	filter sport = :80
	filter sport = 80
	filter sport = :ssh
	filter sport != :80
	filter sport ge :80
	filter sport gt :80 and sport lt :8081
	filter sport '<=' :80
	filter sport = :80 or sport = :8080
	filter '(' sport = :80 or sport = :8080 ')' and src 127.0.0.1
	filter not sport = :80
	filter not '(' sport = :80 or dport ge :1 ')'
	filter src 127.0.0.0/8
	filter src 127.0.0.1:80
	filter src :80
	filter dst 127.0.0.1
	filter src inet6:'[::]':8081
	filter state listening
	filter state established
	filter state connected
	filter exclude listening
	filter state listening sport = :80
	filter state established dport ge :1
	filter state listening exclude listening state all
	filter autobound
	filter '!' sport = :80
	filter sport = :80 '|' sport = :22
	# and what it means
	[[ $("$NSNET" -Htln netns:nskit-filter sport = :80 or sport = :22 2>/dev/null | wc -l) == 2 ]]
	[[ $("$NSNET" -Htln netns:nskit-filter "(sport=:80)" 2>/dev/null | wc -l) == 1 ]]
	[[ -z $("$NSNET" -Htln netns:nskit-filter dev lo 2>/dev/null) ]]
	for bad in "sport" "sport =" "sport = :nosuchservice" "(sport = :80" "sport = :80)" "src 300.1.1.1" "src 1.2.3.4/33" "state nosuch" \
		"sport = :80 and" "nothing = 1" "sport ~ 80" "src < 1.2.3.4" "state"; do
		run -2 --separate-stderr "$NSNET" -tln state all "$bad"
		[[ "$stderr" == nsnet:* ]]
	done
}

@test "a socket that is only bound" {
	need_ns
	need_kernel 6.8
	netns_add nskit-bound
	sockets_in nskit-bound bound:5432 listen:5433
	[[ -z $(ip netns exec nskit-bound ss -Htan sport = :5432) ]] || skip "this ss knows bound sockets"
	for letters in -tlnp -tanp; do
		run -0 --separate-stderr "$NSNET" "$letters" netns:nskit-bound
		grep -qE "BOUND .*127.0.0.1:5432 .*pid=$SPAWNED," <<<"$output"
	done
	[[ $("$NSNET" -BtnH netns:nskit-bound 2>/dev/null | wc -l) == 1 ]]
	[[ -z $("$NSNET" -tnH netns:nskit-bound 2>/dev/null) ]]
	json nsnet "$NSNET" -J -tan netns:nskit-bound
	[[ $(jq -r '.netns[0].sockets[] | select(.state == "BOUND") | "\(.local.addr):\(.local.port) \(.processes[0].pid)"' <<<"$output") == "127.0.0.1:5432 $SPAWNED" ]]
}

@test "whose namespace each socket is in, and who has it" {
	need_ns
	netns_add nskit-one
	netns_add nskit-two
	sockets_in nskit-one listen:7001
	one=$SPAWNED
	sockets_in nskit-two listen:7002
	two=$SPAWNED
	run -0 --separate-stderr "$NSNET" -tlnp
	[[ "${lines[0]}" == CONTAINER*State*"Local Address:Port"* ]]
	grep -qE "^nskit-one +LISTEN .*127.0.0.1:7001 .*users:\(\(\"python3\",pid=$one,fd=[0-9]+\)\)" <<<"$output"
	grep -qE "^nskit-two +LISTEN .*127.0.0.1:7002 .*pid=$two," <<<"$output"
	# both targets, one, and the number of a namespace; by a process in it
	[[ $("$NSNET" -tlnH netns:nskit-one netns:nskit-two 2>/dev/null | wc -l) == 2 ]]
	[[ $("$NSNET" -tlnH -N nskit-one 2>/dev/null) == LISTEN*7001* ]]
	[[ $("$NSNET" -tlnH "$(ns_of net "$two")" 2>/dev/null) == LISTEN*7002* ]]
	[[ $("$NSNET" -tlnH "$two" 2>/dev/null) == LISTEN*7002* ]]
	[[ $("$NSNET" socket -tlnH "/run/netns/nskit-two" 2>/dev/null) == LISTEN*7002* ]]
	json nsnet "$NSNET" -J -tln
	[[ $(jq -r --argjson ns "$(ns_of net "$two")" '.netns[] | select(.ns == $ns) | "\(.names[0]) \(.sockets[0].processes[0].pid) \(.initial)"' <<<"$output") == "nskit-two $two false" ]]
	# both collectors
	diff <("$NSNET" -tlnpH --collector=bpf netns:nskit-one 2>/dev/null) <("$NSNET" -tlnpH --collector=proc netns:nskit-one 2>/dev/null)
}

@test "a process that has moved: its socket stays where it was made" {
	need_ns
	netns_add nskit-made
	netns_add nskit-moved
	sockets_in nskit-made listen:7003 move:/run/netns/nskit-moved
	[[ $(ns_of net "$SPAWNED") == $(stat -c %i /run/netns/nskit-moved) ]]
	run -0 --separate-stderr "$NSNET" -tlnp netns:nskit-made
	[[ "$output" == *"127.0.0.1:7003"*"pid=$SPAWNED,"*"is in net:[$(stat -c %i /run/netns/nskit-moved)]"* ]]
	[[ -z $("$NSNET" -tlnH netns:nskit-moved 2>/dev/null) ]]
}

@test "a namespace that a socket alone keeps" {
	need_ns
	netns_add nskit-home
	ip netns add nskit-gone
	number=$(stat -c %i /run/netns/nskit-gone)
	sockets_in nskit-gone listen:7004 move:/run/netns/nskit-home
	ip netns del nskit-gone
	run -0 --separate-stderr "$NSNET" -tlnp
	grep -qE "^$number +LISTEN .*127.0.0.1:7004 .*pid=$SPAWNED," <<<"$output"
	run -0 --separate-stderr "$NSNET"
	grep -qE "^ *$number .*kept by .*$SPAWNED" <<<"$output"
}

@test "sockets that nobody has, hostile names" {
	need_ns
	netns_add nskit-names
	cd "$BATS_TEST_TMPDIR"
	sockets_in nskit-names "unix:$(printf 'a\033[31mb')" 'abstract:x\0y\x07z' 'abstract:\xff\xfe'
	run -0 --separate-stderr "$NSNET" -xl netns:nskit-names
	[[ "$output" != *$'\033'* && "$output" == *'a\x1b[31mb'* && "$output" == *'@x@y\x07z'* && "$output" == *'@\xff\xfe'* ]]
	json nsnet "$NSNET" -J -xl netns:nskit-names
	[[ $(jq -r '[.netns[0].sockets[].path] | sort | join(" ")' <<<"$output") == '@\xff\xfe @x\x00y\x07z a\x1b[31mb' ]]
	ip -n nskit-names link add $'x\x1b[1m' type dummy 2>/dev/null || ip -n nskit-names link add $'x\x1b[1m' type bridge
	for view in link addr; do
		run -0 --separate-stderr "$NSNET" "$view" netns:nskit-names
		[[ "$output" != *$'\033'* && "$output" == *'x\x1b[1m'* ]]
		json nsnet "$NSNET" "$view" -J netns:nskit-names
	done
}

@test "options that decide about sharing: those that BPF alone tells, too" {
	need_ns
	need_bpf
	netns_add nskit-options
	sockets_in nskit-options reuse:7005 reuse:7005 listen:7006
	json nsnet "$NSNET" -J -tln netns:nskit-options
	[[ $(jq -c '[.netns[0].sockets[] | [.local.port, .options.reuseport, .options.reuseaddr]]' <<<"$output") == '[[7005,true,true],[7005,true,true],[7006,false,true]]' ]]
	run -0 --separate-stderr "$NSNET" -tlne netns:nskit-options
	[[ $(grep -c 'opts:reuseaddr,reuseport' <<<"$output") == 2 ]]
}

@test "without BPF they are asked of a copy of the descriptor, where the process may be traced" {
	need_ns
	need_kernel 5.6
	netns_add nskit-copies
	ip -n nskit-copies link set lo up
	sockets_in nskit-copies reuse:7005 reuse:7005 listen:7006 listen6:7007 bound:7008 udp:7009 pair
	options() { jq -c '[.netns[0].sockets[] | [.netid, .local.port, .options.reuseport, .options.reuseaddr, .options.v6only, .ino]] | sort' <<<"$1"; }
	json nsnet "$NSNET" -J -tuan --collector=proc netns:nskit-copies
	ours=$(options "$output")
	[[ $(jq -c '[.[] | select(.[1] | . >= 7005 and . <= 7009) | .[:4]]' <<<"$ours") == \
		'[["tcp",7005,true,true],["tcp",7005,true,true],["tcp",7006,false,true],["tcp",7007,false,false],["tcp",7008,false,false],["udp",7009,false,false]]' ]]
	if [[ -r /sys/kernel/btf/vmlinux ]] && has_cap 21; then # the same as BPF's
		json nsnet "$NSNET" -J -tuan --collector=bpf netns:nskit-copies
		[[ $(options "$output") == "$ours" ]]
	fi
	# The holder goes on as if nothing had been: its sockets are there, and end with it.
	[[ -d /proc/$SPAWNED && $(awk '/^TracerPid/ { print $2 }' "/proc/$SPAWNED/status") == 0 ]]
	kill "$SPAWNED"
	eventually none_listens
	# Nobody may ask: unknown, not false.
	sockets_in nskit-copies reuse:7005
	run -0 --separate-stderr setpriv --bounding-set -sys_ptrace --inh-caps -sys_ptrace "$NSNET" -J -tln --collector=proc netns:nskit-copies
	[[ $(jq -c '[.netns[]?.sockets[]? | select(.local.port == 7005) | .options.reuseport] | unique | map(. // "unknown")' <<<"$output") != *false* ]]
}
none_listens() { [[ -z $(ip netns exec nskit-copies ss -Htln) ]]; }

@test "raw sockets, for which the kernel may have no sock_diag" {
	need_ns
	netns_add nskit-raw
	sockets_in nskit-raw raw
	run -0 --separate-stderr "$NSNET" -wan netns:nskit-raw
	grep -qE 'UNCONN +0 +0 +0\.0\.0\.0:1 ' <<<"$output"
	[[ $("$NSNET" -waH netns:nskit-raw 2>/dev/null) == *0.0.0.0:icmp* ]]
}

@test "the summary, and ss -s" {
	need_ns
	netns_add nskit-sum
	ip -n nskit-sum link set lo up
	ip -n nskit-sum link add nsks0 type bridge
	ip -n nskit-sum addr add 10.77.0.1/24 dev nsks0
	ip -n nskit-sum link set nsks0 up
	ip -n nskit-sum route add default via 10.77.0.9
	sockets_in nskit-sum listen:7007 listen:7008 pair udp:7009
	run -0 --separate-stderr "$NSNET" --output NETNS,NAMES,ADDRESSES,DEFAULT_VIA,LISTEN,CONN,UDP netns:nskit-sum
	[[ "${lines[0]}" == *NETNS*NAMES*ADDRESSES*DEFAULT_VIA*LISTEN*CONN*UDP* ]]
	[[ $(xargs <<<"${lines[1]}") == "$(stat -c %i /run/netns/nskit-sum) nskit-sum 10.77.0.1/24 10.77.0.9 nsks0 3 2 1" ]]
	run -0 "$NSNET"
	grep -qE "^ *[0-9]+ host " <<<"$output"
	[[ $(grep -cE "^ *$(stat -c %i /run/netns/nskit-sum) " <<<"$output") == 1 ]]
	json nsnet-summary "$NSNET" -J --output NETNS,LISTEN netns:nskit-sum
	[[ $(jq -c '[.netns[0] | .listen]' <<<"$output") == '[3]' ]]
	diff <("$NSNET" -sH netns:nskit-sum 2>/dev/null | grep -v ^TCP: | grep -v ^Total) <(ip netns exec nskit-sum ss -s | grep -v ^TCP: | grep -v ^Total)
}

@test "all of it as JSON, saved and loaded" {
	need_ns
	netns_add nskit-all
	sockets_in nskit-all listen:7010 "unix:$BATS_TEST_TMPDIR/u"
	json nsnet "$NSNET" -J netns:nskit-all
	[[ $(jq -c '[.netns[0] | (.links | length), (.sockets | length >= 2), .sysctls["net.ipv4.ip_unprivileged_port_start"], (.pids | length)]' <<<"$output") == '[1,true,"1024",1]' ]]
	"$NSNET" --save "$BATS_TEST_TMPDIR/snap" >/dev/null 2>&1
	diff <("$NSNET" -tlnp netns:nskit-all 2>/dev/null) <("$NSNET" --from "$BATS_TEST_TMPDIR/snap" -tlnp netns:nskit-all 2>/dev/null)
	diff <("$NSNET" addr netns:nskit-all 2>/dev/null) <("$NSNET" addr --from "$BATS_TEST_TMPDIR/snap" netns:nskit-all 2>/dev/null)
	"$NSLS" --save "$BATS_TEST_TMPDIR/poor" >/dev/null 2>&1
	run -1 "$NSNET" --from "$BATS_TEST_TMPDIR/poor" route
	[[ "$output" == *"was saved without routes: use nsnet --save"* ]]
}

@test "without privileges one's own namespace is shown, and what is missing is said" {
	need_ns
	need_cmd setpriv
	netns_add nskit-secret
	sockets_in nskit-secret listen:7011
	cp "$NSNET" "$BATS_TEST_TMPDIR/nsnet"
	chmod 755 "$BATS_TEST_TMPDIR/nsnet" "$BATS_TEST_TMPDIR"
	run -0 --separate-stderr setpriv --reuid 65534 --regid 65534 --clear-groups "$BATS_TEST_TMPDIR/nsnet" -tln
	[[ "$output" != *:7011* && "$stderr" == *incomplete:* ]]
	run -3 --separate-stderr setpriv --reuid 65534 --regid 65534 --clear-groups "$BATS_TEST_TMPDIR/nsnet" --strict -tln
	run -0 --separate-stderr ip netns exec nskit-secret setpriv --reuid 65534 --regid 65534 --clear-groups --bounding-set=-all "$BATS_TEST_TMPDIR/nsnet" -tln
	[[ "$output" == *:7011* ]]
}

@test "namespaces that die meanwhile" {
	need_ns
	on_cleanup ip netns del nskit-dying # may be there when the loop ends
	# shellcheck disable=SC2016
	spawn bash -c 'while :; do unshare --net true; ip netns add nskit-dying 2>/dev/null; ip netns del nskit-dying 2>/dev/null; done'
	for _ in {1..15}; do
		run -0 --separate-stderr "$NSNET" -tlnp
		run -0 --separate-stderr "$NSNET" link
		"$NSNET" -J -tln 2>/dev/null | jq -e .nskit >/dev/null
	done
}

@test "how many sockets of each kind, as rows and as JSON; no header" {
	run -0 --separate-stderr "$NSNET" -s --output NETNS,UDP host
	[[ "${lines[0]}" == *NETNS*UDP && ${#lines[@]} == 2 ]]
	json nsnet-summary "$NSNET" -sJ host
	jq_is '.netns[0] | .netns == $ns and has("listen") and has("time_wait") and has("unix")' --argjson ns "$(ns_of net)"
	run -0 --separate-stderr "$NSNET" --no-header host
	[[ ${#lines[@]} == 1 && "$output" == "$(ns_of net) host "* ]]
	run -0 --separate-stderr "$NSNET" -H -tl host
	[[ "$output" != *NETNS* && "$output" != *State* ]]
}

@test "wrong usage, no such target, a full disk, a closed pipe" {
	run -2 "$NSNET" --output no-such-column
	run -2 "$NSNET" -tln --output no-such-column
	run -2 "$NSNET" -f nosuch
	run -2 "$NSNET" -A nosuch
	run -2 "$NSNET" route --table nosuch
	run -2 "$NSNET" link --no-such-option
	run -2 "$NSNET" link --output X
	run -1 "$NSNET" -tln container:nosuch
	run -1 "$NSNET" sokcet # a name that nobody has may be a command mistyped
	[[ "$output" == *"no such container: sokcet; near: socket (a command)" ]]
	run -1 "$NSNET" wyh 8080
	[[ "$output" == *"no such container: wyh; near: why (a command)" ]]
	run -1 "$NSNET" container:why # that is a container, and nothing else
	[[ "$output" == *"no such container: why" ]]
	run -1 "$NSNET" -t sprot = :80
	[[ "$output" == *"no such container: sprot"*", and no command or filter begins so"* ]]
	run -1 "$NSNET" link sokcet
	[[ "$output" == *"no such container: sokcet"* ]]
	run -2 "$NSNET" link --no-such-option
	[[ "$output" == *"Try 'nsnet link --help'."* ]]
	run -2 "$NSNET" --no-such-option
	[[ "$output" == *"Try 'nsnet --help'."* ]]
	run -1 "$NSNET" -N nosuch -tln
	run -1 "$NSNET" link "$(ns_of uts)"
	[[ "$output" == *"not a network namespace"* ]]
	for command in "" "-tln" "-J -tln" link route --help "link --help" "--save -"; do
		# shellcheck disable=SC2086
		run -1 bash -c '"$@" >/dev/full' _ "$NSNET" $command
		[[ "$output" == "nsnet: cannot write standard output: No space left on device" ]]
	done
	run -0 bash -c '"$0" --help' "$NSNET"
	[[ "$output" == *"link"*"Exit status"* ]]
}
