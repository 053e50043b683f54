// SPDX-License-Identifier: GPL-2.0-or-later
/* nsnet topo: what is joined to what, as a tree, a graph, a picture or JSON. */
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "nsnet.h"
#include "output/escape.h"
#include "output/schema.h"
#include "view/topo.h"

enum form { FORM_TREE, FORM_DOT, FORM_SVG };
struct asked {
	struct nsnet *n;
	enum form form;
};

enum { OPT_DOT = OPT_TOOL, OPT_SVG };

static const struct opt options[] = {
	{ 'J', "json", ARG_NO, NULL, "JSON" },
	{ OPT_DOT, "dot", ARG_NO, NULL, "a graph in DOT, graphviz's language" },
	{ OPT_SVG, "svg", ARG_NO, NULL, "a picture, drawn by graphviz's dot" },
	{ 'N', "net", ARG_YES, "NETNS", "the network namespace of that name" },
	CLI_COMMON_OPTS,
	{ 0 },
};

static int own_option(void *arg, int id, const char *value)
{
	struct asked *a = arg;

	if (id == 'N')
		return nsnet_add_netns(a->n, value);
	if (id == 'J')
		a->n->json = true;
	else
		a->form = id == OPT_DOT ? FORM_DOT : FORM_SVG;
	return 0;
}

/* graphviz reads the graph from there, and writes the picture to where we would. */
static int run_dot(int graph, pid_t *pid)
{
	static char program[] = "dot", format[] = "-Tsvg";
	char *const argv[] = { program, format, NULL };
	posix_spawn_file_actions_t actions;
	int err = posix_spawn_file_actions_init(&actions);

	if (err)
		return -err;
	err = posix_spawn_file_actions_adddup2(&actions, graph, STDIN_FILENO);
	if (!err)
		err = posix_spawnp(pid, argv[0], &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	return -err;
}

static int draw(const struct nsnet *n, FILE *graph)
{
	int err, status = -1;
	pid_t pid = -1;

	if (fflush(graph) || fseek(graph, 0, SEEK_SET) || fflush(stdout)) {
		cli_error(&n->cli, "the graph could not be written: %s", strerror(errno));
		return -EIO;
	}
	err = run_dot(fileno(graph), &pid);
	if (err) {
		cli_error(&n->cli,
			  err == -ENOENT
				  ? "a picture takes graphviz, and there is no dot in PATH (--dot prints the graph without it)"
				  : "dot could not be run: %s",
			  strerror(-err));
		return err;
	}
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (WIFEXITED(status) && !WEXITSTATUS(status))
		return 0;
	cli_error(&n->cli, "dot could not draw the picture");
	return -EIO;
}

static FILE *open_memory(void)
{
	int fd = memfd_create("graph", MFD_CLOEXEC);
	FILE *f = fd < 0 ? NULL : fdopen(fd, "w+");

	if (fd >= 0 && !f)
		close(fd);
	return f;
}

static int show_svg(const struct nsnet *n, struct topo *t)
{
	CLEAN_FILE FILE *graph = open_memory();

	if (!graph) {
		cli_error(&n->cli, "no memory for the graph: %s", strerror(errno));
		return -ENOMEM;
	}
	topo_dot(t, graph);
	return draw(n, graph);
}

static int show(struct nsnet *n, const struct index *ix, void *arg)
{
	const struct asked *a = arg;
	CLEAN_MEM uint8_t *chosen = nsnet_chosen(n, ix);
	struct topo t;
	int err = 0;

	topo_build(&t, ix, chosen);
	if (n->json)
		topo_json(&t, stdout);
	else if (a->form == FORM_DOT)
		topo_dot(&t, stdout);
	else if (a->form == FORM_SVG)
		err = show_svg(n, &t);
	else
		topo_tree(&t, stdout, cli_ascii() ? ESC_ASCII : 0, n->cli.color);
	topo_done(&t);
	return err;
}

enum exit_status nsnet_topo_schema(void)
{
	static const struct schema_part parts[] = {
		{ .key = "namespaces", .desc = &topo_ns_desc },
		{ .key = "links", .desc = &topo_link_desc },
		{ .key = "published", .desc = &published_port_desc },
		{ .key = "undecoded", .desc = &published_undecoded_desc },
	};

	schema_write(stdout, TOPO_SCHEMA, "nsnet topo --json", parts, ARRAY_SIZE(parts));
	return EXIT_DONE;
}

/* All namespaces are looked at, for nobody knows before where a link leads to. */
enum exit_status nsnet_topo(struct nsnet *n, int argc, char **argv)
{
	static const uint64_t wants = WANT_COMMANDS | WANT_CONTAINERS | WANT_ALL_CONTAINERS | WANT_HIDDEN | WANT_KEEPERS |
				      WANT_MOUNTED | WANT_LINKS | WANT_ROUTES | WANT_NSIDS | WANT_SOCKETS | WANT_SOCKET_FDS |
				      WANT_FIREWALL;
	struct asked a = { .n = n };
	enum exit_status status;
	bool answered;

	n->cli.opts = options;
	n->cli.synopsis = "topo [options] [TARGET...]";
	n->cli.summary = "Show how network namespaces are joined, and which ports lead where.";
	status = cli_parse(&n->cli, argc, argv, own_option, &a, &answered);
	if (status != EXIT_DONE || answered)
		return status;
	if (n->cli.complete)
		return nsnet_complete(n, NULL);
	if (n->cli.schema)
		return *n->cli.schema ? nsnet_schema(n) : nsnet_topo_schema();
	if (n->json && a.form != FORM_TREE) {
		cli_usage_error(&n->cli, "--json, --dot and --svg exclude each other");
		return EXIT_USAGE;
	}
	n->everywhere = true;
	n->cli.narrow.sockets.netids = 1u << NETID_TCP | 1u << NETID_UDP;
	n->cli.narrow.sockets.states = 1u << STATE_LISTEN | 1u << STATE_UNCONN;
	return nsnet_look(n, wants, show, &a);
}
