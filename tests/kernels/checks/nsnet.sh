# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=dash disable=SC2154 # out, err, ms and held come from init
# nsnet on this kernel: sockets of two namespaces and who has them open, by BPF and without; devices and where their other ends are;
# and the kinds of devices that not every machine has.

load tcp_diag udp_diag unix_diag netlink_diag raw_diag af_packet_diag
btf=/sys/kernel/btf/vmlinux

listeners() { echo "$out" | jq -r '.netns[].sockets[] | select(.state == "LISTEN") | "\(.netid) \(.local.port) \(.processes[0].comm)"' | sort; }

nc -l -p 8080 </tmp/never >/dev/null 2>&1 &
eventually serves $! 8080
unshare -n sh -c 'echo $$ >/tmp/inner; exec nc -l -p 9090 </tmp/never' >/dev/null 2>&1 &
eventually test -s /tmp/inner
eventually serves "$(cat /tmp/inner)" 9090
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

# info_differs NAME: what ip says of what a device's kind has of its own, and nsnet does not say in the same way
info_differs()
{
	ip -j -d link show "$1" >/tmp/theirs
	run nsnet link -J -d host
	echo "$out" >/tmp/ours
	jq -nr --arg n "$1" --slurpfile o /tmp/ours --slurpfile t /tmp/theirs '
		([$o[0].netns[].links[] | select(.ifname == $n)] | first | .linkinfo) as $ours |
		([$t[0][] | select(.ifname == $n)] | first | .linkinfo) as $theirs |
		if $theirs == null then "ip says nothing" else
		[$theirs | paths(type != "object" and type != "array") as $p |
			select(($p[-1] | tostring | endswith("_timer") | not) and getpath($p) != ($ours | getpath($p))) |
			"\($p | map(tostring) | join(".")): \(getpath($p)), not \($ours | getpath($p))"] | join("; ") end'
}

# A device "kinfo" of each kind, set to what is not usual.
make_device() # KIND
{
	case $1 in
	bridge) load bridge && ip link add kinfo type bridge stp_state 1 vlan_filtering 1 group_fwd_mask 8 mcast_querier 1 ;;
	bridge_slave) load bridge && ip link add kmaster type bridge && ip link add kinfo type dummy && ip link set kinfo master kmaster &&
		ip link set kinfo type bridge_slave hairpin on group_fwd_mask 16388 ;;
	bond) load bonding && ip link add kinfo type bond mode 802.3ad lacp_rate fast xmit_hash_policy layer3+4 ;;
	bond-arp) load bonding && ip link add kinfo type bond mode active-backup arp_interval 500 arp_ip_target 10.0.0.1,10.0.0.2 arp_validate all ;;
	bond_slave) load bonding && ip link add kmaster type bond mode active-backup && ip link add kinfo type dummy && ip link set kinfo master kmaster ;;
	vlan) load 8021q && ip link add link kv0 name kinfo type vlan protocol 802.1ad id 7 gvrp on loose_binding on ;;
	vxlan) load vxlan && ip link add kinfo type vxlan id 42 group 239.1.1.1 dev kv0 dstport 4789 srcport 1000 2000 tos 8 df set ageing 100 l2miss proxy ;;
	vxlan-external) load vxlan && ip link add kinfo type vxlan external dstport 4789 ;;
	ipvlan) load ipvlan && ip link add link kv0 name kinfo type ipvlan mode l3 private ;;
	macvlan) load macvlan && ip link add link kv0 name kinfo type macvlan mode passthru ;;
	vrf) load vrf && ip link add kinfo type vrf table 77 ;;
	vrf_slave) load vrf && ip link add kmaster type vrf table 77 && ip link add kinfo type dummy && ip link set kinfo master kmaster ;;
	tun) load tun && ip tuntap add kinfo mode tap ;;
	wireguard) load wireguard && ip link add kinfo type wireguard ;;
	dummy) load dummy && ip link add kinfo type dummy ;;
	esac
}

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
	load dummy
	for kind in bridge bridge_slave bond bond-arp bond_slave vlan vxlan vxlan-external ipvlan macvlan vrf vrf_slave tun wireguard dummy; do
		if make_device $kind 2>/tmp/err; then
			same "what ip -d says of a $kind" "$(info_differs kinfo)" ""
		else
			skip "what ip -d says of a $kind" "this kernel makes none: $(head -n1 /tmp/err)"
		fi
		ip link del kinfo 2>/dev/null
		ip link del kmaster 2>/dev/null || : # most have none
	done
else
	skip "devices" "no module veth"
fi
