/* Words that all front ends use alike. */
#include "engine/wording.h"

#include <time.h>
#include "base/nls.h"
#include "base/text.h"
#include "engine/workspace.h"

enum { WHERE_MAX = 20 };

void
duration_add(struct str *out, int64_t ms)
{
	long long s = (ms + 500) / 1000;
	if (ms < 9950)
		seconds_add(out, ms);
	else if (s < 60)
		str_addf(out, _("%lld s"), s);
	else if (s < 3600)
		str_addf(out, _("%lld min %02lld s"), s / 60, s % 60);
	else
		str_addf(out, _("%lld h %02lld min"), s / 3600, s % 3600 / 60);
}

void
seconds_add(struct str *out, int64_t ms)
{
	CLEAN_STR number = STR_INIT(32);
	tenths_add(&number, ms);
	str_addf(out, _("%s s"), str_text(&number));
}

void
moment_add(struct str *out, int64_t at)
{
	time_t when = (time_t)at;
	struct tm tm;
	char text[64];
	if (!at || !gmtime_r(&when, &tm))
		return;
	strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S UTC", &tm);
	str_add(out, text);
}

void
task_title(struct str *out, const struct task *t)
{
	CLEAN_STR object = STR_INIT(512);
	CLEAN_STR raw = STR_INIT(1024);
	task_object(t, &object);
	str_add(&raw, t->step->title);
	if (object.len)
		str_addf(&raw, " (%s)", str_text(&object));
	text_clean(out, str_text(&raw), raw.len, false);
}

static const char *const risk_sentences[] = {
	[RISK_READ_ONLY] = N_("read-only"),
	[RISK_REVERSIBLE] = N_("reversible"),
	[RISK_DISRUPTIVE] = N_("disruptive"),
	[RISK_DESTRUCTIVE] = N_("DESTRUCTIVE"),
};

const char *
risk_sentence(enum risk r)
{
	return _(risk_sentences[r]);
}

enum risk
task_risk(const struct task *t)
{
	return t->undo ? t->step->undo_risk : t->step->risk;
}

int
plan_where_width(const struct plan *p)
{
	int width = 0;
	for (size_t i = 0; i < p->tasks.n; i++) {
		CLEAN_STR where = STR_INIT(1024);
		task_where(p->tasks.at[i], &where);
		int w = text_width(str_text(&where));
		width = w > width ? w : width;
	}
	return width > WHERE_MAX ? WHERE_MAX : width;
}

void
cluster_title(struct str *out, const struct model *m, enum world w)
{
	static const char *const platforms[] = { "linux", "hyperv" };
	char title[HOST_SIZE];
	model_title(m, title);
	str_addf(out, "%s  %s  %s", title, platforms[m->cluster.platform], world_sentence(w));
}

/* The list, ready for one more. */
static struct str *
more(struct str *list)
{
	if (list->len)
		str_add(list, ", ");
	return list;
}

void
run_counts_add(struct str *list, enum run_mode mode, const struct run_stats *st)
{
	if (st->failed)
		str_addf(more(list), P_("%zu failed", "%zu failed", st->failed), st->failed);
	if (st->unknown)
		str_addf(more(list), P_("%zu not told", "%zu not told", st->unknown), st->unknown);
	if (st->changed && mode == MODE_UNDO)
		str_addf(more(list), P_("%zu undone", "%zu undone", st->changed), st->changed);
	if (st->changed && mode != MODE_UNDO)
		str_addf(more(list), P_("%zu changed", "%zu changed", st->changed), st->changed);
	if (st->todo)
		str_addf(more(list), P_("%zu to do", "%zu to do", st->todo), st->todo);
	if (st->ok)
		str_addf(more(list), P_("%zu ok", "%zu ok", st->ok), st->ok);
	if (st->skipped)
		str_addf(more(list), P_("%zu skipped", "%zu skipped", st->skipped), st->skipped);
	if (st->blocked)
		str_addf(more(list), P_("%zu blocked", "%zu blocked", st->blocked), st->blocked);
	if (st->stopped)
		str_addf(more(list), P_("%zu not begun", "%zu not begun", st->stopped),
			 st->stopped);
	if (!list->len)
		str_add(list, _("no task"));
}

const char *
run_verdict(enum run_mode mode, int code, const struct run_stats *st)
{
	switch (code) {
	case EXIT_FAILED:
		return _("Not done. Mend what failed and run the same command again: what is done is "
			 "found done.");
	case EXIT_INPUT:
		return _("Nothing was taken back.");
	case EXIT_UNTOLD:
		return _("Not all could be told. Run the same command again once those machines "
			 "answer.");
	case EXIT_STOPPED:
		return _("Stopped. Run the same command again to go on: what is done is found done.");
	case EXIT_TODO:
		if (mode == MODE_UNDO)
			return _("Not all of it could be taken back.");
		if (mode == MODE_APPLY)
			return _("Not all of it could be begun: something that it needs is to do and was "
				 "not selected.");
		return _("There is work to do: 'bascule apply' does it.");
	}
	if (mode == MODE_UNDO)
		return st->changed ? _("Taken back.") : _("Nothing had to be taken back.");
	if (mode == MODE_CHECK || !st->changed)
		return _("All of it holds. Nothing was changed.");
	return _("All of it holds now.");
}

void
drill_heading_add(struct str *out, const struct drill_view *v)
{
	const struct drill_args *a = v->args;

	str_add(out, v->task->step->title);
	if (*a->variant)
		str_addf(out, " (%s)", a->variant);
	str_add(out, "  ");
	if (*a->node)
		str_addf(out, _("node %s"), a->node);
	str_add(out, *a->node ? ", " : "");
	str_addf(out, _("VM %s"), a->vm);
	if (*a->to)
		str_addf(out, _(", to %s"), a->to);
}

static void
predicted_phases(struct str *out, const struct drill_view *v)
{
	bool any = false;

	for (int i = 0; i < PHASE_SETTLED; i++) {
		if (v->predicted.phase_ms[i] <= 0)
			continue;
		str_addf(out, "%s%s ", any ? ", " : " (",
			 drill_phase_title(v->task->step, drill_phase_ids[i]));
		duration_add(out, v->predicted.phase_ms[i]);
		any = true;
	}
	str_add(out, any ? ")" : "");
}

void
drill_prediction_add(struct str *out, const struct drill_view *v)
{
	if (v->predicted.outage_ms < 0) {
		str_add(out, _("Nothing was predicted."));
		return;
	}
	str_add(out, _("Predicted silence: "));
	duration_add(out, v->predicted.outage_ms);
	predicted_phases(out, v);
	if (v->predicted.emulated)
		str_add(out, _(". The VM is emulated: it may take far longer, which is told and not judged"));
}
