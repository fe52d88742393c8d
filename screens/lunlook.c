/* One target after the other: a way to its portal, a probe through it, and what it found. */
#include "screens/lunlook.h"

#include <string.h>
#include "base/nls.h"
#include "engine/probe.h"
#include "engine/transport.h"

enum { LOOK_MS = 30 * 1000 };

struct lunlook {
	struct wizard *w;
	void (*changed)(void *ctx);
	void *ctx;
	size_t next; /* target of the model */
	bool runs;
	char initiator[IQN_SIZE];
	struct transport *way; /* a node lends it; NULL = straight on */
	struct probe *probe;
	struct probe_result *found; /* of all targets so far */
	struct lun_rows rows;
	struct err trouble;
};

static void look_on(void *lunlook);

static void
way_close(struct lunlook *k)
{
	struct transport *way = k->way;
	k->way = NULL;
	if (way)
		way->ops->close(way);
}

/* Never from within the way's own call: it is closed here. */
static void
look_next(struct lunlook *k, const struct err *err)
{
	if (err && err->code)
		k->trouble = *err;
	k->next++;
	loop_defer(k->w->loop, look_on, k);
}

static void
found_take(struct lunlook *k, struct probe_result *r)
{
	const struct probe_target *t;
	vec_each(t, &r->targets)
		vec_push(&k->found->targets, *t);
	r->targets.n = 0;
	probe_result_free(r);
	viewmap_probed(k->w->map, k->found);
}

static void
probe_done(void *ctx, struct probe_result *take_result, const struct err *err)
{
	struct lunlook *k = ctx;
	const struct probe_target *t;
	k->probe = NULL;
	vec_each(t, &take_result->targets)
		if (t->err.code)
			k->trouble = t->err;
		else if (t->auth_needed)
			err_set(&k->trouble, E_INPUT, _("the target %s lets nobody look without a login"),
				t->iqn);
	found_take(k, take_result);
	look_next(k, err);
}

static void
probe_begin(struct lunlook *k, int via_port)
{
	const struct target *t = &k->w->ws.model.targets.at[k->next];
	struct err err = { 0 };
	const struct probe_request request = {
		.host = t->portal,
		.port = t->port ? t->port : PROBE_PORT,
		.via_host = via_port ? "127.0.0.1" : NULL,
		.via_port = via_port,
		.initiator = k->initiator,
		.target = t->iqn,
		.timeout_ms = LOOK_MS,
		.on_done = probe_done,
		.ctx = k,
	};
	k->probe = k->w->setup.sv->probe->start(k->w->loop, &request, &err);
	if (!k->probe)
		look_next(k, &err);
}

static void
forwarded(void *ctx, int local_port, const struct err *err)
{
	struct lunlook *k = ctx;
	if (!k->way)
		return; /* it is being closed */
	if (local_port)
		probe_begin(k, local_port);
	else
		look_next(k, err);
}

/* The console may have no way to the storage network: then a node lends one. */
static void
target_begin(struct lunlook *k)
{
	const struct model *m = &k->w->ws.model;
	const struct target *t = &m->targets.at[k->next];
	const struct node *via = *t->probe_via ? model_node(m, t->probe_via) : NULL;
	struct err err = { 0 };
	model_console_iqn(t, k->initiator);
	if (!via) {
		probe_begin(k, 0);
		return;
	}
	k->way = k->w->setup.sv->connect(k->w->loop, m, k->w->ws.world, via, &k->w->asker, &err);
	if (k->way && k->way->ops->forward)
		k->way->ops->forward(k->way, t->portal, t->port ? t->port : PROBE_PORT, forwarded, k);
	else
		look_next(k, &err);
}

static void
look_on(void *lunlook)
{
	struct lunlook *k = lunlook;
	way_close(k);
	k->runs = k->next < k->w->ws.model.targets.n;
	if (k->runs)
		target_begin(k);
	k->changed(k->ctx);
}

struct lunlook *
lunlook_new(struct wizard *w, void (*changed)(void *ctx), void *ctx)
{
	struct lunlook *k = xcalloc(1, sizeof *k);
	*k = (struct lunlook){ .w = w, .changed = changed, .ctx = ctx, .found = probe_result_new() };
	k->runs = w->ws.world != WORLD_SIMULATED && w->setup.sv->probe;
	if (k->runs)
		loop_defer(w->loop, look_on, k);
	return k;
}

struct lunlook *
lunlook_free(struct lunlook *k)
{
	if (k->probe)
		k->w->setup.sv->probe->cancel(k->probe);
	way_close(k);
	loop_forget(k->w->loop, k);
	if (k->w->map)
		viewmap_probed(k->w->map, NULL);
	lun_rows_done(&k->rows);
	probe_result_free(k->found);
	free(k);
	return NULL;
}

bool
lunlook_runs(const struct lunlook *k)
{
	return k->runs;
}

const struct err *
lunlook_trouble(const struct lunlook *k)
{
	return k->trouble.code ? &k->trouble : NULL;
}

const struct lun_rows *
lunlook_rows(struct lunlook *k)
{
	lun_rows_fill(k->w->map, k->found, &k->rows);
	return &k->rows;
}

void
lun_row_tell(const struct lun_row *row, struct str *out)
{
	CLEAN_STR name = STR_INIT(256), size = STR_INIT(64), content = STR_INIT(512);
	lun_row_name(row, &name);
	size_print(row->size_bytes, &size);
	lun_row_content(row, &content);
	str_addf(out, _("LUN %s: %s, on it: %s."), str_text(&name), str_text(&size), str_text(&content));
	str_add(out, "\n");
	lun_row_reason(row, out);
	str_add(out, "\n");
	if (*row->tail) {
		str_addf(out, _("Its identity ends in %s."), row->tail);
		str_add(out, "\n");
	}
	str_addf(out, P_("%zu node is logged in", "%zu nodes are logged in", row->logged_in), row->logged_in);
	str_add(out, _("; "));
	str_addf(out, P_("%zu registration.", "%zu registrations.", row->registered), row->registered);
	str_add(out, "\n");
}
