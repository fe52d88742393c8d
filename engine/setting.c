/* Settings as text: every type of field is parsed and printed here. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/nls.h"
#include "base/text.h"
#include "engine/address.h"
#include "engine/field.h"
#include "engine/setting.h"

enum { SETTING_MAX = 16384 };

int
setting_reject(struct err *err, const char *hint, const char *fmt, ...)
{
	char what[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof what, fmt, ap);
	va_end(ap);
	err_set(err, E_INPUT, "%s", what);
	err_hint(err, "%s", hint);
	return E_INPUT;
}

int
setting_too_long(struct err *err, const char *text, size_t limit)
{
	err_set(err, E_INPUT, _("'%.40s…' is %zu bytes long, the limit is %zu"), text,
		strlen(text),
		limit);
	err_hint(err, _("Use a shorter text."));
	return E_INPUT;
}

/* A user's text must be printable UTF-8: it ends up in scripts and on screens. */
int
setting_check_text(const char *text, bool lines, struct err *err)
{
	unsigned c;
	size_t n;

	for (const char *s = text; *s; s += n) {
		n = text_decode(s, strlen(s), &c);
		if (!n) {
			err_set(err, E_INPUT, _("the text is not UTF-8"));
			err_hint(err, _("Save the file as UTF-8."));
			return E_INPUT;
		}
		if ((c < ' ' && !(lines && c == '\n')) || (c >= 0x7f && c < 0xa0)) {
			err_set(err, E_INPUT, _("a control character (%02X) stands in the text"),
				c);
			err_hint(err, _("Remove it; only blanks may separate words."));
			return E_INPUT;
		}
	}
	return 0;
}

/* Words of a list: separated by blanks or commas. Returns the length, 0 at the end. */
static size_t
word_next(const char **text)
{
	*text += strspn(*text, " ,");
	return strcspn(*text, " ,");
}

static int
choice_index(const char *const *choices, const char *word, size_t n)
{
	for (int i = 0; choices[i]; i++)
		if (strlen(choices[i]) == n && strncmp(choices[i], word, n) == 0)
			return i;
	return -1;
}

/* The hint lists what there is, the nearest first when one is near. */
static int
choice_reject(const struct field *f, const char *word, size_t n, struct err *err)
{
	CLEAN_STR all = STR_INIT(200);
	CLEAN_STR given = STR_INIT(80);
	const char *near = NULL;
	unsigned best = 3;

	str_addn(&given, word, n < 80 ? n : 80);
	for (int i = 0; f->choices[i]; i++) {
		unsigned d = str_distance(str_text(&given), f->choices[i], 2);

		if (d < best) {
			best = d;
			near = f->choices[i];
		}
		str_addf(&all, "%s%s", i ? ", " : "", f->choices[i]);
	}
	err_set(err, E_INPUT, _("'%s' is not one of %s"), str_text(&given), str_text(&all));
	if (near)
		err_hint(err, _("Did you mean '%s'?"), near);
	else
		err_hint(err, _("Write one of: %s."), str_text(&all));
	return E_INPUT;
}

bool
size_parse(const char *text, uint64_t *ret_bytes)
{
	static const char units[] = "KMGTP";
	size_t digits = strspn(text, "0123456789");
	const char *unit = text + digits + strspn(text + digits, " ");
	char number[24];
	const char *at;
	unsigned shift = 0;

	if (digits >= sizeof number)
		return false;
	memcpy(number, text, digits);
	number[digits] = '\0';
	if (!str_to_u64(number, ret_bytes))
		return false;
	at = *unit ? strchr(units, *unit) : NULL;
	if (at) {
		shift = 10 * (unsigned)(at - units + 1);
		unit++;
		if (strcmp(unit, "iB") != 0 && *unit)
			return false;
	} else if (*unit && strcmp(unit, "B") != 0) {
		return false;
	}
	if (shift && *ret_bytes > UINT64_MAX >> shift)
		return false;
	*ret_bytes <<= shift;
	return true;
}

void
size_print(uint64_t bytes, struct str *out)
{
	static const char *const units[] = { "", " KiB", " MiB", " GiB", " TiB", " PiB" };
	size_t u = 0;

	while (bytes && bytes % 1024 == 0 && u + 1 < sizeof units / sizeof units[0]) {
		bytes /= 1024;
		u++;
	}
	str_addf(out, "%" PRIu64 "%s", bytes, units[u]);
}

static int
put_text(const struct field *f, void *at, const char *text, struct err *err)
{
	if (strlen(text) >= f->size)
		return setting_too_long(err, text, f->size - 1);
	if (f->choices && choice_index(f->choices, text, strlen(text)) < 0)
		return choice_reject(f, text, strlen(text), err);
	str_put(at, f->size, text);
	return 0;
}

static void
show_text(const struct field *f, const void *at, struct str *out)
{
	(void)f;
	str_add(out, at);
}

