/* The drills there are: what each one does, and how it went the last times. */
#include "screens/screens.h"

#include <string.h>
#include "base/nls.h"
#include "engine/wording.h"
#include "screens/drills.h"
#include "tui/dialog.h"
#include "tui/list.h"

enum { TIME_COLUMNS = 7 };

struct drillpick {
	struct screen screen;
	struct wizard *w;
	struct drill_offers offers;
	struct list list;
	bool vm_given;
	/* what was chosen so far */
	const struct drill_offer *chosen;
	struct drill_args args;
	VEC(const struct node *) nodes; /* of the dialog */
};

static const struct drill_offer *
offer_focused(struct drillpick *s)
{
	long row = list_focus(&s->list);
	return row < 0 ? NULL : &s->offers.at.at[row];
}

/* ---- VM, then node or destination, then go ---- */

static void
pick_begin(struct drillpick *s)
{
	struct wizard *w = s->w;
	str_put(s->args.variant, sizeof s->args.variant, s->chosen->variant);
	if (exertion_begin(w, s->chosen->step, &s->args))
		screen_drill(w);
}

static void
destination_chosen(void *ctx, const struct dialog_answer *answer)
{
	struct drillpick *s = ctx;
	if (!answer->yes)
		return;
	str_put(s->args.to, sizeof s->args.to, answer->choice ? s->nodes.at[answer->choice - 1]->name : "");
	pick_begin(s);
}

/* With two nodes there is one place to go; with more one may name it. */
static void
destination_ask(struct drillpick *s)
{
	const struct model *m = &s->w->ws.model;
	const struct map_vm *v = viewmap_vm(s->w->map, s->args.vm);
	const char *choices[NODES_MAX + 1] = { _("The cluster chooses") };
	const struct node *n;
	s->nodes.n = 0;
	vec_each(n, &m->nodes) {
		if (!(n->roles & ROLE_HYPERVISOR) || n->state != PRESENT || (v && v->node == n) ||
		    s->nodes.n == NODES_MAX)
			continue;
		vec_push(&s->nodes, n);
		choices[s->nodes.n] = n->name;
	}
	if (s->nodes.n < 2) {
		pick_begin(s);
		return;
	}
	dialog_open(s->w->app, &(struct dialog_spec){
		.kind = DIALOG_CHOICE,
		.title = s->chosen->step->title,
		.text = _("Where shall the VM go?"),
		.go = _("Go on"),
		.choices = choices,
		.nchoices = s->nodes.n + 1,
		.done = destination_chosen,
		.ctx = s,
	});
}

static void
node_chosen(void *ctx, const struct dialog_answer *answer)
{
	struct drillpick *s = ctx;
	if (!answer->yes)
		return;
	str_put(s->args.node, sizeof s->args.node, s->nodes.at[answer->choice]->name);
	pick_begin(s);
}

static void
node_ask(struct drillpick *s)
{
	const struct model *m = &s->w->ws.model;
	const struct map_vm *v = viewmap_vm(s->w->map, s->args.vm);
	const char *choices[NODES_MAX];
	size_t start = 0;
	const struct node *n;
	s->nodes.n = 0;
	s->args.node[0] = s->args.to[0] = '\0';
	if (!drill_has_victim(s->chosen->step)) {
		destination_ask(s);
		return;
	}
	vec_each(n, &m->nodes) {
		if (!(n->roles & ROLE_HYPERVISOR) || n->state != PRESENT || s->nodes.n == NODES_MAX)
			continue;
		if (v && v->node == n)
			start = s->nodes.n;
		choices[s->nodes.n] = n->name;
		vec_push(&s->nodes, n);
	}
	dialog_open(s->w->app, &(struct dialog_spec){
		.kind = DIALOG_CHOICE,
		.title = s->chosen->step->title,
		.text = v && v->node ? _("Which node shall it happen to? The one with the VM is chosen.")
				     : _("Which node shall it happen to?"),
		.go = _("Go on"),
		.choices = choices,
		.nchoices = s->nodes.n,
		.choice = start,
		.done = node_chosen,
		.ctx = s,
	});
}

