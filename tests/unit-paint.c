/* Painting: clipping, hostile text, roles, ASCII: as a terminal shows it. */
#include "tests/unit.h"

#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "tests/screen.h"
#include "tui/glyph.h"

static int
set_up(void **state)
{
	(void)state;
	screen_open(10, 20, false);
	return 0;
}

static int
set_up_ascii(void **state)
{
	(void)state;
	screen_open(10, 20, true);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	screen_close();
	return 0;
}

static void
test_areas_stay_within(void **state)
{
	struct area a = { 2, 3, 5, 10 }, b;

	(void)state;
	b = area_in(&a);
	assert_true(b.y == 3 && b.x == 4 && b.h == 3 && b.w == 8);
	b = area_rows(&a, 1, -1);
	assert_true(b.y == 3 && b.h == 4 && b.w == 10);
	b = area_rows(&a, 1, -2);
	assert_true(b.h == 3);
	b = area_cols(&a, 8, 99);
	assert_true(b.x == 11 && b.w == 2);
	b = area_rows(&a, 99, 3);
	assert_true(b.y == 7 && b.h == 0);
	b = area_center(&a, 99, 4);
	assert_true(b.y == 2 && b.h == 5 && b.x == 6 && b.w == 4);
	a.h = a.w = 1;
	b = area_in(&a);
	assert_true(b.h == 0 && b.w == 0);
}

static void
test_nothing_leaves_its_area(void **state)
{
	struct area a = { 2, 5, 3, 6 };

	(void)state;
	for (int y = -2; y < 6; y++)
		for (int x = -30; x < 30; x++)
			paint_text(&a, y, x, ROLE_TEXT, "0123456789abcdefghijklmnopqrstuvwxyz");
	screen_show();
	for (int y = 0; y < 10; y++) {
		const char *row = screen_row(y);

		if (y < 2 || y >= 5) {
			assert_string_equal(row, "");
		} else {
			assert_int_equal(strlen(row), 11);
			assert_int_equal(strspn(row, " "), 5);
		}
	}
}

static void
test_clips(void **state)
{
	struct area all = paint_screen();

	(void)state;
	assert_int_equal(paint_clip(&all, 0, 0, 8, ROLE_TEXT, "0123456789", CLIP_END), 8);
	assert_int_equal(paint_clip(&all, 1, 0, 8, ROLE_TEXT, "0123456789", CLIP_MIDDLE), 8);
	assert_int_equal(paint_clip(&all, 2, 0, 8, ROLE_TEXT, "0123456789", CLIP_START), 8);
	assert_int_equal(paint_clip(&all, 3, 0, 8, ROLE_TEXT, "0123456789", CLIP_CUT), 8);
	assert_int_equal(paint_clip(&all, 4, 15, 8, ROLE_TEXT, "0123456789", CLIP_END), 5);
	paint_right(&all, 5, 0, 20, ROLE_TEXT, "end");
	paint_text(&all, 6, -3, ROLE_TEXT, "0123456789");
	screen_show();
	assert_string_equal(screen_row(0), "0123456…");
	assert_string_equal(screen_row(1), "0123…789");
	assert_string_equal(screen_row(2), "…3456789");
	assert_string_equal(screen_row(3), "01234567");
	assert_string_equal(screen_row(4), "               0123…");
	assert_string_equal(screen_row(5), "                 end");
	assert_string_equal(screen_row(6), "3456789");
}

/* A wide character that does not fit is left out whole, at either edge. */
static void
test_wide_at_the_edges(void **state)
{
	struct area a = { 0, 4, 4, 5 };

	(void)state;
	assert_int_equal(paint_text(&a, 0, 0, ROLE_TEXT, "ab日本語"), 4);
	assert_int_equal(paint_text(&a, 1, -1, ROLE_TEXT, "日本"), 3);
	assert_int_equal(paint_text(&a, 2, 0, ROLE_TEXT, "e\xcc\x81\xcc\x81\xcc\x81x"), 2);
	screen_show();
	assert_string_equal(screen_row(0), "    ab日");
	assert_string_equal(screen_row(1), "     本");
	assert_string_equal(screen_row(2), "    e\xcc\x81\xcc\x81x");
}

