/* What the parsers of settings share: rejections with a hint, and the check of raw text. */
#ifndef ENGINE_SETTING_H
#define ENGINE_SETTING_H

#include <stdbool.h>
#include <stddef.h>
#include "base/err.h"
#include "base/str.h"
#include "engine/model.h"

/* All return E_INPUT; hint and fmt are translated already. */
int setting_reject(struct err *err, const char *hint, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
int setting_too_long(struct err *err, const char *text, size_t limit);
/* 0 when the text is UTF-8 without control characters; newlines only when `lines`. */
int setting_check_text(const char *text, bool lines, struct err *err);

/* All NICs at once, "NAME = NETWORK …" a line: all are replaced, or none. */
int nics_set(struct node *n, const char *text, struct err *err);
void nics_get(const struct node *n, struct str *out);

#endif
