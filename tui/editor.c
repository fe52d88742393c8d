/* The one-line editor. The text lives in one piece of memory of full size from the start: growing
 * it would leave copies of a secret behind. */
#include "tui/editor.h"

#include <string.h>

#include "base/text.h"
#include "tui/glyph.h"

enum { MARKS_MAX = 2, SECRET_COLUMNS = 8 };

void
editor_init(struct editor *e, size_t max_bytes, bool secret)
{
	*e = (struct editor){ .text = STR_INIT(max_bytes), .secret = secret };
	e->text.cap = max_bytes + 1;
	e->text.s = xcalloc(e->text.cap, 1);
}

void
editor_done(struct editor *e)
{
	str_wipe(&e->text);
	e->at = e->from = 0;
}

const char *
editor_text(const struct editor *e)
{
	return str_text(&e->text);
}

/* Takes out the bytes from..to and leaves nothing of them in memory. */
static void
erase(struct editor *e, size_t from, size_t to)
{
	char *s = e->text.s;
	size_t len = e->text.len;

	if (from >= to)
		return;
	memmove(s + from, s + to, len - to);
	e->text.len = len - (to - from);
	explicit_bzero(s + e->text.len, to - from);
	e->at = from;
	e->changed = true;
}

/* Marks that stand on the character before byte `at`; -1 when there is none. */
static int
marks_before(const struct editor *e, size_t at)
{
	const char *s = e->text.s;
	size_t from = text_back(s, at);
	int marks = -1;

	for (size_t i = from; i < at; i++)
		marks += ((unsigned char)s[i] & 0xc0) != 0x80;
	return marks;
}

static bool
may_stand(const struct editor *e, unsigned c)
{
	int columns = text_columns(c);

	if (columns < 0 || (e->accept && !e->accept(e->ctx, c)))
		return false;
	return columns > 0 || (e->at && marks_before(e, e->at) < MARKS_MAX);
}

/* Puts one character at the cursor; false when it cannot stand there or does not fit. */
static bool
insert(struct editor *e, unsigned c, const char *bytes, size_t n)
{
	char *s = e->text.s;

	if (!may_stand(e, c) || e->text.len + n > e->text.max)
		return false;
	memmove(s + e->at + n, s + e->at, e->text.len - e->at + 1);
	memcpy(s + e->at, bytes, n);
	e->text.len += n;
	e->at += n;
	e->changed = true;
	return true;
}

bool
editor_paste(struct editor *e, const char *bytes, size_t n)
{
	unsigned c;

	e->refused = false;
	while (n && (bytes[n - 1] == '\n' || bytes[n - 1] == '\r'))
		n--;
	for (size_t i = 0, len; i < n; i += len) {
		len = text_decode(bytes + i, n - i, &c);
		if (!len) {
			len = 1;
			e->refused = true;
		} else if (c == '\r' && i + 1 < n && bytes[i + 1] == '\n') {
			continue;
		} else if (c == '\n' || c == '\r' || c == '\t') {
			e->refused |= !insert(e, ' ', " ", 1);
		} else {
			e->refused |= !insert(e, c, bytes + i, len);
		}
	}
	return !e->refused;
}

void
editor_set(struct editor *e, const char *text)
{
	erase(e, 0, e->text.len);
	e->from = 0;
	editor_paste(e, text, strlen(text));
	e->refused = e->changed = false;
}

static void
do_left(struct editor *e)
{
	e->at = text_back(e->text.s, e->at);
}

static void
do_right(struct editor *e)
{
	int columns;

	e->at += text_step(e->text.s + e->at, &columns);
}

static void
do_home(struct editor *e)
{
	e->at = 0;
}

static void
do_end(struct editor *e)
{
	e->at = e->text.len;
}

static void
do_backspace(struct editor *e)
{
	erase(e, text_back(e->text.s, e->at), e->at);
}

static void
do_delete(struct editor *e)
{
	int columns;

	erase(e, e->at, e->at + text_step(e->text.s + e->at, &columns));
}

static void
do_erase_word(struct editor *e)
{
	const char *s = e->text.s;
	size_t at = e->at;

	while (at && s[at - 1] == ' ')
		at--;
	while (at && s[at - 1] != ' ')
		at--;
	erase(e, at, e->at);
}

static void
do_erase_rest(struct editor *e)
{
	erase(e, e->at, e->text.len);
}

static void
do_erase_line(struct editor *e)
{
	erase(e, 0, e->text.len);
}

static void
do_nothing(struct editor *e)
{
	(void)e;
}

