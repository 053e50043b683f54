// SPDX-License-Identifier: GPL-2.0-or-later
/* What cgroup paths say, and what the state files of fixtures/container add; hostile ones of both kinds. */
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <cmocka.h>

#include "container/container.h"

#define FIXTURES "tests/fixtures/container/"

/* Ids of 64 hex digits, told by the two that they repeat. */
#define FOUR(x) x x x x
#define HEX(two) FOUR(FOUR(two two))

/* --- paths ------------------------------------------------------------------------------------------------------------- */

static const struct path_case {
	const char *text;
	const char *id; /* NULL: no container. "": a state file would have to tell */
	const char *runtime;
	bool monitor;
	const char *outer; /* NULL: "" */
	uint32_t user;     /* 0: none */
	const char *path;  /* NULL: not looked at */
} paths[] = {
	/* docker */
	{ "0::/docker/" HEX("d1") "\n", HEX("d1"), "docker", false, NULL, 0, "/docker/" HEX("d1") },
	{ "0::/system.slice/docker-" HEX("d1") ".scope\n", HEX("d1"), "docker", false, NULL, 0, NULL },
	{ "0::/user.slice/user-1000.slice/user@1000.service/user.slice/docker-" HEX("d1") ".scope\n", HEX("d1"), "docker", false,
	  NULL, 1000, NULL },
	{ "0::/docker/" HEX("d1") "/system.slice/cron.service\n", HEX("d1"), "docker", false, NULL, 0, NULL },
	{ "0::/../docker/" HEX("d1") "\n", HEX("d1"), "docker", false, NULL, 0, "/../docker/" HEX("d1") },
	{ "0::/../../docker/" HEX("d1") "/init\n", HEX("d1"), "docker", false, NULL, 0, NULL },
	{ "0::/../" HEX("d1") "\n", HEX("d1"), NULL, false, NULL, 0, NULL },
	{ "0::/docker/" HEX("d1") " (deleted)\n", HEX("d1"), "docker", false, NULL, 0, NULL },
	{ "0::/docker/" HEX("d1") "/docker/" HEX("d2") "\n", HEX("d2"), "docker", false, HEX("d1"), 0, NULL },
	{ "0::/docker/" HEX("d1") "/user.slice/user-7.slice/docker-" HEX("d2") ".scope\n", HEX("d2"), "docker", false, HEX("d1"), 0,
	  NULL },
	/* containerd */
	{ "0::/kubepods/burstable/pod8f-1/" HEX("c1") "\n", HEX("c1"), NULL, false, NULL, 0, NULL },
	{ "0::/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod8f_1.slice/cri-containerd-" HEX("c1") ".scope\n",
	  HEX("c1"), "containerd", false, NULL, 0, NULL },
	{ "0::/system.slice/kubepods-besteffort-pod8f.slice:cri-containerd:" HEX("c1") "\n", HEX("c1"), NULL, false, NULL, 0,
	  NULL },
	{ "0::/default/" HEX("a1") "\n", HEX("a1"), NULL, false, NULL, 0, NULL },
	{ "0::/system.slice/nerdctl-" HEX("a1") ".scope\n", HEX("a1"), NULL, false, NULL, 0, NULL },
	{ "0::/ktns/ktc1\n", "", NULL, false, NULL, 0, "/ktns/ktc1" },
	/* cri-o */
	{ "0::/kubepods.slice/kubepods-pod8f.slice/crio-" HEX("0a") ".scope\n", HEX("0a"), "cri-o", false, NULL, 0, NULL },
	{ "0::/kubepods.slice/kubepods-pod8f.slice/crio-" HEX("0a") ".scope/container\n", HEX("0a"), "cri-o", false, NULL, 0,
	  NULL },
	{ "0::/kubepods/besteffort/pod8f/crio-" HEX("0a") "\n", HEX("0a"), "cri-o", false, NULL, 0, NULL },
	{ "0::/kubepods/besteffort/pod8f/crio-conmon-" HEX("0a") "\n", HEX("0a"), "cri-o", true, NULL, 0, NULL },
	{ "0::/system.slice/crio-conmon-" HEX("0a") ".scope\n", HEX("0a"), "cri-o", true, NULL, 0, NULL },
	/* podman */
	{ "0::/machine.slice/libpod-" HEX("f1") ".scope\n", HEX("f1"), "podman", false, NULL, 0, NULL },
	{ "0::/machine.slice/libpod-" HEX("f1") ".scope/container\n", HEX("f1"), "podman", false, NULL, 0, NULL },
	{ "0::/machine.slice/libpod-conmon-" HEX("f1") ".scope\n", HEX("f1"), "podman", true, NULL, 0, NULL },
	{ "0::/libpod_parent/libpod-" HEX("f1") "\n", HEX("f1"), "podman", false, NULL, 0, NULL },
	{ "0::/system.slice/db.service/libpod-payload-" HEX("f1") "\n", HEX("f1"), "podman", false, NULL, 0, NULL },
	{ "0::/machine.slice/machine-libpod_pod_" HEX("f2") ".slice/libpod-" HEX("f1") ".scope\n", HEX("f1"), "podman", false, NULL,
	  0, NULL },
	{ "0::/machine.slice/machine-libpod_pod_" HEX("f2") ".slice\n", "", NULL, false, NULL, 0, NULL },
	{ "0::/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-" HEX("1b") ".scope/container\n", HEX("1b"), "podman",
	  false, NULL, 1000, NULL },
	{ "0::/user.slice/user-0.slice/session-3.scope/libpod-" HEX("f1") "\n", HEX("f1"), "podman", false, NULL, 0, NULL },
	{ "0::/system.slice/" HEX("f1") ".service\n", "", NULL, false, NULL, 0, NULL }, /* a health check, run by podman outside */
	/* runc, wherever its caller liked */
	{ "0::/rcweb\n", "", NULL, false, NULL, 0, NULL },
	/* lxc */
	{ "0::/lxc/box\n", "box", "lxc", false, NULL, 0, NULL },
	{ "0::/lxc/101/ns/system.slice/ssh.service\n", "101", "lxc", false, NULL, 0, NULL },
	{ "0::/lxc.payload.box/init.scope\n", "box", "lxc", false, NULL, 0, NULL },
	{ "0::/lxc.monitor.box\n", "box", "lxc", true, NULL, 0, NULL },
	{ "0::/lxc.payload/box\n", "box", "lxc", false, NULL, 0, NULL },
	{ "0::/lxc.monitor/box\n", "box", "lxc", true, NULL, 0, NULL },
	{ "0::/lxc.payload.box/docker/" HEX("d1") "\n", HEX("d1"), "docker", false, "box", 0, NULL },
	{ "0::/machine.slice/machine-lxc\\x2d77\\x2dold.scope\n", "old", "lxc", false, NULL, 0, NULL }, /* libvirt's */
	/* nspawn */
	{ "0::/machine.slice/machine-deb\\x2d12.scope/payload/init.scope\n", "deb-12", "nspawn", false, NULL, 0, NULL },
	{ "0::/machine.slice/machine-deb\\x2d12.scope/supervisor\n", "deb-12", "nspawn", true, NULL, 0, NULL },
	{ "0::/machine.slice/systemd-nspawn@deb\\x2d12.service/payload\n", "deb-12", "nspawn", false, NULL, 0, NULL },
	{ "0::/machine.slice/machine-qemu\\x2d1\\x2dwin.scope/libvirt\n", "", NULL, false, NULL, 0, NULL }, /* a virtual machine */
	{ "0::/machine.slice/machine-a\\x2f..\\x2fb.scope\n", "", NULL, false, NULL, 0, NULL },             /* no '/' in a name */
	{ "0::/machine.slice/machine-a\\x00b.scope\n", "", NULL, false, NULL, 0, NULL },
	{ "0::/machine.slice/machine-a\\xzz.scope\n", "a\\xzz", "nspawn", false, NULL, 0, NULL },
	/* which line */
	{ "12:pids:/docker/" HEX("d1") "\n1:name=systemd:/docker/" HEX("d1") "\n0::/\n", HEX("d1"), "docker", false, NULL, 0,
	  "/docker/" HEX("d1") },
	{ "12:pids:/docker/" HEX("d1") "\n0::/system.slice/docker-" HEX("d2") ".scope\n", HEX("d2"), "docker", false, NULL, 0,
	  NULL },
	{ "4:memory:/process_api/x\n2:cpu,cpuacct:/\n0::/a\n", "", NULL, false, NULL, 0, "/process_api/x" },
	{ "4:memory:/a/b\n0::/c/d\n", "", NULL, false, NULL, 0, "/c/d" },
	{ "1:name=systemd:/a:b/docker/" HEX("d1") "\n", HEX("d1"), "docker", false, NULL, 0, NULL },
	{ "0::/docker/" HEX("d1"), HEX("d1"), "docker", false, NULL, 0, NULL }, /* no newline at the end */
	/* no containers */
	{ "", NULL, NULL, false, NULL, 0, NULL },
	{ "\n\n", NULL, NULL, false, NULL, 0, NULL },
	{ "0::/\n", NULL, NULL, false, NULL, 0, "/" },
	{ "0::/..\n", NULL, NULL, false, NULL, 0, "/.." },
	{ "0::/../../..\n", NULL, NULL, false, NULL, 0, NULL },
	{ "0::///\n", NULL, NULL, false, NULL, 0, NULL },
	{ "0::\n", NULL, NULL, false, NULL, 0, NULL },
	{ "0:", NULL, NULL, false, NULL, 0, NULL },
	{ "docker/" HEX("d1"), NULL, NULL, false, NULL, 0, NULL },
	{ "1:cpu:docker/" HEX("d1") "\n", NULL, NULL, false, NULL, 0, NULL },
	{ "0::/init.scope\n", "", NULL, false, NULL, 0, NULL },
	{ "0::/system.slice/ssh.service\n", "", NULL, false, NULL, 0, NULL },
	{ "0::/docker\n", "", NULL, false, NULL, 0, NULL },
	{ "0::/lxc\n", "", NULL, false, NULL, 0, NULL },
	{ "0::/docker/short\n", "", NULL, false, NULL, 0, NULL },
	{ "0::/docker/" HEX("d1") "0\n", "", NULL, false, NULL, 0, NULL },
	{ "0::/docker/" HEX("D1") "\n", "", NULL, false, NULL, 0, NULL },
	{ "0::/docker-" HEX("d1") ".scope.d/x\n", HEX("d1"), NULL, false, NULL, 0, NULL },
	{ "0::/a/0" HEX("d1") "\n", "", NULL, false, NULL, 0, NULL },
	{ "0::/system.slice/var-lib-x-" HEX("d1") "-merged.mount\n", "", NULL, false, NULL, 0, NULL },
	{ "0::/user.slice/user-99999999999999999999.slice/docker-" HEX("d1") ".scope\n", HEX("d1"), "docker", false, NULL, 0,
	  NULL },
	{ "0::/user.slice/user-.slice/docker-" HEX("d1") ".scope\n", HEX("d1"), "docker", false, NULL, 0, NULL },
	{ "0::/user.slice/user-5x.slice/docker-" HEX("d1") ".scope\n", HEX("d1"), "docker", false, NULL, 0, NULL },
	/* a name that looks like a line of its own */
	{ "1:name=systemd:/x\n0::/docker/" HEX("d1") "\n0::/y\n", HEX("d1"), "docker", false, NULL, 0, NULL },
};

