/* Reading the journal back: runs, tasks, output, events, two runs side by side. */
#include "engine/journalpriv.h"

#include <string.h>
#include "base/nls.h"


static void
column_copy(sqlite3_stmt *st, int column, char *dst, size_t size)
{
	const char *text = (const char *)sqlite3_column_text(st, column);
	str_put(dst, size, text ? text : "");
}

static int
read_refused(const struct journal *j, struct err *err)
{
	err_set(err, -EIO, _("cannot read the journal '%s': %s"), j->path, sqlite3_errmsg(j->db));
	err_hint(err, _("Move it away and run again: it only records."));
	return -EIO;
}

/* Steps through a bound statement; row() non-zero ends the walk. */
static int
journal_walk(struct journal *j, sqlite3_stmt *st, int (*row)(void *ctx, sqlite3_stmt *st),
	     void *ctx, struct err *err)
{
	int rc = SQLITE_DONE;
	while ((rc = sqlite3_step(st)) == SQLITE_ROW && !row(ctx, st))
		;
	int code = rc == SQLITE_ROW || rc == SQLITE_DONE ? 0 : read_refused(j, err);
	sqlite3_reset(st);
	return code;
}

static sqlite3_stmt *
journal_query(struct journal *j, enum stmt which, struct err *err, const char *types, ...)
{
	journal_commit(j);
	sqlite3_stmt *st = journal_stmt(j, which);
	if (!st) {
		read_refused(j, err);
		return NULL;
	}
	va_list ap;
	va_start(ap, types);
	journal_bind(st, types, ap);
	va_end(ap);
	return st;
}

struct reader {
	int (*run)(void *ctx, const struct journal_run *r);
	int (*task)(void *ctx, const struct journal_task *t);
	int (*output)(void *ctx, int stream, const char *data, size_t n, uint64_t gap);
	int (*event)(void *ctx, const struct journal_event_row *e);
	int (*pair)(void *ctx, const struct journal_pair *p);
	void *ctx;
	uint64_t next; /* position after the last piece */
};

static const char *
column_text(sqlite3_stmt *st, int column)
{
	const char *text = (const char *)sqlite3_column_text(st, column);
	return text ? text : "";
}

static int
run_row(void *reader, sqlite3_stmt *st)
{
	const struct reader *rd = reader;
	struct journal_run r = {
		.id = sqlite3_column_int64(st, 0),
		.began = sqlite3_column_int64(st, 3),
		.ended = sqlite3_column_int64(st, 4),
		.code = sqlite3_column_int(st, 5),
		.wall_ms = sqlite3_column_int64(st, 6),
		.tasks = (size_t)sqlite3_column_int64(st, 9),
		.ok = (size_t)sqlite3_column_int64(st, 10),
		.changed = (size_t)sqlite3_column_int64(st, 11),
		.failed = (size_t)sqlite3_column_int64(st, 12),
		.unknown = (size_t)sqlite3_column_int64(st, 13),
		.todo = (size_t)sqlite3_column_int64(st, 14),
	};
	column_copy(st, 1, r.run_id, sizeof r.run_id);
	column_copy(st, 2, r.mode, sizeof r.mode);
	column_copy(st, 7, r.world, sizeof r.world);
	column_copy(st, 8, r.selection, sizeof r.selection);
	return rd->run(rd->ctx, &r);
}

int
journal_runs(struct journal *j, int (*fn)(void *ctx, const struct journal_run *r), void *ctx,
	     struct err *err)
{
	struct reader rd = { .run = fn, .ctx = ctx };
	sqlite3_stmt *st = journal_query(j, STMT_RUNS, err, "");
	return st ? journal_walk(j, st, run_row, &rd, err) : -EIO;
}

struct wanted_run {
	int64_t id;
	struct journal_run *ret;
	bool found;
};

static int
run_take(void *ctx, const struct journal_run *r)
{
	struct wanted_run *w = ctx;
	w->found = !w->id || r->id == w->id;
	if (w->found)
		*w->ret = *r;
	return w->found;
}

int
journal_run(struct journal *j, int64_t id, struct journal_run *ret, struct err *err)
{
	struct wanted_run w = { id, ret, false };
	int code = journal_runs(j, run_take, &w, err);
	if (code || w.found)
		return code;
	if (id)
		err_set(err, -ENOENT, _("the journal has no run %lld"), (long long)id);
	else
		err_set(err, -ENOENT, _("the journal has no run yet"));
	err_hint(err, _("'bascule check' makes one; old ones are dropped as the cluster file says."));
	return -ENOENT;
}

