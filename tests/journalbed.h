/* What the tests of the journal stand on: a file in a folder of their own, events of one task, and
 * readers that keep what they saw. */
#ifndef TESTS_JOURNALBED_H
#define TESTS_JOURNALBED_H

#include "tests/unit.h"

#include "base/loop.h"
#include "base/str.h"
#include "engine/journal.h"

enum { KEPT = 8 };

extern char folder[], path[64];
extern struct loop *loop;
extern const char *fake_id; /* of the run that is written */
extern struct node node;
extern struct task task;

/* A test that begins without a file, with a loop, its task pending. */
#define JOURNAL_TEST(f) cmocka_unit_test_setup_teardown(f, journal_setup, journal_teardown)
int journal_setup(void **state);
int journal_teardown(void **state);
/* The rest of main(): makes the folder, and removes it. */
int journal_main(const struct CMUnitTest *list, size_t n);

void files_remove(void);
struct journal *opened(void); /* or the test fails */

void emit(struct journal *j, struct event e);
void emit_start(struct journal *j);
void emit_output(struct journal *j, int stream, const char *text, size_t n);
void emit_state(struct journal *j, enum task_state s);

extern struct journal_run runs[KEPT];
extern struct journal_task tasks[KEPT];
extern size_t nruns, ntasks;
int keep_run(void *ctx, const struct journal_run *r);
int keep_task(void *ctx, const struct journal_task *t);
/* The runs, and the tasks of the newest. */
void read_all(struct journal *j);

struct output {
	struct str text;
	size_t gaps;
	uint64_t gap;
	size_t head; /* bytes before the first gap */
};

/* Of the newest run's task; the caller ends o->text. */
void read_output(struct journal *j, struct output *o);

#endif
