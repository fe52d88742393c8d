/* How the engine reaches one node: an ops table that never blocks and reports by
 * callback. backends/ makes these (ssh, local, simulated) and wraps them (dry, record). */
#ifndef ENGINE_TRANSPORT_H
#define ENGINE_TRANSPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/err.h"

struct task;
struct drill_args; /* engine/drill.h */

enum verb { VERB_CHECK, VERB_APPLY, VERB_UNDO, VERB_CONFIRM, VERB_WATCH, VERB_AUDIT, VERB__COUNT };

/* One secret that travels after the script, never inside it. Borrowed for the call of exec(). */
struct secret_value {
	const char *name;
	const char *value;
};

enum link_state {
	LINK_DOWN,
	LINK_CONNECTING,
	LINK_UP,
	LINK_SILENT, /* up, but nothing was heard for 3 s */
	LINK_LOST,
};

/* What one exec carries. Everything is borrowed until on_done() was called, but the
 * secrets, which are copied (and wiped) by exec(). */
struct exec_req {
	enum verb verb;
	struct task *const *tasks; /* the tasks it is for: labels, and what a simulation answers from */
	size_t ntasks;
	const struct drill_args *drill; /* what a drill's scripts are told; NULL = it is none */
	const char *login;  /* identity, NULL = the node's usual one */
	const char *nonce;  /* marks the engine's lines in the output */
	const char *script; /* sh or PowerShell text, quoted parameters included */
	size_t script_len;
	const struct secret_value *secrets;
	size_t nsecrets;
	int64_t deadline_ms; /* from now; 0 = none. Passing it ends in E_TIMEOUT */

	/* stream 1 or 2, bytes as they came, unclean. Never after on_done. */
	void (*on_out)(void *ctx, int stream, const char *data, size_t n);
	/* Once. status = exit code 0..255 when err->code is 0; else err tells (E_LOST: whether it
	 * ran is not known; E_AUTH, E_HOSTKEY, -ECONNREFUSED…: it did not). A remote death by
	 * signal or without any status is E_REMOTE. */
	void (*on_done)(void *ctx, int status, const struct err *err);
	void *ctx;
};

struct transport;
struct exec; /* one exec in flight */
struct shell;

struct shell_ops {
	void (*out)(void *ctx, const char *data, size_t n);
	void (*done)(void *ctx, const struct err *err);
};

struct transport_ops {
	const char *name; /* "ssh", "local", "sim", "dry", "record" */
	/* Starts it; connects first where needed. Never calls back before it returns. */
	struct exec *(*exec)(struct transport *t, const struct exec_req *req);
	/* Ends it early: on_done comes with E_CANCELLED. The remote side may go on (jobs do). */
	void (*cancel)(struct transport *t, struct exec *e);
	/* Listens on a fresh 127.0.0.1 port and forwards each connection to host:port as seen
	 * from the node. done(ctx, local port, NULL) or done(ctx, 0, err). May be NULL. */
	void (*forward)(struct transport *t, const char *host, int port,
			void (*done)(void *ctx, int local_port, const struct err *err), void *ctx);
	/* An interactive shell on a pty. May be NULL. */
	struct shell *(*shell)(struct transport *t, int columns, int rows, const struct shell_ops *ops,
			       void *ctx);
	void (*shell_write)(struct shell *s, const char *data, size_t n);
	void (*shell_resize)(struct shell *s, int columns, int rows);
	void (*shell_close)(struct shell *s);
	/* Frees it; whatever is in flight ends with E_CANCELLED before this returns. */
	void (*close)(struct transport *t);
};

/* The head that every transport embeds first. */
struct transport {
	const struct transport_ops *ops;
	/* Set by the engine: told about the link, for the screen ("silent for 4 s"). */
	void (*on_link)(void *ctx, enum link_state state, const struct err *err);
	void *link_ctx;
	uint64_t round_trips; /* execs that reached the node */
};

#endif
