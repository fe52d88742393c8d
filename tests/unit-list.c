/* Lists: columns that give way, the filter, marks, headings, and where the cursor is. */
#include "tests/widget.h"

#include "tui/list.h"

enum { ROWS_MAX = 64 };

struct row {
	const char *name, *state, *size;
	bool heading, barred;
};

static struct {
	struct row rows[ROWS_MAX];
	size_t n;
} data;
static struct list l;
static const struct list_column columns[] = {
	{ "Name", 6, 0, CLIP_MIDDLE, false },
	{ "State of things", 4, 1, CLIP_END, false },
	{ "Size", 7, 2, CLIP_END, true },
};

static size_t
count(void *ctx)
{
	(void)ctx;
	return data.n;
}

static void
cell(void *ctx, size_t row, int column, struct str *out, enum role *role)
{
	const struct row *r = &data.rows[row];

	(void)ctx;
	if (column == 1 && r->state && !strcmp(r->state, "FAIL"))
		*role = ROLE_FAIL;
	str_add(out, column == 0 ? r->name : column == 1 ? r->state : r->size);
}

static uint64_t
id(void *ctx, size_t row)
{
	(void)ctx;
	return hash64(data.rows[row].name, strlen(data.rows[row].name));
}

static bool
is_heading(void *ctx, size_t row)
{
	(void)ctx;
	return data.rows[row].heading;
}

static bool
may_mark(void *ctx, size_t row)
{
	(void)ctx;
	return !data.rows[row].barred;
}

static const struct list_ops ops = { count, cell, id, is_heading, may_mark };

static void
add(const char *name, const char *state, const char *size)
{
	data.rows[data.n++] = (struct row){ .name = name, .state = state, .size = size };
}

static int
setup(void **state)
{
	(void)state;
	memset(&data, 0, sizeof data);
	data.rows[data.n++] = (struct row){ .name = "Machines", .state = "", .size = "",
					    .heading = true };
	add("hv-1.cluster.lan", "ok", "8 GiB");
	add("hv-2.cluster.lan", "FAIL", "16 GiB");
	data.rows[data.n++] = (struct row){ .name = "Storage", .state = "", .size = "",
					    .heading = true };
	add("nas.cluster.lan", "to do", "100 GiB");
	data.rows[data.n - 1].barred = true;
	list_init(&l, &ops, NULL, columns, 3);
	l.empty = "There is no machine.";
	screen_open(12, 60, false);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	list_done(&l);
	screen_close();
	return 0;
}

static bool
press(const char *name)
{
	struct key k = screen_key(name, list_editing(&l));

	return list_key(&l, &k);
}

static void
type(const char *text)
{
	for (; *text; text++)
		press((char[]){ *text, '\0' });
}

static void
paint(void)
{
	struct area a;

	paint_begin();
	a = screen_area(1);
	list_paint(&l, &a, true);
	screen_is_sane(1);
}

static void
test_columns(void **state)
{
	(void)state;
	paint();
	screen_has_row(1, ".  Name              State of things     Size              .");
	screen_has_row(2, ".Machines                                                  .");
	screen_has_row(3, ".  hv-1.cluster.lan  ok                 8 GiB              .");
	screen_has_row(4, ".  hv-2.cluster.lan  FAIL              16 GiB              .");
	screen_has_row(5, ".Storage                                                   .");
	screen_role_is("Machines", ROLE_TITLE);
	screen_role_is("hv-1", ROLE_FOCUS);
	screen_role_is("FAIL", ROLE_FAIL);
	screen_cursor_on("hv-1");
}

static void
test_narrow(void **state)
{
	(void)state;
	term_resize(12, 42);
	paint();
	/* first what shrinks most, down to its least; names keep their ends */
	screen_has_row(1, ".  Name              State of …     Size .");
	screen_has_row(4, ".  hv-2.cluster.lan  FAIL         16 GiB .");
	term_resize(12, 34);
	paint();
	screen_has_row(1, ".  Name            Sta…     Size .");
	screen_has_row(6, ".  nas.clu…er.lan  to …  100 GiB .");
	term_resize(12, 20);
	paint();
	screen_has_row(4, ".  hv-2….lan  FAIL .");
	term_resize(12, 16);
	paint();
	screen_has_row(4, ".  hv-2.…r.lan .");
	glyph_force_ascii(true);
	term_resize(12, 20);
	paint();
	screen_has_row(4, ".  hv-2~.lan  FAIL .");
}

