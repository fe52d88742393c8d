/* The forms of a cluster file: its sections on the left, the settings of one of them on the right,
 * with every mistake beside what it is about. All comes from the table of settings. */
#include "screens/screens.h"

#include <string.h>
#include "base/nls.h"
#include "base/paths.h"
#include "tui/dialog.h"
#include "tui/form.h"
#include "tui/list.h"

enum { LIST_WIDTH = 24, WRAP_MIN = 72, MISTAKES_SHOWN = 6 };

struct part {
	enum section section;
	size_t index;
};

struct mistake {
	int line;
	struct err err;
};

/* What a form's field needs to find its value: objects move when others are added. */
struct place {
	struct settings *s;
	const struct field *field;
};

struct settings {
	struct screen screen;
	struct wizard *w;
	struct model model;
	char *path;
	enum world world;
	VEC(struct part) parts;
	VEC(struct mistake) mistakes;
	struct list list;
	long shown; /* the part whose form is there; -1 = none */
	struct form form;
	VEC(struct form_field) fields;
	VEC(struct place) places;
	bool in_form, has_form;
};

/* ---- one section as a form ---- */

static void *
object_of(const struct form_field *f)
{
	const struct place *p = f->object;
	const struct part *part = &p->s->parts.at[p->s->shown];
	return section_at(&p->s->model, part->section, part->index);
}

static void
setting_get(const struct form_field *f, struct str *out)
{
	const struct place *p = f->object;
	field_get(p->field, object_of(f), out);
}

static int
setting_set(const struct form_field *f, const char *text, struct err *err)
{
	const struct place *p = f->object;
	return field_set(p->field, &p->s->model, object_of(f), text, err);
}

static bool
setting_when(const struct form_field *f)
{
	const struct place *p = f->object;
	return !p->field->when || p->field->when(&p->s->model, object_of(f));
}

static enum form_type
form_type_of(const struct field *f)
{
	static const enum form_type types[] = {
		[FIELD_U16] = FORM_NUMBER, [FIELD_U32] = FORM_NUMBER,
		[FIELD_BOOL] = FORM_BOOL, [FIELD_CHOICE] = FORM_CHOICE,
		[FIELD_ROLES] = FORM_SET, [FIELD_NICS] = FORM_LIST,
	};
	/* those not named above are zero, which is a heading */
	return f->type < sizeof types / sizeof *types && types[f->type] ? types[f->type] : FORM_TEXT;
}

static void
form_drop(struct settings *s)
{
	if (s->has_form)
		form_done(&s->form);
	vec_free(&s->fields);
	vec_free(&s->places);
	s->has_form = false;
	s->shown = -1;
}

static void
form_make(struct settings *s, long row)
{
	form_drop(s);
	if (row < 0)
		return;
	enum section section = s->parts.at[row].section;
	s->shown = row;
	for (size_t i = 0; i < nfields; i++)
		if (fields[i].section == section)
			vec_push(&s->places, ((struct place){ s, &fields[i] }));
	for (size_t i = 0; i < s->places.n; i++) {
		const struct field *f = s->places.at[i].field;
		vec_push(&s->fields, ((struct form_field){
			.id = f->key, .label = _(f->label), .help = _(f->help),
			.type = form_type_of(f), .choices = f->choices, .required = f->required,
			.get = setting_get, .set = setting_set, .when = setting_when,
			.object = &s->places.at[i],
		}));
	}
	form_init(&s->form, s->fields.at, s->fields.n);
	s->has_form = true;
}

/* ---- the sections ---- */

static void
parts_make(struct settings *s)
{
	s->parts.n = 0;
	for (enum section x = 0; x < SECTION__COUNT; x++)
		for (size_t i = 0; i < section_count(&s->model, x); i++)
			vec_push(&s->parts, ((struct part){ x, i }));
}

static size_t
part_count(void *ctx)
{
	return ((struct settings *)ctx)->parts.n;
}

