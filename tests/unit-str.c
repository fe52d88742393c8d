/* The growing string, and the quoting functions against the programs they quote for. */
#include "tests/unit.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/proc.h"
#include "base/str.h"

static void
test_grows_to_its_ceiling(void **state)
{
	CLEAN_STR s = STR_INIT(10);

	(void)state;
	assert_string_equal(str_text(&s), "");
	str_add(&s, "12345");
	str_addc(&s, '6');
	assert_false(s.cut);
	str_addf(&s, "%d", 7890123);
	assert_string_equal(s.s, "1234567890");
	assert_true(s.cut);
	assert_int_equal(s.len, 10);
	str_drop(&s, 8);
	assert_string_equal(s.s, "90");
	str_drop(&s, 8);
	assert_string_equal(s.s, "");
	str_clear(&s);
	assert_false(s.cut);
}

static void
test_keeps_nul_bytes(void **state)
{
	CLEAN_STR s = STR_INIT(100);

	(void)state;
	str_addn(&s, "a\0b", 3);
	assert_int_equal(s.len, 3);
	assert_memory_equal(s.s, "a\0b", 4);
}

static void
test_steal(void **state)
{
	struct str s = STR_INIT(100);
	CLEANUP(freep) char *first = str_steal(&s), *second = NULL;

	(void)state;
	assert_string_equal(first, "");
	str_add(&s, "mine");
	second = str_steal(&s);
	assert_string_equal(second, "mine");
	assert_null(s.s);
	assert_int_equal(s.len, 0);
}

static void
test_wipe_leaves_nothing(void **state)
{
	struct str s = STR_INIT(100);

	(void)state;
	str_add(&s, "secret");
	str_wipe(&s);
	assert_null(s.s);
	assert_int_equal(s.len, 0);
}

/* What a real shell makes of many quoted words in one command. */
static void
check_shell(const char *const *words, size_t n)
{
	CLEAN_STR script = STR_INIT(1 << 20);
	CLEAN_STR got = STR_INIT(1 << 20);
	CLEAN_STR wanted = STR_INIT(1 << 20);

	str_add(&script, "printf '%s\\036'");
	for (size_t i = 0; i < n; i++) {
		str_addc(&script, ' ');
		str_quote_sh(&script, words[i]);
		str_add(&wanted, words[i]);
		str_addc(&wanted, '\036');
	}
	assert_false(script.cut);
	assert_int_equal(proc_run((const char *[]){ "sh", NULL }, str_text(&script), &got, 20000,
				  NULL), 0);
	assert_int_equal(got.len, wanted.len);
	assert_memory_equal(got.s, wanted.s, wanted.len);
}

static void
test_quote_sh(void **state)
{
	static const char *const words[] = {
		"", " ", "a", "a b", "'", "''", "'''", "\"", "\\", "\\'", "'\\''", "$HOME", "$(id)",
		"`id`", "a;b", "a&b", "a|b", "a>b", "*", "?", "[a]", "~", "#x", "!x", "-n", "-e",
		"--", "%s", "\\n", "a\nb", "\n", "a\tb", "\r", "\033[31m", "é", "日本",
		"\xff\xfe", "\xe2\x80\x99", "a=b", "{a,b}", "$'x'", "${x:-y}", "&&", "((", "<<E",
		"it's \"both\" $x `y` \\z", "\001", "\177", "C:\\Program Files\\x",
	};

	(void)state;
	check_shell(words, sizeof words / sizeof *words);
}

static void
test_quote_sh_random_bytes(void **state)
{
	enum { WORDS = 400, LONGEST = 60 };
	static char bytes[WORDS][LONGEST + 1];
	const char *words[WORDS];

	(void)state;
	for (size_t i = 0; i < WORDS; i++) {
		size_t n = unit_random() % LONGEST;

		for (size_t j = 0; j < n; j++)
			bytes[i][j] = (char)(unit_random() % 4 ? (int)(1 + unit_random() % 255)
						 : "'\"\\$`\n !"[unit_random() % 8]);
		words[i] = bytes[i];
	}
	check_shell(words, WORDS);
}

