# SPDX-License-Identifier: GPL-2.0-or-later
# nstop beside a real engine: containers' rows, and the recording of a crash loop, which is over by the time one looks.
# alone: what happens on the host while it is recorded is to be what the test does
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
	export XDG_CONFIG_HOME=$BATS_TEST_TMPDIR/config
}

teardown_file()
{
	load engine
	engine_stop
}

# row NAME: its row of the last line of $output
row() { tail -n1 <<<"$output" | jq -c --arg name "$1" '.containers[] | select(.container.name == $name)'; }

@test "containers: processes, ports, published ports, what they share" {
	engine_run nskit-web -p 18080:80 -- httpd -f -p 80
	engine_run nskit-side --network container:nskit-web
	engine_run nskit-host --network host
	run -0 --separate-stderr "$NSTOP" -J -n 2 -d 0.3
	validate nstop <<<"$(tail -n1 <<<"$output")"
	row nskit-web | jq -e '.nprocs == 1 and .pid == '"$ENGINE_PID"' // true' >/dev/null
	row nskit-web | jq -e '.listens == ["80"] and .published == ["18080->80"] and (.shared | index("nskit-side:net") != null) and
		(.own | index("mnt") != null and index("pid") != null) and .rss > 0 and .rx >= 0' >/dev/null
	row nskit-side | jq -e '.shared | index("nskit-web:net") != null' >/dev/null
	# the host's network is nobody's own
	row nskit-host | jq -e '.rx == null and .listens == null and (.shared[0] | startswith("host:") and contains("net"))' >/dev/null
	# as docker stats has it
	[[ $(row nskit-web | jq .nprocs) == "$(docker top nskit-web -eo pid | tail -n +2 | wc -l)" ]]
	# traffic goes through
	for _ in 1 2 3; do wget -qO /dev/null http://127.0.0.1:18080/ || true; done
	run -0 "$NSTOP" --screen 140x20 --keys ""
	[[ "$output" == *nskit-web*"18080->80"* ]]
	run -0 "$NSTOP" --screen 140x20 nskit-web
	[[ "$output" == *"httpd -f -p 80"* && "$output" != *dockerd* ]]
}

@test "a crash loop is recorded, and replayed when it is over" {
	local rec=$BATS_TEST_TMPDIR/rec
	"$NSTOP" -b -n 40 -d 0.2 --record "$rec" >/dev/null 2>&1 3>&- &
	kill_on_cleanup $!
	recorder=$!
	engine_run nskit-crash --restart always -- sh -c 'exec -a crashing sleep 0.3; exit 1'
	sleep 4
	docker rm -f nskit-crash >/dev/null
	wait "$recorder"
	run -0 --separate-stderr "$NSTOP" -J --replay "$rec"
	[[ $(wc -l <<<"$output") == 41 ]]
	# it was there, it began again at least once (another first process), and it is gone at the end
	(($(jq -r '.containers[] | select(.container.name == "nskit-crash") | .pid' <<<"$output" | sort -u | wc -l) >= 2))
	[[ -z $(row nskit-crash) ]]
	run -0 "$NSTOP" --replay "$rec" --screen 120x20 --keys "} "
	[[ "$output" == *"41/41"* && "$output" != *nskit-crash* ]]
}

@test "a crash loop for want of a port: the replay has the binds that failed, and who had the port" {
	need_bpf
	local rec=$BATS_TEST_TMPDIR/rec at
	engine_run nskit-first --network host -- httpd -f -p 18099
	"$NSTOP" -b -d 0.3 --record "$rec" >/dev/null 2>&1 3>&- &
	recorder=$!
	kill_on_cleanup "$recorder"
	begun() { [[ -s $rec ]]; }
	eventually begun
	engine_run nskit-second --restart always --network host -- httpd -f -p 18099
	failed_twice() { (($(grep -c '^{"event":"bind".*"name":"nskit-second".*"errno":"EADDRINUSE"' "$rec") >= 2)); }
	eventually failed_twice
	sleep 1
	docker rm -f nskit-second nskit-first >/dev/null
	sleep 1
	kill "$recorder"
	wait "$recorder" || true
	# now that it is over: when was it first, and why
	run -0 --separate-stderr "$NSTOP" -J --replay "$rec"
	at=$(jq -s '[.[] | any(.events[]; .event == "bind" and .errno == "EADDRINUSE" and .port == 18099 and .container.name == "nskit-second")]
		| index(true)' <<<"$output")
	run -0 "$NSTOP" --replay "$rec" --screen 120x40 --keys "$(printf '] %.0s' $(seq "$at")) 6 \\ 1 8 0 9 9 Enter Enter"
	[[ "$output" == *"container  nskit-second"* && "$output" == *"FAILED EADDRINUSE tcp "*":18099"* ]]
	[[ "$output" == *"judged by the snapshot of "* && "$output" == *BLOCKED*EADDRINUSE*httpd*nskit-first* ]]
	# at the end nobody has it any more, and the failures are told all the same
	run -0 "$NSTOP" --replay "$rec" --screen 120x40 --keys "} 6 \\ 1 8 0 9 9 Enter Enter"
	[[ "$output" == *"container  nskit-second"* && "$output" != *BLOCKED* ]]
}
