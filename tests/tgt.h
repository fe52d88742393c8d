/* A private iSCSI target (tgtd) on loopback for tests: its own port, socket and folder; needs no
 * kernel module and no root. */
#ifndef TESTS_TGT_H
#define TESTS_TGT_H

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "base/proc.h"
#include "base/str.h"

struct tgt {
	char dir[64];
	int port;
	pid_t pid;
};

/* A port of 127.0.0.1 that is free right now. */
static inline int
tgt_free_port(void)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof a;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (bind(fd, (struct sockaddr *)&a, n) < 0 || getsockname(fd, (struct sockaddr *)&a, &n) < 0)
		abort();
	close(fd);
	return ntohs(a.sin_port);
}

/* tgtadm with these words; 0 on success. */
static inline int
tgt_adm(const char *words)
{
	char copy[1024];
	const char *argv[40] = { "tgtadm", "--lld", "iscsi" };
	char *rest = copy, *word;
	size_t n = 3;
	CLEAN_STR out = STR_INIT(65536);
	struct err err;

	str_put(copy, sizeof copy, words);
	while ((word = strsep(&rest, " ")) && n < 39)
		argv[n++] = word;
	argv[n] = NULL;
	return proc_run(argv, NULL, &out, 5000, &err);
}

/* NULL, or what is missing on this machine. */
static inline const char *
tgt_start(struct tgt *t)
{
	char socket_path[128], portal[64];
	struct timespec pause = { 0, 20000000 };
	int null, status = 0;

	t->pid = -1;
	t->port = tgt_free_port();
	str_put(t->dir, sizeof t->dir, "/tmp/bascule-tgt.XXXXXX");
	if (!mkdtemp(t->dir))
		return "no folder can be made in /tmp";
	snprintf(socket_path, sizeof socket_path, "%s/socket", t->dir);
	setenv("TGT_IPC_SOCKET", socket_path, 1);
	setenv("PATH", "/usr/sbin:/sbin:/usr/bin:/bin", 1);
	snprintf(portal, sizeof portal, "portal=127.0.0.1:%d", t->port);
	t->pid = fork();
	if (t->pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		null = open("/dev/null", O_RDWR);
		dup2(null, 0);
		dup2(null, 1);
		dup2(null, 2);
		execlp("tgtd", "tgtd", "-f", "--iscsi", portal, (char *)NULL);
		_exit(127);
	}
	while (waitpid(t->pid, &status, WNOHANG) == 0) {
		if (tgt_adm("--op show --mode sys") == 0)
			return NULL;
		nanosleep(&pause, NULL);
	}
	t->pid = -1;
	return WIFEXITED(status) && WEXITSTATUS(status) == 127 ? "there is no tgtd"
							       : "tgtd does not start here";
}

static inline void
tgt_stop(struct tgt *t)
{
	const char *rm[] = { "rm", "-rf", t->dir, NULL };
	CLEAN_STR out = STR_INIT(1024);
	struct err err;

	if (t->pid > 0) {
		kill(t->pid, SIGKILL);
		waitpid(t->pid, NULL, 0);
	}
	proc_run(rm, NULL, &out, 5000, &err);
}

/* Path of a file in the target's folder; static buffer. */
static inline const char *
tgt_path(const struct tgt *t, const char *name)
{
	static char path[128];

	snprintf(path, sizeof path, "%s/%s", t->dir, name);
	return path;
}

/* A sparse backing file of so many bytes, all zero. */
static inline void
tgt_disk(const struct tgt *t, const char *name, long long size)
{
	int fd = open(tgt_path(t, name), O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0 || ftruncate(fd, size) < 0)
		abort();
	close(fd);
}

static inline void
tgt_poke(const struct tgt *t, const char *name, long long at, const void *bytes, size_t n)
{
	int fd = open(tgt_path(t, name), O_RDWR | O_CLOEXEC);

	if (fd < 0 || pwrite(fd, bytes, n, at) != (ssize_t)n)
		abort();
	close(fd);
}

/* Target `tid` with that name, open to everybody. */
static inline int
tgt_target(int tid, const char *iqn)
{
	char words[512];
	int code;

	snprintf(words, sizeof words, "--op new --mode target --tid %d -T %s", tid, iqn);
	code = tgt_adm(words);
	snprintf(words, sizeof words, "--op bind --mode target --tid %d -I ALL", tid);
	return code ? code : tgt_adm(words);
}

/* `more`: further words of `--op new`, such as "--blocksize 4096", or "". `params` may be "". */
static inline int
tgt_lun(const struct tgt *t, int tid, int lun, const char *disk, const char *more, const char *params)
{
	char words[1024];
	int code;

	snprintf(words, sizeof words, "--op new --mode logicalunit --tid %d --lun %d -b %s%s%s", tid,
		 lun, tgt_path(t, disk), *more ? " " : "", more);
	code = tgt_adm(words);
	if (code || !*params)
		return code;
	snprintf(words, sizeof words, "--op update --mode logicalunit --tid %d --lun %d --params %s",
		 tid, lun, params);
	return tgt_adm(words);
}

#endif
