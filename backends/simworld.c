/* The memory of the simulated machines. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "backends/simworld.h"
#include "base/nls.h"
#include "base/paths.h"

enum { WORLD_MAX = 4 * 1024 * 1024, LINE_MAX_LEN = 1024 };

static size_t
world_find(const struct sim_world *w, const char *line, bool *found)
{
	size_t low = 0, high = w->lines.n;

	while (low < high) {
		size_t mid = (low + high) / 2;
		int order = strcmp(w->lines.at[mid], line);

		if (!order) {
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

static void
world_line(struct sim_world *w, const char *line, bool there)
{
	bool found;
	size_t i = world_find(w, line, &found);

	if (found == there)
		return;
	if (!there) {
		free(w->lines.at[i]);
		vec_remove(&w->lines, i);
		return;
	}
	vec_push(&w->lines, NULL);
	memmove(w->lines.at + i + 1, w->lines.at + i, (w->lines.n - 1 - i) * sizeof *w->lines.at);
	w->lines.at[i] = xstrdup(line);
}

bool
sim_world_has(const struct sim_world *w, const char *kind, const char *text)
{
	CLEAN_STR line = STR_INIT(LINE_MAX_LEN);
	bool found;

	str_addf(&line, "%s\t%s", kind, text);
	world_find(w, str_text(&line), &found);
	return found;
}

void
sim_world_put(struct sim_world *w, const char *kind, const char *text, bool there)
{
	CLEAN_STR line = STR_INIT(LINE_MAX_LEN);

	str_addf(&line, "%s\t%s", kind, text);
	world_line(w, str_text(&line), there);
}

/* What stands behind "KIND NAME "; NULL when there is no such line. */
static const char *
world_rest(const struct sim_world *w, const char *kind, const char *name)
{
	CLEAN_STR start = STR_INIT(LINE_MAX_LEN);
	bool found;
	size_t i;

	str_addf(&start, "%s\t%s\t", kind, name);
	i = world_find(w, str_text(&start), &found);
	return i < w->lines.n && str_starts(w->lines.at[i], str_text(&start))
		       ? w->lines.at[i] + start.len
		       : NULL;
}

static unsigned
world_count(const struct sim_world *w, const char *kind, const char *name)
{
	const char *count = world_rest(w, kind, name);

	return count ? (unsigned)strtoul(count, NULL, 10) : 0;
}

static void
world_count_up(struct sim_world *w, const char *kind, const char *name)
{
	CLEAN_STR line = STR_INIT(LINE_MAX_LEN);
	unsigned count = world_count(w, kind, name);

	str_addf(&line, "%s\t%s\t%u", kind, name, count);
	world_line(w, str_text(&line), false);
	str_clear(&line);
	str_addf(&line, "%s\t%s\t%u", kind, name, count + 1);
	world_line(w, str_text(&line), true);
}

unsigned
sim_world_boots(const struct sim_world *w, const char *node)
{
	return world_count(w, "boot", node);
}

const char *
sim_world_owner(const struct sim_world *w, const char *object)
{
	return world_rest(w, "owner", object);
}

void
sim_world_own(struct sim_world *w, const char *object, const char *node)
{
	const char *before = sim_world_owner(w, object);
	CLEAN_STR line = STR_INIT(LINE_MAX_LEN);

	if (before) {
		str_addf(&line, "owner\t%s\t%s", object, before);
		world_line(w, str_text(&line), false);
		str_clear(&line);
	}
	str_addf(&line, "owner\t%s\t%s", object, node);
	world_line(w, str_text(&line), true);
	sim_world_save(w);
}

void
sim_world_boot(struct sim_world *w, const char *node)
{
	world_count_up(w, "boot", node);
	for (size_t i = w->jobs.n; i-- > 0;)
		if (!strcmp(w->jobs.at[i]->node, node))
			sim_world_job_drop(w, w->jobs.at[i]);
	sim_world_save(w);
}

bool
sim_world_needs_hold(const struct sim_world *w, const struct task *t)
{
	struct arena *a = arena_new();
	const struct fact_ref *f;
	bool hold = true;

	vec_each(f, &t->step->needs) {
		const char *text = f->all ? NULL : task_fact(a, f, t);

		if (text && !strchr(text, '*') && !sim_world_has(w, "fact", text))
			hold = false;
	}
	arena_free(a);
	return hold;
}

/* ---- jobs ---- */

struct sim_job *
sim_world_job(const struct sim_world *w, const char *name)
{
	struct sim_job **j;

	vec_each(j, &w->jobs)
		if (!strcmp((*j)->name, name))
			return *j;
	return NULL;
}

