/* The wizard in sentences: one question at a time, choices by number, nothing that is drawn over.
 * "?" says the question again, "<" goes back, an empty line takes what stands in brackets. */
#include "screens/linear.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>
#include "base/nls.h"
#include "base/paths.h"
#include "base/text.h"
#include "engine/explain.h"
#include "engine/recent.h"
#include "engine/wording.h"

enum { LINE_MAX_BYTES = 64 * 1024, COLUMNS = 78, DEPTH_MAX = 8, SCRIPT_MAX = 1024 * 1024 };

struct linear;

/* One question and what its answer leads to. */
struct page {
	void (*show)(struct linear *l);
	void (*answer)(struct linear *l, const char *text);
};

struct linear {
	struct wizard w; /* first: the front's functions get it */
	struct page stack[DEPTH_MAX];
	size_t depth;
	struct str typed;
	struct recents recents;
	size_t chapter, row;
	enum view_scope scope;
	/* The engine's question: it comes before any page's. */
	VEC(struct query *) questions;
	bool asking, hidden;
	struct termios saved;
	char *path;
	bool ended;
};

struct query {
	struct ask ask;
	char *texts[5];
	char **choices;
	ask_answer_fn answer;
	void *ctx;
};

/* ---- saying ---- */

static void
line_say(void *ctx, const char *text)
{
	(void)ctx;
	printf("%s\n", text);
}

static void
say(const char *text)
{
	CLEAN_STR clean = STR_INIT(LINE_MAX_BYTES);
	text_clean(&clean, text, strlen(text), true);
	text_wrap(str_text(&clean), COLUMNS, line_say, NULL);
}

static void
prompt(const char *text)
{
	printf("%s ", text);
	fflush(stdout);
}

static void
page_show(struct linear *l)
{
	if (!l->w.running && !l->asking && l->depth)
		l->stack[l->depth - 1].show(l);
}

static void
page_push(struct linear *l, const struct page *p)
{
	if (l->depth < DEPTH_MAX)
		l->stack[l->depth++] = *p;
	page_show(l);
}

static void
page_back(struct linear *l)
{
	if (l->depth > 1)
		l->depth--;
	page_show(l);
}

static void
linear_end(struct linear *l)
{
	l->ended = true;
	loop_stop(l->w.loop);
}

/* The number that was typed, 1..n, else 0. */
static size_t
number_of(const char *text, size_t n)
{
	uint64_t value;
	return str_to_u64(text, &value) && value >= 1 && value <= n ? (size_t)value : 0;
}

static void
not_understood(struct linear *l)
{
	say(_("That is none of the choices."));
	page_show(l);
}

/* ---- the front ---- */

static void
front_message(struct wizard *w, const char *title, const char *text)
{
	(void)w;
	say(title);
	if (text)
		say(text);
}

static void
front_note(struct wizard *w, const char *text)
{
	(void)w;
	say(text);
}

static void
front_nothing(struct wizard *w)
{
	(void)w;
}

static void
front_event(struct wizard *w, const struct event *e)
{
	lines_event(w->lines, e);
}

static struct lines_out
front_lines(struct wizard *w)
{
	return (struct lines_out){ line_say, NULL, COLUMNS, w };
}

static void
front_run_over(struct wizard *w, int code)
{
	(void)code;
	page_show((struct linear *)w);
}

static void questions_cancel(struct wizard *w);

static const struct front front = {
	.message = front_message,
	.note = front_note,
	.changed = front_nothing,
	.opened = front_nothing,
	.event = front_event,
	.lines = front_lines,
	.run_over = front_run_over,
	.unask = questions_cancel,
};

/* ---- the engine's questions ---- */

static void
echo_set(struct linear *l, bool shown)
{
	if (!shown && !l->hidden && !tcgetattr(STDIN_FILENO, &l->saved)) {
		struct termios quiet = l->saved;
		quiet.c_lflag &= ~(tcflag_t)(ECHO | ECHOE | ECHOK | ECHONL);
		l->hidden = !tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
	} else if (shown && l->hidden) {
		tcsetattr(STDIN_FILENO, TCSANOW, &l->saved);
		l->hidden = false;
		printf("\n");
	}
}

