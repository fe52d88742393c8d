/* Bytes of a keyboard to keys. It knows the sequences of the common terminals beside those
 * that terminfo gives, and lets nothing of an unknown one through as letters. */
#ifndef TUI_KEYIN_H
#define TUI_KEYIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct keyin {
	unsigned char buf[4096];
	size_t n;
	bool pasting; /* between the marks of bracketed paste */
};

enum keyin_kind { KEYIN_NOTHING, KEYIN_PARTIAL, KEYIN_KEY, KEYIN_MOUSE };

struct keyin_event {
	uint32_t code; /* key.h */
	bool pasted;
	int y, x;   /* KEYIN_MOUSE: where, from 0 */
	int wheel;  /* -1 up, 1 down, 0 a click */
};

/* A sequence of this terminal (terminfo); kept until keyin_forget(). */
void keyin_define(const char *sequence, uint32_t code);
void keyin_forget(void);

/* Returns how many of the bytes it took. */
size_t keyin_feed(struct keyin *k, const void *bytes, size_t n);
/* The next event. KEYIN_PARTIAL: what is there may be the start of a sequence; when nothing
 * more comes in time, ask with final = true. */
enum keyin_kind keyin_next(struct keyin *k, bool final, struct keyin_event *ret_event);

#endif
