/* Scripted faults of the simulated world: one a line, "WHAT WHERE [VERB [NTH]]". */
#ifndef BACKENDS_SIMFAULT_H
#define BACKENDS_SIMFAULT_H

#include "base/vec.h"
#include "engine/plan.h"

enum fault_kind {
	FAULT_FAIL,    /* the verb ends with code 1 */
	FAULT_UNKNOWN, /* likewise with code 5: could not tell */
	FAULT_SILENT,  /* the node never answers; the deadline passes */
	FAULT_REFUSE,  /* the node refuses connections */
	FAULT_LOST,    /* the link breaks in the middle; what was begun goes on and succeeds */
	FAULT_DIE,     /* the job is killed from outside */
	FAULT_FORGE,   /* lines that look like the engine's, with a wrong nonce, and escape sequences */
	FAULT_FLOOD,   /* eight megabytes of output */
	FAULT_FOREIGN, /* the object's content is somebody else's */
	FAULT_CRASH,   /* the console is ended as by kill -9 */
	FAULT_APART,   /* the node is no quorate member */
	FAULT_MOVE,    /* another node holds the object from then on */
	FAULT_TWICE,   /* two nodes say that they hold it; of a drill: the VM is started twice */
	FAULT_UNREADY, /* an entry condition of a drill does not hold */
	FAULT_UNFENCED, /* the node that a drill took away is never fenced */
	FAULT_FORGET,  /* the guest loses a number that it had acknowledged */
};

struct fault {
	enum fault_kind kind;
	char where[256];  /* a node's name or a task's key */
	int verb;         /* -1 = any */
	unsigned nth;     /* 0 = always, else only that time */
	unsigned seen;
};

struct faults {
	VEC(struct fault) all;
};

/* 0, or E_INPUT with file and line. */
int faults_read(struct faults *f, const char *path, struct err *err);
void faults_done(struct faults *f);
/* The fault that strikes now, counted; NULL = none. task may be NULL: then only nodes match. */
const struct fault *faults_strike(struct faults *f, const struct task *t, const char *node,
				  enum verb verb);
/* Would this node refuse or not answer a check now? Counts nothing. */
bool faults_silence(const struct faults *f, const char *node);

#endif
