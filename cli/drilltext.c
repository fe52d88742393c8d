/* What a drill tells, as it comes, and its verdict as a small table. */
#include "cli/drilltext.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/nls.h"
#include "base/text.h"
#include "cli/jsonl.h"
#include "cli/terminal.h"
#include "engine/wording.h"
#include "engine/journaldrill.h"
#include "engine/workspace.h"

enum { TIME_WIDTH = 10, WORD_MAX = 32, LIVE_MS = 1000, LINE_BYTES = 4096, MEDIAN_OF = 5, NO_CELL = -2 };

struct drilltext {
	struct loop *loop;
	struct journal *journal;
	bool verbose, live, held, drawn, silent;
	int columns;
	int64_t live_ms; /* when the live line, or progress, was told last */
	int percent;
};

/* ---- lines ---- */

static void
live_clear(struct drilltext *w)
{
	if (w->drawn)
		fputs("\r\033[K", stdout);
	w->drawn = false;
}

void
drilltext_say(struct drilltext *w, const char *text)
{
	live_clear(w);
	printf("%s\n", text);
	fflush(stdout);
}

void
drilltext_hold(void *drilltext, bool hold)
{
	struct drilltext *w = drilltext;

	live_clear(w);
	w->held = hold;
	fflush(stdout);
}

static void
clean_add(struct str *out, const char *text, size_t n)
{
	text_clean(out, text, n, false);
}

/* "    12.3 s  " : since the deed, or blanks before it. */
static void
time_add(struct str *out, const struct drill_view *v, int64_t at_ms)
{
	CLEAN_STR text = STR_INIT(32);

	if (v->deed_ms)
		seconds_add(&text, at_ms - v->deed_ms);
	str_addf(out, "%*s  ", TIME_WIDTH, str_text(&text));
}

static void __attribute__((format(printf, 4, 5)))
timed_say(struct drilltext *w, const struct drill_view *v, int64_t at_ms, const char *fmt, ...)
{
	CLEAN_STR line = STR_INIT(LINE_BYTES);
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	time_add(&line, v, at_ms);
	clean_add(&line, text, strlen(text));
	drilltext_say(w, str_text(&line));
}

struct wrapped {
	struct drilltext *w;
	const char *first;
};

static void
wrapped_line(void *ctx, const char *text)
{
	struct wrapped *wr = ctx;
	CLEAN_STR line = STR_INIT(LINE_BYTES);

	str_addf(&line, "%*s%s%s", TIME_WIDTH + 2, "", wr->first, text);
	drilltext_say(wr->w, str_text(&line));
	wr->first = "";
}

static void
under_say(struct drilltext *w, const char *first, const char *text, size_t n)
{
	CLEAN_STR clean = STR_INIT(LINE_BYTES);
	struct wrapped wr = { w, first };

	clean_add(&clean, text, n);
	text_wrap(str_text(&clean), w->columns - TIME_WIDTH - 2 - text_width(first), wrapped_line, &wr);
}

/* ---- what was predicted ---- */

static void
duration_or_dash(struct str *out, int64_t ms)
{
	if (ms < 0)
		str_add(out, "-");
	else
		duration_add(out, ms);
}

/* ---- as it comes ---- */

static void
cleaned_say(struct drilltext *w, const struct str *text)
{
	CLEAN_STR clean = STR_INIT(LINE_BYTES);

	clean_add(&clean, text->s, text->len);
	drilltext_say(w, str_text(&clean));
}

static void
stage_print(struct drilltext *w, const struct drill_view *v, int64_t at_ms)
{
	CLEAN_STR line = STR_INIT(LINE_BYTES);

	switch (v->stage) {
	case DRILL_CHECKING:
		drill_heading_add(&line, v);
		cleaned_say(w, &line);
		break;
	case DRILL_ASKING:
		drill_prediction_add(&line, v);
		cleaned_say(w, &line);
		break;
	case DRILL_DOING:
		timed_say(w, v, at_ms, _("it begins"));
		break;
	case DRILL_RESTORING:
		timed_say(w, v, at_ms, _("what was taken away is put back"));
		break;
	case DRILL_AUDITING:
		timed_say(w, v, at_ms, _("looking what is left over"));
		break;
	default:
		break;
	}
}

static void
phase_print(struct drilltext *w, const struct drill_view *v, const struct drill_phase *p)
{
	const char *title = drill_phase_title(v->task->step, p->name);

	w->silent &= p->id != PHASE_ANSWER;
	if (*p->node)
		timed_say(w, v, p->at_ms, "%s  %s", title, p->node);
	else
		timed_say(w, v, p->at_ms, "%s", title);
}

