/* QEMU's control socket: one command, one answer. Blocks, with a deadline. */
#ifndef BACKENDS_QMP_H
#define BACKENDS_QMP_H

#include "base/json.h"

/* Runs a command with the members of `take_arguments` (reference taken; NULL = none). The answer's
 * "return" goes to ret_value when that is not NULL (the caller drops it). 0 or err. */
int qmp_command(const char *socket_path, const char *command, json_t *take_arguments,
		json_t **ret_value, struct err *err);

#endif
