/* One iSCSI session on the loop. The only door to libiscsi. */
#ifndef BACKENDS_ISCSI_H
#define BACKENDS_ISCSI_H

#include <stdbool.h>
#include <stddef.h>
#include "base/err.h"
#include "base/loop.h"

struct biscsi;

struct biscsi_spec {
	const char *portal;    /* numeric "address:port", "[v6]:port" */
	const char *initiator; /* our IQN */
	const char *target;    /* NULL = a discovery session */
	const char *user, *secret; /* CHAP; NULL = none */
	int command_s;         /* seconds one command may take */
};

/* err->code is 0 or E_AUTH (CHAP), -EACCES (its access list), E_LOST, E_TIMEOUT,
 * E_REMOTE. Called at most once, from the loop. */
typedef void (*biscsi_fn)(void *ctx, const struct err *err);
/* Once per portal of each target, portal NULL for a target that lists none. Texts are as they
 * came: unclean. */
typedef void (*biscsi_target_fn)(void *ctx, const char *iqn, const char *portal);

/* How a command ended. Exactly one of these: ok, sense != 0, conflict, err.code != 0. */
struct biscsi_answer {
	bool ok;
	bool conflict;    /* RESERVATION CONFLICT */
	int sense;        /* sense key 1..15 */
	int asc;          /* additional code and qualifier, 0xCCQQ */
	const unsigned char *data; /* borrowed; NULL when `into` was given */
	size_t n;         /* bytes that really came */
	struct err err;   /* what to tell a user, set whenever !ok */
};
typedef void (*biscsi_answer_fn)(void *ctx, const struct biscsi_answer *a);

/* Connects and logs in, then ready(). */
struct biscsi *biscsi_open(struct loop *l, const struct biscsi_spec *spec, biscsi_fn ready,
			   void *ctx);
/* SendTargets=All, in a discovery session. */
void biscsi_discover(struct biscsi *s, biscsi_target_fn each, biscsi_fn done, void *ctx);
/* Reads up to `room` bytes, into `into` unless that is NULL. UNIT ATTENTION is tried again up to
 * three times, a busy target too. fn is never called before this returned, and always once. */
void biscsi_command(struct biscsi *s, unsigned lun, const unsigned char cdb[16], void *into,
		    size_t room, biscsi_answer_fn fn, void *ctx);
/* Logs out in the background and forgets. No command may be in flight. Returns NULL. */
struct biscsi *biscsi_close(struct biscsi *s);
/* Ends it at once: nothing is called back, and no buffer is written to any more. Not to be
 * called from a callback of this session. NULL is fine; returns NULL. */
struct biscsi *biscsi_abort(struct biscsi *s);

#endif
