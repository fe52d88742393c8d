/* Tasks that float: "any quorate member" and "whoever holds it now" are found by asking all
 * candidates with the check itself. The answer of the right one counts; no other is told on. */
#include <stdlib.h>
#include <string.h>
#include "base/nls.h"
#include "engine/runpriv.h"

enum {
	SAID_MAX = 64 * 1024, /* of one candidate's output that is kept until it is known to count */
	REASON_MAX = 1024,
};

/* ---- answers ---- */

void
answer_hold(struct answer *a, enum event_type type, const char *const *args, size_t nargs)
{
	struct said s = { .type = type };

	for (size_t i = 0; i < nargs && i < MARKER_ARGS_MAX; i++)
		a->said_bytes += strlen(args[i]) + 1;
	if (type == EV_OUTPUT && a->said_bytes > SAID_MAX)
		return;
	for (; s.nargs < nargs && s.nargs < MARKER_ARGS_MAX; s.nargs++)
		s.args[s.nargs] = xstrdup(args[s.nargs]);
	vec_push(&a->said, s);
}

void
answer_claim(struct answer *a, const char *kind, const char *word)
{
	bool member = !strcmp(kind, "member");

	if (member)
		a->claims |= !strcmp(word, "quorate") ? CLAIM_QUORATE : CLAIM_APART;
	else if (!strcmp(word, "yes"))
		a->claims |= CLAIM_OWNER;
	else if (!strcmp(word, "free"))
		a->claims |= CLAIM_FREE;
}

void
answer_clear(struct answer *a)
{
	struct said *s;

	vec_each(s, &a->said)
		for (size_t i = 0; i < s->nargs; i++)
			free(s->args[i]);
	vec_free(&a->said);
	*a = (struct answer){ .task = a->task, .node = a->node };
}

void
answer_replay(struct run *r, struct task *t, const struct answer *a)
{
	const struct said *s;

	free(t->reason);
	t->reason = NULL;
	vec_each(s, &a->said) {
		const char *const *args = (const char *const *)s->args;

		if (s->type == EV_OUTPUT)
			run_output(r, t, a->node, 1, args[0], strlen(args[0]));
		else if (s->type != EV_VALUE)
			run_reason(r, t, s->type, args[0], args + 1, s->nargs - 1);
		else
			run_value(r, t, args[0], s->nargs > 1 ? args[1] : "");
	}
}

/* Why it does not hold, without what only the right candidate may prove. */
static void
answer_replay_reason(struct run *r, struct task *t, const struct answer *a)
{
	const struct said *s;

	vec_each(s, &a->said)
		if (s->type == EV_REASON)
			run_reason(r, t, s->type, s->args[0], (const char *const *)s->args + 1,
				   s->nargs - 1);
}

int
place_rank(const struct step *s, const struct answer *a)
{
	if (!a->told || (a->claims & CLAIM_APART))
		return 0;
	if (s->on == ON_ANY)
		return a->claims & CLAIM_QUORATE ? 2 : 0;
	return a->claims & CLAIM_OWNER ? 2 : a->claims & CLAIM_FREE ? 1 : 0;
}

/* Of two that are as good, the one that could tell, else the first. */
static bool
answer_is_better(const struct task *t, const struct answer *a, const struct answer *than)
{
	int rank = place_rank(t->step, a), other = than ? place_rank(t->step, than) : 0;

	return rank > other || (rank && rank == other && a->code >= 0 && than->code < 0);
}

const struct answer *
place_pick(const struct task *t, const struct answer *all, size_t n, const struct answer **other)
{
	const struct answer *best = NULL;

	*other = NULL;
	for (size_t i = 0; i < n; i++)
		if (all[i].task == t && answer_is_better(t, &all[i], best))
			best = &all[i];
	for (size_t i = 0; best && i < n; i++)
		if (all[i].task == t && &all[i] != best && (all[i].claims & CLAIM_OWNER) &&
		    place_rank(t->step, &all[i]) == 2 && t->step->on == ON_OWNER)
			*other = &all[i];
	return best;
}

/* ---- asking ---- */

bool
place_floats(const struct run *r, const struct task *t)
{
	return task_floats(t) && !native_for(r, t);
}

bool
place_ready(const struct run *r, const struct task *t)
{
	for (size_t i = 0; i < t->candidates.n; i++) {
		struct task here = *t;

		here.node = t->candidates.at[i];
		if (!compose_ready(&r->compose, &here, NULL))
			return false;
	}
	return true;
}

struct answer *
place_answer(const struct run *r, const struct task *t, const struct node *node)
{
	struct answer *a;

	vec_each(a, &run_progress(r, t)->answers)
		if (a->node == node)
			return a;
	return NULL;
}

static void
place_forget(struct progress *p)
{
	struct answer *a;

	vec_each(a, &p->answers)
		answer_clear(a);
	p->answers.n = 0;
	p->answers_left = 0;
}

/* A candidate that is being tried again or restarted may answer soon. */
static bool
place_will_be_back(struct run *r, const struct task *t)
{
	for (size_t i = 0; i < t->candidates.n; i++) {
		const struct link *l = link_for(r, t->candidates.at[i]);

		if (!l->failed && !link_is_ready(l))
			return true;
	}
	return false;
}

static void place_decide(struct run *r, struct task *t);

