// SPDX-License-Identifier: GPL-2.0-or-later
#include "output/escape.h"
#include "output/wrap.h"
#include "view/sockbehind.h"
#include "view/sockends.h"

/* --- a line ---------------------------------------------------------------------------------------------------------------------------- */

enum col { C_WHERE, C_NETID, C_STATE, C_RECVQ, C_SENDQ, C_ADDR, C_PORT, C_PEER, C_PEER_PORT, C_PROCESS, COLS };

static const struct {
	const char *header, *before;
	bool right;
} cols[COLS] = {
	[C_WHERE] = { "CONTAINER", "", false }, [C_NETID] = { "Netid", " ", false },
	[C_STATE] = { "State", " ", false },    [C_RECVQ] = { "Recv-Q", " ", false },
	[C_SENDQ] = { "Send-Q", " ", false },   [C_ADDR] = { "Local Address:", " ", true },
	[C_PORT] = { "Port", "", false },       [C_PEER] = { "Peer Address:", " ", true },
	[C_PEER_PORT] = { "Port", "", false },  [C_PROCESS] = { "Process", "", false },
};

/* What is printed, and how wide each column is. */
struct page {
	const struct socktext *t;
	struct cells line;
	size_t widths[COLS];
	bool hidden[COLS];
	bool has_peers; /* somebody is at the other end of one at least */
	FILE *f;
};
enum { WHERE_LEAST = 9, BEHIND_LEAST = 30, HOLDER = 36 }; /* columns; of one that has an ordinary name */

static void put_queue(struct cells *c, uint32_t n)
{
	size_t before = c->len;

	cells_put_num(c, n);
	while (c->len - before < 6)
		cells_put(c, " ");
	cells_next(c);
}

/* Its width does not matter to people, for whom nothing is filled up with blanks: only that there is such a column. */
static void format(struct page *p, const struct sockrow *r, bool skip_behind)
{
	const struct socktext *t = p->t;
	struct cells *c = &p->line;

	cells_start(c);
	if (t->where)
		cells_put_foreign(c, r->where, strlen(r->where));
	cells_next(c);
	if (t->netid)
		cells_put(c, r->netid);
	cells_next(c);
	if (t->state)
		cells_put(c, r->state);
	cells_next(c);
	put_queue(c, r->recv_q);
	put_queue(c, r->send_q);
	sockends_put(c, t, r);
	if (skip_behind)
		cells_put(c, " ");
	else
		sockbehind_put(c, t, r);
	cells_next(c);
}

static void format_header(struct page *p)
{
	const struct socktext *t = p->t;

	cells_start(&p->line);
	for (enum col c = 0; c < COLS; c++) {
		if ((c != C_WHERE || t->where) && (c != C_NETID || t->netid) && (c != C_STATE || t->state))
			cells_put(&p->line,
				  c == C_PROCESS && t->people ? " Process" : cols[c].header); /* ss's own sticks to the port's */
		cells_next(&p->line);
	}
}

/* --- its columns ----------------------------------------------------------------------------------------------------------------------- */

static bool is_somebody(const struct cells *line)
{
	size_t len = cells_len(line, C_PEER_PORT);

	return len && (len > 1 || !strchr("*0", line->buf[cells_begin(line, C_PEER_PORT)]));
}

/* ss does not count the last line's last cell, which it has not finished when it measures. */
static void measure(struct page *p, bool last)
{
	for (enum col c = 0; c < (last && !p->t->people ? C_PROCESS : COLS); c++)
		p->widths[c] = MAX(p->widths[c], cells_width(&p->line, c));
}

/* What a line takes without that which stands behind. */
static size_t total_width(const struct page *p)
{
	size_t total = 0;

	for (enum col c = 0; c < C_PROCESS; c++)
		if (p->widths[c] && !p->hidden[c])
			total += (total ? strlen(cols[c].before) : 0) + p->widths[c];
	return total;
}

/*
 * On a narrow terminal the peers go, where nobody has one, so that a holder has room; then the queues; then a container's name is cut.
 * Addresses and ports never are: where that is not enough, the terminal breaks the lines.
 */
