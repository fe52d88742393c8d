/* What is on a LUN, told from its first and last bytes: libblkid plus our own magics. */
#ifndef BACKENDS_SIGNATURE_H
#define BACKENDS_SIGNATURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/err.h"
#include "engine/probe.h"

/* The two ends of a LUN, in a sparse memory file as large as the LUN, so that libblkid finds
 * everything in its place. Only pages that hold something take memory. */
struct window {
	int fd;
	uint64_t size;
	const unsigned char *head;
	size_t head_len;
	const unsigned char *tail; /* NULL when the head covers everything */
	uint64_t tail_at;          /* byte offset of tail[0], a multiple of 64 KiB */
	size_t tail_len;
	bool nonzero;              /* something else than zeros was put in */
	uint64_t nonzero_at;       /* offset of the first such byte */
	bool failed;               /* not all could be kept: the search would miss it */
};

/* Room for `each` bytes (a multiple of 64 KiB) at both ends. 0 or -errno and err. */
int window_open(struct window *w, uint64_t size, size_t each, struct err *err);
/* n bytes of the LUN at this offset, which must lie in one of the windows. */
void window_put(struct window *w, uint64_t at, const unsigned char *bytes, size_t n);
void window_done(struct window *w); /* also of a zeroed one that was never opened */

/* Searches the windows and fills lun->signs, seen.searched, seen.nonzero, seen.nonzero_at.
 * Takes 0.3 to 5 ms, never blocks. */
void signature_search(const struct window *w, uint32_t block_size, struct probe_lun *lun);

/* Offset of the first byte that is not zero, or n. */
size_t bytes_first_nonzero(const unsigned char *p, size_t n);

#endif
