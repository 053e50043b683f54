// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * hook KIND WHERE PORT: put a BPF program in the way of a port: it says no to that port, and yes to all others.
 *	bind4, bind6, post_bind4, post_bind6, connect4, connect6 DIRECTORY   of a control group
 *	waive4 DIRECTORY              the same, and it says yes to all: bind() to that port takes no capability
 *	sock_create DIRECTORY         socket(), and PORT is the socket's family
 *	sock_type, sock_protocol DIRECTORY   the same, and PORT is its type, or its protocol
 *	bind4_protocol DIRECTORY      bind(), and PORT is the socket's protocol
 *	ingress, egress DIRECTORY     packets for its sockets; of its sockets (PORT: where they go to)
 *	sk_lookup FILE                the lookup of sockets in that network namespace
 *	xdp, tcx DEVICE               packets that come in by a device of this network namespace
 * Prints "ID PID", the program's and its own; the program stays until it is killed. Programs are written out in instructions, so that
 * tests need no compiler. Packets: IPv4 without options.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <net/if.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../number.h"

enum { TCX_INGRESS = 46, LOAD_BYTES = 26, NET_HEADER = 14, MAX_INSNS = 16 };

static int check(int result, const char *what)
{
	if (result < 0) {
		fprintf(stderr, "hook: %s: %s\n", what, strerror(errno));
		exit(1);
	}
	return result;
}

static int bpf(int cmd, union bpf_attr *attr)
{
	return (int)syscall(SYS_bpf, cmd, attr, sizeof(*attr));
}

#define LOAD(size, dst, src, offset) \
	{ \
		BPF_LDX | BPF_MEM | (size), dst, src, offset, 0 \
	}
#define SET(dst, value) \
	{ \
		BPF_ALU64 | BPF_MOV | BPF_K, dst, 0, 0, value \
	}
#define COPY(dst, src) \
	{ \
		BPF_ALU64 | BPF_MOV | BPF_X, dst, src, 0, 0 \
	}
#define ADD(dst, value) \
	{ \
		BPF_ALU64 | BPF_ADD | BPF_K, dst, 0, 0, value \
	}
#define CALL(helper) \
	{ \
		BPF_JMP | BPF_CALL, 0, 0, 0, helper \
	}

/* From r2, a port, to the answer. */
static size_t end_with(struct bpf_insn *p, size_t n, int32_t port, int32_t yes, int32_t no)
{
	const struct bpf_insn end[] = {
		SET(BPF_REG_0, yes),
		{ BPF_JMP | BPF_JNE | BPF_K, BPF_REG_2, 0, 1, port },
		SET(BPF_REG_0, no),
		{ BPF_JMP | BPF_EXIT, 0, 0, 0, 0 },
	};

	memcpy(p + n, end, sizeof(end));
	return n + sizeof(end) / sizeof(end[0]);
}

/* r2: a field of the context */
static size_t take_field(struct bpf_insn *p, int16_t offset)
{
	p[0] = (struct bpf_insn)LOAD(BPF_W, BPF_REG_2, BPF_REG_1, offset);
	return 1;
}

/* r2: the packet's destination port, in network order; its IP header begins at the offset */
static size_t take_packet(struct bpf_insn *p, int32_t ip)
{
	const struct bpf_insn code[] = {
		SET(BPF_REG_2, ip + 22),
		COPY(BPF_REG_3, BPF_REG_10),
		ADD(BPF_REG_3, -8),
		SET(BPF_REG_4, 2),
		{ BPF_ST | BPF_MEM | BPF_DW, BPF_REG_10, 0, -8, 0 },
		CALL(LOAD_BYTES),
		LOAD(BPF_H, BPF_REG_2, BPF_REG_10, -8),
	};

	memcpy(p, code, sizeof(code));
	return sizeof(code) / sizeof(code[0]);
}

/* The same of an XDP frame, which is read in place after its length has been compared. */
static size_t take_frame(struct bpf_insn *p)
{
	const struct bpf_insn code[] = {
		LOAD(BPF_W, BPF_REG_3, BPF_REG_1, offsetof(struct xdp_md, data)),
		LOAD(BPF_W, BPF_REG_4, BPF_REG_1, offsetof(struct xdp_md, data_end)),
		SET(BPF_REG_2, 0),
		COPY(BPF_REG_5, BPF_REG_3),
		ADD(BPF_REG_5, NET_HEADER + 24),
		{ BPF_JMP | BPF_JGT | BPF_X, BPF_REG_5, BPF_REG_4, 1, 0 },
		LOAD(BPF_H, BPF_REG_2, BPF_REG_3, NET_HEADER + 22),
	};

	memcpy(p, code, sizeof(code));
	return sizeof(code) / sizeof(code[0]);
}

