/* Forms made from a table: every kind of field, mistakes beside and below, what is typed and not
 * stored, long French labels, small areas, any keys. */
#include "tests/widget.h"

#include "tui/form.h"

enum { N_FIELDS = 10 };

static struct form f;
static char values[N_FIELDS][200];
static int pressed;
static bool with_chap;

static size_t
place(const struct form_field *ff)
{
	return (size_t)((char(*)[200])ff->object - values);
}

static void
get(const struct form_field *ff, struct str *out)
{
	str_add(out, values[place(ff)]);
}

static int
set(const struct form_field *ff, const char *text, struct err *e)
{
	if (ff->type == FORM_BUTTON) {
		pressed++;
		return 0;
	}
	if (strstr(text, "bad")) {
		err_set(e, E_INPUT, "'%s' is not an address", text);
		err_hint(e, "%s", "Write it like 192.168.1.10.");
		return E_INPUT;
	}
	str_put(values[place(ff)], sizeof values[0], text);
	return 0;
}

static int
below_65536(const struct form_field *ff, const char *text, struct err *e)
{
	uint64_t n;

	(void)ff;
	if (!*text || (str_to_u64(text, &n) && n < 65536))
		return 0;
	return err_set(e, E_INPUT, "%s", "too large");
}

static bool
chap(const struct form_field *ff)
{
	(void)ff;
	return with_chap;
}

static const char *const platforms[] = { "linux", "hyperv", NULL };
static const char *const platform_labels[] = { "Linux", "Windows Hyper-V", NULL };
static const char *const roles[] = { "dc", "storage", "hypervisor", NULL };

#define AT(n) .get = get, .set = set, .object = values[n]
static const struct form_field fields[N_FIELDS] = {
	{ .label = "Cible iSCSI", .type = FORM_HEADING },
	{ .id = "portal", .label = "Adresse du portail", .help = "O\xc3\xb9 la cible r\xc3\xa9pond.",
	  .type = FORM_TEXT, .required = true, AT(1) },
	{ .id = "port", .label = "Port", .type = FORM_NUMBER, .validate = below_65536, AT(2) },
	{ .id = "platform", .label = "Plateforme", .type = FORM_CHOICE, .choices = platforms,
	  .choice_labels = platform_labels, AT(3) },
	{ .id = "sudo", .label = "Par sudo", .type = FORM_BOOL, AT(4) },
	{ .id = "roles", .label = "R\xc3\xb4les", .type = FORM_SET, .choices = roles, AT(5) },
	{ .id = "nics", .label = "Cartes r\xc3\xa9seau et leurs adresses sur chacun des r\xc3\xa9seaux",
	  .type = FORM_LIST, AT(6) },
	{ .id = "secret", .label = "Secret CHAP", .type = FORM_SECRET, .when = chap, AT(7) },
	{ .id = "back", .label = "Pr\xc3\xa9" "c\xc3\xa9" "dent", .type = FORM_BUTTON, AT(8) },
	{ .id = "next", .label = "Suivant", .type = FORM_BUTTON, AT(9) },
};

static int
setup(void **state)
{
	(void)state;
	memset(values, 0, sizeof values);
	str_put(values[1], sizeof values[1], "10.0.0.9");
	str_put(values[3], sizeof values[3], "linux");
	str_put(values[4], sizeof values[4], "no");
	str_put(values[5], sizeof values[5], "hypervisor dc");
	str_put(values[6], sizeof values[6], "eth0 = a\neth1 = b\n");
	pressed = 0;
	with_chap = true;
	form_init(&f, fields, N_FIELDS);
	screen_open(24, 80, false);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	form_done(&f);
	screen_close();
	return 0;
}

static bool
press(const char *name)
{
	struct key k = screen_key(name, form_editing(&f));

	return form_key(&f, &k);
}

static void
type(const char *text)
{
	for (; *text; text++) {
		struct key k = key_make((unsigned char)*text, form_editing(&f), false);

		form_key(&f, &k);
	}
}

static void
paint(void)
{
	struct area a;

	paint_begin();
	a = screen_area(1);
	form_paint(&f, &a, true);
	screen_is_sane(1);
}

static void
go_to(const char *id)
{
	assert_true(form_focus_on(&f, id));
	paint();
}

