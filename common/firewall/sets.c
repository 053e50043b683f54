// SPDX-License-Identifier: GPL-2.0-or-later
#include "firewall/sets.h"

static void add_hit(struct set_hits *out, const struct snap_fw_elem *e, enum tri t)
{
	if (t == NO)
		return;
	if (out->n < SETS_MAX_HITS)
		out->elems[out->n++] = e;
	else
		out->more = true;
	if (t == YES)
		out->found = YES;
	else if (out->found == NO)
		out->found = MAYBE;
}

/* --- ranges, as the sets of one field have them (nft_set_rbtree.c): keys at which one begins, and keys in front of which it ends ------- */

/* Digits of the same length are in the order of the bytes. Where one range ends and another begins, the end is first. */
static int by_key(const void *a, const void *b)
{
	const struct snap_fw_elem *x = *(const struct snap_fw_elem *const *)a, *y = *(const struct snap_fw_elem *const *)b;
	int c = strcmp(x->key, y->key);

	return c ? c : (int)y->interval_end - (int)x->interval_end;
}

const struct snap_fw_elem **sets_sorted(struct ruleset *r, const struct snap_fw_set *set)
{
	struct ruleset_set *of = &r->of_sets[set - r->sets];
	uint32_t n = 0;

	if (of->sorted)
		return of->sorted;
	of->sorted = xcalloc(set->n_elems + 1u, sizeof(*of->sorted));
	for (uint32_t i = 0; i < set->n_elems; i++)
		if (set->elems[i].key)
			of->sorted[n++] = &set->elems[i];
	if (n)
		sort_stable(of->sorted, n, sizeof(*of->sorted), by_key);
	return of->sorted;
}

static void look_in_ranges(struct ruleset *r, const struct snap_fw_set *set, const struct value *regs, size_t at,
			   struct set_hits *out)
{
	const struct snap_fw_elem **e = sets_sorted(r, set);
	uint8_t low[VALUE_SIZE], end[VALUE_SIZE];

	for (; *e; e++) {
		size_t n = fw_bytes((*e)->key, low, sizeof(low));
		enum tri t;

		if ((*e)->interval_end)
			continue;
		t = value_within(regs, at, low, NULL, n);
		if (t != NO && e[1]) {
			fw_bytes(e[1]->key, end, sizeof(end));
			t = tri_and(t, tri_not(value_within(regs, at, end, NULL, n)));
		}
		add_hit(out, *e, t);
	}
}

/* --- single keys, and ranges in every field (nft_set_pipapo.c) ------------------------------------------------------------------------- */

static enum tri matches_fields(const struct snap_fw_set *set, const struct value *regs, size_t at, const uint8_t *low,
			       const uint8_t *high, size_t n)
{
	enum tri t = YES;
	size_t pos = 0;

	for (uint32_t i = 0; i < set->n_fields && set->fields[i] <= n - pos; i++) {
		t = tri_and(t, value_within(regs, at + pos, low + pos, high + pos, set->fields[i]));
		pos += (set->fields[i] + 3u) & ~3u;
		if (pos >= n)
			break;
	}
	return set->n_fields ? t : value_within(regs, at, low, high, n);
}

static enum tri matches_elem(const struct snap_fw_set *set, const struct value *regs, size_t at, const struct snap_fw_elem *e)
{
	uint8_t low[VALUE_SIZE], high[VALUE_SIZE];
	size_t n = fw_bytes(e->key, low, sizeof(low));

	if (!e->key_end)
		return value_equals(regs, at, low, n);
	if (fw_bytes(e->key_end, high, sizeof(high)) != n)
		return MAYBE;
	return matches_fields(set, regs, at, low, high, n);
}

void sets_lookup(struct ruleset *r, const struct snap_fw_set *set, const struct value *regs, size_t at, struct set_hits *out)
{
	*out = (struct set_hits){ .found = NO };
	if (set->flags & FW_SET_INTERVAL && !(set->flags & FW_SET_CONCAT))
		look_in_ranges(r, set, regs, at, out);
	else
		for (uint32_t i = 0; i < set->n_elems; i++)
			if (set->elems[i].key)
				add_hit(out, &set->elems[i], matches_elem(set, regs, at, &set->elems[i]));
	for (uint32_t i = 0; out->found != YES && i < set->n_elems; i++)
		if (!set->elems[i].key) /* catches all that no other has */
			add_hit(out, &set->elems[i], YES);
}
