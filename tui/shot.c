/* Scripts of keys, and what the screen shows. The app paints into a memory; libvterm makes of
 * it what a terminal would. */
#include "tui/shot.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/alloc.h"
#include "base/nls.h"
#include "base/paths.h"
#include "base/str.h"
#include "base/text.h"
#include "base/vec.h"
#include "tui/svg.h"
#include "tui/vterm.h"

enum { SCRIPT_MAX = 1 << 20, SIZE_LEAST = 1, SIZE_MOST = 500, WAIT_MS = 60000, TURN_MS = 200 };

enum verb { DO_KEY, DO_TYPE, DO_PASTE, DO_SIZE, DO_WAIT, DO_SHOT, DO_ROLES, DO_SVG };

static const struct {
	const char *word;
	enum verb verb;
	bool needs_rest; /* something must stand behind it */
} verbs[] = {
	{ "key", DO_KEY, true },   { "type", DO_TYPE, true },	 { "paste", DO_PASTE, true },
	{ "size", DO_SIZE, true }, { "wait", DO_WAIT, true },	 { "shot", DO_SHOT, false },
	{ "svg", DO_SVG, true },   { "roles", DO_ROLES, false },
};

struct command {
	enum verb verb;
	int line;
	char *rest;
	int rows, columns; /* DO_SIZE */
	int64_t wait_ms;   /* DO_WAIT; 0 = for a condition */
};

struct shot {
	char *name;
	struct shot_setup setup;
	VEC(struct command) commands;
	int rows, columns;
	struct pane *pane;
};

/* ---- reading ----------------------------------------------------------------------- */

static int
parse_size(struct command *c)
{
	char text[16], *x;
	uint64_t columns, rows;

	if (!str_put(text, sizeof text, c->rest) || !(x = strchr(text, 'x')))
		return -EINVAL;
	*x = '\0';
	if (!str_to_u64(text, &columns) || !str_to_u64(x + 1, &rows) || columns < SIZE_LEAST ||
	    columns > SIZE_MOST || rows < SIZE_LEAST || rows > SIZE_MOST)
		return -EINVAL;
	c->columns = (int)columns;
	c->rows = (int)rows;
	return 0;
}

/* Calls fn for each key of "F4 Enter"; the word that is none, or NULL. */
static const char *
each_key(const char *s, void (*fn)(struct app *app, uint32_t code), struct app *app)
{
	static char word[32];

	while (*(s += strspn(s, " "))) {
		size_t n = strcspn(s, " ");

		(void)snprintf(word, sizeof word, "%.*s", (int)n, s);
		if (n >= sizeof word || !key_parse(word))
			return word;
		if (fn)
			fn(app, key_parse(word));
		s += n;
	}
	return NULL;
}

static bool
is_condition(const struct shot *s, const char *name)
{
	for (size_t i = 0; s->setup.conditions && s->setup.conditions[i]; i++)
		if (!strcmp(s->setup.conditions[i], name))
			return true;
	return false;
}

/* "3 s" */
static int64_t
parse_seconds(const char *text)
{
	char number[8];
	uint64_t s = 0;
	size_t n = strcspn(text, " ");

	if (n >= sizeof number || strcmp(text + n, " s") != 0)
		return 0;
	(void)snprintf(number, sizeof number, "%.*s", (int)n, text);
	return str_to_u64(number, &s) ? (int64_t)s * 1000 : 0;
}

static int
check_wait(const struct shot *s, struct command *c, struct err *e)
{
	bool about_text = str_starts(c->rest, "text ") || str_starts(c->rest, "gone ");

	c->wait_ms = parse_seconds(c->rest);
	if (c->wait_ms || (about_text && c->rest[5]))
		return 0;
	if (!about_text && is_condition(s, c->rest))
		return 0;
	return err_set(e, E_INPUT, _("%s:%d: there is no condition '%s'"), s->name, c->line,
		       c->rest);
}

static int
check_command(struct shot *s, struct command *c, struct err *e)
{
	const char *bad;

	if (c->verb == DO_SIZE && parse_size(c) < 0)
		return err_set(e, E_INPUT, _("%s:%d: '%s' is not a size like 80x24"), s->name,
			       c->line, c->rest);
	if (c->verb == DO_WAIT)
		return check_wait(s, c, e);
	if (c->verb != DO_KEY)
		return 0;
	bad = each_key(c->rest, NULL, NULL);
	if (bad)
		return err_set(e, E_INPUT, _("%s:%d: there is no key '%s'"), s->name, c->line, bad);
	return 0;
}

