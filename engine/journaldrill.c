/* Writes drills to the journal and reads them back: a row each, their samples in batches of
 * one second, phases and conditions as rows. */
#include "engine/journaldrill.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "base/log.h"
#include "base/nls.h"
#include "base/wall.h"
#include "engine/journalpriv.h"

enum { BATCH_SAMPLES = 10, TEXT_BYTES = 4096 };

static const char tables[] =
	"CREATE TABLE IF NOT EXISTS drills(id INTEGER PRIMARY KEY, drill_id TEXT NOT NULL,"
	" step TEXT NOT NULL, variant TEXT NOT NULL, vm TEXT NOT NULL, node TEXT NOT NULL,"
	" dest TEXT NOT NULL, world TEXT NOT NULL, began INTEGER NOT NULL,"
	" verdict TEXT NOT NULL DEFAULT '', outage_ms INTEGER NOT NULL DEFAULT -1,"
	" predicted_ms INTEGER NOT NULL DEFAULT -1, redundant_ms INTEGER NOT NULL DEFAULT -1,"
	" detect_ms INTEGER NOT NULL DEFAULT -1, fence_ms INTEGER NOT NULL DEFAULT -1,"
	" start_ms INTEGER NOT NULL DEFAULT -1, answer_ms INTEGER NOT NULL DEFAULT -1,"
	" settled_ms INTEGER NOT NULL DEFAULT -1, sent INTEGER NOT NULL DEFAULT 0,"
	" lost INTEGER NOT NULL DEFAULT 0);"
	"CREATE INDEX IF NOT EXISTS drills_step ON drills(step, variant);"
	"CREATE TABLE IF NOT EXISTS drill_events(id INTEGER PRIMARY KEY, drill INTEGER NOT NULL,"
	" at_ms INTEGER NOT NULL, type TEXT NOT NULL, node TEXT, name TEXT, text TEXT);"
	"CREATE INDEX IF NOT EXISTS drill_events_drill ON drill_events(drill);"
	/* data: pairs of 32-bit numbers, big-endian: sent_ms (from the deed), rtt_us (-1 = lost) */
	"CREATE TABLE IF NOT EXISTS drill_samples(drill INTEGER NOT NULL, first_seq INTEGER NOT NULL,"
	" data BLOB NOT NULL, PRIMARY KEY(drill, first_seq)) WITHOUT ROWID;";

static const char row_new[] =
	"INSERT INTO drills(drill_id, step, variant, vm, node, dest, world, began)"
	" VALUES(?,?,?,?,?,?,?,?)";
static const char row_end[] =
	"UPDATE drills SET verdict=?, outage_ms=?, predicted_ms=?, redundant_ms=?, detect_ms=?,"
	" fence_ms=?, start_ms=?, answer_ms=?, settled_ms=?, sent=?, lost=?, node=? WHERE id=?";
static const char event_new[] =
	"INSERT INTO drill_events(drill, at_ms, type, node, name, text) VALUES(?,?,?,?,?,?)";
static const char samples_new[] =
	"INSERT INTO drill_samples(drill, first_seq, data) VALUES(?,?,?)";
static const char rows_read[] =
	"SELECT id, drill_id, step, variant, vm, node, dest, verdict, began, outage_ms, predicted_ms,"
	" redundant_ms, detect_ms, fence_ms, start_ms, answer_ms, settled_ms, sent, lost FROM drills"
	" WHERE (?1 = '' OR step = ?1) AND (?2 IS NULL OR variant = ?2) ORDER BY id DESC";
/* the deed begins with its stage, on the same clock */
static const char phases_read[] =
	"SELECT p.name, p.node, p.at_ms - d.at_ms FROM drill_events p JOIN drill_events d"
	" ON d.drill = p.drill AND d.type = 'stage' AND d.name = 'doing'"
	" WHERE p.drill = ? AND p.type = 'phase' ORDER BY p.id";
static const char samples_read[] =
	"SELECT first_seq, data FROM drill_samples WHERE drill=? ORDER BY first_seq";

struct drill_journal {
	struct journal *journal;
	int64_t row; /* 0 = none yet */
	bool broken;
	size_t kept; /* samples written */
};

struct drill_journal *
drill_journal_new(struct journal *j)
{
	struct drill_journal *dj = xcalloc(1, sizeof *dj);

	dj->journal = j;
	return dj;
}

struct drill_journal *
drill_journal_free(struct drill_journal *dj)
{
	free(dj);
	return NULL;
}

/* ---- writing ---- */

