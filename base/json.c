/* The few things the program wants from jansson. */
#include "base/json.h"

#include <string.h>

#include "base/alloc.h"
#include "base/log.h"
#include "base/nls.h"
#include "base/text.h"

json_t *
json_text(const char *s, size_t n)
{
	CLEAN_STR valid = STR_INIT(3 * n + 1);
	unsigned c;
	json_t *value;

	for (size_t i = 0, len; i < n; i += len) {
		len = text_decode(s + i, n - i, &c);
		if (len)
			str_addn(&valid, s + i, len);
		else
			str_add(&valid, "\xef\xbf\xbd");
		len = len ? len : 1;
	}
	value = json_stringn_nocheck(str_text(&valid), valid.len);
	return value ? value : json_null();
}

void
json_put_text(json_t *o, const char *key, const char *text, size_t n)
{
	CLEAN_STR safe = STR_INIT(n + 1);

	if (!n)
		return;
	log_redact(&safe, text, n);
	json_object_set_new(o, key, json_text(str_text(&safe), safe.len));
}

static int
add_chunk(const char *text, size_t n, void *ctx)
{
	str_addn(ctx, text, n);
	return 0;
}

void
json_line(struct str *out, json_t *take_value)
{
	json_dump_callback(take_value, add_chunk, out, JSON_COMPACT | JSON_ENCODE_ANY);
	str_addc(out, '\n');
	json_decref(take_value);
}

json_t *
json_parse(const char *s, size_t n, struct err *err)
{
	json_error_t e;
	json_t *value = json_loadb(s, n, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &e);

	if (!value)
		err_set(err, -EINVAL, _("not JSON: %s (line %d, column %d)"), e.text, e.line,
			e.column);
	return value;
}

const char *
json_get_text(const json_t *o, const char *key)
{
	const char *text = json_string_value(json_object_get(o, key));

	return text ? text : "";
}

long long
json_get_int(const json_t *o, const char *key)
{
	return json_integer_value(json_object_get(o, key));
}