static int
put_name(const struct field *f, void *at, const char *text, struct err *err)
{
	if (strchr(text, '/') || strchr(text, '\\') || strchr("-. ", text[0]) ||
	    str_ends(text, " "))
		return setting_reject(
			err, _("A name holds no '/' or '\\' and begins with no '-', '.' or blank."),
			_("'%.80s' is not a name"), text);
	return put_text(f, at, text, err);
}

static bool
text_is_host(const char *text)
{
	struct addr a;
	size_t n;

	if (addr_parse(text, &a))
		return a.prefix < 0;
	for (const char *label = text; strlen(text) <= 253; label += n + 1) {
		n = strspn(label,
			   "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_");
		if (n == 0 || n > 63 || label[0] == '-' || label[n - 1] == '-')
			return false;
		if (!label[n])
			/* All digits at the end: a mistyped address, never a name. */
			return label[strspn(label, "0123456789")] != '\0';
		if (label[n] != '.')
			return false;
	}
	return false;
}

static int
put_host(const struct field *f, void *at, const char *text, struct err *err)
{
	if (!text_is_host(text))
		return setting_reject(err, _("Write it as srv-clust.cluster.lan or 192.168.1.100."),
				      _("'%.80s' is not a host name or address"), text);
	return put_text(f, at, text, err);
}

static int
put_addr(const struct field *f, void *at, const char *text, struct err *err)
{
	struct addr a;

	if (!addr_parse(text, &a))
		return setting_reject(err, _("Write an IPv4 or IPv6 address, as 192.168.1.100."),
				      _("'%.80s' is not an address"), text);
	if (a.prefix >= 0)
		return setting_reject(err, _("Leave out the '/' and what follows."),
				      _("'%.80s' is not an address without a prefix length"), text);
	if (!addr_is_unicast(&a))
		return setting_reject(err,
				      _("Loopback, multicast and zero addresses cannot be used."),
				      _("'%.80s' is not the address of a machine"), text);
	return put_text(f, at, text, err);
}

static int
put_cidr(const struct field *f, void *at, const char *text, struct err *err)
{
	struct addr a;

	if (!addr_parse(text, &a))
		return setting_reject(err, _("Write it as 192.168.1.0/24."),
				      _("'%.80s' is not an address with a prefix length"), text);
	if (a.prefix < 0)
		return setting_reject(err, _("Write it as 192.168.1.0/24."),
				      _("'%.80s' lacks its prefix length"), text);
	return put_text(f, at, text, err);
}

