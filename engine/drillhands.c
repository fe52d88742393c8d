/* What a drill does to machines from outside: their power and their cables. The practice lab has hands
 * of its own; anywhere else a person is asked to lend theirs. The drill's check says what is to be
 * done, in words, so that no step knows which of them it will be. */
#include <stdlib.h>
#include <string.h>
#include "base/nls.h"
#include "engine/drillpriv.h"
#include "engine/lab.h"

enum { ORDERS_MAX = 32, WORDS_MAX = 3 };

/* "off hv-1", "pull hv-1 NETWORK", "part hv-1 hv-2 NETWORK". */
static const struct hand {
	const char *word;
	size_t machines;
	bool network;
	struct lab_order order;
	const char *ask; /* machines first, then the network */
} hands_known[] = {
	{ "off", 1, false, { .action = LAB_POWER, .power = LAB_POWER_OFF }, N_("cut the power of %s") },
	{ "on", 1, false, { .action = LAB_POWER, .power = LAB_POWER_ON },
	  N_("switch the power of %s on") },
	{ "freeze", 1, false, { .action = LAB_POWER, .power = LAB_POWER_FREEZE },
	  N_("stop the processor of %s, without a word to it") },
	{ "thaw", 1, false, { .action = LAB_POWER, .power = LAB_POWER_THAW },
	  N_("let the processor of %s go on") },
	{ "pull", 1, true, { .action = LAB_CUT, .cut = true },
	  N_("pull the cable of %s out of the network '%s'") },
	{ "plug", 1, true, { .action = LAB_CUT }, N_("plug the cable of %s into the network '%s'") },
	{ "part", 2, true, { .action = LAB_CUT, .cut = true },
	  N_("part %s and %s in the network '%s': neither hears the other") },
	{ "join", 2, true, { .action = LAB_CUT }, N_("join %s and %s in the network '%s' again") },
};

struct order {
	const struct hand *hand;
	const char *words[WORDS_MAX]; /* after its own; "" = it has no more */
	size_t n; /* as many as there were, also more than are kept */
};

struct hands {
	struct drill *drill;
	struct lab *lab; /* NULL = a person's */
	char *text;      /* cut into words */
	VEC(struct order) orders;
	size_t next;
	void (*done)(struct drill *d, const struct err *err);
};

static void hands_go(struct hands *h);

/* ---- the words ---- */

static const struct hand *
hand_find(const char *word)
{
	for (size_t i = 0; i < sizeof hands_known / sizeof *hands_known; i++)
		if (!strcmp(hands_known[i].word, word))
			return &hands_known[i];
	return NULL;
}

static struct order
order_split(char *text)
{
	struct order o = { 0 };
	char *rest = NULL, *word = strtok_r(text, " ", &rest);

	for (size_t i = 0; i < WORDS_MAX; i++)
		o.words[i] = "";
	o.hand = word ? hand_find(word) : NULL;
	for (; (word = strtok_r(NULL, " ", &rest)); o.n++)
		if (o.n < WORDS_MAX)
			o.words[o.n] = word;
	return o;
}

static bool
order_holds(const struct drill *d, const struct order *o)
{
	if (!o->hand || o->n != o->hand->machines + o->hand->network)
		return false;
	for (size_t i = 0; i < o->hand->machines; i++)
		if (!model_node(d->plan->model, o->words[i]))
			return false;
	return true;
}

/* "off hv-1, off hv-2" */
static int
hands_read(struct hands *h, const char *orders, struct err *err)
{
	char *rest = NULL;

	h->text = xstrdup(orders);
	for (char *one = strtok_r(h->text, ",", &rest); one; one = strtok_r(NULL, ",", &rest)) {
		struct order o = order_split(one);

		vec_push(&h->orders, o);
		if (h->orders.n > ORDERS_MAX || !order_holds(h->drill, &o))
			return err_set(err, E_STEP, _("the drill wants something done that nobody knows: '%s'"),
				       orders);
	}
	return 0;
}

/* ---- the lab's hands ---- */

static void
on_lab_said(void *ctx, const char *machine, const char *text)
{
	struct hands *h = ctx;

	drill_emit(h->drill, &(struct drill_event){ .type = DRILL_EV_OUTPUT, .node = machine,
						    .text = text, .len = strlen(text) });
	drill_emit(h->drill, &(struct drill_event){ .type = DRILL_EV_OUTPUT, .node = machine,
						    .text = "\n", .len = 1 });
}