/* One line a second, redrawn, and only where lines can be. */
static void
live_draw(struct drilltext *w, const struct drill_view *v, int64_t at_ms)
{
	CLEAN_STR line = STR_INIT(LINE_BYTES);
	CLEAN_STR fit = STR_INIT(LINE_BYTES);

	if (!w->live || w->held || at_ms - w->live_ms < LIVE_MS)
		return;
	w->live_ms = at_ms;
	time_add(&line, v, at_ms);
	if (w->silent)
		str_addf(&line, P_("silent, %llu probe lost", "silent, %llu probes lost", v->after->lost),
			 (unsigned long long)v->after->lost);
	else
		str_addf(&line, P_("answers, %llu probe sent", "answers, %llu probes sent",
				   v->after->sent), (unsigned long long)v->after->sent);
	text_clip(&fit, str_text(&line), w->columns - 1);
	printf("\r\033[K%s", str_text(&fit));
	fflush(stdout);
	w->drawn = true;
}

static void
progress_print(struct drilltext *w, const struct drill_view *v, int64_t at_ms)
{
	int percent = v->progress_done * 100 / v->progress_total;

	if (v->stage != DRILL_DOING || percent == w->percent || at_ms - w->live_ms < LIVE_MS)
		return;
	w->percent = percent;
	w->live_ms = at_ms;
	timed_say(w, v, at_ms, "%d %%", percent);
}

static void
output_line(struct drilltext *w, const char *text, size_t n)
{
	CLEAN_STR line = STR_INIT(LINE_BYTES);
	CLEAN_STR fit = STR_INIT(LINE_BYTES);

	str_addf(&line, "%*s| ", TIME_WIDTH + 2, "");
	clean_add(&line, text, n);
	text_clip(&fit, str_text(&line), w->columns);
	drilltext_say(w, str_text(&fit));
}

/* What comes holds several lines, or the end of one alone. */
static void
output_print(struct drilltext *w, const struct drill_event *e)
{
	const char *at = e->text, *end = at + e->len;

	while (w->verbose && at < end) {
		const char *stop = memchr(at, '\n', (size_t)(end - at));
		size_t n = (size_t)((stop ? stop : end) - at);

		if (n)
			output_line(w, at, n);
		at = stop ? stop + 1 : end;
	}
}

static void
error_print(struct drilltext *w, const struct drill_event *e)
{
	CLEAN_STR what = STR_INIT(LINE_BYTES);

	if (e->node && *e->node && !strstr(e->err->what, e->node))
		str_addf(&what, "%s: ", e->node);
	str_add(&what, e->err->what);
	under_say(w, "", str_text(&what), what.len);
	if (e->err->hint[0])
		under_say(w, "-> ", e->err->hint, strlen(e->err->hint));
}

static void
reason_print(struct drilltext *w, const struct drill_event *e, const char *first)
{
	CLEAN_STR text = STR_INIT(LINE_BYTES);

	if (e->node && *e->node)
		str_addf(&text, "%s: ", e->node);
	str_addn(&text, e->text, e->len);
	under_say(w, first, str_text(&text), text.len);
}

/* ---- the end ---- */

static void
condition_print(struct drilltext *w, const struct drill_condition *c)
{
	CLEAN_STR word = STR_INIT(128);
	CLEAN_STR first = STR_INIT(256);

	text_pad(&first, _(drill_mark_words[c->mark]), TIME_WIDTH);
	str_add(&first, "  ");
	str_add(&first, c->text);
	clean_add(&word, str_text(&first), first.len);
	drilltext_say(w, str_text(&word));
}

static void
table_row(struct drilltext *w, const char *title, int64_t measured, int64_t predicted, int64_t earlier)
{
	const int64_t cells[] = { measured, predicted, earlier };
	CLEAN_STR line = STR_INIT(LINE_BYTES);

	text_pad(&line, title, 24);
	for (size_t i = 0; i < 3 && cells[i] != NO_CELL; i++) {
		CLEAN_STR cell = STR_INIT(64);

		duration_or_dash(&cell, cells[i]);
		str_addf(&line, "%*s%s", 14 - text_width(str_text(&cell)), "", str_text(&cell));
	}
	drilltext_say(w, str_text(&line));
}

static void
table_head(struct drilltext *w, size_t earlier)
{
	const char *heads[] = { _("measured"), _("predicted"), "" };
	CLEAN_STR line = STR_INIT(LINE_BYTES);
	CLEAN_STR median = STR_INIT(64);

	if (earlier)
		str_addf(&median, _("median of %zu"), earlier);
	heads[2] = str_text(&median);
	text_pad(&line, "", 24);
	for (size_t i = 0; i < 3; i++)
		str_addf(&line, "%*s%s", 14 - text_width(heads[i]), "", heads[i]);
	while (line.len && line.s[line.len - 1] == ' ')
		line.s[--line.len] = '\0';
	drilltext_say(w, str_text(&line));
}

