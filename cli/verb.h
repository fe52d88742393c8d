/* A verb of the plain command line: one file in cli/, one row in verbs[]. */
#ifndef CLI_VERB_H
#define CLI_VERB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include "engine/run.h"

struct services; /* engine/services.h: what bascule.c wires (transports, probe, lab, inventory) */

struct verb_entry {
	const char *name;
	const char *args; /* N_() "FILE [OPTIONS]" */
	const char *help; /* N_() one sentence */
	/* argv[0] is the verb itself. Returns an exit code. */
	int (*run)(const struct services *sv, int argc, char **argv);
	/* So many words may stand between our global options (--lang, --help); what follows them
	 * belongs to another command. 0 = no limit. */
	int words;
};

extern const struct verb_entry verbs[]; /* ends with a NULL name */

/* NULL when there is none. */
const struct verb_entry *verb_find(const char *name);
/* Tells that there is no such verb, with a suggestion. Returns EXIT_INPUT. */
int verb_unknown(const char *name);
void verbs_usage(FILE *to);
void verb_usage(FILE *to, const struct verb_entry *v);

int verb_check(const struct services *sv, int argc, char **argv);
int verb_plan(const struct services *sv, int argc, char **argv);
int verb_apply(const struct services *sv, int argc, char **argv);
int verb_undo(const struct services *sv, int argc, char **argv);
int verb_drill(const struct services *sv, int argc, char **argv);
int verb_script(const struct services *sv, int argc, char **argv);
int verb_report(const struct services *sv, int argc, char **argv);
int verb_probe(const struct services *sv, int argc, char **argv);
int verb_lab(const struct services *sv, int argc, char **argv);
int verb_doctor(const struct services *sv, int argc, char **argv);

#endif
