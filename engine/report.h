/* The validation report: every test by category with pass, warning, failure or "not run", the claim
 * behind each answer (what ran where and when, and the fingerprint of its output), drills, and a
 * timeline. One model for both platforms; the sinks only write it down. */
#ifndef ENGINE_REPORT_H
#define ENGINE_REPORT_H

#include <stdbool.h>
#include <stdint.h>
#include "base/err.h"
#include "base/vec.h"
#include "engine/journal.h"
#include "engine/view.h"

enum report_mark { REPORT_PASS, REPORT_WARN, REPORT_FAIL, REPORT_NOT_RUN, REPORT__MARKS };

/* One answer of one machine, about one object. Texts are clean. */
struct report_claim {
	const char *task;   /* "luns/identity(hv-1,vm)" */
	const char *node;   /* "hv-1", "console" */
	const char *object; /* "LUN vm", "" */
	const char *command; /* prints the script that ran: "bascule script tutorial.ini …" */
	const char *script; /* SHA-256 of the step's script; "" = it runs none */
	const char *output; /* SHA-256 of what came back; "" = nothing did */
	int64_t output_bytes;
	int64_t run;        /* in the journal; 0 = not kept */
	int64_t at;         /* seconds since 1970; 0 = it was never told */
	enum report_mark mark;
	bool untold;        /* it was asked and could not be told: not run, and worse than that */
	const char *reason; /* "" = none; of REPORT_WARN the warnings */
	const char *fix;    /* what a person can do, "" */
	const char *tail;   /* of what failed: the last lines it put out, "" = none */
};

struct report_test {
	const struct step *step;
	const char *title;
	enum report_mark mark; /* the worst of its claims */
	size_t counts[REPORT__MARKS];
	VEC(struct report_claim) claims;
};

/* One phase of a drill, or one time of silence; ms since the deed. */
struct report_phase {
	const char *name, *title, *node; /* node: "" = none */
	int64_t at_ms;
};

struct report_silence {
	int64_t from_ms, to_ms;
};

/* A drill as it was measured; -1 = not had. */
struct report_drill {
	const char *step, *variant; /* "drill/power", "agent" or "" */
	const char *name;    /* "Live migration", clean */
	const char *object;  /* "VM seven", "hv-2" */
	const char *verdict; /* stable word: "passed" … "" = it was cut off */
	enum report_mark mark;
	int64_t at, predicted_ms, outage_ms, redundant_ms;
	uint64_t sent, lost; /* probes */
	const struct report_phase *phases;
	size_t nphases;
	int64_t from_ms, to_ms; /* first and last probe, since the deed; equal = none is kept */
	const struct report_silence *silences;
	size_t nsilences;
	int64_t earlier_ms; /* median outage of the same drill's earlier runs */
	size_t nearlier;    /* 0 = there was none */
};

/* One task of the run whose timeline is shown. */
struct report_span {
	const char *task, *title, *node;
	int64_t from_ms, to_ms; /* since the run began */
	enum report_mark mark;
};

struct report_change {
	const struct report_test *test;
	const struct report_claim *claim; /* NULL = the test is no longer there */
	const char *task;
	enum report_mark before, after;   /* REPORT__MARKS = it was, or is, not there */
};

struct report {
	struct arena *arena;
	const struct plan *plan;
	enum world world;
	const char *title;    /* of the cluster */
	int64_t made;         /* seconds since 1970 */
	int64_t run;          /* the last one it knows of; 0 = none */
	VEC(struct report_test) tests; /* by category, then in the flow's order */
	size_t counts[REPORT__MARKS], untold; /* claims */
	VEC(struct report_drill) drills; /* newest first */
	size_t drills_more;   /* older ones that are not shown */
	VEC(struct report_span) spans;
	int64_t wall_ms;      /* of the run that the spans are of */
	int64_t compared;     /* the earlier run; 0 = none */
	VEC(struct report_change) changes;
};

/* What the journal knows up to `run` (0 = all): of each test the last answer. -ENOENT where that
 * run is not there; a journal without any run gives a report in which nothing was run. */
struct report *report_read(const struct plan *p, enum world world, struct journal *j, int64_t run,
			   int64_t now, struct err *err);
/* The same of a run that is not in a journal. */
struct report *report_view(const struct view *v, enum world world, int64_t now);
struct report *report_free(struct report *r); /* returns NULL */
/* Those that the journal has; report_read() does it. */
int report_read_drills(struct report *r, struct journal *j, struct err *err);
/* Texts, phases and silences are copied; NULL is "". */
void report_add_drill(struct report *r, const struct report_drill *d);
/* What is another answer than in the earlier one. */
void report_diff(struct report *r, const struct report *before);
/* 0 all passed, 1 a test failed, 4 one could not be told, 7 some were not run. */
int report_code(const struct report *r);

extern const char *const report_mark_words[]; /* N_(): "pass", "warning", … */
extern const char *const report_mark_ids[];   /* "pass", "warn", "fail", "not-run" */
extern const char *const report_categories[]; /* N_(): by enum step_category */

#endif
