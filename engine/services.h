/* What bascule.c hands to the front ends: functions that live in backends/, so that cli/ and
 * screens/ never include a backend. */
#ifndef ENGINE_SERVICES_H
#define ENGINE_SERVICES_H

#include "base/err.h"
#include "base/loop.h"
#include "base/str.h"
#include "engine/ask.h"
#include "engine/field.h"
#include "engine/model.h"
#include "engine/transport.h"

struct catalog;
struct probe_ops; /* engine/probe.h */
struct lab_ops;   /* engine/lab.h */
struct native;    /* engine/native.h */
struct ping_ops;  /* engine/ping.h */
struct virt_ops;  /* engine/virt.h */

/* How a run meets the machines. All texts may be NULL. */
struct world_way {
	enum world world;
	const char *folder; /* keeps the simulated machines */
	const char *faults; /* a file: what goes wrong on them */
	const char *record; /* a folder for one transcript a node */
	bool dry;           /* nothing is changed: from the first change on it is simulated */
};

struct services {
	/* The cluster file into an empty model. Every mistake goes to note(); returns 0 only when there
	 * was none, else E_INPUT, and the model then holds what could be read. */
	int (*inventory_read)(struct model *m, const char *path, field_note_fn note, void *ctx);
	/* Lays the lab's ports, keys and host keys (lab.ini) over the model. */
	int (*inventory_overlay)(struct model *m, const char *path, struct err *err);
	/* Writes changed settings back, comments and order kept. */
	int (*inventory_write)(const struct model *m, const char *path, struct err *err);
	/* All steps of one platform; mistakes to note() with file in the sentence. NULL on error. */
	struct catalog *(*catalog_read)(enum platform platform, const char *lang, field_note_fn note,
					void *ctx);
	/* Before the first connect of a run. */
	int (*world_open)(struct loop *l, const struct model *m, const struct world_way *way,
			  struct err *err);
	void (*world_close)(void); /* after run_free() */
	/* The way to one node in this world. node == NULL: this machine (local). NULL and err on failure. */
	struct transport *(*connect)(struct loop *l, const struct model *m, enum world w,
				     const struct node *node, const struct asker *asker,
				     struct err *err);
	/* "0.10.6": of the library that is loaded. NULL = not built in. */
	const char *(*ssh_version)(void);
	const struct probe_ops *probe;
	const struct lab_ops *lab;
	const struct ping_ops *ping; /* in every world */
	const struct virt_ops *virt; /* NULL = nobody follows VMs */
	const struct native *natives; /* ends with a NULL step */
};

#endif
