/* A probe of one portal: is it there, which targets does it offer, and what is on their LUNs.
 * Targets and LUNs are looked at side by side, a few at a time. */
#include "backends/portalscan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "backends/iscsi.h"
#include "backends/lunscan.h"
#include "backends/reach.h"
#include "backends/scsi.h"
#include "base/nls.h"
#include "base/str.h"
#include "base/text.h"

enum {
	TARGETS_AT_ONCE = 4,
	LUNS_AT_ONCE = 4,
	LUNS_MAX = 256,    /* of one target */
	TARGETS_MAX = 256, /* of one portal */
	PORTALS_MAX = 32,  /* of one target */
	COMMAND_S = 5,
	DEFAULT_MS = 10000,
};

/* A login to one target. */
struct visit {
	struct probe *probe;
	size_t target; /* index in result->targets */
	struct biscsi *session;
	unsigned numbers[LUNS_MAX];
	size_t count, next, done;
	struct slot {
		struct visit *visit;
		struct lunscan *scan;
	} slots[LUNS_AT_ONCE];
};

struct probe {
	struct loop *loop;
	struct probe_result *result;
	struct err err;
	int64_t started_ms, timeout_ms;
	uint64_t deadline;
	char host[256], initiator[PROBE_IQN], target[PROBE_IQN], user[256];
	int port;
	bool names_only, identity_only;
	char *secret;
	char *address; /* numeric, where sessions go */
	struct reach *reach;
	struct biscsi *discovery;
	struct visit *visits[TARGETS_AT_ONCE];
	size_t next_target, targets_done;
	void (*on_done)(void *ctx, struct probe_result *take_result, const struct err *err);
	void *ctx;
};

static void visits_fill(struct probe *p);
static void luns_fill(struct visit *v);

/* --- the end --- */

static int
lun_order(const void *a, const void *b)
{
	const struct probe_lun *x = a, *y = b;

	return (x->number > y->number) - (x->number < y->number);
}

static void
probe_free(struct probe *p)
{
	reach_cancel(p->reach);
	biscsi_abort(p->discovery);
	loop_timer_del(p->loop, p->deadline);
	loop_forget(p->loop, p);
	if (p->secret)
		explicit_bzero(p->secret, strlen(p->secret));
	free(p->secret);
	free(p->address);
	probe_result_free(p->result);
	free(p);
}

/* Ends a visit whose work is done or has failed; no scan may be under way. */
static void
visit_end(struct visit *v)
{
	struct probe *p = v->probe;
	struct probe_target *t = &p->result->targets.at[v->target];

	biscsi_close(v->session);
	if (t->luns.n)
		qsort(t->luns.at, t->luns.n, sizeof *t->luns.at, lun_order);
	for (size_t i = 0; i < TARGETS_AT_ONCE; i++)
		if (p->visits[i] == v)
			p->visits[i] = NULL;
	p->targets_done++;
	free(v);
}

/* Ends a visit in the middle; what its scans have learned is kept. */
static void
visit_break(struct visit *v, const struct err *why)
{
	struct probe_target *t = &v->probe->result->targets.at[v->target];
	bool scanning = false;

	v->session = biscsi_abort(v->session);
	for (size_t i = 0; i < LUNS_AT_ONCE; i++) {
		if (!v->slots[i].scan)
			continue;
		lunscan_give_up(v->slots[i].scan, why, vec_add(&t->luns));
		scanning = true;
	}
	if (!t->err.code && (!scanning || v->next < v->count))
		t->err = *why;
	visit_end(v);
}

static void
probe_end(void *ctx)
{
	struct probe *p = ctx;
	struct probe_result *result = p->result;
	struct err err = p->err;
	void (*on_done)(void *, struct probe_result *, const struct err *) = p->on_done;
	void *done_ctx = p->ctx;

	result->took_ms = loop_now_ms(p->loop) - p->started_ms;
	p->discovery = biscsi_close(p->discovery);
	p->result = NULL;
	probe_free(p);
	on_done(done_ctx, result, &err);
}

static void
probe_fail(struct probe *p, const struct err *err)
{
	p->err = *err;
	loop_defer(p->loop, probe_end, p);
}

static void
on_deadline(void *ctx)
{
	struct probe *p = ctx;
	struct err err;

	p->deadline = 0;
	err_set(&err, E_TIMEOUT, _("no answer from %s within %.1f s"), p->result->portal,
		(double)p->timeout_ms / 1000);
	err_hint(&err, _("A firewall may drop the packets, or the target is stuck; --timeout=S waits "
			 "longer."));
	for (size_t i = 0; i < TARGETS_AT_ONCE; i++)
		if (p->visits[i])
			visit_break(p->visits[i], &err);
	for (; p->next_target < p->result->targets.n; p->next_target++)
		p->result->targets.at[p->next_target].err = err;
	p->reach = reach_cancel(p->reach);
	p->discovery = biscsi_abort(p->discovery);
	loop_forget(p->loop, p);
	p->err = err;
	probe_end(p);
}

