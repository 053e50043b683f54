#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
load ../lib

# `make soak` does the same a thousand times.
soak()
{
	need_ns
	run "$ROOT/tests/soak" --runs "${STORM_RUNS:-40}" "$@"
	[[ $status != 77 ]] || skip "$output"
	echo "$output"
	[[ $status == 0 ]]
}

@test "storm: never a crash, an empty list or a mixed row" {
	soak
}

@test "storm: nor where pids come again within milliseconds" {
	soak --inside
}
