/* Words that all front ends use alike: durations, titles of tasks and clusters. */
#ifndef ENGINE_WORDING_H
#define ENGINE_WORDING_H

#include <stdint.h>
#include "base/str.h"
#include "engine/drill.h"
#include "engine/run.h"

/* "cluster-1.cluster.lan  linux  SIMULATED: no real machine is touched". */
void cluster_title(struct str *out, const struct model *m, enum world w);
/* "0.4 s", "12 s", "3 min 05 s", "2 h 03 min". */
void duration_add(struct str *out, int64_t ms);
/* "12.3 s", however long it is. */
void seconds_add(struct str *out, int64_t ms);
/* "2026-11-23 09:14:05 UTC"; nothing for 0. */
void moment_add(struct str *out, int64_t at);
/* "Format the LUN (LUN vm)". */
void task_title(struct str *out, const struct task *t);
/* The risk of what this task would do: of its undo where that is what runs. */
enum risk task_risk(const struct task *t);
/* "read-only", "reversible" …: translated. */
const char *risk_sentence(enum risk r);
/* Columns that the longest place of a plan's tasks needs, at most 20. */
int plan_where_width(const struct plan *p);
/* "2 failed, 3 changed, 14 ok"; "no task". */
void run_counts_add(struct str *list, enum run_mode mode, const struct run_stats *st);
/* What the end of a run means and what to do next: a translated sentence or two. */
const char *run_verdict(enum run_mode mode, int code, const struct run_stats *st);
/* "Power cut of a node (agent)  node hv-1, VM seven". */
void drill_heading_add(struct str *out, const struct drill_view *v);
/* "Predicted silence: 1 min 47 s (noticed 21 s, fenced 38 s)". */
void drill_prediction_add(struct str *out, const struct drill_view *v);

#endif
