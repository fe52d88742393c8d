/* The native step target/probe. */
#ifndef ENGINE_LUNPROBE_H
#define ENGINE_LUNPROBE_H

#include "engine/native.h"

/* Gives lun.wwid; 7 when the target does not offer the LUN or it has another size. */
void *lunprobe_check(const struct native_call *call);
void lunprobe_cancel(void *work);

#endif
