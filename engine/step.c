/* The words of step.ini and the look-ups of a catalogue. */
#include <string.h>
#include "base/str.h"
#include "engine/step.h"

#define WORDS(name, ...) const char *const name[] = { __VA_ARGS__, NULL }

WORDS(step_kind_words, "state", "proof", "drill");
WORDS(step_on_words, "dc", "storage", "hypervisor", "all", "console", "first", "any", "owner");
WORDS(step_for_words, "none", "lun", "vm", "target");
WORDS(step_run_words, "script", "native", "manual");
WORDS(step_category_words, "none", "inventory", "network", "storage", "system", "hypervisor", "cluster");
WORDS(risk_words, "read-only", "reversible", "disruptive", "destructive");
WORDS(lock_words, "lun", "pkg", "net", "cluster", "node");
WORDS(fact_arg_words, "node", "lun", "vm", "target", "*");
WORDS(verb_words, "check", "apply", "undo", "confirm", "watch", "audit");

void
step_done(struct step *s)
{
	vec_free(&s->when);
	vec_free(&s->needs);
	vec_free(&s->gives);
	vec_free(&s->guard);
	vec_free(&s->gone);
	vec_free(&s->uses);
	vec_free(&s->same);
	vec_free(&s->pins);
	vec_free(&s->variants);
	vec_free(&s->secrets);
	vec_free(&s->messages);
	vec_free(&s->sim_values);
}

struct catalog *
catalog_free(struct catalog *c)
{
	struct step **s;

	if (!c)
		return NULL;
	vec_each(s, &c->steps)
		step_done(*s);
	vec_free(&c->steps);
	vec_free(&c->chapters);
	arena_free(c->arena);
	free(c);
	return NULL;
}

const struct step *
catalog_step(const struct catalog *c, const char *id)
{
	struct step **s;

	vec_each(s, &c->steps)
		if (!strcmp((*s)->id, id))
			return *s;
	return NULL;
}

const struct chapter *
catalog_chapter(const struct catalog *c, const char *id)
{
	struct chapter **ch;

	vec_each(ch, &c->chapters)
		if (!strcmp((*ch)->id, id))
			return *ch;
	return NULL;
}

bool
step_pins(const struct step *s, const char *name)
{
	char **p;

	vec_each(p, &s->pins)
		if (!strcmp(*p, name))
			return true;
	return false;
}

static const char *
message_text(const struct step *s, const char *id)
{
	const struct message *m;

	vec_each(m, &s->messages)
		if (!strcmp(m->id, id))
			return m->text;
	return NULL;
}

void
step_message(const struct step *s, const char *id, const char *const *args, size_t nargs,
	     struct str *out)
{
	const char *text = message_text(s, id);

	if (!text) {
		str_add(out, id);
		for (size_t i = 0; i < nargs; i++)
			str_addf(out, " %s", args[i]);
		return;
	}
	for (; *text; text++) {
		if (text[0] == '{' && text[1] >= '1' && text[1] <= '9' && text[2] == '}') {
			size_t i = (size_t)(text[1] - '1');

			str_add(out, i < nargs ? args[i] : "");
			text += 2;
		} else {
			str_addc(out, *text);
		}
	}
}
