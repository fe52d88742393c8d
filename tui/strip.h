/* A strip chart: answers of a ping over time, what was lost, what happened, and the phases between,
 * all on one time axis. What is lost is told by its sign, not by its colour alone. */
#ifndef TUI_STRIP_H
#define TUI_STRIP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "base/vec.h"
#include "tui/key.h"
#include "tui/paint.h"

struct strip_sample {
	int64_t at_ms;
	int rtt_us; /* -1: lost */
};

struct strip_event {
	int64_t at_ms;
	char *text;
	enum role role;
};

struct strip_phase {
	int64_t from_ms, to_ms; /* to -1: goes on */
	char *text;
	enum role role;
};

/* Times count from the start of the chart and come in order; they are told from zero_ms on. */
struct strip {
	VEC(struct strip_sample) samples;
	VEC(struct strip_event) events;
	VEC(struct strip_phase) phases;
	int per_column_ms; /* zooming changes it */
	int64_t zero_ms;   /* of the chart: what is told as 0 s */
	/* from here on its own */
	int64_t left_ms;   /* time of the first column */
	int width;
	bool follow;       /* the newest is seen */
};

void strip_init(struct strip *s, int per_column_ms);
void strip_done(struct strip *s);
void strip_clear(struct strip *s);
void strip_sample(struct strip *s, int64_t at_ms, int rtt_us);
void strip_event(struct strip *s, int64_t at_ms, enum role role, const char *text); /* copied */
/* Ends the phase before, where one goes on. text copied; NULL only ends it. */
void strip_phase(struct strip *s, int64_t from_ms, enum role role, const char *text);

/* True when the key was for the chart: left, right, pages, ends, FOLLOW, ZOOM_IN, ZOOM_OUT. */
bool strip_key(struct strip *s, const struct key *k);
/* From the top: phases, bars, signs of events, the axis, the events in words. What there is no
 * room for is left out from below. */
void strip_paint(struct strip *s, const struct area *a, bool focused);

/* Appends "3 of 40 probes lost", translated. */
void strip_words(const struct strip *s, struct str *out);

#endif
