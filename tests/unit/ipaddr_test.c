// SPDX-License-Identifier: GPL-2.0-or-later
/* Addresses: text and back, prefixes of any length, kinds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "util/ipaddr.h"

static struct ipaddr ip(const char *text)
{
	struct ipaddr a = { 0 };

	assert_int_equal(ipaddr_parse(text, &a), 0);
	return a;
}

static void text_and_back(void **state)
{
	static const char *const good[] = { "0.0.0.0", "10.1.2.3", "::", "fe80::1", "::ffff:1.2.3.4" };
	static const char *const bad[] = { "", "10.1.2", "1.2.3.4/8", "fe80::1%eth0", "::g", "10.1.2.256", NULL };
	struct ipaddr a = { .family = 77 };
	char buf[IPADDR_TEXT];

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		struct ipaddr x = ip(good[i]);

		assert_string_equal(ipaddr_text(&x, buf), good[i]);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_true(ipaddr_parse(bad[i], &a) < 0 && a.family == 77);
	a = (struct ipaddr){ 0 };
	assert_string_equal(ipaddr_text(&a, buf), "");
}

static void prefixes(void **state)
{
	struct ipaddr a = ip("10.1.2.3"), b = ip("10.1.3.3"), c = ip("::ffff:10.1.2.3"), d = ipaddr_unmap(&c);

	(void)state;
	for (unsigned int len = 0; len <= 32; len++) {
		assert_true(ipaddr_in(&a, &a, len));
		assert_int_equal(ipaddr_in(&a, &b, len), len <= 23);
		assert_false(ipaddr_in(&a, &c, len));
	}
	assert_false(ipaddr_in(&a, &a, 33));
	assert_true(ipaddr_equal(&a, &d) && ipaddr_is_mapped(&c) && !ipaddr_is_mapped(&a));
	c = ip("2001:db8::1");
	d = ip("2001:db8::");
	assert_true(ipaddr_in(&c, &d, 127) && !ipaddr_in(&c, &d, 128) && !ipaddr_in(&c, &d, 129));
}

static void kinds(void **state)
{
	static const struct {
		const char *text, *is;
	} rows[] = { { "0.0.0.0", "a" },   { "::", "a" },      { "127.0.0.53", "l" },  { "::1", "l" },
		     { "224.0.0.1", "m" }, { "ff02::1", "m" }, { "169.254.1.1", "k" }, { "fe80::1", "k" },
		     { "febf::1", "k" },   { "fec0::1", "" },  { "10.0.0.1", "" } };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct ipaddr a = ip(rows[i].text);

		assert_int_equal(ipaddr_is_any(&a), rows[i].is[0] == 'a');
		assert_int_equal(ipaddr_is_loopback(&a), rows[i].is[0] == 'l');
		assert_int_equal(ipaddr_is_multicast(&a), rows[i].is[0] == 'm');
		assert_int_equal(ipaddr_is_linklocal(&a), rows[i].is[0] == 'k');
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_and_back),
		cmocka_unit_test(prefixes),
		cmocka_unit_test(kinds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
