/* Reads the cluster file and the lab's overlay into the model, by the field table. */
#include "backends/inventory.h"

#include <string.h>

#include "backends/ini.h"
#include "base/nls.h"
#include "base/paths.h"
#include "base/str.h"
#include "base/vec.h"

enum { MISTAKES_MAX = 200 };

struct inventory_mistake {
	int line;
	struct err err;
};

struct reading {
	struct model *m;
	VEC(struct inventory_mistake) mistakes;
	size_t left_out; /* mistakes beyond MISTAKES_MAX */
	bool refused;    /* a whole section was: names that miss it are no mistakes */
	enum section section;
	int line;        /* of its header; 0 = none is open */
	size_t first;    /* of the section's mentions */
};

static void
reading_note(void *ctx, int line, const struct err *err)
{
	struct reading *r = ctx;

	if (r->mistakes.n == MISTAKES_MAX)
		r->left_out++;
	else
		vec_push(&r->mistakes, ((struct inventory_mistake){ line, *err }));
}

static void *
reading_object(struct reading *r)
{
	size_t n = section_count(r->m, r->section);

	return section_at(r->m, r->section, n - 1);
}

static void
reading_mention(struct reading *r, const char *key, int line)
{
	struct mention *said = vec_add(&r->m->mentions);

	said->section = (int)r->section;
	str_put(said->name, sizeof said->name, section_title(r->section, reading_object(r)));
	str_put(said->key, sizeof said->key, key);
	said->line = line;
}

static bool
reading_mentioned(const struct reading *r, const char *key)
{
	for (size_t i = r->first; i < r->m->mentions.n; i++)
		if (strcmp(r->m->mentions.at[i].key, key) == 0)
			return true;
	return false;
}

/* The section at hand is complete: what it lacks. */
static void
reading_close(struct reading *r)
{
	struct err err = { 0 };

	for (size_t i = 0; r->line && i < nfields; i++) {
		const struct field *f = &fields[i];

		if (f->section != r->section || !f->required || f->title ||
		    reading_mentioned(r, f->key))
			continue;
		err_set(&err, E_INPUT, _("'%s' is missing in this section"), f->key);
		err_hint(&err, "%s", _(f->help));
		reading_note(r, r->line, &err);
	}
	r->line = 0;
}

static void
object_set_line(enum section s, void *object, int line)
{
	switch (s) {
	case SECTION_NODE: ((struct node *)object)->line = line; break;
	case SECTION_TARGET: ((struct target *)object)->line = line; break;
	case SECTION_LUN: ((struct lun *)object)->line = line; break;
	case SECTION_VM: ((struct vm *)object)->line = line; break;
	default: break;
	}
}

static int
section_find(const char *word)
{
	for (int s = 0; s < SECTION__COUNT; s++)
		if (strcmp(section_names[s], word) == 0)
			return s;
	return -1;
}

static int
section_reject(struct err *err, const char *word)
{
	const char *words[SECTION__COUNT + 1] = { NULL };
	const char *near;

	memcpy(words, section_names, sizeof section_names);
	near = ini_suggest(word, words);
	err_set(err, E_INPUT, _("there is no section '%s'"), word);
	if (near)
		err_hint(err, _("Did you mean '%s'?"), near);
	else
		err_hint(
			err,
			_("The manual page lists the sections: man bascule-cluster-file."));
	return E_INPUT;
}

/* The name in a header passes the same checks as anywhere else. */
static int
section_check_name(struct reading *r, enum section s, const char *name, struct err *err)
{
	union {
		struct network network;
		struct node node;
		struct target target;
		struct lun lun;
		struct vm vm;
	} scratch = { 0 };

	if (!section_is_named(s) && name[0]) {
		err_set(err, E_INPUT, _("section [%s] has no name of its own"), section_names[s]);
		err_hint(err, _("Write it as [%s]."), section_names[s]);
		return E_INPUT;
	}
	if (section_is_named(s) && !name[0]) {
		err_set(err, E_INPUT, _("section [%s] needs a name"), section_names[s]);
		err_hint(err, _("Write it as [%s NAME]."), section_names[s]);
		return E_INPUT;
	}
	return name[0] ? field_set(field_in(s, "name"), r->m, &scratch, name, err) : 0;
}

