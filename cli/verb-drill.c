/* bascule drill: one drill from its entry conditions to its verdict, or the list of them all. */
#include "cli/verb.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/nls.h"
#include "base/text.h"
#include "cli/answers.h"
#include "cli/drilltext.h"
#include "cli/jsonl.h"
#include "engine/wording.h"
#include "cli/session.h"
#include "engine/drill.h"
#include "engine/journaldrill.h"

enum { TTY_SPEED = 20, MEDIAN_OF = 5 };

struct exertion {
	struct session s;
	struct options o;
	struct drill_args args;
	char name[DRILL_NAME_SIZE];
	struct task *task;
	struct answers *answers;
	struct asker asker;
	struct drilltext *text; /* NULL with --json */
	struct drill_journal *kept;
	struct drill *drill;
	bool stopping;
	int code;
};

/* ---- the list ---- */

struct last {
	struct drill_record r;
	bool had;
};

static int
last_take(void *ctx, const struct drill_record *r)
{
	struct last *last = ctx;

	last->r = *r;
	last->had = true;
	return 1;
}

static void
last_add(struct exertion *x, const struct step *s, struct str *out)
{
	struct last last = { 0 };
	struct err err = { 0 };
	size_t n = 0;
	int64_t median;

	if (x->s.ws.journal)
		journal_drills(x->s.ws.journal, s->id, NULL, last_take, &last, &err);
	if (!last.had) {
		str_add(out, _("never done"));
		return;
	}
	for (int v = 0; drill_verdict_ids[v]; v++)
		if (!strcmp(drill_verdict_ids[v], last.r.verdict))
			str_add(out, *drill_verdict_words[v] ? _(drill_verdict_words[v]) : _("cut off"));
	if (*last.r.variant)
		str_addf(out, " (%s)", last.r.variant);
	if (last.r.outage_ms < 0)
		return;
	str_add(out, _(", silent for "));
	duration_add(out, last.r.outage_ms);
	median = journal_drill_median(x->s.ws.journal, s->id, last.r.variant, MEDIAN_OF, &n);
	if (n < 2)
		return;
	str_addf(out, _(", median of %zu: "), n);
	duration_add(out, median);
}

static void
list_json(struct exertion *x, const struct step *s)
{
	json_t *o = json_object(), *variants = json_array();
	struct last last = { 0 };
	struct err err = { 0 };

	for (size_t i = 0; i < s->variants.n; i++)
		json_array_append_new(variants, json_string(s->variants.at[i]));
	jsonl_text(o, "drill", s->name);
	jsonl_text(o, "title", s->title);
	json_object_set_new(o, "variants", variants);
	if (x->s.ws.journal)
		journal_drills(x->s.ws.journal, s->id, NULL, last_take, &last, &err);
	if (last.had) {
		jsonl_text(o, "last", last.r.verdict);
		jsonl_text(o, "variant", last.r.variant);
		json_object_set_new(o, "began", json_integer(last.r.began));
		json_object_set_new(o, "outage_ms", json_integer(last.r.outage_ms));
	}
	jsonl_write(stdout, o);
}

static void
list_one(struct exertion *x, const struct step *s)
{
	CLEAN_STR line = STR_INIT(4096);
	CLEAN_STR last = STR_INIT(1024);

	text_pad(&line, s->name, 12);
	text_clean(&line, s->title, strlen(s->title), false);
	puts(str_text(&line));
	if (s->variants.n) {
		printf("%12s%s", "", _("variants: "));
		for (size_t i = 0; i < s->variants.n; i++)
			printf("%s%s", i ? ", " : "", s->variants.at[i]);
		putchar('\n');
	}
	last_add(x, s, &last);
	printf("%12s%s\n", "", str_text(&last));
}

static int
list_print(struct exertion *x)
{
	struct step **s;

	vec_each(s, &x->s.ws.catalog->steps) {
		if ((*s)->kind != KIND_DRILL)
			continue;
		if (x->o.json)
			list_json(x, *s);
		else
			list_one(x, *s);
	}
	return EXIT_DONE;
}

