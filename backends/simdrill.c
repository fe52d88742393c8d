/* Drills in the simulated world: what [sim] of the step says about phases and silence becomes
 * lines of a watch on the virtual clock, and probes that stop being answered and come back. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "backends/sim.h"
#include "backends/siminner.h"
#include "base/nls.h"
#include "engine/ping.h"

enum {
	TICK_MS = 100,
	NEVER_MS = 1 << 30,
	PHASES_MAX = 32,
	SHAKE = 50, /* two drills differ by so many per mille at most, either way */
};

/* ---- what [sim] says ---- */

/* The text of "NAME@VARIANT", else of "NAME"; NULL when there is none. */
static const char *
drill_text(const struct task *t, const char *name, const char *variant)
{
	const struct sim_value *v;
	const char *plain = NULL;
	size_t n = strlen(name);

	vec_each(v, &t->step->sim_values) {
		if (strncmp(v->name, name, n) != 0)
			continue;
		if (v->name[n] == '@' && !strcmp(v->name + n + 1, variant))
			return v->text;
		if (!v->name[n])
			plain = v->text;
	}
	return plain;
}

/* What the cluster is set to, in ms; memory in MiB. */
static bool
number_word(const struct sim *s, const struct drill_args *a, const char *word, size_t n, int64_t *ret)
{
	const struct cluster *c = &s->model->cluster;
	const struct vm *vm = model_vm(s->model, a->vm);
	const struct {
		const char *word;
		int64_t value;
	} words[] = {
		{ "{token}", c->token_ms },
		{ "{consensus}", (int64_t)c->token_ms * 6 / 5 },
		{ "{watchdog}", c->watchdog_s * 1000L },
		{ "{msgwait}", c->msgwait_s * 1000L },
		{ "{memory}", vm ? (int64_t)(vm->memory >> 20) : 0 },
		{ "{never}", NEVER_MS },
		{ "{undo}", s->drill.restored ? s->drill.restored_ms - s->drill.begun_ms : NEVER_MS },
	};

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (strlen(words[i].word) == n && !strncmp(words[i].word, word, n)) {
			*ret = words[i].value;
			return true;
		}
	return false;
}

/* "{token} + 2 * {memory} + 500" as far as '@' or the end; -1 when it is no such sum. */
static int64_t
drill_sum(const struct sim *s, const struct drill_args *a, const char *text)
{
	int64_t sum = 0, product = 1, value;

	for (;;) {
		size_t n = strcspn(text += strspn(text, " "), " +*@");
		CLEANUP(freep) char *word = xstrndup(text, n);
		uint64_t number;

		if (str_to_u64(word, &number) && number < NEVER_MS)
			value = (int64_t)number;
		else if (!number_word(s, a, text, n, &value))
			return -1;
		product *= value;
		text += n;
		text += strspn(text, " ");
		if (*text == '*') {
			text++;
			continue;
		}
		sum += product;
		product = 1;
		if (*text != '+')
			return *text && *text != '@' ? -1 : sum;
		text++;
	}
}

/* ---- who holds the VM ---- */

static bool
is_hypervisor(const struct node *n)
{
	return (n->roles & ROLE_HYPERVISOR) && n->state == PRESENT;
}

void
simdrill_owner(const struct sim *s, const char *vm, char out[NAME_SIZE])
{
	const char *owner = sim_world_owner(&s->world, vm);
	const struct node *n;

	str_put(out, NAME_SIZE, owner ? owner : "");
	vec_each(n, &s->model->nodes)
		if (!*out && is_hypervisor(n))
			str_put(out, NAME_SIZE, n->name);
}

static void
vm_dest(const struct sim *s, const struct drill_args *a, const char *owner, char out[NAME_SIZE])
{
	const struct node *n;

	str_put(out, NAME_SIZE, a->to);
	vec_each(n, &s->model->nodes)
		if (!*out && is_hypervisor(n) && strcmp(n->name, owner) != 0)
			str_put(out, NAME_SIZE, n->name);
}

/* The node it happens to is not the VM's. */
static bool
drill_is_idle(const struct drill_args *a, const char *owner)
{
	return *a->node && strcmp(a->node, owner) != 0;
}

