/* One command on a node: a channel, the ready line, the frames, the output, the end. */
#include <stdlib.h>
#include <string.h>
#include "backends/sshinner.h"
#include "base/alloc.h"
#include "base/log.h"
#include "base/nls.h"
#include "base/text.h"

enum exec_state {
	EXEC_QUEUED,
	EXEC_OPENING,
	EXEC_REQUESTING,
	EXEC_GATE, /* until "ready" */
	EXEC_SENDING,
	EXEC_RUNNING,
	EXEC_DONE,
};

struct exec {
	struct chan c; /* first */
	enum exec_state state;
	struct exec_req req;
	struct err refused;       /* the request itself cannot be sent */
	char nonce[WIRE_NONCE_SIZE], prompt[WIRE_NONCE_SIZE];
	struct wire_gate gate;
	struct str stderr_before; /* … the gate opened: sudo speaks there */
	bool sudo, password_sent, cancelled, late, life_asked, grace_over, cut;
	bool hurried;             /* the frames go out right behind the request */
	bool waited;              /* its shell was started ahead, and waited for it */
	bool all_sent;
	uint64_t heard_bytes;     /* from the node, when it was asked for a sign of life */
	struct str frames;
	size_t sent;
	uint64_t passed;          /* bytes of output */
	unsigned refusals;        /* of its channel, with no other command of ours there */
	uint64_t deadline, grace, pause; /* timers */
};

static struct login *
exec_login(struct exec *e)
{
	return &e->c.s->login;
}

static void
exec_finish(struct exec *e, int status, const struct err *err)
{
	static const struct err fine;
	struct bssh *s = e->c.s;

	if (e->state == EXEC_DONE)
		return;
	e->state = EXEC_DONE;
	loop_timer_del(s->loop, e->deadline);
	loop_timer_del(s->loop, e->grace);
	loop_timer_del(s->loop, e->pause);
	str_wipe(&e->frames);
	chan_drop(&e->c);
	e->req.on_done(e->req.ctx, status, err ? err : &fine);
}

static void
exec_fail(struct exec *e, int code, const char *what, const char *hint)
{
	struct err err = { 0 };

	err_set(&err, code, "%s", what);
	err_hint(&err, "%s", hint);
	exec_finish(e, 0, &err);
}

/* ---- getting the shell ----------------------------------------------------------------- */

/* The last line the node said before it should have been ready. */
static void
last_words(struct exec *e, struct str *out)
{
	CLEAN_STR all = STR_INIT(2 * WIRE_NOISE_MAX);
	const char *line;

	str_addn(&all, str_text(&e->gate.noise), e->gate.noise.len);
	str_addn(&all, str_text(&e->gate.tail), e->gate.tail.len);
	str_addn(&all, str_text(&e->stderr_before), e->stderr_before.len);
	while (all.len && strchr("\r\n ", all.s[all.len - 1]))
		all.s[--all.len] = '\0';
	line = strrchr(str_text(&all), '\n');
	line = line ? line + 1 : str_text(&all);
	text_clean(out, line, strlen(line), false);
}

static void
exec_not_ready(struct exec *e)
{
	CLEAN_STR words = STR_INIT(200);
	struct err err = { 0 };

	str_addn(&e->stderr_before, str_text(&e->c.in[1]), e->c.in[1].len);
	last_words(e, &words);
	if (e->sudo) {
		err_set(&err, E_AUTH, _("'%s' does not let '%s' use sudo: %s"), exec_login(e)->name,
			exec_login(e)->user, str_text(&words));
		err_hint(&err, _("Give the user the right to run /bin/sh by sudo, or log in as root."));
	} else {
		err_set(&err, E_REMOTE, _("'%s' started no shell: %s"), exec_login(e)->name,
			words.len ? words.s : _("it said nothing"));
		err_hint(&err, _("Log in with ssh and see what the account's start files and "
				 "its login shell do."));
	}
	exec_finish(e, 0, &err);
}

static void
on_pause(void *ctx)
{
	struct exec *e = ctx;

	e->pause = 0;
	session_wake(e->c.s);
}

/* The node allows fewer channels than we thought: wait for one of ours to end. Or it still counts
 * one that has ended: it takes a while to notice, and as long as a command that we gave up runs. */
static void
exec_requeue(struct exec *e)
{
	struct bssh *s = e->c.s;

	s->active--;
	e->c.active = false;
	chan_release(&e->c);
	e->state = EXEC_QUEUED;
	if (s->active_max > 1 && s->active_max > s->room)
		s->active_max = s->active > s->room ? s->active : s->room;
	else
		e->pause = loop_timer_add(s->loop, BSSH_PAUSE_MS * (1 + (int64_t)e->refusals),
					  on_pause, e);
	session_wake(s);
}

