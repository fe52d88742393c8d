/* An opened cluster: its file, the lab laid over it, catalogue, plan, and the state folder with
 * journal, pins and lock. Every front end opens a cluster this way. */
#ifndef ENGINE_WORKSPACE_H
#define ENGINE_WORKSPACE_H

#include <stdbool.h>
#include "base/loop.h"
#include "engine/journal.h"
#include "engine/plan.h"
#include "engine/services.h"

struct workspace {
	const struct services *sv;
	struct loop *loop;
	bool loop_owned;
	char *path;        /* of the cluster file */
	enum world world;
	struct model model;
	struct catalog *catalog;
	struct plan *plan;
	char selection[256]; /* of the plan, as it is typed; "" = everything */
	char *folder; /* state of this cluster in this world */
	char *pins;
	struct journal *journal; /* NULL when another console holds it (checks only) */
	int lock;                /* -1 = not held */
};

/* Cannot fail. loop: borrowed; NULL = one of its own. */
void workspace_init(struct workspace *w, const struct services *sv, struct loop *loop);
void workspace_done(struct workspace *w);

/* The cluster file. Every mistake goes to note(); 0 or E_INPUT. The path is copied. */
int workspace_read(struct workspace *w, const char *path, field_note_fn note, void *ctx);
/* The world, with the lab laid over the model when it is the lab's. */
int workspace_world(struct workspace *w, enum world world, struct err *err);
/* The steps of the cluster's platform in the language of the program. 0 or E_INPUT, mistakes to note(). */
int workspace_catalog(struct workspace *w, field_note_fn note, void *ctx);
/* A plan of this selection, in this world, instead of the one that was; likewise. */
int workspace_plan(struct workspace *w, const struct selection *sel, field_note_fn note, void *ctx);
/* What the next run is about, as it is typed on a command line: for the journal. */
void workspace_select(struct workspace *w, const struct selection *sel);
/* State folder, local lock, journal. E_BUSY: another console holds them; folder and pins are
 * told all the same, so that one may go on without a journal as long as nothing is changed. */
int workspace_record(struct workspace *w, struct err *err);
void workspace_unrecord(struct workspace *w);

/* "real machines", "SIMULATED: no real machine is touched": translated. */
const char *world_sentence(enum world w);
/* "real", "lab", "simulated": never translated. */
const char *world_id(enum world w);

#endif
