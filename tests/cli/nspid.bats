# SPDX-License-Identifier: GPL-2.0-or-later
# nspid against what the kernel says of each process in /proc, and what it does with bad input.
load ../lib

# status_of PID LINE: the numbers of a line of /proc/PID/status, as a JSON list
status_of()
{
	awk -v line="$2:" '$1 == line { for (i = 2; i <= NF; i++) printf "%s%s", i == 2 ? "[" : ",", $i; print "]" }' "/proc/$1/status"
}

# nest N COMMAND...: in N PID namespaces, one in the other; $DEEPEST is its pid here. Each level's init waits for the next.
nest()
{
	local n=$1 i command=()
	shift
	for ((i = 0; i < n; i++)); do
		command+=(unshare --pid --fork --kill-child)
	done
	spawn "${command[@]}" "$@"
	NEST=$SPAWNED
	eventually deepest "$1" "$n"
	deepest "$1" "$n"
	kill_on_cleanup "$DEEPEST"
}
deepest() # COMMAND LEVELS
{
	local pid=$NEST child
	while ! runs "$pid" "$1" && child=$(child_of "$pid") && [[ -n $child ]]; do
		pid=$child
	done
	DEEPEST=$pid
	[[ $(status_of "$pid" NSpid | tr -cd , | wc -c) == "$2" ]] && runs "$pid" "$1"
}

# pidns_above PID: the number of its PID namespace and of those above, outermost first, by the ancestors that nest() made
pidns_above()
{
	local pid=$1 ns list='' last=''
	while ns=$(ns_of pid "$pid"); do
		[[ $ns == "$last" ]] || list="$ns${list:+,$list}"
		last=$ns
		[[ $ns != "$(ns_of pid)" ]] || break
		pid=$(awk '/^PPid:/ { print $2 }' "/proc/$pid/status")
	done
	echo "[$list]"
}

# hold KIND: see tests/cli/hold.c; $PID and $TID
hold()
{
	spawn_open "$BATS_TEST_TMPDIR/out" "$HELPERS/hold" "$1"
	read -r _ NS PID TID _ <<<"$SPAWNED_LINE"
}

said() # FILTER: of the one process
{
	jq_is '.processes | length == 1'
	jq_is ".processes[0] | $1"
}

@test "a process three levels deep: all its numbers and namespaces" {
	need_ns
	nest 3 sleep 1000
	for way in "" "--collector=bpf" "--collector=proc"; do
		# shellcheck disable=SC2086
		json nspid "$NSPID" -J $way "$DEEPEST"
		said ".nspid == $(status_of "$DEEPEST" NSpid) and .pidns == $(pidns_above "$DEEPEST")"
		said "[.levels[].pgid] == $(status_of "$DEEPEST" NSpgid) and [.levels[].sid] == $(status_of "$DEEPEST" NSsid)"
		said "[.levels[].tgid] == $(status_of "$DEEPEST" NStgid) and .command == \"sleep 1000\" and .comm == \"sleep\""
		said ".ppid == $(awk '/^PPid/ { print $2 }' "/proc/$DEEPEST/status") and .uid == 0 and .inner_uid == 0"
	done
	run -0 --separate-stderr "$NSPID" "$DEEPEST"
	[[ ${lines[0]} == "$DEEPEST is 1 in pid namespace $(ns_of pid "$DEEPEST") (level 3), 2 in "* || ${lines[0]} == "$DEEPEST is 1 in pid namespace $(ns_of pid "$DEEPEST") (level 3), 1 in "* ]]
	[[ ${lines[0]} == *"thread group $DEEPEST, started $(date +%Y)-"* ]]
}

