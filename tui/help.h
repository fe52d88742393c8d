/* The help overlay: what the keys do here, from the list of actions. */
#ifndef TUI_HELP_H
#define TUI_HELP_H

#include "tui/action.h"

struct screen;

/* here: what the screen below offers; copied. To be pushed. */
struct screen *help_new(const struct action_set *here);

#endif