static void
question_show(struct linear *l)
{
	if (!l->questions.n) {
		l->asking = false;
		page_show(l);
		return;
	}
	const struct query *a = l->questions.at[0];
	l->asking = true;
	say(a->ask.title);
	if (a->ask.text)
		say(a->ask.text);
	for (size_t i = 0; a->choices[i]; i++)
		printf("  %zu  %s\n", i + 1, a->choices[i]);
	if (a->ask.type == ASK_CONFIRM || a->ask.type == ASK_HOSTKEY)
		prompt(_("yes or no [no]:"));
	else if (a->ask.type == ASK_NAME)
		printf(_("type '%s' to allow it: "), a->ask.expect);
	else
		prompt(":");
	fflush(stdout);
	echo_set(l, a->ask.type != ASK_SECRET);
}

static char *
copy(const char *text)
{
	return text ? xstrdup(text) : NULL;
}

static void
ask(void *wizard, const struct ask *q, ask_answer_fn answer, void *ctx)
{
	struct linear *l = wizard;
	struct query *a = xcalloc(1, sizeof *a);
	size_t n = 0;
	while (q->choices && q->choices[n])
		n++;
	*a = (struct query){ .ask = *q, .answer = answer, .ctx = ctx,
			     .choices = xcalloc(n + 1, sizeof *a->choices),
			     .texts = { copy(q->id), copy(q->title), copy(q->text), copy(q->expect),
					copy(q->fallback) } };
	for (size_t i = 0; i < n; i++)
		a->choices[i] = xstrdup(q->choices[i]);
	a->ask.id = a->texts[0];
	a->ask.title = a->texts[1];
	a->ask.text = a->texts[2];
	a->ask.expect = a->texts[3];
	a->ask.fallback = a->texts[4];
	vec_push(&l->questions, a);
	if (l->questions.n == 1)
		question_show(l);
}

/* text NULL = declined. */
static void
question_end(struct linear *l, const char *text)
{
	struct query *a = l->questions.at[0];
	vec_remove(&l->questions, 0);
	echo_set(l, true);
	a->answer(a->ctx, text);
	for (size_t i = 0; i < sizeof a->texts / sizeof *a->texts; i++)
		free(a->texts[i]);
	for (size_t i = 0; a->choices[i]; i++)
		free(a->choices[i]);
	free(a->choices);
	free(a);
}

static void
questions_cancel(struct wizard *w)
{
	struct linear *l = (struct linear *)w;
	while (l->questions.n)
		question_end(l, NULL);
	l->asking = false;
}

static void
question_answer(struct linear *l, const char *text)
{
	const struct query *a = l->questions.at[0];
	size_t n = 0;
	if (!strcmp(text, "?")) {
		question_show(l);
		return;
	}
	while (a->choices[n])
		n++;
	switch (a->ask.type) {
	case ASK_CONFIRM: case ASK_HOSTKEY:
		question_end(l, !strcmp(text, _("yes")) || !strcmp(text, "yes") ? "yes" : NULL);
		break;
	case ASK_NAME:
		question_end(l, a->ask.expect && !strcmp(text, a->ask.expect) ? text : NULL);
		break;
	case ASK_CHOICE:
		n = number_of(text, n);
		question_end(l, n ? a->choices[n - 1] : a->ask.fallback);
		break;
	default:
		question_end(l, *text ? text : a->ask.fallback);
	}
	question_show(l);
}

/* ---- what one task is about ---- */

static const struct view_row *
row_of(const struct linear *l)
{
	const struct view_chapter *c = &l->w.view->chapters.at[l->chapter];
	return &l->w.view->rows.at[c->first + l->row];
}

static const struct task *
row_task(const struct linear *l)
{
	const struct view_row *r = row_of(l);
	for (size_t i = 0; i < l->w.view->columns.n; i++)
		if (r->cells[i])
			return r->cells[i];
	return NULL;
}