@test "thirty-two levels, which is the kernel's limit" {
	need_ns
	nest 32 sleep 1000
	run ! nsenter -t "$DEEPEST" -p -- unshare --pid --fork true # it is the limit
	json nspid "$NSPID" -J "$DEEPEST"
	said ".nspid == $(status_of "$DEEPEST" NSpid) and (.nspid | length) == 33"
	said ".pidns == $(pidns_above "$DEEPEST") and (.pidns | unique | length) == 33"
	json nspid "$NSPID" -J "pid:[$(ns_of pid "$DEEPEST")]"
	said ".nspid == $(status_of "$DEEPEST" NSpid)"
	# each level's process 1 has one number more than the one above; and -i finds the deepest in each
	local nr ns said
	while read -r nr ns; do
		said=$("$NSPID" -i "$nr" "pid:[$ns]" 2>/dev/null) || true
		[[ $said == "$DEEPEST" ]] || { echo "$nr in $ns: $said"; false; }
	done < <(jq -r '.processes[0] | [.nspid, .pidns] | transpose[] | "\(.[0]) \(.[1])"' <<<"$output")
	run -0 --separate-stderr "$NSPID" -T "$DEEPEST"
	[[ $(grep -c 'pid:\[' <<<"$output") == 33 ]]
}

@test "the kernel's translation and the snapshot's are one" {
	need_ns
	nest 3 sh -c 'sleep 1001 & sleep 1002 & wait'
	"$NSPID" --save "$BATS_TEST_TMPDIR/snap" 2>/dev/null
	local ns member nr
	ns=$(ns_of pid "$DEEPEST")
	for member in $DEEPEST $(child_of "$DEEPEST"); do
		nr=$(status_of "$member" NSpid | jq '.[-1]')
		for way in "$DEEPEST" "pid:[$ns]" "--collector=proc pid:[$ns]" "--from $BATS_TEST_TMPDIR/snap pid:[$ns]" \
			"--from $BATS_TEST_TMPDIR/snap $DEEPEST"; do
			# shellcheck disable=SC2086
			run -0 --separate-stderr "$NSPID" -i "$nr" $way
			[[ $output == "$member" ]] || { echo "-i $nr $way: $output, not $member"; false; }
		done
	done
	json nspid "$NSPID" -J -i 1 "pid:[$ns]"
	said ".pid == $DEEPEST and .start != null"
	run -1 --separate-stderr "$NSPID" -i 31999 "pid:[$ns]"
	[[ $stderr == *"no PID 31999 in pid:[$ns]"* ]]
}

@test "a namespace as target: who is in it and below, with the numbers that it has for them" {
	need_ns
	in_ns --pid --mount --mount-proc -- sh -c 'unshare --pid --fork --kill-child sleep 1003 & sleep 1004; :'
	eventually pgrep -f '^sleep 1003$'
	local ns
	ns=$(ns_of pid "$NS_PID")
	for collector in auto bpf proc; do
		[[ $collector != bpf ]] || need_bpf
		run -0 --separate-stderr "$NSPID" --collector=$collector --no-header -o INSIDE,HOST "pid:[$ns]"
		diff <(awk '{ print $1, $2 }' <<<"$output" | sort) \
			<(for p in /proc/[0-9]*; do awk -v ns="$ns" '$1 == "NSpid:" && NF > 2 { print $3, $2 }' "$p/status" 2>/dev/null || :; done |
				while read -r inner host; do
					[[ $(pidns_above "$host") != *"$ns"* ]] || echo "$inner $host"
				done | sort)
	done
	# as the one who looks from inside has it
	[[ $(nsenter -t "$NS_PID" -p -m "$NSPID" --no-header -o HOST,COMM 2>/dev/null | awk '/sleep/ { print $1, $2 }') == \
		"$("$NSPID" --no-header -o INSIDE,COMM "pid:[$ns]" 2>/dev/null | awk '/sleep/ { print $1, $2 }')" ]]
	run -0 --separate-stderr "$NSPID" -T "pid:[$ns]"
	[[ $output == *"pid:[$(ns_of pid)] host"*"pid:[$ns]"*"sleep 1004"*"pid:["*"sleep 1003"* ]]
}

