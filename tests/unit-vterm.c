/* The terminal within the terminal: bytes in, cells out, keys to bytes. */
#include "tests/unit.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "tests/screen.h"

static struct pane *pane;
static struct str sent = { .max = 4096 };

static void
on_output(void *ctx, const char *bytes, size_t n)
{
	(void)ctx;
	str_addn(&sent, bytes, n);
}

static int
set_up(void **state)
{
	(void)state;
	str_clear(&sent);
	pane = pane_new(5, 20, on_output, NULL);
	screen_open(10, 40, false);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	pane = pane_free(pane);
	screen_close();
	str_done(&sent);
	sent.max = 4096;
	return 0;
}

static void
feed(const char *bytes)
{
	pane_feed(pane, bytes, strlen(bytes));
}

static void
test_paints_into_its_area(void **state)
{
	struct area a = { 2, 3, 4, 10 };
	int y, x;

	(void)state;
	feed("root@hv-1:~# ls\r\n\033[1;31mred\033[0m \033[7mrev\033[0m\r\n日本");
	pane_paint(pane, &a, true);
	screen_show();
	assert_string_equal(screen_row(1), "");
	assert_string_equal(screen_row(2), "   root@hv-1:");
	assert_string_equal(screen_row(3), "   red rev");
	assert_string_equal(screen_row(4), "   日本");
	assert_true(pane_cursor(screen_pane, &y, &x));
	assert_int_equal(y, 4);
	assert_int_equal(x, 7);
}

static void
test_colours(void **state)
{
	struct area all = paint_screen();
	struct pane_cell cell;

	(void)state;
	feed("\033[31mr\033[44mb\033[0m\033[38;5;208mo\033[38;2;255;255;255mw\033[0mn");
	pane_cell(pane, 0, 1, &cell);
	assert_int_equal(cell.fg, 1);
	assert_int_equal(cell.bg, 4);
	pane_cell(pane, 0, 3, &cell);
	assert_int_equal(cell.fg, 231);
	pane_cell(pane, 0, 4, &cell);
	assert_int_equal(cell.fg, -1);
	pane_paint(pane, &all, false);
	screen_show();
	pane_cell(screen_pane, 0, 1, &cell);
	assert_int_equal(cell.fg, 1);
	assert_int_equal(cell.bg, 4);
	pane_cell(screen_pane, 0, 2, &cell);
	assert_int_equal(cell.fg, 208);
}

/* What a node writes into the console reaches the terminal as cells, never as commands. */
static void
test_hostile_output_stays_inside(void **state)
{
	struct area a = { 0, 0, 5, 20 };

	(void)state;
	feed("\033]0;owned\007\033[?1049h\033[2J\033[999;999Hx\033[6n\033[c\xe2\x80\xae");
	pane_paint(pane, &a, false);
	screen_show();
	for (int y = 5; y < 10; y++)
		assert_string_equal(screen_row(y), "");
	for (int y = 0; y < 5; y++)
		assert_true(text_width(screen_row(y)) <= 20);
}

