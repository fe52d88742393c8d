/* Ways in: keys, certificates, the agent, passwords, prompts, sudo, jump hosts, forwarding. */
#include "tests/unit.h"
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/alloc.h"
#include "tests/sshfixture.h"

#define PASSWORD "canary pass \"word"

static int
try_login(const struct bssh_params *p)
{
	struct replies r;
	int code = try_script(p, "exit 0", &r);

	if (code)
		print_message("# %s (%s)\n", r.err.what, r.err.hint);
	replies_free(&r);
	return code;
}

static char *
in_home(const char *name)
{
	return xasprintf("%s/%s", sshd_home(), name);
}

static void
fresh_front(const char *const *answers)
{
	bssh_forget_answers();
	memset(&front, 0, sizeof front);
	front.answers = answers;
}

static void
default_keys(void **state)
{
	struct bssh_params p = sshd_params(server);

	(void)state;
	fresh_front(NULL);
	p.key = NULL;
	assert_int_equal(try_login(&p), E_AUTH);
	assert_int_equal(sshd_run("cp id .ssh/id_ed25519"), 0);
	assert_int_equal(try_login(&p), 0);
	assert_int_equal(sshd_run("rm .ssh/id_ed25519"), 0);
}

static void
a_wrong_key_is_told(void **state)
{
	struct bssh_params p = sshd_params(server);
	CLEANUP(freep) char *key = in_home("stranger");

	(void)state;
	fresh_front(NULL);
	assert_int_equal(sshd_run("ssh-keygen -q -t ed25519 -N '' -f stranger"), 0);
	p.key = key;
	assert_int_equal(try_login(&p), E_AUTH);
	p.key = "/nonexistent";
	assert_int_equal(try_login(&p), E_AUTH);
}

static void
an_encrypted_key_asks_for_its_passphrase(void **state)
{
	struct bssh_params p = sshd_params(server);
	CLEANUP(freep) char *key = in_home("locked"), *id = NULL;
	const char *answers[] = { NULL, "the phrase", NULL };

	(void)state;
	id = xasprintf("secret:key:%s", key);
	answers[0] = id;
	assert_int_equal(sshd_run("ssh-keygen -q -t ed25519 -N 'the phrase' -f locked"), 0);
	p.key = key;
	/* the node does not want it: nobody is asked */
	fresh_front(answers);
	assert_int_equal(try_login(&p), E_AUTH);
	assert_int_equal(front.asked[ASK_SECRET], 0);
	assert_int_equal(sshd_run("cat locked.pub >>authorized"), 0);
	assert_int_equal(try_login(&p), 0);
	assert_int_equal(front.asked[ASK_SECRET], 1);
	/* and once for all nodes */
	assert_int_equal(try_login(&p), 0);
	assert_int_equal(front.asked[ASK_SECRET], 1);
	answers[1] = "wrong";
	fresh_front(answers);
	assert_int_equal(try_login(&p), E_AUTH);
	assert_int_equal(front.asked[ASK_SECRET], 3);
	fresh_front(NULL);
	assert_int_equal(try_login(&p), E_AUTH);
	assert_int_equal(front.asked[ASK_SECRET], 1);
}

static void
a_certificate_beside_the_key(void **state)
{
	struct sshd *d;
	struct bssh_params p;
	CLEANUP(freep) char *key = in_home("signed"), *trust = NULL;

	(void)state;
	fresh_front(NULL);
	trust = xasprintf("TrustedUserCAKeys %s/ca.pub\n", sshd_home());
	assert_int_equal(sshd_run("ssh-keygen -q -t ed25519 -N '' -f ca && "
				  "ssh-keygen -q -t ed25519 -N '' -f signed"),
			 0);
	d = sshd_start(trust);
	p = sshd_params(d);
	p.key = key;
	assert_int_equal(try_login(&p), E_AUTH);
	assert_int_equal(sshd_run("ssh-keygen -q -s ca -I test -n '%s' signed.pub", p.user), 0);
	assert_int_equal(try_login(&p), 0);
	sshd_stop(d);
}

