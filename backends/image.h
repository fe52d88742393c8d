/* The base image of the practice lab: made from the recipe in lab/, one folder in the cache per
 * state of the recipe, so that a disk never loses the image it stands on. Blocks. */
#ifndef BACKENDS_IMAGE_H
#define BACKENDS_IMAGE_H

#include "backends/site.h"

/* The newest image there is, by the hash of its recipe; "" = none. stale: the recipe has changed
 * since. Caller frees. */
char *image_newest(const struct site *s, bool *ret_stale);
/* Makes the image of today's recipe, unless it is there; force: also then. */
int image_build(struct site *s, bool force, struct err *err);
/* "kvm" when a trial start of the image's kernel shows that it works here, else "tcg". */
const char *image_accel(struct site *s, const char *image);

#endif
