/* What every front end shows of a plan and its run, computed once: chapters, steps as rows and
 * machines as columns, the words in the cells, what waits for what. Front ends only draw it. */
#ifndef ENGINE_VIEW_H
#define ENGINE_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/loop.h"
#include "base/str.h"
#include "engine/event.h"
#include "engine/plan.h"
#include "engine/wording.h"

enum { VIEW_OUTPUT_BYTES = 16 * 1024, VIEW_LINES = 200 }; /* kept of one task's output */

/* One word for many tasks: the gravest that holds. */
enum view_word {
	VIEW_NONE,     /* no task here */
	VIEW_OK,
	VIEW_UNASKED,  /* nothing was asked yet */
	VIEW_TODO,
	VIEW_STOPPED,  /* skipped, blocked or not begun */
	VIEW_RUNNING,
	VIEW_ASKING,   /* a person is waited for */
	VIEW_UNKNOWN,
	VIEW_FAILED,
	VIEW__WORDS
};
extern const char *const view_word_ids[];  /* "ok", "to-do" …: never translated */
extern const char *const view_words[];     /* N_(): for _() */

struct view_counts {
	size_t total, ok, unasked, todo, running, asking, failed, unknown, rest;
	enum view_word word;
};

struct view_column {
	const struct node *node; /* NULL = the console */
	enum link_state link;
	char trouble[320]; /* why the link is not up, cleaned; "" = nothing is wrong */
};

/* A step, once per object where it is done per LUN, VM or target. */
struct view_row {
	const struct step *step;
	char *object; /* "LUN vm", "" */
	/* By column; NULL = nothing to do there. A step that any one machine of several does stands in
	 * the column of each of them: view_is_shared(). */
	const struct task **cells;
};

struct view_chapter {
	const struct chapter *chapter;
	size_t first, n; /* rows */
};

struct view_note; /* what was said of one task */

struct view {
	const struct plan *plan;
	VEC(struct view_column) columns;
	VEC(struct view_row) rows;
	VEC(struct view_chapter) chapters; /* of the whole catalogue, in its order */
	struct loop *loop;
	struct view_note *notes; /* by task index */
	const struct run *run;   /* NULL = none runs */
	int code;                /* of the last run */
	uint64_t changes;        /* grows with every event that changes what is shown */
};

/* Borrows the plan: a new plan needs a new view. */
struct view *view_new(struct loop *l, const struct plan *p);
struct view *view_free(struct view *v); /* returns NULL */
void view_event(void *view, const struct event *e); /* the sink */

/* chapter == NULL: of all. */
void view_count(const struct view *v, const struct chapter *chapter, struct view_counts *ret);
enum view_word view_task_word(const struct task *t);

struct view_cell {
	enum task_state state;
	const char *id;       /* "to-do": stable */
	const char *word;     /* translated */
	int64_t elapsed_ms;   /* of what runs, or what the apply took; 0 = neither */
	int64_t expected_ms;  /* 0 = not known */
	int percent;          /* -1 = not told */
	bool shared, context; /* any one of several machines; only checked */
};
void view_cell(const struct view *v, const struct task *t, struct view_cell *ret);
bool view_is_shared(const struct task *t);

/* Where a person looks. */
struct view_focus {
	size_t chapter, row, column; /* indices into the view; row counts from the view's first */
};
/* The task there; NULL = none. */
const struct task *view_at(const struct view *v, const struct view_focus *f);
/* false when the view does not have the task. */
bool view_find(const struct view *v, const struct task *t, struct view_focus *ret);
/* By so many rows and columns within the chapter, over empty cells to the next full one; stays
 * where there is none. */
void view_move(const struct view *v, struct view_focus *f, int rows, int columns);
/* The first task of a chapter (its first full cell), or of trouble: failed, asking, unknown, to do. */
bool view_enter(const struct view *v, size_t chapter, struct view_focus *ret);
const struct task *view_trouble(const struct view *v, const struct chapter *chapter);
/* The first of `fit` columns (or rows) to show of n, with the focused one among them. */
size_t view_window(size_t n, size_t focused, size_t fit, size_t first);

enum view_scope { SCOPE_CHAPTER, SCOPE_THROUGH, SCOPE_ALL };
/* Marks by task index what "this chapter", "through here" (with all that its facts need) and "all"
 * would carry out; `wanted` has room for the plan's tasks. Returns how many. */
size_t view_wanted(const struct plan *p, enum view_scope scope, const struct chapter *chapter,
		   bool *wanted);
/* The same as a selection for plan_build(); only[] is storage that has to outlive it. */
void view_selection(enum view_scope scope, const struct chapter *chapter, const char *only[2],
		    struct selection *ret);

struct view_review {
	size_t total, risks[RISK_DESTRUCTIVE + 1];
	size_t done;      /* of them, found done already */
	int64_t takes_s;  /* from the first to the last when all that may run at once does */
};
void view_review(const struct plan *p, const bool *wanted, struct view_review *ret);

/* What was said of a task, all cleaned and without secrets. "" = nothing. */
const char *view_reason(const struct task *t); /* its error, else its last reason */
const char *view_hint(const struct view *v, const struct task *t);
size_t view_warns(const struct view *v, const struct task *t);
const char *view_warn(const struct view *v, const struct task *t, size_t i);
/* The last lines of its output, oldest first, at most `max` (0 = VIEW_LINES). */
void view_output(const struct view *v, const struct task *t, size_t max,
		 void (*line)(void *ctx, const char *text), void *ctx);
/* Bytes that came in all: more than is kept is told as such. */
uint64_t view_output_bytes(const struct view *v, const struct task *t);

/* One sentence for each thing it waits for, and why; nothing once all is there. */
void view_waits(const struct view *v, const struct task *t,
		void (*line)(void *ctx, const char *text), void *ctx);
/* What it builds on, and what builds on it: "Format the LUN (LUN vm) on hv-1", in the plan's order. */
void view_needs(const struct view *v, const struct task *t,
		void (*line)(void *ctx, const char *text), void *ctx);
void view_gives(const struct view *v, const struct task *t,
		void (*line)(void *ctx, const char *text), void *ctx);
/* "hv-1", "console", "hv-1 or hv-2": where it runs, also while that is open. */
void view_where(const struct task *t, struct str *out);
/* "Format the LUN (LUN vm) on hv-1" */
void view_call(const struct task *t, struct str *out);

#endif
