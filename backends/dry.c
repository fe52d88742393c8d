/* A dry run: real answers until something would be changed, simulated ones from then on. */
#include <stdlib.h>
#include <string.h>
#include "backends/filter.h"
#include "engine/marker.h"
#include "engine/plan.h"

struct dry {
	struct transport base;
	struct transport *inner, *simulated;
	struct sim *sim;
	bool touched; /* a change was swallowed: the real node no longer tells the truth */
	VEC(struct exec *) execs;
};

/* Wraps one exec, so that cancel() finds who really carries it, and checks can be overheard. */
struct exec {
	struct dry *dry;
	struct exec_req req;
	struct transport *by;
	struct exec *carried;
	struct marker_reader reader;
};

static void
overhear(void *ctx, const struct marker *m)
{
	struct exec *e = ctx;
	uint64_t index;

	if (strcmp(m->kind, "end") != 0 || strcmp(marker_arg(m, 1), "0") != 0 ||
	    !str_to_u64(marker_arg(m, 0), &index))
		return;
	for (size_t i = 0; i < e->req.ntasks; i++)
		if (e->req.tasks[i]->index == index)
			sim_learn(e->dry->sim, e->req.tasks[i]);
}

static void
ignore(void *ctx, const char *text, size_t n)
{
	(void)ctx;
	(void)text;
	(void)n;
}

static void
dry_out(void *ctx, int stream, const char *data, size_t n)
{
	struct exec *e = ctx;

	if (stream == 1 && e->by == e->dry->inner)
		marker_feed(&e->reader, data, n);
	e->req.on_out(e->req.ctx, stream, data, n);
}

static void
dry_done(void *ctx, int status, const struct err *err)
{
	struct exec *e = ctx;
	struct exec_req req = e->req;
	struct dry *d = e->dry;

	for (size_t i = 0; i < d->execs.n; i++)
		if (d->execs.at[i] == e) {
			vec_remove(&d->execs, i);
			break;
		}
	marker_done(&e->reader);
	free(e);
	req.on_done(req.ctx, status, err);
}

/* The simulation's part: every change, all after it, and what no script does. */
static bool
dry_is_simulated(struct dry *d, const struct exec_req *req)
{
	if (req->verb != VERB_CHECK)
		d->touched = true;
	if (d->touched)
		return true;
	for (size_t i = 0; i < req->ntasks; i++)
		if (req->tasks[i]->step->run == RUN_NATIVE)
			return true;
	return false;
}

static struct exec *
dry_exec(struct transport *t, const struct exec_req *req)
{
	struct dry *d = (struct dry *)t;
	struct exec *e = xcalloc(1, sizeof *e);
	struct exec_req through = *req;

	e->dry = d;
	e->req = *req;
	e->by = dry_is_simulated(d, req) ? d->simulated : d->inner;
	e->by->on_link = t->on_link;
	e->by->link_ctx = t->link_ctx;
	marker_init(&e->reader, req->nonce ? req->nonce : "");
	e->reader.on_marker = overhear;
	e->reader.on_log = ignore;
	e->reader.ctx = e;
	vec_push(&d->execs, e);
	through.on_out = dry_out;
	through.on_done = dry_done;
	through.ctx = e;
	e->carried = e->by->ops->exec(e->by, &through);
	return e;
}

static void
dry_cancel(struct transport *t, struct exec *e)
{
	(void)t;
	e->by->ops->cancel(e->by, e->carried);
}

static void
dry_close(struct transport *t)
{
	struct dry *d = (struct dry *)t;

	d->inner->ops->close(d->inner);
	d->simulated->ops->close(d->simulated);
	vec_free(&d->execs);
	free(d);
}

static const struct transport_ops dry_ops = {
	.name = "dry",
	.exec = dry_exec,
	.cancel = dry_cancel,
	.close = dry_close,
};

struct transport *
dry_new(struct transport *take_inner, struct sim *sim, const struct node *node)
{
	struct dry *d = xcalloc(1, sizeof *d);

	d->base.ops = &dry_ops;
	d->inner = take_inner;
	d->sim = sim;
	d->simulated = sim_connect(sim, node);
	return &d->base;
}
