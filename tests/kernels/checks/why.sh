# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=dash disable=SC2154 # out, err, ms, held and status come from init
# nsnet why on this kernel: who listens is named (busybox listens on [::], which takes IPv4 too), a privileged port is one, and a free one is free; with BPF and without.

load tcp_diag udp_diag inet_diag

nc -l -p 8085 </tmp/never >/dev/null 2>&1 &
holder=$!
eventually serves $holder 8085
answer() { echo "$status $(echo "$out" | jq -r '.why | .verdict, (.causes[] | .code, .errno, (.evidence.holder_pid // .evidence.asking_uid))' | tr '\n' ' ')"; }

for how in auto proc; do
	run nsnet why -J --collector $how 8085 host
	same "who listens ($how)" "$(answer)" "4 blocked port-in-use-dual-stack EADDRINUSE $holder "
	run nsnet why -J --collector $how --uid 1001 80 host
	same "a privileged port ($how)" "$(answer)" "4 blocked privileged-port-no-cap EACCES 1001 "
	run nsnet why -J --collector $how 8086 host
	# Who has bound it without listening, kernels before 6.8 list to nobody, and without BPF nobody else tells.
	free="0 ok "
	[ "$how" = proc ] && [ "$(printf '6.8\n%s\n' "$(uname -r)" | sort -V | head -n1)" != 6.8 ] && free="3 unknown "
	same "a free port ($how)" "$(answer)" "$free"
done
kill $holder

hold bound
set -- $held
run nsnet why -J 8087 "$2"
same "who has bound it without listening" "$(answer)" "4 blocked port-in-use-bound-not-listening EADDRINUSE $3 "
run nsnet why -J 127.0.0.1:8087 "$2"
same "on one address, too" "$(answer)" "4 blocked port-in-use-bound-not-listening EADDRINUSE $3 "
run nsnet why -J 8088 "$2"
same "and no other port" "$(answer)" "0 ok "

# Virtual services of IPVS: what the kernel refuses without a server, and where it sends what comes with one.
blamed() { echo "$status $(echo "$out" | jq -r '.why | .verdict, (.causes[] | .code, .errno)' | tr '\n' ' ')"; }
load crc32c_generic # libcrc32c asks for it by what it does, which busybox does not know
if load ip_vs ip_vs_rr veth; then
	unshare -n sleep 1000 &
	eventually apart $!
	ip link add to-server type veth peer name eth0 netns $!
	ip addr add 10.8.0.1/24 dev to-server
	ip link set to-server up
	nsenter -t $! -n ip addr add 10.8.0.2/24 dev eth0
	nsenter -t $! -n ip link set eth0 up
	ip addr add 10.9.0.1/32 dev lo
	ipvs 10.9.0.1 80
	ipvs 10.9.0.1 81 10.8.0.2 8080 0
	ipvs 10.9.0.1 82 10.8.0.2 8080 1
	for port in 80 81; do
		run nc -w 2 10.9.0.1 $port
		same "IPVS: port $port is refused" "$(echo "$err" | grep -o 'refused')" refused
		run nsnet why -J --reach --client host 10.9.0.1:$port host
		same "IPVS: port $port has no server" "$(blamed)" "4 unreachable published-port-no-listener ECONNREFUSED "
	done
	run nsnet why -J --reach --client host 10.9.0.1:82 host
	same "IPVS: port 82 goes to its server" "$(echo "$out" | jq -r .why.path | grep -o 'IPVS TCP 10.9.0.1:82 (10.8.0.2:8080)')" \
		"IPVS TCP 10.9.0.1:82 (10.8.0.2:8080)"
else
	skip "IPVS" "no such module"
fi
