/* Writes the model back into the cluster file: only what differs changes, line by line. */
#include "backends/inventory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "backends/ini.h"
#include "base/nls.h"
#include "base/paths.h"
#include "base/str.h"
#include "base/vec.h"

enum { TEXT_MAX = INI_FILE_MAX };

/* A key or a section's header as the file has it now. */
struct written {
	int section; /* -1 = none we know */
	char name[NAME_SIZE];
	char key[INI_KEY_MAX + 1]; /* "" = the header */
	char *value;
	int line, last;
};

struct rewrite {
	const struct model *m;
	const char *eol; /* of lines that are added */
	bool open_end;   /* the file's last line has no newline */
	VEC(char *) lines; /* of the file, without '\n'; NULL = dropped */
	VEC(char *) added; /* text to follow line i, or NULL */
	VEC(struct written) written;
	int section;
	char name[NAME_SIZE];
};

static void
rewrite_done(struct rewrite *w)
{
	for (size_t i = 0; i < w->lines.n; i++) {
		free(w->lines.at[i]);
		free(w->added.at[i]);
	}
	for (size_t i = 0; i < w->written.n; i++)
		free(w->written.at[i].value);
	vec_free(&w->lines);
	vec_free(&w->added);
	vec_free(&w->written);
}

/* ---- what stands where ---------------------------------------------------------------- */

static void
take_lines(struct rewrite *w, const char *text, size_t n)
{
	const char *end = text + n;

	w->eol = "\n";
	/* Line 0 is in front of the file: there is always a place to add text. */
	vec_push(&w->lines, NULL);
	vec_push(&w->added, NULL);
	while (text < end) {
		const char *newline = memchr(text, '\n', (size_t)(end - text));
		size_t len = (size_t)((newline ? newline : end) - text);
		size_t next = len + (newline != NULL);

		if (newline && len && text[len - 1] == '\r')
			w->eol = "\r\n";
		vec_push(&w->lines, xstrndup(text, len));
		vec_push(&w->added, NULL);
		w->open_end = !newline;
		text += next;
	}
}

static struct written *
written_add(struct rewrite *w, const char *key, int line, int last)
{
	struct written *one = vec_add(&w->written);

	one->section = w->section;
	str_put(one->name, sizeof one->name, w->name);
	str_put(one->key, sizeof one->key, key);
	one->line = line;
	one->last = last;
	return one;
}

static bool
take_section(void *ctx, const char *word, const char *name, int line)
{
	struct rewrite *w = ctx;

	w->section = -1;
	for (int s = 0; s < SECTION__COUNT; s++)
		if (strcmp(section_names[s], word) == 0)
			w->section = s;
	str_put(w->name, sizeof w->name, name);
	written_add(w, "", line, line);
	return true;
}

static void
take_key(void *ctx, const struct ini_entry *e)
{
	struct rewrite *w = ctx;
	struct written *one = written_add(w, e->key, e->line, e->last);

	one->value = xstrdup(e->value);
	/* Settings have one line; a continued one is compared as the reader joins it. */
	for (char *s = one->value; *s; s++)
		if (*s == '\n' || *s == '\t')
			*s = ' ';
}

static void
ignore_note(void *ctx, int line, const struct err *err)
{
	(void)ctx;
	(void)line;
	(void)err;
}

static struct written *
written_find(struct rewrite *w, enum section s, const char *name, const char *key)
{
	struct written *one;

	vec_each(one, &w->written)
		if (one->section == (int)s && strcmp(one->name, name) == 0 &&
		    strcmp(one->key, key) == 0)
			return one;
	return NULL;
}

/* The last line of a section's settings, 0 when there is no such section. */
static int
section_end(struct rewrite *w, enum section s, const char *name)
{
	const struct written *one;
	int line = 0;

	vec_each(one, &w->written)
		if (one->section == (int)s && strcmp(one->name, name) == 0 && one->last > line)
			line = one->last;
	return line;
}

