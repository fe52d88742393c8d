/* Events as JSON lines. Nothing here is translated but the sentences of steps and errors. */
#include "cli/jsonl.h"

#include <stdio.h>
#include <string.h>
#include "base/log.h"
#include "cli/session.h"
#include "engine/run.h"

enum { LINE_BYTES = 16 * 1024 * 1024 };

static const char *const type_ids[] = {
	[EV_RUN_START] = "run-start", [EV_LINK] = "link",	[EV_TASK] = "task",
	[EV_INTENT] = "intent",	      [EV_OUTPUT] = "output",	[EV_VALUE] = "value",
	[EV_PROGRESS] = "progress",   [EV_PLACE] = "place",	[EV_REASON] = "reason",
	[EV_WARN] = "warn",	      [EV_HINT] = "hint",	[EV_ERROR] = "error",
	[EV_RUN_END] = "run-end",
};
static const char *const link_ids[] = {
	[LINK_DOWN] = "down",	  [LINK_CONNECTING] = "connecting", [LINK_UP] = "up",
	[LINK_SILENT] = "silent", [LINK_LOST] = "lost",
};
static const char *const mode_ids[] = { "check", "apply", "undo" };

void
jsonl_text(json_t *o, const char *key, const char *text)
{
	json_put_text(o, key, text, text ? strlen(text) : 0);
}

void
jsonl_write(void *file, json_t *take_value)
{
	CLEAN_STR line = STR_INIT(LINE_BYTES);
	json_line(&line, take_value);
	fwrite(str_text(&line), 1, line.len, file);
}

json_t *
jsonl_err(const struct err *err)
{
	json_t *o = json_object();
	json_object_set_new(o, "code", json_integer(err->code));
	jsonl_text(o, "what", err->what);
	jsonl_text(o, "hint", err->hint);
	return o;
}

json_t *
jsonl_task(const struct task *t)
{
	json_t *o = json_object();
	jsonl_text(o, "task", t->key);
	jsonl_text(o, "step", t->step->id);
	jsonl_text(o, "title", t->step->title);
	if (t->node && (t->placed || !task_floats(t)))
		jsonl_text(o, "node", t->node->name);
	if (t->lun)
		jsonl_text(o, "lun", t->lun->name);
	if (t->target)
		jsonl_text(o, "target", t->target->name);
	if (t->vm)
		jsonl_text(o, "vm", t->vm->name);
	if (t->undo)
		json_object_set_new(o, "undo", json_true());
	return o;
}

static void
state_members(json_t *o, const struct event *e)
{
	const struct task *t = e->task;
	jsonl_text(o, "state", task_state_ids[t->state]);
	jsonl_text(o, "from", task_state_ids[e->from]);
	if (t->spent_ms)
		json_object_set_new(o, "spent_ms", json_integer(t->spent_ms));
	jsonl_text(o, "reason", t->reason);
	if (t->err.code)
		json_object_set_new(o, "error", jsonl_err(&t->err));
}

static void
run_members(json_t *o, const struct run *r)
{
	char title[HOST_SIZE];
	model_title(run_plan((struct run *)(uintptr_t)r)->model, title);
	jsonl_text(o, "run", run_id(r));
	jsonl_text(o, "mode", mode_ids[run_mode(r)]);
	jsonl_text(o, "world", world_id(run_world(r)));
	jsonl_text(o, "cluster", title);
}

static void
end_members(json_t *o, const struct event *e)
{
	struct run_stats st;
	run_stats(e->run, &st);
	const struct {
		const char *key;
		long long n;
	} counts[] = {
		{ "code", e->code },       { "nodes", (long long)st.nodes },
		{ "ok", (long long)st.ok }, { "changed", (long long)st.changed },
		{ "failed", (long long)st.failed }, { "unknown", (long long)st.unknown },
		{ "todo", (long long)st.todo }, { "skipped", (long long)st.skipped },
		{ "blocked", (long long)st.blocked }, { "stopped", (long long)st.stopped },
		{ "round_trips", (long long)st.round_trips }, { "wall_ms", st.wall_ms },
	};
	for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
		json_object_set_new(o, counts[i].key, json_integer(counts[i].n));
}

static void
event_members(json_t *o, const struct event *e)
{
	if (e->type == EV_RUN_START)
		run_members(o, e->run);
	else if (e->type == EV_RUN_END)
		end_members(o, e);
	else if (e->type == EV_TASK)
		state_members(o, e);
	else if (e->type == EV_LINK)
		jsonl_text(o, "link", link_ids[e->link]);
	else if (e->type == EV_OUTPUT)
		json_object_set_new(o, "stream", json_integer(e->stream));
	else if (e->type == EV_PROGRESS) {
		json_object_set_new(o, "done", json_integer(e->task->progress_done));
		json_object_set_new(o, "total", json_integer(e->task->progress_total));
	}
}

void
jsonl_event(void *file, const struct event *e)
{
	json_t *o = json_object();
	jsonl_text(o, "event", type_ids[e->type]);
	json_object_set_new(o, "at_ms", json_integer(e->at_ms));
	if (e->task) {
		json_t *task = jsonl_task(e->task);
		json_object_update(o, task);
		json_decref(task);
	}
	if (e->node && !json_object_get(o, "node"))
		jsonl_text(o, "node", e->node->name);
	event_members(o, e);
	jsonl_text(o, "name", e->name);
	if (e->type == EV_OUTPUT)
		json_put_text(o, "text", e->text, e->len);
	else
		jsonl_text(o, "text", e->text);
	if (e->err && e->err->code && e->type != EV_TASK)
		json_object_set_new(o, "error", jsonl_err(e->err));
	jsonl_write(file, o);
	if (e->type != EV_OUTPUT)
		fflush(file);
}
