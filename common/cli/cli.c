// SPDX-License-Identifier: GPL-2.0-or-later
#include <ctype.h>
#include <fcntl.h>
#include <getopt.h>
#include <langinfo.h>
#include <locale.h>
#include <stdarg.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "cli/cli.h"
#include "output/escape.h"
#include "store/store.h"
#include "util/words.h"

const char *const color_names[] = { "auto", "always", "never", NULL };

static int stdout_error; /* the first errno of writing there: the stream itself only remembers that there was one */
static bool stdout_told; /* that has been said */

static void flush_stdout(void)
{
	bool failed = ferror(stdout); /* while printing: what is still in the buffer fails again, and tells why */

	if ((fflush(stdout) || failed) && !stdout_error)
		stdout_error = errno ? errno : EIO;
}

bool cli_flush_stdout(void)
{
	flush_stdout();
	return !stdout_error;
}

static void say(const struct cli *c, const char *fmt, va_list ap)
{
	CLEAN_MEM char *text = NULL, *line = NULL;
	size_t len;
	FILE *f;

	if (vasprintf(&text, fmt, ap) < 0)
		text = NULL;
	flush_stdout();
	f = open_memstream(&line, &len);
	if (f && text) /* file names, targets and words typed: anything may be in them */
		escape_to(f, text, strlen(text), cli_ascii() ? ESC_ASCII : 0);
	if (f)
		fclose(f);
	/* In one write: stderr is not buffered, and others may print to the same terminal. */
	fprintf(stderr, "%s: %s\n", c->tool, line ? line : "out of memory");
}

void cli_error(const struct cli *c, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(c, fmt, ap);
	va_end(ap);
}

int cli_usage_error(const struct cli *c, const char *fmt, ...)
{
	size_t word;
	va_list ap;

	va_start(ap, fmt);
	say(c, fmt, ap);
	va_end(ap);
	/* a sub-command's synopsis begins with its word */
	word = c->synopsis && islower((unsigned char)*c->synopsis) ? strcspn(c->synopsis, " ") : 0;
	fprintf(stderr, "Try '%s%s%.*s --help'.\n", c->tool, word ? " " : "", (int)word, word ? c->synopsis : "");
	return -EINVAL;
}

static void help(const struct cli *c)
{
	printf("Usage: %s %s\n%s\n\n", c->tool, c->synopsis, c->summary);
	for (const struct opt *o = c->opts; o->id; o++) {
		char left[64];
		int n;

		if (!o->help)
			continue;
		if (o->id < 256)
			n = snprintf(left, sizeof(left), " -%c%s", o->id, o->name ? ", " : "");
		else
			n = snprintf(left, sizeof(left), "     ");
		if (o->name)
			n += snprintf(left + n, sizeof(left) - (size_t)n, "--%s", o->name);
		if (o->arg_name && o->arg == ARG_MAYBE)
			snprintf(left + n, sizeof(left) - (size_t)n, "[=%s]", o->arg_name);
		else if (o->arg_name)
			snprintf(left + n, sizeof(left) - (size_t)n, "%c%s", o->name ? '=' : ' ', o->arg_name);
		printf("%-28s %s\n", left, o->help);
	}
	printf("\nExit status: 0 done, 1 failed, 2 wrong usage, 3 incomplete (with --strict), 4 done and found something.\n"
	       "Privileges: with CAP_BPF and CAP_PERFMON (Linux 5.8) the kernel tells all; without, it takes CAP_SYS_PTRACE to read more than\n"
	       "one's own processes. What could not be read is counted on stderr; nskit(7) says what is lost without which capability.\n");
}

/* What getopt_long wants, made from the table. */
static void getopt_tables(const struct opt *opts, char *letters, struct option *longs)
{
	*letters++ = ':'; /* a missing argument is told from an unknown option */
	for (const struct opt *o = opts; o->id; o++) {
		if (o->id < 256) {
			*letters++ = (char)o->id;
			for (enum opt_arg i = ARG_NO; i < o->arg; i++)
				*letters++ = ':';
		}
		if (o->name)
			*longs++ = (struct option){ o->name, (int)o->arg, NULL, o->id };
	}
	*letters = '\0';
	*longs = (struct option){ 0 };
}

static int word_of(const char *const *words, const char *value)
{
	for (int i = 0; words[i]; i++)
		if (!strcmp(words[i], value))
			return i;
	return -1;
}

static bool wants_color(const char *when, bool *valid)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");
	int i = when ? word_of(color_names, when) : 1;

	*valid = i >= 0;
	if (i != 0)
		return i == 1;
	return isatty(STDOUT_FILENO) && !(no && *no) && term && strcmp(term, "dumb") != 0;
}

