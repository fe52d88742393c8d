/* Chapters, steps and reviews in sentences. */
#include "screens/linearpriv.h"

#include <stdio.h>
#include <string.h>
#include "base/nls.h"
#include "engine/explain.h"
#include "engine/recent.h"
#include "engine/wording.h"

enum { SCRIPT_MAX = 1024 * 1024 };

/* ---- what one task is about ---- */

static const struct view_row *
row_of(const struct linear *l)
{
	const struct view_chapter *c = &l->w.view->chapters.at[l->chapter];
	return &l->w.view->rows.at[c->first + l->row];
}

static const struct task *
row_task(const struct linear *l)
{
	const struct view_row *r = row_of(l);
	for (size_t i = 0; i < l->w.view->columns.n; i++)
		if (r->cells[i])
			return r->cells[i];
	return NULL;
}

static void
row_say(const struct view *v, const struct view_row *r, size_t number)
{
	CLEAN_STR line = STR_INIT(4096);
	str_addf(&line, "  %zu  %s", number, r->step->title);
	if (*r->object)
		str_addf(&line, " (%s)", r->object);
	const char *between = ": ";
	for (size_t i = 0; i < v->columns.n; i++) {
		struct view_cell c;
		if (!r->cells[i])
			continue;
		view_cell(v, r->cells[i], &c);
		str_addf(&line, "%s%s %s", between,
			 v->columns.at[i].node ? v->columns.at[i].node->name : _("console"), c.word);
		between = ", ";
	}
	linear_say(str_text(&line));
}

static void
reasons_say(const struct view *v, const struct view_row *r)
{
	for (size_t i = 0; i < v->columns.n; i++) {
		const struct task *t = r->cells[i];
		if (!t || !*view_reason(t))
			continue;
		CLEAN_STR line = STR_INIT(4096);
		str_addf(&line, _("%s: %s"), v->columns.at[i].node ? v->columns.at[i].node->name : _("console"),
			 view_reason(t));
		linear_say(str_text(&line));
		if (*view_hint(v, t))
			linear_say(view_hint(v, t));
	}
}

static void
step_show(struct linear *l)
{
	const struct view_row *r = row_of(l);
	linear_say("");
	row_say(l->w.view, r, l->row + 1);
	if (r->step->why)
		linear_say(r->step->why);
	reasons_say(l->w.view, r);
	linear_say(_("s the script, a do this step, t a shell on its machines, < back"));
	linear_prompt("[<]:");
}

static void review_ask(struct linear *l, const struct selection *sel);

static void
script_say(struct linear *l)
{
	CLEAN_STR script = STR_INIT(SCRIPT_MAX);
	struct err err = { 0 };
	const struct values *values = l->w.run ? run_values(l->w.run) : NULL;
	if (explain_script(l->w.ws.plan, values, row_task(l), VERB_APPLY, &script, &err))
		linear_say(err.what);
	else
		fputs(str_text(&script), stdout);
}

/* What another terminal takes to a machine: two dialogues on one line would be none. */
static void
shell_say(const struct linear *l, const struct node *n)
{
	char address[ADDR_SIZE];
	CLEAN_STR line = STR_INIT(4096);
	model_node_address(n, address);
	str_addf(&line, "  %s: ", n->name);
	if (l->w.ws.world == WORLD_LAB) {
		str_addf(&line, "bascule lab ssh %s", n->name);
	} else {
		str_add(&line, "ssh");
		if (n->ssh.port)
			str_addf(&line, " -p %d", n->ssh.port);
		if (*n->ssh.key)
			str_addf(&line, " -i %s", n->ssh.key);
		if (*n->ssh.jump)
			str_addf(&line, " -J %s", n->ssh.jump);
		str_addf(&line, " %s@%s", *n->ssh.user ? n->ssh.user : "root",
			 *n->ssh.host ? n->ssh.host : address);
	}
	linear_line(NULL, str_text(&line));
}

static void
shells_say(const struct linear *l)
{
	const struct view_row *r = row_of(l);
	if (l->w.ws.world == WORLD_SIMULATED) {
		linear_say(_("A simulated machine has no shell; the lab's and real ones have."));
		return;
	}
	linear_say(_("In another terminal this is a shell on the machine; l then looks at what was done by hand."));
	for (size_t i = 0; i < l->w.view->columns.n; i++)
		if (r->cells[i] && l->w.view->columns.at[i].node)
			shell_say(l, l->w.view->columns.at[i].node);
}

static void
step_answer(struct linear *l, const char *text)
{
	if (!strcmp(text, "s")) {
		script_say(l);
		page_show(l);
	} else if (!strcmp(text, "t")) {
		shells_say(l);
		linear_prompt("[<]:");
	} else if (!strcmp(text, "a")) {
		const char *only[2] = { row_of(l)->step->id, NULL };
		review_ask(l, &(struct selection){ .only = only });
	} else if (!*text) {
		page_back(l);
	} else {
		linear_refuse(l);
	}
}

/* ---- a review ---- */

static void
review_answered(void *ctx, const char *answer)
{
	struct linear *l = ctx;
	const char *only[2] = { l->path, NULL };
	struct selection sel = { .only = only };
	if (!l->path)
		view_selection(l->scope, l->w.view->chapters.at[l->chapter].chapter, only, &sel);
	if (!answer)
		linear_say(_("Nothing was done."));
	else
		wizard_run(&l->w, MODE_APPLY, &sel);
}