static void fit(struct page *p)
{
	size_t width = p->t->width, *where = &p->widths[C_WHERE];

	if (!p->t->people || !width)
		return;
	if (total_width(p) + (p->t->processes ? HOLDER : 0) > width && !p->has_peers)
		p->hidden[C_PEER] = p->hidden[C_PEER_PORT] = true;
	if (total_width(p) > width)
		p->hidden[C_RECVQ] = p->hidden[C_SENDQ] = true;
	if (total_width(p) > width && *where > WHERE_LEAST)
		*where -= MIN(total_width(p) - width, *where - WHERE_LEAST);
}

static void put_blanks(FILE *f, size_t n)
{
	while (n--)
		putc_unlocked(' ', f);
}

/* What stands behind is never cut: who holds the socket is what was asked for. It goes on below itself, or below the line. */
static void put_behind(struct page *p, size_t at, size_t owed)
{
	size_t begin = cells_begin(&p->line, C_PROCESS), width = p->t->width;

	if (p->t->people && width) {
		wrap_text(p->f, cells_text(&p->line) + begin, at, owed, width - MIN(at, width) < BEHIND_LEAST ? WRAP_TAB : at + 1,
			  width);
		return;
	}
	put_blanks(p->f, owed);
	fwrite_unlocked(p->line.buf + begin, 1, cells_len(&p->line, C_PROCESS), p->f);
	if (!p->t->people && p->widths[C_PROCESS] > cells_width(&p->line, C_PROCESS))
		put_blanks(p->f, p->widths[C_PROCESS] - cells_width(&p->line, C_PROCESS));
}

/* A column without content does not exist; all others are as wide as their widest cell and what stands before it. */
static void print_line(struct page *p)
{
	size_t used = 0, owed = 0; /* owed: blanks that fill the column, where another follows */

	for (enum col c = 0; c < C_PROCESS; c++) {
		size_t len = cells_len(&p->line, c), width = cells_width(&p->line, c), column = p->widths[c];

		if ((!column && !len) || p->hidden[c])
			continue;
		if (width > column)
			len = escaped_fit(cells_text(&p->line) + cells_begin(&p->line, c), column, &width);
		put_blanks(p->f, owed);
		if (used) {
			fputs_unlocked(cols[c].before, p->f);
			used += strlen(cols[c].before);
		}
		if (cols[c].right)
			put_blanks(p->f, column - width);
		fwrite_unlocked(p->line.buf + cells_begin(&p->line, c), 1, len, p->f);
		owed = cols[c].right ? 0 : column - width;
		used += column;
	}
	put_behind(p, used, owed);
	putc_unlocked('\n', p->f);
}

/* --- all of it ------------------------------------------------------------------------------------------------------------------------- */

static void pass(struct page *p, struct sockrows *rows, const uint32_t *items, size_t n, bool measuring)
{
	struct sockrow row;
	uint32_t inum = 0;

	for (size_t i = 0; i < n; i++) {
		const struct snap_socket *sock = &rows->ix->snap->sockets[items[i]];

		if (sock->ns != inum)
			sockrows_enter(rows, index_ns(rows->ix, NS_NET, sock->ns));
		inum = sock->ns;
		sockrows_fill(rows, &row, sock);
		format(p, &row, measuring && p->t->people);
		if (measuring) {
			measure(p, i + 1 == n);
			p->has_peers |= is_somebody(&p->line);
		} else {
			print_line(p);
		}
	}
}

/* Twice over all: how wide, and then the text. Nothing is kept of a line. */
void socktext_print(const struct socktext *t, struct sockrows *rows, const uint32_t *items, size_t n, FILE *f)
{
	struct page p = { .t = t, .line = { .ascii = t->ascii }, .f = f };
	bool holders = rows->holders;

	if (t->header) {
		format_header(&p);
		measure(&p, false);
	}
	rows->holders = holders && !t->people;
	pass(&p, rows, items, n, true);
	fit(&p);
	rows->holders = holders;
	if (t->header) {
		format_header(&p);
		print_line(&p);
	}
	pass(&p, rows, items, n, false);
	cells_done(&p.line);
}