static sqlite3_stmt *
stmt_for(struct drill_journal *dj, const char *sql)
{
	sqlite3 *db = dj->broken ? NULL : journal_writing(dj->journal);
	sqlite3_stmt *st = NULL;

	if (!db)
		return NULL;
	if (sqlite3_prepare_v2(db, sql, -1, &st, NULL) == SQLITE_OK)
		return st;
	dj->broken = true;
	journal_broke(dj->journal);
	return NULL;
}

static void
stmt_run(struct drill_journal *dj, sqlite3_stmt *st)
{
	if (st && sqlite3_step(st) != SQLITE_DONE) {
		dj->broken = true;
		journal_broke(dj->journal);
	}
	sqlite3_finalize(st);
}

/* No secret reaches the file. NULL stays NULL. */
static void
bind_text(sqlite3_stmt *st, int at, const char *text)
{
	CLEAN_STR clean = STR_INIT(TEXT_BYTES);

	if (text)
		log_redact(&clean, text, strlen(text));
	sqlite3_bind_text(st, at, text ? str_text(&clean) : NULL, -1, SQLITE_TRANSIENT);
}

static void
row_begin(struct drill_journal *dj, const struct drill *d, const struct drill_view *v)
{
	static const char *const worlds[] = { "real", "lab", "simulated" };
	sqlite3 *db = journal_writing(dj->journal);
	sqlite3_stmt *st;

	if (!db)
		return;
	if (sqlite3_exec(db, tables, NULL, NULL, NULL) != SQLITE_OK) {
		dj->broken = true;
		journal_broke(dj->journal);
		return;
	}
	st = stmt_for(dj, row_new);
	if (!st)
		return;
	bind_text(st, 1, drill_id(d));
	bind_text(st, 2, v->task->step->id);
	bind_text(st, 3, v->args->variant);
	bind_text(st, 4, v->args->vm);
	bind_text(st, 5, v->args->node);
	bind_text(st, 6, v->args->to);
	bind_text(st, 7, worlds[v->world]);
	sqlite3_bind_int64(st, 8, wall_now());
	stmt_run(dj, st);
	dj->row = sqlite3_last_insert_rowid(db);
}

static int64_t
phase_took(const struct drill_view *v, enum drill_phase_id id)
{
	for (size_t i = 0; i < v->nphases; i++)
		if (v->phases[i].id == id)
			return v->phases[i].took_ms;
	return -1;
}

static int64_t
phase_after_deed(const struct drill_view *v, enum drill_phase_id id)
{
	for (size_t i = 0; i < v->nphases; i++)
		if (v->phases[i].id == id)
			return v->phases[i].at_ms - v->deed_ms;
	return -1;
}

static void
row_finish(struct drill_journal *dj, const struct drill_view *v)
{
	sqlite3_stmt *st = stmt_for(dj, row_end);

	if (!st)
		return;
	bind_text(st, 1, drill_verdict_ids[v->verdict]);
	sqlite3_bind_int64(st, 2, v->deed_ms ? v->outage_ms : -1);
	sqlite3_bind_int64(st, 3, v->predicted.outage_ms);
	sqlite3_bind_int64(st, 4, phase_after_deed(v, PHASE_REDUNDANT));
	for (int i = PHASE_DETECT; i <= PHASE_SETTLED; i++)
		sqlite3_bind_int64(st, 5 + i, phase_took(v, (enum drill_phase_id)i));
	sqlite3_bind_int64(st, 10, (int64_t)v->after->sent);
	sqlite3_bind_int64(st, 11, (int64_t)v->after->lost);
	bind_text(st, 12, v->args->node);
	sqlite3_bind_int64(st, 13, dj->row);
	stmt_run(dj, st);
}

static void
put32(unsigned char *at, int64_t value)
{
	uint32_t n = (uint32_t)(int32_t)value;

	for (int i = 0; i < 4; i++)
		at[i] = (unsigned char)(n >> (24 - 8 * i));
}

static int32_t
get32(const unsigned char *at)
{
	return (int32_t)((uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3]);
}

/* Those before the deed count backwards from it, so they wait for it. */
static void
samples_write(struct drill_journal *dj, const struct drill_view *v, size_t upto)
{
	while (v->deed_ms && dj->kept < upto) {
		size_t n = upto - dj->kept < BATCH_SAMPLES ? upto - dj->kept : BATCH_SAMPLES;
		unsigned char data[BATCH_SAMPLES * 8];
		sqlite3_stmt *st = stmt_for(dj, samples_new);

		if (!st)
			return;
		for (size_t i = 0; i < n; i++) {
			const struct ping_sample *s = &v->samples[dj->kept + i];

			put32(data + i * 8, s->sent_ms - v->deed_ms);
			put32(data + i * 8 + 4, s->rtt_us);
		}
		sqlite3_bind_int64(st, 1, dj->row);
		sqlite3_bind_int64(st, 2, (int64_t)v->samples[dj->kept].seq);
		sqlite3_bind_blob(st, 3, data, (int)(n * 8), SQLITE_TRANSIENT);
		stmt_run(dj, st);
		dj->kept += n;
	}
}

