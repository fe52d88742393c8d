/* What is made ready for the next command while nothing else goes on: a channel, and in it the shell
 * that will read the command. Starting that one is most of what a short command costs, on Windows
 * far more than the command itself. */
#include <stdlib.h>
#include <string.h>
#include "backends/sshinner.h"

/* On all nodes together, since the program began; the loop's. */
static uint64_t commands_ended;

void
chan_count(struct bssh *s)
{
	size_t n = s->spare_state >= SPARE_OPEN, i;

	for (i = 0; i < s->chans.n; i++)
		n += s->chans.at[i]->active && s->chans.at[i]->ch &&
		     ssh_channel_is_open(s->chans.at[i]->ch);
	if (n > s->room)
		s->room = n;
}

void
spare_free(struct bssh *s)
{
	chan_release(&s->spare);
	str_done(&s->spare.in[0]);
	str_done(&s->spare.in[1]);
	s->spare_state = SPARE_UNWANTED;
	loop_timer_del(s->loop, s->spare_timer);
	s->spare_timer = 0;
}

static void on_quiet(void *ctx);

static void
spare_wait(struct bssh *s)
{
	s->spare_ends = commands_ended;
	s->spare_timer = loop_timer_add(s->loop, BSSH_QUIET_MS, on_quiet, s);
}

static void
on_quiet(void *ctx)
{
	struct bssh *s = ctx;

	s->spare_timer = 0;
	if (s->spare_ends != commands_ended && ++s->spare_waits < BSSH_QUIET_MAX)
		return spare_wait(s);
	if (s->spare_state == SPARE_UNWANTED)
		s->spare_state = SPARE_WANTED;
	session_wake(s);
}

/* Not at once: where many nodes are asked together, the others' answers come first. */
void
spare_want(struct bssh *s)
{
	commands_ended++;
	if (!s->session || s->spare_state != SPARE_UNWANTED || s->spare_timer)
		return;
	s->spare_waits = 0;
	spare_wait(s);
}

static void
spare_open(struct bssh *s)
{
	int rc = ssh_channel_open_session(s->spare.ch);

	if (rc == SSH_OK) {
		s->spare_state = SPARE_OPEN;
		chan_count(s);
	} else if (rc == SSH_ERROR) {
		spare_free(s);
	}
}

/* Only where a shell has started before without asking for anything: sudo wants its password first. */
static void
spare_start(struct bssh *s)
{
	int rc;

	if (s->spare_state == SPARE_OPEN) {
		random_hex(s->spare_nonce, sizeof s->spare_nonce / 2);
		s->spare_state = SPARE_STARTING;
	}
	rc = exec_ask_shell(s, s->spare.ch, s->spare_nonce);
	if (rc == SSH_OK)
		s->spare_state = SPARE_STARTED;
	else if (rc == SSH_ERROR)
		spare_free(s);
}

static void
spare_new(struct bssh *s)
{
	s->spare = (struct chan){ .s = s, .in = { STR_INIT(BSSH_HELD_MAX), STR_INIT(BSSH_HELD_MAX) } };
	s->spare_state = chan_create(&s->spare) ? SPARE_OPENING : SPARE_UNWANTED;
}

void
spare_step(struct bssh *s)
{
	/* the node has ended it: it was idle */
	if (s->spare.ch && (s->spare.eof || s->spare.exited || s->spare.closed))
		spare_free(s);
	if (s->spare_state == SPARE_WANTED && !s->active)
		spare_new(s);
	if (s->spare_state == SPARE_OPENING)
		spare_open(s);
	if ((s->spare_state == SPARE_OPEN && s->login_is_plain) || s->spare_state == SPARE_STARTING)
		spare_start(s);
}

enum spare
spare_take(struct chan *c, char nonce[static WIRE_NONCE_SIZE])
{
	struct bssh *s = c->s;
	enum spare state = s->spare_state;
	bool ok;

	if (state < SPARE_OPEN || !ssh_channel_is_open(s->spare.ch))
		return SPARE_UNWANTED;
	memcpy(nonce, s->spare_nonce, WIRE_NONCE_SIZE);
	ok = chan_take_over(c, &s->spare);
	spare_free(s);
	return ok ? state : SPARE_UNWANTED;
}

bool
spare_take_open(struct chan *c)
{
	char nonce[WIRE_NONCE_SIZE];

	if (c->s->spare_state == SPARE_OPEN)
		return spare_take(c, nonce) == SPARE_OPEN;
	/* no terminal goes with the shell that waits there; and the node may not allow one more */
	spare_free(c->s);
	return false;
}
