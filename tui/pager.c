/* The pager's lines, and its keys. How it looks stands in pagerpaint.c. */
#include "tui/pager.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "tui/pagerpriv.h"

enum { LINES_MAX = 20000, BYTES_MAX = 4 << 20, LINE_BYTES = 8192, FIND_BYTES = 128, SIDEWAYS = 8 };

void
pager_init(struct pager *p)
{
	*p = (struct pager){ .max_lines = LINES_MAX, .max_bytes = BYTES_MAX, .follow = true };
	editor_init(&p->find, FIND_BYTES, false);
}

void
pager_clear(struct pager *p)
{
	for (size_t i = p->first; i < p->lines.n; i++)
		free(p->lines.at[i].text);
	vec_free(&p->lines);
	p->first = p->bytes = p->dropped = p->top = 0;
	p->top_row = p->left = 0;
	p->has_hit = p->not_found = false;
}

void
pager_done(struct pager *p)
{
	pager_clear(p);
	editor_done(&p->find);
}

size_t
pager_count(const struct pager *p)
{
	return p->lines.n - p->first;
}

const struct pager_line *
pager_line(const struct pager *p, size_t i)
{
	return &p->lines.at[p->first + i];
}

bool
pager_shows(const struct pager *p, size_t i)
{
	return !p->only_problems || pager_line(p, i)->problem;
}

/* ---- lines --------------------------------------------------------------------------- */

/* The oldest one goes. The array is moved only when half of it is gone, so that this is cheap. */
static void
drop_line(struct pager *p)
{
	struct pager_line *line = &p->lines.at[p->first++];

	p->bytes -= strlen(line->text) + 1;
	free(line->text);
	p->dropped++;
	if (p->top)
		p->top--;
	else
		p->top_row = 0;
	if (p->hit)
		p->hit--;
	else
		p->has_hit = false;
	if (p->first < 64 || p->first * 2 < p->lines.n)
		return;
	p->lines.n -= p->first;
	memmove(p->lines.at, p->lines.at + p->first, p->lines.n * sizeof *p->lines.at);
	p->first = 0;
}

static void
add_line(struct pager *p, const char *text, size_t n, enum role role, bool problem)
{
	struct str clean = STR_INIT(LINE_BYTES);
	struct pager_line line = { .role = role, .problem = problem };

	text_clean(&clean, text, n, false);
	if (clean.cut) /* the whole line stands in the transcript */
		clean.len = text_back(clean.s, clean.len);
	line.text = xstrndup(str_text(&clean), clean.len);
	str_done(&clean);
	p->bytes += strlen(line.text) + 1;
	vec_push(&p->lines, line);
	while (pager_count(p) > 1 && (pager_count(p) > p->max_lines || p->bytes > p->max_bytes))
		drop_line(p);
}

void
pager_add(struct pager *p, const char *text, size_t n, enum role role, bool problem)
{
	if (!n)
		add_line(p, "", 0, role, problem);
	while (n) {
		const char *end = memchr(text, '\n', n);
		size_t len = end ? (size_t)(end - text) : n;

		add_line(p, text, len, role, problem);
		len += end ? 1 : 0;
		text += len;
		n -= len;
	}
}

void
pager_addf(struct pager *p, enum role role, bool problem, const char *fmt, ...)
{
	char text[LINE_BYTES];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	if (n >= 0)
		pager_add(p, text, strlen(text), role, problem);
}

/* ---- moving -------------------------------------------------------------------------- */

void
pager_home(struct pager *p)
{
	p->follow = false;
	p->top = 0;
	p->top_row = 0;
}

static void
row_down(struct pager *p)
{
	size_t n = pager_count(p), to = p->top + 1;

	if (p->top < n && p->top_row + 1 < pager_rows_of(p, p->top)) {
		p->top_row++;
		return;
	}
	while (to < n && !pager_shows(p, to))
		to++;
	if (to >= n)
		return;
	p->top = to;
	p->top_row = 0;
}

static void
row_up(struct pager *p)
{
	size_t to = p->top;

	if (p->top_row > 0) {
		p->top_row--;
		return;
	}
	while (to > 0 && !pager_shows(p, to - 1))
		to--;
	if (!to)
		return;
	p->top = to - 1;
	p->top_row = pager_rows_of(p, p->top) - 1;
}

/* As far down as leaves no empty row below. */
void
pager_to_end(struct pager *p)
{
	p->top = pager_count(p);
	p->top_row = 0;
	for (int i = 0; i < p->page; i++)
		row_up(p);
}