/* Where one is in a secret, or where its words end, would tell of what is in it. */
static const struct {
	enum action action;
	void (*plain)(struct editor *e);
	void (*secret)(struct editor *e);
} commands[] = {
	{ ACTION_LEFT, do_left, do_nothing },
	{ ACTION_RIGHT, do_right, do_nothing },
	{ ACTION_HOME, do_home, do_nothing },
	{ ACTION_END, do_end, do_nothing },
	{ ACTION_BACKSPACE, do_backspace, do_backspace },
	{ ACTION_DELETE, do_delete, do_nothing },
	{ ACTION_ERASE_WORD, do_erase_word, do_erase_line },
	{ ACTION_ERASE_REST, do_erase_rest, do_nothing },
	{ ACTION_ERASE_LINE, do_erase_line, do_erase_line },
};

static bool
command(struct editor *e, enum action a)
{
	for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
		if (commands[i].action != a)
			continue;
		(e->secret ? commands[i].secret : commands[i].plain)(e);
		return true;
	}
	return false;
}

/* The line ends of pasted text: one within it is a blank, and the last one nothing at all, which
 * is known only when something follows. None acts as Enter. */
static bool
pasted_end(struct editor *e, const struct key *k)
{
	if (k->ch || !k->pasted)
		return false;
	if (k->code == KEYC_ENTER || k->code == '\n')
		e->held = e->text.len > 0;
	else if (k->code == KEYC_TAB)
		e->refused = !insert(e, ' ', " ", 1);
	else
		e->refused = true;
	return true;
}

bool
editor_key(struct editor *e, const struct key *k)
{
	char bytes[5];

	e->refused = false;
	if (pasted_end(e, k))
		return true;
	if (e->held && k->pasted)
		e->refused = !insert(e, ' ', " ", 1);
	e->held = false;
	if (k->ch) {
		e->refused |= !insert(e, k->ch, bytes, key_utf8(k->ch, bytes));
		explicit_bzero(bytes, sizeof bytes);
		return true;
	}
	return command(e, k->action);
}

/* Columns between two bytes of the text. */
static int
columns_between(const struct editor *e, size_t from, size_t to)
{
	int total = 0, columns;

	for (size_t n; from < to; from += n) {
		n = text_step(e->text.s + from, &columns);
		total += columns;
	}
	return total;
}

/* A mark that was typed where the shown part starts belongs to the character before it. */
static void
skip_marks(struct editor *e)
{
	const char *s = e->text.s + e->from;
	unsigned c;
	size_t n;

	while (e->from && *s && (n = text_decode(s, strnlen(s, 4), &c)) && !text_columns(c)) {
		s += n;
		e->from += n;
	}
}

/* Moves what is shown as little as it takes to have the cursor in it, with its own column. */
static void
scroll(struct editor *e, int w)
{
	int columns;
	size_t before;

	if (e->from > e->at)
		e->from = e->at;
	skip_marks(e);
	while (e->from < e->at && columns_between(e, e->from, e->at) >= w)
		e->from += text_step(e->text.s + e->from, &columns);
	while (e->from) {
		before = text_back(e->text.s, e->from);
		if (columns_between(e, before, e->text.len) >= w)
			break;
		e->from = before;
	}
}

static void
paint_secret(const struct editor *e, const struct area *a, enum role role, bool focused)
{
	int n = e->text.len ? (a->w - 1 < SECRET_COLUMNS ? a->w - 1 : SECRET_COLUMNS) : 0;

	paint_pad(a, 0, 0, a->w, role, "", CLIP_CUT);
	for (int x = 0; x < n; x++)
		paint_text(a, 0, x, role, glyph(GLYPH_SECRET));
	if (focused)
		paint_cursor(a, 0, n > 0 ? n : 0);
}

/* A text longer than its place leaves a column at each side that says where it goes on. */
static void
paint_plain(struct editor *e, const struct area *a, enum role role, bool focused)
{
	int total = columns_between(e, 0, e->text.len), side = total >= a->w && a->w >= 6;
	struct area in = area_cols(a, side, a->w - 2 * side);

	if (focused)
		scroll(e, in.w);
	else
		e->from = 0;
	paint_pad(a, 0, 0, a->w, role, "", CLIP_CUT);
	paint_pad(&in, 0, 0, in.w, role, e->text.s + e->from, CLIP_CUT);
	if (side && e->from)
		paint_text(a, 0, 0, role, "<");
	if (side && columns_between(e, e->from, e->text.len) > in.w)
		paint_text(a, 0, a->w - 1, role, ">");
	if (focused)
		paint_cursor(&in, 0, columns_between(e, e->from, e->at));
}

void
editor_paint(struct editor *e, const struct area *a, enum role role, bool focused)
{
	struct area row = area_rows(a, 0, 1);

	if (row.h <= 0 || row.w <= 0)
		return;
	if (e->secret) {
		paint_secret(e, &row, role, focused);
		return;
	}
	paint_plain(e, &row, role, focused);
}
