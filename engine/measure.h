/* What a drill measures: gaps between answered probes, and whether the guest kept its word. Pure
 * arithmetic on samples in the order in which they were sent. */
#ifndef ENGINE_MEASURE_H
#define ENGINE_MEASURE_H

#include <stdbool.h>
#include <stdint.h>
#include "base/vec.h"
#include "engine/ping.h"

/* All times are loop clock. */
struct gaps {
	uint64_t sent, lost;
	int64_t first_ms, last_ms; /* of all probes; valid once sent > 0 */
	int64_t answered_ms;       /* when the last answered one was sent; -1 = none was */
	uint64_t run_lost;         /* lost since then */
	/* The longest time from one answered probe to the next with a lost one in between; length 0 =
	 * there was none. */
	int64_t longest_ms, from_ms, to_ms;
	uint64_t longest_lost;
	int64_t rtt_sum_us;
	uint64_t tail; /* answered in a row, up to the last one */
};

void gaps_init(struct gaps *g);
void gaps_add(struct gaps *g, const struct ping_sample *s);
/* The gap that is open still: 0 while the last probe was answered. */
int64_t gaps_open(const struct gaps *g);
/* Longest of all, the open one included. */
int64_t gaps_longest(const struct gaps *g);

/* The guest's numbers. */
struct promises {
	uint64_t told;    /* answers */
	uint64_t highest; /* acknowledged */
	uint64_t lost;    /* acknowledged, and yet given a second time */
	unsigned nonces;  /* different ones */
	bool returned;    /* a nonce came back after another one: two guests answer */
	unsigned connections;
	VEC(char *) seen; /* nonces, in the order in which they came */
};

void promises_done(struct promises *p);
void promises_add(struct promises *p, const struct ping_number *n);

/* The middle one of n values (of two the mean); 0 of none. Sorts the array. */
int64_t median_ms(int64_t *values, size_t n);

#endif
