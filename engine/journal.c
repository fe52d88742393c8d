/* The journal in SQLite: one writer, batches, redaction, a ceiling for each task's output.
 * It records; nothing is ever decided from it. Reading it back is journalread.c. */
#include "engine/journal.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "base/alloc.h"
#include "base/log.h"
#include "base/nls.h"
#include "base/str.h"
#include "base/wall.h"
#include "engine/journalpriv.h"
#include "engine/run.h"

enum {
	FORMAT = 2,               /* PRAGMA user_version */
	APPLICATION = 0x62736331, /* PRAGMA application_id: "bsc1" */
	BATCH_MS = 200,
	BATCH_BYTES = 256 * 1024,
	PIECE_BYTES = 32 * 1024,
	HALF_BYTES = 2 * 1024 * 1024, /* head, and the same again for the tail */
	TEXT_MAX = 4096,
	BUSY_MS = 500,
};

static const char schema[] =
	"CREATE TABLE runs(id INTEGER PRIMARY KEY, run_id TEXT NOT NULL, mode TEXT NOT NULL,"
	" world TEXT NOT NULL, began INTEGER NOT NULL, ended INTEGER NOT NULL DEFAULT 0,"
	" code INTEGER NOT NULL DEFAULT 0, wall_ms INTEGER NOT NULL DEFAULT 0);"
	"CREATE TABLE tasks(id INTEGER PRIMARY KEY, run INTEGER NOT NULL, key TEXT NOT NULL,"
	" node TEXT NOT NULL, state TEXT NOT NULL, spent_ms INTEGER NOT NULL DEFAULT 0,"
	" reason TEXT NOT NULL DEFAULT '', received INTEGER NOT NULL DEFAULT 0, UNIQUE(run, key));"
	"CREATE TABLE events(id INTEGER PRIMARY KEY, run INTEGER NOT NULL, task INTEGER,"
	" node TEXT, at_ms INTEGER NOT NULL, type TEXT NOT NULL, name TEXT, text TEXT, code INTEGER);"
	"CREATE INDEX events_run ON events(run);"
	"CREATE TABLE pieces(id INTEGER PRIMARY KEY, task INTEGER NOT NULL, stream INTEGER NOT NULL,"
	" tail INTEGER NOT NULL, start INTEGER NOT NULL, data BLOB NOT NULL);"
	"CREATE INDEX pieces_task ON pieces(task, id);";

/* What each later format adds to the one before it. */
static const char *const upgrades[FORMAT] = {
	[1] = "ALTER TABLE runs ADD COLUMN selection TEXT NOT NULL DEFAULT '';"
	      "ALTER TABLE tasks ADD COLUMN at_ms INTEGER NOT NULL DEFAULT 0;"
	      "ALTER TABLE tasks ADD COLUMN fix TEXT NOT NULL DEFAULT '';"
	      "ALTER TABLE tasks ADD COLUMN hash TEXT NOT NULL DEFAULT '';"
	      "CREATE INDEX tasks_key ON tasks(key, run);",
};

