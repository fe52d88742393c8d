/* The verdict on a LUN: every doubt keeps it from being empty. And the spelling of portals. */
#include "tests/unit.h"

#include <string.h>
#include "base/str.h"
#include "engine/probe.h"

static struct probe_lun
empty_lun(void)
{
	return (struct probe_lun){
		.size_bytes = 1 << 30,
		.block_size = 512,
		.pr = { .known = true },
		.seen = { .head_read = true,
			  .tail_read = true,
			  .samples = 64,
			  .samples_read = 64,
			  .searched = true,
			  .bytes_read = 8 << 20 },
	};
}

static void
test_every_doubt_counts(void **state)
{
	struct probe_lun lun = empty_lun();

	(void)state;
	assert_int_equal(lun_verdict(&lun), LUN_EMPTY);
#define DOUBT(change, verdict)                                \
	do {                                                  \
		lun = empty_lun();                            \
		change;                                       \
		assert_int_equal(lun_verdict(&lun), verdict); \
	} while (0)
	DOUBT(lun.seen.head_read = false, LUN_UNREADABLE);
	DOUBT(lun.seen.tail_read = false, LUN_UNREADABLE);
	DOUBT(lun.seen.samples_read = 63, LUN_UNREADABLE);
	DOUBT(lun.seen.searched = false, LUN_UNREADABLE);
	DOUBT(lun.size_bytes = 0, LUN_UNREADABLE);
	DOUBT(lun.pr.known = false, LUN_UNREADABLE);
	DOUBT(lun.err.code = E_TIMEOUT, LUN_UNREADABLE);
	DOUBT(lun.seen.nonzero = true, LUN_UNKNOWN_DATA);
	DOUBT(lun.nsigns = 1, LUN_SIGNED);
	DOUBT(lun.pr.total = 1, LUN_RESERVED);
	DOUBT(lun.pr.reserved = true, LUN_RESERVED);
	/* what is certain weighs more than what is not known */
	DOUBT((lun.nsigns = 1, lun.err.code = E_TIMEOUT), LUN_SIGNED);
	DOUBT((lun.nsigns = 1, lun.pr.total = 1), LUN_RESERVED);
	DOUBT((lun.seen.nonzero = true, lun.seen.searched = false), LUN_UNKNOWN_DATA);
#undef DOUBT
}

static void
assert_reason(const struct probe_lun *lun, const char *wanted)
{
	CLEAN_STR text = STR_INIT(1024);

	lun_verdict_reason(&text, lun);
	assert_string_equal(str_text(&text), wanted);
}

static void
test_reasons(void **state)
{
	struct probe_lun lun = empty_lun();

	(void)state;
	assert_reason(&lun, "no signature, no registration, and all 8192 KiB read are zero");
	lun.seen.nonzero = true;
	lun.seen.nonzero_at = 7;
	assert_reason(&lun, "no known signature, but byte 7 is not zero");
	lun.nsigns = 1;
	str_put(lun.signs[0].kind, sizeof lun.signs[0].kind, "gfs2");
	str_put(lun.signs[0].label, sizeof lun.signs[0].label, "cluster-1:vm");
	assert_reason(&lun, "gfs2 cluster-1:vm");
	lun.pr.total = 2;
	lun.pr.reserved = true;
	lun.pr.type = 5;
	assert_reason(&lun, "2 keys are registered; reserved: write exclusive, registrants only");
}

static void
test_portals(void **state)
{
	static const struct {
		const char *text, *host;
		int port; /* 0 = a mistake */
	} cases[] = {
		{ "10.10.20.100", "10.10.20.100", 3260 },
		{ "10.10.20.100:3261", "10.10.20.100", 3261 },
		{ "nas.lab", "nas.lab", 3260 },
		{ "[2001:db8::1]:3261", "2001:db8::1", 3261 },
		{ "[2001:db8::1]", "2001:db8::1", 3260 },
		{ "2001:db8::1", "2001:db8::1", 3260 },
		{ "[fe80::1%eth0]:3260", "fe80::1%eth0", 3260 },
		{ "", "", 0 },          { ":3260", "", 0 },      { "host:", "", 0 },
		{ "host:0", "", 0 },    { "host:65536", "", 0 }, { "host:3260x", "", 0 },
		{ "[::1", "", 0 },      { "[::1]x", "", 0 },     { "a b", "", 0 },
		{ "-host", "", 0 },     { "h\033[2J", "", 0 },   { "host,1", "", 0 },
	};
	char host[256];
	struct err err;
	int port;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		int code = probe_portal_parse(cases[i].text, host, &port, &err);

		assert_int_equal(code, cases[i].port ? 0 : E_INPUT);
		if (code) {
			assert_true(err.what[0] && err.hint[0]);
			continue;
		}
		assert_string_equal(host, cases[i].host);
		assert_int_equal(port, cases[i].port);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_doubt_counts),
		cmocka_unit_test(test_reasons),
		cmocka_unit_test(test_portals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
