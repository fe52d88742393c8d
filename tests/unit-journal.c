/* The journal: what was written is read back, also after kill -9; output is cut in the middle, and
 * old runs go when there are too many. */
#include "tests/journalbed.h"

#include <errno.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"

static void
test_round_trip(void **state)
{
	(void)state;
	struct journal *j = opened();
	struct stat st;
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	emit_start(j);
	emit_state(j, TASK_CHECKING);
	emit_output(j, 1, "one\n", 4);
	emit_output(j, 2, "two\n", 4);
	emit_output(j, 1, "three\n", 6);
	task.spent_ms = 4200;
	task.reason = (char[]){ "no file system" };
	emit_state(j, TASK_CHANGED);
	emit(j, (struct event){ .type = EV_RUN_END, .at_ms = 3500, .code = 0 });
	j = journal_close(j);

	j = opened();
	read_all(j);
	assert_int_equal(nruns, 1);
	assert_string_equal(runs[0].run_id, fake_id);
	assert_string_equal(runs[0].mode, "apply");
	assert_int_equal(runs[0].wall_ms, 2500);
	assert_true(runs[0].ended >= runs[0].began && runs[0].began > 0);
	assert_int_equal(ntasks, 1);
	assert_string_equal(tasks[0].key, task.key);
	assert_string_equal(tasks[0].node, "hv-1");
	assert_string_equal(tasks[0].state, "changed");
	assert_string_equal(tasks[0].reason, "no file system");
	assert_int_equal(tasks[0].spent_ms, 4200);
	assert_int_equal(tasks[0].output_bytes, 14);
	struct output o;
	read_output(j, &o);
	assert_string_equal(str_text(&o.text), "one\ntwo\nthree\n");
	assert_int_equal(o.gap, 0);
	str_done(&o.text);
	journal_close(j);
}

/* Newest first; two runs keep their tasks apart. */
static void
test_two_runs(void **state)
{
	(void)state;
	struct journal *j = opened();
	emit_start(j);
	emit_state(j, TASK_FAILED);
	emit(j, (struct event){ .type = EV_RUN_END, .at_ms = 2000, .code = 1 });
	fake_id = "fedcba9876543210";
	emit_start(j);
	emit_state(j, TASK_OK);
	emit(j, (struct event){ .type = EV_RUN_END, .at_ms = 2000 });
	read_all(j);
	assert_int_equal(nruns, 2);
	assert_string_equal(runs[0].run_id, fake_id);
	assert_int_equal(runs[1].code, 1);
	assert_int_equal(ntasks, 1);
	assert_string_equal(tasks[0].state, "ok");
	fake_id = "0123456789abcdef";
	journal_close(j);
}

static void
child_write(int ready)
{
	struct loop *l = loop_new();
	struct journal *j = journal_open(l, path, NULL);
	emit_start(j);
	emit_output(j, 1, "before\n", 7);
	emit(j, (struct event){ .type = EV_INTENT, .task = &task });
	/* Not committed: nothing promised that it is there. */
	emit_output(j, 1, "after\n", 6);
	if (write(ready, "x", 1) != 1)
		_exit(1);
	for (;;)
		pause();
}

static void
test_killed(void **state)
{
	(void)state;
	for (int round = 0; round < 10; round++) {
		int ready[2];
		char byte;
		assert_int_equal(pipe(ready), 0);
		pid_t pid = fork();
		if (!pid)
			child_write(ready[1]);
		assert_int_equal(read(ready[0], &byte, 1), 1);
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		close(ready[0]);
		close(ready[1]);
	}
	struct journal *j = opened();
	nruns = 0;
	assert_int_equal(journal_runs(j, keep_run, NULL, NULL), 0);
	assert_int_equal(nruns, 8); /* the reader ended the walk */
	for (size_t i = 0; i < nruns; i++)
		assert_int_equal(runs[i].ended, 0);
	struct output o;
	read_output(j, &o);
	assert_string_equal(str_text(&o.text), "before\n");
	str_done(&o.text);
	journal_close(j);
}

