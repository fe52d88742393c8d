/* The wizard in sentences: one question at a time, choices by number, nothing that is drawn over.
 * "?" says the question again, "<" goes back, an empty line takes what stands in brackets. */
#include "screens/linear.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "base/nls.h"
#include "base/paths.h"
#include "base/text.h"
#include "screens/linearpriv.h"

/* ---- saying ---- */

void
linear_line(void *ctx, const char *text)
{
	(void)ctx;
	printf("%s\n", text);
}

void
linear_say(const char *text)
{
	CLEAN_STR clean = STR_INIT(LINE_MAX_BYTES);
	if (!*text)
		linear_line(NULL, text);
	text_clean(&clean, text, strlen(text), true);
	text_wrap(str_text(&clean), LINEAR_COLUMNS, linear_line, NULL);
}

void
linear_prompt(const char *text)
{
	printf("%s ", text);
	fflush(stdout);
}

void
page_show(struct linear *l)
{
	if (!l->w.running && !l->waiting && !l->asking && l->depth)
		l->stack[l->depth - 1].show(l);
}

void
page_push(struct linear *l, const struct page *p)
{
	if (l->depth < DEPTH_MAX)
		l->stack[l->depth++] = *p;
	page_show(l);
}

void
page_back(struct linear *l)
{
	if (l->depth > 1)
		l->depth--;
	page_show(l);
}

void
linear_end(struct linear *l)
{
	l->ended = true;
	loop_stop(l->w.loop);
}

/* The number that was typed, 1..n, else 0. */
size_t
linear_number(const char *text, size_t n)
{
	uint64_t value;
	return str_to_u64(text, &value) && value >= 1 && value <= n ? (size_t)value : 0;
}

void
linear_refuse(struct linear *l)
{
	linear_say(_("That is none of the choices."));
	page_show(l);
}

/* ---- the front ---- */

static void
front_message(struct wizard *w, const char *title, const char *text)
{
	(void)w;
	linear_say(title);
	if (text)
		linear_say(text);
}

static void
front_note(struct wizard *w, const char *text)
{
	(void)w;
	linear_say(text);
}

static void
front_nothing(struct wizard *w)
{
	(void)w;
}

static void
front_event(struct wizard *w, const struct event *e)
{
	lines_event(w->lines, e);
}

/* How it goes on from here: by answers, where the command line has commands. */
static const char *
verdict(enum run_mode mode, int code, const struct run_stats *st)
{
	switch (code) {
	case EXIT_FAILED:
		return _("Not done. Mend what failed, then do it again with a: what is done is found done.");
	case EXIT_UNTOLD:
		return _("Not all could be told; l looks again once those machines answer.");
	case EXIT_STOPPED:
		return _("Stopped. What is done stays done; a goes on from there.");
	case EXIT_TODO:
		if (mode == MODE_CHECK)
			return _("There is work to do: a says what, and asks before it does it.");
		return run_verdict(mode, code, st);
	default:
		return run_verdict(mode, code, st);
	}
}

static struct lines_out
front_lines(struct wizard *w)
{
	return (struct lines_out){ linear_line, NULL, LINEAR_COLUMNS, w, verdict };
}

static void
front_run_over(struct wizard *w, int code)
{
	(void)code;
	page_show((struct linear *)w);
	linear_resume((struct linear *)w);
}

static void
front_drill_line(struct wizard *w, enum role role, const char *text)
{
	(void)w;
	(void)role;
	linear_line(NULL, text);
}

static const struct front front = {
	.message = front_message,
	.note = front_note,
	.changed = front_nothing,
	.opened = front_nothing,
	.event = front_event,
	.lines = front_lines,
	.run_over = front_run_over,
	.drill_line = front_drill_line,
	.drill_over = front_run_over,
	.unask = linear_unask,
};

/* ---- what is typed ---- */

