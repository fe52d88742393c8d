/* Drills in the journal: what was measured, sample by sample, to be compared with the next time. */
#ifndef ENGINE_JOURNALDRILL_H
#define ENGINE_JOURNALDRILL_H

#include "engine/drill.h"
#include "engine/journal.h"

/* One drill as it was kept; times that were not had are -1. */
struct drill_record {
	int64_t id;         /* of the row */
	char drill_id[17];
	char step[64];      /* "drill/power" */
	char variant[DRILL_NAME_SIZE], vm[NAME_SIZE], node[NAME_SIZE], to[NAME_SIZE];
	char verdict[16];   /* drill_verdict_ids; "" = it was cut off */
	int64_t began;      /* seconds since 1970 */
	int64_t outage_ms, predicted_ms, redundant_ms;
	int64_t phase_ms[PHASE_OTHER]; /* how long each lasted */
	uint64_t sent, lost; /* probes since the deed */
};

/* A sink for one drill: made before drill_new(), fed by it. */
struct drill_journal;
struct drill_journal *drill_journal_new(struct journal *j);
struct drill_journal *drill_journal_free(struct drill_journal *dj); /* returns NULL */
void drill_journal_event(void *drill_journal, const struct drill_event *e);

/* Newest first, of one step and variant ("" and NULL = any). The record is borrowed; non-zero
 * from fn ends the walk. */
int journal_drills(struct journal *j, const char *step, const char *variant,
		   int (*fn)(void *ctx, const struct drill_record *r), void *ctx, struct err *err);
/* Median outage of the last `most` that passed or failed with this step and variant; their number in
 * *ret_n, 0 = none. */
int64_t journal_drill_median(struct journal *j, const char *step, const char *variant, size_t most,
			     size_t *ret_n);
/* The samples of one drill in order; sent_ms counts from the deed. */
int journal_drill_samples(struct journal *j, int64_t id,
			  int (*fn)(void *ctx, const struct ping_sample *s), void *ctx,
			  struct err *err);
/* The phases of one drill in the order in which they came; node may be "", at_ms counts from the deed. */
int journal_drill_phases(struct journal *j, int64_t id,
			 void (*fn)(void *ctx, const char *name, const char *node, int64_t at_ms),
			 void *ctx, struct err *err);
/* "PASSED" for a record's verdict; "cut off" for none. Translated. */
const char *drill_verdict_word(const char *id);

#endif
