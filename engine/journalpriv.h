/* What the journal's writers (journal.c, journaldrill.c, journalkeep.c) and its reader
 * (journalread.c) share. */
#ifndef ENGINE_JOURNALPRIV_H
#define ENGINE_JOURNALPRIV_H

#include <sqlite3.h>
#include <stdarg.h>
#include <stdbool.h>
#include "base/sha256.h"
#include "base/str.h"
#include "base/vec.h"
#include "engine/journal.h"

enum stmt {
	STMT_RUN_NEW, STMT_RUN_END, STMT_TASK_NEW, STMT_TASK_NODE, STMT_TASK_STATE,
	STMT_TASK_REASON,
	STMT_TASK_RECEIVED, STMT_TASK_FIX, STMT_EVENT, STMT_PIECE, STMT_OLDEST, STMT_DROP,
	STMT_RUN_OLDEST, STMT_RUNS, STMT_TASKS, STMT_LATEST, STMT_OUTPUT, STMT_EVENTS, STMT_COMPARE,
	STMT__COUNT
};

/* What the writer keeps of one task of the running run. */
struct entry {
	int64_t id;        /* row; 0 = none yet */
	uint64_t received; /* bytes as they came */
	uint64_t kept;     /* position in the redacted text */
	uint64_t tail;     /* bytes stored in tail pieces */
	int stream;        /* of what waits in `piece` */
	struct str piece;
	struct sha256 hash; /* of the redacted text */
};

struct journal {
	struct loop *loop;
	sqlite3 *db;
	char *path;
	sqlite3_stmt *stmt[STMT__COUNT];
	bool open; /* a transaction is */
	uint64_t timer;
	size_t bytes; /* in the open transaction */
	int64_t run;
	int64_t began_ms;
	char selection[256];  /* of the runs from now on */
	uint32_t keep_runs;   /* 0 = all */
	uint64_t keep_bytes;  /* 0 = no limit */
	VEC(struct entry) entries; /* by task index */
	struct err err;
};

/* journal.c */
/* Keeps the data base's error; from then on nothing more is written. */
void journal_fail(struct journal *j);
/* False after an error, which is kept. */
bool journal_exec(struct journal *j, const char *sql);
/* Prepared once; NULL when the file cannot be read or is not a journal any more. */
sqlite3_stmt *journal_stmt(struct journal *j, enum stmt which);
/* types: i = int64_t, t = text or NULL, b = bytes and size_t. */
void journal_bind(sqlite3_stmt *st, const char *types, va_list ap);
/* All that waits is in the file. */
void journal_commit(void *journal);
/* The data base with a transaction open, committed with the next batch; NULL after an error. */
sqlite3 *journal_writing(struct journal *j);
/* With everything committed. */
sqlite3 *journal_reading(struct journal *j);
/* Keeps the data base's error as the journal's; from then on nothing more is written. */
void journal_broke(struct journal *j);

/* journalkeep.c */
/* One number, 0 = no row; returns SQLite's code, 0 = well. */
int journal_pragma(sqlite3 *db, const char *sql, int64_t *ret);
/* Old runs make room, as journal_keep() was told. */
void journal_prune(struct journal *j);

#endif
