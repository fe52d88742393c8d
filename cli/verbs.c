/* The table of verbs, and how they are told on the terminal. */
#include "cli/verb.h"

#include <string.h>
#include "base/nls.h"
#include "base/str.h"
#include "base/text.h"
#include "cli/options.h"

const struct verb_entry verbs[] = {
	{ "plan", N_("FILE [OPTIONS]"), N_("show what would be done, offline"), verb_plan, 0 },
	{ "check", N_("FILE [OPTIONS]"), N_("ask the machines what holds; change nothing"),
	  verb_check, 0 },
	{ "apply", N_("FILE [OPTIONS]"), N_("make it hold, step by step, and check again"),
	  verb_apply, 0 },
	{ "undo", N_("FILE [OPTIONS]"), N_("take back what apply did, in reverse order"), verb_undo,
	  0 },
	{ "drill", N_("FILE [NAME[:VARIANT]] [OPTIONS]"),
	  N_("do harm on purpose and measure what clients notice"), verb_drill, 0 },
	{ "script", N_("FILE STEP NODE [OBJECT] [OPTIONS]"),
	  N_("print the exact script a step would run"), verb_script, 0 },
	{ "report", N_("FILE [OPTIONS]"), N_("what the tests said last: as lines, HTML or JSON"),
	  verb_report, 0 },
	{ "probe", N_("PORTAL [FILE] [OPTIONS]"), N_("what an iSCSI portal offers, and what is on it"),
	  verb_probe, 0 },
	{ "doctor", N_("[FILE] [OPTIONS]"), N_("is this console ready, and are the nodes?"),
	  verb_doctor, 0 },
	{ "lab", N_("build|up|down|reset|save|status|power|cut|ssh …"),
	  N_("practice machines on this console"), verb_lab, 2 },
	{ .name = NULL },
};

const struct verb_entry *
verb_find(const char *name)
{
	for (const struct verb_entry *v = verbs; v->name; v++)
		if (!strcmp(v->name, name))
			return v;
	return NULL;
}

int
verb_unknown(const char *name)
{
	const char *names[32];
	size_t n = 0;
	for (const struct verb_entry *v = verbs; v->name && n < 32; v++)
		names[n++] = v->name;
	const char *near = word_nearest(name, names, n);
	if (near)
		fprintf(stderr, _("bascule: there is no verb '%s'; did you mean '%s'?\n"), name, near);
	else
		fprintf(stderr, _("bascule: there is no verb '%s'; see 'bascule --help'\n"), name);
	return EXIT_INPUT;
}

static void
row_print(FILE *to, const char *left, const char *right)
{
	CLEAN_STR line = STR_INIT(256);
	text_pad(&line, left, 24);
	fprintf(to, "  %s %s\n", str_text(&line), right);
}

static void
globals_print(FILE *to)
{
	row_print(to, "--lang=en|fr", _("language (the locale's if left out)"));
	row_print(to, "--help", _("this text, or with a verb its options"));
	row_print(to, "--version", _("the program's version"));
}

void
verbs_usage(FILE *to)
{
	fprintf(to, _("usage: bascule [FILE] [OPTIONS]       the wizard, on a terminal\n"
		      "       bascule VERB [FILE] [OPTIONS]  one task, also for scripts\n"));
	fprintf(to, _("Takes bare machines to a proven high-availability cluster, step by step.\n"));
	fputc('\n', to);
	for (const struct verb_entry *v = verbs; v->name; v++)
		row_print(to, v->name, _(v->help));
	fprintf(to, _("\nThe wizard takes:\n"));
	options_print(to, "wizard");
	fputc('\n', to);
	globals_print(to);
	fputc('\n', to);
	fprintf(to, _("FILE is a cluster file; try 'bascule apply etc/tutorial.ini "
		      "--world=simulated --yes'.\n"));
	fprintf(to, _("Exit codes: 0 done or already true, 1 failed, 2 bad input, 3 stopped,\n"
		      "4 could not be told, 7 check found work to do.\n"));
}

void
verb_usage(FILE *to, const struct verb_entry *v)
{
	fprintf(to, _("usage: bascule %s %s\n"), v->name, _(v->args));
	fprintf(to, "%s\n\n", _(v->help));
	options_print(to, v->name);
	globals_print(to);
}
