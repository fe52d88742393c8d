/* What is known while steps/ is read, and the readers of its ini files. */
#ifndef BACKENDS_STEPFILE_H
#define BACKENDS_STEPFILE_H

#include "backends/catalog.h"
#include "backends/ini.h"

struct reader {
	struct catalog *catalog;
	const char *lang;
	const char *path; /* of the file being read */
	field_note_fn note;
	void *ctx;
	size_t mistakes;
	struct step *step;
	struct step shared; /* messages that all steps of the chapter have */
	char *shared_script; /* and the text before their scripts; NULL = none */
	struct chapter *chapter;
	bool skip; /* the section is the other platform's */
	bool simulated; /* the step has a section [sim] */
	const char *said_in; /* the section that has the title in the wanted language */
};

/* For ini_read() with a struct reader. */
extern const struct ini_sink step_sink, chapter_sink;

/* Tells it with file and line (0 = none), and counts it. */
void reader_mistake(struct reader *r, int line, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
struct arena *reader_arena(const struct reader *r);

#endif
