/* Proven values in memory, and the pins file. */
#include <stdlib.h>
#include <string.h>
#include "base/nls.h"
#include "base/paths.h"
#include "base/str.h"
#include "engine/values.h"

struct value {
	char *key;
	char *text;
	bool pinned;
};

struct values {
	VEC(struct value) all; /* sorted by key */
};

enum { PINS_MAX = 1024 * 1024 };

struct values *
values_new(void)
{
	return xcalloc(1, sizeof(struct values));
}

struct values *
values_free(struct values *v)
{
	struct value *p;

	if (!v)
		return NULL;
	vec_each(p, &v->all) {
		free(p->key);
		free(p->text);
	}
	vec_free(&v->all);
	free(v);
	return NULL;
}

void
values_key(const char *name, const struct task *t, struct str *out)
{
	const char *scope = NULL;

	if (t && str_starts(name, "node."))
		scope = t->node ? t->node->name : "console";
	else if (t && str_starts(name, "lun.") && t->lun)
		scope = t->lun->name;
	else if (t && str_starts(name, "target.") && t->target)
		scope = t->target->name;
	else if (t && str_starts(name, "vm.") && t->vm)
		scope = t->vm->name;
	str_add(out, name);
	if (scope)
		str_addf(out, "(%s)", scope);
}

/* Index of the key, or where it would stand (then *found is false). */
static size_t
values_find(const struct values *v, const char *key, bool *found)
{
	size_t low = 0, high = v->all.n;

	while (low < high) {
		size_t mid = (low + high) / 2;
		int order = strcmp(v->all.at[mid].key, key);

		if (order == 0) {
			*found = true;
			return mid;
		}
		if (order < 0)
			low = mid + 1;
		else
			high = mid;
	}
	*found = false;
	return low;
}

const char *
values_get(const struct values *v, const char *key)
{
	bool found;
	size_t i = values_find(v, key, &found);

	return found ? v->all.at[i].text : NULL;
}

bool
values_set(struct values *v, const char *key, const char *text)
{
	bool found;
	size_t i = values_find(v, key, &found);

	if (found) {
		if (!strcmp(v->all.at[i].text, text))
			return false;
		free(v->all.at[i].text);
		v->all.at[i].text = xstrdup(text);
		return true;
	}
	vec_push(&v->all, ((struct value){ 0 }));
	memmove(v->all.at + i + 1, v->all.at + i, (v->all.n - 1 - i) * sizeof *v->all.at);
	v->all.at[i] = (struct value){ .key = xstrdup(key), .text = xstrdup(text) };
	return true;
}

void
values_each(const struct values *v, void (*fn)(void *ctx, const char *key, const char *text), void *ctx)
{
	const struct value *p;

	vec_each(p, &v->all)
		fn(ctx, p->key, p->text);
}

bool
values_is_pinned(const struct values *v, const char *key)
{
	bool found;
	size_t i = values_find(v, key, &found);

	return found && v->all.at[i].pinned;
}

void
values_unpin(struct values *v, const char *key)
{
	bool found;
	size_t i = values_find(v, key, &found);

	if (found)
		v->all.at[i].pinned = false;
}

int
values_pin(struct values *v, const char *key, const char *text, struct err *err)
{
	bool found;
	size_t i = values_find(v, key, &found);

	if (found && v->all.at[i].pinned && strcmp(v->all.at[i].text, text)) {
		err_set(err, E_STEP, _("%s is '%s', but it was proven as '%s' before"), key, text,
			v->all.at[i].text);
		err_hint(err, _("This is not the same object as last time. If it was replaced on "
				"purpose, remove the line '%s' from the pins file."), key);
		return E_STEP;
	}
	values_set(v, key, text);
	i = values_find(v, key, &found);
	v->all.at[i].pinned = true;
	return 0;
}

/* One "KEY<TAB>VALUE" line, in place. */
static int
pins_line(struct values *v, const char *path, int number, char *line, struct err *err)
{
	char *tab = strchr(line, '\t');

	if (!*line || *line == '#')
		return 0;
	if (!tab || tab == line || !tab[1]) {
		err_set(err, E_INPUT, _("%s:%d: not a pin: expected a key, a tab and a value"), path,
			number);
		err_hint(err, _("Mend the line, or remove it: the identity is then proven anew."));
		return E_INPUT;
	}
	*tab = '\0';
	return values_pin(v, line, tab + 1, err);
}

int
values_load_pins(struct values *v, const char *path, struct err *err)
{
	CLEAN_STR text = STR_INIT(PINS_MAX);
	char *line, *rest;
	int number = 0, code;

	code = file_read(path, &text, err);
	if (code == -ENOENT)
		return err ? (err->code = 0) : 0;
	if (code)
		return code;
	rest = text.len ? text.s : NULL;
	while (rest && (line = strsep(&rest, "\n"))) {
		code = pins_line(v, path, ++number, line, err);
		if (code)
			return code;
	}
	return 0;
}

int
values_save_pins(const struct values *v, const char *path, struct err *err)
{
	CLEAN_STR text = STR_INIT(PINS_MAX);
	const struct value *p;

	str_add(&text, "# Proven identities. A line that no longer matches stops the program.\n");
	vec_each(p, &v->all)
		if (p->pinned)
			str_addf(&text, "%s\t%s\n", p->key, p->text);
	return file_write(path, str_text(&text), text.len, 0600, err);
}