static void
test_quote_is_whole_or_absent(void **state)
{
	(void)state;
	for (size_t max = 0; max < 12; max++) {
		CLEAN_STR sh = STR_INIT(max);
		CLEAN_STR ps = STR_INIT(max);

		str_quote_sh(&sh, "a'b");
		str_quote_ps(&ps, "a'b");
		assert_string_equal(str_text(&sh), max < 8 ? "" : "'a'\\''b'");
		assert_string_equal(str_text(&ps), max < 6 ? "" : "'a''b'");
		assert_int_equal(sh.cut, max < 8);
		assert_int_equal(ps.cut, max < 6);
	}
}

/* Reads one single-quoted string as PowerShell's tokenizer does: any of five characters is
 * a quote, and two of them in a row are the second one. False when it is not just that. */
static bool
ps_unquote(struct str *out, const char *s)
{
	static const char *const quotes[] = { "'", "\u2018", "\u2019", "\u201a", "\u201b" };
	size_t open = 0;

	for (int pass = 0;; pass++) {
		size_t n = 0;

		for (size_t i = 0; i < 5 && !n; i++)
			n = str_starts(s, quotes[i]) ? strlen(quotes[i]) : 0;
		if (pass == 0 && !n)
			return false;
		if (pass > 0 && !n && !open) {
			if (!*s)
				return false;
			str_addc(out, *s++);
			continue;
		}
		if (pass == 0) {
			s += n;
		} else if (!open) {
			open = n;
			s += n;
		} else if (n) {
			str_addn(out, s, n);
			s += n;
			open = 0;
		} else {
			return *s == '\0';
		}
	}
}

static void
check_powershell(const char *text)
{
	CLEAN_STR quoted = STR_INIT(4096);
	CLEAN_STR back = STR_INIT(4096);

	str_quote_ps(&quoted, text);
	assert_true(ps_unquote(&back, str_text(&quoted)));
	assert_string_equal(str_text(&back), text);
}

static void
test_quote_ps(void **state)
{
	static const char *const words[] = {
		"", "a", "'", "''", "it's", "\u2018", "\u2019x", "x\u201a", "\u201b\u2018", "$x",
		"$(x)", "`n", "\"", "'\u2019'", "a\nb", "\u201c", "\u2017", "\u201d", "é",
		"\xe2\x80", "\xe2", "C:\\ClusterStorage\\Volume1", "#", "@'\nx\n'@",
	};

	(void)state;
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		check_powershell(words[i]);
}

static void
test_quote_ps_random_bytes(void **state)
{
	char text[64];

	(void)state;
	for (int i = 0; i < 2000; i++) {
		size_t n = unit_random() % 40, j = 0;

		while (j < n) {
			if (unit_random() % 3 == 0) {
				memcpy(text + j, "\xe2\x80", 2);
				text[j + 2] = (char)(0x96 + unit_random() % 8);
				j += 3;
			} else {
				int any = (int)(1 + unit_random() % 255);

				text[j++] = (char)(unit_random() % 3 ? any : '\'');
			}
		}
		text[j] = '\0';
		check_powershell(text);
	}
}

static void
test_base64(void **state)
{
	static const char *const pairs[][2] = {
		{ "", "" }, { "f", "Zg==" }, { "fo", "Zm8=" }, { "foo", "Zm9v" },
		{ "foob", "Zm9vYg==" }, { "fooba", "Zm9vYmE=" }, { "foobar", "Zm9vYmFy" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
		CLEAN_STR coded = STR_INIT(100);
		CLEAN_STR back = STR_INIT(100);

		str_base64(&coded, pairs[i][0], strlen(pairs[i][0]));
		assert_string_equal(str_text(&coded), pairs[i][1]);
		assert_int_equal(str_unbase64(&back, pairs[i][1], strlen(pairs[i][1])), 0);
		assert_string_equal(str_text(&back), pairs[i][0]);
	}
}

static void
test_base64_round_trip(void **state)
{
	unsigned char bytes[300];

	(void)state;
	for (size_t n = 0; n < sizeof bytes; n++) {
		CLEAN_STR coded = STR_INIT(1000);
		CLEAN_STR back = STR_INIT(1000);

		for (size_t i = 0; i < n; i++)
			bytes[i] = (unsigned char)unit_random();
		str_base64(&coded, bytes, n);
		assert_int_equal(str_unbase64(&back, str_text(&coded), coded.len), 0);
		assert_int_equal(back.len, n);
		if (n)
			assert_memory_equal(back.s, bytes, n);
	}
}

static void
test_base64_refuses(void **state)
{
	static const char *const bad[] = {
		"Z", "Zg", "Zg=", "Zg===", "=", "====", "Zg==Zg==", "Z!==", "Zm9v*", "Zh==", "Zm9=",
		"Zm9vZ", "Z=g=", "\xc3\xa9\xc3\xa9", "Zm-_",
	};
	CLEAN_STR out = STR_INIT(100);

	(void)state;
	str_add(&out, "kept");
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		assert_int_equal(str_unbase64(&out, bad[i], strlen(bad[i])), -EINVAL);
		assert_string_equal(out.s, "kept");
	}
	assert_int_equal(str_unbase64(&out, "Zm9v\0", 5), -EINVAL);
	assert_int_equal(str_unbase64(&out, " Z m\r\n9\tv\n", 10), 0);
	assert_string_equal(out.s, "keptfoo");
}

