/* Channels of a session: what libssh hands over waits here until it is passed on, in order and
 * with little held. */
#include <string.h>
#include "backends/sshinner.h"

static int
on_data(ssh_session session, ssh_channel ch, void *data, uint32_t n, int is_stderr, void *ctx)
{
	struct chan *c = ctx;
	int stream = is_stderr != 0;
	struct str *in = &c->in[stream];
	size_t room = in->max - in->len;
	size_t part = n < room ? n : room;

	(void)session;
	(void)ch;
	/* chan_pull() may be below us, and counts on the room it saw */
	if (c->held[stream])
		return 0;
	str_addn(in, data, part);
	c->held[stream] = part < n;
	return (int)part;
}

static void
on_eof(ssh_session session, ssh_channel ch, void *ctx)
{
	(void)session;
	(void)ch;
	((struct chan *)ctx)->eof = true;
}

static void
on_close(ssh_session session, ssh_channel ch, void *ctx)
{
	(void)session;
	(void)ch;
	((struct chan *)ctx)->closed = true;
}

static void
on_exit_status(ssh_session session, ssh_channel ch, int status, void *ctx)
{
	struct chan *c = ctx;

	(void)session;
	(void)ch;
	c->exited = true;
	c->status = status;
}

static void
on_exit_signal(ssh_session session, ssh_channel ch, const char *name, int core, const char *text,
	       const char *lang, void *ctx)
{
	struct chan *c = ctx;

	(void)session, (void)ch, (void)core, (void)text, (void)lang;
	c->exited = true;
	str_put(c->signal, sizeof c->signal, name && *name ? name : "?");
}

void
chan_init(struct chan *c, struct bssh *s, const struct chan_ops *ops)
{
	c->ops = ops;
	c->s = s;
	c->in[0] = STR_INIT(BSSH_HELD_MAX);
	c->in[1] = STR_INIT(BSSH_HELD_MAX);
	vec_push(&s->chans, c);
	session_wake(s);
}

/* Takes the channel; false when it could not be. */
static bool
chan_adopt(struct chan *c, ssh_channel take_ch)
{
	c->ch = take_ch;
	if (!c->ch)
		return false;
	memset(&c->cb, 0, sizeof c->cb);
	ssh_callbacks_init(&c->cb);
	c->cb.userdata = c;
	c->cb.channel_data_function = on_data;
	c->cb.channel_eof_function = on_eof;
	c->cb.channel_close_function = on_close;
	c->cb.channel_exit_status_function = on_exit_status;
	c->cb.channel_exit_signal_function = on_exit_signal;
	if (ssh_set_channel_callbacks(c->ch, &c->cb) == SSH_OK)
		return true;
	ssh_channel_free(c->ch);
	c->ch = NULL;
	return false;
}

bool
chan_create(struct chan *c)
{
	return chan_adopt(c, ssh_channel_new(c->s->session));
}

/* Takes what libssh still holds, as far as there is room. */
static void
chan_pull(struct chan *c, int stream)
{
	struct str *in = &c->in[stream];
	char data[16 << 10];

	while (c->held[stream] && in->max - in->len >= sizeof data) {
		int n = ssh_channel_read_nonblocking(c->ch, data, sizeof data, stream);

		if (n <= 0)
			c->held[stream] = false;
		else
			str_addn(in, data, (size_t)n);
	}
}

bool
chan_take_over(struct chan *c, struct chan *from)
{
	ssh_channel ch = from->ch;
	int i;

	ssh_remove_channel_callbacks(ch, &from->cb);
	from->ch = NULL;
	if (!chan_adopt(c, ch))
		return false;
	for (i = 0; i < 2; i++) {
		str_addn(&c->in[i], str_text(&from->in[i]), from->in[i].len);
		c->held[i] = from->held[i];
		chan_pull(c, i);
	}
	return true;
}

void
chan_take(struct chan *c, int stream, size_t n)
{
	str_drop(&c->in[stream], n);
	chan_pull(c, stream);
}

int
chan_write(struct chan *c, const char *data, size_t n)
{
	if (!ssh_channel_is_open(c->ch))
		return -1;
	if (ssh_get_status(c->s->session) & SSH_WRITE_PENDING)
		return 0;
	if (n > BSSH_PIECE_MAX)
		n = BSSH_PIECE_MAX;
	return ssh_channel_write(c->ch, data, (uint32_t)n);
}

void
chan_release(struct chan *c)
{
	if (!c->ch)
		return;
	/* libssh keeps it until the node has closed it as well */
	ssh_remove_channel_callbacks(c->ch, &c->cb);
	ssh_channel_free(c->ch);
	c->ch = NULL;
}

void
chan_drop(struct chan *c)
{
	if (c->dead)
		return;
	c->dead = true;
	if (c->active) {
		c->s->active--;
		spare_want(c->s);
	}
	c->active = false;
	chan_release(c);
	session_wake(c->s);
}
