// SPDX-License-Identifier: GPL-2.0-or-later
#include "why/why.h"

const struct why_step why_reach_steps[] = {
	{ 0 },
};
