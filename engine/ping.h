/* Probes towards a VM while something is done to it: one every 100 ms, and beside them the
 * guest's own numbers. Never sent from a hypervisor: what it hosts it would reach too easily. */
#ifndef ENGINE_PING_H
#define ENGINE_PING_H

#include <stdint.h>
#include "base/err.h"
#include "base/loop.h"
#include "engine/guest.h"
#include "engine/model.h"
#include "engine/transport.h"

enum {
	PING_LOST = -1,
	PING_INTERVAL_MS = 100,
	PING_LATE_MS = 1000, /* what is not answered by then is lost */
};

struct ping_sample {
	uint64_t seq;    /* from 0, none is left out */
	int64_t sent_ms; /* loop clock */
	int32_t rtt_us;  /* or PING_LOST */
};

struct ping_number {
	int64_t at_ms; /* the answer's arrival, loop clock */
	struct guest_number said;
	unsigned connection; /* 1 = the first one still stands */
};

struct ping_spec {
	enum world world;
	struct transport *via; /* the node that sends them, NULL = this machine; borrowed until stop() */
	const struct vm *vm;   /* its address; likewise */
	uint16_t port;         /* of the guest's numbers; 0 = do not ask */
	/* In the order of seq, each once, at the latest PING_LATE_MS after it was sent. */
	void (*on_sample)(void *ctx, const struct ping_sample *s);
	void (*on_number)(void *ctx, const struct ping_number *n);
	/* No probe can be sent any more: once. stop() is due all the same. */
	void (*on_fail)(void *ctx, const struct err *err);
	void *ctx;
};

struct ping;

struct ping_ops {
	/* Never calls back before it returns. NULL and err on failure. */
	struct ping *(*start)(struct loop *l, const struct ping_spec *spec, struct err *err);
	struct ping *(*stop)(struct ping *p); /* returns NULL; no callback comes any more */
};

/* The head that every implementation embeds first. */
struct ping {
	const struct ping_ops *ops;
};

#endif
