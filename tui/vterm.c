/* libvterm behind our own words; the only file that knows it. */
#include "tui/vterm.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <vterm.h>

#include "base/alloc.h"
#include "base/vec.h"

/* Without the blanks at its end. */
struct kept_row {
	int n;
	VTermScreenCell *cells;
};

struct pane {
	VTerm *vt;
	VTermScreen *screen;
	bool cursor_shown, full_screen;
	VEC(struct kept_row) kept; /* oldest first */
	int back;                  /* of them so many are looked at */
	void (*output)(void *ctx, const char *bytes, size_t n);
	void *ctx;
};

enum { SIZE_MIN = 2, SIZE_LIMIT = 1000, KEPT_ROWS = 1000 };

static void
on_output(const char *bytes, size_t n, void *ctx)
{
	struct pane *p = ctx;

	if (p->output)
		p->output(p->ctx, bytes, n);
}

static int
on_property(VTermProp prop, VTermValue *value, void *ctx)
{
	struct pane *p = ctx;

	if (prop == VTERM_PROP_CURSORVISIBLE)
		p->cursor_shown = value->boolean;
	if (prop == VTERM_PROP_ALTSCREEN) {
		p->full_screen = value->boolean;
		p->back = 0;
	}
	return 1;
}

static int
on_row_gone(int columns, const VTermScreenCell *cells, void *ctx)
{
	struct pane *p = ctx;
	struct kept_row row = { .n = columns };

	while (row.n && !cells[row.n - 1].chars[0])
		row.n--;
	row.cells = xcalloc((size_t)row.n + 1, sizeof *cells);
	memcpy(row.cells, cells, (size_t)row.n * sizeof *cells);
	if (p->kept.n == KEPT_ROWS) {
		free(p->kept.at[0].cells);
		vec_remove(&p->kept, 0);
	}
	vec_push(&p->kept, row);
	if (p->back && p->back < (int)p->kept.n)
		p->back++;
	return 1;
}

static const VTermScreenCallbacks callbacks = {
	.settermprop = on_property,
	.sb_pushline = on_row_gone,
};

static int
size_within(int n)
{
	return n < SIZE_MIN ? SIZE_MIN : n > SIZE_LIMIT ? SIZE_LIMIT : n;
}

struct pane *
pane_new(int rows, int columns, void (*output)(void *ctx, const char *bytes, size_t n), void *ctx)
{
	struct pane *p = xcalloc(1, sizeof *p);

	p->output = output;
	p->ctx = ctx;
	p->cursor_shown = true;
	p->vt = vterm_new(size_within(rows), size_within(columns));
	if (!p->vt)
		abort();
	vterm_set_utf8(p->vt, 1);
	vterm_output_set_callback(p->vt, on_output, p);
	p->screen = vterm_obtain_screen(p->vt);
	vterm_screen_set_callbacks(p->screen, &callbacks, p);
	vterm_screen_enable_altscreen(p->screen, 1);
	vterm_screen_reset(p->screen, 1);
	return p;
}

struct pane *
pane_free(struct pane *p)
{
	if (!p)
		return NULL;
	vterm_free(p->vt);
	for (size_t i = 0; i < p->kept.n; i++)
		free(p->kept.at[i].cells);
	vec_free(&p->kept);
	free(p);
	return NULL;
}

void
pane_feed(struct pane *p, const char *bytes, size_t n)
{
	vterm_input_write(p->vt, bytes, n);
	vterm_screen_flush_damage(p->screen);
}

/* At its place, or as near to it as the pane goes: libvterm lets a resize carry it beyond the first row. */
static void
cursor_put(struct pane *p, const char *first)
{
	char bytes[64];
	VTermPos pos;

	vterm_state_get_cursorpos(vterm_obtain_state(p->vt), &pos);
	(void)snprintf(bytes, sizeof bytes, "%s\033[%d;%dH", first, pos.row < 0 ? 1 : pos.row + 1,
		       pos.col < 0 ? 1 : pos.col + 1);
	vterm_input_write(p->vt, bytes, strlen(bytes));
}

void
pane_resize(struct pane *p, int rows, int columns)
{
	int h, w;

	vterm_get_size(p->vt, &h, &w);
	rows = size_within(rows);
	columns = size_within(columns);
	if (rows == h && columns == w)
		return;
	/* nor may margins or a saved cursor lie outside the new size: it writes there. What of a sequence
	 * was begun and not ended goes, too. */
	cursor_put(p, "\030\033[?69l\033[?6l\033[r");
	vterm_set_size(p->vt, rows, columns);
	cursor_put(p, "");
	if (rows < h || columns < w)
		vterm_input_write(p->vt, "\0337", 2);
}

void
pane_size(const struct pane *p, int *ret_rows, int *ret_columns)
{
	vterm_get_size(p->vt, ret_rows, ret_columns);
}

/* One of 256 colours; -1 = none was asked for. */
static int
color_index(const VTermColor *c)
{
	if (VTERM_COLOR_IS_DEFAULT_FG(c) || VTERM_COLOR_IS_DEFAULT_BG(c))
		return -1;
	if (VTERM_COLOR_IS_INDEXED(c))
		return c->indexed.idx;
	return 16 + 36 * (c->rgb.red * 6 / 256) + 6 * (c->rgb.green * 6 / 256) +
	       c->rgb.blue * 6 / 256;
}

static void
cell_text(const VTermScreenCell *from, struct pane_cell *to)
{
	size_t n = 0;

	for (int i = 0; i < VTERM_MAX_CHARS_PER_CELL && from->chars[i]; i++)
		if (from->chars[i] != (uint32_t)-1 && n + 5 <= sizeof to->utf8)
			n += key_utf8(from->chars[i], to->utf8 + n);
}

