/* The way into the practice machines: see access.h. */
#include "backends/access.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "backends/machine.h"
#include "base/alloc.h"
#include "base/nls.h"
#include "base/paths.h"

enum { FILE_MAX = 65536, GREETING_MS = 20000, PAUSE_MS = 500 };

/* ---- files ---- */

static void
known_host(struct site *s, const struct lab_machine *m, struct str *out)
{
	CLEANUP(freep) char *key = site_note(s, m, "host_key.pub");

	key[strcspn(key, " ") + 1 + strcspn(key + strcspn(key, " ") + 1, " ")] = '\0';
	str_addf(out, "[127.0.0.1]:%d %s\n", m->port, key);
}

static void
overlay_node(struct site *s, const struct lab_machine *m, struct str *out)
{
	str_addf(out,
		 "\n[node %s]\nssh.host = 127.0.0.1\nssh.port = %d\nssh.user = root\n"
		 "ssh.key = %s/login\nssh.known_hosts = %s/known_hosts\n",
		 m->name, m->port, s->state, s->state);
}

int
access_write(struct site *s, struct err *err)
{
	CLEAN_STR hosts = STR_INIT(FILE_MAX), overlay = STR_INIT(FILE_MAX);
	CLEANUP(freep) char *hosts_path = site_path(s, NULL, "known_hosts");
	CLEANUP(freep) char *overlay_path = site_path(s, NULL, "lab.ini");

	str_add(&overlay, "# Written by bascule lab up: how the practice machines are reached.\n");
	for (size_t i = 0; i < s->n; i++) {
		if (!s->machines[i].port || !site_has(s, &s->machines[i], "disk.qcow2"))
			continue;
		known_host(s, &s->machines[i], &hosts);
		overlay_node(s, &s->machines[i], &overlay);
	}
	if (file_write(hosts_path, str_text(&hosts), hosts.len, 0600, err))
		return err->code;
	return file_write(overlay_path, str_text(&overlay), overlay.len, 0600, err);
}

const char **
access_ssh(struct site *s, const struct lab_machine *m, char *const *command, struct err *err)
{
	const char *const fixed[] = {
		"ssh", "-F", "none", "-l", "root", "-o", "IdentitiesOnly=yes", "-o",
		"BatchMode=yes", "-o", "StrictHostKeyChecking=yes", "-o",
		"ServerAliveInterval=15", "-o", "LogLevel=ERROR", "-o",
		xasprintf("UserKnownHostsFile=\"%s/known_hosts\"", s->state), "-i",
		site_path(s, NULL, "login"), "-p", xasprintf("%d", m->port), "127.0.0.1",
	};
	size_t n = sizeof fixed / sizeof *fixed, more = 0;
	const char **argv;

	if (!machine_pid(s, m)) {
		err_set(err, -ENOTCONN, _("%s is off"), m->name);
		err_hint(err, _("Switch it on: bascule lab up, or bascule lab power %s on."),
			 m->name);
		return NULL;
	}
	while (command && command[more])
		more++;
	argv = xcalloc(n + more + 1, sizeof *argv);
	memcpy(argv, fixed, sizeof fixed);
	if (more)
		memcpy(argv + n, command, more * sizeof *argv);
	return argv;
}

/* ---- does SSH answer? ---- */

static int64_t
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int
greeting_ask(int port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port),
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	/* on loopback a connection is made or refused at once */
	if (fd >= 0 && connect(fd, (struct sockaddr *)&a, sizeof a)) {
		close(fd);
		fd = -1;
	}
	return fd;
}

static bool
greeting_read(int fd)
{
	char text[4] = "";

	return recv(fd, text, sizeof text, MSG_DONTWAIT) == 4 && !memcmp(text, "SSH-", 4);
}

bool
access_greets(const struct lab_machine *m, int limit_ms)
{
	struct pollfd p = { .events = POLLIN, .fd = greeting_ask(m->port) };
	bool yes = p.fd >= 0 && poll(&p, 1, limit_ms) == 1 && greeting_read(p.fd);

	if (p.fd >= 0)
		close(p.fd);
	return yes;
}

