/* The strict ini reader: every trap of inih, every mistake with its line, and fuzz. */
#include "tests/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "backends/ini.h"
#include "base/paths.h"
#include "base/str.h"

/* What the reader said, as text: "LINE[kind|name]", "LINE-LAST key=value", "LINE! mistake". */
static struct str said;

static bool
on_section(void *ctx, const char *section, const char *name, int line)
{
	(void)ctx;
	str_addf(&said, "%d[%s|%s]\n", line, section, name);
	return strcmp(section, "unwanted") != 0;
}

static void
on_key(void *ctx, const struct ini_entry *e)
{
	(void)ctx;
	str_addf(&said, "%d-%d %s=", e->line, e->last, e->key);
	for (const char *s = e->value; *s; s++)
		str_add(&said, *s == '\n' ? "\\n" : *s == '\t' ? "\\t" : (char[]){ *s, '\0' });
	str_addc(&said, '\n');
}

static void
on_note(void *ctx, int line, const struct err *err)
{
	(void)ctx;
	assert_int_not_equal(err->code, 0);
	assert_true(err->what[0]);
	str_addf(&said, "%d! %s\n", line, err->what);
}

static const struct ini_sink sink = { on_section, on_key };

static void
check_bytes(const char *text, size_t n, const char *wanted)
{
	str_done(&said);
	said = STR_INIT(1 << 22);
	ini_scan(text, n, &sink, on_note, NULL);
	assert_string_equal(str_text(&said), wanted);
}

static void
check(const char *text, const char *wanted)
{
	check_bytes(text, strlen(text), wanted);
}

static void
test_plain(void **state)
{
	(void)state;
	check("", "");
	check("# only\n; comments\n\n   \n", "");
	check("[a]\nk=v\n[b c]\nk = v w\n", "1[a|]\n2-2 k=v\n3[b|c]\n4-4 k=v w\n");
	check("[a]\r\nk=v\r\n", "1[a|]\n2-2 k=v\n");
	check("\xef\xbb\xbf[a]\nk=v", "1[a|]\n2-2 k=v\n");
	check("[ a  b c ]  \n", "1[a|b c]\n");
	check("[a]\nk=\nl =   \n", "1[a|]\n2-2 k=\n3-3 l=\n");
	check("[a]\n\tk\n", "1[a|]\n2! this indented line continues nothing\n");
	check("[a]\nk\t=\tv\tw\t\n", "1[a|]\n2-2 k=v\\tw\n");
}

static void
test_comments_begin_lines_only(void **state)
{
	(void)state;
	check("[a]\nk=p ;ss\n", "1[a|]\n2-2 k=p ;ss\n");
	check("[a]\nk=p ; s # t\n", "1[a|]\n2-2 k=p ; s # t\n");
	check("[a]\nk=;\n", "1[a|]\n2-2 k=;\n");
	check("[a]\nk ;x=v\n", "1[a|]\n2-2 k ;x=v\n");
	check("[a]\nk=x\n ; y\n # z\n", "1[a|]\n2-4 k=x\\n; y\\n# z\n");
	check("[a ;b]\n", "1[a|;b]\n");
	check("[a] ; b\nk=v\n[c]\n", "1! text stands after the section's ']'\n3[c|]\n");
}

static void
test_separators(void **state)
{
	(void)state;
	check("[a]\nk: v\n", "1[a|]\n2! this line is neither a section, a setting nor a comment\n");
	check("[a]\nk:x = v: w = y\n", "1[a|]\n2-2 k:x=v: w = y\n");
	check("[a]\nnic.Ethernet 2 = e\n", "1[a|]\n2-2 nic.Ethernet 2=e\n");
	check("[a]\nnothing\n",
	      "1[a|]\n2! this line is neither a section, a setting nor a comment\n");
	check("[a]\n= v\n", "1[a|]\n2! there is no key before the '='\n");
	check("[a]\n=\n", "1[a|]\n2! there is no key before the '='\n");
}

