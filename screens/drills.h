/* Drills: which there are, the one under way or the last one, and what it tells. */
#ifndef SCREENS_DRILLS_H
#define SCREENS_DRILLS_H

#include "engine/drill.h"
#include "engine/journaldrill.h"
#include "screens/wizard.h"
#include "tui/strip.h"

/* A drill in one of its variants, with what the journal knows of it. */
struct drill_offer {
	const struct step *step;
	const char *variant; /* "" = it has none */
	struct drill_record last;
	bool had;            /* last is one */
	int64_t median_ms;   /* of the last ones; median_n = 0: there is none */
	size_t median_n;
};

struct drill_offers {
	VEC(struct drill_offer) at;
};

void drill_offers_fill(struct wizard *w, struct drill_offers *ret);
void drill_offers_done(struct drill_offers *o);
/* "passed, silent for 1.4 s, median of 3: 1.5 s"; "never done". */
void drill_offer_past(const struct drill_offer *o, struct str *out);
/* Does it happen to a node that has to be chosen? */
bool drill_has_victim(const struct step *s);

struct exertion {
	struct wizard *w;
	struct plan *plan;
	struct task *task;
	struct drill_args args;
	struct drill *drill;
	struct drill_journal *kept;
	struct asker asker;
	bool runs, stopping;
	/* what it tells, for a chart; times count from zero_ms */
	struct strip strip;
	int64_t zero_ms;     /* loop clock; of the first probe */
	int64_t phase_ms;    /* where the phase that goes on began */
	int64_t silence_ms;  /* and the last silence */
	struct pager told;
	bool silent;
	int percent;
	char *order;         /* what a person has been asked to do to a machine; NULL = nothing now */
};

/* Begins; args as for drill_new(). False after it was told why not. */
bool exertion_begin(struct wizard *w, const struct step *s, const struct drill_args *args);
/* First call: what was taken away is put back; second: leave at once. */
void exertion_stop(struct wizard *w);
void exertion_abort(struct wizard *w);
/* In the simulated world: the rest passes at once. */
void exertion_hurry(struct wizard *w);
void exertion_drop(struct wizard *w);
bool exertion_runs(const struct wizard *w);

/* ---- drilllines.c ---- */

/* What the event says, by front->drill_line(). */
void drill_lines(struct exertion *x, const struct drill_event *e);

#endif
