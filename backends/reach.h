/* Is anything listening there? Resolves a name (in a thread, since that blocks) and makes one TCP
 * connection, so that the reason why not is known: refused, no route, silence. */
#ifndef BACKENDS_REACH_H
#define BACKENDS_REACH_H

#include "base/err.h"
#include "base/loop.h"

struct reach;

/* address is numeric, "192.0.2.1:3260" or "[2001:db8::1]:3260", borrowed; NULL when err is set. */
typedef void (*reach_fn)(void *ctx, const char *address, const struct err *err);

/* Never calls back before it returned; calls once, then is gone. It has no deadline of its own:
 * the caller cancels. */
struct reach *reach_start(struct loop *l, const char *host, int port, reach_fn done, void *ctx);
struct reach *reach_cancel(struct reach *r); /* NULL is fine; returns NULL */

#endif
