/* The wizard on a terminal: title bar, dialogs, log, and the ways out. */
#include <stdio.h>
#include <string.h>
#include "base/nls.h"
#include "base/paths.h"
#include "base/str.h"
#include "engine/wording.h"
#include "screens/drills.h"
#include "screens/screens.h"
#include "tui/dialog.h"
#include "tui/shot.h"

enum { LOG_COLUMNS = 100 };

static const char *const badges[WORLD__COUNT] = { NULL, N_("LAB"), N_("SIMULATED") };
static const char *const platforms[PLATFORM__COUNT] = { "linux", "hyperv" };

void
wizard_say(struct wizard *w, const char *title, const char *text)
{
	dialog_open(w->app, &(struct dialog_spec){ .kind = DIALOG_MESSAGE, .title = title, .text = text });
}

static void
note(struct wizard *w, const char *text)
{
	app_say(w->app, ROLE_HINT, "%s", text);
}

static void
changed(struct wizard *w)
{
	app_refresh(w->app);
}

static void
title_bar(struct wizard *w)
{
	struct chrome *c = app_chrome(w->app);
	free(w->place);
	w->place = NULL;
	*c = (struct chrome){ .program = "bascule" };
	if (w->view) {
		char title[HOST_SIZE];
		model_title(&w->ws.model, title);
		w->place = xstrdup(title);
		c->place = w->place;
		c->detail = platforms[w->ws.model.cluster.platform];
		if (badges[w->ws.world])
			c->badges[0] = _(badges[w->ws.world]);
	}
	app_refresh(w->app);
}

static void
log_line(void *ctx, const char *text)
{
	struct wizard *w = ctx;
	pager_add(&w->log, text, strlen(text), w->log_role, w->log_problem);
}

/* What kind of line an event becomes in the log. */
static void
log_event(struct wizard *w, const struct event *e)
{
	enum task_state s = e->task ? e->task->state : TASK_OK;
	bool failed = s == TASK_FAILED, unknown = s == TASK_UNKNOWN;
	w->log_role = ROLE_TEXT;
	if (e->type == EV_TASK)
		w->log_role = failed ? ROLE_FAIL : unknown ? ROLE_WARN : s == TASK_CHANGED ? ROLE_CHANGED : ROLE_TEXT;
	else if (e->type == EV_OUTPUT)
		w->log_role = ROLE_DIM;
	else if (e->type == EV_WARN || e->type == EV_LINK || e->type == EV_ERROR)
		w->log_role = ROLE_WARN;
	w->log_problem = (e->type == EV_TASK && (failed || unknown)) || e->type == EV_WARN || e->type == EV_ERROR;
	lines_event(w->lines, e);
}

/* How it goes on from here: in keys, where the command line has commands. */
static const char *
verdict(enum run_mode mode, int code, const struct run_stats *st)
{
	switch (code) {
	case EXIT_FAILED:
		return _("Not done. What failed has the focus, its reason stands below; r tries it again.");
	case EXIT_UNTOLD:
		return _("Not all could be told; F5 looks again once those machines answer.");
	case EXIT_STOPPED:
		return _("Stopped. What is done stays done; F12 goes on from there.");
	case EXIT_TODO:
		if (mode == MODE_CHECK)
			return _("There is work to do: F12 shows what would be done.");
		return run_verdict(mode, code, st);
	default:
		return run_verdict(mode, code, st);
	}
}

static struct lines_out
log_lines(struct wizard *w)
{
	return (struct lines_out){ log_line, NULL, LOG_COLUMNS, w, verdict };
}

/* From the last chapter of the run on, what is still to be done there or later. */
static const struct task *
task_next(const struct wizard *w)
{
	struct task *const *t;
	int last = 0;
	vec_each(t, &w->run_plan->tasks)
		if ((*t)->part != PART_CONTEXT && (*t)->step->chapter->number > last)
			last = (*t)->step->chapter->number;
	vec_each(t, &w->ws.plan->tasks)
		if ((*t)->step->chapter->number >= last && (*t)->state != TASK_OK && (*t)->state != TASK_CHANGED)
			return *t;
	return NULL;
}