/* kill -9 at any moment of writing: always a file that opens, with all that was promised. */
static void
test_killed_anywhere(void **state)
{
	(void)state;
	for (int round = 0; round < 30; round++) {
		files_remove();
		int told[2];
		assert_int_equal(pipe(told), 0);
		pid_t pid = fork();
		if (!pid) {
			struct loop *l = loop_new();
			struct journal *j = journal_open(l, path, NULL);
			emit_start(j);
			for (unsigned i = 0;; i++) {
				char line[32];
				int n = snprintf(line, sizeof line, "%u\n", i);
				emit_output(j, 1, line, (size_t)n);
				emit(j, (struct event){ .type = EV_INTENT, .task = &task });
				if (write(told[1], &i, sizeof i) != sizeof i)
					_exit(1);
			}
		}
		close(told[1]);
		unsigned last = 0, wanted = 1 + unit_random() % 40;
		while (last < wanted && read(told[0], &last, sizeof last) == sizeof last)
			;
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		for (unsigned more; read(told[0], &more, sizeof more) == sizeof more;)
			last = more;
		close(told[0]);
		struct journal *j = opened();
		read_all(j);
		struct output o;
		read_output(j, &o);
		char promised[32];
		snprintf(promised, sizeof promised, "\n%u\n", last);
		if (!strstr(str_text(&o.text), promised))
			fail_msg("line %u of round %d is gone", last, round);
		str_done(&o.text);
		journal_close(j);
	}
}

static void
test_batch_timer(void **state)
{
	(void)state;
	loop_clock_virtual(loop, 0);
	struct journal *j = opened();
	emit_start(j);
	emit_output(j, 1, "soon\n", 5);
	loop_run(loop); /* nothing but the journal's own timer */
	struct loop *other = loop_new();
	struct journal *reader = journal_open(other, path, NULL);
	assert_non_null(reader);
	read_all(reader);
	struct output o;
	read_output(reader, &o);
	assert_string_equal(str_text(&o.text), "soon\n");
	str_done(&o.text);
	journal_close(reader);
	loop_free(other);
	journal_close(j);
}

static void
test_ceiling(void **state)
{
	(void)state;
	enum { LINES = 200000, WIDTH = 64 };
	struct journal *j = opened();
	char line[WIDTH + 1];
	emit_start(j);
	for (int i = 0; i < LINES; i++) {
		snprintf(line, sizeof line, "%062d\n", i);
		line[WIDTH - 2] = '.';
		line[WIDTH - 1] = '\n';
		emit_output(j, 1, line, WIDTH);
	}
	emit(j, (struct event){ .type = EV_RUN_END, .at_ms = 2000 });
	read_all(j);
	assert_int_equal(tasks[0].output_bytes, LINES * WIDTH);
	struct output o;
	read_output(j, &o);
	assert_int_equal(o.head, 2 << 20);
	assert_int_equal(o.gaps, 1);
	assert_true(o.text.len <= 4 << 20);
	assert_true(o.text.len > (4 << 20) - (64 << 10));
	assert_int_equal(o.text.len + o.gap, LINES * WIDTH);
	assert_memory_equal(str_text(&o.text) + o.text.len - WIDTH, line, WIDTH);
	str_done(&o.text);
	journal_close(j);
	struct stat st;
	assert_int_equal(stat(path, &st), 0);
	assert_true(st.st_size < 6 << 20);
}

/* One event larger than everything. */
static void
test_flood(void **state)
{
	(void)state;
	enum { FLOOD = 9 << 20 };
	struct journal *j = opened();
	char *flood = xcalloc(1, FLOOD);
	memset(flood, 'x', FLOOD);
	emit_start(j);
	emit_output(j, 2, flood, FLOOD);
	read_all(j);
	struct output o;
	read_output(j, &o);
	assert_int_equal(o.text.len + o.gap, FLOOD);
	assert_true(o.text.len <= 4 << 20);
	str_done(&o.text);
	free(flood);
	journal_close(j);
}

