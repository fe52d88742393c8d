/* What the demo guest says, so that a drill can prove that nothing was lost. The guest listens
 * on TCP; for each line it receives it raises its number, writes it to its disk, flushes, and
 * only then answers with one line:
 *
 *	N <nonce> <number>\n
 *
 * nonce: 1 to 32 hex digits, made anew at each boot; number: decimal, always one more than the
 * last one on the disk, over all boots. So a move that keeps the machine running keeps the nonce,
 * a new start changes it, and a number that was answered is never answered again. */
#ifndef ENGINE_GUEST_H
#define ENGINE_GUEST_H

#include <stdbool.h>
#include <stdint.h>

enum {
	GUEST_PORT = 1717,
	GUEST_NONCE_SIZE = 33,
	GUEST_LINE_MAX = 64, /* bytes of an answer, its end included */
};

#define GUEST_ASK "?\n"

struct guest_number {
	char nonce[GUEST_NONCE_SIZE];
	uint64_t number;
};

/* One answer without its line end; false when it is none. */
bool guest_parse(const char *line, struct guest_number *ret);

#endif
