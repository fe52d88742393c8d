/* The practice lab: its machines, their power and cables, and what it is doing. */
#include "screens/screens.h"

#include <string.h>
#include "base/nls.h"
#include "base/paths.h"
#include "engine/lab.h"
#include "engine/wording.h"
#include "tui/dialog.h"
#include "tui/list.h"
#include "tui/pager.h"

enum { STATUS_MS = 3000, LOG_ROWS = 8, SMALL_ROWS = 20 };

struct labscreen {
	struct screen screen;
	struct wizard *w;
	struct lab *lab;
	struct list list;
	struct pager log;
	bool busy;       /* an order of a person is under way */
	bool looking;    /* the status is being asked */
	bool open_after; /* the cluster is opened once the machines answer */
	uint64_t timer;
	struct model tutorial; /* which machines its chapters need */
	/* An order that waits until a look at the status has ended. */
	bool waits;
	struct lab_order waiting;
	char machine[32], network[24];
};

static void lab_open_tutorial(struct labscreen *s);

/* ---- what can be done with the whole lab ---- */

static void
order_begin(struct labscreen *s)
{
	struct err err = { 0 };
	s->waits = false;
	s->busy = s->lab && !s->w->setup.sv->lab->order(s->lab, &s->waiting, &err);
	if (err.code)
		wizard_tell(s->w, &err);
}

static void
order(struct labscreen *s, const struct lab_order *o)
{
	if (s->busy || s->waits) {
		app_say(s->w->app, ROLE_WARN, "%s", _("The lab is busy; its end is waited for."));
		return;
	}
	s->waiting = *o;
	s->waiting.machine = o->machine ? s->machine : NULL;
	s->waiting.network = o->network ? s->network : NULL;
	str_put(s->machine, sizeof s->machine, o->machine ? o->machine : "");
	str_put(s->network, sizeof s->network, o->network ? o->network : "");
	s->waits = true;
	if (!s->looking)
		order_begin(s);
}

static void
up(struct labscreen *s)
{
	order(s, &(struct lab_order){ .action = LAB_UP });
}

static void
down(struct labscreen *s)
{
	order(s, &(struct lab_order){ .action = LAB_DOWN });
}

static void
reset_answered(void *ctx, const struct dialog_answer *answer)
{
	if (answer->yes)
		order(ctx, &(struct lab_order){ .action = LAB_RESET });
}

static void
reset(struct labscreen *s)
{
	dialog_open(s->w->app, &(struct dialog_spec){
		.kind = DIALOG_CONFIRM,
		.title = _("Back to bare machines?"),
		.text = _("The machines are switched off, and all that was done on them is gone."),
		.go = _("Reset"),
		.done = reset_answered,
		.ctx = s,
	});
}

static void
build(struct labscreen *s)
{
	order(s, &(struct lab_order){ .action = LAB_BUILD });
}

struct deed {
	const char *title, *text;
	void (*go)(struct labscreen *s);
};

static const struct deed deeds[] = {
	{ N_("Switch the machines on"), N_("Three machines start and answer in less than a minute; new ones are bare."), up },
	{ N_("Go through the chapters on them"), N_("Opens the tutorial's cluster file on the lab's machines."), lab_open_tutorial },
	{ N_("Shut the machines down"), N_("In order, as by their power buttons; what was done on them stays."), down },
	{ N_("Back to bare machines"), N_("Asks first; takes a moment only."), reset },
	{ N_("Build the image"), N_("Once, and again when its recipe has changed: some minutes."), build },
};
enum { NDEEDS = sizeof deeds / sizeof *deeds };

static const struct lab_status *
status_of(const struct labscreen *s)
{
	return s->lab ? s->w->setup.sv->lab->status(s->lab) : NULL;
}

static bool
answers(const struct lab_status *st, const char *name)
{
	for (size_t i = 0; st && i < st->n; i++)
		if (!strcmp(st->machines[i].name, name))
			return st->machines[i].state == LAB_ANSWERS;
	return false;
}

/* The lab may have more machines than the chapters need. */
static bool
all_answer(const struct labscreen *s)
{
	const struct node *n;
	vec_each(n, &s->tutorial.nodes)
		if (!answers(status_of(s), n->name))
			return false;
	return s->tutorial.nodes.n > 0;
}

static void
lab_open_tutorial(struct labscreen *s)
{
	CLEANUP(freep) char *path = paths_data("etc/tutorial.ini");
	if (all_answer(s)) {
		screen_cluster(s->w, path, WORLD_LAB);
		return;
	}
	s->open_after = true;
	app_say(s->w->app, ROLE_HINT, "%s", _("The machines are switched on first; the chapters open when all of them answer."));
	up(s);
}

/* ---- what the lab tells ---- */

static void
lab_say(void *ctx, const char *machine, const char *text)
{
	struct labscreen *s = ctx;
	if (!s->looking)
		pager_addf(&s->log, ROLE_TEXT, false, "%s%s%s", machine, *machine ? ": " : "", text);
	app_refresh(s->w->app);
}

