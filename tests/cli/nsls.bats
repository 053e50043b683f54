# SPDX-License-Identifier: GPL-2.0-or-later
# nsls beside lsns, and what it does with bad input.
load ../lib

# Of two listings the lines that are in both: what stayed the same meanwhile.
stays() { comm -12 <(sort <<<"$1") <(sort <<<"$2"); }

# Both count themselves. Namespaces without a process are in our list alone. What was the same before and after the other one's list
# has to be in that; what came, went and came again in between is tried again.
@test "same namespaces, same NPROCS, same PID as lsns" {
	need_ns
	need_cmd lsns
	in_ns -n -u -m -i
	in_ns -p -U -C
	theirs() { lsns -n -r -o NS,TYPE,NPROCS,PID | awk '$3 != 0'; }
	ours() { "$NSLS" -n -r -o NS,TYPE,NPROCS,PID --collector="$1" 2>/dev/null | awk '$3 != 0'; }
	for collector in proc bpf; do
		[[ $collector != bpf ]] || need_bpf
		local i lists differ
		for ((i = 0; i < 10; i++)); do
			lists=("$(ours $collector)" "$(theirs)" "$(ours $collector)" "$(theirs)")
			differ=$(comm -23 <(stays "${lists[0]}" "${lists[2]}") <(sort <<<"${lists[1]}")
				comm -23 <(stays "${lists[1]}" "${lists[3]}") <(sort <<<"${lists[2]}"))
			[[ $differ ]] || break
		done
		[[ -z $differ ]] || { echo "$collector:"; diff <(echo "${lists[1]}") <(echo "${lists[2]}"); }
		for ns in $(ns_of cgroup "$NS_PID") $(ns_of user "$NS_PID") $(ns_of pid "$NS_PID"); do
			stays "${lists[0]}" "${lists[1]}" | grep -q "^$ns "
		done
	done
}

@test "-J has lsns's keys" {
	need_cmd lsns
	json nsls "$NSLS" -J
	lsns -J --output-all | jq -r '.namespaces[0] | keys[]' | while read -r key; do
		jq_is ".namespaces[0] | has(\"$key\")"
	done
	jq_is '.nskit.tool == "nsls" and .nskit.schema == "nskit-nsls/1" and (.nskit.gaps | type) == "array"'
	jq_is '.nskit.complete == (.nskit.gaps == [])'
}

@test "-J with named columns has only those" {
	json nsls "$NSLS" -J -o NS,TYPE
	jq_is '[.namespaces[] | keys] | unique == [["ns", "type"]]'
}

