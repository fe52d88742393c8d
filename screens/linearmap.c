/* The map in sentences. */
#include "screens/linearpriv.h"

#include <string.h>
#include "base/nls.h"
#include "screens/maprows.h"
#include "screens/pings.h"

enum { PROBES_MS = 1500 }; /* until each VM had the time to answer */

static void
sentences_say(char *text)
{
	for (char *line = text, *end; line && *line; line = end) {
		end = line + strcspn(line, "\n");
		if (*end)
			*end++ = '\0';
		linear_say(line);
	}
}

static void
map_say(void *ctx)
{
	struct linear *l = ctx;
	struct map_rows rows = { 0 };
	const struct map_row *r;
	map_rows_fill(l->w.map, &rows);
	vec_each(r, &rows.at) {
		CLEAN_STR text = STR_INIT(LINE_MAX_BYTES);
		if (r->kind == MAP_HEADING) {
			linear_say("");
			linear_say(r->heading);
			continue;
		}
		map_row_tell(&l->w, r, &text);
		sentences_say(text.s);
	}
	map_rows_done(&rows);
	pings_stop(&l->w);
	l->waiting = false;
	page_show(l);
	linear_resume(l);
}

void
linear_map(struct linear *l)
{
	l->waiting = true;
	pings_start(&l->w);
	loop_timer_add(l->w.loop, PROBES_MS, map_say, l);
}