static void
drill_nodes(const char *text, const char *owner, const char *dest, const struct drill_args *a,
	    struct str *out)
{
	if (!strcmp(text, "{dest}"))
		str_add(out, dest);
	else if (!strcmp(text, "{owner}"))
		str_add(out, owner);
	else if (!strcmp(text, "{victim}"))
		str_add(out, a->node);
	else
		str_add(out, text);
}

/* ---- check ---- */

/* Nothing happens to a VM that runs elsewhere. */
static const char *
idle_value(const char *name)
{
	if (!strcmp(name, "predict.outage") || !strcmp(name, "predict.start") ||
	    !strcmp(name, "predict.answer"))
		return "0";
	if (!strcmp(name, "predict.limit"))
		return "2000";
	if (!strcmp(name, "expect.nonce"))
		return "same";
	return !strcmp(name, "expect.connection") ? "kept" : NULL;
}

static bool
is_value(const char *name)
{
	return !strchr(name, '@') && !str_starts(name, "phase.") && !str_starts(name, "silence.") &&
	       !str_starts(name, "guest.");
}

void
simdrill_values(struct exec *e, const struct task *t)
{
	const struct sim *s = e->on->sim;
	const struct drill_args *a = e->req.drill;
	const struct sim_value *v;
	char owner[NAME_SIZE];

	if (!a)
		return;
	simdrill_owner(s, a->vm, owner);
	exec_say(e, "@%s value\tdrill.owner\t%s", e->req.nonce, owner);
	vec_each(v, &t->step->sim_values) {
		const char *text = drill_text(t, v->name, a->variant);
		const char *idle = drill_is_idle(a, owner) ? idle_value(v->name) : NULL;
		int64_t ms;

		if (!is_value(v->name) || !text)
			continue;
		ms = drill_sum(s, a, text);
		if (idle || ms < 0)
			exec_say(e, "@%s value\t%s\t%s", e->req.nonce, v->name, idle ? idle : text);
		else
			exec_say(e, "@%s value\t%s\t%lld", e->req.nonce, v->name, (long long)ms);
	}
}

/* ---- apply and undo ---- */

/* The same for the same drill in the same world, and another the next time. */
static int64_t
drill_stretch(struct sim *s, const struct task *t, const struct drill_args *a)
{
	CLEAN_STR seed = STR_INIT(1024);
	char number[16];
	unsigned n = 0;

	do
		snprintf(number, sizeof number, "%u", ++n);
	while (sim_world_has(&s->world, "drill", number));
	sim_world_put(&s->world, "drill", number, true);
	str_addf(&seed, "%s/%s/%s/%s", s->model->cluster.name, t->key, a->variant, number);
	return 1000 - SHAKE + (int64_t)(hash64(str_text(&seed), seed.len) % (2 * SHAKE + 1));
}

void
simdrill_job_begun(struct exec *e)
{
	struct sim *s = e->on->sim;
	struct sim_drill *d = &s->drill;

	if (e->req.verb != VERB_APPLY || !e->req.drill)
		return;
	*d = (struct sim_drill){ .task = e->req.tasks[0], .args = *e->req.drill, .begun = true,
				 .begun_ms = loop_now_ms(s->loop), .fault = e->fault };
	simdrill_owner(s, d->args.vm, d->owner);
	vm_dest(s, &d->args, d->owner, d->dest);
	d->stretch = drill_stretch(s, d->task, &d->args);
}

void
simdrill_job_over(struct exec *e, int code)
{
	struct sim *s = e->on->sim;
	struct sim_drill *d = &s->drill;
	const char *moves;

	if (code || !d->begun)
		return;
	if (e->req.verb == VERB_UNDO) {
		d->restored = true;
		d->restored_ms = loop_now_ms(s->loop);
		return;
	}
	moves = drill_text(d->task, "guest.moves", d->args.variant);
	if (moves && !strcmp(moves, "yes") && !drill_is_idle(&d->args, d->owner))
		sim_world_own(&s->world, d->args.vm, d->dest);
}

/* ---- time ---- */

