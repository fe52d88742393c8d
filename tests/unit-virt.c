/* A VM is followed through libvirt's own test driver, by the helper that does it for real. */
#include "tests/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "backends/virtops.h"
#include "base/alloc.h"

enum { PATIENCE_MS = 60000 };

static struct loop *loop;
static char state_told[32];
static struct err failure;
static bool waiting;

static void
on_job(void *ctx, const struct virt_job *job)
{
	(void)ctx, (void)job;
	fail_msg("the test driver has no jobs");
}

static void
on_state(void *ctx, const char *state)
{
	(void)ctx;
	snprintf(state_told, sizeof state_told, "%s", state);
}

static void
on_fail(void *ctx, const struct err *err)
{
	(void)ctx;
	failure = *err;
}

static void
on_late(void *ctx)
{
	(void)ctx;
	waiting = false;
}

/* Until something was told. */
static void
follow(const char *uri, const char *domain)
{
	struct virt_spec spec = { .domain = domain, .on_job = on_job, .on_state = on_state,
				  .on_fail = on_fail };
	const char *build = getenv("top_builddir");
	CLEANUP(freep) char *helper = xasprintf("%s/bascule-virt", build ? build : ".");
	struct err err = { 0 };
	struct virt *v;
	uint64_t late;

	*state_told = '\0';
	failure = (struct err){ 0 };
	waiting = true;
	late = loop_timer_add(loop, PATIENCE_MS, on_late, NULL);
	v = virt_follow_uri(loop, &spec, helper, uri, &err);
	assert_non_null(v);
	while (waiting && !*state_told && !failure.code)
		loop_turn(loop, -1);
	loop_timer_del(loop, late);
	assert_null(virt_libvirt.stop(v));
	/* nobody listens any more: the helper ends, and with it all that the loop has to do */
	loop_run(loop);
}

static void
a_vm_that_is_there_is_followed(void **state)
{
	(void)state;
	follow("test:///default", "test");
	assert_int_equal(failure.code, 0);
	assert_string_equal(state_told, "running");
}

static void
one_that_is_not_there_is_absent(void **state)
{
	(void)state;
	follow("test:///default", "seven");
	assert_int_equal(failure.code, 0);
	assert_string_equal(state_told, "absent");
}

static void
a_stopped_one_is_told_as_such(void **state)
{
	static const char xml[] = "<node><domain type='test' xmlns:test='http://libvirt.org/schemas"
				  "/domain/test/1.0'><name>seven</name><memory>65536</memory>"
				  "<os><type>hvm</type></os><test:runstate>5</test:runstate>"
				  "</domain></node>";
	char path[] = "/tmp/unit-virt-XXXXXX", uri[64];
	int fd = mkstemp(path);

	(void)state;
	assert_int_equal(write(fd, xml, sizeof xml - 1), sizeof xml - 1);
	close(fd);
	snprintf(uri, sizeof uri, "test://%s", path);
	follow(uri, "seven");
	unlink(path);
	assert_string_equal(failure.what, "");
	assert_string_equal(state_told, "shutoff");
}

static void
a_way_that_leads_nowhere_is_told(void **state)
{
	(void)state;
	follow("qemu+tcp://127.0.0.1:1/system", "seven");
	assert_int_equal(failure.code, E_REMOTE);
	assert_non_null(strstr(failure.what, "seven"));
	assert_string_equal(state_told, "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_vm_that_is_there_is_followed),
		cmocka_unit_test(one_that_is_not_there_is_absent),
		cmocka_unit_test(a_stopped_one_is_told_as_such),
		cmocka_unit_test(a_way_that_leads_nowhere_is_told),
	};

	loop = loop_new();
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	loop_free(loop);
	return failed;
}
