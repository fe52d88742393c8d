/* What the verbs on a cluster file share: opening it, with all its mistakes told on stderr. */
#ifndef CLI_SESSION_H
#define CLI_SESSION_H

#include <stdbool.h>
#include "cli/options.h"
#include "cli/secrets.h"
#include "engine/workspace.h"

struct session {
	struct workspace ws;
	const struct options *o;
	struct secrets *secrets; /* of --secrets; NULL = none */
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
/* Questions can be asked: there is a person at a terminal. */
bool session_has_tty(void);

#endif
