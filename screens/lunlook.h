/* A look at the LUNs from outside: the console reads each target's LUNs through its portal and
 * writes nothing. In the simulated world there are only the answers of the steps. */
#ifndef SCREENS_LUNLOOK_H
#define SCREENS_LUNLOOK_H

#include "screens/wizard.h"

struct lunlook;

/* Begins at once; changed(ctx) whenever something was learned, and at the end. A cluster is open. */
struct lunlook *lunlook_new(struct wizard *w, void (*changed)(void *ctx), void *ctx);
struct lunlook *lunlook_free(struct lunlook *k); /* also while it looks; returns NULL */
bool lunlook_runs(const struct lunlook *k);
/* What hindered the last target that could not be read; NULL = nothing did. */
const struct err *lunlook_trouble(const struct lunlook *k);
/* As it is known now, good until the next call. */
const struct lun_rows *lunlook_rows(struct lunlook *k);
/* Whole sentences about one of them. */
void lun_row_tell(const struct lun_row *row, struct str *out);

#endif
