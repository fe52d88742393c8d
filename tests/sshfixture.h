/* What the tests of SSH begin with: a loop, a front end that answers, and one server. */
#ifndef TESTS_SSHFIXTURE_H
#define TESTS_SSHFIXTURE_H

#include "tests/sshd.h"

extern struct loop *l;
extern struct front front;
extern const struct asker asker; /* asks `front` */
extern struct sshd *server;

/* For a setup: all of it, the server with these lines added to its configuration. */
void fixture_start(const char *extra);
/* The same as a whole setup, with nothing added; and the teardown. */
int fixture_setup(void **state);
int fixture_teardown(void **state);

/* Runs the script over the connection and waits for its end. Its exit code. */
int run(struct transport *t, struct replies *r, const char *script);
/* Connects with these, runs the script, closes. The error's code. */
int try_script(const struct bssh_params *p, const char *script, struct replies *r);

#endif
