/* The transport to a node over SSH. */
#ifndef BACKENDS_SSH_H
#define BACKENDS_SSH_H

#include <stdbool.h>
#include "backends/wire.h"
#include "base/loop.h"
#include "engine/ask.h"
#include "engine/transport.h"

/* How to reach and enter one node. Everything is copied by bssh_new(); 0 and NULL are defaults. */
struct bssh_params {
	const char *name;        /* the node's name in questions and messages; NULL = host */
	const char *host;        /* name or address, without brackets */
	int port;                /* 22 */
	const char *user;        /* root */
	const char *key;         /* private key file; NULL = the agent and ~/.ssh/id_* */
	const char *known_hosts; /* NULL = ~/.ssh/known_hosts and /etc/ssh/ssh_known_hosts */
	const struct bssh_params *jump; /* the machine to go through, which may have its own */
	enum wire_shell shell;
	bool sudo;               /* become root by sudo, unless the user is root */
	int family;              /* AF_INET, AF_INET6; 0 = any */
	int connect_ms;          /* 10000: for each address, and for each wait of the login */
	int silent_ms;           /* 3000: the link is then called silent */
	int lost_ms;             /* 30000: … and then lost */
};

/* Connects when first used. Freed by its ops' close(). The asker must outlive it. */
struct transport *bssh_new(struct loop *l, const struct bssh_params *params,
			   const struct asker *asker);

/* "0.10.6": the version of the library that is loaded. */
const char *bssh_version(void);

/* Wipes the answers kept so that no password is asked twice. */
void bssh_forget_answers(void);

#endif
