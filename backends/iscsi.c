/* libiscsi on the loop. Always asynchronous, never reconnecting by itself: its synchronous calls
 * hang for minutes where a firewall drops packets. */
#include "backends/iscsi.h"

#include <iscsi/iscsi.h>
#include <iscsi/scsi-lowlevel.h>
#include <stdlib.h>
#include <string.h>
#include "backends/scsi.h"
#include "base/alloc.h"
#include "base/nls.h"
#include "base/str.h"
#include "base/text.h"

enum {
	TICK_MS = 1000,   /* libiscsi looks at its own timeouts only when it is served */
	LOGOUT_MS = 500,
	TRIES = 4,        /* of one command */
	BUSY_MS = 50,
};

struct command {
	struct command *next, **link; /* in session->commands */
	struct biscsi *session;
	unsigned lun;
	unsigned char cdb[SCSI_CDB];
	void *into;
	size_t room;
	int tries;
	uint64_t timer; /* waits to be sent again */
	biscsi_answer_fn fn;
	void *ctx;
};

struct biscsi {
	struct loop *loop;
	struct iscsi_context *iscsi;
	int fd; /* watched, or -1 */
	uint64_t tick, logout_timer;
	bool ready;   /* logged in, and said so */
	bool lost;    /* no further word will come */
	bool closing; /* nobody wants to hear of it */
	bool serving; /* inside iscsi_service() */
	bool dropping; /* inside iscsi_destroy_context() */
	struct command *commands;
	struct err why; /* it was lost */
	biscsi_fn fn;   /* of what is going on: login or discovery; NULL = nothing */
	void *ctx;
	biscsi_target_fn each;
	void *each_ctx;
};

static void session_watch(struct biscsi *s);
static void command_send(void *ctx);

/* "... Status: Authentication failure(513)": the login status is told in text alone. */
static int
login_status(const char *text)
{
	const char *paren = strrchr(text, '(');
	char digits[8];
	uint64_t status;

	if (!paren || !str_put(digits, sizeof digits, paren + 1))
		return 0;
	digits[strcspn(digits, ")")] = '\0';
	return str_to_u64(digits, &status) ? (int)status : 0;
}

/* RFC 7143 11.13.5: class and detail of a login response. */
static const struct login_trouble {
	int status, code;
	const char *what, *hint;
} login_troubles[] = {
	{ 0x0201, E_AUTH, N_("the target refused the CHAP login"),
	  N_("Check the CHAP user and secret; a target does not say which of them is wrong.") },
	{ 0x0202, -EACCES, N_("the target does not admit this initiator"),
	  N_("Its access list must name the initiator's IQN.") },
	{ 0x0203, E_REMOTE, N_("the target is not to be had through this portal"),
	  N_("Probe one of the portals that the target itself lists.") },
	{ 0x0101, E_REMOTE, N_("the target has moved for now"),
	  N_("Probe one of the portals that the target itself lists.") },
	{ 0x0102, E_REMOTE, N_("the target has moved"),
	  N_("Probe one of the portals that the target itself lists.") },
	{ 0x0206, E_REMOTE, N_("the target has too many connections"), N_("Try again later.") },
	{ 0x0301, E_REMOTE, N_("the target's service is not available"), N_("Try again later.") },
	{ 0x0302, E_REMOTE, N_("the target is out of resources"), N_("Try again later.") },
};

static void
library_error(struct biscsi *s, struct err *err)
{
	const char *text = s->iscsi ? iscsi_get_error(s->iscsi) : "";
	int status = login_status(text);
	CLEAN_STR clean = STR_INIT(200);

	for (size_t i = 0; i < sizeof login_troubles / sizeof *login_troubles; i++) {
		const struct login_trouble *t = &login_troubles[i];

		if (status == t->status) {
			err_set(err, t->code, "%s", _(t->what));
			err_hint(err, "%s", _(t->hint));
			return;
		}
	}
	/* of a closed connection the library tells only that it will not reconnect */
	if (strstr(text, "econnect") && !s->ready) {
		err_set(err, E_LOST, _("the connection was closed before the login"));
		err_hint(err, _("Is it an iSCSI target that listens there?"));
		return;
	}
	if (!strstr(text, "econnect"))
		text_clean(&clean, text, strcspn(text, "\n"), false);
	err_set(err, E_LOST, _("the iSCSI session broke: %s"),
		clean.len ? str_text(&clean) : _("the target closed it"));
	err_hint(err, _("Look at the target's own log."));
}

