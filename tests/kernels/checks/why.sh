# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=dash disable=SC2154 # out, err, ms, held and status come from init
# nsnet why on this kernel: who listens is named (busybox listens on [::], which takes IPv4 too), a privileged port is one, and a free one is free; with BPF and without.

load tcp_diag udp_diag inet_diag

nc -l -p 8085 </tmp/never >/dev/null 2>&1 &
holder=$!
usleep 500000
answer() { echo "$status $(echo "$out" | jq -r '.why | .verdict, (.causes[] | .code, .errno, (.evidence.holder_pid // .evidence.asking_uid))' | tr '\n' ' ')"; }

for how in auto proc; do
	run nsnet why -J --collector $how 8085 host
	same "who listens ($how)" "$(answer)" "4 blocked port-in-use-dual-stack EADDRINUSE $holder "
	run nsnet why -J --collector $how --uid 1001 80 host
	same "a privileged port ($how)" "$(answer)" "4 blocked privileged-port-no-cap EACCES 1001 "
	run nsnet why -J --collector $how 8086 host
	same "a free port ($how)" "$(answer)" "0 ok "
done
kill $holder
