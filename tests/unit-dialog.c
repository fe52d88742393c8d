/* Dialogs on a stack of screens: what has the focus, what does nothing, what is asked for twice;
 * answers come once and after the dialog is gone; small terminals, resizing, any keys. */
#include "tests/widget.h"

#include "base/loop.h"
#include "tui/app.h"
#include "tui/dialog.h"

static struct loop *loop;
static struct app *app;
static struct {
	int calls, depth;
	bool yes;
	size_t choice;
	char text[64];
} got;

static void
paint_ground(struct screen *s, const struct area *a)
{
	(void)s;
	for (int y = 0; y < a->h; y++)
		for (int x = 0; x < a->w; x++)
			paint_text(a, y, x, ROLE_DIM, "~");
}

static const struct screen_ops ground_ops = { .paint = paint_ground };
static struct screen ground = { .ops = &ground_ops };

static int
setup(void **state)
{
	struct app_setup how = { .term = { .rows = 24, .columns = 80 },
				 .chrome = { .program = "bascule" } };
	struct err e = { 0 };

	(void)state;
	memset(&got, 0, sizeof got);
	loop = loop_new();
	app = app_new(loop, &how, &e);
	if (!app)
		fail_msg("%s", e.what);
	glyph_force_ascii(false);
	app_push(app, &ground);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	app = app_free(app);
	loop = loop_free(loop);
	return 0;
}

static void
done(void *ctx, const struct dialog_answer *a)
{
	(void)ctx;
	got.calls++;
	got.depth = app_depth(app);
	got.yes = a->yes;
	got.choice = a->choice;
	str_put(got.text, sizeof got.text, a->text ? a->text : "");
}

static void
settle(void)
{
	loop_turn(loop, 0);
	app_refresh(app);
	app_frame(app);
}

static void
press(const char *name)
{
	uint32_t code = key_parse(name);

	assert_int_not_equal(code, KEYC_NONE);
	app_key(app, code);
	settle();
}

static void
type(const char *text)
{
	for (; *text; text++)
		app_key(app, (unsigned char)*text);
	settle();
}

static void
show(struct dialog_spec spec)
{
	spec.done = done;
	dialog_open(app, &spec);
	settle();
}

static void
answered(bool yes)
{
	assert_int_equal(got.calls, 1);
	assert_int_equal(got.yes, yes);
	assert_int_equal(got.depth, 1);
	assert_int_equal(app_depth(app), 1);
	settle();
	assert_int_equal(screen_find("["), -1);
	got.calls = 0;
}

static void
test_message(void **state)
{
	(void)state;
	show((struct dialog_spec){ .kind = DIALOG_MESSAGE, .title = "Done",
				   .text = "The cluster is up.\n\nAll \033[31mnodes\r are in it." });
	screen_has("Done");
	screen_has("The cluster is up.");
	screen_has("All ^[[31mnodes^M are in it.");
	screen_has("~"); /* the screen below is still there */
	screen_cursor_is(screen_find("[ OK ]"), screen_column("OK ]"));
	press("Enter");
	answered(true);
	show((struct dialog_spec){ .kind = DIALOG_MESSAGE, .text = "x" });
	press("Esc");
	answered(true);
}

static const struct dialog_spec restart = {
	.kind = DIALOG_CONFIRM,
	.title = "Red\xc3\xa9marrage",
	.text = "hv-1 s'arr\xc3\xaate ; les machines virtuelles qu'il porte vont sur hv-2.",
	.go = "Red\xc3\xa9marrer maintenant",
};

static void
test_confirm(void **state)
{
	(void)state;
	/* Enter pressed once too often does nothing */
	show(restart);
	screen_cursor_is(screen_find("[ Cancel ]"), screen_column("Cancel ]"));
	screen_role_is("[ Cancel", ROLE_FOCUS);
	press("Enter");
	answered(false);
	show(restart);
	press("Tab");
	screen_role_is("[ Red", ROLE_FOCUS);
	screen_role_is("[ Cancel", ROLE_BUTTON);
	press("Enter");
	answered(true);
	show(restart);
	press("Right");
	press("Right");
	press("Left");
	press("Space");
	answered(true);
	show(restart);
	press("Right");
	press("Esc");
	answered(false);
	show(restart);
	press("F8");
	answered(false);
	struct dialog_spec harmless = restart;

	harmless.harmless = true;
	show(harmless);
	press("Enter");
	answered(true);
}

static void
test_name(void **state)
{
	const struct dialog_spec format = {
		.kind = DIALOG_NAME,
		.title = "Format",
		.text = "LUN vm, 100 GiB: ext4 'old data', last used by hv-2.",
		.name = "vm-1",
		.go = "Format",
	};

	(void)state;
	show(format);
	screen_has("Type its name:");
	screen_role_is("[ Format ]", ROLE_DIM);
	press("Enter");
	assert_int_equal(got.calls, 0);
	screen_has("this is not the name 'vm-1'");
	type("VM-1");
	press("Enter");
	press("Tab"); /* to Cancel */
	press("Tab");
	press("Enter"); /* the button does not work either */
	assert_int_equal(got.calls, 0);
	screen_has("this is not the name 'vm-1'");
	press("^U");
	type("vm-1");
	screen_role_is("[ Format ]", ROLE_BUTTON);
	press("Enter"); /* only goes to the button */
	assert_int_equal(got.calls, 0);
	screen_role_is("[ Format ]", ROLE_FOCUS);
	press("Enter");
	answered(true);
	show(format);
	type("vm-1q?"); /* letters are letters here */
	assert_int_equal(app_depth(app), 2);
	press("Esc");
	answered(false);
}