static void
table_print(struct drilltext *w, const struct drill_view *v)
{
	size_t n = 0;
	int64_t median = w->journal ? journal_drill_median(w->journal, v->task->step->id,
							   v->args->variant, MEDIAN_OF, &n)
				    : 0;

	drilltext_say(w, "");
	table_head(w, n);
	table_row(w, _("silence"), v->outage_ms, v->predicted.outage_ms, n ? median : NO_CELL);
	for (size_t i = 0; i < v->nphases; i++) {
		const struct drill_phase *p = &v->phases[i];
		CLEAN_STR title = STR_INIT(256);

		clean_add(&title, drill_phase_title(v->task->step, p->name),
			  strlen(drill_phase_title(v->task->step, p->name)));
		table_row(w, str_text(&title), p->took_ms,
			  p->id < PHASE_OTHER ? v->predicted.phase_ms[p->id] : -1, NO_CELL);
	}
	CLEAN_STR lost = STR_INIT(256);

	str_addf(&lost, P_("%llu of %llu probe lost", "%llu of %llu probes lost", v->after->sent),
		 (unsigned long long)v->after->lost, (unsigned long long)v->after->sent);
	drilltext_say(w, str_text(&lost));
}

static const char *
verdict_sentence(enum drill_verdict v)
{
	switch (v) {
	case DRILL_PASSED:
		return _("It went as it should.");
	case DRILL_FAILED:
		return _("It did not go as it should: see what is marked.");
	case DRILL_REFUSED:
		return _("An entry condition does not hold. Nothing was done.");
	case DRILL_UNTOLD:
		return _("Not everything could be told.");
	case DRILL_STOPPED:
		return _("It was stopped.");
	case DRILL_NO_VERDICT:
		break;
	}
	return "";
}

static void
end_print(struct drilltext *w, const struct drill *d, const struct drill_view *v)
{
	CLEAN_STR line = STR_INIT(LINE_BYTES);

	if (v->deed_ms)
		table_print(w, v);
	drilltext_say(w, "");
	str_addf(&line, "%s. %s", _(drill_verdict_words[v->verdict]), verdict_sentence(v->verdict));
	drilltext_say(w, str_text(&line));
	if (v->verdict == DRILL_STOPPED && !v->deed_ms)
		drilltext_say(w, _("Nothing was done."));
	if (drill_at_risk(d))
		drilltext_say(w, _("What was taken away is not back: put it right by hand, then run "
				   "'bascule check'."));
	if (v->world != WORLD_REAL) {
		str_clear(&line);
		str_addf(&line, "(%s)", world_sentence(v->world));
		drilltext_say(w, str_text(&line));
	}
}

void
drilltext_event(void *drilltext, const struct drill_event *e)
{
	struct drilltext *w = drilltext;
	struct drill_view v;

	drill_view(e->drill, &v);
	switch (e->type) {
	case DRILL_EV_STAGE:
		w->live_ms = e->at_ms;
		stage_print(w, &v, e->at_ms);
		break;
	case DRILL_EV_SAMPLE:
		live_draw(w, &v, e->at_ms);
		break;
	case DRILL_EV_SILENCE:
		w->silent = true;
		timed_say(w, &v, v.samples[v.nsamples - 1].sent_ms, _("%s is silent"), v.args->vm);
		break;
	case DRILL_EV_ANSWER:
		w->silent = false;
		timed_say(w, &v, v.samples[v.nsamples - 1].sent_ms, _("%s answers again"), v.args->vm);
		break;
	case DRILL_EV_PHASE:
		phase_print(w, &v, e->phase);
		break;
	case DRILL_EV_PROGRESS:
		progress_print(w, &v, e->at_ms);
		break;
	case DRILL_EV_OUTPUT:
		output_print(w, e);
		break;
	case DRILL_EV_REASON:
		if (v.stage == DRILL_CHECKING || w->verbose)
			reason_print(w, e, "");
		break;
	case DRILL_EV_WARN:
		reason_print(w, e, _("warning: "));
		break;
	case DRILL_EV_HINT:
		reason_print(w, e, "-> ");
		break;
	case DRILL_EV_CONDITION:
		condition_print(w, e->condition);
		break;
	case DRILL_EV_ERROR:
		error_print(w, e);
		break;
	case DRILL_EV_END:
		end_print(w, e->drill, &v);
		break;
	case DRILL_EV_NUMBER:
		break;
	}
}

struct drilltext *
drilltext_new(struct loop *l, struct journal *journal, bool verbose)
{
	struct drilltext *w = xcalloc(1, sizeof *w);
	const char *term = getenv("TERM"), *plain = getenv("ACCESSIBLE");

	w->loop = l;
	w->journal = journal;
	w->verbose = verbose;
	w->live = isatty(STDOUT_FILENO) && term && strcmp(term, "dumb") && !(plain && *plain);
	w->columns = terminal_columns();
	return w;
}