static const char *const statements[STMT__COUNT] = {
	[STMT_RUN_NEW] = "INSERT INTO runs(run_id, mode, world, began, selection) VALUES(?,?,?,?,?)",
	[STMT_RUN_END] = "UPDATE runs SET ended=?, code=?, wall_ms=? WHERE id=?",
	[STMT_TASK_NEW] = "INSERT INTO tasks(run, key, node, state) VALUES(?,?,?,?)",
	[STMT_TASK_NODE] = "UPDATE tasks SET node=? WHERE id=?",
	[STMT_TASK_STATE] = "UPDATE tasks SET state=?, spent_ms=?, at_ms=? WHERE id=?",
	[STMT_TASK_REASON] = "UPDATE tasks SET reason=? WHERE id=?",
	[STMT_TASK_RECEIVED] = "UPDATE tasks SET received=?, hash=? WHERE id=?",
	[STMT_TASK_FIX] = "UPDATE tasks SET fix=? WHERE id=?",
	[STMT_EVENT] = "INSERT INTO events(run, task, node, at_ms, type, name, text, code)"
		       " VALUES(?,?,?,?,?,?,?,?)",
	[STMT_PIECE] = "INSERT INTO pieces(task, stream, tail, start, data) VALUES(?,?,?,?,?)",
	[STMT_OLDEST] = "SELECT id, length(data) FROM pieces WHERE task=? AND tail=1"
			" ORDER BY id LIMIT 1",
	[STMT_DROP] = "DELETE FROM pieces WHERE id=?",
	[STMT_RUN_OLDEST] = "SELECT id FROM runs WHERE id<>? ORDER BY id LIMIT 1",
	[STMT_RUNS] = "SELECT r.id, r.run_id, r.mode, r.began, r.ended, r.code, r.wall_ms, r.world,"
		      " r.selection, count(t.id), total(t.state='ok'),"
		      " total(t.state IN ('changed','undone')), total(t.state='failed'),"
		      " total(t.state='unknown'), total(t.state='todo')"
		      " FROM runs r LEFT JOIN tasks t ON t.run=r.id GROUP BY r.id ORDER BY r.id DESC",
	[STMT_TASKS] = "SELECT key, node, state, spent_ms, reason, received, at_ms, fix, hash, run"
		       " FROM tasks WHERE run=? ORDER BY id",
	/* What a run never began does not make an earlier answer void. */
	[STMT_LATEST] = "SELECT key, node, state, spent_ms, reason, received, at_ms, fix, hash, run"
			" FROM tasks t WHERE run=(SELECT max(u.run) FROM tasks u WHERE u.key=t.key"
			" AND u.run<=? AND u.state IN ('ok','changed','undone','failed','unknown',"
			"'todo','skipped','blocked')) ORDER BY run, id",
	[STMT_OUTPUT] = "SELECT p.stream, p.start, p.data FROM pieces p JOIN tasks t ON p.task=t.id"
			" WHERE t.run=? AND t.key=? ORDER BY p.id",
	[STMT_EVENTS] = "SELECT e.at_ms, e.type, t.key, e.node, e.name, e.text, e.code FROM events e"
			" LEFT JOIN tasks t ON t.id=e.task WHERE e.run=?1 AND (?2='' OR e.type=?2)"
			" ORDER BY e.id",
	[STMT_COMPARE] = "SELECT k.key, ifnull(a.state,''), ifnull(b.state,''), a.spent_ms,"
			 " b.spent_ms, ifnull(a.hash,''), ifnull(b.hash,'') FROM (SELECT key,"
			 " min(id) AS at FROM tasks WHERE run IN (?1,?2) GROUP BY key) k"
			 " LEFT JOIN tasks a ON a.run=?1 AND a.key=k.key"
			 " LEFT JOIN tasks b ON b.run=?2 AND b.key=k.key ORDER BY k.at",
};

static const char *const event_ids[] = {
	[EV_RUN_START] = "run-start", [EV_LINK] = "link",	[EV_TASK] = "task",
	[EV_INTENT] = "intent",	      [EV_OUTPUT] = "output",	[EV_VALUE] = "value",
	[EV_PROGRESS] = "progress",   [EV_PLACE] = "place",	[EV_REASON] = "reason",
	[EV_WARN] = "warn",	      [EV_HINT] = "hint",	[EV_ERROR] = "error",
	[EV_RUN_END] = "run-end",
};

/* Keeps the first error; from then on nothing more is written. */
void
journal_fail(struct journal *j)
{
	if (j->err.code)
		return;
	int rc = sqlite3_errcode(j->db), code = -EIO;
	if ((rc & 0xff) == SQLITE_FULL)
		code = -ENOSPC;
	else if ((rc & 0xff) == SQLITE_READONLY)
		code = -EROFS;
	err_set(&j->err, code, _("cannot write the journal '%s': %s"), j->path,
		sqlite3_errmsg(j->db));
	err_hint(&j->err, code == -ENOSPC
		 ? _("Make room on that file system and run again: what is done is found done.")
		 : _("Check that file system and its permissions, then run again."));
	sqlite3_exec(j->db, "ROLLBACK", NULL, NULL, NULL);
	j->open = false;
}

