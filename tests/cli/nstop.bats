# SPDX-License-Identifier: GPL-2.0-or-later
# The screen, drawn as text from a made-up recording (tests/fixtures/recording) and compared with tests/golden. UPDATE_GOLDEN=1 writes
# those anew: look at the difference before you believe it.
# alone: what happens on the host while it is recorded is to be what the test does
load ../lib

setup_file()
{
	export TZ=UTC XDG_CONFIG_HOME=$BATS_FILE_TMPDIR/config
	"$ROOT/tests/fixtures/recording" >"$BATS_FILE_TMPDIR/recording"
	"$ROOT/tests/fixtures/recording" --snapshot >"$BATS_FILE_TMPDIR/snapshot"
}

# A bind that fails.
fail_once()
{
	python3 -c 'import socket
a = socket.socket(); a.bind(("127.0.0.1", 0))
b = socket.socket()
try: b.bind(a.getsockname())
except OSError: pass'
}

# frames FILE: the snapshots of a recording alone
frames()
{
	sed '/^nskit-recording/d; /^{"event"/d' "$1"
}

# screen NAME COLSxROWS KEYS [OPTION...]: what is shown after these keys is what tests/golden/nstop-NAME.txt has
screen()
{
	local file=$ROOT/tests/golden/nstop-$1.txt got
	got=$("$NSTOP" --replay "$BATS_FILE_TMPDIR/recording" --screen "$2" --keys "$3" "${@:4}")
	if [[ -n $UPDATE_GOLDEN ]]; then
		mkdir -p "${file%/*}"
		printf '%s\n' "$got" >"$file"
	fi
	diff "$file" - <<<"$got" >&2 || { echo "nstop --screen $2 --keys '$3' is not as $file" >&2; return 1; }
}

SIZES="80x24 132x40 40x12 500x14"

@test "each view at each size" {
	local size
	for size in $SIZES; do
		for view in containers namespaces processes sockets network events; do
			screen "$view-$size" "$size" "] ]" --view "$view"
		done
	done
}