static bool
reading_section(void *ctx, const char *word, const char *name, int line)
{
	struct reading *r = ctx;
	struct err err = { 0 };
	int s = section_find(word);

	reading_close(r);
	if (s < 0 ? section_reject(&err, word)
		  : section_check_name(r, (enum section)s, name, &err)) {
		reading_note(r, line, &err);
		r->refused = true;
		return false;
	}
	r->section = (enum section)s;
	r->line = line;
	r->first = r->m->mentions.n;
	if (section_is_named(r->section))
		section_add(r->m, r->section, name);
	object_set_line(r->section, reading_object(r), line);
	reading_mention(r, "", line);
	return true;
}

static int
key_reject(enum section s, const char *key, struct err *err)
{
	const char *words[64] = { NULL };
	const char *near;
	size_t n = 0;

	for (size_t i = 0; i < nfields && n < 63; i++)
		if (fields[i].section == s && !fields[i].title)
			words[n++] = fields[i].key;
	near = ini_suggest(key, words);
	err_set(err, E_INPUT, _("there is no setting '%s' in section [%s]"), key, section_names[s]);
	if (near)
		err_hint(err, strcmp(near, "nic") ? _("Did you mean '%s'?")
						  : _("Did you mean '%s.NAME'?"), near);
	else
		err_hint(err, _("The manual page lists the settings: man bascule-cluster-file."));
	return E_INPUT;
}

/* Settings have one line; when a long one is continued, what follows must not look like something
 * that was only indented. Returns the offending line or 0. */
static int
value_join(const struct ini_entry *e, struct str *out)
{
	int line = e->line;

	for (const char *s = e->value; *s; s++) {
		if (*s == '\n') {
			size_t word = strspn(s + 1, "abcdefghijklmnopqrstuvwxyz_.0123456789");

			line++;
			if (strchr("[#;", s[1]) || s[1 + word + strspn(s + 1 + word, " ")] == '=')
				return line;
		}
		str_addc(out, *s == '\n' || *s == '\t' ? ' ' : *s);
	}
	return 0;
}

static int
entry_apply(struct model *m, enum section s, void *object, const struct ini_entry *e,
	    struct err *err, int *line)
{
	const struct field *f = field_in(s, e->key);
	CLEAN_STR value = STR_INIT(INI_VALUE_MAX);
	int bad;

	if (!f || f->title || strcmp(e->key, "nic") == 0) {
		key_reject(s, e->key, err);
		if (f && f->title)
			err_hint(err, _("The name stands in the section's header: [%s NAME]."),
				 section_names[s]);
		return E_INPUT;
	}
	bad = value_join(e, &value);
	if (bad) {
		*line = bad;
		err_set(err, E_INPUT, _("this indented line continues the value of '%s'"), e->key);
		err_hint(err, _("Begin it in the first column."));
		return E_INPUT;
	}
	if (f->type == FIELD_NICS ? field_set_nic(object, e->key + 4, str_text(&value), err)
				  : field_set(f, m, object, str_text(&value), err)) {
		err_prefix(err, "%s", e->key);
		return E_INPUT;
	}
	return 0;
}

static void
reading_key(void *ctx, const struct ini_entry *e)
{
	struct reading *r = ctx;
	struct err err = { 0 };
	int line = e->line;

	if (field_in(r->section, e->key))
		reading_mention(r, e->key, e->line);
	if (entry_apply(r->m, r->section, reading_object(r), e, &err, &line))
		reading_note(r, line, &err);
}

/* Defaults that depend on the platform, which may have been told last. */
static void
platform_defaults(struct model *m)
{
	for (size_t i = 0; i < nfields; i++) {
		const struct field *f = &fields[i];

		for (size_t k = 0; f->fallback_hyperv && k < section_count(m, f->section); k++) {
			void *object = section_at(m, f->section, k);
			const char *name = section_title(f->section, object);

			if (model_line(m, f->section, name, f->key) ==
			    model_line(m, f->section, name, ""))
				field_set(f, m, object, field_fallback(f, m), NULL);
		}
	}
}

static void
check_cluster_section(struct reading *r)
{
	struct err err = { 0 };

	if (model_line(r->m, SECTION_CLUSTER, "", ""))
		return;
	err_set(&err, E_INPUT, _("there is no section [cluster]"));
	err_hint(&err, _("It names the cluster and its address; etc/tutorial.ini is an example."));
	reading_note(r, 0, &err);
}

/* Mistakes of the whole count where their section could be read; others may only follow from one
 * that has been told already. */
