/* The picture of the map. Networks that people use run above the machines, those of the cluster
 * below; where a line ends at another one it is joined to it, and where it passes it is not. */
#include "screens/mapdraw.h"

#include <string.h>
#include "base/nls.h"
#include "engine/view.h"
#include "screens/pings.h"
#include "tui/glyph.h"

enum { WIDTH_MIN = 98, BOX_MIN = 26, BOX_MAX = 38, GAP = 2, STEM_STEP = 3, BOX_ROWS = 2,
       LABEL = 28, LUNS_STEM = 12, BARS = 6 };

/* Where things are, of one frame. */
struct frame {
	const struct wizard *w;
	const struct model *m;
	const struct area *a;
	const struct map_row *focused;
	size_t first, shown;   /* machines */
	int box_w, box_y, box_h;
};

static bool
net_is_above(const struct network *n)
{
	return n->use == NET_ENTERPRISE;
}

static int
nets_count(const struct model *m, bool above)
{
	int n = 0;
	for (size_t i = 0; i < m->networks.n; i++)
		n += net_is_above(&m->networks.at[i]) == above;
	return n;
}

static int
vms_on(const struct viewmap *map, const struct node *node)
{
	int n = 0;
	for (size_t i = 0; i < map->vms.n; i++)
		n += map->vms.at[i].node == node;
	return n;
}

/* State, roles, NICs; and room for the VMs of the fullest node, one at least. */
static int
box_rows(const struct viewmap *map)
{
	int nics = 0, vms = 1;
	const struct map_node *n;
	vec_each(n, &map->nodes) {
		int here = vms_on(map, n->node);
		nics = (int)n->node->nnics > nics ? (int)n->node->nnics : nics;
		vms = here > vms ? here : vms;
	}
	return BOX_ROWS + 2 + nics + vms;
}

bool
mapdraw_fits(const struct wizard *w, const struct area *a)
{
	const struct model *m = &w->ws.model;
	int rows = nets_count(m, true) + 2 + box_rows(w->map) + 2 * nets_count(m, false) +
		   (m->luns.n ? 1 + BOX_ROWS + (int)m->luns.n : 0);
	return a->w >= WIDTH_MIN + BOX_ROWS && a->h >= rows + BOX_ROWS;
}

static int
box_x(const struct frame *f, size_t node)
{
	return (int)(node - f->first) * (f->box_w + GAP) + 1;
}

static bool
is_focused(const struct frame *f, enum map_kind kind, size_t index)
{
	return f->focused && f->focused->kind == kind && f->focused->index == index;
}

/* ---- networks ---- */

static const struct nic *
nic_in(const struct node *n, const char *network, size_t *at)
{
	for (; *at < n->nnics; ++*at)
		if (!strcmp(n->nics[*at].network, network))
			return &n->nics[(*at)++];
	return NULL;
}

/* From the box to the line; what it passes on the way stays whole. */
static void
stem_paint(const struct frame *f, int x, int bus_y)
{
	bool above = bus_y < f->box_y;
	int from = above ? bus_y + 1 : f->box_y + f->box_h, to = above ? f->box_y : bus_y;
	int edge = above ? f->box_y : f->box_y + f->box_h - 1;
	paint_text(f->a, bus_y, x, ROLE_BORDER, glyph(above ? GLYPH_TEE_TOP : GLYPH_TEE_BOTTOM));
	paint_text(f->a, edge, x, ROLE_BORDER, glyph(above ? GLYPH_TEE_BOTTOM : GLYPH_TEE_TOP));
	for (int y = from; y < to; y++)
		paint_text(f->a, y, x, ROLE_BORDER, glyph(GLYPH_V));
}

static void
bus_paint(const struct frame *f, const struct network *net, int y)
{
	CLEAN_STR label = STR_INIT(256);
	str_addf(&label, " %s %s ", net->name, net->subnet);
	for (int x = 0; x < f->a->w - LABEL; x++)
		paint_text(f->a, y, x, ROLE_BORDER, glyph(GLYPH_H));
	paint_clip(f->a, y, f->a->w - LABEL, LABEL, ROLE_TITLE, str_text(&label), CLIP_END);
}

