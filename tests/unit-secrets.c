/* Passwords from a file: what is taken, what is refused, and that no value shows anywhere. */
#include "tests/unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/log.h"
#include "base/str.h"
#include "cli/secrets.h"

static char path[] = "/tmp/bascule-secrets.XXXXXX";

static struct secrets *
load(const char *text, size_t n, mode_t mode, struct str *warning, struct err *err)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_int_equal(write(fd, text, n), n);
	fchmod(fd, mode);
	close(fd);
	memset(err, 0, sizeof *err);
	return secrets_load(path, warning, err);
}

static void
test_taken(void **state)
{
	static const char text[] = "# passwords\n\n"
				   "chap.nas = long secret 1234  \r\n"
				   "; another remark\n"
				   "domain.admin=a=b#c;d\n"
				   "  odd name\t=\" kept \"\n"
				   "quote = \"\n"
				   "last = no newline";
	CLEAN_STR warning = STR_INIT(1000);
	struct err err;
	struct secrets *s = load(text, sizeof text - 1, 0600, &warning, &err);

	(void)state;
	assert_non_null(s);
	assert_int_equal(warning.len, 0);
	assert_string_equal(secrets_get(s, "chap.nas"), "long secret 1234");
	assert_string_equal(secrets_get(s, "domain.admin"), "a=b#c;d");
	assert_string_equal(secrets_get(s, "odd name"), " kept ");
	assert_string_equal(secrets_get(s, "quote"), "\"");
	assert_string_equal(secrets_get(s, "last"), "no newline");
	assert_null(secrets_get(s, "none"));
	assert_true(log_has_secret("xlong secret 1234x", 18));
	assert_null(secrets_free(s));
	assert_null(secrets_get(NULL, "chap.nas"));
}

static void
test_mode_is_told(void **state)
{
	CLEAN_STR warning = STR_INIT(1000);
	struct err err;
	struct secrets *s = load("a = b1234\n", 10, 0640, &warning, &err);

	(void)state;
	assert_non_null(s);
	assert_non_null(strstr(str_text(&warning), "chmod 600"));
	secrets_free(s);
}

static void
test_refused(void **state)
{
	static const struct {
		const char *text;
		size_t n;
		const char *told;
	} cases[] = {
		{ "a = x1234\nhunter2hunter2\n", 25, ":2: " },
		{ " = hunter2hunter2\n", 18, ":1: " },
		{ "hunter2hunter2 =\n", 17, ":1: " },
		{ "a = hunter2hunter2\na = hunter2hunter2\n", 38, ":2: " },
		{ "a = hunter2\0hunter2\n", 20, "text file" },
	};
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		assert_null(load(cases[i].text, cases[i].n, 0600, NULL, &err));
		assert_int_equal(err.code, E_INPUT);
		assert_non_null(strstr(err.what, cases[i].told));
		assert_null(strstr(err.what, "hunter2"));
	}
}

static void
test_too_long(void **state)
{
	char *big = malloc(70000);
	struct err err;

	(void)state;
	memset(big, 'a', 70000);
	assert_null(load(big, 70000, 0600, NULL, &err));
	assert_int_equal(err.code, E_INPUT);
	free(big);
}

static void
test_other_sources(void **state)
{
	struct err err = { .code = 0 };
	char spec[16];
	int fds[2];
	struct secrets *s;

	(void)state;
	assert_null(secrets_load("/tmp", NULL, &err));
	assert_null(secrets_load("/nonexistent", NULL, &err));
	assert_int_equal(err.code, -ENOENT);
	assert_null(secrets_load("fd:", NULL, &err));
	assert_int_equal(err.code, E_INPUT);
	assert_null(secrets_load("fd:-1", NULL, &err));
	assert_null(secrets_load("fd:999", NULL, &err));
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(write(fds[1], "name = from a pipe\n", 19), 19);
	close(fds[1]);
	snprintf(spec, sizeof spec, "fd:%d", fds[0]);
	s = secrets_load(spec, NULL, &err);
	assert_non_null(s);
	assert_string_equal(secrets_get(s, "name"), "from a pipe");
	secrets_free(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_taken),   cmocka_unit_test(test_mode_is_told),
		cmocka_unit_test(test_refused), cmocka_unit_test(test_too_long),
		cmocka_unit_test(test_other_sources),
	};
	int fd = mkstemp(path), failed;

	if (fd < 0)
		return 99;
	close(fd);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	unlink(path);
	return failed;
}
