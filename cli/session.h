/* What the verbs on a cluster file share: reading it with all its mistakes, the plan, the state
 * folder with journal and lock. */
#ifndef CLI_SESSION_H
#define CLI_SESSION_H

#include <stdbool.h>
#include "base/loop.h"
#include "cli/options.h"
#include "cli/secrets.h"
#include "engine/journal.h"
#include "engine/plan.h"
#include "engine/services.h"

struct session {
	const struct services *sv;
	const struct options *o;
	struct loop *loop;
	struct model model;
	struct secrets *secrets; /* of --secrets; NULL = none */
	struct catalog *catalog;
	struct plan *plan;
	char *folder; /* state of this cluster in this world */
	char *pins;
	struct journal *journal; /* NULL when another console holds it (checks only) */
	int lock;                /* -1 = not held */
};

/* Reads the cluster file (words[0]) and lays the lab over it. EXIT_DONE, or after all mistakes
 * were told on stderr an exit code. */
int session_read(struct session *s, const struct services *sv, const struct options *o);
/* Catalogue and plan of what was selected; likewise. */
int session_plan(struct session *s, bool undo);
/* State folder, local lock, journal. A check goes on without a lock when that is held. */
int session_record(struct session *s, bool changes);
void session_done(struct session *s);
/* A secret of the command line, by name: for the run and for answers. */
const char *session_secret(void *session, const char *name);

/* "bascule: sentence" and the hint, on stderr. */
void err_print(const struct err *err);
/* The exit code that an error stands for. */
int err_exit(const struct err *err);
/* "real machines", "SIMULATED: no real machine is touched": translated. */
const char *world_sentence(enum world w);
const char *world_id(enum world w);
/* Questions can be asked: there is a person at a terminal. */
bool session_has_tty(void);

#endif
