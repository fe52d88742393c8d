/* The options of all verbs, described once: parsing, --help and the manual page come from
 * this table. */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include "base/vec.h"
#include "engine/model.h"

/* A VEC of borrowed texts with a name, so that the table can point at one. */
struct words {
	const char **at;
	size_t n, cap;
};

/* What the command line said. Texts are borrowed from argv, lists are split copies. */
struct options {
	struct words words; /* what is no option: FILE first */
	int world;               /* enum world */
	bool dry;
	const char *record;
	const char *through;
	/* After options_parse() a list ends with a NULL that is not counted; `at` is NULL when
	 * the option was not given. */
	struct words only, nodes, confirm;
	VEC(char *) owned; /* the copies the lists point into */
	bool proofs_later, drills, yes, json, verbose;
	const char *secrets;
	const char *target, *chap_user, *initiator, *via; /* of `probe` */
	int timeout_s;                                    /* of `probe`; 0 = its own */
	const char *faults;
	int speed; /* virtual seconds per real one; 0 = at once; -1 = by the terminal */
	const char *html; /* of `report` */
	int diff;         /* likewise: a run of the journal, 0 = none */
	int verb;     /* enum verb, of `script` */
	int platform; /* enum platform; -1 = the cluster file's */
	const char *lab_nodes, *to; /* of `lab`: how many hypervisors, the checkpoint */
	bool now, force, between;
	const char *vm, *node; /* of `drill`; its destination is `to` */
	int color; /* enum theme_color, of the wizard */
	bool demo, linear, ascii, mouse;
	const char *shot;
};

enum option_type { OPTION_FLAG, OPTION_TEXT, OPTION_LIST, OPTION_NUMBER, OPTION_CHOICE };

struct option_row {
	const char *name;  /* "through" */
	char letter;       /* 'v', or 0 */
	const char *arg;   /* N_() "CHAPTER"; NULL = takes none */
	const char *help;  /* N_() one line */
	const char *verbs; /* "plan check": the verbs that take it */
	enum option_type type;
	size_t offset; /* in struct options */
	const char *const *choices;
};

extern const struct option_row option_rows[]; /* ends with a NULL name */

/* Reads argv[1..] of this verb. false after a message on stderr: the verb returns EXIT_INPUT. */
bool options_parse(struct options *o, int argc, char **argv);
void options_done(struct options *o);
/* The lines "  --through=CHAPTER  …" of this verb. */
void options_print(FILE *to, const char *verb);

/* The word nearest to what was typed, or NULL: for "did you mean". */
const char *word_nearest(const char *typed, const char *const *words, size_t n);
/* true when the blank-separated list holds the word. */
bool word_in(const char *list, const char *word);

#endif
