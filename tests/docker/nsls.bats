# SPDX-License-Identifier: GPL-2.0-or-later
# nsls names containers of a real engine, whether it runs or not.
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

own_namespaces() # of $ENGINE_PID: the types that are not the host's
{
	local type
	for type in cgroup ipc mnt net pid uts; do
		[[ $(ns_of "$type" "$ENGINE_PID") == $(ns_of "$type") ]] || echo "$type"
	done
}

named() # NAME: every namespace of its own is said to be its
{
	local type
	for type in $(own_namespaces); do
		jq_is '.namespaces[] | select(.ns == '"$(ns_of "$type" "$ENGINE_PID")"') | .container | .name == $name and .id == $id and .runtime == "docker"' \
			--arg name "$1" --arg id "$ENGINE_ID"
	done
}

@test "a container is named, by every collector" {
	engine_run nskit-web
	for collector in auto bpf proc; do
		json nsls "$NSLS" -J --collector=$collector
		named nskit-web
	done
	run -0 --separate-stderr "$NSLS"
	[[ "$output" == *" nskit-web "* ]]
}

@test "a container as target: its namespaces, and with whom it shares them" {
	engine_run nskit-web
	web=$ENGINE_PID web_id=$ENGINE_ID
	engine_run nskit-side --network container:nskit-web
	run -0 --separate-stderr "$NSLS" nskit-web
	[[ ${#lines[@]} == 9 ]]
	[[ "$output" =~ net\ +"$(ns_of net "$web")"\ +nskit-side ]]
	[[ "$output" =~ user\ +"$(ns_of user "$web")"\ +host ]]
	[[ "$output" =~ uts\ +"$(ns_of uts "$web")"\ +- ]]
	for target in container:nskit-web "$web_id" "${web_id:0:12}" "$web" "pid:$web"; do
		run -0 --separate-stderr "$NSLS" -n -r -o TYPE,NS "$target"
		[[ "$output" == *"net $(ns_of net "$web")"* ]]
	done
}

@test "near names for a slip" {
	engine_run nskit-web
	run -1 "$NSLS" nskit-wbe
	[[ "$output" == *"near: "*nskit-web* ]]
}

@test "a container that was made and never started" {
	docker create --name nskit-idle nskit-busybox sleep 1000 >/dev/null
	on_cleanup docker rm -f nskit-idle
	run -1 "$NSLS" nskit-idle
	[[ "$output" == *"nskit-idle does not run"* ]]
}

@test "a container's process by docker exec is its, too" {
	engine_run nskit-web
	docker exec -d nskit-web sleep 999
	run -0 --separate-stderr "$NSLS" -n -r -l -o PID,COMMAND "/proc/$ENGINE_PID/ns/pid"
	[[ $(wc -l <<<"$output") == 2 && "$output" == *'sleep\x20999'* ]]
}

@test "the engine dead: names as before" {
	engine_need_ours
	engine_run nskit-web
	engine_kill
	json nsls "$NSLS" -J
	named nskit-web
	engine_revive
}