static int common(struct cli *c, int id, const char *value)
{
	bool valid;
	int i;

	switch (id) {
	case OPT_SAVE:
		c->save = value;
		return 0;
	case OPT_FROM:
		c->from = value;
		return 0;
	case OPT_PROC:
		c->proc = value;
		return 0;
	case OPT_STRICT:
		c->strict = true;
		return 0;
	case OPT_SCHEMA:
		c->schema = value ? value : "";
		return 0;
	case OPT_COMPLETE:
		c->complete = value;
		return 0;
	case OPT_COLOR:
		c->color = wants_color(value, &valid);
		return valid ? 0 : cli_usage_error(c, "--color takes auto, always or never, not '%s'", value);
	case OPT_COLLECTOR:
		i = word_of(collector_names, value);
		c->collector = (enum collector)MAX(i, 0);
		return i >= 0 ? 0 : cli_usage_error(c, "--collector takes auto, bpf or proc, not '%s'", value);
	default:
		return -ENOENT;
	}
}

/* An option that is none, or the beginning of several: which could have been meant. */
static void refuse_long(const struct cli *c, const char *typed)
{
	CLEAN_MEM char *word = xstrdup(typed + strspn(typed, "-"));
	size_t best = SIZE_MAX, len = 0;
	const char *near = NULL;
	char several[256];

	word[strcspn(word, "=")] = '\0';
	for (const struct opt *o = c->opts; o->id; o++) {
		if (!o->name || !o->help)
			continue;
		if (!strncmp(o->name, word, strlen(word)) && len < sizeof(several))
			len += (size_t)snprintf(several + len, sizeof(several) - len, "%s--%s", len ? ", " : "", o->name);
		if (words_near(word, o->name) && words_distance(word, o->name) < best) {
			near = o->name;
			best = words_distance(word, o->name);
		}
	}
	if (len)
		cli_usage_error(c, "--%s is ambiguous: %s", word, several);
	else
		cli_usage_error(c, "no such option: --%s%s%s", word, near ? "; near: --" : "", near ? near : "");
}

/* getopt's complaint in our words: id is '?' or ':', word what was typed. */
static enum exit_status refuse(const struct cli *c, int id, const char *word)
{
	bool is_known = false;

	for (const struct opt *o = c->opts; o->id; o++) /* then "--json=x" was refused: its letter is in optopt, too */
		is_known |= o->id == optopt;
	if (id == '?' && is_known)
		cli_usage_error(c, "option %s takes no argument", word);
	else if (optopt > 0 && optopt < 256)
		cli_usage_error(c, id == ':' ? "option -%c needs an argument" : "no such option: -%c", optopt);
	else if (id == ':')
		cli_usage_error(c, "option %s needs an argument", word);
	else
		refuse_long(c, word);
	return EXIT_USAGE;
}

static enum exit_status answer(const struct cli *c, int id)
{
	if (id == 'h')
		help(c);
	else
		printf("%s from nskit %s\n", c->tool, NSKIT_VERSION);
	return cli_close_stdout(c, EXIT_DONE);
}

static size_t count_opts(const struct opt *opts)
{
	size_t n = 0;

	while (opts[n].id)
		n++;
	return n;
}

enum exit_status cli_parse(struct cli *c, int argc, char **argv, int (*own)(void *arg, int id, const char *value), void *arg,
			   bool *answered)
{
	size_t n = count_opts(c->opts);
	CLEAN_MEM char *letters = xcalloc(3 * n + 2, 1);
	CLEAN_MEM struct option *longs = xcalloc(n + 1, sizeof(*longs));
	bool valid;
	int id, err;

	setlocale(LC_ALL, "");
	getopt_tables(c->opts, letters, longs);
	c->color = wants_color("auto", &valid);
	opterr = 0;
	*answered = false;
	while ((id = getopt_long(argc, argv, letters, longs, NULL)) != -1) {
		if (id == 'h' || id == 'V') {
			*answered = true;
			return answer(c, id);
		}
		if (id == '?' || id == ':')
			return refuse(c, id, argv[optind - 1]);
		err = common(c, id, optarg);
		if (err == -ENOENT)
			err = own(arg, id, optarg);
		if (err)
			return EXIT_USAGE;
	}
	if (c->from && (c->proc || c->collector != COLLECT_AUTO)) {
		cli_usage_error(c, "--from shows a saved snapshot: --proc and --collector have nothing to collect");
		return EXIT_USAGE;
	}
	c->argc = argc - optind;
	c->argv = argv + optind;
	return EXIT_DONE;
}

enum {
	NSFS = 0x6e736673,         /* NSFS_MAGIC, include/uapi/linux/magic.h */
	GET_NSTYPE = _IO(0xb7, 3), /* NS_GET_NSTYPE, include/uapi/linux/nsfs.h, 4.11 */
};

/* The namespace behind a path, by whatever links it is reached: "net:[4026531833]" (malloc'ed), or NULL. */
static char *namespace_of_path(const char *path)
{
	CLEAN_FD int look = open(path, O_PATH | O_CLOEXEC); /* first only look: what opens must be a namespace */
	CLEAN_FD int fd = -1;
	char link[32], *name;
	enum nstype type;
	struct statfs fs;
	struct stat st;

	if (look < 0 || fstatfs(look, &fs) || (uint32_t)fs.f_type != NSFS)
		return NULL;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", look);
	fd = open(link, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st))
		return NULL;
	type = nstype_by_flag((uint32_t)ioctl(fd, GET_NSTYPE));
	if (type == NS_TYPES || asprintf(&name, "%s:[%lu]", nstypes[type].name, (unsigned long)st.st_ino) < 0)
		return NULL;
	return name;
}