@test "no line is longer than the screen, none is missing, on the smallest too" {
	local size lines
	for size in 20x5 1x1 3x2 40x7 79x8 80x24 500x60; do
		for view in containers namespaces processes sockets network events; do
			run -0 --separate-stderr "$NSTOP" --replay "$BATS_FILE_TMPDIR/recording" --screen "$size" --view "$view"
			[[ -z "$stderr" ]]
			lines=$("$NSTOP" --replay "$BATS_FILE_TMPDIR/recording" --screen "$size" --view "$view" | wc -l)
			((lines == ${size#*x}))
			# shellcheck disable=SC2016
			python3 -c 'import sys, unicodedata
w = lambda s: sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in s)
sys.exit(any(w(l.rstrip("\n")) > int(sys.argv[1]) for l in sys.stdin))' "${size%x*}" <<<"$output"
		done
	done
	screen tiny 20x5 ""
}

@test "trees, filter, search, marks, menus, help" {
	screen tree-container 80x24 "2 F5"
	screen tree-owner 80x24 "2 F5 F5"
	screen tree-parent 80x24 "2 F5 F5 F5"
	screen tree-processes 80x24 "3 F5"
	screen tree-topology 100x16 "5 F5"
	screen filter 80x24 "3 \\ n g i n x Enter"
	screen search 80x16 "3 / d o c k Enter"
	screen marks 80x16 "3 Space Space"
	screen sorted 80x16 "3 > > I"
	screen menu-sort 80x24 "3 F6"
	screen menu-columns 80x24 "F2"
	screen menu-user 80x16 "u"
	screen help 100x40 "F1"
}

@test "Enter goes in and Escape goes back, and the third line says where" {
	screen inside-web 80x16 "Down Enter ] ]"
	screen inside-web-sockets 80x16 "Down Enter 4 ] ]"
	screen inside-process 80x16 "Down Enter Enter ] ]"
	screen routes 80x16 "5 End Enter"
	[[ $("$NSTOP" --replay "$BATS_FILE_TMPDIR/recording" --screen 80x16 --keys "Down Enter Enter Esc Esc" | sed -n 3p) == " all > Containers" ]]
	# what one is in may end meanwhile
	"$NSTOP" --replay "$BATS_FILE_TMPDIR/recording" --screen 80x16 --keys "3 End ] ]" >/dev/null
	[[ $("$NSTOP" --replay "$BATS_FILE_TMPDIR/recording" --screen 80x16 --keys "3 / 5 1 2 0 Enter Enter ] ]" | sed -n 3p) == *"node 5120"*"(gone)"* ]]
}

@test "a replay has the events up to its frame, and judges a failure by the snapshot that it shows" {
	screen event-explained 110x30 "6 ] ] Down Enter"
	screen event-narrow 60x40 "6 ] Down Enter"
	# back again: what has not happened yet is not there
	run -0 "$NSTOP" --replay "$BATS_FILE_TMPDIR/recording" --screen 120x20 --keys "6 ] ] ["
	[[ "$output" == *"FAILED EACCES tcp 0.0.0.0:80"* && "$output" != *EADDRINUSE* ]]
	run -0 "$NSTOP" --replay "$BATS_FILE_TMPDIR/recording" --screen 120x20 --keys "6"
	[[ "$output" != *FAILED* && "$output" == *"nothing here"* ]]
	# the same in JSON, each with the frame that it came before
	run -0 --separate-stderr "$NSTOP" --replay "$BATS_FILE_TMPDIR/recording" -J
	while read -r line; do
		validate nstop <<<"$line"
	done <<<"$output"
	[[ $(jq -c '[.events[].event]' <<<"$output" | tr '\n' ' ') == '[] ["clone","bind","bind"] ["setns","bind","bind"] ' ]]
	run -0 "$NSTOP" --from "$BATS_FILE_TMPDIR/snapshot" --screen 80x24 --keys 6
	[[ "$output" == *"a snapshot holds no events"* ]]
	# a broken event is said, and all else is shown
	sed 's/"EACCES", "entered"/"EXCESS", "entered"/' "$BATS_FILE_TMPDIR/recording" >"$BATS_TEST_TMPDIR/broken" # as long as it was
	run -0 "$NSTOP" --replay "$BATS_TEST_TMPDIR/broken" --screen 130x20 --keys "] 1"
	[[ "$output" == *"events of frame 2 of "* && "$output" == *sidecar* ]]
}

@test "what happens while it is recorded is there when it is replayed" {
	need_root
	need_bpf
	"$NSTOP" -b -d 0.3 --record "$BATS_TEST_TMPDIR/rec" >/dev/null 2>&1 &
	recorder=$!
	kill_on_cleanup "$recorder"
	recorded() { fail_once; grep -qs '"event":"bind".*"errno":"EADDRINUSE"' "$BATS_TEST_TMPDIR/rec"; }
	eventually recorded
	kill "$recorder"
	wait "$recorder" || true
	run -0 "$NSTOP" --replay "$BATS_TEST_TMPDIR/rec" --screen 150x40 --keys "} 6 \\ E A D D R Enter Enter"
	[[ "$output" == *"FAILED EADDRINUSE tcp 127.0.0.1:"* && "$output" == *"judged by the snapshot of"* ]]
	grep -o '^{"event".*' "$BATS_TEST_TMPDIR/rec" | head -n 20 | while read -r line; do
		validate nstop-events <<<"$line"
	done
}

@test "a recording has what explains a refused bind, for as long as its process lives, and what happens after the last refresh" {
	need_ns
	need_bpf
	in_ns -n
	spawn nsenter -t "$NS_PID" -n python3 -c 'import os, socket, time
os.setgid(1000); os.setuid(1000)
while True:
    try: socket.socket().bind(("0.0.0.0", 80))
    except PermissionError: pass
    time.sleep(0.1)'
	"$NSTOP" -b -d 0.5 --record "$BATS_TEST_TMPDIR/rec" >/dev/null 2>&1 &
	recorder=$!
	kill_on_cleanup "$recorder"
	# shellcheck disable=SC2329
	guarded() { (($(grep -ac "cap_effective" "$BATS_TEST_TMPDIR/rec") > 6)); }
	eventually guarded
	kill "$recorder"
	wait "$recorder" || true
	run -0 "$NSTOP" --replay "$BATS_TEST_TMPDIR/rec" --screen 150x40 --keys "} 6 \\ E A C C E S Enter Enter"
	[[ "$output" == *"BLOCKED  tcp 0.0.0.0:80"*"EACCES"* && "$output" == *"judged by the snapshot of"* ]]
	# one long refresh: what happens before it is over is there
	"$NSTOP" -b -d 60 --record "$BATS_TEST_TMPDIR/rec" >"$BATS_TEST_TMPDIR/out" 2>&1 &
	recorder=$!
	kill_on_cleanup "$recorder"
	eventually test -s "$BATS_TEST_TMPDIR/out"
	sleep 0.5
	run -0 nsenter -t "$NS_PID" -n python3 -c 'import socket; socket.socket().bind(("127.0.0.1", 8099))'
	sleep 0.5
	kill "$recorder"
	wait "$recorder" || true
	grep -q '"port":8099' "$BATS_TEST_TMPDIR/rec"
}

@test "no byte of a hostile name is raw, on any screen" {
	local bad
	for keys in "" 2 3 "3 F5" 4 5 "6 ] ]" "6 ] ] Enter"; do
		bad=$("$NSTOP" --replay "$BATS_FILE_TMPDIR/recording" --screen 200x30 --keys "$keys" | tr -d '\n' | LC_ALL=C grep -cP '[\x00-\x1f\x7f]|\xe2\x80\xae' || true)
		[[ $bad == 0 ]]
	done
	"$NSTOP" --replay "$BATS_FILE_TMPDIR/recording" --screen 200x30 | grep -qF 'e\x1b[31mv\xe2\x80\xaeïl 日本'
	# without UTF-8 all is ASCII
	LC_ALL=C "$NSTOP" --replay "$BATS_FILE_TMPDIR/recording" --screen 200x30 --keys "3 F5" >"$BATS_TEST_TMPDIR/ascii"
	run -1 env LC_ALL=C grep -P '[^\x20-\x7e]' "$BATS_TEST_TMPDIR/ascii"
	grep -qF '`- ' "$BATS_TEST_TMPDIR/ascii"
}

@test "a snapshot is browsed, and says what it does not hold" {
	run -0 --separate-stderr "$NSTOP" --from "$BATS_FILE_TMPDIR/snapshot" --screen 120x24 --view proc
	[[ "$output" == *"nginx: worker process"* && -z "$stderr" ]]
	run -0 "$NSTOP" --from - --screen 80x24 <"$BATS_FILE_TMPDIR/snapshot"
	[[ "$output" == *"sidecar"* ]]
	"$NSPID" --save "$BATS_TEST_TMPDIR/no-sockets" >/dev/null 2>&1
	run -0 "$NSTOP" --from "$BATS_TEST_TMPDIR/no-sockets" --screen 80x24 --view network
	[[ "$output" == *"the file was saved without this"* ]]
	run -1 --separate-stderr "$NSTOP" --from /dev/null --screen 80x24
	[[ $(wc -l <<<"$stderr") == 1 ]]
}

@test "a snapshot is saved: all that any view and nsls show" {
	local file=$BATS_TEST_TMPDIR/saved
	run -0 --separate-stderr "$NSTOP" --save "$file"
	[[ -z "$output" ]]
	validate snapshot "$file"
	run -0 "$NSTOP" --from "$file" --screen 132x40 --view sockets
	[[ "$output" != *"saved without"* ]]
	run -0 "$NSLS" --from "$file" --keepers
	run -0 bash -c '"$NSTOP" --save - -b | "$NSPID" --from - 2'
	run -0 --separate-stderr "$NSTOP" --save "$file" -b -n 1 -d 0.1
	[[ "$output" == nstop* && -s $file ]]
	run -1 --separate-stderr "$NSTOP" --save /dev/full
	[[ "$stderr" == *"No space left"* ]]
}

@test "targets are where one begins" {
	run -0 "$NSTOP" --from "$BATS_FILE_TMPDIR/snapshot" --screen 80x24 web
	[[ $(sed -n 3p <<<"$output") == " web > Processes" && "$output" != *dockerd* ]]
	run -0 "$NSTOP" --from "$BATS_FILE_TMPDIR/snapshot" --screen 80x24 -p 4755
	[[ $(sed -n 3p <<<"$output") == " nginx 4755 > Processes" ]]
	# several, in each view
	run -0 "$NSTOP" --from "$BATS_FILE_TMPDIR/snapshot" --screen 80x24 -p 4755,5127
	[[ $(sed -n 3p <<<"$output") == " nginx 4755, node 5127 > Processes" && $output == *" 4755 "* && $output == *" 5127 "* && $output != *dockerd* ]]
	run -0 "$NSTOP" --from "$BATS_FILE_TMPDIR/snapshot" --screen 80x24 --view containers web api
	[[ $(sed -n 3p <<<"$output") == " web, api > Containers" && $(grep -cE '^(web|api) ' <<<"$output") == 2 ]]
	! grep -E '^(host|sidecar) ' <<<"$output"
	run -0 --separate-stderr "$NSTOP" --from "$BATS_FILE_TMPDIR/snapshot" -J -n 1 web api
	jq_is '[.containers[].container.name] | sort == ["api", "web"]'
	run -2 "$NSTOP" -p 4755,
	run -2 "$NSTOP" -e -p 4755
	run -0 "$NSTOP" --from "$BATS_FILE_TMPDIR/snapshot" --screen 80x24 -u www-data
	[[ "$output" == *"worker process"* && "$output" != *dockerd* ]]
	# all containers of a pod, and no other pod's of that name
	jq -c '.containers |= map(if .name == "web" or .name == "sidecar" then .pod = "shop" | .pod_namespace = "default" elif .name == "api"
		then .pod = "shop" | .pod_namespace = "test" else . end)' "$BATS_FILE_TMPDIR/snapshot" >"$BATS_TEST_TMPDIR/pods"
	run -0 "$NSTOP" --from "$BATS_TEST_TMPDIR/pods" --screen 80x24 pod:default/shop
	[[ $(sed -n 3p <<<"$output") == " pod default/shop > Processes" ]]
	[[ "$output" == *"nginx: worker process"* && "$output" == *envoy* && "$output" != *"node server"* && "$output" != *dockerd* ]]
	run -0 "$NSTOP" --from "$BATS_TEST_TMPDIR/pods" --screen 120x24 --view containers pod:default/shop
	[[ "$output" == *web* && "$output" == *sidecar* && "$output" != *api* ]]
	run -0 --separate-stderr "$NSTOP" --from "$BATS_TEST_TMPDIR/pods" -J pod:default/shop
	[[ $(jq -c '[.containers[].container.name] | sort' <<<"$output") == '["sidecar","web"]' ]]
	run -1 --separate-stderr "$NSTOP" --from "$BATS_FILE_TMPDIR/snapshot" --screen 80x24 wep
	[[ "$stderr" == *web* ]]
}

@test "a namespace without a process is a target, too: by its name, its path, its number" {
	need_ns
	netns_add "nskit-$$"
	local word ns how
	ns=$(stat -L -c %i "/run/netns/nskit-$$")
	for how in auto proc; do
		for word in "netns:nskit-$$" "/run/netns/nskit-$$" "$ns"; do
			run -0 --separate-stderr "$NSTOP" -b -n 1 -d 0.1 --collector "$how" "$word"
			[[ ${lines[1]} == CONTAINER*IFNAME* && ${lines[2]} == *" lo "* ]] # there is nothing else to be seen of it
		done
		run -0 --separate-stderr "$NSTOP" -b -n 1 -d 0.1 --collector "$how" --view namespaces "netns:nskit-$$"
		[[ ${lines[2]} == "$ns net "*"(kept by mount /run/netns/nskit-$$)"* && ${#lines[@]} == 3 ]]
	done
}

@test "wrong usage is 2 and says why" {
	for args in "--screen 80" "--screen 0x5" "--keys x" "--screen 80x24 --keys Nokey" "-d 0" "-d x" "-n 0" "--view no -b" "-o nocolumn -b" \
		"--output nocolumn -b" "-p x -b" "--errors" "-e --record x" "--replay a --record b" \
		"--save x --record y" "--save x --replay y" "--save x -e" "--save x --screen 80x24"; do
		# shellcheck disable=SC2086
		run -2 --separate-stderr "$NSTOP" $args
		[[ -z "$output" && -n "$stderr" ]]
	done
}

@test "batch mode: as many refreshes as were asked for, a full disk and a closed pipe are said" {
	run -0 --separate-stderr "$NSTOP" -bcn1 -d 0.1 # as fingers type it for top
	[[ ${lines[0]} == "nstop  "* ]]
	run -0 --separate-stderr "$NSTOP" -b -n 2 -d 0.1 --view names
	[[ $(grep -c "^nstop " <<<"$output") == 2 && "$output" == *kthreadd* ]]
	run -0 --separate-stderr "$NSTOP" -b -n 1 -d 0.1 --no-header --output pid,command --view proc -o pid
	[[ "${lines[0]}" != *PID* && "$output" == *kthreadd* ]]
	run -1 --separate-stderr "$NSTOP" -b -n 1 --proc "$BATS_TEST_TMPDIR"
	[[ "$stderr" == "nstop: cannot read $BATS_TEST_TMPDIR: not a procfs" ]]
	run -1 --separate-stderr bash -c '"$NSTOP" -b -n 1 -d 0.1 >/dev/full'
	[[ "$stderr" == *"No space left"* ]]
	run -1 --separate-stderr bash -c 'trap "" PIPE; "$NSTOP" -J -d 0.1 | head -c 100 >/dev/null; exit ${PIPESTATUS[0]}'
}

@test "JSON: a document a refresh, valid, with rates" {
	need_root
	"$NSTOP" -J -n 3 -d 0.3 >"$BATS_TEST_TMPDIR/out" 2>/dev/null
	[[ $(wc -l <"$BATS_TEST_TMPDIR/out") == 3 ]]
	while read -r line; do
		validate nstop <<<"$line"
	done <"$BATS_TEST_TMPDIR/out"
	tail -n1 "$BATS_TEST_TMPDIR/out" | jq -e '.containers[0] | .host and .container == null and .cpu >= 0 and .rss > 0 and .nprocs > 10' >/dev/null
	tail -n1 "$BATS_TEST_TMPDIR/out" | jq -e 'any(.namespaces[]; .type == "net" and .initial and .rx >= 0)' >/dev/null
	# found by the same means each time
	[[ $(jq -c '[.nskit.lister, .nskit.collector]' "$BATS_TEST_TMPDIR/out" | sort -u | wc -l) == 1 ]]
	# the same namespaces as nsls sees
	diff <(tail -n1 "$BATS_TEST_TMPDIR/out" | jq -r '.namespaces[] | select(.initial) | .ns' | sort) \
		<("$NSLS" -J 2>/dev/null | jq -r '.namespaces[] | select(.initial) | .ns' | sort)
}

@test "JSON: the events since the last document" {
	need_root
	need_bpf
	"$NSTOP" -J -d 0.3 >"$BATS_TEST_TMPDIR/out" 2>/dev/null 3>&- &
	watcher=$!
	kill_on_cleanup "$watcher"
	seen_thrice() { fail_once; [[ $(grep -o '"event":"bind"[^}]*"comm":"python3"[^}]*"errno":"EADDRINUSE"' "$BATS_TEST_TMPDIR/out" | wc -l) -ge 3 ]]; }
	eventually seen_thrice
	kill "$watcher"
	wait "$watcher" || true
	while read -r line; do
		validate nstop <<<"$line"
	done <"$BATS_TEST_TMPDIR/out"
	jq -s -e '[.[].events[] | select(.event == "bind" and .errno == "EADDRINUSE" and .comm == "python3")] | length >= 3' "$BATS_TEST_TMPDIR/out" >/dev/null
}

# The kernel's list is walked again and again into the same map.
@test "only namespaces that have parents have one, refresh after refresh" {
	need_root
	spawn bash -c 'while :; do unshare -pf true; unshare -pf sh -c "unshare -u true"; unshare -u true; unshare -ui true; done'
	"$NSTOP" -b -n 15 -d 0.1 --view namespaces --record "$BATS_TEST_TMPDIR/rec" >/dev/null 2>&1
	[[ $(frames "$BATS_TEST_TMPDIR/rec" | jq -s -c '[.[].namespaces[] | select(.type != "pid" and .type != "user" and .parent != null)]') == "[]" ]]
}

# containers ID...: control groups by whose names their processes are of containers. Before those are begun: they go after them.
containers()
{
	local id
	CGROUP2=$(findmnt -nt cgroup2 -o TARGET | head -n1)
	[[ -n $CGROUP2 ]] || skip "no control groups of version 2"
	for id; do
		mkdir "$CGROUP2/docker-$id.scope" 2>/dev/null || skip "no control groups of version 2 that may be made"
		on_cleanup eventually rmdir "$CGROUP2/docker-$id.scope"
	done
}

@test "ports that a rule alone publishes" {
	need_ns
	need_cmd nft
	local outer inner id other
	id=$(printf '%064x' $$)
	other=${id/0/1}
	containers "$id" "$other"
	in_ns -n
	outer=$NS_PID
	in_ns -n
	inner=$NS_PID
	nsenter -t "$outer" -n ip link add e0 type veth peer name e1 netns "$inner"
	nsenter -t "$outer" -n sh -c 'ip addr add 10.99.1.1/24 dev e0; ip link set e0 up; nft -f -' <<-'EOS'
		table ip door {
			chain pre {
				type nat hook prerouting priority dstnat;
				tcp dport 18123 dnat to 10.99.1.2:80
			}
		}
	EOS
	nsenter -t "$inner" -n sh -c 'ip addr add 10.99.1.2/24 dev e1; ip link set e1 up; ip link set lo up'
	echo "$inner" >"$CGROUP2/docker-$id.scope/cgroup.procs"
	echo "$outer" >"$CGROUP2/docker-$other.scope/cgroup.procs"
	published() { "$NSTOP" -J -n 2 -d 0.2 2>/dev/null | tail -n1 | jq -c --arg id "$id" '.containers[] | select(.container.id == $id) | .published'; }
	[[ $(published) == '["18123->80!"]' ]]
	spawn nsenter -t "$inner" -n python3 -c 'import socket, time; s = socket.socket(); s.bind(("0.0.0.0", 80)); s.listen(); time.sleep(100)'
	listening() { [[ $(published) == '["18123->80"]' ]]; }
	eventually listening
	run -0 "$NSTOP" --screen 150x40
	[[ "$output" == *"${id:0:10}"*"18123->80 "* ]]
}

# cpu_ms PID: what it has had of a processor, as the kernel's file says
cpu_ms()
{
	sed 's/.*) //' "/proc/$1/stat" | awk '{ print ($12 + $13) * 10 }'
}

# How much of a second a process gets is for the machine to say: what it has had is compared, before and after all refreshes.
says_busy() # COLLECTOR
{
	local had=$BATS_TEST_TMPDIR/had before after pid cpu rss threads
	spawn bash -c 'while :; do :; done'
	before=$(cpu_ms "$SPAWNED")
	run -0 --separate-stderr "$NSTOP" -b -n 2 -d 1 --no-header --collector "$1" --view proc -p "$SPAWNED" \
		--output pid,cpu,rss,nthreads --record "$BATS_TEST_TMPDIR/rec"
	after=$(cpu_ms "$SPAWNED")
	read -r pid cpu rss threads < <(grep . <<<"$output" | tail -n1)
	[[ $pid == "$SPAWNED" && $threads == 1 && $rss == *M ]]
	# of each refresh: when, and what it had had by then, in ms
	frames "$BATS_TEST_TMPDIR/rec" |
		jq -s --argjson pid "$SPAWNED" '[.[] | [.nskit.measured / 1000, (.tasks[] | select(.pid == $pid) | .cpu / 1000)]]' -c | tee "$had"
	# within what the kernel said before and after (which counts in ticks), never less than a moment ago; and the column says as much, in
	# three digits: from 100 on without tenths
	jq -e --argjson before "$before" --argjson after "$after" --argjson cpu "$cpu" 'length == 3
		and all(.[]; .[1] >= $before - 20 and .[1] <= $after + 20) and .[0][1] <= .[1][1] + 10 and .[1][1] <= .[2][1] + 10
		and ((.[2][1] - .[1][1]) / (.[2][0] - .[1][0]) * 100 - $cpu | fabs) < (if $cpu < 100 then 0.2 else 0.6 end)' "$had"
}

@test "what the rows say of a busy process is true" {
	need_root
	need_bpf
	says_busy bpf
}

@test "what the rows say of a busy process is true, from /proc" {
	need_root
	says_busy proc
}

# A stopped process's, which is what it is: us in a recording, ticks in /proc.
@test "CPU time is what /proc says, by each collector" {
	need_root
	local how ticks
	spawn bash -c 'for ((i = 0; i < 300000; i++)); do :; done; kill -STOP $$'
	eventually grep -q "^State:.T" "/proc/$SPAWNED/status"
	ticks=$(sed 's/.*) //' "/proc/$SPAWNED/stat" | awk '{ print $12 + $13 }')
	((ticks > 10))
	for how in proc bpf; do
		"$NSTOP" -b -n 1 -d 0.1 --collector $how --record "$BATS_TEST_TMPDIR/$how" >/dev/null 2>&1
		frames "$BATS_TEST_TMPDIR/$how" | jq -s -e --argjson pid "$SPAWNED" --argjson ticks "$ticks" \
			'last.tasks[] | select(.pid == $pid) | .cpu / 10000 - $ticks | . > -2 and . < 2' || return
	done
	kill -KILL "$SPAWNED"
}

@test "a recording can be replayed, one that was cut off up to its end; what is none is refused" {
	need_root
	local dir=$BATS_TEST_TMPDIR
	"$NSTOP" -b -n 3 -d 0.1 --record "$dir/rec" >/dev/null 2>&1
	[[ $(stat -c %a "$dir/rec") == 600 ]]
	run -0 --separate-stderr "$NSTOP" -J --replay "$dir/rec"
	[[ $(wc -l <<<"$output") == 4 ]] # the first refresh is recorded, too
	validate nstop <<<"${output%%$'\n'*}"
	head -c $(($(stat -c %s "$dir/rec") - 1000)) "$dir/rec" >"$dir/cut"
	run -0 --separate-stderr "$NSTOP" -J --replay "$dir/cut"
	[[ $(wc -l <<<"$output") == 3 ]]
	run -0 "$NSTOP" --replay "$dir/cut" --screen 80x24 --keys "} "
	[[ "$output" == *"ends in the middle"* ]]
	run -1 --separate-stderr "$NSTOP" -J --replay "$ROOT/README.md"
	[[ "$stderr" == *"no recording"* ]]
	run -1 --separate-stderr "$NSTOP" -J --replay "$dir/none"
	run -1 --separate-stderr "$NSTOP" -b -n 1 -d 0.1 --record /dev/full
	[[ "$stderr" == *"No space left"* ]]
}
