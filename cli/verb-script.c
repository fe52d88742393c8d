/* bascule script: the exact script a step would run on a node, with its values. Offline. */
#include "cli/verb.h"

#include <string.h>
#include "base/nls.h"
#include "base/str.h"
#include "base/text.h"
#include "cli/jsonl.h"
#include "engine/wording.h"
#include "cli/session.h"
#include "engine/compose.h"
#include "engine/explain.h"

struct wanted {
	const char *step, *node, *object; /* object may be NULL */
};

static bool
node_matches(const struct task *t, const char *name)
{
	for (size_t i = 0; i < t->candidates.n; i++)
		if (!strcmp(t->candidates.at[i]->name, name))
			return true;
	return !strcmp(t->node ? t->node->name : "console", name);
}

static bool
object_matches(const struct task *t, const char *name)
{
	return !name || (t->lun && !strcmp(t->lun->name, name)) ||
	       (t->vm && !strcmp(t->vm->name, name)) ||
	       (t->target && !strcmp(t->target->name, name));
}

static int
script_print(const struct session *s, const struct task *t)
{
	CLEAN_STR text = STR_INIT(SCRIPT_MAX);
	struct err err = { 0 };
	enum verb verb = (enum verb)s->o->verb;
	explain_script(s->ws.plan, NULL, t, verb, &text, &err);
	if (err.code) {
		err_print(&err);
		return EXIT_INPUT;
	}
	if (s->o->json) {
		json_t *o = jsonl_task(t);
		jsonl_text(o, "event", "script");
		jsonl_text(o, "verb", verb_words[verb]);
		jsonl_text(o, "script", str_text(&text));
		jsonl_write(stdout, o);
	} else {
		fputs(str_text(&text), stdout);
	}
	return EXIT_DONE;
}

static int
scripts_print(const struct session *s, const struct wanted *w)
{
	size_t n = 0;
	int code = EXIT_DONE;
	for (size_t i = 0; i < s->ws.plan->tasks.n && !code; i++) {
		const struct task *t = s->ws.plan->tasks.at[i];
		if (strcmp(t->step->id, w->step) || !node_matches(t, w->node) ||
		    !object_matches(t, w->object))
			continue;
		if (n++ && !s->o->json)
			fputc('\n', stdout);
		code = script_print(s, t);
	}
	if (n)
		return code;
	if (!catalog_step(s->ws.catalog, w->step))
		fprintf(stderr, _("bascule: there is no step '%s'; 'bascule plan -v' lists them\n"),
			w->step);
	else
		fprintf(stderr, _("bascule: '%s' is no task of '%s' in this cluster file; "
				  "'bascule plan' lists them\n"), w->step, w->node);
	return EXIT_INPUT;
}

static int
script_run(struct session *s, const struct services *sv, const struct options *o)
{
	if (o->words.n < 3 || o->words.n > 4) {
		verb_usage(stderr, verb_find("script"));
		return EXIT_INPUT;
	}
	int code = session_read(s, sv, o);
	if (code)
		return code;
	if (o->platform >= 0)
		s->ws.model.cluster.platform = (enum platform)o->platform;
	if ((code = session_plan(s, o->verb == VERB_UNDO)))
		return code;
	struct wanted w = { o->words.at[1], o->words.at[2],
			    o->words.n > 3 ? o->words.at[3] : NULL };
	return scripts_print(s, &w);
}

int
verb_script(const struct services *sv, int argc, char **argv)
{
	struct options o;
	struct session s = { .ws.lock = -1 };
	int code = EXIT_INPUT;
	if (options_parse(&o, argc, argv))
		code = script_run(&s, sv, &o);
	session_done(&s);
	options_done(&o);
	return code;
}
