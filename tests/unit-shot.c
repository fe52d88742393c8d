/* The app on its loop, driven by scripts of keys: the stack, dialogs, chrome, sizes; and the
 * strictness of the scripts themselves. */
#include "tests/unit.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/paths.h"
#include "base/text.h"
#include "tui/shot.h"

/* ---- two screens to play with ------------------------------------------------------ */

struct toy {
	struct screen screen;
	const char *title;
	bool is_dialog, is_field, grabs;
	char text[64]; /* of the field; of the last key elsewhere */
	int resized, shown;
};

static struct loop *loop;
static struct app *app;
static struct err err;
static char *output;
static size_t output_len;
static FILE *out;
static int toys_alive, wakes;
static bool may_quit = true, ready;

static struct toy *toy_new(const char *title);

static const char *
toy_title(struct screen *s)
{
	return ((struct toy *)s)->title;
}

static const char *
toy_hint(struct screen *s)
{
	return ((struct toy *)s)->is_field ? "type something" : NULL;
}

static void
toy_paint(struct screen *s, const struct area *a)
{
	struct toy *t = (struct toy *)s;
	struct area in = t->is_dialog ? paint_box(a, ROLE_BORDER, t->title) : *a;

	paint_textf(&in, 0, 0, ROLE_TEXT, "%s: %s", t->title, t->text);
	paint_text(&in, 1, 0, ROLE_FOCUS, "focused");
	paint_cursor(&in, 1, 0);
}

static bool
toy_key(struct screen *s, const struct key *k)
{
	struct toy *t = (struct toy *)s;
	char utf8[5];

	if (t->is_field && k->ch) {
		key_utf8(k->ch, utf8);
		(void)snprintf(t->text + strlen(t->text), sizeof t->text - strlen(t->text), "%s",
			       utf8);
		return true;
	}
	key_label(k->code, t->text, sizeof t->text);
	if (t->grabs && k->action != ACTION_RELEASE)
		return true;
	if (k->action == ACTION_ENTER) {
		app_push(s->app, &toy_new("second")->screen);
	} else if (k->action == ACTION_FIND) {
		struct toy *d = toy_new("ask");
		d->is_dialog = d->is_field = true;
		app_push(s->app, &d->screen);
	} else if (k->action == ACTION_CONSOLE) {
		t->grabs = true;
	} else if (k->action == ACTION_RELEASE) {
		t->grabs = false;
	} else if (k->action == ACTION_REMOVE) {
		app_replace(s->app, &toy_new("third")->screen);
	} else {
		return false;
	}
	return true;
}

static void
toy_actions(struct screen *s, struct action_set *set)
{
	(void)s;
	action_add(set, ACTION_EXPLAIN);
	action_add(set, ACTION_RECHECK);
	action_add(set, ACTION_LOG);
	action_add(set, ACTION_MAP);
	action_add(set, ACTION_BACK);
	action_add_as(set, ACTION_NEXT, "Onwards");
	action_add(set, ACTION_MARK);
}

static bool
toy_editing(struct screen *s)
{
	return ((struct toy *)s)->is_field;
}

static bool
toy_grabs(struct screen *s)
{
	return ((struct toy *)s)->grabs;
}

static void
toy_resize(struct screen *s)
{
	((struct toy *)s)->resized++;
}

static void
toy_shown(struct screen *s)
{
	((struct toy *)s)->shown++;
}

static void
toy_close(struct screen *s)
{
	toys_alive--;
	free(s);
}

static void
dialog_size(struct screen *s, int *h, int *w)
{
	(void)s;
	*h = 4;
	*w = 30;
}

static const struct screen_ops toy_ops = {
	.title = toy_title, .hint = toy_hint, .paint = toy_paint, .key = toy_key,
	.actions = toy_actions, .editing = toy_editing, .grabs = toy_grabs,
	.resize = toy_resize, .shown = toy_shown, .close = toy_close,
};

static struct screen_ops dialog_ops;

static struct toy *
toy_new(const char *title)
{
	struct toy *t = xcalloc(1, sizeof *t);

	dialog_ops = toy_ops;
	dialog_ops.size = dialog_size;
	toys_alive++;
	t->title = title;
	t->screen.ops = !strcmp(title, "ask") ? &dialog_ops : &toy_ops;
	return t;
}

