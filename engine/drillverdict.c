/* What was predicted, and what is to be said of what happened. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "base/nls.h"
#include "engine/drillpriv.h"
#include "engine/wording.h"

/* ---- prediction ---- */

static int64_t
predicted_ms(const struct drill *d, const char *what)
{
	CLEAN_STR name = STR_INIT(128);
	const char *text;
	uint64_t ms;

	str_addf(&name, "predict.%s", what);
	text = drill_told(d, str_text(&name));
	return text && str_to_u64(text, &ms) && ms < 86400000 ? (int64_t)ms : DRILL_PREDICTED_NONE;
}

static void
expected(const struct drill *d, const char *name, char *out, size_t size)
{
	const char *text = drill_told(d, name);

	str_put(out, size, text ? text : "");
}

void
drill_predict(struct drill *d)
{
	const char *told = drill_told(d, "emulated");
	struct drill_prediction *p = &d->predicted;

	p->outage_ms = predicted_ms(d, "outage");
	p->limit_ms = predicted_ms(d, "limit");
	for (int i = 0; i < PHASE_OTHER; i++)
		p->phase_ms[i] = predicted_ms(d, drill_phase_ids[i]);
	expected(d, "expect.nonce", p->nonce, sizeof p->nonce);
	expected(d, "expect.connection", p->connection, sizeof p->connection);
	p->emulated = told && !strcmp(told, "yes");
}

/* ---- judgement ---- */

struct jury {
	struct drill *d;
	VEC(struct drill_condition) all;
};

static void __attribute__((format(printf, 4, 5)))
jury_say(struct jury *j, enum drill_mark mark, const char *id, const char *fmt, ...)
{
	struct drill_condition c = { .mark = mark };
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	c.text = xstrdup(text);
	str_put(c.id, sizeof c.id, id);
	vec_push(&j->all, c);
}

static enum drill_mark
mark_if(bool good)
{
	return good ? MARK_PASS : MARK_FAIL;
}

static void
judge_deed(struct jury *j)
{
	const struct drill *d = j->d;

	if (d->deed_code == 0)
		jury_say(j, MARK_PASS, "deed", _("what was to be done was done"));
	else if (d->deed_lost)
		jury_say(j, MARK_PASS, "deed", _("what was to be done was done: %s fell silent"),
			 d->opts.args.node);
	else if (d->deed_code > 0)
		jury_say(j, MARK_FAIL, "deed", _("what was to be done failed with code %d"),
			 d->deed_code);
	else
		jury_say(j, MARK_UNTOLD, "deed", _("whether it was done could not be told"));
}

static const char *
seconds_text(struct str *out, int64_t ms)
{
	str_clear(out);
	seconds_add(out, ms);
	return str_text(out);
}

static void
judge_silence(struct jury *j, bool answers)
{
	const struct drill_prediction *p = &j->d->predicted;
	int64_t outage = gaps_longest(&j->d->after);
	CLEAN_STR silent = STR_INIT(32), limit = STR_INIT(32);

	if (p->limit_ms == DRILL_PREDICTED_NONE)
		return;
	if (answers && p->emulated && outage > p->limit_ms)
		jury_say(j, MARK_NOTE, "outage",
			 _("it was silent for %s; the %s allowed are not applied, for it is emulated "
			   "(its node has no /dev/kvm)"), seconds_text(&silent, outage),
			 seconds_text(&limit, p->limit_ms));
	else
		jury_say(j, mark_if(answers && outage <= p->limit_ms), "outage",
			 _("it was silent for %s, at most %s are allowed"), seconds_text(&silent, outage),
			 seconds_text(&limit, p->limit_ms));
}

static void
judge_answers(struct jury *j)
{
	const struct drill *d = j->d;
	const struct gaps *g = &d->after;
	bool answers = g->sent && !g->run_lost;
	CLEAN_STR silent = STR_INIT(32);

	if (d->ping_failed) {
		jury_say(j, MARK_UNTOLD, "answers", _("the probes broke off: nothing was measured to the end"));
		return;
	}
	if (answers)
		jury_say(j, MARK_PASS, "answers", _("%s answers"), d->opts.args.vm);
	else
		jury_say(j, MARK_FAIL, "answers", _("%s does not answer, for %s now"), d->opts.args.vm,
			 seconds_text(&silent, gaps_open(g)));
	judge_silence(j, answers);
}

