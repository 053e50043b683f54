// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * hangfs DIR FILE: mounts a file system on DIR whose one file, "program", is a copy of FILE that can be run, and which never answers when
 * somebody asks for an extended attribute: like a network mount whose server has died. Prints a line when it is mounted; ends when it is
 * killed, and with it the mount goes. (The kernel's protocol: include/uapi/linux/fuse.h.)
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum { ROOT = 1, PROGRAM = 2 };

static int dev, file;
static struct stat about;

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static void answer(uint64_t unique, int err, const void *data, size_t size)
{
	struct fuse_out_header head = { .len = (uint32_t)(sizeof(head) + size), .error = -err, .unique = unique };
	struct iovec parts[] = { { &head, sizeof(head) }, { (void *)(uintptr_t)data, size } };

	if (writev(dev, parts, 2) < 0 && errno != ENOENT) /* who asked was killed meanwhile */
		die("hangfs: answer");
}

static struct fuse_attr attributes(uint64_t node)
{
	return (struct fuse_attr){ .ino = node,
				   .size = node == PROGRAM ? (uint64_t)about.st_size : 0,
				   .mode = node == PROGRAM ? S_IFREG | 0755 : S_IFDIR | 0755,
				   .nlink = 1,
				   .blksize = 4096 };
}

static void start(const struct fuse_in_header *in, const struct fuse_init_in *asked)
{
	struct fuse_init_out out = { .major = FUSE_KERNEL_VERSION,
				     .minor = asked->minor < FUSE_KERNEL_MINOR_VERSION ? asked->minor : FUSE_KERNEL_MINOR_VERSION,
				     .max_readahead = asked->max_readahead,
				     .max_write = 65536 };

	answer(in->unique, 0, &out, sizeof(out));
}

static void look_up(const struct fuse_in_header *in, const char *name)
{
	struct fuse_entry_out out = { .nodeid = PROGRAM, .attr = attributes(PROGRAM), .entry_valid = 60, .attr_valid = 60 };

	if (in->nodeid == ROOT && !strcmp(name, "program"))
		answer(in->unique, 0, &out, sizeof(out));
	else
		answer(in->unique, ENOENT, NULL, 0);
}

static void read_out(const struct fuse_in_header *in, const struct fuse_read_in *asked)
{
	char *buf = malloc(asked->size);
	ssize_t n = buf ? pread(file, buf, asked->size, (off_t)asked->offset) : -1;

	if (n < 0)
		die("hangfs: read");
	answer(in->unique, 0, buf, (size_t)n);
	free(buf);
}

static void serve(const struct fuse_in_header *in, const void *rest)
{
	struct fuse_attr_out attr = { .attr = attributes(in->nodeid), .attr_valid = 60 };
	struct fuse_open_out opened = { 0 };

	switch (in->opcode) {
	case FUSE_INIT:
		start(in, rest);
		break;
	case FUSE_LOOKUP:
		look_up(in, rest);
		break;
	case FUSE_GETATTR:
		answer(in->unique, 0, &attr, sizeof(attr));
		break;
	case FUSE_OPEN:
	case FUSE_OPENDIR:
		answer(in->unique, 0, &opened, sizeof(opened));
		break;
	case FUSE_READ:
		read_out(in, rest);
		break;
	case FUSE_RELEASE:
	case FUSE_RELEASEDIR:
	case FUSE_FLUSH:
		answer(in->unique, 0, NULL, 0);
		break;
	case FUSE_GETXATTR: /* for ever */
	case FUSE_FORGET:
	case FUSE_BATCH_FORGET:
	case FUSE_INTERRUPT:
		break;
	default:
		answer(in->unique, ENOSYS, NULL, 0);
	}
}

int main(int argc, char **argv)
{
	static char request[1 << 20] __attribute__((aligned(8)));
	char options[128];

	if (argc != 3)
		return 2;
	dev = open("/dev/fuse", O_RDWR | O_CLOEXEC);
	file = open(argv[2], O_RDONLY | O_CLOEXEC);
	if (dev < 0 || file < 0 || fstat(file, &about))
		die("hangfs: open");
	snprintf(options, sizeof(options), "fd=%d,rootmode=40000,user_id=0,group_id=0,allow_other", dev);
	/* Where set-user-ID is of no effect, exec() does not ask for the file's capabilities (get_file_caps, security/commoncap.c). */
	if (mount("hangfs", argv[1], "fuse", MS_NOSUID | MS_NODEV, options))
		die("hangfs: mount");
	puts("mounted");
	fflush(stdout);
	for (;;) {
		ssize_t n = read(dev, request, sizeof(request));

		if (n < (ssize_t)sizeof(struct fuse_in_header)) {
			if (errno == EINTR || errno == EAGAIN || errno == ENOENT)
				continue;
			return errno != ENODEV; /* unmounted */
		}
		serve((const void *)request, request + sizeof(struct fuse_in_header));
	}
}