static bool
drill_fault(const struct sim_drill *d, enum fault_kind kind)
{
	return d->fault && d->fault->kind == kind;
}

/* When this is due, in ms of the loop's clock; -1 = never, or not as long as nothing is done. */
static int64_t
drill_due(const struct sim *s, const char *name)
{
	const struct sim_drill *d = &s->drill;
	const char *text = d->begun ? drill_text(d->task, name, d->args.variant) : NULL;
	int64_t ms = text ? drill_sum(s, &d->args, text) : -1;

	if (ms < 0 || ms >= NEVER_MS)
		return -1;
	return d->begun_ms + ms * d->stretch / 1000;
}

static bool
phase_never_comes(const struct sim_drill *d, const char *name)
{
	if (drill_is_idle(&d->args, d->owner) && !strcmp(name, "phase.start"))
		return true;
	if (drill_fault(d, FAULT_FAIL))
		return strcmp(name, "phase.redundant") != 0;
	return drill_fault(d, FAULT_UNFENCED) && strcmp(name, "phase.detect") != 0;
}

/* ---- watch ---- */

/* Tells the phase that was due first of those not told; false when there is none. */
static bool
watch_tell_one(struct exec *e)
{
	const struct sim *s = e->on->sim;
	const struct sim_drill *d = &s->drill;
	size_t count = d->task->step->sim_values.n, first = count;
	int64_t now = loop_now_ms(s->loop), first_ms = now + 1;
	CLEAN_STR node = STR_INIT(NAME_SIZE);
	const char *name, *at;

	for (size_t i = 0; i < count && i < PHASES_MAX; i++) {
		const char *key = d->task->step->sim_values.at[i].name;
		int64_t due;

		if (!str_starts(key, "phase.") || strchr(key, '@') || (e->next & (size_t)1 << i) ||
		    phase_never_comes(d, key))
			continue;
		due = drill_due(s, key);
		if (due >= 0 && due < first_ms) {
			first = i;
			first_ms = due;
		}
	}
	if (first == count)
		return false;
	e->next |= (size_t)1 << first;
	name = d->task->step->sim_values.at[first].name;
	at = strchr(drill_text(d->task, name, d->args.variant), '@');
	if (at)
		drill_nodes(at + 1 + strspn(at + 1, " "), d->owner, d->dest, &d->args, &node);
	exec_say(e, "@%s phase\t%s\t%s\t%lld", e->req.nonce, name + 6, str_text(&node),
		 (long long)(now - first_ms));
	return true;
}

static void
watch_tick(void *ctx)
{
	struct exec *e = ctx;
	struct sim *s = e->on->sim;
	struct err none = { 0 };
	int64_t over = drill_due(s, "phase.redundant");

	e->timer = 0;
	while (s->drill.begun && watch_tell_one(e))
		;
	if (over >= 0 && over <= loop_now_ms(s->loop) && !drill_fault(&s->drill, FAULT_UNFENCED)) {
		exec_say(e, "@%s end\t%zu\t0", e->req.nonce, e->req.tasks[0]->index);
		exec_end(e, 0, &none);
		return;
	}
	exec_after(e, TICK_MS, watch_tick);
}

void
simdrill_watch(struct exec *e)
{
	e->next = 0;
	exec_say(e, "@%s begin\t%zu", e->req.nonce, e->req.tasks[0]->index);
	watch_tick(e);
}

/* ---- audit ---- */

void
simdrill_audit(struct exec *e)
{
	const struct sim_drill *d = &e->on->sim->drill;
	const struct task *t = e->req.tasks[0];
	struct err none = { 0 };
	bool twice = drill_fault(d, FAULT_TWICE), unfenced = drill_fault(d, FAULT_UNFENCED);

	exec_say(e, "@%s begin\t%zu", e->req.nonce, t->index);
	if (twice)
		exec_say(e, "@%s reason\tvm-twice\t%s\t%s\t%s", e->req.nonce, d->args.vm, d->owner,
			 d->dest);
	else
		exec_say(e, "@%s passed\tvm-once\t%s", e->req.nonce, d->args.vm);
	if (unfenced)
		exec_say(e, "@%s reason\tnode-missing\t%s", e->req.nonce, d->args.node);
	else
		exec_say(e, "@%s passed\tnodes-back", e->req.nonce);
	exec_say(e, "@%s passed\tno-constraint", e->req.nonce);
	exec_say(e, "@%s end\t%zu\t%d", e->req.nonce, t->index, twice || unfenced ? 7 : 0);
	exec_end(e, 0, &none);
}

