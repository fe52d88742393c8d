/* The simulated cluster: it keeps the facts and values of each node on a virtual clock,
 * answers the scripts' engine lines as a node would, and fails where told. It knows no step: all
 * it says comes from [sim] in step.ini. */
#ifndef BACKENDS_SIM_H
#define BACKENDS_SIM_H

#include "base/loop.h"
#include "engine/model.h"
#include "engine/ping.h"
#include "engine/transport.h"

struct sim;

/* state_path: the world is read from there and kept there, so that the next start finds it as it
 * was left; NULL = only in memory. faults_path: scripted faults, NULL = none; a malformed line is
 * E_INPUT with file and line. NULL and err on failure. */
struct sim *sim_new(struct loop *l, const struct model *m, const char *state_path,
		    const char *faults_path, struct err *err);
struct sim *sim_free(struct sim *s); /* returns NULL; close the transports first */
/* The task holds, and so do the facts it gives. */
void sim_learn(struct sim *s, const struct task *t);
/* From now on nothing takes time. */
void sim_hurry(struct sim *s);
/* Probes towards a VM of this world. */
struct ping *sim_ping_start(struct sim *s, const struct ping_spec *spec);
/* node == NULL: the console itself. */
struct transport *sim_connect(struct sim *s, const struct node *node);

#endif
