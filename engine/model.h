/* The cluster as the cluster file describes it: plain data, no behaviour beyond look-ups.
 * Names have fixed sizes so that forms edit them in place and assignment copies them.
 * Every member that a user sets has one row in field.c. */
#ifndef ENGINE_MODEL_H
#define ENGINE_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/vec.h"

enum {
	NAME_SIZE = 64,     /* nodes, networks, LUNs, VMs */
	HOST_SIZE = 254,    /* RFC 1035 */
	ADDR_SIZE = 64,     /* IPv6 with prefix length and zone */
	IQN_SIZE = 224,     /* RFC 7143: 223 bytes */
	PATH_SIZE = 256,
	NODES_MAX = 64,     /* planned and tested up to here; corosync's own limit is lower */
	NICS_MAX = 12,
	NIC_NAME_MAX = 44, /* bytes: with "nic." it is a key of the cluster file */
};

enum platform { PLATFORM_LINUX, PLATFORM_HYPERV, PLATFORM__COUNT };
enum world { WORLD_REAL, WORLD_LAB, WORLD_SIMULATED, WORLD__COUNT };
enum presence { PRESENT, LEAVING }; /* `state = leaving`: its undo tasks are due */

enum node_role { /* bits */
	ROLE_DC = 1,
	ROLE_STORAGE = 2,
	ROLE_HYPERVISOR = 4,
	ROLE_CONSOLE = 8, /* this machine; never in the file */
};

enum net_use { NET_ENTERPRISE, NET_HEARTBEAT, NET_STORAGE };
enum nic_role { NIC_PLAIN, NIC_MANAGE, NIC_SWITCH };
enum lun_use { LUN_VM, LUN_QUORUM, LUN_DATA };
enum target_kind { TARGET_LIO, TARGET_WINDOWS, TARGET_STARWIND, TARGET_NAS };
enum login_shell { SHELL_SH, SHELL_POWERSHELL };

struct cluster {
	char name[NAME_SIZE];
	char address[ADDR_SIZE]; /* the cluster's own address, without prefix length */
	enum platform platform;
	char timezone[NAME_SIZE];
	uint32_t token_ms;      /* corosync token */
	uint32_t watchdog_s;    /* SBD watchdog timeout */
	uint32_t msgwait_s;     /* SBD message wait */
	uint32_t keep_runs;     /* in the journal */
	uint64_t keep_size;     /* bytes of the journal */
};

struct domain {
	char name[HOST_SIZE];         /* cluster.lan */
	char netbios[16];             /* CLUSTER */
	char forwarder[ADDR_SIZE];
	char production[HOST_SIZE];   /* the second domain of the two-domain layout, or "" */
};

struct network {
	char name[NAME_SIZE];
	enum net_use use;
	char subnet[ADDR_SIZE]; /* CIDR */
	char gateway[ADDR_SIZE];
};

struct nic {
	char name[NAME_SIZE];     /* as the system names it */
	char network[NAME_SIZE];
	char address[ADDR_SIZE];  /* with prefix length; "" = none */
	enum nic_role role;
};

struct ssh_login {
	char host[HOST_SIZE]; /* "" = the node's management address */
	uint16_t port;        /* 0 = 22 */
	char user[NAME_SIZE]; /* "" = root, or Administrator on Windows */
	char key[PATH_SIZE];
	char known_hosts[PATH_SIZE];
	char jump[NAME_SIZE]; /* another node's name, or "" */
	bool sudo;
};

struct node {
	char name[NAME_SIZE]; /* short host name */
	unsigned roles;
	struct nic nics[NICS_MAX];
	size_t nnics;
	char iqn[IQN_SIZE]; /* "" = made from the target's name and the node's */
	struct ssh_login ssh;
	enum presence state;
	int line; /* in the cluster file; 0 = made by the program */
};

