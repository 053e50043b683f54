# SPDX-License-Identifier: GPL-2.0-or-later
# Published ports of an engine without docker-proxy, IPv6 too: what the rules alone say. With docker-proxy: topo.bats.
load ../lib

setup_file()
{
	load engine
	export ENGINE_OPTIONS="--userland-proxy=false --experimental --ip6tables --ipv6 --fixed-cidr-v6=fd00:d0c::/64"
	engine_start
}

setup()
{
	load ../lib
	load engine
	need_cmd jq
	engine_need
	engine_need_ours
}

teardown_file()
{
	load engine
	engine_stop
}

# leads NAME LINE...: are these the ports that lead to the container? "proto host:port port by"
leads()
{
	local name=$1
	shift
	diff <(printf '%s\n' "$@") <(jq -r --arg name "$name" '.published[] | select(.container.name == $name)
		| "\(.proto) \(.host_ip // "*"):\(.host_port) \(.port) \(.by | join(","))"' <<<"$output" | sort) >&2
}

@test "rules alone: TCP, UDP, ranges, an address of the host" {
	engine_run nskit-web -p 18090:80 -p 18091:53/udp -p 127.0.0.1:18092:80 -p 18100-18102:80-82 -- sh -c 'while :; do nc -l -p 80 </dev/null; done'
	eventually sh -c "nsenter -t $ENGINE_PID -n ss -ltn | grep -q ':80 '"
	json nsnet-topo "$NSNET" topo -J nskit-web
	leads nskit-web "tcp *:18090 80 rule,engine" "tcp *:18100 80 rule,engine" "tcp *:18101 81 rule,engine" "tcp *:18102 82 rule,engine" \
		"tcp 127.0.0.1:18092 80 rule,engine" "udp *:18091 53 rule,engine"
	jq_is '[.published[] | select(.container.name == "nskit-web") | .to_ns == $ns and (.proto == "udp" or .port != 80 or .listener_comm == "nc")] | all' \
		--argjson ns "$(ns_of net "$ENGINE_PID")"
	jq_is '.undecoded == []'
	output=$("$NSNET" topo host 2>/dev/null)
	grep -Eq 'veth[0-9a-f]+ ── eth0 .*  nskit-web [0-9]+  .*:18090 -> :80 nc [0-9]+.*:18101 -> :81 \(nobody listens\)' <<<"$output"
	run -4 --separate-stderr "$NSNET" why 18090
	[[ $output == *"published "*" nat DOCKER "*" leads on to 172.17."*":80 of nskit-web"* ]]
	run -0 --separate-stderr "$NSTOP" -b -n 1 --view containers --output CONTAINER,PUBLISHED
	[[ $output == *nskit-web*"18090->80"*"18091->53/udp"* ]]
}

@test "two containers, a network of their own, IPv6" {
	docker network create --ipv6 --subnet fd00:d0d::/64 --label "$ENGINE_LABEL" nskit-net >/dev/null
	on_cleanup docker network rm nskit-net
	engine_run nskit-a --network nskit-net -p 18110:80
	a=$(ns_of net "$ENGINE_PID")
	engine_run nskit-b --network nskit-net -p '[::1]:18111:80'
	b=$(ns_of net "$ENGINE_PID")
	json nsnet-topo "$NSNET" topo -J nskit-a nskit-b
	leads nskit-a "tcp *:18110 80 rule,engine"
	leads nskit-b "tcp ::1:18111 80 rule,engine"
	jq_is '[.published[] | select(.container.name == "nskit-a") | .to_ns] == [$ns]' --argjson ns "$a"
	jq_is '.published[] | select(.container.name == "nskit-b") | .to_ns == $ns and (.addr | startswith("fd00:d0d::"))' --argjson ns "$b"
	# The engine's name server has rules in each of them, for their own processes: nothing is published there.
	jq_is '[.published[] | select(.ns == $a or .ns == $b)] == []' --argjson a "$a" --argjson b "$b"
}

@test "a network that is another container's, and the host's" {
	engine_run nskit-pod -p 18120:80
	engine_run nskit-side --network container:nskit-pod -- sh -c 'while :; do nc -l -p 80 </dev/null; done'
	pid=$ENGINE_PID
	engine_run nskit-host --network host
	eventually sh -c "nsenter -t $pid -n ss -ltn | grep -q ':80 '"
	json nsnet-topo "$NSNET" topo -J
	jq_is '[.published[] | select(.host_port == 18120) | .to_ns == $ns and .listener_comm == "nc" and .listens] == [true]' --argjson ns "$(ns_of net "$pid")"
	jq_is '[.published[] | select(.container.name == "nskit-host")] == []'
}
