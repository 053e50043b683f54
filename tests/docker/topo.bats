# SPDX-License-Identifier: GPL-2.0-or-later
# nsnet topo and the port maps in snapshots, with a real engine: host port, rule, proxy, container, listener.
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
	need_cmd jq
	engine_need
}

teardown_file()
{
	load engine
	engine_stop
}

snapshot() # the containers that a snapshot holds, in $output
{
	"$NSNET" --save "$BATS_TEST_TMPDIR/snapshot" >/dev/null 2>&1
	validate snapshot <"$BATS_TEST_TMPDIR/snapshot"
	output=$(jq '{containers}' "$BATS_TEST_TMPDIR/snapshot")
}

@test "a published port, end to end" {
	engine_run nskit-web -p 127.0.0.1:18080:80 -p 18081:80 -- sh -c 'while :; do nc -l -p 80 </dev/null; done'
	ip=$(docker inspect -f '{{.NetworkSettings.IPAddress}}' nskit-web)
	eventually sh -c "nsenter -t $ENGINE_PID -n ss -ltn | grep -q ':80 '"
	json nsnet-topo "$NSNET" topo -J nskit-web
	jq_is '[.published[] | select(.container.name == "nskit-web") | [.host_ip, .host_port]] | sort == [[null, 18081], ["127.0.0.1", 18080]]'
	jq_is '[.published[] | select(.container.name == "nskit-web") | .to_ns == $ns and .addr == $ip and .port == 80 and .listens
		and .listener_comm == "nc" and (.by | contains(["rule", "proxy", "engine"])) and (.rule | startswith("nat DOCKER "))] | all' \
		--argjson ns "$(ns_of net "$ENGINE_PID")" --arg ip "$ip"
	output=$("$NSNET" topo host 2>/dev/null)
	grep -Eq "^│  [├└]─ veth[0-9a-f]+ ── eth0 +$ip/16  nskit-web $(ns_of net "$ENGINE_PID")  127\.0\.0\.1:18080 -> :80 nc [0-9]+, :18081 -> :80 nc [0-9]+" \
		<<<"$output" || { echo "$output" >&2; false; }
}

@test "nothing published, and nobody there" {
	engine_run nskit-quiet
	engine_run nskit-lost -p 18082:9
	output=$("$NSNET" topo host 2>/dev/null)
	grep -q " nskit-quiet $(ns_of net "$(docker inspect -f '{{.State.Pid}}' nskit-quiet)")  (nothing published)" <<<"$output"
	grep -q " :18082 -> :9 (nobody listens)" <<<"$output"
}

@test "state and ports of containers that run, are paused, have ended or never began" {
	engine_run nskit-web -p 18083:80
	docker pause nskit-web
	engine_run nskit-ended -p 18084:80/udp -- sh -c 'exit 3'
	eventually sh -c "docker() { $(declare -f docker | sed 1d); }; ENGINE_SOCKET=$ENGINE_SOCKET docker inspect -f '{{.State.Status}}' nskit-ended | grep -q exited"
	docker create --label "$ENGINE_LABEL" --name nskit-new -p 18085:443 "$ENGINE_IMAGE" true
	on_cleanup docker rm -f nskit-new
	snapshot
	jq_is '.containers[] | select(.name == "nskit-web") | .state == "paused" and .ports[0].host_port == 18083 and (.addresses | length) == 1'
	jq_is '.containers[] | select(.name == "nskit-ended") | .state == "exited" and .exit_code == 3 and .ports == [{"proto": "udp", "port": 80,
		"host_ip": "", "host_port": 18084}]'
	jq_is '.containers[] | select(.name == "nskit-new") | .state == "created" and .ports[0].host_port == 18085 and .exit_code == null'
	docker unpause nskit-web
}
