/* A proxy that breaks the server's stream at a given byte: by FIN, by RST, or by silence. One
 * child per connection, so that it stays simple. */
#include "tests/cutproxy.h"
#include <arpa/inet.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static struct sockaddr_in
loopback(int port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return a;
}

static void
breakdown(int client, int server, enum cut cut)
{
	const struct linger hard = { .l_onoff = 1 };

	if (cut == CUT_STALL)
		for (;;)
			pause();
	if (cut == CUT_RST)
		setsockopt(client, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
	close(client);
	close(server);
	_exit(0);
}

static void
pass(int from, int to, long limit, long *passed)
{
	char data[8192];
	size_t want = sizeof data;
	ssize_t n, at = 0, k;

	if (limit >= 0 && (long)want > limit - *passed)
		want = (size_t)(limit - *passed);
	n = read(from, data, want);
	if (n <= 0)
		_exit(0);
	while (at < n && (k = write(to, data + at, (size_t)(n - at))) > 0)
		at += k;
	*passed += n;
}

static void
carry(int client, int server_port, long after, enum cut cut)
{
	struct sockaddr_in a = loopback(server_port);
	int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct pollfd fds[2] = { { client, POLLIN, 0 }, { server, POLLIN, 0 } };
	long up = 0, down = 0;

	if (connect(server, (struct sockaddr *)&a, sizeof a) < 0)
		_exit(1);
	for (;;) {
		if (after >= 0 && down >= after)
			breakdown(client, server, cut);
		if (poll(fds, 2, -1) < 0)
			_exit(1);
		if (fds[0].revents)
			pass(client, server, -1, &up);
		if (fds[1].revents)
			pass(server, client, after, &down);
	}
}

static void
serve(int fd, int server_port, long after, enum cut cut)
{
	signal(SIGCHLD, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;) {
		int client = accept(fd, NULL, NULL);

		if (client < 0)
			continue;
		if (fork() == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			carry(client, server_port, after, cut);
		}
		close(client);
	}
}

struct cutproxy
cutproxy_start(int server_port, long after, enum cut cut)
{
	struct cutproxy p = { 0 };
	struct sockaddr_in a = loopback(0);
	socklen_t n = sizeof a;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (bind(fd, (struct sockaddr *)&a, sizeof a) < 0 || listen(fd, 16) < 0 ||
	    getsockname(fd, (struct sockaddr *)&a, &n) < 0) {
		perror("cutproxy");
		exit(99);
	}
	p.port = ntohs(a.sin_port);
	p.pid = fork();
	if (p.pid == 0)
		serve(fd, server_port, after, cut);
	close(fd);
	return p;
}

void
cutproxy_stop(struct cutproxy *p)
{
	kill(p->pid, SIGKILL);
	waitpid(p->pid, NULL, 0);
	p->pid = 0;
}
