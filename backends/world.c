/* Chooses the transport: simulated machines, this machine, or SSH. */
#include <stdlib.h>
#include <unistd.h>
#include "backends/catalog.h"
#include "backends/filter.h"
#include "backends/local.h"
#include "backends/pingnet.h"
#include "backends/sim.h"
#include "backends/ssh.h"
#include "backends/world.h"
#include "base/alloc.h"
#include "base/nls.h"
#include "base/paths.h"

/* One run at a time meets one world. */
static struct {
	struct sim *machines; /* of the simulated world */
	struct sim *dry;      /* what answers once a dry run would have changed something */
	char *record;
} world;

int
world_open(struct loop *l, const struct model *m, const struct world_way *way, struct err *err)
{
	CLEANUP(freep) char *state = way->folder ? xasprintf("%s/machines", way->folder) : NULL;

	if (way->world == WORLD_SIMULATED) {
		world.machines = sim_new(l, m, state, way->faults, err);
		if (!world.machines)
			return err->code;
	}
	if (way->dry) {
		world.dry = sim_new(l, m, NULL, NULL, err);
		sim_hurry(world.dry);
	}
	if (way->record && access(way->record, W_OK | X_OK)) {
		err_set(err, E_INPUT, _("cannot write transcripts to '%s'"), way->record);
		err_hint(err, _("Name an existing folder that you may write to."));
		return E_INPUT;
	}
	world.record = way->record ? xstrdup(way->record) : NULL;
	return 0;
}

void
world_close(void)
{
	world.machines = sim_free(world.machines);
	world.dry = sim_free(world.dry);
	free(world.record);
	world.record = NULL;
}

enum {
	JUMPS_MAX = 8,
	CONNECT_MS = 20 * 1000, /* a machine that is busy with packages takes its time to log one in */
};

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
		.connect_ms = CONNECT_MS,
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

static struct transport *
world_transport(struct loop *l, const struct model *m, enum world w, const struct node *node,
		const struct asker *asker, struct err *err)
{
	if (w == WORLD_SIMULATED)
		return sim_connect(world.machines, node);
	return node ? world_ssh(l, m, node, asker, err) : local_new(l);
}

struct transport *
world_connect(struct loop *l, const struct model *m, enum world w, const struct node *node,
	      const struct asker *asker, struct err *err)
{
	struct transport *t = world_transport(l, m, w, node, asker, err);

	if (t && world.record)
		t = record_new(t, world.record, node ? node->name : "console", err);
	if (t && world.dry)
		t = dry_new(t, world.dry, node);
	return t;
}

static struct ping *
ping_start(struct loop *l, const struct ping_spec *spec, struct err *err)
{
	if (spec->world == WORLD_SIMULATED)
		return sim_ping_start(world.machines, spec);
	return ping_net_start(l, spec, err);
}

static struct ping *
ping_stop(struct ping *p)
{
	return p ? p->ops->stop(p) : NULL;
}

const struct ping_ops world_ping = { ping_start, ping_stop };

struct catalog *
world_catalog(enum platform platform, const char *lang, field_note_fn note, void *ctx)
{
	CLEANUP(freep) char *dir = paths_data("steps");

	return catalog_read_dir(dir, platform, lang, note, ctx);
}
