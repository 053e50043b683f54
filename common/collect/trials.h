// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What cannot be read can be tried: a program that is attached in a packet's path is run by the kernel on that one packet
 * (BPF_PROG_TEST_RUN), which sends nothing and changes nothing but what the program itself keeps in its maps; and conntrack is asked
 * for the packet's entry.
 */
#ifndef NSKIT_TRIALS_H
#define NSKIT_TRIALS_H

#include "collect/collect.h"

/*
 * Answer the trials of a settled snapshot that have no answer yet, in their namespaces. What could not be run says so in its record
 * (TRIAL_REFUSED): EPERM takes CAP_BPF, CAP_NET_ADMIN and CAP_SYS_ADMIN; ENOTSUP: the kernel cannot run this kind.
 */
void trials_run(struct snap *s, const struct collect_opts *o);

#endif
