# SPDX-License-Identifier: GPL-2.0-or-later
# nsnet why with containers of a real engine: whose port it is, by published ports, shared and host networks, profiles.
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
	need_cmd jq python3
}

teardown_file()
{
	load engine
	engine_stop
}

why()
{
	run --separate-stderr "$NSNET" why -J "$@"
	validate nsnet-why <<<"$output"
}

first() # CODE FILTER: the first cause has that code, its evidence fulfils the filter
{
	jq_is '.why.causes[0].code == $code' --arg code "$1"
	jq_is ".why.causes[0].evidence | ${2:-true}"
	[[ $status == 4 ]]
}

@test "a published port: of the host, and of a container that was only created" {
	engine_run why_web -p 127.0.0.1:22990:80 -- httpd -f -p 80
	eventually bash -c "ss -Hltn 'sport = :22990' | grep -q ."
	why 22990 host
	first port-published-by-container '.behind_container == "why_web" and .host_port == 22990'
	id=$(docker create --label "$ENGINE_LABEL" --name why_second -p 22990:80 "$ENGINE_IMAGE" sleep 1000)
	on_cleanup docker rm -f "$id"
	why 22990 container:why_second
	first port-published-by-container '.behind_container == "why_web"'
	why 22990
	jq_is '.why.places | any(.role == "published" and (.causes[0].evidence.behind_container == "why_web"))'
}

@test "a shared network namespace, and the host's" {
	engine_run why_a -- httpd -f -p 80
	local a=$ENGINE_PID
	engine_run why_b --network container:why_a
	eventually bash -c "nsenter -t $a -n ss -Hltn 'sport = :80' | grep -q ."
	why 80 why_b
	first port-in-use-shared-netns ".holder_pid == $a and .holder_container == \"why_a\""
	run --separate-stderr "$NSNET" why 80 why_b
	[[ ${lines[0]} == "BLOCKED  tcp 0.0.0.0:80 in why_b (net "* ]] # who was named, not who is first there
	why 80 why_b
	follow 1
	[[ $(docker inspect -f '{{.State.Status}}' why_a) == exited ]]
	engine_run why_host --network host
	spawn python3 -c 'from socket import *; import time; s = socket(); s.bind(("127.0.0.1", 22991)); s.listen(); time.sleep(300)'
	eventually bash -c "ss -Hltn 'sport = :22991' | grep -q ."
	why 127.0.0.1:22991 why_host
	first port-in-use-host-network ".holder_pid == $SPAWNED and .target_netns_is_host"
}

@test "Docker's own profile blames nobody; one that refuses bind is named" {
	need_bpf
	engine_run why_plain
	why 8080 why_plain
	jq_is '.why.verdict == "ok" and .why.causes == []'
	echo '{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["bind"],"action":"SCMP_ACT_ERRNO","errnoRet":1}]}' >"$BATS_TEST_TMPDIR/profile.json"
	engine_run why_denied --security-opt "seccomp=$BATS_TEST_TMPDIR/profile.json"
	why 8080 why_denied
	first seccomp-deny ".asking_pid == $ENGINE_PID and .seccomp_mode == 2"
	jq_is '.why.causes[0].errno == "EPERM"'
}

@test "a container's own server; a capability that its user has in the bounding set alone" {
	engine_run why_own -- httpd -f -p 0.0.0.0:80
	eventually bash -c "nsenter -t $ENGINE_PID -n ss -Hltn 'sport = :80' | grep -q ."
	why 80 why_own
	first port-in-use ".holder_pid == $ENGINE_PID and .holder_comm == \"httpd\" and .holder_container == \"why_own\""
	engine_run why_user --cap-add NET_BIND_SERVICE --user 1000 --sysctl net.ipv4.ip_unprivileged_port_start=1024
	why 80 why_user
	first privileged-port-no-cap ".asking_pid == $ENGINE_PID and .asking_uid == 1000 and .cap_in_bounding_set and .cap_net_bind_service == false
		and .ip_unprivileged_port_start == 1024"
	why 1024 why_user
	jq_is '.why.verdict == "ok" and .why.causes == []'
}

@test "a process of the host has the port that a container is to publish" {
	local id
	spawn python3 -c 'from socket import *; import time; s = socket(); s.bind(("0.0.0.0", 22993)); s.listen(); time.sleep(300)'
	eventually bash -c "ss -Hltn 'sport = :22993' | grep -q ."
	id=$(docker create --label "$ENGINE_LABEL" --name why_late -p 22993:80 "$ENGINE_IMAGE" sleep 1000)
	on_cleanup docker rm -f "$id"
	why 22993 container:why_late
	first port-in-use ".holder_pid == $SPAWNED and .holder_comm == \"python3\""
}

@test "a proxy that has outlived its container" {
	need_cmd docker-proxy
	# It tells its parent through descriptor 3 that it listens.
	spawn bash -c 'exec 3>/dev/null; exec docker-proxy -proto tcp -host-ip 127.0.0.1 -host-port 22992 -container-ip 172.17.253.253 -container-port 80'
	eventually bash -c "ss -Hltn 'sport = :22992' | grep -q ."
	why 127.0.0.1:22992 host
	first stale-docker-proxy '.dead_container_ip == "172.17.253.253" and .container_port == 80'
}
