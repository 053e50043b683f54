# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# For the .bats files: `load ../lib`. Whatever is started or made through these helpers is gone after the test (teardown), or, when
# made in setup_file, after the file (teardown_file calls cleanup itself).

bats_require_minimum_version 1.5.0
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
BUILD=${BUILD:-$ROOT/build}
NSLS=$BUILD/nsls
NSPID=$BUILD/nspid
NSNET=$BUILD/nsnet
NSTOP=$BUILD/nstop
HELPERS=$BUILD/tests # programs made from tests/*.c, tests/cli/*.c …
export ROOT BUILD NSLS NSPID NSNET NSTOP HELPERS
export LC_ALL=C.UTF-8 NO_COLOR=1
unset COLUMNS

# --- what a test needs; without it, it is skipped and says why

need_root()
{
	[[ $EUID == 0 ]] || skip "needs root"
}

need_cmd()
{
	local c
	for c; do
		command -v "$c" >/dev/null || skip "$c is not installed"
	done
}

# has_cap NUMBER...: all of them (include/uapi/linux/capability.h)
has_cap()
{
	local mask c
	mask=$((16#$(awk '/^CapEff:/ { print $2 }' /proc/self/status)))
	for c; do
		((mask >> c & 1)) || return 1
	done
}

# kernel_since MAJOR.MINOR
kernel_since()
{
	local have want=${1}
	have=$(uname -r | grep -oE '^[0-9]+\.[0-9]+')
	[[ $(printf '%s\n%s\n' "$want" "$have" | sort -V | head -n1) == "$want" ]]
}

need_kernel()
{
	kernel_since "$1" || skip "needs Linux $1, this is $(uname -r)"
}

# What the BPF collector needs, asked of the kernel and not of the tool: else a broken collector would be a skipped test.
need_bpf()
{
	need_kernel 5.8
	[[ -r /sys/kernel/btf/vmlinux ]] || skip "needs the kernel's BTF (/sys/kernel/btf/vmlinux)"
	has_cap 21 || has_cap 38 39 || skip "needs CAP_BPF and CAP_PERFMON"
	# PROC_PID_INIT_INO, include/linux/proc_ns.h: iterators speak the numbers of whoever asks, the programs that trace those of the host.
	[[ $(readlink /proc/self/ns/pid) == "pid:[4026531836]" ]] || skip "needs the host's own PID namespace"
	! grep -qs '\[confidentiality\]' /sys/kernel/security/lockdown || skip "the kernel is locked down (confidentiality)"
}

# need_ns: may we make namespaces? (root in a container often may not)
need_ns()
{
	need_root
	unshare --net --uts --mount true 2>/dev/null || skip "may not make namespaces here"
}

# --- what is to be undone

cleanup_list()
{
	echo "${BATS_TEST_TMPDIR:-${BATS_FILE_TMPDIR:?only for bats}}/cleanup"
}

# A process is its pid and its start: a pid that has come again is somebody else's.
start_of()
{
	local stat
	{ stat=$(<"/proc/$1/stat"); } 2>/dev/null || return 1
	stat=${stat##*) }
	# shellcheck disable=SC2086
	set -- $stat
	echo "${20}"
}

# on_cleanup COMMAND ARGUMENT...: to be run after the test, the last first
on_cleanup()
{
	printf '%q ' "$@" >>"$(cleanup_list)"
	echo >>"$(cleanup_list)"
}

kill_exactly() # PID START: it, and what it has started: a shell's command outlives the shell
{
	local i child children=()
	[[ $(start_of "$1") == "$2" ]] || return 0
	# shellcheck disable=SC2013 # they are words
	for child in $(cat "/proc/$1/task/"*/children 2>/dev/null); do
		children+=("$child" "$(start_of "$child")")
	done
	kill -KILL "$1" 2>/dev/null || return 0
	for ((i = 0; i < ${#children[@]}; i += 2)); do
		kill_exactly "${children[@]:i:2}"
	done
	for ((i = 0; i < 100; i++)); do
		[[ $(start_of "$1") == "$2" ]] || return 0
		[[ $(cut -d')' -f2 "/proc/$1/stat" 2>/dev/null) != " Z"* ]] || return 0
		sleep 0.02
	done
}

kill_on_cleanup() # PID
{
	on_cleanup kill_exactly "$1" "$(start_of "$1")"
}

cleanup()
{
	local list line
	list=$(cleanup_list)
	[[ -f $list ]] || return 0
	tac "$list" | while read -r line; do
		eval "$line" || true
	done
	rm -f "$list"
}

teardown() { cleanup; }
teardown_file() { cleanup; }

# follow [N [CAUSE]]: run the command of that advice (from 0) of nsnet why's JSON in $output, as somebody would who copies it
follow()
{
	local command
	command=$(jq -r --argjson n "${1:-0}" --argjson c "${2:-0}" '.why.causes[$c].advice[$n] | capture(":  (?<c>.*?)(   [(].*)?$").c' <<<"$output")
	bash -c "${command:?no command in advice ${1:-0}}" >/dev/null
}

# --- processes and namespaces

# eventually COMMAND...: until it succeeds, at most 30 s (a machine may have much else to do)
eventually()
{
	local end=$((SECONDS + 30))
	until "$@" >/dev/null 2>&1; do
		if ((SECONDS > end)); then
			echo "did not happen within 30 s: $*" >&2
			return 1
		fi
		sleep 0.02
	done
}

# spawn COMMAND...: in the background, killed after the test; $SPAWNED is its pid. (fd 3 is what bats waits for.)
spawn()
{
	"$@" </dev/null >/dev/null 2>&1 3>&- &
	SPAWNED=$!
	disown "$SPAWNED"
	kill_on_cleanup "$SPAWNED"
}

# spawn_open FILE COMMAND...: as spawn, but what it prints goes to FILE, and its standard input stays open without a word. Here when
# it has printed its first line, which is in $SPAWNED_LINE.
spawn_open()
{
	local file=$1 pipe
	shift
	pipe=$(mktemp -u "${BATS_TEST_TMPDIR:-$BATS_FILE_TMPDIR}/open.XXXXXX")
	mkfifo "$pipe"
	: >"$file"
	"$@" <>"$pipe" >>"$file" 2>"$file.err" 3>&- &
	SPAWNED=$!
	disown "$SPAWNED"
	kill_on_cleanup "$SPAWNED"
	eventually test -s "$file" || { cat "$file.err" >&2; return 1; }
	read -r SPAWNED_LINE <"$file"
}

# in_ns UNSHARE-OPTIONS... [-- COMMAND...]: a process in new namespaces, here when it returns: $NS_PID, its pid on the host; $NS_OUTER,
# where there is a new PID namespace, that of unshare, which waits for it. COMMAND: sleep.
in_ns()
{
	local options=() fork=() up
	while (($#)) && [[ $1 != -- ]]; do
		options+=("$1")
		[[ $1 == --pid* || $1 =~ ^-[a-zA-Z]*p ]] && fork=(--fork --kill-child)
		shift
	done
	[[ ${1-} == -- ]] && shift
	(($#)) || set -- sleep 1000
	up=$(mktemp -u "${BATS_TEST_TMPDIR:-$BATS_FILE_TMPDIR}/up.XXXXXX")
	mkfifo "$up"
	# shellcheck disable=SC2016
	spawn unshare "${options[@]}" "${fork[@]}" sh -c 'echo up >"$0"; exec "$@"' "$up" "$@"
	NS_OUTER=$SPAWNED
	NS_PID=$SPAWNED
	if ! read -r -t 30 <>"$up"; then
		echo "in_ns ${options[*]}: did not come up" >&2
		return 1
	fi
	rm -f "$up"
	if ((${#fork[@]})); then
		NS_PID=$(child_of "$NS_OUTER")
		kill_on_cleanup "$NS_PID"
	fi
	eventually has_become "$NS_PID" "$up"
}

# has_become PID UP: it is no longer the shell that wrote to the pipe UP, but what that was to become (and perhaps what that became)
has_become()
{
	[[ -r /proc/$1/cmdline ]] && ! grep -qaF "$2" "/proc/$1/cmdline"
}

# runs PID COMMAND: has it become COMMAND?
runs()
{
	local name
	{ IFS= read -r -d '' name <"/proc/$1/cmdline"; } 2>/dev/null && [[ $name == "$2" ]]
}

# child_of PID: the first child
child_of()
{
	local child
	{ read -r child _ <"/proc/$1/task/$1/children"; } 2>/dev/null || true
	echo "${child-}"
}

# netns_add NAME: a named network namespace
netns_add()
{
	ip netns add "$1" && on_cleanup ip netns del "$1"
}

# bind_ns PID TYPE FILE: a namespace kept by a bind mount alone
bind_ns()
{
	touch "$3" && mount --bind "/proc/$1/ns/$2" "$3" && on_cleanup umount -l "$3"
}

# ns_of TYPE [PID]: the number of a process's namespace; ours by default
ns_of()
{
	readlink "/proc/${2:-self}/ns/$1" | tr -cd 0-9
}

# --- output

# validate [-l] SCHEMA [FILE...]: is each FILE, or standard input, what build/schema/SCHEMA.json says? The validator takes longer to start
# than to look: one stays for the file of tests, and goes with its directory.
validate()
{
	local dir=$BATS_FILE_TMPDIR/validator reply status
	[[ -p $dir/ask ]] || validator_start "$dir" || return
	reply=$(mktemp -u "$BATS_FILE_TMPDIR/valid.XXXXXX")
	mkfifo "$reply"
	[[ $# -gt 2 || ($# == 2 && $1 != -l) ]] || cat >"$reply.in"
	(IFS=$'\t' && echo "$reply"$'\t'"$*" 1<>"$dir/ask")
	read -r -t 60 status <>"$reply" || { echo "the validator does not answer" >&2; return 1; }
	cat "$reply.err" >&2
	rm -f "$reply"*
	return "$status"
}

validator_start()
{
	local python=/usr/bin/python3
	"$python" -c 'import jsonschema' 2>/dev/null || python=python3
	mkdir -p "$1"
	setsid "$python" "$ROOT/tests/validate.py" --serve "$1" </dev/null >/dev/null 2>"$1/log" 3>&- 4>&- &
	disown $!
	eventually test -p "$1/ask" || { cat "$1/log" >&2; return 1; }
}

# later_valid SCHEMA: standard input, looked at by the file's last test:
later_valid()
{
	local dir=$BATS_FILE_TMPDIR/later.$1
	mkdir -p "$dir"
	cat >"$dir/test-$BATS_TEST_NUMBER.$RANDOM$RANDOM"
}

# all_valid SCHEMA: are all those documents what the schema says?
all_valid()
{
	[[ -d $BATS_FILE_TMPDIR/later.$1 ]] || skip "the tests whose answers are looked at did not run"
	validate "$1" "$BATS_FILE_TMPDIR/later.$1"/*
}

# json SCHEMA COMMAND...: runs it; exit status 0, and standard output valid. It is then in $output, standard error in $stderr.
json()
{
	local schema=$1 status=0
	shift
	output=$("$@" 2>"$BATS_TEST_TMPDIR/stderr" </dev/null) || status=$?
	stderr=$(<"$BATS_TEST_TMPDIR/stderr")
	if ((status)); then
		echo "exit status $status: $*"
		echo "$stderr"
		return 1
	fi >&2
	printf '%s\n' "$output" | validate "$schema"
}

# jq_is FILTER [JQ-ARGUMENTS...]: is it true of $output?
jq_is()
{
	local filter=$1
	shift
	jq -e "$@" "$filter" >/dev/null <<<"$output" || {
		echo "not true: $filter $*"
		head -c 3000 <<<"$output"
		return 1
	} >&2
}
