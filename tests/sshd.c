/* Private sshds for tests. */
#include "tests/sshd.h"
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "base/alloc.h"
#include "base/vec.h"

static char home[96];
static bool private; /* in mounts of our own */
static VEC(struct sshd *) servers;

static _Noreturn void
die(const char *what)
{
	perror(what);
	exit(99);
}

int
sshd_run(const char *fmt, ...)
{
	char command[4096];
	va_list ap;
	int status;
	pid_t pid;

	va_start(ap, fmt);
	vsnprintf(command, sizeof command, fmt, ap);
	va_end(ap);
	pid = fork();
	if (pid == 0) {
		if (chdir(home) == 0)
			execl("/bin/sh", "sh", "-c", command, (char *)NULL);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		die("fork");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

void
sshd_write(const char *path, const char *fmt, ...)
{
	FILE *f = fopen(path, "w");
	va_list ap;

	if (!f)
		die(path);
	va_start(ap, fmt);
	vfprintf(f, fmt, ap);
	va_end(ap);
	fclose(f);
}

static void
home_remove(void)
{
	sshd_stop_all();
	if (chdir("/") == 0 && strncmp(home, "/tmp/", 5) == 0)
		sshd_run("rm -rf '%s'", home);
}

static bool
cover(const char *name)
{
	char path[160];

	snprintf(path, sizeof path, "%s/etc.%s", home, strrchr(name, '/') + 1);
	return sshd_run("cat %s >%s", name, path) == 0 && chmod(path, 0644) == 0 &&
	       mount(path, name, NULL, MS_BIND, NULL) == 0;
}

/* Mounts of our own; root's shell becomes one that reads no start files. */
static bool
go_private(void)
{
	if (geteuid() != 0 || unshare(CLONE_NEWNS) < 0 ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return false;
	return cover("/etc/passwd") && cover("/etc/shadow") &&
	       sshd_run("sed 's|^\\(root:.*\\):[^:]*$|\\1:/bin/sh|' /etc/passwd >passwd && "
			"cat passwd >/etc/passwd") == 0;
}

const char *
sshd_home(void)
{
	if (home[0])
		return home;
	str_put(home, sizeof home, "/tmp/bascule-sshd.XXXXXX");
	if (!mkdtemp(home))
		die(home);
	chmod(home, 0755);
	setenv("HOME", home, 1);
	unsetenv("SSH_AUTH_SOCK");
	signal(SIGPIPE, SIG_IGN);
	if (sshd_run("mkdir -m 700 .ssh && ssh-keygen -q -t ed25519 -N '' -f id && "
		     "cp id.pub authorized && chmod 644 authorized"))
		die("ssh-keygen");
	atexit(home_remove);
	private = go_private();
	return home;
}

bool
sshd_is_there(void)
{
	return access("/usr/sbin/sshd", X_OK) == 0;
}

int
sshd_port(void)
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	socklen_t n = sizeof a;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (bind(fd, (struct sockaddr *)&a, sizeof a) < 0 ||
	    getsockname(fd, (struct sockaddr *)&a, &n) < 0)
		die("bind");
	close(fd);
	return ntohs(a.sin_port);
}

int
sshd_black_hole(int *fds, size_t n, int *ret_port)
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	socklen_t size = sizeof a;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (bind(fd, (struct sockaddr *)&a, sizeof a) < 0 || listen(fd, 0) < 0 ||
	    getsockname(fd, (struct sockaddr *)&a, &size) < 0)
		die("black hole");
	for (size_t i = 0; i < n; i++) {
		fds[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
		if (connect(fds[i], (struct sockaddr *)&a, sizeof a) < 0 && errno != EINPROGRESS)
			die("black hole");
	}
	*ret_port = ntohs(a.sin_port);
	return fd;
}

static bool
answers(int port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool yes;

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	yes = connect(fd, (struct sockaddr *)&a, sizeof a) == 0;
	close(fd);
	return yes;
}

static void
launch(struct sshd *d)
{
	char config[200], log[200];

	snprintf(config, sizeof config, "%s/config", d->dir);
	snprintf(log, sizeof log, "%s/log", d->dir);
	if (geteuid() == 0)
		mkdir("/run/sshd", 0755);
	d->pid = fork();
	if (d->pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		execl("/usr/sbin/sshd", "/usr/sbin/sshd", "-D", "-f", config, "-E", log,
		      (char *)NULL);
		_exit(127);
	}
}

struct sshd *
sshd_start(const char *extra)
{
	struct sshd *d = xcalloc(1, sizeof *d);
	struct timespec pause = { 0, 5000000 };
	char config[200];
	int i;

	sshd_home();
	d->port = sshd_port();
	snprintf(d->dir, sizeof d->dir, "%s/%d", home, d->port);
	snprintf(d->known_hosts, sizeof d->known_hosts, "%s/known_hosts", d->dir);
	snprintf(config, sizeof config, "%s/config", d->dir);
	mkdir(d->dir, 0755);
	sshd_run("cd %d && ssh-keygen -q -t ed25519 -N '' -f key && "
		 "echo \"[127.0.0.1]:%d $(cut -d' ' -f1,2 key.pub)\" >known_hosts",
		 d->port, d->port);
	sshd_write(config,
		   "%s\nPort %d\nListenAddress 127.0.0.1\nHostKey %s/key\nPidFile none\nUsePAM no\n"
		   "AuthorizedKeysFile %s/authorized\nStrictModes no\nPermitRootLogin yes\n"
		   "MaxStartups 100\nPrintMotd no\nLoginGraceTime 30\n",
		   extra ? extra : "", d->port, d->dir, home);
	launch(d);
	vec_push(&servers, d);
	for (i = 0; i < 1000 && !answers(d->port); i++)
		nanosleep(&pause, NULL);
	return d;
}

size_t
sshd_children(const struct sshd *d, pid_t *pids, size_t max)
{
	DIR *dir = opendir("/proc");
	struct dirent *e;
	size_t n = 0;

	while (dir && n < max && (e = readdir(dir))) {
		char path[300], line[512] = "";
		int parent = 0;
		FILE *f;

		snprintf(path, sizeof path, "/proc/%s/stat", e->d_name);
		if (e->d_name[0] < '1' || e->d_name[0] > '9' || !(f = fopen(path, "r")))
			continue;
		if (fgets(line, sizeof line, f) && strrchr(line, ')') &&
		    sscanf(strrchr(line, ')') + 1, " %*c %d", &parent) == 1 && parent == d->pid)
			pids[n++] = (pid_t)strtol(e->d_name, NULL, 10);
		fclose(f);
	}
	if (dir)
		closedir(dir);
	return n;
}

void
sshd_stop(struct sshd *d)
{
	pid_t pids[64];
	size_t i, n = sshd_children(d, pids, 64);

	kill(d->pid, SIGKILL);
	waitpid(d->pid, NULL, 0);
	for (i = 0; i < n; i++)
		kill(pids[i], SIGKILL);
	for (i = 0; i < servers.n; i++)
		if (servers.at[i] == d)
			break;
	if (i < servers.n)
		vec_remove(&servers, i);
	free(d);
}

void
sshd_stop_all(void)
{
	while (servers.n)
		sshd_stop(servers.at[servers.n - 1]);
	vec_free(&servers);
}

struct bssh_params
sshd_params(const struct sshd *d)
{
	static char key[128];
	struct passwd *pw = getpwuid(geteuid());

	snprintf(key, sizeof key, "%s/id", home);
	return (struct bssh_params){
		.name = "node",
		.host = "127.0.0.1",
		.port = d->port,
		.user = pw->pw_name,
		.key = key,
		.known_hosts = d->known_hosts,
		.connect_ms = PATIENCE_MS,
	};
}

const char *
sshd_users(const char *password)
{
	static bool done, fine;

	sshd_home();
	if (!private)
		return "users of the test's own need root, and mounts of its own";
	if (access("/usr/bin/openssl", X_OK) < 0)
		return "there is no /usr/bin/openssl, which makes the password's hash";
	if (done)
		return fine ? NULL : "users of the test's own cannot be made here";
	done = true;
	fine = sshd_run("h=$(openssl passwd -5 '%s') && "
			"for u in swing:4242 rock:4243; do n=${u%%:*} i=${u#*:}; "
			"mkdir -p $n && chown $i:$i $n && "
			"echo \"$n:x:$i:$i::%s/$n:/bin/sh\" >>/etc/passwd && "
			"echo \"$n:$h:19000:0:99999:7:::\" >>/etc/shadow; done",
			password, home) == 0;
	if (fine && access("/etc/sudoers", R_OK) == 0)
		fine = sshd_run("cat >sudoers <<'X'\nDefaults !lecture\nroot ALL=(ALL) ALL\n"
				"swing ALL=(ALL) ALL\nrock ALL=(ALL) NOPASSWD: ALL\nX\n"
				"chmod 440 sudoers") == 0 &&
		       sshd_run("mount --bind sudoers /etc/sudoers") == 0;
	return sshd_users(password);
}

/* ---- questions and answers -------------------------------------------------------------- */

void
front_ask(void *front, const struct ask *q, ask_answer_fn answer, void *ctx)
{
	struct front *f = front;
	const char *const *a;

	f->asked[q->type]++;
	snprintf(f->last_text, sizeof f->last_text, "%s|%s|%s", q->id, q->title,
		 q->text ? q->text : "");
	for (a = f->answers; a && *a; a += 2)
		if (strcmp(a[0], q->id) == 0)
			break;
	answer(ctx, a && *a ? a[1] : NULL);
}

static void
on_out(void *ctx, int stream, const char *data, size_t n)
{
	struct replies *r = ctx;

	r->calls_after_done += r->done;
	str_addn(stream == 1 ? &r->out : &r->errs, data, n);
}

static void
on_done(void *ctx, int status, const struct err *err)
{
	struct replies *r = ctx;

	r->calls_after_done += r->done;
	r->done = true;
	r->status = status;
	r->err = *err;
}

struct exec *
replies_exec_req(struct transport *t, struct replies *r, struct exec_req req)
{
	memset(r, 0, sizeof *r);
	r->out = STR_INIT(128 << 20);
	r->errs = STR_INIT(128 << 20);
	req.on_out = on_out;
	req.on_done = on_done;
	req.ctx = r;
	return t->ops->exec(t, &req);
}

struct exec *
replies_exec(struct transport *t, struct replies *r, const char *script)
{
	return replies_exec_req(t, r,
				(struct exec_req){ .script = script,
						   .script_len = strlen(script) });
}

bool
replies_wait(struct loop *l, struct replies *r)
{
	int64_t end_ms = loop_now_ms(l) + PATIENCE_MS;

	while (!r->done && loop_now_ms(l) < end_ms)
		if (!loop_turn(l, 100))
			break;
	return r->done;
}

void
replies_free(struct replies *r)
{
	str_done(&r->out);
	str_done(&r->errs);
}
