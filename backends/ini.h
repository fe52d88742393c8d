/* Reads ini files strictly: the cluster file, the lab's overlay, the steps' descriptions.
 *
 *   # or ; in the first column begins a comment, anywhere else they are data
 *   [kind name]   first word and the rest, which may hold blanks, quotes and ']'
 *   key = value   blanks around both are dropped; ':' separates nothing
 *     more        an indented line continues the value right above it
 */
#ifndef BACKENDS_INI_H
#define BACKENDS_INI_H

#include <stdbool.h>
#include <stddef.h>
#include "base/err.h"
#include "engine/field.h"

enum {
	INI_FILE_MAX = 1 << 20, /* bytes */
	INI_VALUE_MAX = 4096,   /* bytes, with its continuation */
	INI_KEY_MAX = 48,       /* bytes; inih cuts at 49 */
	INI_KEYS_MAX = 512,     /* in one section */
	INI_SECTIONS_MAX = 1024,
};

struct ini_entry {
	const char *section; /* "node" */
	const char *name;    /* "hv-1", "" when there is none */
	const char *key;
	const char *value;   /* continuation lines joined by '\n' */
	int line, last;      /* of the key, and the last one of its value */
};

/* All texts are borrowed for the call. */
struct ini_sink {
	/* A section begins. false: its keys are not wanted (the sink has said why). */
	bool (*section)(void *ctx, const char *section, const char *name, int line);
	void (*key)(void *ctx, const struct ini_entry *entry);
};

/* Hands everything that is well formed to the sink and every mistake to note(), which the
 * sink may call as well. Returns the number of mistakes noted here; a file that cannot be read is
 * one, told with line 0. */
int ini_read(const char *path, const struct ini_sink *sink, field_note_fn note, void *ctx);
/* The same for text in memory. */
int ini_scan(const char *text, size_t n, const struct ini_sink *sink, field_note_fn note,
	     void *ctx);

/* The word out of a NULL-terminated list that was probably meant, or NULL. */
const char *ini_suggest(const char *word, const char *const *words);

#endif
