/* The iSCSI probe against a real target on loopback, and against targets that misbehave. */
#include "tests/unit.h"

#include <iscsi/iscsi.h>
#include <iscsi/scsi-lowlevel.h>
#include "backends/portalscan.h"
#include "base/log.h"
#include "tests/tgt.h"

#define IQN_ONE "iqn.2026-11.lan.test:one"
#define IQN_TWO "iqn.2026-11.lan.test:two"
#define IQN_THREE "iqn.2026-11.lan.test:three"
/* What a target may take to answer, while others have the machine. */
enum { PATIENCE_MS = 600000 };

#define CONSOLE "iqn.2026-11.lan.test:console"

enum { MIB = 1 << 20 };

static struct tgt tgt;
static const char *missing;

struct outcome {
	struct loop *loop;
	struct probe_result *result;
	struct err err;
	bool done;
};

static void
on_done(void *ctx, struct probe_result *take_result, const struct err *err)
{
	struct outcome *o = ctx;

	assert_false(o->done);
	o->done = true;
	o->result = take_result;
	o->err = *err;
}

static struct probe_request
request(struct outcome *o, int port)
{
	return (struct probe_request){ .host = "127.0.0.1",
				       .port = port,
				       .initiator = CONSOLE,
				       .timeout_ms = PATIENCE_MS,
				       .on_done = on_done,
				       .ctx = o };
}

/* Runs to the end of everything, background logouts included. */
static void
probe_run(struct outcome *o, const struct probe_request *req)
{
	struct err err;

	o->loop = loop_new();
	assert_non_null(portalscan_ops.start(o->loop, req, &err));
	assert_false(o->done);
	loop_run(o->loop);
	assert_true(o->done);
	o->loop = loop_free(o->loop);
}

static void
outcome_done(struct outcome *o)
{
	probe_result_free(o->result);
}

#define OUTCOME CLEANUP(outcome_done) struct outcome
#define NEEDS_TGT()                                                                                \
	do {                                                                                       \
		(void)state;                                                                       \
		if (missing)                                                                       \
			unit_skip("%s", missing);                                                  \
	} while (0)

static const struct probe_target *
find_target(const struct outcome *o, const char *iqn)
{
	const struct probe_target *t;

	vec_each(t, &o->result->targets)
		if (strcmp(t->iqn, iqn) == 0)
			return t;
	fail_msg("target %s was not found", iqn);
	return NULL;
}

static const struct probe_lun *
find_lun(const struct outcome *o, const char *iqn, unsigned number)
{
	const struct probe_target *t = find_target(o, iqn);
	const struct probe_lun *lun;

	vec_each(lun, &t->luns)
		if (lun->number == number)
			return lun;
	fail_msg("LUN %u was not found", number);
	return NULL;
}

static int
setup(void **state)
{
	static const char sbd[] = "SBD_SBD_\x02\xff\0\0\0\0\x02";

	(void)state;
	missing = tgt_start(&tgt);
	if (missing)
		return 0;
	tgt_disk(&tgt, "zero", 40 * MIB + 512);
	tgt_disk(&tgt, "sbd", 16 * MIB);
	tgt_poke(&tgt, "sbd", 0, sbd, sizeof sbd);
	tgt_disk(&tgt, "odd", 64 * MIB);
	tgt_poke(&tgt, "odd", 64 * MIB - 1, "x", 1);
	tgt_disk(&tgt, "small", 1 * MIB);
	tgt_disk(&tgt, "gpt4k", 32 * MIB);
	tgt_poke(&tgt, "gpt4k", 4096, "EFI PART", 8);
	tgt_disk(&tgt, "zero4k", 32 * MIB);
	tgt_disk(&tgt, "held", 16 * MIB);
	assert_int_equal(tgt_target(1, IQN_ONE), 0);
	assert_int_equal(tgt_lun(&tgt, 1, 1, "zero", "",
				 "scsi_id=naa.6001405000000000000000000000abcd,scsi_sn=zero-serial"),
			 0);
	assert_int_equal(tgt_lun(&tgt, 1, 2, "sbd", "", ""), 0);
	assert_int_equal(tgt_lun(&tgt, 1, 3, "odd", "", "vendor_id=EVIL\033[2J,product_id=a\007b"), 0);
	assert_int_equal(tgt_lun(&tgt, 1, 4, "small", "", ""), 0);
	assert_int_equal(tgt_lun(&tgt, 1, 5, "gpt4k", "--blocksize 4096", ""), 0);
	assert_int_equal(tgt_lun(&tgt, 1, 6, "zero4k", "--blocksize 4096", ""), 0);
	assert_int_equal(tgt_lun(&tgt, 1, 7, "held", "", ""), 0);
	assert_int_equal(tgt_target(2, IQN_TWO), 0);
	assert_int_equal(tgt_lun(&tgt, 2, 1, "zero", "--bstype rdwr", ""), 0);
	assert_int_equal(tgt_target(3, IQN_THREE), 0);
	assert_int_equal(tgt_lun(&tgt, 3, 1, "small", "", ""), 0);
	assert_int_equal(tgt_lun(&tgt, 3, 2, "sbd", "", ""), 0);
	assert_int_equal(tgt_adm("--op new --mode account --user vm --password longsecret1234"), 0);
	assert_int_equal(tgt_adm("--op bind --mode account --tid 2 --user vm"), 0);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	tgt_stop(&tgt);
	return 0;
}