static bool
part_has_mistake(const struct settings *s, const struct part *p)
{
	const char *name = section_title(p->section, section_at(&s->model, p->section, p->index));
	int from = model_line(&s->model, p->section, name, "");
	int to = 0;
	const struct mention *m;
	vec_each(m, &s->model.mentions)
		if (m->section == (int)p->section && !strcmp(m->name, name) && m->line > to)
			to = m->line;
	for (size_t i = 0; from && i < s->mistakes.n; i++)
		if (s->mistakes.at[i].line >= from && s->mistakes.at[i].line <= to)
			return true;
	return false;
}

static void
part_cell(void *ctx, size_t row, int column, struct str *out, enum role *role)
{
	const struct settings *s = ctx;
	const struct part *p = &s->parts.at[row];
	(void)column;
	str_add(out, section_names[p->section]);
	if (section_is_named(p->section))
		str_addf(out, " %s", section_title(p->section,
						   section_at(&s->model, p->section, p->index)));
	if (part_has_mistake(s, p)) {
		str_add(out, " !");
		*role = ROLE_FAIL;
	}
}

static const struct list_ops part_rows = { .count = part_count, .cell = part_cell };
static const struct list_column part_columns[] = { { .min = 8, .clip = CLIP_END } };

/* ---- reading, judging, writing ---- */

static void
mistake_add(void *ctx, int line, const struct err *err)
{
	struct settings *s = ctx;
	vec_push(&s->mistakes, ((struct mistake){ line, *err }));
}

/* The examples serve everybody: a copy of them is changed. */
static bool
is_example(const char *path)
{
	CLEANUP(freep) char *examples = paths_data("etc/");
	return str_starts(path, examples);
}

static bool
settings_write(struct settings *s)
{
	struct err err = { 0 };
	if (is_example(s->path)) {
		err_set(&err, E_INPUT, _("this is the program's own example, which is not changed"));
		err_hint(&err, _("'New cluster file' on the first screen makes a copy to be changed."));
		wizard_tell(s->w, &err);
		return false;
	}
	s->mistakes.n = 0;
	if (s->has_form && !form_commit(&s->form))
		return false;
	model_validate(&s->model, mistake_add, s);
	if (s->w->setup.sv->inventory_write(&s->model, s->path, &err)) {
		wizard_tell(s->w, &err);
		return false;
	}
	if (s->has_form)
		form_saved(&s->form);
	/* the lines are others now */
	long row = s->shown;
	form_drop(s);
	model_done(&s->model);
	model_init(&s->model);
	s->mistakes.n = 0;
	s->w->setup.sv->inventory_read(&s->model, s->path, mistake_add, s);
	parts_make(s);
	form_make(s, row < (long)s->parts.n ? row : 0);
	app_say(s->w->app, s->mistakes.n ? ROLE_WARN : ROLE_OK,
		s->mistakes.n ? _("Written; it still has mistakes.") : _("Written: '%s'."), s->path);
	return true;
}

static void
settings_go_on(struct settings *s)
{
	if (!settings_write(s))
		return;
	if (s->mistakes.n) {
		app_say(s->w->app, ROLE_FAIL, "%s", s->mistakes.at[0].err.what);
		return;
	}
	struct wizard *w = s->w;
	enum world world = s->world;
	CLEANUP(freep) char *path = xstrdup(s->path);
	app_close(w->app, &s->screen);
	screen_cluster(w, path, world);
}

static void
add_named(void *ctx, const struct dialog_answer *answer)
{
	struct settings *s = ctx;
	const char *name = answer->text;
	enum section section = s->parts.at[s->shown < 0 ? 0 : s->shown].section;
	if (!answer->yes || !*name || !section_is_named(section))
		return;
	form_drop(s);
	section_add(&s->model, section, name);
	parts_make(s);
	for (size_t i = s->parts.n; i-- > 0;)
		if (s->parts.at[i].section == section) {
			list_set_focus(&s->list, i);
			form_make(s, (long)i);
			break;
		}
	s->in_form = true;
}

