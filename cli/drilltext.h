/* A drill as lines a person reads, or as JSON lines. */
#ifndef CLI_DRILLTEXT_H
#define CLI_DRILLTEXT_H

#include <stdbool.h>
#include "base/loop.h"
#include "engine/drill.h"
#include "engine/journal.h"

struct drilltext;

/* journal: to compare with earlier drills, may be NULL. */
struct drilltext *drilltext_new(struct loop *l, struct journal *journal, bool verbose);
struct drilltext *drilltext_free(struct drilltext *w); /* returns NULL */
/* The sink. */
void drilltext_event(void *drilltext, const struct drill_event *e);
/* Takes the live line off the screen while a question is open. */
void drilltext_hold(void *drilltext, bool hold);
/* A line of the program itself. */
void drilltext_say(struct drilltext *w, const char *text);

/* The other sink; ctx is a FILE *. */
void drilljson_event(void *file, const struct drill_event *e);

#endif
