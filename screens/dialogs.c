/* The engine's questions as dialogs, one at a time; the others wait. */
#include "screens/screens.h"

#include <string.h>
#include "base/nls.h"
#include "tui/dialog.h"

struct asked {
	struct wizard *w;
	struct ask ask; /* every text is a copy of ours */
	const char **choices;
	size_t nchoices;
	ask_answer_fn answer;
	void *ctx;
	struct screen *dialog; /* NULL while it waits its turn */
};

static const char *
copy(const char *text)
{
	return text ? xstrdup(text) : NULL;
}

static struct asked *
asked_new(struct wizard *w, const struct ask *q, ask_answer_fn answer, void *ctx)
{
	struct asked *a = xcalloc(1, sizeof *a);
	*a = (struct asked){ .w = w, .ask = *q, .answer = answer, .ctx = ctx };
	a->ask.id = copy(q->id);
	a->ask.title = copy(q->title);
	a->ask.text = copy(q->text);
	a->ask.expect = copy(q->expect);
	a->ask.fallback = copy(q->fallback);
	a->ask.choices = NULL;
	while (q->choices && q->choices[a->nchoices])
		a->nchoices++;
	a->choices = xcalloc(a->nchoices + 1, sizeof *a->choices);
	for (size_t i = 0; i < a->nchoices; i++)
		a->choices[i] = copy(q->choices[i]);
	return a;
}

static void
asked_free(struct asked *a)
{
	const char *const texts[] = { a->ask.id, a->ask.title, a->ask.text, a->ask.expect,
				      a->ask.fallback };
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		free((char *)(uintptr_t)texts[i]);
	for (size_t i = 0; i < a->nchoices; i++)
		free((char *)(uintptr_t)a->choices[i]);
	free(a->choices);
	free(a);
}

static void question_show(struct wizard *w);

static void
dialog_answered(void *ctx, const struct dialog_answer *given)
{
	struct asked *a = ctx;
	struct wizard *w = a->w;
	const char *text = "yes";
	if (a->ask.type == ASK_CHOICE)
		text = given->yes ? a->choices[given->choice] : NULL;
	else if (a->ask.type == ASK_NAME)
		text = a->ask.expect;
	else if (a->ask.type == ASK_TEXT || a->ask.type == ASK_SECRET)
		text = given->text;
	vec_remove(&w->asked, 0);
	a->answer(a->ctx, given->yes ? text : NULL);
	asked_free(a);
	question_show(w);
}

static enum dialog_kind
kind_of(const struct ask *q)
{
	static const enum dialog_kind kinds[] = {
		[ASK_TEXT] = DIALOG_INPUT,     [ASK_SECRET] = DIALOG_SECRET,
		[ASK_CHOICE] = DIALOG_CHOICE,  [ASK_CONFIRM] = DIALOG_CONFIRM,
		[ASK_NAME] = DIALOG_NAME,      [ASK_HOSTKEY] = DIALOG_CONFIRM,
	};
	if (q->type == ASK_CONFIRM && q->class == ASK_DESTRUCTIVE && q->expect)
		return DIALOG_NAME;
	return kinds[q->type];
}

static void
question_show(struct wizard *w)
{
	if (!w->asked.n || w->asked.at[0]->dialog)
		return;
	struct asked *a = w->asked.at[0];
	struct dialog_spec spec = {
		.kind = kind_of(&a->ask),
		.title = a->ask.title,
		.text = a->ask.text,
		.harmless = a->ask.class <= ASK_REVERSIBLE && a->ask.type == ASK_CONFIRM,
		.name = a->ask.expect,
		.choices = a->choices,
		.nchoices = a->nchoices,
		.initial = a->ask.fallback,
		.max_bytes = 4096,
		.done = dialog_answered,
		.ctx = a,
	};
	if (a->ask.type == ASK_HOSTKEY)
		spec.go = _("Trust it");
	else if (a->ask.type == ASK_CONFIRM)
		spec.go = _("Do it");
	a->dialog = dialog_new(&spec);
	app_push(w->app, a->dialog);
}

void
question_ask(void *wizard, const struct ask *question, ask_answer_fn answer, void *ctx)
{
	struct wizard *w = wizard;
	vec_push(&w->asked, asked_new(w, question, answer, ctx));
	question_show(w);
}

void
question_cancel(struct wizard *w)
{
	while (w->asked.n) {
		struct asked *a = w->asked.at[0];
		vec_remove(&w->asked, 0);
		if (a->dialog)
			app_close(w->app, a->dialog);
		a->answer(a->ctx, NULL);
		asked_free(a);
	}
}
