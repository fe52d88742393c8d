/* The validation report's drills, as the journal has them. */
#include "engine/report.h"

#include <string.h>
#include "base/nls.h"
#include "engine/journaldrill.h"

enum { DRILLS_MAX = 30, EARLIER_MAX = 5, SILENCES_MAX = 200, PHASES_MAX = 64 };

struct drill_source {
	struct report *r;
	struct journal *j;
	VEC(struct drill_record) records; /* newest first */
};

/* What is made of one of them. */
struct drill_sheet {
	const struct step *step; /* NULL = there is none of this name any more */
	VEC(struct report_phase) phases;
	VEC(struct report_silence) silences;
	VEC(char *) texts;
	int64_t from_ms, to_ms;
	bool begun, silent;
};

static int
record_take(void *ctx, const struct drill_record *r)
{
	struct drill_source *s = ctx;

	vec_push(&s->records, *r);
	return 0;
}

static enum report_mark
verdict_mark(const char *verdict)
{
	if (!strcmp(verdict, "passed"))
		return REPORT_PASS;
	if (!strcmp(verdict, "failed"))
		return REPORT_FAIL;
	/* something was done, and not looked at to the end */
	return !*verdict || !strcmp(verdict, "stopped") ? REPORT_WARN : REPORT_NOT_RUN;
}

static const char *
sheet_keep(struct drill_sheet *sheet, const char *text)
{
	char *copy = xstrdup(text);

	vec_push(&sheet->texts, copy);
	return copy;
}

static void
phase_take(void *ctx, const char *name, const char *node, int64_t at_ms)
{
	struct drill_sheet *sheet = ctx;
	const char *title = sheet->step ? drill_phase_title(sheet->step, name) : name;
	struct report_phase p = { .at_ms = at_ms };

	if (sheet->phases.n >= PHASES_MAX)
		return;
	p.name = sheet_keep(sheet, name);
	p.title = sheet_keep(sheet, title);
	p.node = sheet_keep(sheet, node);
	vec_push(&sheet->phases, p);
}

/* From the first probe that was lost to the first that was answered again. */
static int
sample_take(void *ctx, const struct ping_sample *s)
{
	struct drill_sheet *sheet = ctx;
	bool lost = s->rtt_us == PING_LOST;

	if (!sheet->begun)
		sheet->from_ms = s->sent_ms;
	sheet->begun = true;
	sheet->to_ms = s->sent_ms;
	if (lost && !sheet->silent && sheet->silences.n < SILENCES_MAX)
		vec_push(&sheet->silences, ((struct report_silence){ s->sent_ms, s->sent_ms }));
	if (sheet->silences.n && (lost || sheet->silent))
		sheet->silences.at[sheet->silences.n - 1].to_ms = s->sent_ms;
	sheet->silent = lost;
	return 0;
}

static void
sheet_done(struct drill_sheet *sheet)
{
	char **text;

	vec_each(text, &sheet->texts)
		free(*text);
	vec_free(&sheet->texts);
	vec_free(&sheet->phases);
	vec_free(&sheet->silences);
}

/* Of the same drill, before this one; those that came to an end. */
static void
earlier_look(const struct drill_source *s, size_t at, struct report_drill *d)
{
	const struct drill_record *one = &s->records.at[at];
	int64_t outages[EARLIER_MAX];
	size_t n = 0;

	for (size_t i = at + 1; i < s->records.n && n < EARLIER_MAX; i++) {
		const struct drill_record *old = &s->records.at[i];

		if (strcmp(old->step, one->step) != 0 || strcmp(old->variant, one->variant) != 0)
			continue;
		if (verdict_mark(old->verdict) <= REPORT_FAIL && verdict_mark(old->verdict) != REPORT_WARN &&
		    old->outage_ms >= 0)
			outages[n++] = old->outage_ms;
	}
	d->nearlier = n;
	d->earlier_ms = n ? median_ms(outages, n) : -1;
}

static void
names_add(const struct drill_record *one, const struct step *step, struct str *name, struct str *object)
{
	str_add(name, step ? step->title : one->step);
	if (*one->variant)
		str_addf(name, " (%s)", one->variant);
	str_add(object, one->vm);
	if (*one->node)
		str_addf(object, ", %s", one->node);
	if (*one->to)
		str_addf(object, " -> %s", one->to);
}

static int
drill_read(struct drill_source *s, size_t at, struct err *err)
{
	const struct drill_record *one = &s->records.at[at];
	struct drill_sheet sheet = { .step = catalog_step(s->r->plan->catalog, one->step) };
	CLEAN_STR name = STR_INIT(512);
	CLEAN_STR object = STR_INIT(512);
	struct report_drill d = { .step = one->step, .variant = one->variant, .verdict = one->verdict,
				  .mark = verdict_mark(one->verdict), .at = one->began,
				  .predicted_ms = one->predicted_ms, .outage_ms = one->outage_ms,
				  .redundant_ms = one->redundant_ms, .sent = one->sent, .lost = one->lost };
	int code = journal_drill_phases(s->j, one->id, phase_take, &sheet, err);

	code = code ? code : journal_drill_samples(s->j, one->id, sample_take, &sheet, err);
	names_add(one, sheet.step, &name, &object);
	earlier_look(s, at, &d);
	d.name = str_text(&name);
	d.object = str_text(&object);
	d.phases = sheet.phases.at;
	d.nphases = sheet.phases.n;
	d.silences = sheet.silences.at;
	d.nsilences = sheet.silences.n;
	d.from_ms = sheet.from_ms;
	d.to_ms = sheet.to_ms;
	if (!code)
		report_add_drill(s->r, &d);
	sheet_done(&sheet);
	return code;
}

int
report_read_drills(struct report *r, struct journal *j, struct err *err)
{
	struct drill_source s = { .r = r, .j = j };
	int code = journal_drills(j, NULL, NULL, record_take, &s, err);
	size_t n = s.records.n < DRILLS_MAX ? s.records.n : DRILLS_MAX;

	for (size_t i = 0; i < n && !code; i++)
		code = drill_read(&s, i, err);
	r->drills_more = s.records.n - n;
	vec_free(&s.records);
	return code;
}
