# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=dash disable=SC2154 # out, err, ms and held come from init
# nspid on this kernel: both collectors, the kernel's own translation and the one without, and a log.

numbers() { sed -n "s/^$2:[[:space:]]*//p" "/proc/$1/status" | tr '\t' ,; }
json() { echo "$out" | jq -c "$1"; }

# The one process that has three numbers.
two_deep() { awk '$1 == "NSpid:" && NF == 4 { print $2 }' /proc/[0-9]*/status 2>/dev/null | head -n1; }

unshare -p -f sh -c 'unshare -p -f sleep 7001 & sleep 7002; :' &
for _ in 1 2 3 4 5 6 7 8 9 10; do
	pid=$(two_deep)
	[ -n "$pid" ] && break
	sleep 1
done
ns=$(readlink "/proc/$pid/ns/pid")

if run nspid -J "$pid"; then
	same "a process two levels deep" "$(json '.processes[0].nspid')" "[$(numbers "$pid" NSpid)]"
	same "its namespaces" "$(json '.processes[0].pidns | length, (map(. > 0) | all)' | tr '\n' ' ')" "3 true "
	same "its session at each level" "$(json '[.processes[0].levels[].sid]')" "[$(numbers "$pid" NSsid)]"
else
	fail "nspid PID" "$err"
fi

for how in auto proc; do
	if run nspid --collector=$how --no-header -o HOST,INSIDE "$ns"; then
		same "--collector=$how: who is in a namespace" "$(echo "$out" | tr -s ' ' | sed 's/^ //')" "$pid 1"
	else
		fail "--collector=$how" "$err"
	fi
done

run nspid -i 1 "$ns" || out=$err
same "-i" "$out" "$pid"
NSKIT_NO_BPF=1 run nspid --save /tmp/nspid.json
run nspid --from /tmp/nspid.json -i 1 "$ns" || out=$err
same "-i by the snapshot" "$out" "$pid"

for how in auto proc; do
	echo "pid 1" | nspid --translate --collector=$how "$ns" >/tmp/line 2>/tmp/stderr
	same "--translate --collector=$how" "$(cat /tmp/line)" "pid 1(host $pid)"
done
if echo | nspid --translate --collector=bpf "$ns" >/dev/null 2>/tmp/stderr; then
	fact nspid-births bpf
else
	fact nspid-births proc
fi
