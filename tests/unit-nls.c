/* The .mo reader: look-ups, plurals, both byte orders, and files that end too early. */
#include "tests/unit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/nls.h"
#include "base/str.h"

/* Sorted by id, as msgfmt writes them; NUL stands between plural forms. */
static const struct {
	const char *id;
	size_t id_len;
	const char *text;
	size_t text_len;
} entries[] = {
	{ "", 0, "Language: fr\n", 13 },
	{ "%lu node\0%lu nodes", 18, "%lu n\xc5\x93ud\0%lu n\xc5\x93uds", 20 },
	{ "Quit", 4, "Quitter", 7 },
	{ "apple", 5, "pomme", 5 },
	{ "empty", 5, "", 0 },
	{ "zebra", 5, "z\xc3\xa8" "bre", 6 },
};

enum { ENTRIES = sizeof entries / sizeof *entries };

static void
add_u32(struct str *mo, size_t value, bool swap)
{
	uint32_t v = (uint32_t)value;

	v = swap ? __builtin_bswap32(v) : v;
	str_addn(mo, &v, sizeof v);
}

static void
mo_build(struct str *mo, bool swap)
{
	size_t at = 28 + 2 * 8 * ENTRIES;

	add_u32(mo, 0x950412de, swap);
	add_u32(mo, 0, swap);
	add_u32(mo, ENTRIES, swap);
	add_u32(mo, 28, swap);
	add_u32(mo, 28 + 8 * ENTRIES, swap);
	add_u32(mo, 0, swap);
	add_u32(mo, 0, swap);
	for (size_t i = 0; i < ENTRIES; at += entries[i++].id_len + 1) {
		add_u32(mo, entries[i].id_len, swap);
		add_u32(mo, at, swap);
	}
	for (size_t i = 0; i < ENTRIES; at += entries[i++].text_len + 1) {
		add_u32(mo, entries[i].text_len, swap);
		add_u32(mo, at, swap);
	}
	for (size_t i = 0; i < ENTRIES; i++)
		str_addn(mo, entries[i].id, entries[i].id_len + 1);
	for (size_t i = 0; i < ENTRIES; i++)
		str_addn(mo, entries[i].text, entries[i].text_len + 1);
}

static void
check_texts(void)
{
	assert_string_equal(nls_get("Quit"), "Quitter");
	assert_string_equal(nls_get("apple"), "pomme");
	assert_string_equal(nls_get("zebra"), "z\xc3\xa8" "bre");
	assert_string_equal(nls_get("empty"), "empty");
	assert_string_equal(nls_get("absent"), "absent");
	assert_string_equal(nls_get("\xff"), "\xff");
	assert_string_equal(nls_get(""), "");
	assert_string_equal(nls_get_plural("%lu node", "%lu nodes", 1), "%lu n\xc5\x93ud");
	assert_string_equal(nls_get_plural("%lu node", "%lu nodes", 2), "%lu n\xc5\x93uds");
	assert_string_equal(nls_get_plural("%lu x", "%lu xs", 0), "%lu xs");
	assert_string_equal(nls_get_plural("%lu x", "%lu xs", 1), "%lu x");
	assert_string_equal(nls_get_plural("apple", "apples", 5), "pomme");
}

static void
test_catalogue(void **state)
{
	(void)state;
	for (int swap = 0; swap < 2; swap++) {
		CLEAN_STR mo = STR_INIT(10000);

		mo_build(&mo, swap);
		assert_int_equal(nls_load(mo.s, mo.len), 0);
		check_texts();
	}
}

static void
test_not_a_catalogue(void **state)
{
	(void)state;
	assert_int_equal(nls_load("", 0), -EINVAL);
	assert_int_equal(nls_load("this is not a catalogue at all, is it", 37), -EINVAL);
	assert_string_equal(nls_get("Quit"), "Quit");
}

static void
ask_everything(void)
{
	for (size_t i = 0; i < ENTRIES; i++) {
		assert_non_null(nls_get(entries[i].id));
		for (unsigned long n = 0; n < 3; n++)
			assert_non_null(nls_get_plural(entries[i].id, "x", n));
	}
}

static void
test_truncated_anywhere(void **state)
{
	CLEAN_STR mo = STR_INIT(10000);

	(void)state;
	mo_build(&mo, false);
	for (size_t n = 0; n < mo.len; n++) {
		/* memory of exactly that size, for the sanitiser to watch its end */
		char *copy = xcalloc(n, 1);

		memcpy(copy, mo.s, n);
		(void)nls_load(copy, n);
		free(copy);
		ask_everything();
	}
}

static void
test_damaged_anywhere(void **state)
{
	CLEAN_STR mo = STR_INIT(10000);

	(void)state;
	mo_build(&mo, false);
	for (size_t i = 0; i < mo.len; i++) {
		for (int k = 0; k < 4; k++) {
			char was = mo.s[i];

			mo.s[i] = (char)(k ? unit_random() : 0xff);
			(void)nls_load(mo.s, mo.len);
			ask_everything();
			mo.s[i] = was;
		}
	}
	(void)nls_load("", 0);
}

static void
test_language_choice(void **state)
{
	(void)state;
	assert_int_equal(nls_init("en"), 0);
	assert_string_equal(nls_lang(), "en");
	assert_int_equal(nls_init("xx"), -EINVAL);
	assert_string_equal(nls_lang(), "en");
	setenv("LC_ALL", "de_DE.UTF-8", 1);
	assert_int_equal(nls_init(NULL), 0);
	assert_string_equal(nls_lang(), "en");
	setenv("LC_ALL", "C", 1);
	setenv("LANGUAGE", "fr", 1);
	assert_int_equal(nls_init(NULL), 0);
	assert_string_equal(nls_lang(), "en");
	unsetenv("LANGUAGE");
	assert_string_equal(nls_get("Quit"), "Quit");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_catalogue),
		cmocka_unit_test(test_not_a_catalogue),
		cmocka_unit_test(test_truncated_anywhere),
		cmocka_unit_test(test_damaged_anywhere),
		cmocka_unit_test(test_language_choice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
