/* What comes after the deed of a drill: what it took away is put back, and once all is well again the
 * audit looks for what is left over. */
#include "base/nls.h"
#include "engine/drillpriv.h"

static void
restore_over(struct drill *d, int code)
{
	d->undo_code = code;
	d->restored = code == 0;
	drill_stage_set(d, DRILL_WATCHING);
	/* Whoever stops does not wait for redundancy. */
	if (d->stopping)
		d->late = true;
}

static void restore_again(void *ctx);

/* A node that is still on its way up does not answer yet: it is asked again, for so long. */
static void
on_restored(struct errand *e, const struct err *err)
{
	struct drill *d = e->drill;
	int64_t waited = loop_now_ms(d->loop) - d->stage_ms;

	if (d->stage == DRILL_ENDED)
		return;
	if (err->code && waited < d->task->step->limit_s * 1000L) {
		d->attach_timer = loop_timer_add(d->loop, WATCH_AGAIN_MS, restore_again, d);
		return;
	}
	if (err->code)
		drill_error(d, e->way->node->name, err);
	restore_over(d, err->code ? 1 : e->code);
}

static void
restore_again(void *ctx)
{
	struct drill *d = ctx;

	d->attach_timer = 0;
	if (!drill_send(d, drill_doer(d), VERB_UNDO, on_restored))
		restore_over(d, 1);
}

/* Hands first: a node without power has nothing to run a script on. */
static void
on_hands_back(struct drill *d, const struct err *err)
{
	if (d->stage == DRILL_ENDED)
		return;
	if (err->code)
		drill_error(d, NULL, err);
	if (err->code || !drill_has(d, VERB_UNDO))
		restore_over(d, err->code ? 1 : 0);
	else
		restore_again(d);
}

static void
hands_restore(struct drill *d)
{
	struct err err = { 0 };

	d->hands_back = hands_new(d, "deed.back", on_hands_back, &err);
	if (d->hands_back) {
		hands_begin(d->hands_back);
		return;
	}
	drill_error(d, NULL, &err);
	restore_over(d, 1);
}

void
drill_restore(struct drill *d)
{
	if (d->stage == DRILL_RESTORING || d->undo_code >= 0 || !drill_takes(d)) {
		d->late = true; /* there is nothing to wait for */
		return;
	}
	drill_stage_set(d, DRILL_RESTORING);
	d->late = false;
	if (hands_wanted(d, "deed.back"))
		hands_restore(d);
	else
		restore_again(d);
}

static void
on_audited(struct errand *e, const struct err *err)
{
	struct drill *d = e->drill;

	d->audit_code = e->code;
	if (err->code)
		drill_error(d, e->way->node->name, err);
	drill_end(d);
}

static void
drill_audit(struct drill *d)
{
	/* what is answered from now on need not be on the disk that the audit looks at */
	d->promised = d->promises.highest;
	if (d->watch)
		errand_cancel(d->watch);
	d->watch = NULL;
	loop_timer_del(d->loop, d->watch_timer);
	d->watch_timer = 0;
	drill_stage_set(d, DRILL_AUDITING);
	if (!drill_has(d, VERB_AUDIT) || !drill_send(d, drill_watcher(d), VERB_AUDIT, on_audited))
		drill_end(d);
}

void
drill_look_after(struct drill *d)
{
	bool undo_due = drill_takes(d) && d->undo_code < 0;
	bool redundant = drill_phase(d, PHASE_REDUNDANT) || !drill_has(d, VERB_WATCH);
	int64_t waited = loop_now_ms(d->loop) - d->stage_ms;

	if (!d->stopping && waited >= d->task->step->limit_s * 1000L)
		d->late = true;
	if (undo_due && (d->late || (drill_phase(d, PHASE_SETTLED) && drill_answers(d))))
		drill_restore(d);
	else if (d->late || (redundant && drill_answers(d) && !undo_due))
		drill_audit(d);
}