static void
line_take(struct linear *l, char *text)
{
	if (l->questions.n) {
		linear_answer(l, text);
	} else if (l->w.running) {
		linear_say(_("A run is under way; Ctrl-C stops it."));
	} else if (!strcmp(text, "q")) {
		linear_end(l);
	} else if (!strcmp(text, "?")) {
		page_show(l);
	} else if (!strcmp(text, "<")) {
		page_back(l);
	} else {
		l->stack[l->depth - 1].answer(l, text);
	}
}

static bool
line_next(struct linear *l, struct str *line)
{
	char *end = l->typed.len ? memchr(l->typed.s, '\n', l->typed.len) : NULL;
	if (!end)
		return false;
	size_t length = (size_t)(end - l->typed.s);
	str_addn(line, l->typed.s, length);
	str_drop(&l->typed, length + 1);
	return true;
}

/* A person is told at once that a run is under way; what comes out of a file waits for its end. */
static void
lines_take(void *ctx)
{
	struct linear *l = ctx;
	CLEAN_STR line = STR_INIT(LINE_MAX_BYTES);
	while (!l->ended && !l->waiting && (l->person || !l->w.running || l->questions.n) &&
	       line_next(l, &line)) {
		/* what a person types ends the line by itself */
		if (!l->person)
			printf("\n");
		line_take(l, line.s ? line.s : (char[]){ "" });
		if (line.s)
			explicit_bzero(line.s, line.len);
		str_clear(&line);
	}
	if (!l->over || l->ended)
		return;
	linear_unask(&l->w);
	if (!l->w.running && !l->waiting)
		linear_end(l);
}

void
linear_resume(struct linear *l)
{
	loop_defer(l->w.loop, lines_take, l);
}

static void
typed(void *ctx, int fd, short revents)
{
	struct linear *l = ctx;
	char part[4096];
	(void)revents;
	ssize_t n = read(fd, part, sizeof part);
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n > 0) {
		str_addn(&l->typed, part, (size_t)n);
		explicit_bzero(part, sizeof part);
	} else {
		loop_fd_del(l->w.loop, fd);
		l->over = true;
		if (l->w.running && l->person)
			wizard_stop(&l->w);
	}
	lines_take(l);
}

static void
interrupted(void *ctx)
{
	struct linear *l = ctx;
	if (l->w.running)
		wizard_stop(&l->w);
	else
		linear_end(l);
}

static void
linear_begin(struct linear *l)
{
	const struct wizard_setup *setup = &l->w.setup;
	CLEANUP(freep) char *tutorial = paths_data("etc/tutorial.ini");
	l->stack[l->depth++] = linear_welcome;
	if (setup->simulate)
		linear_open(l, tutorial, WORLD_SIMULATED);
	else if (setup->file)
		linear_open(l, setup->file, setup->world);
	else
		page_show(l);
}

int
linear_main(const struct wizard_setup *setup)
{
	struct linear l = { .w = { .setup = *setup, .loop = loop_new(), .front = &front },
			    .typed = STR_INIT(LINE_MAX_BYTES), .person = isatty(STDIN_FILENO) };
	l.w.asker = (struct asker){ linear_ask, &l };
	workspace_init(&l.w.ws, setup->sv, l.w.loop);
	loop_signal(l.w.loop, SIGINT, interrupted, &l);
	loop_signal(l.w.loop, SIGTERM, interrupted, &l);
	loop_fd_set(l.w.loop, STDIN_FILENO, POLLIN, typed, &l);
	loop_fd_idle(l.w.loop, STDIN_FILENO);
	linear_begin(&l);
	if (!l.ended)
		loop_run(l.w.loop);
	linear_echo(&l, true);
	linear_unask(&l.w);
	l.look = l.look ? lunlook_free(l.look) : NULL;
	wizard_close(&l.w);
	workspace_done(&l.w.ws);
	loop_free(l.w.loop);
	recents_done(&l.recents);
	str_wipe(&l.typed);
	vec_free(&l.questions);
	drill_offers_done(&l.offers);
	free(l.path);
	return l.w.code;
}