static int
add_command(struct shot *s, const char *text, int line, struct err *e)
{
	size_t n = strcspn(text, " ");
	const char *rest = text[n] ? text + n + 1 : "";
	struct command c = { .line = line };

	for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++) {
		if (strlen(verbs[i].word) != n || strncmp(verbs[i].word, text, n) != 0)
			continue;
		if (verbs[i].needs_rest && !*rest)
			return err_set(e, E_INPUT, _("%s:%d: something is missing behind '%s'"),
				       s->name, line, verbs[i].word);
		c.verb = verbs[i].verb;
		c.rest = xstrdup(rest);
		vec_push(&s->commands, c);
		return check_command(s, &s->commands.at[s->commands.n - 1], e);
	}
	return err_set(e, E_INPUT, _("%s:%d: there is no command '%.*s'"), s->name, line, (int)n,
		       text);
}

/* The size before the first key or shot. */
static void
find_size(struct shot *s)
{
	s->rows = 24;
	s->columns = 80;
	for (size_t i = 0; i < s->commands.n && s->commands.at[i].verb == DO_SIZE; i++) {
		s->rows = s->commands.at[i].rows;
		s->columns = s->commands.at[i].columns;
	}
}

struct shot *
shot_parse(const char *name, const char *text, const struct shot_setup *setup, struct err *e)
{
	struct shot *s = xcalloc(1, sizeof *s);
	int line = 0, rc = 0;

	s->name = xstrdup(name);
	s->setup = *setup;
	while (*text && rc == 0) {
		size_t n = strcspn(text, "\n");
		CLEANUP(freep) char *one = xstrndup(text, n);

		line++;
		if (*one && *one != '#')
			rc = add_command(s, one, line, e);
		text += n + (text[n] == '\n');
	}
	find_size(s);
	return rc < 0 ? shot_free(s) : s;
}

struct shot *
shot_read(const char *path, const struct shot_setup *setup, struct err *e)
{
	CLEAN_STR text = STR_INIT(SCRIPT_MAX);

	if (file_read(path, &text, e) < 0)
		return NULL;
	if (memchr(str_text(&text), 0, text.len)) {
		err_set(e, E_INPUT, _("'%s' is not a script of keys"), path);
		return NULL;
	}
	return shot_parse(path, str_text(&text), setup, e);
}

struct shot *
shot_free(struct shot *s)
{
	if (!s)
		return NULL;
	for (size_t i = 0; i < s->commands.n; i++)
		free(s->commands.at[i].rest);
	vec_free(&s->commands);
	pane_free(s->pane);
	free(s->name);
	free(s);
	return NULL;
}

void
shot_size(const struct shot *s, struct term_setup *ret_setup)
{
	ret_setup->rows = s->rows;
	ret_setup->columns = s->columns;
}

/* ---- printing ---------------------------------------------------------------------- */

static void
feed(void *ctx, const char *bytes, size_t n)
{
	pane_feed(ctx, bytes, n);
}

/* The pane shows the newest frame. */
static void
look(struct shot *s, struct app *app)
{
	app_frame(app);
	term_drain(feed, s->pane);
}

static void
print_roles(const struct shot *s)
{
	fputs("-- roles\n", s->setup.out);
	for (int y = 0; y < s->rows; y++) {
		for (int x = 0; x < s->columns; x++)
			putc(theme_letter(paint_role_at(y, x)), s->setup.out);
		putc('\n', s->setup.out);
	}
}

static void
print_screen(const struct shot *s, const struct command *c)
{
	int y, x;

	fprintf(s->setup.out, "-- %dx%d%s%s\n", s->columns, s->rows, *c->rest ? " " : "", c->rest);
	for (y = 0; y < s->rows; y++) {
		CLEAN_STR row = STR_INIT(1 << 16);

		pane_row(s->pane, y, &row);
		fprintf(s->setup.out, "%s\n", str_text(&row));
	}
	if (pane_cursor(s->pane, &y, &x))
		fprintf(s->setup.out, "-- cursor row %d, column %d\n", y + 1, x + 1);
	else
		fputs("-- cursor hidden\n", s->setup.out);
	if (c->verb == DO_ROLES)
		print_roles(s);
}

static int
write_svg(const struct shot *s, const struct command *c, struct err *e)
{
	FILE *out = fopen(c->rest, "we");

	if (!out)
		return err_sys(e, errno, _("cannot write '%s'"), c->rest);
	svg_write(out, s->pane, "bascule");
	bool failed = ferror(out);
	if (fclose(out) || failed)
		return err_sys(e, errno, _("cannot write '%s'"), c->rest);
	return 0;
}