static void
row_say(const struct view *v, const struct view_row *r, size_t number)
{
	CLEAN_STR line = STR_INIT(4096);
	str_addf(&line, "  %zu  %s", number, r->step->title);
	if (*r->object)
		str_addf(&line, " (%s)", r->object);
	const char *between = ": ";
	for (size_t i = 0; i < v->columns.n; i++) {
		struct view_cell c;
		if (!r->cells[i])
			continue;
		view_cell(v, r->cells[i], &c);
		str_addf(&line, "%s%s %s", between,
			 v->columns.at[i].node ? v->columns.at[i].node->name : _("console"), c.word);
		between = ", ";
	}
	say(str_text(&line));
}

static void
reasons_say(const struct view *v, const struct view_row *r)
{
	for (size_t i = 0; i < v->columns.n; i++) {
		const struct task *t = r->cells[i];
		if (!t || !*view_reason(t))
			continue;
		CLEAN_STR line = STR_INIT(4096);
		str_addf(&line, "%s: %s", v->columns.at[i].node ? v->columns.at[i].node->name : _("console"),
			 view_reason(t));
		say(str_text(&line));
		if (*view_hint(v, t))
			say(view_hint(v, t));
	}
}

static void
step_show(struct linear *l)
{
	const struct view_row *r = row_of(l);
	say("");
	row_say(l->w.view, r, l->row + 1);
	if (r->step->why)
		say(r->step->why);
	reasons_say(l->w.view, r);
	say(_("s the script, a do this step, < back"));
	prompt("[<]:");
}

static void review_ask(struct linear *l, const struct selection *sel);

static void
script_say(struct linear *l)
{
	CLEAN_STR script = STR_INIT(SCRIPT_MAX);
	struct err err = { 0 };
	const struct values *values = l->w.run ? run_values(l->w.run) : NULL;
	if (explain_script(l->w.ws.plan, values, row_task(l), VERB_APPLY, &script, &err))
		say(err.what);
	else
		fputs(str_text(&script), stdout);
}

static void
step_answer(struct linear *l, const char *text)
{
	if (!strcmp(text, "s")) {
		script_say(l);
		page_show(l);
	} else if (!strcmp(text, "a")) {
		const char *only[2] = { row_of(l)->step->id, NULL };
		review_ask(l, &(struct selection){ .only = only });
	} else if (!*text) {
		page_back(l);
	} else {
		not_understood(l);
	}
}

/* ---- a review ---- */

static void
review_answered(void *ctx, const char *answer)
{
	struct linear *l = ctx;
	const char *only[2] = { l->path, NULL };
	struct selection sel = { .only = only };
	if (!l->path)
		view_selection(l->scope, l->w.view->chapters.at[l->chapter].chapter, only, &sel);
	if (!answer)
		say(_("Nothing was done."));
	else
		wizard_run(&l->w, MODE_APPLY, &sel);
}

static void
plan_say(const struct plan *p)
{
	struct task **t;
	vec_each(t, &p->tasks) {
		CLEAN_STR line = STR_INIT(4096);
		if ((*t)->part == PART_CONTEXT)
			continue;
		view_where(*t, &line);
		str_add(&line, ": ");
		task_title(&line, *t);
		str_addf(&line, ", %s", _(risk_words[task_risk(*t)]));
		say(str_text(&line));
	}
}

/* Everything that would be done, then one question. */
static void
review_ask(struct linear *l, const struct selection *sel)
{
	struct plan *p = wizard_plan(&l->w, sel);
	if (!p)
		return;
	say(_("This would be done; what holds already is left alone:"));
	plan_say(p);
	plan_free(p);
	free(l->path);
	l->path = sel->only && !sel->through ? xstrdup(sel->only[0]) : NULL;
	const struct ask q = { .type = ASK_CONFIRM, .class = ASK_REVERSIBLE, .id = "review",
			       .title = _("Do all of this now?") };
	ask(l, &q, review_answered, l);
}

static void
review_scope(struct linear *l, enum view_scope scope)
{
	const char *only[2];
	struct selection sel;
	l->scope = scope;
	view_selection(scope, l->w.view->chapters.at[l->chapter].chapter, only, &sel);
	review_ask(l, &sel);
}

