/* Links that break: refused, black holes, frozen servers, streams cut at many bytes. */
#include "tests/unit.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>
#include "base/alloc.h"
#include "tests/cutproxy.h"
#include "tests/sshfixture.h"

struct links {
	int64_t at_ms[LINK_LOST + 1]; /* when each state came first */
	enum link_state now;
};

static void
on_link(void *ctx, enum link_state state, const struct err *err)
{
	struct links *k = ctx;

	if (!k->at_ms[state])
		k->at_ms[state] = loop_now_ms(l);
	k->now = state;
	assert_true(state == LINK_SILENT || state == LINK_LOST ? err && err->code : true);
}

static struct transport *
connect_to(const struct bssh_params *p, struct links *k)
{
	struct transport *t = bssh_new(l, p, &asker);

	memset(k, 0, sizeof *k);
	t->on_link = on_link;
	t->link_ctx = k;
	return t;
}

static void
refused(void **state)
{
	struct bssh_params p = sshd_params(server);
	struct links k;
	struct transport *t;
	struct replies r, second;

	(void)state;
	p.port = sshd_port();
	t = connect_to(&p, &k);
	replies_exec(t, &r, "exit 0");
	replies_exec(t, &second, "exit 0");
	assert_false(r.done);
	assert_true(replies_wait(l, &r));
	assert_true(replies_wait(l, &second));
	assert_int_equal(r.err.code, -ECONNREFUSED);
	assert_int_equal(second.err.code, -ECONNREFUSED);
	assert_non_null(strstr(r.err.what, "127.0.0.1"));
	assert_int_equal(k.now, LINK_DOWN);
	replies_free(&r);
	replies_free(&second);
	t->ops->close(t);
}

static void
names_are_resolved_and_all_addresses_tried(void **state)
{
	struct bssh_params p = sshd_params(server);
	struct addrinfo *found;
	struct links k;
	struct transport *t;
	struct replies r;

	(void)state;
	if (getaddrinfo("localhost", NULL, NULL, &found))
		unit_skip("localhost has no address: it is not in /etc/hosts");
	freeaddrinfo(found);
	/* usually ::1 comes first, where nothing listens */
	assert_int_equal(sshd_run("echo \"[localhost]:%d $(cut -d' ' -f1,2 %d/key.pub)\" >local",
				  server->port, server->port),
			 0);
	p.host = "localhost";
	p.known_hosts = xasprintf("%s/local", sshd_home());
	t = connect_to(&p, &k);
	replies_exec(t, &r, "exit 7");
	assert_true(replies_wait(l, &r));
	assert_string_equal(r.err.what, "");
	assert_int_equal(r.status, 7);
	replies_free(&r);
	t->ops->close(t);
	free((char *)p.known_hosts);
}

static void
a_name_that_nobody_knows(void **state)
{
	struct bssh_params p = sshd_params(server);
	struct links k;
	struct transport *t;
	struct replies r;

	(void)state;
	p.host = "no-such-host.invalid";
	t = connect_to(&p, &k);
	replies_exec(t, &r, "exit 7");
	assert_true(replies_wait(l, &r));
	assert_int_equal(r.err.code, -EHOSTUNREACH);
	replies_free(&r);
	t->ops->close(t);
}

static void
a_black_hole_has_a_deadline(void **state)
{
	struct bssh_params p = sshd_params(server);
	struct links k;
	struct transport *t;
	struct replies r;
	int fds[4], fd = sshd_black_hole(fds, 4, &p.port);
	int64_t start_ms = loop_now_ms(l);
	size_t i;

	(void)state;
	p.connect_ms = 700;
	t = connect_to(&p, &k);
	replies_exec(t, &r, "exit 0");
	assert_true(replies_wait(l, &r));
	assert_int_equal(r.err.code, -ETIMEDOUT);
	/* nothing else ends it as early as that: TCP itself tries for two minutes */
	assert_in_range(loop_now_ms(l) - start_ms, 650, PATIENCE_MS);
	replies_free(&r);
	t->ops->close(t);
	for (i = 0; i < 4; i++)
		close(fds[i]);
	close(fd);
}

