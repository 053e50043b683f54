// SPDX-License-Identifier: GPL-2.0-or-later
#include "why/why.h"

const struct why_step why_call_steps[] = {
	{ 0 },
};

const struct why_step why_unix_steps[] = {
	{ 0 },
};
