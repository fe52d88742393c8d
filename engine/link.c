/* The run's links: one per node, opened when first needed, tried again when lost, and
 * watched through a reboot until the boot id is another one. */
#include <stdlib.h>
#include <string.h>
#include "base/nls.h"
#include "engine/runpriv.h"

static const char *
link_name(const struct link *l)
{
	return l->node ? l->node->name : _("console");
}

/* A change that must be confirmed is being made there. */
static bool
link_is_changed(const struct link *l)
{
	struct task **t;

	vec_each(t, &l->run->plan->tasks)
		if ((*t)->state == TASK_APPLYING && (*t)->node == l->node && task_is_confirmed(*t))
			return true;
	return false;
}

static void
link_told(void *ctx, enum link_state state, const struct err *err)
{
	struct link *l = ctx;

	/* A machine that restarts is silent, of course. */
	if (l->rebooting && state != LINK_UP)
		return;
	/* The address has moved under the connection: a new one must be there before the node takes
	 * everything back. */
	if (state == LINK_SILENT && link_is_changed(l))
		link_renew(l);
	run_emit(l->run,
		 &(struct event){ .type = EV_LINK, .node = l->node, .link = state, .err = err });
}

struct link *
link_for(struct run *r, const struct node *node)
{
	struct link **p, *l;
	struct err err = { 0 };

	vec_each(p, &r->links)
		if ((*p)->node == node)
			return *p;
	l = xcalloc(1, sizeof *l);
	l->run = r;
	l->node = node;
	vec_push(&r->links, l);
	l->transport = r->sv->connect(r->loop, r->plan->model, r->opts.world, node, &r->asker, &err);
	if (!l->transport) {
		l->failed = true;
		l->err = err;
		run_error(r, node, &err);
		return l;
	}
	l->transport->on_link = link_told;
	l->transport->link_ctx = l;
	return l;
}

/* The transport is not closed under its own callback. */
static void
link_open_anew(void *ctx)
{
	struct link *l = ctx;
	struct run *r = l->run;
	struct transport *old = l->transport;
	struct err err = { 0 };

	l->renew_due = false;
	if (l->failed || r->closing || !old)
		return;
	/* What ends now is lost, not given up. */
	l->waiting = true;
	old->ops->close(old);
	l->waiting = false;
	l->transport = r->sv->connect(r->loop, r->plan->model, r->opts.world, l->node, &r->asker, &err);
	if (l->transport) {
		l->transport->on_link = link_told;
		l->transport->link_ctx = l;
	} else {
		l->failed = true;
		l->err = err;
	}
	run_pump_later(r);
}

void
link_renew(struct link *l)
{
	if (l->renew_due)
		return;
	l->renew_due = true;
	l->waiting = true; /* nothing more goes over the old one */
	loop_defer(l->run->loop, link_open_anew, l);
}

static void
link_close(struct link *l)
{
	struct transport *t = l->transport;

	loop_timer_del(l->run->loop, l->retry_timer);
	loop_forget(l->run->loop, l);
	if (t)
		t->ops->close(t);
	l->transport = NULL;
}

static void
link_free(struct link *l)
{
	char **name;

	vec_each(name, &l->taken)
		free(*name);
	vec_free(&l->taken);
	vec_free(&l->guards);
	free(l);
}

/* What is given up as a transport is closed may be about any link, even one that is only made then. */
void
links_free(struct run *r)
{
	struct link **l;

	for (size_t i = 0; i < r->links.n; i++)
		link_close(r->links.at[i]);
	vec_each(l, &r->links)
		link_free(*l);
	vec_free(&r->links);
}

bool
link_is_ready(const struct link *l)
{
	return !l->failed && !l->waiting && !l->rebooting;
}

bool
link_is_lost(const struct link *l)
{
	return !l->failed && l->waiting;
}

static void
link_retry(void *ctx)
{
	struct link *l = ctx;

	l->retry_timer = 0;
	l->waiting = false;
	/* Renewing the lease asks for the boot id too, and is the smallest thing to send. */
	if (l->rebooting)
		trip_reboot(l);
	run_pump_later(l->run);
}

static void
link_try_again(struct link *l)
{
	l->waiting = true;
	if (!l->retry_timer)
		l->retry_timer = loop_timer_add(l->run->loop, RETRY_MS, link_retry, l);
}

/* Gives the node up: whatever was to run there cannot be told. */
static void
link_fail(struct link *l, const struct err *err)
{
	l->failed = true;
	l->waiting = false;
	l->err = *err;
	if (l->rebooting)
		run_fail(l->run, l->rebooting, TASK_FAILED, err);
	l->rebooting = NULL;
	run_error(l->run, l->node, err);
	run_pump_later(l->run);
}

/* It answers still, in the boot that should have ended: only its task fails. */
static void
link_never_restarted(struct link *l)
{
	struct task *t = l->rebooting;
	struct err e = { 0 };

	l->rebooting = NULL;
	err_set(&e, E_TIMEOUT, _("%s was told to restart, but did not"), link_name(l));
	err_hint(&e, _("Look on its console what keeps it from going down, restart it by hand, and run "
		       "again."));
	run_fail(l->run, t, TASK_FAILED, &e);
}

void
link_answered(struct link *l, int status)
{
	l->lost_since_ms = 0;
	if (status == 75)
		return;
	l->greeted = true;
	l->leased = l->run->opts.lease && l->node;
	if (!l->rebooting || l->waiting)
		return;
	if (loop_now_ms(l->run->loop) < l->reboot_until_ms)
		link_try_again(l);
	else
		link_never_restarted(l);
}

/* What a first contact fails with is final; a link that was there is tried again for a while,
 * and one whose node is being restarted until its time is up. */
void
link_broke(struct link *l, const struct err *err)
{
	int64_t now = loop_now_ms(l->run->loop);
	struct err e = *err;

	if (l->failed || l->run->closing || err->code == E_CANCELLED)
		return;
	if (!l->lost_since_ms)
		l->lost_since_ms = now;
	if (l->rebooting && now < l->reboot_until_ms) {
		link_try_again(l);
		return;
	}
	if (!l->rebooting && l->greeted && err->code != E_HOSTKEY && err->code != E_AUTH &&
	    now - l->lost_since_ms < LOST_PATIENCE_MS) {
		link_try_again(l);
		return;
	}
	if (l->rebooting)
		err_prefix(&e, _("%s did not come back after its restart"), link_name(l));
	link_fail(l, &e);
}

void
link_boot_heard(struct link *l, const char *boot)
{
	struct task *t = l->rebooting;

	if (!*boot)
		return;
	str_put(l->boot, sizeof l->boot, boot);
	if (!t || !strcmp(l->boot, l->old_boot))
		return;
	l->rebooting = NULL;
	run_state(l->run, t, TASK_VERIFYING);
	run_progress(l->run, t)->again = true;
	run_pump_later(l->run);
}

/* Restarts the node and waits for another boot id than the one of now. */
void
link_reboot(struct link *l, struct task *t)
{
	int limit_s = t->step->limit_s > REBOOT_PATIENCE_S ? t->step->limit_s : REBOOT_PATIENCE_S;

	str_put(l->old_boot, sizeof l->old_boot, l->boot);
	l->rebooting = t;
	l->reboot_until_ms = loop_now_ms(l->run->loop) + limit_s * 1000L;
	run_state(l->run, t, TASK_REBOOTING);
	trip_reboot(l);
}