/* ---- probes ---- */

struct sim_ping {
	struct ping base;
	struct sim *sim;
	struct ping_spec spec;
	uint64_t seq, timer;
	unsigned connection;
	bool silent; /* the last probe was lost */
	bool forgot;
};

/* Has the VM stopped answering, is it another boot, is the old connection gone? */
static bool
guest_is_silent(const struct sim *s, int64_t now)
{
	const struct sim_drill *d = &s->drill;
	int64_t from = drill_due(s, "silence.from"), until = drill_due(s, "silence.until");

	if (from < 0 || drill_is_idle(&d->args, d->owner) || now < from || drill_fault(d, FAULT_FAIL))
		return false;
	return until < 0 || drill_fault(d, FAULT_UNFENCED) || now < until;
}

static bool
guest_says(const struct sim *s, const char *name, const char *wanted, int64_t now)
{
	const struct sim_drill *d = &s->drill;
	int64_t until = drill_due(s, "silence.until");
	const char *text = d->begun ? drill_text(d->task, name, d->args.variant) : NULL;

	return text && !strcmp(text, wanted) && until >= 0 && now >= until &&
	       !drill_fault(d, FAULT_FAIL) && !drill_is_idle(&d->args, d->owner);
}

static void
ping_number_one(struct sim_ping *p, int64_t now)
{
	struct sim *s = p->sim;
	struct ping_number n = { .at_ms = now };
	CLEAN_STR seed = STR_INIT(256);
	bool again = guest_says(s, "guest.nonce", "new", now);

	str_addf(&seed, "%s/%lld", p->spec.vm->name, again ? (long long)s->drill.begun_ms : 0LL);
	snprintf(n.said.nonce, sizeof n.said.nonce, "%016llx",
		 (unsigned long long)hash64(str_text(&seed), seed.len));
	if (again && !p->forgot && drill_fault(&s->drill, FAULT_FORGET)) {
		p->forgot = true;
		s->guest_number -= s->guest_number > 2 ? 2 : s->guest_number;
	}
	n.said.number = ++s->guest_number;
	if (p->silent && guest_says(s, "guest.connection", "lost", now))
		p->connection++;
	n.connection = p->connection;
	p->spec.on_number(p->spec.ctx, &n);
}

static void
ping_tick(void *ctx)
{
	struct sim_ping *p = ctx;
	int64_t now = loop_now_ms(p->sim->loop);
	bool silent = guest_is_silent(p->sim, now);
	uint64_t shake = hash64(&p->seq, sizeof p->seq) % 600;
	struct ping_sample sample = { p->seq++, now, silent ? PING_LOST : 300 + (int32_t)shake };

	p->timer = loop_timer_add(p->sim->loop, PING_INTERVAL_MS, ping_tick, p);
	if (!silent && p->spec.port)
		ping_number_one(p, now);
	p->silent = silent;
	p->spec.on_sample(p->spec.ctx, &sample);
}

static struct ping *
sim_ping_stop(struct ping *ping)
{
	struct sim_ping *p = (struct sim_ping *)ping;

	loop_timer_del(p->sim->loop, p->timer);
	free(p);
	return NULL;
}

static const struct ping_ops sim_ping_ops = { .stop = sim_ping_stop };

struct ping *
sim_ping_start(struct sim *s, const struct ping_spec *spec)
{
	struct sim_ping *p = xcalloc(1, sizeof *p);

	p->base.ops = &sim_ping_ops;
	p->sim = s;
	p->spec = *spec;
	p->connection = 1;
	s->drill.begun = false; /* the drill that was before this one is over */
	p->timer = loop_timer_add(s->loop, 0, ping_tick, p);
	return &p->base;
}
