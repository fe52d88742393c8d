/* What the tests of the journal stand on. */
#include "tests/journalbed.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "engine/run.h"

/* The journal asks a run for these three only; this test has no run. */
const char *fake_id = "0123456789abcdef";

const char *
run_id(const struct run *r)
{
	(void)r;
	return fake_id;
}

enum run_mode
run_mode(const struct run *r)
{
	(void)r;
	return MODE_APPLY;
}

enum world
run_world(const struct run *r)
{
	(void)r;
	return WORLD_SIMULATED;
}

char folder[] = "/tmp/bascule-journal.XXXXXX";
char path[64];
struct loop *loop;
struct node node = { .name = "hv-1" };
struct task task = { .index = 2, .key = (char[]){ "luns/format(vm)" }, .node = &node };

void
files_remove(void)
{
	static const char *const ends[] = { "", "-wal", "-shm", "-journal" };
	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
		char name[96];
		snprintf(name, sizeof name, "%s%s", path, ends[i]);
		unlink(name);
	}
}

int
journal_setup(void **state)
{
	(void)state;
	files_remove();
	loop = loop_new();
	task.state = TASK_PENDING;
	task.spent_ms = 0;
	task.reason = NULL;
	return 0;
}

int
journal_teardown(void **state)
{
	(void)state;
	loop = loop_free(loop);
	files_remove();
	return 0;
}

struct journal *
opened(void)
{
	struct err err = { 0 };
	struct journal *j = journal_open(loop, path, &err);
	if (!j)
		fail_msg("%s", err.what);
	return j;
}

void
emit(struct journal *j, struct event e)
{
	journal_event(j, &e);
}

void
emit_output(struct journal *j, int stream, const char *text, size_t n)
{
	emit(j, (struct event){ .type = EV_OUTPUT, .task = &task, .stream = stream, .text = text,
				.len = n });
}

void
emit_state(struct journal *j, enum task_state s)
{
	task.state = s;
	emit(j, (struct event){ .type = EV_TASK, .task = &task });
}

void
emit_start(struct journal *j)
{
	emit(j, (struct event){ .type = EV_RUN_START, .at_ms = 1000 });
}

/* Readers that keep what they saw. */

struct journal_run runs[KEPT];
struct journal_task tasks[KEPT];
size_t nruns, ntasks;

int
keep_run(void *ctx, const struct journal_run *r)
{
	(void)ctx;
	runs[nruns++] = *r;
	return nruns == KEPT;
}

int
keep_task(void *ctx, const struct journal_task *t)
{
	(void)ctx;
	tasks[ntasks++] = *t;
	return ntasks == KEPT;
}

void
read_all(struct journal *j)
{
	struct err err = { 0 };
	nruns = ntasks = 0;
	assert_int_equal(journal_runs(j, keep_run, NULL, &err), 0);
	if (nruns)
		assert_int_equal(journal_tasks(j, runs[0].id, keep_task, NULL, &err), 0);
}

static int
keep_output(void *ctx, int stream, const char *data, size_t n, uint64_t gap)
{
	struct output *o = ctx;
	assert_true(stream == 1 || stream == 2);
	if (gap && !o->gaps++)
		o->head = o->text.len;
	o->gap += gap;
	str_addn(&o->text, data, n);
	return 0;
}

void
read_output(struct journal *j, struct output *o)
{
	struct err err = { 0 };
	*o = (struct output){ .text = STR_INIT(16 << 20) };
	assert_int_equal(journal_output(j, runs[0].id, task.key, keep_output, o, &err), 0);
}

int
journal_main(const struct CMUnitTest *list, size_t n)
{
	int failed;

	if (!mkdtemp(folder))
		return 99;
	snprintf(path, sizeof path, "%s/journal.db", folder);
	failed = _cmocka_run_group_tests("journal", list, n, NULL, NULL);
	rmdir(folder);
	return failed;
}
