// SPDX-License-Identifier: GPL-2.0-or-later
/* Numbers as people read them. At most size bytes with the NUL. */
#ifndef NSKIT_HUMAN_H
#define NSKIT_HUMAN_H

#include <stddef.h>
#include <stdint.h>

/* Bytes in at most five columns: "0", "512", "1.2K", "48M", "3.4G". OPT: none is "", refused "?". */
void human_bytes(int64_t bytes, char *buf, size_t size);

/* Thousandths of a core as per cent of one: "0.0", "1.2", "154". OPT. */
void human_cpu(int64_t milli, char *buf, size_t size);

/* A span of seconds: "12s", "4m", "3h20", "12d". */
void human_age(uint64_t seconds, char *buf, size_t size);

#endif
