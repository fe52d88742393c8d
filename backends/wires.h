/* Speaking to bascule-switch, which holds the lab's cables. Blocks for moments. */
#ifndef BACKENDS_WIRES_H
#define BACKENDS_WIRES_H

#include "backends/site.h"

/* Starts the switch unless it answers. */
int wires_start(struct site *s, struct err *err);
/* Ends it; nothing when it is not there. */
void wires_stop(struct site *s);
/* What is pulled and parted, into the cards of s->machines and into st (may be NULL). */
void wires_read(struct site *s, struct lab_status *st);
/* Both return how many ports or pairs were meant, or a code below 0 and err. */
int wires_cut(struct site *s, const char *machine, const char *what, bool cut, struct err *err);
int wires_part(struct site *s, const char *a, const char *b, const char *network, bool cut,
	       struct err *err);

#endif