static void
settings_add(struct settings *s)
{
	CLEAN_STR title = STR_INIT(256);
	if (s->shown < 0 || !section_is_named(s->parts.at[s->shown].section)) {
		app_say(s->w->app, ROLE_WARN, "%s",
			_("Of this section there is one. Put the focus on a node, a LUN or a VM to add another."));
		return;
	}
	str_addf(&title, _("Name of the new section [%s …]"),
		 section_names[s->parts.at[s->shown].section]);
	dialog_open(s->w->app, &(struct dialog_spec){
		.kind = DIALOG_INPUT,
		.title = str_text(&title),
		.label = _("Name"),
		.go = _("Add"),
		.max_bytes = NAME_SIZE - 1,
		.done = add_named,
		.ctx = s,
	});
}

/* ---- a LUN out of those there are ---- */

static bool
field_wants_lun(const struct settings *s)
{
	const struct field *f = s->in_form && s->has_form ? s->places.at[s->form.focus].field : NULL;
	return f && f->refers && f->to == SECTION_LUN;
}

static void
lun_chosen(void *ctx, const char *lun)
{
	struct settings *s = ctx;
	struct err err = { 0 };
	const struct form_field *f = &s->fields.at[s->form.focus];
	if (setting_set(f, lun, &err))
		wizard_tell(s->w, &err);
	form_reload(&s->form);
	s->form.unsaved = true;
}

static void
lun_pick(struct settings *s)
{
	if (!s->w->map)
		app_say(s->w->app, ROLE_HINT, "%s",
			_("The LUNs can be listed once the cluster is open: F12 writes the file and opens it."));
	else
		screen_luns(s->w, lun_chosen, s);
}

/* ---- the screen ---- */

static const char *
settings_title(struct screen *screen)
{
	return ((struct settings *)screen)->path;
}

static const char *
settings_hint(struct screen *screen)
{
	const struct settings *s = (struct settings *)screen;
	if (field_wants_lun(s))
		return _("Ctrl-T: the LUNs there are. Tab: back to the sections. F12 writes, goes on.");
	if (s->in_form)
		return _("Up and down: the fields. Tab: back to the sections. F12 writes and goes on.");
	if (s->mistakes.n)
		return _("! marks what has a mistake. Enter: its form. F12 writes and goes on.");
	return _("Enter: the form of this section. w writes the file, F12 writes and goes on.");
}

static int
mistakes_paint(const struct settings *s, const struct area *a)
{
	int y = 0;
	for (size_t i = 0; i < s->mistakes.n && y < a->h; i++) {
		const struct mistake *m = &s->mistakes.at[i];
		CLEAN_STR line = STR_INIT(1024);
		if (m->line)
			str_addf(&line, _("line %d: "), m->line);
		str_add(&line, m->err.what);
		struct area rest = area_rows(a, y, -1);
		y += paint_wrap(&rest, 0, ROLE_FAIL, str_text(&line));
		if (m->err.hint[0] && y < a->h)
			paint_clip(a, y++, 2, a->w - 2, ROLE_HINT, m->err.hint, CLIP_END);
	}
	return y;
}

/* What a section is, while the focus is on its name. */
static const char *const section_meanings[SECTION__COUNT] = {
	[SECTION_CLUSTER] = N_("The cluster as a whole: its name, its own address, its timers."),
	[SECTION_DOMAIN] = N_("Who gives names and accounts: a domain of the cluster's own, or one that is there."),
	[SECTION_HYPERVISOR] = N_("What all hypervisors have alike: the virtual switch and the place of the disks."),
	[SECTION_QUORUM] = N_("What decides who goes on when machines lose sight of each other: a tiny LUN, and perhaps a third vote."),
	[SECTION_NETWORK] = N_("A network of the machines; its use says what travels on it."),
	[SECTION_NODE] = N_("A machine: its roles, its network cards (NICs), and how to get in."),
	[SECTION_TARGET] = N_("The side of iSCSI that lends disks: the machine that keeps them, and where it answers."),
	[SECTION_LUN] = N_("A disk that the target lends: a large one for virtual machines, a tiny one for quorum."),
	[SECTION_VM] = N_("A virtual machine that the cluster starts, and starts again elsewhere."),
};