static void
exec_refused(struct exec *e)
{
	struct bssh *s = e->c.s;

	if (!ssh_is_connected(s->session))
		return; /* the pump tells */
	if (s->active > 1 || (s->room && ++e->refusals <= BSSH_REFUSALS_MAX))
		return exec_requeue(e);
	exec_fail(e, E_REMOTE, _("the node refuses to run a command on this connection"),
		  _("Look at MaxSessions and PermitTTY in its sshd_config, and at its log."));
}

/* With the shell that waits there, if there is one: it was told another nonce. */
static bool
exec_take_spare(struct exec *e)
{
	char nonce[WIRE_NONCE_SIZE];
	enum spare state = e->sudo ? SPARE_UNWANTED : spare_take(&e->c, nonce);

	if (state == SPARE_UNWANTED)
		return false;
	e->state = state == SPARE_STARTED ? EXEC_GATE : EXEC_REQUESTING;
	e->waited = state != SPARE_OPEN;
	if (e->waited) {
		memcpy(e->nonce, nonce, sizeof e->nonce);
		wire_gate_done(&e->gate);
		wire_gate_init(&e->gate, e->nonce);
	}
	return true;
}

static void
exec_open(struct exec *e)
{
	struct bssh *s = e->c.s;

	if (e->pause || s->active + (s->spare_state == SPARE_OPENING) >= s->active_max)
		return;
	s->active++;
	e->c.active = true;
	if (exec_take_spare(e))
		return;
	if (chan_create(&e->c))
		e->state = EXEC_OPENING;
	else
		exec_refused(e);
}

int
exec_ask_shell(struct bssh *s, ssh_channel ch, const char *nonce)
{
	CLEAN_STR command = STR_INIT(WIRE_EXEC_MAX);

	if (s->login_is_sh)
		wire_command_direct(&command, nonce);
	else
		wire_command(&command, s->login.shell, nonce);
	return ssh_channel_request_exec(ch, str_text(&command));
}

static int
exec_request(struct exec *e)
{
	CLEAN_STR command = STR_INIT(WIRE_EXEC_MAX);

	if (!e->sudo)
		return exec_ask_shell(e->c.s, e->c.ch, e->nonce);
	wire_command_sudo(&command, e->nonce, e->prompt);
	return ssh_channel_request_exec(e->c.ch, str_text(&command));
}

static void
exec_write(struct exec *e)
{
	int n = chan_write(&e->c, e->frames.s + e->sent, e->frames.len - e->sent);

	if (n > 0)
		e->sent += (size_t)n;
	if (e->sent < e->frames.len)
		return;
	str_wipe(&e->frames);
	e->all_sent = true;
	ssh_channel_send_eof(e->c.ch);
}

/* A shell that has shown that nothing comes before our command need not say "ready" first. Secrets
 * wait for the word all the same. */
static void
exec_hurry(struct exec *e)
{
	if (e->hurried || !e->c.s->login_is_quiet || e->sudo || e->req.nsecrets ||
	    e->frames.len > BSSH_PIECE_MAX)
		return;
	e->hurried = true;
	exec_write(e);
}

static void
exec_advance(struct exec *e)
{
	int rc;

	if (e->state == EXEC_QUEUED)
		exec_open(e);
	if (e->state == EXEC_OPENING) {
		rc = ssh_channel_open_session(e->c.ch);
		if (rc == SSH_ERROR)
			return exec_refused(e);
		if (rc == SSH_OK) {
			e->state = EXEC_REQUESTING;
			chan_count(e->c.s);
		}
	}
	if (e->state == EXEC_REQUESTING) {
		rc = exec_request(e);
		if (rc == SSH_ERROR && ssh_is_connected(e->c.s->session))
			return exec_fail(e, E_REMOTE, _("the node refuses to run commands"),
					 _("Look at ForceCommand and the account's rights there."));
		if (rc == SSH_OK || rc == SSH_AGAIN)
			exec_hurry(e);
		if (rc == SSH_OK)
			e->state = EXEC_GATE;
	}
	if (e->state == EXEC_GATE && e->waited)
		exec_hurry(e);
}

/* ---- through the gate ------------------------------------------------------------------ */

