// SPDX-License-Identifier: GPL-2.0-or-later
/* Names of errnos, both ways. A list of our own: the C library's strerrorname_np() is glibc's alone and has no way back. */
#ifndef NSKIT_ERRNAME_H
#define NSKIT_ERRNAME_H

/* "EACCES"; a number without a name is "errno 529". Static storage, of the latter until the thread's next call. */
const char *errno_name(int err);

/* The number for what errno_name() wrote; 0 when it is none. */
int errno_by_name(const char *name);

#endif