static void
session_tell(struct biscsi *s, const struct err *err)
{
	biscsi_fn fn = s->fn;

	s->fn = NULL;
	s->each = NULL;
	if (fn && !s->closing)
		fn(s->ctx, err);
}

/* --- the end of a session --- */

/* Takes the command out and calls back, unless nobody listens any more. */
static void
command_answer(struct command *c, const struct biscsi_answer *a)
{
	biscsi_answer_fn fn = c->session->closing ? NULL : c->fn;
	void *ctx = c->ctx;

	*c->link = c->next;
	if (c->next)
		c->next->link = c->link;
	free(c);
	if (fn)
		fn(ctx, a);
}

static void
command_lost(void *ctx)
{
	struct command *c = ctx;
	struct biscsi_answer a = { .err = c->session->why };

	loop_timer_del(c->session->loop, c->timer);
	loop_forget(c->session->loop, c);
	command_answer(c, &a);
}

/* Lets go of the library's side; it still calls back for what was in flight. */
static void
context_drop(struct biscsi *s)
{
	if (s->fd >= 0)
		loop_fd_del(s->loop, s->fd);
	s->fd = -1;
	loop_timer_del(s->loop, s->tick);
	s->tick = 0;
	s->dropping = true;
	if (s->iscsi)
		iscsi_destroy_context(s->iscsi);
	s->dropping = false;
	s->iscsi = NULL;
}

static void
session_free(void *ctx)
{
	struct biscsi *s = ctx;

	s->closing = true;
	context_drop(s);
	while (s->commands)
		command_lost(s->commands);
	loop_timer_del(s->loop, s->logout_timer);
	loop_forget(s->loop, s);
	free(s);
}

static void
session_drop(void *ctx)
{
	struct biscsi *s = ctx;

	if (s->closing) {
		session_free(s);
		return;
	}
	context_drop(s);
	while (s->commands)
		command_lost(s->commands);
}

/* Comes from inside the library as well, so that it only takes note. */
static void
session_lose(struct biscsi *s, const struct err *why)
{
	if (s->lost)
		return;
	s->lost = true;
	s->why = *why;
	loop_defer(s->loop, session_drop, s);
	session_tell(s, why);
}

static void
on_logout_late(void *ctx)
{
	struct biscsi *s = ctx;

	s->logout_timer = 0;
	session_free(s);
}

static void
on_logged_out(struct iscsi_context *iscsi, int status, void *data, void *ctx)
{
	struct biscsi *s = ctx;

	(void)iscsi;
	(void)status;
	(void)data;
	if (!s->dropping)
		loop_defer(s->loop, session_free, s);
}

struct biscsi *
biscsi_close(struct biscsi *s)
{
	if (!s || s->closing)
		return NULL;
	s->closing = true;
	if (s->ready && !s->lost && iscsi_logout_async(s->iscsi, on_logged_out, s) == 0) {
		s->logout_timer = loop_timer_add(s->loop, LOGOUT_MS, on_logout_late, s);
		session_watch(s);
	} else {
		loop_defer(s->loop, session_free, s);
	}
	return NULL;
}

struct biscsi *
biscsi_abort(struct biscsi *s)
{
	if (s && !s->serving)
		session_free(s);
	else
		biscsi_close(s);
	return NULL;
}

/* --- serving the library --- */

static void
session_serve(struct biscsi *s, int revents)
{
	struct err err;
	int result;

	/* The library may close its descriptor in here, and somebody else may get the number. */
	if (s->fd >= 0)
		loop_fd_del(s->loop, s->fd);
	s->fd = -1;
	s->serving = true;
	result = iscsi_service(s->iscsi, revents);
	s->serving = false;
	if (result < 0 && !s->lost) {
		library_error(s, &err);
		session_lose(s, &err);
	}
	session_watch(s);
}

static void
on_ready_fd(void *ctx, int fd, short revents)
{
	(void)fd;
	session_serve(ctx, revents);
}

static void
session_watch(struct biscsi *s)
{
	int fd = s->lost ? -1 : iscsi_get_fd(s->iscsi);

	if (s->serving)
		return; /* done once the library is left again */
	if (s->fd >= 0 && s->fd != fd)
		loop_fd_del(s->loop, s->fd);
	s->fd = fd;
	if (fd >= 0)
		loop_fd_set(s->loop, fd, (short)iscsi_which_events(s->iscsi), on_ready_fd, s);
}

