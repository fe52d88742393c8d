/* validation/failures as a native step: what the cluster of the file bears, with the memory that
 * the nodes have told; and the same question right before something disruptive is done. */
#ifndef ENGINE_WHATIFCHECK_H
#define ENGINE_WHATIFCHECK_H

#include "engine/native.h"
#include "engine/whatif.h"

void *whatifcheck(const struct native_call *call);
void whatifcheck_cancel(void *work);
/* Puts in what the nodes have told of their memory. */
void whatif_memory(struct whatif *w, const struct values *values);

#endif