static void
test_keys_become_bytes(void **state)
{
	static const struct {
		uint32_t code;
		const char *bytes;
	} keys[] = {
		{ 'x', "x" }, { 0xe9, "\xc3\xa9" }, { 3, "\003" }, { KEYC_ENTER, "\r" },
		{ KEYC_TAB, "\t" }, { KEYC_ESC, "\033" }, { KEYC_BACKSPACE, "\x7f" },
		{ KEYC_UP, "\033[A" }, { KEYC_F0 + 1, "\033OP" }, { KEYC_F0 + 12, "\033[24~" },
		{ KEYC_DELETE, "\033[3~" }, { KEYC_PAGE_UP, "\033[5~" },
		{ KEYC_BACKTAB, "\033[Z" }, { ' ', " " }, { 26, "\032" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
		struct key k = key_make(keys[i].code, false, false);

		str_clear(&sent);
		assert_true(pane_key(pane, &k));
		assert_string_equal(str_text(&sent), keys[i].bytes);
	}
	/* a full-screen program there asks for the other arrows */
	feed("\033[?1h");
	str_clear(&sent);
	struct key up = key_make(KEYC_UP, false, false);
	pane_key(pane, &up);
	assert_string_equal(str_text(&sent), "\033OA");
}

static void
look_at(void)
{
	struct area all = paint_screen();

	paint_begin();
	pane_paint(pane, &all, true);
	screen_show();
}

static void
test_what_has_gone_by_is_kept(void **state)
{
	struct key x = key_make('x', false, false);

	(void)state;
	for (int i = 1; i <= 8; i++) {
		char line[32];

		snprintf(line, sizeof line, "%s\033[3%dmrow %d\033[0m", i > 1 ? "\r\n" : "", i % 8, i);
		feed(line);
	}
	look_at();
	assert_string_equal(screen_row(0), "row 4");
	assert_int_equal(pane_scroll(pane, 2), 2);
	look_at();
	assert_string_equal(screen_row(0), "row 2");
	assert_string_equal(screen_row(4), "row 6");
	/* more comes: what is read stays where it is */
	feed("\r\nrow 9");
	look_at();
	assert_string_equal(screen_row(0), "row 2");
	assert_int_equal(pane_scroll(pane, 100), 4);
	look_at();
	assert_string_equal(screen_row(0), "row 1");
	assert_int_equal(pane_scroll(pane, -100), 0);
	pane_scroll(pane, 3);
	/* a key goes to the machine, and what it answers is seen */
	assert_true(pane_key(pane, &x));
	assert_int_equal(pane_back(pane), 0);
	look_at();
	assert_string_equal(screen_row(4), "row 9");
}

static void
test_a_full_screen_program_has_no_past(void **state)
{
	(void)state;
	feed("1\r\n2\r\n3\r\n4\r\n5\r\n6\r\n7");
	assert_false(pane_is_full_screen(pane));
	assert_int_equal(pane_scroll(pane, 1), 1);
	feed("\033[?1049h\033[2J\033[Hedit\r\n\n\n\n\n\n\n");
	assert_true(pane_is_full_screen(pane));
	assert_int_equal(pane_back(pane), 0);
	assert_int_equal(pane_scroll(pane, 1), 0);
	feed("\033[?1049l");
	assert_int_equal(pane_scroll(pane, 99), 2);
	look_at();
	assert_string_equal(screen_row(0), "1");
}

/* There is an end to what is kept. */
static void
test_the_oldest_is_forgotten(void **state)
{
	(void)state;
	for (int i = 0; i < 5000; i++)
		feed("line\r\n");
	assert_int_equal(pane_scroll(pane, 100000), 1000);
	feed("line\r\n");
	assert_int_equal(pane_back(pane), 1000);
	look_at();
	assert_string_equal(screen_row(0), "line");
}

/* A smaller pane has a smaller region to scroll and nearer places to go back to, and its cursor is in it
 * though rows were pushed out at the top. */
static void
test_a_smaller_pane_is_not_left(void **state)
{
	int y, x;

	(void)state;
	feed("1\r\n2\r\n3\r\n4\r\n5\033[5;19H\0337\033[4;5r\033[1;1H");
	pane_resize(pane, 2, 4);
	assert_true(pane_cursor(pane, &y, &x));
	assert_in_range(y, 0, 1);
	assert_in_range(x, 0, 3);
	feed("\n\n\n\nx\033[1;1H\033M\033M\033D\0338\033[Jy");
	assert_true(pane_cursor(pane, &y, &x));
	assert_in_range(y, 0, 1);
	assert_in_range(x, 0, 3);
	look_at();
	for (y = 2; y < 10; y++)
		assert_string_equal(screen_row(y), "");
}

/* Nothing in it makes the pane larger than the terminal, or ends the program. */
static void
test_sizes_and_noise(void **state)
{
	struct area all = paint_screen();
	char bytes[256];
	int rows, columns;

	(void)state;
	pane_resize(pane, 0, -5);
	pane_size(pane, &rows, &columns);
	assert_int_equal(rows, 2);
	assert_int_equal(columns, 2);
	for (int round = 0; round < 3000; round++) {
		for (size_t i = 0; i < sizeof bytes; i++)
			bytes[i] = unit_random() % 3 ? "\033[;0123456789ABCDHJKLMPmrhlu日\r\n"
							       [unit_random() % 30]
						     : (char)unit_random();
		pane_feed(pane, bytes, sizeof bytes);
		pane_resize(pane, (int)(unit_random() % 60), (int)(unit_random() % 150));
		pane_scroll(pane, (int)(unit_random() % 40) - 20);
		paint_begin();
		pane_paint(pane, &all, true);
		screen_show();
		str_clear(&sent);
		pane_size(pane, &rows, &columns);
		assert_in_range(rows, 2, 60);
		assert_in_range(columns, 2, 150);
	}
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(test_paints_into_its_area),
		TEST(test_colours),
		TEST(test_hostile_output_stays_inside),
		TEST(test_keys_become_bytes),
		TEST(test_what_has_gone_by_is_kept),
		TEST(test_a_full_screen_program_has_no_past),
		TEST(test_the_oldest_is_forgotten),
		TEST(test_a_smaller_pane_is_not_left),
		TEST(test_sizes_and_noise),
	};

	setlocale(LC_ALL, "C.UTF-8");
	unsetenv("NO_COLOR");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