/* It accepts, and then says nothing at all. */
static void
a_mute_server_has_a_deadline(void **state)
{
	struct bssh_params p = sshd_params(server);
	struct cutproxy mute = cutproxy_start(server->port, 0, CUT_STALL);
	struct links k;
	struct transport *t;
	struct replies r;

	(void)state;
	p.port = mute.port;
	p.connect_ms = 1000;
	t = connect_to(&p, &k);
	replies_exec(t, &r, "exit 0");
	assert_true(replies_wait(l, &r));
	assert_true(r.err.code == -EPROTO || r.err.code == E_TIMEOUT);
	replies_free(&r);

	/* closing in the middle of it does not wait */
	replies_exec(t, &r, "exit 0");
	loop_turn(l, 10);
	loop_turn(l, 10);
	t->ops->close(t);
	assert_int_equal(r.err.code, E_CANCELLED);
	replies_free(&r);
	cutproxy_stop(&mute);
}

static void
not_an_ssh_server(void **state)
{
	struct bssh_params p = sshd_params(server);
	struct cutproxy cut = cutproxy_start(server->port, 0, CUT_FIN);
	struct links k;
	struct transport *t;
	struct replies r;

	(void)state;
	p.port = cut.port;
	t = connect_to(&p, &k);
	replies_exec(t, &r, "exit 0");
	assert_true(replies_wait(l, &r));
	assert_int_equal(r.err.code, -EPROTO);
	replies_free(&r);
	t->ops->close(t);
	cutproxy_stop(&cut);
}

static void
freeze(int signo)
{
	pid_t pids[16];
	size_t i, n = sshd_children(server, pids, 16);

	for (i = 0; i < n; i++)
		kill(pids[i], signo);
}

static void
a_frozen_server_is_silent_then_lost(void **state)
{
	struct bssh_params p = sshd_params(server);
	struct links k;
	struct transport *t;
	struct replies r;
	int64_t start_ms;

	(void)state;
	p.lost_ms = 8000;
	t = connect_to(&p, &k);
	replies_exec(t, &r, "exit 0");
	assert_true(replies_wait(l, &r));
	replies_free(&r);
	replies_exec(t, &r, "sleep 100");
	while (t->round_trips < 2)
		loop_turn(l, 100);
	freeze(SIGSTOP);
	start_ms = loop_now_ms(l);
	while (k.now == LINK_UP)
		loop_turn(l, 1000);
	assert_int_equal(k.now, LINK_SILENT);
	print_message("# silent after %d ms\n", (int)(loop_now_ms(l) - start_ms));
	/* 3000 after it was heard last; the clock starts anew when we are stopped ourselves */
	assert_in_range(loop_now_ms(l) - start_ms, 500, 15000);

	/* it wakes up in time: nothing happened */
	freeze(SIGCONT);
	while (k.now == LINK_SILENT)
		loop_turn(l, 1000);
	assert_int_equal(k.now, LINK_UP);
	assert_false(r.done);

	freeze(SIGSTOP);
	start_ms = loop_now_ms(l);
	assert_true(replies_wait(l, &r));
	freeze(SIGCONT);
	freeze(SIGKILL);
	print_message("# lost after %d ms of 8000\n", (int)(loop_now_ms(l) - start_ms));
	assert_int_equal(r.err.code, E_LOST);
	assert_int_equal(k.now, LINK_LOST);
	assert_in_range(loop_now_ms(l) - start_ms, 5500, 30000);
	replies_free(&r);
	t->ops->close(t);
}

/* An idle link lives on: the keepalive is answered. */
static void
an_idle_link_stays_up(void **state)
{
	struct bssh_params p = sshd_params(server);
	struct links k;
	struct transport *t;
	struct replies r;
	int64_t end_ms;

	(void)state;
	p.silent_ms = 2600;
	p.lost_ms = 3500;
	t = connect_to(&p, &k);
	replies_exec(t, &r, "exit 0");
	assert_true(replies_wait(l, &r));
	replies_free(&r);
	end_ms = loop_now_ms(l) + 4500;
	while (loop_now_ms(l) < end_ms)
		loop_turn(l, 100);
	assert_int_equal(k.now, LINK_UP);
	assert_int_equal(k.at_ms[LINK_SILENT], 0);
	t->ops->close(t);
}