bool
journal_exec(struct journal *j, const char *sql)
{
	if (j->err.code)
		return false;
	if (sqlite3_exec(j->db, sql, NULL, NULL, NULL) == SQLITE_OK)
		return true;
	journal_fail(j);
	return false;
}

sqlite3_stmt *
journal_stmt(struct journal *j, enum stmt which)
{
	if (!j->stmt[which] &&
	    sqlite3_prepare_v3(j->db, statements[which], -1, SQLITE_PREPARE_PERSISTENT,
			       &j->stmt[which], NULL) != SQLITE_OK)
		return NULL;
	return j->stmt[which];
}

void
journal_bind(sqlite3_stmt *st, const char *types, va_list ap)
{
	for (int i = 1; *types; types++, i++) {
		if (*types == 'i') {
			sqlite3_bind_int64(st, i, va_arg(ap, int64_t));
		} else if (*types == 't') {
			sqlite3_bind_text(st, i, va_arg(ap, const char *), -1, SQLITE_TRANSIENT);
		} else {
			const void *bytes = va_arg(ap, const void *);
			sqlite3_bind_blob64(st, i, bytes, va_arg(ap, size_t), SQLITE_TRANSIENT);
		}
	}
}

static void
journal_put(struct journal *j, enum stmt which, const char *types, ...)
{
	if (j->err.code)
		return;
	sqlite3_stmt *st = journal_stmt(j, which);
	if (!st) {
		journal_fail(j);
		return;
	}
	va_list ap;
	va_start(ap, types);
	journal_bind(st, types, ap);
	va_end(ap);
	if (sqlite3_step(st) != SQLITE_DONE)
		journal_fail(j);
	sqlite3_reset(st);
	sqlite3_clear_bindings(st);
}

/* No secret reaches the file: every text goes through here. NULL stays NULL. */
static const char *
redacted(struct str *out, const char *text)
{
	if (!text)
		return NULL;
	log_redact(out, text, strlen(text));
	return str_text(out);
}

static void
journal_begin(struct journal *j)
{
	if (j->open || !journal_exec(j, "BEGIN"))
		return;
	j->open = true;
	j->bytes = 0;
	j->timer = loop_timer_add(j->loop, BATCH_MS, journal_commit, j);
}

/* Drops the oldest tail pieces until `room` more bytes fit. */
static void
tail_trim(struct journal *j, struct entry *en, size_t room)
{
	while (en->tail && en->tail + room > HALF_BYTES && !j->err.code) {
		sqlite3_stmt *st = journal_stmt(j, STMT_OLDEST);
		if (!st) {
			journal_fail(j);
			return;
		}
		sqlite3_bind_int64(st, 1, en->id);
		int rc = sqlite3_step(st);
		int64_t id = rc == SQLITE_ROW ? sqlite3_column_int64(st, 0) : 0;
		uint64_t size = rc == SQLITE_ROW ? (uint64_t)sqlite3_column_int64(st, 1) : en->tail;
		sqlite3_reset(st);
		journal_put(j, STMT_DROP, "i", id);
		en->tail -= size;
	}
}

static void
piece_put(struct journal *j, struct entry *en, int64_t tail, const char *data, size_t n)
{
	journal_put(j, STMT_PIECE, "iiiib", en->id, (int64_t)en->stream, tail, (int64_t)en->kept,
		    data, n);
	en->kept += n;
}