static void
plan_say(const struct plan *p)
{
	struct task **t;
	vec_each(t, &p->tasks) {
		CLEAN_STR line = STR_INIT(4096);
		if ((*t)->part == PART_CONTEXT)
			continue;
		view_where(*t, &line);
		str_add(&line, ": ");
		task_title(&line, *t);
		str_addf(&line, ", %s", _(risk_words[task_risk(*t)]));
		linear_say(str_text(&line));
	}
}

/* Everything that would be done, then one question. */
static void
review_ask(struct linear *l, const struct selection *sel)
{
	struct plan *p = wizard_plan(&l->w, sel);
	if (!p)
		return;
	linear_say(_("This would be done; what holds already is left alone:"));
	plan_say(p);
	plan_free(p);
	free(l->path);
	l->path = sel->only && !sel->through ? xstrdup(sel->only[0]) : NULL;
	const struct ask q = { .type = ASK_CONFIRM, .class = ASK_REVERSIBLE, .id = "review",
			       .title = _("Do all of this now?") };
	linear_ask(l, &q, review_answered, l);
}

static void
review_scope(struct linear *l, enum view_scope scope)
{
	const char *only[2];
	struct selection sel;
	l->scope = scope;
	view_selection(scope, l->w.view->chapters.at[l->chapter].chapter, only, &sel);
	review_ask(l, &sel);
}

/* ---- one chapter ---- */

static void
chapter_show(struct linear *l)
{
	const struct view_chapter *c = &l->w.view->chapters.at[l->chapter];
	printf("\n%d  %s\n", c->chapter->number, c->chapter->title);
	linear_say(c->chapter->summary);
	for (size_t i = 0; i < c->n; i++)
		row_say(l->w.view, &l->w.view->rows.at[c->first + i], i + 1);
	linear_say(_("A number explains the step; a does this chapter and what it needs, l looks at the "
	      "machines, < goes back."));
	linear_prompt("[<]:");
}

static void
chapter_answer(struct linear *l, const char *text)
{
	static const struct page step_page = { step_show, step_answer };
	size_t n = linear_number(text, l->w.view->chapters.at[l->chapter].n);
	if (n) {
		l->row = n - 1;
		page_push(l, &step_page);
	} else if (!strcmp(text, "a")) {
		review_scope(l, SCOPE_THROUGH);
	} else if (!strcmp(text, "l")) {
		wizard_look(&l->w);
	} else if (!*text) {
		page_back(l);
	} else {
		linear_refuse(l);
	}
}

/* ---- the chapters ---- */

static void
chapters_show(struct linear *l)
{
	CLEAN_STR title = STR_INIT(1024);
	cluster_title(&title, &l->w.ws.model, l->w.ws.world);
	linear_say("");
	linear_say(str_text(&title));
	for (size_t i = 0; i < l->w.view->chapters.n; i++) {
		const struct chapter *c = l->w.view->chapters.at[i].chapter;
		struct view_counts n;
		view_count(l->w.view, c, &n);
		printf(_("  %d  %s: %s\n"), c->number, c->title,
		       l->w.view->chapters.at[i].n ? _(view_words[n.word]) : _("done one by one, on purpose"));
	}
	linear_say(_("A number opens the chapter; a does all chapters, l looks at the machines, m tells the "
		     "map, d lists the drills, < goes back, q leaves."));
	linear_say(_("v tells the validation report, j the runs of the journal, p the LUNs, h the words of "
		     "the field."));
	linear_prompt("[q]:");
}

/* By the number that the chapter has everywhere: some are left out. 1 + its place, 0 = there is none. */
static size_t
chapter_number(const struct linear *l, const char *text)
{
	uint64_t number;
	if (!str_to_u64(text, &number))
		return 0;
	for (size_t i = 0; i < l->w.view->chapters.n; i++)
		if ((uint64_t)l->w.view->chapters.at[i].chapter->number == number)
			return i + 1;
	return 0;
}

static void
chapters_answer(struct linear *l, const char *text)
{
	static const struct page chapter_page = { chapter_show, chapter_answer };
	size_t n = chapter_number(l, text);
	if (n && !l->w.view->chapters.at[n - 1].n) {
		page_push(l, &linear_drills); /* the only chapter without steps to be done */
	} else if (n) {
		l->chapter = n - 1;
		page_push(l, &chapter_page);
	} else if (!strcmp(text, "a")) {
		review_scope(l, SCOPE_ALL);
	} else if (!strcmp(text, "l")) {
		wizard_look(&l->w);
	} else if (!strcmp(text, "m")) {
		linear_map(l);
	} else if (!strcmp(text, "p")) {
		linear_luns(l);
	} else if (!strcmp(text, "d")) {
		page_push(l, &linear_drills);
	} else if (!strcmp(text, "j")) {
		page_push(l, &linear_journal);
	} else if (!strcmp(text, "v") || !strcmp(text, "h")) {
		if (*text == 'v')
			linear_report(l);
		else
			linear_guide();
		page_show(l);
	} else if (!*text) {
		linear_end(l);
	} else {
		linear_refuse(l);
	}
}

static void
mistake_say(void *ctx, int line, const struct err *err)
{
	(void)ctx;
	if (line)
		printf(_("line %d: "), line);
	linear_say(err->what);
	if (err->hint[0])
		linear_say(err->hint);
}

void
linear_open(struct linear *l, const char *path, enum world world)
{
	static const struct page chapters_page = { chapters_show, chapters_answer };
	struct err err = { 0 };
	if (wizard_open(&l->w, path, world, mistake_say, l, &err)) {
		wizard_tell(&l->w, &err);
		l->w.code = EXIT_INPUT;
		page_show(l);
		return;
	}
	recents_add(path, world);
	l->stack[l->depth++] = chapters_page;
	wizard_look(&l->w);
}
