/* The one-line editor: characters with marks, wide ones, scrolling, pasting, secrets, and any keys
 * at all against a model of it. */
#include "tests/widget.h"

#include "tui/editor.h"

static struct editor e;

static int
setup(void **state)
{
	(void)state;
	editor_init(&e, 64, false);
	screen_open(3, 20, false);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	editor_done(&e);
	screen_close();
	return 0;
}

static bool
press(const char *name)
{
	struct key k = screen_key(name, true);

	return editor_key(&e, &k);
}

static void
type(const char *text)
{
	unsigned c;

	for (size_t n; *text; text += n) {
		n = text_decode(text, strlen(text), &c);
		struct key k = key_make(c, true, false);

		editor_key(&e, &k);
	}
}

/* In an area of that width at column 1 of row 1. */
static void
paint(int w)
{
	struct area a = { 1, 1, 1, w };

	paint_begin();
	editor_paint(&e, &a, ROLE_FIELD, true);
	paint_end();
}

static void
check(const char *text, size_t at)
{
	assert_string_equal(editor_text(&e), text);
	assert_int_equal(e.at, at);
}

static void
test_typing(void **state)
{
	(void)state;
	type("hv-1");
	check("hv-1", 4);
	press("Left");
	press("Left");
	type("x");
	check("hvx-1", 3);
	press("Backspace");
	press("Del");
	check("hv1", 2);
	press("Home");
	press("Del");
	check("v1", 0);
	press("^E");
	check("v1", 2);
	press("^A");
	assert_true(press("Backspace"));
	check("v1", 0);
	type("a b  c ");
	press("^W");
	check("a b  v1", 5);
	press("^W");
	check("a v1", 2);
	press("^K");
	check("a ", 2);
	press("^U");
	check("", 0);
	assert_false(press("Enter"));
	assert_false(press("Esc"));
	assert_false(press("Tab"));
	assert_false(press("Up"));
	assert_false(press("F12"));
}

static void
test_marks_and_wide_characters(void **state)
{
	(void)state;
	type("ae\xcc\x81\xcc\xa3\xe6\xbc\xa2z");
	check("ae\xcc\x81\xcc\xa3\xe6\xbc\xa2z", 10);
	paint(12);
	screen_cursor_is(1, 6);
	press("Left");
	paint(12);
	screen_cursor_is(1, 5);
	press("Left");
	paint(12);
	screen_cursor_is(1, 3);
	press("Left");
	check("ae\xcc\x81\xcc\xa3\xe6\xbc\xa2z", 1);
	press("Del");
	check("a\xe6\xbc\xa2z", 1);
	/* a third mark, and one without a character before it */
	type("\xcc\x81\xcc\x81\xcc\x81");
	assert_true(e.refused);
	check("a\xcc\x81\xcc\x81\xe6\xbc\xa2z", 5);
	press("Home");
	type("\xcc\x81");
	assert_true(e.refused);
	check("a\xcc\x81\xcc\x81\xe6\xbc\xa2z", 0);
}

static void
test_scrolling(void **state)
{
	(void)state;
	type("0123456789abcdef");
	paint(10);
	screen_has_row(1, " <9abcdef");
	screen_cursor_is(1, 9);
	press("Home");
	paint(10);
	screen_has_row(1, "  01234567>");
	screen_cursor_is(1, 2);
	for (int i = 0; i < 8; i++)
		press("Right");
	paint(10);
	screen_has_row(1, " <12345678>");
	screen_cursor_is(1, 9);
	/* fits: no columns at the sides, and nothing stays scrolled */
	press("End");
	for (int i = 0; i < 7; i++)
		press("Backspace");
	paint(10);
	screen_has_row(1, " 012345678");
	screen_cursor_is(1, 10);
	paint(1);
	screen_cursor_is(1, 1);
	paint(0);
}

static bool
is_vowel(void *ctx, unsigned c)
{
	return strchr(ctx, (int)c) != NULL;
}

static void
test_ceiling_and_hook(void **state)
{
	char long_text[200];

	(void)state;
	memset(long_text, 'x', sizeof long_text);
	assert_false(editor_paste(&e, long_text, sizeof long_text));
	assert_int_equal(e.text.len, 64);
	type("y");
	assert_true(e.refused);
	assert_int_equal(e.text.len, 64);
	press("Backspace");
	type("\xc3\xa9"); /* two bytes do not fit in one */
	assert_int_equal(e.text.len, 63);
	assert_true(e.refused);
	editor_set(&e, "");
	e.accept = is_vowel;
	e.ctx = (char[]){ "aeiou" };
	type("banana");
	check("aaa", 3);
	assert_false(editor_paste(&e, "oxo", 3));
	check("aaaoo", 5);
}

