/* What the journal kept, in words: for its screens and for its sentences. */
#ifndef SCREENS_RECORDS_H
#define SCREENS_RECORDS_H

#include "engine/report.h"
#include "screens/wizard.h"

/* "3 failed, 14 ok", "cut off". */
void record_result(const struct wizard *w, const struct journal_run *r, struct str *out);
/* "apply", "check", "take back": translated. */
const char *record_mode(const char *id);
/* What was selected; "everything". */
const char *record_selection(const struct journal_run *r);
/* The word of a task's state by its stable id: translated. */
const char *record_state(const char *id);
/* Failed, or could not be told. */
bool record_is_trouble(const char *id);
/* "Format the LUN (LUN vm) · hv-1"; the key where the step is no more. */
void record_task(const struct wizard *w, const char *key, struct str *out);
/* All that is kept of a task's output, piece by piece; a gap is told in a sentence. What a machine
 * said is not clean. */
void record_output(struct wizard *w, int64_t run, const char *key,
		   void (*piece)(void *ctx, const char *bytes, size_t n), void *ctx);

/* "3 warnings, 41 passed": every mark that there is. */
void report_counts_add(struct str *out, const struct report *r);
/* "Migration: pass -> FAIL" */
void report_change_add(const struct wizard *w, struct str *out, const struct report_change *c);
/* The report as the journal knows it now; NULL after it was told. compared = 0: with nothing. */
struct report *report_load(struct wizard *w, int64_t compared);
/* Where a report goes unless one says so: "/home/…/cluster-1-2026-11-23.html". Caller frees. */
char *report_path(const struct wizard *w);

#endif