struct target {
	char name[NAME_SIZE];
	enum target_kind kind;
	char node[NAME_SIZE]; /* the storage node that serves it; "" for a NAS */
	char iqn[IQN_SIZE];
	char portal[ADDR_SIZE]; /* address without port */
	uint16_t port;          /* 3260 */
	char path[PATH_SIZE];   /* folder of the backing stores */
	char chap_user[NAME_SIZE]; /* "" = no CHAP; the secret is asked as chap.<name> */
	char probe_via[NAME_SIZE]; /* node through which the console reaches the portal */
	char console_iqn[IQN_SIZE];
	enum presence state;
	int line;
};

struct lun {
	char name[NAME_SIZE];
	char target[NAME_SIZE];
	uint16_t number;
	uint64_t size; /* bytes */
	enum lun_use use;
	char letter[4];  /* hyperv: V, Q */
	char label[NAME_SIZE];
	char serial[NAME_SIZE]; /* unit serial number; made from cluster and name when empty */
	enum presence state;
	int line;
};

struct vm {
	char name[NAME_SIZE];
	uint64_t memory;   /* bytes */
	uint64_t disk;     /* bytes */
	char lun[NAME_SIZE];
	char address[ADDR_SIZE];
	char image[PATH_SIZE]; /* "" = the demo guest */
	uint32_t priority;
	char offline_action[16]; /* save, shutdown, forced, off */
	enum presence state;
	int line;
};

struct hypervisor {
	char path[PATH_SIZE];        /* /vm, C:\vm */
	char switch_name[NAME_SIZE]; /* cluster-lan */
};

struct quorum {
	char lun[NAME_SIZE]; /* the disk of the fencing mailbox or the witness */
	char vote[NAME_SIZE]; /* node for the optional third vote, or "" */
};

/* Where the cluster file says something: for mistakes that only the whole shows. */
struct mention {
	int section;          /* enum section */
	char name[NAME_SIZE]; /* of the object; "" in sections that occur once */
	char key[NAME_SIZE + 8]; /* "" = the section's header */
	int line;
};

struct model {
	char path[PATH_SIZE * 4]; /* of the cluster file */
	bool overlaid; /* ssh settings are the lab's: they are never written back */
	struct cluster cluster;
	struct domain domain;
	struct hypervisor hypervisor;
	struct quorum quorum;
	VEC(struct network) networks;
	VEC(struct node) nodes; /* in the file's order */
	VEC(struct target) targets;
	VEC(struct lun) luns;
	VEC(struct vm) vms;
	VEC(struct mention) mentions;
};

/* Empty, with the defaults of the sections that occur once. */
void model_init(struct model *m);
void model_done(struct model *m);
/* A deep copy into a model that holds nothing. */
void model_copy(struct model *to, const struct model *from);

/* Look-ups borrow; NULL when there is no such name. */
struct node *model_node(const struct model *m, const char *name);
struct network *model_network(const struct model *m, const char *name);
struct target *model_target(const struct model *m, const char *name);
struct lun *model_lun(const struct model *m, const char *name);
struct vm *model_vm(const struct model *m, const char *name);

/* The node's address without prefix length, "" if none: that of the NIC marked "manage", else of
 * the one marked "switch" (one NIC for both), else the first one has. */
void model_node_address(const struct node *n, char out[ADDR_SIZE]);
/* name + "." + domain, or the bare name without a domain. */
void model_node_fqdn(const struct model *m, const struct node *n, char out[HOST_SIZE]);
/* The node's IQN: its own, or derived from the first target's IQN prefix; ""
 * when there is no target. */
void model_node_iqn(const struct model *m, const struct node *n, char out[IQN_SIZE]);
/* The IQN under which the console looks at a target: its own, or the target's prefix and
 * ":console". "" without an IQN of the target. */
void model_console_iqn(const struct target *t, char out[IQN_SIZE]);
/* The LUN's serial: its own, or 16 hex digits from cluster and LUN name (stable). */
void model_lun_serial(const struct model *m, const struct lun *l, char out[NAME_SIZE]);
/* "cluster-1" or "cluster-1.cluster.lan": for the title and the state folder's name. */
void model_title(const struct model *m, char out[HOST_SIZE]);
size_t model_count_role(const struct model *m, unsigned roles);

#endif
