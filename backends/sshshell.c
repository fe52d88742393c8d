/* An interactive shell on a pseudo-terminal of the node. */
#include <stdlib.h>
#include <string.h>
#include "backends/sshinner.h"
#include "base/alloc.h"
#include "base/nls.h"

enum { INPUT_MAX = 1 << 20 };

enum shell_state { OPENING, PTY, STARTING, RUNNING, DONE };

struct shell {
	struct chan c; /* first */
	enum shell_state state;
	const struct shell_ops *ops;
	void *ctx;
	int columns, rows;
	bool resized;
	struct str input;
};

static void
finish(struct shell *sh, const struct err *err)
{
	static const struct err fine;

	if (sh->state == DONE)
		return;
	sh->state = DONE;
	chan_drop(&sh->c);
	if (sh->ops)
		sh->ops->done(sh->ctx, err ? err : &fine);
}

static void
fail(struct shell *sh)
{
	struct err err = { 0 };

	if (!ssh_is_connected(sh->c.s->session))
		return; /* the pump tells */
	err_set(&err, E_REMOTE, _("'%s' gives no terminal"), sh->c.s->login.name);
	err_hint(&err, _("Look at PermitTTY and the account's login shell there."));
	finish(sh, &err);
}

/* SSH_AGAIN leaves the state as it is. */
static void
advance(struct shell *sh)
{
	int rc = SSH_OK;

	if (!sh->c.ch && spare_take_open(&sh->c))
		sh->state = PTY;
	if (!sh->c.ch && !chan_create(&sh->c))
		return fail(sh);
	if (sh->state == OPENING && (rc = ssh_channel_open_session(sh->c.ch)) == SSH_OK)
		sh->state = PTY;
	if (sh->state == PTY)
		rc = ssh_channel_request_pty_size(sh->c.ch, "xterm-256color", sh->columns,
						  sh->rows);
	if (sh->state == PTY && rc == SSH_OK) {
		sh->state = STARTING;
		sh->resized = false;
	}
	if (sh->state == STARTING && (rc = ssh_channel_request_shell(sh->c.ch)) == SSH_OK)
		sh->state = RUNNING;
	if (rc == SSH_ERROR)
		fail(sh);
}

static void
pass(struct shell *sh, int stream)
{
	struct str *in = &sh->c.in[stream];

	if (!in->len || sh->c.dead)
		return;
	sh->ops->out(sh->ctx, in->s, in->len);
	if (!sh->c.dead)
		chan_take(&sh->c, stream, in->len);
}

static void
step(struct chan *c)
{
	struct shell *sh = (struct shell *)c;
	int n;

	if (sh->state < RUNNING)
		advance(sh);
	if (sh->state != RUNNING)
		return;
	if (sh->resized)
		ssh_channel_change_pty_size(c->ch, sh->columns, sh->rows);
	sh->resized = false;
	if (sh->input.len && (n = chan_write(c, sh->input.s, sh->input.len)) > 0)
		str_drop(&sh->input, (size_t)n);
	pass(sh, 0);
	pass(sh, 1);
	if (c->in[0].len || c->in[1].len)
		session_wake(c->s);
	else if (!c->dead && (c->closed || c->eof))
		finish(sh, NULL);
}

static void
lost(struct chan *c, const struct err *err)
{
	finish((struct shell *)c, err);
}

static void
end(struct chan *c)
{
	const struct err err = { .code = E_CANCELLED };

	finish((struct shell *)c, &err);
}

static void
shell_free(struct chan *c)
{
	struct shell *sh = (struct shell *)c;

	str_wipe(&sh->input);
	free(sh);
}

static const struct chan_ops chan_ops = {
	.step = step,
	.lost = lost,
	.end = end,
	.free = shell_free,
};

struct shell *
shell_start(struct transport *t, int columns, int rows, const struct shell_ops *ops, void *ctx)
{
	struct shell *sh = xcalloc(1, sizeof *sh);

	sh->ops = ops;
	sh->ctx = ctx;
	sh->columns = columns;
	sh->rows = rows;
	sh->input = STR_INIT(INPUT_MAX);
	chan_init(&sh->c, (struct bssh *)t, &chan_ops);
	return sh;
}

void
shell_write(struct shell *sh, const char *data, size_t n)
{
	str_addn(&sh->input, data, n);
	session_wake(sh->c.s);
}

void
shell_resize(struct shell *sh, int columns, int rows)
{
	sh->columns = columns;
	sh->rows = rows;
	sh->resized = true;
	session_wake(sh->c.s);
}

void
shell_close(struct shell *sh)
{
	sh->ops = NULL;
	finish(sh, NULL);
}
