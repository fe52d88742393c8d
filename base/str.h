/* A growing byte string with a mandatory ceiling, and the quoting functions for
 * the two remote languages. What would pass the ceiling is dropped and `cut` is set. */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/alloc.h"

struct str {
	char *s;    /* NUL-terminated once anything was added; NULL before */
	size_t len; /* bytes without the NUL */
	size_t cap;
	size_t max; /* ceiling in bytes */
	bool cut;   /* something did not fit */
};

#define STR_INIT(ceiling) ((struct str){ .max = (ceiling) })
#define CLEAN_STR CLEANUP(str_done) struct str

void str_done(struct str *s);  /* frees; usable with CLEANUP */
void str_wipe(struct str *s);  /* zeroes the bytes, then frees: for secrets */
void str_clear(struct str *s); /* length 0, memory kept */
void str_add(struct str *s, const char *text);
void str_addn(struct str *s, const void *bytes, size_t n);
void str_addc(struct str *s, char c);
void str_addf(struct str *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void str_drop(struct str *s, size_t n); /* removes the first n bytes */
const char *str_text(const struct str *s); /* never NULL */
char *str_steal(struct str *s); /* caller frees; s is empty after */

/* 'text' as one word of a POSIX shell, whatever is in it (NUL cannot be). */
void str_quote_sh(struct str *out, const char *text);
/* 'text' as one PowerShell single-quoted string; typographic quotes, which PowerShell
 * takes for quotes, are doubled as well. */
void str_quote_ps(struct str *out, const char *text);

void str_base64(struct str *out, const void *bytes, size_t n);
/* -EINVAL when the text is not base64; blanks and line ends are skipped. */
int str_unbase64(struct str *out, const char *text, size_t n);
void str_hex(struct str *out, const void *bytes, size_t n);

/* n random bytes from the kernel, as 2n hex digits and a NUL. */
void random_hex(char *out, size_t n);
/* FNV-1a, 64 bits: names of files and jobs, never security. */
uint64_t hash64(const void *bytes, size_t n);

bool str_starts(const char *s, const char *prefix);
bool str_ends(const char *s, const char *suffix);
/* Copies at most size-1 bytes, always terminates; false when it had to cut. */
bool str_put(char *dst, size_t size, const char *src);
/* Strict decimal without sign or blanks; false on overflow or rest. */
bool str_to_u64(const char *s, uint64_t *ret_value);
/* Edit distance for "did you mean": gives up above `limit` and returns limit+1. */
unsigned str_distance(const char *a, const char *b, unsigned limit);

#endif