/* ---- finding it ---- */

static int
drill_unknown(struct exertion *x)
{
	const char *names[64];
	size_t n = 0;
	struct step **s;

	vec_each(s, &x->s.ws.catalog->steps)
		if ((*s)->kind == KIND_DRILL && n < 64)
			names[n++] = (*s)->name;
	const char *near = word_nearest(x->name, names, n);
	if (near)
		fprintf(stderr, _("bascule: there is no drill '%s'; did you mean '%s'?\n"), x->name,
			near);
	else
		fprintf(stderr, _("bascule: there is no drill '%s'; 'bascule drill %s' lists them\n"),
			x->name, x->o.words.at[0]);
	return EXIT_INPUT;
}

/* "drill/power:agent", "power:agent", "power" */
static bool
name_split(struct exertion *x)
{
	const char *word = x->o.words.at[1], *slash = strchr(word, '/');
	const char *name = slash ? slash + 1 : word;
	size_t n = strcspn(name, ":");

	if (n >= sizeof x->name)
		return false;
	memcpy(x->name, name, n);
	return str_put(x->args.variant, sizeof x->args.variant, name[n] ? name + n + 1 : "") &&
	       str_put(x->args.vm, sizeof x->args.vm, x->o.vm ? x->o.vm : "") &&
	       str_put(x->args.node, sizeof x->args.node, x->o.node ? x->o.node : "") &&
	       str_put(x->args.to, sizeof x->args.to, x->o.to ? x->o.to : "");
}

static int
drill_find(struct exertion *x)
{
	struct step **s;

	if (!name_split(x))
		return drill_unknown(x);
	x->task = drill_task(x->s.ws.plan, x->name, x->o.vm, x->o.node);
	if (x->task)
		return EXIT_DONE;
	vec_each(s, &x->s.ws.catalog->steps)
		if ((*s)->kind == KIND_DRILL && !strcmp((*s)->name, x->name)) {
			fprintf(stderr, _("bascule: the drill '%s' is not for this VM or node; look at "
					  "--vm and --node\n"), x->name);
			return EXIT_INPUT;
		}
	return drill_unknown(x);
}

/* ---- doing it ---- */

static void
user_told(struct exertion *x, const char *text)
{
	if (x->text)
		drilltext_say(x->text, text);
	else
		fprintf(stderr, _("bascule: %s\n"), text);
}

static void
drill_done(void *ctx, int code)
{
	struct exertion *x = ctx;

	x->code = code;
	loop_stop(x->s.ws.loop);
}

static void
stop_asked(void *ctx)
{
	struct exertion *x = ctx;
	struct drill_view v;

	if (x->stopping) {
		user_told(x, drill_at_risk(x->drill)
			  ? _("Leaving at once; what was taken away is NOT put back.")
			  : _("Leaving at once."));
		drill_abort(x->drill);
		return;
	}
	x->stopping = true;
	drill_view(x->drill, &v);
	user_told(x, v.deed_ms ? _("Stopping: what was taken away is put back first. Ctrl-C again "
				   "leaves at once.")
			       : _("Stopping: nothing was done yet."));
	answers_cancel(x->answers);
	drill_stop(x->drill);
}

static void
term_asked(void *ctx)
{
	struct exertion *x = ctx;

	if (!x->stopping)
		stop_asked(x);
}

/* The terminal is gone; what was taken away still has to come back. */
static void
hangup(void *ctx)
{
	struct exertion *x = ctx;

	x->stopping = true;
	answers_cancel(x->answers);
	drill_stop(x->drill);
}