@test "both collectors say the same of every process that both see" {
	need_ns
	need_bpf
	in_ns -n -u -m -i -C
	in_ns -p -U --map-root-user
	in_ns -T
	local bpf=$BATS_TEST_TMPDIR/bpf proc=$BATS_TEST_TMPDIR/proc i ns pid fd
	spawn_open "$BATS_TEST_TMPDIR/farm" "$HELPERS/farm" -f 2 5 4
	for i in fd socket thread-table; do
		spawn_open "$BATS_TEST_TMPDIR/$i" "$HELPERS/hold" "$i"
	done
	"$NSLS" --collector=bpf --save "$bpf" >/dev/null 2>&1
	"$NSLS" --collector=proc --save "$proc" >/dev/null 2>&1
	"$NSLS" --collector=bpf --save "$bpf.again" >/dev/null 2>&1
	validate snapshot "$bpf"
	validate snapshot "$proc"
	[[ $(jq -r .nskit.collector "$bpf") == bpf && $(jq -r .nskit.collector "$proc") == proc ]]
	# Of the tasks in both (same tid, same start) every field; what came, went or changed meanwhile aside.
	jq -n --slurpfile a "$bpf" --slurpfile b "$proc" --slurpfile again "$bpf.again" '
		def by: map({key: "\(.tid) \(.start)", value: .}) | from_entries;
		($again[0].tasks | by) as $z |
		($a[0].tasks | by | with_entries(select(.value == $z[.key]))) as $x | ($b[0].tasks | by) as $y |
		[$x | keys[] | select($y[.]) | select($x[.] != $y[.]) | {bpf: $x[.], proc: $y[.]}] as $differ |
		{both: [$x | keys[] | select($y[.])] | length, differ: $differ}' >"$BATS_TEST_TMPDIR/diff"
	jq -e '.both > 50' "$BATS_TEST_TMPDIR/diff" >/dev/null
	jq -e '.differ == []' "$BATS_TEST_TMPDIR/diff" >/dev/null || { jq .differ "$BATS_TEST_TMPDIR/diff" | head -80 >&2; return 1; }
	# And of the namespaces, but for those that were born behind the back of the kernel's list: none of ours.
	jq -n --slurpfile a "$bpf" --slurpfile b "$proc" --slurpfile again "$bpf.again" --arg time "time $(ns_of time "$NS_PID")" '
		def by: map(del(.counted) | {key: "\(.type) \(.ns)", value: .}) | from_entries;
		($a[0].namespaces | by) as $x | ($b[0].namespaces | by) as $y | ($again[0].namespaces | by) as $z |
		[$x | keys[] | select($y[.] and $x[.] == $z[.] and $x[.] != $y[.]) |
			select(. == $time or ($x[.].id != null) == ($y[.].id != null)) | {bpf: $x[.], proc: $y[.]}]' >"$BATS_TEST_TMPDIR/diff"
	jq -e '. == []' "$BATS_TEST_TMPDIR/diff" >/dev/null || { head -80 "$BATS_TEST_TMPDIR/diff" >&2; return 1; }
	# And of what keeps them, and of the containers, as far as it was the same before and afterwards.
	jq -n --slurpfile a "$bpf" --slurpfile b "$proc" --slurpfile again "$bpf.again" '
		def stays($key): ($a[0][$key] - ($a[0][$key] - $again[0][$key]));
		([$a[0], $b[0], $again[0] | .tasks | map("\(.pid) \(.start)")] | .[0] - (.[0] - .[1]) - (.[0] - .[2]) |
			map({key: split(" ")[0], value: true}) | from_entries) as $pids |
		def extra($key): ($b[0][$key] - $a[0][$key] - $again[0][$key]);
		{holds: (stays("holds") | length),
		 bpf: (stays("holds") | sort - $b[0].holds | map(select(.kind == "mount" or $pids["\(.pid)"]))),
		 proc: (extra("holds") | sort | map(select(.kind == "mount" or $pids["\(.pid)"]))),
		 containers: (stays("containers") - $b[0].containers + extra("containers") | sort)}' >"$BATS_TEST_TMPDIR/diff"
	jq -e '.holds >= 3 and .bpf == [] and .proc == [] and .containers == []' "$BATS_TEST_TMPDIR/diff" >/dev/null ||
		{ head -80 "$BATS_TEST_TMPDIR/diff" >&2; return 1; }
	# The thread's own table: the socket of the namespace that it left is kept from elsewhere, the one that it opened is not.
	read -r _ ns pid _ fd <"$BATS_TEST_TMPDIR/thread-table"
	for i in "$bpf" "$proc"; do
		jq -e --argjson ns "$ns" --argjson pid "$pid" --argjson fd "$fd" '[.holds[] | select(.pid == $pid)] |
			length == 1 and (.[0] | .kind == "socket" and .fd != $fd and .ns != $ns)' "$i" >/dev/null ||
			{ jq -c --argjson pid "$pid" '.holds[] | select(.pid == $pid)' "$i" >&2; return 1; }
	done
}

