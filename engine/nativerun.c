/* Runs the steps that the program carries out itself. */
#include <stdlib.h>
#include <string.h>
#include "engine/runpriv.h"

struct native_run {
	struct native_call call;
	struct run *run;
	struct task *task;
	const struct native *native;
	void *work;
};

static void
native_tell(void *ctx, const char *kind, const char *const *args, size_t nargs)
{
	struct native_run *n = ctx;

	if (!strcmp(kind, "value") && nargs == 2)
		run_value(n->run, n->task, args[0], args[1]);
	else if (nargs)
		run_reason(n->run, n->task,
			   !strcmp(kind, "warn")   ? EV_WARN
			   : !strcmp(kind, "hint") ? EV_HINT
						   : EV_REASON,
			   args[0], args + 1, nargs - 1);
}

static void
native_say(void *ctx, const char *text)
{
	struct native_run *n = ctx;

	run_output(n->run, n->task, n->task->node, 1, text, strlen(text));
}

static void
native_done(void *ctx, int code, const struct err *err)
{
	struct native_run *n = ctx;
	struct run *r = n->run;

	for (size_t i = 0; i < r->natives.n; i++)
		if (r->natives.at[i] == n) {
			vec_remove(&r->natives, i);
			break;
		}
	if (!r->ended) {
		if (err && err->code)
			n->task->err = *err;
		run_checked(r, n->task, code == 0 || code == 7 ? code : -1);
		run_pump_later(r);
	}
	free(n);
}

static struct transport *
native_link(void *ctx, const struct node *node, struct err *err)
{
	struct native_run *n = ctx;
	struct link *l = link_for(n->run, node);

	if (l->failed && err)
		*err = l->err;
	return l->failed ? NULL : l->transport;
}

static const char *
native_secret(void *ctx, const char *name)
{
	return question_secret(((struct native_run *)ctx)->run, name);
}

const struct native *
native_for(const struct run *r, const struct task *t)
{
	if (t->step->run != RUN_NATIVE)
		return NULL;
	for (const struct native *n = r->sv->natives; n && n->step; n++)
		if (!strcmp(n->step, t->step->id) &&
		    (n->everywhere || r->opts.world != WORLD_SIMULATED))
			return n;
	return NULL;
}

void
native_start(struct run *r, struct task *t, const struct native *native)
{
	struct native_run *n = xcalloc(1, sizeof *n);

	n->run = r;
	n->task = t;
	n->call = (struct native_call){
		.loop = r->loop, .sv = r->sv, .model = r->plan->model, .world = r->opts.world,
		.asker = &r->asker, .task = t, .values = r->values, .secret = native_secret,
		.link = native_link, .tell = native_tell, .say = native_say, .done = native_done,
		.ctx = n,
	};
	n->native = native;
	vec_push(&r->natives, n);
	run_progress(r, t)->asked_met = true; /* it waited for them */
	run_state(r, t, TASK_CHECKING);
	n->work = native->check(&n->call);
}

void
natives_cancel(struct run *r)
{
	struct native_run **n;

	vec_each(n, &r->natives) {
		(*n)->native->cancel((*n)->work);
		free(*n);
	}
	vec_free(&r->natives);
}

