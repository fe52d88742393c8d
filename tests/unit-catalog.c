/* Reading the steps: every mistake with its file and line, all of them at once; what a platform's
 * section overrides; which verbs a script defines. */
#include "tests/unit.h"

#include "tests/tiny.h"

static struct catalog *catalog;

static int
begin(void **state)
{
	(void)state;
	tiny_begin();
	return 0;
}

static int
end(void **state)
{
	(void)state;
	catalog = catalog_free(catalog);
	tiny_end();
	return 0;
}

static const struct step *
read_one(const char *ini, const char *verbs)
{
	tiny_step("10-a/10-x", ini, verbs);
	catalog = tiny_catalog(PLATFORM_LINUX);
	assert_string_equal(tiny_notes, "");
	assert_non_null(catalog);
	return catalog_step(catalog, "a/x");
}

/* The ini's mistakes, one a line; DIR stands for the step's folder. */
static void
assert_mistakes(const char *ini, const char *wanted)
{
	CLEAN_STR text = STR_INIT(16384);
	CLEAN_STR place = STR_INIT(256);

	tiny_step("10-a/10-x", ini, "check");
	tiny_notes[0] = '\0';
	assert_null(tiny_catalog(PLATFORM_LINUX));
	str_addf(&place, "%s/10-a/10-x", tiny_dir);
	for (const char *at = tiny_notes; *at;) {
		bool here = !strncmp(at, str_text(&place), place.len);

		if (here)
			str_add(&text, "DIR");
		else
			str_addc(&text, *at);
		at += here ? place.len : 1;
	}
	assert_string_equal(str_text(&text), wanted);
}

static void
test_defaults(void **state)
{
	const struct step *s = read_one("[step]\ntitle = X\n", "check apply");

	(void)state;
	assert_string_equal(s->title, "X");
	assert_string_equal(s->name, "x");
	assert_string_equal(s->chapter->title, "A");
	assert_int_equal(s->kind, KIND_STATE);
	assert_int_equal(s->risk, RISK_REVERSIBLE);
	assert_int_equal(s->undo_risk, RISK_REVERSIBLE);
	assert_int_equal(s->limit_s, 300);
	assert_int_equal(s->takes_s, 2);
	assert_int_equal(s->sim_takes_ms, 2000);
	assert_int_equal(s->verbs, 1u << VERB_CHECK | 1u << VERB_APPLY);
	assert_false(s->optional || s->reboots || s->net);
}

static void
test_everything(void **state)
{
	const struct step *s = read_one(
		"[step]\ntitle[fr] = Y\ntitle = X\nkind = proof\non = hypervisor\nfor = lun\n"
		"when = lun.use != quorum and target.kind = lio\nneeds = a(node,lun) b(*,lun) c@all\n"
		"gives = d(node, lun)\nguard = e(*)\nlock = lun net\nuses = lun.name lun.fsuuid?\n"
		"same = node.kernel\npins = lun.wwid\nsecrets = chap.{target}:target.chap_user other\n"
		"risk = disruptive\nundo_risk = destructive\ntakes = 4\nlimit = 60\ncheck_limit = 5\n"
		"reboots = yes\noptional = yes\nmsg.id[fr] = {1} là\nmsg.id = {1} there\n"
		"[sim]\ntakes = 3\nreason = id {node}\noutput = one\n  two\nvalue.lun.wwid = {hash}\n"
		"before.lun.wwid = -\n",
		"check");
	CLEAN_STR text = STR_INIT(256);

	(void)state;
	assert_string_equal(s->title, "X");
	assert_int_equal(s->when.n, 2);
	assert_true(s->when.at[0].negated);
	assert_string_equal(s->when.at[1].field, "target.kind");
	assert_int_equal(s->needs.n, 3);
	assert_int_equal(s->needs.at[1].args[0], ARG_ANY);
	assert_true(s->needs.at[2].all);
	assert_int_equal(s->gives.at[0].nargs, 2);
	assert_int_equal(s->locks, 1u << LOCK_LUN | 1u << LOCK_NET);
	assert_false(s->uses.at[0].optional);
	assert_true(s->uses.at[1].optional);
	assert_string_equal(s->uses.at[1].id, "lun.fsuuid");
	assert_string_equal(s->secrets.at[0].field, "target.chap_user");
	assert_null(s->secrets.at[1].field);
	assert_int_equal(s->undo_risk, RISK_DESTRUCTIVE);
	assert_int_equal(s->check_limit_s, 5);
	assert_string_equal(s->sim_output, "one\ntwo");
	assert_int_equal(s->sim_values.n, 1);
	assert_string_equal(s->sim_values.at[0].before, "-");
	step_message(s, "id", (const char *[]){ "n1" }, 1, &text);
	assert_string_equal(str_text(&text), "n1 there");
}

