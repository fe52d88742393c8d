/* The LUNs in sentences, after the console has read them. */
#include "screens/linearpriv.h"

#include <string.h>
#include "base/nls.h"
#include "screens/lunlook.h"

static void
row_say(const struct lun_row *row)
{
	CLEAN_STR text = STR_INIT(LINE_MAX_BYTES);
	lun_row_tell(row, &text);
	linear_say("");
	for (char *line = text.s, *end; line && *line; line = end) {
		end = line + strcspn(line, "\n");
		if (*end)
			*end++ = '\0';
		linear_say(line);
	}
}

static void
looked(void *ctx)
{
	struct linear *l = ctx;
	const struct lun_row *row;
	if (lunlook_runs(l->look))
		return;
	const struct lun_rows *rows = lunlook_rows(l->look);
	if (lunlook_trouble(l->look))
		linear_say(lunlook_trouble(l->look)->what);
	if (!rows->rows.n)
		linear_say(_("The cluster file names no LUN."));
	vec_each(row, &rows->rows)
		row_say(row);
	l->look = lunlook_free(l->look);
	l->waiting = false;
	page_show(l);
	linear_resume(l);
}

void
linear_luns(struct linear *l)
{
	l->waiting = true;
	l->look = lunlook_new(&l->w, looked, l);
	if (lunlook_runs(l->look))
		linear_say(_("The targets are being read; nothing is written to them."));
	else
		looked(l);
}
