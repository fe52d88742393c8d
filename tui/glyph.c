/* The table of signs, and what ASCII makes of other characters. */
#include "tui/glyph.h"

#include <stddef.h>

#include "base/text.h"

static const struct {
	const char *utf8, *ascii;
} glyphs[GLYPH__COUNT] = {
	[GLYPH_H] = { "─", "-" },
	[GLYPH_V] = { "│", "|" },
	[GLYPH_TOP_LEFT] = { "┌", "+" },
	[GLYPH_TOP_RIGHT] = { "┐", "+" },
	[GLYPH_BOTTOM_LEFT] = { "└", "+" },
	[GLYPH_BOTTOM_RIGHT] = { "┘", "+" },
	[GLYPH_TEE_LEFT] = { "├", "+" },
	[GLYPH_TEE_RIGHT] = { "┤", "+" },
	[GLYPH_TEE_TOP] = { "┬", "+" },
	[GLYPH_TEE_BOTTOM] = { "┴", "+" },
	[GLYPH_CROSS] = { "┼", "+" },
	[GLYPH_ELLIPSIS] = { "…", "~" },
	[GLYPH_MARK] = { "*", "*" },
	[GLYPH_HERE] = { ">", ">" },
	[GLYPH_ON] = { "[x]", "[x]" },
	[GLYPH_OFF] = { "[ ]", "[ ]" },
	[GLYPH_BULLET] = { "•", "*" },
	[GLYPH_DOT] = { "·", "-" },
	[GLYPH_FULL] = { "█", "#" },
	[GLYPH_EMPTY] = { "░", "." },
	[GLYPH_SECRET] = { "•", "*" },
	[GLYPH_BAR_1] = { "▁", "_" },
	[GLYPH_BAR_2] = { "▂", "_" },
	[GLYPH_BAR_3] = { "▃", "." },
	[GLYPH_BAR_4] = { "▄", "-" },
	[GLYPH_BAR_5] = { "▅", "=" },
	[GLYPH_BAR_6] = { "▆", "+" },
	[GLYPH_BAR_7] = { "▇", "#" },
	[GLYPH_BAR_8] = { "█", "#" },
	[GLYPH_PING_OK] = { "▪", "." },
	[GLYPH_PING_LOST] = { "×", "x" },
	[GLYPH_EVENT] = { "┬", "^" },
};

/* U+00A0 to U+00FF; '?' where no letter stands for it. */
static const char latin1[] = " !c#?Y|S\"Ca\"--R-" "o+23'uP.,1o\"????"
			     "AAAAAAACEEEEIIII" "DNOOOOOxOUUUUYTs"
			     "aaaaaaaceeeeiiii" "dnooooo/ouuuuyty";

static const struct {
	unsigned short ch;
	char ascii;
} folded[] = {
	{ 0x0152, 'O' }, { 0x0153, 'o' },  { 0x2010, '-' },  { 0x2011, '-' },  { 0x2013, '-' },
	{ 0x2014, '-' }, { 0x2018, '\'' }, { 0x2019, '\'' }, { 0x201c, '"' },  { 0x201d, '"' },
	{ 0x2022, '*' }, { 0x2026, '~' },  { 0x202f, ' ' },  { 0x2190, '<' },  { 0x2192, '>' },
	{ 0x2192, '>' }, { 0x2212, '-' },  { 0x2500, '-' },  { 0x2502, '|' },  { 0x2588, '#' },
	{ 0x2591, '.' }, { 0x25aa, '.' },  { 0x20ac, 'E' },
};

static int ascii = -1; /* -1: not asked yet */

void
glyph_force_ascii(bool force)
{
	ascii = force || !text_locale_is_utf8();
}

bool
glyph_is_ascii(void)
{
	if (ascii < 0)
		glyph_force_ascii(false);
	return ascii;
}

const char *
glyph(enum glyph g)
{
	return glyph_is_ascii() ? glyphs[g].ascii : glyphs[g].utf8;
}

char
glyph_fold(unsigned ch)
{
	if (ch < 0x80)
		return (char)ch;
	if (ch >= 0xa0 && ch < 0x100)
		return latin1[ch - 0xa0];
	for (size_t i = 0; i < sizeof folded / sizeof *folded; i++)
		if (folded[i].ch == ch)
			return folded[i].ascii;
	return ch >= 0x2500 && ch < 0x2580 ? '+' : '?';
}
