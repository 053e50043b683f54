// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * landlock [bind|connect[=PORT,...]]... -- COMMAND...: runs it in a Landlock domain, a layer for each word, that allows these TCP ports and
 * no others. Exit status 77 and a line on stderr: this kernel has no Landlock for ports (ABI 4, 6.7). Written out, for the C library's
 * headers may be older: include/uapi/linux/landlock.h.
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { CREATE_RULESET = 444, ADD_RULE = 445, RESTRICT_SELF = 446 }; /* the same on all architectures */
enum { CREATE_VERSION = 1, RULE_NET_PORT = 2, NET_BIND_TCP = 1, NET_CONNECT_TCP = 2, SKIP = 77 };

struct ruleset {
	uint64_t fs, net;
};

struct port_rule {
	uint64_t access, port;
};

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static void allow(int fd, uint64_t access, const char *ports)
{
	while (*ports) {
		char *end;
		struct port_rule rule = { access, strtoul(ports, &end, 10) };

		if (syscall(ADD_RULE, fd, RULE_NET_PORT, &rule, 0))
			die("landlock: add rule");
		ports = *end ? end + 1 : end;
	}
}

static void add_layer(const char *word)
{
	const char *ports = strchr(word, '=');
	struct ruleset r = { .net = strncmp(word, "bind", 4) ? NET_CONNECT_TCP : NET_BIND_TCP };
	int fd = (int)syscall(CREATE_RULESET, &r, sizeof(r), 0);

	if (fd < 0)
		die("landlock: create ruleset");
	allow(fd, r.net, ports ? ports + 1 : "");
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || syscall(RESTRICT_SELF, fd, 0))
		die("landlock: restrict");
	close(fd);
}

int main(int argc, char **argv)
{
	long abi = syscall(CREATE_RULESET, NULL, 0, CREATE_VERSION);
	int i = 1;

	if (abi < 4) {
		if (abi < 0)
			fprintf(stderr, "no Landlock here: %s\n", strerror(errno));
		else
			fprintf(stderr, "Landlock knows no ports here (ABI %ld)\n", abi);
		return SKIP;
	}
	for (; i < argc && strcmp(argv[i], "--") != 0; i++)
		add_layer(argv[i]);
	if (i + 1 >= argc)
		return 2;
	execvp(argv[i + 1], argv + i + 1);
	die(argv[i + 1]);
}
