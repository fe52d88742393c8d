/* What goes out to the terminal: kept until it takes it, never waited for. */
#ifndef TUI_TERMOUT_H
#define TUI_TERMOUT_H

#include <stdbool.h>
#include <stddef.h>

void termout_open(int fd);
void termout_close(void);
int termout_fd(void); /* never blocks; to be polled for POLLOUT */
void termout_add(const char *bytes, size_t n);
/* As much as is taken now; true when nothing is left. */
bool termout_send(void);
/* Before the end: gives the terminal a moment. False, and the rest is dropped, when it takes nothing
 * for so long. */
bool termout_finish(void);

#endif