static void
test_hostile_text_is_harmless(void **state)
{
	struct area all = paint_screen();
	static const char *const hostile[] = {
		"\033[2J\033[Hxx", "a\rb", "a\bb", "\x9b" "31m", "\xc2\x9b" "31m",
		"\033]0;title\007", "\xe2\x80\xae" "abc", "\xff\xfe", "a\nb", "\x7f",
	};

	(void)state;
	for (size_t i = 0; i < sizeof hostile / sizeof *hostile; i++)
		paint_text(&all, (int)i, 0, ROLE_TEXT, hostile[i]);
	screen_show();
	assert_string_equal(screen_row(0), "^[[2J^[[Hxx");
	assert_string_equal(screen_row(1), "a^Mb");
	assert_string_equal(screen_row(2), "a^Hb");
	assert_string_equal(screen_row(3), "\xef\xbf\xbd" "31m");
	assert_string_equal(screen_row(4), "<9B>31m");
	assert_string_equal(screen_row(5), "^[]0;title^G");
	assert_string_equal(screen_row(6), "<U+202E>abc");
	assert_string_equal(screen_row(8), "a^Jb");
	assert_string_equal(screen_row(9), "^?");
}

static void
test_random_text_stays_in_its_row(void **state)
{
	struct area a = { 4, 5, 1, 10 };
	char text[64];

	(void)state;
	for (int round = 0; round < 300; round++) {
		size_t n = unit_random() % (sizeof text - 1);

		for (size_t i = 0; i < n; i++)
			text[i] = (char)(unit_random() % 255 + 1);
		text[n] = '\0';
		paint_begin();
		paint_clip(&a, 0, (int)(unit_random() % 14) - 4, 12, ROLE_TEXT, text,
			   (enum clip)(unit_random() % 4));
		screen_show();
		for (int y = 0; y < 10; y++)
			if (y != 4)
				assert_string_equal(screen_row(y), "");
		assert_true(strspn(screen_row(4), " ") >= 5 || !*screen_row(4));
	}
}

static void
test_boxes(void **state)
{
	struct area a = { 1, 1, 4, 12 }, in;

	(void)state;
	in = paint_box(&a, ROLE_BORDER, "A very long title");
	paint_text(&in, 0, 0, ROLE_TEXT, "inside of the box");
	screen_show();
	assert_string_equal(screen_row(1), " ┌ A very … ┐");
	assert_string_equal(screen_row(2), " │inside of │");
	assert_string_equal(screen_row(4), " └──────────┘");
	assert_int_equal(paint_role_at(1, 3), ROLE_TITLE);
	assert_int_equal(paint_role_at(1, 1), ROLE_BORDER);
	assert_int_equal(paint_role_at(2, 2), ROLE_TEXT);
}

static void
test_wrap_and_gauge(void **state)
{
	struct area all = paint_screen(), narrow = area_cols(&all, 0, 10);

	(void)state;
	assert_int_equal(paint_wrap(&narrow, 0, ROLE_TEXT, "one two three four\n\nfive"), 4);
	assert_int_equal(paint_wrap_rows(10, "one two three four\n\nfive"), 4);
	paint_gauge(&all, 5, 0, 10, ROLE_OK, 3, 10);
	paint_gauge(&all, 6, 0, 10, ROLE_OK, 99, 10);
	paint_gauge(&all, 7, 0, 10, ROLE_OK, 1, 0);
	screen_show();
	assert_string_equal(screen_row(0), "one two");
	assert_string_equal(screen_row(1), "three four");
	assert_string_equal(screen_row(3), "five");
	assert_string_equal(screen_row(5), "███░░░░░░░");
	assert_string_equal(screen_row(6), "██████████");
	assert_string_equal(screen_row(7), "░░░░░░░░░░");
}

static void
test_roles_reach_the_terminal(void **state)
{
	struct area all = paint_screen();
	struct pane_cell cell;

	(void)state;
	paint_text(&all, 0, 0, ROLE_FAIL, "FAIL");
	paint_text(&all, 1, 0, ROLE_TEXT, "text");
	paint_role(&all, 1, 0, 2, ROLE_FOCUS);
	screen_show();
	pane_cell(screen_pane, 0, 0, &cell);
	assert_int_equal(cell.fg, 1);
	assert_true(cell.look & LOOK_BOLD);
	pane_cell(screen_pane, 1, 0, &cell);
	assert_int_equal(cell.bg, 6);
	assert_string_equal(cell.utf8, "t");
	pane_cell(screen_pane, 1, 2, &cell);
	assert_int_equal(cell.bg, -1);
	assert_int_equal(paint_role_at(1, 1), ROLE_FOCUS);
	assert_int_equal(paint_role_at(1, 2), ROLE_TEXT);
}