/* On the heap and without a NUL, so that a sanitizer sees one byte too far. */
static char *bytes(const char *text, size_t len)
{
	char *copy = malloc(len + !len);

	assert_non_null(copy);
	for (size_t i = 0; i < len; i++)
		copy[i] = text[i];
	return copy;
}

static void a_path_tells(void **state)
{
	(void)state;
	for (const struct path_case *p = paths; p < paths + ARRAY_SIZE(paths); p++) {
		size_t len = strlen(p->text), path_len = 99;
		char *text = bytes(p->text, len);
		const char *path = "unset";
		struct cgroup_match m;
		bool found = cgroup_parse(text, len, &m, &path, &path_len);

		if (found != !!p->id || (found && strcmp(m.id, p->id)))
			fail_msg("%s: found %d %s", p->text, found, m.id);
		if (found && (m.runtime != p->runtime && (!m.runtime || !p->runtime || strcmp(m.runtime, p->runtime))))
			fail_msg("%s: runtime %s", p->text, m.runtime ? m.runtime : "NULL");
		if (m.monitor != p->monitor || strcmp(m.outer, p->outer ? p->outer : "") ||
		    m.user != (p->user ? p->user : CGROUP_NO_USER))
			fail_msg("%s: monitor %d, outer %s, user %u", p->text, m.monitor, m.outer, m.user);
		if (p->path && (path_len != strlen(p->path) || memcmp(path, p->path, path_len)))
			fail_msg("%s: path %.*s", p->text, (int)path_len, path);
		if (!path)
			assert_int_equal(path_len, 0);
		free(text);
	}
}

