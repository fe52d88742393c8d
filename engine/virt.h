/* What the hypervisors' own library tells about one VM while it is moved: the engine's view of
 * libvirt. It only looks: whatever changes a VM is a step's script. */
#ifndef ENGINE_VIRT_H
#define ENGINE_VIRT_H

#include <stdint.h>
#include "base/err.h"
#include "base/loop.h"
#include "engine/transport.h"

enum { VIRT_NOT_TOLD = -1 };

/* A job of the hypervisor on this VM: a migration, a save. */
struct virt_job {
	int64_t done, total; /* bytes of memory; total may grow while pages are written again */
	int64_t elapsed_ms;
	int64_t downtime_ms; /* as the hypervisor expects or has measured it; or VIRT_NOT_TOLD */
};

struct virt_spec {
	struct transport *via; /* the node; borrowed until stop() */
	const char *domain;    /* copied */
	void (*on_job)(void *ctx, const struct virt_job *job);
	/* "running", "paused", "shutoff"…, or "absent": this node does not have it (any more). */
	void (*on_state)(void *ctx, const char *state);
	/* It can't be followed any more: once. stop() is due all the same. */
	void (*on_fail)(void *ctx, const struct err *err);
	void *ctx;
};

struct virt;

struct virt_ops {
	/* Never calls back before it returns. NULL and err on failure. */
	struct virt *(*follow)(struct loop *l, const struct virt_spec *spec, struct err *err);
	struct virt *(*stop)(struct virt *v); /* returns NULL; no callback comes any more */
};

#endif