# But of those that no file lets us open: mounted in another mount namespace, for instance.
@test "what the list walk says, the ioctls say too" {
	need_ns
	need_bpf
	need_kernel 6.18
	in_ns -n -u -U --map-root-user
	in_ns -p -C
	local list=$BATS_TEST_TMPDIR/list files=$BATS_TEST_TMPDIR/files
	"$NSLS" --collector=proc --save "$list" >/dev/null 2>&1
	NSKIT_NO_BPF=1 "$NSLS" --save "$files" >/dev/null 2>&1
	"$NSLS" --collector=proc --save "$list.again" >/dev/null 2>&1
	[[ $(jq -r .nskit.lister "$list") == bpf && $(jq -r .nskit.lister "$files") == files ]]
	jq -e --argjson pid "$(ns_of pid "$NS_PID")" '.namespaces[] | select(.type == "pid" and .ns == $pid) | .denied == null' "$files"
	jq -n --slurpfile a "$list" --slurpfile b "$files" --slurpfile again "$list.again" '
		def by: map(del(.listed, .counted) | {key: "\(.type) \(.ns)", value: .}) | from_entries;
		($a[0].namespaces | by) as $x | ($b[0].namespaces | by) as $y | ($again[0].namespaces | by) as $z |
		[$x | keys[] | select($y[.] and $x[.] == $z[.] and $x[.] != $y[.] and ($y[.].denied.owner == null)) |
			{list: $x[.], files: $y[.]}]' >"$BATS_TEST_TMPDIR/diff"
	jq -e '. == []' "$BATS_TEST_TMPDIR/diff" >/dev/null || { head -80 "$BATS_TEST_TMPDIR/diff" >&2; return 1; }
}

@test "a saved snapshot shows what was shown" {
	need_ns
	in_ns -n -u
	local file=$BATS_TEST_TMPDIR/snap
	run -0 --separate-stderr "$NSLS" --save "$file" -r -o NS,TYPE,NPROCS,PID,PPID,USER,COMMAND,PATH,PNS,ONS,CONTAINER
	live=$output
	validate snapshot "$file"
	run -0 --separate-stderr "$NSLS" --from "$file" -r -o NS,TYPE,NPROCS,PID,PPID,USER,COMMAND,PATH,PNS,ONS,CONTAINER
	[[ "$output" == "$live" ]]
	run -0 --separate-stderr "$NSLS" --from - -n <"$file"
	[[ "$output" == *"$(ns_of net "$NS_PID")"* ]]
	"$NSLS" --from "$file" --save "$file.2" >/dev/null 2>&1
	cmp "$file" "$file.2"
	json nsls "$NSLS" --from "$file" -J
}

@test "a snapshot on standard output is all that is there" {
	"$NSLS" --save - 2>/dev/null | validate snapshot
}