static void
event_write(struct drill_journal *dj, const struct drill_event *e, const char *type,
	    const char *name, const char *text)
{
	sqlite3_stmt *st = stmt_for(dj, event_new);

	if (!st)
		return;
	sqlite3_bind_int64(st, 1, dj->row);
	sqlite3_bind_int64(st, 2, e->phase ? e->phase->at_ms : e->at_ms);
	bind_text(st, 3, type);
	bind_text(st, 4, e->node);
	bind_text(st, 5, name);
	bind_text(st, 6, text);
	stmt_run(dj, st);
}

void
drill_journal_event(void *drill_journal, const struct drill_event *e)
{
	struct drill_journal *dj = drill_journal;
	struct drill_view v;

	if (dj->broken)
		return;
	drill_view(e->drill, &v);
	if (!dj->row)
		row_begin(dj, e->drill, &v);
	if (!dj->row)
		return;
	switch (e->type) {
	case DRILL_EV_STAGE:
		event_write(dj, e, "stage", drill_stage_ids[v.stage], NULL);
		/* what is about to be done is on disk before it is */
		if (v.stage == DRILL_DOING)
			journal_reading(dj->journal);
		break;
	case DRILL_EV_SAMPLE:
		if (v.nsamples >= dj->kept + BATCH_SAMPLES)
			samples_write(dj, &v, v.nsamples - v.nsamples % BATCH_SAMPLES);
		break;
	case DRILL_EV_PHASE:
		event_write(dj, e, "phase", e->phase->name, NULL);
		break;
	case DRILL_EV_CONDITION:
		event_write(dj, e, drill_mark_ids[e->condition->mark], e->condition->id,
			    e->condition->text);
		break;
	case DRILL_EV_REASON:
	case DRILL_EV_WARN:
		event_write(dj, e, e->type == DRILL_EV_WARN ? "warn" : "reason", NULL, e->text);
		break;
	case DRILL_EV_ERROR:
		event_write(dj, e, "error", NULL, e->err->what);
		break;
	case DRILL_EV_END:
		samples_write(dj, &v, v.nsamples);
		row_finish(dj, &v);
		break;
	case DRILL_EV_SILENCE: case DRILL_EV_ANSWER: case DRILL_EV_NUMBER: case DRILL_EV_PROGRESS: case DRILL_EV_OUTPUT:
	case DRILL_EV_HINT:
		break;
	}
}

/* ---- reading ---- */

const char *
drill_verdict_word(const char *id)
{
	for (int v = 0; drill_verdict_ids[v]; v++)
		if (!strcmp(drill_verdict_ids[v], id) && *drill_verdict_words[v])
			return _(drill_verdict_words[v]);
	return _("cut off");
}

static int
read_refused(sqlite3 *db, struct err *err)
{
	err_set(err, -EIO, _("cannot read the drills in the journal: %s"), sqlite3_errmsg(db));
	err_hint(err, _("Move it away and run again: it only records."));
	return -EIO;
}

static void
column_copy(sqlite3_stmt *st, int column, char *dst, size_t size)
{
	const char *text = (const char *)sqlite3_column_text(st, column);

	str_put(dst, size, text ? text : "");
}

static void
record_read(sqlite3_stmt *st, struct drill_record *r)
{
	*r = (struct drill_record){
		.id = sqlite3_column_int64(st, 0),
		.began = sqlite3_column_int64(st, 8),
		.outage_ms = sqlite3_column_int64(st, 9),
		.predicted_ms = sqlite3_column_int64(st, 10),
		.redundant_ms = sqlite3_column_int64(st, 11),
		.sent = (uint64_t)sqlite3_column_int64(st, 17),
		.lost = (uint64_t)sqlite3_column_int64(st, 18),
	};
	column_copy(st, 1, r->drill_id, sizeof r->drill_id);
	column_copy(st, 2, r->step, sizeof r->step);
	column_copy(st, 3, r->variant, sizeof r->variant);
	column_copy(st, 4, r->vm, sizeof r->vm);
	column_copy(st, 5, r->node, sizeof r->node);
	column_copy(st, 6, r->to, sizeof r->to);
	column_copy(st, 7, r->verdict, sizeof r->verdict);
	for (int i = PHASE_DETECT; i <= PHASE_SETTLED; i++)
		r->phase_ms[i] = sqlite3_column_int64(st, 12 + i);
	r->phase_ms[PHASE_REDUNDANT] = r->redundant_ms;
}

