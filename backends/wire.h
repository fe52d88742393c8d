/* What travels between a transport and a node, whatever carries it: the command that is
 * started there, the line it answers with, and the frames it then reads. */
#ifndef BACKENDS_WIRE_H
#define BACKENDS_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include "base/err.h"
#include "base/str.h"
#include "engine/transport.h"

enum wire_shell { WIRE_SH, WIRE_POWERSHELL };

enum {
	WIRE_EXEC_MAX = 2000,         /* characters of an exec string: cmd.exe cuts longer ones */
	WIRE_LINE_MAX = 4096,         /* of the base64 that PowerShell reads */
	WIRE_SCRIPT_MAX = 8 << 20,    /* bytes */
	WIRE_LINES_MAX = 2048,        /* bytes: up to here a plain script goes as lines */
	WIRE_SECRET_MAX = 64 << 10,   /* bytes */
	WIRE_NONCE_SIZE = 33,         /* 16 random bytes in hex, and a NUL */
	WIRE_NOISE_MAX = 4096,        /* of what a node says before it is ready, kept for the log */
};

/* The command that prints "ready NONCE" and then obeys frames. Constant but for the nonce. */
void wire_command(struct str *out, enum wire_shell shell, const char *nonce);
/* The same for an account whose login shell is /bin/sh itself: one process less. */
void wire_command_direct(struct str *out, const char *nonce);
/* The same through sudo, which asks for its password with `prompt` on stderr. */
void wire_command_sudo(struct str *out, const char *nonce, const char *prompt);

/* The frames of one request: the script, its secrets, the end. `out` must be empty and is to be
 * wiped. -EINVAL when the script or a secret holds what the shell could not be told. */
int wire_frames(struct str *out, enum wire_shell shell, const struct exec_req *req,
		struct err *err);

/* Finds the "ready" line in what comes first on stdout. */
struct wire_gate {
	char line[WIRE_NONCE_SIZE + 8]; /* "ready NONCE" */
	struct str tail;                /* the end of what was read, where the line may have begun */
	struct str noise;
	bool open, login_is_sh;
};

void wire_gate_init(struct wire_gate *g, const char *nonce);
void wire_gate_done(struct wire_gate *g);
/* Takes bytes until the gate is open; returns how many of them came before the output proper. */
size_t wire_gate_feed(struct wire_gate *g, const char *data, size_t n);

#endif
