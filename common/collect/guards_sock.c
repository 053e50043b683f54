// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Where the kernel keeps what BPF programs may ask of a socket: they name fields of a struct bpf_sock, and its own translation of them
 * (bpf_sock_convert_ctx_access, net/core/filter.c), which is what we read of theirs, has offsets in its struct sock. So a program of ours is
 * translated, which reads each field once, and attached to nothing.
 */
#include <bpf/bpf.h>
#include <linux/bpf.h>
#include <stddef.h>

#include "collect/bpf_iter.h"
#include "collect/guards.h"

#define READ(reg, field) \
	{ \
		.code = BPF_LDX | BPF_MEM | BPF_W, .dst_reg = (reg), .src_reg = 1, .off = offsetof(struct bpf_sock, field) \
	}

void guards_sock(struct snap *s)
{
	const struct bpf_insn ours[] = {
		READ(2, type),
		READ(3, protocol),
		READ(4, mark),
		READ(5, priority),
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 0, .imm = 1 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .expected_attach_type = BPF_CGROUP_INET_SOCK_CREATE);
	struct bpf_insn theirs[ARRAY_SIZE(ours)];
	struct bpf_prog_info info = { .xlated_prog_len = sizeof(theirs), .xlated_prog_insns = (uint64_t)(uintptr_t)theirs };
	uint32_t len = sizeof(info);
	CLEAN_FD int fd =
		bpf_prepare() ? -1 : bpf_prog_load(BPF_PROG_TYPE_CGROUP_SOCK, "nskit_fields", "GPL", ours, ARRAY_SIZE(ours), &opts);

	if (fd < 0 || bpf_obj_get_info_by_fd(fd, &info, &len) || !info.xlated_prog_insns || info.xlated_prog_len != sizeof(theirs))
		return;
	for (size_t i = 0; i < 4; i++) /* a bit field, in kernels before 5.6, takes more than one instruction */
		if (BPF_CLASS(theirs[i].code) != BPF_LDX || theirs[i].src_reg != 1)
			return;
	*ARRAY_ADD(s, sysctls) = (struct snap_sysctl){ .ns = 0,
						       .key = "sock-fields",
						       .value = arena_printf(&s->arena, "%d %d %d %d", theirs[0].off, theirs[1].off,
									     theirs[2].off, theirs[3].off) };
}
