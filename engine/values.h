/* Values that checks have proven (a WWID, a boot id, a kernel version), scoped by their first
 * word to a node, LUN, target or VM, and the pins: proven identities kept beside the cluster
 * file so that another day and another console mean the same LUN. */
#ifndef ENGINE_VALUES_H
#define ENGINE_VALUES_H

#include <stdbool.h>
#include <stddef.h>
#include "base/err.h"
#include "engine/plan.h"

struct values;

struct values *values_new(void);
struct values *values_free(struct values *v);
/* "lun.wwid(vm)" for the task's LUN, "node.boot(hv-1)" …: where the value of this name belongs. */
void values_key(const char *name, const struct task *t, struct str *out);
const char *values_get(const struct values *v, const char *key); /* NULL = not known */
/* true when it is new or differs. */
bool values_set(struct values *v, const char *key, const char *text);
void values_each(const struct values *v, void (*fn)(void *ctx, const char *key, const char *text),
		 void *ctx);

/* Pins: "KEY<TAB>VALUE" lines, sorted. A missing file is no error. */
int values_load_pins(struct values *v, const char *path, struct err *err);
bool values_is_pinned(const struct values *v, const char *key);
/* The object was made anew, or is gone: the next text is taken as it comes. */
void values_unpin(struct values *v, const char *key);
/* E_STEP when the key is pinned with another text ("the LUN is not the one it was"). */
int values_pin(struct values *v, const char *key, const char *text, struct err *err);
int values_save_pins(const struct values *v, const char *path, struct err *err);

#endif
