/* Proven values and the pins file. */
#include "tests/unit.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/paths.h"
#include "engine/values.h"

static char path[] = "/tmp/bascule-pins.XXXXXX";

static int
write_pins(const char *text)
{
	return file_write(path, text, strlen(text), 0600, NULL);
}

static void
test_set(void **state)
{
	struct values *v = values_new();

	(void)state;
	assert_null(values_get(v, "a"));
	assert_true(values_set(v, "b", "1"));
	assert_true(values_set(v, "a", "2"));
	assert_true(values_set(v, "c", "3"));
	assert_false(values_set(v, "b", "1"));
	assert_true(values_set(v, "b", "4"));
	assert_string_equal(values_get(v, "a"), "2");
	assert_string_equal(values_get(v, "b"), "4");
	assert_string_equal(values_get(v, "c"), "3");
	assert_null(values_get(v, "bb"));
	values_free(v);
}

static void
key_is(const char *name, const struct task *t, const char *wanted)
{
	CLEAN_STR out = STR_INIT(256);

	values_key(name, t, &out);
	assert_string_equal(str_text(&out), wanted);
}

static void
test_scope(void **state)
{
	struct node node = { .name = "hv 1" };
	struct lun lun = { .name = "vm" };
	struct target target = { .name = "nas" };
	struct vm vm = { .name = "seven" };
	struct task all = { .node = &node, .lun = &lun, .target = &target, .vm = &vm };
	struct task none = { 0 };

	(void)state;
	key_is("node.boot", &all, "node.boot(hv 1)");
	key_is("lun.wwid", &all, "lun.wwid(vm)");
	key_is("target.x", &all, "target.x(nas)");
	key_is("vm.x", &all, "vm.x(seven)");
	key_is("cluster.x", &all, "cluster.x");
	key_is("node.boot", &none, "node.boot(console)");
	key_is("lun.wwid", &none, "lun.wwid");
	key_is("lun.wwid", NULL, "lun.wwid");
}

static void
test_pins(void **state)
{
	struct values *v = values_new();
	struct err err = { 0 };

	(void)state;
	assert_int_equal(values_pin(v, "lun.wwid(vm)", "6001", &err), 0);
	values_set(v, "lun.seen(vm)", "sda");
	assert_int_equal(values_pin(v, "lun.wwid(a b\"c)", "6002", &err), 0);
	assert_int_equal(values_save_pins(v, path, &err), 0);
	values_free(v);

	v = values_new();
	assert_int_equal(values_load_pins(v, path, &err), 0);
	assert_string_equal(values_get(v, "lun.wwid(vm)"), "6001");
	assert_string_equal(values_get(v, "lun.wwid(a b\"c)"), "6002");
	assert_null(values_get(v, "lun.seen(vm)"));
	assert_true(values_is_pinned(v, "lun.wwid(vm)"));

	/* The same again is fine, another is not, and changes nothing. */
	assert_int_equal(values_pin(v, "lun.wwid(vm)", "6001", &err), 0);
	assert_int_equal(values_pin(v, "lun.wwid(vm)", "6009", &err), E_STEP);
	assert_non_null(strstr(err.what, "6001"));
	assert_non_null(strstr(err.what, "6009"));
	assert_non_null(strstr(err.hint, "lun.wwid(vm)"));
	assert_string_equal(values_get(v, "lun.wwid(vm)"), "6001");

	values_unpin(v, "lun.wwid(vm)");
	assert_false(values_is_pinned(v, "lun.wwid(vm)"));
	assert_int_equal(values_pin(v, "lun.wwid(vm)", "6009", &err), 0);
	assert_string_equal(values_get(v, "lun.wwid(vm)"), "6009");
	values_free(v);
}

static void
test_malformed(void **state)
{
	static const char *const bad[] = { "# head\nlun.wwid(vm) 6001\n", "# head\n\t6001\n",
					   "# head\nlun.wwid(vm)\t\n", "# head\nx" };
	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct values *v = values_new();
		struct err err = { 0 };

		assert_int_equal(write_pins(bad[i]), 0);
		assert_int_equal(values_load_pins(v, path, &err), E_INPUT);
		assert_non_null(strstr(err.what, ":2: "));
		assert_true(err.hint[0] != '\0');
		values_free(v);
	}
}

static void
test_same_key_twice(void **state)
{
	struct values *v = values_new();
	struct err err = { 0 };

	(void)state;
	assert_int_equal(write_pins("k\t1\nk\t2\n"), 0);
	assert_int_equal(values_load_pins(v, path, &err), E_STEP);
	values_free(v);
}

static void
test_no_file(void **state)
{
	struct values *v = values_new();
	struct err err = { 0 };

	(void)state;
	assert_int_equal(values_load_pins(v, "/tmp/bascule-none/none", &err), 0);
	assert_int_equal(err.code, 0);
	assert_int_equal(write_pins(""), 0);
	assert_int_equal(values_load_pins(v, path, &err), 0);
	assert_int_not_equal(values_save_pins(v, "/tmp/bascule-none/none", &err), 0);
	values_free(v);
}

static int
group_begin(void **state)
{
	int fd = mkstemp(path);

	(void)state;
	return fd < 0 ? -1 : close(fd);
}

static int
group_end(void **state)
{
	(void)state;
	return unlink(path);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_set),	  cmocka_unit_test(test_scope),
		cmocka_unit_test(test_pins),	  cmocka_unit_test(test_malformed),
		cmocka_unit_test(test_no_file),	  cmocka_unit_test(test_same_key_twice),
	};

	return cmocka_run_group_tests(tests, group_begin, group_end);
}