static void
test_headers(void **state)
{
	(void)state;
	check("[lun it's \"my\" [disk]]\n", "1[lun|it's \"my\" [disk]]\n");
	check("[a]b]\n", "1[a]b|]\n");
	check("[a\nk=v\n", "1! the section's header has no ']'\n");
	check("[]\nk=v\n", "1! the section has no name\n");
	check("[ ]\nk=v\n", "1! the section has no name\n");
	check("[a] b ]\n", "1[a]|b]\n");
	check("[a]\nx=1\n[b\ny=2\n[c]\nz=3\n",
	      "1[a|]\n2-2 x=1\n3! the section's header has no ']'\n5[c|]\n6-6 z=3\n");
	check("[unwanted x]\ny=2\n[c]\nz=3\n", "1[unwanted|x]\n3[c|]\n4-4 z=3\n");
	check("k=v\n", "1! 'k' stands before any section\n");
	check("[0123456789012345678901234567890123456789012345678]\n",
	      "1! the section's first word is too long\n");
	/* 49 bytes were the end for inih. */
	check("[node 01234567890123456789012345678901234567890123456789012345678901234567890]\n",
	      "1[node|01234567890123456789012345678901234567890123456789012345678901234567890]\n");
}

static void
test_continuation(void **state)
{
	(void)state;
	check("[a]\nk=x\n  y\n\tz  \nl=1\n", "1[a|]\n2-4 k=x\\ny\\nz\n5-5 l=1\n");
	check("[a]\nk=\n  y\n  z\n", "1[a|]\n2-4 k=y\\nz\n");
	check("[a]\nk=x\n\n  y\n", "1[a|]\n2-2 k=x\n4! this indented line continues nothing\n");
	check("[a]\nk=x\n# c\n  y\n", "1[a|]\n2-2 k=x\n4! this indented line continues nothing\n");
	check("[a]\n  k=x\n", "1[a|]\n2! this indented line continues nothing\n");
	check("  [a]\n", "1! this indented line continues nothing\n");
	check("[a]\nk=x\n y=z\n [b]\n", "1[a|]\n2-4 k=x\\ny=z\\n[b]\n");
}

static void
test_repeated(void **state)
{
	(void)state;
	check("[a]\nk=1\nk=2\nK=3\n", "1[a|]\n2-2 k=1\n3! 'k' stands in line 2 already\n4-4 K=3\n");
	check("[a]\nk=1\n[a]\nk=2\n[a b]\nk=3\n",
	      "1[a|]\n2-2 k=1\n3! section [a] stands in line 1 already\n5[a|b]\n6-6 k=3\n");
	check("[a b]\n[a  b]\n[a b c]\n",
	      "1[a|b]\n2! section [a b] stands in line 1 already\n3[a|b c]\n");
	check("[a]\nk=1\n[b]\n[a]\nk=1\nk=1\n",
	      "1[a|]\n2-2 k=1\n3[b|]\n4! section [a] stands in line 1 already\n");
}

static void
test_bytes(void **state)
{
	(void)state;
	check("[a]\nk=\xc3\xa9\n", "1[a|]\n2-2 k=\xc3\xa9\n");
	check("[a]\nk=\xc3\nl=1\n", "1[a|]\n2! this line is not UTF-8\n3-3 l=1\n");
	check("[a]\nk=\xed\xa0\x80\n", "1[a|]\n2! this line is not UTF-8\n");
	check("[a]\nk=\xc0\xaf\n", "1[a|]\n2! this line is not UTF-8\n");
	check_bytes("[a]\nk=1\0 2\nl=3\n", 15,
		    "1[a|]\n2! a control character (00) stands in this line\n3-3 l=3\n");
	check("[a]\nk=\033[2J\n", "1[a|]\n2! a control character (1B) stands in this line\n");
	check("[a]\nk=a\rb\n", "1[a|]\n2! a control character (0D) stands in this line\n");
	check("[a]\nk=\xc2\x9b" "1m\n", "1[a|]\n2! a control character (9B) stands in this line\n");
	check("[a]\nk=\x7f\n", "1[a|]\n2! a control character (7F) stands in this line\n");
	check("[a]\nk=\x05\n", "1[a|]\n2! a control character (05) stands in this line\n");
	check("[a]\nx=1\n[b\x01]\ny=2\n",
	      "1[a|]\n2-2 x=1\n3! a control character (01) stands in this line\n");
	check("[a]\nk=1\nc=\x01\n  more\n",
	      "1[a|]\n2-2 k=1\n3! a control character (01) stands in this line\n"
	      "4! this indented line continues nothing\n");
}