static void
test_layout(void **state)
{
	(void)state;
	paint();
	assert_int_equal(screen_find(".Cible iSCSI   "), 1);
	screen_role_is("Cible", ROLE_TITLE);
	/* the longest label is cut, and the fields begin in one column */
	screen_has("Cartes r\xc3\xa9seau et leurs adress\xe2\x80\xa6  eth0 = a");
	assert_int_equal(screen_column("10.0.0.9"), screen_column("eth0"));
	assert_int_equal(screen_column("Linux"), screen_column("eth0"));
	screen_role_is("Adresse", ROLE_ACCENT);
	screen_role_is("10.0.0.9", ROLE_FOCUS);
	screen_cursor_is(screen_find("10.0.0.9"), screen_column("10.0.0.9") + 8);
	screen_has("[x] dc");
	screen_has("[ ] storage");
	screen_has("[ Pr\xc3\xa9" "c\xc3\xa9" "dent ]  [ Suivant ]");
	screen_has("O\xc3\xb9 la cible r\xc3\xa9pond.");
}

static void
test_text(void **state)
{
	(void)state;
	paint();
	assert_true(form_editing(&f));
	type("9");
	assert_false(f.unsaved);
	press("Tab");
	assert_string_equal(values[1], "10.0.0.99");
	assert_true(f.unsaved);
	form_saved(&f);
	/* letters are not digits */
	type("7x0q0");
	press("Enter");
	assert_string_equal(values[2], "700");
	assert_int_equal(f.focus, 3);
	/* Esc gives the stored value back, once */
	go_to("portal");
	press("^U");
	type("else");
	assert_true(press("Esc"));
	assert_false(press("Esc"));
	press("Tab");
	assert_string_equal(values[1], "10.0.0.99");
	assert_false(press("F12"));
	go_to("portal");
	assert_false(press("BackTab"));
	go_to("next");
	assert_false(press("Tab"));
}

static void
test_mistakes(void **state)
{
	(void)state;
	paint();
	press("^U");
	type("bad one");
	press("Down");
	paint();
	assert_string_equal(values[1], "10.0.0.9");
	/* no room beside: below, and what was typed is still there */
	assert_int_equal(screen_find("'bad one' is not an address"), screen_find("bad one") + 1);
	screen_role_is("'bad one' is not", ROLE_FAIL);
	assert_int_equal(paint_role_at(2, screen_column("bad one")), ROLE_FIELD_BAD);
	type("70000");
	press("Down");
	paint();
	/* beside */
	assert_int_equal(screen_find("too large"), screen_find("70000"));
	assert_int_equal(form_check(&f), 2);
	assert_int_equal(f.focus, 1);
	paint();
	screen_has("Write it like 192.168.1.10.");
	press("^U");
	assert_int_equal(form_check(&f), 2);
	paint();
	screen_has("a value is missing");
	type("10.0.0.1");
	paint();
	assert_int_equal(screen_find("a value is missing"), -1);
	press("Tab");
	press("^U");
	type("3260");
	assert_int_equal(form_check(&f), 0);
	assert_string_equal(values[2], "3260");
	assert_true(form_set_mistake(&f, "platform", "nobody has this", "Choose another."));
	assert_false(form_set_mistake(&f, "colour", "x", NULL));
	go_to("platform");
	screen_has("nobody has this");
	screen_has("Choose another.");
	form_set_mistake(&f, "platform", NULL, NULL);
	paint();
	assert_int_equal(screen_find("nobody has this"), -1);
}

static void
test_choices(void **state)
{
	(void)state;
	go_to("platform");
	assert_false(form_editing(&f));
	screen_cursor_on("Linux");
	press("Enter");
	paint();
	screen_has("\xe2\x94\x82Linux            \xe2\x94\x82");
	screen_cursor_on("Linux            \xe2\x94\x82");
	press("Down");
	press("Down");
	paint();
	screen_cursor_on("Windows Hyper-V");
	screen_role_is("Windows Hyper-V", ROLE_FOCUS);
	press("Esc");
	assert_string_equal(values[3], "linux");
	press("Space");
	press("Down");
	press("Enter");
	assert_string_equal(values[3], "hyperv");
	assert_true(f.unsaved);
	paint();
	screen_has("Windows Hyper-V v");
	press("Left");
	assert_string_equal(values[3], "linux");
	press("Left");
	assert_string_equal(values[3], "linux");
	go_to("sudo");
	screen_has("Par sudo");
	press("Space");
	assert_string_equal(values[4], "yes");
	paint();
	screen_cursor_is(screen_find("Par sudo"), screen_column("10.0.0.9") + 1);
	go_to("roles");
	press("Space");
	assert_string_equal(values[5], "hypervisor");
	press("Down");
	press("Space");
	assert_string_equal(values[5], "storage hypervisor");
	press("Down");
	press("Down");
	assert_int_equal(f.focus, 6);
	press("Up");
	assert_int_equal(f.item, 2);
}

