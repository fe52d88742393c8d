/* bascule lab: the practice machines on this console, by name of what shall be done. */
#include "cli/verb.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/nls.h"
#include "base/str.h"
#include "base/text.h"
#include "cli/jsonl.h"
#include "engine/wording.h"
#include "cli/options.h"
#include "cli/session.h"
#include "engine/lab.h"

enum { TICK_MS = 1000, NAME_COLUMNS = 11 };

struct lab_session {
	struct loop *loop;
	const struct lab_ops *ops;
	struct lab *lab;
	const struct options *o;
	struct err err; /* of the order */
	bool ticking;   /* a progress line stands on the terminal */
	int64_t start_ms;
};

/* ---- what an order says ---- */

static void
tick_wipe(struct lab_session *ls)
{
	if (ls->ticking)
		printf("\r\033[K");
	ls->ticking = false;
}

/* On a terminal, the seconds run while nothing else is said. */
static void
on_tick(void *ctx)
{
	struct lab_session *ls = ctx;
	CLEAN_STR took = STR_INIT(64);
	duration_add(&took, loop_now_ms(ls->loop) - ls->start_ms);
	printf("\r\033[K… %s", str_text(&took));
	fflush(stdout);
	ls->ticking = true;
	loop_timer_add(ls->loop, TICK_MS, on_tick, ls);
}

static void
on_say(void *ctx, const char *machine, const char *text)
{
	struct lab_session *ls = ctx;
	CLEAN_STR line = STR_INIT(1024);
	if (ls->o->json) {
		json_t *o = json_object();
		jsonl_text(o, "event", "lab");
		jsonl_text(o, "machine", machine);
		jsonl_text(o, "text", text);
		jsonl_write(stdout, o);
		return;
	}
	tick_wipe(ls);
	text_pad(&line, *machine ? machine : _("lab"), NAME_COLUMNS);
	str_add(&line, " ");
	text_clean(&line, text, strlen(text), false);
	printf("%s\n", str_text(&line));
	fflush(stdout);
}

static void
on_done(void *ctx, const struct err *err)
{
	struct lab_session *ls = ctx;
	ls->err = *err;
	loop_stop(ls->loop);
}

/* ---- status ---- */

static const char *
state_word(enum lab_state state)
{
	static const char *const words[] = {
		[LAB_ABSENT] = N_("not made"),
		[LAB_OFF] = N_("off"),
		[LAB_STARTING] = N_("no answer"),
		[LAB_ANSWERS] = N_("answers"),
	};
	return _(words[state]);
}

static const char *const state_ids[] = { [LAB_ABSENT] = "absent", [LAB_OFF] = "off",
					 [LAB_STARTING] = "starting", [LAB_ANSWERS] = "answers" };

/* "enterprise eth2 CUT": what is pulled stands out, the rest is one word each. */
static void
cards_add(struct str *out, const struct lab_machine *m)
{
	for (size_t i = 0; i < m->cards_n; i++) {
		const struct lab_card *c = &m->cards[i];
		str_addf(out, "%s%s %s%s", i ? ", " : "", c->name, c->network,
			 c->cut ? _(" PULLED") : "");
	}
}

static void
cell(struct str *out, const char *text, int columns)
{
	text_pad(out, text, columns);
	str_add(out, "  ");
}

static void
machine_print(const struct lab_machine *m)
{
	CLEAN_STR line = STR_INIT(1024), up = STR_INIT(64);
	char pid[16] = "", port[16] = "";
	if (m->pid) {
		snprintf(pid, sizeof pid, "%d", (int)m->pid);
		snprintf(port, sizeof port, "%d", m->port);
		duration_add(&up, m->up_s * 1000);
	}
	cell(&line, m->name, NAME_COLUMNS);
	cell(&line, state_word(m->state), 9);
	cell(&line, port, 5);
	cell(&line, pid, 7);
	cell(&line, m->accel, 5);
	cell(&line, str_text(&up), 12);
	cards_add(&line, m);
	printf("%s\n", str_text(&line));
}

static void
status_print(const struct lab_status *st)
{
	CLEAN_STR head = STR_INIT(512);
	cell(&head, _("machine"), NAME_COLUMNS);
	cell(&head, _("state"), 9);
	cell(&head, _("port"), 5);
	cell(&head, _("process"), 7);
	cell(&head, _("accel"), 5);
	cell(&head, _("up"), 12);
	printf("%s%s\n", str_text(&head), _("cards"));
	for (size_t i = 0; i < st->n; i++)
		machine_print(&st->machines[i]);
	for (size_t i = 0; i < st->parts_n; i++)
		printf(_("%s and %s can't hear each other in '%s'\n"), st->parts[i].a,
		       st->parts[i].b, st->parts[i].network);
	if (!st->built)
		printf(_("There is no image yet: bascule lab build.\n"));
	else if (st->stale)
		printf(_("The image is older than its recipe: bascule lab build.\n"));
}

