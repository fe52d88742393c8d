/* The asker of the plain command line. Questions wait in a queue: one stands on the terminal at
 * a time. A password is read without echo, and the terminal is put back however we end. */
#include "cli/answers.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>
#include "base/nls.h"
#include "base/str.h"
#include "base/text.h"

enum { ANSWER_MAX = 4096 };

struct question {
	struct ask ask; /* every text is a copy of ours */
	char **choices;
	ask_answer_fn answer;
	void *ctx;
};

struct answers {
	struct loop *loop;
	struct answers_spec spec;
	VEC(struct question) queue; /* [0] stands on the terminal */
	bool shown;
	struct str typed;
};

/* ---- the terminal's echo ---- */

static struct termios saved;
static volatile sig_atomic_t hidden;

static void
echo_show(void)
{
	if (hidden)
		tcsetattr(STDIN_FILENO, TCSANOW, &saved);
	hidden = 0;
}

/* For the signals the loop does not catch. */
static void
echo_signal(int signo)
{
	echo_show();
	signal(signo, SIG_DFL);
	raise(signo);
}

static void
echo_hide(void)
{
	static bool prepared;
	if (hidden || tcgetattr(STDIN_FILENO, &saved))
		return;
	if (!prepared) {
		static const int fatal[] = { SIGQUIT, SIGABRT, SIGSEGV, SIGBUS, SIGILL, SIGFPE };
		for (size_t i = 0; i < sizeof fatal / sizeof *fatal; i++)
			signal(fatal[i], echo_signal);
		atexit(echo_show);
		alloc_on_fail(echo_show);
		prepared = true;
	}
	struct termios quiet = saved;
	quiet.c_lflag &= ~(tcflag_t)(ECHO | ECHOE | ECHOK | ECHONL);
	hidden = 1;
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
}

/* ---- what the command line has answered already ---- */

static bool
confirmed(const struct answers *a, const char *name)
{
	for (size_t i = 0; name && i < a->spec.o->confirm.n; i++)
		if (!strcmp(a->spec.o->confirm.at[i], name))
			return true;
	return false;
}

/* A first contact may be confirmed by the fingerprint it shows: --confirm=SHA256:… */
static bool
fingerprint_confirmed(const struct answers *a, const struct ask *q)
{
	for (size_t i = 0; q->text && i < a->spec.o->confirm.n; i++) {
		const char *given = a->spec.o->confirm.at[i];
		const char *at = str_starts(given, "SHA256:") ? strstr(q->text, given) : NULL;
		size_t n = strlen(given);
		if (at && n == strlen("SHA256:") + 43)
			return true;
	}
	return false;
}

/* One that was given; or with --yes, where no machine would notice, anything. */
static const char *
secret_answer(const struct answers *a, const struct ask *q)
{
	static const char prefix[] = "secret:";
	const char *given = NULL;
	if (a->spec.secret && str_starts(q->id, prefix))
		given = a->spec.secret(a->spec.secret_ctx, q->id + strlen(prefix));
	if (!given && a->spec.o->yes && a->spec.o->world == WORLD_SIMULATED)
		return "any-password-will-do";
	return given;
}

/* NULL = the command line says nothing about it. */
static const char *
batch_answer(const struct answers *a, const struct ask *q)
{
	switch (q->type) {
	case ASK_SECRET:
		return secret_answer(a, q);
	case ASK_NAME:
		return confirmed(a, q->expect) ? q->expect : NULL;
	case ASK_CONFIRM:
		if (q->class == ASK_DESTRUCTIVE)
			return confirmed(a, q->expect) ? "yes" : NULL;
		return a->spec.o->yes ? "yes" : NULL;
	case ASK_HOSTKEY:
		return fingerprint_confirmed(a, q) ? "yes" : NULL;
	case ASK_TEXT:
	case ASK_CHOICE:
		return a->spec.o->yes ? q->fallback : NULL;
	}
	return NULL;
}

