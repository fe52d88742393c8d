/* How far a move has come, as the hypervisor itself tells it, beside the script that moves. A
 * drill's check names the node to look at: "value drill.follow NODE", and "drill.domain NAME" where libvirt calls the VM something else. */
#include <inttypes.h>
#include "base/nls.h"
#include "engine/drillpriv.h"
#include "engine/virt.h"

static void
virt_line(struct drill *d, const struct str *line)
{
	drill_emit(d, &(struct drill_event){ .type = DRILL_EV_OUTPUT,
					     .node = drill_told(d, "drill.follow"),
					     .text = str_text(line), .len = line->len });
}

static void
on_job(void *ctx, const struct virt_job *job)
{
	struct drill *d = ctx;

	d->progress_done = (int)(job->done >> 20);
	d->progress_total = (int)(job->total >> 20);
	if (d->progress_done > d->progress_total)
		d->progress_done = d->progress_total;
	d->virt_downtime_ms = job->downtime_ms;
	drill_emit(d, &(struct drill_event){ .type = DRILL_EV_PROGRESS,
					     .node = drill_told(d, "drill.follow") });
}

static void
on_state(void *ctx, const char *state)
{
	struct drill *d = ctx;
	CLEAN_STR line = STR_INIT(256);

	str_addf(&line, "libvirt: %s: %s\n", d->opts.args.vm, state);
	virt_line(d, &line);
}

/* The drill measures without it. */
static void
on_fail(void *ctx, const struct err *err)
{
	struct drill *d = ctx;
	CLEAN_STR line = STR_INIT(1024);

	str_addf(&line, "%s\n", err->what);
	virt_line(d, &line);
}

void
drill_follow(struct drill *d)
{
	const char *told = drill_told(d, "drill.follow");
	const char *domain = drill_told(d, "drill.domain");
	const struct node *node = told ? model_node(d->plan->model, told) : NULL;
	struct virt_spec spec = { .domain = domain && *domain ? domain : d->opts.args.vm, .on_job = on_job,
				  .on_state = on_state, .on_fail = on_fail, .ctx = d };
	struct err err = { 0 };
	struct way *w = node && d->sv->virt ? way_for(d, node, &err) : NULL;

	d->virt_downtime_ms = VIRT_NOT_TOLD;
	if (!w)
		return;
	spec.via = w->transport;
	d->virt = d->sv->virt->follow(d->loop, &spec, &err);
}

void
drill_unfollow(struct drill *d)
{
	CLEAN_STR line = STR_INIT(256);

	if (!d->virt)
		return;
	d->virt = d->sv->virt->stop(d->virt);
	if (d->virt_downtime_ms == VIRT_NOT_TOLD)
		return;
	str_addf(&line, "libvirt: downtime %" PRId64 " ms\n", d->virt_downtime_ms);
	virt_line(d, &line);
}