static void
test_choice(void **state)
{
	static const char *const words[] = { "hv-1", "hv-2", "a\033b", "\xe6\xbc\xa2\xe5\xad\x97" };

	(void)state;
	show((struct dialog_spec){ .kind = DIALOG_CHOICE, .title = "To which node?",
				   .choices = words, .nchoices = 4, .choice = 1 });
	screen_role_is("hv-2", ROLE_FOCUS);
	screen_cursor_on("hv-2");
	press("Down");
	press("Enter");
	answered(true);
	assert_int_equal(got.choice, 2);
	show((struct dialog_spec){ .kind = DIALOG_CHOICE, .choices = words, .nchoices = 4 });
	press("/");
	type("zz");
	press("Enter"); /* ends the typing */
	press("Enter"); /* chooses nothing: there is nothing */
	assert_int_equal(got.calls, 0);
	press("Esc");
	assert_int_equal(got.calls, 0);
	press("Esc");
	answered(false);
}

static int
even(void *ctx, const char *text, struct err *e)
{
	(void)ctx;
	if (strlen(text) % 2 == 0)
		return 0;
	err_set(e, E_INPUT, "%s", "the number of letters is odd");
	err_hint(e, "%s", "Add one.");
	return E_INPUT;
}

static void
test_input(void **state)
{
	(void)state;
	show((struct dialog_spec){ .kind = DIALOG_INPUT, .title = "Save as", .label = "File",
				   .initial = "a.in", .check = even });
	screen_cursor_is(screen_find("a.in"), screen_column("a.in") + 4);
	type("i");
	press("Enter");
	assert_int_equal(got.calls, 0);
	screen_has("the number of letters is odd");
	screen_has("Add one.");
	press("Backspace");
	assert_int_equal(screen_find("odd"), -1);
	press("Enter");
	answered(true);
	assert_string_equal(got.text, "a.in");
	show((struct dialog_spec){ .kind = DIALOG_SECRET, .title = "Password" });
	type("hunter22");
	assert_int_equal(screen_find("hunter"), -1);
	press("Enter");
	answered(true);
	assert_string_equal(got.text, "hunter22");
}

static void
again(void *ctx, const struct dialog_answer *a)
{
	done(ctx, a);
	if (got.calls < 3)
		dialog_open(app, &(struct dialog_spec){ .kind = DIALOG_MESSAGE, .text = "again",
							.done = again });
}

/* One dialog goes on to the next; the program closes one without an answer. */
static void
test_continuations(void **state)
{
	(void)state;
	dialog_open(app, &(struct dialog_spec){ .kind = DIALOG_MESSAGE, .text = "first",
						.done = again });
	settle();
	press("Enter");
	screen_has("again");
	press("Enter");
	press("Enter");
	assert_int_equal(got.calls, 3);
	assert_int_equal(app_depth(app), 1);
	got.calls = 0;
	show(restart);
	app_pop(app);
	settle();
	assert_int_equal(got.calls, 0);
}

/* The smallest terminal there is a screen on has both buttons, whatever their labels, and a text
 * that scrolls. */
static void
test_sizes(void **state)
{
	static const char long_text[] =
		"Une longue explication de ce qui va s'arr\xc3\xaater et pourquoi. Une longue "
		"explication de ce qui va s'arr\xc3\xaater et pourquoi. Une longue explication de ce "
		"qui va s'arr\xc3\xaater et pourquoi. Une longue explication de ce qui va "
		"s'arr\xc3\xaater et pourquoi.\n\na\n\nb\n\nc\n\nd\n\ne\n\nf\n\ng\n\nh\n\nthe end";
	struct dialog_spec spec = restart;

	(void)state;
	spec.text = long_text;
	spec.go = "Arr\xc3\xaater le cluster et tout ce qu'il porte maintenant";
	spec.back = "Revenir sans rien faire du tout";
	show(spec);
	for (int h = 18; h < 40; h += 3)
		for (int w = 60; w < 120; w += 9) {
			term_resize(h, w);
			app_resized(app);
			settle();
			screen_has("[ Revenir sans rien faire du tout ]");
			screen_has("[ Arr\xc3\xaater le cluster et tout ce qu'il porte maintenant ]");
			screen_has("Une longue");
			screen_cursor_on("Revenir");
		}
	term_resize(18, 60);
	app_resized(app);
	settle();
	assert_int_equal(screen_find("the end"), -1);
	for (int i = 0; i < 4; i++)
		press("PgDn");
	screen_has("the end");
	press("Down");
	screen_has("the end");
	term_resize(10, 30); /* too small for any screen; then back */
	app_resized(app);
	settle();
	term_resize(24, 80);
	app_resized(app);
	settle();
	press("Esc");
	answered(false);
}

static void
test_any_keys(void **state)
{
	static const char *const keys[] = { "Tab", "BackTab", "Enter", "Esc", "Up", "Down", "Left",
					    "PgUp", "PgDn", "Space", "a", "/", "^U", "F8" };
	static const char *const words[] = { "one", "two", "three" };

	(void)state;
	for (int i = 0; i < 2000; i++) {
		if (app_depth(app) == 1)
			show((struct dialog_spec){ .kind = (enum dialog_kind)(unit_random() % 6),
						   .title = "t", .text = "text", .name = "aa",
						   .choices = words, .nchoices = unit_random() % 4 });
		if (unit_random() % 8 == 0) {
			term_resize(18 + (int)(unit_random() % 10), 60 + (int)(unit_random() % 30));
			app_resized(app);
		}
		press(keys[unit_random() % (sizeof keys / sizeof *keys)]);
		screen_is_sane(0);
	}
}

#define CASE(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_message), CASE(test_confirm), CASE(test_name),  CASE(test_choice),
		CASE(test_input),   CASE(test_continuations), CASE(test_sizes), CASE(test_any_keys),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