/* ---- playing ----------------------------------------------------------------------- */

static int64_t
real_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static bool
shows(const struct shot *s, const char *text)
{
	for (int y = 0; y < s->rows; y++) {
		CLEAN_STR row = STR_INIT(1 << 16);

		pane_row(s->pane, y, &row);
		if (strstr(str_text(&row), text))
			return true;
	}
	return false;
}

static bool
holds(struct shot *s, struct app *app, const char *what)
{
	look(s, app);
	if (str_starts(what, "text "))
		return shows(s, what + 5);
	if (str_starts(what, "gone "))
		return !shows(s, what + 5);
	return s->setup.holds && s->setup.holds(s->setup.ctx, what);
}

static void
nothing(void *ctx)
{
	(void)ctx;
}

/* The timer makes a clock that jumps stop there. */
static int
wait_seconds(struct shot *s, struct app *app, const struct command *c, struct err *e)
{
	struct loop *l = app_loop(app);
	int64_t end_ms = loop_now_ms(l) + c->wait_ms;

	loop_timer_add(l, c->wait_ms, nothing, NULL);
	while (loop_now_ms(l) < end_ms) {
		look(s, app);
		if (app_stopped(app) || !loop_turn(l, -1))
			return err_set(e, E_INPUT, _("%s:%d: the program has ended before this"),
				       s->name, c->line);
	}
	return 0;
}

static int
wait_for(struct shot *s, struct app *app, const struct command *c, struct err *e)
{
	int64_t end_ms = real_ms() + (s->setup.wait_ms ? s->setup.wait_ms : WAIT_MS);
	bool alive = true;

	while (!holds(s, app, c->rest)) {
		int64_t left_ms = end_ms - real_ms();

		if (!alive || left_ms <= 0 || app_stopped(app)) {
			err_set(e, E_TIMEOUT, _("%s:%d: this did not come: %s"), s->name, c->line,
				c->rest);
			return E_TIMEOUT;
		}
		alive = loop_turn(app_loop(app), left_ms < TURN_MS ? (int)left_ms : TURN_MS);
	}
	return 0;
}

static void
type_text(struct app *app, const char *text, void (*fn)(struct app *app, uint32_t code))
{
	size_t n = strlen(text), len;
	unsigned ch;

	for (size_t i = 0; i < n; i += len ? len : 1) {
		len = text_decode(text + i, n - i, &ch);
		fn(app, ch);
	}
}

static void
set_size(struct shot *s, struct app *app, const struct command *c)
{
	if (c->rows == s->rows && c->columns == s->columns)
		return;
	look(s, app);
	s->rows = c->rows;
	s->columns = c->columns;
	term_resize(s->rows, s->columns);
	s->pane = pane_free(s->pane);
	s->pane = pane_new(s->rows, s->columns, NULL, NULL);
	term_redraw();
	app_resized(app);
}

static int
play(struct shot *s, struct app *app, const struct command *c, struct err *e)
{
	switch (c->verb) {
	case DO_KEY:
		each_key(c->rest, app_key, app);
		return 0;
	case DO_TYPE:
		type_text(app, c->rest, app_key);
		return 0;
	case DO_PASTE:
		type_text(app, c->rest, app_paste);
		return 0;
	case DO_SIZE:
		set_size(s, app, c);
		return 0;
	case DO_WAIT:
		return c->wait_ms ? wait_seconds(s, app, c, e) : wait_for(s, app, c, e);
	case DO_SHOT:
	case DO_ROLES:
		look(s, app);
		print_screen(s, c);
		return 0;
	case DO_SVG:
		look(s, app);
		return write_svg(s, c, e);
	}
	return 0;
}

int
shot_play(struct shot *s, struct app *app, struct err *e)
{
	int rc = 0;

	s->pane = pane_free(s->pane);
	s->pane = pane_new(s->rows, s->columns, NULL, NULL);
	look(s, app);
	for (size_t i = 0; i < s->commands.n && rc == 0; i++) {
		const struct command *c = &s->commands.at[i];

		if (app_stopped(app))
			return err_set(e, E_INPUT, _("%s:%d: the program has ended before this"),
				       s->name, c->line);
		rc = play(s, app, c, e);
		/* what the command deferred happens before the next one */
		if (rc == 0 && !app_stopped(app))
			loop_turn(app_loop(app), 0);
	}
	return rc;
}
