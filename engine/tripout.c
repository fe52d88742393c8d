/* What a task puts out comes in pieces of any size. A secret that a program prints may be cut by
 * them, so the end of a piece waits for the next one where it could be the beginning of a secret;
 * and what goes to the error stream waits for the end of its line. */
#include <string.h>
#include "base/log.h"
#include "engine/runpriv.h"

enum { PART_MAX = 2 * MARKER_LINE_MAX, HELD_MAX = 2 * PART_MAX };

static void
trip_tell(struct trip *t, int stream, const struct str *text)
{
	if (!text->len)
		return;
	if (t->hearing)
		answer_hold(t->hearing, EV_OUTPUT, (const char *const[]){ str_text(text) }, 1);
	else
		run_output(t->link->run, t->current, t->link->node, stream, text->s, text->len);
}

/* How much of it are whole lines; all of it when a line has no end for too long. */
static size_t
lines_whole(const struct str *s)
{
	const char *end = s->len ? memrchr(s->s, '\n', s->len) : NULL;

	if (s->len >= MARKER_LINE_MAX)
		return s->len;
	return end ? (size_t)(end - s->s) + 1 : 0;
}

static void
trip_output_part(struct trip *t, int stream, const char *text, size_t n)
{
	struct str *held = &t->held[stream - 1];
	CLEAN_STR safe = STR_INIT(HELD_MAX);
	size_t whole;

	held->max = HELD_MAX;
	str_addn(held, text, n);
	whole = stream == 2 ? lines_whole(held) : held->len;
	if (!whole)
		return;
	str_drop(held, log_redact_part(&safe, held->s, whole));
	trip_tell(t, stream, &safe);
}

void
trip_output(struct trip *t, int stream, const char *text, size_t n)
{
	/* in parts that find room behind what is held */
	for (size_t at = 0, part; t->current && at < n; at += part) {
		part = n - at < PART_MAX ? n - at : PART_MAX;
		trip_output_part(t, stream, text + at, part);
	}
}

void
trip_output_end(struct trip *t)
{
	for (int stream = 1; stream <= 2; stream++) {
		struct str *held = &t->held[stream - 1];
		CLEAN_STR safe = STR_INIT(HELD_MAX);

		log_redact(&safe, str_text(held), held->len);
		if (t->current)
			trip_tell(t, stream, &safe);
		str_clear(held);
	}
}
