/* UTF-8 for a terminal. Decoding and widths are our own and do not depend on the locale
 * the program runs in, so that what is harmless on one terminal is harmless on all. */
#include "base/text.h"

#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <wchar.h>
#include <wctype.h>

#include "base/alloc.h"
#include "base/nls.h"

enum { TAB_COLUMNS = 8, MARKS_MAX = 2 };

size_t
text_decode(const char *s, size_t n, unsigned *ret_char)
{
	const unsigned char *b = (const unsigned char *)s;
	size_t len;
	unsigned c;

	*ret_char = 0xfffd;
	if (!n)
		return 0;
	if (b[0] < 0x80) {
		*ret_char = b[0];
		return 1;
	}
	len = b[0] < 0xc2 ? 0 : b[0] < 0xe0 ? 2 : b[0] < 0xf0 ? 3 : b[0] < 0xf5 ? 4 : 0;
	if (!len || len > n)
		return 0;
	c = b[0] & (0x7fu >> len);
	for (size_t i = 1; i < len; i++) {
		if ((b[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (b[i] & 0x3f);
	}
	if ((len == 3 && c < 0x800) || (len == 4 && c < 0x10000) || c > 0x10ffff ||
	    (c >= 0xd800 && c <= 0xdfff))
		return 0;
	*ret_char = c;
	return len;
}

/* Characters that reorder, hide or join what stands beside them, or that nobody has
 * agreed on (Unicode 15: bidi controls, default ignorables, private use, nonchars). */
static const struct {
	unsigned first, last;
} hidden[] = {
	{ 0x00ad, 0x00ad }, { 0x034f, 0x034f },   { 0x061c, 0x061c },   { 0x115f, 0x1160 },
	{ 0x17b4, 0x17b5 }, { 0x180b, 0x180f },   { 0x200b, 0x200f },   { 0x2028, 0x202e },
	{ 0x2060, 0x206f }, { 0x3164, 0x3164 },   { 0xe000, 0xf8ff },   { 0xfdd0, 0xfdef },
	{ 0xfe00, 0xfe0f }, { 0xfeff, 0xfeff },   { 0xffa0, 0xffa0 },   { 0xfff0, 0xfffc },
	{ 0x1bca0, 0x1bca3 }, { 0x1d173, 0x1d17a }, { 0xe0000, 0xe0fff }, { 0xf0000, 0x10ffff },
};

static bool
char_is_hidden(unsigned c)
{
	if ((c & 0xfffe) == 0xfffe)
		return true;
	for (size_t i = 0; i < sizeof hidden / sizeof *hidden; i++)
		if (c >= hidden[i].first && c <= hidden[i].last)
			return true;
	return false;
}

/* Widths and cases are those of Unicode, whatever locale the program runs in. */
static locale_t
text_locale(void)
{
	static locale_t utf8;

	if (!utf8)
		utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
	return utf8;
}

/* Columns of a character: 0 for a combining mark, -1 for what has no shape. */
static int
char_width(unsigned c)
{
	locale_t before;
	int width;

	if (c >= 0x20 && c < 0x7f)
		return 1;
	if (!text_locale())
		return 1;
	before = uselocale(text_locale());
	width = wcwidth((wchar_t)c);
	uselocale(before);
	return width;
}

int
text_columns(unsigned c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || char_is_hidden(c) ? -1 : char_width(c);
}

struct cleaner {
	struct str *out;
	bool keep_newline;
	int column;
	int marks; /* combining marks on the current character; -1 = nothing to stand on */
};

static void
clean_shown(struct cleaner *k, const char *text)
{
	str_add(k->out, text);
	k->column += (int)strlen(text);
	k->marks = 0;
}

static void
clean_control(struct cleaner *k, unsigned c)
{
	if (c == '\t') {
		do
			clean_shown(k, " ");
		while (k->column % TAB_COLUMNS);
		k->marks = -1;
	} else if (c == '\n' && k->keep_newline) {
		str_addc(k->out, '\n');
		k->column = 0;
		k->marks = -1;
	} else if (c < 0x20 || c == 0x7f) {
		clean_shown(k, (char[]){ '^', (char)(c ^ 0x40), '\0' });
	} else {
		char text[16];

		(void)snprintf(text, sizeof text, "<%02X>", c);
		clean_shown(k, text);
	}
}

static void
clean_char(struct cleaner *k, unsigned c, const char *bytes, size_t len)
{
	int width = char_width(c);
	char text[16];

	if (width == 0 && !char_is_hidden(c) && k->marks >= 0) {
		if (k->marks < MARKS_MAX)
			str_addn(k->out, bytes, len);
		k->marks++;
	} else if (width <= 0 || char_is_hidden(c)) {
		(void)snprintf(text, sizeof text, "<U+%04X>", c);
		clean_shown(k, text);
	} else {
		str_addn(k->out, bytes, len);
		k->column += width;
		k->marks = 0;
	}
}

/* Bytes at the start that need nothing done. */
static size_t
plain_prefix(const char *s, size_t n)
{
	size_t i = 0;

	while (i < n && s[i] >= 0x20 && s[i] < 0x7f)
		i++;
	return i;
}

void
text_clean(struct str *out, const char *in, size_t n, bool keep_newline)
{
	struct cleaner k = { .out = out, .keep_newline = keep_newline, .marks = -1 };
	unsigned c;

	for (size_t i = 0, len; i < n; i += len) {
		len = plain_prefix(in + i, n - i);
		if (len) {
			str_addn(out, in + i, len);
			k.column += (int)len;
			k.marks = 0;
			continue;
		}
		len = text_decode(in + i, n - i, &c);
		if (c == '\r' && (i + 1 == n || in[i + 1] == '\n'))
			continue; /* the end of a Windows line */
		if (!len) {
			len = 1;
			str_add(out, "\xef\xbf\xbd");
			k.column++;
			k.marks = 0;
		} else if (c < 0x20 || (c >= 0x7f && c < 0xa0)) {
			clean_control(&k, c);
		} else {
			clean_char(&k, c, in + i, len);
		}
	}
}

/* The next character of a cleaned string and its columns. */
static size_t
text_next(const char *s, int *ret_width)
{
	unsigned c;
	size_t len = text_decode(s, strnlen(s, 4), &c);
	int width = char_width(c);

	*ret_width = width < 0 ? 1 : width;
	return len ? len : 1;
}

int
text_width(const char *s)
{
	int total = 0, width;

	while (*s) {
		s += text_next(s, &width);
		total += width;
	}
	return total;
}

size_t
text_step(const char *s, int *ret_columns)
{
	size_t n = *s ? text_next(s, ret_columns) : 0, len;
	int width;

	if (!n)
		*ret_columns = 0;
	while (n && s[n]) {
		len = text_next(s + n, &width);
		if (width)
			break;
		n += len;
	}
	return n;
}

size_t
text_back(const char *s, size_t at)
{
	size_t from, n, len;
	int width;

	/* no character with its marks is longer than this; what lies before need not be read */
	from = at > 64 ? at - 64 : 0;
	while (from && ((unsigned char)s[from] & 0xc0) == 0x80)
		from--;
	for (n = from; n < at; from = n, n += len)
		len = text_step(s + n, &width);
	return from;
}

static unsigned
char_fold(unsigned c)
{
	if (c < 0x80)
		return c >= 'A' && c <= 'Z' ? c + 32 : c;
	return text_locale() ? (unsigned)towlower_l((wint_t)c, text_locale()) : c;
}

/* Bytes of s that read like `what`; 0 when it does not start so. */
static size_t
text_match(const char *s, const char *what)
{
	size_t n = 0, len_a, len_b;
	unsigned a, b;

	while (*what) {
		len_a = text_decode(s + n, strnlen(s + n, 4), &a);
		len_b = text_decode(what, strnlen(what, 4), &b);
		if (!s[n] || char_fold(a) != char_fold(b))
			return 0;
		n += len_a ? len_a : 1;
		what += len_b ? len_b : 1;
	}
	return n;
}

const char *
text_find(const char *s, const char *what, size_t *ret_bytes)
{
	int width;

	for (; *s; s += text_next(s, &width)) {
		*ret_bytes = text_match(s, what);
		if (*ret_bytes)
			return s;
	}
	*ret_bytes = 0;
	return NULL;
}

/* Bytes of s that fit in `columns`, with the marks of the last character. */
static size_t
text_fit(const char *s, int columns, int *ret_used)
{
	size_t n = 0, len;
	int used = 0, width;

	while (s[n]) {
		len = text_next(s + n, &width);
		if (used + width > columns)
			break;
		used += width;
		n += len;
	}
	*ret_used = used;
	return n;
}

int
text_clip(struct str *out, const char *s, int columns)
{
	int used;
	size_t n = text_fit(s, columns, &used);

	str_addn(out, s, n);
	return used;
}

void
text_pad(struct str *out, const char *s, int columns)
{
	for (int used = text_clip(out, s, columns); used < columns; used++)
		str_addc(out, ' ');
}

void
text_clip_middle(struct str *out, const char *s, int columns)
{
	const char *dots = text_locale_is_utf8() ? "\xe2\x80\xa6" : "..";
	int width = text_width(s), gap = text_width(dots), head, skip, step;

	if (width <= columns || columns < gap + 2) {
		text_clip(out, s, columns);
		return;
	}
	head = (columns - gap + 1) / 2;
	str_addn(out, s, text_fit(s, head, &head));
	str_add(out, dots);
	skip = width - (columns - gap - head);
	while (*s && skip > 0) {
		s += text_next(s, &step);
		skip -= step;
	}
	/* marks of a character that was left out stand on nothing */
	for (size_t len = *s ? text_next(s, &step) : 0; *s && step == 0;
	     len = *s ? text_next(s, &step) : 0)
		s += len;
	str_add(out, s);
}

struct wrapper {
	struct str line;
	int columns, used;
	void (*fn)(void *ctx, const char *text);
	void *ctx;
};

static void
wrap_flush(struct wrapper *w)
{
	if (w->line.len)
		w->fn(w->ctx, str_text(&w->line));
	str_clear(&w->line);
	w->used = 0;
}

static void
wrap_word(struct wrapper *w, const char *s, size_t n)
{
	CLEANUP(freep) char *word = xstrndup(s, n);
	const char *rest = word;
	int width = text_width(word), used;

	if (w->used && w->used + 1 + width > w->columns)
		wrap_flush(w);
	if (w->used) {
		str_addc(&w->line, ' ');
		w->used++;
	}
	while (text_width(rest) > w->columns) {
		size_t part = text_fit(rest, w->columns, &used);

		/* a character wider than the line stands alone all the same */
		part = part ? part : text_next(rest, &used);
		str_addn(&w->line, rest, part);
		wrap_flush(w);
		rest += part;
	}
	w->used += text_width(rest);
	str_add(&w->line, rest);
}

/* A line that starts with a blank or "- " is not joined to the one before. */
static size_t
wrap_line(struct wrapper *w, const char *s)
{
	size_t end = strcspn(s, "\n"), n = strspn(s, " ");

	if (n || str_starts(s, "- "))
		wrap_flush(w);
	if (n && n < end && (int)n < w->columns) {
		str_addf(&w->line, "%*s", (int)n - 1, "");
		w->used = (int)n - 1;
	}
	while (n < end) {
		size_t word = strcspn(s + n, " \n");

		if (word)
			wrap_word(w, s + n, word);
		n += word;
		n += strspn(s + n, " ");
	}
	return end + (s[end] == '\n');
}

void
text_wrap(const char *s, int columns, void (*line)(void *ctx, const char *text), void *ctx)
{
	struct wrapper w = {
		.line = STR_INIT(1 << 16),
		.columns = columns > 0 ? columns : 1,
		.fn = line,
		.ctx = ctx,
	};

	while (*s) {
		s += wrap_line(&w, s);
		if (*s != '\n')
			continue;
		wrap_flush(&w);
		s += strspn(s, "\n");
		if (*s)
			line(ctx, "");
	}
	wrap_flush(&w);
	str_done(&w.line);
}

void
tenths_add(struct str *out, int64_t thousandths)
{
	int64_t tenths = ((thousandths < 0 ? -thousandths : thousandths) + 50) / 100;

	str_addf(out, "%s%lld%s%lld", thousandths < 0 && tenths ? "-" : "", (long long)tenths / 10,
		 /* TRANSLATORS: the decimal mark */
		 _("."), (long long)tenths % 10);
}

bool
text_locale_is_utf8(void)
{
	return !strcmp(nl_langinfo(CODESET), "UTF-8");
}
