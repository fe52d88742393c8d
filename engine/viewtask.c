/* What tasks say and what they wait for: the events of a run, kept for whoever shows them. */
#include <stdio.h>
#include <string.h>
#include "base/log.h"
#include "base/nls.h"
#include "base/text.h"
#include "engine/run.h"
#include "engine/viewpriv.h"

enum { WARNS_MAX = 50, LINE_BYTES = 16 * 1024, SENTENCE_MAX = 2048 };

void
note_done(struct view_note *n)
{
	char **warn;
	vec_each(warn, &n->warns)
		free(*warn);
	vec_free(&n->warns);
	str_done(&n->output);
	free(n->hint);
	*n = (struct view_note){ 0 };
}

/* ---- the sink ---- */

static char *
safe_copy(const char *text)
{
	CLEAN_STR open = STR_INIT(SENTENCE_MAX);
	CLEAN_STR clean = STR_INIT(SENTENCE_MAX * 2);
	log_redact(&open, text, strlen(text));
	text_clean(&clean, str_text(&open), open.len, false);
	return xstrdup(str_text(&clean));
}

static void
output_add(struct view_note *note, const struct event *e)
{
	CLEAN_STR safe = STR_INIT(e->len + 1);
	if (!note->output.max)
		note->output = STR_INIT(VIEW_OUTPUT_BYTES * 2);
	log_redact(&safe, e->text, e->len);
	size_t n = safe.len < VIEW_OUTPUT_BYTES ? safe.len : VIEW_OUTPUT_BYTES;
	if (note->output.len + n > VIEW_OUTPUT_BYTES)
		str_drop(&note->output, note->output.len + n - VIEW_OUTPUT_BYTES);
	str_addn(&note->output, str_text(&safe) + safe.len - n, n);
	note->received += e->len;
	note->safe += safe.len;
}

static void
warn_add(struct view_note *note, const char *text)
{
	if (note->warns.n == WARNS_MAX) {
		free(note->warns.at[0]);
		vec_remove(&note->warns, 0);
	}
	vec_push(&note->warns, safe_copy(text));
}

static void
link_note(struct view *v, const struct event *e)
{
	struct view_column *c;
	vec_each(c, &v->columns) {
		if (c->node != e->node)
			continue;
		c->link = e->link;
		c->trouble[0] = '\0';
		if (e->link == LINK_LOST && e->err) {
			CLEANUP(freep) char *text = safe_copy(e->err->what);
			str_put(c->trouble, sizeof c->trouble, text);
		}
	}
}

void
view_event(void *view, const struct event *e)
{
	struct view *v = view;
	struct view_note *note = e->task ? &v->notes[e->task->index] : NULL;
	v->changes++;
	switch (e->type) {
	case EV_RUN_START:
		v->run = e->run;
		for (size_t i = 0; i < v->plan->tasks.n; i++)
			note_done(&v->notes[i]);
		break;
	case EV_LINK:
		link_note(v, e);
		break;
	case EV_OUTPUT:
		output_add(note, e);
		break;
	case EV_HINT:
		free(note->hint);
		note->hint = safe_copy(e->text);
		break;
	case EV_WARN:
		warn_add(note, e->text);
		break;
	case EV_RUN_END:
		v->run = NULL;
		v->code = e->code;
		break;
	case EV_TASK: case EV_INTENT: case EV_VALUE: case EV_PROGRESS: case EV_PLACE:
	case EV_REASON: case EV_ERROR:
		break;
	}
}

/* ---- what a task says ---- */

const char *
view_reason(const struct task *t)
{
	return t->err.code ? t->err.what : t->reason ? t->reason : "";
}

const char *
view_hint(const struct view *v, const struct task *t)
{
	const char *hint = v->notes[t->index].hint;
	return hint ? hint : t->err.code ? t->err.hint : "";
}

size_t
view_warns(const struct view *v, const struct task *t)
{
	return v->notes[t->index].warns.n;
}

const char *
view_warn(const struct view *v, const struct task *t, size_t i)
{
	return v->notes[t->index].warns.at[i];
}

uint64_t
view_output_bytes(const struct view *v, const struct task *t)
{
	return v->notes[t->index].received;
}

