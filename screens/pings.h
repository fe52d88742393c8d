/* Probes towards the VMs while the map is looked at: what they answer goes into the map. */
#ifndef SCREENS_PINGS_H
#define SCREENS_PINGS_H

#include "screens/wizard.h"

enum { PINGS_KEPT = 12 };

/* Every VM that the cluster is known to run is probed from now on, and others as soon as that is
 * known. Nobody is asked anything for it: where a question would be due, nothing is probed. */
void pings_start(struct wizard *w);
/* Something was told: perhaps a VM runs now. */
void pings_look(struct wizard *w);
void pings_stop(struct wizard *w); /* also when nothing is probed */
/* While a drill does it itself. */
void pings_pause(struct wizard *w, bool pause);
/* One answer or loss, by whoever probed. */
void pings_take(struct wizard *w, const char *vm, int32_t rtt_us);
/* At most so many of the last answers of a VM as bars, oldest first; nothing where nothing was probed. */
void pings_bars(const struct wizard *w, const char *vm, size_t most, struct str *out);

#endif