static void
machine_json(const struct lab_machine *m)
{
	json_t *o = json_object(), *cards = json_array();
	jsonl_text(o, "event", "machine");
	jsonl_text(o, "name", m->name);
	jsonl_text(o, "roles", m->roles);
	jsonl_text(o, "state", state_ids[m->state]);
	json_object_set_new(o, "port", json_integer(m->port));
	json_object_set_new(o, "pid", json_integer(m->pid));
	jsonl_text(o, "accel", m->accel);
	json_object_set_new(o, "memory_mib", json_integer(m->memory_mib));
	json_object_set_new(o, "up_s", json_integer(m->up_s));
	for (size_t i = 0; i < m->cards_n; i++) {
		json_t *card = json_object();
		jsonl_text(card, "name", m->cards[i].name);
		jsonl_text(card, "network", m->cards[i].network);
		json_object_set_new(card, "cut", json_boolean(m->cards[i].cut));
		json_array_append_new(cards, card);
	}
	json_object_set_new(o, "cards", cards);
	jsonl_write(stdout, o);
}

static void
status_json(const struct lab_status *st)
{
	for (size_t i = 0; i < st->n; i++)
		machine_json(&st->machines[i]);
	for (size_t i = 0; i < st->parts_n; i++) {
		json_t *o = json_object();
		jsonl_text(o, "event", "partition");
		jsonl_text(o, "a", st->parts[i].a);
		jsonl_text(o, "b", st->parts[i].b);
		jsonl_text(o, "network", st->parts[i].network);
		jsonl_write(stdout, o);
	}
	json_t *o = json_object();
	jsonl_text(o, "event", "image");
	json_object_set_new(o, "built", json_boolean(st->built));
	json_object_set_new(o, "stale", json_boolean(st->stale));
	jsonl_write(stdout, o);
}

/* ---- reading the words ---- */

static int
misuse(const char *usage)
{
	fprintf(stderr, _("usage: bascule lab %s\n"), usage);
	return EXIT_INPUT;
}

static bool
nodes_take(const struct options *o, struct lab_order *order)
{
	uint64_t n;
	if (!o->lab_nodes)
		return true;
	if (!str_to_u64(o->lab_nodes, &n) || n < 1 || n > LAB_MACHINES_MAX)
		return false;
	order->nodes = (int)n;
	return true;
}

static bool
order_plain(const struct options *o, struct lab_order *order)
{
	order->now = o->now;
	order->force = o->force;
	order->name = o->to;
	return o->words.n == 1 && nodes_take(o, order);
}

static bool
order_save(const struct options *o, struct lab_order *order)
{
	order->name = o->words.n == 2 ? o->words.at[1] : NULL;
	return order->name != NULL;
}

static bool
order_power(const struct options *o, struct lab_order *order)
{
	static const char *const words[] = { [LAB_POWER_OFF] = "off",
					     [LAB_POWER_ON] = "on",
					     [LAB_POWER_RESET] = "reset",
					     [LAB_POWER_CYCLE] = "cycle",
					     [LAB_POWER_FREEZE] = "freeze",
					     [LAB_POWER_THAW] = "thaw" };
	if (o->words.n != 3)
		return false;
	order->machine = o->words.at[1];
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if (strcmp(o->words.at[2], words[i]))
			continue;
		order->power = (enum lab_power)i;
		return true;
	}
	return false;
}

/* "hv-1 heartbeat [off|on]", with --between "hv-1 hv-2 heartbeat [off|on]" */
static bool
order_cut(const struct options *o, struct lab_order *order)
{
	size_t names = o->between ? 3 : 2;
	const char *state = o->words.n == names + 2 ? o->words.at[names + 1] : "off";
	if (o->words.n < names + 1 || o->words.n > names + 2 ||
	    (strcmp(state, "on") && strcmp(state, "off")))
		return false;
	order->machine = o->words.at[1];
	order->peer = o->between ? o->words.at[2] : NULL;
	order->network = o->words.at[names];
	order->cut = !strcmp(state, "off");
	return true;
}

static const struct deed {
	const char *name, *usage, *help;
	enum lab_action action;
	bool (*read)(const struct options *o, struct lab_order *order);
} deeds[] = {
	{ "build", "build [--force]", N_("make the image of the practice machines"), LAB_BUILD,
	  order_plain },
	{ "up", "up [--nodes=N]", N_("start the machines and wait until SSH answers"), LAB_UP,
	  order_plain },
	{ "down", "down [--now]", N_("shut them down; --now cuts their power"), LAB_DOWN,
	  order_plain },
	{ "reset", "reset [--to=NAME]", N_("throw their disks away, or go back to a checkpoint"),
	  LAB_RESET, order_plain },
	{ "save", "save NAME", N_("shut them down and keep their disks as a checkpoint"), LAB_SAVE,
	  order_save },
	{ "status", "status", N_("what runs, where it listens, which cables are pulled"),
	  LAB_STATUS, order_plain },
	{ "power", "power MACHINE off|on|reset|cycle|freeze|thaw",
	  N_("its power switch and reset button; or stop and release its processor"),
	  LAB_POWER, order_power },
	{ "cut", "cut MACHINE NETWORK [off|on] | cut --between A B NETWORK [off|on]",
	  N_("pull a cable, or keep two machines apart (on: plug it in again)"), LAB_CUT,
	  order_cut },
	{ "ssh", "ssh MACHINE [COMMAND…]", N_("a command's own output and exit code, or a shell"),
	  LAB_STATUS, NULL },
};