static void
the_agent(void **state)
{
	struct bssh_params p = sshd_params(server);
	CLEANUP(freep) char *socket_path = in_home("agent");

	(void)state;
	fresh_front(NULL);
	assert_int_equal(sshd_run("ssh-agent -a agent >agent.env && . ./agent.env >/dev/null && "
				  "ssh-add -q id"),
			 0);
	setenv("SSH_AUTH_SOCK", socket_path, 1);
	p.key = NULL;
	assert_int_equal(try_login(&p), 0);
	unsetenv("SSH_AUTH_SOCK");
	assert_int_equal(try_login(&p), E_AUTH);
	sshd_run(". ./agent.env >/dev/null; kill $SSH_AGENT_PID");
}

static struct sshd *
password_server(const char *extra)
{
	const char *missing = sshd_users(PASSWORD);

	if (missing)
		unit_skip("%s", missing);
	return sshd_start(extra);
}

static void
a_password_is_asked_once(void **state)
{
	static const char *const right[] = { "secret:login:node", PASSWORD, NULL };
	static const char *const wrong[] = { "secret:login:node", "wrong", NULL };
	struct sshd *d = password_server("PasswordAuthentication yes\n");
	struct bssh_params p = sshd_params(d);

	(void)state;
	p.user = "rock";
	p.key = NULL;
	fresh_front(right);
	assert_int_equal(try_login(&p), 0);
	assert_int_equal(try_login(&p), 0);
	assert_int_equal(front.asked[ASK_SECRET], 1);
	/* the same wrong one again is not worth another try: that is how accounts are locked */
	fresh_front(wrong);
	assert_int_equal(try_login(&p), E_AUTH);
	assert_int_equal(front.asked[ASK_SECRET], 2);
	/* it is not kept */
	front.answers = right;
	assert_int_equal(try_login(&p), 0);
	fresh_front(NULL);
	assert_int_equal(try_login(&p), E_AUTH);
	assert_int_equal(front.asked[ASK_SECRET], 1);
	sshd_stop(d);
}

static void
prompts_are_answered(void **state)
{
	static const char *const right[] = { "secret:login:node", PASSWORD, NULL };
	static const char *const wrong[] = { "secret:login:node", "wrong", NULL };
	struct sshd *d = password_server("KbdInteractiveAuthentication yes\n"
					 "PasswordAuthentication no\nUsePAM yes\n");
	struct bssh_params p = sshd_params(d);

	(void)state;
	p.user = "rock";
	p.key = NULL;
	fresh_front(right);
	assert_int_equal(try_login(&p), 0);
	assert_int_equal(front.asked[ASK_SECRET], 1);
	fresh_front(wrong);
	assert_int_equal(try_login(&p), E_AUTH);
	sshd_stop(d);
}

static void
two_ways_in_one_login(void **state)
{
	static const char *const right[] = { "secret:login:node", PASSWORD, NULL };
	struct sshd *d = password_server("AuthenticationMethods publickey,password\n"
					 "PasswordAuthentication yes\n");
	struct bssh_params p = sshd_params(d);

	(void)state;
	p.user = "rock";
	fresh_front(right);
	assert_int_equal(try_login(&p), 0);
	assert_int_equal(front.asked[ASK_SECRET], 1);
	fresh_front(NULL);
	assert_int_equal(try_login(&p), E_AUTH);
	sshd_stop(d);
}

