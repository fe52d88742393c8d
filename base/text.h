/* UTF-8 text for a terminal: made harmless, measured, clipped, wrapped. Remote text
 * passes text_clean() before any screen or plain output; the journal keeps the original. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/str.h"

/* Appends `in` to `out` with nothing in it that could move a cursor or lie to a reader:
 * invalid UTF-8 becomes U+FFFD; C0, C1 and DEL become ^X or <XX>; bidi controls, zero-width,
 * tag, private-use and interlinear characters become <U+XXXX>; tab becomes blanks to
 * the next multiple of 8; at most two combining marks stay on one character.
 * '\n' is kept only when `keep_newline`. */
void text_clean(struct str *out, const char *in, size_t n, bool keep_newline);

/* Decodes one character strictly. Returns its length in bytes (1..4), or 0 when invalid. */
size_t text_decode(const char *s, size_t n, unsigned *ret_char);

/* Columns of a character: 0 for a combining mark, -1 for what is not shown as itself
 * (controls, and what hides, joins or reorders). */
int text_columns(unsigned c);
/* Columns a cleaned string takes on a terminal. */
int text_width(const char *s);
/* Bytes of the character at the start of a cleaned string with the marks that stand on it, and its
 * columns; 0 at the end. */
size_t text_step(const char *s, int *ret_columns);
/* Where the character before byte `at` starts, its marks included; 0 at the start. */
size_t text_back(const char *s, size_t at);
/* The first place in s that reads like `what`, whatever the case, and its bytes; else NULL. */
const char *text_find(const char *s, const char *what, size_t *ret_bytes);
/* Appends at most `columns` columns of s. Returns the columns used. */
int text_clip(struct str *out, const char *s, int columns);
/* Appends s clipped or padded with blanks to exactly `columns`. */
void text_pad(struct str *out, const char *s, int columns);
/* Shortens in the middle ("long-…-name"): the ends of host names tell them apart. */
void text_clip_middle(struct str *out, const char *s, int columns);
/* Calls line() for each wrapped line of a paragraph text; "\n\n" separates paragraphs. */
void text_wrap(const char *s, int columns, void (*line)(void *ctx, const char *text), void *ctx);

/* Appends thousandths as "12.3", rounded, with the language's own decimal mark. */
void tenths_add(struct str *out, int64_t thousandths);

/* True when the locale's character set is UTF-8. */
bool text_locale_is_utf8(void);

#endif
