/* The transport to this machine. */
#ifndef BACKENDS_LOCAL_H
#define BACKENDS_LOCAL_H

#include "base/loop.h"
#include "engine/transport.h"

/* Commands run as the user who runs the program. Freed by its ops' close(). */
struct transport *local_new(struct loop *l);

#endif
