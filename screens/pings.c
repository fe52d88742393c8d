/* Probes for the map: one ping for each VM that runs, by way of a machine that hosts none. */
#include "screens/pings.h"

#include <string.h>
#include "engine/ping.h"
#include "engine/transport.h"
#include "tui/glyph.h"

enum { SHOW_MS = 1000 };

struct pinged {
	struct pings *all;
	const struct vm *vm;
	struct ping *ping; /* NULL = not yet, or it can't be */
	bool failed;
	int64_t shown_ms;
	int32_t kept[PINGS_KEPT]; /* one a second, oldest first */
	size_t n;
};

struct pings {
	struct wizard *w;
	struct asker silent;
	struct transport *via; /* NULL = this machine */
	bool failed, paused, due;
	VEC(struct pinged *) vms;
};

/* A picture is not worth a question. */
static void
decline(void *front, const struct ask *question, ask_answer_fn answer, void *ctx)
{
	(void)front;
	(void)question;
	answer(ctx, NULL);
}

static void
sample_keep(struct pinged *p, int32_t rtt_us)
{
	if (p->n == PINGS_KEPT)
		memmove(p->kept, p->kept + 1, --p->n * sizeof *p->kept);
	p->kept[p->n++] = rtt_us;
}

/* Ten a second come; the eye gets one, and every turn at once. */
static void
sample_take(struct pinged *p, int32_t rtt_us)
{
	struct wizard *w = p->all->w;
	const struct map_vm *v = viewmap_vm(w->map, p->vm->name);
	int64_t now = loop_now_ms(w->loop);
	bool turned = v && v->pinged && (v->rtt_us < 0) != (rtt_us < 0);
	if (!turned && p->shown_ms && now - p->shown_ms < SHOW_MS)
		return;
	p->shown_ms = now;
	sample_keep(p, rtt_us);
	viewmap_ping(w->map, p->vm->name, rtt_us);
	w->front->changed(w);
}

static void
on_sample(void *ctx, const struct ping_sample *s)
{
	sample_take(ctx, s->rtt_us);
}

static void
on_number(void *ctx, const struct ping_number *n)
{
	(void)ctx;
	(void)n;
}

static void
on_fail(void *ctx, const struct err *err)
{
	struct pinged *p = ctx;
	(void)err;
	p->failed = true;
}

/* Never a hypervisor: what it hosts it would reach too easily. */
static bool
way_find(struct pings *all)
{
	struct wizard *w = all->w;
	const struct model *m = &w->ws.model;
	const struct node *n;
	struct err err = { 0 };
	if (all->via || w->ws.world == WORLD_SIMULATED)
		return true;
	vec_each(n, &m->nodes)
		if (!(n->roles & ROLE_HYPERVISOR) && n->state == PRESENT) {
			all->via = w->setup.sv->connect(w->loop, m, w->ws.world, n, &all->silent, &err);
			return all->via != NULL;
		}
	return true;
}

static void
ping_begin(struct pinged *p)
{
	struct pings *all = p->all;
	struct wizard *w = all->w;
	const struct map_vm *v = viewmap_vm(w->map, p->vm->name);
	struct err err = { 0 };
	if (p->ping || p->failed || all->failed || all->paused || !v || v->started != TELL_YES ||
	    !*p->vm->address)
		return;
	all->failed = !way_find(all);
	const struct ping_spec spec = {
		.world = w->ws.world, .via = all->via, .vm = p->vm,
		.on_sample = on_sample, .on_number = on_number, .on_fail = on_fail, .ctx = p,
	};
	if (!all->failed)
		p->ping = w->setup.sv->ping->start(w->loop, &spec, &err);
	p->failed = !p->ping;
}

static void
look(void *ctx)
{
	struct pings *all = ctx;
	struct pinged **p;
	all->due = false;
	vec_each(p, &all->vms)
		ping_begin(*p);
}

/* Not within what tells it: to begin may be to connect. */
void
pings_look(struct wizard *w)
{
	if (!w->pings || w->pings->due)
		return;
	w->pings->due = true;
	loop_defer(w->loop, look, w->pings);
}

static void
pings_end(struct pings *all)
{
	struct pinged **p;
	vec_each(p, &all->vms)
		if ((*p)->ping)
			(*p)->ping = all->w->setup.sv->ping->stop((*p)->ping);
	if (all->via)
		all->via->ops->close(all->via);
	all->via = NULL;
}

void
pings_start(struct wizard *w)
{
	if (w->pings || !w->map)
		return;
	struct pings *all = xcalloc(1, sizeof *all);
	const struct vm *vm;
	all->w = w;
	all->silent = (struct asker){ decline, NULL };
	vec_each(vm, &w->ws.model.vms) {
		struct pinged *p = xcalloc(1, sizeof *p);
		*p = (struct pinged){ .all = all, .vm = vm };
		vec_push(&all->vms, p);
	}
	w->pings = all;
	pings_look(w);
}

void
pings_stop(struct wizard *w)
{
	struct pings *all = w->pings;
	struct pinged **p;
	if (!all)
		return;
	loop_forget(w->loop, all);
	pings_end(all);
	vec_each(p, &all->vms)
		free(*p);
	vec_free(&all->vms);
	free(all);
	w->pings = NULL;
}

void
pings_pause(struct wizard *w, bool pause)
{
	if (!w->pings)
		return;
	if (pause)
		pings_end(w->pings);
	w->pings->paused = pause;
	pings_look(w);
}

static struct pinged *
pinged_of(const struct wizard *w, const char *vm)
{
	struct pinged **p;
	if (w->pings)
		vec_each(p, &w->pings->vms)
			if (!strcmp((*p)->vm->name, vm))
				return *p;
	return NULL;
}

void
pings_take(struct wizard *w, const char *vm, int32_t rtt_us)
{
	struct pinged *p = pinged_of(w, vm);
	if (p)
		sample_take(p, rtt_us);
	else if (w->map)
		viewmap_ping(w->map, vm, rtt_us);
}

/* Under 1, 2, 4 … ms: a bar has its height whatever stands beside it. */
static enum glyph
bar_of(int32_t rtt_us)
{
	int step = 0;
	if (rtt_us < 0)
		return GLYPH_PING_LOST;
	for (int32_t limit = 1000; step < 7 && rtt_us >= limit; limit *= 2)
		step++;
	return GLYPH_BAR_1 + (enum glyph)step;
}

void
pings_bars(const struct wizard *w, const char *vm, size_t most, struct str *out)
{
	const struct pinged *p = pinged_of(w, vm);
	for (size_t i = p && p->n > most ? p->n - most : 0; p && i < p->n; i++)
		str_add(out, glyph(bar_of(p->kept[i])));
}