static bool
toy_may_quit(void *ctx)
{
	(void)ctx;
	return may_quit;
}

static bool
toy_holds(void *ctx, const char *condition)
{
	(void)ctx;
	(void)condition;
	return ready;
}

static void
become_ready(void *ctx)
{
	(void)ctx;
	ready = true;
	wakes++;
}

/* ---- playing ----------------------------------------------------------------------- */

static const char *const conditions[] = { "ready", NULL };

static int
play(const char *script)
{
	struct shot_setup setup = { .conditions = conditions, .holds = toy_holds, .wait_ms = 300 };
	struct app_setup a = { .chrome = { .program = "bascule", .place = "c1.lan",
					   .detail = "linux", .badges = { "SIMULATED" } },
			       .may_quit = toy_may_quit };
	struct shot *s;
	int rc;

	memset(&err, 0, sizeof err);
	free(output);
	output = NULL;
	out = setup.out = open_memstream(&output, &output_len);
	s = shot_parse("script", script, &setup, &err);
	if (!s) {
		(void)fclose(out);
		return err.code;
	}
	shot_size(s, &a.term);
	loop = loop_new();
	app = app_new(loop, &a, &err);
	assert_non_null(app);
	app_push(app, &toy_new("first")->screen);
	if (strstr(script, "wait ready"))
		loop_timer_add(loop, 20, become_ready, NULL);
	rc = shot_play(s, app, &err);
	app = app_free(app);
	loop = loop_free(loop);
	shot_free(s);
	(void)fclose(out);
	assert_int_equal(toys_alive, 0);
	return rc;
}

static void
must_play(const char *script)
{
	if (play(script) < 0)
		fail_msg("%s", err.what);
}

/* Line n of the output, from 0. */
static const char *
line(int n)
{
	static char text[4][512];
	static int turn;
	char *to = text[turn++ % 4];
	const char *s = output;

	while (n-- > 0 && s)
		s = strchr(s, '\n') ? strchr(s, '\n') + 1 : NULL;
	(void)snprintf(to, sizeof text[0], "%.*s", s ? (int)strcspn(s, "\n") : 0, s ? s : "");
	return to;
}

#define assert_says(text) \
	do { \
		if (!strstr(output, text)) \
			fail_msg("no '%s' in:\n%s", text, output); \
	} while (0)

static void
test_first_screen(void **state)
{
	(void)state;
	must_play("shot begin\n");
	assert_string_equal(line(0), "-- 80x24 begin");
	assert_string_equal(line(1), " bascule  c1.lan  linux  SIMULATED                    "
				     "                    first");
	assert_string_equal(line(2), "first:");
	assert_string_equal(line(3), "focused");
	assert_string_equal(line(24), " F1 Help  F4 Explain  F5 Re-check  F7 Map  F8 Back  "
				      "F12 Onwards  F10 Quit");
	assert_string_equal(line(25), "-- cursor row 3, column 1");
}

/* Narrow: what matters least goes first; nothing is cut in half. */
static void
test_key_bar_drops_by_priority(void **state)
{
	(void)state;
	must_play("size 60x18\nshot\n");
	assert_string_equal(line(18), " F1 Help  F4 Explain  F8 Back  F12 Onwards  F10 Quit");
}

static void
test_stack_and_back(void **state)
{
	(void)state;
	must_play("key Enter\nshot\n");
	assert_string_equal(line(2), "second:");
	must_play("key Enter F8\nshot\n");
	assert_string_equal(line(2), "first: Enter");
	/* Esc at the bottom does nothing; it never leaves the program */
	must_play("key Esc Esc < F8\nshot\n");
	assert_string_equal(line(2), "first: F8");
	must_play("key D\nshot\n");
	assert_string_equal(line(2), "third:");
}

static void
test_dialog_over_screen(void **state)
{
	(void)state;
	must_play("key /\ntype q?é\nshot\nkey Esc\nshot\n");
	/* the screen below is still there, its title too, and the hint is the dialog's */
	assert_string_equal(line(2), "first: /");
	assert_says("┌ ask ─");
	assert_says("│ask: q?é");
	assert_says("type something");
	assert_true(strstr(line(1), "first") != NULL);
	assert_string_equal(line(28), "first: /");
	assert_null(strstr(line(0 + 26 + 10), "ask"));
}

