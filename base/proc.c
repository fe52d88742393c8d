/* Child processes: posix_spawn, three pipes and a pidfd, all of them on the loop. */
#include "base/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/nls.h"
#include "base/str.h"
#include "base/vec.h"

extern char **environ;

enum { GRACE_MS = 2000, READ_BYTES = 32768, INPUT_MAX = 1 << 30 };

struct proc {
	struct loop *loop;
	const struct proc_ops *ops; /* NULL = abandoned */
	void *ctx;
	pid_t pid; /* 0 = reaped */
	int pidfd;
	int fds[3]; /* our ends of stdin, stdout, stderr; -1 = closed */
	struct str input;
	bool keep_stdin;
	int status;
	uint64_t timer;
};

static void proc_settle(struct proc *p);

static void
close_fd(struct proc *p, int i)
{
	if (p->fds[i] < 0)
		return;
	loop_fd_del(p->loop, p->fds[i]);
	close(p->fds[i]);
	p->fds[i] = -1;
}

static void
proc_free(struct proc *p)
{
	for (int i = 0; i < 3; i++)
		close_fd(p, i);
	if (p->pidfd >= 0) {
		loop_fd_del(p->loop, p->pidfd);
		close(p->pidfd);
	}
	loop_timer_del(p->loop, p->timer);
	str_wipe(&p->input);
	free(p);
}

static void
on_output(void *ctx, int fd, short revents)
{
	struct proc *p = ctx;
	int stream = fd == p->fds[1] ? 1 : 2;
	char data[READ_BYTES];
	ssize_t n = read(fd, data, sizeof data);

	(void)revents;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		close_fd(p, stream);
		proc_settle(p);
	} else if (p->ops && p->ops->out) {
		p->ops->out(p->ctx, stream, data, (size_t)n);
	}
}

static void
on_input(void *ctx, int fd, short revents)
{
	struct proc *p = ctx;
	ssize_t n = revents & POLLOUT ? write(fd, str_text(&p->input), p->input.len) : 0;

	if ((revents & (POLLERR | POLLNVAL)) && n == 0)
		n = -1, errno = EPIPE;
	if (n < 0 && errno != EAGAIN && errno != EINTR) {
		str_clear(&p->input);
		close_fd(p, 0); /* it reads no more: its exit code tells the rest */
		return;
	}
	if (n > 0)
		str_drop(&p->input, (size_t)n);
	if (p->input.len)
		return;
	if (p->keep_stdin)
		loop_fd_del(p->loop, fd);
	else
		close_fd(p, 0);
}

static void
on_grace_over(void *ctx)
{
	struct proc *p = ctx;

	p->timer = 0;
	if (p->pid) {
		kill(p->pid, SIGKILL);
		return;
	}
	close_fd(p, 1);
	close_fd(p, 2);
	proc_settle(p);
}

static void
on_limit(void *ctx)
{
	struct proc *p = ctx;

	kill(p->pid, SIGTERM);
	p->timer = loop_timer_add(p->loop, GRACE_MS, on_grace_over, p);
}

static void
on_exit_seen(void *ctx, int fd, short revents)
{
	struct proc *p = ctx;
	int status;

	(void)revents;
	if (waitpid(p->pid, &status, WNOHANG) == 0)
		return;
	p->status = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
	p->pid = 0;
	loop_fd_del(p->loop, fd);
	close(fd);
	p->pidfd = -1;
	close_fd(p, 0);
	loop_timer_del(p->loop, p->timer);
	p->timer = loop_timer_add(p->loop, GRACE_MS, on_grace_over, p);
	proc_settle(p);
}

/* Ends the story once nothing more can come. */
static void
proc_settle(struct proc *p)
{
	if (p->pid || (p->ops && (p->fds[1] >= 0 || p->fds[2] >= 0)))
		return;
	if (p->ops && p->ops->done)
		p->ops->done(p->ctx, p->status);
	proc_free(p);
}

/* A pipe whose ends are not 0, 1 or 2, which the child's own ends would overwrite. */
static int
pipe_open(int ends[2])
{
	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	for (int i = 0; i < 2; i++) {
		int low = ends[i];

		if (low > 2)
			continue;
		ends[i] = fcntl(low, F_DUPFD_CLOEXEC, 3);
		close(low);
	}
	return 0;
}

/* Our environment with the additions in place of variables of the same name. */
static char **
env_merge(const char *const *extra)
{
	VEC(char *) env = { 0 };
	size_t n = 0;

	for (char **e = environ; e && *e; e++, n++)
		vec_push(&env, *e);
	for (; extra && *extra; extra++) {
		size_t name = strcspn(*extra, "=") + 1, i = 0;

		while (i < env.n && strncmp(env.at[i], *extra, name) != 0)
			i++;
		if (i == env.n)
			vec_push(&env, NULL);
		env.at[i] = (char *)*extra;
	}
	vec_push(&env, NULL);
	return env.at;
}

