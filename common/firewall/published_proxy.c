// SPDX-License-Identifier: GPL-2.0-or-later
/* What docker-proxy was told by its arguments. */
#include "firewall/published.h"

/* The word behind an option; the command line's words are joined by blanks. */
static bool value_of(const char *command, const char *option, char *buf, size_t size)
{
	size_t len = strlen(option);

	for (const char *at = strstr(command, option); at; at = strstr(at + 1, option)) {
		size_t n;

		if (at == command || at[-1] != ' ' || at[len] != ' ')
			continue;
		n = strcspn(at + len + 1, " ");
		if (n >= size)
			return false;
		memcpy(buf, at + len + 1, n);
		buf[n] = '\0';
		return true;
	}
	return false;
}

static bool port_value(const char *command, const char *option, uint32_t *out)
{
	char text[16];
	uint64_t port;

	if (!value_of(command, option, text, sizeof(text)) || parse_u64(text, UINT16_MAX, &port))
		return false;
	*out = (uint32_t)port;
	return true;
}

bool published_parse_proxy(const char *command, struct published_proxy *out)
{
	static const char *const protos[] = { "tcp", "udp", "sctp" };
	struct published_proxy r = { 0 };
	char text[64];

	for (size_t i = 0; value_of(command, "-proto", text, sizeof(text)) && i < ARRAY_SIZE(protos); i++)
		if (!strcmp(protos[i], text))
			r.proto = protos[i];
	if (!r.proto || !port_value(command, "-host-port", &r.host_port) || !port_value(command, "-container-port", &r.port))
		return false;
	if (!value_of(command, "-container-ip", text, sizeof(text)) || ipaddr_parse(text, &r.to))
		return false;
	if (value_of(command, "-host-ip", text, sizeof(text)))
		ipaddr_parse(text, &r.host);
	*out = r;
	return true;
}
