/* Commands on this machine, by the same wire as over SSH: the script and its secrets go through a
 * pipe, so they show here in no process list either. */
#include "backends/local.h"
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include "backends/wire.h"
#include "base/alloc.h"
#include "base/nls.h"
#include "base/proc.h"
#include "base/vec.h"

enum { OUTPUT_MAX = 64 << 20 };

struct local {
	struct transport t; /* first */
	struct loop *loop;
	VEC(struct exec *) execs;
};

struct exec {
	struct local *local;
	struct exec_req req;
	struct proc *proc;
	struct wire_gate gate;
	struct str frames;
	struct err err; /* why it ended, when not by itself */
	uint64_t passed, deadline;
	bool cut;
};

static void
exec_free(struct exec *e)
{
	struct local *lo = e->local;
	size_t i;

	for (i = 0; i < lo->execs.n; i++)
		if (lo->execs.at[i] == e)
			break;
	vec_remove(&lo->execs, i);
	loop_forget(lo->loop, e);
	loop_timer_del(lo->loop, e->deadline);
	wire_gate_done(&e->gate);
	str_wipe(&e->frames);
	free(e);
}

static void
exec_finish(struct exec *e, int status)
{
	struct exec_req req = e->req;
	struct err err = e->err;

	if (e->proc)
		proc_abandon(e->proc);
	exec_free(e);
	req.on_done(req.ctx, status, &err);
}

/* From a fresh turn: never from inside exec() or cancel(). */
static void
on_given_up(void *ctx)
{
	exec_finish(ctx, 0);
}

static void
exec_give_up(struct exec *e, int code, const char *what)
{
	if (e->err.code)
		return;
	err_set(&e->err, code, "%s", what);
	loop_defer(e->local->loop, on_given_up, e);
}

static void
exec_pass(struct exec *e, int stream, const char *data, size_t n)
{
	static const char note[] = "\n[bascule: more output than 64 MiB; the rest was dropped]\n";
	size_t room = OUTPUT_MAX - e->passed, part = n < room ? n : room;
	bool cut = part < n && !e->cut;

	if (e->err.code || !e->req.on_out)
		return;
	e->passed += part;
	e->cut |= cut;
	if (part)
		e->req.on_out(e->req.ctx, stream, data, part);
	if (cut)
		e->req.on_out(e->req.ctx, 2, note, sizeof note - 1);
}

static void
on_out(void *ctx, int stream, const char *data, size_t n)
{
	struct exec *e = ctx;
	size_t used;

	if (e->gate.open) {
		exec_pass(e, stream, data, n);
		return;
	}
	if (stream != 1)
		return;
	used = wire_gate_feed(&e->gate, data, n);
	if (!e->gate.open)
		return;
	e->local->t.round_trips++;
	proc_write(e->proc, str_text(&e->frames), e->frames.len);
	proc_close_stdin(e->proc);
	str_wipe(&e->frames);
	if (used < n)
		exec_pass(e, stream, data + used, n - used);
}

static void
on_done(void *ctx, int status)
{
	struct exec *e = ctx;

	e->proc = NULL;
	if (!e->err.code && status < 0) {
		err_set(&e->err, E_REMOTE, _("the command was ended by signal %d"), -status);
		err_hint(&e->err, _("Look at this machine's log (memory, a kill)."));
	} else if (!e->err.code && !e->gate.open) {
		err_set(&e->err, E_REMOTE, _("the shell did not start (exit code %d)"), status);
		err_hint(&e->err, _("See whether /bin/sh works on this machine."));
	}
	exec_finish(e, e->err.code ? 0 : status);
}

static void
on_deadline(void *ctx)
{
	struct exec *e = ctx;

	e->deadline = 0;
	exec_give_up(e, E_TIMEOUT, _("the command took too long"));
}

static int
exec_start(struct exec *e)
{
	static const struct proc_ops ops = { .out = on_out, .done = on_done };
	CLEAN_STR command = STR_INIT(WIRE_EXEC_MAX);
	const char *argv[] = { "/bin/sh", "-c", NULL, NULL };
	struct proc_spec spec = { .argv = argv, .keep_stdin = true, .new_session = true };
	char nonce[WIRE_NONCE_SIZE];
	int rc;

	random_hex(nonce, sizeof nonce / 2);
	wire_gate_init(&e->gate, nonce);
	wire_command(&command, WIRE_SH, nonce);
	argv[2] = str_text(&command);
	e->frames = STR_INIT(2 * WIRE_SCRIPT_MAX);
	rc = wire_frames(&e->frames, WIRE_SH, &e->req, &e->err);
	if (rc < 0)
		return rc;
	e->proc = proc_start(e->local->loop, &spec, &ops, e, &e->err);
	return e->proc ? 0 : e->err.code;
}

static struct exec *
local_exec(struct transport *t, const struct exec_req *req)
{
	struct local *lo = (struct local *)t;
	struct exec *e = xcalloc(1, sizeof *e);

	e->local = lo;
	e->req = *req;
	vec_push(&lo->execs, e);
	if (exec_start(e) < 0)
		loop_defer(lo->loop, on_given_up, e);
	else if (req->deadline_ms > 0)
		e->deadline = loop_timer_add(lo->loop, req->deadline_ms, on_deadline, e);
	return e;
}

static void
local_cancel(struct transport *t, struct exec *e)
{
	(void)t;
	exec_give_up(e, E_CANCELLED, _("given up"));
}

static void
local_close(struct transport *t)
{
	struct local *lo = (struct local *)t;

	while (lo->execs.n) {
		struct exec *e = lo->execs.at[0];

		if (!e->err.code)
			err_set(&e->err, E_CANCELLED, "%s", _("the connection was closed"));
		exec_finish(e, 0);
	}
	vec_free(&lo->execs);
	free(lo);
}

static const struct transport_ops local_ops = {
	.name = "local",
	.exec = local_exec,
	.cancel = local_cancel,
	.close = local_close,
};

struct transport *
local_new(struct loop *l)
{
	struct local *lo = xcalloc(1, sizeof *lo);

	lo->t.ops = &local_ops;
	lo->loop = l;
	return &lo->t;
}
