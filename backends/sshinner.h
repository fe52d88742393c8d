/* What the ssh*.c files share. One session is one state machine on the loop; all its channels
 * (execs, forwarded connections, shells) are stepped after every call into libssh, and never
 * from inside one. */
#ifndef BACKENDS_SSHINNER_H
#define BACKENDS_SSHINNER_H

#include <libssh/callbacks.h>
#include <libssh/libssh.h>
#include <libssh/server.h> /* ssh_send_keepalive() */
#include <netdb.h>
#include "backends/ssh.h"
#include "base/vec.h"

enum {
	BSSH_ACTIVE_MAX = 8,          /* channels with a command; sshd's own limit is 10 */
	BSSH_PIECE_MAX = 32 << 10,    /* bytes a write: more could block the thread */
	BSSH_HELD_MAX = 256 << 10,    /* bytes received and not yet passed on, per channel */
	BSSH_OUTPUT_MAX = 64 << 20,   /* bytes of output passed on, per exec */
	BSSH_GRACE_MS = 200,          /* between exit status and close, at least */
	BSSH_ANSWER_MS = 20,          /* between looks for a sign of life after that */
	BSSH_QUIET_MS = 20,           /* after a command, before a channel for the next one */
	BSSH_QUIET_MAX = 10,          /* times that long, while commands elsewhere go on ending */
	BSSH_TICK_MS = 1000,
	BSSH_TRIES_MAX = 3,           /* wrong passwords */
	BSSH_REFUSALS_MAX = 10,       /* of a channel, by a node that gave us one before */
	BSSH_PAUSE_MS = 50,           /* before asking again, once more for each refusal */
};

/* A copy of struct bssh_params with the defaults filled in. */
struct login {
	char *name, *host, *user, *key, *known_hosts;
	int port, family, connect_ms, silent_ms, lost_ms;
	enum wire_shell shell;
	bool sudo;
	struct login *jump;
};

void login_copy(struct login *to, const struct bssh_params *from);
struct login *login_dup(const struct login *from);
void login_done(struct login *l);
struct login *login_free(struct login *l);

struct chan;
struct chan_ops {
	/* Goes as far as it can without blocking. Only place from which users are called. */
	void (*step)(struct chan *c);
	/* The session is gone, or never came. */
	void (*lost)(struct chan *c, const struct err *err);
	/* The transport is closed: ends at once. */
	void (*end)(struct chan *c);
	void (*free)(struct chan *c);
};

/* The head of everything that has a channel of its own. */
struct chan {
	const struct chan_ops *ops;
	struct bssh *s;
	ssh_channel ch;
	struct ssh_channel_callbacks_struct cb;
	struct str in[2]; /* stdout, stderr: received, not yet passed on */
	bool held[2];     /* … and libssh has more, which must come first */
	bool active;      /* counts against BSSH_ACTIVE_MAX */
	bool eof, closed, exited;
	int status;
	char signal[24];
	bool dead;        /* to be freed by the sweep */
};

/* A channel opened ahead of the next command, and the shell for it started. In this order. */
enum spare { SPARE_UNWANTED, SPARE_WANTED, SPARE_OPENING, SPARE_OPEN, SPARE_STARTING, SPARE_STARTED };

struct waiter {
	void (*fn)(void *ctx, const struct err *err);
	void *ctx;
};

struct bssh {
	struct transport t; /* first */
	struct loop *loop;
	struct login login;
	struct asker asker;
	enum link_state link;
	struct attempt *attempt; /* the connection under way */
	struct bssh *via;        /* the jump host's session, shared */
	struct pipe *way;        /* … and our channel there while it opens */
	int way_fd;              /* our end of it, until the session has it */
	unsigned refs;           /* of a jump host */
	char *lost_with;         /* the jump host whose end was ours; NULL = none */

	ssh_session session;
	ssh_event event;
	int fd;
	struct ssh_counter_struct counter;
	uint64_t seen_bytes;
	int64_t heard_ms;
	uint64_t tick;           /* timer, due at tick_ms */
	int64_t tick_ms;
	size_t active, active_max;
	size_t room;             /* most sessions the node ever had open for us at once */
	struct chan spare;
	enum spare spare_state;
	char spare_nonce[WIRE_NONCE_SIZE]; /* of the shell in it */
	uint64_t spare_timer;    /* until it is wanted */
	uint64_t spare_ends;     /* commands that had ended when it was set, on all nodes */
	unsigned spare_waits;    /* … and how often it was set again */
	bool login_is_sh;        /* as the first command found */
	bool login_is_quiet;     /* … and nothing was said before it was ready */
	bool login_is_plain;     /* a shell has started, and without sudo */

	VEC(struct chan *) chans;
	VEC(struct waiter) waiters; /* for the session to be up */
	VEC(struct listener *) listeners;
	struct sudo_ask *sudo_ask;
	char *password; /* what the user logged in with, or gave to sudo */