static void
probe_cancel(struct probe *p)
{
	struct err none = { .code = E_CANCELLED };

	for (size_t i = 0; i < TARGETS_AT_ONCE; i++)
		if (p->visits[i])
			visit_break(p->visits[i], &none);
	probe_free(p);
}

/* --- LUNs --- */

static void
on_lun(void *ctx, const struct probe_lun *lun, bool is_disk)
{
	struct slot *slot = ctx;
	struct visit *v = slot->visit;
	struct probe_target *t = &v->probe->result->targets.at[v->target];

	slot->scan = NULL;
	v->done++;
	if (is_disk)
		vec_push(&t->luns, *lun);
	else
		t->others++;
	luns_fill(v);
}

static void
luns_fill(struct visit *v)
{
	struct probe *p = v->probe;

	for (size_t i = 0; i < LUNS_AT_ONCE && v->next < v->count; i++) {
		if (v->slots[i].scan)
			continue;
		v->slots[i].visit = v;
		v->slots[i].scan = lunscan_start(p->loop, v->session, v->numbers[v->next++],
						 !p->identity_only, on_lun, &v->slots[i]);
	}
	if (v->done < v->count)
		return;
	visit_end(v);
	visits_fill(p);
}

static void
on_luns(void *ctx, const struct biscsi_answer *a)
{
	struct visit *v = ctx;
	struct probe_target *t = &v->probe->result->targets.at[v->target];
	struct err *err = &t->err;

	if (!a->ok) {
		*err = a->err;
	} else {
		v->count = scsi_luns_parse(a->data, a->n, v->numbers, LUNS_MAX);
		if (v->count > LUNS_MAX) {
			err_set(err, E_REMOTE, _("it has more than %d LUNs; the others were not looked at"),
				LUNS_MAX);
			err_hint(err, _("Give the cluster a target of its own."));
			v->count = LUNS_MAX;
		}
	}
	luns_fill(v);
}

/* --- targets --- */

static void
on_login(void *ctx, const struct err *err)
{
	struct visit *v = ctx;
	struct probe *p = v->probe;
	struct probe_target *t = &p->result->targets.at[v->target];
	unsigned char cdb[SCSI_CDB];

	if (!err->code) {
		scsi_luns_cdb(cdb, 16 + 8 * 2 * LUNS_MAX);
		biscsi_command(v->session, 0, cdb, NULL, 16 + 8 * 2 * LUNS_MAX, on_luns, v);
		return;
	}
	t->err = *err;
	if (err->code == E_AUTH) {
		t->auth_needed = !p->user[0];
		t->auth_failed = p->user[0];
		if (t->auth_needed) {
			err_set(&t->err, E_AUTH, _("the target wants a CHAP login"));
			err_hint(&t->err, _("Give --chap-user=USER and --secrets=FILE."));
		}
	}
	visit_end(v);
	visits_fill(p);
}

static void
visit_start(struct probe *p, size_t slot)
{
	struct visit *v = xcalloc(1, sizeof *v);
	struct biscsi_spec spec = {
		.portal = p->address,
		.initiator = p->initiator,
		.target = p->result->targets.at[p->next_target].iqn,
		.user = p->user[0] ? p->user : NULL,
		.secret = p->secret,
		.command_s = COMMAND_S,
	};

	v->probe = p;
	v->target = p->next_target++;
	p->visits[slot] = v;
	v->session = biscsi_open(p->loop, &spec, on_login, v);
}

static void
visits_fill(struct probe *p)
{
	for (size_t i = 0; i < TARGETS_AT_ONCE && p->next_target < p->result->targets.n; i++)
		if (!p->visits[i])
			visit_start(p, i);
	if (p->targets_done == p->result->targets.n)
		loop_defer(p->loop, probe_end, p);
}

static struct probe_target *
target_get(struct probe *p, const char *iqn)
{
	struct probe_target *t;

	vec_each(t, &p->result->targets)
		if (strcmp(t->iqn, iqn) == 0)
			return t;
	if (p->result->targets.n == TARGETS_MAX)
		return NULL;
	t = vec_add(&p->result->targets);
	str_put(t->iqn, sizeof t->iqn, iqn);
	return t;
}

/* RFC 3720 3.2.6: names hold letters, digits, '-', '.', ':' — anything else was not typed by an
 * honest administrator, and is not passed on to a login. */
static bool
name_is_sane(const char *iqn)
{
	for (const unsigned char *c = (const unsigned char *)iqn; *c; c++)
		if (*c <= ' ' || *c == 0x7f)
			return false;
	return *iqn && strlen(iqn) < PROBE_IQN;
}