@test "from inside: its own view, and -i for what is nested in it" {
	need_ns
	in_ns --pid --mount --mount-proc -- sh -c 'unshare --pid --fork --kill-child sleep 1005 & sleep 1006; :'
	eventually pgrep -f '^sleep 1005$'
	local inner
	inner=$(pgrep -f '^sleep 1005$')
	run -0 --separate-stderr nsenter -t "$NS_PID" -p -m "$NSPID" 1
	[[ ${lines[0]} == "1 is 1 here (pid namespace $(ns_of pid "$NS_PID"), level 0)"* ]]
	local seen
	seen=$(status_of "$inner" NSpid | jq '.[1]')
	run -0 --separate-stderr nsenter -t "$NS_PID" -p -m "$NSPID" -i 1 "$seen"
	[[ $output == "$seen" ]]
	run -0 --separate-stderr nsenter -t "$NS_PID" -p -m "$NSPID" -i 1 "pid:[$(ns_of pid "$inner")]"
	[[ $output == "$seen" ]]
	# a pid of the host means nothing in there
	run -1 nsenter -t "$NS_PID" -p -m "$NSPID" "$$"
}

@test "another /proc inside: the mount namespace does not matter" {
	need_ns
	in_ns --pid --mount --mount-proc -- sh -c 'sleep 1009 & mount -t tmpfs none /proc; wait'
	json nspid "$NSPID" -J "$NS_PID"
	said ".nspid == [$NS_PID, 1] and .pidns == [$(ns_of pid), $(ns_of pid "$NS_PID")] and .comm == \"sh\""
	run -0 --separate-stderr "$NSPID" -i 1 "$NS_PID"
	[[ $output == "$NS_PID" ]]
	run -0 --separate-stderr "$NSPID" --no-header -o INSIDE,COMMAND "pid:[$(ns_of pid "$NS_PID")]"
	[[ $output == *"sleep 1009"* ]]
}

@test "a user namespace with a shifted map: the ids on both sides" {
	need_ns
	spawn setpriv --reuid 100033 --regid 100044 --clear-groups unshare --user --pid --fork --kill-child sleep 1000
	local outer=$SPAWNED
	eventually child_of "$outer"
	eventually runs "$(child_of "$outer")" sleep
	local pid
	pid=$(child_of "$outer")
	echo "0 100000 40" >"/proc/$pid/uid_map"
	echo "0 100000 40" >"/proc/$pid/gid_map"
	for target in "$pid" "pid:[$(ns_of pid "$pid")]"; do
		json nspid "$NSPID" -J "$target"
		said '.uid == 100033 and .inner_uid == 33 and .gid == 100044 and .inner_gid == null'
	done
	run -0 --separate-stderr "$NSPID" --no-header -o USER,INNER_USER "pid:[$(ns_of pid "$pid")]"
	[[ $output =~ ^100033\ +33$ ]]
}

@test "threads: a thread by its id, and all of a process" {
	need_ns
	hold thread
	json nspid "$NSPID" -J "$TID"
	said ".pid == $PID and .tid == $TID and .tgid == $PID and .nspid == [$TID]"
	run -0 --separate-stderr "$NSPID" "$TID"
	[[ ${lines[0]} == "$TID is thread $TID of process $PID on the host"*"thread group $PID"* ]]
	for collector in auto proc bpf; do
		[[ $collector != bpf ]] || need_bpf
		json nspid "$NSPID" -J -L --collector=$collector "net:[$(ns_of net "$TID")]"
		jq_is '[.processes[].tid] == ['"$TID"']'
	done
	json nspid "$NSPID" -J -L "$PID"
	jq_is "[.processes[].tid] == [$(ls "/proc/$PID/task" | sort -n | paste -sd,)]"
	json nspid "$NSPID" -J "$PID"
	said ".tid == $PID"
}

@test "a zombie and a kernel thread are what they are" {
	need_ns
	hold zombie
	local zombie
	zombie=$(for p in $(child_of "$PID"); do echo "$p"; done | head -n1)
	[[ $zombie ]] || zombie=$PID
	for way in "$zombie" "--collector=proc host" "--collector=auto host"; do
		# shellcheck disable=SC2086
		json nspid "$NSPID" -J $way
		jq_is ".processes[] | select(.pid == $zombie) | .zombie and (.kthread | not)"
	done
	run -0 --separate-stderr "$NSPID" "$zombie"
	[[ ${lines[0]} == *", a zombie" ]]
	[[ "$(<"/proc/2/comm")" == kthreadd ]] || skip "no kernel threads here"
	json nspid "$NSPID" -J 2
	said '.kthread and .command == "kthreadd"'
	run -0 --separate-stderr "$NSPID" -o HOST,COMMAND 2
	[[ $output =~ \[kthreadd\] ]]
}

