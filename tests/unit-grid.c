/* The matrix: 16 machines by 40 rows on 80 columns and less, the machine with the focus always
 * seen, words and roles in the cells. */
#include "tests/widget.h"

#include "tui/grid.h"

static struct grid g;
static size_t nrows, ncolumns;
static bool hostile;

static size_t
rows(void *ctx)
{
	(void)ctx;
	return nrows;
}

static size_t
columns(void *ctx)
{
	(void)ctx;
	return ncolumns;
}

static bool
is_heading(void *ctx, size_t row)
{
	(void)ctx;
	return row % 10 == 0;
}

static void
row_text(void *ctx, size_t row, struct str *out, enum role *role)
{
	(void)ctx;
	(void)role;
	if (row % 10 == 0)
		str_addf(out, "Chapter %d", (int)row / 10 + 1);
	else if (hostile)
		str_add(out, "\033[31mrm\r\xe2\x80\xae -rf \xe6\xbc\xa2\xe5\xad\x97");
	else
		str_addf(out, "Connexion permanente aux deux unit\xc3\xa9s %d", (int)row);
}

static void
column_text(void *ctx, size_t column, struct str *out)
{
	(void)ctx;
	str_addf(out, "hv-%d", (int)column + 1);
}

static void
cell(void *ctx, size_t row, size_t column, struct str *out, enum role *role)
{
	(void)ctx;
	if (hostile)
		str_add(out, "a\nb\x9b" "31m");
	else if (row == 3 && column == 1)
		str_add(out, "FAIL"), *role = ROLE_FAIL;
	else
		str_add(out, row < 3 ? "fait" : "\xc3\xa0 faire");
}

static const struct grid_ops ops = { rows, columns, row_text, column_text, cell, is_heading };

static int
setup(void **state)
{
	(void)state;
	nrows = 40;
	ncolumns = 16;
	hostile = false;
	grid_init(&g, &ops, NULL);
	g.corner = "\xc3\x89tape";
	screen_open(24, 80, false);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	screen_close();
	return 0;
}

static bool
press(const char *name)
{
	struct key k = screen_key(name, false);

	return grid_key(&g, &k);
}

static void
paint(void)
{
	struct area a;

	paint_begin();
	a = screen_area(1);
	grid_paint(&g, &a, true);
	screen_is_sane(1);
}

static void
test_two_machines(void **state)
{
	(void)state;
	ncolumns = 2;
	paint();
	screen_has_row(1, ".\xc3\x89tape                                    hv-1     hv-2    "
			  "                    .");
	screen_has("Connexion permanente aux deux unit\xc3\xa9s 3   \xc3\xa0 faire  FAIL");
	screen_role_is("FAIL", ROLE_FAIL);
	/* the whole row has the focus at first, and never a heading */
	screen_role_is("Connexion permanente aux deux unit\xc3\xa9s 1", ROLE_FOCUS);
	screen_cursor_is(3, 1);
	press("Right");
	press("Right");
	press("Right");
	paint();
	screen_cursor_is(3, screen_column("hv-2"));
	assert_int_equal(paint_role_at(3, screen_column("hv-2")), ROLE_FOCUS);
	screen_role_is("hv-2", ROLE_ACCENT);
	screen_role_is("hv-1", ROLE_TITLE);
}

static void
test_sixteen_machines(void **state)
{
	(void)state;
	paint();
	screen_has("hv-1");
	assert_int_equal(screen_find("hv-16"), -1);
	assert_int_equal(paint_role_at(1, 78 - 1), ROLE_ACCENT); /* > */
	for (int i = 0; i < 16; i++) {
		char name[16];

		press("Right");
		paint();
		(void)snprintf(name, sizeof name, "hv-%d ", i + 1);
		screen_has(i == 15 ? "hv-16" : name);
		screen_has("Connexion permanente");
		screen_cursor_is(3, screen_column(i == 15 ? "hv-16" : name));
	}
	assert_int_equal(screen_find("hv-1 "), -1);
	screen_has("<");
	press("3");
	paint();
	screen_has("hv-3");
	assert_int_equal(g.column, 2);
	press("0");
	paint();
	screen_cursor_is(3, 1);
	ncolumns = 2;
	assert_false(press("9"));
	press("2");
	ncolumns = 1; /* a machine left */
	paint();
	assert_int_equal(g.column, 0);
}

static void
test_rows(void **state)
{
	(void)state;
	paint();
	press("End");
	paint();
	assert_int_equal(g.row, 39);
	screen_cursor_is(22, 1);
	press("PgUp");
	paint();
	assert_int_equal(g.row, 19);
	press("Down");
	assert_int_equal(g.row, 21); /* over the heading */
	press("Up");
	assert_int_equal(g.row, 19);
	press("Home");
	paint();
	assert_int_equal(g.row, 1);
	screen_has("Chapter 1");
	assert_false(press("Enter"));
	assert_false(press("Esc"));
}

/* At every size there is a machine and a word to be seen, and nothing overlaps the first column. */
static void
test_sizes(void **state)
{
	(void)state;
	for (int w = 24; w <= 120; w += 4) {
		term_resize(10, w);
		for (int n = 0; n < 3; n++) {
			grid_set_focus(&g, 11, n * 8 - 1);
			paint();
			screen_has(n == 2 ? "hv-16" : n ? "hv-8" : "hv-1");
			screen_has("Chapter 2");
			assert_true(screen_find("\xc3\xa0 faire") > 0 || screen_find("\xc3\xa0 f") > 0);
		}
	}
	hostile = true;
	for (int ascii = 0; ascii < 2; ascii++) {
		glyph_force_ascii(ascii);
		for (int h = 2; h < 9; h++)
			for (int w = 2; w < 50; w++) {
				term_resize(h, w);
				paint();
				press(w % 2 ? "Right" : "Down");
			}
	}
	nrows = ncolumns = 0;
	paint();
	press("Down");
	press("1");
}

#define CASE(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_two_machines),
		CASE(test_sixteen_machines),
		CASE(test_rows),
		CASE(test_sizes),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
