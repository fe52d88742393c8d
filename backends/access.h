/* The way into the practice machines: known hosts, the overlay for cluster files, ssh, and the
 * wait until SSH answers. Blocks. */
#ifndef BACKENDS_ACCESS_H
#define BACKENDS_ACCESS_H

#include "backends/site.h"

/* Writes known_hosts and lab.ini for the machines that have a disk. */
int access_write(struct site *s, struct err *err);
/* See lab_ops.ssh(). */
const char **access_ssh(struct site *s, const struct lab_machine *m, char *const *command,
			struct err *err);
/* true when an SSH server greets on the machine's port within the time. */
bool access_greets(const struct lab_machine *m, int limit_ms);
/* Waits until SSH answers on all that are marked; says so for each. */
int access_wait(struct site *s, const bool *wanted, int limit_ms, struct err *err);

#endif
