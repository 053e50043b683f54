# SPDX-License-Identifier: GPL-2.0-or-later
# nspid --translate: logs, while processes come, crash and go.
load ../lib

setup()
{
	need_ns
	# process 1 is a shell that does what it is told; 2 stays
	mkfifo "$BATS_TEST_TMPDIR/orders"
	exec {ORDERS}<>"$BATS_TEST_TMPDIR/orders"
	in_ns --pid --mount --mount-proc -- sh -c 'sleep 1000 & while read -r order <"$0"; do eval "$order"; done' "$BATS_TEST_TMPDIR/orders"
	eventually inner_of 2
	NS=pid:[$(ns_of pid "$NS_PID")]
	HOST2=$(inner_of 2)
	LOG=$BATS_TEST_TMPDIR/log
}

# inner_of NR: whose number in there is that? by the kernel's file
inner_of()
{
	awk -v nr="$1" '$1 == "NSpid:" && NF == 3 && $3 == nr { print $2; exit }' $(printf '/proc/%s/status ' $(pgrep --ns "$NS_PID" --nslist pid)) | grep .
}

# translating ARGUMENTS...: in the background, its input is the fd $IN, its output $LOG
translating()
{
	mkfifo "$BATS_TEST_TMPDIR/in"
	"$NSPID" --translate "$@" <"$BATS_TEST_TMPDIR/in" >"$LOG" 2>"$BATS_TEST_TMPDIR/err" 3>&- &
	TRANSLATOR=$!
	kill_on_cleanup "$TRANSLATOR"
	exec {IN}>"$BATS_TEST_TMPDIR/in"
	echo "ready? pid 2" >&"$IN"
	eventually grep -q "ready? pid 2(host" "$LOG"
}

@test "the usual ways to write a PID" {
	local line
	while IFS='|' read -r line want; do
		[[ $("$NSPID" --translate "$NS" 2>/dev/null <<<"$line") == "${want//H/$HOST2}" ]] || { echo "$line: $("$NSPID" --translate "$NS" <<<"$line")"; false; }
	done <<-'EOF'
		pid 2|pid 2(host H)
		pid=2,|pid=2(host H),
		PID: 2 Comm|PID: 2(host H) Comm
		{"pid":2}|{"pid":2(host H)}
		server process (PID 2) was|server process (PID 2(host H)) was
		nginx[2]: started|nginx[2(host H)]: started
		[error] 2#2: *1 open()|[error] 2(host H)#2: *1 open()
		Killed process 2 (sleep)|Killed process 2(host H) (sleep)
		oom-kill:task=sleep,pid=2,uid=0|oom-kill:task=sleep,pid=2(host H),uid=0
		worker process 2 exited|worker process 2(host H) exited
		pid 2.5 rapid 2 pid 02 [2 2] 2 #2 pid 4000000 pid 99999999999|pid 2.5 rapid 2 pid 02 [2 2] 2 #2 pid 4000000 pid 99999999999
		pid 2(host 99)|pid 2(host 99)
	EOF
}

@test "the other way, and replaced, and by a pattern" {
	run -0 --separate-stderr "$NSPID" --translate --to-inner <<<"Memory cgroup out of memory: Killed process $HOST2 (sleep) total-vm:1kB"
	[[ $output == "Memory cgroup out of memory: Killed process $HOST2($NS 2) (sleep) total-vm:1kB" ]]
	run -0 --separate-stderr "$NSPID" --translate --rewrite "$NS" <<<"pid 2 [2] 2"
	[[ $output == "pid $HOST2 [$HOST2] 2" ]]
	run -0 --separate-stderr "$NSPID" --translate --pattern 'worker <([0-9]+)>|w:([0-9]+)' "$HOST2" <<<"worker <2> w:2 pid 2"
	[[ $output == "worker <2(host $HOST2)> w:2(host $HOST2) pid 2" ]]
	run -2 "$NSPID" --translate --pattern '[0-9]+' "$NS" </dev/null
	run -2 "$NSPID" --translate --pattern '(' "$NS" </dev/null
	run -2 "$NSPID" --translate "$NS" "$NS" </dev/null
	run -1 "$NSPID" --translate nskit-no-such-thing </dev/null
}