@test "children that will be in another PID namespace" {
	need_ns
	in_ns --pid
	json nspid "$NSPID" -J "$NS_OUTER"
	said ".pid_for_children == $(ns_of pid "$NS_PID") and .pidns == [$(ns_of pid)]"
	run -0 --separate-stderr "$NSPID" "$NS_OUTER"
	[[ ${lines[0]} == *"its children will be in pid namespace $(ns_of pid "$NS_PID")" ]]
	run -0 --separate-stderr "$NSPID" "net:[$(ns_of net)]"
	[[ ${lines[0]} == *PID_FOR_CHILDREN* ]]
}

@test "both collectors say the same of all processes" {
	need_ns
	need_bpf
	nest 3 sleep 1000
	spawn_open "$BATS_TEST_TMPDIR/farm" "$HELPERS/farm" 3 4
	for collector in bpf proc; do
		"$NSPID" -J -L --collector=$collector 2>/dev/null >"$BATS_TEST_TMPDIR/$collector"
		validate nspid "$BATS_TEST_TMPDIR/$collector"
	done
	"$NSPID" -J -L --collector=bpf 2>/dev/null >"$BATS_TEST_TMPDIR/again"
	# start: of the same boot's clock, which may be slewed in between. What changed meanwhile is set aside.
	jq -n --slurpfile a "$BATS_TEST_TMPDIR/bpf" --slurpfile b "$BATS_TEST_TMPDIR/proc" --slurpfile again "$BATS_TEST_TMPDIR/again" '
		def by: map(select(.kthread | not) | del(.start) | {key: "\(.tid) \(.command)", value: .}) | from_entries;
		($a[0].processes | by) as $x | ($b[0].processes | by) as $y | ($again[0].processes | by) as $z |
		[$x | keys[] | select($y[.] and $x[.] == $z[.])] as $both |
		{both: $both | length, differ: [$both[] | select($x[.] != $y[.]) | {bpf: $x[.], proc: $y[.]}]}' >"$BATS_TEST_TMPDIR/diff"
	jq -e '.both > 20 and .differ == []' "$BATS_TEST_TMPDIR/diff" || { head -c 3000 "$BATS_TEST_TMPDIR/diff"; false; }
}

@test "a saved snapshot shows what was shown" {
	need_ns
	nest 2 sleep 1000
	local ns file=$BATS_TEST_TMPDIR/snap live
	ns=$(ns_of pid "$DEEPEST")
	run -0 --separate-stderr "$NSPID" --save "$file" "pid:[$ns]"
	live=$output
	validate snapshot "$file"
	run -0 --separate-stderr "$NSPID" --from "$file" "pid:[$ns]"
	[[ $output == "$live" ]]
	run -0 --separate-stderr "$NSPID" "$DEEPEST"
	live=$output
	run -0 --separate-stderr "$NSPID" --from "$file" "$DEEPEST"
	[[ $output == "$live" ]]
	"$NSPID" --save - 2>/dev/null | validate snapshot
	json nspid "$NSPID" --from "$file" -J
	run -0 --separate-stderr "$NSLS" --save "$file" -n
	run -1 --separate-stderr "$NSPID" --from "$file" -L
	[[ $stderr == *"was saved without threads: use nspid --save"* ]]
}

@test "gone, or somebody else's: exit 1, and where that number is inside of namespaces" {
	need_ns
	sh -c 'exit 0' &
	local gone=$!
	wait "$gone"
	run -1 --separate-stderr "$NSPID" "pid:$gone"
	[[ $stderr == "nspid: no such PID: $gone"* && -z $output ]]
	run -1 --separate-stderr "$NSPID" nskit-no-such-thing
	[[ $stderr == *"no such container"* ]]
	run -1 --separate-stderr "$NSPID" -i 7 "$gone"
	# a number that is only used inside
	local inside
	inside=$(($(</proc/sys/kernel/pid_max) - 100))
	while [[ -d /proc/$inside ]]; do ((inside--)); done
	in_ns --pid --mount --mount-proc -- sh -c "echo $((inside - 1)) >/proc/sys/kernel/ns_last_pid; sleep 1007 & sleep 1008; :"
	eventually nsenter -t "$NS_PID" -p -m pgrep -f '^sleep 1007$'
	run -1 --separate-stderr "$NSPID" "$inside"
	[[ $stderr == *"no such process, container or namespace: $inside; inside of namespaces it is "*" in pid:[$(ns_of pid "$NS_PID")]"* ]]
}

