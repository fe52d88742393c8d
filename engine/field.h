/* Every setting, described once: the ini reader and writer, forms, prompts, the man page
 * and the parameters of steps all come from this table. */
#ifndef ENGINE_FIELD_H
#define ENGINE_FIELD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
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
	const char *fallback_hyperv; /* the default on that platform, where it is another */
	bool title;     /* the object's name: stands in the section's header, not under a key */
	bool refers;    /* the text is a name out of section `to` */
	enum section to;
};

extern const struct field fields[];
extern const size_t nfields;
extern const char *const section_names[SECTION__COUNT];

/* NULL when there is none; `id` = "lun.size". "nic.eth1" finds the row of the NICs. */
const struct field *field_find(const char *id);
const struct field *field_in(enum section s, const char *key);
/* The default on the model's platform; "" when there is none. */
const char *field_fallback(const struct field *f, const struct model *m);
/* Value as text, as the file would have it. The NICs: one line each, "eth1 = enterprise …". */
void field_get(const struct field *f, const void *object, struct str *out);
/* Parses and stores; 0 or E_INPUT with a sentence and a hint. Nothing is stored on error.
 * An empty text stands for the default. */
int field_set(const struct field *f, struct model *m, void *object, const char *text,
	      struct err *err);
/* One NIC: "NETWORK [ADDRESS/PREFIX] [manage|switch]". Replaces the NIC of that name or adds
 * one; an empty text removes it. */
int field_set_nic(struct node *n, const char *nic_name, const char *text, struct err *err);
void field_get_nic(const struct nic *nic, struct str *out);
/* "64 MiB", "4G" as bytes, and back in the largest unit that divides it. */
bool size_parse(const char *text, uint64_t *ret_bytes);
void size_print(uint64_t bytes, struct str *out);

/* The object of a section: the struct of once-sections (name unused), else the one of that name,
 * NULL when there is none. */
void *field_object(struct model *m, enum section s, const char *name);
/* Objects of a section by index (once-sections have one); their names ("" for once-sections). */
bool section_is_named(enum section s);
size_t section_count(const struct model *m, enum section s);
void *section_at(const struct model *m, enum section s, size_t i);
const char *section_title(enum section s, const void *object);
/* Appends an object that has its name and the defaults. Borrowed until the next one. */
void *section_add(struct model *m, enum section s, const char *name);
/* Gives every setting of an object its default. */
void section_defaults(const struct model *m, enum section s, void *object);
/* The line of the cluster file where this was said, else of its section; 0 = nowhere. */
int model_line(const struct model *m, enum section s, const char *name, const char *key);

/* Mistakes that only the whole shows: unknown names, two LUNs of one number, an address
 * outside its network, no quorum LUN … Each is reported through note() with the object's line. */
typedef void (*field_note_fn)(void *ctx, int line, const struct err *err);
int model_validate(const struct model *m, field_note_fn note, void *ctx); /* number of mistakes */

#endif
