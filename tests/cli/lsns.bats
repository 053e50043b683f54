# SPDX-License-Identifier: GPL-2.0-or-later
# nsls in the place of lsns: the same bytes, option by option. In a PID namespace of its own, where nothing comes and goes.
load ../lib

setup()
{
	need_ns
	need_cmd lsns
	lsns --version | grep -q ' 2\.3[89]\| 2\.4' || skip "lsns is older than 2.38: $(lsns --version)"
}

# within SCRIPT: in a quiet PID namespace with three groups of namespaces; A, B and C are pids in them
within()
{
	# Nothing else runs while one of the two does, and both with the same parent, so that they count the same processes.
	cat >"$BATS_TEST_TMPDIR/script" <<-'EOF'
		unshare -n -u sleep 999 &
		unshare -i -U --map-root-user bash -c 'sleep 1000 & sleep 1001 & wait' &
		unshare -p -f -n -U --map-root-user sleep 1002 &
		sleep 0.5
		A=$(pgrep -fx 'sleep 999') B=$(pgrep -fx 'sleep 1001') C=$(pgrep -fx 'sleep 1002')
		ns_of() { readlink "/proc/$2/ns/$1" | tr -cd 0-9; }
		failed=0
		verdict() {
			cmp -s theirs ours && return
			failed=1
			echo "differs: $*"
			diff theirs ours
		}
		same() {
			lsns "$@" >theirs 2>&1
			"$NSLS" "$@" >ours 2>/dev/null
			verdict "$@"
		}
		# Namespaces without a process are in our lists and not in those of lsns 2.38 (of 2.40, some are), and those of the host
		# come and go: compared is what has a process here, by NS, the first column; and without the width of columns.
		lsns -n -r -o NS,NPROCS | awk '$2 > 0 { print $1 }' >here
		same_rows() {
			lsns "$@" >theirs 2>&1
			"$NSLS" "$@" >ours 2>/dev/null
			for f in theirs ours; do
				tr -s ' ' <$f | sed 's/^ //; s/ $//' | awk 'NR == FNR { here[$1]; next } $1 == "NS" || $1 in here' here - >$f.rows
				mv $f.rows $f
			done
			verdict "$@"
		}
	EOF
	printf '%s\nexit $failed\n' "$1" >>"$BATS_TEST_TMPDIR/script"
	cd "$BATS_TEST_TMPDIR"
	run unshare -p -f -m --mount-proc --kill-child bash script
	[[ $status == 0 ]] || { echo "$output" >&2; return 1; }
}

@test "-o, -n, -r, -l with each column" {
	within '
		for column in NS TYPE PATH NPROCS PID PPID UID USER NETNSID NSFS ONS; do
			same_rows -o "NS,$column"
			same_rows -l -o "NS,$column"
			same_rows -n -r -o "NS,$column"
			same -p "$A" -o "$column"
			same -n -p "$A" -o "$column,TYPE"
		done
		same_rows -o ns,type,pid
		same_rows -l -n -o NS,COMMAND -t ipc
	'
}

@test "-r and -n with the usual columns" {
	within 'same_rows -r; same_rows -n -r; same_rows -n -r -t net; same_rows -r -l; same -r -p "$A"; same -r -l -n -p "$B"'
}

@test "+: more columns than the usual ones" {
	within 'same_rows -r -l -o +PATH; same_rows -r -o +PPID,UID; same -p "$A" -o +PPID,UID'
}

@test "-t: each type, several types" {
	within '
		for type in mnt net pid uts ipc user cgroup time; do
			same_rows -r -t "$type"
			same_rows -t "$type" -o NS,TYPE,NPROCS,PID,PPID,USER,COMMAND
			same -p "$C" -t "$type" -o NS,TYPE,NPROCS,PID,PPID,USER,COMMAND
		done
		same_rows -r -t net -t uts
	'
}

@test "-p: a process" {
	within 'same -r -p "$A"; same -r -p "$C" -o NS,TYPE,NPROCS,PID,COMMAND; same -p "$B" -o NS,TYPE'
}

@test "a namespace: its processes, as a tree, a list, raw" {
	within '
		for ns in $(ns_of ipc "$B") $(ns_of net "$A") $(ns_of pid "$C"); do
			same "$ns"
			same -l "$ns"
			same -r "$ns"
			same -n "$ns"
			same -o PID,COMMAND "$ns"
			same -o NS,PID,TYPE "$ns"
		done
	'
}

@test "trees: by process, parent and owner" {
	within '
		same_rows -Tprocess -o NS,TYPE,NPROCS,PID,USER,COMMAND
		same -Tprocess -p "$C" -o NS,TYPE,NPROCS,PID,USER,COMMAND
		same -Towner -p "$A" -o NS,TYPE,PID
		same -T -p "$B" -o NS,TYPE,PID
		same_rows -o NS,TYPE,NPROCS,PID,USER,COMMAND
	'
}

@test "-u, -W, --output-all" {
	within '
		same_rows -u -o NS,TYPE,COMMAND
		same_rows -W -t net -o NS,NSFS
		[[ $("$NSLS" --output-all -n -r -l -p "$A" 2>/dev/null | wc -l) == $(lsns --output-all -n -r -l -p "$A" | wc -l) ]] || failed=1
	'
}

