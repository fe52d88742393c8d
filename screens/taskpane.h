/* What is known of one task, in a box. */
#ifndef SCREENS_TASKPANE_H
#define SCREENS_TASKPANE_H

#include "engine/view.h"
#include "tui/paint.h"

void task_pane_paint(const struct view *v, const struct task *t, const struct area *a); /* t: may be NULL */

#endif