/* The LUNs hang on the network of the storage. */
static void
luns_stem(const struct frame *f, int bus_y)
{
	int top = f->box_y + f->box_h + 2 * nets_count(f->m, false) + 1;
	if (!f->w->map->luns.n || bus_y < f->box_y)
		return;
	paint_text(f->a, bus_y, LUNS_STEM, ROLE_BORDER, glyph(GLYPH_TEE_TOP));
	for (int y = bus_y + 1; y < top; y++)
		paint_text(f->a, y, LUNS_STEM, ROLE_BORDER, glyph(GLYPH_V));
	paint_text(f->a, top, LUNS_STEM, ROLE_BORDER, glyph(GLYPH_TEE_BOTTOM));
}

/* Lines first, stems after them: the last one painted is joined where it ends. */
static void
nets_paint(const struct frame *f)
{
	int above = 1, below = f->box_y + f->box_h + 1;
	const struct viewmap *map = f->w->map;
	for (size_t i = 0; i < f->m->networks.n; i++) {
		const struct network *net = &f->m->networks.at[i];
		int y = net_is_above(net) ? above++ : below;
		below += net_is_above(net) ? 0 : 2;
		bus_paint(f, net, y);
		for (size_t n = f->first; n < f->first + f->shown; n++) {
			const struct node *node = map->nodes.at[n].node;
			for (size_t at = 0; nic_in(node, net->name, &at);) {
				int x = box_x(f, n) + f->box_w - 2 - STEM_STEP * (int)(node->nnics - at);
				if (x > box_x(f, n))
					stem_paint(f, x, y);
			}
		}
		if (net->use == NET_STORAGE)
			luns_stem(f, y);
	}
}

/* ---- machines ---- */

static void
vms_paint(const struct frame *f, const struct area *in, int y, const struct node *node)
{
	const struct viewmap *map = f->w->map;
	for (size_t i = 0; i < map->vms.n && y < in->h; i++) {
		const struct map_row r = { .kind = MAP_VM, .index = i };
		CLEAN_STR text = STR_INIT(256);
		CLEAN_STR state = STR_INIT(64);
		enum role role = ROLE_TEXT;
		if (map->vms.at[i].node != node)
			continue;
		map_row_state(f->w, &r, &state, &role);
		str_addf(&text, "[%s] %s%s ", map->vms.at[i].vm->name, str_text(&state),
			 map_row_is_fresh(f->w, &r) ? glyph(GLYPH_MARK) : "");
		pings_bars(f->w, map->vms.at[i].vm->name, BARS, &text);
		if (is_focused(f, MAP_VM, i)) {
			role = ROLE_FOCUS;
			paint_cursor(in, y, 0);
		}
		paint_clip(in, y++, 0, in->w, role, str_text(&text), CLIP_END);
	}
}

static void
box_paint(const struct frame *f, size_t index)
{
	const struct map_node *n = &f->w->map->nodes.at[index];
	const struct map_row r = { .kind = MAP_NODE, .index = index };
	const struct area box = {
		.y = f->a->y + f->box_y, .x = f->a->x + box_x(f, index), .h = f->box_h, .w = f->box_w,
	};
	bool focused = is_focused(f, MAP_NODE, index);
	CLEAN_STR title = STR_INIT(256);
	CLEAN_STR state = STR_INIT(64);
	CLEAN_STR roles = STR_INIT(256);
	enum role role = ROLE_TEXT;
	str_addf(&title, "%s%s", n->node->name, map_row_is_fresh(f->w, &r) ? glyph(GLYPH_MARK) : "");
	struct area in = paint_box(&box, focused ? ROLE_ACCENT : ROLE_BORDER, str_text(&title));
	if (focused)
		paint_cursor(&box, 0, 2);
	map_row_state(f->w, &r, &state, &role);
	paint_clip(&in, 0, 0, in.w, role, str_text(&state), CLIP_END);
	map_roles_add(f->w->map->plan->model, n->node, &roles);
	paint_clip(&in, 1, 0, in.w, ROLE_DIM, str_text(&roles), CLIP_END);
	int y = 2;
	for (size_t i = 0; i < n->node->nnics; i++, y++) {
		const struct nic *nic = &n->node->nics[i];
		CLEAN_STR line = STR_INIT(256);
		str_addf(&line, "%s %s", nic->name, *nic->address ? nic->address : nic->network);
		paint_clip(&in, y, 0, in.w, ROLE_TEXT, str_text(&line), CLIP_END);
	}
	vms_paint(f, &in, y, n->node);
}

