/* A cluster file, its plan and simulated runs of it, for tests of what is shown of them. */
#ifndef TESTS_SIMRUN_H
#define TESTS_SIMRUN_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "backends/inventory.h"
#include "backends/world.h"
#include "base/paths.h"
#include "base/proc.h"
#include "engine/native.h"
#include "engine/run.h"
#include "engine/workspace.h"

static const struct native simrun_natives[] = { { NULL, NULL, NULL, false } };

static const struct services simrun_services = {
	.inventory_read = inventory_read,
	.catalog_read = world_catalog,
	.world_open = world_open,
	.world_close = world_close,
	.connect = world_connect,
	.natives = simrun_natives,
};

static char simrun_home[] = "/tmp/bascule-simrun.XXXXXX";

static inline void
simrun_note(void *ctx, int line, const struct err *err)
{
	(void)ctx;
	fail_msg("line %d: %s", line, err->what);
}

static inline void
simrun_yes(void *front, const struct ask *question, ask_answer_fn answer, void *ctx)
{
	(void)front;
	answer(ctx, question->expect ? question->expect : "yes");
}

static inline void
simrun_done(void *loop, int code)
{
	(void)code;
	loop_stop(loop);
}

/* The cluster file's path; its state is new. */
static inline void
simrun_open(struct workspace *w, const char *path)
{
	struct err err = { 0 };
	const struct selection all = { 0 };

	snprintf(simrun_home, sizeof simrun_home, "/tmp/bascule-simrun.XXXXXX");
	assert_non_null(mkdtemp(simrun_home));
	setenv("XDG_STATE_HOME", simrun_home, 1);
	workspace_init(w, &simrun_services, NULL);
	assert_int_equal(workspace_read(w, path, simrun_note, NULL), 0);
	assert_int_equal(workspace_world(w, WORLD_SIMULATED, &err), 0);
	assert_int_equal(workspace_catalog(w, simrun_note, NULL), 0);
	assert_int_equal(workspace_plan(w, &all, simrun_note, NULL), 0);
	assert_int_equal(workspace_record(w, &err), 0);
	loop_clock_virtual(w->loop, 0);
}

/* One run of the workspace's plan; faults: text of a fault file or NULL. Returns its code. */
static inline int
simrun_go(struct workspace *w, enum run_mode mode, const char *faults, const struct sink *sinks,
	  size_t n)
{
	struct err err = { 0 };
	CLEANUP(freep) char *path = xasprintf("%s/faults", simrun_home);
	const struct world_way way = { .world = WORLD_SIMULATED, .folder = w->folder,
				       .faults = faults ? path : NULL };
	const struct asker asker = { simrun_yes, NULL };
	const struct run_opts opts = { .mode = mode, .world = WORLD_SIMULATED,
				       .pins_path = w->pins };
	struct task **t;

	if (faults)
		assert_int_equal(file_write(path, faults, strlen(faults), 0600, &err), 0);
	assert_int_equal(world_open(w->loop, &w->model, &way, &err), 0);
	vec_each(t, &w->plan->tasks)
		(*t)->state = TASK_PENDING, (*t)->err = (struct err){ 0 };
	struct run *r = run_new(w->loop, w->plan, w->sv, &asker, &opts, sinks, n);
	run_start(r, simrun_done, w->loop);
	loop_run(w->loop);
	int code = run_code(r);
	run_free(r);
	world_close();
	return code;
}

static inline void
simrun_close(struct workspace *w)
{
	workspace_done(w);
	const char *const argv[] = { "rm", "-rf", simrun_home, NULL };
	CLEAN_STR out = STR_INIT(1024);
	proc_run(argv, NULL, &out, 10000, NULL);
}

/* "…/etc/tutorial.ini". Caller frees. */
static inline char *
simrun_example(const char *name)
{
	const char *top = getenv("top_srcdir");
	return xasprintf("%s/etc/%s", top ? top : ".", name);
}

/* The tutorial's cluster with 16 hypervisors, in a file of its own. Caller frees the path. */
static inline char *
simrun_sixteen(void)
{
	CLEANUP(freep) char *from = simrun_example("tutorial.ini");
	CLEAN_STR text = STR_INIT(65536);
	char path[] = "/tmp/bascule-sixteen.XXXXXX";
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(file_read(from, &text, NULL), 0);
	for (int i = 3; i <= 16; i++)
		str_addf(&text, "\n[node hv-%d]\nroles = hypervisor\n"
			 "nic.eth1 = enterprise 192.168.1.%d/24 manage\n"
			 "nic.eth2 = enterprise 192.168.1.%d/24 switch\n"
			 "nic.eth3 = heartbeat 10.10.10.%d/24\nnic.eth4 = storage 10.10.20.%d/24\n",
			 i, 120 + i, 150 + i, 120 + i, 120 + i);
	assert_int_equal(file_write(path, str_text(&text), text.len, 0600, NULL), 0);
	return xstrdup(path);
}

#endif