@test "processes that come, crash and go: the crashed one, too" {
	for how in auto proc; do
		LOG=$BATS_TEST_TMPDIR/log.$how
		rm -f "$BATS_TEST_TMPDIR/in"
		translating --collector=$how "$NS"
		# the shell tells the child's number, and how it ended; a moment passes, for a poll sees nobody who lives for less
		echo "sh -c 'echo \"I am pid \$\$\" >$LOG.story; sleep 0.6; kill -SEGV \$\$'; echo 'it crashed' >>$LOG.story" >&"$ORDERS"
		eventually grep -q "I am" "$LOG.story"
		local nr host
		nr=$(grep -o '[0-9]*$' "$LOG.story" | head -n1)
		host=$(inner_of "$nr")
		cat "$LOG.story" >&"$IN"
		eventually grep -q "I am pid $nr(host $host)" "$LOG"
		eventually grep -q "crashed" "$LOG.story"
		sleep 0.4
		echo "worker process $nr exited on signal 11" >&"$IN"
		eventually grep -qF "worker process $nr(host $host, gone) exited on signal 11" "$LOG"
		exec {IN}>&-
		wait "$TRANSLATOR"
	done
}

@test "who lived for a moment is known, too" {
	need_bpf
	translating "$NS"
	echo "for i in 1 2 3 4 5; do sh -c 'echo pid \$\$' >>$LOG.story; done; echo done >>$LOG.story" >&"$ORDERS"
	eventually grep -q "done" "$LOG.story"
	cat "$LOG.story" >&"$IN"
	eventually grep -q "done" "$LOG"
	[[ $(grep -cE 'pid [0-9]+\(host [0-9]+, gone\)$' "$LOG") == 5 ]]
}

@test "bytes that are no text, and lines beyond all measure, pass as they are" {
	head -c 300000 /dev/urandom >"$BATS_TEST_TMPDIR/random"
	head -c 1000000 /dev/zero | tr '\0' x >"$BATS_TEST_TMPDIR/long"
	printf 'pid 4000001\0\377\r\n\n\nno newline' >"$BATS_TEST_TMPDIR/odd"
	: >"$BATS_TEST_TMPDIR/empty"
	for file in random long odd empty; do
		"$NSPID" --translate --collector=proc --pattern 'nskit-no-such-([0-9])' "$NS" <"$BATS_TEST_TMPDIR/$file" 2>/dev/null | cmp - "$BATS_TEST_TMPDIR/$file"
	done
	for file in long odd; do
		"$NSPID" --translate "$NS" <"$BATS_TEST_TMPDIR/$file" 2>/dev/null | cmp - "$BATS_TEST_TMPDIR/$file"
	done
	run -0 bash -c 'printf "a\0pid 2\0b" | "$NSPID" --translate "$0" 2>/dev/null | od -An -c | tr -d " \n"' "$NS"
	[[ $output == "a\\0pid2(host"*")\\0b" ]]
}

@test "a full disk and a closed pipe are failures" {
	run -1 bash -c 'echo pid 2 | "$NSPID" --translate "$0" >/dev/full' "$NS"
	[[ $output == *"No space left on device"* ]]
	run bash -c 'set -o pipefail; yes pid 2 | head -n 200000 | { "$NSPID" --translate "$0"; echo "status $?" >&2; } | head -n1' "$NS"
	[[ $output == *"Broken pipe"*"status 1"* ]]
}

@test "lines go out as soon as there is nothing more to read" {
	translating "$NS"
	echo "one pid 2" >&"$IN"
	eventually grep -q "one pid 2(host $HOST2)" "$LOG"
	printf 'half a line, pid 2' >&"$IN"
	eventually grep -q "half a line, pid 2" "$LOG"
}