static void
test_focus(void **state)
{
	(void)state;
	paint();
	press("Up");
	assert_int_equal(list_focus(&l), 1);
	press("Down");
	press("Down");
	assert_int_equal(list_focus(&l), 4);
	paint();
	screen_cursor_on("nas.cluster");
	press("Down");
	assert_int_equal(list_focus(&l), 4);
	press("Home");
	assert_int_equal(list_focus(&l), 1);
	/* a row that comes before does not move the focus to another machine */
	press("Down");
	memmove(data.rows + 2, data.rows + 1, 4 * sizeof *data.rows);
	data.rows[1].name = "dc.cluster.lan";
	data.n++;
	assert_int_equal(list_focus(&l), 3);
	/* and when its row is gone, the one in its place has it */
	memmove(data.rows + 3, data.rows + 4, 2 * sizeof *data.rows);
	data.n--;
	assert_int_equal(list_focus(&l), 4);
	assert_false(press("Enter"));
	assert_false(press("Esc"));
}

static void
test_filter(void **state)
{
	(void)state;
	paint();
	press("/");
	assert_true(list_editing(&l));
	type("NAS");
	paint();
	screen_has_row(2, ".Storage                                                   .");
	assert_int_equal(screen_find("hv-1"), -1);
	screen_has("/ NAS");
	screen_cursor_is(10, 6);
	assert_int_equal(list_focus(&l), 4);
	/* q is a letter here, Enter keeps the filter */
	press("Enter");
	assert_false(list_editing(&l));
	paint();
	screen_cursor_on("nas.");
	press("/");
	type("q");
	paint();
	screen_has("Nothing here contains 'NASq'.");
	assert_int_equal(list_focus(&l), LIST_NONE);
	press("*");
	press("Esc");
	assert_int_equal(list_marked(&l), 0);
	paint();
	screen_has("hv-1");
	assert_false(press("Esc"));
}

static void
collect(void *ctx, size_t row)
{
	str_addf(ctx, "%d ", (int)row);
}

static void
test_marks(void **state)
{
	CLEAN_STR chosen = STR_INIT(256);

	(void)state;
	list_each_chosen(&l, collect, &chosen);
	assert_string_equal(str_text(&chosen), "1 ");
	press("Down");
	press("Space");
	assert_true(list_is_marked(&l, 2));
	assert_int_equal(list_focus(&l), 4);
	press("Space"); /* barred */
	assert_int_equal(list_marked(&l), 1);
	str_clear(&chosen);
	list_each_chosen(&l, collect, &chosen);
	assert_string_equal(str_text(&chosen), "2 ");
	paint();
	screen_has("* hv-2");
	/* marks are of rows, not of places */
	memmove(data.rows + 1, data.rows + 2, 3 * sizeof *data.rows);
	data.n--;
	assert_true(list_is_marked(&l, 1));
	press("U");
	assert_int_equal(list_marked(&l), 0);
	press("*");
	assert_int_equal(list_marked(&l), 1);
	press("U");
	/* a filter keeps "all" to what is seen */
	add("hv-9", "ok", "");
	press("/");
	type("hv-9");
	press("Enter");
	press("*");
	assert_int_equal(list_marked(&l), 1);
}

static void
test_scrolling(void **state)
{
	static char names[40][24];

	(void)state;
	for (int i = 0; i < 40; i++) {
		(void)snprintf(names[i], sizeof names[i], "node-%02d", i);
		add(names[i], "ok", "");
	}
	paint();
	press("End");
	paint();
	screen_cursor_on("node-39");
	assert_int_equal(screen_find("node-39"), 10);
	assert_int_equal(screen_find("node-30"), -1);
	press("PgUp");
	paint();
	screen_cursor_on("node-31");
	press("Home");
	paint();
	screen_has("Machines"); /* the heading above the first row too */
	screen_cursor_on("hv-1");
}

static void
test_hostile_and_tiny(void **state)
{
	static const char *const hostile[] = {
		"a\033[2Jb\r\nc", "\xe2\x80\xaegnp.exe", "\xff\xfe", "e\xcc\x81\xcc\x81\xcc\x81",
		"\xe6\xbc\xa2\xe5\xad\x97\xe6\xbc\xa2\xe5\xad\x97", "", "tab\tbell\a",
	};

	(void)state;
	for (int i = 0; i < 7; i++)
		add(hostile[i], hostile[(i + 3) % 7], hostile[(i + 5) % 7]);
	for (int ascii = 0; ascii < 2; ascii++) {
		glyph_force_ascii(ascii);
		for (int h = 2; h < 14; h++)
			for (int w = 2; w < 62; w += 3) {
				term_resize(h, w);
				paint();
				press(h % 2 ? "Down" : "End");
				press(w % 2 ? "/" : "Esc");
			}
	}
	data.n = 0;
	press("Esc");
	term_resize(6, 40);
	paint();
	screen_has("There is no machine.");
	assert_int_equal(list_focus(&l), LIST_NONE);
	press("Down");
	press("Space");
}

#define CASE(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_columns), CASE(test_narrow), CASE(test_focus),
		CASE(test_filter),  CASE(test_marks),  CASE(test_scrolling),
		CASE(test_hostile_and_tiny),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
