# SPDX-License-Identifier: GPL-2.0-or-later
# One test for each way in which a namespace can be kept: it is found, by each way of looking, and its keeper is named.
load ../lib

setup()
{
	need_ns
}

# hold KIND: a namespace kept like that: $TYPE $NS $PID $TID $FD. Ends with the test.
hold()
{
	spawn_open "$BATS_TEST_TMPDIR/out" "$HELPERS/hold" "$1"
	read -r TYPE NS PID TID FD <<<"$SPAWNED_LINE"
}

# how KIND: every way of looking has to find the namespace $NS; what keeps it goes to $output.
looks()
{
	case $1 in
	list) NSKIT_NO_BPF='' && unset NSKIT_NO_BPF && "$NSLS" -J --keepers -o +KEEPERS,NTHREADS,ONS --collector=auto ;;
	proc) "$NSLS" -J --keepers -o +KEEPERS,NTHREADS,ONS --collector=proc ;;
	files) NSKIT_NO_BPF=1 "$NSLS" -J --keepers -o +KEEPERS,NTHREADS,ONS ;;
	esac
}

# kept WAY FILTER: the row of $NS, looked for that way, fulfils the jq filter
kept()
{
	local way=$1
	output=$(looks "$way" 2>/dev/null)
	validate nsls <<<"$output"
	jq_is "[.namespaces[] | select(.ns == $NS)] | length == 1 and (.[0] | $2)"
}

@test "a keeper that is a process has pid, comm and container, null where it is in none" {
	json nsls "$NSLS" -J --keepers -p $$
	jq_is '[.namespaces[].keepers[] | select(.kind == "process")] | length > 0 and all(has("pid") and has("comm") and has("container"))'
	json nsls "$NSLS" -J --inside $$
	jq_is '[.namespaces[].shared // [] | .[] | select(.pid)] | all(has("comm") and has("container"))'
}

@test "kept by a process" {
	hold process
	for way in list proc files; do
		kept $way ".type == \"uts\" and .nprocs == 1 and .pid == $PID and .keepers == [{kind: \"process\", pid: $PID, comm: \"hold\", container: null}]"
	done
}

@test "kept by a thread alone" {
	hold thread
	for way in list proc files; do
		kept $way ".nprocs == 0 and .nthreads == 1 and .keepers == [{kind: \"thread\", pid: $PID, tid: $TID, comm: \"hold\", container: null}]"
	done
}

@test "a process whose first thread has exited is no zombie" {
	hold leader-dead
	for way in list proc files; do
		kept $way ".nprocs == 1 and .nthreads == 1 and .pid == $PID and .keepers[0].kind == \"process\""
	done
}

@test "kept by an open fd" {
	hold fd
	for way in list proc files; do
		kept $way ".nprocs == 0 and (.keepers | any(.kind == \"fd\" and .pid == $PID and .fd == $FD and .comm == \"hold\"))"
	done
}

@test "kept by a socket" {
	hold socket
	for way in list proc files; do
		kept $way ".nprocs == 0 and (.keepers | any(.kind == \"socket\" and .pid == $PID and .fd == $FD and .socket > 0))"
	done
}

@test "kept by an fd in flight: only the kernel's list knows" {
	need_kernel 6.18
	need_bpf
	hold flight
	for way in list proc; do
		kept $way '.nprocs == 0 and .keepers == [{kind: "hidden", container: null}]'
	done
}

@test "kept by a bind mount in a mount namespace of its own" {
	hold mount
	for way in list proc files; do
		kept $way ".nprocs == 0 and (.keepers | any(.kind == \"mount\" and (.path | endswith(\"/net\")) and .mntns == $(ns_of mnt "$PID")))"
	done
}

@test "kept by ip netns" {
	netns_add nskit-kept
	for way in list proc files; do
		NS=$(stat -c %i /run/netns/nskit-kept)
		kept $way '.type == "net" and .nprocs == 0 and (.keepers | any(.kind == "mount" and .path == "/run/netns/nskit-kept"))'
	done
}

@test "kept as the parent of another" {
	hold child
	for way in list proc files; do
		kept $way ".type == \"user\" and .nprocs == 0 and (.keepers | any(.kind == \"child\" and .ns == $(ns_of user "$PID")))"
	done
}

@test "kept as the owner of another" {
	hold owned
	for way in list proc files; do
		kept $way '.type == "user" and .nprocs == 0 and (.keepers | any(.kind == "owned" and .ns_type == "uts"))'
	done
}

@test "kept for future children: time" {
	hold time-for-children
	for way in list proc files; do
		kept $way ".type == \"time\" and .nprocs == 0 and (.keepers | any(.kind == \"for-children\" and .pid == $PID))"
	done
}

@test "kept for future children: a PID namespace without its first process" {
	hold pid-for-children
	for way in list proc files; do
		output=$(looks $way 2>/dev/null)
		validate nsls <<<"$output"
		jq_is "any(.namespaces[]; .type == \"pid\" and .nprocs == 0 and (.keepers | any(.kind == \"for-children\" and .pid == $PID)))"
	done
}

@test "a zombie counts where it still is: pid and user" {
	hold zombie
	for way in list proc files; do
		kept $way ".type == \"user\" and .nprocs == 1 and .pid == $PID and (.keepers | any(.kind == \"process\" and .comm == \"deadling\"))"
	done
}

@test "the plain listing says who keeps an empty namespace" {
	hold fd
	run -0 "$NSLS" -t net
	[[ "$output" == *"$NS net"*"(kept by fd $FD of hold $PID"* ]]
}
