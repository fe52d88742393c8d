/* The cluster files that were opened last, newest first, kept in the state folder. */
#ifndef ENGINE_RECENT_H
#define ENGINE_RECENT_H

#include "base/vec.h"
#include "engine/model.h"

enum { RECENT_MAX = 9 };

struct recent {
	enum world world;
	char *path; /* absolute */
};

struct recents {
	VEC(struct recent) list;
};

/* What can't be read is an empty list: nothing depends on it. Files that are gone are left out. */
void recents_read(struct recents *r);
void recents_done(struct recents *r);
/* Puts it in front and writes the list; that it can't be written is no failure. */
void recents_add(const char *path, enum world world);

#endif