/* Fingerprint, hint and selection come back; the hash is that of the whole output. */
static void
test_claims(void **state)
{
	(void)state;
	struct journal *j = opened();
	struct err err = { 0 };
	struct journal_run r;
	assert_int_equal(journal_run(j, 0, &r, &err), -ENOENT);
	assert_true(err.hint[0]);
	journal_select(j, "--through=luns");
	emit_start(j);
	emit_output(j, 1, "a", 1);
	emit_output(j, 2, "bc", 2);
	emit(j, (struct event){ .type = EV_HINT, .task = &task, .name = "x", .text = "plug it in" });
	task.state = TASK_OK;
	emit(j, (struct event){ .type = EV_TASK, .task = &task, .at_ms = 1700 });
	emit(j, (struct event){ .type = EV_WARN, .task = &task, .name = "slow", .text = "slow",
				.at_ms = 1800 });
	emit(j, (struct event){ .type = EV_RUN_END, .at_ms = 2000 });
	read_all(j);
	assert_string_equal(runs[0].selection, "--through=luns");
	assert_string_equal(runs[0].world, "simulated");
	assert_int_equal(runs[0].tasks, 1);
	assert_int_equal(runs[0].ok, 1);
	assert_int_equal(runs[0].failed, 0);
	assert_int_equal(tasks[0].at_ms, 700);
	assert_string_equal(tasks[0].fix, "plug it in");
	/* printf abc | sha256sum */
	assert_string_equal(tasks[0].hash, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f2"
					   "0015ad");
	journal_select(j, "");
	emit_start(j);
	read_all(j);
	assert_string_equal(runs[0].selection, "");
	assert_int_equal(journal_run(j, 1, &r, &err), 0);
	assert_int_equal(r.id, 1);
	journal_close(j);
}

static int
keep_warn(void *ctx, const struct journal_event_row *e)
{
	assert_string_equal(e->type, "warn");
	assert_string_equal(e->task, task.key);
	assert_string_equal(e->text, "slow");
	assert_int_equal(e->at_ms, 800);
	++*(int *)ctx;
	return 0;
}

static int
keep_pair(void *ctx, const struct journal_pair *p)
{
	assert_string_equal(p->key, task.key);
	assert_string_equal(p->state_a, "failed");
	assert_string_equal(p->state_b, "ok");
	assert_true(p->output_differs);
	++*(int *)ctx;
	return 0;
}

/* The last answer counts; a run that never came to the task leaves it as it was. */
static void
test_latest(void **state)
{
	(void)state;
	struct journal *j = opened();
	int warns = 0, pairs = 0;
	emit_start(j);
	emit_state(j, TASK_FAILED);
	emit_start(j);
	emit_output(j, 1, "x\n", 2);
	emit_state(j, TASK_OK);
	emit(j, (struct event){ .type = EV_WARN, .task = &task, .text = "slow", .at_ms = 1800 });
	emit_start(j);
	emit_state(j, TASK_STOPPED);
	ntasks = 0;
	assert_int_equal(journal_latest(j, 0, keep_task, NULL, NULL), 0);
	assert_int_equal(ntasks, 1);
	assert_int_equal(tasks[0].run, 2);
	assert_string_equal(tasks[0].state, "ok");
	ntasks = 0;
	assert_int_equal(journal_latest(j, 1, keep_task, NULL, NULL), 0);
	assert_string_equal(tasks[0].state, "failed");
	assert_int_equal(journal_events(j, 2, "warn", keep_warn, &warns, NULL), 0);
	assert_int_equal(warns, 1);
	assert_int_equal(journal_compare(j, 1, 2, keep_pair, &pairs, NULL), 0);
	assert_int_equal(pairs, 1);
	journal_close(j);
}

