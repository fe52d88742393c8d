/* Reading the command line of a verb by one table, with a suggestion for what is misspelt. */
#include "cli/options.h"

#include <string.h>
#include "base/nls.h"
#include "base/str.h"
#include "base/text.h"

static const char *const world_choices[] = { "real", "lab", "simulated", NULL };
static const char *const verb_choices[] = { "check", "apply", "undo", NULL };
static const char *const color_choices[] = { "auto", "always", "never", NULL };
static const char *const platform_choices[] = { "linux", "hyperv", NULL };

#define AT(member) offsetof(struct options, member)
#define RUNS "check apply undo"

const struct option_row option_rows[] = {
	{ "world", 0, N_("WORLD"), N_("real machines, lab or simulated (real if left out)"),
	  "plan check apply undo script report doctor probe drill wizard", OPTION_CHOICE, AT(world), world_choices },
	{ "through", 0, N_("CHAPTER"), N_("up to this chapter, and what it needs"), "plan " RUNS,
	  OPTION_TEXT, AT(through), NULL },
	{ "only", 0, N_("STEP,…"), N_("these steps or chapters alone"), "plan " RUNS, OPTION_LIST,
	  AT(only), NULL },
	{ "nodes", 0, N_("NODE,…"), N_("these nodes alone"), "plan " RUNS, OPTION_LIST, AT(nodes),
	  NULL },
	{ "proofs", 0, "later", N_("proofs that nothing waits for come last"), "plan check apply",
	  OPTION_FLAG, AT(proofs_later), NULL },
	{ "yes", 'y', NULL, N_("ask nothing: reversible and disruptive tasks may run"),
	  "apply undo drill", OPTION_FLAG, AT(yes), NULL },
	{ "confirm", 0, N_("NAME"), N_("this object may be destroyed (may be repeated)"),
	  "apply undo drill", OPTION_LIST, AT(confirm), NULL },
	{ "secrets", 0, N_("FILE|fd:N"), N_("passwords as lines NAME=VALUE"), RUNS " doctor probe drill",
	  OPTION_TEXT, AT(secrets), NULL },
	{ "speed", 0, N_("N"), N_("simulated: seconds per real second, 0 = at once"),
	  RUNS " drill wizard", OPTION_NUMBER, AT(speed), NULL },
	{ "dry-run", 'n', NULL, N_("change nothing: simulate from the first change on"),
	  "apply undo", OPTION_FLAG, AT(dry), NULL },
	{ "record", 0, N_("DIR"), N_("a transcript of every node in this folder"), RUNS " drill",
	  OPTION_TEXT, AT(record), NULL },
	{ "faults", 0, N_("FILE"), N_("simulated: what shall go wrong"), RUNS " drill wizard",
	  OPTION_TEXT, AT(faults), NULL },
	{ "verb", 0, N_("VERB"), N_("check, apply or undo (apply if left out)"), "script",
	  OPTION_CHOICE, AT(verb), verb_choices },
	{ "platform", 0, N_("NAME"), N_("linux or hyperv instead of the cluster's own"), "script",
	  OPTION_CHOICE, AT(platform), platform_choices },
	{ "target", 0, "IQN", N_("this target alone"), "probe", OPTION_TEXT, AT(target), NULL },
	{ "initiator", 0, "IQN", N_("log in under this name"), "probe", OPTION_TEXT, AT(initiator),
	  NULL },
	{ "chap-user", 0, N_("USER"), N_("log in by CHAP; the secret is chap.USER in --secrets"),
	  "probe", OPTION_TEXT, AT(chap_user), NULL },
	{ "via", 0, N_("NODE"), N_("through this node of the cluster file"), "probe", OPTION_TEXT,
	  AT(via), NULL },
	{ "timeout", 0, N_("S"), N_("seconds the whole probe may take (10 if left out)"), "probe",
	  OPTION_NUMBER, AT(timeout_s), NULL },
	{ "nodes", 0, "N", N_("start so many hypervisors"), "lab", OPTION_TEXT, AT(lab_nodes),
	  NULL },
	{ "now", 0, NULL, N_("down: cut the power, ask nobody"), "lab", OPTION_FLAG, AT(now),
	  NULL },
	{ "to", 0, N_("NAME"), N_("reset: back to this checkpoint"), "lab", OPTION_TEXT, AT(to),
	  NULL },
	{ "force", 0, NULL, N_("build: also when the image is up to date"), "lab", OPTION_FLAG,
	  AT(force), NULL },
	{ "between", 0, NULL, N_("cut: two machines and a network"), "lab", OPTION_FLAG,
	  AT(between), NULL },
	{ "html", 0, N_("FILE"), N_("write the report as one HTML file"), "report", OPTION_TEXT, AT(html),
	  NULL },
	{ "diff", 0, N_("RUN"), N_("what has changed since that run of the journal"), "report",
	  OPTION_NUMBER, AT(diff), NULL },
	{ "vm", 0, N_("VM"), N_("the VM that is measured (the first if left out)"), "drill",
	  OPTION_TEXT, AT(vm), NULL },
	{ "node", 0, N_("NODE"), N_("the node that it happens to (the VM's if left out)"), "drill",
	  OPTION_TEXT, AT(node), NULL },
	{ "to", 0, N_("NODE"), N_("where the VM shall go (else the cluster chooses)"),
	  "drill", OPTION_TEXT, AT(to), NULL },
	{ "json", 0, NULL, N_("one JSON object per line"), "plan script report doctor probe lab drill " RUNS,
	  OPTION_FLAG, AT(json), NULL },
	{ "verbose", 'v', NULL, N_("more: reasons, needs, the output of every task"),
	  "plan drill " RUNS, OPTION_FLAG, AT(verbose), NULL },
	{ "demo", 0, NULL, N_("look around the built-in simulated cluster"), "wizard", OPTION_FLAG,
	  AT(demo), NULL },
	{ "linear", 0, NULL, N_("sentences and questions instead of screens"), "wizard",
	  OPTION_FLAG, AT(linear), NULL },
	{ "color", 0, N_("WHEN"), N_("auto, always or never (NO_COLOR is heeded by auto)"), "wizard",
	  OPTION_CHOICE, AT(color), color_choices },
	{ "ascii", 0, NULL, N_("draw with ASCII characters alone"), "wizard", OPTION_FLAG,
	  AT(ascii), NULL },
	{ "mouse", 0, NULL, N_("the mouse works: wheel, rows, key bar"), "wizard", OPTION_FLAG,
	  AT(mouse), NULL },
	{ "shot", 0, N_("FILE"), N_("play this script of keys and print what the screen shows"),
	  "wizard", OPTION_TEXT, AT(shot), NULL },
	{ .name = NULL },
};

