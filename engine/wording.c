/* Words that all front ends use alike. */
#include "engine/wording.h"

#include "base/nls.h"
#include "base/text.h"
#include "engine/workspace.h"

enum { WHERE_MAX = 20 };

void
duration_add(struct str *out, int64_t ms)
{
	long long s = (ms + 500) / 1000;
	if (ms < 9950)
		str_addf(out, _("%.1f s"), (double)ms / 1000);
	else if (s < 60)
		str_addf(out, _("%lld s"), s);
	else if (s < 3600)
		str_addf(out, _("%lld min %02lld s"), s / 60, s % 60);
	else
		str_addf(out, _("%lld h %02lld min"), s / 3600, s % 3600 / 60);
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