/* Components as long as the kernel allows and longer, very deep paths, NULs, every truncation. */
static void no_path_is_too_strange(void **state)
{
	static char text[70000];
	const char *path;
	struct cgroup_match m;
	size_t path_len, n;

	(void)state;
	n = (size_t)sprintf(text, "0::/lxc/%0255d\n", 0);
	assert_true(cgroup_parse(text, n, &m, &path, &path_len));
	assert_int_equal(strlen(m.id), 255);
	n = (size_t)sprintf(text, "0::/lxc/%0256d\n", 0);
	assert_true(cgroup_parse(text, n, &m, &path, &path_len));
	assert_string_equal(m.id, "");
	n = (size_t)sprintf(text, "0::/machine-%0200d\\x2d%0300d.scope\n", 0, 0);
	assert_true(cgroup_parse(text, n, &m, &path, &path_len));
	assert_string_equal(m.id, "");
	assert_true(cgroup_parse("0::/lxc/a\0b\n", 12, &m, &path, &path_len));
	assert_string_equal(m.id, "");

	text[0] = '0';
	text[1] = text[2] = ':';
	for (n = 3; n + 2 < sizeof(text); n += 2) {
		text[n] = '/';
		text[n + 1] = 'a';
	}
	assert_true(cgroup_parse(text, n, &m, &path, &path_len));
	assert_string_equal(m.id, "");
	memset(text + 3, '/', n - 3);
	assert_false(cgroup_parse(text, n, &m, &path, &path_len));
	memset(text, ':', n);
	assert_false(cgroup_parse(text, n, &m, &path, &path_len));
	assert_null(path);

	for (const struct path_case *p = paths; p < paths + ARRAY_SIZE(paths); p++)
		for (size_t len = 0; len < strlen(p->text); len++) {
			char *cut = bytes(p->text, len);

			cgroup_parse(cut, len, &m, &path, &path_len);
			free(cut);
		}
}

/* --- state files ------------------------------------------------------------------------------------------------------- */

struct world {
	struct snap snap;
	struct containers *containers;
};

static void open_world(struct world *w, const char *root)
{
	snap_init(&w->snap);
	w->containers = containers_new(root);
}

static void close_world(struct world *w)
{
	containers_free(w->containers);
	snap_done(&w->snap);
}

static const struct snap_container *by_id(const struct snap *s, const char *id)
{
	const struct snap_container *found = NULL;

	for (size_t i = 0; i < s->n_containers; i++)
		if (!strcmp(s->containers[i].id, id)) {
			if (found)
				fail_msg("two records of %s", id);
			found = &s->containers[i];
		}
	return found;
}

static const char *find(struct world *w, const char *text)
{
	struct cgroup_match m;
	const char *path;
	size_t len;

	return cgroup_parse(text, strlen(text), &m, &path, &len) ? containers_find(w->containers, &w->snap, &m) : NULL;
}

static void same_text(const char *what, const char *where, const char *got, const char *want)
{
	if ((got || want) && (!got || !want || strcmp(got, want)))
		fail_msg("%s of %s is %s, not %s", what, where, got ? got : "NULL", want ? want : "NULL");
}

struct told {
	const char *id, *name, *runtime, *pod, *pod_namespace, *image;
	bool sandbox;
};

static void check(const struct world *w, const char *where, const char *id, const struct told *want)
{
	const struct snap_container *got;

	same_text("id", where, id, want->id);
	if (!id)
		return;
	got = by_id(&w->snap, id);
	assert_non_null(got);
	assert_ptr_equal(got->id, id);
	same_text("name", where, got->name, want->name);
	same_text("runtime", where, got->runtime, want->runtime);
	same_text("pod", where, got->pod, want->pod);
	same_text("pod_namespace", where, got->pod_namespace, want->pod_namespace);
	same_text("image", where, got->image, want->image);
	assert_int_equal(got->sandbox, want->sandbox);
}

static unsigned gaps(const struct world *w, int err)
{
	unsigned n = 0;

	for (size_t i = 0; i < w->snap.n_gaps; i++)
		if (!err || w->snap.gaps[i].err == err)
			n += w->snap.gaps[i].count;
	return n;
}

#define EVIL "evil\033[31m\n\"\\\342\200\256"