static void
on_target(void *ctx, const char *iqn, const char *portal)
{
	struct probe *p = ctx;
	struct probe_target *t;
	CLEAN_STR name = STR_INIT(1024);
	CLEAN_STR clean = STR_INIT(PROBE_ADDRESS * 4);

	text_clean(&name, iqn, strlen(iqn), false);
	if (!name_is_sane(iqn) || strcmp(str_text(&name), iqn) != 0 ||
	    (p->target[0] && strcmp(p->target, iqn) != 0))
		return;
	t = target_get(p, iqn);
	if (!t || !portal || t->portals.n == PORTALS_MAX)
		return;
	text_clean(&clean, portal, strlen(portal), false);
	vec_push(&t->portals, str_steal(&clean));
}

static void
none_offered(struct probe *p)
{
	struct err err;

	if (p->target[0]) {
		err_set(&err, E_REMOTE, _("the portal does not offer '%s'"), p->target);
		err_hint(&err, _("Leave --target out to see what it offers this initiator."));
	} else {
		err_set(&err, E_REMOTE, _("the portal offers no target to '%s'"), p->initiator);
		err_hint(&err, _("The target's access list must name this initiator."));
	}
	probe_fail(p, &err);
}

static void
on_discovery(void *ctx, const struct err *err)
{
	struct probe *p = ctx;

	p->discovery = biscsi_close(p->discovery);
	/* some targets protect discovery with another login: a target that was named is tried all
	 * the same */
	if (err->code == E_AUTH && p->target[0])
		target_get(p, p->target);
	else if (err->code) {
		probe_fail(p, err);
		return;
	}
	if (p->result->targets.n == 0)
		none_offered(p);
	else if (p->names_only)
		loop_defer(p->loop, probe_end, p);
	else
		visits_fill(p);
}

static void
on_discovery_login(void *ctx, const struct err *err)
{
	struct probe *p = ctx;

	if (err->code)
		on_discovery(p, err);
	else
		biscsi_discover(p->discovery, on_target, on_discovery, p);
}

static void
on_reached(void *ctx, const char *address, const struct err *err)
{
	struct probe *p = ctx;
	struct biscsi_spec spec = {
		.portal = address,
		.initiator = p->initiator,
		.user = p->user[0] ? p->user : NULL,
		.secret = p->secret,
		.command_s = COMMAND_S,
	};

	p->reach = NULL;
	if (!address) {
		probe_fail(p, err);
		return;
	}
	p->address = xstrdup(address);
	p->discovery = biscsi_open(p->loop, &spec, on_discovery_login, p);
}

/* --- the start --- */

static int
request_check(const struct probe_request *req, struct err *err)
{
	if (!req->host || !req->host[0] || req->port < 1 || req->port > 65535)
		return err_set(err, E_INPUT, _("no portal to probe was given"));
	if (!req->initiator || !name_is_sane(req->initiator))
		return err_set(err, E_INPUT, _("no initiator name (IQN) was given"));
	if (req->target && !name_is_sane(req->target))
		return err_set(err, E_INPUT, _("'%s' is not the name of a target"), req->target);
	if (req->chap_user && (!req->chap_secret || strlen(req->chap_secret) > 255 ||
			       strlen(req->chap_user) > 255))
		return err_set(err, E_INPUT, _("the CHAP user has no secret, or one of them is too long"));
	return 0;
}

static struct probe *
probe_start(struct loop *l, const struct probe_request *req, struct err *err)
{
	struct probe *p;

	if (request_check(req, err) != 0)
		return NULL;
	p = xcalloc(1, sizeof *p);
	p->loop = l;
	p->result = probe_result_new();
	p->started_ms = loop_now_ms(l);
	p->timeout_ms = req->timeout_ms > 0 ? req->timeout_ms : DEFAULT_MS;
	p->names_only = req->names_only;
	p->identity_only = req->identity_only;
	p->on_done = req->on_done;
	p->ctx = req->ctx;
	str_put(p->initiator, sizeof p->initiator, req->initiator);
	str_put(p->target, sizeof p->target, req->target ? req->target : "");
	if (req->chap_user) {
		str_put(p->user, sizeof p->user, req->chap_user);
		p->secret = xstrdup(req->chap_secret);
	}
	snprintf(p->result->portal, sizeof p->result->portal,
		 strchr(req->host, ':') ? "[%.255s]:%d" : "%.255s:%d", req->host, req->port);
	p->deadline = loop_timer_add(l, p->timeout_ms, on_deadline, p);
	p->reach = reach_start(l, req->via_host ? req->via_host : req->host,
			       req->via_host ? req->via_port : req->port, on_reached, p);
	return p;
}

const struct probe_ops portalscan_ops = { .start = probe_start, .cancel = probe_cancel };