/* What needs a person; after a stop, what would have come next. */
static const struct task *
task_left(const struct wizard *w, int code)
{
	struct task *const *t;
	const struct task *next = code == EXIT_DONE ? task_next(w) : NULL;
	if (code == EXIT_STOPPED)
		vec_each(t, &w->run_plan->tasks)
			if ((*t)->part != PART_CONTEXT && (*t)->state == TASK_STOPPED)
				return plan_task(w->ws.plan, (*t)->key);
	return next ? next : view_trouble(w->view, NULL);
}

/* The verdict, and the focus on what comes next. */
static void
run_over(struct wizard *w, int code)
{
	struct run_stats st;
	CLEAN_STR counts = STR_INIT(512);
	if (w->leaving) {
		app_stop(w->app);
		return;
	}
	run_stats(w->run, &st);
	run_counts_add(&counts, w->mode, &st);
	str_add(&counts, _("; "));
	duration_add(&counts, st.wall_ms);
	if (w->mode == MODE_CHECK) {
		app_say(w->app, code == 0 ? ROLE_OK : ROLE_HINT, st.todo ? _("%s. F12 shows what would be done.") : "%s",
			str_text(&counts));
	} else {
		const struct task *left = task_left(w, code);
		bool whole = w->mode == MODE_APPLY && code == EXIT_DONE && !left;
		app_say(w->app, ROLE_HINT, "%s", "");
		w->front->message(w, str_text(&counts), whole ? _("All chapters hold. Next are the drills: they "
								  "show what clients notice when something fails.")
							      : verdict(w->mode, code, &st));
		if (whole)
			chapters_show_last(w);
		else
			chapters_show(w, left);
	}
	w->front->changed(w);
}

static void
drill_line(struct wizard *w, enum role role, const char *text)
{
	bool problem = role == ROLE_FAIL || role == ROLE_WARN;
	pager_add(&w->log, text, strlen(text), role, problem);
	pager_add(&w->exertion->told, text, strlen(text), role, problem);
}

static void
drill_over(struct wizard *w, int code)
{
	struct drill_view v;
	if (w->leaving) {
		app_stop(w->app);
		return;
	}
	drill_view(w->exertion->drill, &v);
	app_say(w->app, code ? ROLE_WARN : ROLE_OK, _("%s: %s"), v.task->step->title,
		_(drill_verdict_words[v.verdict]));
}

static const struct front front = {
	.message = wizard_say,
	.note = note,
	.changed = changed,
	.opened = title_bar,
	.event = log_event,
	.lines = log_lines,
	.verbose = true,
	.run_over = run_over,
	.drill_line = drill_line,
	.drill_over = drill_over,
	.unask = question_cancel,
};

/* The first chapter in which something runs; 0 = none at the moment. */
static int
chapter_at_work(const struct view *v)
{
	const struct view_chapter *c;
	vec_each(c, &v->chapters) {
		struct view_counts n;
		view_count(v, c->chapter, &n);
		if (n.running)
			return c->chapter->number;
	}
	return 0;
}

const char *
working_hint(const struct wizard *w)
{
	static char text[256];
	int number = chapter_at_work(w->view);
	if (w->leaving)
		return _("The program ends once what runs is finished. Ctrl-C: leave now.");
	if (w->stopping)
		return _("Stopping: what runs is finished, no more is begun. Ctrl-C again: leave now.");
	if (exertion_runs(w))
		return _("A drill is under way; d shows it.");
	if (wizard_looks(w))
		return _("Looking at the machines; nothing is changed.");
	if (!number)
		return _("Working. Ctrl-C finishes what runs and begins nothing more.");
	snprintf(text, sizeof text, _("Working in chapter %d. Ctrl-C finishes what runs, then stops."), number);
	return text;
}

static void
quit_answered(void *ctx, const struct dialog_answer *answer)
{
	struct wizard *w = ctx;
	if (!answer->yes)
		return;
	w->leaving = w->running && answer->choice == 0;
	if (w->leaving && !w->stopping)
		wizard_stop(w);
	if (w->leaving)
		return;
	wizard_abort(w);
	app_stop(w->app);
}

