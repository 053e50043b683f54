// SPDX-License-Identifier: GPL-2.0-or-later
/* Addresses: text and back, prefixes of any length, kinds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "util/ip.h"

static struct ip ip(const char *text)
{
	struct ip a = { 0 };

	assert_int_equal(ip_parse(text, &a), 0);
	return a;
}

static void text_and_back(void **state)
{
	static const char *const good[] = { "0.0.0.0", "10.1.2.3", "::", "fe80::1", "::ffff:1.2.3.4" };
	static const char *const bad[] = { "", "10.1.2", "1.2.3.4/8", "fe80::1%eth0", "::g", "10.1.2.256", NULL };
	struct ip a = { .family = 77 };
	char buf[IP_TEXT_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		struct ip x = ip(good[i]);

		assert_string_equal(ip_text(&x, buf), good[i]);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_true(ip_parse(bad[i], &a) < 0 && a.family == 77);
	a = (struct ip){ 0 };
	assert_string_equal(ip_text(&a, buf), "");
}

static void prefixes(void **state)
{
	struct ip a = ip("10.1.2.3"), b = ip("10.1.3.3"), c = ip("::ffff:10.1.2.3"), d = ip_unmapped(&c);

	(void)state;
	for (unsigned int len = 0; len <= 32; len++) {
		assert_true(ip_in(&a, &a, len));
		assert_int_equal(ip_in(&a, &b, len), len <= 23);
		assert_false(ip_in(&a, &c, len));
	}
	assert_false(ip_in(&a, &a, 33));
	assert_true(ip_equal(&a, &d) && ip_is_mapped(&c) && !ip_is_mapped(&a));
	c = ip("2001:db8::1");
	d = ip("2001:db8::");
	assert_true(ip_in(&c, &d, 127) && !ip_in(&c, &d, 128) && !ip_in(&c, &d, 129));
}

static void kinds(void **state)
{
	static const struct {
		const char *text, *is;
	} rows[] = { { "0.0.0.0", "a" }, { "::", "a" }, { "127.0.0.53", "l" }, { "::1", "l" }, { "224.0.0.1", "m" }, { "ff02::1", "m" },
		     { "169.254.1.1", "k" }, { "fe80::1", "k" }, { "febf::1", "k" }, { "fec0::1", "" }, { "10.0.0.1", "" } };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct ip a = ip(rows[i].text);

		assert_int_equal(ip_is_any(&a), rows[i].is[0] == 'a');
		assert_int_equal(ip_is_loopback(&a), rows[i].is[0] == 'l');
		assert_int_equal(ip_is_multicast(&a), rows[i].is[0] == 'm');
		assert_int_equal(ip_is_link_local(&a), rows[i].is[0] == 'k');
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