static void
judge_nonce(struct jury *j)
{
	const struct promises *p = &j->d->promises;
	const char *wanted = j->d->predicted.nonce;

	if (!strcmp(wanted, "same"))
		jury_say(j, mark_if(p->nonces == 1), "nonce",
			 p->nonces == 1 ? _("the guest was never restarted")
					: _("the guest was restarted, but should not have been"));
	if (!strcmp(wanted, "new"))
		jury_say(j, mark_if(p->nonces > 1), "nonce",
			 p->nonces > 1 ? _("the guest was started anew")
				       : _("the guest was not started anew, but should have been"));
	if (p->returned)
		jury_say(j, MARK_FAIL, "twice", _("two guests answered in turn: the VM ran twice"));
}

/* On the disk: the highest number that the audit found there, if it could look. */
static void
judge_numbers(struct jury *j)
{
	const struct promises *p = &j->d->promises;
	const char *text = drill_told(j->d, "guest.disk");
	uint64_t disk, lost = p->lost;

	if (text && str_to_u64(text, &disk) && disk < j->d->promised && j->d->promised - disk > lost)
		lost = j->d->promised - disk;
	if (lost)
		jury_say(j, MARK_FAIL, "numbers",
			 P_("%llu number was acknowledged and lost", "%llu numbers were acknowledged and lost",
			    lost), (unsigned long long)lost);
	else
		jury_say(j, MARK_PASS, "numbers",
			 P_("the %llu acknowledged number was not lost",
			    "none of the %llu acknowledged numbers was lost", p->told),
			 (unsigned long long)p->told);
}

/* A guest that does not count (or was never reached) proves nothing of this. */
static void
judge_guest(struct jury *j)
{
	const struct drill *d = j->d;
	const struct vm *vm = model_vm(d->plan->model, d->opts.args.vm);

	if (!d->promises.told) {
		if (!*vm->image)
			jury_say(j, MARK_UNTOLD, "numbers", _("the guest gave no numbers"));
		return;
	}
	judge_nonce(j);
	if (!strcmp(d->predicted.connection, "kept"))
		jury_say(j, mark_if(d->promises.connections == 1), "connection",
			 d->promises.connections == 1 ? _("a connection that stood before still stands")
						      : _("a connection that stood before was lost"));
	judge_numbers(j);
}

static void
judge_cluster(struct jury *j)
{
	const struct drill *d = j->d;
	const struct drill_phase *back = drill_phase(d, PHASE_REDUNDANT);
	CLEAN_STR after = STR_INIT(32);

	if (drill_takes(d))
		jury_say(j, mark_if(d->restored), "restored",
			 d->restored ? _("what was taken away is back")
				     : _("what was taken away could not be put back"));
	if (!drill_has(d, VERB_WATCH) || d->stopping)
		return;
	if (back)
		jury_say(j, MARK_PASS, "redundant", _("redundancy was back after %s"),
			 seconds_text(&after, back->at_ms - d->deed_ms));
	else
		jury_say(j, MARK_FAIL, "redundant", _("redundancy was not back within %d s"),
			 d->task->step->limit_s);
}

static void
judge_audit(struct jury *j)
{
	const struct drill *d = j->d;

	if (!drill_has(d, VERB_AUDIT))
		return;
	if (d->audit_code == 0)
		jury_say(j, MARK_PASS, "audit", _("nothing is left over"));
	else if (d->audit_code == 7)
		jury_say(j, MARK_FAIL, "audit", _("something is left over"));
	else
		jury_say(j, MARK_UNTOLD, "audit", _("what is left over could not be told"));
}

static void
jury_decides(struct jury *j)
{
	const struct drill_condition *c;
	enum drill_verdict v = DRILL_PASSED;

	vec_each(c, &j->all) {
		if (c->mark == MARK_FAIL)
			v = DRILL_FAILED;
		if (c->mark == MARK_UNTOLD && v == DRILL_PASSED)
			v = DRILL_UNTOLD;
	}
	if (!j->d->verdict)
		j->d->verdict = v;
}

/* The engine's own conditions first, then what the audit said. */
void
drill_judge(struct drill *d)
{
	struct jury j = { .d = d };
	const struct drill_condition *c;

	if (!d->deed_begun)
		return;
	judge_deed(&j);
	judge_answers(&j);
	judge_guest(&j);
	judge_cluster(&j);
	judge_audit(&j);
	vec_each(c, &d->conditions)
		vec_push(&j.all, *c);
	jury_decides(&j);
	vec_free(&d->conditions);
	d->conditions.at = j.all.at;
	d->conditions.n = j.all.n;
	d->conditions.cap = j.all.cap;
}

int
drill_code(const struct drill *d)
{
	static const int codes[] = {
		[DRILL_NO_VERDICT] = 1, [DRILL_PASSED] = 0, [DRILL_FAILED] = 1,
		[DRILL_REFUSED] = 7,	[DRILL_UNTOLD] = 4, [DRILL_STOPPED] = 3,
	};

	return codes[d->verdict];
}