static void
test_pasting(void **state)
{
	static const char hostile[] = "a\033[2Jb\xe2\x80\xae" "c\x9b\xff\x7f\r\nd\te\r\n";
	struct key k;

	(void)state;
	assert_false(editor_paste(&e, hostile, sizeof hostile - 1));
	check("a[2Jbc d e", 10);
	editor_set(&e, "");
	assert_true(editor_paste(&e, "10.0.0.1\n", 9));
	check("10.0.0.1", 8);
	/* the same as keys: a line end acts as nothing, and is a blank when more follows */
	editor_set(&e, "");
	k = key_make('a', true, true);
	editor_key(&e, &k);
	k = key_make(KEYC_ENTER, true, true);
	assert_true(editor_key(&e, &k));
	check("a", 1);
	k = key_make('b', true, true);
	editor_key(&e, &k);
	check("a b", 3);
	k = key_make(KEYC_ENTER, true, true);
	editor_key(&e, &k);
	type("c");
	check("a bc", 4);
	k = key_make(KEYC_ESC, true, true);
	assert_true(editor_key(&e, &k));
	check("a bc", 4);
}

/* Whether these bytes stand in the piece of memory. */
static bool
holds(const char *memory, size_t n, const char *what)
{
	return memmem(memory, n, what, strlen(what)) != NULL;
}

static void
test_secrets(void **state)
{
	char *memory;

	(void)state;
	editor_done(&e);
	editor_init(&e, 64, true);
	memory = e.text.s;
	paint(20);
	screen_has_row(1, "");
	screen_cursor_is(1, 1);
	type("S");
	paint(18);
	screen_has_row(1, " \xe2\x80\xa2\xe2\x80\xa2\xe2\x80\xa2\xe2\x80\xa2\xe2\x80\xa2\xe2\x80\xa2"
			  "\xe2\x80\xa2\xe2\x80\xa2");
	screen_cursor_is(1, 9);
	type("ecret horse battery staple");
	paint(18);
	screen_has_row(1, " \xe2\x80\xa2\xe2\x80\xa2\xe2\x80\xa2\xe2\x80\xa2\xe2\x80\xa2\xe2\x80\xa2"
			  "\xe2\x80\xa2\xe2\x80\xa2");
	screen_cursor_is(1, 9);
	press("Home");
	press("Left");
	press("Del");
	press("^K");
	check("Secret horse battery staple", 27);
	press("Backspace");
	assert_true(holds(memory, 64, "stapl"));
	assert_false(holds(memory, 64, "staple"));
	press("^W"); /* all of it: where its words end is nobody's business */
	check("", 0);
	assert_ptr_equal(e.text.s, memory);
	assert_false(holds(memory, 64, "horse"));
	type("once more");
	editor_set(&e, "");
	assert_false(holds(memory, 64, "more"));
}

static const char *const any_keys[] = { "Left", "Right", "Home", "End", "Backspace", "Del",
					"^W",	"^K",	 "^U",	 "Up",	"Enter",     "Esc" };

/* Any keys at any width: the text stays clean, the cursor on a character and within the field. */
static void
test_any_keys(void **state)
{
	static const uint32_t chars[] = { 'a', ' ', 0xe9, 0x301, 0x6f22, 0x1f600, 0x202e, 0x1160,
					  0x200d, 0xfffd, 0xad };

	(void)state;
	for (int i = 0; i < 20000; i++) {
		CLEAN_STR clean = STR_INIT(256);
		size_t at = 0, n;
		int columns, y, x, w = (int)(unit_random() % 19);

		if (unit_random() % 3) {
			struct key k = key_make(chars[unit_random() % 11], true, unit_random() % 2);

			editor_key(&e, &k);
		} else {
			press(any_keys[unit_random() % 12]);
		}
		text_clean(&clean, editor_text(&e), e.text.len, false);
		assert_string_equal(editor_text(&e), str_text(&clean));
		assert_int_equal(strlen(editor_text(&e)), e.text.len);
		while (at < e.at && (n = text_step(editor_text(&e) + at, &columns)))
			at += n;
		assert_int_equal(at, e.at);
		paint(w);
		if (w)
			assert_true(paint_cursor_at(&y, &x) && y == 1 && x >= 1 && x <= w);
		else
			assert_false(paint_cursor_at(&y, &x));
	}
}

#define CASE(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_typing),
		CASE(test_marks_and_wide_characters),
		CASE(test_scrolling),
		CASE(test_ceiling_and_hook),
		CASE(test_pasting),
		CASE(test_secrets),
		CASE(test_any_keys),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
