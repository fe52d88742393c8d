/* Explaining a step: the same text for a reader of the command line and of the screens. */
#include "engine/explain.h"

#include <string.h>
#include <strings.h>
#include "base/nls.h"
#include "engine/compose.h"
#include "engine/view.h"

const char *
platform_id(enum platform p)
{
	static const char *const ids[PLATFORM__COUNT] = { "linux", "hyperv" };
	return ids[p];
}

int
explain_script(const struct plan *p, const struct values *values, const struct task *t,
	       enum verb verb, struct str *out, struct err *err)
{
	struct values *none = values ? NULL : values_new();
	struct compose c = { .plan = p, .values = values ? values : none, .run_nonce = "RUN",
			     .console = "console" };
	int code;
	if (t->step->script) {
		code = compose_preview(&c, t, verb, out, err);
	} else {
		code = err_set(err, E_INPUT, _("'%s' runs no script on %s"), t->step->id,
			       t->node ? t->node->name : _("this console"));
		err_hint(err, _("The program carries it out itself, or a person does."));
	}
	values_free(none);
	return code;
}

/* Does this line begin the function of the verb? "check()" in sh, "function Check {" in PowerShell. */
static bool
part_begins(const char *line, const char *verb)
{
	size_t n = strlen(verb);
	bool powershell = str_starts(line, "function ");
	if (powershell)
		line += strlen("function ");
	if (strncasecmp(line, verb, n) != 0)
		return false;
	return powershell ? line[n] == ' ' || line[n] == '{' || line[n] == '\n'
			  : str_starts(line + n, "()");
}

static const char *
line_next(const char *at)
{
	at += strcspn(at, "\n");
	return *at ? at + 1 : at;
}

void
explain_part(const struct step *s, enum verb verb, struct str *out)
{
	const char *comment = NULL;
	for (const char *at = s->script; at && *at; at = line_next(at)) {
		if (!part_begins(at, verb_words[verb])) {
			comment = *at != '#' ? NULL : comment ? comment : at;
			continue;
		}
		const char *end = line_next(at);
		size_t first = strcspn(at, "\n");
		bool one = first && at[first - 1] == '}';
		while (!one && *end && *end != '}')
			end = line_next(end);
		if (!one)
			end = line_next(end);
		str_addn(out, comment ? comment : at, (size_t)(end - (comment ? comment : at)));
		return;
	}
}

void
explain_means(const struct task *t, struct str *out)
{
	CLEAN_STR where = STR_INIT(1024);
	view_where(t, &where);
	switch (t->step->run) {
	case RUN_SCRIPT:
		str_addf(out, _("a script on %s"), str_text(&where));
		break;
	case RUN_NATIVE:
		str_add(out, _("the program itself, from this console"));
		break;
	case RUN_MANUAL:
		str_add(out, _("a person, by hand"));
		break;
	}
}

/* ---- the other platform ---- */

static void
mistake_ignored(void *ctx, int line, const struct err *err)
{
	(void)ctx;
	(void)line;
	(void)err;
}

struct explain_other *
explain_other_new(const struct services *sv, const struct model *m)
{
	struct explain_other *o = xcalloc(1, sizeof *o);
	const struct selection all = { .drills = true };
	struct target *t;
	o->platform = m->cluster.platform == PLATFORM_LINUX ? PLATFORM_HYPERV : PLATFORM_LINUX;
	model_copy(&o->model, m);
	o->model.cluster.platform = o->platform;
	vec_each(t, &o->model.targets)
		if (t->kind == TARGET_LIO || t->kind == TARGET_WINDOWS)
			t->kind = o->platform == PLATFORM_LINUX ? TARGET_LIO : TARGET_WINDOWS;
	o->catalog = sv->catalog_read(o->platform, nls_lang(), mistake_ignored, NULL);
	if (!o->catalog)
		return explain_other_free(o);
	o->plan = plan_build(&o->model, o->catalog, &all, mistake_ignored, NULL);
	return o;
}

struct explain_other *
explain_other_free(struct explain_other *o)
{
	if (!o)
		return NULL;
	plan_free(o->plan);
	catalog_free(o->catalog);
	model_done(&o->model);
	free(o);
	return NULL;
}

const struct step *
explain_other_step(const struct explain_other *o, const struct task *t,
		   const struct task **ret_task)
{
	const struct step *s = catalog_step(o->catalog, t->step->id);
	if (ret_task)
		*ret_task = s && o->plan ? plan_task(o->plan, t->key) : NULL;
	return s;
}

int
explain_other_script(const struct explain_other *o, const struct task *t, enum verb verb,
		     struct str *out, struct err *err)
{
	const struct task *other;
	const struct step *s = explain_other_step(o, t, &other);
	if (other)
		return explain_script(o->plan, NULL, other, verb, out, err);
	if (!s || !s->script) {
		err_set(err, E_INPUT, _("'%s' runs no script on %s"), t->step->id,
			platform_id(o->platform));
		err_hint(err, _("That platform does not need the step, or does it another way."));
		return E_INPUT;
	}
	str_add(out, s->script);
	return 0;
}
