/* A copy of where and how to log in: the loop has one, each connecting thread its own. */
#include <stdlib.h>
#include <string.h>
#include "backends/sshinner.h"
#include "base/alloc.h"

static char *
dup_or_null(const char *s)
{
	return s && *s ? xstrdup(s) : NULL;
}

static int
or_default(int value, int fallback)
{
	return value > 0 ? value : fallback;
}

void
login_copy(struct login *to, const struct bssh_params *from)
{
	*to = (struct login){
		.name = xstrdup(from->name && *from->name ? from->name : from->host),
		.host = xstrdup(from->host),
		.user = xstrdup(from->user && *from->user ? from->user : "root"),
		.key = dup_or_null(from->key),
		.known_hosts = dup_or_null(from->known_hosts),
		.port = or_default(from->port, 22),
		.family = from->family,
		.connect_ms = or_default(from->connect_ms, 10000),
		.silent_ms = or_default(from->silent_ms, 3000),
		.lost_ms = or_default(from->lost_ms, 30000),
		.shell = from->shell,
		.sudo = from->sudo,
	};
	if (from->jump) {
		to->jump = xcalloc(1, sizeof *to->jump);
		login_copy(to->jump, from->jump);
	}
}

struct login *
login_dup(const struct login *from)
{
	struct login *l = xcalloc(1, sizeof *l);

	*l = *from;
	l->name = xstrdup(from->name);
	l->host = xstrdup(from->host);
	l->user = xstrdup(from->user);
	l->key = dup_or_null(from->key);
	l->known_hosts = dup_or_null(from->known_hosts);
	l->jump = from->jump ? login_dup(from->jump) : NULL;
	return l;
}

void
login_done(struct login *l)
{
	free(l->name);
	free(l->host);
	free(l->user);
	free(l->key);
	free(l->known_hosts);
	l->jump = login_free(l->jump);
}

struct login *
login_free(struct login *l)
{
	if (!l)
		return NULL;
	login_done(l);
	free(l);
	return NULL;
}