void
view_output(const struct view *v, const struct task *t, size_t max,
	    void (*line)(void *ctx, const char *text), void *ctx)
{
	const struct view_note *note = &v->notes[t->index];
	const char *text = str_text(&note->output), *end = text + note->output.len, *at;
	size_t lines = 0, most = max && max < VIEW_LINES ? max : VIEW_LINES;
	if (end > text && end[-1] == '\n')
		end--;
	for (at = end; at > text; at--)
		if (at[-1] == '\n' && ++lines == most)
			break;
	/* What is left of a line whose head is gone is no line. */
	if (at == text && note->safe > note->output.len) {
		const char *stop = memchr(text, '\n', (size_t)(end - text));
		at = stop ? stop + 1 : text;
	}
	while (text != end && at <= end) {
		const char *stop = memchr(at, '\n', (size_t)(end - at));
		CLEAN_STR clean = STR_INIT(LINE_BYTES);
		stop = stop ? stop : end;
		text_clean(&clean, at, (size_t)(stop - at), false);
		line(ctx, str_text(&clean));
		at = stop + 1;
	}
}

/* ---- what it waits for ---- */

void
view_where(const struct task *t, struct str *out)
{
	if (t->placed || !t->candidates.n) {
		task_where(t, out);
		return;
	}
	for (size_t i = 0; i < t->candidates.n; i++) {
		if (i)
			str_add(out, i + 1 < t->candidates.n ? ", " : _(" or "));
		str_add(out, t->candidates.at[i]->name);
	}
}

void
view_call(const struct task *t, struct str *out)
{
	CLEAN_STR title = STR_INIT(1024);
	CLEAN_STR where = STR_INIT(1024);
	task_title(&title, t);
	view_where(t, &where);
	str_addf(out, _("%s on %s"), str_text(&title), str_text(&where));
}

static bool
task_is_done(const struct task *t)
{
	return view_task_word(t) == VIEW_OK;
}

static bool
same_lock(const struct task *a, const struct task *b)
{
	if (!(a->step->locks & b->step->locks))
		return false;
	bool node = a->step->locks & b->step->locks & (1u << LOCK_PKG | 1u << LOCK_NET | 1u << LOCK_NODE);
	bool lun = a->step->locks & b->step->locks & (1u << LOCK_LUN);
	bool cluster = a->step->locks & b->step->locks & (1u << LOCK_CLUSTER);
	return cluster || (node && a->node == b->node) || (lun && a->lun && a->lun == b->lun);
}

static void
waits_for_lock(const struct view *v, const struct task *t,
	       void (*line)(void *ctx, const char *text), void *ctx)
{
	struct task *const *o;
	vec_each(o, &v->plan->tasks) {
		CLEAN_STR text = STR_INIT(SENTENCE_MAX);
		CLEAN_STR call = STR_INIT(SENTENCE_MAX);
		enum task_state s = (*o)->state;
		if (*o == t || (s != TASK_APPLYING && s != TASK_REBOOTING && s != TASK_VERIFYING) ||
		    !same_lock(*o, t))
			continue;
		view_call(*o, &call);
		str_addf(&text, _("It waits its turn: %s uses the same thing now."), str_text(&call));
		line(ctx, str_text(&text));
		return;
	}
}

void
view_waits(const struct view *v, const struct task *t,
	   void (*line)(void *ctx, const char *text), void *ctx)
{
	const size_t *i;
	size_t n = 0;
	if (t->state >= TASK_APPLYING && t->state != TASK_BLOCKED && t->state != TASK_STOPPED)
		return;
	vec_each(i, &t->after) {
		const struct task *need = v->plan->tasks.at[*i];
		CLEAN_STR text = STR_INIT(SENTENCE_MAX);
		CLEAN_STR call = STR_INIT(SENTENCE_MAX);
		if (task_is_done(need))
			continue;
		view_call(need, &call);
		str_addf(&text, _("It needs: %s, which is: %s."), str_text(&call),
			 _(task_state_words[need->state]));
		line(ctx, str_text(&text));
		n++;
	}
	if (!n && t->state == TASK_WAITING)
		waits_for_lock(v, t, line, ctx);
}

void
view_needs(const struct view *v, const struct task *t,
	   void (*line)(void *ctx, const char *text), void *ctx)
{
	const size_t *i;
	vec_each(i, &t->after) {
		CLEAN_STR call = STR_INIT(SENTENCE_MAX);
		view_call(v->plan->tasks.at[*i], &call);
		line(ctx, str_text(&call));
	}
}

void
view_gives(const struct view *v, const struct task *t,
	   void (*line)(void *ctx, const char *text), void *ctx)
{
	struct task *const *o;
	vec_each(o, &v->plan->tasks) {
		const size_t *i;
		vec_each(i, &(*o)->after) {
			CLEAN_STR call = STR_INIT(SENTENCE_MAX);
			if (*i != t->index)
				continue;
			view_call(*o, &call);
			line(ctx, str_text(&call));
			break;
		}
	}
}
