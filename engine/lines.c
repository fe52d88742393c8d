/* Events as lines a person likes to read. Everything that came from a machine is cleaned. */
#include "engine/lines.h"

#include <string.h>
#include <time.h>
#include "base/nls.h"
#include "base/text.h"
#include "engine/wording.h"
#include "engine/workspace.h"

enum { TAIL_BYTES = 4096, TAIL_LINES = 6, LINE_MAX_BYTES = 16 * 1024, TICK_MS = 100,
       WAITING_MAX = 1024 * 1024 };

/* What is told of a task only if it fails. */
struct note {
	struct str tail; /* the end of its output */
	struct str hint;
};

struct lines {
	struct loop *loop;
	const struct plan *plan;
	const struct run *run;
	enum run_mode mode;
	struct lines_out out;
	bool verbose, held, drawn;
	struct str waiting; /* lines said while a question is open */
	int word_width, where_width;
	int64_t drawn_ms; /* real time: the screen has its own clock */
	uint64_t timer;
	VEC(struct note) notes; /* by task index */
	VEC(uint64_t) told;     /* hashes of causes */
};

static int64_t
real_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* The progress line */

static void
progress_clear(struct lines *w)
{
	if (w->drawn)
		w->out.status(w->out.ctx, NULL);
	w->drawn = false;
}

static bool
task_runs(const struct task *t)
{
	return t->state == TASK_CHECKING || t->state == TASK_APPLYING ||
	       t->state == TASK_REBOOTING || t->state == TASK_VERIFYING;
}

static bool
task_ended(const struct lines *w, const struct task *t)
{
	return t->state >= TASK_OK || (t->state == TASK_TODO && w->mode == MODE_CHECK);
}

/* "hv-1 changing Format the LUN (LUN vm) 40 % 12 s" of the task that runs longest. */
static void
progress_task(const struct lines *w, const struct task *t, struct str *out)
{
	CLEAN_STR where = STR_INIT(1024);
	CLEAN_STR title = STR_INIT(1024);
	task_where(t, &where);
	task_title(&title, t);
	str_addf(out, "  %s  %s  %s", str_text(&where), _(task_state_words[t->state]),
		 str_text(&title));
	if (t->progress_total > 0)
		str_addf(out, "  %d %%", t->progress_done * 100 / t->progress_total);
	str_add(out, "  ");
	duration_add(out, loop_now_ms(w->loop) - t->since_ms);
}

static void
progress_draw(struct lines *w)
{
	size_t ended = 0, running = 0, total = w->plan->tasks.n;
	const struct task *longest = NULL;
	for (size_t i = 0; i < total; i++) {
		const struct task *t = w->plan->tasks.at[i];
		ended += task_ended(w, t);
		if (!task_runs(t))
			continue;
		running++;
		if (!longest || t->since_ms < longest->since_ms)
			longest = t;
	}
	CLEAN_STR line = STR_INIT(4096);
	CLEAN_STR fit = STR_INIT(4096);
	str_addf(&line, _("%zu of %zu"), ended, total);
	if (longest)
		progress_task(w, longest, &line);
	if (running > 1)
		str_addf(&line, _("  and %zu more"), running - 1);
	text_clip(&fit, str_text(&line), w->out.columns - 1);
	w->out.status(w->out.ctx, str_text(&fit));
	w->drawn = true;
	w->drawn_ms = real_ms();
}

static void
progress_tick(void *lines)
{
	struct lines *w = lines;
	w->timer = 0;
	if (!w->run)
		return;
	if (!w->held && real_ms() - w->drawn_ms >= TICK_MS)
		progress_draw(w);
	w->timer = loop_timer_add(w->loop, TICK_MS, progress_tick, w);
}

static void
waiting_say(struct lines *w)
{
	char *at = w->waiting.s, *end;
	for (; at && (end = strchr(at, '\n')); at = end + 1) {
		*end = 0;
		w->out.line(w->out.ctx, at);
	}
	str_clear(&w->waiting);
}

/* What is said meanwhile waits, so that nothing comes between a question and its answer. */
void
lines_hold(void *lines, bool hold)
{
	struct lines *w = lines;
	progress_clear(w);
	if (!hold)
		waiting_say(w);
	w->held = hold;
}

