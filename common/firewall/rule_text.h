// SPDX-License-Identifier: GPL-2.0-or-later
/* A rule as people read it, much like `nft list ruleset` and, for matches and targets of x_tables, `iptables -S` show it. */
#ifndef NSKIT_RULE_TEXT_H
#define NSKIT_RULE_TEXT_H

#include "firewall/ruleset.h"

/* One line, raw (names and comments are somebody's bytes), in the arena: "iifname != \"docker0\" tcp dport 8080 dnat to 172.17.0.2:80". */
const char *rule_text(const struct ruleset *r, const struct snap_fw_rule *rule, struct arena *arena);

#endif
