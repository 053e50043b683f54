# SPDX-License-Identifier: GPL-2.0-or-later
# nsnet why --reach and a real engine: published ports from a client beside the host, and from another container.
load ../lib

PUBLISHED=24080

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
	need_cmd ip jq nft iptables
	client
}

teardown_file()
{
	load engine
	engine_stop
}

# A client beside the host, in a namespace of its own: 10.77.7.2, the host is 10.77.7.1.
client()
{
	CLIENT=nskc$BATS_TEST_NUMBER
	netns_add "$CLIENT"
	ip link add "h$CLIENT" type veth peer name eth0 netns "$CLIENT"
	on_cleanup ip link del "h$CLIENT"
	ip addr add 10.77.7.1/24 dev "h$CLIENT"
	ip link set "h$CLIENT" up
	ip -n "$CLIENT" link set lo up
	ip -n "$CLIENT" addr add 10.77.7.2/24 dev eth0
	ip -n "$CLIENT" link set eth0 up
	ip -n "$CLIENT" route add default via 10.77.7.1
}


answers() # PORT
{
	[[ $(ip netns exec "$CLIENT" "$HELPERS/serve" -q 10.77.7.1 "$1") == ok ]]
}

reach() # STATUS ARGUMENT...
{
	local want=$1 status=0
	shift
	output=$("$NSNET" why -J --reach "$@" 2>"$BATS_TEST_TMPDIR/err") || status=$?
	[[ $status == "$want" ]] || { echo "exit status $status, not $want: $output"; cat "$BATS_TEST_TMPDIR/err"; return 1; } >&2
}
blames() { jq_is '([.why.causes[].code] | join(" ")) == $want' --arg want "$*"; }
evidence() { jq_is ".why.causes[0].evidence | $1" "${@:2}"; }

web() # [DOCKER-OPTION...]: a server on 80 that says yes
{
	engine_run web "$@" -- sh -c 'while :; do echo yes | nc -l -p 80; done'
	listens() { nsenter -t "$ENGINE_PID" -n ss -Hltn 'sport = :80' | grep -q .; }
	eventually listens
}

@test "a published port that works, from beside the host, from the host, and by its proxy" {
	web -p "$PUBLISHED:80"
	eventually answers "$PUBLISHED"
	reach 0 "10.77.7.1:$PUBLISHED" container:web --client "netns:$CLIENT"
	blames
	reach 0 "127.0.0.1:$PUBLISHED" container:web --client host
	blames
	reach 0 "10.77.7.1:$PUBLISHED" container:web --client host
	blames
}

@test "a listener on the container's loopback; nobody on the port; and a client on the host, who goes by the proxy" {
	engine_run web -p "$PUBLISHED:80" -p "$((PUBLISHED + 1)):81" -- httpd -f -p 127.0.0.1:80
	listens() { nsenter -t "$ENGINE_PID" -n ss -Hltn 'sport = :80' | grep -q .; }
	eventually listens
	run ! answers "$PUBLISHED"
	reach 4 "10.77.7.1:$PUBLISHED" container:web --client "netns:$CLIENT"
	blames listener-loopback-only
	evidence '.listener_addr == "127.0.0.1" and .listener_pid > 0 and .container_ip != null'
	reach 4 "127.0.0.1:$PUBLISHED" container:web --client host
	blames listener-loopback-only
	reach 4 "10.77.7.1:$((PUBLISHED + 1))" container:web --client "netns:$CLIENT"
	blames published-port-no-listener
	evidence '.container_port == 81 and .served_ports == [80]'
	# What the client asked for, not what the proxy asks on.
	reach 4 "127.0.0.1:$((PUBLISHED + 1))" container:web --client host
	blames published-port-no-listener
	evidence ".host_port == $((PUBLISHED + 1))"
	jq_is '.why.causes[0].advice[0] == $a' --arg a "publish the port that is served:  -p $((PUBLISHED + 1)):80"
	# The container itself, asked for its port on the host.
	reach 4 "$((PUBLISHED + 1))" container:web
	blames no-listener
	jq_is '.why.causes[0].advice[1] | endswith("nsnet why --reach ADDR:\($p) web")' --arg p $((PUBLISHED + 1))
	engine_run api
	reach 4 "127.0.0.1:$((PUBLISHED + 1))" container:api --client host
	blames not-published
	evidence ".host_port == $((PUBLISHED + 1))"
}

@test "rules on the way of a published port: DOCKER-USER, and a chain before translation" {
	web -p "$PUBLISHED:80"
	iptables -I DOCKER-USER -p tcp --dport 80 -j DROP
	on_cleanup iptables -D DOCKER-USER -p tcp --dport 80 -j DROP
	run ! answers "$PUBLISHED"
	reach 4 "10.77.7.1:$PUBLISHED" container:web --client "netns:$CLIENT"
	blames host-forward-drop
	evidence '.nft_chain == "DOCKER-USER" and .verdict == "drop" and .listener_pid > 0'
	reach 0 "127.0.0.1:$PUBLISHED" container:web --client host # by the proxy it is sent, not forwarded
	reach 4 "10.77.7.1:$PUBLISHED" container:web --client "netns:$CLIENT"
	follow
	answers "$PUBLISHED"
	nft "table ip nskreach { chain pre { type filter hook prerouting priority raw; tcp dport $PUBLISHED drop; }; }"
	on_cleanup nft delete table ip nskreach
	run ! answers "$PUBLISHED"
	reach 4 "10.77.7.1:$PUBLISHED" container:web --client "netns:$CLIENT"
	blames host-prerouting-drop
	evidence '.nft_table == "nskreach" and .listener_pid > 0'
}

@test "published on loopback only, not at all, paused, stopped" {
	web -p "127.0.0.1:$PUBLISHED:80"
	run ! answers "$PUBLISHED"
	reach 4 "10.77.7.1:$PUBLISHED" container:web --client "netns:$CLIENT"
	blames published-loopback-only
	evidence '.host_ip == "127.0.0.1" and .asked_addr == "10.77.7.1" and .listener_pid > 0'
	reach 4 "10.77.7.1:$((PUBLISHED + 5))" container:web --client "netns:$CLIENT"
	blames not-published
	evidence '.published == false and .listener_pid > 0'
	docker pause web >/dev/null
	reach 4 "127.0.0.1:$PUBLISHED" container:web --client host
	blames container-paused
	evidence '.container_state == "paused" and .listener_pid > 0'
	follow
	docker kill web >/dev/null
	reach 4 "127.0.0.1:$PUBLISHED" container:web --client host
	blames container-not-running
	evidence '.container_state == "exited" and .exit_code == 137'
	follow 1
	[[ $(docker inspect -f '{{.State.Status}}' web) == running ]]
}

@test "two containers: on one network they reach each other, on two the engine keeps them apart" {
	docker network create --label "$ENGINE_LABEL" nskreach >/dev/null
	on_cleanup docker network rm nskreach
	web
	local ip
	ip=$(docker inspect -f '{{.NetworkSettings.IPAddress}}' web)
	engine_run near -- sleep 1000
	reach 0 "$ip:80" container:web --client container:near
	blames
	engine_run far --network nskreach -- sleep 1000
	reach 4 "$ip:80" container:web --client container:far
	blames docker-network-isolation
	evidence '(.chain | startswith("DOCKER-ISOLATION")) and .verdict == "drop" and .client_container == "far" and .listener_pid > 0'
	follow
	reach 0 "$ip:80" container:web --client container:far
}
