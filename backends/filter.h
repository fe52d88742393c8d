/* Transports that stand before another one. Each takes the one it stands before and closes it
 * with itself. */
#ifndef BACKENDS_FILTER_H
#define BACKENDS_FILTER_H

#include "backends/sim.h"
#include "engine/transport.h"

/* Lets checks pass until the first change on this node; that and all that follows is answered by
 * the simulation, which is told what really held. Steps that the program does itself are the
 * simulation's from the start. */
struct transport *dry_new(struct transport *take_inner, struct sim *sim, const struct node *node);

/* Writes what is sent and what comes back to DIR/NODE.log (0600, appended), known secrets
 * replaced. NULL and err when the file cannot be opened; take_inner is then closed. */
struct transport *record_new(struct transport *take_inner, const char *dir, const char *node,
			     struct err *err);

#endif
