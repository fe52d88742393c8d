/* What a node's answer to a check, an apply or a guard means for its task. */
#include <stdlib.h>
#include <string.h>
#include "base/nls.h"
#include "engine/runpriv.h"

static void
run_identity_failed(struct run *r, struct task *t)
{
	run_progress(r, t)->identity_differs = false;
	run_state(r, t, TASK_FAILED);
}

/* Every node has a task of its own: undone on one, the object is the same for the others. */
static bool
task_is_one_of_many(const struct task *t)
{
	return t->step->on == ON_HYPERVISOR || t->step->on == ON_ALL;
}

/* What was undone has no identity any more. */
static void
run_forget_pins(struct run *r, struct task *t)
{
	struct err err = { 0 };
	char **name;

	if (task_is_one_of_many(t))
		return;

	vec_each(name, &t->step->pins) {
		CLEAN_STR key = STR_INIT(1024);

		values_key(*name, t, &key);
		values_unpin(r->values, str_text(&key));
	}
	if (t->step->pins.n && r->opts.pins_path && values_save_pins(r->values, r->opts.pins_path, &err))
		run_error(r, NULL, &err);
}

/* After an apply: 0 is the proof; anything else is a failure that says so. */
static void
run_verified(struct run *r, struct task *t, int code)
{
	bool good = t->undo ? code == 7 : code == 0;
	struct err e = { 0 };

	if (run_progress(r, t)->rolled_back && !good && code >= 0) {
		err_set(&e, E_STEP, _("rolled back by itself: %s was not reached again in time"),
			t->node ? t->node->name : _("console"));
		err_hint(&e, _("The machine is as it was. Look at the address and the network that the "
			       "cluster file gives it, then run again."));
		run_fail(r, t, TASK_FAILED, &e);
		return;
	}

	if (good) {
		if (t->undo)
			run_forget_pins(r, t);
		run_state(r, t, t->undo ? TASK_UNDONE : TASK_CHANGED);
		return;
	}
	err_set(&e, E_STEP, code < 0 ? _("it was done, but whether it holds could not be told")
				     : _("it was done, but does not hold: %s"),
		t->reason ? t->reason : "-");
	err_hint(&e, _("Read the output of the step, then run again: what holds is left alone."));
	run_fail(r, t, code < 0 ? TASK_UNKNOWN : TASK_FAILED, &e);
}

static bool
task_has_open_needs(const struct run *r, const struct task *t)
{
	return r->opts.mode != MODE_CHECK && run_needs(r, t) == NEEDS_OPEN;
}

/* A step that changes nothing can only be asked again. */
static bool
task_only_looks(const struct run *r, const struct task *t)
{
	return r->opts.mode == MODE_APPLY && !t->undo && t->part != PART_CONTEXT &&
	       !(t->step->verbs & (1u << VERB_APPLY)) &&
	       (t->step->script || t->step->sim_only || t->step->run == RUN_NATIVE) &&
	       t->step->risk == RISK_READ_ONLY;
}

/* It does not hold: perhaps it will once what it needs is there; if that was there, it fails. */
static void
run_looked(struct run *r, struct task *t)
{
	struct progress *p = run_progress(r, t);
	struct err e = { 0 };

	if (!p->asked_met) {
		p->checked = false;
		p->again = true;
		run_state(r, t, TASK_WAITING);
		return;
	}
	err_set(&e, E_STEP, "%s", t->reason ? t->reason : _("it does not hold"));
	err_hint(&e, _("Nothing here can change that: mend it on the machine, then run again."));
	run_fail(r, t, TASK_FAILED, &e);
}

void
run_checked(struct run *r, struct task *t, int code)
{
	struct progress *p = run_progress(r, t);

	if (task_state_is_final(t->state))
		return;
	if (p->job != JOB_NOT_KEPT) {
		/* Asked while its own job still runs: that answer is none. */
		run_state(r, t, TASK_PENDING);
		run_pump_later(r);
		return;
	}
	if (p->identity_differs) {
		run_identity_failed(r, t);
		return;
	}
	if (t->state == TASK_VERIFYING) {
		p->again = false;
		run_verified(r, t, code);
		return;
	}
	p->checked = true;
	p->code = code;
	if (code == 0 || (code == 7 && t->undo)) {
		/* What is to be undone and does not hold is undone already. */
		bool done = t->undo == (code == 7);

		run_state(r, t, done ? TASK_OK : TASK_TODO);
	} else if (code == 7 && task_only_looks(r, t)) {
		run_looked(r, t);
	} else if (code == 7) {
		run_state(r, t, TASK_TODO);
	} else if (task_has_open_needs(r, t)) {
		/* Perhaps it can be told once what it needs is there. */
		p->checked = false;
		p->again = true;
		run_state(r, t, TASK_WAITING);
	} else {
		run_state(r, t, TASK_UNKNOWN);
	}
	run_pump_later(r);
}

int
check_code(const char *text)
{
	uint64_t code;

	if (!str_to_u64(text, &code))
		return -1;
	return code == 0 || code == 7 ? (int)code : -1;
}

void
run_told(struct run *r, struct task *t, const char *code)
{
	struct err *e = &t->err;

	if (check_code(code) < 0) {
		if (t->reason)
			err_set(e, E_STEP, "%s", t->reason);
		else if (!strcmp(code, "timeout"))
			err_set(e, E_TIMEOUT, _("the check did not end within %d s"),
				t->step->check_limit_s);
		else
			err_set(e, E_REMOTE, _("the check ended with code %s"), code);
		err_hint(e, _("Look at its output, mend the cause on the node, and check again."));
	}
	run_checked(r, t, check_code(code));
}

bool
task_is_confirmed(const struct task *t)
{
	return t->step->verbs & (1u << VERB_CONFIRM);
}

/* Whatever it says, the check comes next: only that tells how the node is now. */
void
run_confirmed(struct run *r, struct task *t, const char *code)
{
	struct progress *p = run_progress(r, t);

	p->confirming = false;
	p->rolled_back = check_code(code) != 0;
	p->again = true;
	run_pump_later(r);
}

void
run_applied(struct run *r, struct task *t, int code)
{
	struct progress *p = run_progress(r, t);
	bool ours = p->job != JOB_LEFT;
	struct err e = { 0 };

	p->job = JOB_NOT_KEPT;
	if (!ours || code == JOB_GONE) {
		/* Not begun by this run, or gone with a restart: only the check knows. */
		p->checked = p->fresh = false;
		run_state(r, t, TASK_PENDING);
	} else if (code == 0 && (t->step->reboots || p->asked_reboot)) {
		p->asked_reboot = false;
		link_reboot(link_for(r, t->node), t);
	} else if (code == 0) {
		run_state(r, t, TASK_VERIFYING);
		p->confirming = task_is_confirmed(t);
		p->confirm_sent = p->rolled_back = false;
		if (p->confirming)
			link_renew(link_for(r, t->node));
	} else {
		if (code == JOB_DIED)
			err_set(&e, E_REMOTE, _("the job was ended from outside, or took longer than %d s"),
				t->step->limit_s);
		else if (t->reason)
			err_set(&e, E_STEP, "%s", t->reason);
		else
			err_set(&e, E_STEP, _("the step ended with code %d"), code);
		err_hint(&e, _("Its last lines stand below; mend the cause and run again."));
		run_fail(r, t, TASK_FAILED, &e);
	}
	run_pump_later(r);
}