/* Nobody can be asked: say what would have answered it. */
static void
nobody_told(const struct ask *q)
{
	CLEAN_STR title = STR_INIT(2048);
	text_clean(&title, q->title, strlen(q->title), false);
	fprintf(stderr, _("bascule: %s\n"), str_text(&title));
	if (q->text && (q->type == ASK_HOSTKEY || q->type == ASK_NAME)) {
		CLEAN_STR text = STR_INIT(4096);
		const char *end = strstr(q->text, "\n\n"); /* the rest helps whoever answers */
		text_clean(&text, q->text, end && q->type == ASK_NAME ? (size_t)(end - q->text)
								       : strlen(q->text), true);
		fprintf(stderr, "  %s\n", str_text(&text));
	}
	if (q->type == ASK_NAME || (q->type == ASK_CONFIRM && q->class == ASK_DESTRUCTIVE))
		fprintf(stderr, _("  Not confirmed; '--confirm=%s' would allow it.\n"),
			q->expect ? q->expect : "?");
	else if (q->type == ASK_SECRET)
		fprintf(stderr, _("  Not given; put '%s=…' into the file of --secrets.\n"),
			str_starts(q->id, "secret:") ? q->id + 7 : q->id);
	else if (q->type == ASK_HOSTKEY)
		fprintf(stderr, _("  Not trusted; compare it on the machine's own console, then give "
				  "--confirm=SHA256:… or add it to known_hosts.\n"));
	else
		fprintf(stderr, _("  Nobody is there to answer.\n"));
}

/* ---- the person ---- */

static bool
grave(const struct ask *q)
{
	return q->type == ASK_CONFIRM || q->type == ASK_HOSTKEY;
}

static void
question_show(struct answers *a)
{
	const struct question *q = &a->queue.at[0];
	CLEAN_STR out = STR_INIT(16 * 1024);
	if (a->spec.hold)
		a->spec.hold(a->spec.hold_ctx, true);
	text_clean(&out, q->ask.title, strlen(q->ask.title), false);
	if (str_starts(q->ask.id, "confirm:"))
		str_addf(&out, "  [%s]", q->ask.id + strlen("confirm:"));
	str_add(&out, "\n");
	if (q->ask.text) {
		text_clean(&out, q->ask.text, strlen(q->ask.text), true);
		str_add(&out, "\n");
	}
	for (size_t i = 0; q->choices && q->choices[i]; i++)
		str_addf(&out, "  %zu  %s\n", i + 1, q->choices[i]);
	if (grave(&q->ask))
		str_add(&out, _("yes or no [no]: "));
	else if (q->ask.type == ASK_NAME)
		str_addf(&out, _("type '%s' to allow it: "), q->ask.expect);
	else if (q->ask.fallback)
		str_addf(&out, _("[%s]: "), q->ask.fallback);
	else
		str_add(&out, _(": "));
	fputs(str_text(&out), stderr);
	fflush(stderr);
	if (q->ask.type == ASK_SECRET)
		echo_hide();
	a->shown = true;
}

static void
question_done(struct question *q)
{
	free((char *)(uintptr_t)q->ask.id);
	free((char *)(uintptr_t)q->ask.title);
	free((char *)(uintptr_t)q->ask.text);
	free((char *)(uintptr_t)q->ask.expect);
	free((char *)(uintptr_t)q->ask.fallback);
	for (char **c = q->choices; c && *c; c++)
		free(*c);
	free(q->choices);
}

static void input_read(void *answers, int fd, short revents);

static void
queue_next(void *answers)
{
	struct answers *a = answers;
	if (!a->queue.n) {
		loop_fd_del(a->loop, STDIN_FILENO);
		if (a->spec.hold)
			a->spec.hold(a->spec.hold_ctx, false);
		return;
	}
	loop_fd_set(a->loop, STDIN_FILENO, POLLIN, input_read, a);
	if (!a->shown)
		question_show(a);
}

/* Takes the shown question off before it answers: the answer may raise the next one. */
static void
question_answer(struct answers *a, const char *text)
{
	struct question q = a->queue.at[0];
	if (hidden) {
		echo_show();
		fputc('\n', stderr);
	}
	a->shown = false;
	vec_remove(&a->queue, 0);
	q.answer(q.ctx, text);
	question_done(&q);
	queue_next(a);
}

static bool
text_means_yes(const char *text)
{
	return !strcasecmp(text, "yes") || !strcasecmp(text, "y") ||
	       !strcasecmp(text, _("yes")) || !strcasecmp(text, _("y"));
}

