/* The decoder: longest known sequence first, then the general shape of control sequences,
 * which are swallowed, then UTF-8. */
#include "tui/keyin.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "tui/key.h"

enum { DEFINED_MAX = 64, SEQUENCE_MAX = 16 };

static const struct {
	const char *bytes; /* behind ESC */
	uint32_t code;
} common[] = {
	{ "[A", KEYC_UP }, { "[B", KEYC_DOWN }, { "[C", KEYC_RIGHT }, { "[D", KEYC_LEFT },
	{ "OA", KEYC_UP }, { "OB", KEYC_DOWN }, { "OC", KEYC_RIGHT }, { "OD", KEYC_LEFT },
	{ "[H", KEYC_HOME }, { "OH", KEYC_HOME }, { "[1~", KEYC_HOME }, { "[7~", KEYC_HOME },
	{ "[F", KEYC_END }, { "OF", KEYC_END }, { "[4~", KEYC_END }, { "[8~", KEYC_END },
	{ "[2~", KEYC_INSERT }, { "[3~", KEYC_DELETE }, { "[Z", KEYC_BACKTAB },
	{ "[5~", KEYC_PAGE_UP }, { "[6~", KEYC_PAGE_DOWN }, { "OM", KEYC_ENTER },
	{ "OP", KEYC_F0 + 1 }, { "OQ", KEYC_F0 + 2 }, { "OR", KEYC_F0 + 3 },
	{ "OS", KEYC_F0 + 4 }, { "[11~", KEYC_F0 + 1 }, { "[12~", KEYC_F0 + 2 },
	{ "[13~", KEYC_F0 + 3 }, { "[14~", KEYC_F0 + 4 }, { "[[A", KEYC_F0 + 1 },
	{ "[[B", KEYC_F0 + 2 }, { "[[C", KEYC_F0 + 3 }, { "[[D", KEYC_F0 + 4 },
	{ "[[E", KEYC_F0 + 5 }, { "[15~", KEYC_F0 + 5 }, { "[17~", KEYC_F0 + 6 },
	{ "[18~", KEYC_F0 + 7 }, { "[19~", KEYC_F0 + 8 }, { "[20~", KEYC_F0 + 9 },
	{ "[21~", KEYC_F0 + 10 }, { "[23~", KEYC_F0 + 11 }, { "[24~", KEYC_F0 + 12 },
};

static struct {
	char bytes[SEQUENCE_MAX];
	size_t len;
	uint32_t code;
} defined[DEFINED_MAX];
static size_t ndefined;

void
keyin_define(const char *sequence, uint32_t code)
{
	size_t len = strlen(sequence);

	if (len < 2 || len >= SEQUENCE_MAX || sequence[0] != '\033' || ndefined == DEFINED_MAX)
		return;
	memcpy(defined[ndefined].bytes, sequence, len);
	defined[ndefined].len = len;
	defined[ndefined++].code = code;
}

void
keyin_forget(void)
{
	ndefined = 0;
}

size_t
keyin_feed(struct keyin *k, const void *bytes, size_t n)
{
	size_t room = sizeof k->buf - k->n;

	n = n < room ? n : room;
	memcpy(k->buf + k->n, bytes, n);
	k->n += n;
	return n;
}

static void
take(struct keyin *k, size_t n)
{
	memmove(k->buf, k->buf + n, k->n - n);
	k->n -= n;
}

/* The code of the sequence at the start, which ret_len gets the length of. */
static uint32_t
find_sequence(const struct keyin *k, size_t *ret_len)
{
	uint32_t code = KEYC_NONE;

	*ret_len = 0;
	for (size_t i = 0; i < ndefined; i++) {
		if (defined[i].len > *ret_len && defined[i].len <= k->n &&
		    !memcmp(k->buf, defined[i].bytes, defined[i].len)) {
			*ret_len = defined[i].len;
			code = defined[i].code;
		}
	}
	for (size_t i = 0; i < sizeof common / sizeof *common; i++) {
		size_t len = strlen(common[i].bytes) + 1;

		if (len > *ret_len && len <= k->n &&
		    !memcmp(k->buf + 1, common[i].bytes, len - 1)) {
			*ret_len = len;
			code = common[i].code;
		}
	}
	return code;
}

/* Length of ESC [ … FINAL; 0 = it is not complete. */
static size_t
csi_length(const struct keyin *k)
{
	size_t i = 2;

	if (k->n > 2 && k->buf[2] == '[') /* the Linux console's function keys */
		return k->n > 3 ? 4 : 0;
	while (i < k->n && k->buf[i] >= 0x20 && k->buf[i] < 0x40)
		i++;
	return i < k->n ? i + 1 : 0;
}

/* Length of a string that a terminal sends as an answer, up to BEL or ESC \. */
static size_t
string_length(const struct keyin *k)
{
	for (size_t i = 2; i < k->n; i++) {
		if (k->buf[i] == 7)
			return i + 1;
		if (k->buf[i] == '\\' && k->buf[i - 1] == 27)
			return i + 1;
	}
	return 0;
}

