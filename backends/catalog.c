/* Reads steps/: NN-chapter/chapter.ini, NN-chapter/NN-step/step.ini, why.txt and the script of
 * one platform. What stands in the ini files is stepfile.c's. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "backends/catalog.h"
#include "backends/stepfile.h"
#include "base/nls.h"
#include "base/paths.h"
#include "base/str.h"

enum { SCRIPT_FILE_MAX = 256 * 1024, TEXT_FILE_MAX = 64 * 1024 };

static const char *const script_names[] = { "linux.sh", "hyperv.ps1" };
static const char *const lib_names[] = { "lib.sh", "lib.ps1" };
static const char *const job_names[] = { "job.sh", "job.ps1" };

/* A mistake of the ini reader itself: the file's name goes before it. */
static void
catalog_ini_note(void *ctx, int line, const struct err *err)
{
	struct reader *r = ctx;
	struct err e = *err;

	if (line)
		err_prefix(&e, "%s:%d", r->path, line);
	r->note(r->ctx, 0, &e);
}

static void
catalog_ini(struct reader *r, const char *dir, const char *file, const struct ini_sink *sink)
{
	char *path = xasprintf("%s/%s", dir, file);
	int found;

	r->path = path;
	found = ini_read(path, sink, catalog_ini_note, r);
	r->mistakes += (size_t)found;
	free(path);
	r->path = dir;
}

/* A text file into the arena; NULL when there is none. */
static char *
catalog_text(struct reader *r, const char *dir, const char *file, size_t max)
{
	CLEAN_STR text = STR_INIT(max);
	char *path = xasprintf("%s/%s", dir, file);
	struct err err = { 0 };
	int code = file_read(path, &text, &err);

	free(path);
	if (code == -ENOENT)
		return NULL;
	if (code) {
		r->mistakes++;
		r->note(r->ctx, 0, &err);
		return NULL;
	}
	return arena_strdup(reader_arena(r), str_text(&text));
}

/* Which verbs the script defines: "check()" at a line's start, or "function check". */
static unsigned
script_verbs(const char *script, enum platform platform)
{
	unsigned verbs = 0;

	for (int v = 0; verb_words[v]; v++) {
		char pattern[48];

		snprintf(pattern, sizeof pattern, platform == PLATFORM_LINUX ? "\n%s()" : "\nfunction %s",
			 verb_words[v]);
		/* The first line has no line end before it. */
		if (strcasestr(script, pattern) ||
		    !strncasecmp(script, pattern + 1, strlen(pattern + 1)))
			verbs |= 1u << v;
	}
	return verbs;
}

static void
step_why(struct reader *r, struct step *s)
{
	char name[32];

	snprintf(name, sizeof name, "why.%s.txt", r->lang);
	s->why = catalog_text(r, s->dir, name, TEXT_FILE_MAX);
	if (!s->why)
		s->why = catalog_text(r, s->dir, "why.txt", TEXT_FILE_MAX);
}

/* A step that the platform has no script for yet is seen in the simulated world all the same,
 * with the verbs that it has on another platform. */
static void
step_borrow(struct reader *r, struct step *s)
{
	if (s->script || s->verbs || s->run != RUN_SCRIPT || !r->simulated)
		return;
	for (int p = 0; p < PLATFORM__COUNT && !s->sim_only; p++) {
		char *script = catalog_text(r, s->dir, script_names[p], SCRIPT_FILE_MAX);

		s->verbs = script ? script_verbs(script, (enum platform)p) : 0;
		s->sim_only = script != NULL;
	}
}

/* What the chapter's steps share comes to those that do not say it themselves. */
static void
step_share(struct reader *r, struct step *s)
{
	const struct message *shared, *own;

	vec_each(shared, &r->shared.messages) {
		bool has = false;

		vec_each(own, &s->messages)
			has |= !strcmp(own->id, shared->id);
		if (!has)
			vec_push(&s->messages, *shared);
	}
	if (s->script && r->shared_script)
		s->script = arena_printf(reader_arena(r), "%s\n%s", r->shared_script, s->script);
}

static void
step_complete(struct reader *r, struct step *s)
{
	enum platform platform = r->catalog->platform;

	if (!s->title)
		reader_mistake(r, 0, _("the step has no title"));
	s->script = catalog_text(r, s->dir, script_names[platform], SCRIPT_FILE_MAX);
	step_share(r, s);
	if (s->script)
		s->verbs = script_verbs(s->script, platform);
	if (s->script && !(s->verbs & (1u << VERB_CHECK)))
		reader_mistake(r, 0, _("%s defines no check"), script_names[platform]);
	step_borrow(r, s);
	step_why(r, s);
	if (!s->limit_s)
		s->limit_s = 300;
	if (!s->check_limit_s)
		s->check_limit_s = 120;
	if (!s->takes_s)
		s->takes_s = 2;
	if (!s->sim_takes_ms)
		s->sim_takes_ms = s->takes_s * 1000;
}

