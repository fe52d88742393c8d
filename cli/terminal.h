/* The plain terminal, or the pipe, that the verbs write to. */
#ifndef CLI_TERMINAL_H
#define CLI_TERMINAL_H

#include "engine/lines.h"

/* Columns of the terminal on stdout; 80 elsewhere. */
int terminal_columns(void);
/* Lines to stdout; a line of progress where it can be overwritten. */
struct lines_out terminal_out(void);

#endif
