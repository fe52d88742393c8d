/* The growing string, and what turns bytes into words of another language. */
#include "base/str.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/alloc.h"

void
str_done(struct str *s)
{
	size_t max = s->max;

	free(s->s);
	*s = STR_INIT(max);
}

void
str_wipe(struct str *s)
{
	if (s->s)
		explicit_bzero(s->s, s->cap);
	str_done(s);
}

void
str_clear(struct str *s)
{
	s->len = 0;
	s->cut = false;
	if (s->s)
		s->s[0] = '\0';
}

/* Makes room for n more bytes and the NUL; returns how many of them the ceiling lets in. */
static size_t
str_room(struct str *s, size_t n)
{
	size_t left = s->max > s->len ? s->max - s->len : 0, cap;

	if (n > left) {
		n = left;
		s->cut = true;
	}
	if (!s->s || s->cap < s->len + n + 1) {
		cap = s->cap ? s->cap : 32;
		while (cap < s->len + n + 1)
			cap *= 2;
		s->s = xrealloc(s->s, cap, 1);
		s->cap = cap;
		s->s[s->len] = '\0';
	}
	return n;
}

void
str_addn(struct str *s, const void *bytes, size_t n)
{
	n = str_room(s, n);
	if (n)
		memcpy(s->s + s->len, bytes, n);
	s->len += n;
	s->s[s->len] = '\0';
}

void
str_add(struct str *s, const char *text)
{
	str_addn(s, text, strlen(text));
}

void
str_addc(struct str *s, char c)
{
	str_addn(s, &c, 1);
}

void
str_addf(struct str *s, const char *fmt, ...)
{
	va_list ap;
	char *text;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&text, fmt, ap);
	va_end(ap);
	if (n < 0) {
		s->cut = true;
		return;
	}
	str_addn(s, text, (size_t)n);
	/* it may have held a secret on its way to a str that will be wiped */
	explicit_bzero(text, (size_t)n);
	free(text);
}

void
str_drop(struct str *s, size_t n)
{
	if (n > s->len)
		n = s->len;
	if (!n)
		return;
	memmove(s->s, s->s + n, s->len - n + 1);
	s->len -= n;
}

const char *
str_text(const struct str *s)
{
	return s->s ? s->s : "";
}

char *
str_steal(struct str *s)
{
	char *text = s->s ? s->s : xstrdup("");

	*s = STR_INIT(s->max);
	return text;
}

/* True when n more bytes fit: half a quoted word would be another program. */
static bool
str_fits(struct str *s, size_t n)
{
	if (s->max - s->len >= n && s->max >= s->len)
		return true;
	s->cut = true;
	return false;
}

void
str_quote_sh(struct str *out, const char *text)
{
	size_t n = strlen(text), need = n + 2;

	for (size_t i = 0; i < n; i++)
		need += text[i] == '\'' ? 3 : 0;
	if (!str_fits(out, need))
		return;
	str_addc(out, '\'');
	for (size_t part; *text; text += part) {
		part = strcspn(text, "'");
		str_addn(out, text, part);
		if (text[part] == '\'') {
			str_add(out, "'\\''");
			part++;
		}
	}
	str_addc(out, '\'');
}

/* Bytes of the quote at s: 1 for ', 3 for U+2018 to U+201B, 0 for anything else. */
static size_t
ps_quote_len(const char *s)
{
	if (s[0] == '\'')
		return 1;
	return !strncmp(s, "\xe2\x80", 2) && (unsigned char)s[2] >= 0x98 &&
	       (unsigned char)s[2] <= 0x9b ? 3 : 0;
}

void
str_quote_ps(struct str *out, const char *text)
{
	size_t need = strlen(text) + 2;

	for (const char *s = text; *s; s++)
		need += ps_quote_len(s);
	if (!str_fits(out, need))
		return;
	str_addc(out, '\'');
	for (size_t n; *text; text += n) {
		n = ps_quote_len(text);
		str_addn(out, text, n);
		n = n ? n : 1;
		str_addn(out, text, n);
	}
	str_addc(out, '\'');
}