void
place_begin(struct run *r, struct task *t)
{
	struct progress *p = run_progress(r, t);
	bool hope = place_will_be_back(r, t);

	if (p->scattered && hope)
		return;
	place_forget(p);
	for (size_t i = 0; i < t->candidates.n; i++) {
		struct link *l = link_for(r, t->candidates.at[i]);
		bool due = link_is_ready(l);

		vec_push(&p->answers, ((struct answer){ .task = t, .node = l->node, .due = due }));
		p->answers_left += due;
	}
	if (!p->answers_left && hope) {
		place_forget(p);
		return;
	}
	p->again = false;
	p->asked_met = run_needs(r, t) == NEEDS_MET;
	if (t->state != TASK_VERIFYING)
		run_state(r, t, TASK_CHECKING);
	if (!p->answers_left)
		place_decide(r, t);
}

/* ---- deciding ---- */

static void
place_tell_who(const struct task *t, const struct progress *p, struct str *out)
{
	const struct answer *a;

	vec_each(a, &p->answers) {
		str_add(out, out->len ? ", " : "");
		if (!a->told)
			str_addf(out, _("%s gave no answer"), a->node->name);
		else if (t->step->on == ON_ANY || (a->claims & CLAIM_APART))
			str_addf(out, _("%s is no quorate member"), a->node->name);
		else
			str_addf(out, _("%s does not hold it"), a->node->name);
	}
}

static void
place_fail(struct run *r, struct task *t, const struct err *err)
{
	struct progress *p = run_progress(r, t);

	/* Perhaps it can be told once what it needs is there. */
	if (r->opts.mode != MODE_CHECK && t->state == TASK_CHECKING &&
	    run_needs(r, t) == NEEDS_OPEN) {
		p->checked = false;
		p->again = true;
		run_state(r, t, TASK_WAITING);
		return;
	}
	run_fail(r, t, TASK_UNKNOWN, err);
}

static void
place_nowhere(struct run *r, struct task *t)
{
	struct progress *p = run_progress(r, t);
	CLEAN_STR who = STR_INIT(REASON_MAX);
	struct err e = { 0 };

	place_tell_who(t, p, &who);
	err_set(&e, E_STEP, t->step->on == ON_ANY ? _("no quorate member could be asked: %s")
						  : _("no machine says that it holds it: %s"),
		str_text(&who));
	err_hint(&e, _("Look at the state of the cluster on these machines, then check again."));
	place_fail(r, t, &e);
}

/* Two machines that hold one object: whatever is done on one is wrong on the other. */
static void
place_twice(struct run *r, struct task *t, const struct answer *a, const struct answer *b)
{
	struct err e = { 0 };

	err_set(&e, E_STEP, _("%s and %s both say that they hold it"), a->node->name, b->node->name);
	err_hint(&e, _("Find out which of them is right, and stop it on the other one before anything "
		       "else is done."));
	place_fail(r, t, &e);
}

/* Nobody is a member, and each machine has said itself that the step does not hold there: there
 * is no cluster yet. A silent one might know better. */
static const struct answer *
place_bare(const struct run *r, const struct task *t)
{
	const struct progress *p = run_progress(r, t);
	const struct answer *a;

	vec_each(a, &p->answers)
		if (!a->told || a->code != 7)
			return NULL;
	if (r->opts.mode != MODE_CHECK && !t->undo && t->part != PART_CONTEXT)
		return NULL; /* it could not be applied anywhere */
	return p->answers.n ? &p->answers.at[0] : NULL;
}

static void
place_decide(struct run *r, struct task *t)
{
	struct progress *p = run_progress(r, t);
	const struct answer *other, *a = place_pick(t, p->answers.at, p->answers.n, &other);
	const struct answer *bare = a ? NULL : place_bare(r, t);

	p->scattered = !a && !bare && place_will_be_back(r, t);
	if (task_state_is_final(t->state)) {
		/* skipped or left meanwhile */
	} else if (p->job != JOB_NOT_KEPT) {
		run_state(r, t, TASK_PENDING);
	} else if (a && other) {
		place_twice(r, t, a, other);
	} else if (a) {
		place_on(r, t, a->node);
		answer_replay(r, t, a);
		run_told(r, t, a->ended);
	} else if (p->scattered) {
		p->again = t->state == TASK_VERIFYING;
		if (!p->again)
			run_state(r, t, TASK_PENDING);
	} else if (bare && t->state != TASK_VERIFYING) {
		answer_replay_reason(r, t, bare);
		run_told(r, t, "7");
	} else {
		place_nowhere(r, t);
	}
	place_forget(p);
	run_pump_later(r);
}

static void
place_ended(struct run *r, struct task *t)
{
	struct progress *p = run_progress(r, t);

	if (p->answers_left && --p->answers_left == 0)
		place_decide(r, t);
}

void
place_told(struct run *r, struct task *t, struct answer *a, const char *code)
{
	a->told = true;
	a->code = check_code(code);
	str_put(a->ended, sizeof a->ended, code);
	place_ended(r, t);
}

void
place_silent(struct run *r, struct task *t, struct answer *a)
{
	answer_clear(a);
	place_ended(r, t);
}

void
place_on(struct run *r, struct task *t, const struct node *node)
{
	bool same = t->placed && t->node == node;

	if (!same)
		lock_release(r, t); /* while its name still has the node that it was taken for */
	t->node = node;
	t->placed = true;
	if (!same)
		run_emit(r, &(struct event){ .type = EV_PLACE, .task = t, .node = node });
}

void
place_again(struct run *r, struct task *t)
{
	struct progress *p = run_progress(r, t);
	struct err e = { 0 };

	lock_release(r, t);
	t->placed = false;
	p->checked = p->fresh = false;
	if (p->moves++ < MOVES_MAX) {
		run_state(r, t, TASK_PENDING);
		run_pump_later(r);
		return;
	}
	err_set(&e, E_STEP, _("it was on another machine each time it was asked"));
	err_hint(&e, _("Wait until the cluster has come to rest, then run again."));
	run_fail(r, t, TASK_UNKNOWN, &e);
}
