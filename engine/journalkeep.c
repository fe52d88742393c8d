/* How much of the journal is kept: old runs go when it has grown past what was set. */
#include "engine/journal.h"

#include "base/str.h"
#include "engine/journalpriv.h"

int
journal_pragma(sqlite3 *db, const char *sql, int64_t *ret)
{
	sqlite3_stmt *st = NULL;
	int rc = sqlite3_prepare_v2(db, sql, -1, &st, NULL);
	if (rc == SQLITE_OK) {
		rc = sqlite3_step(st);
		*ret = rc == SQLITE_ROW ? sqlite3_column_int64(st, 0) : 0;
	}
	sqlite3_finalize(st);
	return rc == SQLITE_ROW || rc == SQLITE_DONE ? 0 : rc;
}

static int64_t
journal_int(struct journal *j, const char *sql)
{
	int64_t value = 0;
	if (journal_pragma(j->db, sql, &value))
		journal_fail(j);
	return value;
}

static void
run_drop(struct journal *j, int64_t run)
{
	char *sql = sqlite3_mprintf("BEGIN;"
		"DELETE FROM pieces WHERE task IN (SELECT id FROM tasks WHERE run=%lld);"
		"DELETE FROM events WHERE run=%lld; DELETE FROM tasks WHERE run=%lld;"
		"DELETE FROM runs WHERE id=%lld; COMMIT;", run, run, run, run);
	journal_exec(j, sql ? sql : "");
	sqlite3_free(sql);
}

/* The oldest run but the one that runs; 0 = there is none. */
static int64_t
run_oldest(struct journal *j)
{
	sqlite3_stmt *st = journal_stmt(j, STMT_RUN_OLDEST);
	if (!st)
		return 0;
	sqlite3_bind_int64(st, 1, j->run);
	int64_t id = sqlite3_step(st) == SQLITE_ROW ? sqlite3_column_int64(st, 0) : 0;
	sqlite3_reset(st);
	return id;
}

static bool
journal_is_full(struct journal *j)
{
	if (j->keep_runs && journal_int(j, "SELECT count(*) FROM runs") > j->keep_runs)
		return true;
	int64_t used = journal_int(j, "PRAGMA page_count") - journal_int(j, "PRAGMA freelist_count");
	return j->keep_bytes &&
	       (uint64_t)(used * journal_int(j, "PRAGMA page_size")) > j->keep_bytes;
}

/* Old runs make room; what they took is used again, or given back where the file can shrink. */
void
journal_prune(struct journal *j)
{
	int64_t oldest;
	bool dropped = false;
	while (!j->err.code && journal_is_full(j) && (oldest = run_oldest(j))) {
		run_drop(j, oldest);
		dropped = true;
	}
	if (dropped)
		journal_exec(j, "PRAGMA incremental_vacuum");
}

void
journal_keep(struct journal *j, uint32_t runs, uint64_t bytes)
{
	j->keep_runs = runs;
	j->keep_bytes = bytes;
}
