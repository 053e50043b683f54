# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=dash disable=SC2154 # out, err and ms come from init
# nsnet topo on this kernel: a bridge here, the veth on it and its end in another namespace, and a vlan on that; with BPF and without.

link() { echo "$out" | jq -c ".links[] | select(.ns == $1 and .ifname == \"$2\") | [.kind, .master, .peer_ns, .peer]"; }

if ! load veth bridge 8021q; then
	skip "topology" "no modules for veths, bridges and vlans"
	return
fi
unshare -n sleep 7401 &
other=$!
eventually apart $other
here=$(readlink /proc/self/ns/net | tr -dc 0-9)
there=$(readlink /proc/$other/ns/net | tr -dc 0-9)
ip link add kbr type bridge
ip link add ktv type veth peer name eth0 netns $other
ip link set ktv master kbr
nsenter -t $other -n /bin/ip link add link eth0 name eth0.7 type vlan id 7
nsenter -t $other -n /bin/ip address add 10.9.0.2/24 dev eth0

for how in auto proc; do
	run nsnet topo -J --collector=$how || { fail "--collector=$how" "$err"; continue; }
	same "--collector=$how: the bridge's port leads to the other namespace" "$(link "$here" ktv)" "[\"veth\",\"kbr\",$there,\"eth0\"]"
	same "--collector=$how: and back" "$(link "$there" eth0)" "[\"veth\",null,$here,\"ktv\"]"
	same "--collector=$how: a vlan is on its device" "$(link "$there" eth0.7 | jq -c '.[0, 3]' | tr '\n' ' ')" '"vlan" "eth0" '
	run nsnet topo --collector=$how
	same "--collector=$how: the same as a tree" "$(echo "$out" | grep -c "ktv.*eth0 .*10.9.0.2/24.*$there")" 1
done
ip link del ktv
ip link del kbr
