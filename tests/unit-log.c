/* Secrets stay out of the log, and the ring stays a ring. Also what json.c adds. */
#include "tests/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/json.h"
#include "base/log.h"
#include "base/str.h"

static void
check_redact(const char *text, const char *wanted)
{
	CLEAN_STR out = STR_INIT(1000);

	log_redact(&out, text, strlen(text));
	assert_string_equal(str_text(&out), wanted);
}

static void
test_redact(void **state)
{
	(void)state;
	check_redact("pass word", "pass word");
	log_secret("hunter2");
	log_secret("hunter2000");
	log_secret("hunter2");
	log_secret("abc"); /* too short to be told from ordinary text */
	check_redact("a hunter2 b", "a *** b");
	check_redact("hunter2000hunter2", "******");
	check_redact("hunter hunter", "hunter hunter");
	check_redact("abc", "abc");
	check_redact("", "");
	assert_true(log_has_secret("xxhunter2xx", 11));
	assert_false(log_has_secret("xxhunter2xx", 8));
	log_line(LOG_INFO, "login with %s", "hunter2");
	assert_non_null(strstr(log_at(log_count() - 1), "info  login with ***"));
	log_forget_secrets();
	check_redact("hunter2", "hunter2");
}

/* In two pieces, cut anywhere, nothing of a secret is seen; what only looks like one is whole. */
static void
test_redact_part(void **state)
{
	static const char text[] = "a hunter2 b hunter hunter20 hunt";

	(void)state;
	log_secret("hunter2");
	log_secret("hunter2000");
	for (size_t cut = 0; cut < sizeof text; cut++) {
		CLEAN_STR out = STR_INIT(1000);
		CLEAN_STR rest = STR_INIT(1000);

		str_addn(&rest, text, cut);
		str_drop(&rest, log_redact_part(&out, str_text(&rest), rest.len));
		assert_null(strstr(str_text(&out), "hunter2"));
		str_add(&rest, text + cut);
		str_drop(&rest, log_redact_part(&out, str_text(&rest), rest.len));
		assert_string_equal(str_text(&rest), "hunt");
		assert_string_equal(str_text(&out), "a *** b hunter ***0 ");
	}
	log_forget_secrets();
}

static void
test_ring(void **state)
{
	(void)state;
	for (int i = 0; i < 2500; i++)
		log_line(LOG_DEBUG, "line %d", i);
	assert_int_equal(log_count(), 1000);
	assert_true(str_ends(log_at(0), " line 1500"));
	assert_true(str_ends(log_at(999), " line 2499"));
	assert_string_equal(log_at(1000), "");
	log_line(LOG_ERROR, "%s", "a\033[2Jb\nc");
	assert_true(str_ends(log_at(999), "error a^[[2Jb^Jc"));
}

static void
test_file(void **state)
{
	char path[] = "/tmp/bascule-unit-log.XXXXXX", text[200] = "";
	int fd = mkstemp(path);
	struct stat st;
	FILE *f;

	(void)state;
	assert_true(fd >= 0);
	close(fd);
	unlink(path);
	log_line(LOG_INFO, "before");
	assert_int_equal(log_to_file(path), 0);
	log_line(LOG_WARN, "written");
	assert_int_equal(log_to_file(NULL), 0);
	log_line(LOG_INFO, "after");
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	f = fopen(path, "r");
	assert_non_null(f);
	assert_non_null(fgets(text, sizeof text, f));
	assert_true(str_ends(text, " warn  written\n"));
	assert_null(fgets(text, sizeof text, f));
	fclose(f);
	unlink(path);
	assert_true(log_to_file("/nonexistent/x") < 0);
}

static void
test_json(void **state)
{
	CLEAN_STR out = STR_INIT(1000);
	struct err err = { 0 };
	const char *text = "{\"a\": \"x\", \"n\": -5}";
	json_t *o;

	(void)state;
	json_line(&out, json_pack("{s:o, s:i}", "text", json_text("a\xff\0b\n", 5), "n", 7));
	assert_string_equal(out.s, "{\"text\":\"a\xef\xbf\xbd\\u0000b\\n\",\"n\":7}\n");
	o = json_parse(text, strlen(text), &err);
	assert_non_null(o);
	assert_string_equal(json_get_text(o, "a"), "x");
	assert_string_equal(json_get_text(o, "n"), "");
	assert_string_equal(json_get_text(o, "none"), "");
	assert_int_equal(json_get_int(o, "n"), -5);
	assert_int_equal(json_get_int(o, "a"), 0);
	assert_string_equal(json_get_text(NULL, "a"), "");
	json_decref(o);
	assert_null(json_parse("{\"a\":1,\"a\":2}", 13, &err));
	assert_null(json_parse("{", 1, &err));
	assert_int_not_equal(err.code, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_redact),
		cmocka_unit_test(test_redact_part),
		cmocka_unit_test(test_ring),
		cmocka_unit_test(test_file),
		cmocka_unit_test(test_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
