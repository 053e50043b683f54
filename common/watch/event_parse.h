// SPDX-License-Identifier: GPL-2.0-or-later
/* A record of events.bpf.c as an event. Takes any bytes, opens nothing. */
#ifndef NSKIT_EVENT_PARSE_H
#define NSKIT_EVENT_PARSE_H

#include "../bpf/event_rec.h"
#include "model/event.h"

/* An event and all that it points at, until the next one is parsed into it. */
struct parsed_event {
	struct event e;
	uint64_t cgroup; /* inode number, see cgroups.h; 0: unknown */
	uint64_t mono;   /* when, in ns of CLOCK_MONOTONIC */
	char comm[17];
	char addr[256];
	char proto[24];
	uint32_t nspid[REC_MAX_LEVELS], nstid[REC_MAX_LEVELS], child_nspid[REC_MAX_LEVELS];
	struct event_change changes[NS_TYPES];
	struct event_wanted wanted;
	struct event_ns namespaces[NS_TYPES];
	struct event_child child;
};

/* 0, or -EINVAL: that is no record. The event's container and time are left to the caller. */
int event_parse(const char *buf, size_t len, struct parsed_event *p);

/* The name of what socket(2) was asked for: "tcp", "unix-dgram"; of one that is unknown its numbers. Returns buf or a literal. */
const char *event_proto(uint32_t family, uint32_t type, uint32_t protocol, char *buf, size_t size);

#endif
