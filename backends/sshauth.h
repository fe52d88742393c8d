/* The part of a connection that blocks, and so runs in a thread: key exchange, the host key,
 * logging in. It owns copies of all it uses and reaches the rest by questions only. */
#ifndef BACKENDS_SSHAUTH_H
#define BACKENDS_SSHAUTH_H

#include "backends/sshinner.h"

struct attempt;

/* A question from the thread; waits for the answer. NULL = declined or cancelled. The caller ends
 * it with secret_free(). `again`: an earlier answer was wrong, so none that is kept will do. */
char *attempt_ask(struct attempt *a, enum ask_type type, const char *id, const char *title,
		  const char *text, bool again);
bool attempt_is_cancelled(struct attempt *a);

/* sshauth.c: from a connected socket to a session that is logged in. NULL and err. */
ssh_session auth_run(struct attempt *a, const struct login *login, int take_fd,
		     char **ret_password, struct err *err);

/* hostkey.c */
struct known_key {
	char *type, *blob; /* "ssh-ed25519", base64 */
	char *file;
	bool revoked;
};
struct known_keys {
	VEC(struct known_key) keys;
	char *name; /* "host" or "[host]:port" */
	char *store; /* the file that new keys are written to */
};

/* What the files say of this host. -ENOENT and err without an ssh-keygen to ask. */
int known_keys_read(struct known_keys *k, const struct login *login, struct err *err);
void known_keys_done(struct known_keys *k);
/* Algorithms for the key exchange, those of known keys first. */
void known_keys_order(const struct known_keys *k, struct str *out);
/* 0, or E_HOSTKEY. Asks on first contact, and then remembers the key. */
int hostkey_check(struct attempt *a, const struct login *login, const struct known_keys *k,
		  ssh_session session, struct err *err);

#endif
