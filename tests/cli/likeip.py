#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""likeip PART OURS THEIRS: has nsnet's document (OURS) in its one namespace the same PART ("links", "routes" ...) as ip -j (THEIRS)?

The same records in the same order, each with ip's keys and values, and no others but those that we add.
"""
import json
import sys

ADDED = {"links": {"peer"}, "routes": {"family"}, "rules": {"family"}, "neighbours": set(), "nexthops": set()}
MOVING = {"hello_timer", "tcn_timer", "topology_change_timer", "gc_timer", "forward_delay_timer", "message_age_timer", "hold_timer", "stats64",
          "valid_life_time", "preferred_life_time", "tentative"}
# What a kind of device has of its own may be more than this ip knows; all that it knows must be there.
PARTS = {"info_data", "info_slave_data"}


def still(value):
    """Without what changes while one looks."""
    if isinstance(value, dict):
        return {k: still(v) for k, v in value.items() if k not in MOVING}
    return [still(v) for v in value] if isinstance(value, list) else value


def known(mine, ip):
    """Our linkinfo without keys in its parts that ip does not have."""
    if not isinstance(mine, dict) or not isinstance(ip, dict):
        return mine
    return {k: {x: y for x, y in v.items() if x in ip[k]} if k in PARTS and isinstance(ip.get(k), dict) else v for k, v in mine.items()}


part, ours, theirs = sys.argv[1:]
with open(ours) as f:
    namespaces = json.load(f)["netns"]
with open(theirs) as f:
    wanted = [x for x in json.load(f) if x]
if len(namespaces) != 1:
    sys.exit(f"{len(namespaces)} namespaces")
got = namespaces[0][part]
if len(got) != len(wanted) or not wanted:
    sys.exit(f"{len(got)} {part}, ip has {len(wanted)}")
bad = 0
for mine, ip in zip(got, wanted):
    mine = still({k: v for k, v in mine.items() if k not in ADDED[part]})
    ip = still(ip)
    for key in sorted(set(mine) | set(ip)):
        if key == "linkinfo" and key in mine and key in ip:
            mine[key] = known(mine[key], ip[key])
        if key not in mine or key not in ip or mine[key] != ip[key]:
            print(f"{part} {ip.get('ifname', ip.get('dst', ip.get('priority')))}: {key} is {mine.get(key, 'missing')}, ip says {ip.get(key, 'missing')}")
            bad += 1
sys.exit(bad > 0)
