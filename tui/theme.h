/* Roles of text on the screen: what something is, never what colour it has. */
#ifndef TUI_THEME_H
#define TUI_THEME_H

#include <stdbool.h>

enum role {
	ROLE_TEXT,
	ROLE_DIM,       /* of less interest, or not possible now */
	ROLE_TITLE,     /* headings and names of boxes */
	ROLE_ACCENT,    /* what to look at first */
	ROLE_BORDER,    /* frames and rules */
	ROLE_FOCUS,     /* the row, button or field that keys go to */
	ROLE_SELECTED,  /* chosen or marked, without the focus */
	ROLE_OK,
	ROLE_CHANGED,
	ROLE_WARN,
	ROLE_FAIL,
	ROLE_BUSY,
	ROLE_FIELD,     /* an input field */
	ROLE_FIELD_BAD, /* one with a mistake in it */
	ROLE_MATCH,     /* what a search found */
	ROLE_BUTTON,    /* one without the focus */
	ROLE_HINT,      /* the hint line */
	ROLE_KEY,       /* names of keys in the key bar */
	ROLE_BAR,       /* title bar and key bar */
	ROLE_BADGE,     /* a word in the title bar that must be seen: SIMULATED */
	ROLE__COUNT
};

enum theme_color { THEME_AUTO, THEME_ALWAYS, THEME_NEVER };

/* Whether to use colours: the option wins, then NO_COLOR (when it is not empty). What the
 * terminal can do is judged when it is entered. */
bool theme_wants_color(enum theme_color choice);
/* One letter a role, for the second plane of a screen shot. */
char theme_letter(enum role r);

#endif