static void
look(void *ctx)
{
	struct labscreen *s = ctx;
	struct err err = { 0 };
	s->timer = loop_timer_add(s->w->loop, STATUS_MS, look, s);
	if (s->busy || s->waits || s->looking || !s->lab)
		return;
	s->looking = !s->w->setup.sv->lab->order(s->lab, &(struct lab_order){ .action = LAB_STATUS }, &err);
}

static void
lab_done(void *ctx, const struct err *err)
{
	struct labscreen *s = ctx;
	bool looked = s->looking;
	s->looking = s->busy = false;
	app_refresh(s->w->app);
	if (err->code && !looked) {
		s->open_after = false;
		pager_addf(&s->log, ROLE_FAIL, true, "%s", err->what);
		wizard_tell(s->w, err);
	}
	if (!looked && !err->code)
		pager_addf(&s->log, ROLE_OK, false, "%s", _("Done."));
	if (s->open_after && looked && all_answer(s)) {
		s->open_after = false;
		lab_open_tutorial(s);
	} else if (s->waits) {
		order_begin(s);
	}
}

/* ---- one machine ---- */

enum wish { WISH_ON, WISH_OFF, WISH_RESET, WISH_CYCLE, WISH_CABLE };

struct wished {
	struct labscreen *s;
	char machine[32];
	size_t ncards;
	struct lab_card cards[LAB_CARDS_MAX];
};

static void
machine_answered(void *ctx, const struct dialog_answer *answer)
{
	static const enum lab_power powers[] = {
		[WISH_ON] = LAB_POWER_ON, [WISH_OFF] = LAB_POWER_OFF,
		[WISH_RESET] = LAB_POWER_RESET, [WISH_CYCLE] = LAB_POWER_CYCLE,
	};
	struct wished *x = ctx;
	if (answer->yes && answer->choice < WISH_CABLE)
		order(x->s, &(struct lab_order){ .action = LAB_POWER, .machine = x->machine,
						 .power = powers[answer->choice] });
	else if (answer->yes) {
		const struct lab_card *c = &x->cards[answer->choice - WISH_CABLE];
		order(x->s, &(struct lab_order){ .action = LAB_CUT, .machine = x->machine,
						 .network = c->name, .cut = !c->cut });
	}
	free(x);
}

static void
machine_ask(struct labscreen *s, const struct lab_machine *m)
{
	struct wished *x = xcalloc(1, sizeof *x);
	const char *choices[WISH_CABLE + LAB_CARDS_MAX] = {
		_("Power on"), _("Power off: the plug is pulled"), _("Reset button"),
		_("Power off and on again"),
	};
	char *owned[LAB_CARDS_MAX] = { 0 };
	x->s = s;
	str_put(x->machine, sizeof x->machine, m->name);
	/* the card to the console is not one of the cluster's cables */
	for (size_t i = 0; i < m->cards_n; i++)
		if (strcmp(m->cards[i].network, "console") != 0)
			x->cards[x->ncards++] = m->cards[i];
	for (size_t i = 0; i < x->ncards; i++) {
		owned[i] = xasprintf(x->cards[i].cut ? _("Put the cable %s (%s) back in") : _("Pull the cable %s (%s)"),
				     x->cards[i].name, x->cards[i].network);
		choices[WISH_CABLE + i] = owned[i];
	}
	dialog_open(s->w->app, &(struct dialog_spec){
		.kind = DIALOG_CHOICE,
		.title = m->name,
		.text = _("Only this machine of the lab is concerned."),
		.go = _("Do it"),
		.choices = choices,
		.nchoices = WISH_CABLE + x->ncards,
		.done = machine_answered,
		.ctx = x,
	});
	for (size_t i = 0; i < x->ncards; i++)
		free(owned[i]);
}

/* ---- the screen ---- */

static size_t
row_count(void *ctx)
{
	const struct lab_status *st = status_of(ctx);
	return NDEEDS + 1 + (st ? st->n : 0);
}

static bool
row_is_heading(void *ctx, size_t row)
{
	(void)ctx;
	return row == NDEEDS;
}

static void
cables_text(const struct lab_machine *m, struct str *out)
{
	for (size_t i = 0; i < m->cards_n; i++)
		if (m->cards[i].cut)
			str_addf(out, _("%s: cable out "), m->cards[i].network);
}

static void
machine_cell(const struct lab_machine *m, int column, struct str *out, enum role *role)
{
	static const char *const words[] = { N_("new"), N_("off"), N_("starting"), N_("answers") };
	static const enum role roles[] = { ROLE_DIM, ROLE_DIM, ROLE_BUSY, ROLE_OK };
	switch (column) {
	case 0:
		str_add(out, m->name);
		break;
	case 1:
		*role = roles[m->state];
		str_add(out, _(words[m->state]));
		break;
	case 2:
		*role = ROLE_DIM;
		str_add(out, m->roles);
		break;
	case 3:
		*role = ROLE_DIM;
		if (m->up_s)
			duration_add(out, m->up_s * 1000);
		break;
	default:
		*role = ROLE_WARN;
		cables_text(m, out);
	}
}

