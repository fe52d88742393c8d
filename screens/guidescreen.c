/* The guide on a screen: searchable, whatever is below it. */
#include "screens/screens.h"

#include <string.h>
#include "base/nls.h"
#include "screens/guide.h"

static void
entries_add(struct pager *p, const char *heading, const struct guide_entry *e)
{
	pager_addf(p, ROLE_TITLE, false, "%s", heading);
	for (; e->title; e++) {
		pager_add(p, "", 0, ROLE_TEXT, false);
		pager_addf(p, ROLE_ACCENT, false, "%s", _(e->title));
		pager_addf(p, ROLE_TEXT, false, "%s", _(e->text));
	}
}

void
screen_guide(struct wizard *w)
{
	struct pager *p = screen_text(w, _("guide"), _("Ways on, and the words of the field"));
	p->wrap = true;
	entries_add(p, _("What now?"), guide_stuck);
	pager_add(p, "", 0, ROLE_TEXT, false);
	pager_addf(p, ROLE_TITLE, false, "%s", _("Signs beside the chapters"));
	pager_add(p, "", 0, ROLE_TEXT, false);
	for (const struct guide_entry *e = guide_signs; e->title; e++)
		pager_addf(p, ROLE_TEXT, false, "%-2s  %s", e->title, _(e->text));
	pager_add(p, "", 0, ROLE_TEXT, false);
	entries_add(p, _("Words"), guide_words);
	pager_home(p);
}
