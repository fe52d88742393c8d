/* The picture of a screen. Lines and blocks are drawn, not written: fonts leave gaps between
 * rows. It brings its own dark ground along, so that any page may hold it. */
#include "tui/svg.h"

#include <string.h>

#include "base/str.h"
#include "tui/paint.h"
#include "tui/vterm.h"

/* Of a cell, in units of a tenth of a pixel. */
enum { CELL_W = 84, CELL_H = 180, BASE_LINE = 135, MARGIN = 120 };

static const struct {
	const char *name, *color;
	const char *ground; /* NULL: that of the picture */
	bool bold;
} paints[ROLE__COUNT] = {
	[ROLE_TEXT] = { "text", "#d4d7dd", NULL, false },
	[ROLE_DIM] = { "dim", "#8b919c", NULL, false },
	[ROLE_TITLE] = { "title", "#ffffff", NULL, true },
	[ROLE_ACCENT] = { "accent", "#67d4e6", NULL, true },
	[ROLE_BORDER] = { "border", "#4f9fb0", NULL, false },
	[ROLE_FOCUS] = { "focus", "#10131a", "#67d4e6", false },
	[ROLE_SELECTED] = { "selected", "#f0d264", NULL, true },
	[ROLE_OK] = { "ok", "#7fce7a", NULL, false },
	[ROLE_CHANGED] = { "changed", "#9be88f", NULL, true },
	[ROLE_WARN] = { "warn", "#f0c04a", NULL, false },
	[ROLE_FAIL] = { "fail", "#ff7b72", NULL, true },
	[ROLE_BUSY] = { "busy", "#67d4e6", NULL, false },
	[ROLE_FIELD] = { "field", "#e6e8ec", "#2a303c", false },
	[ROLE_FIELD_BAD] = { "field-bad", "#ff9d96", "#2a303c", true },
	[ROLE_MATCH] = { "match", "#10131a", "#f0d264", false },
	[ROLE_BUTTON] = { "button", "#ffffff", NULL, true },
	[ROLE_HINT] = { "hint", "#67d4e6", NULL, false },
	[ROLE_KEY] = { "key", "#ffffff", NULL, true },
	[ROLE_BAR] = { "bar", "#f2f4f8", "#2c4a8f", false },
	[ROLE_BADGE] = { "badge", "#ffe37a", "#2c4a8f", true },
};

/* Which halves of a line meet in a cell. */
enum { UP = 1, DOWN = 2, LEFT = 4, RIGHT = 8 };

static const struct {
	const char *sign;
	unsigned lines;
	int from, height; /* of a block, in tenths of the cell; height 0: lines */
} drawn[] = {
	{ "─", LEFT | RIGHT, 0, 0 },
	{ "│", UP | DOWN, 0, 0 },
	{ "┌", DOWN | RIGHT, 0, 0 },
	{ "┐", DOWN | LEFT, 0, 0 },
	{ "└", UP | RIGHT, 0, 0 },
	{ "┘", UP | LEFT, 0, 0 },
	{ "├", UP | DOWN | RIGHT, 0, 0 },
	{ "┤", UP | DOWN | LEFT, 0, 0 },
	{ "┬", DOWN | LEFT | RIGHT, 0, 0 },
	{ "┴", UP | LEFT | RIGHT, 0, 0 },
	{ "┼", UP | DOWN | LEFT | RIGHT, 0, 0 },
	{ "█", 0, 0, 80 },
	{ "▁", 0, 70, 10 },
	{ "▂", 0, 60, 20 },
	{ "▃", 0, 50, 30 },
	{ "▄", 0, 40, 40 },
	{ "▅", 0, 30, 50 },
	{ "▆", 0, 20, 60 },
	{ "▇", 0, 10, 70 },
};

static void
put_tenths(FILE *out, const char *name, int n)
{
	fprintf(out, " %s=\"%d.%d\"", name, n / 10, n % 10);
}

static void
put_rect(FILE *out, const char *class, int x, int y, int w, int h)
{
	fprintf(out, "<rect class=\"%s\"", class);
	put_tenths(out, "x", x);
	put_tenths(out, "y", y);
	put_tenths(out, "width", w);
	put_tenths(out, "height", h);
	fputs("/>\n", out);
}

static void
put_escaped(FILE *out, const char *text)
{
	for (; *text; text++) {
		if (*text == '&')
			fputs("&amp;", out);
		else if (*text == '<')
			fputs("&lt;", out);
		else if (*text == '>')
			fputs("&gt;", out);
		else if (*text == '"')
			fputs("&quot;", out);
		else
			putc(*text, out);
	}
}

static void
put_style(FILE *out)
{
	fputs("<style>\n"
	      "text { font: 14px ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace; }\n"
	      ".ground { fill: #14171f; }\n",
	      out);
	for (int r = 0; r < ROLE__COUNT; r++) {
		fprintf(out, ".%s { fill: %s;%s }\n", paints[r].name, paints[r].color,
			paints[r].bold ? " font-weight: bold;" : "");
		if (paints[r].ground)
			fprintf(out, ".%s-ground { fill: %s; }\n", paints[r].name,
				paints[r].ground);
	}
	fputs("</style>\n", out);
}