/* sudo asks on stderr, with our own prompt: once for the password, and again when it was wrong. */
static void
exec_sudo(struct exec *e)
{
	const char *at, *password;

	if (e->stderr_before.len > WIRE_NOISE_MAX / 2)
		str_drop(&e->stderr_before, e->stderr_before.len - WIRE_NOISE_MAX / 4);
	str_addn(&e->stderr_before, str_text(&e->c.in[1]), e->c.in[1].len);
	chan_take(&e->c, 1, e->c.in[1].len);
	at = memmem(str_text(&e->stderr_before), e->stderr_before.len, e->prompt,
		    strlen(e->prompt));
	if (!e->sudo || !at)
		return;
	if (e->password_sent) {
		sudo_password_wrong(e->c.s);
		return exec_fail(e, E_AUTH, _("sudo did not accept the password"),
				 _("Try again with the login user's own password."));
	}
	switch (sudo_password(e->c.s, &password)) {
	case SUDO_WAIT:
		break;
	case SUDO_DECLINED:
		exec_fail(e, E_AUTH, _("sudo needs a password and none was given"),
			  _("Give it when asked, or allow the user NOPASSWD in sudoers."));
		break;
	case SUDO_HAVE:
		e->password_sent = true;
		str_clear(&e->stderr_before);
		ssh_channel_write(e->c.ch, password, (uint32_t)strlen(password));
		ssh_channel_write(e->c.ch, "\n", 1);
		break;
	}
}

static void
exec_gate(struct exec *e)
{
	struct str *in = &e->c.in[0];
	size_t used = wire_gate_feed(&e->gate, str_text(in), in->len);

	chan_take(&e->c, 0, used);
	if (!e->gate.open) {
		if (!e->hurried)
			exec_sudo(e);
		return;
	}
	if (e->gate.noise.len)
		log_line(LOG_INFO, "%s: %zu bytes of start-up output dropped", exec_login(e)->name,
			 e->gate.noise.len);
	if (!e->hurried) {
		e->c.s->login_is_quiet = e->gate.login_is_sh && !e->sudo && !e->gate.noise.len &&
					 !e->stderr_before.len && !e->c.in[1].len;
		chan_take(&e->c, 1, e->c.in[1].len);
	}
	e->c.s->login_is_sh = e->gate.login_is_sh && !e->sudo;
	e->c.s->login_is_plain = !e->sudo;
	e->c.s->t.round_trips++;
	e->state = EXEC_SENDING;
}

static void
exec_send(struct exec *e)
{
	if (!e->all_sent)
		exec_write(e);
	if (e->all_sent)
		e->state = EXEC_RUNNING;
}

/* ---- output and end -------------------------------------------------------------------- */

static void
exec_note_cut(struct exec *e)
{
	static const char note[] = "\n[bascule: more output than 64 MiB; the rest was dropped]\n";

	if (e->cut)
		return;
	e->cut = true;
	e->req.on_out(e->req.ctx, 2, note, sizeof note - 1);
}

static void
exec_pass(struct exec *e, int stream)
{
	struct str *in = &e->c.in[stream - 1];
	size_t n = in->len, room = BSSH_OUTPUT_MAX - e->passed;
	bool cut = n > room;

	if (!n)
		return;
	if (cut)
		n = room;
	e->passed += n;
	if (n && e->req.on_out)
		e->req.on_out(e->req.ctx, stream, in->s, n);
	if (cut && !e->c.dead && e->req.on_out)
		exec_note_cut(e);
	if (!e->c.dead)
		chan_take(&e->c, stream - 1, in->len);
}

static void
exec_pass_all(struct exec *e)
{
	exec_pass(e, 1);
	if (!e->c.dead)
		exec_pass(e, 2);
}

/* What a flood brings meanwhile waits until the others had their turn. */
static bool
exec_has_more(const struct exec *e)
{
	return e->state >= EXEC_GATE && (e->c.in[0].len || e->c.in[1].len);
}

/* Of the output, too, nothing more is due once sshd has come round to answer: on a busy node that
 * may be long after it sent the exit status, and the end of the output comes after that. */
static void
on_grace(void *ctx)
{
	struct exec *e = ctx;
	struct bssh *s = e->c.s;

	e->grace = 0;
	if (e->life_asked && s->counter.in_bytes != e->heard_bytes) {
		e->grace_over = true;
		return session_wake(s);
	}
	if (!e->life_asked) {
		session_ask(s);
		e->heard_bytes = s->counter.in_bytes;
	}
	e->life_asked = true;
	e->grace = loop_timer_add(s->loop, BSSH_ANSWER_MS, on_grace, e);
}

