/* SHA-256 (FIPS 180-4): fingerprints of what machines answered, so that a report can be checked. */
#ifndef BASE_SHA256_H
#define BASE_SHA256_H

#include <stddef.h>
#include <stdint.h>

enum { SHA256_BYTES = 32, SHA256_HEX = 65 };

struct sha256 {
	uint32_t state[8];
	uint64_t total; /* bytes so far */
	unsigned char block[64];
};

void sha256_init(struct sha256 *s);
void sha256_add(struct sha256 *s, const void *bytes, size_t n);
/* Of what was added so far, as 64 hex digits and a NUL; more may be added afterwards. */
void sha256_hex(const struct sha256 *s, char out[SHA256_HEX]);

#endif
