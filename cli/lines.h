/* The text sink: one line per task when it ends, causes and next actions under it, a progress
 * line on a terminal, a verdict at the end. */
#ifndef CLI_LINES_H
#define CLI_LINES_H

#include <stdbool.h>
#include <stdint.h>
#include "base/loop.h"
#include "base/str.h"
#include "engine/event.h"
#include "engine/run.h"

struct lines;

struct lines *lines_new(struct loop *l, const struct plan *p, enum run_mode mode, bool verbose);
struct lines *lines_free(struct lines *w); /* returns NULL */
/* The sink. */
void lines_event(void *lines, const struct event *e);
/* A line of the program itself between those of the run, e.g. "stopping". */
void lines_say(struct lines *w, const char *text);
/* Takes the progress line off the screen while a question is open, and lets it come again. */
void lines_hold(void *lines, bool hold);

/* "cluster-1.cluster.lan  linux  SIMULATED: no real machine is touched". */
void lines_title(struct str *out, const struct model *m, enum world w);
/* "0.4 s", "12 s", "3 min 05 s", "2 h 03 min". */
void duration_add(struct str *out, int64_t ms);
/* Columns of the terminal on stdout; 80 elsewhere. */
int lines_columns(void);
/* "Format the LUN (LUN vm)". */
void task_title(struct str *out, const struct task *t);
/* Columns that the longest place of a plan's tasks needs, at most 20. */
int plan_where_width(const struct plan *p);

#endif