static void
test_list(void **state)
{
	(void)state;
	go_to("nics");
	screen_cursor_is(screen_find("eth0"), screen_column("eth0") + 8);
	press("Down");
	press("Down");
	type("eth2 = c");
	paint();
	press("Down"); /* there is a new empty line */
	assert_int_equal(f.focus, 6);
	press("Down");
	assert_string_equal(values[6], "eth0 = a\neth1 = b\neth2 = c\n");
	go_to("nics");
	press("^U");
	press("Tab");
	assert_string_equal(values[6], "eth1 = b\neth2 = c\n");
	go_to("nics");
	press("^U");
	type("bad");
	press("Tab");
	assert_string_equal(values[6], "eth1 = b\neth2 = c\n");
	paint();
	screen_has("is not an address");
}

static void
test_secret(void **state)
{
	(void)state;
	go_to("secret");
	assert_int_equal(screen_find("\xe2\x80\xa2"), -1);
	type("hunter2");
	paint();
	assert_int_equal(screen_find("hunter"), -1);
	screen_has("\xe2\x80\xa2\xe2\x80\xa2\xe2\x80\xa2\xe2\x80\xa2\xe2\x80\xa2\xe2\x80\xa2"
		   "\xe2\x80\xa2\xe2\x80\xa2");
	press("Tab");
	assert_string_equal(values[7], "hunter2");
	paint();
	screen_has("\xe2\x80\xa2\xe2\x80\xa2\xe2\x80\xa2\xe2\x80\xa2\xe2\x80\xa2\xe2\x80\xa2"
		   "\xe2\x80\xa2\xe2\x80\xa2");
	assert_int_equal(screen_find("hunter"), -1);
	/* passing through does not store it again, nor empty it */
	form_saved(&f);
	press("BackTab");
	press("Tab");
	assert_string_equal(values[7], "hunter2");
	assert_false(f.unsaved);
	with_chap = false;
	paint();
	assert_int_equal(screen_find("Secret CHAP"), -1);
	assert_false(form_focus_on(&f, "secret"));
}

static void
test_buttons(void **state)
{
	(void)state;
	go_to("back");
	screen_cursor_on("Pr\xc3\xa9");
	press("Right");
	paint();
	screen_cursor_on("Suivant ]");
	screen_role_is("[ Suivant", ROLE_FOCUS);
	screen_role_is("[ Pr", ROLE_BUTTON);
	press("Enter");
	assert_int_equal(pressed, 1);
	assert_false(f.unsaved);
}

/* At every size the focused field is seen and nothing runs into something else. */
static void
test_sizes(void **state)
{
	static const char *const ids[] = { "portal", "port", "platform", "sudo", "roles",
					   "nics",   "secret", "back",	 "next" };

	(void)state;
	form_set_mistake(&f, "port", "cette valeur est bien trop grande et ne tient pas ici", "Plus petit.");
	for (int h = 3; h < 26; h += 2)
		for (int w = 6; w < 100; w += 7)
			for (int i = 0; i < 9; i++) {
				int y, x;

				term_resize(h, w);
				go_to(ids[i]);
				assert_true(paint_cursor_at(&y, &x));
				if (i == 2) {
					press("Enter");
					press("Down");
					paint();
					press("Esc");
				}
			}
}

static void
test_any_keys(void **state)
{
	static const char *const keys[] = {
		"Up",  "Down", "Left",	    "Right", "Tab",   "BackTab", "Enter", "Space", "Esc",
		"End", "Home", "Backspace", "Del",   "^U",    "PgUp",	 "PgDn",  "^K",	   "b",
	};

	(void)state;
	for (int i = 0; i < 6000; i++) {
		press(keys[unit_random() % (sizeof keys / sizeof *keys)]);
		if (unit_random() % 4 == 0)
			type("ad\xc3");
		if (unit_random() % 32 == 0)
			with_chap = !with_chap;
		if (unit_random() % 16 == 0)
			term_resize(3 + (int)(unit_random() % 20), 4 + (int)(unit_random() % 90));
		if (unit_random() % 64 == 0)
			form_check(&f);
		if (i % 4 == 0)
			paint();
	}
}

#define CASE(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_layout), CASE(test_text),    CASE(test_mistakes), CASE(test_choices),
		CASE(test_list),   CASE(test_secret),  CASE(test_buttons),  CASE(test_sizes),
		CASE(test_any_keys),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