static void
sudo_by_nonce(void **state)
{
	static const char *const right[] = { "secret:sudo:node", PASSWORD, NULL };
	static const char *const wrong[] = { "secret:sudo:node", "wrong", NULL };
	static const char script[] = "id -un; cat; cat /proc/[0-9]*/cmdline | grep -c 'canary.pas[s]'";
	struct sshd *d = password_server(NULL);
	struct bssh_params p = sshd_params(d);
	struct replies r;

	(void)state;
	if (access("/usr/bin/sudo", X_OK) < 0)
		unit_skip("there is no /usr/bin/sudo");
	p.sudo = true;
	p.user = "swing";
	fresh_front(right);
	assert_int_equal(try_script(&p, script, &r), 0);
	assert_string_equal(str_text(&r.out), "root\n0\n");
	assert_int_equal(front.asked[ASK_SECRET], 1);
	replies_free(&r);
	fresh_front(wrong);
	assert_int_equal(try_script(&p, script, &r), E_AUTH);
	assert_int_equal(r.out.len, 0);
	replies_free(&r);
	fresh_front(NULL);
	assert_int_equal(try_script(&p, script, &r), E_AUTH);
	replies_free(&r);

	/* without a password, none is asked for and none is sent */
	p.user = "rock";
	fresh_front(right);
	assert_int_equal(try_script(&p, script, &r), 0);
	assert_string_equal(str_text(&r.out), "root\n0\n");
	assert_int_equal(front.asked[ASK_SECRET], 0);
	replies_free(&r);

	/* who may not use it at all is told so */
	p.user = "swing";
	assert_int_equal(sshd_run("sed -i '/^swing/d' sudoers && cat sudoers >/dev/null"), 0);
	sshd_run("umount /etc/sudoers && mount --bind sudoers /etc/sudoers");
	fresh_front(right);
	assert_int_equal(try_script(&p, script, &r), E_AUTH);
	assert_non_null(strstr(r.err.what, "sudo"));
	print_message("# %s\n", r.err.what);
	replies_free(&r);
	sshd_stop(d);
}

/* ---- through other nodes ----------------------------------------------------------------- */

static void
jump_hosts(void **state)
{
	struct sshd *first = sshd_start(NULL), *second = sshd_start(NULL);
	struct bssh_params outer = sshd_params(first), middle = sshd_params(second),
			   inner = sshd_params(server);
	struct transport *t[3];
	struct replies r[3];
	int i;

	(void)state;
	fresh_front(NULL);
	outer.name = "gate";
	middle.name = "court";
	middle.jump = &outer;
	inner.jump = &middle;
	for (i = 0; i < 3; i++) {
		t[i] = bssh_new(l, &inner, &asker);
		replies_exec(t[i], &r[i], "head -c 3000000 /dev/zero; exit 6");
	}
	for (i = 0; i < 3; i++) {
		assert_true(replies_wait(l, &r[i]));
		assert_string_equal(r[i].err.what, "");
		assert_int_equal(r[i].status, 6);
		assert_int_equal(r[i].out.len, 3000000);
		replies_free(&r[i]);
	}
	/* the way dies, and so do those who use it */
	replies_exec(t[0], &r[0], "sleep 20");
	while (t[0]->round_trips < 2)
		loop_turn(l, 100);
	sshd_stop(first);
	assert_true(replies_wait(l, &r[0]));
	assert_int_equal(r[0].err.code, E_LOST);
	assert_non_null(strstr(r[0].err.what, "jump host 'gate'"));
	replies_free(&r[0]);
	replies_exec(t[0], &r[0], "exit 0");
	assert_true(replies_wait(l, &r[0]));
	assert_int_not_equal(r[0].err.code, 0);
	print_message("# %s\n", r[0].err.what);
	replies_free(&r[0]);
	for (i = 0; i < 3; i++)
		t[i]->ops->close(t[i]);
	sshd_stop(second);
}

static void
the_key_behind_a_jump_host_is_checked(void **state)
{
	struct sshd *way = sshd_start(NULL);
	struct bssh_params outer = sshd_params(way), inner = sshd_params(server);
	char known[160];

	(void)state;
	fresh_front(NULL);
	snprintf(known, sizeof known, "%s", way->known_hosts); /* knows itself only */
	inner.known_hosts = known;
	inner.jump = &outer;
	assert_int_equal(try_login(&inner), E_HOSTKEY);
	inner.known_hosts = server->known_hosts;
	inner.port = sshd_port();
	assert_int_not_equal(try_login(&inner), 0);
	sshd_stop(way);
}

static int local_port;
static bool forward_done;

static void
on_forward(void *ctx, int port, const struct err *err)
{
	(void)ctx;
	forward_done = true;
	local_port = err ? -1 : port;
}

/* A connection to that port (or socket) of the node's, through a port of ours. */
static int
connect_forwarded(struct transport *t, const char *host, int far_port)
{
	struct sockaddr_in in = { .sin_family = AF_INET };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	forward_done = false;
	t->ops->forward(t, host, far_port, on_forward, NULL);
	while (!forward_done)
		loop_turn(l, 1000);
	assert_in_range(local_port, 1, 65535);
	in.sin_port = htons((uint16_t)local_port);
	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(connect(fd, (struct sockaddr *)&in, sizeof in), 0);
	return fd;
}