/* "40-format" -> "format"; NULL when the name is not of that shape. */
static const char *
numbered_name(const char *name)
{
	size_t digits = strspn(name, "0123456789");

	return digits && name[digits] == '-' && name[digits + 1] ? name + digits + 1 : NULL;
}

/* A step without a script for this platform is not part of its flow, unless it runs no script or
 * can at least be simulated. */
static void
catalog_step_dir(struct reader *r, const char *dir, const char *name)
{
	struct arena *a = reader_arena(r);
	struct step *s = arena_alloc(a, sizeof *s);

	s->risk = RISK_REVERSIBLE;
	s->undo_risk = (enum risk)-1;
	s->dir = arena_strdup(a, dir);
	s->name = arena_strdup(a, name);
	s->chapter = r->chapter;
	s->id = arena_printf(a, "%s/%s", r->chapter->id, name);
	r->step = s;
	r->said_in = NULL;
	r->simulated = false;
	catalog_ini(r, dir, "step.ini", &step_sink);
	step_complete(r, s);
	if ((int)s->undo_risk < 0)
		s->undo_risk = s->risk;
	vec_push(&r->catalog->steps, s);
}

static bool
step_is_for(const struct reader *r, const struct step *s)
{
	(void)r;
	return s->script || s->run != RUN_SCRIPT || s->sim_only ||
	       (s->kind == KIND_DRILL && s->verbs);
}

static void
catalog_drop_foreign(struct reader *r)
{
	size_t kept = 0;

	for (size_t i = 0; i < r->catalog->steps.n; i++)
		if (step_is_for(r, r->catalog->steps.at[i]))
			r->catalog->steps.at[kept++] = r->catalog->steps.at[i];
		else
			step_done(r->catalog->steps.at[i]);
	r->catalog->steps.n = kept;
}

static void
catalog_each_dir(struct reader *r, const char *dir,
		 void (*one)(struct reader *r, const char *dir, const char *name))
{
	struct err err = { 0 };
	char **names = dir_list(dir, &err);

	if (!names) {
		r->mistakes++;
		r->note(r->ctx, 0, &err);
		return;
	}
	for (char **n = names; *n; n++) {
		const char *name = numbered_name(*n);
		char *path;

		if (!name)
			continue;
		path = xasprintf("%s/%s", dir, *n);
		one(r, path, name);
		free(path);
	}
	dir_list_free(names);
}

static void
catalog_chapter_dir(struct reader *r, const char *dir, const char *name)
{
	struct arena *a = reader_arena(r);
	struct chapter *c = arena_alloc(a, sizeof *c);
	const char *number = strrchr(dir, '/');

	c->id = arena_strdup(a, name);
	c->number = (int)strtol(number ? number + 1 : dir, NULL, 10) / 10;
	r->chapter = c;
	r->shared.messages.n = 0;
	r->step = &r->shared;
	r->shared_script = catalog_text(r, dir, script_names[r->catalog->platform], SCRIPT_FILE_MAX);
	catalog_ini(r, dir, "chapter.ini", &chapter_sink);
	if (!c->title)
		reader_mistake(r, 0, _("the chapter has no title"));
	if (!c->summary)
		c->summary = arena_strdup(r->catalog->arena, "");
	vec_push(&r->catalog->chapters, c);
	catalog_each_dir(r, dir, catalog_step_dir);
}

struct catalog *
catalog_read_dir(const char *dir, enum platform platform, const char *lang, field_note_fn note,
		 void *ctx)
{
	struct catalog *c = xcalloc(1, sizeof *c);
	struct reader r = { .catalog = c, .lang = lang, .path = dir, .note = note, .ctx = ctx };

	c->arena = arena_new();
	c->platform = platform;
	c->lib = catalog_text(&r, dir, lib_names[platform], SCRIPT_FILE_MAX);
	c->job = catalog_text(&r, dir, job_names[platform], SCRIPT_FILE_MAX);
	if (!c->lib || !c->job)
		reader_mistake(&r, 0, _("%s or %s is missing"), lib_names[platform],
				job_names[platform]);
	catalog_each_dir(&r, dir, catalog_chapter_dir);
	catalog_drop_foreign(&r);
	step_done(&r.shared);
	return r.mistakes ? catalog_free(c) : c;
}