/* One machine that is waited for. */
struct waiter {
	const struct lab_machine *m;
	int fd, pidfd;
	int64_t asked_ms; /* when the question went out, or failed */
	bool done;
};

/* QEMU itself takes the connection and drops it while the machine has no server: ask again, but
 * not more often than twice a second, since each question costs the machine a process. */
static void
waiter_ask(struct waiter *w, int64_t now)
{
	if (w->fd >= 0 && now - w->asked_ms > GREETING_MS) {
		close(w->fd);
		w->fd = -1;
	}
	if (w->fd >= 0 || now - w->asked_ms < PAUSE_MS)
		return;
	w->fd = greeting_ask(w->m->port);
	w->asked_ms = now;
}

static void
waiter_hear(struct site *s, struct waiter *w, short revents, int64_t since)
{
	if (!revents)
		return;
	w->done = greeting_read(w->fd);
	close(w->fd);
	w->fd = -1;
	w->asked_ms = now_ms();
	if (w->done)
		site_say(s, w->m->name, _("answers after %lld s"),
			 (long long)(now_ms() - since + 500) / 1000);
}

static int
waiter_died(const struct site *s, const struct lab_machine *m, struct err *err)
{
	err_set(err, E_LOST, _("%s ended while it started"), m->name);
	err_hint(err, _("Its console is in %s/%s/console.log."), s->state, m->name);
	return err->code;
}

/* One look at all; returns how many still don't answer, or a code. */
static int
waiters_turn(struct site *s, struct waiter *w, size_t n, int64_t since, struct err *err)
{
	struct pollfd p[2 * LAB_MACHINES_MAX];
	int left = 0;

	for (size_t i = 0; i < n; i++) {
		if (!w[i].done)
			waiter_ask(&w[i], now_ms());
		p[2 * i] = (struct pollfd){ .fd = w[i].done ? -1 : w[i].fd, .events = POLLIN };
		p[2 * i + 1] = (struct pollfd){ .fd = w[i].done ? -1 : w[i].pidfd,
						.events = POLLIN };
	}
	if (poll(p, 2 * n, PAUSE_MS) < 0 && errno != EINTR)
		return err_sys(err, errno, _("cannot wait"));
	for (size_t i = 0; i < n; i++) {
		waiter_hear(s, &w[i], w[i].done ? 0 : p[2 * i].revents, since);
		if (!w[i].done && p[2 * i + 1].revents)
			return waiter_died(s, w[i].m, err);
		left += !w[i].done;
	}
	return left;
}

int
access_wait(struct site *s, const bool *wanted, int limit_ms, struct err *err)
{
	struct waiter w[LAB_MACHINES_MAX];
	int64_t since = now_ms();
	size_t n = 0;
	int left = 1;

	for (size_t i = 0; i < s->n; i++) {
		if (!wanted[i])
			continue;
		pid_t pid = machine_pid(s, &s->machines[i]);
		w[n++] = (struct waiter){ .m = &s->machines[i], .fd = -1,
					  .pidfd = pid ? pidfd_open(pid, 0) : -1,
					  .asked_ms = since - PAUSE_MS };
		if (!pid)
			return waiter_died(s, &s->machines[i], err);
	}
	while (left > 0 && now_ms() - since < limit_ms)
		left = waiters_turn(s, w, n, since, err);
	if (left > 0) {
		err_set(err, E_TIMEOUT, P_("%d machine does not answer after %d s",
					   "%d machines do not answer after %d s", left), left,
			limit_ms / 1000);
		err_hint(err, _("Their consoles are in %s/NAME/console.log."), s->state);
	}
	for (size_t i = 0; i < n; i++) {
		if (w[i].fd >= 0)
			close(w[i].fd);
		if (w[i].pidfd >= 0)
			close(w[i].pidfd);
	}
	return left < 0 || left > 0 ? err->code : 0;
}
