# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=dash disable=SC2154 # out, err, ms and held come from init
# nsls on this kernel: both collectors, what auto takes, how namespaces without a process are found, and each kind of keeper.

kinds='process thread leader-dead fd socket flight mount child owned time-for-children'
pairs='-n -r -o NS,TYPE'
btf=/sys/kernel/btf/vmlinux

header() { echo "$out" | jq -r ".nskit.$1"; }
lines() { echo "$1" | sort; }
only_in_first() { printf '%s\n' "$2" "$2" "$1" | sort | uniq -u; }

# Which of the held namespaces are missing from "NS TYPE" lines.
lost() # LINES KIND...
{
	listed=$1
	shift
	for kind; do
		# shellcheck disable=SC2046
		set -- $(cat "/tmp/hold.$kind")
		echo "$listed" | grep -qx "$2 $1" || echo "$kind ($1 $2)"
	done
}

# All namespaces of all threads: the truth as far as /proc shows it, in lines "NS TYPE".
by_proc()
{
	find /proc/[0-9]*/task/[0-9]*/ns -type l -exec readlink {} + 2>/dev/null |
		sed -n 's/^\([a-z]*\):\[\([0-9]*\)\]$/\2 \1/p' | sort -u
}

# A collector, or the lack of one, lists all: what /proc shows, and each held namespace.
lists_all() # WHO LISTER COMMAND...
{
	who=$1 how=$2
	shift 2
	# shellcheck disable=SC2086
	run "$@" $pairs || { fail "$who" "$err"; return; }
	pass "$who runs ($ms ms)"
	same "$who: no namespace of /proc is missing" "$(only_in_first "$(by_proc)" "$(lines "$out")")" ""
	# Nothing but the kernel's own list knows of a file that is on its way.
	[ "$how" != files ] || kinds=$(echo "$kinds" | sed 's/flight //')
	# shellcheck disable=SC2086
	same "$who: none of those held is missing" "$(lost "$out" $kinds)" ""
	lines "$out" >"/tmp/list.$who"
}

# Of lines "NS TYPE KEEPER..." in $keepers, those of a held namespace.
keeper() # KIND-OF-HOLD KIND-OF-KEEPER
{
	# shellcheck disable=SC2046
	set -- "$1" "$2" $(cat "/tmp/hold.$1")
	same "$how: keeper of what $1 holds" "$(echo "$keepers" | sed -n "s/^$4 $3 //p")" "$2"
}

# --- the scene: one namespace for each way to hold one, and a crowd, so that BPF pays -------------------------------

for kind in $kinds zombie; do
	hold "$kind" || fail "hold $kind" "$held"
done
for _ in $(seq 100); do
	sleep 1000 &
done
unshare -m -n -u -i -p -f sleep 1000 &
eventually apart $!

lister=files
since 6.19 && lister=listns
without_bpf=$lister
since 6.18 && lister=bpf

# --- the collectors ------------------------------------------------------------------------------------------------

lists_all bpf "$lister" nsls --collector=bpf
fact bpf-ms "$ms"
lists_all proc "$lister" nsls --collector=proc
fact proc-ms "$ms"
lists_all auto "$lister" nsls
lists_all without-bpf "$without_bpf" env NSKIT_NO_BPF=1 nsls
for other in proc auto; do
	same "bpf and $other list the same" "$(diff /tmp/list.bpf /tmp/list.$other)" ""
done

# Kernel threads come and go, so not in the namespaces that PID 1 is in.
members="-n -r -o NS,TYPE,NPROCS,PID"
# shellcheck disable=SC2086
run nsls --collector=bpf $members
by_bpf=$(echo "$out" | grep -v ' 1$')
# shellcheck disable=SC2086
run nsls --collector=proc $members
same "bpf and proc count the same processes" "$(echo "$out" | grep -v ' 1$')" "$by_bpf"

# Only a pidfd tells which PID namespace the first child will be in (6.11), where there is no BPF.
hold pid-for-children
pids='-n -r -t pid -o NS'
# shellcheck disable=SC2086
run nsls --collector=bpf $pids
by_bpf=$out
# shellcheck disable=SC2086
run env NSKIT_NO_BPF=1 nsls $pids
same "a PID namespace of children to come" "$(only_in_first "$by_bpf" "$out" | grep -c .)" "$(since 6.11; echo $?)"

# --- what auto takes -------------------------------------------------------------------------------------------------

run nsls -J || fail "JSON" "$err"
same "auto takes" "$(header collector)" bpf
same "lister" "$(header lister)" "$lister"
fact auto "$(header collector)"
fact lister "$(header lister)"
run env NSKIT_NO_BPF=1 nsls -J
same "auto takes, without BPF" "$(header collector)" proc
same "lister without BPF" "$(header lister)" "$without_bpf"
fact no-bpf-lister "$(header lister)"
run env NSKIT_NO_BPF=1 nsls --collector=bpf
same "--collector=bpf without BPF fails" "$status" 1

# libbpf reads the kernel's types from this file; a light skeleton leaves that to the kernel. So, without the file, only the light
# one can be loaded.
mount --bind /dev/null $btf
if run nsls --collector=bpf; then
	skeleton=light
else
	skeleton=plain
fi
run nsls -J
without=$(header collector)
umount $btf
if since 5.17; then
	same "skeleton" $skeleton light
	same "auto takes, without the file of types" "$without" bpf
else
	same "skeleton" $skeleton plain
	same "auto takes, without the file of types" "$without" proc
fi
fact skeleton $skeleton

# --- not root ------------------------------------------------------------------------------------------------------------

run su -s /bin/sh nobody -c 'nsls -J'
same "nobody: status" "$status" 0
same "nobody: auto takes" "$(header collector)" proc
same "nobody: said to be incomplete" "$(header complete)" false

# --- keepers -------------------------------------------------------------------------------------------------------------

for how in bpf proc; do
	run nsls -J --keepers --collector=$how || fail "--keepers --collector=$how" "$err"
	keepers=$(echo "$out" | jq -r '.namespaces[] | "\(.ns) \(.type) \([.keepers[].kind] | unique | join(" "))"')
	for pair in fd:fd socket:socket mount:mount thread:thread child:child owned:owned time-for-children:for-children; do
		keeper "${pair%:*}" "${pair#*:}"
	done
	[ "$lister" = files ] || keeper flight hidden
done
run nsls --save=/tmp/snapshot
same "--save" "$status" 0
run nsls --from=/tmp/snapshot
same "--from" "$status" 0
