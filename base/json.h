/* JSON through jansson, kept in one place: building lines for --json, reading QMP. */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <jansson.h>
#include "base/err.h"
#include "base/str.h"

/* A jansson string from any bytes: invalid UTF-8 is replaced by U+FFFD. */
json_t *json_text(const char *s, size_t n);
/* A member, with invalid UTF-8 replaced and no secret in it; nothing when there is no text. */
void json_put_text(json_t *o, const char *key, const char *text, size_t n);
/* Appends compact JSON and '\n'. Takes the reference. */
void json_line(struct str *out, json_t *take_value);
/* Parses one document; NULL and err on failure. Owned by the caller. */
json_t *json_parse(const char *s, size_t n, struct err *err);
/* Member access that never fails: "" / 0 where absent or of another type. */
const char *json_get_text(const json_t *o, const char *key);
long long json_get_int(const json_t *o, const char *key);

#endif
