#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The picture of a topology in the README: docs/topology.svg, of namespaces that are made here and gone afterwards. Root; graphviz, nftables.
set -eu
cd "$(dirname "$0")/.."
nsnet=${BUILD:-build}/nsnet
names="gateway web db backup"

gone()
{
	for pid in ${pids-}; do kill "$pid"; done
	for name in ${made-}; do ip netns del "$name"; done
}
trap gone EXIT
for name in $names; do
	ip netns add "$name"
	made="${made-} $name"
	ip -n "$name" link set lo up
done

join() # NAMESPACE DEVICE ADDRESS NAMESPACE DEVICE ADDRESS
{
	ip -n "$1" link add "$2" type veth peer name "$5" netns "$4"
	for end in "$1 $2 $3" "$4 $5 $6"; do
		# shellcheck disable=SC2086 # three words
		set -- $end
		[ "$3" = - ] || ip -n "$1" address add "$3" dev "$2"
		ip -n "$1" link set "$2" up
	done
}

ip -n gateway link add br0 type bridge
ip -n gateway address add 10.1.0.1/24 dev br0
ip -n gateway link set br0 up
join web eth0 10.1.0.2/24 gateway vweb -
join db eth0 10.1.0.3/24 gateway vdb -
ip -n gateway link set vweb master br0
ip -n gateway link set vdb master br0
join db replica 10.2.0.1/30 backup eth0 10.2.0.2/30
ip -n web route add default via 10.1.0.1
ip -n db route add default via 10.1.0.1
ip netns exec gateway nft -f - <<-END
	table ip nat {
		chain prerouting {
			type nat hook prerouting priority dstnat
			tcp dport 8080 dnat to 10.1.0.2:80
			tcp dport 5432 dnat to 10.1.0.3
		}
	}
END
for server in web:80 db:5432; do
	ip netns exec "${server%:*}" python3 -c "
import socket, time
s = socket.socket(); s.bind(('0.0.0.0', ${server#*:})); s.listen(); time.sleep(1000)" &
	pids="${pids-} $!"
done
sleep 1

targets=
for name in $names; do targets="$targets netns:$name"; done
# shellcheck disable=SC2086 # a list of words
"$nsnet" topo $targets 2>/dev/null
mkdir -p docs
# shellcheck disable=SC2086
"$nsnet" topo --svg $targets >docs/topology.svg 2>/dev/null
