/* What the journal kept, in words. */
#include "screens/records.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "base/nls.h"
#include "base/wall.h"
#include "engine/wording.h"
#include "tui/glyph.h"

static const struct {
	const char *id, *word;
} modes[] = {
	{ "check", N_("look") }, { "apply", N_("apply") }, { "undo", N_("take back") },
};

const char *
record_mode(const char *id)
{
	for (size_t i = 0; i < sizeof modes / sizeof *modes; i++)
		if (!strcmp(id, modes[i].id))
			return _(modes[i].word);
	return id;
}

const char *
record_selection(const struct journal_run *r)
{
	return *r->selection ? r->selection : _("everything");
}

void
record_result(const struct wizard *w, const struct journal_run *r, struct str *out)
{
	const struct run_stats st = { .ok = r->ok, .changed = r->changed, .failed = r->failed,
				      .unknown = r->unknown, .todo = r->todo };
	CLEAN_STR counts = STR_INIT(512);
	struct journal_run newest;
	run_counts_add(&counts, !strcmp(r->mode, "undo") ? MODE_UNDO : MODE_APPLY, &st);
	if (r->ended)
		str_add(out, str_text(&counts));
	else if (w->running && !journal_run(w->ws.journal, 0, &newest, NULL) && newest.id == r->id)
		str_add(out, _("under way"));
	else
		str_addf(out, _("cut off; %s"), str_text(&counts));
}

const char *
record_state(const char *id)
{
	for (int s = TASK_PENDING; s <= TASK_STOPPED; s++)
		if (!strcmp(id, task_state_ids[s]))
			return _(task_state_words[s]);
	return *id ? id : _("not there");
}

bool
record_is_trouble(const char *id)
{
	return !strcmp(id, task_state_ids[TASK_FAILED]) || !strcmp(id, task_state_ids[TASK_UNKNOWN]);
}

void
record_task(const struct wizard *w, const char *key, struct str *out)
{
	const struct task *t = plan_task(w->ws.plan, key);
	if (!t) {
		str_add(out, key);
		return;
	}
	task_title(out, t);
	str_addf(out, " %s ", glyph(GLYPH_DOT));
	view_where(t, out);
}

/* ---- output ---- */

struct pieces {
	void (*piece)(void *ctx, const char *bytes, size_t n);
	void *ctx;
};

static int
piece_take(void *pieces, int stream, const char *data, size_t n, uint64_t gap)
{
	const struct pieces *p = pieces;
	char told[128];
	(void)stream;
	if (gap) {
		(void)snprintf(told, sizeof told, _("\n… %llu bytes were not kept …\n"),
			       (unsigned long long)gap);
		p->piece(p->ctx, told, strlen(told));
	}
	p->piece(p->ctx, data, n);
	return 0;
}

void
record_output(struct wizard *w, int64_t run, const char *key,
	      void (*piece)(void *ctx, const char *bytes, size_t n), void *ctx)
{
	struct pieces p = { piece, ctx };
	struct err err = { 0 };
	if (journal_output(w->ws.journal, run, key, piece_take, &p, &err))
		wizard_tell(w, &err);
}

/* ---- the report ---- */

void
report_counts_add(struct str *out, const struct report *r)
{
	for (int m = 0; m < REPORT__MARKS; m++)
		str_addf(out, "%s%s %zu", m ? ", " : "", _(report_mark_words[m]), r->counts[m]);
}

static const char *
mark_word(enum report_mark m)
{
	return m == REPORT__MARKS ? _("not there") : _(report_mark_words[m]);
}

void
report_change_add(const struct wizard *w, struct str *out, const struct report_change *c)
{
	record_task(w, c->task, out);
	str_addf(out, ": %s -> %s", mark_word(c->before), mark_word(c->after));
}

struct report *
report_load(struct wizard *w, int64_t compared)
{
	struct err err = { 0 };
	int64_t now = wall_now();
	struct report *before, *r = report_read(w->ws.plan, w->ws.world, w->ws.journal, 0, now, &err);
	if (!r)
		wizard_tell(w, &err);
	if (!r || !compared)
		return r;
	before = report_read(w->ws.plan, w->ws.world, w->ws.journal, compared, now, &err);
	if (before)
		report_diff(r, before);
	else
		wizard_tell(w, &err);
	report_free(before);
	return r;
}

char *
report_path(const struct wizard *w)
{
	CLEANUP(freep) char *folder = getcwd(NULL, 0);
	time_t now = (time_t)wall_now();
	struct tm tm;
	char day[16] = "";
	if (localtime_r(&now, &tm))
		strftime(day, sizeof day, "%Y-%m-%d", &tm);
	return xasprintf("%s/%s-%s.html", folder ? folder : ".", w->ws.model.cluster.name, day);
}