static int
drill_prepare(struct exertion *x, const struct services *sv)
{
	struct session *s = &x->s;
	struct answers_spec spec = { .o = &x->o, .tty = session_has_tty(),
				     .secret = session_secret, .secret_ctx = s };
	struct drill_sink sinks[2];
	struct err err = { 0 };
	size_t n = 0;

	if (x->o.json) {
		sinks[n++] = (struct drill_sink){ drilljson_event, stdout };
	} else {
		x->text = drilltext_new(s->ws.loop, s->ws.journal, x->o.verbose);
		sinks[n++] = (struct drill_sink){ drilltext_event, x->text };
		spec.hold = drilltext_hold;
		spec.hold_ctx = x->text;
	}
	/* last, so that what is compared with is what was before */
	if (s->ws.journal) {
		x->kept = drill_journal_new(s->ws.journal);
		sinks[n++] = (struct drill_sink){ drill_journal_event, x->kept };
	}
	if (x->o.world == WORLD_SIMULATED) {
		int speed = x->o.speed >= 0 ? x->o.speed : isatty(STDOUT_FILENO) ? TTY_SPEED : 0;

		loop_clock_virtual(s->ws.loop, (unsigned)speed);
	}
	x->answers = answers_new(s->ws.loop, &spec);
	x->asker = (struct asker){ answers_ask, x->answers };
	struct drill_opts opts = {
		.world = (enum world)x->o.world,
		.args = x->args,
		.pins_path = s->ws.pins,
		.lease = x->o.world != WORLD_SIMULATED,
	};
	x->drill = drill_new(s->ws.loop, s->ws.plan, x->task, sv, &x->asker, &opts, sinks, n, &err);
	if (x->drill)
		return EXIT_DONE;
	err_print(&err);
	return err_exit(&err);
}

static int
drill_go(struct exertion *x, const struct services *sv)
{
	struct err err = { 0 };
	struct world_way way = { .world = (enum world)x->o.world, .folder = x->s.ws.folder,
				 .faults = x->o.faults, .record = x->o.record };
	int code;

	if (sv->world_open(x->s.ws.loop, &x->s.ws.model, &way, &err)) {
		err_print(&err);
		return err_exit(&err);
	}
	code = drill_prepare(x, sv);
	if (code)
		return code;
	if (!x->o.json) {
		CLEAN_STR title = STR_INIT(1024);

		cluster_title(&title, &x->s.ws.model, (enum world)x->o.world);
		printf("%s\n\n", str_text(&title));
	}
	x->code = EXIT_FAILED;
	loop_signal(x->s.ws.loop, SIGINT, stop_asked, x);
	loop_signal(x->s.ws.loop, SIGTERM, term_asked, x);
	loop_signal(x->s.ws.loop, SIGHUP, hangup, x);
	drill_start(x->drill, drill_done, x);
	loop_run(x->s.ws.loop);
	if (x->s.ws.journal && journal_error(x->s.ws.journal, &err))
		err_print(&err);
	return x->code;
}

static bool
batch_allowed(const struct exertion *x)
{
	if (x->o.yes || session_has_tty())
		return true;
	fprintf(stderr, _("bascule: a drill does harm on purpose and there is no terminal to ask on; "
			  "nothing was done\n  Give --yes.\n"));
	return false;
}

static int
exertion_run(struct exertion *x, const struct services *sv)
{
	bool list = x->o.words.n < 2;
	int code = session_read(&x->s, sv, &x->o);

	x->o.drills = true;
	if (!code)
		code = session_plan(&x->s, false);
	if (!code && !list)
		code = drill_find(x);
	if (!code && !list && !batch_allowed(x))
		code = EXIT_INPUT;
	if (!code)
		code = session_record(&x->s, !list);
	if (code)
		return code;
	return list ? list_print(x) : drill_go(x, sv);
}

int
verb_drill(const struct services *sv, int argc, char **argv)
{
	struct exertion x = { .s.ws.lock = -1, .code = EXIT_INPUT };
	int code = EXIT_INPUT;

	if (options_parse(&x.o, argc, argv))
		code = exertion_run(&x, sv);
	x.drill = drill_free(x.drill);
	x.kept = drill_journal_free(x.kept);
	sv->world_close();
	x.answers = answers_free(x.answers);
	x.text = drilltext_free(x.text);
	session_done(&x.s);
	options_done(&x.o);
	return code;
}
