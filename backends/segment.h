/* What an Ethernet switch knows: which ports belong together, which address was last seen
 * where, which cables are pulled and which pairs of machines can't hear each other. No I/O. */
#ifndef BACKENDS_SEGMENT_H
#define BACKENDS_SEGMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SEGMENT_PORTS_MAX = 64, SEGMENT_FRAME_MAX = 65536 };

struct segment_port {
	char name[48];    /* "hv-1.eth3" */
	char machine[32]; /* "hv-1": what stands before the dot */
	char network[24]; /* "heartbeat"; ports of one network hear each other */
	bool cut;
};

struct segment;

struct segment *segment_new(void);
struct segment *segment_free(struct segment *g); /* returns NULL */

/* Adds a port; its index, or -EINVAL (names too long, no dot), -EEXIST, -ENOSPC. */
int segment_port_add(struct segment *g, const char *name, const char *network);
size_t segment_ports(const struct segment *g);
const struct segment_port *segment_port(const struct segment *g, size_t i);

/* Pulls (or plugs) every port that is meant by `what`: a port's network or the part of its name
 * behind the dot ("eth3"). Returns how many ports of the machine were meant. */
size_t segment_cut(struct segment *g, const char *machine, const char *what, bool cut);
/* Keeps two machines from hearing each other in a network (or lets them again). Returns how many
 * pairs of ports are meant. */
size_t segment_part(struct segment *g, const char *a, const char *b, const char *network, bool cut);
bool segment_parted(const struct segment *g, size_t a, size_t b);

/* A frame came in by port `from` at now_s (seconds of any clock): learns its sender and sets
 * one bit for each port it goes out by. 0 = dropped. */
uint64_t segment_route(struct segment *g, size_t from, const uint8_t *frame, size_t n,
		       int64_t now_s);

#endif