void cli_name_namespaces(struct cli *c)
{
	for (int i = 0; i < c->argc && !c->from; i++) {
		char *name = strchr(c->argv[i], '/') ? namespace_of_path(c->argv[i]) : NULL;

		if (name)
			c->argv[i] = name; /* for as long as we run */
	}
}

void cli_why_not_collected(const struct cli *c, int err, const char *why, char *line, size_t size)
{
	if (why && err != -EMEDIUMTYPE)
		snprintf(line, size, "%s (%s)", why, strerror(-err));
	else
		snprintf(line, size, "cannot read %s: %s", c->proc ? c->proc : "/proc", why ? why : strerror(-err));
}

static enum exit_status load(const struct cli *c, struct snap *s, uint64_t wants)
{
	bool is_stdin = !strcmp(c->from, "-");
	CLEAN_FILE FILE *f = is_stdin ? fdopen(dup(STDIN_FILENO), "r") : fopen(c->from, "re");
	char error[256] = "";
	uint64_t missing;
	const char *name = is_stdin ? "standard input" : c->from;
	size_t len = 0;

	if (!f) {
		cli_error(c, "cannot open %s: %s", c->from, strerror(errno));
		return EXIT_FAILED;
	}
	if (snap_load(s, f, MAX_SNAPSHOT, error, sizeof(error))) {
		cli_error(c, "%s: %s", name, error);
		return EXIT_FAILED;
	}
	missing = wants & ~s->head.wants;
	for (int i = 0; snap_want_names[i]; i++)
		if (missing & 1ull << i && len < sizeof(error))
			len += (size_t)snprintf(error + len, sizeof(error) - len, "%s%s", len ? ", " : "", snap_want_names[i]);
	if (missing) {
		cli_error(c, "%s was saved without %s: use %s --save", name, error, c->tool);
		return EXIT_FAILED;
	}
	return EXIT_DONE;
}

static enum exit_status save(const struct cli *c, const struct snap *s)
{
	bool is_stdout = !strcmp(c->save, "-");
	int err = is_stdout ? snap_save(s, stdout) : snap_save_file(s, c->save);

	if (!err)
		return EXIT_DONE;
	cli_error(c, "cannot write %s: %s", is_stdout ? "standard output" : c->save, strerror(-err));
	stdout_told |= is_stdout;
	return EXIT_FAILED;
}

enum exit_status cli_snapshot(const struct cli *c, struct snap *s, uint64_t wants, uint64_t save_wants)
{
	struct collect_opts opts = c->save ? (struct collect_opts){ 0 } : c->narrow;
	enum exit_status status;
	char line[320];
	const char *why;
	int err;

	opts.proc = c->proc;
	opts.collector = c->collector;
	opts.tool = c->tool;
	opts.wants = c->save ? wants | save_wants : wants;
	if (c->from) {
		status = load(c, s, wants);
	} else {
		err = collect(s, &opts, &why);
		if (err) {
			cli_why_not_collected(c, err, why, line, sizeof(line));
			cli_error(c, "%s", line);
		}
		status = err ? EXIT_FAILED : EXIT_DONE;
	}
	if (status == EXIT_DONE && c->save)
		status = save(c, s);
	return status;
}

enum exit_status cli_finish(const struct cli *c, const struct snap *s)
{
	CLEAN_MEM char *line = NULL;
	size_t len;
	FILE *f;

	flush_stdout();
	if (stdout_error || !s->n_gaps) /* one failure, one line: cli_close_stdout() says it */
		return EXIT_DONE;
	f = open_memstream(&line, &len);
	if (!f)
		return EXIT_DONE;
	fprintf(f, "incomplete:");
	for (const struct snap_gap *g = s->gaps; g < s->gaps + s->n_gaps; g++) {
		fprintf(f, "%s %s: %u", g == s->gaps ? "" : ";", g->what, g->count);
		if (g->err)
			fprintf(f, " (%s%s%s)", strerror(g->err), g->hint ? ", needs " : "", g->hint ? g->hint : "");
		else if (g->hint)
			fprintf(f, " (%s)", g->hint);
	}
	fclose(f);
	cli_error(c, "%s", line);
	return c->strict ? EXIT_INCOMPLETE : EXIT_DONE;
}

enum exit_status cli_close_stdout(const struct cli *c, enum exit_status status)
{
	errno = 0;
	flush_stdout();
	if (!stdout_error)
		return status;
	if (!stdout_told)
		cli_error(c, "cannot write standard output: %s", strerror(stdout_error));
	stdout_told = true;
	return EXIT_FAILED;
}

size_t cli_width(void)
{
	const char *columns = getenv("COLUMNS");
	struct winsize w;
	uint32_t n;

	if (!isatty(STDOUT_FILENO))
		return 0;
	if (columns && !parse_u32(columns, &n) && n)
		return n;
	return !ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) && w.ws_col ? w.ws_col : 80;
}

bool cli_ascii(void)
{
	return strcmp(nl_langinfo(CODESET), "UTF-8") != 0;
}
