/* libvterm behind our own words; the only file that knows it. */
#include "tui/vterm.h"

#include <stdlib.h>
#include <string.h>
#include <vterm.h>

#include "base/alloc.h"

struct pane {
	VTerm *vt;
	VTermScreen *screen;
	bool cursor_shown;
	void (*output)(void *ctx, const char *bytes, size_t n);
	void *ctx;
};

enum { SIZE_MIN = 2, SIZE_LIMIT = 1000 };

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
	return 1;
}

static const VTermScreenCallbacks callbacks = { .settermprop = on_property };

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
	if (p)
		vterm_free(p->vt);
	free(p);
	return NULL;
}

void
pane_feed(struct pane *p, const char *bytes, size_t n)
{
	vterm_input_write(p->vt, bytes, n);
	vterm_screen_flush_damage(p->screen);
}

void
pane_resize(struct pane *p, int rows, int columns)
{
	int h, w;

	vterm_get_size(p->vt, &h, &w);
	rows = size_within(rows);
	columns = size_within(columns);
	if (rows != h || columns != w)
		vterm_set_size(p->vt, rows, columns);
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

void
pane_cell(const struct pane *p, int y, int x, struct pane_cell *ret)
{
	VTermScreenCell cell;

	memset(ret, 0, sizeof *ret);
	ret->width = 1;
	ret->fg = ret->bg = -1;
	if (!vterm_screen_get_cell(p->screen, (VTermPos){ y, x }, &cell))
		return;
	cell_text(&cell, ret);
	ret->width = cell.chars[0] == (uint32_t)-1 ? 0 : cell.width;
	ret->fg = color_index(&cell.fg);
	ret->bg = color_index(&cell.bg);
	ret->look = (cell.attrs.bold ? LOOK_BOLD : 0) |
		    (cell.attrs.underline ? LOOK_UNDERLINE : 0) |
		    (cell.attrs.reverse ? LOOK_REVERSE : 0);
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
			pane_cell(p, y, x, &cell);
			if (cell.width)
				paint_cell(a, y, x, cell.utf8, cell.fg, cell.bg, cell.look);
		}
	if (focused && pane_cursor(p, &y, &x))
		paint_cursor(a, y, x);
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

bool
pane_key(struct pane *p, const struct key *k)
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
