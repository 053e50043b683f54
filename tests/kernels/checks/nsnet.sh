# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=dash disable=SC2154 # out, err, ms and held come from init
# nsnet on this kernel: sockets of two namespaces and who has them open, by BPF and without; devices and where their other ends are;
# and the kinds of devices that not every machine has.

load tcp_diag udp_diag unix_diag netlink_diag raw_diag af_packet_diag
btf=/sys/kernel/btf/vmlinux

listeners() { echo "$out" | jq -r '.netns[].sockets[] | select(.state == "LISTEN") | "\(.netid) \(.local.port) \(.processes[0].comm)"' | sort; }

nc -l -p 8080 </tmp/never >/dev/null 2>&1 &
unshare -n sh -c 'echo $$ >/tmp/inner; exec nc -l -p 9090 </tmp/never' >/dev/null 2>&1 &
usleep 500000
expected="tcp 8080 nc
tcp 9090 nc"

run nsnet -J -tlnp && same "listeners of all namespaces, and whose they are" "$(listeners)" "$expected"
run nsnet -J -tlnp --collector proc && same "the same without BPF" "$(listeners)" "$expected"
if [ -e $btf ]; then
	run nsnet -J -tlnp --collector bpf && {
		same "the same by BPF" "$(listeners)" "$expected"
		same "BPF tells what they share" "$(echo "$out" | jq -r '[.netns[].sockets[].options.reuseaddr] | unique | map(tostring) | join(",")')" true
	}
else
	skip "by BPF" "no $btf"
fi

kind_of() { echo "$out" | jq -r ".links[] | select(.ifname == \"$1\") | .kind"; }

if load veth && ip link add kv0 type veth; then
	ip link set veth0 netns "$(cat /tmp/inner)"
	run nsnet --save - && {
		same "a veth's other end is in its namespace" \
			"$(echo "$out" | jq -r '.links[] | select(.ifname == "kv0") | .peer_ns')" "$(readlink "/proc/$(cat /tmp/inner)/ns/net" | tr -dc 0-9)"
		same "and back" "$(echo "$out" | jq -r '.links[] | select(.ifname == "veth0") | .peer_ns')" "$(readlink /proc/self/ns/net | tr -dc 0-9)"
	}
	for kind in vlan macvlan ipvlan vxlan; do
		case $kind in
		vlan) load 8021q && ip link add link kv0 name "k$kind" type vlan id 7 ;;
		vxlan) load vxlan && ip link add name "k$kind" type vxlan id 42 dstport 4789 dev kv0 ;;
		*) load "$kind" && ip link add link kv0 name "k$kind" type "$kind" ;;
		esac 2>/dev/null || { skip "a $kind device" "this kernel makes none"; continue; }
		run nsnet --save - && same "a $kind device" "$(kind_of "k$kind")" "$kind"
		ip link del "k$kind" # a macvlan and an ipvlan do not go together on one device
	done
else
	skip "devices" "no module veth"
fi
