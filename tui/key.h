/* Keys: their codes and names, and the action each of them stands for. */
#ifndef TUI_KEY_H
#define TUI_KEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "tui/action.h"

/* A code is a character (control characters as they are: ^C is 3), or one of these. */
enum {
	KEYC_NONE = 0,
	KEYC_TAB = 0x09,
	KEYC_ENTER = 0x0d,
	KEYC_ESC = 0x1b,
	KEYC_F0 = 0x110000, /* KEYC_F0 + n is Fn, 1..20 */
	KEYC_UP = 0x110040,
	KEYC_DOWN,
	KEYC_LEFT,
	KEYC_RIGHT,
	KEYC_HOME,
	KEYC_END,
	KEYC_PAGE_UP,
	KEYC_PAGE_DOWN,
	KEYC_BACKTAB,
	KEYC_INSERT,
	KEYC_DELETE,
	KEYC_BACKSPACE,
};

/* What a screen or a widget is given. While the focus is in an input field a character has
 * no action, so that letters are text there. */
struct key {
	enum action action; /* ACTION_NONE: a character, or a key that means nothing */
	uint32_t ch;        /* the character when it is printable, else 0 */
	int n;              /* ACTION_NODE: 1..9, ACTION_NODE_ALL: 0 */
	uint32_t code;      /* the key itself: for what passes keys on */
	bool pasted;        /* part of pasted text: never an action */
};

struct key key_make(uint32_t code, bool editing, bool pasted);
/* Code of a key by its name: "F4", "x", "^C", "Esc", "Space", "PgUp"; KEYC_NONE: no such. */
uint32_t key_parse(const char *name);
/* Its name, for people: "F4", "^C". size: 16 is enough. */
void key_label(uint32_t code, char *name, size_t size);
/* The first key of an action, as it is named in the key bar; "" when it has none. */
void key_of_action(enum action a, char *name, size_t size);
/* The same names as they stand on the keyboards of the language; one of them, or a list. */
void key_translate(const char *names, struct str *out);
uint32_t key_first(enum action a); /* its code */
enum action key_action(uint32_t code);
/* The character as UTF-8, terminated; returns its bytes. */
size_t key_utf8(uint32_t ch, char out[5]);

#endif
