/* Opening a cluster for a verb: file, overlay, catalogue, plan, lock, journal. */
#include "cli/session.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "base/nls.h"
#include "base/paths.h"
#include "base/str.h"
#include "base/text.h"
#include "cli/verb.h"

static const char *const world_ids[WORLD__COUNT] = { "real", "lab", "simulated" };
static const char *const world_sentences[WORLD__COUNT] = {
	N_("real machines"),
	N_("LAB: practice machines"),
	N_("SIMULATED: no real machine is touched"),
};

const char *
world_id(enum world w)
{
	return world_ids[w];
}

const char *
world_sentence(enum world w)
{
	return _(world_sentences[w]);
}

bool
session_has_tty(void)
{
	return isatty(STDIN_FILENO) && isatty(STDERR_FILENO);
}

static void
clean_print(const char *before, const char *text)
{
	CLEAN_STR line = STR_INIT(4096);
	text_clean(&line, text, strlen(text), false);
	fprintf(stderr, "%s%s\n", before, str_text(&line));
}

void
err_print(const struct err *err)
{
	clean_print(_("bascule: "), err->what);
	if (err->hint[0])
		clean_print("  ", err->hint);
}

int
err_exit(const struct err *err)
{
	switch (err->code) {
	case 0:
		return EXIT_DONE;
	case E_INPUT:
	case E_STEP:
		return EXIT_INPUT;
	case E_CANCELLED:
		return EXIT_STOPPED;
	default:
		return EXIT_FAILED;
	}
}

/* One mistake of a file: "path:line: what", then what to do. */
struct mistakes {
	const char *path;
	size_t n;
};

static void
mistake_note(void *ctx, int line, const struct err *err)
{
	struct mistakes *m = ctx;
	CLEAN_STR before = STR_INIT(2048);
	if (line > 0)
		str_addf(&before, "%s:%d: ", m->path, line);
	else
		str_add(&before, _("bascule: "));
	clean_print(str_text(&before), err->what);
	if (err->hint[0])
		clean_print("  ", err->hint);
	m->n++;
}

static void
mistakes_told(const struct mistakes *m)
{
	if (m->n)
		fprintf(stderr, P_("%zu mistake; nothing was done.\n",
				   "%zu mistakes; nothing was done.\n", m->n), m->n);
}

static int
overlay_read(struct session *s)
{
	struct err err = { 0 };
	CLEANUP(freep) char *folder = paths_state("lab", &err);
	CLEANUP(freep) char *path = folder ? xasprintf("%s/lab.ini", folder) : NULL;
	if (!path || s->sv->inventory_overlay(&s->model, path, &err)) {
		err_print(&err);
		return EXIT_INPUT;
	}
	return EXIT_DONE;
}

static int
secrets_read(struct session *s)
{
	struct err err = { 0 };
	CLEAN_STR warning = STR_INIT(1024);
	if (!s->o->secrets)
		return EXIT_DONE;
	s->secrets = secrets_load(s->o->secrets, &warning, &err);
	if (warning.len)
		clean_print(_("bascule: "), warning.s);
	if (s->secrets)
		return EXIT_DONE;
	err_print(&err);
	return EXIT_INPUT;
}

const char *
session_secret(void *session, const char *name)
{
	const struct session *s = session;
	return s->secrets ? secrets_get(s->secrets, name) : NULL;
}

int
session_read(struct session *s, const struct services *sv, const struct options *o)
{
	*s = (struct session){ .sv = sv, .o = o, .lock = -1 };
	model_init(&s->model);
	if (!o->words.n) {
		fprintf(stderr, _("bascule: name a cluster file, for example etc/tutorial.ini\n"));
		return EXIT_INPUT;
	}
	struct mistakes m = { .path = o->words.at[0] };
	if (sv->inventory_read(&s->model, m.path, mistake_note, &m)) {
		mistakes_told(&m);
		return EXIT_INPUT;
	}
	int code = secrets_read(s);
	if (!code && o->world == WORLD_LAB)
		code = overlay_read(s);
	return code;
}

/* A chapter, step or node that is not there is told with the nearest one that is. */
static bool
selection_known(const char *what, const char *typed, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(names[i], typed))
			return true;
	const char *near = word_nearest(typed, names, n);
	if (near)
		fprintf(stderr, _("bascule: %s: there is no '%s'; did you mean '%s'?\n"), what, typed,
			near);
	else
		fprintf(stderr, _("bascule: %s: there is no '%s'; see 'bascule plan'\n"), what, typed);
	return false;
}