struct drilltext *
drilltext_free(struct drilltext *w)
{
	free(w);
	return NULL;
}

/* ---- JSON ---- */

static const char *const event_ids[] = {
	[DRILL_EV_STAGE] = "stage",	  [DRILL_EV_SAMPLE] = "sample",
	[DRILL_EV_SILENCE] = "silence",	  [DRILL_EV_ANSWER] = "answer",
	[DRILL_EV_NUMBER] = "number",
	[DRILL_EV_PHASE] = "phase",	  [DRILL_EV_PROGRESS] = "progress",
	[DRILL_EV_OUTPUT] = "output",	  [DRILL_EV_REASON] = "reason",
	[DRILL_EV_WARN] = "warn",	  [DRILL_EV_HINT] = "hint",
	[DRILL_EV_CONDITION] = "condition", [DRILL_EV_ERROR] = "error",
	[DRILL_EV_END] = "end",
};

static void
member_int(json_t *o, const char *key, int64_t value)
{
	json_object_set_new(o, key, json_integer(value));
}

static void
json_stage(json_t *o, const struct drill *d, const struct drill_view *v)
{
	jsonl_text(o, "stage", drill_stage_ids[v->stage]);
	if (v->stage == DRILL_CHECKING) {
		jsonl_text(o, "drill", drill_id(d));
		json_object_set_new(o, "task", jsonl_task(v->task));
		jsonl_text(o, "variant", v->args->variant);
		jsonl_text(o, "vm", v->args->vm);
		jsonl_text(o, "victim", v->args->node);
		jsonl_text(o, "to", v->args->to);
		jsonl_text(o, "world", world_id(v->world));
	}
	if (v->stage == DRILL_ASKING && v->predicted.outage_ms >= 0)
		member_int(o, "predicted_ms", v->predicted.outage_ms);
}

static void
json_end(json_t *o, const struct drill *d, const struct drill_view *v)
{
	jsonl_text(o, "verdict", drill_verdict_ids[v->verdict]);
	if (v->deed_ms) {
		member_int(o, "outage_ms", v->outage_ms);
		member_int(o, "sent", (int64_t)v->after->sent);
		member_int(o, "lost", (int64_t)v->after->lost);
		member_int(o, "acknowledged", (int64_t)v->promises->told);
		member_int(o, "numbers_lost", (int64_t)v->promises->lost);
	}
	json_object_set_new(o, "at_risk", json_boolean(drill_at_risk(d)));
	if (v->err->code)
		json_object_set_new(o, "err", jsonl_err(v->err));
}

static void
json_details(json_t *o, const struct drill_event *e, const struct drill_view *v)
{
	const struct ping_sample *s = v->nsamples ? &v->samples[v->nsamples - 1] : NULL;

	if (e->type == DRILL_EV_SAMPLE && s) {
		member_int(o, "seq", (int64_t)s->seq);
		member_int(o, "sent_ms", s->sent_ms);
		json_object_set_new(o, "rtt_us", s->rtt_us == PING_LOST ? json_null()
									  : json_integer(s->rtt_us));
	}
	if (e->phase) {
		jsonl_text(o, "phase", e->phase->name);
		member_int(o, "phase_at_ms", e->phase->at_ms - v->deed_ms);
		member_int(o, "took_ms", e->phase->took_ms);
	}
	if (e->number) {
		jsonl_text(o, "nonce", e->number->said.nonce);
		member_int(o, "number", (int64_t)e->number->said.number);
		member_int(o, "connection", (int64_t)e->number->connection);
	}
	if (e->condition) {
		jsonl_text(o, "condition", e->condition->id);
		jsonl_text(o, "mark", drill_mark_ids[e->condition->mark]);
		jsonl_text(o, "text", e->condition->text);
	}
	if (e->type == DRILL_EV_PROGRESS) {
		member_int(o, "done", v->progress_done);
		member_int(o, "total", v->progress_total);
	}
}

void
drilljson_event(void *file, const struct drill_event *e)
{
	json_t *o = json_object();
	struct drill_view v;

	drill_view(e->drill, &v);
	jsonl_text(o, "type", event_ids[e->type]);
	member_int(o, "at_ms", e->at_ms);
	jsonl_text(o, "node", e->node);
	json_details(o, e, &v);
	if (e->text) {
		CLEAN_STR text = STR_INIT(LINE_BYTES * 16);

		str_addn(&text, e->text, e->len);
		jsonl_text(o, "text", str_text(&text));
	}
	if (e->type == DRILL_EV_ERROR)
		json_object_set_new(o, "err", jsonl_err(e->err));
	if (e->type == DRILL_EV_STAGE)
		json_stage(o, e->drill, &v);
	if (e->type == DRILL_EV_END)
		json_end(o, e->drill, &v);
	jsonl_write(file, o);
}