static const struct file_case {
	const char *text;
	struct told want; /* id, name, runtime, pod, namespace, image, sandbox; all NULL: no container */
	int gap;          /* errno, 0: none */
} cases[] = {
	{ "0::/docker/" HEX("d1") "\n", { HEX("d1"), "web", "docker", NULL, NULL, "nginx:1.27", false }, 0 },
	{ "0::/system.slice/docker-" HEX("d1") ".scope\n", { HEX("d1"), "web", "docker", NULL, NULL, "nginx:1.27", false }, 0 },
	{ "0::/kubepods/burstable/pod1/" HEX("d4") "\n", { HEX("d4"), "app", "docker", "cart-0", "shop", "nginx:1.27", false }, 0 },
	{ "0::/kubepods/burstable/pod1/" HEX("d5") "\n",
	  { HEX("d5"), "k8s_POD_cart-0_shop_5f_0", "docker", "cart-0", "shop", "pause:3.9", true },
	  0 },
	{ "0::/docker/" HEX("d7") "\n", { HEX("d7"), "remapped", "docker", NULL, NULL, "nginx:1.27", false }, 0 },
	/* a data root of which only the bundle knows */
	{ "0::/docker/" HEX("e1") "\n", { HEX("e1"), "elsewhere", "docker", NULL, NULL, "nginx:1.27", false }, 0 },
	/* broken files: the id stays */
	{ "0::/docker/" HEX("d3") "\n", { HEX("d3"), NULL, "docker", NULL, NULL, NULL, false }, EBADMSG },
	{ "0::/docker/" HEX("d8") "\n", { HEX("d8"), NULL, "docker", NULL, NULL, NULL, false }, EBADMSG },
	{ "0::/x/" HEX("c3") "\n", { HEX("c3"), NULL, "containerd", NULL, NULL, NULL, false }, EBADMSG },
	/* a NUL in the name: that is refused, the rest stays; and a number that no integer holds */
	{ "0::/docker/" HEX("d6") "\n", { HEX("d6"), NULL, "docker", NULL, NULL, EVIL, false }, 0 },
	/* unknown to all */
	{ "0::/docker/" HEX("99") "\n", { HEX("99"), NULL, "docker", NULL, NULL, NULL, false }, 0 },
	{ "0::/x/" HEX("98") "\n", { HEX("98"), NULL, NULL, NULL, NULL, NULL, false }, 0 },
	/* containerd: its docker's container without docker's files, CRI with both drivers, k3s, nerdctl, ctr */
	{ "0::/x/" HEX("e3") "\n", { HEX("e3"), NULL, "docker", NULL, NULL, NULL, false }, 0 },
	{ "0::/kubepods.slice/p.slice/cri-containerd-" HEX("c1") ".scope\n",
	  { HEX("c1"), "app", "containerd", "web-0", "shop", "images.example/library/nginx:1", false },
	  0 },
	{ "0::/kubepods/besteffort/pod8f/" HEX("c2") "\n", { HEX("c2"), NULL, "containerd", "web-0", "shop", NULL, true }, 0 },
	{ "0::/kubepods/besteffort/pod8f/" HEX("b1") "\n",
	  { HEX("b1"), "traefik", "containerd", "edge", "kube-system", "images.example/library/nginx:1", false },
	  0 },
	{ "0::/default/" HEX("a1") "\n", { HEX("a1"), "nerd", "containerd", NULL, NULL, NULL, false }, 0 },
	{ "0::/ktns/ktc1\n", { "ktc1", "ktc1", "containerd", NULL, NULL, NULL, false }, 0 },
	{ "0::/ktns/ktc1/init.scope\n", { "ktc1", "ktc1", "containerd", NULL, NULL, NULL, false }, 0 },
	{ "3:memory:/ktns/ktc1\n0::/user.slice/user-0.slice/session-1.scope\n",
	  { "ktc1", "ktc1", "containerd", NULL, NULL, NULL, false },
	  0 },
	{ "0::/../ktns/ktc1\n", { "ktc1", "ktc1", "containerd", NULL, NULL, NULL, false }, 0 },
	{ "0::/system.slice/ctr-sysd.scope\n", { "sysd", "sysd", "containerd", NULL, NULL, NULL, false }, 0 },
	{ "0::/ktns/ktc\n", { 0 }, 0 },
	{ "0::/ktns/ktc11\n", { 0 }, 0 },
	{ "0::/ktns\n", { 0 }, 0 },
	{ "0::/elsewhere/ktc1\n", { 0 }, 0 },
	/* nobody claims the root or a slice */
	{ "0::/system.slice/ssh.service\n", { 0 }, 0 },
	{ "0::/system.slice\n", { 0 }, 0 },
	/* cri-o: by its own file, and by the store */
	{ "0::/kubepods.slice/crio-" HEX("0c") ".scope\n",
	  { HEX("0c"), "pay", "cri-o", "pay-2", "shop", "images.example/shop/pay:3", false },
	  0 },
	{ "0::/kubepods.slice/crio-" HEX("0d") ".scope\n",
	  { HEX("0d"), NULL, "cri-o", "pay-2", "shop", "images.example/shop/pay:3", true },
	  0 },
	{ "0::/kubepods.slice/crio-" HEX("0a") ".scope\n",
	  { HEX("0a"), "api", "cri-o", "orders-1", "shop", "images.example/shop/api:2", false },
	  0 },
	{ "0::/kubepods/pod7/" HEX("0b") "\n",
	  { HEX("0b"), NULL, "cri-o", "orders-1", "shop", "images.example/pause:3.9", true },
	  0 },
	/* podman */
	{ "0::/machine.slice/libpod-" HEX("f1") ".scope/container\n",
	  { HEX("f1"), "db", "podman", NULL, NULL, "images.example/library/postgres:16", false },
	  0 },
	{ "0::/x/" HEX("f1") "\n", { HEX("f1"), "db", "podman", NULL, NULL, "images.example/library/postgres:16", false }, 0 },
	{ "0::/machine.slice/libpod-" HEX("f2") ".scope\n",
	  { HEX("f2"), "f2f2f2f2f2f2-infra", "podman", NULL, NULL, "localhost/podman-pause:4.3.1-0", true },
	  0 },
	{ "0::/machine.slice/libpod-" HEX("f3") ".scope\n", { HEX("f3"), "odd", "podman", NULL, NULL, NULL, false }, 0 },
	/* runc and crun: three hierarchies, each with its own idea of the path */
	{ "0::/rcweb\n", { "rcweb", "rcweb", "runc", NULL, NULL, NULL, false }, EBADMSG },
	{ "4:memory:/process_api/rcweb\n0::/\n", { "rcweb", "rcweb", "runc", NULL, NULL, NULL, false }, EBADMSG },
	{ "0::/deep/er/place\n", { "rcdeep", "rcdeep", "runc", NULL, NULL, NULL, false }, EBADMSG },
	{ "0::/deep/er\n", { 0 }, EBADMSG },
	{ "0::/unified/rcweb\n", { 0 }, EBADMSG },
	{ "0::/user.slice/mine/cr1\n", { "cr1", "cr1", "crun", NULL, NULL, NULL, false }, EBADMSG },
	/* lxc, nspawn; a virtual machine that has a scope of its own form */
	{ "0::/lxc.payload.box\n", { "box", "box", "lxc", NULL, NULL, NULL, false }, 0 },
	{ "0::/lxc/unheard-of\n", { "unheard-of", "unheard-of", "lxc", NULL, NULL, NULL, false }, 0 },
	{ "0::/machine.slice/machine-deb\\x2d12.scope/payload\n", { "deb-12", "deb-12", "nspawn", NULL, NULL, NULL, false }, 0 },
	{ "0::/machine.slice/machine-gone.scope\n", { "gone", "gone", "nspawn", NULL, NULL, NULL, false }, 0 },
	{ "0::/machine.slice/machine-win.scope\n", { 0 }, 0 },
	/* ids that are no file names */
	{ "0::/lxc.payload..\n", { ".", ".", "lxc", NULL, NULL, NULL, false }, 0 },
	{ "0::/lxc.payload...\n", { "..", "..", "lxc", NULL, NULL, NULL, false }, 0 },
	{ "0::/machine-..\\x2f..\\x2fetc.scope\n", { 0 }, 0 },
	/* a user's own: what is in that home, and nothing of the system's */
	{ "0::/user.slice/user-1000.slice/user@1000.service/docker-" HEX("1a") ".scope\n",
	  { HEX("1a"), "alices", "docker", NULL, NULL, "nginx:1.27", false },
	  0 },
	{ "0::/user.slice/user-1000.slice/user@1000.service/libpod-" HEX("1b") ".scope\n",
	  { HEX("1b"), "toolbox", "podman", NULL, NULL, "fedora:40", false },
	  0 },
	{ "0::/user.slice/user-1000.slice/user@1000.service/arun\n", { "arun", "arun", "runc", NULL, NULL, NULL, false }, EBADMSG },
	{ "0::/user.slice/user-1001.slice/user@1001.service/arun\n", { 0 }, EBADMSG },
	{ "0::/user.slice/user-1001.slice/docker-" HEX("1a") ".scope\n",
	  { HEX("1a"), NULL, "docker", NULL, NULL, NULL, false },
	  0 },
	{ "0::/user.slice/user-1000.slice/docker-" HEX("d1") ".scope\n",
	  { HEX("d1"), NULL, "docker", NULL, NULL, NULL, false },
	  0 },
	{ "0::/user.slice/user-4444.slice/docker-" HEX("d1") ".scope\n",
	  { HEX("d1"), NULL, "docker", NULL, NULL, NULL, false },
	  0 },
	{ "0::/system.slice/sshd.service\n", { 0 }, 0 },
	/* docker in docker: the inner engine's files are not here, whatever name it bears; unless the outer one is not ours */
	{ "0::/docker/" HEX("d1") "/docker/" HEX("d2") "\n", { HEX("d2"), NULL, "docker", NULL, NULL, NULL, false }, 0 },
	{ "0::/docker/" HEX("99") "/docker/" HEX("d2") "\n", { HEX("d2"), "idle", "docker", NULL, NULL, "busybox", false }, 0 },
};