static void
test_tells_luns_apart(void **state)
{
	OUTCOME o = { .done = false };
	struct probe_request req = request(&o, tgt.port);
	const struct probe_target *t;
	const struct probe_lun *lun;

	NEEDS_TGT();
	probe_run(&o, &req);
	assert_int_equal(o.err.code, 0);
	assert_int_equal(o.result->targets.n, 3);
	t = find_target(&o, IQN_ONE);
	assert_int_equal(t->err.code, 0);
	assert_int_equal(t->luns.n, 7);
	assert_int_equal(t->others, 1); /* the controller, LUN 0 */
	assert_int_equal(t->portals.n, 1);

	lun = find_lun(&o, IQN_ONE, 1);
	assert_string_equal(lun->err.what, "");
	assert_int_equal(lun->verdict, LUN_EMPTY);
	assert_int_equal(lun->size_bytes, 40 * MIB + 512);
	assert_int_equal(lun->block_size, 512);
	assert_string_equal(lun->wwid, "naa.6001405000000000000000000000abcd");
	assert_string_equal(lun->scsi_id, "36001405000000000000000000000abcd");
	assert_string_equal(lun->serial, "zero-serial");
	assert_true(lun->pr.supported && lun->pr.told);
	assert_int_equal(lun->pr.types, 0xea01);
	assert_int_equal(lun->seen.samples_read, PROBE_SAMPLES);

	lun = find_lun(&o, IQN_ONE, 2);
	assert_int_equal(lun->verdict, LUN_SIGNED);
	assert_string_equal(lun->signs[0].kind, "sbd");
	lun = find_lun(&o, IQN_ONE, 3);
	assert_int_equal(lun->verdict, LUN_UNKNOWN_DATA);
	assert_int_equal(lun->seen.nonzero_at, 64 * MIB - 1);
	assert_int_equal(find_lun(&o, IQN_ONE, 4)->verdict, LUN_EMPTY);
	assert_int_equal(find_lun(&o, IQN_ONE, 4)->seen.bytes_read, 1 * MIB);
	lun = find_lun(&o, IQN_ONE, 5);
	assert_int_equal(lun->verdict, LUN_SIGNED);
	assert_string_equal(lun->signs[0].kind, "gpt");
	assert_int_equal(lun->block_size, 4096);
	assert_int_equal(find_lun(&o, IQN_ONE, 6)->verdict, LUN_EMPTY);
}

/* Who it is, and not a byte of what is on it: so nothing can be taken for empty. */
static void
test_identity_only(void **state)
{
	OUTCOME o = { .done = false };
	struct probe_request req = request(&o, tgt.port);
	const struct probe_target *t;
	const struct probe_lun *lun;

	NEEDS_TGT();
	req.target = IQN_ONE;
	req.identity_only = true;
	probe_run(&o, &req);
	assert_int_equal(o.err.code, 0);
	t = find_target(&o, IQN_ONE);
	assert_int_equal(t->luns.n, 7);
	vec_each(lun, &t->luns) {
		assert_string_equal(lun->err.what, "");
		assert_int_equal(lun->seen.bytes_read, 0);
		assert_int_equal(lun->verdict, LUN_UNREADABLE);
	}
	lun = find_lun(&o, IQN_ONE, 1);
	assert_int_equal(lun->size_bytes, 40 * MIB + 512);
	assert_string_equal(lun->wwid, "naa.6001405000000000000000000000abcd");
	assert_true(lun->pr.supported && lun->pr.told);
}

