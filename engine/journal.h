/* What happened, in SQLite (WAL, one file per cluster and world): runs, tasks, events, output,
 * values. It records; it never decides. Intent is on disk before an exec. */
#ifndef ENGINE_JOURNAL_H
#define ENGINE_JOURNAL_H

#include <stdbool.h>
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

/* What is selected, as a person would type it: kept with the runs from now on. */
void journal_select(struct journal *j, const char *text);
/* From the next run on, older ones are dropped until at most so many are left and the file takes
 * no more than so many bytes; the running one always stays. 0 = no limit. */
void journal_keep(struct journal *j, uint32_t runs, uint64_t bytes);

struct journal_run {
	int64_t id;
	char run_id[33];
	char mode[8];     /* check, apply, undo */
	char world[16];
	char selection[256]; /* "" = everything */
	int64_t began;    /* seconds since 1970 */
	int64_t ended;    /* 0 = it was cut off */
	int code;
	int64_t wall_ms;
	size_t tasks, ok, changed, failed, unknown, todo;
};
struct journal_task {
	int64_t run;
	char key[320];
	char node[64];
	char state[16];   /* task_state_ids */
	int64_t spent_ms;
	char reason[512];
	char fix[256];    /* the last hint */
	int64_t at_ms;    /* of the state, since the run began */
	char hash[65];    /* SHA-256 of all its output (secrets replaced); "" = there was none */
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

/* One run; -ENOENT when it is not there. id 0 = the newest. */
int journal_run(struct journal *j, int64_t id, struct journal_run *ret, struct err *err);
/* What was told last of every task, in the runs up to `run` (0 = all): oldest run first. Tasks that a
 * run never began do not count. */
int journal_latest(struct journal *j, int64_t run,
		   int (*fn)(void *ctx, const struct journal_task *t), void *ctx, struct err *err);

struct journal_event_row {
	int64_t at_ms; /* since the run began */
	const char *type, *task, *node, *name, *text; /* "" where there is none */
	int code;
};
/* The events of a run in order, all or of one type ("warn"). */
int journal_events(struct journal *j, int64_t run, const char *type,
		   int (*fn)(void *ctx, const struct journal_event_row *e), void *ctx,
		   struct err *err);

struct journal_pair {
	const char *key;
	const char *state_a, *state_b; /* "" = that run did not have it */
	int64_t spent_a_ms, spent_b_ms;
	bool output_differs;
};
/* Two runs side by side. */
int journal_compare(struct journal *j, int64_t a, int64_t b,
		    int (*fn)(void *ctx, const struct journal_pair *p), void *ctx, struct err *err);

/* The local lock of a cluster's state (OFD lock): 0, or E_BUSY naming the holder's pid. The fd is
 * closed by journal_unlock. */
int journal_lock(const char *path, int *ret_fd, struct err *err);
void journal_unlock(int fd);

#endif