/* Each in a world of its own: what one finds must not help the next. */
static void state_files_tell(void **state)
{
	(void)state;
	for (const struct file_case *t = cases; t < cases + ARRAY_SIZE(cases); t++) {
		struct world w;

		open_world(&w, FIXTURES "host");
		check(&w, t->text, find(&w, t->text), &t->want);
		/* Those that no path of known shape names have runc's broken file on their way. */
		if (t->gap ? gaps(&w, t->gap) != 1 : gaps(&w, 0) - gaps(&w, EBADMSG) != 0)
			fail_msg("%s: %u gaps, %u of errno %d", t->text, gaps(&w, 0), gaps(&w, t->gap), t->gap);
		assert_int_equal(w.snap.n_containers, t->want.id ? 1 : 0);
		close_world(&w);
	}
}

static void all_in_one_world(void **state)
{
	struct world w;
	size_t n;

	(void)state;
	open_world(&w, FIXTURES "host");
	for (int turn = 0; turn < 2; turn++) {
		unsigned before = gaps(&w, 0);

		n = w.snap.n_containers;
		for (const struct file_case *t = cases; t < cases + ARRAY_SIZE(cases); t++) {
			const char *id = find(&w, t->text);

			assert_int_equal(!!id, !!t->want.id);
			if (id)
				assert_non_null(by_id(&w.snap, id));
		}
		if (turn) { /* all known: no record more, no gap more */
			assert_int_equal(w.snap.n_containers, n);
			assert_int_equal(gaps(&w, 0), before);
		}
	}
	close_world(&w);
}

/* People choose such ids: each record has its own all the same. */
static void one_id_names_one_record(void **state)
{
	struct world w;

	(void)state;
	open_world(&w, FIXTURES "host");
	assert_string_equal(find(&w, "0::/ktns/ktc1\n"), "ktc1");
	assert_string_equal(find(&w, "0::/other/ktc1\n"), "other/ktc1");
	assert_string_equal(find(&w, "0::/by-runc\n"), "runc/ktc1");
	assert_string_equal(find(&w, "0::/lxc/ktc1\n"), "lxc/ktc1");
	assert_string_equal(find(&w, "0::/lxc/ktc1/x\n"), "lxc/ktc1");
	assert_string_equal(find(&w, "0::/ktns/ktc1\n"), "ktc1");
	assert_string_equal(by_id(&w.snap, "other/ktc1")->name, "ktc1");
	assert_string_equal(find(&w, "0::/docker/" HEX("d1") "\n"), HEX("d1"));
	assert_string_equal(find(&w, "0::/user.slice/user-1000.slice/docker-" HEX("d1") ".scope\n"), "user-1000/" HEX("d1"));
	assert_string_equal(find(&w, "0::/docker/" HEX("d4") "/docker-" HEX("d1") ".scope\n"), "d4d4d4d4d4d4/" HEX("d1"));
	assert_string_equal(by_id(&w.snap, HEX("d1"))->name, "web");
	close_world(&w);
}

static void a_moved_root_is_followed(void **state)
{
	struct world w;

	(void)state;
	open_world(&w, FIXTURES "moved");
	assert_non_null(find(&w, "0::/docker/" HEX("d1") "\n"));
	assert_string_equal(by_id(&w.snap, HEX("d1"))->name, "moved");
	assert_non_null(find(&w, "0::/machine.slice/libpod-" HEX("f1") ".scope\n"));
	assert_string_equal(by_id(&w.snap, HEX("f1"))->name, "moved-db");
	assert_int_equal(gaps(&w, 0), 0);
	close_world(&w);
}

static void check_list(struct world *w)
{
	static const struct {
		const char *id, *name, *runtime;
	} all[] = {
		{ HEX("d1"), "web", "docker" },
		{ HEX("d2"), "idle", "docker" },
		{ HEX("d3"), NULL, "docker" },
		{ HEX("d4"), "app", "docker" },
		{ HEX("d5"), "k8s_POD_cart-0_shop_5f_0", "docker" },
		{ HEX("d6"), NULL, "docker" },
		{ HEX("d7"), "remapped", "docker" },
		{ HEX("d8"), NULL, "docker" },
		{ HEX("e1"), "elsewhere", "docker" },
		{ HEX("e2"), "elsewhere-idle", "docker" },
		{ HEX("e3"), NULL, "docker" },
		{ HEX("c1"), "app", "containerd" },
		{ HEX("c2"), NULL, "containerd" },
		{ HEX("c3"), NULL, "containerd" },
		{ HEX("b1"), "traefik", "containerd" },
		{ HEX("a1"), "nerd", "containerd" },
		{ "ktc1", "ktc1", "containerd" },
		{ "greedy", "greedy", "containerd" },
		{ "slicer", "slicer", "containerd" },
		{ "sysd", "sysd", "containerd" },
		{ HEX("f1"), "db", "podman" },
		{ HEX("f2"), "f2f2f2f2f2f2-infra", "podman" },
		{ HEX("f3"), "odd", "podman" },
		{ HEX("0a"), "api", "cri-o" },
		{ HEX("0b"), NULL, "cri-o" },
		{ "rcweb", "rcweb", "runc" },
		{ "rcdeep", "rcdeep", "runc" },
		{ "runc/ktc1", "ktc1", "runc" },
		{ "rcbroken", "rcbroken", "runc" },
		{ "cr1", "cr1", "crun" },
		{ "box", "box", "lxc" },
		{ "deb-12", "deb-12", "nspawn" },
	};
	size_t n = 1; /* and other's or ktns' ktc1, whichever the directory has last */

	for (size_t i = 0; i < ARRAY_SIZE(all); i++, n++) {
		const struct snap_container *c = by_id(&w->snap, all[i].id);

		if (!c)
			fail_msg("%s is not listed", all[i].id);
		same_text("name", all[i].id, c ? c->name : NULL, all[i].name);
		same_text("runtime", all[i].id, c ? c->runtime : NULL, all[i].runtime);
	}
	assert_true(!!by_id(&w->snap, "other/ktc1") != !!by_id(&w->snap, "ktns/ktc1"));
	if (w->snap.n_containers != n)
		for (size_t i = 0; i < w->snap.n_containers; i++)
			print_message("# %s\n", w->snap.containers[i].id);
	assert_int_equal(w->snap.n_containers, n);
	assert_int_equal(gaps(w, EBADMSG), 4); /* d3, d8, c3, rcbroken; once each */
	assert_int_equal(gaps(w, 0), 4);
}

