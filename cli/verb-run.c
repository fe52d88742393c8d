/* bascule check, apply and undo: one run of the engine with sinks, answers and signals. */
#include "cli/verb.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>
#include "base/nls.h"
#include "cli/answers.h"
#include "cli/jsonl.h"
#include "cli/preview.h"
#include "cli/session.h"
#include "cli/terminal.h"
#include "engine/run.h"

enum { TTY_SPEED = 20 };

struct execution {
	struct session s;
	struct options o;
	enum run_mode mode;
	struct answers *answers;
	struct asker asker;
	struct lines *lines; /* NULL with --json */
	struct run *run;
	struct sink sinks[3];
	size_t nsinks;
	bool stopping;
	bool unrecorded; /* the journal cannot be written any more, and that was told */
	int code;
};

static void
run_done(void *ctx, int code)
{
	struct execution *x = ctx;
	x->code = code;
	loop_stop(x->s.ws.loop);
}

static void
user_told(struct execution *x, const char *text)
{
	if (x->lines)
		lines_say(x->lines, text);
	else
		fprintf(stderr, _("bascule: %s\n"), text);
}

static void
stop_asked(void *ctx)
{
	struct execution *x = ctx;
	if (x->stopping) {
		user_told(x, _("Leaving at once; what runs on the machines goes on and is found "
			       "again by the next run."));
		run_abort(x->run);
		return;
	}
	x->stopping = true;
	user_told(x, _("Stopping: what runs now is finished, nothing more is begun. Ctrl-C again "
		       "leaves at once."));
	answers_cancel(x->answers);
	run_stop(x->run);
}

static void
stop_unrecorded(void *ctx)
{
	struct execution *x = ctx;
	run_stop(x->run);
}

/* A service manager asks: stop, and never more than that. */
static void
term_asked(void *ctx)
{
	struct execution *x = ctx;
	if (!x->stopping)
		stop_asked(x);
}

/* The terminal is gone: nobody can be told or asked. */
static void
hangup(void *ctx)
{
	struct execution *x = ctx;
	run_abort(x->run);
}

static void
signals_set(struct execution *x)
{
	loop_signal(x->s.ws.loop, SIGINT, stop_asked, x);
	loop_signal(x->s.ws.loop, SIGTERM, term_asked, x);
	loop_signal(x->s.ws.loop, SIGHUP, hangup, x);
}

static void
sink_add(struct execution *x, event_fn fn, void *ctx)
{
	x->sinks[x->nsinks++] = (struct sink){ fn, ctx };
}

/* A run that can no longer be written down comes to a stop: nothing new is begun unrecorded. */
static void
record_event(void *ctx, const struct event *e)
{
	struct execution *x = ctx;
	struct err err = { 0 };
	journal_event(x->s.ws.journal, e);
	if (x->unrecorded || !journal_error(x->s.ws.journal, &err))
		return;
	x->unrecorded = true;
	user_told(x, err.what);
	if (e->type != EV_RUN_END)
		loop_defer(x->s.ws.loop, stop_unrecorded, x);
}

static void
run_prepare(struct execution *x)
{
	struct session *s = &x->s;
	struct answers_spec spec = { .o = &x->o, .tty = session_has_tty(),
				     .secret = session_secret, .secret_ctx = s };
	if (s->ws.journal && !x->o.dry)
		sink_add(x, record_event, x);
	if (x->o.json) {
		sink_add(x, jsonl_event, stdout);
	} else {
		const struct lines_out out = terminal_out();
		x->lines = lines_new(s->ws.loop, s->ws.plan, x->mode, x->o.verbose, &out);
		sink_add(x, lines_event, x->lines);
		spec.hold = lines_hold;
		spec.hold_ctx = x->lines;
	}
	if (x->o.world == WORLD_SIMULATED) {
		int speed = x->o.speed >= 0 ? x->o.speed : isatty(STDOUT_FILENO) ? TTY_SPEED : 0;
		loop_clock_virtual(s->ws.loop, (unsigned)speed);
	}
	x->answers = answers_new(s->ws.loop, &spec);
	x->asker = (struct asker){ answers_ask, x->answers };
	struct run_opts opts = {
		.mode = x->mode,
		.world = (enum world)x->o.world,
		.pins_path = x->o.dry ? NULL : s->ws.pins,
		.proofs_later = x->o.proofs_later,
		.lease = x->mode != MODE_CHECK && x->o.world != WORLD_SIMULATED && !x->o.dry,
	};
	x->run = run_new(s->ws.loop, s->ws.plan, s->ws.sv, &x->asker, &opts, x->sinks, x->nsinks);
}

