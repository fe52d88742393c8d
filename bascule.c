/* The program: sets language and signals, wires the layers, chooses the verb. The only file
 * that sees all of them. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backends/inventory.h"
#include "backends/labops.h"
#include "backends/portalscan.h"
#include "backends/ssh.h"
#include "backends/virtops.h"
#include "backends/world.h"
#include "base/nls.h"
#include "base/str.h"
#include "cli/options.h"
#include "cli/verb.h"
#include "engine/lunprobe.h"
#include "engine/services.h"
#include "engine/whatifcheck.h"
#include "screens/linear.h"
#include "screens/wizard.h"

/* Seconds of the simulated world in a real one: long enough to be watched, not to be waited for. */
enum { WIZARD_SPEED = 10 };

/* What the words before, between and after the verb's own say. */
struct globals {
	const char *lang;
	bool help, version;
};

static const struct native natives[] = {
	{ "target/probe", lunprobe_check, lunprobe_cancel, false },
	{ "validation/failures", whatifcheck, whatifcheck_cancel, true },
	{ NULL, NULL, NULL, false },
};

static const struct services services = {
	.inventory_read = inventory_read,
	.inventory_overlay = inventory_overlay,
	.inventory_write = inventory_write,
	.catalog_read = world_catalog,
	.world_open = world_open,
	.world_close = world_close,
	.connect = world_connect,
	.ssh_version = bssh_version,
	.natives = natives,
	.probe = &portalscan_ops,
	.lab = &lab_qemu,
	.ping = &world_ping,
	.virt = &virt_libvirt,
};

/* true when argv[*i] is one of ours; steps over its value. */
static bool
global_take(struct globals *g, int argc, char **argv, int *i)
{
	const char *arg = argv[*i];
	if (!strcmp(arg, "--help") || !strcmp(arg, "-h"))
		g->help = true;
	else if (!strcmp(arg, "--version"))
		g->version = true;
	else if (str_starts(arg, "--lang="))
		g->lang = arg + 7;
	else if (!strcmp(arg, "--lang"))
		g->lang = *i + 1 < argc ? argv[++*i] : "";
	else
		return false;
	return true;
}

/* Removes the global options from argv, NULL-terminated, and returns the new argc. What stands
 * behind "--", or behind the words of a verb that carries another command, is not ours. */
static int
globals_take(struct globals *g, int argc, char **argv)
{
	int n = 1, words = 0, limit = 0;
	for (int i = 1; i < argc; i++) {
		bool ours = !limit || words <= limit;
		if (ours && !strcmp(argv[i], "--"))
			limit = -1;
		if (ours && limit >= 0 && global_take(g, argc, argv, &i))
			continue;
		const struct verb_entry *v = n == 1 ? verb_find(argv[i]) : NULL;
		if (v)
			limit = v->words;
		words += argv[i][0] != '-';
		argv[n++] = argv[i];
	}
	argv[n] = NULL;
	return n;
}

/* The screens need a terminal that can move its cursor, and a person who looks at it. */
static bool
plain_wanted(const struct options *o)
{
	const char *term = getenv("TERM"), *plain = getenv("ACCESSIBLE");
	if (o->shot)
		return false;
	return o->linear || !isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO) || !term || !*term ||
	       !strcmp(term, "dumb") || (plain && *plain);
}

static int
wizard_run_front(const struct options *o)
{
	struct wizard_setup setup = {
		.sv = &services,
		.term = { .color = (enum theme_color)o->color, .ascii = o->ascii, .mouse = o->mouse },
		.file = o->words.n ? o->words.at[0] : NULL,
		/* a script of keys touches nobody's machines */
		.world = o->shot && o->world == WORLD_REAL ? WORLD_SIMULATED : (enum world)o->world,
		.faults = o->faults,
		.speed = o->speed >= 0 ? (unsigned)o->speed : o->shot ? 0 : WIZARD_SPEED,
		.simulate = o->demo,
		.shot = o->shot,
	};
	return plain_wanted(o) ? linear_main(&setup) : wizard_main(&setup);
}

/* No person to ask and no verb: say what a script would write. */
static int
nobody_there(const struct options *o)
{
	const char *word = o->words.n ? o->words.at[0] : NULL;
	if (!word) {
		verbs_usage(stderr);
		return EXIT_INPUT;
	}
	fprintf(stderr, _("bascule: say what to do with '%s', for example:\n"), word);
	fprintf(stderr, "  bascule plan %s\n  bascule check %s\n  bascule apply %s\n", word, word,
		word);
	return EXIT_INPUT;
}

/* `bascule`, `bascule FILE`, and what is neither a file nor a verb. */
static int
no_verb(int argc, char **argv)
{
	char name[] = "wizard";
	struct stat st;
	struct options o;
	if (argc > 1 && argv[1][0] != '-' && stat(argv[1], &st))
		return verb_unknown(argv[1]);
	argv[0] = name;
	int code = EXIT_INPUT;
	if (options_parse(&o, argc, argv))
		code = o.linear || o.shot || isatty(STDIN_FILENO) ? wizard_run_front(&o) : nobody_there(&o);
	options_done(&o);
	return code;
}

static int
dispatch(const struct globals *g, int argc, char **argv)
{
	if (g->version) {
		printf("%s\n", PACKAGE_STRING);
		return EXIT_DONE;
	}
	const struct verb_entry *v = argc > 1 ? verb_find(argv[1]) : NULL;
	if (g->help && v)
		verb_usage(stdout, v);
	else if (g->help)
		verbs_usage(stdout);
	if (g->help)
		return EXIT_DONE;
	return v ? v->run(&services, argc - 1, argv + 1) : no_verb(argc, argv);
}

int
main(int argc, char **argv)
{
	struct globals g = { 0 };
	/* Passwords pass through this memory: no core file, no other process of this user looks. */
	prctl(PR_SET_DUMPABLE, 0);
	/* Who reads a pipe reads along. */
	setvbuf(stdout, NULL, _IOLBF, 0);
	umask(077);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN); /* a file over its limit is an error of write(), not our end */
	argc = globals_take(&g, argc, argv);
	if (nls_init(g.lang) < 0) {
		nls_init(NULL);
		fprintf(stderr, _("bascule: no texts in the language '%s'; there are: en, fr\n"),
			g.lang);
		return EXIT_INPUT;
	}
	int code = dispatch(&g, argc, argv);
	if (fflush(stdout) && code == EXIT_DONE)
		code = EXIT_FAILED;
	return code;
}
