/* What the two halves of the pager share. */
#ifndef TUI_PAGERPRIV_H
#define TUI_PAGERPRIV_H

#include "tui/pager.h"

const struct pager_line *pager_line(const struct pager *p, size_t i);
bool pager_shows(const struct pager *p, size_t i); /* by the filter */
int pager_rows_of(const struct pager *p, size_t i); /* of the screen, 1 unless wrapped */
int pager_widest(const struct pager *p);            /* columns, of the lines that are seen */
void pager_to_end(struct pager *p);

#endif
