/* Where the practice lab lives and what belongs to it: shared by the lab's own files. All of this
 * runs on the lab's worker thread and may wait. */
#ifndef BACKENDS_SITE_H
#define BACKENDS_SITE_H

#include "base/str.h"
#include "engine/lab.h"

struct site {
	char *recipe;  /* the data folder "lab" */
	char *images;  /* cache folder: one folder per recipe hash */
	char *state;   /* overlays, keys, lab.ini */
	char *sockets; /* short paths: Unix sockets and pid files */
	size_t n;
	struct lab_machine machines[LAB_MACHINES_MAX]; /* as lab/machines.txt has them */
	void (*say)(void *ctx, const char *machine, const char *text);
	void *ctx;
};

int site_open(struct site *s, struct err *err);
void site_done(struct site *s);
/* Progress, translated by the caller. */
void site_say(struct site *s, const char *machine, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* NULL and err (with the names there are) when there is no such machine. */
struct lab_machine *site_machine(struct site *s, const char *name, struct err *err);
/* "STATE/NAME/file", or for machine NULL "STATE/file". Caller frees. */
char *site_path(const struct site *s, const struct lab_machine *m, const char *file);
/* "SOCKETS/NAME.suffix". Caller frees. */
char *site_socket(const struct site *s, const char *name, const char *suffix);
/* First line of a small file of ours; "" when there is none. Caller frees. */
char *site_note(const struct site *s, const struct lab_machine *m, const char *file);
int site_note_set(const struct site *s, const struct lab_machine *m, const char *file,
		  const char *text, struct err *err);
bool site_has(const struct site *s, const struct lab_machine *m, const char *file);

#endif