static void
test_language(void **state)
{
	CLEAN_STR text = STR_INIT(256);
	const struct step *s;

	(void)state;
	tiny_step("10-a/10-x", "[step]\ntitle[fr] = Y\ntitle = X\nmsg.m[fr] = là\nmsg.m = there\n"
			       "msg.n = only\n", "check");
	catalog = catalog_read_dir(tiny_dir, PLATFORM_LINUX, "fr", tiny_note, NULL);
	assert_string_equal(tiny_notes, "");
	s = catalog_step(catalog, "a/x");
	step_message(s, "m", NULL, 0, &text);
	step_message(s, "n", NULL, 0, &text);
	assert_string_equal(str_text(&text), "làonly");
	assert_string_equal(s->title, "Y");
}

static void
test_mistakes(void **state)
{
	(void)state;
	assert_mistakes("[step]\ntitle = X\nkind = stat\non = nowhere\ncolour = red\n"
			"needs = a(node,disk)\ngives = b(\nlock = door\ntakes = 1m\nlimit = 86401\n"
			"reboots = maybe\nwhen = lun.use\n[sim]\nsays = x\n[windows]\nx = y\n",
			"DIR/step.ini:3: 'stat' is no value of 'kind'\n"
			"DIR/step.ini:4: 'nowhere' is no value of 'on'\n"
			"DIR/step.ini:5: a step has no key 'colour'\n"
			"DIR/step.ini:6: 'a(node,disk)' is no fact: expected name, name(node,lun,…) or "
			"name@all\n"
			"DIR/step.ini:7: 'b(' is no fact: expected name, name(node,lun,…) or name@all\n"
			"DIR/step.ini:8: 'door' is no lock\n"
			"DIR/step.ini:9: '1m' is no number of seconds\n"
			"DIR/step.ini:10: '86401' is no number of seconds\n"
			"DIR/step.ini:11: 'maybe' is neither yes nor no\n"
			"DIR/step.ini:12: 'lun.use' is no condition: expected FIELD = VALUE\n"
			"DIR/step.ini:14: [sim] has no key 'says'\n"
			"DIR/step.ini:15: a step has no section [windows]\n");
}

static void
test_no_title(void **state)
{
	(void)state;
	assert_mistakes("[step]\non = first\n", "DIR: the step has no title\n");
	assert_mistakes("[step]\n[sim]\n", "DIR: the step has no title\n");
}

static void
test_no_check(void **state)
{
	(void)state;
	tiny_step("10-a/10-x", "[step]\ntitle = X\n", "apply");
	assert_null(tiny_catalog(PLATFORM_LINUX));
	assert_non_null(strstr(tiny_notes, "linux.sh defines no check"));
}

static void
test_no_file(void **state)
{
	(void)state;
	tiny_file("10-a/10-x/linux.sh", "check() { :; }\n");
	assert_null(tiny_catalog(PLATFORM_LINUX));
	assert_non_null(strstr(tiny_notes, "step.ini"));
}

