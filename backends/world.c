/* Chooses the transport: simulated machines, this machine, or SSH. */
#include <stdlib.h>
#include "backends/catalog.h"
#include "backends/local.h"
#include "backends/sim.h"
#include "backends/ssh.h"
#include "backends/world.h"
#include "base/alloc.h"
#include "base/nls.h"
#include "base/paths.h"

/* One run at a time has one simulated cluster. */
static struct sim *simulated;

int
world_open(struct loop *l, const struct model *m, enum world w, const char *folder,
	   const char *faults, struct err *err)
{
	CLEANUP(freep) char *state = folder ? xasprintf("%s/machines", folder) : NULL;

	if (w != WORLD_SIMULATED)
		return 0;
	simulated = sim_new(l, m, state, faults, err);
	return simulated ? 0 : err->code;
}

void
world_close(void)
{
	simulated = sim_free(simulated);
}

enum { JUMPS_MAX = 8 };

static const char *
or_null(const char *text)
{
	return *text ? text : NULL;
}

/* The node's own way in; Windows is entered as Administrator unless the file says otherwise. */
static void
world_params(const struct model *m, const struct node *n, char address[ADDR_SIZE],
	     struct bssh_params *out)
{
	bool windows = m->cluster.platform == PLATFORM_HYPERV;

	model_node_address(n, address);
	*out = (struct bssh_params){
		.name = n->name,
		.host = *n->ssh.host ? n->ssh.host : address,
		.port = n->ssh.port,
		.user = *n->ssh.user ? n->ssh.user : windows ? "Administrator" : NULL,
		.key = or_null(n->ssh.key),
		.known_hosts = or_null(n->ssh.known_hosts),
		.shell = windows ? WIRE_POWERSHELL : WIRE_SH,
		.sudo = n->ssh.sudo,
	};
}

/* The chain of jump hosts that the file names, each entered as its own section says. */
static struct transport *
world_ssh(struct loop *l, const struct model *m, const struct node *node, const struct asker *asker,
	  struct err *err)
{
	struct bssh_params way[JUMPS_MAX];
	char addresses[JUMPS_MAX][ADDR_SIZE];
	size_t n = 0;

	for (const struct node *at = node; at; at = model_node(m, at->ssh.jump)) {
		if (n == JUMPS_MAX) {
			err_set(err, E_INPUT, _("%s is reached through more than %d machines"),
				node->name, JUMPS_MAX - 1);
			err_hint(err, _("Look for a circle in the ssh.jump settings."));
			return NULL;
		}
		world_params(m, at, addresses[n], &way[n]);
		if (n)
			way[n - 1].jump = &way[n];
		n++;
	}
	if (!*way[0].host) {
		err_set(err, E_INPUT, _("%s has no address"), node->name);
		err_hint(err, _("Give it a management NIC with an address, or ssh.host."));
		return NULL;
	}
	return bssh_new(l, way, asker);
}

struct transport *
world_connect(struct loop *l, const struct model *m, enum world w, const struct node *node,
	      const struct asker *asker, struct err *err)
{
	if (w == WORLD_SIMULATED)
		return sim_connect(simulated, node);
	return node ? world_ssh(l, m, node, asker, err) : local_new(l);
}

struct catalog *
world_catalog(enum platform platform, const char *lang, field_note_fn note, void *ctx)
{
	CLEANUP(freep) char *dir = paths_data("steps");

	return catalog_read_dir(dir, platform, lang, note, ctx);
}
