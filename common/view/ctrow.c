// SPDX-License-Identifier: GPL-2.0-or-later
#include "firewall/published.h"
#include "view/ctrow.h"
#include "view/human.h"
#include "view/procrow.h"

/* --- how it looks ---------------------------------------------------------------------------------------------------------- */

static void name_text(const void *rec, char *buf, size_t size)
{
	const struct ctrow *r = rec;

	if (r->host)
		snprintf(buf, size, "host");
	else
		container_name(r->container, buf, size);
}

static void cpu_text(const void *rec, char *buf, size_t size)
{
	human_cpu(((const struct ctrow *)rec)->cpu, buf, size);
}

static void rss_text(const void *rec, char *buf, size_t size)
{
	human_bytes(((const struct ctrow *)rec)->rss, buf, size);
}

static void rx_text(const void *rec, char *buf, size_t size)
{
	human_bytes(((const struct ctrow *)rec)->rx, buf, size);
}

static void tx_text(const void *rec, char *buf, size_t size)
{
	human_bytes(((const struct ctrow *)rec)->tx, buf, size);
}

static void age_text(const void *rec, char *buf, size_t size)
{
	const struct ctrow *r = rec;

	*buf = '\0';
	if (OPT_VALUE(r->age))
		human_age((uint64_t)r->age, buf, size);
}

static void join(const char *const *words, uint32_t n, const char *between, char *buf, size_t size)
{
	size_t len = 0;

	*buf = '\0';
	for (uint32_t i = 0; i < n && len < size; i++)
		len += (size_t)snprintf(buf + len, size - len, "%s%s", i ? between : "", words[i]);
}

