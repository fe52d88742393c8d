/* A proxy on 127.0.0.1 that breaks what it carries: for tests of lost connections. */
#ifndef TESTS_CUTPROXY_H
#define TESTS_CUTPROXY_H

#include <sys/types.h>

enum cut { CUT_FIN, CUT_RST, CUT_STALL };

struct cutproxy {
	int port;
	pid_t pid;
};

/* Carries connections to this port; each is broken after `after` bytes of the server's (-1 = of
 * none). Runs in a child. */
struct cutproxy cutproxy_start(int server_port, long after, enum cut cut);
void cutproxy_stop(struct cutproxy *p);

#endif
