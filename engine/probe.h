/* What an iSCSI portal offers, and what is on each LUN: the data a probe brings back, the
 * verdict drawn from it, and the ops table behind which libiscsi stands. */
#ifndef ENGINE_PROBE_H
#define ENGINE_PROBE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/err.h"
#include "base/loop.h"
#include "base/vec.h"

struct str;

enum {
	PROBE_WINDOW = 4 << 20,  /* bytes read at each end of a LUN */
	PROBE_SAMPLES = 64,      /* blocks read at random places between the windows */
	PROBE_SAMPLE = 4096,     /* bytes of one such block */
	PROBE_IQN = 224,         /* RFC 7143: 223 bytes */
	PROBE_ADDRESS = 72,      /* "[v6%scope]:port" */
	PROBE_ID = 272,          /* a designator is at most 255 bytes */
	PROBE_KEYS = 64,         /* registrations kept; pr.total tells how many there are */
	PROBE_SIGNATURES = 8,
	PROBE_DESIGNATORS = 16,
	PROBE_PORT = 3260,
};

/* May this LUN be written to? Only LUN_EMPTY is a yes. */
enum lun_verdict {
	LUN_EMPTY,        /* proven: no signature, no registration, every byte read is zero */
	LUN_SIGNED,       /* a known signature is on it */
	LUN_UNKNOWN_DATA, /* nothing known, yet not all zero */
	LUN_RESERVED,     /* somebody has registered a key or holds a reservation */
	LUN_UNREADABLE,   /* it could not be told */
	LUN__VERDICTS
};

/* A name a LUN gives itself in VPD page 0x83. */
enum probe_designator_type {
	DESIGNATOR_VENDOR = 0,
	DESIGNATOR_T10 = 1,
	DESIGNATOR_EUI = 2,
	DESIGNATOR_NAA = 3,
	DESIGNATOR_NAME = 8,
};

struct probe_designator {
	enum probe_designator_type type;
	char text[PROBE_ID]; /* hex digits for NAA and EUI, else cleaned text */
};

/* Persistent reservations (SPC-4 6.16). */
struct probe_pr {
	bool known;       /* the LUN answered, if only that it has none */
	bool supported;
	bool told;        /* REPORT CAPABILITIES was answered: types and persists mean something */
	bool persists;    /* registrations can survive a power loss of the target */
	unsigned types;   /* mask of reservation types, bit layout of REPORT CAPABILITIES */
	uint32_t generation;
	size_t total;     /* registrations there are */
	size_t nkeys;     /* of them in keys[] */
	uint64_t keys[PROBE_KEYS];
	bool reserved;
	uint64_t holder;  /* key of the reservation; 0 for the all-registrants types */
	unsigned type;    /* 1, 3, 5, 6, 7, 8 */
};

/* One signature found on the LUN. All texts are cleaned. */
struct probe_signature {
	char kind[32];    /* "ext4", "gpt", "sbd" … */
	char usage[24];   /* "filesystem", "raid", "crypto", "partitions", "cluster", "image" … */
	char label[144];  /* gfs2: the lock table CLUSTER:NAME */
	char uuid[72];
	char note[96];    /* "2 partitions", "slots of hv-1 hv-2"; may be empty */
	bool damaged;     /* the magic is there, its checksum is wrong */
};

/* What was looked at, and where the first byte that is not zero was. */
struct probe_evidence {
	bool head_read, tail_read; /* whole windows */
	unsigned samples, samples_read;
	bool searched;             /* the search for signatures ended without an error of its own */
	bool nonzero;
	uint64_t nonzero_at;       /* byte offset */
	uint64_t bytes_read;
};

struct probe_lun {
	unsigned number;
	uint64_t size_bytes;
	uint32_t block_size;
	uint32_t physical_size; /* physical block, bytes */
	bool thin;
	char vendor[24], product[56], revision[16];
	char serial[PROBE_ID]; /* VPD 0x80 */
	struct probe_designator names[PROBE_DESIGNATORS];
	size_t nnames;
	char wwid[PROBE_ID + 8];    /* as the kernel writes it: "naa.6001405…"; "" = it has none */
	char scsi_id[PROBE_ID + 32]; /* as udev's scsi_id writes it: "36001405…" */
	struct probe_pr pr;
	struct probe_signature signs[PROBE_SIGNATURES];
	size_t nsigns;
	struct probe_evidence seen;
	struct err err; /* what went wrong first, if anything did */
	enum lun_verdict verdict;
};

struct probe_target {
	char iqn[PROBE_IQN];
	VEC(char *) portals; /* "10.10.20.100:3260,1" as the target lists them, cleaned */
	bool auth_needed;    /* it wants a login and none was given */
	bool auth_failed;    /* the login was refused */
	struct err err;
	VEC(struct probe_lun) luns; /* by number; disks only */
	unsigned others;     /* LUNs that are no disks (controllers …) */
};

struct probe_result {
	char portal[PROBE_ADDRESS + 256]; /* as asked for, with port */
	VEC(struct probe_target) targets;
	int64_t took_ms;
};

struct probe_request {
	const char *host; /* name, IPv4 or IPv6 without brackets */
	int port;
	/* Where to connect instead, when the portal is reached through a forwarded port. Sessions to
	 * all targets go there as well, whatever portals they list. NULL = host and port. */
	const char *via_host;
	int via_port;
	const char *initiator;   /* our IQN */
	const char *target;      /* only this IQN; NULL = all */
	const char *chap_user;   /* NULL = none */
	const char *chap_secret; /* copied, wiped at the end */
	int64_t timeout_ms;      /* of the whole probe; <= 0 = 10 s */
	bool names_only;         /* discovery alone: no login to any target */
	bool identity_only;      /* who each LUN is; none of its data is read, so it is never "empty" */
	/* Once, from the loop, never before start() returned. take_result is the caller's (free
	 * with probe_result_free) and holds what was learned, also when err is set. */
	void (*on_done)(void *ctx, struct probe_result *take_result, const struct err *err);
	void *ctx;
};

struct probe;

struct probe_ops {
	/* Starts it; the request is copied. NULL and err when the request makes no sense. */
	struct probe *(*start)(struct loop *l, const struct probe_request *req, struct err *err);
	/* Ends it at once, without on_done. Not to be called once on_done was. */
	void (*cancel)(struct probe *p);
};

struct probe_result *probe_result_new(void);
struct probe_result *probe_result_free(struct probe_result *r); /* returns NULL */

/* The verdict on what is in `lun`, a pure function of it. */
enum lun_verdict lun_verdict(const struct probe_lun *lun);
/* "empty", "in use" …: stable words for JSON. */
const char *lun_verdict_word(enum lun_verdict v);
/* One translated sentence that tells why. */
void lun_verdict_reason(struct str *out, const struct probe_lun *lun);
/* "gfs2 cluster-1:vm", "gpt", "nothing", "data of an unknown kind": what is on it, translated. */
void lun_content(struct str *out, const struct probe_lun *lun);
/* "write exclusive, registrants only" for a reservation type, translated. */
const char *probe_pr_type(unsigned type);

/* "host", "host:port", "[v6]:port", bare IPv6: 0, or E_INPUT and err. host must hold 256 bytes. */
int probe_portal_parse(const char *text, char host[256], int *ret_port, struct err *err);

#endif
