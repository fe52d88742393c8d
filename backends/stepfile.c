/* The lines of step.ini and chapter.ini. Strict: an unknown key, word or fact argument is a
 * mistake with its line. */
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "backends/stepfile.h"
#include "base/nls.h"
#include "base/str.h"

enum { NAMES_MAX = 16 };

static const char *const platform_words[] = { "linux", "hyperv", NULL };

void
reader_mistake(struct reader *r, int line, const char *fmt, ...)
{
	struct err e = { .code = E_STEP };
	char text[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	if (line)
		err_set(&e, E_STEP, "%s:%d: %s", r->path, line, text);
	else
		err_set(&e, E_STEP, "%s: %s", r->path, text);
	r->mistakes++;
	r->note(r->ctx, 0, &e); /* the sentence has the line already */
}

/* ---- parts of values ---- */

static int
word_index(const char *const *words, const char *text)
{
	for (int i = 0; words[i]; i++)
		if (!strcmp(words[i], text))
			return i;
	return -1;
}

/* Calls one() for each blank-separated word; blanks inside (…) do not count. */
static void
each_word(struct reader *r, const struct ini_entry *e,
	  void (*one)(struct reader *r, const struct ini_entry *e, const char *word))
{
	CLEAN_STR word = STR_INIT(INI_VALUE_MAX);
	int depth = 0;

	for (const char *c = e->value;; c++) {
		depth += (*c == '(') - (*c == ')');
		if (*c && (depth > 0 || !strchr(" \t\n", *c))) {
			if (!strchr(" \t\n", *c))
				str_addc(&word, *c);
			continue;
		}
		if (word.len)
			one(r, e, str_text(&word));
		str_clear(&word);
		if (!*c)
			return;
	}
}

struct arena *
reader_arena(const struct reader *r)
{
	return r->catalog->arena;
}

static bool
fact_parse(struct reader *r, int line, const char *word, struct fact_ref *f)
{
	size_t name = strcspn(word, "(@");
	const char *rest = word + name;
	char text[32];

	*f = (struct fact_ref){ .all = !strcmp(rest, "@all") };
	f->name = arena_printf(reader_arena(r), "%.*s", (int)name, word);
	if (!*rest || f->all)
		return name > 0;
	if (*rest != '(' || !str_ends(word, ")"))
		goto wrong;
	for (rest++; *rest; rest += *rest != '\0') {
		size_t n = strcspn(rest, ",)");
		int arg;

		if (n >= sizeof text || f->nargs == 4)
			goto wrong;
		memcpy(text, rest, n);
		text[n] = '\0';
		arg = word_index(fact_arg_words, text);
		if (arg < 0)
			goto wrong;
		f->args[f->nargs++] = (enum fact_arg)arg;
		rest += n;
	}
	return name > 0;
wrong:
	reader_mistake(r, line, _("'%s' is no fact: expected name, name(node,lun,…) or name@all"), word);
	return false;
}

#define FACTS(member)                                                                           \
	static void add_##member(struct reader *r, const struct ini_entry *e, const char *word) \
	{                                                                                       \
		struct fact_ref f;                                                              \
		if (fact_parse(r, e->line, word, &f))                                           \
			vec_push(&r->step->member, f);                                          \
	}
FACTS(needs)
FACTS(gives)
FACTS(guard)
FACTS(gone)

#define STRINGS(member)                                                                        \
	static void add_##member(struct reader *r, const struct ini_entry *e, const char *word) \
	{                                                                                       \
		(void)e;                                                                        \
		vec_push(&r->step->member, arena_strdup(reader_arena(r), word));                \
	}
static void
add_uses(struct reader *r, const struct ini_entry *e, const char *word)
{
	bool optional = str_ends(word, "?");
	char *id = arena_printf(reader_arena(r), "%.*s", (int)(strlen(word) - optional), word);
	bool all = str_ends(id, "@all");

	(void)e;
	if (all)
		id[strlen(id) - strlen("@all")] = '\0';
	vec_push(&r->step->uses, ((struct use){ id, optional, all }));
}

STRINGS(same)
STRINGS(pins)
STRINGS(variants)

static void
add_secrets(struct reader *r, const struct ini_entry *e, const char *word)
{
	const char *colon = strchr(word, ':');
	size_t n = colon ? (size_t)(colon - word) : strlen(word);

	(void)e;
	vec_push(&r->step->secrets,
		 ((struct secret_ref){ arena_printf(reader_arena(r), "%.*s", (int)n, word),
				       colon ? arena_strdup(reader_arena(r), colon + 1) : NULL }));
}


static void
add_lock(struct reader *r, const struct ini_entry *e, const char *word)
{
	int lock = word_index(lock_words, word);

	if (lock < 0)
		reader_mistake(r, e->line, _("'%s' is no lock"), word);
	else
		r->step->locks |= 1u << lock;
}

/* "lun.use = vm and target.kind != nas" */
static void
set_when(struct reader *r, const struct ini_entry *e)
{
	CLEAN_STR copy = STR_INIT(INI_VALUE_MAX);
	char *rest, *part;

	if (strcmp(e->section, "step") != 0)
		r->step->when.n = 0;
	str_add(&copy, e->value);
	for (rest = copy.len ? copy.s : NULL; rest;) {
		struct condition c = { 0 };
		char *and = strstr(rest, " and "), *is;

		part = rest;
		rest = and ? and + 5 : NULL;
		if (and)
			*and = '\0';
		is = strchr(part, '=');
		if (!is || is == part) {
			reader_mistake(r, e->line, _("'%s' is no condition: expected FIELD = VALUE"), part);
			return;
		}
		c.negated = is[-1] == '!';
		c.value = arena_strdup(reader_arena(r), is + 1 + strspn(is + 1, " \t"));
		*(c.negated ? is - 1 : is) = '\0';
		c.field = arena_strdup(reader_arena(r), part + strspn(part, " \t"));
		for (char *end = c.field + strlen(c.field); end > c.field && strchr(" \t", end[-1]);)
			*--end = '\0';
		for (char *end = c.value + strlen(c.value); end > c.value && strchr(" \t", end[-1]);)
			*--end = '\0';
		vec_push(&r->step->when, c);
	}
}

/* ---- keys of step.ini ---- */

enum key_type { KEY_TEXT, KEY_WORD, KEY_LIST, KEY_SECONDS, KEY_BOOL, KEY_CALL };

struct key {
	const char *name;
	enum key_type type;
	size_t offset;
	const char *const *words;
	void (*one)(struct reader *r, const struct ini_entry *e, const char *word);
	void (*call)(struct reader *r, const struct ini_entry *e);
};

#define AT(member) offsetof(struct step, member)

/* The shape that every VEC() has. */
struct any_vec {
	void *at;
	size_t n, cap;
};

static const struct key step_keys[] = {
	{ "title", KEY_TEXT, AT(title), NULL, NULL, NULL },
	{ "kind", KEY_WORD, AT(kind), step_kind_words, NULL, NULL },
	{ "on", KEY_WORD, AT(on), step_on_words, NULL, NULL },
	{ "for", KEY_WORD, AT(per), step_for_words, NULL, NULL },
	{ "run", KEY_WORD, AT(run), step_run_words, NULL, NULL },
	{ "category", KEY_WORD, AT(category), step_category_words, NULL, NULL },
	{ "risk", KEY_WORD, AT(risk), risk_words, NULL, NULL },
	{ "undo_risk", KEY_WORD, AT(undo_risk), risk_words, NULL, NULL },
	{ "when", KEY_CALL, 0, NULL, NULL, set_when },
	{ "needs", KEY_LIST, AT(needs), NULL, add_needs, NULL },
	{ "gives", KEY_LIST, AT(gives), NULL, add_gives, NULL },
	{ "guard", KEY_LIST, AT(guard), NULL, add_guard, NULL },
	{ "gone", KEY_LIST, AT(gone), NULL, add_gone, NULL },
	{ "lock", KEY_LIST, AT(locks), NULL, add_lock, NULL },
	{ "uses", KEY_LIST, AT(uses), NULL, add_uses, NULL },
	{ "same", KEY_LIST, AT(same), NULL, add_same, NULL },
	{ "pins", KEY_LIST, AT(pins), NULL, add_pins, NULL },
	{ "variants", KEY_LIST, AT(variants), NULL, add_variants, NULL },
	{ "secrets", KEY_LIST, AT(secrets), NULL, add_secrets, NULL },
	{ "takes", KEY_SECONDS, AT(takes_s), NULL, NULL, NULL },
	{ "limit", KEY_SECONDS, AT(limit_s), NULL, NULL, NULL },
	{ "check_limit", KEY_SECONDS, AT(check_limit_s), NULL, NULL, NULL },
	{ "reboots", KEY_BOOL, AT(reboots), NULL, NULL, NULL },
	{ "optional", KEY_BOOL, AT(optional), NULL, NULL, NULL },
	{ "net", KEY_BOOL, AT(net), NULL, NULL, NULL },
};

static void
key_seconds(struct reader *r, const struct ini_entry *e, int *at)
{
	uint64_t n;

	if (!str_to_u64(e->value, &n) || n > 86400)
		reader_mistake(r, e->line, _("'%s' is no number of seconds"), e->value);
	else
		*at = (int)n;
}

static void
key_bool(struct reader *r, const struct ini_entry *e, bool *at)
{
	if (!strcmp(e->value, "yes") || !strcmp(e->value, "no"))
		*at = !strcmp(e->value, "yes");
	else
		reader_mistake(r, e->line, _("'%s' is neither yes nor no"), e->value);
}

static void
key_word(struct reader *r, const struct ini_entry *e, const struct key *k, int *at)
{
	int word = word_index(k->words, e->value);

	if (word < 0)
		reader_mistake(r, e->line, _("'%s' is no value of '%s'"), e->value, k->name);
	else
		*at = word;
}

/* A list of a platform's section replaces the common one. */
static void
list_reset(const struct key *k, void *at)
{
	if (k->one == add_lock)
		*(unsigned *)at = 0;
	else
		((struct any_vec *)at)->n = 0;
}

/* The wanted language wins over the plain text of its section, whichever comes first. */
static void
key_text(struct reader *r, const struct ini_entry *e, char **at)
{
	bool plain = !strchr(e->key, '[');

	if (plain && r->said_in && !strcmp(r->said_in, e->section))
		return;
	if (!plain)
		r->said_in = arena_strdup(reader_arena(r), e->section);
	*at = arena_strdup(reader_arena(r), e->value);
}

static void
key_set(struct reader *r, const struct ini_entry *e, const struct key *k)
{
	void *at = (char *)r->step + k->offset;

	switch (k->type) {
	case KEY_TEXT:
		key_text(r, e, at);
		break;
	case KEY_WORD:
		key_word(r, e, k, at);
		break;
	case KEY_LIST:
		if (strcmp(e->section, "step") != 0)
			list_reset(k, at);
		each_word(r, e, k->one);
		break;
	case KEY_SECONDS:
		key_seconds(r, e, at);
		break;
	case KEY_BOOL:
		key_bool(r, e, at);
		break;
	case KEY_CALL:
		k->call(r, e);
		break;
	}
}

/* "title[fr]" -> name "title", and whether it is the wanted language (no language always is). */
static bool
key_language(const struct reader *r, const char *key, char *name, size_t size)
{
	const char *open = strchr(key, '[');

	snprintf(name, size, "%.*s", (int)(open ? open - key : (long)strlen(key)), key);
	return !open || (str_starts(open + 1, r->lang) && !strcmp(open + 1 + strlen(r->lang), "]"));
}

/* A message in the wanted language replaces the plain one, whichever comes first in the file. */
static void
message_set(struct reader *r, const char *id, const char *text, bool plain)
{
	struct message *m;

	vec_each(m, &r->step->messages)
		if (!strcmp(m->id, id)) {
			if (!plain)
				m->text = arena_strdup(reader_arena(r), text);
			return;
		}
	vec_push(&r->step->messages, ((struct message){ arena_strdup(reader_arena(r), id),
							arena_strdup(reader_arena(r), text) }));
}

static void
step_key(struct reader *r, const struct ini_entry *e)
{
	char name[INI_KEY_MAX + 1];
	bool plain = !strchr(e->key, '[');

	if (!key_language(r, e->key, name, sizeof name))
		return;
	if (str_starts(name, "msg.")) {
		message_set(r, name + 4, e->value, plain);
		return;
	}
	for (size_t i = 0; i < sizeof step_keys / sizeof *step_keys; i++)
		if (!strcmp(step_keys[i].name, name)) {
			if (plain || step_keys[i].type == KEY_TEXT)
				key_set(r, e, &step_keys[i]);
			return;
		}
	reader_mistake(r, e->line, _("a step has no key '%s'"), e->key);
}

static struct sim_value *
sim_value(struct reader *r, const char *name)
{
	struct sim_value *v;

	vec_each(v, &r->step->sim_values)
		if (!strcmp(v->name, name))
			return v;
	vec_push(&r->step->sim_values,
		 ((struct sim_value){ .name = arena_strdup(reader_arena(r), name) }));
	return &r->step->sim_values.at[r->step->sim_values.n - 1];
}

/* What the script would define, for a step that has none. */
static void
add_sim_verb(struct reader *r, const struct ini_entry *e, const char *word)
{
	int verb = word_index(verb_words, word);

	if (verb < 0)
		reader_mistake(r, e->line, _("'%s' is no verb"), word);
	else
		r->step->verbs |= 1u << verb;
}

static void
sim_key(struct reader *r, const struct ini_entry *e)
{
	int seconds = 0;

	if (!strcmp(e->key, "takes")) {
		key_seconds(r, e, &seconds);
		r->step->sim_takes_ms = seconds * 1000;
	} else if (!strcmp(e->key, "output")) {
		r->step->sim_output = arena_strdup(reader_arena(r), e->value);
	} else if (!strcmp(e->key, "reason")) {
		r->step->sim_reason = arena_strdup(reader_arena(r), e->value);
	} else if (!strcmp(e->key, "verbs")) {
		each_word(r, e, add_sim_verb);
	} else if (str_starts(e->key, "phase.") || str_starts(e->key, "silence.") ||
		   str_starts(e->key, "guest.")) {
		sim_value(r, e->key)->text = arena_strdup(reader_arena(r), e->value);
	} else if (str_starts(e->key, "value.")) {
		sim_value(r, e->key + 6)->text = arena_strdup(reader_arena(r), e->value);
	} else if (str_starts(e->key, "before.")) {
		sim_value(r, e->key + 7)->before = arena_strdup(reader_arena(r), e->value);
	} else {
		reader_mistake(r, e->line, _("[sim] has no key '%s'"), e->key);
	}
}

static bool
step_section(void *ctx, const char *section, const char *name, int line)
{
	struct reader *r = ctx;
	int platform = word_index(platform_words, section);

	r->skip = platform >= 0 && platform != (int)r->catalog->platform;
	r->simulated |= !strcmp(section, "sim");
	if (platform < 0 && strcmp(section, "step") != 0 && strcmp(section, "sim") != 0) {
		reader_mistake(r, line, _("a step has no section [%s]"), section);
		return false;
	}
	if (*name)
		reader_mistake(r, line, _("the section [%s] takes no name"), section);
	return true;
}

static void
step_entry(void *ctx, const struct ini_entry *e)
{
	struct reader *r = ctx;

	if (!strcmp(e->section, "sim"))
		sim_key(r, e);
	else if (!r->skip)
		step_key(r, e);
}

/* ---- chapter.ini ---- */

static bool
chapter_section(void *ctx, const char *section, const char *name, int line)
{
	struct reader *r = ctx;

	if (!strcmp(section, "chapter") && !*name)
		return true;
	reader_mistake(r, line, _("a chapter has no section [%s]"), section);
	return false;
}

static void
chapter_entry(void *ctx, const struct ini_entry *e)
{
	struct reader *r = ctx;
	char name[INI_KEY_MAX + 1];
	char **at;

	if (!key_language(r, e->key, name, sizeof name))
		return;
	if (str_starts(name, "msg.")) {
		message_set(r, name + 4, e->value, !strchr(e->key, '['));
		return;
	}
	at = !strcmp(name, "title") ? &r->chapter->title
	     : !strcmp(name, "summary") ? &r->chapter->summary : NULL;
	if (!at)
		reader_mistake(r, e->line, _("a chapter has no key '%s'"), e->key);
	else if (!*at || strchr(e->key, '['))
		*at = arena_strdup(reader_arena(r), e->value);
}

const struct ini_sink step_sink = { step_section, step_entry };
const struct ini_sink chapter_sink = { chapter_section, chapter_entry };
