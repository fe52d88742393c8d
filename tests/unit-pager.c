/* The pager: following, finding, problems only, long lines, ceilings; hostile lines, any keys. */
#include "tests/widget.h"

#include "tui/pager.h"

static struct pager p;
static const char long_line[] = "0123456789abcdefghij0123456789abcdefghij0123456789XYZ";

static int
setup(void **state)
{
	(void)state;
	pager_init(&p);
	p.empty = "Nothing has happened yet.";
	screen_open(8, 40, false);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	pager_done(&p);
	screen_close();
	return 0;
}

static bool
press(const char *name)
{
	struct key k = screen_key(name, pager_editing(&p));

	return pager_key(&p, &k);
}

static void
type(const char *text)
{
	for (; *text; text++) {
		struct key k = key_make((unsigned char)*text, pager_editing(&p), false);

		pager_key(&p, &k);
	}
}

static void
paint(void)
{
	struct area a;

	paint_begin();
	a = screen_area(1);
	pager_paint(&p, &a, true);
	screen_is_sane(1);
}

static void
add_lines(int from, int to)
{
	for (int i = from; i < to; i++)
		pager_addf(&p, i % 10 ? ROLE_TEXT : ROLE_FAIL, i % 10 == 0, "line %03d%s\n", i,
			   i % 10 ? "" : " failed");
}

/* Area of 6 rows: 5 of lines, one that says what is seen. */
static void
test_following(void **state)
{
	(void)state;
	paint();
	screen_has("Nothing has happened yet.");
	add_lines(0, 20);
	paint();
	screen_has_row(1, ".line 015                              .");
	screen_has_row(5, ".line 019                              .");
	screen_has("line 16 of 20  following");
	press("Up");
	add_lines(20, 30);
	paint();
	screen_has_row(1, ".line 014                              .");
	assert_int_equal(screen_find("following"), -1);
	press("End");
	paint();
	screen_has("line 029");
	press("Home");
	paint();
	screen_has_row(1, ".line 000 failed                       .");
	screen_role_is("line 000", ROLE_FAIL);
	screen_cursor_is(1, 1);
	/* scrolled to the end is following again */
	for (int i = 0; i < 10; i++)
		press("PgDn");
	assert_true(p.follow);
	press("f");
	assert_false(p.follow);
	assert_false(press("Enter"));
	assert_false(press("Esc"));
}

static void
test_finding(void **state)
{
	(void)state;
	add_lines(0, 40);
	press("Home");
	paint();
	press("/");
	assert_true(pager_editing(&p));
	type("LINE 02");
	paint();
	screen_has("line 020 failed");
	screen_cursor_is(6, 3 + 7);
	press("Enter");
	paint();
	assert_int_equal(p.hit, 20);
	screen_cursor_on("line 020");
	screen_role_is("line 020", ROLE_MATCH);
	screen_role_is("failed", ROLE_FAIL);
	press("n");
	assert_int_equal(p.hit, 21);
	press("N");
	press("N");
	assert_int_equal(p.hit, 29); /* around the end */
	press("/");
	type("zzz");
	paint();
	screen_has("not found");
	press("Esc");
	paint();
	assert_int_equal(screen_find("not found"), -1);
	for (int y = 1; y < 6; y++)
		assert_int_not_equal(paint_role_at(y, 1), ROLE_MATCH);
}

static void
test_only_problems(void **state)
{
	(void)state;
	add_lines(0, 35);
	paint();
	press("o");
	paint();
	screen_has("4 problems");
	screen_has_row(1, ".line 000 failed                       .");
	screen_has_row(4, ".line 030 failed                       .");
	screen_has_row(5, ".                                      .");
	press("/");
	type("line 001");
	paint();
	screen_has("not found"); /* what is hidden is not found */
	press("Esc");
	press("o");
	paint();
	screen_has("line 001");
}