static void all_are_listed_once(void **state)
{
	struct world w;

	(void)state;
	open_world(&w, FIXTURES "host");
	containers_list(w.containers, &w.snap);
	check_list(&w);
	containers_list(w.containers, &w.snap);
	check_list(&w);
	assert_string_equal(find(&w, "0::/docker/" HEX("d1") "\n"), HEX("d1"));
	assert_string_equal(find(&w, "0::/rcweb\n"), "rcweb");
	check_list(&w);
	close_world(&w);
	/* The other way round. */
	open_world(&w, FIXTURES "host");
	assert_string_equal(find(&w, "0::/docker/" HEX("d1") "\n"), HEX("d1"));
	assert_string_equal(find(&w, "0::/docker/" HEX("d3") "\n"), HEX("d3"));
	assert_string_equal(find(&w, "0::/docker/" HEX("e2") "\n"), HEX("e2")); /* in a root that only the list comes upon */
	assert_null(by_id(&w.snap, HEX("e2"))->name);
	assert_string_equal(find(&w, "0::/rcweb\n"), "rcweb");
	containers_list(w.containers, &w.snap);
	check_list(&w);
	close_world(&w);
}

/* --- hostile files ------------------------------------------------------------------------------------------------------ */

struct place {
	char root[64];
	char dir[160];  /* of the container HEX("d1") */
	char file[200]; /* its config.v2.json */
};