static void
on_lab_done(void *ctx, const struct err *err)
{
	struct hands *h = ctx;

	if (err->code)
		h->done(h->drill, err);
	else
		hands_go(h);
}

static void
lab_do(struct hands *h, const struct order *o)
{
	struct lab_order order = o->hand->order;
	struct err err = { 0 };

	order.machine = o->words[0];
	order.peer = o->hand->machines > 1 ? o->words[1] : NULL;
	order.network = o->hand->network ? o->words[o->hand->machines] : NULL;
	drill_deed_mark(h->drill);
	if (h->drill->sv->lab->order(h->lab, &order, &err))
		h->done(h->drill, &err);
}

/* ---- a person's ---- */

static void
on_person(void *ctx, const char *answer)
{
	struct hands *h = ctx;
	struct err err = { 0 };

	if (h->drill->stage == DRILL_ENDED)
		return;
	if (answer) {
		drill_deed_mark(h->drill);
		hands_go(h);
		return;
	}
	err_set(&err, E_CANCELLED, _("nobody lent a hand"));
	err_hint(&err, _("What has to be done to the machines from outside, a person does."));
	h->done(h->drill, &err);
}

/* By name, so that --yes alone does not claim that somebody stood there. */
static void
person_ask(struct hands *h, const struct order *o)
{
	struct drill *d = h->drill;
	CLEAN_STR id = STR_INIT(512), what = STR_INIT(1024), title = STR_INIT(2048);
	struct ask q = { .type = ASK_NAME, .class = ASK_DISRUPTIVE, .expect = o->words[0] };

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
#pragma GCC diagnostic ignored "-Wformat-extra-args"
	str_addf(&what, _(o->hand->ask), o->words[0], o->words[1], o->words[2]);
#pragma GCC diagnostic pop
	str_addf(&id, "hand:%s/%s", d->task->key, o->hand->word);
	str_addf(&title, _("By hand: type the name and press Enter, then at once %s"), str_text(&what));
	q.id = str_text(&id);
	q.title = str_text(&title);
	ask_put(&d->asker, &q, on_person, h);
}

/* ---- one after the other ---- */

static void
hands_go(struct hands *h)
{
	const struct err none = { 0 };
	const struct order *o;

	if (h->drill->stage == DRILL_ENDED)
		return;
	if (h->next == h->orders.n) {
		h->done(h->drill, &none);
		return;
	}
	o = &h->orders.at[h->next++];
	if (h->lab)
		lab_do(h, o);
	else
		person_ask(h, o);
}

struct hands *
hands_free(struct hands *h)
{
	if (!h)
		return NULL;
	if (h->lab)
		h->drill->sv->lab->close(h->lab);
	vec_free(&h->orders);
	free(h->text);
	free(h);
	return NULL;
}

bool
hands_wanted(const struct drill *d, const char *which)
{
	const char *orders = drill_told(d, which);

	return orders && *orders;
}

static bool
hands_are_lab(const struct drill *d)
{
	const char *by = drill_told(d, "deed.by");

	return d->opts.world == WORLD_LAB && d->sv->lab && (!by || strcmp(by, "hand") != 0);
}

struct hands *
hands_new(struct drill *d, const char *which, void (*done)(struct drill *d, const struct err *err),
	  struct err *err)
{
	const char *by = drill_told(d, "deed.by");
	struct hands *h = xcalloc(1, sizeof *h);

	h->drill = d;
	h->done = done;
	if (hands_read(h, drill_told(d, which), err))
		return hands_free(h);
	if (by && !strcmp(by, "lab") && !hands_are_lab(d)) {
		err_set(err, E_INPUT, _("these machines are no practice lab: nothing here can cut their power"));
		err_hint(err, _("Another variant of the drill lets a fence agent or a person do it."));
		return hands_free(h);
	}
	if (hands_are_lab(d)) {
		h->lab = d->sv->lab->open(d->loop, on_lab_said, on_lab_done, h, err);
		if (!h->lab)
			return hands_free(h);
	}
	return h;
}

void
hands_begin(struct hands *h)
{
	hands_go(h);
}