/* Writes what waits: to the head while that has room, else to the tail. */
static void
entry_flush(struct journal *j, struct entry *en)
{
	size_t n = en->piece.len, head = 0;
	if (!n)
		return;
	journal_begin(j);
	if (en->kept < HALF_BYTES) {
		head = n < HALF_BYTES - en->kept ? n : HALF_BYTES - (size_t)en->kept;
		piece_put(j, en, 0, en->piece.s, head);
	}
	if (n > head) {
		tail_trim(j, en, n - head);
		piece_put(j, en, 1, en->piece.s + head, n - head);
		en->tail += n - head;
	}
	str_clear(&en->piece);
	char hash[SHA256_HEX];
	sha256_hex(&en->hash, hash);
	journal_put(j, STMT_TASK_RECEIVED, "iti", (int64_t)en->received, hash, en->id);
}

void
journal_commit(void *journal)
{
	struct journal *j = journal;
	loop_timer_del(j->loop, j->timer);
	j->timer = 0;
	struct entry *en;
	vec_each(en, &j->entries)
		entry_flush(j, en);
	if (j->open && journal_exec(j, "COMMIT"))
		j->open = false;
	loop_timer_del(j->loop, j->timer);
	j->timer = 0;
	j->bytes = 0;
}

static void
journal_count(struct journal *j, size_t n)
{
	j->bytes += n;
	if (j->bytes >= BATCH_BYTES)
		journal_commit(j);
}

static const char *const mode_ids[] = { "check", "apply", "undo" };
static const char *const world_ids[] = { "real", "lab", "simulated" };

static void
entries_clear(struct journal *j)
{
	struct entry *en;
	vec_each(en, &j->entries)
		str_done(&en->piece);
	j->entries.n = 0;
}

/* Runs and tasks */

void
journal_select(struct journal *j, const char *text)
{
	str_put(j->selection, sizeof j->selection, text);
}

static void
run_begin(struct journal *j, const struct event *e)
{
	journal_commit(j);
	entries_clear(j);
	journal_begin(j);
	journal_put(j, STMT_RUN_NEW, "tttit", run_id(e->run), mode_ids[run_mode(e->run)],
		    world_ids[run_world(e->run)], wall_now(), j->selection);
	j->run = sqlite3_last_insert_rowid(j->db);
	j->began_ms = e->at_ms;
	journal_commit(j);
	journal_prune(j);
}

static void
run_end(struct journal *j, const struct event *e)
{
	journal_begin(j);
	journal_put(j, STMT_RUN_END, "iiii", wall_now(), (int64_t)e->code,
		    e->at_ms - j->began_ms, j->run);
	journal_commit(j);
}

/* The entry of the event's task, with its row; NULL for events without a task. */
static struct entry *
journal_entry(struct journal *j, const struct task *t)
{
	if (!t)
		return NULL;
	while (j->entries.n <= t->index) {
		struct entry *added = vec_add(&j->entries);
		added->piece = STR_INIT(PIECE_BYTES + 1);
		sha256_init(&added->hash);
	}
	struct entry *en = &j->entries.at[t->index];
	if (!en->id) {
		journal_begin(j);
		journal_put(j, STMT_TASK_NEW, "ittt", j->run, t->key, t->node ? t->node->name : "",
			    task_state_ids[t->state]);
		en->id = sqlite3_last_insert_rowid(j->db);
	}
	return en;
}

static void
output_add(struct journal *j, struct entry *en, const struct event *e)
{
	CLEAN_STR text = STR_INIT(e->len + 1); /* redaction never makes it longer */
	log_redact(&text, e->text, e->len);
	en->received += e->len;
	sha256_add(&en->hash, str_text(&text), text.len);
	journal_begin(j);
	if (en->stream != e->stream)
		entry_flush(j, en);
	en->stream = e->stream;
	for (size_t at = 0, n; at < text.len; at += n) {
		n = PIECE_BYTES - en->piece.len;
		n = text.len - at < n ? text.len - at : n;
		str_addn(&en->piece, text.s + at, n);
		if (en->piece.len == PIECE_BYTES)
			entry_flush(j, en);
	}
	journal_count(j, text.len);
}