static size_t
escape_length(const struct keyin *k)
{
	if (k->n < 2)
		return 0;
	if (k->buf[1] == '[')
		return csi_length(k);
	if (k->buf[1] == 'O')
		return k->n > 2 ? 3 : 0;
	if (k->buf[1] && strchr("]P_^X", k->buf[1]))
		return string_length(k);
	return 2;
}

/* ESC [ < button ; column ; row M, where m says that a button was let go. */
static bool
parse_mouse(const struct keyin *k, size_t len, struct keyin_event *e)
{
	char text[32];
	int button, x, y, end = 0;

	if (len < 9 || len >= sizeof text || k->buf[2] != '<')
		return false;
	memcpy(text, k->buf, len);
	text[len] = '\0';
	if (sscanf(text + 3, "%4d;%4d;%4dM%n", &button, &x, &y, &end) != 3 || !end)
		return false;
	if (button != 0 && button != 64 && button != 65)
		return false;
	e->y = y - 1;
	e->x = x - 1;
	e->wheel = button == 64 ? -1 : button == 65;
	return true;
}

static bool
is_paste_mark(struct keyin *k, size_t len)
{
	if (len != 6 || (memcmp(k->buf, "\033[200~", 6) && memcmp(k->buf, "\033[201~", 6)))
		return false;
	k->pasting = k->buf[4] == '0';
	return true;
}

/* ESC and a digit is a function key where there are none, as in other file managers. */
static uint32_t
alt_digit(const struct keyin *k, size_t len)
{
	if (len != 2 || k->buf[1] < '0' || k->buf[1] > '9')
		return KEYC_NONE;
	return KEYC_F0 + (k->buf[1] == '0' ? 10u : (uint32_t)(k->buf[1] - '0'));
}

static enum keyin_kind
next_escape(struct keyin *k, bool final, struct keyin_event *e)
{
	size_t len, whole = escape_length(k);
	enum keyin_kind kind = KEYIN_NOTHING;

	/* two in a row: the first is a key of its own */
	if (k->n > 1 && k->buf[1] == 27)
		whole = 1;
	e->code = find_sequence(k, &len);
	if (e->code && (len >= whole || !whole)) {
		take(k, len);
		return KEYIN_KEY;
	}
	if (!whole && !final && k->n < sizeof k->buf)
		return KEYIN_PARTIAL;
	if (whole == 1 || k->n == 1) {
		e->code = KEYC_ESC;
		take(k, 1);
		return KEYIN_KEY;
	}
	whole = whole ? whole : k->n;
	e->code = alt_digit(k, whole);
	if (e->code)
		kind = KEYIN_KEY;
	else if (!is_paste_mark(k, whole) && parse_mouse(k, whole, e))
		kind = KEYIN_MOUSE;
	take(k, whole);
	return kind;
}

/* In a paste everything is text up to the mark of its end. */
static enum keyin_kind
next_pasted_escape(struct keyin *k, bool final)
{
	static const char end[] = "\033[201~";
	size_t n = k->n < 6 ? k->n : 6;

	if (!memcmp(k->buf, end, n)) {
		if (n < 6 && !final)
			return KEYIN_PARTIAL;
		k->pasting = n < 6;
		take(k, n);
	} else {
		take(k, 1);
	}
	return KEYIN_NOTHING;
}

/* A character of UTF-8 has begun and nothing is wrong with it so far. */
static bool
is_begun(const struct keyin *k)
{
	unsigned char first = k->buf[0];
	size_t want = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;

	if (first < 0xc2 || first > 0xf4 || k->n >= want)
		return false;
	for (size_t i = 1; i < k->n; i++)
		if ((k->buf[i] & 0xc0) != 0x80)
			return false;
	return true;
}

static enum keyin_kind
next_character(struct keyin *k, bool final, struct keyin_event *e)
{
	unsigned ch;
	size_t len = text_decode((const char *)k->buf, k->n, &ch);

	if (!len && !final && is_begun(k))
		return KEYIN_PARTIAL;
	take(k, len ? len : 1);
	/* what is no character of UTF-8 was not typed by anyone */
	if (!len)
		return KEYIN_NOTHING;
	e->code = ch == 0x7f ? KEYC_BACKSPACE : ch == '\n' ? KEYC_ENTER : ch;
	return ch ? KEYIN_KEY : KEYIN_NOTHING;
}

enum keyin_kind
keyin_next(struct keyin *k, bool final, struct keyin_event *e)
{
	enum keyin_kind kind = KEYIN_NOTHING;

	while (k->n && kind == KEYIN_NOTHING) {
		memset(e, 0, sizeof *e);
		e->pasted = k->pasting;
		if (k->buf[0] != 27)
			kind = next_character(k, final, e);
		else if (k->pasting)
			kind = next_pasted_escape(k, final);
		else
			kind = next_escape(k, final, e);
	}
	return kind;
}