static void
test_no_color(void **state)
{
	struct pane_cell cell;
	struct area all;

	(void)state;
	setenv("NO_COLOR", "", 1);
	assert_true(theme_wants_color(THEME_AUTO));
	setenv("NO_COLOR", "1", 1);
	assert_false(theme_wants_color(THEME_AUTO));
	assert_true(theme_wants_color(THEME_ALWAYS));
	screen_open(10, 20, false);
	unsetenv("NO_COLOR");
	assert_true(theme_wants_color(THEME_AUTO));
	assert_false(theme_wants_color(THEME_NEVER));
	all = paint_screen();
	for (int r = 0; r < ROLE__COUNT; r++)
		paint_text(&all, 0, r % 20, (enum role)r, "x");
	paint_text(&all, 1, 0, ROLE_FOCUS, "focus");
	screen_show();
	for (int x = 0; x < 20; x++) {
		pane_cell(screen_pane, 0, x, &cell);
		assert_int_equal(cell.fg, -1);
		assert_int_equal(cell.bg, -1);
	}
	pane_cell(screen_pane, 1, 0, &cell);
	assert_true(cell.look & LOOK_REVERSE);
	screen_close();
}

static void
test_ascii(void **state)
{
	struct area a = { 0, 0, 3, 12 }, all = paint_screen();

	(void)state;
	paint_box(&a, ROLE_BORDER, "Été");
	paint_text(&all, 4, 0, ROLE_TEXT, "« nœud prêt » …");
	paint_text(&all, 5, 0, ROLE_TEXT, "日本 x");
	paint_clip(&all, 6, 0, 6, ROLE_TEXT, "0123456789", CLIP_END);
	paint_clip(&all, 7, 0, 6, ROLE_TEXT, "0123456789", CLIP_MIDDLE);
	screen_show();
	assert_string_equal(screen_row(0), "+ Ete -----+");
	assert_string_equal(screen_row(1), "|          |");
	assert_string_equal(screen_row(4), "\" noud pret \" ~");
	assert_string_equal(screen_row(5), "???? x");
	assert_string_equal(screen_row(6), "01234~");
	for (int y = 0; y < 10; y++)
		for (const char *s = screen_row(y); *s; s++)
			assert_in_range((unsigned char)*s, 0x20, 0x7e);
}

static void
test_every_glyph_is_one_column(void **state)
{
	(void)state;
	for (int ascii = 0; ascii < 2; ascii++) {
		glyph_force_ascii(ascii);
		for (int g = 0; g < GLYPH__COUNT; g++) {
			bool is_switch = g == GLYPH_ON || g == GLYPH_OFF;

			assert_int_equal(text_width(glyph((enum glyph)g)), is_switch ? 3 : 1);
		}
	}
	glyph_force_ascii(false);
}

static void
test_cursor(void **state)
{
	struct area a = { 2, 3, 4, 5 };
	int y, x;

	(void)state;
	screen_show();
	assert_false(pane_cursor(screen_pane, &y, &x));
	paint_begin();
	paint_cursor(&a, 1, 2);
	paint_cursor(&a, 9, 2); /* outside: it stays where it was */
	screen_show();
	assert_true(pane_cursor(screen_pane, &y, &x));
	assert_int_equal(y, 3);
	assert_int_equal(x, 5);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(test_areas_stay_within),
		TEST(test_nothing_leaves_its_area),
		TEST(test_clips),
		TEST(test_wide_at_the_edges),
		TEST(test_hostile_text_is_harmless),
		TEST(test_random_text_stays_in_its_row),
		TEST(test_boxes),
		TEST(test_wrap_and_gauge),
		TEST(test_roles_reach_the_terminal),
		cmocka_unit_test(test_no_color),
		cmocka_unit_test_setup_teardown(test_ascii, set_up_ascii, tear_down),
		cmocka_unit_test(test_every_glyph_is_one_column),
		TEST(test_cursor),
	};

	setlocale(LC_ALL, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