/* A server that dies shows at once. */
static void
a_killed_server_shows_at_once(void **state)
{
	struct bssh_params p = sshd_params(server);
	struct links k;
	struct transport *t;
	struct replies r;
	int64_t start_ms;

	(void)state;
	/* not by its silence */
	p.silent_ms = p.lost_ms = 2 * PATIENCE_MS;
	t = connect_to(&p, &k);
	replies_exec(t, &r, "exit 0");
	assert_true(replies_wait(l, &r));
	replies_free(&r);
	freeze(SIGKILL);
	start_ms = loop_now_ms(l);
	while (k.now == LINK_UP)
		loop_turn(l, 1000);
	assert_int_equal(k.now, LINK_LOST);
	assert_in_range(loop_now_ms(l) - start_ms, 0, PATIENCE_MS);
	t->ops->close(t);
}

/* One command through a link that is cut after so many bytes: it ends in time, and an error that
 * says "it did not run" is never told of one that ran. */
static void
cut_once(long after, enum cut cut, unsigned *ran, unsigned *ok)
{
	struct bssh_params p = sshd_params(server);
	struct cutproxy proxy = cutproxy_start(server->port, after, cut);
	CLEANUP(freep) char *mark = xasprintf("%s/ran", sshd_home());
	CLEANUP(freep) char *script = xasprintf("echo >'%s'; echo done; exit 3", mark);
	struct links k;
	struct transport *t;
	struct replies r;
	bool did;

	unlink(mark);
	p.port = proxy.port;
	if (cut == CUT_STALL) {
		p.connect_ms = 600;
		p.silent_ms = 300;
		p.lost_ms = 900;
	}
	p.known_hosts = xasprintf("%s/any", sshd_home());
	t = connect_to(&p, &k);
	replies_exec(t, &r, script);
	if (!replies_wait(l, &r))
		fail_msg("cut %d at byte %ld: it hangs", cut, after);
	did = access(mark, F_OK) == 0;
	if (r.err.code == 0) {
		assert_int_equal(r.status, 3);
		assert_true(did);
	} else {
		assert_true(r.err.hint[0]);
		if (did && r.err.code != E_LOST && r.err.code != E_REMOTE)
			fail_msg("cut %d at byte %ld: it ran, but we say %d: %s", cut, after,
				 r.err.code, r.err.what);
	}
	*ran += did;
	*ok += r.err.code == 0;
	replies_free(&r);
	t->ops->close(t);
	cutproxy_stop(&proxy);
	free((char *)p.known_hosts);
}

static void
cut_at_many_bytes(void **state)
{
	unsigned ran = 0, ok = 0, n = 0;
	long at;

	(void)state;
	assert_int_equal(sshd_run("echo \"[127.0.0.1]:* $(cut -d' ' -f1,2 %d/key.pub)\" >any",
				  server->port),
			 0);
	for (at = 0; at < 3600; at += 60, n += 2) {
		cut_once(at, CUT_FIN, &ran, &ok);
		cut_once(at + 20, CUT_RST, &ran, &ok);
	}
	for (at = 300; at < 3600; at += 300, n++)
		cut_once(at, CUT_STALL, &ran, &ok);
	print_message("# %u cuts: %u ran, %u answered\n", n, ran, ok);
	assert_true(ran > 0 && ok < n && ok <= ran);
}

/* No descriptor and no thread stays behind. */
static void
nothing_is_left_open(void **state)
{
	struct rlimit limit;
	int probe = dup(0);

	(void)state;
	close(probe);
	if (probe > 24)
		sshd_run("ls -l /proc/%d/fd | sed 's/^/# /'", (int)getpid());
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	assert_in_range(probe, 3, 24);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refused),
		cmocka_unit_test(names_are_resolved_and_all_addresses_tried),
		cmocka_unit_test(a_name_that_nobody_knows),
		cmocka_unit_test(a_black_hole_has_a_deadline),
		cmocka_unit_test(a_mute_server_has_a_deadline),
		cmocka_unit_test(not_an_ssh_server),
		cmocka_unit_test(a_frozen_server_is_silent_then_lost),
		cmocka_unit_test(an_idle_link_stays_up),
		cmocka_unit_test(a_killed_server_shows_at_once),
		cmocka_unit_test(cut_at_many_bytes),
		cmocka_unit_test(nothing_is_left_open),
	};

	if (!sshd_is_there())
		return unit_skip_all("there is no /usr/sbin/sshd");
	return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
