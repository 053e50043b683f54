# SPDX-License-Identifier: GPL-2.0-or-later
# The route lookup of nsnet why --reach against the kernel's own, in random worlds. ROUTE_SEED=N: others.
load ../lib

setup()
{
	need_ns
	need_cmd ip
}

@test "routes: rules, tables, metrics, multipath, nexthop objects, sources and marks are looked up as the kernel does" {
	run "$HELPERS/routepairs" "${ROUTE_SEED:-1}" 40 2500
	echo "$output"
	[[ $status == 0 && ${lines[-1]} =~ ^([0-9]+)\ lookups,\ ([0-9]+)\ ways,\ 0\ different$ ]]
	((BASH_REMATCH[1] >= 100000 && BASH_REMATCH[2] > 50))
}

@test "routes: worlds in which it once was otherwise" {
	run "$HELPERS/routepairs" 200087 1 20000 # a local route that is shorter than one of main, where both tables are one
	echo "$output"
	[[ $status == 0 ]]
}