/* A section of the platform replaces lists, words and conditions; the other one's is passed over. */
static void
test_platforms(void **state)
{
	static const char ini[] = "[step]\ntitle = X\nneeds = a b\nwhen = lun.use = vm\nlock = lun\n"
				  "takes = 4\n[hyperv]\nneeds = c\nwhen =\nlock = net pkg\ntakes = 9\n"
				  "[linux]\nlimit = 7\n";
	const struct step *s = read_one(ini, "check");

	(void)state;
	assert_int_equal(s->needs.n, 2);
	assert_int_equal(s->when.n, 1);
	assert_int_equal(s->takes_s, 4);
	assert_int_equal(s->limit_s, 7);
	catalog = catalog_free(catalog);

	/* Without a script for it, the step is not of that platform. */
	catalog = tiny_catalog(PLATFORM_HYPERV);
	assert_non_null(catalog);
	assert_null(catalog_step(catalog, "a/x"));
	catalog = catalog_free(catalog);

	tiny_file("10-a/10-x/hyperv.ps1", "function Check { 0 }\nfunction undo { 0 }\n");
	catalog = tiny_catalog(PLATFORM_HYPERV);
	s = catalog_step(catalog, "a/x");
	assert_int_equal(s->needs.n, 1);
	assert_string_equal(s->needs.at[0].name, "c");
	assert_int_equal(s->when.n, 0);
	assert_int_equal(s->locks, 1u << LOCK_NET | 1u << LOCK_PKG);
	assert_int_equal(s->takes_s, 9);
	assert_int_equal(s->limit_s, 300);
	assert_int_equal(s->verbs, 1u << VERB_CHECK | 1u << VERB_UNDO);
}

/* With [sim] it can at least be seen in the simulated world. */
static void
test_sim_only(void **state)
{
	const struct step *s;

	(void)state;
	tiny_step("10-a/10-x", "[step]\ntitle = X\n[sim]\ntakes = 1\n", "check undo");
	catalog = tiny_catalog(PLATFORM_HYPERV);
	s = catalog_step(catalog, "a/x");
	assert_true(s->sim_only);
	assert_null(s->script);
	assert_int_equal(s->verbs, 1u << VERB_CHECK | 1u << VERB_UNDO);
	catalog = catalog_free(catalog);
	catalog = tiny_catalog(PLATFORM_LINUX);
	assert_false(catalog_step(catalog, "a/x")->sim_only);
}

static void
test_order(void **state)
{
	(void)state;
	tiny_step("20-b/10-z", "[step]\ntitle = Z\n", "check");
	tiny_step("10-a/20-y", "[step]\ntitle = Y\n", "check");
	tiny_step("10-a/10-x", "[step]\ntitle = X\n", "check");
	tiny_file("10-a/notes/step.ini", "not a step: no number\n");
	catalog = tiny_catalog(PLATFORM_LINUX);
	assert_string_equal(tiny_notes, "");
	assert_int_equal(catalog->steps.n, 3);
	assert_string_equal(catalog->steps.at[0]->id, "a/x");
	assert_string_equal(catalog->steps.at[1]->id, "a/y");
	assert_string_equal(catalog->steps.at[2]->id, "b/z");
	assert_int_equal(catalog->chapters.at[1]->number, 2);
}

/* Any bytes at all: mistakes perhaps, but an end. */
static void
test_noise(void **state)
{
	static const char parts[] = "[]()=@*,{}\n\n\n ab#;step needs gives when on title = \t\\\"'";

	(void)state;
	for (int round = 0; round < 300; round++) {
		CLEAN_STR text = STR_INIT(4096);

		if (round % 2)
			str_add(&text, "[step]\ntitle = X\nneeds = ");
		for (unsigned i = unit_random() % 200; i > 0; i--)
			str_addc(&text, parts[unit_random() % (sizeof parts - 1)]);
		tiny_notes[0] = '\0';
		tiny_step("10-a/10-x", str_text(&text), "check");
		catalog_free(tiny_catalog(PLATFORM_LINUX));
	}
}

#define T(name) cmocka_unit_test_setup_teardown(name, begin, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_defaults), T(test_everything), T(test_language), T(test_mistakes),
		T(test_no_title), T(test_no_check),   T(test_no_file),	T(test_platforms),
		T(test_no_title), T(test_no_check),   T(test_no_file),	T(test_sim_only),
		T(test_order),	  T(test_noise),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
