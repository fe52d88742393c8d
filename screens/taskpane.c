/* What is known of one task: why, what to do, what it waits for, what it put out last. */
#include "screens/taskpane.h"

#include "base/nls.h"
#include "base/str.h"
#include "engine/wording.h"
#include "tui/glyph.h"

struct pane {
	const struct area *a;
	int y;
	enum role role;
};

static void
pane_line(void *ctx, const char *text)
{
	struct pane *p = ctx;
	if (p->y < p->a->h)
		paint_clip(p->a, p->y++, 0, p->a->w, p->role, text, CLIP_END);
}

static void
pane_wrap(struct pane *p, enum role role, const char *text)
{
	struct area rest = area_rows(p->a, p->y, -1);
	if (*text && rest.h > 0)
		p->y += paint_wrap(&rest, 0, role, text);
}

/* What a cell has no room for: what is being done, and how long that takes. */
static void
pane_running(const struct view *v, const struct task *t, struct pane *p)
{
	struct view_cell c;
	CLEAN_STR spent = STR_INIT(64), takes = STR_INIT(64), line = STR_INIT(512);
	view_cell(v, t, &c);
	duration_add(&spent, c.elapsed_ms);
	duration_add(&takes, (int64_t)t->step->takes_s * 1000);
	if (t->step->takes_s)
		str_addf(&line, _("%s for %s; it takes about %s."), c.word, str_text(&spent), str_text(&takes));
	else
		str_addf(&line, _("%s for %s."), c.word, str_text(&spent));
	pane_wrap(p, ROLE_BUSY, str_text(&line));
}

static void
pane_body(const struct view *v, const struct task *t, const struct area *a)
{
	struct pane p = { .a = a };
	bool bad = t->state == TASK_FAILED || t->state == TASK_UNKNOWN;
	if (view_task_word(t) == VIEW_RUNNING)
		pane_running(v, t, &p);
	pane_wrap(&p, bad ? ROLE_FAIL : ROLE_TEXT, view_reason(t));
	pane_wrap(&p, ROLE_HINT, view_hint(v, t));
	for (size_t i = 0; i < view_warns(v, t); i++)
		pane_wrap(&p, ROLE_WARN, view_warn(v, t, i));
	p.role = ROLE_DIM;
	if (t->state == TASK_WAITING || t->state == TASK_BLOCKED || t->state == TASK_PENDING)
		view_waits(v, t, pane_line, &p);
	if (a->h > p.y)
		view_output(v, t, (size_t)(a->h - p.y), pane_line, &p);
	if (p.y)
		return;
	if (t->state == TASK_PENDING)
		pane_wrap(&p, ROLE_DIM, _("Nothing was asked of this machine yet; F5 looks."));
	else if (t->state == TASK_OK)
		pane_wrap(&p, ROLE_DIM, _("This holds: there is nothing to do."));
	else if (t->state == TASK_TODO)
		pane_wrap(&p, ROLE_DIM, _("This is to be done; F4 says why, and shows the script."));
	else if (t->state == TASK_STOPPED)
		pane_wrap(&p, ROLE_DIM, _("This was not begun; F12 goes on."));
	else if (t->state == TASK_CHANGED)
		pane_wrap(&p, ROLE_DIM, _("This was changed, and checked again afterwards."));
}

void
task_pane_paint(const struct view *v, const struct task *t, const struct area *a)
{
	CLEAN_STR title = STR_INIT(1024);
	if (t) {
		view_where(t, &title);
		str_addf(&title, " %s ", glyph(GLYPH_DOT));
		task_title(&title, t);
	}
	struct area in = paint_box(a, ROLE_BORDER, t ? str_text(&title) : NULL);
	if (t)
		pane_body(v, t, &in);
}