enum { DEEDS = sizeof deeds / sizeof *deeds };

static void
deeds_print(FILE *to)
{
	for (size_t i = 0; i < DEEDS; i++)
		fprintf(to, "  lab %s\n        %s\n", deeds[i].usage, _(deeds[i].help));
}

static const struct deed *
deed_find(const char *name)
{
	const char *names[DEEDS];
	for (size_t i = 0; i < DEEDS; i++) {
		names[i] = deeds[i].name;
		if (!strcmp(name, deeds[i].name))
			return &deeds[i];
	}
	const char *near = word_nearest(name, names, DEEDS);
	if (near)
		fprintf(stderr, _("bascule: the lab has no '%s'; did you mean '%s'?\n"), name,
			near);
	else
		fprintf(stderr, _("bascule: the lab has no '%s'; it has:\n"), name);
	if (!near)
		deeds_print(stderr);
	return NULL;
}

/* ---- running ---- */

static int
lab_fail(const struct err *err)
{
	err_print(err);
	return err_exit(err);
}

static bool
lab_begin(struct lab_session *ls, struct err *err)
{
	ls->loop = loop_new();
	ls->start_ms = loop_now_ms(ls->loop);
	ls->lab = ls->ops->open(ls->loop, on_say, on_done, ls, err);
	return ls->lab != NULL;
}

static void
lab_end(struct lab_session *ls)
{
	ls->ops->close(ls->lab);
	loop_free(ls->loop);
}

static int
lab_carry_out(struct lab_session *ls, const struct lab_order *order)
{
	struct err err = { 0 };
	bool terminal = isatty(STDOUT_FILENO) && !ls->o->json && order->action != LAB_STATUS;
	if (!lab_begin(ls, &err) || ls->ops->order(ls->lab, order, &err)) {
		lab_end(ls);
		return lab_fail(&err);
	}
	if (terminal)
		loop_timer_add(ls->loop, TICK_MS, on_tick, ls);
	loop_run(ls->loop);
	tick_wipe(ls);
	if (!ls->err.code && order->action == LAB_STATUS)
		(ls->o->json ? status_json : status_print)(ls->ops->status(ls->lab));
	lab_end(ls);
	return ls->err.code ? lab_fail(&ls->err) : EXIT_DONE;
}

/* ssh takes over this process: the command's output and exit code are its own. */
static int
lab_ssh(struct lab_session *ls, int argc, char **argv)
{
	struct err err = { 0 };
	const char **ssh = NULL;
	int first = argc > 3 && !strcmp(argv[3], "--") ? 4 : 3;
	if (argc < 3)
		return misuse("ssh MACHINE [COMMAND…]");
	if (lab_begin(ls, &err))
		ssh = ls->ops->ssh(ls->lab, argv[2], argv + (argc < first ? argc : first), &err);
	if (!ssh) {
		lab_end(ls);
		return lab_fail(&err);
	}
	fflush(stdout);
	signal(SIGPIPE, SIG_DFL); /* we ignore it; ssh shall not */
	execvp(ssh[0], (char *const *)ssh);
	err_sys(&err, errno, _("cannot start '%s'"), ssh[0]);
	err_hint(&err, _("Install it: apt-get install %s."), "openssh-client");
	free(ssh);
	lab_end(ls);
	return lab_fail(&err);
}

int
verb_lab(const struct services *sv, int argc, char **argv)
{
	struct options o;
	struct lab_session ls = { .ops = sv->lab, .o = &o };
	struct lab_order order = { 0 };
	int code = EXIT_INPUT;
	if (argc < 2) {
		fprintf(stderr, _("usage: bascule lab WHAT, one of:\n"));
		deeds_print(stderr);
		return EXIT_INPUT;
	}
	if (!strcmp(argv[1], "ssh"))
		return lab_ssh(&ls, argc, argv);
	if (options_parse(&o, argc, argv)) {
		const struct deed *deed = o.words.n ? deed_find(o.words.at[0]) : NULL;
		if (deed)
			order.action = deed->action;
		if (deed && deed->read && deed->read(&o, &order))
			code = lab_carry_out(&ls, &order);
		else if (deed)
			code = misuse(deed->usage);
	}
	options_done(&o);
	return code;
}
