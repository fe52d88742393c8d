/* How far something is, as a bar with words beside it; the words alone where it is narrow. */
#ifndef TUI_GAUGE_H
#define TUI_GAUGE_H

#include "tui/paint.h"

/* One row of the area. total 0: nobody knows how much there is, and there is no bar. words:
 * translated, as "12 of 40 tasks, about 3 min left"; they say it all without the bar. */
void gauge_paint(const struct area *a, int y, enum role role, long done, long total,
		 const char *words);

#endif
