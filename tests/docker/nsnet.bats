# SPDX-License-Identifier: GPL-2.0-or-later
# nsnet with a real engine: whose sockets they are, where a published port leads to, a container's own view.
load ../lib

setup_file()
{
	load engine
	engine_start
}

setup()
{
	load ../lib
	load engine
	engine_need
}

teardown_file()
{
	load engine
	engine_stop
}

@test "a published port: host, proxy, container, listener" {
	engine_run nskit-nsnet -p 18091:80 -- sh -c 'while :; do nc -l -p 80 </dev/null; done'
	eventually sh -c "nsenter -t $ENGINE_PID -n ss -ltn | grep -q ':80 '"
	run -0 --separate-stderr "$NSNET" -tlnp
	grep -qE '^host +LISTEN .*0\.0\.0\.0:18091 .*"docker-proxy",pid=[0-9]+,fd=[0-9]+\)\) -> nskit-nsnet:80$' <<<"$output"
	grep -qE '^nskit-nsnet +LISTEN .*:80 .*users:\(\("nc",pid=[0-9]+' <<<"$output"
	# in the container, as ss has it there
	diff <(nsenter -t "$ENGINE_PID" -n ss -Htln | sort) <("$NSNET" -Htln nskit-nsnet 2>/dev/null | sort)
	[[ $("$NSNET" -Htlnp host sport = :18091 2>/dev/null) != *"->"* ]] # ss has no such word
	json nsnet "$NSNET" -J -tln host sport = :18091
	jq_is '[.netns[0].sockets[] | .published] | unique == ["nskit-nsnet:80"]'
}

@test "a container's addresses, its veth's other end, and who shares it" {
	engine_run nskit-nsnet
	engine_run nskit-beside --network container:nskit-nsnet
	json nsnet "$NSNET" addr -J nskit-nsnet
	jq_is '.netns[0] | .container.name == "nskit-nsnet" and .ns == $ns' --argjson ns "$(ns_of net "$ENGINE_PID")"
	jq_is '.netns[0].links[] | select(.ifname == "eth0") | .peer.ns == $host and (.peer.ifname | startswith("veth"))' --argjson host "$(ns_of net 2)"
	run -0 --separate-stderr "$NSNET" --output CONTAINER,ADDRESSES,DEFAULT_VIA nskit-beside
	[[ "${lines[1]}" == *" +1 "*"172.17.0."*"/16"*"172.17.0.1 eth0"* ]]
	# the other end, seen from the host
	json nsnet "$NSNET" link -J host
	jq_is '[.netns[0].links[] | select(.peer.ns == $ns) | .peer.ifname, .master, .peer.container.runtime] == ["eth0", "docker0", "docker"]' \
		--argjson ns "$(ns_of net "$ENGINE_PID")"
}