static void
cell_make(const VTermScreenCell *from, struct pane_cell *to)
{
	cell_text(from, to);
	to->width = from->chars[0] == (uint32_t)-1 ? 0 : from->width;
	to->fg = color_index(&from->fg);
	to->bg = color_index(&from->bg);
	to->look = (from->attrs.bold ? LOOK_BOLD : 0) |
		   (from->attrs.underline ? LOOK_UNDERLINE : 0) |
		   (from->attrs.reverse ? LOOK_REVERSE : 0);
}

static const struct pane_cell blank = { .width = 1, .fg = -1, .bg = -1 };

void
pane_cell(const struct pane *p, int y, int x, struct pane_cell *ret)
{
	VTermScreenCell cell;

	*ret = blank;
	if (vterm_screen_get_cell(p->screen, (VTermPos){ y, x }, &cell))
		cell_make(&cell, ret);
}

void
pane_row(const struct pane *p, int y, struct str *out)
{
	struct pane_cell cell;
	size_t end = out->len;
	int h, w;

	pane_size(p, &h, &w);
	for (int x = 0; x < w; x++) {
		pane_cell(p, y, x, &cell);
		if (!cell.width)
			continue;
		str_add(out, *cell.utf8 ? cell.utf8 : " ");
		if (*cell.utf8 && strcmp(cell.utf8, " ") != 0)
			end = out->len;
	}
	if (out->s)
		out->s[out->len = end] = '\0';
}

/* Of what is looked at. */
static void
seen_cell(const struct pane *p, int y, int x, struct pane_cell *ret)
{
	const struct kept_row *row;

	if (y >= p->back) {
		pane_cell(p, y - p->back, x, ret);
		return;
	}
	row = &p->kept.at[p->kept.n - (size_t)(p->back - y)];
	*ret = blank;
	if (x < row->n)
		cell_make(&row->cells[x], ret);
}

int
pane_scroll(struct pane *p, int rows)
{
	p->back += p->full_screen ? 0 : rows;
	if (p->back > (int)p->kept.n)
		p->back = (int)p->kept.n;
	if (p->back < 0)
		p->back = 0;
	return p->back;
}

int
pane_back(const struct pane *p)
{
	return p->back;
}

bool
pane_is_full_screen(const struct pane *p)
{
	return p->full_screen;
}

bool
pane_cursor(const struct pane *p, int *ret_y, int *ret_x)
{
	VTermPos pos;

	vterm_state_get_cursorpos(vterm_obtain_state(p->vt), &pos);
	*ret_y = pos.row;
	*ret_x = pos.col;
	return p->cursor_shown;
}

void
pane_paint(struct pane *p, const struct area *a, bool focused)
{
	struct pane_cell cell;
	int rows, columns, y, x;

	vterm_get_size(p->vt, &rows, &columns);
	for (y = 0; y < rows && y < a->h; y++)
		for (x = 0; x < columns && x < a->w; x++) {
			seen_cell(p, y, x, &cell);
			if (cell.width)
				paint_cell(a, y, x, cell.utf8, cell.fg, cell.bg, cell.look);
		}
	if (focused && pane_cursor(p, &y, &x))
		paint_cursor(a, p->back ? 0 : y, p->back ? 0 : x);
}

static const struct {
	uint32_t code;
	VTermKey key;
} keys[] = {
	{ KEYC_ENTER, VTERM_KEY_ENTER },	 { KEYC_TAB, VTERM_KEY_TAB },
	{ KEYC_BACKSPACE, VTERM_KEY_BACKSPACE }, { KEYC_ESC, VTERM_KEY_ESCAPE },
	{ KEYC_UP, VTERM_KEY_UP },		 { KEYC_DOWN, VTERM_KEY_DOWN },
	{ KEYC_LEFT, VTERM_KEY_LEFT },		 { KEYC_RIGHT, VTERM_KEY_RIGHT },
	{ KEYC_INSERT, VTERM_KEY_INS },		 { KEYC_DELETE, VTERM_KEY_DEL },
	{ KEYC_HOME, VTERM_KEY_HOME },		 { KEYC_END, VTERM_KEY_END },
	{ KEYC_PAGE_UP, VTERM_KEY_PAGEUP },	 { KEYC_PAGE_DOWN, VTERM_KEY_PAGEDOWN },
};

static bool
key_send(struct pane *p, const struct key *k)
{
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
		if (keys[i].code == k->code) {
			vterm_keyboard_key(p->vt, keys[i].key, VTERM_MOD_NONE);
			return true;
		}
	}
	if (k->code == KEYC_BACKTAB)
		vterm_keyboard_key(p->vt, VTERM_KEY_TAB, VTERM_MOD_SHIFT);
	else if (k->code > KEYC_F0 && k->code <= KEYC_F0 + 20)
		vterm_keyboard_key(p->vt, VTERM_KEY_FUNCTION((int)(k->code - KEYC_F0)),
				   VTERM_MOD_NONE);
	else if (k->code >= 0x110000 || !k->code)
		return false;
	else if (k->code < 0x20)
		on_output(&(char){ (char)k->code }, 1, p);
	else
		vterm_keyboard_unichar(p->vt, k->code, VTERM_MOD_NONE);
	return true;
}

bool
pane_key(struct pane *p, const struct key *k)
{
	bool sent = key_send(p, k);

	if (sent)
		p->back = 0;
	return sent;
}
