/* What the parts of the simulated cluster share: sim.c (what a node answers) and simmember.c (who
 * is a member, who holds what). */
#ifndef BACKENDS_SIMINNER_H
#define BACKENDS_SIMINNER_H

#include "backends/sim.h"
#include "backends/simfault.h"
#include "backends/simworld.h"

struct sim {
	struct loop *loop;
	const struct model *model;
	struct sim_world world;
	struct faults faults;
	char *state_path;
	bool hurried;
	VEC(struct sim_node *) nodes;
};

struct sim_node {
	struct transport base;
	struct sim *sim;
	const struct node *node; /* NULL = console */
	char name[NAME_SIZE];
	bool connected;
	int64_t down_until_ms; /* while it restarts */
	VEC(struct exec *) execs;
};

struct exec {
	struct sim_node *on;
	struct exec_req req;
	size_t next;       /* check: the next task; apply: the next tick */
	struct sim_job *job;
	const struct fault *fault;
	uint64_t timer;
	bool verifying;
};

/* One line of the node's output. */
void exec_say(struct exec *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* "seven": of the VM, LUN or target that the task is about, or "-". */
const char *sim_object_name(const struct task *t);
/* Says for a task that floats whether this node is a quorate member and the owner. */
void sim_claims(struct exec *e, const struct task *here);

#endif
