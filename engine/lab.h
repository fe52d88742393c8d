/* The practice lab as front ends see it: machines in QEMU on this console. They outlive the
 * program; all they are is in the state folder, so that a second one is another XDG_STATE_HOME. */
#ifndef ENGINE_LAB_H
#define ENGINE_LAB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include "base/err.h"
#include "base/loop.h"

enum { LAB_MACHINES_MAX = 16, LAB_CARDS_MAX = 8, LAB_PARTS_MAX = 64 };

enum lab_action {
	LAB_BUILD,  /* force: also when the image is fresh */
	LAB_UP,     /* nodes: how many hypervisors */
	LAB_DOWN,   /* now: cut the power instead of the button */
	LAB_RESET,  /* name: the checkpoint to go back to, NULL = bare machines */
	LAB_SAVE,   /* name: what to call the checkpoint */
	LAB_POWER,  /* machine, power */
	LAB_CUT,    /* machine (and peer for a partition), network, cut */
	LAB_STATUS, /* nothing but lab_ops.status() */
};

enum lab_power {
	LAB_POWER_OFF,
	LAB_POWER_ON,
	LAB_POWER_RESET,
	LAB_POWER_CYCLE,
	LAB_POWER_FREEZE, /* its processor stops; it keeps all it has */
	LAB_POWER_THAW,   /* and goes on, as if no time had passed */
};

/* What shall be done. The texts are copied. */
struct lab_order {
	enum lab_action action;
	const char *machine, *peer; /* names */
	const char *network;        /* "heartbeat", a card ("eth2"), or "console" for eth0 */
	const char *name;
	enum lab_power power;
	int nodes; /* 0 = two, or what is there already */
	bool cut, now, force;
};

enum lab_state {
	LAB_ABSENT,   /* not started since the last reset */
	LAB_OFF,
	LAB_STARTING, /* QEMU runs, SSH does not answer */
	LAB_ANSWERS,
};

struct lab_card {
	char name[8];     /* "eth1" */
	char network[24]; /* "enterprise"; "console" for eth0 */
	bool cut;
};

struct lab_machine {
	char name[32], roles[32];
	enum lab_state state;
	pid_t pid; /* 0 = off */
	unsigned memory_mib;
	int port;       /* of 127.0.0.1; 0 = none yet */
	char accel[8];  /* "kvm", "tcg", "" */
	int64_t up_s;   /* since its power was switched on */
	size_t cards_n;
	struct lab_card cards[LAB_CARDS_MAX];
};

/* Two machines that can't hear each other. */
struct lab_part {
	char a[32], b[32], network[24];
};

struct lab_status {
	bool built, stale; /* the image is there; its recipe has changed since */
	size_t n, parts_n;
	struct lab_machine machines[LAB_MACHINES_MAX];
	struct lab_part parts[LAB_PARTS_MAX];
};

struct lab;
/* One line of progress; machine is "" when it is about all. */
typedef void (*lab_say_fn)(void *ctx, const char *machine, const char *text);
/* Once at the end of an order; err->code is 0 when all went well. */
typedef void (*lab_done_fn)(void *ctx, const struct err *err);

struct lab_ops {
	/* NULL and err when lab/machines.txt or the state folder can't be read. */
	struct lab *(*open)(struct loop *l, lab_say_fn say, lab_done_fn done, void *ctx,
			    struct err *err);
	/* Forgets the lab; an order under way goes on unseen until it ends. */
	struct lab *(*close)(struct lab *lab); /* returns NULL */
	/* Starts an order; -EBUSY while another one runs. */
	int (*order)(struct lab *lab, const struct lab_order *order, struct err *err);
	/* After a LAB_STATUS order is done: what it found, valid until the next one. */
	const struct lab_status *(*status)(const struct lab *lab);
	/* The argv of ssh to a machine with this command (NULL-terminated; NULL = a shell). The
	 * caller frees the vector alone: its texts live as long as the lab. NULL and err. */
	const char **(*ssh)(struct lab *lab, const char *machine, char *const *command,
			    struct err *err);
};

#endif