/* An echoing socket: TCP, or a path. Returns the listener. */
static int
echo_listen(const char *path, int *ret_port)
{
	struct sockaddr_in in = { .sin_family = AF_INET };
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	socklen_t n = sizeof in;
	int fd = socket(path ? AF_UNIX : AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (path)
		str_put(un.sun_path, sizeof un.sun_path, path);
	assert_int_equal(path ? bind(fd, (struct sockaddr *)&un, sizeof un)
			      : bind(fd, (struct sockaddr *)&in, sizeof in),
			 0);
	assert_int_equal(listen(fd, 4), 0);
	if (!path) {
		getsockname(fd, (struct sockaddr *)&in, &n);
		*ret_port = ntohs(in.sin_port);
	}
	return fd;
}

/* What came in, sent back as far as that goes without waiting. Returns the bytes sent back. */
static size_t
echo_step(int fd, struct str *waiting)
{
	char data[8192];
	ssize_t n;

	if (!waiting->len && (n = recv(fd, data, sizeof data, MSG_DONTWAIT)) > 0)
		str_addn(waiting, data, (size_t)n);
	n = waiting->len ? send(fd, waiting->s, waiting->len, MSG_DONTWAIT) : 0;
	if (n <= 0)
		return 0;
	str_drop(waiting, (size_t)n);
	return (size_t)n;
}

/* Turns the loop until the other end of fd has said that nothing more comes. */
static bool
stream_ends(int fd)
{
	char data[8192];
	int i;

	for (i = 0; i < 2000 && recv(fd, data, sizeof data, MSG_DONTWAIT) != 0; i++)
		loop_turn(l, 5);
	return i < 2000;
}

static void
send_through(int listener, int fd)
{
	const int64_t end_ms = loop_now_ms(l) + PATIENCE_MS;
	CLEAN_STR waiting = STR_INIT(8192);
	size_t sent = 0, echoed = 0, back = 0, total = 2000000;
	char data[8192] = "";
	int far = -1;
	ssize_t n;

	while (back < total && loop_now_ms(l) < end_ms) {
		size_t want = total - sent < sizeof data ? total - sent : sizeof data;

		if (want && (n = send(fd, data, want, MSG_DONTWAIT)) > 0)
			sent += (size_t)n;
		if (sent == total && want)
			shutdown(fd, SHUT_WR);
		if (far < 0)
			far = accept(listener, NULL, NULL);
		if (far >= 0 && echoed < total)
			echoed += echo_step(far, &waiting);
		if ((n = recv(fd, data, sizeof data, MSG_DONTWAIT)) > 0)
			back += (size_t)n;
		loop_turn(l, n > 0 ? 0 : 1);
	}
	assert_int_equal(back, total);
	/* the end is passed on in both directions */
	assert_true(stream_ends(far));
	close(far);
	assert_true(stream_ends(fd));
	close(fd);
}

static void
ports_and_sockets_are_forwarded(void **state)
{
	struct bssh_params p = sshd_params(server);
	struct transport *t = bssh_new(l, &p, &asker);
	CLEANUP(freep) char *path = in_home("echo.sock");
	int far_port = 0, tcp = echo_listen(NULL, &far_port), un = echo_listen(path, NULL), i;

	(void)state;
	fresh_front(NULL);
	for (i = 0; i < 2; i++)
		send_through(i ? un : tcp,
			     connect_forwarded(t, i ? path : "127.0.0.1", i ? 0 : far_port));
	close(tcp);
	close(un);
	t->ops->close(t);
}

/* The stream that is sent: every fourth byte begins a number of its own. */
static char
byte_at(size_t offset)
{
	return (char)(offset / 4 >> offset % 4 * 8);
}

static size_t
send_more(int fd, size_t sent, size_t total)
{
	char data[8192];
	size_t n = total - sent < sizeof data ? total - sent : sizeof data, i;
	ssize_t done;

	for (i = 0; i < n; i++)
		data[i] = byte_at(sent + i);
	done = send(fd, data, n, MSG_DONTWAIT);
	return done > 0 ? (size_t)done : 0;
}

/* Who reads slowly gets every byte as well: what waits is spread over the node's socket, libssh,
 * ourselves and the reader's socket, and nothing of it may be lost or change places. */
static void
slow_readers_lose_nothing(void **state)
{
	const size_t total = 64 << 20;
	const int64_t end_ms = loop_now_ms(l) + PATIENCE_MS;
	struct bssh_params p = sshd_params(server);
	struct transport *t = bssh_new(l, &p, &asker);
	int far_port = 0, listener = echo_listen(NULL, &far_port), far = -1, fd;
	size_t sent = 0, got = 0, wrong = 0, turns, more;
	static char data[64 << 10];
	ssize_t n, i;

	(void)state;
	fresh_front(NULL);
	fd = connect_forwarded(t, "127.0.0.1", far_port);
	for (turns = 0; got < total && !wrong && loop_now_ms(l) < end_ms; turns++) {
		if (far < 0)
			far = accept(listener, NULL, NULL);
		while (far >= 0 && sent < total && (more = send_more(far, sent, total)))
			sent += more;
		/* in fits and starts, so that each of them runs full and empty */
		n = 0;
		if (turns % 256 > unit_random() % 256)
			n = recv(fd, data, sizeof data, MSG_DONTWAIT);
		for (i = 0; i < n; i++)
			wrong += data[i] != byte_at(got++);
		loop_turn(l, n > 0 ? 0 : 1);
	}
	assert_int_equal(wrong, 0);
	assert_int_equal(got, total);
	close(fd);
	close(far);
	close(listener);
	t->ops->close(t);
}

/* Another user of this machine may not ride on our login. */
static void
forwarded_ports_are_ours_alone(void **state)
{
	struct bssh_params p = sshd_params(server);
	struct transport *t;
	int far_port = 0, tcp, i, fd, status = -1;
	pid_t pid;

	(void)state;
	if (geteuid() != 0)
		unit_skip("only root can be another user for a while");
	tcp = echo_listen(NULL, &far_port);
	t = bssh_new(l, &p, &asker);
	forward_done = false;
	t->ops->forward(t, "127.0.0.1", far_port, on_forward, NULL);
	while (!forward_done)
		loop_turn(l, 1000);
	pid = fork();
	if (pid == 0) {
		struct sockaddr_in in = { .sin_family = AF_INET };
		char byte;

		in.sin_port = htons((uint16_t)local_port);
		in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		if (setuid(65534) < 0)
			_exit(2);
		fd = socket(AF_INET, SOCK_STREAM, 0);
		if (connect(fd, (struct sockaddr *)&in, sizeof in) < 0)
			_exit(2);
		_exit(recv(fd, &byte, 1, 0) > 0);
	}
	for (i = 0; i < 200 && waitpid(pid, &status, WNOHANG) == 0; i++)
		loop_turn(l, 20);
	assert_int_equal(status, 0);
	assert_int_equal(accept(tcp, NULL, NULL), -1);
	close(tcp);
	t->ops->close(t);
}

static int
setup(void **state)
{
	(void)state;
	fixture_start("PasswordAuthentication no\nKbdInteractiveAuthentication no\n");
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(default_keys),
		cmocka_unit_test(a_wrong_key_is_told),
		cmocka_unit_test(an_encrypted_key_asks_for_its_passphrase),
		cmocka_unit_test(a_certificate_beside_the_key),
		cmocka_unit_test(the_agent),
		cmocka_unit_test(a_password_is_asked_once),
		cmocka_unit_test(prompts_are_answered),
		cmocka_unit_test(two_ways_in_one_login),
		cmocka_unit_test(sudo_by_nonce),
		cmocka_unit_test(jump_hosts),
		cmocka_unit_test(the_key_behind_a_jump_host_is_checked),
		cmocka_unit_test(ports_and_sockets_are_forwarded),
		cmocka_unit_test(slow_readers_lose_nothing),
		cmocka_unit_test(forwarded_ports_are_ours_alone),
	};

	if (!sshd_is_there())
		return unit_skip_all("there is no /usr/sbin/sshd");
	return cmocka_run_group_tests(tests, setup, fixture_teardown);
}
