/* Between theme.c, term.c and paint.c: roles as curses knows them. */
#ifndef TUI_THEMEPRIV_H
#define TUI_THEMEPRIV_H

#include <curses.h>

#include "tui/theme.h"

/* After curses has begun. */
void theme_start(bool color);
void theme_get(enum role r, attr_t *ret_attr, short *ret_pair);
/* A pair for two of 256 colours, -1 = the terminal's own; 0 when there is none left. */
short theme_pair(int fg, int bg);

#endif
