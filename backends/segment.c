/* A learning switch without its wires: see segment.h. */
#include "backends/segment.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/str.h"

enum { PLACES = 1024, FORGET_S = 300, ETHERNET_HEADER = 14, ETHERNET_ADDRESS = 6 };

/* Where an address was last seen. */
struct place {
	uint8_t address[ETHERNET_ADDRESS];
	uint8_t port; /* 1 + index; 0 = free */
	int64_t seen_s;
};

struct segment {
	struct segment_port ports[SEGMENT_PORTS_MAX];
	uint64_t members[SEGMENT_PORTS_MAX]; /* who is in this port's network, itself excluded */
	uint64_t parted[SEGMENT_PORTS_MAX];  /* whom this port can't hear */
	size_t n;
	struct place places[PLACES]; /* by hash: a clash only costs a flood */
};

struct segment *
segment_new(void)
{
	return xcalloc(1, sizeof(struct segment));
}

struct segment *
segment_free(struct segment *g)
{
	free(g);
	return NULL;
}

int
segment_port_add(struct segment *g, const char *name, const char *network)
{
	struct segment_port p = { .cut = false };
	const char *dot = strrchr(name, '.');

	if (!dot || dot == name || (size_t)(dot - name) >= sizeof p.machine || !*network ||
	    !str_put(p.name, sizeof p.name, name) ||
	    !str_put(p.network, sizeof p.network, network))
		return -EINVAL;
	if (g->n == SEGMENT_PORTS_MAX)
		return -ENOSPC;
	memcpy(p.machine, name, (size_t)(dot - name));
	for (size_t i = 0; i < g->n; i++)
		if (!strcmp(g->ports[i].name, name))
			return -EEXIST;
	for (size_t i = 0; i < g->n; i++) {
		if (strcmp(g->ports[i].network, network))
			continue;
		g->members[i] |= 1ULL << g->n;
		g->members[g->n] |= 1ULL << i;
	}
	g->ports[g->n] = p;
	return (int)g->n++;
}

size_t
segment_ports(const struct segment *g)
{
	return g->n;
}

const struct segment_port *
segment_port(const struct segment *g, size_t i)
{
	return &g->ports[i];
}

/* Is this the machine's port into `network`, or its port of that name? */
static bool
port_is(const struct segment_port *p, const char *machine, const char *what)
{
	return !strcmp(p->machine, machine) &&
	       (!strcmp(p->network, what) || !strcmp(strrchr(p->name, '.') + 1, what));
}

/* A pulled cable makes a switch forget who was behind it. */
static void
forget(struct segment *g, size_t port)
{
	for (size_t i = 0; i < PLACES; i++)
		if (g->places[i].port == port + 1)
			g->places[i].port = 0;
}

size_t
segment_cut(struct segment *g, const char *machine, const char *what, bool cut)
{
	size_t meant = 0;

	for (size_t i = 0; i < g->n; i++) {
		if (!port_is(&g->ports[i], machine, what))
			continue;
		g->ports[i].cut = cut;
		forget(g, i);
		meant++;
	}
	return meant;
}

static void
pair_part(struct segment *g, size_t a, size_t b, bool cut)
{
	g->parted[a] = (g->parted[a] & ~(1ULL << b)) | (uint64_t)cut << b;
	g->parted[b] = (g->parted[b] & ~(1ULL << a)) | (uint64_t)cut << a;
}

size_t
segment_part(struct segment *g, const char *a, const char *b, const char *network, bool cut)
{
	size_t meant = 0;

	for (size_t i = 0; i < g->n; i++) {
		for (size_t k = 0; k < g->n; k++) {
			if (i == k || strcmp(g->ports[i].network, network) ||
			    strcmp(g->ports[k].network, network) ||
			    strcmp(g->ports[i].machine, a) || strcmp(g->ports[k].machine, b))
				continue;
			pair_part(g, i, k, cut);
			meant++;
		}
	}
	return meant;
}

bool
segment_parted(const struct segment *g, size_t a, size_t b)
{
	return g->parted[a] >> b & 1;
}

static struct place *
place_of(struct segment *g, const uint8_t *address)
{
	return &g->places[hash64(address, ETHERNET_ADDRESS) % PLACES];
}

static void
learn(struct segment *g, size_t port, const uint8_t *address, int64_t now_s)
{
	struct place *at = place_of(g, address);

	if (address[0] & 1) /* a group is nobody's address */
		return;
	memcpy(at->address, address, ETHERNET_ADDRESS);
	at->port = (uint8_t)(port + 1);
	at->seen_s = now_s;
}

/* Bit of the port behind which the address was seen lately, or 0. */
static uint64_t
lookup(struct segment *g, const uint8_t *address, int64_t now_s)
{
	const struct place *at = place_of(g, address);

	if (address[0] & 1 || !at->port || memcmp(at->address, address, ETHERNET_ADDRESS) ||
	    now_s - at->seen_s > FORGET_S)
		return 0;
	return 1ULL << (at->port - 1);
}

uint64_t
segment_route(struct segment *g, size_t from, const uint8_t *frame, size_t n, int64_t now_s)
{
	uint64_t others = g->members[from], known, out;

	if (n < ETHERNET_HEADER || g->ports[from].cut)
		return 0;
	learn(g, from, frame + ETHERNET_ADDRESS, now_s);
	known = lookup(g, frame, now_s);
	if (known == 1ULL << from) /* its receiver is on the sender's own side */
		return 0;
	out = (known & others ? known : others) & ~g->parted[from];
	for (size_t i = 0; i < g->n; i++)
		if (g->ports[i].cut)
			out &= ~(1ULL << i);
	return out;
}
