/* Finds chapters and steps on disk and reads them into a catalogue. */
#ifndef BACKENDS_CATALOG_H
#define BACKENDS_CATALOG_H

#include "engine/field.h"
#include "engine/step.h"

/* The steps of one platform, texts in `lang` where a text has that language. dir is the steps
 * folder. Every mistake goes to note() with file and line in its sentence; NULL when there
 * was any. */
struct catalog *catalog_read_dir(const char *dir, enum platform platform, const char *lang,
				 field_note_fn note, void *ctx);

#endif