static bool
may_quit(void *ctx)
{
	struct wizard *w = ctx;
	bool drill = exertion_runs(w);
	const char *const ways[] = {
		drill ? _("Put back what was taken away, then leave")
		      : _("Finish what runs, begin nothing more, then leave"),
		drill && drill_at_risk(w->exertion->drill)
			? _("Leave at once; what was taken away is NOT put back")
			: _("Leave at once"),
	};
	/* a look at the machines leaves nothing behind */
	if (wizard_looks(w))
		wizard_abort(w);
	if (!w->running || wizard_looks(w))
		return true;
	dialog_open(w->app, &(struct dialog_spec){
		.kind = DIALOG_CHOICE,
		.title = drill ? _("A drill is under way") : _("A run is under way"),
		.text = drill ? _("A drill takes something away on purpose, and puts it back at its end.")
			      : _("What runs on the machines goes on without this program and is found "
				  "again by the next run."),
		.go = _("Leave"),
		.back = _("Stay"),
		.choices = ways,
		.nchoices = sizeof ways / sizeof *ways,
		.done = quit_answered,
		.ctx = w,
	});
	return false;
}

/* The terminal is gone or a signal asks: what runs on the machines goes on and is found again. */
static bool
ending(void *ctx, int signo)
{
	struct wizard *w = ctx;
	(void)signo;
	wizard_abort(w);
	return true;
}

static bool
wizard_action(void *ctx, const struct key *k)
{
	struct wizard *w = ctx;
	switch (k->action) {
	case ACTION_STOP:
		/* a run may have ended a moment before the key: its message is left, not the program */
		if (!w->running && app_top(w->app)->ops->size)
			app_key(w->app, KEYC_ESC);
		else if (w->running)
			wizard_stop(w);
		else
			return false;
		return true;
	case ACTION_LOG:
		screen_log(w);
		return true;
	case ACTION_DRILLS:
		screen_drills(w, NULL);
		return true;
	case ACTION_MAP:
		screen_map(w);
		return w->map != NULL;
	case ACTION_GUIDE:
		screen_guide(w);
		return true;
	case ACTION_REPORT:
		screen_report(w);
		return true;
	case ACTION_JOURNAL:
		screen_journal(w);
		return true;
	case ACTION_BACK: case ACTION_CANCEL:
		if (app_depth(w->app) > 1 && !(w->running && app_top(w->app) == w->chapters))
			app_pop(w->app);
		return true;
	default:
		return false;
	}
}

static void
wizard_begin(void *ctx)
{
	struct wizard *w = ctx;
	const struct wizard_setup *setup = &w->setup;
	CLEANUP(freep) char *tutorial = paths_data("etc/tutorial.ini");
	screen_welcome(w);
	if (setup->simulate)
		screen_cluster(w, tutorial, WORLD_SIMULATED);
	else if (setup->file)
		screen_cluster(w, setup->file, setup->world);
}

/* Screens look at the cluster: they go first. */
static void
wizard_end(struct wizard *w)
{
	while (app_depth(w->app))
		app_pop(w->app);
	wizard_close(w);
	w->app = app_free(w->app);
	free(w->place);
	vec_free(&w->asked);
}

int
wizard_main(const struct wizard_setup *setup)
{
	struct err err = { 0 };
	struct wizard w = { .setup = *setup, .loop = loop_new() };
	struct app_setup app = {
		.term = setup->term,
		.chrome = { .program = "bascule" },
		.may_quit = may_quit,
		.ending = ending,
		.action = wizard_action,
		.ctx = &w,
	};
	struct shot *script = setup->shot ? wizard_script(&w) : NULL;
	if (setup->shot && !script) {
		loop_free(w.loop);
		return EXIT_INPUT;
	}
	if (script)
		shot_size(script, &app.term);
	w.front = &front;
	w.asker = (struct asker){ question_ask, &w };
	workspace_init(&w.ws, setup->sv, w.loop);
	pager_init(&w.log);
	w.app = app_new(w.loop, &app, &err);
	if (!w.app) {
		fprintf(stderr, _("bascule: %s\n  %s\n"), err.what, err.hint);
		w.code = EXIT_FAILED;
	} else {
		wizard_begin(&w);
		if (script)
			wizard_play(&w, script);
		else
			loop_run(w.loop);
		question_cancel(&w);
	}
	if (w.app)
		wizard_end(&w);
	shot_free(script);
	workspace_done(&w.ws);
	pager_done(&w.log);
	loop_free(w.loop);
	return w.code;
}