/* ---- changes -------------------------------------------------------------------------- */

static void
lines_drop(struct rewrite *w, int line, int last)
{
	for (; line <= last; line++) {
		free(w->lines.at[line]);
		w->lines.at[line] = NULL;
	}
}

static void
text_add_after(struct rewrite *w, int line, const char *text)
{
	char *before = w->added.at[line];

	w->added.at[line] = xasprintf("%s%s%s", before ? before : "", text, w->eol);
	free(before);
}

/* A new value on the key's own line: what stands before it, blanks included, stays. */
static void
value_replace(struct rewrite *w, const struct written *one, const char *value)
{
	char *line = w->lines.at[one->line];
	size_t n = strcspn(line, "=") + 1;
	size_t blanks = strspn(line + n, " \t");
	bool bare = !line[n + blanks] || line[n + blanks] == '\r';
	char *changed = xasprintf("%.*s%s%s%s", (int)(n + blanks), line, blanks || !bare ? "" : " ",
				  value, str_ends(line, "\r") ? "\r" : "");

	lines_drop(w, one->line, one->last);
	w->lines.at[one->line] = changed;
}

/* One setting: `value` is what the model has, `fallback` what the file may leave unsaid. */
static void
setting_write(struct rewrite *w, enum section s, const char *name, const char *key,
	      const char *value, const char *fallback, bool required, const char *current)
{
	struct written *one = written_find(w, s, name, key);
	char *line;

	if (one && current && strcmp(current, value) == 0)
		return;
	if ((strcmp(value, fallback) == 0 && !required) || (!one && !*value)) {
		if (one)
			lines_drop(w, one->line, one->last);
		return;
	}
	if (one) {
		value_replace(w, one, value);
		return;
	}
	line = xasprintf("%s = %s", key, value);
	text_add_after(w, section_end(w, s, name), line);
	free(line);
}

/* The file's value as the model would print it, or NULL when it is no good. */
static char *
value_canonical(const struct rewrite *w, const struct field *f, const char *value)
{
	union {
		struct cluster cluster;
		struct domain domain;
		struct hypervisor hypervisor;
		struct quorum quorum;
		struct network network;
		struct node node;
		struct target target;
		struct lun lun;
		struct vm vm;
	} *scratch = xcalloc(1, sizeof *scratch);
	CLEAN_STR text = STR_INIT(INI_VALUE_MAX);
	bool good = field_set(f, (struct model *)w->m, scratch, value, NULL) == 0;

	if (good)
		field_get(f, scratch, &text);
	free(scratch);
	return good ? xstrdup(str_text(&text)) : NULL;
}

static void
nics_write(struct rewrite *w, const struct node *n)
{
	struct written *one;

	for (size_t i = 0; i < n->nnics; i++) {
		CLEAN_STR text = STR_INIT(INI_VALUE_MAX);
		CLEAN_STR now = STR_INIT(INI_VALUE_MAX);
		char key[NAME_SIZE + 8];
		struct node scratch = { .nnics = 0 };

		snprintf(key, sizeof key, "nic.%s", n->nics[i].name);
		field_get_nic(&n->nics[i], &text);
		one = written_find(w, SECTION_NODE, n->name, key);
		if (one && field_set_nic(&scratch, n->nics[i].name, one->value, NULL) == 0 &&
		    scratch.nnics)
			field_get_nic(&scratch.nics[0], &now);
		setting_write(w, SECTION_NODE, n->name, key, str_text(&text), "", true,
			      str_text(&now));
	}
	vec_each(one, &w->written) {
		bool wanted = false;

		if (one->section != SECTION_NODE || strcmp(one->name, n->name) != 0 ||
		    !str_starts(one->key, "nic."))
			continue;
		for (size_t i = 0; i < n->nnics; i++)
			wanted |= strcmp(n->nics[i].name, one->key + 4) == 0;
		if (!wanted)
			lines_drop(w, one->line, one->last);
	}
}

