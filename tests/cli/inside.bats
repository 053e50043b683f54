# SPDX-License-Identifier: GPL-2.0-or-later
# nsls --inside: what is put into a namespace is seen in it, in text, JSON and saved snapshots.
load ../lib

setup()
{
	need_ns
}

# furnish COMMAND...: run it (furnish, perhaps under nsenter); $FURNISHED is the pid of furnish. It ends with the test.
furnish()
{
	spawn_open "$BATS_TEST_TMPDIR/out$((++furnished))" "$@"
	FURNISHED=${SPAWNED_LINE#* }
}

# inside NS: the JSON of what the namespace isolates, in $output
inside()
{
	json nsls "$NSLS" -J --inside "$1"
	output=$(jq '.namespaces | if length == 1 then .[0].inside else error("not one") end' <<<"$output")
}

# the same from a saved snapshot
saved_inside()
{
	"$NSLS" --save "$BATS_TEST_TMPDIR/snapshot" >/dev/null
	validate snapshot <"$BATS_TEST_TMPDIR/snapshot"
	json nsls "$NSLS" -J --inside --from "$BATS_TEST_TMPDIR/snapshot" "$1"
	output=$(jq '.namespaces[0].inside' <<<"$output")
}

# text ARGUMENT...: what people see, in $output and ${lines[@]}; exit status 0
text()
{
	output=$("$NSLS" "$@" 2>/dev/null) || return
	mapfile -t lines <<<"$output"
}

# steady_mounts PID: its mounts but those of namespaces, which come and go on the host, and everywhere with them
steady_mounts()
{
	grep -v ' - nsfs ' "/proc/$1/mountinfo"
}

@test "ipc: System V objects, as ipcs has them" {
	need_cmd ipcmk ipcs jq
	in_ns --ipc
	nsenter -t "$NS_PID" -i ipcmk -M 12345 -p 0640 >/dev/null
	nsenter -t "$NS_PID" -i ipcmk -S 7 >/dev/null
	nsenter -t "$NS_PID" -i ipcmk -Q >/dev/null
	NS=$(ns_of ipc "$NS_PID")
	inside "$NS"
	jq_is '.sysv == 3 and .mqueues == 0 and ([.objects[].kind] == ["shm", "sem", "msg"])'
	jq_is '.objects[0] | .size == 12345 and .mode == 416 and .uid == 0 and .attached == 0 and .flags == []'
	jq_is '.objects[1].nsems == 7 and .objects[2].messages == 0'
	theirs=$(nsenter -t "$NS_PID" -i ipcs -m | awk '/^0x/ { print $1, $2 }')
	read -r key id <<<"$theirs"
	jq_is '.objects[0] | .key == $key and .id == $id' --argjson key "$((key))" --argjson id "$id"
	live=$output
	saved_inside "$NS"
	[[ $(jq -S . <<<"$output") == "$(jq -S . <<<"$live")" ]]
	text --inside "$NS"
	[[ ${lines[0]} == "ipc $NS: 1 shm (12 kiB), 1 sem, 1 msg, 0 mqueue" ]]
	[[ $output =~ shm\ +$key\ +$id\  ]]
	text --inside -t ipc
	[[ $output == *"$NS ipc "*"1 shm (12 kiB), 1 sem, 1 msg, 0 mqueue"* ]]
}

@test "ipc: POSIX message queues, and nothing is mounted anywhere for it" {
	kernel_since 5.2 || skip "needs Linux 5.2"
	in_ns --ipc
	NS=$(ns_of ipc "$NS_PID")
	furnish nsenter -t "$NS_PID" -i "$HELPERS/furnish" mqueue $'/a b\n\e[31m' 3
	before=$(steady_mounts "$NS_PID")
	inside "$NS"
	jq_is '.sysv == 0 and .mqueues == 1'
	jq_is '.objects[0] | .kind == "mqueue" and .name == "/a b\\x0a\\x1b[31m" and .messages == 3 and .max_messages == 10 and .size == 64 and .mode == 416'
	[[ $(steady_mounts "$NS_PID") == "$before" ]]
	live=$output
	saved_inside "$NS"
	[[ $(jq -S . <<<"$output") == "$(jq -S . <<<"$live")" ]]
	text --inside "$NS"
	[[ $output == *'/a b\x0a\x1b[31m'* ]]
}

@test "ipc: namespaces that die while they are read" {
	furnish "$HELPERS/furnish" churn
	for ((i = 0; i < 40; i++)); do
		output=$("$NSLS" -J --inside -t ipc 2>/dev/null)
		((i % 10)) || validate nsls <<<"$output"
		jq_is '[.namespaces[] | select(.inside.sysv != null and .inside.sysv != (.inside.objects | map(select(.kind != "mqueue")) | length))] == []'
	done
}

@test "mnt: all mounts, as mountinfo has them" {
	in_ns --mount --propagation=slave
	NS=$(ns_of mnt "$NS_PID")
	nsenter -t "$NS_PID" -m mount -t tmpfs -o size=64k,noexec,nodev "source with blanks" /mnt
	nsenter -t "$NS_PID" -m mount --make-unbindable /mnt
	for how in proc auto; do
		json nsls "$NSLS" -J --inside "$NS" --collector=$how
		ours=$(jq -r '.namespaces[0].inside | .mount_count as $n | .mounts | (length == $n | if . then empty else "count" end),
			(sort_by(.id)[] | select(.fstype != "nsfs") | "\(.id) \(.parent) \(.fstype) \(.options) \(.shared // "-") \(.master // "-") \(.unbindable)")' <<<"$output")
		theirs=$(steady_mounts "$NS_PID" | sort -n | awk '{
			shared = master = "-"; bind = "false"
			for (i = 7; $i != "-"; i++) {
				if ($i ~ /^shared:/) shared = substr($i, 8)
				if ($i ~ /^master:/) master = substr($i, 8)
				if ($i == "unbindable") bind = "true"
			}
			print $1, $2, $(i + 1), $6, shared, master, bind }')
		[[ $ours == "$theirs" ]] || { diff <(echo "$ours") <(echo "$theirs"); false; }
	done
	jq_is '.namespaces[0].inside.mounts[] | select(.point == "/mnt") | .source == "source with blanks" and .fs_options == "rw,size=64k" and .root == "/"'
	text --inside "$NS"
	[[ $output == *"/mnt"*"unbindable"* ]]
}

@test "mnt: ten thousand mounts" {
	furnish "$HELPERS/furnish" mounts 10000
	NS=$(ns_of mnt "$FURNISHED")
	inside "$NS"
	jq_is '.mount_count > 10000 and (.mounts | length) == .mount_count'
	jq_is '[.mounts[] | select(.point | startswith("/tmp/.furnish/"))] | length == 10000 and all(.root == "/.furnish/from" and .fstype == "tmpfs" and .shared != null)'
	jq_is '[.mounts[].point] | contains(["/tmp/.furnish/a b\\\\x0a\\x1b[31m0"]) or contains(["/tmp/.furnish/a b\\\\\\x0a\\x1b[31m0"])'
	text --inside "$NS"
	((${#lines[@]} > 10000))
	[[ $output != *$'\e'* ]]
	text --inside -t mnt
	[[ $output == *"$NS mnt "*"mounts, / is "*" shared"* ]]
}

@test "uts: host and domain name" {
	in_ns --uts
	NS=$(ns_of uts "$NS_PID")
	nsenter -t "$NS_PID" -u sh -c 'printf "ho\033[31mst" >/proc/sys/kernel/hostname'
	nsenter -t "$NS_PID" -u sh -c 'echo example >/proc/sys/kernel/domainname'
	inside "$NS"
	jq_is '.hostname == "ho\\x1b[31mst" and .domainname == "example"'
	text --inside "$NS"
	[[ $output == "uts $NS: host name ho\\x1b[31mst, domain name example" ]]
}

@test "user: maps, owner, and what its members may do" {
	need_cmd setpriv
	in_ns --user --map-root-user
	NS=$(ns_of user "$NS_PID")
	spawn nsenter -t "$NS_PID" -U setpriv --inh-caps=-all --bounding-set=-all,+chown,+net_admin sleep 1000
	eventually runs "$SPAWNED" sleep
	inside "$NS"
	jq_is '.uidmap == [{inside: 0, outside: 0, count: 1}] and .owner_uid == 0 and .level == 1 and .parent == $parent' \
		--argjson parent "$(ns_of user)"
	jq_is '(.capabilities | map(.processes) | add) == 2 and any(.capabilities[]; .all)'
	jq_is 'any(.capabilities[]; (.names | sort) == ["chown", "net_admin"] and .processes == 1)'
	text --inside "$NS"
	[[ $output == "user $NS: uids 0:0:1, gids 0:0:1, made by uid 0 "*"1 process all"* && $output == *"1 process chown,net_admin"* ]]
}

@test "time: offsets" {
	[[ -e /proc/self/ns/time ]] || skip "no time namespaces here"
	in_ns --time --boottime=5000 --monotonic=-3
	NS=$(readlink "/proc/$NS_PID/ns/time_for_children" | tr -cd 0-9)
	inside "$NS"
	jq_is '.boottime == "5000.000000000" and (.monotonic | startswith("-3"))'
}

@test "cgroup: the root, as seen from here" {
	local dir
	dir=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/mounts)
	[[ -n $dir ]] || skip "no cgroup v2 hierarchy is mounted"
	mkdir "$dir/nskit-inside" 2>/dev/null || skip "may not make a cgroup"
	on_cleanup rmdir "$dir/nskit-inside"
	mkdir "$dir/nskit-inside/below"
	on_cleanup rmdir "$dir/nskit-inside/below"
	spawn sh -c 'echo $$ >"$0/cgroup.procs" && exec unshare --cgroup sleep 1000' "$dir/nskit-inside"
	eventually runs "$SPAWNED" sleep
	NS=$(ns_of cgroup "$SPAWNED")
	inside "$NS"
	jq_is 'any(.roots[]; .hierarchy == "" and (.path | endswith("/nskit-inside")))'
	# A member that is deeper tells the same.
	echo "$SPAWNED" >"$dir/nskit-inside/below/cgroup.procs"
	inside "$NS"
	jq_is 'any(.roots[]; .hierarchy == "" and (.path | endswith("/nskit-inside")))'
	# One that was taken out of it tells nothing, and that is said.
	echo "$SPAWNED" >"$dir/cgroup.procs"
	inside "$NS"
	jq_is '.roots == null'
	[[ $stderr == *"cgroup namespaces' roots"* ]]
}

@test "pid: level, parent, init, processes" {
	in_ns --pid --mount-proc -- sh -c 'sleep 1000 & sleep 1000; :'
	NS=$(ns_of pid "$NS_PID")
	eventually test "$(child_of "$NS_PID")"
	inside "$NS"
	jq_is '.level == 1 and .parent == $parent and .init == $init and .processes == 3' --argjson parent "$(ns_of pid)" --argjson init "$NS_PID"
	text --inside "$NS"
	[[ $output == "pid $NS: level 1, below $(ns_of pid), init $NS_PID (1 inside), 3 processes" ]]
}

@test "net: devices, addresses, and who listens" {
	need_cmd ip
	in_ns --net
	NS=$(ns_of net "$NS_PID")
	ip link add nskit-in type veth peer name eth0 netns "$NS_PID" 2>/dev/null || skip "no veth here"
	nsenter -t "$NS_PID" -n sh -c 'ip link set lo up && ip link set eth0 up && ip addr add 192.0.2.9/24 dev eth0 && ip addr add fd00::9/64 dev eth0 nodad'
	furnish nsenter -t "$NS_PID" -n "$HELPERS/furnish" listen 8080
	inside "$NS"
	jq_is '.link_count == 2 and [.links[].ifname] == ["lo", "eth0"] and .links[1].kind == "veth" and (.links[1].flags | index("UP") != null)'
	jq_is '.links[1].addresses | index("192.0.2.9/24") != null and index("fd00::9/64") != null'
	theirs=$(nsenter -t "$NS_PID" -n ip -j link show dev eth0)
	jq_is '.links[1] | .address == $t[0].address and .mtu == $t[0].mtu and (.flags | sort) == ($t[0].flags - ["NO-CARRIER"] | sort)' --argjson t "$theirs"
	jq_is '.listener_count == 3 and ([.listeners[] | "\(.netid) \(.state) \(.addr) \(.port)"] | sort) ==
		["tcp LISTEN 0.0.0.0 8080", "tcp LISTEN :: 8080", "udp UNCONN 0.0.0.0 8080"]'
	live=$(jq -S 'del(.links[].operstate)' <<<"$output")
	saved_inside "$NS"
	[[ $(jq -S 'del(.links[].operstate)' <<<"$output") == "$live" ]]
	text --inside "$NS"
	[[ ${lines[0]} == "net $NS: lo 127.0.0.1/8 ::1/128, eth0 192.0.2.9/24 fd00::9/64"*"3 listening: tcp 8080 udp 8080" ]]
}

@test "a process's namespaces, each in a line" {
	in_ns --uts --ipc --net
	text --inside "$NS_PID"
	[[ ${lines[0]} =~ ^TYPE\ +NS\ +SHARED\ +INSIDE$ ]]
	((${#lines[@]} == 9))
	[[ $output == *"uts"*"$(ns_of uts "$NS_PID")"*"host name "* ]]
}

@test "a snapshot that was saved without" {
	"$NSLS" --save "$BATS_TEST_TMPDIR/all" >/dev/null
	jq '.nskit.wants -= ["ipc"]' "$BATS_TEST_TMPDIR/all" >"$BATS_TEST_TMPDIR/less"
	run -1 --separate-stderr "$NSLS" --inside --from "$BATS_TEST_TMPDIR/less"
	[[ $stderr == *"was saved without ipc: use nsls --save"* ]]
	text --inside -t uts --from "$BATS_TEST_TMPDIR/less"
}

@test "as nobody: what is one's own, and what could not be seen is said" {
	need_cmd setpriv
	in_ns --ipc --uts --net
	cp "$NSLS" "$BATS_TEST_TMPDIR/nsls"
	chmod 755 "$BATS_TEST_TMPDIR" "$BATS_TEST_TMPDIR/nsls"
	cd /
	output=$(setpriv --reuid=65534 --regid=65534 --clear-groups -- "$NSLS" -J --inside 2>"$BATS_TEST_TMPDIR/err") ||
		output=$(setpriv --reuid=65534 --regid=65534 --clear-groups -- "$BATS_TEST_TMPDIR/nsls" -J --inside 2>"$BATS_TEST_TMPDIR/err")
	validate nsls <<<"$output"
	[[ $(<"$BATS_TEST_TMPDIR/err") == *incomplete* ]]
	jq_is '.nskit.complete == false'
	# Our own network and IPC namespaces can be looked at from where we are; POSIX queues take a mount.
	jq_is 'any(.namespaces[]; .ns == $ns and .inside.link_count > 0)' --argjson ns "$(ns_of net)"
	jq_is 'any(.namespaces[]; .ns == $ns and .inside.sysv != null and .inside.mqueues == null and .inside.denied.mqueues == "EPERM")' \
		--argjson ns "$(ns_of ipc)"
	jq_is 'any(.namespaces[]; .ns == $ns and .inside.mount_count > 0)' --argjson ns "$(ns_of mnt)"
}