static bool
text_is_iqn(const char *text)
{
	/* RFC 7143, 4.2.7: iqn.yyyy-mm.reversed.domain[:text], lower case, or eui./naa. */
	size_t n = strlen(text);

	if (strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-.:") != n)
		return false;
	if (str_starts(text, "iqn."))
		return strspn(text + 4, "0123456789") == 4 && text[8] == '-' &&
		       strspn(text + 9, "0123456789") == 2 && text[11] == '.' && text[12] &&
		       text[12] != '.' && text[12] != ':' && n < IQN_SIZE;
	return (str_starts(text, "eui.") && n == 20) ||
	       (str_starts(text, "naa.") && (n == 20 || n == 36));
}

static int
put_iqn(const struct field *f, void *at, const char *text, struct err *err)
{
	if (!text_is_iqn(text))
		return setting_reject(err,
				      _("Write it in lower case as iqn.2026-11.lan.cluster:nas."),
				      _("'%.80s' is not an iSCSI name"), text);
	return put_text(f, at, text, err);
}

static int
put_size(const struct field *f, void *at, const char *text, struct err *err)
{
	uint64_t bytes;

	if (!size_parse(text, &bytes))
		return setting_reject(err,
				      _("Write a whole number and a unit: 64 MiB, 4 GiB, 2 TiB."),
				      _("'%.80s' is not a size"), text);
	if (bytes < f->min || (f->max && bytes > f->max)) {
		CLEAN_STR range = STR_INIT(64);

		size_print(f->min, &range);
		str_add(&range, " … ");
		size_print(f->max, &range);
		err_set(err, E_INPUT, _("'%.80s' is outside %s"), text, str_text(&range));
		err_hint(err, _("Choose a size within these limits."));
		return E_INPUT;
	}
	memcpy(at, &bytes, sizeof bytes);
	return 0;
}

static void
show_size(const struct field *f, const void *at, struct str *out)
{
	uint64_t bytes;

	(void)f;
	memcpy(&bytes, at, sizeof bytes);
	if (bytes)
		size_print(bytes, out);
}

static int
put_number(const struct field *f, void *at, const char *text, struct err *err)
{
	uint64_t max = f->max ? f->max : f->size == 2 ? UINT16_MAX : UINT32_MAX;
	uint64_t n;

	if (!str_to_u64(text, &n))
		return setting_reject(err, _("Write digits only."), _("'%.80s' is not a number"),
				      text);
	if (n < f->min || n > max) {
		err_set(err, E_INPUT, _("%llu is outside %llu … %llu"), (unsigned long long)n,
			(unsigned long long)f->min, (unsigned long long)max);
		err_hint(err, _("Choose a number within these limits."));
		return E_INPUT;
	}
	if (f->size == sizeof(uint16_t))
		memcpy(at, &(uint16_t){ (uint16_t)n }, sizeof(uint16_t));
	else
		memcpy(at, &(uint32_t){ (uint32_t)n }, sizeof(uint32_t));
	return 0;
}

static void
show_number(const struct field *f, const void *at, struct str *out)
{
	uint32_t wide = 0;
	uint16_t narrow = 0;

	if (f->size == sizeof narrow)
		memcpy(&narrow, at, sizeof narrow);
	else
		memcpy(&wide, at, sizeof wide);
	str_addf(out, "%" PRIu32, wide + narrow);
}

static int
put_bool(const struct field *f, void *at, const char *text, struct err *err)
{
	bool yes = strcmp(text, "yes") == 0;

	(void)f;
	if (!yes && strcmp(text, "no") != 0)
		return setting_reject(err, _("Write yes or no."), _("'%.80s' is not yes or no"),
				      text);
	memcpy(at, &yes, sizeof yes);
	return 0;
}

static void
show_bool(const struct field *f, const void *at, struct str *out)
{
	(void)f;
	str_add(out, *(const bool *)at ? "yes" : "no");
}

static int
put_choice(const struct field *f, void *at, const char *text, struct err *err)
{
	int i = choice_index(f->choices, text, strlen(text));

	if (i < 0)
		return choice_reject(f, text, strlen(text), err);
	memcpy(at, &i, sizeof i);
	return 0;
}

static void
show_choice(const struct field *f, const void *at, struct str *out)
{
	int i;

	memcpy(&i, at, sizeof i);
	str_add(out, f->choices[i]);
}

static int
put_roles(const struct field *f, void *at, const char *text, struct err *err)
{
	unsigned bits = 0;
	size_t n;

	for (; (n = word_next(&text)); text += n) {
		int i = choice_index(f->choices, text, n);

		if (i < 0)
			return choice_reject(f, text, n, err);
		bits |= 1u << i;
	}
	memcpy(at, &bits, sizeof bits);
	return 0;
}

static void
show_roles(const struct field *f, const void *at, struct str *out)
{
	unsigned bits;
	const char *gap = "";

	memcpy(&bits, at, sizeof bits);
	for (int i = 0; f->choices[i]; i++) {
		if (!(bits & 1u << i))
			continue;
		str_addf(out, "%s%s", gap, f->choices[i]);
		gap = " ";
	}
}

/* NICs have functions of their own, since their values have a name each. */
static const struct setting_type {
	int (*put)(const struct field *f, void *at, const char *text, struct err *err);
	void (*show)(const struct field *f, const void *at, struct str *out);
} setting_types[] = {
	[FIELD_TEXT] = { put_text, show_text },	   [FIELD_NAME] = { put_name, show_text },
	[FIELD_HOST] = { put_host, show_text },	   [FIELD_ADDR] = { put_addr, show_text },
	[FIELD_CIDR] = { put_cidr, show_text },	   [FIELD_IQN] = { put_iqn, show_text },
	[FIELD_PATH] = { put_text, show_text },	   [FIELD_SIZE] = { put_size, show_size },
	[FIELD_U16] = { put_number, show_number }, [FIELD_U32] = { put_number, show_number },
	[FIELD_BOOL] = { put_bool, show_bool },
	[FIELD_CHOICE] = { put_choice, show_choice },
	[FIELD_ROLES] = { put_roles, show_roles },
};

void
field_get(const struct field *f, const void *object, struct str *out)
{
	if (f->type == FIELD_NICS)
		nics_get(object, out);
	else
		setting_types[f->type].show(f, (const char *)object + f->offset, out);
}

static int
field_put(const struct field *f, struct model *m, void *object, const char *text, struct err *err)
{
	if (!*text && f->required) {
		err_set(err, E_INPUT, _("a value is missing"));
		err_hint(err, "%s", _(f->help));
		return E_INPUT;
	}
	if (!*text)
		text = field_fallback(f, m);
	if (!*text) {
		memset((char *)object + f->offset, 0, f->size);
		return 0;
	}
	if (f->check && f->check(m, object, text, err))
		return E_INPUT;
	return setting_types[f->type].put(f, (char *)object + f->offset, text, err);
}

int
field_set(const struct field *f, struct model *m, void *object, const char *text, struct err *err)
{
	CLEAN_STR bare = STR_INIT(SETTING_MAX);
	size_t n;

	if (setting_check_text(text, f->type == FIELD_NICS, err))
		return E_INPUT;
	if (f->type == FIELD_NICS)
		return nics_set(object, text, err);
	/* A file cannot hold blanks at the ends, so a form must not either. */
	text += strspn(text, " ");
	for (n = strlen(text); n && text[n - 1] == ' ';)
		n--;
	str_addn(&bare, text, n);
	if (bare.cut)
		return setting_too_long(err, text, SETTING_MAX);
	return field_put(f, m, object, str_text(&bare), err);
}
