/* What the parts of the simulated cluster share: sim.c (what a node answers), simmember.c (who
 * is a member, who holds what) and simdrill.c (a VM that falls silent and comes back). */
#ifndef BACKENDS_SIMINNER_H
#define BACKENDS_SIMINNER_H

#include "backends/sim.h"
#include "backends/simfault.h"
#include "backends/simworld.h"
#include "engine/drill.h"

/* The deed of a drill, once it is begun. */
struct sim_drill {
	const struct task *task;
	struct drill_args args;
	char owner[NAME_SIZE], dest[NAME_SIZE]; /* of the VM, before and after */
	bool begun, restored;
	int64_t begun_ms, restored_ms;
	int64_t stretch; /* this one's time, per mille of what [sim] says */
	const struct fault *fault;
};

struct sim {
	struct loop *loop;
	const struct model *model;
	struct sim_world world;
	struct faults faults;
	char *state_path;
	bool hurried;
	VEC(struct sim_node *) nodes;
	struct sim_drill drill;
	uint64_t guest_number;
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
	size_t next;       /* check: the next task; apply: the next tick; watch: phases told, as bits */
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

void exec_end(struct exec *e, int status, const struct err *err);
void exec_after(struct exec *e, int64_t ms, loop_fn fn);
void sim_expand(const struct exec *e, const struct task *t, const char *text, size_t len,
		struct str *out);

/* simdrill.c */
/* Where the VM runs: the first hypervisor unless it has been moved. */
void simdrill_owner(const struct sim *s, const char *vm, char out[NAME_SIZE]);
void simdrill_values(struct exec *e, const struct task *t);
void simdrill_job_begun(struct exec *e);
void simdrill_job_over(struct exec *e, int code);
void simdrill_watch(struct exec *e);
void simdrill_audit(struct exec *e);

#endif