static void
exec_ended(struct exec *e)
{
	struct err err = { 0 };

	if (e->c.exited && !e->c.signal[0])
		return exec_finish(e, e->c.status, NULL);
	if (e->c.exited)
		err_set(&err, E_REMOTE, _("the command on '%s' was ended by signal %s"),
			exec_login(e)->name, e->c.signal);
	else
		err_set(&err, E_REMOTE, _("the command on '%s' ended without an exit status"),
			exec_login(e)->name);
	err_hint(&err, _("Look at the node's log (memory, a kill, a reboot), then check again."));
	exec_finish(e, 0, &err);
}

/* A program left behind may keep the output open for ever: the exit status ends it soon. */
static void
exec_settle(struct exec *e)
{
	if (e->c.dead)
		return;
	if (exec_has_more(e))
		return session_wake(e->c.s);
	if ((e->c.closed || (e->c.exited && e->grace_over)) && e->state < EXEC_SENDING)
		exec_not_ready(e);
	else if (e->c.closed || (e->c.exited && e->grace_over))
		exec_ended(e);
	else if (e->c.exited && !e->grace)
		e->grace = loop_timer_add(e->c.s->loop, BSSH_GRACE_MS, on_grace, e);
}

/* True when it needs no node to end. */
static bool
exec_gave_up(struct exec *e)
{
	if (e->refused.code)
		exec_finish(e, 0, &e->refused);
	else if (e->cancelled)
		exec_fail(e, E_CANCELLED, _("given up"), "");
	else if (e->late)
		exec_fail(e, E_TIMEOUT, _("the command took too long"),
			  _("Look at what the node is busy with, or give it more time."));
	return e->state == EXEC_DONE;
}

static void
exec_step(struct chan *c)
{
	struct exec *e = (struct exec *)c;

	if (exec_gave_up(e) || !c->s->session)
		return;
	exec_advance(e);
	if (e->state == EXEC_GATE)
		exec_gate(e);
	if (e->state == EXEC_SENDING)
		exec_send(e);
	if (e->state >= EXEC_SENDING)
		exec_pass_all(e);
	exec_settle(e);
}

static void
exec_lost(struct chan *c, const struct err *err)
{
	struct exec *e = (struct exec *)c;
	struct err copy = *err;

	if (exec_gave_up(e))
		return;
	if (e->state >= EXEC_SENDING)
		exec_pass_all(e);
	if (e->state == EXEC_DONE)
		return;
	if (e->state == EXEC_RUNNING && e->c.exited)
		return exec_ended(e);
	/* nothing runs before the last frame: then it is certain that nothing did */
	if (copy.code == E_LOST && e->state < EXEC_SENDING && !e->all_sent)
		copy.code = -ECONNRESET;
	exec_finish(e, 0, &copy);
}

static void
exec_end(struct chan *c)
{
	exec_fail((struct exec *)c, E_CANCELLED, _("the connection was closed"), "");
}

static void
exec_free(struct chan *c)
{
	struct exec *e = (struct exec *)c;

	loop_forget(e->c.s->loop, e);
	wire_gate_done(&e->gate);
	str_done(&e->stderr_before);
	free(e);
}

static void
on_deadline(void *ctx)
{
	struct exec *e = ctx;

	e->deadline = 0;
	e->late = true;
	chan_step(&e->c);
}

static void
step_soon(void *ctx)
{
	chan_step(ctx);
}

static const struct chan_ops exec_ops = {
	.step = exec_step,
	.lost = exec_lost,
	.end = exec_end,
	.free = exec_free,
};

struct exec *
exec_start(struct transport *t, const struct exec_req *req)
{
	struct bssh *s = (struct bssh *)t;
	struct exec *e = xcalloc(1, sizeof *e);

	e->req = *req;
	random_hex(e->nonce, sizeof e->nonce / 2);
	random_hex(e->prompt, sizeof e->prompt / 2);
	wire_gate_init(&e->gate, e->nonce);
	e->stderr_before = STR_INIT(WIRE_NOISE_MAX);
	e->frames = STR_INIT(2 * WIRE_SCRIPT_MAX);
	if (wire_frames(&e->frames, s->login.shell, req, &e->refused) < 0)
		loop_defer(s->loop, step_soon, e);
	e->sudo = s->login.sudo && s->login.shell == WIRE_SH && strcmp(s->login.user, "root") != 0;
	if (req->deadline_ms > 0)
		e->deadline = loop_timer_add(s->loop, req->deadline_ms, on_deadline, e);
	chan_init(&e->c, s, &exec_ops);
	return e;
}


void
exec_cancel(struct transport *t, struct exec *e)
{
	(void)t;
	if (e->state == EXEC_DONE || e->cancelled)
		return;
	e->cancelled = true;
	loop_defer(e->c.s->loop, step_soon, e);
}