static void
test_cleans_what_the_target_says(void **state)
{
	OUTCOME o = { .done = false };
	struct probe_request req = request(&o, tgt.port);
	const struct probe_lun *lun;

	NEEDS_TGT();
	req.target = IQN_ONE;
	probe_run(&o, &req);
	assert_int_equal(o.result->targets.n, 1);
	lun = find_lun(&o, IQN_ONE, 3);
	assert_null(strchr(lun->vendor, 033));
	assert_null(strchr(lun->product, 007));
	assert_non_null(strstr(lun->vendor, "EVIL"));
}

static void
chap_case(const char *user, const char *secret, bool needed, bool failed, size_t luns)
{
	OUTCOME o = { .done = false };
	struct probe_request req = request(&o, tgt.port);
	const struct probe_target *t;

	req.chap_user = user;
	req.chap_secret = secret;
	probe_run(&o, &req);
	assert_int_equal(o.err.code, 0);
	t = find_target(&o, IQN_TWO);
	assert_int_equal(t->auth_needed, needed);
	assert_int_equal(t->auth_failed, failed);
	assert_int_equal(t->err.code, needed || failed ? E_AUTH : 0);
	assert_int_equal(t->luns.n, luns);
	/* a refused login on one target hides no other */
	assert_int_equal(find_target(&o, IQN_ONE)->luns.n, 7);
	if (secret)
		assert_null(strstr(t->err.what, secret));
}

static void
test_chap(void **state)
{
	NEEDS_TGT();
	chap_case(NULL, NULL, true, false, 0);
	chap_case("vm", "wrongsecret123", false, true, 0);
	chap_case("nobody", "longsecret1234", false, true, 0);
	chap_case("vm", "longsecret1234", false, false, 1);
}

static void
test_registrations(void **state)
{
	struct scsi_persistent_reserve_out_basic pr = { .service_action_reservation_key = 0xabc };
	struct iscsi_context *i;
	char portal[64];
	struct scsi_task *task;
	const struct probe_lun *lun;
	OUTCOME o = { .done = false };
	struct probe_request req = request(&o, tgt.port);

	NEEDS_TGT();
	snprintf(portal, sizeof portal, "127.0.0.1:%d", tgt.port);
	i = iscsi_create_context("iqn.2026-11.lan.test:node");
	iscsi_set_targetname(i, IQN_ONE);
	iscsi_set_session_type(i, ISCSI_SESSION_NORMAL);
	assert_int_equal(iscsi_full_connect_sync(i, portal, 7), 0);
	task = iscsi_persistent_reserve_out_sync(i, 7, SCSI_PERSISTENT_RESERVE_REGISTER, 0, 0, &pr);
	assert_int_equal(task->status, 0);
	scsi_free_scsi_task(task);

	req.target = IQN_ONE;
	probe_run(&o, &req);
	lun = find_lun(&o, IQN_ONE, 7);
	assert_int_equal(lun->verdict, LUN_RESERVED); /* all zero, and yet not empty */
	assert_int_equal(lun->pr.total, 1);
	assert_int_equal(lun->pr.keys[0], 0xabc);
	assert_false(lun->pr.reserved);
	outcome_done(&o);

	pr = (struct scsi_persistent_reserve_out_basic){ .reservation_key = 0xabc };
	task = iscsi_persistent_reserve_out_sync(i, 7, SCSI_PERSISTENT_RESERVE_RESERVE, 0, 6, &pr);
	assert_int_equal(task->status, 0);
	scsi_free_scsi_task(task);
	o = (struct outcome){ .done = false };
	probe_run(&o, &req);
	lun = find_lun(&o, IQN_ONE, 7);
	assert_int_equal(lun->verdict, LUN_RESERVED);
	assert_true(lun->pr.reserved);
	assert_int_equal(lun->pr.type, 6);
	assert_int_equal(lun->pr.holder, 0xabc);

	task = iscsi_persistent_reserve_out_sync(i, 7, SCSI_PERSISTENT_RESERVE_CLEAR, 0, 0, &pr);
	scsi_free_scsi_task(task);
	iscsi_destroy_context(i);
}