static void
object_write(struct rewrite *w, enum section s, const void *object)
{
	const char *name = section_title(s, object);

	for (size_t i = 0; i < nfields; i++) {
		const struct field *f = &fields[i];
		CLEAN_STR value = STR_INIT(INI_VALUE_MAX);
		CLEANUP(freep) char *current = NULL;
		const struct written *one;

		if (f->section != s || f->title || (w->m->overlaid && str_starts(f->key, "ssh.")))
			continue;
		if (f->type == FIELD_NICS) {
			nics_write(w, object);
			continue;
		}
		one = written_find(w, s, name, f->key);
		if (one)
			current = value_canonical(w, f, one->value);
		field_get(f, object, &value);
		setting_write(w, s, name, f->key, str_text(&value), field_fallback(f, w->m),
			      f->required, current);
	}
}

/* ---- sections ------------------------------------------------------------------------- */

static bool
object_has_settings(const struct rewrite *w, enum section s, const void *object)
{
	for (size_t i = 0; i < nfields; i++) {
		CLEAN_STR value = STR_INIT(INI_VALUE_MAX);

		if (fields[i].section != s)
			continue;
		field_get(&fields[i], object, &value);
		if (strcmp(str_text(&value), field_fallback(&fields[i], w->m)) != 0)
			return true;
	}
	return false;
}

/* After the last section of its kind, else at the end of the file. */
static int
section_place(struct rewrite *w, enum section s)
{
	const struct written *one;
	int line = 0;

	vec_each(one, &w->written)
		if (one->section == (int)s && one->last > line)
			line = one->last;
	return line ? line : (int)w->lines.n - 1;
}

/* The header of a new section; its settings follow it. */
static void
section_begin(struct rewrite *w, enum section s, const char *name)
{
	int place = section_place(w, s);
	CLEAN_STR header = STR_INIT(NAME_SIZE + 32);

	str_addf(&header, name[0] ? "[%s %s]" : "[%s]", section_names[s], name);
	text_add_after(w, place, "");
	text_add_after(w, place, str_text(&header));
	w->section = (int)s;
	str_put(w->name, sizeof w->name, name);
	written_add(w, "", place, place);
}

/* Sections of objects that the model has no more: settings go, comments stay. */
static void
sections_drop(struct rewrite *w)
{
	struct written *one;

	vec_each(one, &w->written) {
		const char *above;

		if (one->section < SECTION_NETWORK ||
		    field_object((struct model *)w->m, (enum section)one->section, one->name))
			continue;
		lines_drop(w, one->line, one->last);
		above = w->lines.at[one->line - 1];
		if (!one->key[0] && above && (!above[0] || above[0] == '\r'))
			lines_drop(w, one->line - 1, one->line - 1);
	}
}

/* What the file has is changed before anything is added, for additions go by the place of what
 * stands there. */
static void
rewrite_apply(struct rewrite *w)
{
	sections_drop(w);
	for (int fresh = 0; fresh <= 1; fresh++)
		for (int s = 0; s < SECTION__COUNT; s++)
			for (size_t i = 0; i < section_count(w->m, (enum section)s); i++) {
				const void *object = section_at(w->m, (enum section)s, i);
				const char *name = section_title((enum section)s, object);

				if (!fresh == !written_find(w, (enum section)s, name, ""))
					continue;
				if (fresh && !object_has_settings(w, (enum section)s, object))
					continue;
				if (fresh)
					section_begin(w, (enum section)s, name);
				object_write(w, (enum section)s, object);
			}
}

static void
rewrite_print(const struct rewrite *w, struct str *out)
{
	for (size_t i = 0; i < w->lines.n; i++) {
		bool open = w->open_end && i + 1 == w->lines.n;

		if (w->lines.at[i])
			str_addf(out, "%s%s", w->lines.at[i],
				 !open ? "\n" : w->added.at[i] ? w->eol : "");
		if (w->added.at[i])
			str_add(out, w->added.at[i]);
	}
}