@test "asking a snapshot for more than it holds" {
	local file=$BATS_TEST_TMPDIR/snap
	"$NSLS" --save "$file" >/dev/null 2>&1
	jq '.nskit.wants = ["tasks", "hidden"]' "$file" >"$file.less"
	run -1 "$NSLS" --from "$file.less" -o NS,CONTAINER
	[[ "$output" == *"was saved without containers: use nsls --save"* ]]
	[[ ${#lines[@]} == 1 ]]
}

@test "snapshots that are none: exit 1, one line" {
	local file=$BATS_TEST_TMPDIR/snap bad
	"$NSLS" --save "$file" >/dev/null 2>&1
	head -c 1000 "$file" >"$file.1"
	: >"$file.2"
	echo '{"nskit": {"schema": "nskit-snapshot/99"}}' >"$file.3"
	echo '[1, 2]' >"$file.4"
	head -c 5000 /dev/urandom >"$file.5"
	jq '.tasks[0].pid = -1' "$file" >"$file.6"
	jq '.namespaces[0].type = "\u001b[31m"' "$file" >"$file.7"
	jq '.nskit.schema = "nskit-nsls/1"' "$file" >"$file.8"
	for bad in "$file".[1-8] /nonexistent /proc; do
		run -1 "$NSLS" --from "$bad"
		echo "$bad: $output"
		[[ ${#lines[@]} == 1 && "$output" == "nsls: "* && "$output" != *$'\e'* ]]
	done
}

@test "no such target: the near ones" {
	run -1 --separate-stderr "$NSLS" nskit-no-such-thing
	[[ "$stderr" == *"no such container: nskit-no-such-thing"* && -z "$output" ]]
	run -1 "$NSLS" pid:4194303
	run -1 "$NSLS" 'net:[4294967295]'
	run -1 "$NSLS" /run/netns/nskit-none
	run -1 "$NSLS" 99999999999
	run -1 --separate-stderr "$NSLS" hst
	[[ "$stderr" == *"; near: "*host ]]
}

@test "an option mistyped: what was meant, or the several that begin so" {
	run -2 --separate-stderr "$NSLS" --jsn
	[[ "${stderr_lines[0]}" == "nsls: no such option: --jsn; near: --json" ]]
	run -2 --separate-stderr "$NSLS" --colr=always
	[[ "${stderr_lines[0]}" == "nsls: no such option: --colr; near: --color" ]]
	run -2 --separate-stderr "$NSLS" --col
	[[ "${stderr_lines[0]}" == "nsls: --col is ambiguous: --collector, --color" ]]
	run -2 --separate-stderr "$NSLS" --zzzzz
	[[ "${stderr_lines[0]}" == "nsls: no such option: --zzzzz" ]]
}

@test "wrong usage: exit 2, one line and where help is" {
	for args in --no-such -t\ nonsense -o\ NS,NOPE -p\ x -p\ 0 -p\ -5 --collector=maybe --color=red "--from x --proc /proc" "--enter -J host"; do
		# shellcheck disable=SC2086
		run -2 --separate-stderr "$NSLS" $args
		[[ -z "$output" && "$stderr" == "nsls: "*"Try 'nsls --help'."* ]] || { echo "$args: $stderr"; false; }
	done
}

@test "wrong usage: an option that takes nothing, and one that takes something" {
	run -2 --separate-stderr "$NSLS" --json=x
	[[ "$stderr" == "nsls: option --json=x takes no argument"* ]]
	run -2 --separate-stderr "$NSLS" --keepers=x
	[[ "$stderr" == "nsls: option --keepers=x takes no argument"* ]]
	run -2 --separate-stderr "$NSLS" --json -QJ
	[[ "$stderr" == "nsls: no such option: -Q"* ]]
	run -2 --separate-stderr "$NSLS" -t
	[[ "$stderr" == "nsls: option -t needs an argument"* ]]
	run -2 --separate-stderr "$NSLS" --save
	[[ "$stderr" == "nsls: option --save needs an argument"* ]]
}

@test "help and version on stdout" {
	run -0 --separate-stderr "$NSLS" --help
	[[ "$output" == "Usage: nsls"* && -z "$stderr" ]]
	run -0 "$NSLS" -V
	[[ "$output" == "nsls from nskit "* ]]
	run -0 "$NSLS" -o help
	[[ "$output" == *NETNSID* ]]
}

@test "a full disk or a closed pipe is never silent" {
	[[ -c /dev/full ]] || skip "no /dev/full"
	run -1 --separate-stderr bash -c '"$0" >/dev/full' "$NSLS"
	[[ "$stderr" == *"No space left on device"* ]]
	run -1 --separate-stderr bash -c '"$0" --save /dev/full' "$NSLS"
	[[ "$stderr" == *"No space left on device"* ]]
	run -1 --separate-stderr bash -c '"$0" >&-' "$NSLS"
	# A reader that goes before all is written: 1 and why, or a signal; but not 0. (One pipe's worth may be written before.)
	local file=$BATS_TEST_TMPDIR/snap
	"$NSLS" --save "$file" >/dev/null 2>&1
	jq -c '.tasks[0].command = ("x" * 1000000)' "$file" >"$file.long"
	run bash -c '"$0" --from "$1" --save - | head -c 1 >/dev/null; exit "${PIPESTATUS[0]}"' "$NSLS" "$file.long"
	[[ $status == 1 || $status == 141 ]]
	run bash -c 'trap "" PIPE; "$0" --from "$1" --save - | head -c 1 >/dev/null; exit "${PIPESTATUS[0]}"' "$NSLS" "$file.long"
	[[ $status == 1 && "$output" == "nsls: "*"Broken pipe"* ]]
}

@test "what is said on stderr is one write, that nothing else on the same terminal comes between" {
	run -0 python3 - "$NSLS" --no-such-option <<-'EOP'
		import os, socket, subprocess, sys
		ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
		subprocess.run(sys.argv[1:], stderr=theirs)
		print(ours.recv(4096).decode(), end="")
	EOP
	[[ "$output" == "nsls: no such option: --no-such-option" ]]
}

@test "not root: all that can be read, and a count of what could not" {
	need_root
	need_cmd setpriv
	need_ns
	in_ns -n
	# The binary may lie where nobody may go.
	local dir as=(setpriv --reuid=65534 --regid=65534 --clear-groups)
	dir=$(mktemp -d /tmp/nskit.XXXXXX)
	on_cleanup rm -r "$dir"
	cp "$NSLS" "$dir/nsls" && chmod 755 "$dir" "$dir/nsls"
	run -0 --separate-stderr "${as[@]}" "$dir/nsls"
	[[ "$stderr" == "nsls: incomplete: "*"Permission denied"* ]]
	[[ $(wc -l <<<"$stderr") == 1 ]]
	[[ "$output" == *"$(ns_of net)"* ]]
	json nsls "${as[@]}" "$dir/nsls" -J
	jq_is '.nskit.complete == false and .nskit.collector == "proc" and (.nskit.gaps | any(.errno == "EACCES" and .count > 10))'
	run -3 --separate-stderr "${as[@]}" "$dir/nsls" --strict
	run -1 --separate-stderr "${as[@]}" "$dir/nsls" --collector=bpf
	[[ "$stderr" == *CAP_BPF* ]]
}

# Whose pids a procfs shows is said behind the line of groups.
@test "a member of a thousand groups knows another PID namespace's procfs" {
	need_ns
	need_cmd setpriv
	in_ns -p
	local inside=(nsenter -t "$NS_PID" -p setpriv --groups "$(seq -s, 100000 101000)")
	run -0 "${inside[@]}" grep -c '^NSpid:.*[0-9].[0-9]' /proc/self/status
	spawn_open "$BATS_TEST_TMPDIR/socket" "$HELPERS/hold" socket
	json nsls "${inside[@]}" "$NSLS" --collector=proc --keepers -J
	jq_is '.nskit.gaps | any(.what == "sockets\u0027 network namespaces" and .errno == "EXDEV")'
}

@test "hostile names stay in their cells" {
	need_ns
	local evil=$'a\e[31m\nb"\\\xff) c\xe2\x80\xae'
	cp "$(command -v sleep)" "$BATS_TEST_TMPDIR/$evil"
	spawn unshare -n -u -- "$BATS_TEST_TMPDIR/$evil" 1000
	eventually grep -aq '(a' "/proc/$SPAWNED/stat"
	local ns
	ns=$(ns_of net "$SPAWNED")
	run -0 --separate-stderr "$NSLS" -t net
	[[ $(grep -c "^$ns net" <<<"$output") == 1 ]]
	[[ "$output" != *$'\e'* && "$output" != *$'\xff'* && "$output" != *$'\xe2\x80\xae'* ]]
	[[ "$output" == *'a\x1b[31m\x0ab"\\xff) c\xe2\x80\xae'* ]]
	json nsls "$NSLS" -J -t net
	jq_is '.namespaces[] | select(.ns == '"$ns"') | .command | contains("a\\x1b[31m\\x0ab\"\\\\xff) c\\xe2\\x80\\xae")'
	local file=$BATS_TEST_TMPDIR/snap
	"$NSLS" --save "$file" >/dev/null 2>&1
	validate snapshot "$file"
	run -0 --separate-stderr "$NSLS" --from "$file" -t net -r -n -o NS,COMMAND
	[[ "$output" == *"$ns "*'a\x1b[31m\x0ab'* ]]
}

@test "a long command line is whole; of an enormous one it is said that it was cut" {
	need_ns
	local i long rest=() file=$BATS_TEST_TMPDIR/snap gap="command lines longer than 2 MiB"
	long=$(printf '%0100000d' 0)
	in_ns -u -- python3 -c 'import signal; signal.pause()' "$long" end
	json nsls "$NSLS" -J "$NS_PID" -t uts
	jq_is '.namespaces[0].command | length > 100000 and endswith("0 end")'
	jq_is '.nskit.gaps | all(.what != $gap)' --arg gap "$gap"
	"$NSLS" --save "$file" >/dev/null 2>&1
	validate snapshot "$file"
	run -0 --separate-stderr "$NSLS" --from "$file" -n -r -o COMMAND "$NS_PID" -t uts
	[[ ${#output} -gt 100000 && "$output" == *0*end ]]
	ulimit -Ss 65536 || skip "the stack, and so the arguments, may not grow here"
	for ((i = 0; i < 22; i++)); do
		rest+=("$long")
	done
	in_ns -u -- python3 -c 'import signal; signal.pause()' "${rest[@]}" end
	json nsls "$NSLS" -J "$NS_PID" -t uts
	jq_is '(.nskit.gaps | any(.what == $gap and .errno == null and .count == 1)) and .nskit.complete == false' --arg gap "$gap"
	jq_is '.namespaces[0].command | length == 2 * 1024 * 1024'
	"$NSLS" --save "$file" >/dev/null 2>&1
	"$NSLS" --from "$file" -n >/dev/null
}

@test "another procfs, of another PID namespace: its view, said" {
	need_ns
	in_ns -p -m --mount-proc
	run -0 --separate-stderr nsenter -t "$NS_PID" -m -p "$NSLS" -n -r -o TYPE,NPROCS,PID -t pid
	grep -qx 'pid [1-9][0-9]* 1' <<<"$output"
	json nsls nsenter -t "$NS_PID" -m -p "$NSLS" -J
	jq_is '.nskit.initial_view == false and .nskit.collector == "proc"'
	# From outside, looking at the procfs of the inside.
	json nsls "$NSLS" -J --proc "/proc/$NS_PID/root/proc"
	jq_is '.nskit.initial_view == false and any(.namespaces[]; .type == "pid" and .pid == 1)'
	run -1 --separate-stderr "$NSLS" --collector=bpf --proc "/proc/$NS_PID/root/proc"
	run -1 --separate-stderr "$NSLS" --proc /nonexistent
	[[ "$stderr" == *"cannot read /nonexistent"* ]]
}

# strace plays such a kernel: the link of that type is not there.
@test "a kernel without a type of namespace: said once" {
	need_cmd strace
	local lacking=(strace -qq -o /dev/null -P time -e inject=newfstatat:error=ENOENT)
	"${lacking[@]}" true 2>/dev/null || skip "strace may not trace here"
	run -0 --separate-stderr "${lacking[@]}" "$NSLS" -t net
	[[ $(grep -o "time namespaces: 1 (this kernel has none)" <<<"$stderr" | wc -l) == 1 ]]
	[[ "$stderr" != *"net namespaces"* ]]
	json nsls "${lacking[@]}" "$NSLS" -J
	jq_is '.nskit.gaps | any(.what == "time namespaces" and .errno == null)'
	json nsls "$NSLS" -J
	jq_is '.nskit.gaps | all(.what != "time namespaces")'
}

@test "targets choose rows" {
	need_ns
	in_ns -n -u
	run -0 --separate-stderr "$NSLS" -n -r -o NS,TYPE "/proc/$NS_PID/ns/net"
	[[ "$output" == "$(ns_of net "$NS_PID") net" ]]
	netns_add nskit-target
	run -0 --separate-stderr "$NSLS" -n -r -o NS,TYPE netns:nskit-target
	[[ "$output" == "$(stat -c %i /run/netns/nskit-target) net" ]]
	run -0 --separate-stderr "$NSLS" -n -r -o TYPE -p "$NS_PID"
	[[ $(wc -l <<<"$output") == 8 ]]
}

@test "colours when they are wanted" {
	run -0 --separate-stderr "$NSLS" --color=always -t net
	host=$("$NSLS" -J -t net 2>/dev/null | jq .nskit.initial_net)
	[[ "$output" == *$'\e[33m'"$host"* ]]
	run -0 --separate-stderr "$NSLS" --color=always -r
	[[ "$output" != *$'\e'* ]]
	run -0 --separate-stderr "$NSLS" -t net
	[[ "$output" != *$'\e'* ]]
	need_cmd script
	run -0 env -u NO_COLOR TERM=xterm script -qec "$NSLS -t net" /dev/null
	[[ "$output" == *$'\e[33m'* ]]
	run -0 env NO_COLOR=1 TERM=xterm script -qec "$NSLS -t net" /dev/null
	[[ "$output" != *$'\e[33m'* ]]
}

@test "two targets told apart" {
	need_ns
	in_ns -n -u
	run -4 --separate-stderr "$NSLS" --diff "$NS_PID" $$
	[[ "$output" =~ net\ +"$(ns_of net "$NS_PID")"\ +"$(ns_of net)"\ differs ]]
	[[ "$output" =~ ipc\ .*\ same ]]
	run -0 --separate-stderr "$NSLS" --diff $$ $$
	run -2 "$NSLS" --diff $$
	"$NSLS" --diff "$NS_PID" $$ -J 2>/dev/null >"$BATS_TEST_TMPDIR/diff" || [[ $? == 4 ]]
	validate nsls-diff "$BATS_TEST_TMPDIR/diff"
}

@test "two snapshots told apart" {
	need_ns
	local a=$BATS_TEST_TMPDIR/a b=$BATS_TEST_TMPDIR/b c=$BATS_TEST_TMPDIR/c
	in_ns -u
	old=$(ns_of uts "$NS_PID")
	"$NSLS" --save "$a" >/dev/null 2>&1
	cleanup
	in_ns -n
	"$NSLS" --save "$b" >/dev/null 2>&1
	run -4 --separate-stderr "$NSLS" --diff "$a" "$b"
	[[ "$output" =~ gone\ +uts\ +"$old" && "$output" =~ born\ +net\ +"$(ns_of net "$NS_PID")" ]]
	run -0 --separate-stderr "$NSLS" --diff "$a" "$a"
	[[ -z "$output" ]]
	jq -c '.nskit.boot_id = "another"' "$b" >"$c"
	run --separate-stderr "$NSLS" --diff "$a" "$c"
	[[ $status == 0 && "$stderr" == *"different boots"*"by name"* ]]
	jq -c '.nskit.boot_id = "another" | .containers += [{id: "aaaaaa", name: "new"}] | .tasks[5].container = "aaaaaa"' "$b" >"$c"
	run -4 --separate-stderr "$NSLS" --diff "$a" "$c"
	[[ "$output" =~ born\ +new\ +net ]]
}

@test "the way in" {
	need_ns
	in_ns -n -u
	run -0 --separate-stderr "$NSLS" --enter "$NS_PID"
	[[ "$output" =~ ^nsenter\ -t\ $NS_PID(\ -m)?\ -n\ -u$ ]] # -m: where we are not in the host's mount namespace ourselves
	[[ $(eval "$output" readlink /proc/self/ns/net) == "net:[$(ns_of net "$NS_PID")]" ]]
	netns_add nskit-way
	run -0 --separate-stderr "$NSLS" --enter netns:nskit-way
	[[ "$output" == "nsenter --net=/run/netns/nskit-way" ]]
	[[ $(eval "$output" stat -Lc %i /proc/self/ns/net) == "$(stat -c %i /run/netns/nskit-way)" ]]
	run -2 "$NSLS" --enter
}

@test "any path to a namespace file is a target, and only our own mount namespace's names" {
	need_ns
	in_ns -n
	local ns link=$BATS_TEST_TMPDIR/link
	ns=$(ns_of net "$NS_PID")
	ln -s "/proc/$NS_PID/ns/net" "$link"
	cd "$BATS_TEST_TMPDIR"
	for path in "/proc/$NS_PID/ns/net" "/proc/$NS_PID/task/$NS_PID/ns/net" "$link" ./link; do
		run -0 --separate-stderr "$NSLS" -n -r -o NS,TYPE -l "$path"
		[[ "${lines[0]}" == "$ns net" ]] || { echo "$path: $output"; false; }
	done
	run -0 --separate-stderr "$NSLS" -n -r -l -o PID /proc/self/ns/net
	run -1 "$NSLS" "$BATS_TEST_TMPDIR/none"
	# A stranger's mount at a path that is somebody else's name.
	netns_add nskit-name
	spawn unshare -m --propagation private bash -c 'mount -t tmpfs t /run/netns; touch /run/netns/nskit-name /run/netns/nskit-ghost
		unshare -n bash -c "mount --bind /proc/self/ns/net /run/netns/nskit-name; mount --bind /proc/self/ns/net /run/netns/nskit-ghost"
		exec sleep 1000'
	eventually test "$(ns_of mnt "$SPAWNED")" != "$(ns_of mnt)"
	eventually grep -q nskit-ghost "/proc/$SPAWNED/mountinfo"
	run -0 --separate-stderr "$NSLS" -n -r -o NS netns:nskit-name
	[[ "$output" == "$(stat -c %i /run/netns/nskit-name)" ]]
	run -1 "$NSLS" --keepers netns:nskit-ghost
	run -0 --separate-stderr "$NSLS" --enter netns:nskit-name
	[[ "$output" == "nsenter --net=/run/netns/nskit-name" ]]
}

@test "a directory that is no procfs: exit 1" {
	run -1 "$NSLS" --proc /etc
	[[ "$output" == "nsls: cannot read /etc: not a procfs" ]]
}

@test "a forged container without an id" {
	"$NSLS" --save "$BATS_TEST_TMPDIR/a" >/dev/null 2>&1
	jq -c '.nskit.boot_id = "b" | .containers += [{id: null, name: null}]' "$BATS_TEST_TMPDIR/a" >"$BATS_TEST_TMPDIR/b"
	run -1 "$NSLS" --diff "$BATS_TEST_TMPDIR/a" "$BATS_TEST_TMPDIR/b"
	[[ "$output" == *'has no "id"'* ]]
}

@test "a saved snapshot is its owner's alone, and takes an older one's place whole" {
	local file=$BATS_TEST_TMPDIR/snap
	echo old >"$file"
	chmod 644 "$file"
	"$NSLS" --save "$file" >/dev/null 2>&1
	[[ $(stat -c %a "$file") == 600 ]]
	validate snapshot "$file"
	[[ $(ls "$BATS_TEST_TMPDIR"/snap*) == "$file" ]]
	need_ns
	# A full disk costs no older snapshot.
	in_ns -m -- sleep 1000
	run -1 nsenter -t "$NS_PID" -m bash -c 'mount -t tmpfs -o size=16k t /mnt && echo old >/mnt/snap && "$0" --save /mnt/snap >/dev/null' "$NSLS"
	[[ "$output" == *"No space left"* ]]
	run -0 nsenter -t "$NS_PID" -m sh -c 'cat /mnt/snap; ls -A /mnt | wc -l'
	[[ "$output" == $'old\n1' ]]
}
