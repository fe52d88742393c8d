/* Gaps, promises, medians. */
#include "engine/measure.h"

#include <stdlib.h>
#include <string.h>

void
gaps_init(struct gaps *g)
{
	*g = (struct gaps){ .answered_ms = -1 };
}

static void
gaps_close(struct gaps *g, int64_t at_ms)
{
	int64_t from = g->answered_ms >= 0 ? g->answered_ms : g->first_ms;

	if (!g->run_lost || at_ms - from <= g->longest_ms)
		return;
	g->longest_ms = at_ms - from;
	g->from_ms = from;
	g->to_ms = at_ms;
	g->longest_lost = g->run_lost;
}

void
gaps_add(struct gaps *g, const struct ping_sample *s)
{
	if (!g->sent)
		g->first_ms = s->sent_ms;
	g->sent++;
	g->last_ms = s->sent_ms;
	if (s->rtt_us == PING_LOST) {
		g->lost++;
		g->run_lost++;
		g->tail = 0;
		return;
	}
	gaps_close(g, s->sent_ms);
	g->answered_ms = s->sent_ms;
	g->run_lost = 0;
	g->tail++;
	g->rtt_sum_us += s->rtt_us;
}

int64_t
gaps_open(const struct gaps *g)
{
	if (!g->run_lost)
		return 0;
	return g->last_ms - (g->answered_ms >= 0 ? g->answered_ms : g->first_ms);
}

int64_t
gaps_longest(const struct gaps *g)
{
	int64_t open = gaps_open(g);

	return open > g->longest_ms ? open : g->longest_ms;
}

void
promises_done(struct promises *p)
{
	char **nonce;

	vec_each(nonce, &p->seen)
		free(*nonce);
	vec_free(&p->seen);
}

void
promises_add(struct promises *p, const struct ping_number *n)
{
	size_t i = 0;

	while (i < p->seen.n && strcmp(p->seen.at[i], n->said.nonce) != 0)
		i++;
	if (i == p->seen.n)
		vec_push(&p->seen, xstrdup(n->said.nonce));
	else if (i + 1 < p->seen.n)
		p->returned = true;
	p->nonces = (unsigned)p->seen.n;
	p->told++;
	if (n->said.number <= p->highest) {
		uint64_t again = p->highest - n->said.number + 1;

		p->lost = again > p->lost ? again : p->lost;
	} else {
		p->highest = n->said.number;
	}
	p->connections = n->connection;
}

static int
value_order(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

int64_t
median_ms(int64_t *values, size_t n)
{
	if (!n)
		return 0;
	qsort(values, n, sizeof *values, value_order);
	return n % 2 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}
