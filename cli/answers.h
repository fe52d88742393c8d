/* Answers to the engine's questions: from the command line (--yes, --confirm, --secrets), else
 * from the person at the terminal, one line at a time, else nobody's. */
#ifndef CLI_ANSWERS_H
#define CLI_ANSWERS_H

#include <stdbool.h>
#include "base/loop.h"
#include "cli/options.h"
#include "engine/ask.h"

struct answers;

struct answers_spec {
	const struct options *o;
	bool tty; /* a person can be asked, on stderr and stdin */
	/* A secret given on the command line, by name; NULL = none. May be NULL. */
	const char *(*secret)(void *ctx, const char *name);
	void *secret_ctx;
	/* Called with true while a question stands on the terminal. May be NULL. */
	void (*hold)(void *ctx, bool hold);
	void *hold_ctx;
};

struct answers *answers_new(struct loop *l, const struct answers_spec *spec);
struct answers *answers_free(struct answers *a); /* returns NULL; the tty is as it was */
/* For struct asker. */
void answers_ask(void *answers, const struct ask *question, ask_answer_fn answer, void *ctx);
/* Every open question is answered with NULL: the run is being stopped. */
void answers_cancel(struct answers *a);

#endif