static int
find_drawn(const char *sign)
{
	for (int i = 0; i < (int)(sizeof drawn / sizeof *drawn); i++)
		if (!strcmp(drawn[i].sign, sign))
			return i;
	return -1;
}

static void
put_drawn(FILE *out, int i, const char *class, int x, int y)
{
	int half_w = CELL_W / 2, half_h = CELL_H / 2;
	unsigned l = drawn[i].lines;

	if (drawn[i].height) {
		put_rect(out, class, x, y + drawn[i].from * CELL_H / 80, CELL_W,
			 drawn[i].height * CELL_H / 80);
		return;
	}
	if (l & (LEFT | RIGHT))
		put_rect(out, class, l & LEFT ? x : x + half_w, y + half_h - 6,
			 (l & LEFT ? half_w : 0) + (l & RIGHT ? half_w : 0), 12);
	if (l & (UP | DOWN))
		put_rect(out, class, x + half_w - 6, l & UP ? y : y + half_h - 6, 12,
			 (l & UP ? half_h : 0) + (l & DOWN ? half_h + 6 : 6));
}

/* A row of equal lines is one rectangle. */
static int
put_rule(FILE *out, const struct pane *p, int y, int x, int columns, enum role r)
{
	struct pane_cell cell;
	int n = 0;

	for (; x + n < columns && paint_role_at(y, x + n) == r; n++) {
		pane_cell(p, y, x + n, &cell);
		if (strcmp(cell.utf8, drawn[0].sign) != 0)
			break;
	}
	if (n)
		put_rect(out, paints[r].name, MARGIN + x * CELL_W,
			 MARGIN + y * CELL_H + CELL_H / 2 - 6, n * CELL_W, 12);
	return n;
}

/* Text of one role from column x on; returns its columns. */
static int
put_run(FILE *out, const struct pane *p, int y, int x, int columns, enum role r)
{
	CLEAN_STR text = STR_INIT(1 << 16);
	struct pane_cell cell;
	int from = x;
	size_t end = 0;
	int end_x = x;

	for (; x < columns && paint_role_at(y, x) == r; x++) {
		pane_cell(p, y, x, &cell);
		if (cell.width && find_drawn(cell.utf8) >= 0)
			break;
		if (!cell.width)
			continue;
		str_add(&text, *cell.utf8 ? cell.utf8 : " ");
		if (*cell.utf8 && strcmp(cell.utf8, " ") != 0) {
			end = text.len;
			end_x = x + cell.width;
		}
	}
	if (!end)
		return x - from;
	text.s[end] = '\0';
	fprintf(out, "<text xml:space=\"preserve\" class=\"%s\"", paints[r].name);
	put_tenths(out, "x", MARGIN + from * CELL_W);
	put_tenths(out, "y", MARGIN + y * CELL_H + BASE_LINE);
	put_tenths(out, "textLength", (end_x - from) * CELL_W);
	putc('>', out);
	put_escaped(out, str_text(&text));
	fputs("</text>\n", out);
	return x - from;
}

static void
put_grounds(FILE *out, int y, int columns)
{
	char class[32];

	for (int x = 0, n; x < columns; x += n) {
		enum role r = paint_role_at(y, x);

		for (n = 1; x + n < columns && paint_role_at(y, x + n) == r;)
			n++;
		if (!paints[r].ground)
			continue;
		(void)snprintf(class, sizeof class, "%s-ground", paints[r].name);
		put_rect(out, class, MARGIN + x * CELL_W, MARGIN + y * CELL_H, n * CELL_W, CELL_H);
	}
}

static void
put_row(FILE *out, const struct pane *p, int y, int columns)
{
	struct pane_cell cell;
	int n, i;

	put_grounds(out, y, columns);
	for (int x = 0; x < columns; x += n) {
		enum role r = paint_role_at(y, x);

		pane_cell(p, y, x, &cell);
		i = find_drawn(cell.utf8);
		n = put_rule(out, p, y, x, columns, r);
		if (!n && i >= 0) {
			put_drawn(out, i, paints[r].name, MARGIN + x * CELL_W, MARGIN + y * CELL_H);
			n = 1;
		}
		if (!n)
			n = put_run(out, p, y, x, columns, r);
		n = n ? n : 1;
	}
}

void
svg_write(FILE *out, const struct pane *p, const char *title)
{
	int rows, columns, w, h;

	pane_size(p, &rows, &columns);
	w = columns * CELL_W + 2 * MARGIN;
	h = rows * CELL_H + 2 * MARGIN;
	fprintf(out, "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d.%d %d.%d\""
		     " width=\"%d\" role=\"img\">\n<title>",
		w / 10, w % 10, h / 10, h % 10, w / 10);
	put_escaped(out, title);
	fputs("</title>\n", out);
	put_style(out);
	fprintf(out, "<rect class=\"ground\" width=\"100%%\" height=\"100%%\" rx=\"6\"/>\n");
	for (int y = 0; y < rows; y++)
		put_row(out, p, y, columns);
	fputs("</svg>\n", out);
}
