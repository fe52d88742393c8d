/* Report, journal and guide in sentences. */
#include "screens/linearpriv.h"

#include <stdio.h>
#include "base/nls.h"
#include "engine/wording.h"
#include "screens/guide.h"
#include "screens/records.h"

static void
claim_say(const struct report_claim *c)
{
	CLEAN_STR line = STR_INIT(4096);
	str_addf(&line, "    %s%s%s: %s", c->node, *c->object ? ", " : "", c->object,
		 *c->reason ? c->reason : _(report_mark_words[c->mark]));
	linear_say(str_text(&line));
	if (*c->fix)
		linear_say(c->fix);
}

void
linear_report(struct linear *l)
{
	struct report *r = report_load(&l->w, 0);
	const struct report_test *t;
	const struct report_claim *c;
	CLEAN_STR sum = STR_INIT(512);
	if (!r)
		return;
	vec_each(t, &r->tests) {
		printf(_("  %s: %s\n"), t->title, _(report_mark_words[t->mark]));
		vec_each(c, &t->claims)
			if (c->mark == REPORT_WARN || c->mark == REPORT_FAIL)
				claim_say(c);
	}
	report_counts_add(&sum, r);
	linear_say(str_text(&sum));
	report_free(r);
}

static int
run_say(void *ctx, const struct journal_run *r)
{
	const struct linear *l = ctx;
	CLEAN_STR line = STR_INIT(1024);
	str_addf(&line, _("Run %lld, "), (long long)r->id);
	moment_add(&line, r->began);
	str_addf(&line, ", %s: ", record_mode(r->mode));
	record_result(&l->w, r, &line);
	linear_say(str_text(&line));
	return 0;
}

void
linear_journal(struct linear *l)
{
	struct err err = { 0 };
	linear_say(_("Runs, newest first"));
	if (journal_runs(l->w.ws.journal, run_say, l, &err))
		wizard_tell(&l->w, &err);
}

static void
entries_say(const struct guide_entry *e)
{
	for (; e->title; e++) {
		printf("%s:\n", _(e->title));
		linear_say(_(e->text));
	}
}

void
linear_guide(void)
{
	entries_say(guide_stuck);
	entries_say(guide_words);
}
