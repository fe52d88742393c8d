/* Facts: who gives what a task needs. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "base/nls.h"
#include "base/str.h"
#include "engine/planpriv.h"

static const char *
fact_argument(const struct task *t, enum fact_arg arg)
{
	switch (arg) {
	case ARG_NODE:
		return t->node ? t->node->name : "console";
	case ARG_LUN:
		return t->lun ? t->lun->name : NULL;
	case ARG_VM:
		return t->vm ? t->vm->name : NULL;
	case ARG_TARGET:
		return t->target ? t->target->name : NULL;
	case ARG_ANY:
		return "*";
	}
	return NULL;
}

char *
task_fact(struct arena *a, const struct fact_ref *f, const struct task *t)
{
	CLEAN_STR s = STR_INIT(4096);

	str_add(&s, f->name);
	for (size_t i = 0; i < f->nargs; i++) {
		const char *arg = fact_argument(t, f->args[i]);

		if (!arg)
			return NULL;
		str_addf(&s, "%c%s", i ? ',' : '(', arg);
	}
	if (f->nargs)
		str_addc(&s, ')');
	return arena_strdup(a, str_text(&s));
}

static int
given_order(const void *a, const void *b)
{
	const struct given *x = a, *y = b;
	int order = strcmp(x->fact, y->fact);

	return order ? order : (x->task->index > y->task->index) - (x->task->index < y->task->index);
}

void
plan_index_facts(struct builder *b)
{
	struct task **t;
	const struct fact_ref *f;

	vec_each(t, &b->plan->tasks) {
		vec_each(f, &(*t)->step->gives) {
			char *text = task_fact(b->plan->arena, f, *t);

			if (!text) {
				plan_mistake(b, _("Give the step a 'for', or leave the argument out."),
					     _("step %s gives '%s' but has no such object"),
					     (*t)->step->id, f->name);
				continue;
			}
			vec_push(&(*t)->gives, text);
			vec_push(&b->given, ((struct given){ text, strlen(f->name), *t }));
		}
	}
	if (b->given.n)
		qsort(b->given.at, b->given.n, sizeof *b->given.at, given_order);
}

/* Index of the first given fact that is not before `text`. */
static size_t
given_from(const struct builder *b, const char *text, size_t n)
{
	size_t low = 0, high = b->given.n;

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (strncmp(b->given.at[mid].fact, text, n) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* Does a given fact "a(x,y)" answer the pattern "a(*,y)"? */
static bool
fact_matches(const char *pattern, const char *fact)
{
	while (*pattern && *fact) {
		if (*pattern == '*' && (pattern[1] == ',' || pattern[1] == ')')) {
			fact += strcspn(fact, pattern[1] == ',' ? "," : ")");
			pattern++;
		}
		if (*pattern != *fact)
			return false;
		pattern++;
		fact++;
	}
	return !*pattern && !*fact;
}

static void
givers_find(const struct builder *b, const struct fact_ref *f, struct givers *g)
{
	size_t name = strlen(f->name), key = g->open ? name : strlen(g->pattern);

	for (size_t i = given_from(b, g->pattern, key); i < b->given.n; i++) {
		const struct given *given = &b->given.at[i];

		if (strncmp(given->fact, g->pattern, key) != 0)
			break;
		if (given->name_len == name && (g->all || fact_matches(g->pattern, given->fact)))
			vec_push(&g->tasks, given->task->index);
	}
}

/* An open pattern has many givers, and every node's task asks for the same ones: they are kept. */
static const struct givers *
givers_kept(struct builder *b, const struct fact_ref *f, const struct givers *wanted)
{
	struct givers new = *wanted;

	for (size_t i = b->givers.n; i-- > 0;)
		if (b->givers.at[i].all == wanted->all &&
		    !strcmp(b->givers.at[i].pattern, wanted->pattern))
			return &b->givers.at[i];
	givers_find(b, f, &new);
	vec_push(&b->givers, new);
	return &b->givers.at[b->givers.n - 1];
}

void
givers_free(struct builder *b)
{
	struct givers *g;

	vec_each(g, &b->givers)
		vec_free(&g->tasks);
	vec_free(&b->givers);
}

enum tie { TIE_NEED, TIE_GUARD, TIE_GONE };

static size_t
task_tie(struct task *t, const struct givers *g, enum tie tie)
{
	for (size_t i = 0; i < g->tasks.n; i++) {
		if (g->tasks.at[i] == t->index)
			continue;
		if (tie == TIE_GUARD)
			vec_push(&t->guards, g->tasks.at[i]);
		else if (tie == TIE_GONE)
			vec_push(&t->gone, g->tasks.at[i]);
		else
			vec_push(&t->after, g->tasks.at[i]);
	}
	return g->tasks.n;
}

/* Ties t to every task that gives the fact. Returns how many there are. */
static size_t
plan_tie(struct builder *b, struct task *t, const struct fact_ref *f, enum tie tie)
{
	struct givers g = { .pattern = task_fact(b->plan->arena, f, t), .all = f->all };
	size_t found;

	if (!g.pattern)
		return 0;
	g.open = f->all || strchr(g.pattern, '*');
	if (g.open)
		return task_tie(t, givers_kept(b, f, &g), tie);
	givers_find(b, f, &g);
	found = task_tie(t, &g, tie);
	vec_free(&g.tasks);
	return found;
}

void
plan_tie_task(struct builder *b, struct task *t)
{
	const struct fact_ref *f;

	vec_each(f, &t->step->needs) {
		bool open = f->all;

		for (size_t i = 0; i < f->nargs; i++)
			open |= f->args[i] == ARG_ANY;
		/* What is taken back needs nothing: it only goes in the reverse order. */
		if (plan_tie(b, t, f, TIE_NEED) || open || t->undo)
			continue;
		plan_mistake(b, _("Another step must give this fact for the same objects, or the "
				  "cluster file lacks the object that it is about."),
			     _("%s needs the fact '%s', which no step gives"), t->key,
			     task_fact(b->plan->arena, f, t) ? task_fact(b->plan->arena, f, t)
							     : f->name);
	}
	vec_each(f, &t->step->guard)
		plan_tie(b, t, f, TIE_GUARD);
	vec_each(f, &t->step->gone)
		plan_tie(b, t, f, TIE_GONE);
}