static bool
selection_check(const struct session *s)
{
	const struct options *o = s->o;
	VEC(const char *) chapters = { 0 };
	VEC(const char *) nodes = { 0 };
	VEC(const char *) steps = { 0 };
	for (size_t i = 0; i < s->catalog->chapters.n; i++) {
		vec_push(&chapters, s->catalog->chapters.at[i]->id);
		vec_push(&steps, s->catalog->chapters.at[i]->id);
	}
	for (size_t i = 0; i < s->catalog->steps.n; i++)
		vec_push(&steps, s->catalog->steps.at[i]->id);
	for (size_t i = 0; i < s->model.nodes.n; i++)
		vec_push(&nodes, s->model.nodes.at[i].name);
	bool good = !o->through ||
		    selection_known("--through", o->through, chapters.at, chapters.n);
	for (size_t i = 0; i < o->only.n; i++)
		good &= selection_known("--only", o->only.at[i], steps.at, steps.n);
	for (size_t i = 0; i < o->nodes.n; i++)
		good &= selection_known("--nodes", o->nodes.at[i], nodes.at, nodes.n);
	vec_free(&chapters);
	vec_free(&nodes);
	vec_free(&steps);
	return good;
}

int
session_plan(struct session *s, bool undo)
{
	struct mistakes m = { .path = NULL };
	const struct options *o = s->o;
	s->catalog = s->sv->catalog_read(s->model.cluster.platform, nls_lang(), mistake_note, &m);
	if (!s->catalog) {
		mistakes_told(&m);
		return EXIT_INPUT;
	}
	if (!selection_check(s))
		return EXIT_INPUT;
	struct selection sel = {
		.through = o->through,
		.only = o->only.at,
		.nodes = o->nodes.at,
		.undo = undo,
		.proofs_later = o->proofs_later,
		.drills = o->drills,
	};
	m.path = o->words.at[0];
	s->plan = plan_build(&s->model, s->catalog, &sel, mistake_note, &m);
	if (s->plan)
		return EXIT_DONE;
	mistakes_told(&m);
	return EXIT_INPUT;
}

/* "cluster-1.cluster.lan-1a2b3c4d/simulated": readable, and another file is another folder. */
static void
folder_name(const struct session *s, struct str *out)
{
	char title[HOST_SIZE];
	model_title(&s->model, title);
	CLEANUP(freep) char *path = realpath(s->o->words.at[0], NULL);
	const char *from = path ? path : s->o->words.at[0];
	for (char *c = title; *c; c++)
		if (!isalnum((unsigned char)*c) && *c != '.' && *c != '-')
			*c = '_';
	str_addf(out, "clusters/%s-%08x/%s", title, (unsigned)hash64(from, strlen(from)),
		 world_ids[s->o->world]);
}

static char *
pins_path(const struct session *s, struct err *err)
{
	if (s->o->world == WORLD_REAL)
		return xasprintf("%s.pins", s->o->words.at[0]);
	if (s->o->world == WORLD_SIMULATED)
		return xasprintf("%s/pins", s->folder);
	CLEANUP(freep) char *folder = paths_state("lab", err);
	return folder ? xasprintf("%s/pins", folder) : NULL;
}

static int
lock_take(struct session *s, bool changes, struct err *err)
{
	CLEANUP(freep) char *path = xasprintf("%s/lock", s->folder);
	int code = journal_lock(path, &s->lock, err);
	if (code != E_BUSY || changes)
		return code;
	fprintf(stderr, _("bascule: %s; this check is not kept in the journal\n"), err->what);
	s->lock = -1;
	return 0;
}

int
session_record(struct session *s, bool changes)
{
	struct err err = { 0 };
	CLEAN_STR name = STR_INIT(1024);
	folder_name(s, &name);
	s->loop = loop_new();
	s->folder = paths_state(str_text(&name), &err);
	if (s->folder)
		s->pins = pins_path(s, &err);
	if (!s->pins || lock_take(s, changes, &err)) {
		err_print(&err);
		return EXIT_FAILED;
	}
	if (s->lock < 0)
		return EXIT_DONE;
	CLEANUP(freep) char *path = xasprintf("%s/journal.db", s->folder);
	s->journal = journal_open(s->loop, path, &err);
	if (s->journal)
		return EXIT_DONE;
	err_print(&err);
	return EXIT_FAILED;
}

void
session_done(struct session *s)
{
	s->journal = journal_close(s->journal);
	journal_unlock(s->lock);
	s->plan = plan_free(s->plan);
	s->catalog = catalog_free(s->catalog);
	model_done(&s->model);
	s->loop = loop_free(s->loop);
	s->secrets = secrets_free(s->secrets);
	free(s->folder);
	free(s->pins);
}
