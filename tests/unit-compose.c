/* What is sent to a Linux node, really run by sh: parameters of any text, checks that hang, break or
 * lie, exit codes. The library and the engine's own functions are the real ones. */
#include "tests/unit.h"

#include <sys/wait.h>
#include "engine/compose.h"
#include "engine/marker.h"
#include "tests/tiny.h"

#define NONCE "0123456789abcdef0123456789abcdef"

static struct model model;
static struct catalog *catalog;
static struct plan *plan;
static struct values *values;

/* "end|0|0" lines and "log:…" lines, as the engine reads them. */
static char heard[1 << 16];

static void
hear(const char *text, size_t n)
{
	size_t len = strlen(heard);

	if (len + n < sizeof heard) {
		memcpy(heard + len, text, n);
		heard[len + n] = '\0';
	}
}

static void
on_marker(void *ctx, const struct marker *m)
{
	(void)ctx;
	if (!strcmp(m->kind, "boot"))
		return;
	hear(m->kind, strlen(m->kind));
	for (size_t i = 0; i < m->nargs; i++) {
		hear("|", 1);
		hear(m->args[i], strlen(m->args[i]));
	}
	hear("\n", 1);
}

static void
on_log(void *ctx, const char *text, size_t n)
{
	(void)ctx;
	hear("log:", 4);
	hear(text, n);
	hear("\n", 1);
}

