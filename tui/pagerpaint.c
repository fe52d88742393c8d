/* How the pager looks: lines cut into rows, hits marked, and a last row that says what is seen. */
#include "tui/pagerpriv.h"

#include <string.h>

#include "base/nls.h"
#include "base/text.h"

enum { ROW_BYTES = 8192 };

/* Bytes of s that fill one row of w columns, whole words where there are any; at least one
 * character, so that it always ends. */
static size_t
row_bytes(const char *s, int w)
{
	size_t n = 0, words = 0, len;
	int used = 0, columns;
	bool inside = false;

	while ((len = text_step(s + n, &columns))) {
		/* a blank that does not fit any more ends the row unseen */
		if (n && used + columns > w && s[n] != ' ')
			return words ? words : n;
		used += columns;
		inside = inside || s[n] != ' ';
		n += len;
		/* what a line begins with is its indentation */
		if (inside && s[n - 1] == ' ')
			words = n;
	}
	return n;
}

int
pager_rows_of(const struct pager *p, size_t i)
{
	const char *s = pager_line(p, i)->text;
	int rows = 0;

	if (!p->wrap || p->width < 1 || (int)strlen(s) <= p->width)
		return 1;
	for (; *s; s += row_bytes(s, p->width))
		rows++;
	return rows ? rows : 1;
}

int
pager_widest(const struct pager *p)
{
	int widest = 0, w;
	size_t n = pager_count(p);

	for (size_t i = p->top, seen = 0; i < n && seen < (size_t)p->page; i++) {
		if (!pager_shows(p, i))
			continue;
		w = text_width(pager_line(p, i)->text);
		widest = w > widest ? w : widest;
		seen++;
	}
	return p->wrap ? 0 : widest;
}

/* Marks what was looked for in text that stands at column x of a row. */
static void
paint_hits(const struct pager *p, const struct area *a, int y, int x, const char *text)
{
	const char *what = editor_text(&p->find), *at = text;
	CLEAN_STR before = STR_INIT(ROW_BYTES), hit = STR_INIT(ROW_BYTES);
	size_t n;

	while (*what && (at = text_find(at, what, &n))) {
		str_clear(&before);
		str_clear(&hit);
		str_addn(&before, text, (size_t)(at - text));
		str_addn(&hit, at, n);
		paint_text(a, y, x + text_width(str_text(&before)), ROLE_MATCH, str_text(&hit));
		at += n;
	}
}

/* One line, clipped or scrolled sideways, with a sign where it goes on. */
static void
paint_line(const struct pager *p, const struct area *a, int y, const struct pager_line *line)
{
	int w = text_width(line->text);

	paint_text(a, y, -p->left, line->role, line->text);
	paint_hits(p, a, y, -p->left, line->text);
	if (p->left && w)
		paint_text(a, y, 0, ROLE_DIM, "<");
	if (w - p->left > a->w)
		paint_text(a, y, a->w - 1, ROLE_DIM, ">");
}

/* The rows of a wrapped line from `skip` on; returns how many it took. */
static int
paint_rows(const struct pager *p, const struct area *a, int y, const struct pager_line *line,
	   int skip)
{
	const char *s = line->text;
	CLEAN_STR row = STR_INIT(ROW_BYTES);
	int rows = 0;

	do {
		size_t n = row_bytes(s, a->w);

		str_clear(&row);
		str_addn(&row, s, n);
		s += n;
		if (skip-- > 0)
			continue;
		paint_text(a, y + rows, 0, line->role, str_text(&row));
		paint_hits(p, a, y + rows, 0, str_text(&row));
		rows++;
	} while (*s && y + rows < a->h);
	return rows;
}

/* Returns the row of the hit, -1 when it is not seen. */
static int
paint_lines(const struct pager *p, const struct area *a)
{
	size_t n = pager_count(p);
	int y = 0, at = -1, skip = p->top_row;

	for (size_t i = p->top; i < n && y < a->h; i++) {
		if (!pager_shows(p, i))
			continue;
		if (p->has_hit && i == p->hit)
			at = y;
		if (p->wrap) {
			y += paint_rows(p, a, y, pager_line(p, i), skip);
		} else {
			paint_line(p, a, y, pager_line(p, i));
			y++;
		}
		skip = 0;
	}
	return at;
}

static size_t
problems(const struct pager *p)
{
	size_t n = 0;

	for (size_t i = 0; i < pager_count(p); i++)
		n += pager_line(p, i)->problem;
	return n;
}

/* What is seen, of how much, and in which way. */
static void
state_text(const struct pager *p, struct str *out)
{
	unsigned long all = (unsigned long)(p->dropped + pager_count(p));

	if (p->only_problems)
		str_addf(out, P_("%lu problem", "%lu problems", problems(p)),
			 (unsigned long)problems(p));
	else if (all)
		str_addf(out, _("line %lu of %lu"),
			 (unsigned long)(p->dropped + p->top + (all ? 1 : 0)), all);
	if (p->follow && all) {
		str_add(out, "  ");
		str_add(out, _("following"));
	}
	if (p->dropped) {
		str_add(out, "  ");
		str_addf(out,
			 P_("the first line is gone", "the first %lu lines are gone", p->dropped),
			 (unsigned long)p->dropped);
	}
}

static void
paint_state(struct pager *p, const struct area *a, bool focused)
{
	CLEAN_STR text = STR_INIT(512);
	struct area field;
	int x, w;

	state_text(p, &text);
	if (!p->finding && !*editor_text(&p->find)) {
		paint_clip(a, 0, 0, a->w, ROLE_DIM, str_text(&text), CLIP_END);
		return;
	}
	if (p->not_found) {
		str_clear(&text);
		str_add(&text, _("not found"));
	}
	x = paint_text(a, 0, 0, ROLE_ACCENT, "/ ");
	w = a->w - x - text_width(str_text(&text)) - 2;
	if (w >= 12)
		paint_right(a, 0, 0, a->w, p->not_found ? ROLE_WARN : ROLE_DIM, str_text(&text));
	else
		w = a->w - x;
	field = area_cols(a, x, w);
	editor_paint(&p->find, &field, p->finding ? ROLE_FIELD : ROLE_ACCENT,
		     focused && p->finding);
}

void
pager_paint(struct pager *p, const struct area *a, bool focused)
{
	bool foot = a->h > 2;
	struct area lines = area_rows(a, 0, foot ? a->h - 1 : a->h);
	struct area state = area_rows(a, a->h - 1, foot ? 1 : 0);
	int at;

	p->page = lines.h;
	p->width = lines.w;
	while (p->top < pager_count(p) && !pager_shows(p, p->top))
		p->top++;
	if (p->follow || p->top >= pager_count(p))
		pager_to_end(p);
	if (p->wrap && p->top < pager_count(p) && p->top_row >= pager_rows_of(p, p->top))
		p->top_row = pager_rows_of(p, p->top) - 1;
	if (!pager_count(p) && p->empty)
		paint_wrap(&lines, 0, ROLE_DIM, p->empty);
	at = paint_lines(p, &lines);
	if (foot)
		paint_state(p, &state, focused);
	if (focused && !(foot && p->finding))
		paint_cursor(&lines, at >= 0 ? at : 0, 0);
}
