/* The JSON sink: one object per line and event; codes and ids are English and stable. */
#ifndef CLI_JSONL_H
#define CLI_JSONL_H

#include "base/json.h"
#include "engine/event.h"

/* The sink; ctx is a FILE *. */
void jsonl_event(void *file, const struct event *e);
/* What identifies a task: task, step, node or candidates, lun, vm, target. */
json_t *jsonl_task(const struct task *t);
/* {code, what, hint}. */
json_t *jsonl_err(const struct err *err);
/* A text member, cleaned of invalid UTF-8; nothing when text is NULL or "". */
void jsonl_text(json_t *o, const char *key, const char *text);
/* Writes the line and drops the reference. */
void jsonl_write(void *file, json_t *take_value);

#endif