@test "-J: the same keys and values, tree mode nests children" {
	within '
		# Of lists the rows, wherever lsns nests them (ours nest only in tree mode); of trees all.
		rows() { jq -S -c "[.. | objects | select(has(\"ns\") and .nprocs != 0) | del(.children)] | sort_by(.ns)" "$1" >"$1.rows"; mv "$1.rows" "$1"; }
		tree() { jq -S -c .namespaces "$1" >"$1.rows"; mv "$1.rows" "$1"; }
		same_json() {
			local how=$1
			shift
			lsns -J "$@" >theirs
			"$NSLS" -J "$@" >ours 2>/dev/null
			$how theirs
			$how ours
			verdict -J "$@"
		}
		same_json rows -l -o NS,TYPE,NPROCS,PID,PPID,UID,USER,COMMAND
		same_json rows -o NS,TYPE,NPROCS,PID,COMMAND
		same_json tree -Towner -p "$A" -o NS,TYPE,PID
		same_json tree -Tprocess -p "$A" -o NS,TYPE,PID,COMMAND
		same_json tree -Tprocess -o PID,COMMAND "$(ns_of ipc "$B")"
	'
}

# lsns prints nothing at all when a process dies while it looks; elsewhere on this host they do.
lsns_answer()
{
	local try answer
	for ((try = 0; try < 50; try++)); do
		answer=$(lsns "$@") && [[ -n $answer ]] && break
	done
	printf '%s\n' "$answer"
}

@test "a namespace that is mounted twice: a line for each mount, or -W" {
	netns_add nskit-twice
	touch "$BATS_TEST_TMPDIR/other"
	mount --bind /run/netns/nskit-twice "$BATS_TEST_TMPDIR/other" && on_cleanup umount -l "$BATS_TEST_TMPDIR/other"
	spawn nsenter --net=/run/netns/nskit-twice sleep 1000
	eventually runs "$SPAWNED" sleep
	for args in "-o NS,NSFS,TYPE" "-o NS,NSFS,PID,COMMAND" "-W -o NS,NSFS,PID" "-r -o NS,NSFS,PID" "-o NS,NSFS" "-J -o NS,PID"; do
		# shellcheck disable=SC2086
		theirs=$(lsns_answer -p "$SPAWNED" -t net $args)
		ours=$("$NSLS" -p "$SPAWNED" -t net $args 2>/dev/null)
		if [[ $args == -J* ]]; then
			theirs=$(jq -c . <<<"$theirs") ours=$(jq -c 'del(.nskit)' <<<"$ours")
		fi
		diff <(echo "$theirs") <(echo "$ours")
	done
}

# Newer than Debian's lsns: as its manual says.
@test "-P: only those without a process, with their paths" {
	netns_add nskit-persistent
	run -0 --separate-stderr "$NSLS" -P -n -r
	[[ "$output" == *"$(stat -c %i /run/netns/nskit-persistent) net /run/netns/nskit-persistent"* ]]
	[[ "$output" != *"$(ns_of net) "* ]]
	run -0 --separate-stderr "$NSLS" -P
	[[ "${lines[0]}" =~ ^\ *NS\ TYPE\ +PATH$ ]]
}

@test "-H: the columns" {
	run -0 "$NSLS" -H
	for column in NS TYPE PATH NPROCS PID PPID COMMAND UID USER NETNSID NSFS PNS ONS; do
		grep -qw "$column" <<<"$output"
	done
}

@test "where lsns is wrong, ours is right" {
	need_cmd setpriv
	# A parent that may not be seen is not 0.
	in_ns -U --map-root-user
	run -0 --separate-stderr nsenter -t "$NS_PID" -U "$NSLS" -n -r -l -t user -o NS,PNS -p "$NS_PID"
	[[ "$output" == "$(ns_of user "$NS_PID") ?" ]]
	# An owner's processes count though -t leaves their type out.
	run -0 --separate-stderr "$NSLS" -T -t net -n -r -o NS,TYPE,NPROCS
	[[ "$output" =~ "$(ns_of user)"\ user\ [1-9] ]]
}

@test "a narrow terminal cuts the last column, nothing else" {
	need_cmd script
	in_ns -n -- python3 -c 'import signal; signal.pause()' a-very-long-argument-that-does-not-fit-into-forty-columns
	run -0 script -qec "stty cols 60; $NSLS -t net 2>/dev/null" /dev/null
	while read -r line; do
		line=${line%$'\r'}
		((${#line} <= 60))
	done <<<"$output"
	[[ "$output" == *"$(ns_of net "$NS_PID")"* && "$output" != *forty-columns* ]]
	run -0 script -qec "stty cols 60; $NSLS -u -t net 2>/dev/null" /dev/null
	[[ "$output" == *forty-columns* ]]
	run -0 script -qec "stty cols 40; $NSLS 2>/dev/null" /dev/null
	[[ "$output" == *"$(ns_of net "$NS_PID") net"* ]]
	# No header is cut but that of the last column: what does not fit gives way.
	header=${lines[0]%$'\r'}
	[[ $(tr -s ' ' '\n' <<<"$header" | grep .) =~ ^NS$'\n'TYPE$'\n'PID$'\n'CONTAINER$'\n'C ]]
	run -0 script -qec "stty cols 40; $NSLS -o NS,TYPE,USER,NPROCS 2>/dev/null" /dev/null # asked for by name
	[[ ${lines[0]} =~ NS\ +TYPE\ +USER\ +NPROCS ]]
}