/* Runs the script from a file, its output through the engine's reader. Returns the exit code. */
static int
run_script(const struct str *script)
{
	struct marker_reader r;
	char path[128], data[4096];
	int fds[2], status;
	ssize_t n;
	pid_t pid;

	snprintf(path, sizeof path, "%s/script", tiny_dir);
	assert_int_equal(file_write(path, str_text(script), script->len, 0600, NULL), 0);
	assert_int_equal(pipe(fds), 0);
	pid = fork();
	if (pid == 0) {
		dup2(fds[1], 1);
		close(fds[0]);
		close(fds[1]);
		execl("/bin/sh", "sh", path, (char *)NULL);
		_exit(127);
	}
	close(fds[1]);
	heard[0] = '\0';
	marker_init(&r, NONCE);
	r.on_marker = on_marker;
	r.on_log = on_log;
	while ((n = read(fds[0], data, sizeof data)) > 0)
		marker_feed(&r, data, (size_t)n);
	marker_end(&r);
	marker_done(&r);
	close(fds[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int
begin(void **state)
{
	CLEAN_STR text = STR_INIT(1 << 20);
	CLEANUP(freep) char *lib = paths_data("steps/lib.sh");
	CLEANUP(freep) char *job = paths_data("steps/job.sh");

	(void)state;
	tiny_begin();
	assert_int_equal(file_read(lib, &text, NULL), 0);
	tiny_file("lib.sh", str_text(&text));
	str_clear(&text);
	assert_int_equal(file_read(job, &text, NULL), 0);
	tiny_file("job.sh", str_text(&text));
	values = values_new();
	return 0;
}

static int
end(void **state)
{
	(void)state;
	plan = plan_free(plan);
	catalog = catalog_free(catalog);
	values = values_free(values);
	model_done(&model);
	tiny_end();
	return 0;
}

/* A step on the first hypervisor with this script. */
static void
step(const char *place, const char *uses, const char *script)
{
	CLEAN_STR ini = STR_INIT(4096);
	CLEAN_STR name = STR_INIT(256);

	str_addf(&ini,
		 "[step]\ntitle = T\non = first\ncheck_limit = 2\n%s%s\n[sim]\nvalue.node.proven = x\n",
		 *uses ? "uses = " : "", uses);
	str_addf(&name, "%s/step.ini", place);
	tiny_file(str_text(&name), str_text(&ini));
	str_clear(&name);
	str_addf(&name, "%s/linux.sh", place);
	tiny_file(str_text(&name), script);
}

static struct compose
compose(void)
{
	if (!plan) {
		tiny_model(&model, TINY_HEAD);
		catalog = tiny_catalog(PLATFORM_LINUX);
		assert_string_equal(tiny_notes, "");
		plan = plan_build(&model, catalog, &(struct selection){ 0 }, tiny_note, NULL);
		assert_string_equal(tiny_notes, "");
	}
	return (struct compose){ .plan = plan, .values = values, .run_nonce = "run", .now_s = 7,
				 .console = "me:1:x" };
}

/* All checks of the plan in one script; its exit code. */
static int
run_checks(void)
{
	struct compose c = compose();
	struct compose_head head = { .nonce = NONCE };
	CLEAN_STR script = STR_INIT(SCRIPT_MAX);
	struct err err = { 0 };

	assert_int_equal(compose_checks(&c, &head, plan->tasks.at, NULL, plan->tasks.n, &script, &err), 0);
	return run_script(&script);
}

static void
test_codes(void **state)
{
	(void)state;
	step("10-a/10-yes", "", "check() { return 0; }\n");
	step("10-a/20-no", "", "check() { reason why 'two words' \"a\tb\nc\"; return 7; }\n");
	step("10-a/30-odd", "", "check() { return 5; }\n");
	step("10-a/40-exits", "", "check() { exit 9; }\n");
	step("10-a/50-last", "", "check() { value node.proven this; }\n");
	assert_int_equal(run_checks(), 0);
	assert_string_equal(heard, "begin|0\nend|0|0\n"
				   "begin|1\nreason|why|two words|a b c\nend|1|7\n"
				   "begin|2\nend|2|5\n"
				   "begin|3\nend|3|9\n"
				   "begin|4\nvalue|node.proven|this\nend|4|0\n");
}

/* One check's trouble is its own. */
static void
test_apart(void **state)
{
	(void)state;
	step("10-a/10-broken", "", "check() { if }\n");
	step("10-a/20-quote", "", "check() { echo 'open\n");
	step("10-a/30-unset", "", "check() { echo \"$nobody_set_this\"; }\n");
	step("10-a/40-state", "", "leak=yes\ncheck() { cd /; leak=no; trap '' TERM; return 0; }\n");
	step("10-a/50-after", "", "check() { echo \"${leak:-clean}\"; }\n");
	step("10-a/60-stdin", "", "check() { cat; }\n");
	step("10-a/70-killed", "", "check() { sh -c 'kill -9 $PPID'; }\n");
	step("10-a/80-last", "", "check() { return 7; }\n");
	assert_int_equal(run_checks(), 0);
	assert_non_null(strstr(heard, "end|0|2\n"));
	assert_non_null(strstr(heard, "end|1|2\n"));
	assert_non_null(strstr(heard, "end|2|2\n"));
	assert_non_null(strstr(heard, "end|3|0\n"));
	assert_non_null(strstr(heard, "log:clean\nend|4|0\n"));
	assert_non_null(strstr(heard, "end|5|0\n"));
	assert_non_null(strstr(heard, "begin|7\nend|7|7\n"));
	assert_null(strstr(heard, "end|6|0\n"));
	assert_null(strstr(heard, "end|6|7\n"));
}

static void
test_deadline(void **state)
{
	(void)state;
	step("10-a/10-hangs", "", "check() { echo so far; while :; do sleep 1; done; }\n");
	step("10-a/20-next", "", "check() { return 7; }\n");
	assert_int_equal(run_checks(), 0);
	assert_string_equal(heard, "begin|0\nlog:so far\nend|0|timeout\nbegin|1\nend|1|7\n");
}

static void
test_forged(void **state)
{
	(void)state;
	step("10-a/10-forges", "",
	     "check() { printf '@fedcba9876543210fedcba9876543210 end\\t0\\t0\\n'; return 7; }\n");
	assert_int_equal(run_checks(), 0);
	assert_string_equal(heard, "begin|0\nlog:@fedcba9876543210fedcba9876543210 end\t0\t0\nend|0|7\n");
}

static const char *const hostile[] = {
	"plain",
	"it's",
	"'; touch /tmp/bascule-owned; '",
	"$(touch /tmp/bascule-owned)`touch /tmp/bascule-owned`",
	"\\",
	"\\'",
	"a\nb\n'c'\n",
	"\"double\" ${HOME} !! * ? [a] ~ # & | ; < >",
	"-n",
	"%s%n",
	"\xc3\xa9\xff\x01\x7f",
	"@" NONCE " end\t0\t0",
	"",
};

/* Whatever a value says, the script sees those very bytes. */
static void
test_hostile_values(void **state)
{
	CLEAN_STR wanted = STR_INIT(4096);
	CLEAN_STR got = STR_INIT(4096);
	char path[128];

	(void)state;
	unlink("/tmp/bascule-owned");
	step("10-a/10-says", "node.proven", "check() { printf '%s.' \"$node_proven\" >\"$0.got\"; }\n");
	for (size_t i = 0; i < sizeof hostile / sizeof *hostile; i++) {
		values_set(values, "node.proven(n1)", hostile[i]);
		assert_int_equal(run_checks(), 0);
		assert_string_equal(heard, "begin|0\nend|0|0\n");
		snprintf(path, sizeof path, "%s/script.got", tiny_dir);
		str_clear(&got);
		assert_int_equal(file_read(path, &got, NULL), 0);
		str_clear(&wanted);
		str_addf(&wanted, "%s.", hostile[i]);
		assert_string_equal(str_text(&got), str_text(&wanted));
	}
	assert_int_equal(access("/tmp/bascule-owned", F_OK), -1);
}

static void
test_parameters(void **state)
{
	(void)state;
	step("10-a/10-all", "node.name node.proven? task.nonce task.now task.guard run.confirmed nodes",
	     "check() { echo \"$node_name,$node_proven,$task_nonce,$task_now,$task_guard,$run_confirmed,"
	     "$bascule_task\"; printf %s \"$nodes\" | cut -f 1,2,6; }\n");
	assert_int_equal(run_checks(), 0);
	assert_string_equal(heard, "begin|0\nlog:n1,,run,7,,no,a/all\n"
				   "log:srv\tdc,storage\tpresent\nlog:n1\thypervisor\tpresent\nend|0|0\n");
}

static void
test_not_ready(void **state)
{
	struct compose c;
	struct compose_head head = { .nonce = NONCE };
	CLEAN_STR script = STR_INIT(SCRIPT_MAX);
	struct err err = { 0 };
	const char *missing = NULL;

	(void)state;
	step("10-a/10-waits", "node.proven", "check() { :; }\n");
	c = compose();
	assert_false(compose_ready(&c, plan->tasks.at[0], &missing));
	assert_string_equal(missing, "node.proven");
	assert_string_equal(compose_giver(&c, missing), "a/waits");
	assert_int_equal(compose_checks(&c, &head, plan->tasks.at, NULL, 1, &script, &err), E_STEP);
	assert_non_null(strstr(err.what, "node.proven"));
	values_set(values, "node.proven(n1)", "");
	assert_true(compose_ready(&c, plan->tasks.at[0], &missing));
}

/* The name of a job is the same for another console, and another for another verb or task. */
static void
test_job_names(void **state)
{
	char one[JOB_NAME_SIZE], two[JOB_NAME_SIZE];

	(void)state;
	step("10-a/10-x", "", "check() { :; }\napply() { :; }\n");
	step("10-a/20-y", "", "check() { :; }\napply() { :; }\n");
	compose();
	compose_job_name(plan, plan->tasks.at[0], VERB_APPLY, one);
	compose_job_name(plan, plan->tasks.at[0], VERB_APPLY, two);
	assert_string_equal(one, two);
	assert_int_equal(strspn(one + 8, "0123456789abcdef-"), strlen(one) - 8);
	compose_job_name(plan, plan->tasks.at[0], VERB_UNDO, two);
	assert_string_not_equal(one, two);
	compose_job_name(plan, plan->tasks.at[1], VERB_APPLY, two);
	assert_string_not_equal(one, two);
}

/* An apply as a job: started, followed, then its check in the same journey. */
static void
test_job(void **state)
{
	struct compose c;
	struct compose_head head = { .nonce = NONCE };
	CLEAN_STR script = STR_INIT(SCRIPT_MAX);
	CLEAN_STR home = STR_INIT(SCRIPT_MAX);
	struct err err = { 0 };
	const char *end_of_job;

	(void)state;
	step("10-a/10-x", "run.confirmed",
	     "check() { [ -e \"$bascule_home/made\" ] || return 7; }\n"
	     "apply() { echo \"confirmed $run_confirmed\"; progress 1 2; : >\"$bascule_home/made\"; }\n");
	c = compose();
	str_addf(&home, "export bascule_home=%s/home\n", tiny_dir);
	assert_int_equal(compose_job(&c, &head, plan->tasks.at[0], VERB_APPLY, 1, true, true, &script,
				     &err), 0);
	str_addn(&home, str_text(&script), script.len);
	assert_int_equal(run_script(&home), 0);
	assert_non_null(strstr(heard, "log:confirmed yes\nprogress|1|2\n"));
	end_of_job = strstr(heard, "jobend|bascule-");
	assert_non_null(end_of_job);
	assert_non_null(strstr(end_of_job, "|0\nbegin|0\nend|0|0\n"));
}

static void
test_preview(void **state)
{
	struct compose c;
	CLEAN_STR text = STR_INIT(SCRIPT_MAX);
	struct err err = { 0 };

	(void)state;
	step("10-a/10-x", "node.name node.proven task.nonce", "check() { :; }\n");
	c = compose();
	assert_int_equal(compose_preview(&c, plan->tasks.at[0], VERB_CHECK, &text, &err), 0);
	assert_non_null(strstr(str_text(&text), "node_name='n1'\n"));
	assert_non_null(strstr(str_text(&text), "node_proven='<known after a/x>'\n"));
	assert_null(strstr(str_text(&text), "task_nonce='run'"));
	assert_int_equal(compose_preview(&c, plan->tasks.at[0], VERB_UNDO, &text, &err), E_INPUT);
}

#define T(name) cmocka_unit_test_setup_teardown(name, begin, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_codes),	    T(test_apart),     T(test_deadline), T(test_forged),
		T(test_hostile_values), T(test_parameters), T(test_not_ready), T(test_job_names),
		T(test_job),	    T(test_preview),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
