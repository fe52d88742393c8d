/* Two themes: sixteen colours on the terminal's own background, and none at all. In both, what
 * matters is also said in words: a theme only helps to find it. */
#include "tui/themepriv.h"

#include <stdlib.h>
#include <string.h>

enum { PAIRS_OWN = 160 };

static const struct {
	char letter;
	short fg, bg; /* -1: the terminal's own */
	attr_t color_attr, mono_attr;
} roles[ROLE__COUNT] = {
	[ROLE_TEXT] = { '.', -1, -1, A_NORMAL, A_NORMAL },
	[ROLE_DIM] = { 'd', -1, -1, A_DIM, A_DIM },
	[ROLE_TITLE] = { 't', -1, -1, A_BOLD, A_BOLD },
	[ROLE_ACCENT] = { 'a', COLOR_CYAN, -1, A_BOLD, A_BOLD },
	[ROLE_BORDER] = { 'b', COLOR_CYAN, -1, A_NORMAL, A_NORMAL },
	[ROLE_FOCUS] = { 'F', COLOR_BLACK, COLOR_CYAN, A_NORMAL, A_REVERSE },
	[ROLE_SELECTED] = { 's', COLOR_YELLOW, -1, A_BOLD, A_BOLD },
	[ROLE_OK] = { 'o', COLOR_GREEN, -1, A_NORMAL, A_NORMAL },
	[ROLE_CHANGED] = { 'c', COLOR_GREEN, -1, A_BOLD, A_BOLD },
	[ROLE_WARN] = { 'w', COLOR_YELLOW, -1, A_NORMAL, A_BOLD },
	[ROLE_FAIL] = { 'f', COLOR_RED, -1, A_BOLD, A_BOLD | A_UNDERLINE },
	[ROLE_BUSY] = { 'u', COLOR_CYAN, -1, A_NORMAL, A_NORMAL },
	[ROLE_FIELD] = { 'i', -1, -1, A_UNDERLINE, A_UNDERLINE },
	[ROLE_FIELD_BAD] = { 'I', COLOR_RED, -1, A_UNDERLINE | A_BOLD, A_UNDERLINE | A_BOLD },
	[ROLE_MATCH] = { 'm', COLOR_BLACK, COLOR_YELLOW, A_NORMAL, A_REVERSE },
	[ROLE_BUTTON] = { 'B', -1, -1, A_BOLD, A_BOLD },
	[ROLE_HINT] = { 'h', COLOR_CYAN, -1, A_NORMAL, A_NORMAL },
	[ROLE_KEY] = { 'k', -1, -1, A_BOLD, A_BOLD },
	[ROLE_BAR] = { 'r', COLOR_WHITE, COLOR_BLUE, A_NORMAL, A_REVERSE },
	[ROLE_BADGE] = { 'g', COLOR_YELLOW, COLOR_BLUE, A_BOLD, A_REVERSE | A_BOLD },
};

static bool in_color;
static int own_pairs[PAIRS_OWN]; /* fg and bg of pair ROLE__COUNT + 1 + i */
static int nown;

bool
theme_wants_color(enum theme_color choice)
{
	const char *no = getenv("NO_COLOR");

	if (choice != THEME_AUTO)
		return choice == THEME_ALWAYS;
	return !no || !*no;
}

char
theme_letter(enum role r)
{
	return roles[r].letter;
}

void
theme_start(bool color)
{
	nown = 0;
	in_color = color && has_colors() && start_color() == OK;
	if (!in_color)
		return;
	use_default_colors();
	for (short r = 0; r < ROLE__COUNT; r++)
		if (roles[r].fg >= 0 || roles[r].bg >= 0)
			init_pair((short)(r + 1), roles[r].fg, roles[r].bg);
}

void
theme_get(enum role r, attr_t *ret_attr, short *ret_pair)
{
	bool paired = in_color && (roles[r].fg >= 0 || roles[r].bg >= 0);

	*ret_attr = in_color ? roles[r].color_attr : roles[r].mono_attr;
	*ret_pair = paired ? (short)(r + 1) : 0;
}

/* What this terminal has of 256 colours. */
static int
color_here(int c)
{
	static const int primary[] = { COLOR_RED, COLOR_GREEN, COLOR_BLUE };
	int found = 0;

	if (c < COLORS || c < 0)
		return c;
	if (c < 16 || c >= 232)
		return c < 16 ? c & 7 : c < 244 ? COLOR_BLACK : COLOR_WHITE;
	for (int i = 0, part = 36; i < 3; i++, part /= 6)
		if ((c - 16) / part % 6 > 2)
			found |= primary[i];
	return found;
}

short
theme_pair(int fg, int bg)
{
	int packed;

	fg = color_here(fg);
	bg = color_here(bg);
	packed = (fg + 1) << 16 | (bg + 1);

	if (!in_color || (fg < 0 && bg < 0))
		return 0;
	for (int i = 0; i < nown; i++)
		if (own_pairs[i] == packed)
			return (short)(ROLE__COUNT + 1 + i);
	if (nown == PAIRS_OWN || ROLE__COUNT + 1 + nown >= COLOR_PAIRS)
		return 0;
	init_pair((short)(ROLE__COUNT + 1 + nown), (short)fg, (short)bg);
	own_pairs[nown] = packed;
	return (short)(ROLE__COUNT + 1 + nown++);
}