static void
row_cell(void *ctx, size_t row, int column, struct str *out, enum role *role)
{
	const struct labscreen *s = ctx;
	if (row == NDEEDS) {
		*role = ROLE_TITLE;
		str_add(out, column ? "" : _("Machines"));
	} else if (row < NDEEDS) {
		str_add(out, column ? "" : _(deeds[row].title));
	} else {
		machine_cell(&status_of(s)->machines[row - NDEEDS - 1], column, out, role);
	}
}

static uint64_t
row_id(void *ctx, size_t row)
{
	(void)ctx;
	return row;
}

static const struct list_ops rows = {
	.count = row_count, .cell = row_cell, .is_heading = row_is_heading, .id = row_id,
};
static const struct list_column columns[] = {
	{ .min = 32, .clip = CLIP_END },
	{ .min = 8, .shrink = 1, .clip = CLIP_END },
	{ .min = 10, .shrink = 3, .clip = CLIP_END },
	{ .min = 6, .shrink = 2, .clip = CLIP_END, .right = true },
	{ .min = 10, .shrink = 1, .clip = CLIP_END },
};

static const char *
lab_title(struct screen *screen)
{
	(void)screen;
	return _("practice lab");
}

static const char *
lab_hint(struct screen *screen)
{
	struct labscreen *s = (struct labscreen *)screen;
	long row = list_focus(&s->list);
	if (s->busy)
		return _("The lab is at work; that may take a minute.");
	if (row >= 0 && row < NDEEDS)
		return _(deeds[row].text);
	return _("Enter: power and cables of this machine.");
}

static void
lab_paint(struct screen *screen, const struct area *a)
{
	struct labscreen *s = (struct labscreen *)screen;
	int log = a->h < SMALL_ROWS ? LOG_ROWS / 2 : LOG_ROWS;
	struct area top = area_rows(a, 0, a->h - log), below = area_rows(a, a->h - log, log);
	struct area in = paint_box(&top, ROLE_TITLE, _("Practice lab"));
	list_paint(&s->list, &in, true);
	in = paint_box(&below, ROLE_BORDER, s->busy ? _("What it is doing") : _("What was done"));
	pager_paint(&s->log, &in, false);
}

static bool
lab_key(struct screen *screen, const struct key *k)
{
	struct labscreen *s = (struct labscreen *)screen;
	if (list_key(&s->list, k))
		return true;
	if (k->action == ACTION_NEXT) {
		lab_open_tutorial(s);
		return true;
	}
	if (k->action != ACTION_ENTER)
		return false;
	long row = list_focus(&s->list);
	if (row >= 0 && row < NDEEDS)
		deeds[row].go(s);
	else if (row > NDEEDS)
		machine_ask(s, &status_of(s)->machines[row - NDEEDS - 1]);
	return true;
}

static void
lab_actions(struct screen *screen, struct action_set *set)
{
	(void)screen;
	action_add(set, ACTION_ENTER);
	action_add(set, ACTION_BACK);
	action_add_as(set, ACTION_NEXT, _("Chapters"));
}

static bool
lab_editing(struct screen *screen)
{
	return list_editing(&((struct labscreen *)screen)->list);
}

static void
lab_close(struct screen *screen)
{
	struct labscreen *s = (struct labscreen *)screen;
	loop_timer_del(s->w->loop, s->timer);
	if (s->lab)
		s->w->setup.sv->lab->close(s->lab);
	list_done(&s->list);
	pager_done(&s->log);
	model_done(&s->tutorial);
	free(s);
}

static const struct screen_ops lab_ops = {
	.title = lab_title,
	.hint = lab_hint,
	.paint = lab_paint,
	.key = lab_key,
	.actions = lab_actions,
	.editing = lab_editing,
	.close = lab_close,
};

/* What is wrong with the file is told when its chapters are opened. */
static void
mistake_leave(void *ctx, int line, const struct err *err)
{
	(void)ctx;
	(void)line;
	(void)err;
}

void
screen_lab(struct wizard *w)
{
	struct err err = { 0 };
	struct labscreen *s = xcalloc(1, sizeof *s);
	CLEANUP(freep) char *tutorial = paths_data("etc/tutorial.ini");
	model_init(&s->tutorial);
	w->setup.sv->inventory_read(&s->tutorial, tutorial, mistake_leave, NULL);
	s->screen.ops = &lab_ops;
	s->w = w;
	list_init(&s->list, &rows, s, columns, sizeof columns / sizeof *columns);
	pager_init(&s->log);
	s->log.follow = true;
	app_push(w->app, &s->screen);
	s->lab = w->setup.sv->lab->open(w->loop, lab_say, lab_done, s, &err);
	if (s->lab)
		look(s);
	else
		wizard_tell(w, &err);
}