static void
on_tick(void *ctx)
{
	struct biscsi *s = ctx;

	s->tick = loop_timer_add(s->loop, TICK_MS, on_tick, s);
	session_serve(s, 0);
}

/* --- login --- */

static void
login_error(struct biscsi *s, int status, struct err *err)
{
	if (status != SCSI_STATUS_TIMEOUT) {
		library_error(s, err);
		return;
	}
	err_set(err, E_TIMEOUT, _("the target does not answer the login"));
	err_hint(err, _("Look at the target's own log."));
}

static void
on_logged_in(struct iscsi_context *iscsi, int status, void *data, void *ctx)
{
	struct biscsi *s = ctx;
	struct err err = { .code = 0 };

	(void)iscsi;
	(void)data;
	if (s->closing || s->dropping)
		return;
	if (status == SCSI_STATUS_GOOD) {
		s->ready = true;
		session_tell(s, &err);
		return;
	}
	login_error(s, status, &err);
	session_lose(s, &err);
}

static void
on_connected(struct iscsi_context *iscsi, int status, void *data, void *ctx)
{
	struct biscsi *s = ctx;
	struct err err;

	(void)data;
	if (s->closing || s->ready || s->dropping)
		return;
	if (status == SCSI_STATUS_GOOD && iscsi_login_async(iscsi, on_logged_in, s) == 0)
		return;
	login_error(s, status, &err);
	session_lose(s, &err);
}

static bool
session_configure(struct biscsi *s, const struct biscsi_spec *spec)
{
	struct iscsi_context *i = s->iscsi;

	iscsi_set_noautoreconnect(i, 1);
	iscsi_set_timeout(i, spec->command_s);
	iscsi_set_tcp_user_timeout(i, spec->command_s * 1000);
	if (spec->user && iscsi_set_initiator_username_pwd(i, spec->user, spec->secret) < 0)
		return false;
	if (spec->target && iscsi_set_targetname(i, spec->target) < 0)
		return false;
	return iscsi_set_session_type(i, spec->target ? ISCSI_SESSION_NORMAL
						      : ISCSI_SESSION_DISCOVERY) == 0;
}

static void
on_open_failed(void *ctx)
{
	struct biscsi *s = ctx;
	struct err err;

	if (s->lost) {
		session_tell(s, &s->why);
		return;
	}
	library_error(s, &err);
	session_lose(s, &err);
}

struct biscsi *
biscsi_open(struct loop *l, const struct biscsi_spec *spec, biscsi_fn ready, void *ctx)
{
	struct biscsi *s = xcalloc(1, sizeof *s);

	s->loop = l;
	s->fd = -1;
	s->fn = ready;
	s->ctx = ctx;
	s->iscsi = iscsi_create_context(spec->initiator);
	if (!s->iscsi || !session_configure(s, spec) ||
	    iscsi_connect_async(s->iscsi, spec->portal, on_connected, s) < 0) {
		loop_defer(l, on_open_failed, s);
		return s;
	}
	s->tick = loop_timer_add(l, TICK_MS, on_tick, s);
	session_watch(s);
	return s;
}

/* --- discovery --- */

static void
on_discovered(struct iscsi_context *iscsi, int status, void *data, void *ctx)
{
	struct biscsi *s = ctx;
	struct err err = { .code = 0 };

	(void)iscsi;
	if (s->closing || s->dropping)
		return;
	if (status != SCSI_STATUS_GOOD) {
		login_error(s, status, &err);
		session_tell(s, &err);
		return;
	}
	for (struct iscsi_discovery_address *a = data; a; a = a->next) {
		if (!a->portals)
			s->each(s->each_ctx, a->target_name, NULL);
		for (struct iscsi_target_portal *p = a->portals; p; p = p->next)
			s->each(s->each_ctx, a->target_name, p->portal);
	}
	session_tell(s, &err);
}

void
biscsi_discover(struct biscsi *s, biscsi_target_fn each, biscsi_fn done, void *ctx)
{
	s->fn = done;
	s->ctx = ctx;
	s->each = each;
	s->each_ctx = ctx;
	if (s->lost || iscsi_discovery_async(s->iscsi, on_discovered, s) < 0)
		loop_defer(s->loop, on_open_failed, s);
	else
		session_watch(s);
}