/* ---- proof that the new text says what the model says --------------------------------- */

static bool
nics_equal(const struct node *a, const struct node *b)
{
	size_t same = 0;

	for (size_t i = 0; i < a->nnics; i++)
		for (size_t k = 0; k < b->nnics; k++)
			same += memcmp(&a->nics[i], &b->nics[k], sizeof a->nics[i]) == 0;
	return same == a->nnics && same == b->nnics;
}

static bool
field_equal(const struct field *f, const void *a, const void *b)
{
	CLEAN_STR one = STR_INIT(INI_VALUE_MAX);
	CLEAN_STR other = STR_INIT(INI_VALUE_MAX);

	if (f->type == FIELD_NICS)
		return nics_equal(a, b);
	field_get(f, a, &one);
	field_get(f, b, &other);
	return strcmp(str_text(&one), str_text(&other)) == 0;
}

static int
compare_object(const struct model *m, const struct model *back, enum section s, const void *object,
	       struct err *err)
{
	const char *name = section_title(s, object);
	const void *other = field_object((struct model *)back, s, name);

	for (size_t i = 0; i < nfields; i++) {
		if (fields[i].section != s || (m->overlaid && str_starts(fields[i].key, "ssh.")))
			continue;
		if (other && field_equal(&fields[i], object, other))
			continue;
		err_set(err, -EIO, _("'%s' of [%s %s] would not be read back as it is"),
			fields[i].key, section_names[s], name);
		err_hint(err, _("Mend the mistakes of the cluster file in an editor first."));
		return -EIO;
	}
	return 0;
}

static int
compare_text(const struct model *m, const struct str *text, struct err *err)
{
	struct model back;
	int code = 0;

	model_init(&back);
	inventory_scan(&back, str_text(text), text->len, NULL, NULL);
	for (int s = 0; s < SECTION__COUNT && !code; s++)
		for (size_t i = 0; i < section_count(m, (enum section)s) && !code; i++)
			code = compare_object(m, &back, (enum section)s,
					      section_at(m, (enum section)s, i), err);
	model_done(&back);
	return code;
}

static int
rewrite_text(const struct model *m, const struct str *old, struct str *out, struct err *err)
{
	static const struct ini_sink sink = { take_section, take_key };
	struct rewrite w = { .m = m };

	take_lines(&w, str_text(old), old->len);
	ini_scan(str_text(old), old->len, &sink, ignore_note, &w);
	rewrite_apply(&w);
	rewrite_print(&w, out);
	rewrite_done(&w);
	if (out->cut)
		return err_set(err, -EFBIG, _("the cluster file would be larger than %d bytes"),
			       TEXT_MAX);
	return compare_text(m, out, err);
}

int
inventory_write(const struct model *m, const char *path, struct err *err)
{
	/* A symbolic link stays one: what it leads to is replaced. */
	CLEANUP(freep) char *real = realpath(path, NULL);
	CLEAN_STR old = STR_INIT(TEXT_MAX);
	CLEAN_STR text = STR_INIT(TEXT_MAX);
	struct stat st = { .st_mode = 0644 };
	int code;

	if (real) {
		code = file_read(real, &old, err);
		if (code)
			return code;
		if (stat(real, &st))
			return err_sys(err, errno, _("cannot look at '%s'"), real);
	} else {
		str_addf(&old, "# %s\n", _("A cluster file: see bascule-cluster-file(5)."));
	}
	code = rewrite_text(m, &old, &text, err);
	if (code)
		return code;
	if (real && text.len == old.len && memcmp(text.s, old.s, old.len) == 0)
		return 0;
	return file_write(real ? real : path, text.s, text.len, st.st_mode & 0777, err);
}