static int
task_row(void *reader, sqlite3_stmt *st)
{
	const struct reader *rd = reader;
	struct journal_task t = {
		.spent_ms = sqlite3_column_int64(st, 3),
		.output_bytes = sqlite3_column_int64(st, 5),
		.at_ms = sqlite3_column_int64(st, 6),
		.run = sqlite3_column_int64(st, 9),
	};
	column_copy(st, 0, t.key, sizeof t.key);
	column_copy(st, 1, t.node, sizeof t.node);
	column_copy(st, 2, t.state, sizeof t.state);
	column_copy(st, 4, t.reason, sizeof t.reason);
	column_copy(st, 7, t.fix, sizeof t.fix);
	column_copy(st, 8, t.hash, sizeof t.hash);
	return rd->task(rd->ctx, &t);
}

int
journal_tasks(struct journal *j, int64_t run, int (*fn)(void *ctx, const struct journal_task *t),
	      void *ctx, struct err *err)
{
	struct reader rd = { .task = fn, .ctx = ctx };
	sqlite3_stmt *st = journal_query(j, STMT_TASKS, err, "i", run);
	return st ? journal_walk(j, st, task_row, &rd, err) : -EIO;
}

int
journal_latest(struct journal *j, int64_t run,
	       int (*fn)(void *ctx, const struct journal_task *t), void *ctx, struct err *err)
{
	struct reader rd = { .task = fn, .ctx = ctx };
	sqlite3_stmt *st = journal_query(j, STMT_LATEST, err, "i", run ? run : INT64_MAX);
	return st ? journal_walk(j, st, task_row, &rd, err) : -EIO;
}

static int
event_row(void *reader, sqlite3_stmt *st)
{
	const struct reader *rd = reader;
	struct journal_event_row e = {
		.at_ms = sqlite3_column_int64(st, 0),
		.type = column_text(st, 1),
		.task = column_text(st, 2),
		.node = column_text(st, 3),
		.name = column_text(st, 4),
		.text = column_text(st, 5),
		.code = sqlite3_column_int(st, 6),
	};
	return rd->event(rd->ctx, &e);
}

int
journal_events(struct journal *j, int64_t run, const char *type,
	       int (*fn)(void *ctx, const struct journal_event_row *e), void *ctx, struct err *err)
{
	struct reader rd = { .event = fn, .ctx = ctx };
	sqlite3_stmt *st = journal_query(j, STMT_EVENTS, err, "it", run, type ? type : "");
	return st ? journal_walk(j, st, event_row, &rd, err) : -EIO;
}

static int
pair_row(void *reader, sqlite3_stmt *st)
{
	const struct reader *rd = reader;
	struct journal_pair p = {
		.key = column_text(st, 0),
		.state_a = column_text(st, 1),
		.state_b = column_text(st, 2),
		.spent_a_ms = sqlite3_column_int64(st, 3),
		.spent_b_ms = sqlite3_column_int64(st, 4),
		.output_differs = strcmp(column_text(st, 5), column_text(st, 6)) != 0,
	};
	return rd->pair(rd->ctx, &p);
}

int
journal_compare(struct journal *j, int64_t a, int64_t b,
		int (*fn)(void *ctx, const struct journal_pair *p), void *ctx, struct err *err)
{
	struct reader rd = { .pair = fn, .ctx = ctx };
	sqlite3_stmt *st = journal_query(j, STMT_COMPARE, err, "ii", a, b);
	return st ? journal_walk(j, st, pair_row, &rd, err) : -EIO;
}

static int
output_row(void *reader, sqlite3_stmt *st)
{
	struct reader *rd = reader;
	uint64_t start = (uint64_t)sqlite3_column_int64(st, 1);
	uint64_t gap = start - rd->next;
	size_t n = (size_t)sqlite3_column_bytes(st, 2);
	rd->next = start + n;
	return rd->output(rd->ctx, sqlite3_column_int(st, 0), sqlite3_column_blob(st, 2), n, gap);
}

int
journal_output(struct journal *j, int64_t run, const char *key,
	       int (*fn)(void *ctx, int stream, const char *data, size_t n, uint64_t gap),
	       void *ctx, struct err *err)
{
	struct reader rd = { .output = fn, .ctx = ctx };
	sqlite3_stmt *st = journal_query(j, STMT_OUTPUT, err, "it", run, key);
	return st ? journal_walk(j, st, output_row, &rd, err) : -EIO;
}