bool
word_in(const char *list, const char *word)
{
	size_t n = strlen(word);
	for (const char *at = list; (at = strstr(at, word)); at += n)
		if ((at == list || at[-1] == ' ') && (at[n] == ' ' || !at[n]))
			return true;
	return false;
}

const char *
word_nearest(const char *typed, const char *const *words, size_t n)
{
	const char *best = NULL;
	unsigned best_distance = strlen(typed) > 4 ? 3 : 2;
	for (size_t i = 0; i < n; i++) {
		unsigned distance = str_distance(typed, words[i], best_distance);
		if (distance < best_distance) {
			best = words[i];
			best_distance = distance;
		}
	}
	return best;
}

static void
option_unknown(const char *verb, const char *typed, size_t n)
{
	const char *names[64];
	size_t count = 0;
	for (const struct option_row *r = option_rows; r->name && count < 64; r++)
		if (word_in(r->verbs, verb))
			names[count++] = r->name;
	CLEANUP(freep) char *name = xstrndup(typed, n);
	const char *near = word_nearest(name, names, count);
	if (near)
		fprintf(stderr, _("bascule: '%s' has no option '--%s'; did you mean '--%s'?\n"), verb,
			name, near);
	else
		fprintf(stderr, _("bascule: '%s' has no option '--%s'; see 'bascule %s --help'\n"),
			verb, name, verb);
}

static const struct option_row *
option_find(const char *verb, const char *name, size_t n)
{
	for (const struct option_row *r = option_rows; r->name; r++)
		if (word_in(r->verbs, verb) && strlen(r->name) == n && !strncmp(r->name, name, n))
			return r;
	return NULL;
}

static bool
choice_store(const struct option_row *r, const char *text, int *ret)
{
	size_t n = 0;
	for (; r->choices[n]; n++) {
		if (strcmp(r->choices[n], text))
			continue;
		*ret = (int)n;
		return true;
	}
	CLEAN_STR list = STR_INIT(256);
	for (size_t i = 0; i < n; i++)
		str_addf(&list, "%s%s", i ? ", " : "", r->choices[i]);
	fprintf(stderr, _("bascule: '--%s=%s' is none of: %s\n"), r->name, text, str_text(&list));
	return false;
}

