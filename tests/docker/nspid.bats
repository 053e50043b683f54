# SPDX-License-Identifier: GPL-2.0-or-later
# nspid beside docker top and docker inspect, and with a container's log.
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

@test "a container's processes are those of docker top, and its init that of docker inspect" {
	engine_run nskit-web
	docker exec -d nskit-web sh -c 'sleep 1101 & sleep 1102; :'
	eventually pgrep -f '^sleep 1101$'
	eventually pgrep -f '^sleep 1102$'
	for target in nskit-web container:nskit-web "${ENGINE_ID:0:12}" "pid:[$(ns_of pid "$ENGINE_PID")]"; do
		for collector in auto bpf proc; do
			run -0 --separate-stderr "$NSPID" --collector=$collector --no-header -o HOST "$target"
			[[ $(tr -d ' ' <<<"$output" | sort) == "$(docker top nskit-web -eo pid | tail -n +2 | tr -d ' ' | sort)" ]]
		done
	done
	run -0 --separate-stderr "$NSPID" -i 1 nskit-web
	[[ $output == "$(docker inspect -f '{{.State.Pid}}' nskit-web)" ]]
	# and as it looks from inside
	[[ $("$NSPID" --no-header -o INSIDE,COMM nskit-web 2>/dev/null | awk '$2 == "sleep" { print $1 }' | sort) == \
		"$(docker exec nskit-web ps -o pid,comm | awk '$2 == "sleep" { print $1 }' | sort)" ]]
}

@test "in words: the number inside, and the container" {
	engine_run nskit-web
	run -0 --separate-stderr "$NSPID" "$ENGINE_PID"
	[[ ${lines[0]} == "$ENGINE_PID is 1 in nskit-web (pid namespace $(ns_of pid "$ENGINE_PID"), level 1), thread group $ENGINE_PID, started "* ]]
	json nspid "$NSPID" -J "$ENGINE_PID"
	jq_is '.processes[0] | .container.name == "nskit-web" and .levels[1].container.name == "nskit-web" and .levels[0].container == null'
}

@test "--translate: the container's log, and the host's about it; after a restart, too" {
	engine_run nskit-web
	local log=$BATS_TEST_TMPDIR/log
	run -0 --separate-stderr "$NSPID" --translate --to-inner <<<"Killed process $ENGINE_PID (sleep)"
	[[ $output == "Killed process $ENGINE_PID(nskit-web 1) (sleep)" ]]
	mkfifo "$BATS_TEST_TMPDIR/in"
	"$NSPID" --translate nskit-web <"$BATS_TEST_TMPDIR/in" >"$log" 2>/dev/null 3>&- &
	kill_on_cleanup $!
	exec {IN}>"$BATS_TEST_TMPDIR/in"
	echo "first pid 1" >&"$IN"
	eventually grep -q "first pid 1(host $ENGINE_PID)" "$log"
	docker restart -t 0 nskit-web >/dev/null
	sleep 0.5
	echo "second pid 1" >&"$IN"
	eventually grep -q "second pid 1(host $(docker inspect -f '{{.State.Pid}}' nskit-web))" "$log"
}

@test "a container that does not run" {
	docker create --name nskit-idle nskit-busybox sleep 1000 >/dev/null
	on_cleanup docker rm -f nskit-idle
	run -1 "$NSPID" nskit-idle
	[[ "$output" == *"nskit-idle does not run"* ]]
}