static void
test_paste_is_text_and_never_an_action(void **state)
{
	(void)state;
	must_play("paste qqD\nshot\n");
	assert_string_equal(line(2), "first: D");
	must_play("key /\npaste a/q\nshot\n");
	assert_says("ask: a/q");
}

static void
test_console_takes_all_keys(void **state)
{
	(void)state;
	must_play("key t q F10 ^C\nshot\nkey ^] Enter\nshot\n");
	assert_string_equal(line(2), "first: ^C");
	assert_string_equal(line(28), "second:");
}

static void
test_help_lists_this_screen_first(void **state)
{
	(void)state;
	must_play("key F1\nshot\nkey PgDn PgDn PgDn PgDn\nshot\nkey q\nshot\n");
	assert_says("On this screen");
	assert_says("F4 x          Why this step, and the exact commands");
	assert_says("Erase the whole field");
	assert_string_equal(line(2 + 2 * 26), "first: F1");
}

static void
test_too_small_and_back(void **state)
{
	(void)state;
	must_play("size 59x18\nshot\nsize 60x17\nshot\nsize 1x1\nshot\nsize 60x18\nshot\n");
	assert_string_equal(line(1), "too small: needs 60x18, this is 59x18");
	assert_string_equal(line(1 + 20), "too small: needs 60x18, this is 60x17");
	assert_says("\nfirst:\n");
}

static void
test_resize_storm(void **state)
{
	CLEAN_STR script = STR_INIT(1 << 16);

	(void)state;
	for (int i = 0; i < 300; i++)
		str_addf(&script, "key %s\nsize %ux%u\n", i % 5 ? "Down" : i % 2 ? "Enter" : "F1",
			 1 + unit_random() % 200, 1 + unit_random() % 60);
	str_add(&script, "size 80x24\nshot\n");
	must_play(str_text(&script));
	assert_int_equal(strncmp(line(1), " bascule", 8), 0);
	assert_string_equal(line(26), "");
}

static void
test_quit_asks(void **state)
{
	(void)state;
	may_quit = false;
	must_play("key q F10 ^C\nshot\n");
	assert_string_equal(line(2), "first: ^C");
	may_quit = true;
	must_play("key q\n");
	assert_int_equal(play("key q\nshot\n"), E_INPUT);
	assert_string_equal(err.what, "script:2: the program has ended before this");
}

static void
test_roles_plane(void **state)
{
	(void)state;
	must_play("roles\n");
	assert_string_equal(line(26), "-- roles");
	assert_int_equal(strlen(line(27)), 80);
	assert_int_equal(strncmp(line(27), "rrr", 3), 0);
	assert_non_null(strstr(line(27), "ggggggggg"));
	assert_int_equal(strncmp(line(29), "FFFFFFF.", 8), 0);
	assert_int_equal(strncmp(line(50), ".kk.hhhh", 8), 0);
}

static void
test_waits(void **state)
{
	(void)state;
	must_play("wait text focused\nwait gone nowhere\nkey Enter\nwait text second\n");
	ready = false;
	must_play("wait ready\nshot\n");
	assert_int_equal(play("wait text nowhere\n"), E_TIMEOUT);
	assert_string_equal(err.what, "script:1: this did not come: text nowhere");
}

static void
test_save_screen(void **state)
{
	char folder[] = "/tmp/bascule-unit-shot.XXXXXX";
	CLEAN_STR text = STR_INIT(1 << 16);
	char *at, *end;

	(void)state;
	assert_non_null(mkdtemp(folder));
	setenv("XDG_STATE_HOME", folder, 1);
	must_play("size 200x24\nkey Enter ^O\nshot\n");
	at = strstr(output, "this screen is in ");
	assert_non_null(at);
	at += strlen("this screen is in ");
	end = strchr(at, '\n');
	*end = '\0';
	assert_int_equal(file_read(at, &text, &err), 0);
	assert_non_null(strstr(str_text(&text), "\nsecond: ^O\nfocused\n"));
	unlink(at);
	*strrchr(at, '/') = '\0';
	rmdir(at);
	rmdir(folder);
}

