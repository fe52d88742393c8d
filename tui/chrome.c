/* Title bar, hint line, key bar: one row each; the hint has two where it is narrow. */
#include "tui/chrome.h"

#include <stdio.h>
#include <string.h>

#include "base/nls.h"
#include "base/text.h"
#include "tui/key.h"

enum { LABEL_MAX = 64 };

static int
title_word(const struct area *row, int x, enum role r, const char *word)
{
	if (!word || !*word)
		return x;
	return x + paint_text(row, 0, x, r, word) + 2;
}

void
chrome_title(const struct area *row, const struct chrome *c, const char *title)
{
	int x, width = title ? text_width(title) : 0;
	struct area left = area_cols(row, 0, row->w - (width ? width + 2 : 0));

	paint_fill(row, ROLE_BAR);
	x = title_word(&left, 1, ROLE_BAR, c->program);
	/* the badges must be seen, whatever the name in the middle is */
	int badges = 0;
	for (int i = 0; i < CHROME_BADGES; i++)
		badges += c->badges[i] ? text_width(c->badges[i]) + 2 : 0;
	if (c->place)
		x += paint_clip(&left, 0, x, left.w - x - badges - 1, ROLE_BAR, c->place,
				CLIP_MIDDLE) + 2;
	if (c->detail && x + text_width(c->detail) + 2 + badges < left.w)
		x = title_word(&left, x, ROLE_BAR, c->detail);
	for (int i = 0; i < CHROME_BADGES; i++)
		x = title_word(&left, x, ROLE_BADGE, c->badges[i]);
	if (title)
		paint_right(row, 0, 1, row->w - 2, ROLE_BAR, title);
}

void
chrome_hint(const struct area *row, const char *hint, enum role r)
{
	struct area in = area_cols(row, 1, row->w - 2);

	paint_fill(row, ROLE_TEXT);
	if (hint && row->h > 1)
		paint_wrap(&in, 0, r, hint);
	else if (hint)
		paint_clip(&in, 0, 0, in.w, r, hint, CLIP_END);
}

/* ---- key bar ----------------------------------------------------------------------- */

struct shown {
	enum action at[CHROME_KEYS];
	int n;
};

static void
key_text(enum action a, struct str *out)
{
	char key[16];

	key_of_action(a, key, sizeof key);
	key_translate(key, out);
}

static int
label_width(const struct action_set *set, enum action a)
{
	CLEAN_STR key = STR_INIT(64);

	key_text(a, &key);
	return text_width(str_text(&key)) + 1 + text_width(action_label(set, a));
}

static int
total_width(const struct action_set *set, const struct shown *s)
{
	int width = 1;

	for (int i = 0; i < s->n; i++)
		width += label_width(set, s->at[i]) + 2;
	return width;
}

static void
drop(struct shown *s, int i)
{
	memmove(s->at + i, s->at + i + 1, (size_t)(s->n - i - 1) * sizeof *s->at);
	s->n--;
}

/* The first of those with the lowest priority. */
static int
least(const struct shown *s)
{
	int found = 0;

	for (int i = 1; i < s->n; i++)
		if (actions[s->at[i]].priority <= actions[s->at[found]].priority)
			found = i;
	return found;
}

static struct shown
choose(int width, const struct action_set *set)
{
	struct shown s = { .n = 0 };

	for (int a = 1; a < ACTION__COUNT; a++) {
		int i;

		if (!set->has[a] || !actions[a].priority)
			continue;
		if (s.n == CHROME_KEYS) {
			i = least(&s);
			if (actions[s.at[i]].priority >= actions[a].priority)
				continue;
			drop(&s, i);
		}
		s.at[s.n++] = (enum action)a;
	}
	while (s.n && total_width(set, &s) - 2 > width)
		drop(&s, least(&s));
	return s;
}

void
chrome_keys(const struct area *row, const struct action_set *set)
{
	struct shown s = choose(row->w, set);
	int x = 1;

	paint_fill(row, ROLE_TEXT);
	for (int i = 0; i < s.n; i++) {
		CLEAN_STR key = STR_INIT(64);

		key_text(s.at[i], &key);
		x += paint_text(row, 0, x, ROLE_KEY, str_text(&key)) + 1;
		x += paint_text(row, 0, x, ROLE_HINT, action_label(set, s.at[i])) + 2;
	}
}

enum action
chrome_key_at(int width, const struct action_set *set, int x)
{
	struct shown s = choose(width, set);
	int from = 1;

	for (int i = 0; i < s.n; i++) {
		int w = label_width(set, s.at[i]);

		if (x >= from && x < from + w)
			return s.at[i];
		from += w + 2;
	}
	return ACTION_NONE;
}

void
chrome_too_small(const struct area *a)
{
	char text[160];

	(void)snprintf(text, sizeof text, _("too small: needs %dx%d, this is %dx%d"),
		       CHROME_COLUMNS_MIN, CHROME_ROWS_MIN, a->w, a->h);
	paint_wrap(a, 0, ROLE_TEXT, text);
}