static void
whole_note(void *ctx, int line, const struct err *err)
{
	struct reading *r = ctx;
	const struct mention *said;
	const struct mention *here = NULL;
	int next = 0;

	vec_each(said, &r->m->mentions)
		if (!said->key[0] && said->line <= line)
			here = said;
	vec_each(said, &r->m->mentions)
		if (!said->key[0] && said->line > line && !next)
			next = said->line;
	for (size_t i = 0; i < r->first; i++) {
		int other = r->mistakes.at[i].line;

		if (!line || (here && other >= here->line && (!next || other < next)))
			return;
	}
	reading_note(r, line, err);
}

/* Stable, by line: few are out of order. */
static void
mistakes_sort(struct reading *r)
{
	for (size_t i = 1; i < r->mistakes.n; i++) {
		struct inventory_mistake one = r->mistakes.at[i];
		size_t k = i;

		for (; k && r->mistakes.at[k - 1].line > one.line; k--)
			r->mistakes.at[k] = r->mistakes.at[k - 1];
		r->mistakes.at[k] = one;
	}
}

static int
reading_finish(struct reading *r, field_note_fn note, void *ctx)
{
	const struct inventory_mistake *one;
	int result;

	reading_close(r);
	platform_defaults(r->m);
	check_cluster_section(r);
	r->first = r->mistakes.n;
	if (!r->refused)
		model_validate(r->m, whole_note, r);
	mistakes_sort(r);
	vec_each(one, &r->mistakes)
		if (note)
			note(ctx, one->line, &one->err);
	if (r->left_out && note) {
		struct err err = { 0 };

		err_set(&err, E_INPUT, _("%zu more mistakes are not listed"), r->left_out);
		err_hint(&err, _("Mend these first."));
		note(ctx, 0, &err);
	}
	result = r->mistakes.n ? E_INPUT : 0;
	vec_free(&r->mistakes);
	return result;
}

static const struct ini_sink reading_sink = { reading_section, reading_key };

int
inventory_scan(struct model *m, const char *text, size_t n, field_note_fn note, void *ctx)
{
	struct reading r = { .m = m };

	ini_scan(text, n, &reading_sink, reading_note, &r);
	return reading_finish(&r, note, ctx);
}

int
inventory_read(struct model *m, const char *path, field_note_fn note, void *ctx)
{
	CLEAN_STR text = STR_INIT(INI_FILE_MAX);
	struct err err = { 0 };

	str_put(m->path, sizeof m->path, path);
	if (file_read(path, &text, &err)) {
		if (note)
			note(ctx, 0, &err);
		return E_INPUT;
	}
	return inventory_scan(m, str_text(&text), text.len, note, ctx);
}

/* ---- the lab's overlay ---------------------------------------------------------------- */

struct overlay {
	struct model *m;
	const char *path;
	struct node *node; /* NULL = not in the model */
	struct err err;    /* the first mistake */
};

static void
overlay_note(void *ctx, int line, const struct err *err)
{
	struct overlay *o = ctx;

	if (o->err.code)
		return;
	o->err = *err;
	if (line)
		err_prefix(&o->err, "%s:%d", o->path, line);
}

static bool
overlay_section(void *ctx, const char *word, const char *name, int line)
{
	struct overlay *o = ctx;
	struct err err = { 0 };

	o->node = model_node(o->m, name);
	if (strcmp(word, "node") == 0)
		return o->node != NULL;
	err_set(&err, E_INPUT, _("there is no section '%s' in an overlay"), word);
	err_hint(&err, _("Write [node NAME]."));
	overlay_note(o, line, &err);
	return false;
}

static void
overlay_key(void *ctx, const struct ini_entry *e)
{
	struct overlay *o = ctx;
	struct err err = { 0 };
	int line = e->line;

	if (!str_starts(e->key, "ssh.")) {
		err_set(&err, E_INPUT, _("an overlay cannot change '%s'"), e->key);
		err_hint(&err,
			 _("It holds ssh settings only; the rest stands in the cluster file."));
		overlay_note(o, line, &err);
	} else if (entry_apply(o->m, SECTION_NODE, o->node, e, &err, &line)) {
		overlay_note(o, line, &err);
	}
}

int
inventory_overlay(struct model *m, const char *path, struct err *err)
{
	static const struct ini_sink sink = { overlay_section, overlay_key };
	struct model fresh;
	struct overlay o = { .m = &fresh, .path = path };

	model_copy(&fresh, m);
	ini_read(path, &sink, overlay_note, &o);
	if (o.err.code) {
		model_done(&fresh);
		if (err)
			*err = o.err;
		return o.err.code;
	}
	model_done(m);
	*m = fresh;
	m->overlaid = true;
	return 0;
}
