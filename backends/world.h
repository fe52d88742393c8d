/* The three worlds: which transport leads to a node, and the simulated machines' life. */
#ifndef BACKENDS_WORLD_H
#define BACKENDS_WORLD_H

#include "engine/field.h"
#include "engine/services.h"

/* Before the first connect of a run; the texts are copied. */
int world_open(struct loop *l, const struct model *m, const struct world_way *way, struct err *err);
/* After the last transport was closed. */
void world_close(void);
struct transport *world_connect(struct loop *l, const struct model *m, enum world w,
				const struct node *node, const struct asker *asker, struct err *err);
/* The steps of the data directory. */
struct catalog *world_catalog(enum platform platform, const char *lang, field_note_fn note,
			      void *ctx);
/* Probes from a machine of the world, or towards a simulated VM. */
extern const struct ping_ops world_ping;

#endif
