/* What stands on the map, in words: the same for rows, for the picture and for sentences. */
#ifndef SCREENS_MAPROWS_H
#define SCREENS_MAPROWS_H

#include "screens/wizard.h"
#include "tui/theme.h"

enum map_kind { MAP_HEADING, MAP_CLUSTER, MAP_NODE, MAP_LUN, MAP_VM };

struct map_row {
	enum map_kind kind;
	size_t index;        /* into the map's nodes, LUNs or VMs */
	const char *heading; /* translated */
};

struct map_rows {
	VEC(struct map_row) at;
};

void map_rows_fill(const struct viewmap *m, struct map_rows *ret);
void map_rows_done(struct map_rows *rows);

void map_row_name(const struct wizard *w, const struct map_row *r, struct str *out);
/* "domain controller, storage". */
void map_roles_add(const struct model *m, const struct node *n, struct str *out);
/* One or two words. */
void map_row_state(const struct wizard *w, const struct map_row *r, struct str *out, enum role *role);
/* What fits into the rest of a line. */
void map_row_text(const struct wizard *w, const struct map_row *r, struct str *out);
/* All that is known, in sentences: one to a line. */
void map_row_tell(const struct wizard *w, const struct map_row *r, struct str *out);
/* Has it changed a moment ago? */
bool map_row_is_fresh(const struct wizard *w, const struct map_row *r);

#endif
