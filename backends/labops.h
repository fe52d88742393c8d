/* The practice lab in QEMU, as engine/lab.h describes it. */
#ifndef BACKENDS_LABOPS_H
#define BACKENDS_LABOPS_H

#include "engine/lab.h"

extern const struct lab_ops lab_qemu;

#endif