static void
settings_paint(struct screen *screen, const struct area *a)
{
	struct settings *s = (struct settings *)screen;
	int rows = s->mistakes.n ? (int)s->mistakes.n * 2 + 2 : 0;
	rows = rows > MISTAKES_SHOWN + 2 ? MISTAKES_SHOWN + 2 : rows;
	struct area top = area_rows(a, 0, a->h - rows);
	struct area left = area_cols(&top, 0, LIST_WIDTH), right = area_cols(&top, LIST_WIDTH, -1);
	struct area in = paint_box(&left, ROLE_BORDER, _("Sections"));
	list_paint(&s->list, &in, !s->in_form);
	CLEAN_STR title = STR_INIT(256);
	if (s->shown >= 0) {
		enum role role = ROLE_TEXT;
		part_cell(s, (size_t)s->shown, 0, &title, &role);
	}
	in = paint_box(&right, ROLE_BORDER, str_text(&title));
	if (s->has_form) {
		s->form.note = s->in_form ? NULL : _(section_meanings[s->parts.at[s->shown].section]);
		form_paint(&s->form, &in, s->in_form);
	}
	if (rows) {
		struct area below = area_rows(a, a->h - rows, rows);
		in = paint_box(&below, ROLE_BORDER, _("Mistakes"));
		mistakes_paint(s, &in);
	}
}

static bool
form_side_key(struct settings *s, const struct key *k)
{
	if (form_key(&s->form, k))
		return true;
	if (k->action != ACTION_TAB && k->action != ACTION_BACKTAB && k->action != ACTION_CANCEL)
		return false;
	if (form_commit(&s->form))
		s->in_form = false;
	return true;
}

static bool
list_side_key(struct settings *s, const struct key *k)
{
	bool mine = list_key(&s->list, k);
	long row = list_focus(&s->list);
	if (row != s->shown)
		form_make(s, row);
	if (mine)
		return true;
	if (k->action != ACTION_ENTER && k->action != ACTION_TAB && k->action != ACTION_RIGHT)
		return false;
	s->in_form = s->has_form;
	return true;
}

static bool
settings_key(struct screen *screen, const struct key *k)
{
	struct settings *s = (struct settings *)screen;
	if (k->action == ACTION_LUNS && field_wants_lun(s)) {
		lun_pick(s);
		return true;
	}
	if (s->in_form ? form_side_key(s, k) : list_side_key(s, k))
		return true;
	switch (k->action) {
	case ACTION_EXPORT:
		settings_write(s);
		return true;
	case ACTION_ADD:
		settings_add(s);
		return true;
	case ACTION_NEXT:
		settings_go_on(s);
		return true;
	default:
		return false;
	}
}

static void
settings_actions(struct screen *screen, struct action_set *set)
{
	if (field_wants_lun((struct settings *)screen))
		action_add(set, ACTION_LUNS);
	action_add_as(set, ACTION_EXPORT, _("Write"));
	action_add(set, ACTION_ADD);
	action_add(set, ACTION_BACK);
	action_add_as(set, ACTION_NEXT, _("Write and open"));
}

static bool
settings_editing(struct screen *screen)
{
	struct settings *s = (struct settings *)screen;
	return s->in_form ? form_editing(&s->form) : list_editing(&s->list);
}

static void
settings_close(struct screen *screen)
{
	struct settings *s = (struct settings *)screen;
	form_drop(s);
	list_done(&s->list);
	model_done(&s->model);
	vec_free(&s->parts);
	vec_free(&s->mistakes);
	free(s->path);
	free(s);
}

static const struct screen_ops settings_ops = {
	.title = settings_title,
	.hint = settings_hint,
	.paint = settings_paint,
	.key = settings_key,
	.actions = settings_actions,
	.editing = settings_editing,
	.close = settings_close,
};

void
screen_settings(struct wizard *w, const char *path, enum world world)
{
	struct settings *s = xcalloc(1, sizeof *s);
	s->screen.ops = &settings_ops;
	s->w = w;
	s->path = xstrdup(path);
	s->world = world;
	model_init(&s->model);
	w->setup.sv->inventory_read(&s->model, path, mistake_add, s);
	parts_make(s);
	list_init(&s->list, &part_rows, s, part_columns, 1);
	form_make(s, s->parts.n ? 0 : -1);
	app_push(w->app, &s->screen);
}
