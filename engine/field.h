/* Every setting, described once: the ini reader and writer, forms, prompts, the man page
 * and the parameters of steps all come from this table. */
#ifndef ENGINE_FIELD_H
#define ENGINE_FIELD_H

#include <stddef.h>
#include "base/err.h"
#include "base/str.h"
#include "engine/model.h"

enum field_type {
	FIELD_TEXT,   /* char array */
	FIELD_NAME,   /* char array: letters, digits, '-', '_', '.', blanks and quotes inside */
	FIELD_HOST,   /* host name or address */
	FIELD_ADDR,   /* IPv4 or IPv6 address, no prefix */
	FIELD_CIDR,   /* address/prefix */
	FIELD_IQN,
	FIELD_PATH,
	FIELD_SIZE,   /* uint64_t bytes; "4 GiB", "64M" */
	FIELD_U16,
	FIELD_U32,
	FIELD_BOOL,
	FIELD_CHOICE, /* enum from `choices`, stored as int */
	FIELD_ROLES,  /* bit set from `choices` */
	FIELD_NICS,   /* the keys nic.NAME = NETWORK ADDRESS/PREFIX [manage|switch] */
};

/* What an ini section of the cluster file describes: [cluster], [node NAME] … */
enum section {
	SECTION_CLUSTER, SECTION_DOMAIN, SECTION_HYPERVISOR, SECTION_QUORUM, /* once */
	SECTION_NETWORK, SECTION_NODE, SECTION_TARGET, SECTION_LUN, SECTION_VM, /* per name */
	SECTION__COUNT
};

struct field {
	enum section section;
	const char *key;   /* "size"; the id is "lun.size" */
	const char *label; /* N_() */
	const char *help;  /* N_() one sentence */
	enum field_type type;
	size_t offset;     /* in the section's struct */
	size_t size;       /* of the member */
	const char *fallback; /* text of the default; NULL = "" / 0 */
	bool required;
	const char *const *choices; /* NULL-terminated words */
	/* Extra check on the text; NULL = none. */
	int (*check)(const struct model *m, const void *object, const char *text, struct err *err);
	/* Shown and read only then; NULL = always. */
	bool (*when)(const struct model *m, const void *object);
	uint64_t min, max; /* of numbers and sizes; 0,0 = no limit */
};

extern const struct field fields[];
extern const size_t nfields;
extern const char *const section_names[SECTION__COUNT];

/* NULL when there is none; `id` = "lun.size". */
const struct field *field_find(const char *id);
const struct field *field_in(enum section s, const char *key);
/* Value as text, as the file would have it. */
void field_get(const struct field *f, const void *object, struct str *out);
/* Parses and stores; 0 or E_INPUT with a sentence and a hint. Nothing is stored on error. */
int field_set(const struct field *f, struct model *m, void *object, const char *text,
	      struct err *err);
/* The object of a section: the struct for once-sections; NULL for named ones (use model_*). */
void *field_object(struct model *m, enum section s, const char *name);

/* Mistakes that only the whole shows: unknown names, two LUNs of one number, an address
 * outside its network, no quorum LUN … Each is reported through note() with the object's line. */
typedef void (*field_note_fn)(void *ctx, int line, const struct err *err);
int model_validate(const struct model *m, field_note_fn note, void *ctx); /* number of mistakes */

#endif