static const struct kind {
	const char *name;
	uint32_t type, attach;
	int16_t field; /* offset of the port in the context; -1: see make() */
	int yes, no, file, swapped;
} kinds[] = {
	{ "bind4", BPF_PROG_TYPE_CGROUP_SOCK_ADDR, BPF_CGROUP_INET4_BIND, offsetof(struct bpf_sock_addr, user_port), 1, 0, 1, 1 },
	{ "post_bind4", BPF_PROG_TYPE_CGROUP_SOCK, BPF_CGROUP_INET4_POST_BIND, offsetof(struct bpf_sock, src_port), 1, 0, 1, 0 },
	{ "waive4", BPF_PROG_TYPE_CGROUP_SOCK_ADDR, BPF_CGROUP_INET4_BIND, offsetof(struct bpf_sock_addr, user_port), 1, 3, 1, 1 },
	{ "bind6", BPF_PROG_TYPE_CGROUP_SOCK_ADDR, BPF_CGROUP_INET6_BIND, offsetof(struct bpf_sock_addr, user_port), 1, 0, 1, 1 },
	{ "post_bind6", BPF_PROG_TYPE_CGROUP_SOCK, BPF_CGROUP_INET6_POST_BIND, offsetof(struct bpf_sock, src_port), 1, 0, 1, 0 },
	{ "connect4", BPF_PROG_TYPE_CGROUP_SOCK_ADDR, BPF_CGROUP_INET4_CONNECT, offsetof(struct bpf_sock_addr, user_port), 1, 0, 1,
	  1 },
	{ "connect6", BPF_PROG_TYPE_CGROUP_SOCK_ADDR, BPF_CGROUP_INET6_CONNECT, offsetof(struct bpf_sock_addr, user_port), 1, 0, 1,
	  1 },
	{ "sock_create", BPF_PROG_TYPE_CGROUP_SOCK, BPF_CGROUP_INET_SOCK_CREATE, offsetof(struct bpf_sock, family), 1, 0, 1, 0 },
	{ "sock_type", BPF_PROG_TYPE_CGROUP_SOCK, BPF_CGROUP_INET_SOCK_CREATE, offsetof(struct bpf_sock, type), 1, 0, 1, 0 },
	{ "sock_protocol", BPF_PROG_TYPE_CGROUP_SOCK, BPF_CGROUP_INET_SOCK_CREATE, offsetof(struct bpf_sock, protocol), 1, 0, 1,
	  0 },
	{ "bind4_protocol", BPF_PROG_TYPE_CGROUP_SOCK_ADDR, BPF_CGROUP_INET4_BIND, offsetof(struct bpf_sock_addr, protocol), 1, 0,
	  1, 0 },
	{ "ingress", BPF_PROG_TYPE_CGROUP_SKB, BPF_CGROUP_INET_INGRESS, -1, 1, 0, 1, 1 },
	{ "egress", BPF_PROG_TYPE_CGROUP_SKB, BPF_CGROUP_INET_EGRESS, -1, 1, 0, 1, 1 },
	{ "sk_lookup", BPF_PROG_TYPE_SK_LOOKUP, BPF_SK_LOOKUP, offsetof(struct bpf_sk_lookup, local_port), SK_PASS, SK_DROP, 1, 0 },
	{ "xdp", BPF_PROG_TYPE_XDP, BPF_XDP, -1, XDP_PASS, XDP_DROP, 0, 1 },
	{ "tcx", BPF_PROG_TYPE_SCHED_CLS, TCX_INGRESS, -1, -1, 2 /* TC_ACT_SHOT */, 0, 1 },
};

static size_t make(const struct kind *k, int port, struct bpf_insn *p)
{
	size_t n = k->field >= 0                        ? take_field(p, k->field)
		   : k->type == BPF_PROG_TYPE_XDP       ? take_frame(p)
		   : k->type == BPF_PROG_TYPE_SCHED_CLS ? take_packet(p, NET_HEADER)
							: take_packet(p, 0);

	return end_with(p, n, k->swapped ? htons((uint16_t)port) : port, k->yes, k->no);
}

static int load(const struct kind *k, int port)
{
	static char log[65536];
	struct bpf_insn p[MAX_INSNS];
	union bpf_attr attr = { 0 };
	int fd;

	attr.prog_type = k->type;
	attr.expected_attach_type = k->attach == TCX_INGRESS ? 0 : k->attach;
	attr.insn_cnt = (uint32_t)make(k, port, p);
	attr.insns = (uintptr_t)p;
	attr.license = (uintptr_t) "GPL";
	attr.log_buf = (uintptr_t)log;
	attr.log_size = sizeof(log);
	attr.log_level = 1;
	snprintf(attr.prog_name, sizeof(attr.prog_name), "test_%s", k->name);
	fd = bpf(BPF_PROG_LOAD, &attr);
	if (fd < 0)
		fprintf(stderr, "%s\n", log);
	return check(fd, "BPF_PROG_LOAD");
}

static unsigned int id_of(int fd)
{
	struct bpf_prog_info info = { 0 };
	union bpf_attr attr = { 0 };

	attr.info.bpf_fd = (uint32_t)fd;
	attr.info.info_len = sizeof(info);
	attr.info.info = (uintptr_t)&info;
	check(bpf(BPF_OBJ_GET_INFO_BY_FD, &attr), "BPF_OBJ_GET_INFO_BY_FD");
	return info.id;
}

int main(int argc, char **argv)
{
	for (size_t i = 0; argc == 4 && i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		union bpf_attr attr = { 0 };
		int prog;

		if (strcmp(kinds[i].name, argv[1]) != 0)
			continue;
		prog = load(&kinds[i], (int)number(argv[3]));
		attr.link_create.prog_fd = (uint32_t)prog;
		attr.link_create.attach_type = kinds[i].attach;
		attr.link_create.target_fd = kinds[i].file ? (uint32_t)check(open(argv[2], O_RDONLY), argv[2])
							   : (uint32_t)check((int)if_nametoindex(argv[2]) - 1, argv[2]) + 1;
		check(bpf(BPF_LINK_CREATE, &attr), "BPF_LINK_CREATE");
		printf("%u %d\n", id_of(prog), getpid());
		fflush(stdout);
		for (;;)
			pause();
	}
	fprintf(stderr,
		"usage: hook bind4|bind6|post_bind4|post_bind6|connect4|connect6|waive4|sock_create|sock_type|sock_protocol|bind4_protocol|ingress|egress|sk_lookup|xdp|tcx WHERE PORT\n");
	return 2;
}
