/* How this console is called in leases and jobs. */
#ifndef ENGINE_CONSOLE_H
#define ENGINE_CONSOLE_H

#include <stddef.h>

enum { CONSOLE_SIZE = 160 };

/* "HOST-MACHINE:PID:ID": host name, a number of this machine's own, process, and what it does there. */
void console_name(char out[CONSOLE_SIZE], const char *id);

#endif