static void
event_add(struct journal *j, struct entry *en, const struct event *e)
{
	CLEAN_STR name = STR_INIT(TEXT_MAX);
	CLEAN_STR text = STR_INIT(TEXT_MAX);
	const char *words = e->text ? e->text : e->err ? e->err->what : NULL;
	if (e->type == EV_TASK)
		words = task_state_ids[e->task->state];
	const char *node = e->node ? e->node->name : NULL;
	journal_begin(j);
	redacted(&name, e->name);
	redacted(&text, words);
	journal_put(j, STMT_EVENT, "iitittti", j->run, en ? en->id : INT64_C(0), node,
		    e->at_ms - j->began_ms,
		    event_ids[e->type], e->name ? str_text(&name) : NULL,
		    words ? str_text(&text) : NULL, (int64_t)(e->err ? e->err->code : e->code));
	journal_count(j, text.len + 64);
}

/* What a person can do about it: the last hint. */
static void
fix_put(struct journal *j, struct entry *en, const char *hint)
{
	CLEAN_STR text = STR_INIT(TEXT_MAX);
	journal_put(j, STMT_TASK_FIX, "ti", redacted(&text, hint), en->id);
}

static void
task_changed(struct journal *j, struct entry *en, const struct task *t, int64_t at_ms)
{
	CLEAN_STR text = STR_INIT(TEXT_MAX);
	journal_put(j, STMT_TASK_STATE, "tiii", task_state_ids[t->state], t->spent_ms,
		    at_ms - j->began_ms, en->id);
	const char *reason = t->err.code ? t->err.what : t->reason;
	if (reason)
		journal_put(j, STMT_TASK_REASON, "ti", redacted(&text, reason), en->id);
	if (t->err.code && t->err.hint[0])
		fix_put(j, en, t->err.hint);
}

/* On disk when this returns: full synchronisation for this one commit. */
static void
intent_commit(struct journal *j, struct entry *en, const struct event *e)
{
	journal_commit(j);
	journal_exec(j, "PRAGMA synchronous=FULL");
	event_add(j, en, e);
	journal_commit(j);
	journal_exec(j, "PRAGMA synchronous=NORMAL");
}

void
journal_event(void *journal, const struct event *e)
{
	struct journal *j = journal;
	if (j->err.code || e->type == EV_PROGRESS)
		return;
	if (e->type == EV_RUN_START) {
		run_begin(j, e);
		return;
	}
	if (!j->run)
		return;
	struct entry *en = journal_entry(j, e->task);
	if (e->type == EV_OUTPUT && en) {
		output_add(j, en, e);
		return;
	}
	if (e->type == EV_INTENT) {
		intent_commit(j, en, e);
		return;
	}
	if (e->type == EV_TASK && en)
		task_changed(j, en, e->task, e->at_ms);
	if (e->type == EV_HINT && en && e->text)
		fix_put(j, en, e->text);
	if (e->type == EV_PLACE && en)
		journal_put(j, STMT_TASK_NODE, "ti", e->node->name, en->id);
	event_add(j, en, e);
	if (e->type == EV_RUN_END)
		run_end(j, e);
}

int
journal_error(const struct journal *j, struct err *err)
{
	if (j->err.code && err)
		*err = j->err;
	return j->err.code;
}

sqlite3 *
journal_writing(struct journal *j)
{
	journal_begin(j);
	return j->err.code ? NULL : j->db;
}

sqlite3 *
journal_reading(struct journal *j)
{
	journal_commit(j);
	return j->db;
}

void
journal_broke(struct journal *j)
{
	journal_fail(j);
}

/* Opening */

