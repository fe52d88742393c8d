/* The iSCSI probe behind engine/probe.h. */
#ifndef BACKENDS_PORTALSCAN_H
#define BACKENDS_PORTALSCAN_H

#include "engine/probe.h"

extern const struct probe_ops portalscan_ops;

#endif