/* The review: the whole plan, then one question. Without a plan to change anything, none. */
static void
review_answered(void *ctx, const char *answer)
{
	struct execution *x = ctx;
	if (answer) {
		run_start(x->run, run_done, x);
		return;
	}
	fprintf(stderr, _("Nothing was done.\n"));
	run_done(x, EXIT_STOPPED);
}

static void
review_ask(void *ctx)
{
	struct execution *x = ctx;
	FILE *to = x->o.json ? stderr : stdout;
	preview_print(to, &x->s);
	fflush(to);
	struct ask q = {
		.type = ASK_CONFIRM,
		.class = ASK_REVERSIBLE,
		.id = "review",
		.title = x->mode == MODE_UNDO ? _("Take all of this back now?")
					      : _("Do all of this now?"),
	};
	ask_put(&x->asker, &q, review_answered, x);
}

static void
run_go(struct execution *x)
{
	x->code = EXIT_FAILED;
	signals_set(x);
	if (x->o.dry)
		user_told(x, _("DRY RUN: nothing is changed; what follows the first change is simulated."));
	if (x->mode != MODE_CHECK && !x->o.yes)
		loop_defer(x->s.ws.loop, review_ask, x);
	else
		run_start(x->run, run_done, x);
	loop_run(x->s.ws.loop);
}

static void
journal_told(const struct execution *x)
{
	struct err err = { 0 };
	if (x->unrecorded && journal_error(x->s.ws.journal, &err))
		fprintf(stderr, _("bascule: %s\n"), err.hint);
	else if (x->s.ws.journal && !x->o.json && x->code == EXIT_FAILED)
		printf(_("Journal: %s/journal.db\n"), x->s.ws.folder);
}

static bool
batch_allowed(const struct execution *x)
{
	if (x->mode == MODE_CHECK || x->o.yes || session_has_tty())
		return true;
	fprintf(stderr, _("bascule: '%s' changes machines and there is no terminal to ask on; nothing "
			  "was done\n  Look at 'bascule plan', then give --yes.\n"),
		x->mode == MODE_UNDO ? "undo" : "apply");
	return false;
}

static int
world_enter(struct execution *x, const struct services *sv)
{
	struct err err = { 0 };
	struct world_way way = {
		.world = (enum world)x->o.world,
		.folder = x->s.ws.folder,
		.faults = x->o.faults,
		.record = x->o.record,
		.dry = x->o.dry,
	};
	if (!sv->world_open(x->s.ws.loop, &x->s.ws.model, &way, &err))
		return EXIT_DONE;
	err_print(&err);
	return err_exit(&err);
}

static int
execution_open(struct execution *x, const struct services *sv)
{
	int code = session_read(&x->s, sv, &x->o);
	if (!code)
		code = session_plan(&x->s, x->mode == MODE_UNDO);
	if (!code && !batch_allowed(x))
		code = EXIT_INPUT;
	if (!code)
		code = session_record(&x->s, x->mode != MODE_CHECK);
	return code ? code : world_enter(x, sv);
}

static int
verb_execute(const struct services *sv, int argc, char **argv, enum run_mode mode)
{
	struct execution x = { .mode = mode, .s.ws.lock = -1 };
	x.code = EXIT_INPUT;
	bool parsed = options_parse(&x.o, argc, argv);
	x.o.yes |= x.o.dry; /* nothing is changed: nothing has to be allowed */
	if (parsed && !(x.code = execution_open(&x, sv))) {
		run_prepare(&x);
		run_go(&x);
		if (x.o.dry)
			user_told(&x, _("DRY RUN: that is what would be done. Nothing was changed."));
		journal_told(&x);
	}
	x.run = run_free(x.run);
	sv->world_close();
	x.answers = answers_free(x.answers);
	x.lines = lines_free(x.lines);
	session_done(&x.s);
	options_done(&x.o);
	return x.code;
}

int
verb_check(const struct services *sv, int argc, char **argv)
{
	return verb_execute(sv, argc, argv, MODE_CHECK);
}

int
verb_apply(const struct services *sv, int argc, char **argv)
{
	return verb_execute(sv, argc, argv, MODE_APPLY);
}

int
verb_undo(const struct services *sv, int argc, char **argv)
{
	return verb_execute(sv, argc, argv, MODE_UNDO);
}
