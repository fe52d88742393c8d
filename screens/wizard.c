/* The wizard: opens clusters, runs plans, and takes what a run tells to every screen. */
#include "screens/wizard.h"

#include <string.h>
#include "base/alloc.h"
#include "base/nls.h"
#include "base/str.h"
#include "screens/drills.h"
#include "screens/pings.h"

void
wizard_tell(struct wizard *w, const struct err *err)
{
	w->front->message(w, err->what, err->hint[0] ? err->hint : NULL);
}

/* ---- clusters ---- */

static void
wizard_run_drop(struct wizard *w)
{
	w->run = run_free(w->run);
	w->lines = lines_free(w->lines);
	w->run_plan = plan_free(w->run_plan);
	w->running = w->stopping = false;
}

void
wizard_close(struct wizard *w)
{
	exertion_drop(w);
	wizard_run_drop(w);
	pings_stop(w);
	if (w->view)
		w->setup.sv->world_close();
	w->view = view_free(w->view);
	w->map = viewmap_free(w->map);
	workspace_done(&w->ws);
	workspace_init(&w->ws, w->setup.sv, w->loop);
	if (w->setup.shot)
		loop_clock_virtual(w->loop, w->setup.speed);
	else
		loop_clock_real(w->loop);
	w->front->opened(w);
}

static int
world_enter(struct wizard *w, struct err *err)
{
	struct world_way way = {
		.world = w->ws.world,
		.folder = w->ws.folder,
		.faults = w->ws.world == WORLD_SIMULATED ? w->setup.faults : NULL,
	};
	int code = w->setup.sv->world_open(w->loop, &w->ws.model, &way, err);
	if (!code && w->ws.world == WORLD_SIMULATED)
		loop_clock_virtual(w->loop, w->setup.speed);
	else if (!code)
		loop_clock_real(w->loop);
	return code;
}

int
wizard_open(struct wizard *w, const char *path, enum world world, field_note_fn note, void *ctx,
	    struct err *err)
{
	struct selection all = { .drills = false };
	wizard_close(w);
	int code = workspace_read(&w->ws, path, note, ctx);
	if (code)
		err_set(err, code, _("'%s' has mistakes"), path);
	if (!code)
		code = workspace_world(&w->ws, world, err);
	if (!code && ((code = workspace_catalog(&w->ws, note, ctx)) ||
		      (code = workspace_plan(&w->ws, &all, note, ctx))))
		err_set(err, code, _("no plan can be made of '%s'"), path);
	if (!code)
		code = workspace_record(&w->ws, err);
	if (!code)
		code = world_enter(w, err);
	if (code) {
		workspace_done(&w->ws);
		workspace_init(&w->ws, w->setup.sv, w->loop);
		return code;
	}
	w->view = view_new(w->loop, w->ws.plan);
	w->map = viewmap_new(w->loop, w->ws.plan);
	w->front->opened(w);
	return 0;
}

/* ---- runs ---- */

static void
stop_unrecorded(void *ctx)
{
	struct wizard *w = ctx;
	if (w->running)
		run_stop(w->run);
}

/* A run that can no longer be written down comes to a stop: nothing new is begun unrecorded. */
static void
record_event(struct wizard *w, const struct event *e)
{
	struct err err = { 0 };
	if (!w->ws.journal)
		return;
	journal_event(w->ws.journal, e);
	if (w->unrecorded || !journal_error(w->ws.journal, &err))
		return;
	w->unrecorded = true;
	wizard_tell(w, &err);
	if (e->type != EV_RUN_END)
		loop_defer(w->loop, stop_unrecorded, w);
}

/* A run has a plan of its own, a part of the one that is shown: what it tells of its task is kept
 * with ours, so that tasks outside this run still show what was found before. */
static struct task *
task_follow(struct wizard *w, const struct task *from)
{
	struct task *to = from ? plan_task(w->ws.plan, from->key) : NULL;
	if (!to)
		return NULL;
	to->state = from->state;
	to->since_ms = from->since_ms;
	to->spent_ms = from->spent_ms;
	to->progress_done = from->progress_done;
	to->progress_total = from->progress_total;
	to->err = from->err;
	free(to->reason);
	to->reason = from->reason ? xstrdup(from->reason) : NULL;
	return to;
}

static void
wizard_event(void *ctx, const struct event *e)
{
	struct wizard *w = ctx;
	struct event ours = *e;
	record_event(w, e);
	ours.task = task_follow(w, e->task);
	if (!e->task || ours.task) {
		view_event(w->view, &ours);
		viewmap_event(w->map, &ours);
		pings_look(w);
	}
	w->front->event(w, e);
	w->front->changed(w);
}

