// SPDX-License-Identifier: GPL-2.0-or-later
#include "why/checks.h"

void check_unix(struct why_state *st)
{
	why_skip(st, "unix sockets", NULL, "not written yet");
}