/* 190 bytes and " rm=1" behind them made inih see a second key. */
static void
test_long_lines(void **state)
{
	(void)state;
	for (size_t n = 90; n <= INI_VALUE_MAX; n += n < 420 ? 1 : 97) {
		CLEAN_STR text = STR_INIT(8192);
		CLEAN_STR wanted = STR_INIT(8192);

		str_add(&text, "[a]\npath = ");
		str_add(&wanted, "1[a|]\n2-2 path=");
		for (size_t i = 0; i < n; i++) {
			char c = i > 50 && i % 7 == 3 ? ' '
				 : i % 13 == 5	      ? ';'
				 : i % 11	      ? 'y'
						      : '=';

			if (i == n - 1)
				c = 'z';
			str_addc(&text, c);
			str_addc(&wanted, c);
		}
		str_addc(&wanted, '\n');
		check(str_text(&text), str_text(&wanted));
	}
}

static void
test_limits(void **state)
{
	CLEAN_STR text = STR_INIT(1 << 22);

	(void)state;
	str_add(&text, "[a]\nk = ");
	for (int i = 0; i <= INI_VALUE_MAX; i++)
		str_addc(&text, 'x');
	str_add(&text, "\nl=1\n");
	check(str_text(&text), "1[a|]\n2! the value is longer than 4096 bytes\n3-3 l=1\n");

	str_clear(&text);
	str_add(&text, "[a]\nk = x\n");
	for (int i = 0; i < 600; i++)
		str_add(&text, " 0123456\n");
	check(str_text(&text), "1[a|]\n2! the value is longer than 4096 bytes\n");

	check("[a]\n012345678901234567890123456789012345678901234567=1\n"
	      "0123456789012345678901234567890123456789012345678=1\n",
	      "1[a|]\n2-2 012345678901234567890123456789012345678901234567=1\n"
	      "3! the key is 49 bytes long, the limit is 48\n");
}

/* The tail of what was said: limits are told once. */
static void
check_tail(const struct str *text, const char *wanted)
{
	str_done(&said);
	said = STR_INIT(1 << 22);
	ini_scan(text->s, text->len, &sink, on_note, NULL);
	assert_true(str_ends(str_text(&said), wanted));
}

static void
test_counts(void **state)
{
	CLEAN_STR text = STR_INIT(1 << 22);

	(void)state;
	str_add(&text, "[a]\n");
	for (int i = 0; i < 600; i++)
		str_addf(&text, "k%d=\n", i);
	check_tail(&text, "513-513 k511=\n514! more than 512 keys in one section\n");

	str_clear(&text);
	for (int i = 0; i < 1100; i++)
		str_addf(&text, "[a %d]\n", i);
	check_tail(&text, "1024[a|1023]\n1025! more than 1024 sections in one file\n");

	str_clear(&text);
	for (int i = 0; i <= INI_FILE_MAX; i++)
		str_addc(&text, '\n');
	check_bytes(text.s, text.len, "0! the text is larger than 1048576 bytes\n");
	check_bytes(text.s, text.len - 1, "");
}

static void
check_path(const char *path, const char *wanted)
{
	str_done(&said);
	said = STR_INIT(1 << 20);
	assert_int_equal(ini_read(path, &sink, on_note, NULL), 1);
	assert_non_null(strstr(str_text(&said), "0! "));
	assert_non_null(strstr(str_text(&said), wanted));
}

static void
test_files(void **state)
{
	char dir[] = "/tmp/unit-ini-XXXXXX";
	CLEANUP(freep) char *path = NULL;
	CLEAN_STR big = STR_INIT(2 << 20);

	(void)state;
	assert_non_null(mkdtemp(dir));
	path = xasprintf("%s/file.ini", dir);
	check_path(path, path);
	check_path(dir, dir);
	check_path("/dev/null", "/dev/null");
	for (int i = 0; i <= INI_FILE_MAX; i++)
		str_addc(&big, '\n');
	assert_int_equal(file_write(path, big.s, big.len, 0600, NULL), 0);
	check_path(path, path);
	assert_int_equal(file_write(path, "[a]\nk=v\n", 8, 0600, NULL), 0);
	str_clear(&said);
	assert_int_equal(ini_read(path, &sink, on_note, NULL), 0);
	assert_string_equal(str_text(&said), "1[a|]\n2-2 k=v\n");
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(dir), 0);
}