static void run(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
static void run(const char *fmt, ...)
{
	char command[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(command, sizeof(command), fmt, ap);
	va_end(ap);
	assert_int_equal(system(command), 0);
}

static void put(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(text, f);
	assert_int_equal(fclose(f), 0);
}

static int make_place(void **state)
{
	struct place *p = xcalloc(1, sizeof(*p));

	snprintf(p->root, sizeof(p->root), "/tmp/nskit-container.XXXXXX");
	if (!mkdtemp(p->root))
		return -1;
	chmod(p->root, 0755);
	snprintf(p->dir, sizeof(p->dir), "%s/var/lib/docker/containers/" HEX("d1"), p->root);
	snprintf(p->file, sizeof(p->file), "%s/config.v2.json", p->dir);
	run("mkdir -p %s", p->dir);
	*state = p;
	return 0;
}

static int remove_place(void **state)
{
	struct place *p = *state;

	run("chmod -R u+rwx %s; rm -rf %s", p->root, p->root);
	free(p);
	return 0;
}

static void look(const struct place *p, const char *name, int err, unsigned count)
{
	struct world w;
	const struct snap_container *c;

	open_world(&w, p->root);
	assert_non_null(find(&w, "0::/docker/" HEX("d1") "\n"));
	c = by_id(&w.snap, HEX("d1"));
	same_text("name", p->root, c->name, name);
	if (gaps(&w, err) != count || gaps(&w, 0) != count)
		fail_msg("%u gaps, %u of errno %d, not %u", gaps(&w, 0), gaps(&w, err), err, count);
	if (count && err == EACCES)
		assert_string_equal(w.snap.gaps[0].hint, "CAP_DAC_READ_SEARCH");
	close_world(&w);
}

/* What a world says of the container in place. */
static const struct snap_container *told_of(const struct place *p, struct world *w)
{
	open_world(w, p->root);
	assert_non_null(find(w, "0::/docker/" HEX("d1") "\n"));
	assert_int_equal(gaps(w, 0), 0);
	return by_id(&w->snap, HEX("d1"));
}

static void a_running_containers_ports(void **state)
{
	const struct place *p = *state;
	const struct snap_container *c;
	struct world w;

	put(p->file,
	    "{\"Name\":\"/web\",\"State\":{\"Running\":true,\"Paused\":true,\"ExitCode\":0,\"StartedAt\":\"2026-11-23T21:25:03Z\"},"
	    "\"NetworkSettings\":{\"Networks\":{\"bridge\":{\"IPAddress\":\"172.17.0.2\",\"GlobalIPv6Address\":\"\"}},"
	    "\"Ports\":{\"80/tcp\":[{\"HostIp\":\"0.0.0.0\",\"HostPort\":\"8080\"},{\"HostIp\":\"::\",\"HostPort\":\"8080\"}],"
	    "\"53/udp\":null,\"x\":[],\"99999/tcp\":[{}],\"/tcp\":null,\"7\":5}}}");
	c = told_of(p, &w);
	assert_string_equal(c->state, "paused");
	assert_true(c->exit_code == OPT_NONE);
	assert_int_equal(c->n_ports, 3);
	assert_string_equal(c->ports[0].proto, "tcp");
	assert_int_equal(c->ports[0].port, 80);
	assert_string_equal(c->ports[0].host_ip, "0.0.0.0");
	assert_int_equal(c->ports[1].host_port, 8080);
	assert_string_equal(c->ports[2].proto, "udp");
	assert_null(c->ports[2].host_ip);
	assert_int_equal(c->n_addresses, 1);
	assert_string_equal(c->addresses[0], "172.17.0.2");
	close_world(&w);
}

static void ports_of_one_that_does_not_run(void **state)
{
	const struct place *p = *state;
	const struct snap_container *c;
	struct world w;

	put(p->file, "{\"Name\":\"/web\",\"State\":{\"Running\":false,\"ExitCode\":137,\"StartedAt\":\"2026-11-23T21:25:03Z\"},"
		     "\"Config\":{\"ExposedPorts\":{\"443/tcp\":{}}},\"NetworkSettings\":{\"Ports\":{}}}");
	c = told_of(p, &w);
	assert_string_equal(c->state, "exited");
	assert_int_equal(c->exit_code, 137);
	assert_int_equal(c->n_ports, 1);
	assert_int_equal(c->ports[0].port, 443);
	assert_null(c->network);
	close_world(&w);
	run("echo '{\"NetworkMode\":\"host\",\"PortBindings\":{\"80/tcp\":[{\"HostIp\":\"\",\"HostPort\":\"\"}]}}' >%s/hostconfig.json",
	    p->dir);
	put(p->file, "{\"Name\":\"/web\",\"State\":{\"Running\":false,\"ExitCode\":0,\"StartedAt\":\"0001-01-01T00:00:00Z\"}}");
	c = told_of(p, &w);
	assert_string_equal(c->state, "created");
	assert_true(c->exit_code == OPT_NONE);
	assert_string_equal(c->network, "host");
	assert_int_equal(c->n_ports, 1);
	assert_string_equal(c->ports[0].host_ip, "");
	assert_int_equal(c->ports[0].host_port, 0);
	close_world(&w);
}

static void a_linked_file_is_not_followed(void **state)
{
	struct place *p = *state;

	run("echo '{\"Name\":\"/secret\"}' >%s/other.json", p->dir);
	run("ln -s other.json %s", p->file);
	look(p, NULL, ELOOP, 1);
	run("rm %s; mv %s/other.json %s", p->file, p->dir, p->file);
	look(p, "secret", 0, 0);
	run("mv %s %s/real; ln -s real %s", p->dir, p->root, p->dir);
	look(p, NULL, ELOOP, 1);
}

/* The administrator's link, in the system's own layout, is: but not out of the root. */
static void a_linked_data_root_is_followed_within_the_root(void **state)
{
	struct place *p = *state, deep;

	put(p->file, "{\"Name\":\"/web\"}");
	run("cd %s && mkdir mnt && mv var/lib/docker mnt/disk && ln -s /mnt/disk var/lib/docker", p->root);
	look(p, "web", 0, 0);
	run("cd %s && mkdir deep && mv var mnt deep && ln -sfn ../../../../mnt/disk deep/var/lib/docker", p->root);
	deep = *p;
	snprintf(deep.root, sizeof(deep.root), "%.40s/deep", p->root);
	look(&deep, "web", 0, 0);
	run("cd %s && mv mnt .. ", deep.root);
	look(&deep, NULL, ENOENT, 0);
}

static void a_users_links_are_not_followed(void **state)
{
	static const char path[] = "0::/user.slice/user-1000.slice/docker-" HEX("d1") ".scope\n";
	struct place *p = *state;
	struct world w;

	put(p->file, "{\"Name\":\"/web\"}");
	run("cd %s && mkdir -p etc home/alice/.local/share && echo a:x:1000:1000::/home/alice:/bin/sh >etc/passwd", p->root);
	run("ln -s ../../../../var/lib/docker %s/home/alice/.local/share/docker", p->root);
	open_world(&w, p->root);
	assert_non_null(find(&w, path));
	assert_null(w.snap.containers[0].name);
	assert_int_equal(gaps(&w, ELOOP), 1);
	close_world(&w);
	/* Control: the same without a link. */
	run("cd %s && rm home/alice/.local/share/docker && cp -r var/lib/docker home/alice/.local/share/", p->root);
	open_world(&w, p->root);
	assert_non_null(find(&w, path));
	assert_string_equal(w.snap.containers[0].name, "web");
	close_world(&w);
}

static void a_fifo_does_not_hang(void **state)
{
	struct place *p = *state;

	alarm(20);
	assert_int_equal(mkfifo(p->file, 0600), 0);
	look(p, NULL, EINVAL, 1);
	unlink(p->file);
	assert_int_equal(mkdir(p->file, 0700), 0);
	look(p, NULL, EINVAL, 1);
	alarm(0);
}

static void a_file_has_a_bound(void **state)
{
	struct place *p = *state;

	put(p->file, "{\"Name\":\"/web\"}");
	run("truncate -s 4194305 %s", p->file);
	look(p, NULL, EFBIG, 1);
	/* Control: one that just fits is read, blanks and all. */
	run("{ head -c 4194200 /dev/zero | tr '\\0' ' '; echo '{\"Name\":\"/web\"}'; } >%s", p->file);
	look(p, "web", 0, 0);
	run("{ head -c 4194304 /dev/zero | tr '\\0' '['; } >%s", p->file);
	look(p, NULL, EBADMSG, 1);
}

static void broken_files_are_gaps(void **state)
{
	static const char *const texts[] = {
		"", "{", "null", "[]", "7", "\"x\"", "{\"Name\":\"\xff\"}", "{\"Name\":\"/web\"} x", "\xef\xbb\xbf{}"
	};
	static const char *const nameless[] = { "{}",
						"{\"Name\":7}",
						"{\"Name\":\"\"}",
						"{\"Name\":\"/\"}",
						"{\"Name\":null,\"Config\":[]}",
						"{\"Name\":{},\"Config\":{\"Image\":[],\"Labels\":\"x\"}}" };
	struct place *p = *state;

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		put(p->file, texts[i]);
		look(p, NULL, EBADMSG, 1);
	}
	for (size_t i = 0; i < ARRAY_SIZE(nameless); i++) {
		put(p->file, nameless[i]);
		look(p, NULL, 0, 0);
	}
	unlink(p->file); /* it went away: no gap */
	look(p, NULL, 0, 0);
}

static void files_are_read_once(void **state)
{
	struct place *p = *state;
	struct world w;
	const char *id;

	put(p->file, "{\"Name\":\"/web\"}");
	open_world(&w, p->root);
	id = find(&w, "0::/docker/" HEX("d1") "\n");
	assert_non_null(id);
	put(p->file, "{\"Name\":\"/other\"}");
	assert_ptr_equal(find(&w, "0::/system.slice/docker-" HEX("d1") ".scope\n"), id);
	containers_list(w.containers, &w.snap);
	assert_int_equal(w.snap.n_containers, 1);
	assert_string_equal(w.snap.containers[0].name, "web");
	close_world(&w);
}

static void no_root_is_no_crash(void **state)
{
	struct world w;

	(void)state;
	open_world(&w, "/nonexistent/root");
	assert_non_null(find(&w, "0::/docker/" HEX("d1") "\n"));
	assert_null(find(&w, "0::/ktns/ktc1\n"));
	containers_list(w.containers, &w.snap);
	assert_int_equal(w.snap.n_containers, 1);
	close_world(&w);
	containers_free(NULL);
}

/* What must hold in a child process that has lost something: 0, or the line that failed. */
static void in_child(int (*f)(const struct place *p), const struct place *p)
{
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (!pid)
		_exit(f(p));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (!WIFEXITED(status) || WEXITSTATUS(status))
		fail_msg("status %#x: line 256*n + %d", status, WEXITSTATUS(status));
}

#define EXPECT(x) \
	do { \
		if (!(x)) \
			return __LINE__ % 256 ? __LINE__ % 256 : 1; \
	} while (0)

static int as_nobody(const struct place *p)
{
	struct world w;

	if (!geteuid() && (setresgid(65534, 65534, 65534) || setresuid(65534, 65534, 65534)))
		return 1;
	open_world(&w, p->root);
	EXPECT(find(&w, "0::/docker/" HEX("d1") "\n"));
	EXPECT(!w.snap.containers[0].name);
	EXPECT(gaps(&w, EACCES) == 1 && gaps(&w, 0) == 1);
	EXPECT(!strcmp(w.snap.gaps[0].hint, "CAP_DAC_READ_SEARCH"));
	EXPECT(find(&w, "0::/docker/" HEX("d1") "\n") && gaps(&w, 0) == 1); /* not counted again */
	EXPECT(!find(&w, "0::/ktns/ktc1\n"));                               /* nor told: runc's directory is shut too */
	EXPECT(gaps(&w, EACCES) == 2);
	EXPECT(!find(&w, "0::/ktns/ktc2\n") && gaps(&w, EACCES) == 2);
	EXPECT(find(&w, "0::/x/" HEX("f1") "\n") && gaps(&w, EACCES) == 2); /* named by podman's: docker's need not be read */
	containers_list(w.containers, &w.snap);
	EXPECT(gaps(&w, EACCES) == 3); /* docker's directory */
	containers_list(w.containers, &w.snap);
	EXPECT(gaps(&w, EACCES) == 3);
	close_world(&w);
	return 0;
}

static void a_refusal_is_a_gap_with_its_remedy(void **state)
{
	struct place *p = *state;

	put(p->file, "{\"Name\":\"/web\"}");
	run("mkdir -p %s/run/runc/ktc1", p->root);
	run("mkdir -p %s/var/lib/containers && cp -r " FIXTURES "host/var/lib/containers/storage %s/var/lib/containers/", p->root,
	    p->root);
	run("chmod -R go+rX %s/var/lib/containers", p->root);
	run("chmod 0 %s/var/lib/docker/containers %s/run/runc", p->root, p->root);
	in_child(as_nobody, p);
}

static bool forbid_openat2(int err)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat2, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (unsigned)err),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog prog = { ARRAY_SIZE(code), code };

	return !prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) && !prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog) &&
	       syscall(SYS_openat2, AT_FDCWD, ".", NULL, 0) < 0 && errno == err;
}

