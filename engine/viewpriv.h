/* What view.c (the matrix) and viewtask.c (what tasks say) share. */
#ifndef ENGINE_VIEWPRIV_H
#define ENGINE_VIEWPRIV_H

#include "engine/view.h"

struct view_note {
	struct str output; /* its end, raw but without secrets */
	uint64_t received, safe; /* bytes as they came; without the secrets */
	char *hint;
	VEC(char *) warns;
};

void note_done(struct view_note *n);

#endif