/* A journal of before the first drill has no such tables: that is no error. */
static bool
drills_there(sqlite3 *db)
{
	sqlite3_stmt *st = NULL;
	bool there = sqlite3_prepare_v2(db, "SELECT 1 FROM sqlite_master WHERE name='drills'", -1,
					&st, NULL) == SQLITE_OK &&
		     sqlite3_step(st) == SQLITE_ROW;

	sqlite3_finalize(st);
	return there;
}

int
journal_drills(struct journal *j, const char *step, const char *variant,
	       int (*fn)(void *ctx, const struct drill_record *r), void *ctx, struct err *err)
{
	sqlite3 *db = journal_reading(j);
	sqlite3_stmt *st = NULL;
	struct drill_record r;
	int rc;

	if (!drills_there(db))
		return 0;
	if (sqlite3_prepare_v2(db, rows_read, -1, &st, NULL) != SQLITE_OK)
		return read_refused(db, err);
	sqlite3_bind_text(st, 1, step ? step : "", -1, SQLITE_TRANSIENT);
	sqlite3_bind_text(st, 2, variant, -1, SQLITE_TRANSIENT);
	while ((rc = sqlite3_step(st)) == SQLITE_ROW) {
		record_read(st, &r);
		if (fn(ctx, &r))
			break;
	}
	sqlite3_finalize(st);
	return rc == SQLITE_ROW || rc == SQLITE_DONE ? 0 : read_refused(db, err);
}

struct outages {
	int64_t ms[64];
	size_t n, most;
};

static int
outage_take(void *ctx, const struct drill_record *r)
{
	struct outages *o = ctx;

	if ((!strcmp(r->verdict, "passed") || !strcmp(r->verdict, "failed")) && r->outage_ms >= 0)
		o->ms[o->n++] = r->outage_ms;
	return o->n >= o->most;
}

int64_t
journal_drill_median(struct journal *j, const char *step, const char *variant, size_t most,
		     size_t *ret_n)
{
	struct outages o = { .most = most < 64 ? most : 64 };
	struct err err = { 0 };

	if (journal_drills(j, step, variant, outage_take, &o, &err))
		o.n = 0;
	*ret_n = o.n;
	return median_ms(o.ms, o.n);
}

int
journal_drill_samples(struct journal *j, int64_t id,
		      int (*fn)(void *ctx, const struct ping_sample *s), void *ctx, struct err *err)
{
	sqlite3 *db = journal_reading(j);
	sqlite3_stmt *st = NULL;
	bool end = false;
	int rc = SQLITE_DONE;

	if (!drills_there(db))
		return 0;
	if (sqlite3_prepare_v2(db, samples_read, -1, &st, NULL) != SQLITE_OK)
		return read_refused(db, err);
	sqlite3_bind_int64(st, 1, id);
	while (!end && (rc = sqlite3_step(st)) == SQLITE_ROW) {
		uint64_t seq = (uint64_t)sqlite3_column_int64(st, 0);
		const unsigned char *data = sqlite3_column_blob(st, 1);
		int n = sqlite3_column_bytes(st, 1) / 8;

		for (int i = 0; i < n && !end; i++) {
			struct ping_sample s = { seq + (uint64_t)i, get32(data + i * 8),
						 get32(data + i * 8 + 4) };

			end = fn(ctx, &s) != 0;
		}
	}
	sqlite3_finalize(st);
	return rc == SQLITE_ROW || rc == SQLITE_DONE ? 0 : read_refused(db, err);
}

int
journal_drill_phases(struct journal *j, int64_t id,
		     void (*fn)(void *ctx, const char *name, const char *node, int64_t at_ms), void *ctx,
		     struct err *err)
{
	sqlite3 *db = journal_reading(j);
	sqlite3_stmt *st = NULL;
	int rc;

	if (!drills_there(db))
		return 0;
	if (sqlite3_prepare_v2(db, phases_read, -1, &st, NULL) != SQLITE_OK)
		return read_refused(db, err);
	sqlite3_bind_int64(st, 1, id);
	while ((rc = sqlite3_step(st)) == SQLITE_ROW) {
		const char *name = (const char *)sqlite3_column_text(st, 0);
		const char *node = (const char *)sqlite3_column_text(st, 1);

		fn(ctx, name ? name : "", node ? node : "", sqlite3_column_int64(st, 2));
	}
	sqlite3_finalize(st);
	return rc == SQLITE_DONE ? 0 : read_refused(db, err);
}