static void
test_hex_hash_random(void **state)
{
	CLEAN_STR hex = STR_INIT(100);
	char a[33], b[33];

	(void)state;
	str_hex(&hex, "\x00\x7f\xff", 3);
	assert_string_equal(hex.s, "007fff");
	/* the published FNV-1a vectors */
	assert_true(hash64("", 0) == 0xcbf29ce484222325u);
	assert_true(hash64("a", 1) == 0xaf63dc4c8601ec8cu);
	assert_true(hash64("foobar", 6) == 0x85944171f73967e8u);
	random_hex(a, 16);
	random_hex(b, 16);
	assert_int_equal(strlen(a), 32);
	assert_int_equal(strspn(a, "0123456789abcdef"), 32);
	assert_string_not_equal(a, b);
}

static void
test_put_cuts_between_characters(void **state)
{
	char small[6];

	(void)state;
	assert_true(str_put(small, sizeof small, "abcde"));
	assert_string_equal(small, "abcde");
	assert_false(str_put(small, sizeof small, "abcdef"));
	assert_string_equal(small, "abcde");
	assert_false(str_put(small, sizeof small, "abcdé"));
	assert_string_equal(small, "abcd");
	assert_false(str_put(small, sizeof small, "ab日本"));
	assert_string_equal(small, "ab日");
	assert_false(str_put(small, 1, "x"));
	assert_string_equal(small, "");
}

static void
test_numbers(void **state)
{
	static const char *const bad[] = {
		"", " 1", "1 ", "+1", "-1", "0x1", "1a", "18446744073709551616",
		"99999999999999999999999",
	};
	uint64_t v = 5;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_false(str_to_u64(bad[i], &v));
	assert_int_equal(v, 5);
	assert_true(str_to_u64("18446744073709551615", &v));
	assert_true(v == UINT64_MAX);
	assert_true(str_to_u64("007", &v));
	assert_int_equal(v, 7);
}

static void
test_prefix_suffix_distance(void **state)
{
	(void)state;
	assert_true(str_starts("abc", "ab"));
	assert_true(str_starts("abc", ""));
	assert_false(str_starts("a", "ab"));
	assert_true(str_ends("abc", "bc"));
	assert_false(str_ends("c", "bc"));
	assert_int_equal(str_distance("portal", "portal", 3), 0);
	assert_int_equal(str_distance("portl", "portal", 3), 1);
	assert_int_equal(str_distance("protal", "portal", 3), 1);
	assert_int_equal(str_distance("kitten", "sitting", 3), 3);
	assert_int_equal(str_distance("kitten", "sitting", 2), 3);
	assert_int_equal(str_distance("", "ab", 2), 2);
	assert_int_equal(str_distance("a", "abcdefgh", 2), 3);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_grows_to_its_ceiling),
		cmocka_unit_test(test_keeps_nul_bytes),
		cmocka_unit_test(test_steal),
		cmocka_unit_test(test_wipe_leaves_nothing),
		cmocka_unit_test(test_quote_sh),
		cmocka_unit_test(test_quote_sh_random_bytes),
		cmocka_unit_test(test_quote_is_whole_or_absent),
		cmocka_unit_test(test_quote_ps),
		cmocka_unit_test(test_quote_ps_random_bytes),
		cmocka_unit_test(test_base64),
		cmocka_unit_test(test_base64_round_trip),
		cmocka_unit_test(test_base64_refuses),
		cmocka_unit_test(test_hex_hash_random),
		cmocka_unit_test(test_put_cuts_between_characters),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_prefix_suffix_distance),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
