/* The map as a picture: networks as lines, machines as boxes on them, LUNs below. */
#ifndef SCREENS_MAPDRAW_H
#define SCREENS_MAPDRAW_H

#include "screens/maprows.h"
#include "tui/paint.h"

struct mapdraw {
	size_t first; /* the leftmost machine that is seen */
};

/* Is there room for it? */
bool mapdraw_fits(const struct wizard *w, const struct area *a);
/* focused: what has the focus, may be NULL. */
void mapdraw_paint(struct mapdraw *d, const struct wizard *w, const struct area *a,
		   const struct map_row *focused);

#endif
