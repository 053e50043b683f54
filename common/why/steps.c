// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The kernel's checks of a call, in its order: the first that fails gives the errno that is seen, the others wait behind it. Where IPv4
 * and IPv6 differ in the order (__inet_bind, __inet6_bind), a check stands twice and minds its family.
 */
#include "why/checks.h"

enum {
	SOCKET = 1 << CALL_SOCKET,
	BIND = 1 << CALL_BIND,
	LISTEN = 1 << CALL_LISTEN,
	CONNECT = 1 << CALL_CONNECT,
	REACH = 1 << CALL_REACH,
	ALL = SOCKET | BIND | LISTEN | CONNECT,
};

#define HELD (WANT_SOCKETS | WANT_SOCKET_FDS | WANT_SOCKET_FLAGS | WANT_LINKS | WANT_COMMANDS | WANT_SYSCTLS | WANT_TCP_INFO)

const struct why_step why_call_steps[] = {
	{ "seccomp filters", check_seccomp, ALL, WANT_GUARDS },
	{ "security modules", check_lsm, ALL, WANT_GUARDS },
	{ "protocol", check_protocol, ALL, WANT_GUARDS | WANT_SYSCTLS },
	{ "raw and ping sockets", check_raw, SOCKET | BIND, WANT_GUARDS | WANT_NS | WANT_SYSCTLS },
	{ "control group's programs for sockets", check_cgroup_socket, SOCKET | BIND | CONNECT, WANT_GUARDS },
	{ "device of the socket", check_device, BIND, WANT_LINKS },
	{ "control group's programs", check_cgroup, BIND | CONNECT, WANT_GUARDS },
	{ "multicast address", check_multicast, BIND, 0 },
	{ "privileged port (IPv6)", check_privilege6, BIND, WANT_GUARDS | WANT_NS | WANT_SYSCTLS | WANT_DETAILS },
	{ "socket is not bound yet", check_bound, BIND, WANT_SOCKETS | WANT_SOCKET_FDS },
	{ "mapped address", check_mapped, BIND, WANT_SYSCTLS },
	{ "zone of the address", check_scope, BIND, WANT_LINKS },
	{ "address is local", check_address, BIND, WANT_LINKS | WANT_ROUTES | WANT_SYSCTLS },
	{ "privileged port (IPv4)", check_privilege4, BIND, WANT_GUARDS | WANT_NS | WANT_SYSCTLS | WANT_DETAILS },
	{ "socket can listen", check_listen, LISTEN, 0 },
	{ "port is free", check_holders, BIND | LISTEN, HELD },
	{ "port is not given away", check_published, BIND, WANT_ALL_CONTAINERS },
	{ "port can be chosen", check_port_range, BIND | CONNECT, WANT_SOCKETS | WANT_SOCKET_FLAGS | WANT_SYSCTLS | WANT_TCP_INFO },
	{ "control group's programs, afterwards", check_cgroup_post, BIND, WANT_GUARDS },
	{ "open files", check_files, SOCKET, WANT_GUARDS },
	{ 0 },
};

const struct why_step why_unix_steps[] = {
	{ "seccomp filters", check_seccomp, ALL | REACH, WANT_GUARDS },
	{ "security modules", check_lsm, ALL | REACH, WANT_GUARDS },
	{ "socket can listen", check_listen, LISTEN, 0 },
	{ "unix socket", check_unix, ALL | REACH, WANT_SOCKETS | WANT_SOCKET_FDS | WANT_GUARDS | WANT_DETAILS | WANT_NS },
	{ "the server runs", check_unix_halted, REACH, WANT_SOCKETS | WANT_SOCKET_FDS | WANT_PATH },
	{ "open files", check_files, SOCKET, WANT_GUARDS },
	{ 0 },
};