static void
test_names_only(void **state)
{
	OUTCOME o = { .done = false };
	struct probe_request req = request(&o, tgt.port);

	NEEDS_TGT();
	req.names_only = true;
	probe_run(&o, &req);
	assert_int_equal(o.err.code, 0);
	assert_int_equal(o.result->targets.n, 3);
	assert_int_equal(find_target(&o, IQN_ONE)->luns.n, 0);
}

static void
test_unknown_target(void **state)
{
	OUTCOME o = { .done = false };
	struct probe_request req = request(&o, tgt.port);

	NEEDS_TGT();
	req.target = "iqn.2026-11.lan.test:none";
	probe_run(&o, &req);
	assert_int_equal(o.err.code, E_REMOTE);
	assert_non_null(strstr(o.err.what, ":none"));
	assert_true(o.err.hint[0]);
}

/* The portal as its node sees it, reached through a forwarded port. */
static void
test_through_a_forward(void **state)
{
	OUTCOME o = { .done = false };
	struct probe_request req = request(&o, 3260);

	NEEDS_TGT();
	req.host = "2001:db8::100"; /* nobody may be asked for it */
	req.via_host = "127.0.0.1";
	req.via_port = tgt.port;
	probe_run(&o, &req);
	assert_int_equal(o.err.code, 0);
	assert_string_equal(o.result->portal, "[2001:db8::100]:3260");
	assert_int_equal(find_target(&o, IQN_ONE)->luns.n, 7);
}

static void
test_refused(void **state)
{
	OUTCOME o = { .done = false };
	struct probe_request req = request(&o, tgt_free_port());

	(void)state;
	probe_run(&o, &req);
	assert_int_equal(o.err.code, -ECONNREFUSED);
	assert_true(o.err.hint[0]);
	assert_true(o.result->took_ms < req.timeout_ms);
}

static void
test_no_such_name(void **state)
{
	OUTCOME o = { .done = false };
	struct probe_request req = request(&o, 3260);

	(void)state;
	req.host = "no-such-host.invalid";
	probe_run(&o, &req);
	assert_int_not_equal(o.err.code, 0);
	assert_non_null(strstr(o.err.what, "no-such-host.invalid"));
}

static int
silent_listener(int *ret_port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof a;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&a, n), 0);
	assert_int_equal(listen(fd, 16), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &n), 0);
	*ret_port = ntohs(a.sin_port);
	return fd;
}

static void
test_accepts_and_is_silent(void **state)
{
	OUTCOME o = { .done = false };
	struct probe_request req = request(&o, 0);
	int fd = silent_listener(&req.port);

	(void)state;
	req.timeout_ms = 400;
	probe_run(&o, &req);
	assert_int_equal(o.err.code, E_TIMEOUT);
	assert_in_range(o.result->took_ms, 390, PATIENCE_MS);
	close(fd);
}

/* Whatever the moment at which the target freezes, the deadline holds, and what was learned
 * before is not thrown away. */
static void
test_frozen_target(void **state)
{
	NEEDS_TGT();
	for (int turns = 1; turns < 200; turns += turns < 40 ? 3 : 25) {
		OUTCOME o = { .loop = loop_new() };
		struct probe_request req = request(&o, tgt.port);
		struct err err;

		req.timeout_ms = 300;
		assert_non_null(portalscan_ops.start(o.loop, &req, &err));
		for (int i = 0; i < turns && !o.done; i++)
			loop_turn(o.loop, 100);
		kill(tgt.pid, SIGSTOP);
		loop_run(o.loop);
		kill(tgt.pid, SIGCONT);
		assert_true(o.done);
		assert_true(o.result->took_ms < PATIENCE_MS);
		if (o.err.code)
			assert_int_equal(o.err.code, E_TIMEOUT);
		o.loop = loop_free(o.loop);
	}
}

static void
test_cancel_at_any_moment(void **state)
{
	NEEDS_TGT();
	for (int turns = 0; turns < 150; turns += turns < 40 ? 1 : 11) {
		OUTCOME o = { .loop = loop_new() };
		struct probe_request req = request(&o, tgt.port);
		struct err err;
		struct probe *p = portalscan_ops.start(o.loop, &req, &err);

		for (int i = 0; i < turns && !o.done; i++)
			loop_turn(o.loop, 100);
		if (!o.done) {
			portalscan_ops.cancel(p);
			loop_run(o.loop);
			assert_false(o.done);
		}
		o.loop = loop_free(o.loop);
	}
}

/* A middleman that lets `left` bytes of the target's answers through, over all connections, and
 * then cuts or twists. */