/* --- commands --- */

static void
sense_error(struct biscsi_answer *a)
{
	const char *key = scsi_sense_key_str(a->sense), *asc = scsi_sense_ascq_str(a->asc);

	err_set(&a->err, E_REMOTE, _("the LUN answered %s (%04x: %s)"), key ? key : "?",
		(unsigned)a->asc, asc ? asc : "?");
	err_hint(&a->err, _("Look at the target's own log."));
}

static void
status_error(struct biscsi_answer *a, int status)
{
	if (status == SCSI_STATUS_TIMEOUT) {
		err_set(&a->err, E_TIMEOUT, _("the LUN does not answer"));
		err_hint(&a->err, _("Look at the target's disks and its own log."));
		return;
	}
	err_set(&a->err, E_REMOTE, _("the LUN answered with status 0x%02x"), (unsigned)status);
	err_hint(&a->err, _("Look at the target's own log."));
}

static void
answer_read(struct biscsi_answer *a, const struct command *c, const struct scsi_task *task)
{
	size_t missing = task->residual_status == SCSI_RESIDUAL_UNDERFLOW ? task->residual : 0;

	a->ok = true;
	a->data = c->into ? NULL : task->datain.data;
	a->n = c->into ? (missing < c->room ? c->room - missing : 0)
		       : (task->datain.size > 0 ? (size_t)task->datain.size : 0);
}

static bool
command_again(struct command *c, int status, const struct biscsi_answer *a)
{
	bool busy = status == SCSI_STATUS_BUSY || status == SCSI_STATUS_TASK_SET_FULL;

	if ((!busy && a->sense != SCSI_SENSE_UNIT_ATTENTION) || ++c->tries >= TRIES ||
	    c->session->closing)
		return false;
	c->timer = loop_timer_add(c->session->loop, busy ? BUSY_MS * c->tries : 0, command_send, c);
	return true;
}

static void
on_command(struct iscsi_context *iscsi, int status, void *data, void *ctx)
{
	struct command *c = ctx;
	struct biscsi *s = c->session;
	struct scsi_task *task = data;
	struct biscsi_answer a = { .ok = false };
	struct err why;

	if (s->dropping) {
		/* its owner is told by who drops the session */
	} else if (status == SCSI_STATUS_CANCELLED) {
		library_error(s, &why);
		session_lose(s, &why);
	} else if (status == SCSI_STATUS_GOOD && task) {
		answer_read(&a, c, task);
		command_answer(c, &a);
	} else {
		if (status == SCSI_STATUS_CHECK_CONDITION && task) {
			a.sense = task->sense.key;
			a.asc = task->sense.ascq;
			sense_error(&a);
		} else {
			a.conflict = status == SCSI_STATUS_RESERVATION_CONFLICT;
			status_error(&a, status);
		}
		if (!command_again(c, status, &a))
			command_answer(c, &a);
	}
	(void)iscsi;
	if (task)
		scsi_free_scsi_task(task);
}

static void
command_send(void *ctx)
{
	struct command *c = ctx;
	struct biscsi *s = c->session;
	struct scsi_task *task = NULL;

	c->timer = 0;
	if (!s->lost)
		task = scsi_create_task(scsi_cdb_size(c->cdb), c->cdb,
					c->room ? SCSI_XFER_READ : SCSI_XFER_NONE, (int)c->room);
	if (task && c->into)
		scsi_task_add_data_in_buffer(task, (int)c->room, c->into);
	if (!task || iscsi_scsi_command_async(s->iscsi, (int)c->lun, task, on_command, NULL, c) < 0) {
		if (task)
			scsi_free_scsi_task(task);
		if (!s->lost)
			library_error(s, &s->why);
		loop_defer(s->loop, command_lost, c);
		return;
	}
	session_watch(s);
}

void
biscsi_command(struct biscsi *s, unsigned lun, const unsigned char cdb[16], void *into, size_t room,
	       biscsi_answer_fn fn, void *ctx)
{
	struct command *c = xcalloc(1, sizeof *c);

	c->session = s;
	c->lun = lun;
	c->into = into;
	c->room = room;
	c->fn = fn;
	c->ctx = ctx;
	memcpy(c->cdb, cdb, SCSI_CDB);
	c->next = s->commands;
	c->link = &s->commands;
	if (c->next)
		c->next->link = &c->next;
	s->commands = c;
	command_send(c);
}