static int without_openat2(const struct place *p)
{
	struct world w;

	EXPECT(forbid_openat2(p->root[0] == 'E' ? EPERM : ENOSYS));
	for (const struct file_case *t = cases; t < cases + ARRAY_SIZE(cases); t++) {
		const char *id;

		open_world(&w, FIXTURES "host");
		id = find(&w, t->text);
		EXPECT(!id == !t->want.id);
		EXPECT(!id || !w.snap.containers[0].name == !t->want.name);
		EXPECT(!id || !t->want.name || !strcmp(w.snap.containers[0].name, t->want.name));
		close_world(&w);
	}
	open_world(&w, p->root + 1);
	EXPECT(find(&w, "0::/docker/" HEX("d1") "\n"));
	EXPECT(!w.snap.containers[0].name && gaps(&w, ELOOP) == 1);
	EXPECT(find(&w, "0::/docker/" HEX("d2") "\n"));
	EXPECT(!w.snap.containers[1].name && gaps(&w, ENOTDIR) == 1);
	EXPECT(find(&w, "0::/docker/" HEX("d4") "\n"));
	EXPECT(!w.snap.containers[2].name && gaps(&w, EINVAL) == 1);
	EXPECT(find(&w, "0::/docker/" HEX("d5") "\n"));
	EXPECT(!strcmp(w.snap.containers[3].name, "web") && gaps(&w, 0) == 3);
	close_world(&w);
	return 0;
}

/* Kernels before 5.6, and seccomp filters that know no openat2. */
static void the_same_holds_without_openat2(void **state)
{
	struct place *p = *state, with = *p;

	run("cd %s/../ && mkdir " HEX("d4") " " HEX("d5") " && ln -s " HEX("d5") " " HEX("d2"), p->dir);
	run("cd %s/../ && echo '{\"Name\":\"/web\"}' >" HEX("d5") "/config.v2.json", p->dir);
	run("cd %s/../ && ln -s ../" HEX("d5") "/config.v2.json " HEX("d1") "/ && mkfifo " HEX("d4") "/config.v2.json", p->dir);
	for (const char *err = "NE"; *err; err++) {
		snprintf(with.root, sizeof(with.root), "%c%.40s", *err, p->root);
		alarm(60);
		in_child(without_openat2, &with);
		alarm(0);
	}
}

int main(void)
{
#define IN_PLACE(f) cmocka_unit_test_setup_teardown(f, make_place, remove_place)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_path_tells),
		cmocka_unit_test(no_path_is_too_strange),
		cmocka_unit_test(state_files_tell),
		cmocka_unit_test(all_in_one_world),
		cmocka_unit_test(one_id_names_one_record),
		cmocka_unit_test(a_moved_root_is_followed),
		cmocka_unit_test(all_are_listed_once),
		IN_PLACE(a_running_containers_ports),
		IN_PLACE(ports_of_one_that_does_not_run),
		IN_PLACE(a_linked_file_is_not_followed),
		IN_PLACE(a_linked_data_root_is_followed_within_the_root),
		IN_PLACE(a_users_links_are_not_followed),
		IN_PLACE(a_fifo_does_not_hang),
		IN_PLACE(a_file_has_a_bound),
		IN_PLACE(broken_files_are_gaps),
		IN_PLACE(files_are_read_once),
		cmocka_unit_test(no_root_is_no_crash),
		IN_PLACE(a_refusal_is_a_gap_with_its_remedy),
		IN_PLACE(the_same_holds_without_openat2),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
