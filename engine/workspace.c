/* Opening a cluster: file, overlay, catalogue, plan, lock, journal. */
#include "engine/workspace.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include "base/nls.h"
#include "base/paths.h"
#include "base/str.h"

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

void
workspace_init(struct workspace *w, const struct services *sv, struct loop *loop)
{
	*w = (struct workspace){ .sv = sv, .lock = -1 };
	w->loop_owned = !loop;
	w->loop = loop ? loop : loop_new();
	model_init(&w->model);
}

void
workspace_done(struct workspace *w)
{
	workspace_unrecord(w);
	w->plan = plan_free(w->plan);
	w->catalog = catalog_free(w->catalog);
	model_done(&w->model);
	w->loop = w->loop_owned ? loop_free(w->loop) : NULL;
	free(w->path);
	w->path = NULL;
}

int
workspace_read(struct workspace *w, const char *path, field_note_fn note, void *ctx)
{
	free(w->path);
	w->path = xstrdup(path);
	return w->sv->inventory_read(&w->model, path, note, ctx);
}

int
workspace_world(struct workspace *w, enum world world, struct err *err)
{
	w->world = world;
	if (world != WORLD_LAB)
		return 0;
	CLEANUP(freep) char *folder = paths_state("lab", err);
	CLEANUP(freep) char *path = folder ? xasprintf("%s/lab.ini", folder) : NULL;
	return path ? w->sv->inventory_overlay(&w->model, path, err) : err->code;
}

int
workspace_catalog(struct workspace *w, field_note_fn note, void *ctx)
{
	w->plan = plan_free(w->plan);
	w->catalog = catalog_free(w->catalog);
	w->catalog = w->sv->catalog_read(w->model.cluster.platform, nls_lang(), note, ctx);
	return w->catalog ? 0 : E_INPUT;
}

void
workspace_select(struct workspace *w, const struct selection *sel)
{
	const struct {
		const char *name;
		const char *const *words;
	} lists[] = { { "only", sel->only }, { "nodes", sel->nodes } };
	CLEAN_STR out = STR_INIT(sizeof w->selection - 1);
	if (sel->through)
		str_addf(&out, " --through=%s", sel->through);
	for (size_t l = 0; l < sizeof lists / sizeof *lists; l++)
		for (size_t i = 0; lists[l].words && lists[l].words[i]; i++)
			str_addf(&out, "%s%s%s%s", i ? "," : " --", i ? "" : lists[l].name,
				 i ? "" : "=", lists[l].words[i]);
	if (sel->proofs_later)
		str_add(&out, " --proofs=later");
	str_put(w->selection, sizeof w->selection, out.len ? str_text(&out) + 1 : "");
	if (w->journal)
		journal_select(w->journal, w->selection);
}

int
workspace_plan(struct workspace *w, const struct selection *sel, field_note_fn note, void *ctx)
{
	struct selection here = *sel;
	here.simulated = w->world == WORLD_SIMULATED;
	w->plan = plan_free(w->plan);
	w->plan = plan_build(&w->model, w->catalog, &here, note, ctx);
	workspace_select(w, sel);
	return w->plan ? 0 : E_INPUT;
}

/* "cluster-1.cluster.lan-1a2b3c4d/simulated": readable, and another file is another folder. */
static void
folder_name(const struct workspace *w, struct str *out)
{
	char title[HOST_SIZE];
	model_title(&w->model, title);
	CLEANUP(freep) char *path = realpath(w->path, NULL);
	const char *from = path ? path : w->path;
	for (char *c = title; *c; c++)
		if (!isalnum((unsigned char)*c) && *c != '.' && *c != '-')
			*c = '_';
	str_addf(out, "clusters/%s-%08x/%s", title, (unsigned)hash64(from, strlen(from)),
		 world_ids[w->world]);
}

static char *
pins_path(const struct workspace *w, struct err *err)
{
	if (w->world == WORLD_REAL)
		return xasprintf("%s.pins", w->path);
	if (w->world == WORLD_SIMULATED)
		return xasprintf("%s/pins", w->folder);
	CLEANUP(freep) char *folder = paths_state("lab", err);
	return folder ? xasprintf("%s/pins", folder) : NULL;
}

int
workspace_record(struct workspace *w, struct err *err)
{
	CLEAN_STR name = STR_INIT(1024);
	folder_name(w, &name);
	workspace_unrecord(w);
	w->folder = paths_state(str_text(&name), err);
	w->pins = w->folder ? pins_path(w, err) : NULL;
	if (!w->pins)
		return err->code;
	CLEANUP(freep) char *lock = xasprintf("%s/lock", w->folder);
	int code = journal_lock(lock, &w->lock, err);
	if (code) {
		w->lock = -1;
		return code;
	}
	CLEANUP(freep) char *path = xasprintf("%s/journal.db", w->folder);
	w->journal = journal_open(w->loop, path, err);
	if (!w->journal)
		return err->code;
	journal_select(w->journal, w->selection);
	journal_keep(w->journal, w->model.cluster.keep_runs, w->model.cluster.keep_size);
	return 0;
}

void
workspace_unrecord(struct workspace *w)
{
	w->journal = journal_close(w->journal);
	journal_unlock(w->lock);
	w->lock = -1;
	free(w->folder);
	free(w->pins);
	w->folder = w->pins = NULL;
}