static void
list_store(struct options *o, struct words *list, const char *text)
{
	char *copy = xstrdup(text), *rest = copy, *word;
	vec_push(&o->owned, copy);
	while ((word = strsep(&rest, ",")))
		if (*word)
			vec_push(list, word);
}

static bool
option_store(struct options *o, const struct option_row *r, const char *text)
{
	void *member = (char *)o + r->offset;
	uint64_t number = 0;
	switch (r->type) {
	case OPTION_FLAG:
		if (r->arg && strcmp(text, r->arg)) {
			fprintf(stderr, _("bascule: '--%s' takes only '%s'\n"), r->name, r->arg);
			return false;
		}
		*(bool *)member = true;
		return true;
	case OPTION_TEXT:
		*(const char **)member = text;
		return true;
	case OPTION_LIST:
		list_store(o, member, text);
		return true;
	case OPTION_NUMBER:
		if (!str_to_u64(text, &number) || number > 100000) {
			fprintf(stderr, _("bascule: '--%s=%s' is not a number from 0 to 100000\n"),
				r->name, text);
			return false;
		}
		*(int *)member = (int)number;
		return true;
	case OPTION_CHOICE:
		return choice_store(r, text, member);
	}
	return false;
}

/* argv[*i] is "--name", "--name=text" or "--name text". */
static bool
option_long(struct options *o, int argc, char **argv, int *i)
{
	const char *name = argv[*i] + 2, *text = strchr(name, '=');
	size_t n = text ? (size_t)(text++ - name) : strlen(name);
	const struct option_row *r = option_find(argv[0], name, n);
	if (!r) {
		option_unknown(argv[0], name, n);
		return false;
	}
	if (text && !r->arg) {
		fprintf(stderr, _("bascule: '--%s' takes no value\n"), r->name);
		return false;
	}
	if (!text && r->arg && ++*i < argc)
		text = argv[*i];
	if (!text && r->arg) {
		fprintf(stderr, _("bascule: '--%s' needs a value: --%s=%s\n"), r->name, r->name,
			_(r->arg));
		return false;
	}
	return option_store(o, r, text ? text : "");
}

/* "-v", "-vy": flags only. */
static bool
option_short(struct options *o, const char *verb, const char *letters)
{
	for (; *letters; letters++) {
		const struct option_row *r = option_rows;
		while (r->name && (r->letter != *letters || !word_in(r->verbs, verb)))
			r++;
		if (!r->name) {
			fprintf(stderr,
				_("bascule: '%s' has no option '-%c'; see 'bascule %s --help'\n"),
				verb, *letters, verb);
			return false;
		}
		option_store(o, r, "");
	}
	return true;
}

bool
options_parse(struct options *o, int argc, char **argv)
{
	*o = (struct options){ .speed = -1, .platform = -1, .verb = 1 };
	bool options = true;
	for (int i = 1; i < argc; i++) {
		const char *arg = argv[i];
		bool good = true;
		if (!options || arg[0] != '-' || !arg[1])
			vec_push(&o->words, arg);
		else if (!strcmp(arg, "--"))
			options = false;
		else if (arg[1] == '-')
			good = option_long(o, argc, argv, &i);
		else
			good = option_short(o, argv[0], arg + 1);
		if (!good)
			return false;
	}
	struct words *lists[] = { &o->only, &o->nodes, &o->confirm };
	for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
		if (lists[i]->n) {
			vec_push(lists[i], NULL);
			lists[i]->n--;
		}
	}
	return true;
}

void
options_done(struct options *o)
{
	char **copy;
	vec_each(copy, &o->owned)
		free(*copy);
	vec_free(&o->owned);
	vec_free(&o->words);
	vec_free(&o->only);
	vec_free(&o->nodes);
	vec_free(&o->confirm);
}

void
options_print(FILE *to, const char *verb)
{
	for (const struct option_row *r = option_rows; r->name; r++) {
		if (!word_in(r->verbs, verb))
			continue;
		CLEAN_STR left = STR_INIT(128);
		CLEAN_STR line = STR_INIT(512);
		if (r->letter)
			str_addf(&left, "-%c, ", r->letter);
		str_addf(&left, "--%s%s%s", r->name, r->arg ? "=" : "", r->arg ? _(r->arg) : "");
		text_pad(&line, str_text(&left), 24);
		fprintf(to, "  %s %s\n", str_text(&line), _(r->help));
	}
}
