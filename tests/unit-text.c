/* The sanitiser on a generated corpus, and measuring, clipping and wrapping. */
#include "tests/unit.h"

#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

static void
check_clean(const char *in, size_t n, const char *wanted)
{
	CLEAN_STR out = STR_INIT(4096);

	text_clean(&out, in, n, false);
	assert_string_equal(str_text(&out), wanted);
}

static void
test_decode(void **state)
{
	static const char *const bad[] = {
		"\x80", "\xc0\x80", "\xc1\xbf", "\xe0\x80\x80", "\xe0\x9f\xbf", "\xed\xa0\x80",
		"\xed\xbf\xbf", "\xf0\x80\x80\x80", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff",
		"\xc3", "\xe2\x82", "\xf0\x9f\x98", "\xc3(", "\xe2\x28\xa1",
	};
	unsigned c;

	(void)state;
	assert_int_equal(text_decode("A", 1, &c), 1);
	assert_int_equal(c, 'A');
	assert_int_equal(text_decode("é", 2, &c), 2);
	assert_int_equal(c, 0xe9);
	assert_int_equal(text_decode("\xf4\x8f\xbf\xbf", 4, &c), 4);
	assert_int_equal(c, 0x10ffff);
	assert_int_equal(text_decode("", 0, &c), 0);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_int_equal(text_decode(bad[i], strlen(bad[i]), &c), 0);
}

