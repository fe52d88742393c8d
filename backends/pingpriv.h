/* What ping.c (probes) and pingnumbers.c (the guest's numbers) share. */
#ifndef BACKENDS_PINGPRIV_H
#define BACKENDS_PINGPRIV_H

#include <sys/socket.h>
#include "backends/pingnet.h"

struct numbers;

/* Asks the guest for a number every 100 ms, straight or through the node that `via` reaches. */
struct numbers *numbers_start(struct loop *l, const struct ping_spec *spec,
			      const struct sockaddr *to, socklen_t len);
struct numbers *numbers_stop(struct numbers *n); /* returns NULL; NULL is fine */

#endif