/* By rows; coming to the end is following again. */
static void
move(struct pager *p, int by)
{
	size_t end;
	int end_row;

	for (; by < 0; by++)
		row_up(p);
	for (; by > 0; by--)
		row_down(p);
	const size_t top = p->top;
	const int row = p->top_row;

	pager_to_end(p);
	end = p->top;
	end_row = p->top_row;
	p->follow = top > end || (top == end && row >= end_row);
	if (p->follow)
		return;
	p->top = top;
	p->top_row = row;
}

/* ---- finding ------------------------------------------------------------------------- */

static bool
line_has(const struct pager *p, size_t i)
{
	size_t n;

	return pager_shows(p, i) && text_find(pager_line(p, i)->text, editor_text(&p->find), &n);
}

/* The next line with it from `from` on, in steps of 1 or -1, around the end. */
static void
find(struct pager *p, size_t from, int step)
{
	size_t n = pager_count(p), i = from;

	p->not_found = false;
	if (!*editor_text(&p->find))
		return;
	for (size_t seen = 0; seen < n; seen++, i = (i + n + (size_t)step) % n) {
		if (!line_has(p, i % n))
			continue;
		p->hit = i % n;
		p->has_hit = true;
		p->follow = false;
		p->top = p->hit;
		p->top_row = 0;
		for (int y = 0; y < p->page / 3; y++)
			row_up(p);
		return;
	}
	p->not_found = true;
	p->has_hit = false;
}

static void
find_again(struct pager *p, int step)
{
	size_t n = pager_count(p), from;

	if (!n)
		return;
	from = !p->has_hit ? p->top : (p->hit + n + (size_t)step) % n;
	find(p, from, step);
}

static bool
find_key(struct pager *p, const struct key *k)
{
	if (k->action == ACTION_CANCEL) {
		editor_set(&p->find, "");
		p->finding = p->has_hit = p->not_found = false;
		return true;
	}
	if (k->action == ACTION_ENTER) {
		p->finding = false;
		return true;
	}
	if (!editor_key(&p->find, k))
		return false;
	/* as it is typed, from where one is */
	if (pager_count(p))
		find(p, p->has_hit ? p->hit : p->top, 1);
	return true;
}

/* ---- keys ---------------------------------------------------------------------------- */

/* What is at the top stays there, or the next line that is still shown. */
static void
only_problems(struct pager *p)
{
	p->only_problems = !p->only_problems;
	p->top_row = 0;
	while (p->top < pager_count(p) && !pager_shows(p, p->top))
		p->top++;
	move(p, 0);
}

static void
wrap(struct pager *p)
{
	p->wrap = !p->wrap;
	p->left = p->top_row = 0;
	if (p->follow)
		pager_to_end(p);
}

static void
sideways(struct pager *p, int by)
{
	int most = pager_widest(p) - p->width;

	p->left += by;
	p->left = p->left > most ? most : p->left;
	p->left = p->left < 0 ? 0 : p->left;
}

static bool
cancel(struct pager *p)
{
	if (!*editor_text(&p->find))
		return false;
	editor_set(&p->find, "");
	p->has_hit = p->not_found = false;
	return true;
}

bool
pager_key(struct pager *p, const struct key *k)
{
	int page = p->page > 1 ? p->page - 1 : 1;

	if (p->finding && find_key(p, k))
		return true;
	p->not_found = false;
	switch (k->action) {
	case ACTION_UP:
		move(p, -1);
		return true;
	case ACTION_DOWN:
		move(p, 1);
		return true;
	case ACTION_PAGE_UP:
		move(p, -page);
		return true;
	case ACTION_PAGE_DOWN:
		move(p, page);
		return true;
	case ACTION_LEFT:
		sideways(p, -SIDEWAYS);
		return true;
	case ACTION_RIGHT:
		sideways(p, SIDEWAYS);
		return true;
	case ACTION_HOME:
		pager_home(p);
		return true;
	case ACTION_END:
		p->follow = true;
		return true;
	case ACTION_FOLLOW:
		p->follow = !p->follow;
		return true;
	case ACTION_PROBLEMS:
		only_problems(p);
		return true;
	case ACTION_FIND:
		p->finding = true;
		return true;
	case ACTION_FIND_NEXT:
		find_again(p, 1);
		return true;
	case ACTION_FIND_BEFORE:
		find_again(p, -1);
		return true;
	case ACTION_WRAP:
		wrap(p);
		return true;
	case ACTION_CANCEL:
		return cancel(p);
	default:
		return false;
	}
}

bool
pager_editing(const struct pager *p)
{
	return p->finding;
}