static void
test_scripts_are_strict(void **state)
{
	static const struct {
		const char *script, *what;
	} bad[] = {
		{ "key F4\nkey F99\n", "script:2: there is no key 'F99'" },
		{ "key Enter Foo\n", "script:1: there is no key 'Foo'" },
		{ "# fine\n\npress x\n", "script:3: there is no command 'press'" },
		{ "type\n", "script:1: something is missing behind 'type'" },
		{ "size 80\n", "script:1: '80' is not a size like 80x24" },
		{ "size 0x24\n", "script:1: '0x24' is not a size like 80x24" },
		{ "size 80x24x3\n", "script:1: '80x24x3' is not a size like 80x24" },
		{ "wait 5\n", "script:1: there is no condition '5'" },
		{ "wait text \n", "script:1: there is no condition 'text '" },
		{ " key x\n", "script:1: there is no command ''" },
		{ "keyx\n", "script:1: there is no command 'keyx'" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		assert_int_equal(play(bad[i].script), E_INPUT);
		assert_string_equal(err.what, bad[i].what);
		assert_int_equal(output_len, 0);
	}
}

static void
test_svg(void **state)
{
	char path[] = "/tmp/bascule-unit-shot.XXXXXX";
	CLEAN_STR script = STR_INIT(256), text = STR_INIT(1 << 20);
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	close(fd);
	str_addf(&script, "key /\ntype <&>\nsvg %s\n", path);
	must_play(str_text(&script));
	assert_int_equal(file_read(path, &text, &err), 0);
	unlink(path);
	assert_int_equal(strncmp(str_text(&text), "<svg xmlns=", 11), 0);
	assert_non_null(strstr(str_text(&text), "&lt;&amp;&gt;"));
	assert_non_null(strstr(str_text(&text), "class=\"focus\""));
	assert_non_null(strstr(str_text(&text), ">SIMULATED</text>"));
	assert_null(strstr(str_text(&text), "─"));
	assert_string_equal(str_text(&text) + text.len - 7, "</svg>\n");
	assert_int_equal(play("svg /nowhere/at/all.svg\n"), -ENOENT);
}

/* ---- frames and idleness ----------------------------------------------------------- */

static int ticks;

static void
tick(void *ctx)
{
	ticks++;
	app_refresh(app);
	if (ticks < 200)
		loop_timer_add(loop, 2, tick, ctx);
	else
		app_stop(app);
}

static int paints;

static void
counting_paint(struct screen *s, const struct area *a)
{
	paints++;
	toy_paint(s, a);
}

/* Four hundred milliseconds of changes are at most ten frames; a key is one at once. */
static void
test_frames_are_paced(void **state)
{
	struct app_setup a = { .term = { .rows = 24, .columns = 80 } };
	struct screen_ops ops = toy_ops;
	struct toy *t = toy_new("first");

	(void)state;
	loop = loop_new();
	app = app_new(loop, &a, &err);
	ops.paint = counting_paint;
	t->screen.ops = &ops;
	app_push(app, &t->screen);
	ticks = paints = 0;
	loop_timer_add(loop, 2, tick, NULL);
	loop_run(loop);
	assert_int_equal(ticks, 200);
	assert_in_range(paints, 3, 30);
	paints = 0;
	for (int i = 0; i < 10; i++) {
		app_key(app, KEYC_DOWN);
		loop_turn(loop, 0);
	}
	assert_int_equal(paints, 10);
	app = app_free(app);
	loop = loop_free(loop);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_first_screen),
		cmocka_unit_test(test_key_bar_drops_by_priority),
		cmocka_unit_test(test_stack_and_back),
		cmocka_unit_test(test_dialog_over_screen),
		cmocka_unit_test(test_paste_is_text_and_never_an_action),
		cmocka_unit_test(test_console_takes_all_keys),
		cmocka_unit_test(test_help_lists_this_screen_first),
		cmocka_unit_test(test_too_small_and_back),
		cmocka_unit_test(test_resize_storm),
		cmocka_unit_test(test_quit_asks),
		cmocka_unit_test(test_roles_plane),
		cmocka_unit_test(test_waits),
		cmocka_unit_test(test_save_screen),
		cmocka_unit_test(test_scripts_are_strict),
		cmocka_unit_test(test_svg),
		cmocka_unit_test(test_frames_are_paced),
	};
	int failed;

	setlocale(LC_ALL, "C.UTF-8");
	unsetenv("NO_COLOR");
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	free(output);
	return failed;
}
