/* What happened, in SQLite (WAL, one file per cluster and world): runs, tasks, events, output,
 * values. It records; it never decides. Intent is on disk before an exec. */
#ifndef ENGINE_JOURNAL_H
#define ENGINE_JOURNAL_H

#include <stdint.h>
#include "base/err.h"
#include "base/loop.h"
#include "engine/event.h"

struct journal;

/* Opens or creates path (mode 0600). A file of a newer format or a broken one is an error that
 * names it. NULL and err on failure. */
struct journal *journal_open(struct loop *l, const char *path, struct err *err);
struct journal *journal_close(struct journal *j); /* commits; returns NULL */
/* The sink. EV_INTENT commits (synchronous=FULL) before it returns; the rest within 200 ms of loop
 * time or 256 KiB. A full disk is told once by journal_error(); the run goes on to a stop. */
void journal_event(void *journal, const struct event *e);
/* 0 while all is well; else the first error of writing. */
int journal_error(const struct journal *j, struct err *err);

struct journal_run {
	int64_t id;
	char run_id[33];
	char mode[8];     /* check, apply, undo */
	int64_t began;    /* seconds since 1970 */
	int64_t ended;    /* 0 = it was cut off */
	int code;
	int64_t wall_ms;
};
struct journal_task {
	char key[320];
	char node[64];
	char state[16];   /* task_state_ids */
	int64_t spent_ms;
	char reason[512];
	int64_t output_bytes; /* as received; what is stored is at most 4 MiB, head and tail */
};
/* Newest first. The callback's data is borrowed; returning non-zero ends the walk. */
int journal_runs(struct journal *j, int (*fn)(void *ctx, const struct journal_run *r), void *ctx,
		 struct err *err);
int journal_tasks(struct journal *j, int64_t run, int (*fn)(void *ctx, const struct journal_task *t),
		  void *ctx, struct err *err);
/* Output of one task in order, raw; "… N bytes left out …" stands as a gap > 0 before its piece. */
int journal_output(struct journal *j, int64_t run, const char *key,
		   int (*fn)(void *ctx, int stream, const char *data, size_t n, uint64_t gap),
		   void *ctx, struct err *err);

/* The local lock of a cluster's state (OFD lock): 0, or E_BUSY naming the holder's pid. The fd is
 * closed by journal_unlock. */
int journal_lock(const char *path, int *ret_fd, struct err *err);
void journal_unlock(int fd);

#endif
