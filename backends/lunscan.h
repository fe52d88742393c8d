/* Everything about one LUN, over a session that is logged in. */
#ifndef BACKENDS_LUNSCAN_H
#define BACKENDS_LUNSCAN_H

#include <stdbool.h>
#include "backends/iscsi.h"
#include "engine/probe.h"

struct lunscan;

/* lun is borrowed, its verdict set; is_disk is false for controllers and the like. Never called
 * before lunscan_start() returned; the scan is gone after it. */
typedef void (*lunscan_fn)(void *ctx, const struct probe_lun *lun, bool is_disk);

/* with_data: what is on it too, and not only who it is. */
struct lunscan *lunscan_start(struct loop *l, struct biscsi *s, unsigned number, bool with_data,
			      lunscan_fn done, void *ctx);
/* What is known so far, with `why` as the reason that it is not all. The session must have been
 * aborted before: it may write into the scan's buffers until then. Frees the scan. */
void lunscan_give_up(struct lunscan *scan, const struct err *why, struct probe_lun *ret_lun);

#endif
