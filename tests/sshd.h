/* Private sshds on 127.0.0.1 for tests: own keys, own configuration, own HOME. Nothing of the
 * machine's is read or written; passwords and sudo live in a mount namespace of the test. */
#ifndef TESTS_SSHD_H
#define TESTS_SSHD_H

#include <stdbool.h>
#include <sys/types.h>
#include "backends/ssh.h"
#include "base/str.h"

struct sshd {
	int port;
	pid_t pid;
	char dir[128];
	char known_hosts[160];
};

/* The folder of this test program, made at the first call: HOME, client keys, server files. */
const char *sshd_home(void);
/* False: no sshd here, so the tests are skipped. */
bool sshd_is_there(void);
/* Starts one with these lines added to its configuration; its key is put into known_hosts. */
struct sshd *sshd_start(const char *extra);
void sshd_stop(struct sshd *d);
void sshd_stop_all(void);
/* The pids of its sessions' processes. Returns how many. */
size_t sshd_children(const struct sshd *d, pid_t *pids, size_t max);
/* Params with the test's key and the server's known_hosts. */
struct bssh_params sshd_params(const struct sshd *d);

/* Runs a command by the shell, in HOME; its exit code. */
int sshd_run(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void sshd_write(const char *path, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* A free port of 127.0.0.1. */
int sshd_port(void);
/* A port of 127.0.0.1 that drops every SYN, as a firewall does: a listening socket whose queue is full.
 * Returns it; n (4 do) connections that fill it go to fds. */
int sshd_black_hole(int *fds, size_t n, int *ret_port);

/* In a mount namespace of our own: user "swing" with this password, who may use sudo, and user
 * "rock", who may without one. NULL, or what is missing for it here. */
const char *sshd_users(const char *password);

/* ---- what a test asks and gets -------------------------------------------------------- */

struct replies {
	int status;
	struct err err;
	bool done;
	struct str out, errs;
	unsigned calls_after_done;
};

/* An asker that answers from `answers` (id, value, …, NULL) and counts. */
enum { PATIENCE_MS = 60000 };

struct front {
	const char *const *answers;
	unsigned asked[8]; /* by enum ask_type */
	char last_text[512];
};
void front_ask(void *front, const struct ask *q, ask_answer_fn answer, void *ctx);

/* Starts; the request borrows `r`. */
struct exec *replies_exec(struct transport *t, struct replies *r, const char *script);
struct exec *replies_exec_req(struct transport *t, struct replies *r, struct exec_req req);
/* Turns the loop until r is done. False when it hangs, which no busy machine explains. */
bool replies_wait(struct loop *l, struct replies *r);
void replies_free(struct replies *r);

#endif