static int
proc_spawn(struct proc *p, const struct proc_spec *spec, int ends[3][2])
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	sigset_t none, all;
	CLEANUP(freep) char **env = env_merge(spec->env);
	short flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF;
	int code;

	sigemptyset(&none);
	sigfillset(&all);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setsigdefault(&attr, &all);
	posix_spawnattr_setflags(&attr, spec->new_session ? flags | POSIX_SPAWN_SETSID : flags);
	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_adddup2(&files, ends[0][0], 0);
	posix_spawn_file_actions_adddup2(&files, ends[1][1], 1);
	posix_spawn_file_actions_adddup2(&files, ends[2][1], 2);
	posix_spawn_file_actions_addclosefrom_np(&files, 3);
	if (spec->dir)
		posix_spawn_file_actions_addchdir_np(&files, spec->dir);
	code = posix_spawnp(&p->pid, spec->argv[0], &files, &attr, (char *const *)spec->argv, env);
	posix_spawn_file_actions_destroy(&files);
	posix_spawnattr_destroy(&attr);
	return -code;
}

static int
proc_open(struct proc *p, const struct proc_spec *spec)
{
	int ends[3][2] = { { -1, -1 }, { -1, -1 }, { -1, -1 } }, code = 0;

	for (int i = 0; i < 3 && !code; i++)
		code = pipe_open(ends[i]);
	if (!code)
		code = proc_spawn(p, spec, ends);
	for (int i = 0; i < 3; i++) {
		p->fds[i] = ends[i][i == 0];
		if (ends[i][i != 0] >= 0)
			close(ends[i][i != 0]);
		if (p->fds[i] >= 0)
			fcntl(p->fds[i], F_SETFL, O_NONBLOCK);
	}
	if (code)
		return code;
	p->pidfd = pidfd_open(p->pid, 0);
	if (p->pidfd >= 0)
		return 0;
	code = -errno;
	kill(p->pid, SIGKILL);
	waitpid(p->pid, NULL, 0);
	return code;
}

struct proc *
proc_start(struct loop *l, const struct proc_spec *spec, const struct proc_ops *ops, void *ctx,
	   struct err *err)
{
	struct proc *p = xcalloc(1, sizeof *p);
	int code;

	*p = (struct proc){ .loop = l, .ops = ops, .ctx = ctx, .pidfd = -1 };
	p->input = STR_INIT(INPUT_MAX);
	p->keep_stdin = spec->keep_stdin;
	code = proc_open(p, spec);
	if (code) {
		err_sys(err, -code, _("cannot start '%s'"), spec->argv[0]);
		proc_free(p);
		return NULL;
	}
	loop_fd_set(l, p->pidfd, POLLIN, on_exit_seen, p);
	loop_fd_set(l, p->fds[1], POLLIN, on_output, p);
	loop_fd_set(l, p->fds[2], POLLIN, on_output, p);
	if (spec->limit_ms > 0)
		p->timer = loop_timer_add(l, spec->limit_ms, on_limit, p);
	if (spec->input_len)
		proc_write(p, spec->input, spec->input_len);
	else if (!p->keep_stdin)
		close_fd(p, 0);
	return p;
}

void
proc_write(struct proc *p, const void *data, size_t n)
{
	if (p->fds[0] < 0)
		return;
	str_addn(&p->input, data, n);
	loop_fd_set(p->loop, p->fds[0], POLLOUT, on_input, p);
}

void
proc_close_stdin(struct proc *p)
{
	p->keep_stdin = false;
	if (!p->input.len)
		close_fd(p, 0);
}

pid_t
proc_pid(const struct proc *p)
{
	return p->pid;
}

void
proc_kill(struct proc *p, int signo)
{
	if (p->pid)
		kill(p->pid, signo);
}

void
proc_abandon(struct proc *p)
{
	if (!p)
		return;
	p->ops = NULL;
	for (int i = 0; i < 3; i++)
		close_fd(p, i);
	loop_timer_del(p->loop, p->timer);
	p->timer = 0;
	if (p->pid) {
		kill(p->pid, SIGTERM);
		p->timer = loop_timer_add(p->loop, GRACE_MS, on_grace_over, p);
	}
	/* with the child gone already its timer was the last thing that knew of p */
	else
		p->timer = loop_timer_add(p->loop, 0, on_grace_over, p);
}

struct run {
	struct loop *loop;
	struct str *out;
	int status;
	int64_t limit_ms;
};

static void
run_out(void *ctx, int stream, const char *data, size_t n)
{
	struct run *r = ctx;

	if (stream == 1)
		str_addn(r->out, data, n);
}

static void
run_done(void *ctx, int status)
{
	struct run *r = ctx;

	r->status = status;
}

int
proc_run(const char *const *argv, const char *input, struct str *out, int limit_ms,
	 struct err *err)
{
	static const struct proc_ops ops = { .out = run_out, .done = run_done };
	struct proc_spec spec = {
		.argv = argv,
		.input = input,
		.input_len = input ? strlen(input) : 0,
		.limit_ms = limit_ms,
	};
	struct run r = { .loop = loop_new(), .out = out };
	struct err start = { 0 };
	int64_t start_ms = loop_now_ms(r.loop);

	if (proc_start(r.loop, &spec, &ops, &r, &start))
		loop_run(r.loop);
	if (start.code) {
		if (err)
			*err = start;
		r.status = start.code;
	} else if (limit_ms > 0 && loop_now_ms(r.loop) - start_ms >= limit_ms && r.status) {
		r.status = err_set(err, E_TIMEOUT, _("'%s' took longer than %d ms"), argv[0],
				   limit_ms);
	} else if (r.status < 0) {
		r.status = err_set(err, -EINTR, _("'%s' was ended by signal %d"), argv[0],
				   -r.status);
	}
	loop_free(r.loop);
	return r.status;
}