	bool due, closed;
	unsigned busy; /* depth of calls that still need this struct */
};

/* ssh.c */
struct bssh *session_new(struct loop *l, const struct login *login, const struct asker *asker);
/* Pumps soon; connects when there is something to do. */
void session_wake(struct bssh *s);
/* Pumps now, unless a pump is under way. */
void session_pump(struct bssh *s);
/* fn(ctx, NULL) once it is up, or with the reason why not. Never from inside. */
void session_when_up(struct bssh *s, void (*fn)(void *ctx, const struct err *err), void *ctx);
void session_forget_waiter(struct bssh *s, const void *ctx);
/* Asks the node for a sign of life. */
void session_ask(struct bssh *s);
void session_link(struct bssh *s, enum link_state link, const struct err *err);
void session_up(struct bssh *s, ssh_session session);
/* Ends everything that waits or runs; the next use connects again. */
void session_lost(struct bssh *s, const struct err *err);
void session_close(struct bssh *s);
/* Steps this one alone, outside the pump. */
void chan_step(struct chan *c);

/* sshchan.c */
void chan_init(struct chan *c, struct bssh *s, const struct chan_ops *ops);
/* A fresh libssh channel with callbacks that fill c->in. False: session trouble. */
bool chan_create(struct chan *c);
/* Takes the other one's channel and all that came through it; false: session trouble, it is gone. */
bool chan_take_over(struct chan *c, struct chan *from);
/* n bytes of in[stream] are passed on. There may be more there when this returns. */
void chan_take(struct chan *c, int stream, size_t n);
/* At most one piece; bytes taken, 0 = not now, -1 = broken. */
int chan_write(struct chan *c, const char *data, size_t n);
/* libssh's side alone: closed towards the node, and it calls us no more. */
void chan_release(struct chan *c);
/* Closes it towards the node and leaves it to the sweep. */
void chan_drop(struct chan *c);

/* sshspare.c */
/* A session channel was opened: learns from it how many the node allows at least. */
void chan_count(struct bssh *s);
/* A command has ended. */
void spare_want(struct bssh *s);
/* Makes it ready while nothing else is going on; a node that refuses is not asked again until a
 * command has run. */
void spare_step(struct bssh *s);
void spare_free(struct bssh *s);
/* For a command: how far it is, SPARE_OPEN or more; SPARE_UNWANTED = there is none. The nonce is that
 * of its shell. */
enum spare spare_take(struct chan *c, char nonce[static WIRE_NONCE_SIZE]);
/* For anything else: only a channel in which nothing was started. */
bool spare_take_open(struct chan *c);

/* sshconnect.c */
void connect_start(struct bssh *s);
/* Shuts down and forgets; nobody waits for the thread. */
void connect_cancel(struct bssh *s);
void connect_with_fd(struct bssh *s, int take_fd);

/* sshjump.c: the way to the address through another node, ending in connect_with_fd(). */
void jump_start(struct bssh *s);
/* Is the connection gone because the host in between is? Then err says so. */
bool jump_is_lost(struct bssh *s, struct err *err);
void jump_release(struct bssh *s);

/* sshforward.c */
typedef void (*pipe_open_fn)(void *ctx, const struct err *err);
/* Connects take_fd with host:port (or a socket path) as seen from the node. opened() may be NULL. */
struct pipe *pipe_new(struct bssh *s, const char *host, int port, int take_fd,
		      pipe_open_fn opened, void *ctx);
void forward_start(struct transport *t, const char *host, int port,
		   void (*done)(void *ctx, int local_port, const struct err *err), void *ctx);
void forward_end(struct bssh *s);

/* Without a call of opened(). */
void pipe_close(struct pipe *p);

/* sshexec.c */
struct exec *exec_start(struct transport *t, const struct exec_req *req);
void exec_cancel(struct transport *t, struct exec *e);
/* Starts, without sudo, the shell that says "ready NONCE": SSH_OK, SSH_AGAIN or SSH_ERROR. */
int exec_ask_shell(struct bssh *s, ssh_channel ch, const char *nonce);

/* sshshell.c */
struct shell *shell_start(struct transport *t, int columns, int rows, const struct shell_ops *ops,
			  void *ctx);
void shell_write(struct shell *sh, const char *data, size_t n);
void shell_resize(struct shell *sh, int columns, int rows);
void shell_close(struct shell *sh);

/* sudo.c: the password for sudo; asked once however many execs want it. */
enum sudo_answer { SUDO_WAIT, SUDO_HAVE, SUDO_DECLINED };
enum sudo_answer sudo_password(struct bssh *s, const char **ret_password);
void sudo_password_wrong(struct bssh *s);
void sudo_forget(struct bssh *s);

/* sshask.c: answers kept for the life of the program; loop thread only. */
const char *answer_find(const char *id);
void answer_keep(const char *id, const char *value);
void answer_drop(const char *id);
char *secret_free(char *s); /* wipes; always NULL */

#endif
