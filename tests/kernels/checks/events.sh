# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=dash disable=SC2154 # out, err and ms come from init
# nstop -e on this kernel: the events of each kind of call by BPF; without it, changes by perf and by looking.

watching() # OPTION...: in the background, until it sleeps in poll(2)
{
	nstop -J "$@" >/tmp/events 2>/tmp/events.err &
	stream=$!
	tries=0
	while [ $tries -lt 300 ]; do
		case $(cat /proc/$stream/syscall 2>/dev/null) in 7\ *) return 0 ;; esac
		[ -d /proc/$stream ] || return 1
		usleep 50000
		tries=$((tries + 1))
	done
	return 1
}

ends()
{
	kill -INT $stream
	wait $stream
}

# of FILTER: of the first event of a call that calls.c made; it is waited for
of()
{
	tries=0
	while [ $tries -lt 50 ] && [ -z "$(jq -c "select(.comm == \"calls\") | $1" /tmp/events)" ]; do
		usleep 100000
		tries=$((tries + 1))
	done
	jq -c "select(.comm == \"calls\") | $1" /tmp/events | head -n1
}

said() { echo "$call" | jq -c "$1"; }

if watching -e; then
	call=$(calls unshare 0x4000000)
	same "unshare: what changed" "$(of 'select(.event == "unshare") | [.changes[0].from, .changes[0].to, .pid, .ret]')" \
		"$(said '[.before.uts, .after.uts, .pid, .ret]')"
	call=$(calls unshare 0x4e020000)
	same "unshare: five types at once" "$(of 'select(.event == "unshare" and (.flags | length) > 1) | [.changes[] | .to] | sort')" \
		"$(said '[.after | .mnt, .net, .ipc, .cgroup, .uts] | sort')"
	call=$(calls setns /dev/null 0)
	same "setns that fails" "$(of 'select(.event == "setns") | [.errno, .wanted, .entered]')" '["EINVAL",null,true]'
	call=$(calls clone3 0x20000000)
	same "clone3: from both ends" "$(of 'select(.event == "clone") | [.child.pid, (.child.nspid | length), .flags[0]]')" \
		"$(said '[.child, 2, "CLONE_NEWPID"]')"
	call=$(calls bind inet stream 0 192.0.2.1 81)
	same "bind that fails" "$(of 'select(.event == "bind") | [.errno, .addr, .port, .proto]')" '["EADDRNOTAVAIL","192.0.2.1",81,"tcp"]'
	call=$(calls socket 1 2 3)
	same "socket that fails" "$(of 'select(.event == "socket") | [.errno, .ret]')" '["EPROTONOSUPPORT",-93]'
	call=$(calls listen-unbound)
	same "listen" "$(of 'select(.event == "listen") | .port')" "$(said .port)"
	call=$(unshare -p -f unshare -p -f calls unshare 0x80)
	same "a number at each level, three deep" "$(of 'select(.flags == ["CLONE_NEWTIME"]) | [(.nspid | length), .nspid[0] == .pid, .nspid[2]]')" \
		"[3,true,$(said .pid)]"
	ends
	same "nothing lost" "$(grep -c 'none lost' /tmp/events.err)" 1
	fact events "$(grep -q 'not seen' /tmp/events.err && echo changes || echo bpf)"
else
	fail "nstop -e" "$(head -n1 /tmp/events.err)"
fi

unshare -n sleep 7301 &
other=$!
eventually apart $other
to=$(readlink /proc/$other/ns/net | tr -cd 0-9)
entered() { jq -c 'select(.event == "change" and .changes[0].type == "net") | .changes[0].to' /tmp/events | grep -m1 "$to"; }

# Somebody enters and stays for a while, again and again until it is told.
for way in perf looking; do
	export NSKIT_NO_BPF=1
	[ $way = perf ] || export NSKIT_NO_PERF=1
	watching -e || { fail "changes by $way" "$(head -n1 /tmp/events.err)"; continue; }
	tries=0
	while [ $tries -lt 10 ] && ! entered >/dev/null; do
		nsenter -n/proc/$other/ns/net sleep 2
		tries=$((tries + 1))
	done
	ends
	same "a change by $way" "$(entered)" "$to"
done
