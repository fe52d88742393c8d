/* The gauge, and the strip chart: loss by sign and role, phases, events on the axis, scrolling, small areas. */
#include "tests/widget.h"

#include "tui/gauge.h"
#include "tui/strip.h"

static struct strip s;

static int
setup(void **state)
{
	(void)state;
	strip_init(&s, 1000);
	screen_open(14, 42, false);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	strip_done(&s);
	screen_close();
	return 0;
}

static bool
press(const char *name)
{
	struct key k = screen_key(name, false);

	return strip_key(&s, &k);
}

static void
paint(void)
{
	struct area a;

	paint_begin();
	a = screen_area(1);
	strip_paint(&s, &a, true);
	screen_is_sane(1);
}

/* One a second: 10 answers, 6 lost, 14 answers; half of the height each. */
static void
outage(void)
{
	for (int i = 0; i < 30; i++)
		strip_sample(&s, i * 1000 + 100, i >= 10 && i < 16 ? -1 : i == 20 ? 2000 : 1000);
	strip_phase(&s, 0, ROLE_OK, "running");
	strip_event(&s, 10000, ROLE_FAIL, "hv-1 has lost its power");
	strip_phase(&s, 10000, ROLE_WARN, "detect");
	strip_event(&s, 13000, ROLE_BUSY, "hv-1 was \033[31mfenced\r");
	strip_phase(&s, 16000, ROLE_OK, "answering");
}

/* Area of 12 rows: phases, 6 of bars, marks, axis, words, events. */
static void
test_outage(void **state)
{
	(void)state;
	outage();
	paint();
	screen_has_row(1, ".running───dete…─answering─────          .");
	screen_role_is("running", ROLE_OK);
	screen_role_is("dete…", ROLE_WARN);
	screen_has_row(2, ".          ××××××    █                   .");
	screen_has_row(7, ".██████████××××××██████████████          .");
	assert_int_equal(paint_role_at(7, 1), ROLE_OK);
	assert_int_equal(paint_role_at(7, 11), ROLE_FAIL);
	screen_has_row(8, ".          1  2                          .");
	screen_has_row(9, ".0 s───────10 s──────20 s──────30 s──────.");
	screen_has_row(10, ".6 of 30 probes lost                     .");
	screen_has_row(11, ".1  10.0 s  hv-1 has lost its power      .");
	screen_has_row(12, ".2  13.0 s  hv-1 was ^[[31mfenced        .");
	screen_role_is("1  10.0 s", ROLE_FAIL);
	screen_cursor_is(7, 30);
	glyph_force_ascii(true);
	paint();
	screen_has_row(7, ".##########xxxxxx##############          .");
	screen_has_row(9, ".0 s-------10 s------20 s------30 s------.");
}

/* A column with one loss among answers is a loss. */
static void
test_columns(void **state)
{
	(void)state;
	outage();
	paint();
	press("-");
	assert_int_equal(s.per_column_ms, 2000);
	paint();
	screen_has_row(7, ".█████×××███████                         .");
	strip_sample(&s, 30100, -1);
	strip_sample(&s, 31100, 1000);
	paint();
	screen_has_row(7, ".█████×××███████×                        .");
	press("+");
	press("+");
	press("+");
	paint();
	assert_int_equal(s.per_column_ms, 250);
	for (int i = 0; i < 20; i++)
		press("+");
	assert_int_equal(s.per_column_ms, 20);
	paint();
	for (int i = 0; i < 30; i++)
		press("-");
	assert_int_equal(s.per_column_ms, 60000);
	paint();
}

static void
test_scrolling(void **state)
{
	(void)state;
	for (int i = 0; i < 100; i++)
		strip_sample(&s, i * 1000, i == 5 ? -1 : 1000);
	paint();
	assert_int_equal(s.left_ms, 60000);
	screen_cursor_is(7, 40);
	strip_sample(&s, 100000, 1000);
	paint();
	assert_int_equal(s.left_ms, 61000);
	press("Left");
	strip_sample(&s, 101000, 1000);
	paint();
	assert_int_equal(s.left_ms, 57000);
	press("Home");
	paint();
	screen_has("×");
	press("PgDn");
	assert_false(s.follow);
	press("PgDn");
	press("PgDn");
	assert_true(s.follow);
	paint();
	assert_int_equal(screen_find("×"), -1);
	assert_false(press("Enter"));
}

static void
test_small_and_empty(void **state)
{
	static const char *const keys[] = { "Left", "Right", "PgUp", "PgDn", "Home", "End",
					    "f",    "+",     "-" };

	(void)state;
	paint();
	screen_has("0 of 0 probe");
	for (int turn = 0; turn < 2; turn++) {
		for (int h = 2; h < 16; h++)
			for (int w = 2; w < 60; w += 3) {
				term_resize(h, w);
				press(keys[unit_random() % 9]);
				paint();
			}
		outage();
		strip_event(&s, 13010, ROLE_BUSY, "\xe6\xbc\xa2\xe5\xad\x97\xe2\x80\xae");
	}
}

static void
gauge(int w, long d, long total, const char *row)
{
	struct area a = { 1, 1, 1, w };

	paint_begin();
	gauge_paint(&a, 0, ROLE_BUSY, d, total, "12 sur 48 t\xc3\xa2" "ches");
	screen_has_row(1, row);
}

static void
test_gauge(void **state)
{
	(void)state;
	gauge(26, 12, 48, " ██░░░░░░  12 sur 48 tâches");
	assert_int_equal(paint_role_at(1, 1), ROLE_BUSY);
	assert_int_equal(paint_role_at(1, 3), ROLE_DIM);
	gauge(26, 60, 48, " ████████  12 sur 48 tâches");
	gauge(26, -3, 48, " ░░░░░░░░  12 sur 48 tâches");
	gauge(25, 12, 48, " 12 sur 48 tâches");
	gauge(26, 12, 0, " 12 sur 48 tâches");
	gauge(8, 12, 48, " 12 sur …");
	gauge(0, 12, 48, "");
	glyph_force_ascii(true);
	gauge(26, 24, 48, " ####....  12 sur 48 taches");
}

#define CASE(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_outage),
		CASE(test_columns),
		CASE(test_scrolling),
		CASE(test_small_and_empty),
		CASE(test_gauge),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