struct middleman {
	struct loop *loop;
	int fd;
	long left;
	bool twist; /* flip a bit instead of cutting */
	VEC(struct pair *) pairs;
};

struct pair {
	struct middleman *m;
	int client, server;
};

static void
pair_close(struct pair *p)
{
	loop_fd_del(p->m->loop, p->client);
	loop_fd_del(p->m->loop, p->server);
	if (p->client >= 0)
		close(p->client);
	if (p->server >= 0)
		close(p->server);
	p->client = p->server = -1;
}

static void
on_pair(void *ctx, int fd, short revents)
{
	struct pair *p = ctx;
	struct middleman *m = p->m;
	char bytes[65536];
	ssize_t n = read(fd, bytes, sizeof bytes);

	(void)revents;
	if (n <= 0) {
		pair_close(p);
		return;
	}
	if (fd == p->server) {
		if (m->twist && m->left >= 0 && m->left < n)
			bytes[m->left] ^= 0x40;
		else if (!m->twist && n > m->left)
			n = m->left;
		m->left -= n;
	}
	/* blocking writes: both ends are local and read all the time */
	if (n > 0 && write(fd == p->server ? p->client : p->server, bytes, (size_t)n) != n)
		n = 0;
	if (n <= 0 || (!m->twist && m->left <= 0))
		pair_close(p);
}

static void
on_accept(void *ctx, int fd, short revents)
{
	struct middleman *m = ctx;
	struct pair *p = xcalloc(1, sizeof *p);
	struct sockaddr_in a = { .sin_family = AF_INET,
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
				 .sin_port = htons((uint16_t)tgt.port) };

	(void)revents;
	p->m = m;
	p->client = accept4(fd, NULL, NULL, SOCK_CLOEXEC);
	p->server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(connect(p->server, (struct sockaddr *)&a, sizeof a), 0);
	loop_fd_set(m->loop, p->client, POLLIN, on_pair, p);
	loop_fd_set(m->loop, p->server, POLLIN, on_pair, p);
	vec_push(&m->pairs, p);
}

static void
middleman_case(long left, bool twist)
{
	OUTCOME o = { .loop = loop_new() };
	struct middleman m = { .loop = o.loop, .left = left, .twist = twist };
	struct probe_request req = request(&o, 0);
	const struct probe_target *t;
	const struct probe_lun *lun;
	struct pair **p;
	struct err err;

	m.fd = silent_listener(&req.port);
	loop_fd_set(o.loop, m.fd, POLLIN, on_accept, &m);
	req.timeout_ms = twist ? 250 : 1500;
	req.target = IQN_THREE;
	assert_non_null(portalscan_ops.start(o.loop, &req, &err));
	while (!o.done)
		loop_turn(o.loop, 100);
	loop_fd_del(o.loop, m.fd);
	close(m.fd);
	vec_each(p, &m.pairs) {
		pair_close(*p);
		free(*p);
	}
	vec_free(&m.pairs);
	loop_run(o.loop);
	/* nothing that was not read whole may count as empty */
	vec_each(t, &o.result->targets)
		vec_each(lun, &t->luns)
			if (lun->verdict == LUN_EMPTY)
				assert_true(lun->number == 1 || twist);
	o.loop = loop_free(o.loop);
}

static void
test_connection_cut_anywhere(void **state)
{
	NEEDS_TGT();
	for (long left = 1; left < 12L * MIB; left += 1 + left / 5)
		middleman_case(left, false);
}

/* Lies in the middle of the stream: no crash, no hang. */
static void
test_answers_twisted(void **state)
{
	NEEDS_TGT();
	for (long at = 0; at < 2400; at += 31)
		middleman_case(at, true);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tells_luns_apart),
		cmocka_unit_test(test_cleans_what_the_target_says),
		cmocka_unit_test(test_chap),
		cmocka_unit_test(test_registrations),
		cmocka_unit_test(test_names_only),
		cmocka_unit_test(test_identity_only),
		cmocka_unit_test(test_unknown_target),
		cmocka_unit_test(test_through_a_forward),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_no_such_name),
		cmocka_unit_test(test_accepts_and_is_silent),
		cmocka_unit_test(test_frozen_target),
		cmocka_unit_test(test_cancel_at_any_moment),
		cmocka_unit_test(test_connection_cut_anywhere),
		cmocka_unit_test(test_answers_twisted),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
