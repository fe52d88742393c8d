/* A child process with pipes on the loop. argv[0] is looked up in PATH. The child has no
 * open descriptor beyond 0, 1, 2, default signals, and a session of its own when asked. */
#ifndef BASE_PROC_H
#define BASE_PROC_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include "base/err.h"
#include "base/loop.h"

struct str;
struct proc;

struct proc_ops {
	/* stream 1 = stdout, 2 = stderr; data is borrowed. NULL = thrown away. */
	void (*out)(void *ctx, int stream, const char *data, size_t n);
	/* Once, after the child and both streams ended (2 s are given to streams that a
	 * grandchild keeps open): exit code 0..255, or -signal. The proc is freed after
	 * this call returns. */
	void (*done)(void *ctx, int status);
};

struct proc_spec {
	const char *const *argv; /* NULL-terminated */
	const char *const *env;  /* "NAME=value" added to the environment; NULL = none */
	const char *dir;         /* working directory; NULL = ours */
	const char *input;       /* written to stdin, then closed; copied */
	size_t input_len;
	bool keep_stdin;         /* stdin stays open for proc_write() */
	bool new_session;        /* setsid: survives the terminal */
	int64_t limit_ms;        /* SIGTERM, 2 s later SIGKILL; 0 = none */
};

/* NULL and err on failure to start. */
struct proc *proc_start(struct loop *l, const struct proc_spec *spec, const struct proc_ops *ops,
			void *ctx, struct err *err);
void proc_write(struct proc *p, const void *data, size_t n);
void proc_close_stdin(struct proc *p);
pid_t proc_pid(const struct proc *p);
void proc_kill(struct proc *p, int signo);
/* Forgets the child without a done() call; it is sent SIGTERM and reaped. */
void proc_abandon(struct proc *p);

/* Runs to the end and returns stdout in `out` (caller's str with its ceiling): for
 * start-up work only, since it blocks. Exit code 0..255; negative and err when it could not
 * be started (-errno), was killed by a signal (-EINTR) or ran longer than limit_ms
 * (E_TIMEOUT). */
int proc_run(const char *const *argv, const char *input, struct str *out, int limit_ms,
	     struct err *err);

#endif