#define WORDS(member) \
	static void member##_text(const void *rec, char *buf, size_t size) \
	{ \
		const struct ctrow *r = rec; \
\
		join(r->member, r->n_##member, " ", buf, size); \
	}
WORDS(listens)
WORDS(published)
WORDS(own)
WORDS(shared)

static void image_text(const void *rec, char *buf, size_t size)
{
	const struct ctrow *r = rec;

	snprintf(buf, size, "%s", r->container && r->container->image ? r->container->image : "");
}

#define F(member, ...) FIELD(ctrow, member, __VA_ARGS__)
#define N(member) COUNTED(ctrow, member), .text = member##_text
#define NS(type, column) \
	{ \
		.name = column, .kind = F_NSREF, .off = offsetof(struct ctrow, ns[type]), .help = column " of its first process" \
	}

static const struct field ctrow_fields[] = {
	F(container, F_REC, .rec = &snap_container_desc, .text = name_text, .want = WANT_CONTAINERS | WANT_ALL_CONTAINERS,
	  HELP("container; null is the host: all that is in no container")),
	F(host, F_BOOL, .flags = FF_HIDDEN, HELP("it is the host")),
	F(nprocs, F_U32, HELP("processes in it")),
	F(nthreads, F_U32, HELP("their threads")),
	F(pid, F_OPT, HELP("lowest pid in it")),
	F(cpu, F_OPT, .text = cpu_text, .want = WANT_USAGE,
	  HELP("CPU time a second, in thousandths of a core; the screen shows per cent")),
	F(rss, F_OPT, .text = rss_text, .want = WANT_USAGE,
	  HELP("resident memory in bytes, summed up: what processes share counts more than once")),
	F(rx, F_OPT, .text = rx_text, .want = WANT_LINKS,
	  HELP("bytes a second that its network namespace receives; none where that is the host's")),
	F(tx, F_OPT, .text = tx_text, .want = WANT_LINKS, HELP("bytes a second that it sends")),
	F(listens, F_STRS, N(listens), .flags = FF_CUT, .want = WANT_LISTENERS,
	  HELP("ports of its network namespace that somebody listens on; not where that is the host's")),
	F(published, F_STRS, N(published), .flags = FF_CUT, .want = WANT_COMMANDS | WANT_FIREWALL,
	  HELP("ports that lead to it, as rules, docker-proxy and its engine say: 8080->80; ! where nobody listens")),
	F(own, F_STRS, N(own), .flags = FF_CUT, HELP("types of the namespaces that it shares with nobody")),
	F(shared, F_STRS, N(shared), .flags = FF_CUT, HELP("with whom it shares the others: the host's first")),
	F(age, F_OPT, .text = age_text, HELP("seconds since its first process began")),
	F(failed, F_U32, HELP("failed binds and the like, of late")),
	F(event, F_STR, .flags = FF_CUT, HELP("the last thing that failed or changed in it")),
	{ .name = "image",
	  .kind = F_STR,
	  .off = offsetof(struct ctrow, event),
	  .flags = FF_TEXT | FF_CUT,
	  .text = image_text,
	  HELP("image that it was made from") },
	NS(NS_MNT, "mnt"),
	NS(NS_NET, "net"),
	NS(NS_PID, "pidns"),
	NS(NS_UTS, "uts"),
	NS(NS_IPC, "ipc"),
	NS(NS_USER, "userns"),
	NS(NS_CGROUP, "cgroup"),
	NS(NS_TIME, "time"),
};
DESC(ctrow_desc, "live_container", struct ctrow, "a container, live", ctrow_fields);

/* --- processes ------------------------------------------------------------------------------------------------------------------ */

static void add_opt(int64_t *sum, int64_t v)
{
	if (OPT_VALUE(v))
		*sum = OPT_VALUE(*sum) ? *sum + v : v;
}

static struct ctrow *add_row(struct ctrows *r, const struct snap_container *c)
{
	struct ctrow *row = ARRAY_ADD(r, items);

	*row = (struct ctrow){ .container = c,
			       .host = !c,
			       .pid = OPT_NONE,
			       .cpu = OPT_NONE,
			       .rss = OPT_NONE,
			       .rx = OPT_NONE,
			       .tx = OPT_NONE,
			       .age = OPT_NONE };
	return row;
}

static void count_process(struct ctrow *row, const struct frame *f, uint32_t i)
{
	const struct snap_task *t = &f->snap.tasks[i];

	if (!OPT_VALUE(row->pid)) {
		row->pid = t->pid;
		memcpy(row->ns, t->ns, sizeof(row->ns));
		if (f->snap.head.ticks >= t->start)
			row->age = (int64_t)((f->snap.head.ticks - t->start) / 100);
	}
	row->nprocs++;
	row->nthreads += t->nthreads;
	add_opt(&row->cpu, f->rates.cpu[i]);
	add_opt(&row->rss, t->rss);
}

static void count_processes(struct ctrows *r, const struct frame *f)
{
	const struct snap *s = &f->snap;
	struct idmap rows = { 0 }; /* container -> row */
	const char *last_id = NULL;
	uint32_t last = 0;

	add_row(r, NULL);
	for (uint32_t i = 0; i < s->n_tasks; i++) {
		const struct snap_container *c;

		if (s->tasks[i].tid != s->tasks[i].pid)
			continue;
		if (s->tasks[i].container != last_id) { /* one string for all of its tasks, mostly */
			last_id = s->tasks[i].container;
			c = index_container(&f->ix, last_id);
			last = c ? idmap_add(&rows, (uint64_t)(c - s->containers), (uint32_t)r->n_items) : 0;
			if (last == r->n_items)
				add_row(r, c);
		}
		count_process(&r->items[last], f, i);
	}
	idmap_done(&rows);
	memcpy(r->items[0].ns, s->head.initial, sizeof(r->items[0].ns));
}

/* --- namespaces: own, or shared with whom ------------------------------------------------------------------------------------------ */

enum { MANY = UINT32_MAX - 1 };

/* The row that a namespace was first seen in, and the next one that has it too. */
struct sharing {
	struct idmap first, other;
};

static void note_namespaces(struct sharing *sh, const struct ctrows *r)
{
	for (uint32_t i = 1; i < r->n_items; i++)
		for (enum nstype t = 0; t < NS_TYPES; t++) {
			uint64_t key = ns_key(t, r->items[i].ns[t]);

			if (NSREF_KNOWN(r->items[i].ns[t]) && idmap_add(&sh->first, key, i) != i)
				idmap_add(&sh->other, key, i);
		}
}

/* With whom row i shares its namespace of a type: a row, 0 for the host, IDMAP_NONE for nobody. */
static uint32_t shares_with(const struct sharing *sh, const struct ctrows *r, uint32_t i, enum nstype t)
{
	uint64_t key = ns_key(t, r->items[i].ns[t]);
	uint32_t first = idmap_get(&sh->first, key);

	if (r->items[i].ns[t] == r->items[0].ns[t])
		return 0;
	return first != i ? first : idmap_get(&sh->other, key);
}

/* "host:user,time", then "sidecar:net": a word for each that it shares with. */
static void say_sharing(struct ctrows *r, uint32_t i, const uint32_t with[NS_TYPES])
{
	const char **own = arena_alloc(&r->arena, NS_TYPES * sizeof(*own)),
		   **shared = arena_alloc(&r->arena, NS_TYPES * sizeof(*shared));
	struct ctrow *row = &r->items[i];
	bool said[NS_TYPES] = { false };

	for (int host = 1; host >= 0; host--)
		for (enum nstype t = 0; t < NS_TYPES; t++) {
			char word[160];
			size_t len;

			if (said[t] || !NSREF_KNOWN(row->ns[t]) || with[t] == IDMAP_NONE || (with[t] == 0) != host)
				continue;
			name_text(&r->items[with[t]], word, 64);
			len = strlen(word);
			for (enum nstype u = t; u < NS_TYPES; u++)
				if (with[u] == with[t] && NSREF_KNOWN(row->ns[u])) {
					len += (size_t)snprintf(word + len, sizeof(word) - len, "%c%s", u == t ? ':' : ',',
								nstypes[u].name);
					said[u] = true;
				}
			shared[row->n_shared++] = arena_strdup(&r->arena, word);
		}
	for (enum nstype t = 0; t < NS_TYPES; t++)
		if (with[t] == IDMAP_NONE && NSREF_KNOWN(row->ns[t]))
			own[row->n_own++] = nstypes[t].name;
	row->own = own;
	row->shared = shared;
}

static void compare_namespaces(struct ctrows *r)
{
	struct sharing sh = { 0 };

	note_namespaces(&sh, r);
	for (uint32_t i = 1; i < r->n_items; i++) {
		uint32_t with[NS_TYPES];

		for (enum nstype t = 0; t < NS_TYPES; t++)
			with[t] = shares_with(&sh, r, i, t);
		say_sharing(r, i, with);
	}
	idmap_done(&sh.first);
	idmap_done(&sh.other);
}

/* --- network ------------------------------------------------------------------------------------------------------------------------- */

static bool listens(const struct snap_socket *k)
{
	return k->port && !k->peer_port && (k->state == STATE_LISTEN || (k->netid == NETID_UDP && k->state == STATE_UNCONN));
}

static int by_port(const void *a, const void *b)
{
	const struct snap_socket *const *x = a, *const *y = b;

	return (*x)->port != (*y)->port ? ((*x)->port < (*y)->port ? -1 : 1) : (int)(*x)->netid - (int)(*y)->netid;
}

static const char *port_word(struct ctrows *r, const struct snap_socket *k)
{
	if (k->netid == NETID_TCP)
		return arena_printf(&r->arena, "%u", k->port);
	return arena_printf(&r->arena, "%u/%s", k->port, sock_netid_names[k->netid]);
}

static void say_ports(struct ctrows *r, struct ctrow *row, const struct snap *s)
{
	uint32_t n, kept = 0;
	const struct snap_socket *k = SNAP_RANGE(s, sockets, row->ns[NS_NET], &n);
	CLEAN_MEM const struct snap_socket **sorted = xcalloc(n, sizeof(*sorted));
	const char **words;

	for (uint32_t i = 0; i < n; i++)
		if (listens(&k[i]))
			sorted[kept++] = &k[i];
	words = arena_alloc(&r->arena, (kept + 1) * sizeof(*words));
	row->listens = words; /* none is another answer than not known */
	if (!kept)
		return;
	qsort(sorted, kept, sizeof(*sorted), by_port);
	for (uint32_t i = 0; i < kept; i++)
		if (!i || by_port(&sorted[i - 1], &sorted[i]) != 0)
			words[row->n_listens++] = port_word(r, sorted[i]);
}

static uint32_t leads_to(const struct published_port *p, const struct ctrow *row)
{
	return p->to_ns == row->ns[NS_NET] && NSREF_KNOWN(p->to_ns);
}

/* Few containers have published ports, and those have few. */
static void say_published(struct ctrows *r, struct ctrow *row, const struct published *all, bool know_listeners)
{
	const char **words;
	uint32_t n = 0;

	for (size_t i = 0; i < all->n_ports; i++)
		n += leads_to(&all->ports[i], row);
	words = arena_alloc(&r->arena, (n + 1) * sizeof(*words));
	row->published = words;
	for (size_t i = 0; i < all->n_ports; i++) {
		const struct published_port *p = &all->ports[i];
		bool tcp = !p->proto || !strcmp(p->proto, "tcp");
		const char *word;

		if (!leads_to(p, row))
			continue;
		word = published_range(&r->arena, p->host_port, p->host_last);
		if (p->port != p->host_port || p->last != p->host_last)
			word = arena_printf(&r->arena, "%s->%s", word, published_range(&r->arena, p->port, p->last));
		word = arena_printf(&r->arena, "%s%s%s%s", word, tcp ? "" : "/", tcp ? "" : p->proto,
				    p->listens || !know_listeners ? "" : "!");
		if (!row->n_published || strcmp(words[row->n_published - 1], word) != 0) /* IPv4 and IPv6 are said once */
			words[row->n_published++] = word;
	}
}

/* The host's network is nobody's own: what goes on there is said once, in the host's row. */
static void add_network(struct ctrows *r, const struct frame *f)
{
	bool know_listeners = f->snap.head.wants & (WANT_LISTENERS | WANT_SOCKETS);
	struct published published;

	published_build(&published, &f->ix);
	for (uint32_t i = 0; i < r->n_items; i++) {
		struct ctrow *row = &r->items[i];
		uint32_t ns = index_ns(&f->ix, NS_NET, row->ns[NS_NET]);

		if (ns == IDMAP_NONE || (i && row->ns[NS_NET] == r->items[0].ns[NS_NET]))
			continue;
		row->rx = f->rates.net[ns].rx;
		row->tx = f->rates.net[ns].tx;
		say_ports(r, row, &f->snap);
		if (i)
			say_published(r, row, &published, know_listeners);
	}
	published_done(&published);
}

/* --- all of it ------------------------------------------------------------------------------------------------------------------------ */

void ctrows_init(struct ctrows *r, const struct frame *f)
{
	*r = (struct ctrows){ 0 };
	count_processes(r, f);
	compare_namespaces(r);
	add_network(r, f);
}

void ctrows_done(struct ctrows *r)
{
	free(r->items);
	arena_done(&r->arena);
}

/* NULL is the row of what is in no container. */
static bool is_id_of(const struct snap_container *c, const char *id)
{
	if (!c || !id)
		return !c && !id;
	return !strcmp(c->id, id);
}

void ctrows_event(struct ctrows *r, const char *container, const char *what, uint64_t ago)
{
	char age[16];

	for (size_t i = 0; i < r->n_items; i++) {
		const struct snap_container *c = r->items[i].container;

		if (is_id_of(c, container)) {
			r->items[i].failed++;
			human_age(ago, age, sizeof(age));
			r->items[i].event = arena_printf(&r->arena, "%s %s ago", what, age);
			return;
		}
	}
}
