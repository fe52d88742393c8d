/* What the two halves of the list share. */
#ifndef TUI_LISTPRIV_H
#define TUI_LISTPRIV_H

#include "tui/list.h"

/* Asks for the rows again: `shown` and the focus are right after it. */
void list_update(struct list *l);
bool list_is_heading(const struct list *l, size_t row);
bool list_may_mark(const struct list *l, size_t row);

#endif
