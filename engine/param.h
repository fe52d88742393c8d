/* What a step's `uses` stand for: settings of the cluster file, what is derived from them, and
 * collections as tab-separated lines. */
#ifndef ENGINE_PARAM_H
#define ENGINE_PARAM_H

#include <stdbool.h>
#include "base/err.h"
#include "base/str.h"
#include "engine/model.h"

/* Appends the text of `id` for a task on these objects, any of which may be NULL. A task's LUN is
 * its own or its VM's; its target is its own, its LUN's, the first one its node serves, or the
 * only one there is. Sizes are in bytes. 0; -ENOENT when `id` is no parameter (then it is a value
 * that some check has to prove); E_STEP when the task has no such object. */
int param_text(const struct model *m, const struct node *node, const struct lun *lun,
	       const struct target *target, const struct vm *vm, const char *id, struct str *out,
	       struct err *err);
/* True when param_text() knows `id`. */
bool param_is_known(const char *id);

#endif
