/* What a drill tells, line by line, and its verdict as a small table. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "base/nls.h"
#include "base/text.h"
#include "engine/wording.h"
#include "screens/drills.h"

enum { TIME_WIDTH = 9, TITLE_WIDTH = 24, CELL_WIDTH = 14, LINE_BYTES = 4096, MEDIAN_OF = 5, NO_CELL = -2,
       PERCENT_STEP = 25 };

/* ---- one line ---- */

static void
line_out(struct exertion *x, enum role role, const char *text)
{
	CLEAN_STR clean = STR_INIT(LINE_BYTES);
	text_clean(&clean, text, strlen(text), false);
	x->w->front->drill_line(x->w, role, str_text(&clean));
}

/* "    12.3 s  ": since the deed, or blanks before it. */
static void __attribute__((format(printf, 5, 6)))
timed_out(struct exertion *x, const struct drill_view *v, int64_t at_ms, enum role role, const char *fmt,
	  ...)
{
	CLEAN_STR line = STR_INIT(LINE_BYTES);
	CLEAN_STR time = STR_INIT(32);
	char text[1024];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	if (v->deed_ms)
		seconds_add(&time, at_ms - v->deed_ms);
	str_addf(&line, "%*s  %s", TIME_WIDTH, str_text(&time), text);
	line_out(x, role, str_text(&line));
}

/* ---- as it comes ---- */

static void
stage_out(struct exertion *x, const struct drill_view *v, int64_t at_ms)
{
	CLEAN_STR line = STR_INIT(LINE_BYTES);
	switch (v->stage) {
	case DRILL_CHECKING:
		drill_heading_add(&line, v);
		line_out(x, ROLE_TITLE, str_text(&line));
		break;
	case DRILL_ASKING:
		drill_prediction_add(&line, v);
		line_out(x, ROLE_TEXT, str_text(&line));
		break;
	case DRILL_DOING:
		timed_out(x, v, at_ms, ROLE_ACCENT, _("it begins"));
		break;
	case DRILL_RESTORING:
		timed_out(x, v, at_ms, ROLE_CHANGED, _("what was taken away is put back"));
		break;
	case DRILL_AUDITING:
		timed_out(x, v, at_ms, ROLE_TEXT, _("looking what is left over"));
		break;
	default:
		break;
	}
}

static void
progress_out(struct exertion *x, const struct drill_view *v, int64_t at_ms)
{
	int percent = v->progress_total > 0 ? v->progress_done * 100 / v->progress_total : 0;
	if (percent / PERCENT_STEP == x->percent / PERCENT_STEP)
		return;
	x->percent = percent;
	timed_out(x, v, at_ms, ROLE_DIM, "%d %%", percent);
}

static void
said_out(struct exertion *x, const struct drill_event *e, enum role role, const char *first)
{
	CLEAN_STR line = STR_INIT(LINE_BYTES);
	str_addf(&line, "%*s  %s", TIME_WIDTH, "", first);
	if (e->node && *e->node)
		str_addf(&line, "%s: ", e->node);
	str_addn(&line, e->text, e->len);
	line_out(x, role, str_text(&line));
}

static void
error_out(struct exertion *x, const struct drill_event *e)
{
	CLEAN_STR line = STR_INIT(LINE_BYTES);
	if (e->node && *e->node && !strstr(e->err->what, e->node))
		str_addf(&line, "%s: ", e->node);
	str_add(&line, e->err->what);
	line_out(x, ROLE_FAIL, str_text(&line));
	if (e->err->hint[0])
		line_out(x, ROLE_HINT, e->err->hint);
}

static void
condition_out(struct exertion *x, const struct drill_condition *c)
{
	static const enum role roles[] = { ROLE_OK, ROLE_FAIL, ROLE_WARN, ROLE_WARN };
	CLEAN_STR line = STR_INIT(LINE_BYTES);
	text_pad(&line, _(drill_mark_words[c->mark]), TIME_WIDTH);
	str_addf(&line, "  %s", c->text);
	line_out(x, roles[c->mark], str_text(&line));
}

/* ---- the end ---- */

static void
table_row(struct exertion *x, const char *title, int64_t measured, int64_t predicted, int64_t earlier)
{
	const int64_t cells[] = { measured, predicted, earlier };
	CLEAN_STR line = STR_INIT(LINE_BYTES);
	text_pad(&line, title, TITLE_WIDTH);
	for (size_t i = 0; i < 3 && cells[i] != NO_CELL; i++) {
		CLEAN_STR cell = STR_INIT(64);
		if (cells[i] < 0)
			str_add(&cell, "-");
		else
			duration_add(&cell, cells[i]);
		str_addf(&line, "%*s%s", CELL_WIDTH - text_width(str_text(&cell)), "", str_text(&cell));
	}
	line_out(x, ROLE_TEXT, str_text(&line));
}

static void
table_head(struct exertion *x, size_t earlier)
{
	const char *heads[] = { _("measured"), _("predicted"), "" };
	CLEAN_STR line = STR_INIT(LINE_BYTES);
	CLEAN_STR median = STR_INIT(64);
	if (earlier)
		str_addf(&median, _("median of %zu"), earlier);
	heads[2] = str_text(&median);
	text_pad(&line, "", TITLE_WIDTH);
	for (size_t i = 0; i < 3 && *heads[i]; i++)
		str_addf(&line, "%*s%s", CELL_WIDTH - text_width(heads[i]), "", heads[i]);
	line_out(x, ROLE_TITLE, str_text(&line));
}