/* Writing */

void
lines_say(struct lines *w, const char *text)
{
	progress_clear(w);
	if (w->held)
		str_addf(&w->waiting, "%s\n", text);
	else
		w->out.line(w->out.ctx, text);
}

struct indent {
	struct lines *w;
	const char *first; /* before the first line; blanks of that width before the rest */
};

static void
indent_line(void *ctx, const char *text)
{
	struct indent *in = ctx;
	int width = in->w->word_width + 2;
	CLEAN_STR line = STR_INIT(LINE_MAX_BYTES);
	str_addf(&line, "%*s%s%s", width, "", in->first, text);
	lines_say(in->w, str_text(&line));
	in->first = "";
}

/* A sentence under a task's line, wrapped. */
static void
lines_under(struct lines *w, const char *first, const char *text, size_t n)
{
	CLEAN_STR clean = STR_INIT(LINE_MAX_BYTES);
	struct indent in = { w, first };
	text_clean(&clean, text, n, false);
	int columns = w->out.columns - w->word_width - 2 - text_width(first);
	text_wrap(str_text(&clean), columns > 20 ? columns : 20, indent_line, &in);
}

static struct note *
lines_note(struct lines *w, const struct task *t)
{
	while (w->notes.n <= t->index) {
		struct note *added = vec_add(&w->notes);
		added->tail = STR_INIT(TAIL_BYTES * 2);
		added->hint = STR_INIT(1024);
	}
	return &w->notes.at[t->index];
}

/* The last lines of what the task put out. */
static void
tail_print(struct lines *w, const struct str *tail)
{
	const char *text = str_text(tail), *at = text + tail->len;
	size_t lines = 0;
	while (at > text && at[-1] == '\n')
		at--;
	const char *end = at;
	while (at > text && lines < TAIL_LINES)
		if (*--at == '\n')
			lines++;
	at += *at == '\n';
	while (at < end) {
		size_t n = strcspn(at, "\n");
		CLEAN_STR clean = STR_INIT(LINE_MAX_BYTES);
		CLEAN_STR line = STR_INIT(LINE_MAX_BYTES);
		text_clean(&clean, at, n, false);
		str_addf(&line, "%*s| ", w->word_width + 2, "");
		text_clip(&line, str_text(&clean), w->out.columns - w->word_width - 4);
		lines_say(w, str_text(&line));
		at += n + (at[n] == '\n');
	}
}

/* A machine that does not answer fails all its tasks alike: that is told once. */
static bool
told_before(struct lines *w, const char *cause)
{
	const uint64_t hash = hash64(cause, strlen(cause));
	for (size_t i = 0; i < w->told.n; i++)
		if (w->told.at[i] == hash)
			return true;
	vec_push(&w->told, hash);
	return false;
}

static void
cause_print(struct lines *w, const struct task *t)
{
	const struct note *note = lines_note(w, t);
	if (t->state == TASK_UNKNOWN && t->err.code && told_before(w, t->err.what))
		return;
	if (t->err.code)
		lines_under(w, "", t->err.what, strlen(t->err.what));
	else if (t->reason)
		lines_under(w, "", t->reason, strlen(t->reason));
	if (note->hint.len)
		lines_under(w, "-> ", note->hint.s, note->hint.len);
	else if (t->err.hint[0])
		lines_under(w, "-> ", t->err.hint, strlen(t->err.hint));
	if (t->state == TASK_FAILED || t->state == TASK_UNKNOWN)
		tail_print(w, &note->tail);
}

/* Word, node, title: the columns of a task's line. */
static void
task_columns(struct lines *w, const struct task *t, const char *word, struct str *line)
{
	CLEAN_STR where = STR_INIT(1024);
	CLEAN_STR fit = STR_INIT(1024);
	CLEAN_STR title = STR_INIT(1024);
	task_where(t, &where);
	task_title(&title, t);
	text_clip_middle(&fit, str_text(&where), w->where_width);
	text_pad(line, word, w->word_width);
	str_add(line, "  ");
	text_pad(line, str_text(&fit), w->where_width);
	str_addf(line, "  %s", str_text(&title));
}

