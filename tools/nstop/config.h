// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What was chosen survives: view, columns, sort and tree of each view, in XDG_CONFIG_HOME/nskit/nstop.conf (else ~/.config), lines of
 * "name=value". What is not understood is passed over, so that a newer version's file does no harm.
 */
#ifndef NSKIT_NSTOP_CONFIG_H
#define NSKIT_NSTOP_CONFIG_H

#include "ui.h"

/* No file, or one that cannot be read: all stays as it was. */
void config_load(struct ui *ui);

/* Written only when something has changed. why[]: what went wrong, or untouched. */
void config_save(const struct ui *ui, char *why, size_t size);

/* The lines, and from the lines: pure. The text is malloc'ed. */
char *config_text(const struct ui *ui);
void config_apply(struct ui *ui, char *text);

#endif
