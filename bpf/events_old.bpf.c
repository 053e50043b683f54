/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* The same for kernels that hand out no pointer to the running task and its registers (before 5.15). */
#define NSKIT_OLD_KERNEL
#include "events.bpf.c"