static void
run_over(void *ctx, int code)
{
	struct wizard *w = ctx;
	w->running = w->stopping = false;
	if (w->mode != MODE_CHECK)
		w->code = code;
	w->front->run_over(w, code);
	alloc_trim();
}

struct noted {
	struct str text;
	size_t n;
};

static void
mistake_note(void *ctx, int line, const struct err *err)
{
	struct noted *n = ctx;
	if (n->n++)
		str_add(&n->text, "\n");
	if (line > 0)
		str_addf(&n->text, _("line %d: "), line);
	str_add(&n->text, err->what);
	if (err->hint[0])
		str_addf(&n->text, "\n  %s", err->hint);
}

struct plan *
wizard_plan(struct wizard *w, const struct selection *sel)
{
	struct noted noted = { .text = STR_INIT(16 * 1024) };
	struct plan *p = plan_build(&w->ws.model, w->ws.catalog, sel, mistake_note, &noted);
	if (!p)
		w->front->message(w, _("This can't be planned"), str_text(&noted.text));
	str_done(&noted.text);
	return p;
}

bool
wizard_run(struct wizard *w, enum run_mode mode, const struct selection *sel)
{
	if (w->running || !w->view)
		return false;
	wizard_run_drop(w);
	w->run_plan = wizard_plan(w, sel);
	if (!w->run_plan)
		return false;
	const struct sink sink = { wizard_event, w };
	const struct run_opts opts = {
		.mode = mode,
		.world = w->ws.world,
		.pins_path = w->ws.pins,
		.proofs_later = sel->proofs_later,
		.lease = mode != MODE_CHECK && w->ws.world != WORLD_SIMULATED,
	};
	const struct lines_out out = w->front->lines(w);
	w->mode = mode;
	w->running = true;
	w->unrecorded = false;
	workspace_select(&w->ws, sel);
	w->lines = lines_new(w->loop, w->run_plan, mode, w->front->verbose, &out);
	w->run = run_new(w->loop, w->run_plan, w->setup.sv, &w->asker, &opts, &sink, 1);
	run_start(w->run, run_over, w);
	w->front->changed(w);
	return true;
}

void
wizard_abort(struct wizard *w)
{
	if (exertion_runs(w))
		exertion_abort(w);
	else if (w->running)
		run_abort(w->run);
}

void
wizard_stop(struct wizard *w)
{
	if (exertion_runs(w))
		exertion_stop(w);
	if (!w->running || exertion_runs(w))
		return;
	if (w->stopping) {
		run_abort(w->run);
		return;
	}
	w->stopping = true;
	w->front->unask(w);
	run_stop(w->run);
	w->front->note(w, _("Stopping: what runs is finished, no more is begun. Ctrl-C again: leave now."));
}

void
wizard_look(struct wizard *w)
{
	const struct selection all = { 0 };
	if (w->running)
		w->front->note(w, _("A run is under way; its end is waited for."));
	else
		wizard_run(w, MODE_CHECK, &all);
}

bool
wizard_looks(const struct wizard *w)
{
	return w->running && !exertion_runs(w) && w->mode == MODE_CHECK;
}

void
wizard_review(const struct wizard *w, const struct plan *p, struct view_review *ret)
{
	bool *wanted = xcalloc(p->tasks.n + 1, sizeof *wanted);
	for (size_t i = 0; i < p->tasks.n; i++)
		wanted[i] = p->tasks.at[i]->part != PART_CONTEXT;
	view_review(p, wanted, ret);
	free(wanted);
	ret->done = 0;
	for (size_t i = 0; i < p->tasks.n; i++) {
		const struct task *known = plan_task(w->ws.plan, p->tasks.at[i]->key);
		ret->done += p->tasks.at[i]->part != PART_CONTEXT && known &&
			     (known->state == TASK_OK || known->state == TASK_CHANGED);
	}
}

static struct task *
run_task(const struct wizard *w, const struct task *t)
{
	return w->running && !exertion_runs(w) && t ? plan_task(w->run_plan, t->key) : NULL;
}

bool
wizard_retry(struct wizard *w, const struct task *t)
{
	struct task *mine = run_task(w, t);
	if (mine)
		run_retry(w->run, mine);
	return mine != NULL;
}

bool
wizard_skip(struct wizard *w, const struct task *t)
{
	struct task *mine = run_task(w, t);
	if (mine && mine->step->optional)
		run_skip(w->run, mine);
	else
		w->front->note(w, _("Only an optional step of a run under way can be left out."));
	return mine && mine->step->optional;
}
