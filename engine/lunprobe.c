/* target/probe: the console itself looks at a LUN through its portal, so that what the nodes
 * will see can be told from anything else. One probe for each LUN. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/nls.h"
#include "engine/lunprobe.h"
#include "engine/probe.h"
#include "engine/services.h"

enum { PROBE_TIMEOUT_MS = 30 * 1000 };

struct lunprobe {
	const struct native_call *call;
	char initiator[IQN_SIZE];
	int via_port;
	struct probe *probe; /* once it is under way */
};

static void
lunprobe_tell(struct lunprobe *p, const char *kind, const char *id, const char *a, const char *b)
{
	const char *const args[] = { id, a, b };

	p->call->tell(p->call->ctx, kind, args, 3);
}

static void
lunprobe_end(struct lunprobe *p, int code, const struct err *err)
{
	const struct native_call *call = p->call;

	free(p);
	call->done(call->ctx, code, err);
}

/* "naa.6001405…" as the kernel has it; values carry NAA names without their prefix. */
static const char *
wwid_value(const char *wwid)
{
	return str_starts(wwid, "naa.") ? wwid + 4 : wwid;
}

static void
lunprobe_say(struct lunprobe *p, const struct probe_lun *l)
{
	CLEAN_STR line = STR_INIT(1024);

	str_addf(&line, "LUN %u  %llu bytes  %s", l->number, (unsigned long long)l->size_bytes, l->wwid);
	p->call->say(p->call->ctx, str_text(&line));
}

static void
lunprobe_judge(struct lunprobe *p, const struct probe_lun *l)
{
	const struct lun *wanted = p->call->task->lun;
	char is[32], should[32];

	lunprobe_say(p, l);
	if (!*l->wwid) {
		lunprobe_tell(p, "reason", "no-wwid", wanted->name, "");
		lunprobe_end(p, 1, NULL);
		return;
	}
	p->call->tell(p->call->ctx, "value", (const char *[]){ "lun.wwid", wwid_value(l->wwid) }, 2);
	if (l->size_bytes != wanted->size) {
		snprintf(is, sizeof is, "%llu", (unsigned long long)l->size_bytes);
		snprintf(should, sizeof should, "%llu", (unsigned long long)wanted->size);
		p->call->tell(p->call->ctx, "reason",
			      (const char *[]){ "size", wanted->name, is, should }, 4);
		lunprobe_end(p, 7, NULL);
		return;
	}
	lunprobe_end(p, 0, NULL);
}

static void
lunprobe_done(void *ctx, struct probe_result *take_result, const struct err *err)
{
	struct lunprobe *p = ctx;
	const struct task *t = p->call->task;
	const struct probe_target *target;
	const struct probe_lun *l, *found = NULL;

	vec_each(target, &take_result->targets)
		if (!strcmp(target->iqn, t->target->iqn))
			vec_each(l, &target->luns)
				if (l->number == t->lun->number)
					found = l;
	if (found) {
		lunprobe_judge(p, found);
	} else if (err->code) {
		lunprobe_end(p, -1, err);
	} else {
		lunprobe_tell(p, "reason", "absent", t->lun->name, t->target->iqn);
		lunprobe_end(p, 7, NULL);
	}
	probe_result_free(take_result);
}

static void
lunprobe_go(struct lunprobe *p)
{
	const struct target *target = p->call->task->target;
	CLEAN_STR name = STR_INIT(256);
	struct err err = { 0 };
	struct probe_request req = {
		.host = target->portal,
		.port = target->port ? target->port : PROBE_PORT,
		.via_host = p->via_port ? "127.0.0.1" : NULL,
		.via_port = p->via_port,
		.initiator = p->initiator,
		.target = target->iqn,
		.timeout_ms = PROBE_TIMEOUT_MS,
		/* what is on it is asked of the nodes, right before it matters */
		.identity_only = true,
		.on_done = lunprobe_done,
		.ctx = p,
	};

	str_addf(&name, "chap.%s", target->name);
	if (*target->chap_user && p->call->secret) {
		req.chap_user = target->chap_user;
		req.chap_secret = p->call->secret(p->call->ctx, str_text(&name));
	}
	p->probe = p->call->sv->probe->start(p->call->loop, &req, &err);
	if (!p->probe)
		lunprobe_end(p, -1, &err);
}

static void
lunprobe_forwarded(void *ctx, int local_port, const struct err *err)
{
	struct lunprobe *p = ctx;

	if (!local_port) {
		lunprobe_end(p, -1, err);
		return;
	}
	p->via_port = local_port;
	lunprobe_go(p);
}

/* The console may have no way to the storage network: then a node lends one. */
static void
lunprobe_begin(void *ctx)
{
	struct lunprobe *p = ctx;
	const struct native_call *call = p->call;
	const struct target *target = call->task->target;
	const struct node *via = *target->probe_via ? model_node(call->model, target->probe_via) : NULL;
	struct err err = { 0 };
	struct transport *way;

	model_console_iqn(target, p->initiator);
	if (!via) {
		lunprobe_go(p);
		return;
	}
	way = call->link(call->ctx, via, &err);
	if (way && way->ops->forward)
		way->ops->forward(way, target->portal, target->port ? target->port : PROBE_PORT,
				  lunprobe_forwarded, p);
	else
		lunprobe_end(p, -1, &err);
}

void *
lunprobe_check(const struct native_call *call)
{
	struct lunprobe *p = xcalloc(1, sizeof *p);

	p->call = call;
	loop_defer(call->loop, lunprobe_begin, p);
	return p;
}

void
lunprobe_cancel(void *work)
{
	struct lunprobe *p = work;

	loop_forget(p->call->loop, p);
	if (p->probe)
		p->call->sv->probe->cancel(p->probe);
	free(p);
}