/* ---- LUNs ---- */

static void
luns_paint(const struct frame *f)
{
	const struct viewmap *map = f->w->map;
	int y = f->box_y + f->box_h + 2 * nets_count(f->m, false);
	struct area box = area_rows(f->a, y + 1, BOX_ROWS + (int)map->luns.n);
	if (!map->luns.n)
		return;
	struct area in = paint_box(&box, ROLE_BORDER, _("LUNs"));
	for (size_t i = 0; i < map->luns.n; i++) {
		const struct map_row r = { .kind = MAP_LUN, .index = i };
		CLEAN_STR name = STR_INIT(128);
		CLEAN_STR state = STR_INIT(64);
		CLEAN_STR text = STR_INIT(512);
		enum role role = ROLE_TEXT;
		map_row_state(f->w, &r, &state, &role);
		map_row_text(f->w, &r, &text);
		str_addf(&name, "%s%s", map->luns.at[i].lun->name,
			 map_row_is_fresh(f->w, &r) ? glyph(GLYPH_MARK) : "");
		paint_pad(&in, (int)i, 0, 16, is_focused(f, MAP_LUN, i) ? ROLE_FOCUS : ROLE_TEXT,
			  str_text(&name), CLIP_MIDDLE);
		paint_pad(&in, (int)i, 18, 14, role, str_text(&state), CLIP_END);
		paint_clip(&in, (int)i, 34, in.w - 34, ROLE_TEXT, str_text(&text), CLIP_END);
		if (is_focused(f, MAP_LUN, i))
			paint_cursor(&in, (int)i, 0);
	}
}

/* The cluster's own address, and the VMs of which nobody knows where they run. */
static void
cluster_paint(const struct frame *f)
{
	const struct map_row r = { .kind = MAP_CLUSTER };
	const struct viewmap *map = f->w->map;
	CLEAN_STR state = STR_INIT(64);
	CLEAN_STR text = STR_INIT(512);
	CLEAN_STR rest = STR_INIT(512);
	enum role role = ROLE_TEXT;
	map_row_state(f->w, &r, &state, &role);
	map_row_text(f->w, &r, &rest);
	str_addf(&text, "%s%s  %s  %s", f->m->cluster.name,
		 map_row_is_fresh(f->w, &r) ? glyph(GLYPH_MARK) : "", str_text(&state), str_text(&rest));
	if (is_focused(f, MAP_CLUSTER, 0)) {
		role = ROLE_FOCUS;
		paint_cursor(f->a, 0, 1);
	}
	int x = 1 + paint_clip(f->a, 0, 1, f->a->w - 1, role, str_text(&text), CLIP_END);
	for (size_t i = 0; i < map->vms.n; i++) {
		CLEAN_STR name = STR_INIT(NAME_SIZE + 8);
		if (map->vms.at[i].node)
			continue;
		str_addf(&name, "[%s]", map->vms.at[i].vm->name);
		x += 2;
		if (is_focused(f, MAP_VM, i))
			paint_cursor(f->a, 0, x);
		x += paint_clip(f->a, 0, x, f->a->w - x, is_focused(f, MAP_VM, i) ? ROLE_FOCUS : ROLE_DIM,
				str_text(&name), CLIP_END);
	}
}

void
mapdraw_paint(struct mapdraw *d, const struct wizard *w, const struct area *a,
	      const struct map_row *focused)
{
	const struct viewmap *map = w->map;
	struct frame f = { .w = w, .m = &w->ws.model, .a = a, .focused = focused };
	size_t fit = (size_t)((a->w - LABEL) / (BOX_MIN + GAP));
	fit = fit > map->nodes.n ? map->nodes.n : fit;
	if (focused && focused->kind == MAP_NODE)
		d->first = view_window(map->nodes.n, focused->index, fit, d->first);
	f.first = d->first;
	f.shown = fit;
	f.box_w = fit ? (a->w - LABEL) / (int)fit - GAP : BOX_MIN;
	f.box_w = f.box_w > BOX_MAX ? BOX_MAX : f.box_w;
	f.box_y = nets_count(f.m, true) + 2;
	f.box_h = box_rows(map);
	for (size_t n = f.first; n < f.first + f.shown; n++)
		box_paint(&f, n);
	luns_paint(&f);
	nets_paint(&f);
	cluster_paint(&f);
}