@test "a path of a namespace is a target; one without a process is told from one that is not there" {
	in_ns --pid --mount --mount-proc
	run -0 --separate-stderr "$NSPID" --no-header --output HOST,INSIDE "/proc/$NS_PID/ns/pid"
	[[ "$output" =~ ^\ *$NS_PID\ +1$ ]]
	bind_ns "$NS_PID" pid "$BATS_TEST_TMPDIR/pidns"
	run -0 --separate-stderr "$NSPID" -i 1 "$BATS_TEST_TMPDIR/pidns"
	[[ "$output" == "$NS_PID" ]]
	ln -s pidns "$BATS_TEST_TMPDIR/link"
	run -0 --separate-stderr "$NSPID" -i 1 "$BATS_TEST_TMPDIR/link"
	netns_add nskit-nobody
	run -1 --separate-stderr "$NSPID" /run/netns/nskit-nobody
	[[ "$stderr" == "nspid: no process is in "* ]]
	run -1 --separate-stderr "$NSPID" "$(stat -Lc %i /run/netns/nskit-nobody)"
	[[ "$stderr" == "nspid: no process is in "* ]]
	run -1 --separate-stderr "$NSPID" 'net:[4294967295]'
	[[ "$stderr" == "nspid: no such namespace: "* ]]
}

@test "wrong usage: exit 2, one line and where help is" {
	for args in --no-such "pid:x" "pid:0" "pid:-4" 0 -5 99999999999 "-i x 1" "-i 0 1" "-i -3 1" "-i 99999999999 1" "-i 1" "-i 1 1 2" \
		"-o HOST,NOPE" "--to-inner" "--pattern (x)" "-i 1 -T 1" "--collector=maybe"; do
		# shellcheck disable=SC2086
		run -2 --separate-stderr "$NSPID" $args
		[[ -z $output && $stderr == "nspid: "*"Try 'nspid --help'."* ]] || { echo "$args: $output $stderr"; false; }
	done
}

@test "help and version on stdout; a full disk is said" {
	run -0 --separate-stderr "$NSPID" --help
	[[ $output == "Usage: nspid"* && -z $stderr ]]
	run -0 "$NSPID" -V
	[[ $output == "nspid from nskit "* ]]
	run -1 bash -c '"$NSPID" -J >/dev/full'
	[[ $output == *"No space left on device"* ]]
}

@test "a kernel without NSpid says so" {
	need_ns
	in_ns --pid
	grep -v ^NS "/proc/$NS_PID/status" >"$BATS_TEST_TMPDIR/status" # as before 4.1
	run -0 --separate-stderr unshare --mount sh -c 'mount --bind "$1" "/proc/$2/status" && exec "$NSPID" "$2"' sh "$BATS_TEST_TMPDIR/status" "$NS_PID"
	[[ $stderr == *"pids inside of namespaces"*"Linux 4.1"* && ${lines[0]} == "$NS_PID is $NS_PID "* ]]
	run -3 --separate-stderr unshare --mount sh -c 'mount --bind "$1" "/proc/$2/status" && exec "$NSPID" --strict "$2"' sh "$BATS_TEST_TMPDIR/status" "$NS_PID"
}

@test "one process costs the same however many there are: no other is looked at" {
	need_ns
	need_cmd strace
	in_ns --pid
	strace -f -o "$BATS_TEST_TMPDIR/trace" "$NSPID" "$NS_PID" >/dev/null 2>&1
	run ! grep 'bpf(' "$BATS_TEST_TMPDIR/trace"
	! grep -oE '"/?[0-9]+(/[a-z]+)?"' "$BATS_TEST_TMPDIR/trace" | tr -d '"/a-z' | grep -vxE "$NS_PID|" | grep -q .
}