/* Old runs go when one begins: by number, then by size, never the one that runs. */
static void
test_retention(void **state)
{
	(void)state;
	struct journal *j = opened();
	struct stat st;
	char *flood = xcalloc(1, 1 << 20);
	memset(flood, 'x', 1 << 20);
	for (int i = 0; i < 6; i++) {
		emit_start(j);
		emit_output(j, 1, flood, 1 << 20);
	}
	read_all(j);
	assert_int_equal(nruns, 6);
	journal_keep(j, 4, 0);
	emit_start(j);
	read_all(j);
	assert_int_equal(nruns, 4);
	assert_int_equal(runs[0].id, 7);
	journal_keep(j, 0, 3 << 19);
	emit_start(j);
	read_all(j);
	assert_int_equal(nruns, 3); /* 8, 7 and the one that has 1 MiB */
	journal_keep(j, 0, 1);
	emit_start(j);
	read_all(j);
	assert_int_equal(nruns, 1);
	free(flood);
	journal_close(j);
	assert_int_equal(stat(path, &st), 0);
	assert_true(st.st_size < 1 << 19);
}

/* A journal of the first format is read on, and what it holds is still there. */
static void
test_upgrade(void **state)
{
	(void)state;
	static const char old[] =
		"CREATE TABLE runs(id INTEGER PRIMARY KEY, run_id TEXT NOT NULL, mode TEXT NOT NULL,"
		" world TEXT NOT NULL, began INTEGER NOT NULL, ended INTEGER NOT NULL DEFAULT 0,"
		" code INTEGER NOT NULL DEFAULT 0, wall_ms INTEGER NOT NULL DEFAULT 0);"
		"CREATE TABLE tasks(id INTEGER PRIMARY KEY, run INTEGER NOT NULL, key TEXT NOT NULL,"
		" node TEXT NOT NULL, state TEXT NOT NULL, spent_ms INTEGER NOT NULL DEFAULT 0,"
		" reason TEXT NOT NULL DEFAULT '', received INTEGER NOT NULL DEFAULT 0,"
		" UNIQUE(run, key));"
		"CREATE TABLE events(id INTEGER PRIMARY KEY, run INTEGER NOT NULL, task INTEGER,"
		" node TEXT, at_ms INTEGER NOT NULL, type TEXT NOT NULL, name TEXT, text TEXT,"
		" code INTEGER);"
		"CREATE TABLE pieces(id INTEGER PRIMARY KEY, task INTEGER NOT NULL,"
		" stream INTEGER NOT NULL, tail INTEGER NOT NULL, start INTEGER NOT NULL,"
		" data BLOB NOT NULL);"
		"INSERT INTO runs(run_id, mode, world, began) VALUES('old','check','real',5);"
		"INSERT INTO tasks(run, key, node, state) VALUES(1,'a/b(hv-1)','hv-1','ok');"
		"PRAGMA application_id=1651729201; PRAGMA user_version=1;";
	sqlite3 *db = NULL;
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, old, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
	struct journal *j = opened();
	emit_start(j);
	emit_state(j, TASK_OK);
	read_all(j);
	assert_int_equal(nruns, 2);
	assert_string_equal(runs[1].run_id, "old");
	ntasks = 0;
	assert_int_equal(journal_latest(j, 0, keep_task, NULL, NULL), 0);
	assert_int_equal(ntasks, 2);
	journal_close(j);
}

int
main(void)
{
	const struct CMUnitTest list[] = {
		JOURNAL_TEST(test_round_trip),
		JOURNAL_TEST(test_two_runs),
		JOURNAL_TEST(test_killed),
		JOURNAL_TEST(test_killed_anywhere),
		JOURNAL_TEST(test_batch_timer),
		JOURNAL_TEST(test_ceiling),
		JOURNAL_TEST(test_flood),
		JOURNAL_TEST(test_claims),
		JOURNAL_TEST(test_latest),
		JOURNAL_TEST(test_retention),
		JOURNAL_TEST(test_upgrade),
	};

	return journal_main(list, sizeof list / sizeof *list);
}
