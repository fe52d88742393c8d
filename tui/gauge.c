/* The gauge: words first, the bar in what is left. */
#include "tui/gauge.h"

#include "base/text.h"

enum { BAR_MIN = 8, BAR_MAX = 40, GAP = 2 };

void
gauge_paint(const struct area *a, int y, enum role role, long done, long total, const char *words)
{
	int bar = a->w - text_width(words) - GAP;

	bar = bar > BAR_MAX ? BAR_MAX : bar;
	if (total <= 0 || bar < BAR_MIN) {
		paint_clip(a, y, 0, a->w, role, words, CLIP_END);
		return;
	}
	paint_gauge(a, y, 0, bar, role, done, total);
	paint_clip(a, y, bar + GAP, a->w - bar - GAP, ROLE_TEXT, words, CLIP_END);
}
