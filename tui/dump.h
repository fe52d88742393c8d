/* The screen as a text file, for a report of a mistake. */
#ifndef TUI_DUMP_H
#define TUI_DUMP_H

#include "base/err.h"

/* Writes the last frame into the state folder. Returns the path, which the caller frees; NULL
 * and *e when it cannot. */
char *dump_screen(struct err *e);

#endif