static void
task_print(struct lines *w, const struct task *t)
{
	CLEAN_STR line = STR_INIT(4096);
	task_columns(w, t, _(task_state_words[t->state]), &line);
	if (t->spent_ms > 0 && t->state >= TASK_CHANGED) {
		str_add(&line, "  ");
		duration_add(&line, t->spent_ms);
	}
	lines_say(w, str_text(&line));
	bool quiet = t->state == TASK_OK || t->state == TASK_CHANGED || t->state == TASK_UNDONE;
	if (!quiet)
		cause_print(w, t);
}

static void
sentence_print(struct lines *w, const char *word, const struct task *t, const char *text)
{
	CLEAN_STR line = STR_INIT(4096);
	task_columns(w, t, word, &line);
	lines_say(w, str_text(&line));
	lines_under(w, "", text, strlen(text));
}

static void
output_add(struct lines *w, const struct event *e)
{
	struct str *tail = &lines_note(w, e->task)->tail;
	size_t n = e->len < TAIL_BYTES ? e->len : TAIL_BYTES;
	if (tail->len + n > TAIL_BYTES)
		str_drop(tail, tail->len + n - TAIL_BYTES);
	str_addn(tail, e->text + e->len - n, n);
	if (!w->verbose)
		return;
	CLEAN_STR where = STR_INIT(1024);
	task_where(e->task, &where);
	for (size_t at = 0; at < e->len;) {
		const char *end = memchr(e->text + at, '\n', e->len - at);
		size_t length = end ? (size_t)(end - e->text) - at : e->len - at;
		CLEAN_STR line = STR_INIT(LINE_MAX_BYTES);
		str_addf(&line, "%*s%s| ", w->word_width + 2, "", str_text(&where));
		text_clean(&line, e->text + at, length, false);
		lines_say(w, str_text(&line));
		at += length + 1;
	}
}

static void
link_print(struct lines *w, const struct event *e)
{
	CLEAN_STR line = STR_INIT(1024);
	const char *name = e->node ? e->node->name : _("this console");
	if (e->link == LINK_SILENT)
		str_addf(&line, _("%s: silent for 3 s"), name);
	else if (e->link == LINK_LOST)
		str_addf(&line, _("%s: connection lost: %s"), name,
			 e->err ? e->err->what : _("no reason told"));
	else if (e->link == LINK_UP && w->verbose)
		str_addf(&line, _("%s: connected"), name);
	else
		return;
	CLEAN_STR clean = STR_INIT(2048);
	text_clean(&clean, str_text(&line), line.len, false);
	lines_say(w, str_text(&clean));
}

static void
error_print(struct lines *w, const struct event *e)
{
	CLEAN_STR line = STR_INIT(1024);
	if (told_before(w, e->err->what))
		return;
	if (e->node && !str_starts(e->err->what, e->node->name))
		str_addf(&line, _("%s: "), e->node->name);
	str_add(&line, e->err->what);
	CLEAN_STR clean = STR_INIT(2048);
	text_clean(&clean, str_text(&line), line.len, false);
	lines_say(w, str_text(&clean));
	if (e->err->hint[0])
		lines_under(w, "-> ", e->err->hint, strlen(e->err->hint));
}

/* The end */

static void
counts_print(struct lines *w, const struct run_stats *st)
{
	CLEAN_STR line = STR_INIT(1024);
	run_counts_add(&line, w->mode, st);
	str_add(&line, _("; "));
	duration_add(&line, st->wall_ms);
	str_addf(&line, P_(", %llu round trip", ", %llu round trips", st->round_trips),
		 (unsigned long long)st->round_trips);
	lines_say(w, str_text(&line));
}

static void
verdict_line(void *lines, const char *text)
{
	lines_say(lines, text);
}

