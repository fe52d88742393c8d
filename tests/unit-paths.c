/* Places and whole files, in a folder of the test's own. */
#include "tests/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/paths.h"
#include "base/proc.h"

static char root[64];

static char *
below(const char *name)
{
	return xasprintf("%s/%s", root, name);
}

static int
set_up(void **state)
{
	(void)state;
	(void)snprintf(root, sizeof root, "/tmp/bascule-unit-paths.XXXXXX");
	if (!mkdtemp(root))
		return -1;
	setenv("XDG_STATE_HOME", root, 1);
	return 0;
}

static int
tear_down(void **state)
{
	CLEAN_STR out = STR_INIT(100);

	(void)state;
	return proc_run((const char *[]){ "rm", "-rf", root, NULL }, NULL, &out, 10000, NULL);
}

static void
check_mode(const char *path, unsigned mode)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, mode);
}

static void
test_write_and_read(void **state)
{
	CLEANUP(freep) char *path = below("f");
	CLEAN_STR out = STR_INIT(100);
	struct err err = { 0 };

	(void)state;
	assert_int_equal(file_write(path, "a\0b", 3, 0640, &err), 0);
	check_mode(path, 0640);
	assert_int_equal(file_read(path, &out, &err), 0);
	assert_int_equal(out.len, 3);
	assert_memory_equal(out.s, "a\0b", 3);
	assert_int_equal(file_write(path, "", 0, 0600, &err), 0);
	str_clear(&out);
	assert_int_equal(file_read(path, &out, &err), 0);
	assert_int_equal(out.len, 0);
	assert_string_equal(str_text(&out), "");
}

static void
test_write_keeps_a_link(void **state)
{
	CLEANUP(freep) char *path = below("real");
	CLEANUP(freep) char *link = below("link");
	CLEAN_STR out = STR_INIT(100);
	struct stat st;

	(void)state;
	assert_int_equal(file_write(path, "old", 3, 0600, NULL), 0);
	assert_int_equal(symlink("real", link), 0);
	assert_int_equal(file_write(link, "new", 3, 0600, NULL), 0);
	assert_int_equal(lstat(link, &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	assert_int_equal(file_read(path, &out, NULL), 0);
	assert_string_equal(out.s, "new");
}

static void
test_write_leaves_nothing_behind_on_failure(void **state)
{
	CLEANUP(freep) char *path = below("d");
	struct err err = { 0 };
	char **names;

	(void)state;
	assert_int_equal(mkdir(path, 0700), 0);
	assert_true(file_write(path, "x", 1, 0600, &err) < 0);
	assert_true(str_starts(err.what, "cannot write '"));
	names = dir_list(root, &err);
	assert_string_equal(names[0], "d");
	assert_null(names[1]);
	dir_list_free(names);
	assert_true(file_write("/nonexistent/x", "x", 1, 0600, &err) < 0);
}

static void
test_read_refuses(void **state)
{
	CLEANUP(freep) char *path = below("f");
	CLEANUP(freep) char *none = below("none");
	CLEAN_STR out = STR_INIT(4);
	struct err err = { 0 };

	(void)state;
	assert_int_equal(file_read(none, &out, &err), -ENOENT);
	assert_int_equal(file_read(root, &out, &err), -EISDIR);
	assert_int_equal(file_read("/dev/zero", &out, &err), -EINVAL);
	assert_int_equal(file_write(path, "1234", 4, 0600, NULL), 0);
	assert_int_equal(file_read(path, &out, &err), 0);
	str_clear(&out);
	assert_int_equal(file_write(path, "12345", 5, 0600, NULL), 0);
	assert_int_equal(file_read(path, &out, &err), -EFBIG);
}

static void
test_dir_make_and_list(void **state)
{
	CLEANUP(freep) char *deep = below("a/b/c");
	CLEANUP(freep) char *hidden = below("a/.x");
	CLEANUP(freep) char *z = below("a/Z");
	CLEANUP(freep) char *blocked = below("a/Z/c");
	CLEANUP(freep) char *a = below("a");
	struct err err = { 0 };
	char **names;

	(void)state;
	assert_int_equal(dir_make(deep, 0700, &err), 0);
	assert_int_equal(dir_make(deep, 0700, &err), 0);
	check_mode(deep, 0700);
	assert_int_equal(file_write(hidden, "", 0, 0600, NULL), 0);
	assert_int_equal(file_write(z, "", 0, 0600, NULL), 0);
	assert_int_equal(dir_make(z, 0700, &err), -ENOTDIR);
	assert_int_equal(dir_make(blocked, 0700, &err), -ENOTDIR);
	names = dir_list(a, &err);
	assert_string_equal(names[0], "Z");
	assert_string_equal(names[1], "b");
	assert_null(names[2]);
	dir_list_free(names);
	assert_null(dir_list(z, &err));
	assert_int_equal(err.code, -ENOTDIR);
	dir_list_free(NULL);
}

static void
test_state_cache_runtime(void **state)
{
	CLEANUP(freep) char *wanted = below("bascule/x/y");
	CLEANUP(freep) char *run = below("bascule/run/s");
	CLEANUP(freep) char *got = paths_state("x/y", NULL);
	CLEANUP(freep) char *fallback = NULL, *own = NULL, *own_wanted = NULL;

	(void)state;
	assert_string_equal(got, wanted);
	check_mode(got, 0700);
	setenv("XDG_RUNTIME_DIR", "relative", 1);
	fallback = paths_runtime("s", NULL);
	assert_string_equal(fallback, run);
	setenv("XDG_RUNTIME_DIR", root, 1);
	own = paths_runtime("s", NULL);
	own_wanted = below("bascule/s");
	assert_string_equal(own, own_wanted);
	unsetenv("XDG_RUNTIME_DIR");
}

static void
test_state_without_a_variable(void **state)
{
	CLEANUP(freep) char *wanted = below(".local/state/bascule");
	CLEANUP(freep) char *got = NULL, *none = NULL;
	struct err err = { 0 };

	(void)state;
	setenv("HOME", root, 1);
	setenv("XDG_STATE_HOME", "not/absolute", 1);
	got = paths_state("", &err);
	assert_string_equal(got, wanted);
	setenv("XDG_STATE_HOME", "/dev/null", 1);
	none = paths_state("", &err);
	assert_null(none);
	assert_int_equal(err.code, -ENOTDIR);
}

static void
test_data(void **state)
{
	CLEANUP(freep) char *forced = NULL, *installed = NULL;

	(void)state;
	setenv("BASCULE_DATADIR", "/x", 1);
	forced = paths_data("steps");
	assert_string_equal(forced, "/x/steps");
	unsetenv("BASCULE_DATADIR");
	installed = paths_data("no-such-folder");
	assert_true(str_ends(installed, "/share/bascule/no-such-folder"));
	assert_true(installed[0] == '/');
}

#define PATHS_TEST(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		PATHS_TEST(test_write_and_read),
		PATHS_TEST(test_write_keeps_a_link),
		PATHS_TEST(test_write_leaves_nothing_behind_on_failure),
		PATHS_TEST(test_read_refuses),
		PATHS_TEST(test_dir_make_and_list),
		PATHS_TEST(test_state_cache_runtime),
		PATHS_TEST(test_state_without_a_variable),
		PATHS_TEST(test_data),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
