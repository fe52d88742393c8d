/* Signs that are not letters: one table with a UTF-8 and an ASCII column. Each takes one
 * column of the screen, if nothing else is said. */
#ifndef TUI_GLYPH_H
#define TUI_GLYPH_H

#include <stdbool.h>

enum glyph {
	GLYPH_H, /* frames */
	GLYPH_V,
	GLYPH_TOP_LEFT,
	GLYPH_TOP_RIGHT,
	GLYPH_BOTTOM_LEFT,
	GLYPH_BOTTOM_RIGHT,
	GLYPH_TEE_LEFT, /* joins a line that comes from the right */
	GLYPH_TEE_RIGHT,
	GLYPH_TEE_TOP,
	GLYPH_TEE_BOTTOM,
	GLYPH_CROSS,
	GLYPH_ELLIPSIS, /* text goes on */
	GLYPH_MARK,     /* a marked row */
	GLYPH_HERE,     /* the row one is at */
	GLYPH_ON,       /* a switch, three columns */
	GLYPH_OFF,
	GLYPH_BULLET,
	GLYPH_DOT, /* between words of a title */
	GLYPH_FULL,
	GLYPH_EMPTY,
	GLYPH_SECRET, /* a character of a password */
	GLYPH_BAR_1,  /* eight heights of a bar */
	GLYPH_BAR_2,
	GLYPH_BAR_3,
	GLYPH_BAR_4,
	GLYPH_BAR_5,
	GLYPH_BAR_6,
	GLYPH_BAR_7,
	GLYPH_BAR_8,
	GLYPH_PING_OK, /* strip charts */
	GLYPH_PING_LOST,
	GLYPH_EVENT,
	GLYPH__COUNT
};

const char *glyph(enum glyph g);
/* From now on nothing but ASCII goes to the terminal. At first this follows the locale. */
void glyph_force_ascii(bool ascii);
bool glyph_is_ascii(void);
/* The ASCII character that stands best for a wider one: 'e' for é, '?' at the worst. */
char glyph_fold(unsigned ch);

#endif