static struct sim_job *
job_new(struct sim_world *w, const char *name, const char *node, const char *key, bool undo)
{
	struct sim_job *j = xcalloc(1, sizeof *j);

	j->name = xstrdup(name);
	j->node = xstrdup(node);
	j->key = xstrdup(key);
	j->undo = undo;
	vec_push(&w->jobs, j);
	return j;
}

struct sim_job *
sim_world_job_add(struct sim_world *w, const char *name, const char *node, const struct task *t,
		  bool undo)
{
	struct sim_job *j = job_new(w, name, node, t->key, undo);
	CLEAN_STR started = STR_INIT(LINE_MAX_LEN);
	char **fact;

	str_addf(&started, "%s\t%s", undo ? "undo" : "apply", t->key);
	world_count_up(w, "started", str_text(&started));
	vec_each(fact, &t->gives)
		vec_push(&j->gives, xstrdup(*fact));
	sim_world_save(w);
	return j;
}

void
sim_world_job_end(struct sim_world *w, struct sim_job *j, int code)
{
	char **fact;

	j->over = true;
	j->code = code;
	if (code == 0) {
		sim_world_put(w, "done", j->key, !j->undo);
		vec_each(fact, &j->gives)
			sim_world_put(w, "fact", *fact, !j->undo);
	}
	sim_world_save(w);
}

void
sim_world_job_drop(struct sim_world *w, struct sim_job *j)
{
	char **fact;

	for (size_t i = 0; i < w->jobs.n; i++)
		if (w->jobs.at[i] == j) {
			vec_remove(&w->jobs, i);
			break;
		}
	vec_each(fact, &j->gives)
		free(*fact);
	vec_free(&j->gives);
	free(j->name);
	free(j->node);
	free(j->key);
	free(j);
}

/* ---- the file ---- */

/* "job NAME NODE KEY undo|apply FACT…", tab-separated: it was running when the console ended. */
static bool
world_load_job(struct sim_world *w, char *rest)
{
	const char *name = strsep(&rest, "\t"), *node = strsep(&rest, "\t"),
		   *key = strsep(&rest, "\t"), *verb = strsep(&rest, "\t"), *fact;
	struct sim_job *j;

	if (!name || !node || !key || !verb)
		return false;
	j = job_new(w, name, node, key, !strcmp(verb, "undo"));
	while ((fact = strsep(&rest, "\t")))
		vec_push(&j->gives, xstrdup(fact));
	return true;
}

static bool
world_load_line(struct sim_world *w, char *line)
{
	static const char *const kinds[] = { "done\t",  "fact\t",  "boot\t",
					     "drill\t", "owner\t", "started\t", NULL };

	if (str_starts(line, "job\t"))
		return world_load_job(w, line + 4);
	for (size_t i = 0; kinds[i]; i++)
		if (str_starts(line, kinds[i])) {
			world_line(w, line, true);
			return true;
		}
	return false;
}

int
sim_world_load(struct sim_world *w, struct err *err)
{
	CLEAN_STR text = STR_INIT(WORLD_MAX);
	char *rest, *line;
	int number = 0, code;

	if (!w->path)
		return 0;
	code = file_read(w->path, &text, err);
	if (code == -ENOENT)
		return err->code = 0;
	if (code)
		return code;
	for (rest = text.s; rest && (line = strsep(&rest, "\n"));) {
		number++;
		if (!*line)
			continue;
		if (!world_load_line(w, line)) {
			err_set(err, E_INPUT, _("%s:%d: not a line of the simulated world"), w->path,
				number);
			err_hint(err, _("Remove the file: the simulated machines are then bare again."));
			return E_INPUT;
		}
	}
	return 0;
}

void
sim_world_save(const struct sim_world *w)
{
	CLEAN_STR text = STR_INIT(WORLD_MAX);
	struct sim_job **j;
	char **line, **fact;

	if (!w->path)
		return;
	vec_each(line, &w->lines)
		str_addf(&text, "%s\n", *line);
	vec_each(j, &w->jobs) {
		if ((*j)->over)
			continue;
		str_addf(&text, "job\t%s\t%s\t%s\t%s", (*j)->name, (*j)->node, (*j)->key,
			 (*j)->undo ? "undo" : "apply");
		vec_each(fact, &(*j)->gives)
			str_addf(&text, "\t%s", *fact);
		str_addc(&text, '\n');
	}
	/* A world that cannot be kept is still a world: the next start finds it as it was before. */
	(void)file_write(w->path, str_text(&text), text.len, 0600, NULL);
}

void
sim_world_done(struct sim_world *w)
{
	char **line;

	while (w->jobs.n)
		sim_world_job_drop(w, w->jobs.at[0]);
	vec_free(&w->jobs);
	vec_each(line, &w->lines)
		free(*line);
	vec_free(&w->lines);
}
