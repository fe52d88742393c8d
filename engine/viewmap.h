/* The cluster as a picture: machines with their networks, LUNs with who holds them, VMs on their
 * nodes; from the model, the facts of the plan's tasks and the values that checks have proven. What
 * is not known is told as such. Every part keeps the time of its last change. */
#ifndef ENGINE_VIEWMAP_H
#define ENGINE_VIEWMAP_H

#include <stdbool.h>
#include <stdint.h>
#include "base/loop.h"
#include "base/vec.h"
#include "engine/event.h"
#include "engine/model.h"
#include "engine/plan.h"
#include "engine/probe.h"

enum tristate { TELL_UNKNOWN, TELL_NO, TELL_YES };

enum { MAP_TEXT = 128, MAP_KEYS = 256, WWID_TAIL = 8 };

/* Times are loop clock; changed_ms 0 = as it was at the start. */
struct map_node {
	const struct node *node;
	enum link_state link;
	enum tristate reached; /* its check of today */
	enum tristate member;  /* of the cluster */
	enum tristate fenced;  /* fencing of it is proven */
	char boot[MAP_TEXT];   /* boot id, "" = not known */
	int64_t boot_ms;       /* when this boot id was first heard */
	int64_t changed_ms;
};

/* What one node says of one LUN. */
struct map_hold {
	const struct node *node;
	enum tristate logged_in;
	char disk[MAP_TEXT];   /* "sdb", "" */
	char content[MAP_TEXT]; /* what it saw on it, as the step tells it; "" */
	char keys[MAP_KEYS];   /* registrations it saw, "" = none told */
};

/* May it be touched? Rows of a LUN picker and LUNs of the map alike. */
enum lun_allowed { ALLOWED_UNKNOWN, ALLOWED_YES, ALLOWED_OWN, ALLOWED_NO };

struct map_lun {
	const struct lun *lun;
	const struct target *target;
	char wwid[PROBE_ID];      /* "" = not known */
	char content[MAP_TEXT];   /* "empty", "own", "foreign:ext4 …", "" */
	bool quorum;              /* the quorum LUN of the cluster file */
	enum tristate shared;     /* its file system belongs to the cluster */
	VEC(struct map_hold) holds; /* by hypervisor, in the file's order */
	const struct probe_lun *probed; /* what the console's own probe saw; NULL = none */
	int64_t changed_ms;
};

struct map_vm {
	const struct vm *vm;
	const struct node *node; /* NULL = not known, or nowhere */
	enum tristate started;   /* by the cluster */
	bool pinged;             /* a probe was sent at all */
	int32_t rtt_us;          /* of the last one; < 0 = it was lost */
	int64_t answered_ms;     /* when it last answered; 0 = never */
	int64_t changed_ms;
};

struct viewmap {
	const struct plan *plan;
	struct loop *loop;
	VEC(struct map_node) nodes; /* in the file's order */
	VEC(struct map_lun) luns;
	VEC(struct map_vm) vms;
	enum tristate fencing, address; /* of the cluster */
	int64_t changed_ms;             /* of the two */
	uint64_t changes;               /* grows with everything that changes */
};

struct viewmap *viewmap_new(struct loop *l, const struct plan *p);
struct viewmap *viewmap_free(struct viewmap *m); /* returns NULL */
void viewmap_event(void *viewmap, const struct event *e); /* the sink */
/* One probe of a VM: rtt_us < 0 = lost. */
void viewmap_ping(struct viewmap *m, const char *vm, int32_t rtt_us);
/* What a probe of a portal has found: matched by IQN and number; borrowed until the next one, and
 * NULL takes it away. */
void viewmap_probed(struct viewmap *m, const struct probe_result *r);

struct map_node *viewmap_node(const struct viewmap *m, const char *name);
struct map_lun *viewmap_lun(const struct viewmap *m, const char *name);
struct map_vm *viewmap_vm(const struct viewmap *m, const char *name);
/* Has it changed within the last so many milliseconds? */
bool viewmap_is_fresh(const struct viewmap *m, int64_t changed_ms, int64_t within_ms);
/* Does this fact hold, by the states of the tasks that give it? */
enum tristate viewmap_fact(const struct plan *p, const char *fact);

/* ---- a LUN picker's rows ---- */

/* A LUN that stands in the cluster file or that a probe has found there beside them. */
struct lun_row {
	const struct map_lun *lun;      /* NULL = not in the cluster file */
	const struct probe_lun *probed; /* NULL = not probed */
	uint64_t size_bytes;
	char tail[WWID_TAIL + 1];       /* the end of its identity; "" = not known */
	size_t logged_in, registered;
	enum lun_allowed allowed;
};

struct lun_rows {
	VEC(struct lun_row) rows; /* the cluster file's first */
};

void lun_rows_fill(const struct viewmap *m, const struct probe_result *r, struct lun_rows *out);
void lun_rows_done(struct lun_rows *rows);
/* "vm", or "number 3" for one that the cluster file does not name. */
void lun_row_name(const struct lun_row *row, struct str *out);
/* What is on it, translated: "gfs2 cluster-1:vm", "nothing", "not known". */
void lun_row_content(const struct lun_row *row, struct str *out);
/* Why it may or may not be touched, one translated sentence. */
void lun_row_reason(const struct lun_row *row, struct str *out);

#endif
