/* A step of the procedure as data: what step.ini and its scripts say, for one platform
 * and one language. Built by backends/catalog.c, never changed afterwards. */
#ifndef ENGINE_STEP_H
#define ENGINE_STEP_H

#include <stdbool.h>
#include <stddef.h>
#include "base/alloc.h"
#include "base/vec.h"
#include "engine/model.h"
#include "engine/transport.h"

struct str;

enum step_kind { KIND_STATE, KIND_PROOF, KIND_DRILL };
enum step_on {
	ON_DC, ON_STORAGE, ON_HYPERVISOR, ON_ALL, ON_CONSOLE,
	ON_FIRST, /* the first hypervisor; only before the cluster exists */
	ON_ANY,   /* a quorate member, found at run time */
	ON_OWNER, /* the node that holds the disk or VM now */
};
enum step_for { FOR_NONE, FOR_LUN, FOR_VM, FOR_TARGET };
enum step_run { RUN_SCRIPT, RUN_NATIVE, RUN_MANUAL };
/* A validation test, and of what kind; the report shows those that are none of CATEGORY_NONE. */
enum step_category {
	CATEGORY_NONE,
	CATEGORY_INVENTORY,
	CATEGORY_NETWORK,
	CATEGORY_STORAGE,
	CATEGORY_SYSTEM,
	CATEGORY_HYPERVISOR,
	CATEGORY_CLUSTER,
	CATEGORY__COUNT
};
enum risk { RISK_READ_ONLY, RISK_REVERSIBLE, RISK_DISRUPTIVE, RISK_DESTRUCTIVE };
enum lock { LOCK_LUN, LOCK_PKG, LOCK_NET, LOCK_CLUSTER, LOCK_NODE, LOCK__COUNT };
enum fact_arg { ARG_NODE, ARG_LUN, ARG_VM, ARG_TARGET, ARG_ANY /* "*" */ };

/* "lun.connected(node,lun)"; "joined@all" has every argument open. */
struct fact_ref {
	char *name;
	enum fact_arg args[4];
	size_t nargs;
	bool all;
};

/* lun.use = vm, lun.use != quorum: compared with the field's text in the cluster file. */
struct condition {
	char *field;
	char *value;
	bool negated;
};

struct message {
	char *id;   /* "foreign" */
	char *text; /* with {1} {2}, in the language of the catalogue */
};

/* A parameter of the script: a setting or a proven value. */
struct use {
	char *id;
	bool optional; /* "lun.fsuuid?": empty while it is not known */
	bool all;      /* "node.root_key@all": a line for each node, its name and the value */
};

/* "chap.{target}:target.chap_user": wanted only where that setting is not empty. */
struct secret_ref {
	char *name;
	char *field; /* NULL = always wanted */
};

struct sim_value {
	char *name;
	char *before; /* while the step does not hold; NULL = not told then */
	char *text;   /* once it holds; both with {node} {lun} {vm} {target} {index} {hash} {size} */
};

struct chapter {
	char *id; /* "luns" */
	char *title;
	char *summary; /* may be empty */
	int number; /* 1..12, place in the flow */
};

struct step {
	char *id;   /* "luns/format" */
	char *name; /* "format" */
	char *dir;
	const struct chapter *chapter;
	char *title;
	char *why;
	enum step_kind kind;
	enum step_on on;
	enum step_for per;
	enum step_run run;
	enum step_category category;
	enum risk risk, undo_risk;
	unsigned locks; /* bits 1 << LOCK_… */
	VEC(struct condition) when;
	VEC(struct fact_ref) needs;
	VEC(struct fact_ref) gives;
	VEC(struct fact_ref) guard;
	VEC(struct fact_ref) gone; /* who gives these and is being taken back goes first */
	VEC(struct use) uses;
	VEC(char *) same;    /* values compared between nodes */
	VEC(char *) pins;    /* values kept beside the cluster file: proven identities */
	VEC(char *) variants;
	VEC(struct secret_ref) secrets;
	VEC(struct message) messages;
	int takes_s;
	int limit_s;       /* of apply and undo */
	int check_limit_s; /* of a check: 120 unless the step says more */
	bool reboots, optional, net;
	bool sim_only; /* the platform has no script for it: only the simulated world carries it out */
	char *script;       /* sh or PowerShell; NULL unless run == RUN_SCRIPT and the platform has it */
	unsigned verbs;     /* bits 1 << VERB_…: functions the script defines; of a drill without one, what is simulated */
	int sim_takes_ms;
	char *sim_output;   /* may be NULL */
	char *sim_reason;   /* "id argument …" while it does not hold; may be NULL */
	VEC(struct sim_value) sim_values;
};

struct catalog {
	struct arena *arena; /* owns every string */
	enum platform platform;
	char *lib;           /* text of lib.sh or lib.ps1 */
	char *job;           /* text of job.sh or job.ps1 */
	VEC(struct chapter *) chapters;
	VEC(struct step *) steps; /* in the flow's order */
};

void step_done(struct step *s); /* its lists; the rest is the catalogue's */
struct catalog *catalog_free(struct catalog *c); /* returns NULL */
const struct step *catalog_step(const struct catalog *c, const char *id);
const struct chapter *catalog_chapter(const struct catalog *c, const char *id);
/* Does the step pin this value, as the one that proves or makes the object? */
bool step_pins(const struct step *s, const char *name);
/* The message's sentence with its arguments put in; the id and the arguments where the step
 * has no such message. */
void step_message(const struct step *s, const char *id, const char *const *args, size_t nargs,
		  struct str *out);

/* Words of the ini file, in the order of the enums; NULL-terminated. */
extern const char *const step_kind_words[];
extern const char *const step_on_words[];
extern const char *const step_for_words[];
extern const char *const step_run_words[];
extern const char *const step_category_words[];
extern const char *const risk_words[];
extern const char *const lock_words[];
extern const char *const fact_arg_words[];
extern const char *const verb_words[];

#endif