static void
vm_chosen(void *ctx, const struct dialog_answer *answer)
{
	struct drillpick *s = ctx;
	if (!answer->yes)
		return;
	str_put(s->args.vm, sizeof s->args.vm, s->w->ws.model.vms.at[answer->choice].name);
	node_ask(s);
}

static void
vm_ask(struct drillpick *s)
{
	const struct model *m = &s->w->ws.model;
	if (m->vms.n < 2 || s->vm_given) {
		if (!s->vm_given)
			str_put(s->args.vm, sizeof s->args.vm, m->vms.n ? m->vms.at[0].name : "");
		node_ask(s);
		return;
	}
	const char **choices = xcalloc(m->vms.n, sizeof *choices);
	for (size_t i = 0; i < m->vms.n; i++)
		choices[i] = m->vms.at[i].name;
	dialog_open(s->w->app, &(struct dialog_spec){
		.kind = DIALOG_CHOICE,
		.title = s->chosen->step->title,
		.text = _("Which VM shall be measured?"),
		.go = _("Go on"),
		.choices = choices,
		.nchoices = m->vms.n,
		.done = vm_chosen,
		.ctx = s,
	});
	free(choices);
}

/* ---- the screen ---- */

static size_t
row_count(void *ctx)
{
	return ((struct drillpick *)ctx)->offers.at.n;
}

/* As wide as most times are, so that a column of none still shows its title. */
static void
time_cell(struct str *out, int64_t ms)
{
	if (ms < 0)
		str_addf(out, "%*s", TIME_COLUMNS, "-");
	else
		duration_add(out, ms);
}

static void
row_cell(void *ctx, size_t row, int column, struct str *out, enum role *role)
{
	const struct drillpick *s = ctx;
	const struct drill_offer *o = &s->offers.at.at[row];
	switch (column) {
	case 0:
		str_add(out, o->step->title);
		break;
	case 1:
		str_add(out, o->variant);
		break;
	case 2:
		*role = !o->had ? ROLE_DIM : !strcmp(o->last.verdict, "passed") ? ROLE_OK :
			!strcmp(o->last.verdict, "failed") ? ROLE_FAIL : ROLE_WARN;
		str_add(out, o->had ? drill_verdict_word(o->last.verdict) : _("never done"));
		break;
	case 3:
		time_cell(out, o->had ? o->last.outage_ms : -1);
		break;
	default:
		time_cell(out, o->median_n > 1 ? o->median_ms : -1);
	}
}

static const struct list_ops rows = { .count = row_count, .cell = row_cell };

static void
columns_make(struct list_column columns[5])
{
	const struct list_column made[5] = {
		{ .title = _("Drill"), .min = 20, .clip = CLIP_END },
		{ .title = _("Variant"), .min = 6, .clip = CLIP_END },
		{ .title = _("Last time"), .min = 8, .clip = CLIP_END },
		{ .title = _("Silence"), .min = 7, .shrink = 1, .clip = CLIP_END, .right = true },
		{ .title = _("Median"), .min = 7, .shrink = 2, .clip = CLIP_END, .right = true },
	};
	memcpy(columns, made, sizeof made);
}

static const char *
pick_title(struct screen *screen)
{
	(void)screen;
	return _("drills");
}

static const char *
pick_hint(struct screen *screen)
{
	(void)screen;
	return _("Enter checks the entry conditions and tells what is expected; then it asks.");
}