static void
test_clean(void **state)
{
	static const char *const pairs[][2] = {
		{ "plain ~!", "plain ~!" },
		{ "été 日本", "été 日本" },
		{ "\033[2J", "^[[2J" },
		{ "secret\rOVER", "secret^MOVER" },
		{ "windows\r", "windows" },
		{ "a\bb\177", "a^Hb^?" },
		{ "a\nb", "a^Jb" },
		{ "\xc2\x9b" "31m", "<9B>31m" },
		{ "a\u202ecba", "a<U+202E>cba" },
		{ "a\u200bb\ufeffc", "a<U+200B>b<U+FEFF>c" },
		{ "\U000e0041", "<U+E0041>" },
		{ "\ue000\U0010fffd", "<U+E000><U+10FFFD>" },
		{ "\ufff9x\ufffb", "<U+FFF9>x<U+FFFB>" },
		{ "\u2028\u2066", "<U+2028><U+2066>" },
		{ "bad\xff\xc3", "bad\ufffd\ufffd" },
		{ "e\u0301", "e\u0301" },
		{ "e\u0301\u0302\u0303\u0304x", "e\u0301\u0302x" },
		{ "\u0301x", "<U+0301>x" },
		{ "a\tb", "a       b" },
		{ "1234567\tb", "1234567 b" },
		{ "12345678\tb", "12345678        b" },
		{ "日本\tb", "日本    b" },
		{ "x\ufe0fy", "x<U+FE0F>y" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
		check_clean(pairs[i][0], strlen(pairs[i][0]), pairs[i][1]);
	check_clean("a\0b", 3, "a^@b");
}

static void
test_clean_keeps_newlines_when_told(void **state)
{
	CLEAN_STR out = STR_INIT(100);

	(void)state;
	text_clean(&out, "a\r\nb\tc\n\u0301", 9, true);
	assert_string_equal(out.s, "a\nb       c\n<U+0301>");
}

/* What must never come out, said once more and in another way than text.c says it. */
static bool
is_forbidden(unsigned c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0xad || c == 0x61c || c == 0x200b ||
	       c == 0x200c || c == 0x200d || c == 0x200e || c == 0x200f ||
	       (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) || c == 0xfeff ||
	       (c >= 0xe000 && c <= 0xf8ff) || (c >= 0xfff9 && c <= 0xfffb) ||
	       (c >= 0xfe00 && c <= 0xfe0f) || (c >= 0xe0000 && c <= 0xe0fff) ||
	       (c >= 0xf0000 && c <= 0x10ffff) || (c & 0xfffe) == 0xfffe;
}

static void
check_harmless(const char *in, size_t n)
{
	CLEAN_STR out = STR_INIT(1 << 16);
	CLEAN_STR again = STR_INIT(1 << 16);
	unsigned c;

	text_clean(&out, in, n, false);
	assert_false(out.cut);
	for (size_t i = 0, len; i < out.len; i += len) {
		len = text_decode(out.s + i, out.len - i, &c);
		assert_true(len > 0);
		assert_false(is_forbidden(c));
	}
	text_clean(&again, str_text(&out), out.len, false);
	assert_string_equal(str_text(&again), str_text(&out));
}

static size_t
encode(char *out, unsigned c)
{
	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		out[0] = (char)(0xc0 | c >> 6);
		out[1] = (char)(0x80 | (c & 63));
		return 2;
	}
	if (c < 0x10000) {
		out[0] = (char)(0xe0 | c >> 12);
		out[1] = (char)(0x80 | (c >> 6 & 63));
		out[2] = (char)(0x80 | (c & 63));
		return 3;
	}
	out[0] = (char)(0xf0 | c >> 18);
	out[1] = (char)(0x80 | (c >> 12 & 63));
	out[2] = (char)(0x80 | (c >> 6 & 63));
	out[3] = (char)(0x80 | (c & 63));
	return 4;
}

static void
test_clean_every_character(void **state)
{
	char in[8] = "a";

	(void)state;
	for (unsigned c = 0; c <= 0x10ffff; c++) {
		size_t n = encode(in + 1, c);

		in[1 + n] = 'b';
		check_harmless(in, n + 2);
	}
}

/* 2,000 strings: bytes, code points, and both mixed with escape sequences. */
static void
test_clean_random_strings(void **state)
{
	static const unsigned nasty[] = { 0x1b, 0x9b, 0x202e, 0x200d, 0xfeff, 0x301, 0xe0041,
					  0xe123, 0xfff9, 0xd800, 0x0d, 0x08, 0x7f, 0x85 };
	char in[400];

	(void)state;
	for (int i = 0; i < 2000; i++) {
		size_t n = 0, want = unit_random() % 380;

		while (n < want) {
			switch (unit_random() % 3) {
			case 0:
				in[n++] = (char)unit_random();
				break;
			case 1:
				n += encode(in + n, unit_random() % 0x110000);
				break;
			default:
				n += encode(in + n, nasty[unit_random() % 14]);
			}
		}
		check_harmless(in, n);
	}
}

static void
test_clean_respects_the_ceiling(void **state)
{
	CLEAN_STR out = STR_INIT(10);

	(void)state;
	text_clean(&out, "\033\033\033\033\033\033\033", 7, false);
	assert_int_equal(out.len, 10);
	assert_true(out.cut);
}

static void
test_width_clip_pad(void **state)
{
	CLEAN_STR out = STR_INIT(100);

	(void)state;
	assert_int_equal(text_width("abc"), 3);
	assert_int_equal(text_width("été"), 3);
	assert_int_equal(text_width("日本"), 4);
	assert_int_equal(text_width("e\u0301x"), 2);
	assert_int_equal(text_clip(&out, "日本", 3), 2);
	assert_string_equal(out.s, "日");
	str_clear(&out);
	text_pad(&out, "日本", 3);
	assert_string_equal(out.s, "日 ");
	str_clear(&out);
	text_pad(&out, "ab", 5);
	assert_string_equal(out.s, "ab   ");
	str_clear(&out);
	assert_int_equal(text_clip(&out, "ae\u0301b", 2), 2);
	assert_string_equal(out.s, "ae\u0301");
	str_clear(&out);
	assert_int_equal(text_clip(&out, "ab", 0), 0);
	assert_string_equal(str_text(&out), "");
}

static void
test_clip_middle(void **state)
{
	CLEAN_STR out = STR_INIT(1000);

	(void)state;
	text_clip_middle(&out, "hv-01.example.org", 9);
	assert_string_equal(out.s, "hv-0….org");
	for (int columns = 0; columns < 30; columns++) {
		str_clear(&out);
		text_clip_middle(&out, "日本語のノード名e\u0301x-01", columns);
		assert_true(text_width(str_text(&out)) <= columns);
	}
	str_clear(&out);
	text_clip_middle(&out, "short", 5);
	assert_string_equal(out.s, "short");
}

static void
join(void *ctx, const char *line)
{
	str_addf(ctx, "%s|", line);
}

static void
check_wrap(const char *text, int columns, const char *wanted)
{
	CLEAN_STR out = STR_INIT(4096);

	text_wrap(text, columns, join, &out);
	assert_string_equal(str_text(&out), wanted);
}

static void
test_wrap(void **state)
{
	(void)state;
	check_wrap("", 10, "");
	check_wrap("one two three", 7, "one two|three|");
	check_wrap("one\ntwo", 10, "one two|");
	check_wrap("one\n\ntwo\n", 10, "one||two|");
	check_wrap("one\n\n\n\ntwo", 10, "one||two|");
	check_wrap("abcdefghij", 4, "abcd|efgh|ij|");
	check_wrap("a abcdefghij b", 4, "a|abcd|efgh|ij b|");
	check_wrap("日本語", 3, "日|本|語|");
	check_wrap("a\n  cmd x\n- item\n- item two", 12, "a|  cmd x|- item|- item two|");
	check_wrap("x", 0, "x|");
	check_wrap("日", 1, "日|");
}

static void
test_wrap_always_ends(void **state)
{
	char text[200];

	(void)state;
	for (int i = 0; i < 500; i++) {
		CLEAN_STR out = STR_INIT(1 << 16);
		size_t n = unit_random() % (sizeof text - 1);

		for (size_t j = 0; j < n; j++)
			text[j] = (char)(unit_random() % 2 ? " \n-ab"[unit_random() % 5]
							   : (int)(1 + unit_random() % 255));
		text[n] = '\0';
		text_wrap(text, (int)(unit_random() % 12), join, &out);
	}
}

static void
test_steps(void **state)
{
	const char *s = "ae\xcc\x81\xcc\xa3\xe6\xbc\xa2z";
	int columns;

	(void)state;
	assert_int_equal(text_step(s, &columns), 1);
	assert_int_equal(text_step(s + 1, &columns), 5);
	assert_int_equal(columns, 1);
	assert_int_equal(text_step(s + 6, &columns), 3);
	assert_int_equal(columns, 2);
	assert_int_equal(text_step("", &columns), 0);
	assert_int_equal(columns, 0);
	assert_int_equal(text_back(s, 10), 9);
	assert_int_equal(text_back(s, 9), 6);
	assert_int_equal(text_back(s, 6), 1);
	assert_int_equal(text_back(s, 1), 0);
	assert_int_equal(text_back(s, 0), 0);
	assert_int_equal(text_columns('a'), 1);
	assert_int_equal(text_columns(0x301), 0);
	assert_int_equal(text_columns(0x6f22), 2);
	assert_int_equal(text_columns('\t'), -1);
	assert_int_equal(text_columns(0x9b), -1);
	assert_int_equal(text_columns(0x202e), -1);
}

static void
check_find(const char *s, const char *what, int at, size_t bytes)
{
	size_t n = 99;
	const char *found = text_find(s, what, &n);

	assert_int_equal(found ? found - s : -1, at);
	assert_int_equal(n, bytes);
}

static void
test_find(void **state)
{
	(void)state;
	check_find("HV-1 is up", "hv-1", 0, 4);
	check_find("aab", "ab", 1, 2);
	check_find("D\xc3\x89J\xc3\x80", "j\xc3\xa0", 3, 3);
	check_find("abc", "abcd", -1, 0);
	check_find("abc", "", -1, 0);
	check_find("", "a", -1, 0);
	check_find("a\xff" "b", "b", 2, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_decode),
		cmocka_unit_test(test_clean),
		cmocka_unit_test(test_clean_keeps_newlines_when_told),
		cmocka_unit_test(test_clean_every_character),
		cmocka_unit_test(test_clean_random_strings),
		cmocka_unit_test(test_clean_respects_the_ceiling),
		cmocka_unit_test(test_width_clip_pad),
		cmocka_unit_test(test_clip_middle),
		cmocka_unit_test(test_wrap),
		cmocka_unit_test(test_wrap_always_ends),
		cmocka_unit_test(test_steps),
		cmocka_unit_test(test_find),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
