# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=dash disable=SC2154 # out, err, ms and held come from init
# nstop on this kernel: a batch run by each collector, CPU time and memory, a recording replayed, a screen, and the program live on a terminal.

sh -c 'while :; do :; done' &
busy=$!

for how in auto proc; do
	if run nstop -b -n 1 -d 1 --no-header --collector=$how --view proc -p "$busy" --output pid,cpu,rss; then
		# shellcheck disable=SC2086 # three words
		set -- $out
		same "--collector=$how: the busy process" "$1" "$busy"
		same "--collector=$how: its CPU time" "$([ "${2%.*}" -gt 10 ] && echo 1)" 1
		same "--collector=$how: its memory is known" "$(echo "$3" | grep -cE '^[0-9.]+[KM]$')" 1
	else
		fail "--collector=$how" "$err"
	fi
done

if run nstop -J -n 2 -d 0.2 --record /tmp/nstop.rec; then
	same "-J: the host's row" "$(echo "$out" | tail -n1 | jq -c '.containers[0] | .host, .nprocs > 1, .cpu >= 0' | tr '\n' ' ')" "true true true "
	same "-J: network namespaces have rates" "$(echo "$out" | tail -n1 | jq '[.namespaces[] | select(.type == "net" and .initial) | .rx >= 0] == [true]')" true
else
	fail "nstop -J" "$err"
fi
if run nstop -J --replay /tmp/nstop.rec; then
	same "--replay" "$(echo "$out" | wc -l)" 3
else
	fail "--replay" "$err"
fi
if run nstop --replay /tmp/nstop.rec --screen 80x24; then
	same "--screen" "$(echo "$out" | sed -n 3p)" " all > Containers"
else
	fail "--screen" "$err"
fi
# On a terminal of its own, with events: rows come, keys are answered. (Times are an emulator's.)
for how in auto proc; do
	if run keytime 5 nstop --view processes --sort pid --collector=$how; then
		same "--collector=$how, live: a screen and answers to keys" "$(echo "$out" | sed 's/ .*//' | tr '\n' ' ')" "first p50 p99 max "
		fact nstop-$how-key-ms "$(echo "$out" | sed -n 's/^p50 //p')"
	else
		fail "--collector=$how, live" "$err"
	fi
done
kill "$busy"
