/* Checkpoints of the practice lab. The machines are off when these are called. */
#ifndef BACKENDS_CHECKPOINT_H
#define BACKENDS_CHECKPOINT_H

#include "backends/site.h"

/* NULL is not. */
bool checkpoint_name_is_good(const char *name);
bool checkpoint_is_there(const struct site *s, const char *name);
/* 0 or the error's code; fails when there is no machine to save. */
int checkpoint_save(struct site *s, const char *name, struct err *err);
int checkpoint_restore(struct site *s, const char *name, struct err *err);

#endif
