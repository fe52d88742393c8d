/* Opening a cluster for a verb: file, overlay, catalogue, plan, lock, journal. */
#include "cli/session.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "base/nls.h"
#include "base/str.h"
#include "base/text.h"
#include "cli/verb.h"

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
	struct err err = { 0 };
	*s = (struct session){ .o = o };
	workspace_init(&s->ws, sv, NULL);
	if (!o->words.n) {
		fprintf(stderr, _("bascule: name a cluster file, for example etc/tutorial.ini\n"));
		return EXIT_INPUT;
	}
	struct mistakes m = { .path = o->words.at[0] };
	if (workspace_read(&s->ws, m.path, mistake_note, &m)) {
		mistakes_told(&m);
		return EXIT_INPUT;
	}
	int code = secrets_read(s);
	if (code || !workspace_world(&s->ws, (enum world)o->world, &err))
		return code;
	err_print(&err);
	return EXIT_INPUT;
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
	for (size_t i = 0; i < s->ws.catalog->chapters.n; i++) {
		vec_push(&chapters, s->ws.catalog->chapters.at[i]->id);
		vec_push(&steps, s->ws.catalog->chapters.at[i]->id);
	}
	for (size_t i = 0; i < s->ws.catalog->steps.n; i++)
		vec_push(&steps, s->ws.catalog->steps.at[i]->id);
	for (size_t i = 0; i < s->ws.model.nodes.n; i++)
		vec_push(&nodes, s->ws.model.nodes.at[i].name);
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
	if (workspace_catalog(&s->ws, mistake_note, &m)) {
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
	if (!workspace_plan(&s->ws, &sel, mistake_note, &m))
		return EXIT_DONE;
	mistakes_told(&m);
	return EXIT_INPUT;
}

int
session_record(struct session *s, bool changes)
{
	struct err err = { 0 };
	int code = workspace_record(&s->ws, &err);
	if (!code)
		return EXIT_DONE;
	if (code != E_BUSY || changes) {
		err_print(&err);
		return EXIT_FAILED;
	}
	fprintf(stderr, _("bascule: %s; this check is not kept in the journal\n"), err.what);
	return EXIT_DONE;
}

void
session_done(struct session *s)
{
	workspace_done(&s->ws);
	s->secrets = secrets_free(s->secrets);
}
