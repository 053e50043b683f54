// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A virtual service of IPVS for TCP, round robin, by setsockopt (do_ip_vs_set_ctl, net/netfilter/ipvs/ip_vs_ctl.c), as ipvsadm makes it:
 * ipvs ADDR PORT [SERVER-ADDR SERVER-PORT WEIGHT]...
 */
#include <arpa/inet.h>
#include <err.h>
#include <linux/ip_vs.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "../number.h"

static uint32_t address(const char *s)
{
	struct in_addr a;

	if (inet_pton(AF_INET, s, &a) != 1)
		errx(2, "%s: no address", s);
	return a.s_addr;
}

static uint16_t port(const char *s)
{
	return htons((uint16_t)number(s));
}

int main(int argc, char **argv)
{
	struct ip_vs_service_user service = { .protocol = IPPROTO_TCP, .sched_name = "rr", .netmask = 0xffffffff };
	struct {
		struct ip_vs_service_user service;
		struct ip_vs_dest_user dest;
	} server;
	int fd = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);

	if (argc < 3 || argc % 3)
		errx(2, "ipvs ADDR PORT [SERVER-ADDR SERVER-PORT WEIGHT]...");
	service.addr = address(argv[1]);
	service.port = port(argv[2]);
	if (fd < 0 || setsockopt(fd, IPPROTO_IP, IP_VS_SO_SET_ADD, &service, sizeof(service)))
		err(1, "a service");
	for (int i = 3; i < argc; i += 3) {
		memset(&server, 0, sizeof(server));
		server.service = service;
		server.dest.addr = address(argv[i]);
		server.dest.port = port(argv[i + 1]);
		server.dest.weight = (int)number(argv[i + 2]);
		server.dest.conn_flags = IP_VS_CONN_F_MASQ;
		if (setsockopt(fd, IPPROTO_IP, IP_VS_SO_SET_ADDDEST, &server, sizeof(server)))
			err(1, "a server");
	}
	return 0;
}