static const char base64_digits[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void
str_base64(struct str *out, const void *bytes, size_t n)
{
	const unsigned char *b = bytes;

	for (size_t i = 0; i < n; i += 3) {
		unsigned v = b[i] << 16 | (i + 1 < n ? b[i + 1] : 0) << 8 |
			     (i + 2 < n ? b[i + 2] : 0);
		char quad[4] = {
			base64_digits[v >> 18],
			base64_digits[v >> 12 & 63],
			i + 1 < n ? base64_digits[v >> 6 & 63] : '=',
			i + 2 < n ? base64_digits[v & 63] : '=',
		};

		str_addn(out, quad, sizeof quad);
	}
}

int
str_unbase64(struct str *out, const char *text, size_t n)
{
	size_t start = out->len, digits = 0, pads = 0;
	unsigned v = 0;

	for (size_t i = 0; i < n; i++) {
		const char *digit;

		if (text[i] && strchr(" \t\r\n", text[i]))
			continue;
		digit = text[i] ? strchr(base64_digits, text[i]) : NULL;
		if (text[i] == '=') {
			pads++;
			continue;
		}
		if (!digit || pads)
			goto bad;
		v = (v << 6 | (unsigned)(digit - base64_digits)) & 0xffffff;
		if (++digits % 4 == 0)
			str_addn(out, (unsigned char[]){ v >> 16, v >> 8 & 255, v & 255 }, 3);
	}
	if (pads > 2 || (digits + pads) % 4 || digits % 4 == 1)
		goto bad;
	if (digits % 4 == 2 && (v & 15) == 0)
		str_addc(out, (char)(v >> 4));
	else if (digits % 4 == 3 && (v & 3) == 0)
		str_addn(out, (unsigned char[]){ v >> 10 & 255, v >> 2 & 255 }, 2);
	else if (digits % 4)
		goto bad;
	return 0;
bad:
	if (out->s)
		out->s[start] = '\0';
	out->len = start;
	return -EINVAL;
}

static void
hex_put(char *out, const unsigned char *b, size_t n)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < n; i++) {
		out[2 * i] = digits[b[i] >> 4];
		out[2 * i + 1] = digits[b[i] & 15];
	}
}

void
str_hex(struct str *out, const void *bytes, size_t n)
{
	const unsigned char *b = bytes;
	char two[2];

	for (size_t i = 0; i < n; i++) {
		hex_put(two, b + i, 1);
		str_addn(out, two, sizeof two);
	}
}

void
random_hex(char *out, size_t n)
{
	unsigned char b[64];

	while (n) {
		size_t part = n < sizeof b ? n : sizeof b;
		ssize_t got = getrandom(b, part, 0);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			abort();
		hex_put(out, b, (size_t)got);
		out += 2 * got;
		n -= (size_t)got;
	}
	*out = '\0';
}

uint64_t
hash64(const void *bytes, size_t n)
{
	const unsigned char *b = bytes;
	uint64_t h = 0xcbf29ce484222325u;

	for (size_t i = 0; i < n; i++)
		h = (h ^ b[i]) * 0x100000001b3u;
	return h;
}

bool
str_starts(const char *s, const char *prefix)
{
	return !strncmp(s, prefix, strlen(prefix));
}

bool
str_ends(const char *s, const char *suffix)
{
	size_t n = strlen(s), m = strlen(suffix);

	return n >= m && !memcmp(s + n - m, suffix, m);
}

bool
str_put(char *dst, size_t size, const char *src)
{
	size_t n = strlen(src);

	if (!size)
		return false;
	if (n < size) {
		memmove(dst, src, n + 1);
		return true;
	}
	n = size - 1;
	/* back to the start of a UTF-8 character, so that the cut leaves whole ones */
	while (n && n > size - 5 && ((unsigned char)src[n] & 0xc0) == 0x80)
		n--;
	memmove(dst, src, n);
	dst[n] = '\0';
	return false;
}

bool
str_to_u64(const char *s, uint64_t *ret_value)
{
	uint64_t v = 0;

	if (!*s)
		return false;
	for (; *s; s++) {
		if (*s < '0' || *s > '9' || __builtin_mul_overflow(v, 10, &v) ||
		    __builtin_add_overflow(v, (uint64_t)(*s - '0'), &v))
			return false;
	}
	*ret_value = v;
	return true;
}

unsigned
str_distance(const char *a, const char *b, unsigned limit)
{
	enum { LONGEST = 63 };
	unsigned row[3][LONGEST + 1], *now = row[0], *last = row[1], *before = row[2];
	size_t n = strlen(a), m = strlen(b);

	if (n > LONGEST || m > LONGEST || (n > m ? n - m : m - n) > limit)
		return limit + 1;
	for (size_t j = 0; j <= m; j++)
		now[j] = (unsigned)j;
	for (size_t i = 1; i <= n; i++) {
		unsigned *spare = before;

		before = last;
		last = now;
		now = spare;
		now[0] = (unsigned)i;
		for (size_t j = 1; j <= m; j++) {
			unsigned d = last[j - 1] + (a[i - 1] != b[j - 1]);

			d = d < last[j] + 1 ? d : last[j] + 1;
			d = d < now[j - 1] + 1 ? d : now[j - 1] + 1;
			/* two letters exchanged are one slip of the fingers */
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
			    before[j - 2] + 1 < d)
				d = before[j - 2] + 1;
			now[j] = d;
		}
	}
	return now[m] <= limit ? now[m] : limit + 1;
}
