/* Translation: _() at the point of use, N_() in tables, P_() for plurals. */
#ifndef BASE_NLS_H
#define BASE_NLS_H

#include <stddef.h>

#if !defined ENABLE_NLS || ENABLE_NLS
#define _(text) nls_get(text)
#define P_(one, many, n) nls_get_plural(one, many, n)
#else
#define _(text) (text)
#define P_(one, many, n) ((n) == 1 ? (one) : (many))
#endif
#define N_(text) text

/* Sets the locale and the message language. `lang` ("fr", "en", NULL = by the locale)
 * also works where no such locale was generated, because the catalogue is read by nls.c
 * itself. Numbers keep their point: LC_NUMERIC stays "C". Returns -EINVAL, and English, for
 * a language the program has no texts for. */
int nls_init(const char *lang);
/* Two-letter language in force: "en", "fr". Step texts use it for key[xx]. */
const char *nls_lang(void);
const char *nls_get(const char *msgid) __attribute__((format_arg(1)));
const char *nls_get_plural(const char *one, const char *many, unsigned long n)
	__attribute__((format_arg(1), format_arg(2)));

/* Takes the bytes of a .mo file as the catalogue: -EINVAL when they are none. Copied. */
int nls_load(const void *mo, size_t n);

#endif
