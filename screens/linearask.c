/* The engine's questions in sentences, one at a time; they come before any page's. */
#include "screens/linearpriv.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>
#include "base/nls.h"

struct query {
	struct ask ask;
	char *texts[5];
	char **choices;
	ask_answer_fn answer;
	void *ctx;
};

void
linear_echo(struct linear *l, bool shown)
{
	if (!shown && !l->hidden && !tcgetattr(STDIN_FILENO, &l->saved)) {
		struct termios quiet = l->saved;
		quiet.c_lflag &= ~(tcflag_t)(ECHO | ECHOE | ECHOK | ECHONL);
		l->hidden = !tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
	} else if (shown && l->hidden) {
		tcsetattr(STDIN_FILENO, TCSANOW, &l->saved);
		l->hidden = false;
		printf("\n");
	}
}

static void
question_show(struct linear *l)
{
	if (!l->questions.n) {
		l->asking = false;
		page_show(l);
		return;
	}
	const struct query *a = l->questions.at[0];
	l->asking = true;
	linear_say(a->ask.title);
	if (a->ask.text)
		linear_say(a->ask.text);
	for (size_t i = 0; a->choices[i]; i++)
		printf("  %zu  %s\n", i + 1, a->choices[i]);
	if (a->ask.type == ASK_CONFIRM || a->ask.type == ASK_HOSTKEY)
		linear_prompt(_("yes or no [no]:"));
	else if (a->ask.type == ASK_NAME)
		printf(_("type '%s' to allow it: "), a->ask.expect);
	else
		linear_prompt(":");
	fflush(stdout);
	linear_echo(l, a->ask.type != ASK_SECRET);
}

static char *
copy(const char *text)
{
	return text ? xstrdup(text) : NULL;
}

void
linear_ask(void *wizard, const struct ask *q, ask_answer_fn answer, void *ctx)
{
	struct linear *l = wizard;
	struct query *a = xcalloc(1, sizeof *a);
	size_t n = 0;
	while (q->choices && q->choices[n])
		n++;
	*a = (struct query){ .ask = *q, .answer = answer, .ctx = ctx,
			     .choices = xcalloc(n + 1, sizeof *a->choices),
			     .texts = { copy(q->id), copy(q->title), copy(q->text), copy(q->expect),
					copy(q->fallback) } };
	for (size_t i = 0; i < n; i++)
		a->choices[i] = xstrdup(q->choices[i]);
	a->ask.id = a->texts[0];
	a->ask.title = a->texts[1];
	a->ask.text = a->texts[2];
	a->ask.expect = a->texts[3];
	a->ask.fallback = a->texts[4];
	vec_push(&l->questions, a);
	if (l->questions.n == 1)
		question_show(l);
	linear_resume(l);
}

/* text NULL = declined. */
static void
question_end(struct linear *l, const char *text)
{
	struct query *a = l->questions.at[0];
	vec_remove(&l->questions, 0);
	linear_echo(l, true);
	a->answer(a->ctx, text);
	for (size_t i = 0; i < sizeof a->texts / sizeof *a->texts; i++)
		free(a->texts[i]);
	for (size_t i = 0; a->choices[i]; i++)
		free(a->choices[i]);
	free(a->choices);
	free(a);
}

void
linear_unask(struct wizard *w)
{
	struct linear *l = (struct linear *)w;
	while (l->questions.n)
		question_end(l, NULL);
	l->asking = false;
}

/* The word or its first letter, in the language or in English. */
static bool
means_yes(const char *text)
{
	const char *yes = _("yes");
	return !strcasecmp(text, yes) || !strcasecmp(text, "yes") || !strcasecmp(text, "y") ||
	       (!text[1] && *text == *yes);
}

void
linear_answer(struct linear *l, const char *text)
{
	const struct query *a = l->questions.at[0];
	size_t n = 0;
	if (!strcmp(text, "?")) {
		question_show(l);
		return;
	}
	while (a->choices[n])
		n++;
	switch (a->ask.type) {
	case ASK_CONFIRM: case ASK_HOSTKEY:
		question_end(l, means_yes(text) ? "yes" : NULL);
		break;
	case ASK_NAME:
		question_end(l, a->ask.expect && !strcmp(text, a->ask.expect) ? text : NULL);
		break;
	case ASK_CHOICE:
		n = linear_number(text, n);
		question_end(l, n ? a->choices[n - 1] : a->ask.fallback);
		break;
	default:
		question_end(l, *text ? text : a->ask.fallback);
	}
	question_show(l);
}