/* ---- one chapter ---- */

static void
chapter_show(struct linear *l)
{
	const struct view_chapter *c = &l->w.view->chapters.at[l->chapter];
	printf("\n%d  %s\n", c->chapter->number, c->chapter->title);
	say(c->chapter->summary);
	for (size_t i = 0; i < c->n; i++)
		row_say(l->w.view, &l->w.view->rows.at[c->first + i], i + 1);
	say(_("A number explains the step; a does everything up to the end of this chapter, l looks at "
	      "the machines, < goes back."));
	prompt("[<]:");
}

static void
chapter_answer(struct linear *l, const char *text)
{
	static const struct page step_page = { step_show, step_answer };
	size_t n = number_of(text, l->w.view->chapters.at[l->chapter].n);
	if (n) {
		l->row = n - 1;
		page_push(l, &step_page);
	} else if (!strcmp(text, "a")) {
		review_scope(l, SCOPE_THROUGH);
	} else if (!strcmp(text, "l")) {
		wizard_look(&l->w);
	} else if (!*text) {
		page_back(l);
	} else {
		not_understood(l);
	}
}

/* ---- the chapters ---- */

static void
chapters_show(struct linear *l)
{
	CLEAN_STR title = STR_INIT(1024);
	cluster_title(&title, &l->w.ws.model, l->w.ws.world);
	say("");
	say(str_text(&title));
	for (size_t i = 0; i < l->w.view->chapters.n; i++) {
		const struct chapter *c = l->w.view->chapters.at[i].chapter;
		struct view_counts n;
		view_count(l->w.view, c, &n);
		printf("  %zu  %s: %s\n", i + 1, c->title, _(view_words[n.word]));
	}
	say(_("A number opens the chapter; a does all chapters, l looks at the machines, < goes back, "
	      "q leaves."));
	prompt("[q]:");
}

static void
chapters_answer(struct linear *l, const char *text)
{
	static const struct page chapter_page = { chapter_show, chapter_answer };
	size_t n = number_of(text, l->w.view->chapters.n);
	if (n) {
		l->chapter = n - 1;
		page_push(l, &chapter_page);
	} else if (!strcmp(text, "a")) {
		review_scope(l, SCOPE_ALL);
	} else if (!strcmp(text, "l")) {
		wizard_look(&l->w);
	} else if (!*text) {
		linear_end(l);
	} else {
		not_understood(l);
	}
}

static void
mistake_say(void *ctx, int line, const struct err *err)
{
	(void)ctx;
	if (line)
		printf(_("line %d: "), line);
	say(err->what);
	if (err->hint[0])
		say(err->hint);
}

static void
cluster_open(struct linear *l, const char *path, enum world world)
{
	static const struct page chapters_page = { chapters_show, chapters_answer };
	struct err err = { 0 };
	if (wizard_open(&l->w, path, world, mistake_say, l, &err)) {
		wizard_tell(&l->w, &err);
		l->w.code = EXIT_INPUT;
		page_show(l);
		return;
	}
	recents_add(path, world);
	l->stack[l->depth++] = chapters_page;
	wizard_look(&l->w);
}

/* ---- welcome ---- */

static void
path_show(struct linear *l)
{
	(void)l;
	prompt(_("Path of the cluster file:"));
}

static void
path_answer(struct linear *l, const char *text)
{
	CLEANUP(freep) char *path = xstrdup(text);
	l->depth--;
	if (*path)
		cluster_open(l, path, l->w.setup.world);
	else
		page_show(l);
}

static void
welcome_show(struct linear *l)
{
	recents_done(&l->recents);
	recents_read(&l->recents);
	say(_("Welcome"));
	printf("  1  %s\n", _("Look around a simulated cluster"));
	printf("  2  %s\n", _("Practice lab: real machines in QEMU"));
	printf("  3  %s\n", _("Open a cluster file"));
	for (size_t i = 0; i < l->recents.list.n; i++)
		printf("  %zu  %s (%s)\n", i + 4, l->recents.list.at[i].path,
		       world_sentence(l->recents.list.at[i].world));
	say(_("A number chooses, ? says this again, q leaves."));
	prompt("[1]:");
}