static int
open_refused(const struct journal *j, struct err *err)
{
	int rc = sqlite3_errcode(j->db) & 0xff;
	int code = rc == SQLITE_FULL ? -ENOSPC : rc == SQLITE_READONLY ? -EROFS : -EIO;
	err_set(err, code, _("cannot open the journal '%s': %s"), j->path, sqlite3_errmsg(j->db));
	if (rc == SQLITE_NOTADB || rc == SQLITE_CORRUPT)
		err_hint(err, _("It is damaged. Move it away and run again: it only records, the "
				"machines are asked anew."));
	else
		err_hint(err, _("Check the folder's permissions and free space."));
	return code;
}

static int
journal_prepare(struct journal *j, struct err *err)
{
	int64_t version = 0, tables = 0, application = 0;
	sqlite3_busy_timeout(j->db, BUSY_MS);
	if (journal_pragma(j->db, "PRAGMA user_version", &version) ||
	    journal_pragma(j->db, "PRAGMA application_id", &application) ||
	    journal_pragma(j->db, "SELECT count(*) FROM sqlite_master", &tables))
		return open_refused(j, err);
	if (tables && application != APPLICATION) {
		err_set(err, -EINVAL, _("'%s' is not a journal of this program"), j->path);
		err_hint(err, _("Move that file away and run again."));
		return -EINVAL;
	}
	if (version > FORMAT) {
		err_set(err, -EINVAL, _("the journal '%s' was written by a newer version"), j->path);
		err_hint(err, _("Use that version, or move the file away: it only records."));
		return -EINVAL;
	}
	CLEAN_STR sql = STR_INIT(4096);
	if (version < FORMAT) {
		str_addf(&sql, "BEGIN IMMEDIATE;%s", version ? "" : schema);
		for (int64_t v = version ? version : 1; v < FORMAT; v++)
			str_add(&sql, upgrades[v]);
		str_addf(&sql, "PRAGMA application_id=%d; PRAGMA user_version=%d; COMMIT;",
			 APPLICATION, FORMAT);
	}
	if (sqlite3_exec(j->db, "PRAGMA auto_vacuum=INCREMENTAL; PRAGMA journal_mode=WAL;"
			 "PRAGMA synchronous=NORMAL;", NULL, NULL, NULL) != SQLITE_OK ||
	    sqlite3_exec(j->db, str_text(&sql), NULL, NULL, NULL) != SQLITE_OK)
		return open_refused(j, err);
	return 0;
}

/* SQLite gives -wal and -shm the mode of the file itself, so making it is enough. */
static int
file_make(const char *path, struct err *err)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0) {
		err_sys(err, errno, _("cannot open the journal '%s'"), path);
		err_hint(err, _("Check the folder's permissions and free space."));
		return -1;
	}
	struct stat st;
	bool regular = !fstat(fd, &st) && S_ISREG(st.st_mode);
	if (regular && (st.st_mode & 077))
		regular = !fchmod(fd, 0600);
	close(fd);
	if (!regular)
		err_set(err, -EINVAL, _("the journal '%s' is not a plain file of yours"), path);
	return regular ? 0 : -1;
}

struct journal *
journal_open(struct loop *l, const char *path, struct err *err)
{
	if (file_make(path, err) < 0)
		return NULL;
	struct journal *j = xcalloc(1, sizeof *j);
	j->loop = l;
	j->path = xstrdup(path);
	int rc = sqlite3_open_v2(path, &j->db, SQLITE_OPEN_READWRITE, NULL);
	if (rc == SQLITE_OK && !journal_prepare(j, err))
		return j;
	if (rc != SQLITE_OK)
		open_refused(j, err);
	return journal_close(j);
}

struct journal *
journal_close(struct journal *j)
{
	if (!j)
		return NULL;
	journal_commit(j);
	entries_clear(j);
	vec_free(&j->entries);
	for (int i = 0; i < STMT__COUNT; i++)
		sqlite3_finalize(j->stmt[i]);
	sqlite3_close(j->db);
	loop_forget(j->loop, j);
	free(j->path);
	free(j);
	return NULL;
}