static void
pick_paint(struct screen *screen, const struct area *a)
{
	struct drillpick *s = (struct drillpick *)screen;
	const struct drill_offer *o = offer_focused(s);
	int below = a->h / 2 - 1;
	struct area top = area_rows(a, 0, a->h - below), box = area_rows(a, a->h - below, below);
	struct area in = paint_box(&top, ROLE_TITLE, _("Drills"));
	list_paint(&s->list, &in, true);
	in = paint_box(&box, ROLE_BORDER, o ? o->step->title : NULL);
	if (!o)
		return;
	CLEAN_STR past = STR_INIT(512);
	str_addf(&past, _("Risk: %s. Last time: "), risk_sentence(o->step->risk));
	drill_offer_past(o, &past);
	int y = paint_wrap(&in, 0, ROLE_HINT, str_text(&past));
	const char *variant = drill_variant_text(o->step, o->variant);
	if (*variant) {
		struct area told = area_rows(&in, y, -1);
		y += paint_wrap(&told, 0, ROLE_ACCENT, variant);
	}
	struct area rest = area_rows(&in, y, -1);
	/* its first paragraph; F4 shows all of it */
	const char *why = o->step->why ? o->step->why : "", *end = strstr(why, "\n\n");
	CLEANUP(freep) char *first = xstrndup(why, end ? (size_t)(end - why) : strlen(why));
	paint_wrap(&rest, 0, ROLE_TEXT, first);
}

static void
pick_explain(struct drillpick *s)
{
	const struct drill_offer *o = offer_focused(s);
	if (!o || !o->step->why)
		return;
	struct pager *p = screen_text(s->w, _("drills"), o->step->title);
	pager_add(p, o->step->why, strlen(o->step->why), ROLE_TEXT, false);
}

static bool
pick_key(struct screen *screen, const struct key *k)
{
	struct drillpick *s = (struct drillpick *)screen;
	if (list_key(&s->list, k))
		return true;
	switch (k->action) {
	case ACTION_ENTER: case ACTION_NEXT:
		s->chosen = offer_focused(s);
		if (s->chosen)
			vm_ask(s);
		return true;
	case ACTION_EXPLAIN:
		pick_explain(s);
		return true;
	case ACTION_DRILLS:
		app_close(screen->app, screen);
		return true;
	default:
		return false;
	}
}

static void
pick_actions(struct screen *screen, struct action_set *set)
{
	(void)screen;
	action_add_as(set, ACTION_ENTER, _("Begin"));
	action_add(set, ACTION_EXPLAIN);
	action_add(set, ACTION_MAP);
	action_add(set, ACTION_BACK);
}

/* A drill may have been done meanwhile. */
static void
pick_shown(struct screen *screen)
{
	struct drillpick *s = (struct drillpick *)screen;
	drill_offers_fill(s->w, &s->offers);
}

static bool
pick_editing(struct screen *screen)
{
	return list_editing(&((struct drillpick *)screen)->list);
}

static void
pick_close(struct screen *screen)
{
	struct drillpick *s = (struct drillpick *)screen;
	list_done(&s->list);
	drill_offers_done(&s->offers);
	vec_free(&s->nodes);
	free(s);
}

static const struct screen_ops pick_ops = {
	.title = pick_title,
	.hint = pick_hint,
	.paint = pick_paint,
	.key = pick_key,
	.actions = pick_actions,
	.editing = pick_editing,
	.shown = pick_shown,
	.close = pick_close,
};

void
screen_drills(struct wizard *w, const char *vm)
{
	static struct list_column columns[5];
	if (!w->view || exertion_runs(w)) {
		if (exertion_runs(w))
			screen_drill(w);
		return;
	}
	if (app_top(w->app) && app_top(w->app)->ops == &pick_ops)
		return;
	struct drillpick *s = xcalloc(1, sizeof *s);
	s->screen.ops = &pick_ops;
	s->w = w;
	s->vm_given = vm != NULL;
	str_put(s->args.vm, sizeof s->args.vm, vm ? vm : "");
	columns_make(columns);
	list_init(&s->list, &rows, s, columns, sizeof columns / sizeof *columns);
	s->list.empty = _("There are no drills for this platform.");
	drill_offers_fill(w, &s->offers);
	app_push(w->app, &s->screen);
}