static void
welcome_answer(struct linear *l, const char *text)
{
	static const struct page path_page = { path_show, path_answer };
	CLEANUP(freep) char *tutorial = paths_data("etc/tutorial.ini");
	size_t n = number_of(*text ? text : "1", l->recents.list.n + 3);
	if (n == 1)
		cluster_open(l, tutorial, WORLD_SIMULATED);
	else if (n == 2)
		cluster_open(l, tutorial, WORLD_LAB);
	else if (n == 3)
		page_push(l, &path_page);
	else if (n)
		cluster_open(l, l->recents.list.at[n - 4].path, l->recents.list.at[n - 4].world);
	else
		not_understood(l);
}

/* ---- what is typed ---- */

static void
line_take(struct linear *l, char *text)
{
	if (l->questions.n) {
		question_answer(l, text);
	} else if (l->w.running) {
		say(_("A run is under way; Ctrl-C stops it."));
	} else if (!strcmp(text, "q")) {
		linear_end(l);
	} else if (!strcmp(text, "?")) {
		page_show(l);
	} else if (!strcmp(text, "<")) {
		page_back(l);
	} else {
		l->stack[l->depth - 1].answer(l, text);
	}
}

static void
typed(void *ctx, int fd, short revents)
{
	struct linear *l = ctx;
	char part[4096];
	(void)revents;
	ssize_t n = read(fd, part, sizeof part);
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n <= 0) {
		loop_fd_del(l->w.loop, fd);
		if (l->w.running)
			run_stop(l->w.run);
		questions_cancel(&l->w);
		l->ended = true;
		if (!l->w.running)
			loop_stop(l->w.loop);
		return;
	}
	str_addn(&l->typed, part, (size_t)n);
	explicit_bzero(part, sizeof part);
	char *end;
	while (!l->ended && l->typed.len && (end = memchr(l->typed.s, '\n', l->typed.len))) {
		size_t length = (size_t)(end - l->typed.s);
		CLEAN_STR line = STR_INIT(LINE_MAX_BYTES);
		str_addn(&line, l->typed.s, length);
		str_drop(&l->typed, length + 1);
		line_take(l, line.s ? line.s : (char[]){ "" });
		if (line.s)
			explicit_bzero(line.s, line.len);
	}
}

static void
interrupted(void *ctx)
{
	struct linear *l = ctx;
	if (l->w.running)
		wizard_stop(&l->w);
	else
		linear_end(l);
}

static void
linear_begin(struct linear *l)
{
	static const struct page welcome_page = { welcome_show, welcome_answer };
	const struct wizard_setup *setup = &l->w.setup;
	CLEANUP(freep) char *tutorial = paths_data("etc/tutorial.ini");
	l->stack[l->depth++] = welcome_page;
	if (setup->simulate)
		cluster_open(l, tutorial, WORLD_SIMULATED);
	else if (setup->file)
		cluster_open(l, setup->file, setup->world);
	else
		page_show(l);
}

int
linear_main(const struct wizard_setup *setup)
{
	struct linear l = { .w = { .setup = *setup, .loop = loop_new(), .front = &front },
			    .typed = STR_INIT(LINE_MAX_BYTES) };
	l.w.asker = (struct asker){ ask, &l };
	workspace_init(&l.w.ws, setup->sv, l.w.loop);
	loop_signal(l.w.loop, SIGINT, interrupted, &l);
	loop_signal(l.w.loop, SIGTERM, interrupted, &l);
	loop_fd_set(l.w.loop, STDIN_FILENO, POLLIN, typed, &l);
	loop_fd_idle(l.w.loop, STDIN_FILENO);
	linear_begin(&l);
	if (!l.ended)
		loop_run(l.w.loop);
	echo_set(&l, true);
	questions_cancel(&l.w);
	wizard_close(&l.w);
	workspace_done(&l.w.ws);
	loop_free(l.w.loop);
	recents_done(&l.recents);
	str_wipe(&l.typed);
	vec_free(&l.questions);
	free(l.path);
	return l.w.code;
}