static int
earlier_out(void *ctx, const struct drill_record *r)
{
	struct exertion *x = ctx;
	CLEAN_STR line = STR_INIT(LINE_BYTES);
	CLEAN_STR lasted = STR_INIT(64);
	/* one that was called off has measured nothing */
	if (!strcmp(r->drill_id, drill_id(x->drill)) || r->outage_ms < 0)
		return 0;
	duration_add(&lasted, r->outage_ms);
	str_addf(&line, _("earlier: %s, silent for %s"), drill_verdict_word(r->verdict), str_text(&lasted));
	line_out(x, ROLE_DIM, str_text(&line));
	return ++x->percent >= MEDIAN_OF;
}

static void
table_out(struct exertion *x, const struct drill_view *v)
{
	struct journal *j = x->w->ws.journal;
	struct err err = { 0 };
	size_t n = 0;
	int64_t median = j ? journal_drill_median(j, v->task->step->id, v->args->variant, MEDIAN_OF, &n) : 0;
	CLEAN_STR lost = STR_INIT(256);
	line_out(x, ROLE_TEXT, "");
	table_head(x, n);
	table_row(x, _("silence"), v->outage_ms, v->predicted.outage_ms, n ? median : NO_CELL);
	for (size_t i = 0; i < v->nphases; i++)
		table_row(x, drill_phase_title(v->task->step, v->phases[i].name), v->phases[i].took_ms,
			  v->phases[i].id < PHASE_OTHER ? v->predicted.phase_ms[v->phases[i].id] : -1,
			  NO_CELL);
	str_addf(&lost, P_("%llu of %llu probe lost", "%llu of %llu probes lost", v->after->sent),
		 (unsigned long long)v->after->lost, (unsigned long long)v->after->sent);
	line_out(x, ROLE_TEXT, str_text(&lost));
	x->percent = 0;
	if (j)
		journal_drills(j, v->task->step->id, v->args->variant, earlier_out, x, &err);
}

static const char *const verdict_sentences[] = {
	[DRILL_NO_VERDICT] = "",
	[DRILL_PASSED] = N_("It went as it should."),
	[DRILL_FAILED] = N_("It did not go as it should: see what is marked."),
	[DRILL_REFUSED] = N_("An entry condition does not hold. Nothing was done."),
	[DRILL_UNTOLD] = N_("Not everything could be told."),
	[DRILL_STOPPED] = N_("It was stopped."),
};

static void
end_out(struct exertion *x, const struct drill_view *v)
{
	enum role role = v->verdict == DRILL_PASSED ? ROLE_OK : v->verdict == DRILL_FAILED ? ROLE_FAIL :
			 ROLE_WARN;
	CLEAN_STR line = STR_INIT(LINE_BYTES);
	if (v->deed_ms)
		table_out(x, v);
	line_out(x, ROLE_TEXT, "");
	str_addf(&line, "%s. %s", _(drill_verdict_words[v->verdict]),
		 *verdict_sentences[v->verdict] ? _(verdict_sentences[v->verdict]) : "");
	line_out(x, role, str_text(&line));
	if (v->verdict == DRILL_STOPPED && !v->deed_ms)
		line_out(x, ROLE_TEXT, _("Nothing was done."));
	if (drill_at_risk(x->drill))
		line_out(x, ROLE_FAIL, _("What was taken away is not back: put it right by hand, then look "
					 "at the machines again."));
	if (v->world == WORLD_REAL)
		return;
	str_clear(&line);
	str_addf(&line, "(%s)", world_sentence(v->world));
	line_out(x, ROLE_DIM, str_text(&line));
}

void
drill_lines(struct exertion *x, const struct drill_event *e)
{
	struct drill_view v;
	drill_view(e->drill, &v);
	switch (e->type) {
	case DRILL_EV_STAGE: stage_out(x, &v, e->at_ms); break;
	case DRILL_EV_SILENCE:
		timed_out(x, &v, v.samples[v.nsamples - 1].sent_ms, ROLE_FAIL, _("%s is silent"), v.args->vm);
		break;
	case DRILL_EV_ANSWER:
		timed_out(x, &v, v.samples[v.nsamples - 1].sent_ms, ROLE_TEXT, _("%s answers again"), v.args->vm);
		break;
	case DRILL_EV_PHASE:
		timed_out(x, &v, e->phase->at_ms, ROLE_TEXT, "%s%s%s",
			  drill_phase_title(v.task->step, e->phase->name), *e->phase->node ? "  " : "",
			  e->phase->node);
		break;
	case DRILL_EV_PROGRESS: progress_out(x, &v, e->at_ms); break;
	case DRILL_EV_REASON: said_out(x, e, ROLE_TEXT, ""); break;
	case DRILL_EV_WARN: said_out(x, e, ROLE_WARN, _("warning: ")); break;
	case DRILL_EV_HINT: said_out(x, e, ROLE_HINT, "-> "); break;
	case DRILL_EV_CONDITION: condition_out(x, e->condition); break;
	case DRILL_EV_ERROR: error_out(x, e); break;
	case DRILL_EV_END: end_out(x, &v); break;
	case DRILL_EV_SAMPLE: case DRILL_EV_NUMBER: case DRILL_EV_OUTPUT: break;
	}
}