static void
test_suggest(void **state)
{
	static const char *const words[] = { "size", "target", "serial", "use", "ssh.port", NULL };

	(void)state;
	assert_string_equal(ini_suggest("szie", words), "size");
	assert_string_equal(ini_suggest("taget", words), "target");
	assert_string_equal(ini_suggest("ssh-port", words), "ssh.port");
	assert_null(ini_suggest("colour", words));
	assert_null(ini_suggest("", words));
}

/* ---- what goes in must come out, whatever it is ---------------------------------------- */

static void
random_value(struct str *out, size_t n)
{
	static const char bytes[] = "ab=:;#[] \"'\\,.-%";

	for (size_t i = 0; i < n; i++)
		if (unit_random() % 30 == 0)
			str_add(out, "\xc3\xa0"); /* its second byte is a blank in Latin-1 */
		else
			str_addc(out, bytes[unit_random() % (sizeof bytes - 1)]);
	while (out->len && out->s[out->len - 1] == ' ')
		out->s[--out->len] = '\0';
}

static void
test_values_survive(void **state)
{
	(void)state;
	for (int round = 0; round < 20000; round++) {
		CLEAN_STR value = STR_INIT(8192);
		CLEAN_STR text = STR_INIT(8192);
		CLEAN_STR wanted = STR_INIT(8192);

		random_value(&value, unit_random() % 300);
		str_addf(&text, "[s]\nkey=%s\nlast=1\n", str_text(&value));
		str_addf(&wanted, "1[s|]\n2-2 key=%s\n3-3 last=1\n",
			 str_text(&value) + strspn(str_text(&value), " "));
		check(str_text(&text), str_text(&wanted));
	}
}

/* Nothing is promised of such text but that nothing breaks and lines are right. */
static void
check_lines(const char *text, size_t n)
{
	int lines = 1;

	for (size_t i = 0; i < n; i++)
		lines += text[i] == '\n';
	str_clear(&said);
	ini_scan(text, n, &sink, on_note, NULL);
	for (const char *s = str_text(&said); *s; s += strcspn(s, "\n") + 1)
		assert_in_range(strtol(s, NULL, 10), 1, lines);
}

static void
test_fuzz(void **state)
{
	static const char seed[] =
		"# c\n[cluster]\nname = x ;y\n  more\n\n[node hv-1]\r\nnic.a b = e 1/2\nk:v\n[x\n";
	static const char *const pieces[] = {
		"\n", "[", "]", "=", " ", "\t", ";", "#", ":", "\r\n", "\xc3\xa9", "\xef\xbb\xbf",
		"[a]\n", "k=v\n", " x\n", "=\n", "[a b]\n", "\x02", "\x05", "\x0e",
	};
	clock_t end = clock() + 10 * CLOCKS_PER_SEC;
	long rounds = 0;

	(void)state;
	said.max = 1 << 16;
	for (; rounds < 200000 && (rounds % 1024 || clock() < end); rounds++) {
		char text[512];
		size_t n = sizeof seed - 1;

		memcpy(text, seed, n);
		for (unsigned k = unit_random() % 8; k; k--) {
			const char *piece = pieces[unit_random() % 20];
			size_t len = strlen(piece), at = unit_random() % (n + 1);

			if (unit_random() % 3 == 0 && n) {
				text[unit_random() % n] = (char)unit_random();
			} else if (unit_random() % 3 == 0 && at < n) {
				size_t cut = unit_random() % (n - at);

				memmove(text + at, text + at + cut, n - at - cut);
				n -= cut;
			} else if (n + len < sizeof text) {
				memmove(text + at + len, text + at, n - at);
				memcpy(text + at, piece, len);
				n += len;
			}
		}
		check_lines(text, n);
	}
	print_message("# %ld inputs\n", rounds);
}

static int
forget(void **state)
{
	(void)state;
	str_done(&said);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain),
		cmocka_unit_test(test_comments_begin_lines_only),
		cmocka_unit_test(test_separators),
		cmocka_unit_test(test_headers),
		cmocka_unit_test(test_continuation),
		cmocka_unit_test(test_repeated),
		cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_long_lines),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_counts),
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_suggest),
		cmocka_unit_test(test_values_survive),
		cmocka_unit_test(test_fuzz),
	};

	return cmocka_run_group_tests(tests, NULL, forget);
}
