/* What comes before a drill: its entry conditions on every hypervisor, and the question. */
#include <string.h>
#include "base/nls.h"
#include "engine/drillpriv.h"

/* ---- the question ---- */

static void
on_allowed(void *ctx, const char *answer)
{
	struct drill *d = ctx;

	if (d->stage != DRILL_ASKING)
		return;
	if (answer)
		drill_steady(d);
	else
		drill_over(d, DRILL_STOPPED);
}

static const char *
drill_victim_name(const struct drill *d)
{
	return *d->opts.args.node ? d->opts.args.node : d->opts.args.vm;
}

static void
drill_ask(struct drill *d)
{
	bool named = d->task->step->risk == RISK_DESTRUCTIVE;
	CLEAN_STR id = STR_INIT(512);
	CLEAN_STR title = STR_INIT(512);
	struct ask q = { .type = named ? ASK_NAME : ASK_CONFIRM,
			 .class = named ? ASK_DESTRUCTIVE : ASK_DISRUPTIVE,
			 .expect = named ? drill_victim_name(d) : NULL };

	drill_predict(d);
	drill_stage_set(d, DRILL_ASKING);
	str_addf(&id, "confirm:%s", d->task->key);
	str_addf(&title, _("%s: do it now, on %s?"), d->task->step->title, drill_victim_name(d));
	q.id = str_text(&id);
	q.title = str_text(&title);
	ask_put(&d->asker, &q, on_allowed, d);
}

/* ---- entry conditions ---- */

static void checks_send(struct drill *d);

/* Before anything is asked it is known who will lend a hand. */
static void
checks_passed(struct drill *d)
{
	struct err err = { 0 };

	if (hands_wanted(d, "deed.orders"))
		d->hands = hands_new(d, "deed.orders", drill_hands_done, &err);
	if (!err.code) {
		drill_ask(d);
		return;
	}
	drill_error(d, NULL, &err);
	drill_over(d, DRILL_REFUSED);
}

/* Where nobody chose a node, what happens shall happen to the one that runs the VM: anything else would
 * prove little. What was told of another node is asked again of that one. */
static bool
drill_follow_vm(struct drill *d)
{
	const char *owner = drill_told(d, "drill.owner");
	CLEAN_STR text = STR_INIT(512);
	struct task *t;

	if (!d->node_open || d->task->step->on != ON_HYPERVISOR || !owner ||
	    !strcmp(owner, d->opts.args.node))
		return false;
	t = drill_task(d->plan, d->task->step->name, d->opts.args.vm, owner);
	if (!t || strcmp(t->node->name, owner) != 0)
		return false;
	d->node_open = false;
	d->task = t;
	str_put(d->opts.args.node, sizeof d->opts.args.node, owner);
	str_addf(&text, _("%s runs on %s: it will happen there"), d->opts.args.vm, owner);
	drill_emit(d, &(struct drill_event){ .type = DRILL_EV_HINT, .text = str_text(&text),
					     .len = text.len });
	drill_forget(d);
	checks_send(d);
	return true;
}

static void
checks_answered(struct drill *d)
{
	if (d->err.code)
		drill_over(d, DRILL_UNTOLD);
	else if (d->refused)
		drill_over(d, DRILL_REFUSED);
	else if (!drill_follow_vm(d))
		checks_passed(d);
}

static void
check_done(struct errand *e, const struct err *err)
{
	struct drill *d = e->drill;
	struct err why = *err;

	if (!why.code && e->code != 0 && e->code != 7) {
		err_set(&why, E_REMOTE, _("the check ended with code %d"), e->code);
		err_hint(&why, _("Look at its output, mend the cause on the node, and check again."));
	}
	if (why.code)
		drill_error(d, e->way->node->name, &why);
	d->refused |= e->code == 7;
	if (--d->checks_left == 0)
		checks_answered(d);
}

/* Every hypervisor is asked: a drill with a node that does not answer proves nothing. */
static void
checks_send(struct drill *d)
{
	const struct node *n;
	size_t sent = 0;

	vec_each(n, &d->plan->model->nodes)
		if (drill_asks_node(n) && drill_send(d, n, VERB_CHECK, check_done))
			sent++;
	d->checks_left = sent;
	if (!sent)
		drill_over(d, DRILL_UNTOLD);
}

void
drill_check(struct drill *d)
{
	drill_stage_set(d, DRILL_CHECKING);
	checks_send(d);
}
