/* What a cluster bears: whether the rest goes on when nodes, the fencing mailbox (or disk witness),
 * the third vote or the storage are lost. Computed from the cluster file and from what is known
 * of the nodes; asks no machine. */
#ifndef ENGINE_WHATIF_H
#define ENGINE_WHATIF_H

#include <stdbool.h>
#include <stdint.h>
#include "base/str.h"
#include "base/vec.h"
#include "engine/model.h"

enum whatif_verdict { /* from the least to the worst */
	WHATIF_HOLDS,
	WHATIF_NO_MEMORY,  /* the rest goes on, but not every VM finds room there */
	WHATIF_NO_STORAGE, /* the VMs' disks are gone */
	WHATIF_NO_FENCING, /* what is lost cannot be proven stopped: nothing is started elsewhere */
	WHATIF_NO_VOTES,
	WHATIF_NO_NODE,
	WHATIF__VERDICTS
};

/* Nodes are bits, in the order of whatif.node. */
struct whatif_loss {
	uint64_t nodes;
	bool orderly; /* they leave by themselves: nobody has to fence them */
	bool disk, vote, storage;
};

enum whatif_kind { WHATIF_NODE, WHATIF_LUN, WHATIF_MACHINE, WHATIF_TARGET };

/* What can fail on its own. */
struct whatif_part {
	const char *name; /* the model's */
	enum whatif_kind kind;
	struct whatif_loss loss;
};

struct whatif {
	enum platform platform;
	size_t n;
	const struct node *node[NODES_MAX];
	uint64_t memory[NODES_MAX]; /* bytes for VMs; 0 = not known, then no verdict speaks of memory */
	uint64_t down;              /* those that are away already, and known to be stopped */
	bool disk, vote;            /* there is such a thing */
	VEC(uint64_t) vms;          /* bytes of memory, the largest first */
	VEC(struct whatif_part) parts;
};

/* What is left: votes that agree, votes that are needed, nodes. */
struct whatif_rest {
	size_t votes, needed, nodes;
};

/* Hypervisors that stay, and those that are leaving if these still count. Borrows the model. */
void whatif_init(struct whatif *w, const struct model *m, bool leaving_too);
void whatif_done(struct whatif *w);
/* The node's bit; 0 when it has no vote. */
uint64_t whatif_bit(const struct whatif *w, const struct node *n);
struct whatif_loss whatif_both(const struct whatif_loss *a, const struct whatif_loss *b);
/* All at once, to a cluster that runs. ret may be NULL. */
enum whatif_verdict whatif_after(const struct whatif *w, const struct whatif_loss *lost,
				 struct whatif_rest *ret);
/* "the rest has 1 of 3 votes, 2 are needed": a sentence's second half. */
void whatif_reason(const struct whatif *w, const struct whatif_loss *lost, struct str *out);

extern const char *const whatif_verdict_ids[]; /* "holds", "no-memory", … as messages are named */

#endif
