/* What the simulated machines remember: which tasks hold, which facts, how often each node was
 * started, how often each job was, which jobs run. Kept in one small text file. */
#ifndef BACKENDS_SIMWORLD_H
#define BACKENDS_SIMWORLD_H

#include "base/str.h"
#include "base/vec.h"
#include "engine/plan.h"

struct sim_job {
	char *name;
	char *node;
	char *key;
	bool undo;
	bool over;
	int code;
	int64_t over_ms; /* when it ended */
	VEC(char *) gives;
};

struct sim_world {
	const char *path; /* NULL = only in memory */
	VEC(char *) lines; /* "done KEY", "fact FACT", "boot NODE N", "drill N", "owner OBJECT NODE":
			    * sorted set */
	VEC(struct sim_job *) jobs;
};

int sim_world_load(struct sim_world *w, struct err *err);
void sim_world_save(const struct sim_world *w);
void sim_world_done(struct sim_world *w);

bool sim_world_has(const struct sim_world *w, const char *kind, const char *text);
void sim_world_put(struct sim_world *w, const char *kind, const char *text, bool there);
unsigned sim_world_boots(const struct sim_world *w, const char *node);
void sim_world_boot(struct sim_world *w, const char *node);
/* Who holds the object; NULL = nobody yet. */
const char *sim_world_owner(const struct sim_world *w, const char *object);
void sim_world_own(struct sim_world *w, const char *object, const char *node);
/* Every fact that the task needs with all arguments named holds? */
bool sim_world_needs_hold(const struct sim_world *w, const struct task *t);

struct sim_job *sim_world_job(const struct sim_world *w, const char *name);
struct sim_job *sim_world_job_add(struct sim_world *w, const char *name, const char *node,
				  const struct task *t, bool undo);
/* The job's deed takes effect (code 0), or not. */
void sim_world_job_end(struct sim_world *w, struct sim_job *j, int code);
void sim_world_job_drop(struct sim_world *w, struct sim_job *j);

#endif