/* A check is read as a whole: its tasks stand in the order of the flow, under their chapters. */
static void
tasks_list(struct lines *w)
{
	const struct chapter *chapter = NULL;
	struct task **t;
	vec_each(t, &w->plan->tasks) {
		if (chapter != (*t)->step->chapter) {
			CLEAN_STR line = STR_INIT(1024);
			str_addf(&line, "%s%d  %s", chapter ? "\n" : "", (*t)->step->chapter->number,
				 (*t)->step->chapter->title);
			lines_say(w, str_text(&line));
		}
		chapter = (*t)->step->chapter;
		task_print(w, *t);
	}
}

static void
run_ended(struct lines *w, const struct event *e)
{
	struct run_stats st;
	run_stats(e->run, &st);
	progress_clear(w);
	loop_timer_del(w->loop, w->timer);
	w->timer = 0;
	if (w->mode == MODE_CHECK)
		tasks_list(w);
	w->run = NULL;
	lines_say(w, "");
	counts_print(w, &st);
	text_wrap(w->out.verdict ? w->out.verdict(w->mode, e->code, &st)
				 : run_verdict(w->mode, e->code, &st),
		  w->out.columns, verdict_line, w);
	if (run_world(e->run) != WORLD_REAL) {
		CLEAN_STR line = STR_INIT(256);
		str_addf(&line, "(%s)", world_sentence(run_world(e->run)));
		lines_say(w, str_text(&line));
	}
}

static void
run_began(struct lines *w, const struct event *e)
{
	CLEAN_STR line = STR_INIT(1024);
	w->run = e->run;
	cluster_title(&line, w->plan->model, run_world(e->run));
	lines_say(w, str_text(&line));
	lines_say(w, "");
	if (w->out.status)
		w->timer = loop_timer_add(w->loop, TICK_MS, progress_tick, w);
}

/* Counted in the end, not listed: what never began, and what is only in the way of an undo but was
 * undone already. */
static bool
task_is_aside(const struct lines *w, const struct task *t)
{
	return t->state == TASK_STOPPED ||
	       (w->mode == MODE_UNDO && t->part == PART_CONTEXT && t->state == TASK_OK);
}

void
lines_event(void *lines, const struct event *e)
{
	struct lines *w = lines;
	switch (e->type) {
	case EV_RUN_START:
		run_began(w, e);
		break;
	case EV_TASK:
		if (w->mode != MODE_CHECK && task_ended(w, e->task) && (w->verbose || !task_is_aside(w, e->task)))
			task_print(w, e->task);
		break;
	case EV_OUTPUT:
		output_add(w, e);
		break;
	case EV_WARN:
		sentence_print(w, _("warning"), e->task, e->text);
		break;
	case EV_HINT:
		str_clear(&lines_note(w, e->task)->hint);
		str_add(&lines_note(w, e->task)->hint, e->text);
		break;
	case EV_LINK:
		link_print(w, e);
		break;
	case EV_ERROR:
		error_print(w, e);
		break;
	case EV_RUN_END:
		run_ended(w, e);
		break;
	case EV_INTENT: case EV_PLACE: case EV_VALUE: case EV_PROGRESS: case EV_REASON:
		break;
	}
}

struct lines *
lines_new(struct loop *l, const struct plan *p, enum run_mode mode, bool verbose,
	  const struct lines_out *out)
{
	struct lines *w = xcalloc(1, sizeof *w);
	w->loop = l;
	w->waiting = STR_INIT(WAITING_MAX);
	w->plan = p;
	w->mode = mode;
	w->verbose = verbose;
	w->out = *out;
	w->where_width = plan_where_width(p);
	w->word_width = text_width(_("warning"));
	for (int s = 0; s < TASK__COUNT; s++) {
		bool last = s == TASK_TODO || s >= TASK_OK;
		int width = last ? text_width(_(task_state_words[s])) : 0;
		w->word_width = width > w->word_width ? width : w->word_width;
	}
	return w;
}

struct lines *
lines_free(struct lines *w)
{
	if (!w)
		return NULL;
	struct note *note;
	vec_each(note, &w->notes) {
		str_done(&note->tail);
		str_done(&note->hint);
	}
	vec_free(&w->notes);
	vec_free(&w->told);
	str_done(&w->waiting);
	loop_timer_del(w->loop, w->timer);
	free(w);
	return NULL;
}