/* The line that was typed, as the question wants it; false = ask again. */
static bool
line_accept(const struct question *q, const char *line, const char **ret_answer)
{
	uint64_t number = 0;
	*ret_answer = line;
	if (grave(&q->ask)) {
		*ret_answer = text_means_yes(line) ? "yes" : NULL;
		return true;
	}
	if (q->ask.type == ASK_NAME) {
		*ret_answer = !strcmp(line, q->ask.expect) ? line : NULL;
		return true;
	}
	if (!*line && q->ask.fallback)
		*ret_answer = q->ask.fallback;
	if (q->ask.type != ASK_CHOICE)
		return true;
	size_t n = 0;
	while (q->choices && q->choices[n])
		n++;
	if (str_to_u64(*ret_answer, &number) && number >= 1 && number <= n) {
		*ret_answer = q->choices[number - 1];
		return true;
	}
	for (size_t i = 0; i < n; i++)
		if (!strcmp(q->choices[i], *ret_answer))
			return true;
	return false;
}

static void
line_take(struct answers *a, char *line)
{
	const char *answer = NULL;
	if (line_accept(&a->queue.at[0], line, &answer))
		question_answer(a, answer);
	else
		question_show(a);
}

static void
input_ended(struct answers *a)
{
	fputc('\n', stderr);
	a->spec.tty = false;
	answers_cancel(a);
}

static void
input_read(void *answers, int fd, short revents)
{
	struct answers *a = answers;
	char buffer[512];
	(void)revents;
	ssize_t n = read(fd, buffer, sizeof buffer);
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n <= 0) {
		input_ended(a);
		return;
	}
	str_addn(&a->typed, buffer, (size_t)n);
	explicit_bzero(buffer, sizeof buffer);
	char *end;
	while (a->queue.n && a->typed.len && (end = memchr(a->typed.s, '\n', a->typed.len))) {
		*end = '\0';
		CLEANUP(freep) char *line = xstrdup(a->typed.s);
		size_t used = (size_t)(end - a->typed.s) + 1;
		str_drop(&a->typed, used);
		if (line[0] && line[strlen(line) - 1] == '\r')
			line[strlen(line) - 1] = '\0';
		line_take(a, line);
		explicit_bzero(line, strlen(line));
	}
}

/* ---- the asker ---- */

static char *
copy(const char *text)
{
	return text ? xstrdup(text) : NULL;
}

static void
question_add(struct answers *a, const struct ask *ask, ask_answer_fn answer, void *ctx)
{
	struct question q = { .ask = *ask, .answer = answer, .ctx = ctx };
	size_t n = 0;
	q.ask.id = copy(ask->id);
	q.ask.title = copy(ask->title);
	q.ask.text = copy(ask->text);
	q.ask.expect = copy(ask->expect);
	q.ask.fallback = copy(ask->fallback);
	while (ask->choices && ask->choices[n])
		n++;
	q.choices = n ? xcalloc(n + 1, sizeof *q.choices) : NULL;
	for (size_t i = 0; i < n; i++)
		q.choices[i] = xstrdup(ask->choices[i]);
	q.ask.choices = NULL;
	vec_push(&a->queue, q);
	loop_defer(a->loop, queue_next, a);
}

/* With --yes nobody watches: only what a machine cannot know is still asked for. */
static bool
person_asked(const struct answers *a, const struct ask *q)
{
	if (!a->spec.tty)
		return false;
	return !a->spec.o->yes || q->type == ASK_SECRET || q->type == ASK_HOSTKEY ||
	       q->type == ASK_TEXT || q->type == ASK_CHOICE;
}

void
answers_ask(void *answers, const struct ask *question, ask_answer_fn answer, void *ctx)
{
	struct answers *a = answers;
	const char *known = batch_answer(a, question);
	if (known) {
		answer(ctx, known);
	} else if (person_asked(a, question)) {
		question_add(a, question, answer, ctx);
	} else {
		nobody_told(question);
		answer(ctx, NULL);
	}
}

void
answers_cancel(struct answers *a)
{
	echo_show();
	while (a->queue.n) {
		struct question q = a->queue.at[0];
		vec_remove(&a->queue, 0);
		a->shown = false;
		q.answer(q.ctx, NULL);
		question_done(&q);
	}
	queue_next(a);
}

struct answers *
answers_new(struct loop *l, const struct answers_spec *spec)
{
	struct answers *a = xcalloc(1, sizeof *a);
	a->loop = l;
	a->spec = *spec;
	a->typed = STR_INIT(ANSWER_MAX);
	return a;
}

struct answers *
answers_free(struct answers *a)
{
	if (!a)
		return NULL;
	answers_cancel(a);
	loop_forget(a->loop, a);
	vec_free(&a->queue);
	str_wipe(&a->typed);
	free(a);
	return NULL;
}