static void
test_long_lines(void **state)
{
	(void)state;
	pager_add(&p, long_line, strlen(long_line), ROLE_TEXT, false);
	pager_addf(&p, ROLE_TEXT, false, "%s", "short");
	paint();
	screen_has_row(1, ".0123456789abcdefghij0123456789abcdefg>.");
	press("Right");
	paint();
	screen_has_row(1, ".<9abcdefghij0123456789abcdefghij01234>.");
	for (int i = 0; i < 5; i++)
		press("Right");
	paint();
	screen_has_row(1, ".<ghij0123456789abcdefghij0123456789XYZ.");
	screen_has_row(2, ".<                                     .");
	for (int i = 0; i < 5; i++)
		press("Left");
	paint();
	screen_has_row(2, ".short                                 .");
}

static void
test_wrapping(void **state)
{
	(void)state;
	pager_add(&p, long_line, strlen(long_line), ROLE_TEXT, false);
	pager_addf(&p, ROLE_TEXT, false, "%s", "short");
	paint();
	press("W");
	paint();
	screen_has_row(1, ".0123456789abcdefghij0123456789abcdefgh.");
	screen_has_row(2, ".ij0123456789XYZ                       .");
	screen_has_row(3, ".short                                 .");
	for (int i = 0; i < 4; i++)
		pager_addf(&p, ROLE_TEXT, false, "more");
	paint();
	screen_has_row(1, ".short                                 .");
	press("Up");
	paint();
	screen_has_row(1, ".ij0123456789XYZ                       .");
	press("Home");
	paint();
	screen_has_row(1, ".0123456789abcdefghij0123456789abcdefgh.");
	press("/");
	type("xyz");
	press("Enter");
	paint();
	screen_role_is("XYZ", ROLE_MATCH);
}

static void
test_ceilings(void **state)
{
	(void)state;
	p.max_lines = 100;
	add_lines(0, 1000);
	assert_int_equal(pager_count(&p), 100);
	assert_int_equal(p.dropped, 900);
	assert_true(p.lines.cap < 512);
	paint();
	screen_has("line 999");
	/* who reads stays where he reads while older lines go */
	for (int i = 0; i < 20; i++)
		press("Up");
	paint();
	screen_has_row(1, ".line 975                              .");
	add_lines(1000, 1050);
	paint();
	screen_has_row(1, ".line 975                              .");
	p.max_bytes = 200;
	add_lines(0, 50);
	assert_true(p.bytes <= 200);
	pager_clear(&p);
	assert_int_equal(p.bytes, 0);
	/* a line of megabytes */
	char *big = xcalloc(1 << 20, 1);

	memset(big, 'x', 1 << 20);
	pager_add(&p, big, 1 << 20, ROLE_TEXT, false);
	free(big);
	assert_int_equal(pager_count(&p), 1);
	assert_true(p.bytes < 10000);
	paint();
}

static void
test_hostile_lines_any_keys(void **state)
{
	static const char *const keys[] = { "Up", "Down", "Left", "Right", "PgUp", "PgDn", "Home",
					    "End", "f", "o", "/", "n", "N", "Esc", "Enter", "W", "a" };
	static const char hostile[] = "ok\033]0;title\a\r\nsecret\rOVER\n\xe2\x80\xae" "evil\n"
				      "\xff\xfe\x9b" "31m\n\n\xe6\xbc\xa2\xe6\xbc\xa2 e\xcc\x81\n";

	(void)state;
	p.max_lines = 40;
	for (int i = 0; i < 3000; i++) {
		if (unit_random() % 4 == 0)
			pager_add(&p, hostile, unit_random() % sizeof hostile, ROLE_TEXT,
				  unit_random() % 2);
		press(keys[unit_random() % (sizeof keys / sizeof *keys)]);
		if (unit_random() % 8 == 0)
			term_resize(2 + (int)(unit_random() % 9), 2 + (int)(unit_random() % 50));
		if (unit_random() % 16 == 0)
			glyph_force_ascii(unit_random() % 2);
		paint();
	}
}

#define CASE(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_following),  CASE(test_finding),  CASE(test_only_problems),
		CASE(test_long_lines), CASE(test_wrapping), CASE(test_ceilings),
		CASE(test_hostile_lines_any_keys),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
