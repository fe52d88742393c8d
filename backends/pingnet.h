/* Probes on a real network: ICMP echo where this machine may send it or a node does, TCP where
 * neither; and the guest's numbers over a connection of their own. */
#ifndef BACKENDS_PINGNET_H
#define BACKENDS_PINGNET_H

#include "engine/ping.h"

struct ping *ping_net_start(struct loop *l, const struct ping_spec *spec, struct err *err);

/* One line of `ping -n -O` or `fping -D -l`: the probe's number and its round trip. PING_LOST in
 * *rtt_us: it says itself that there is no answer (yet). false: it tells of no probe. */
bool ping_line(const char *line, uint64_t *seq, int32_t *rtt_us);

#endif
