/* Checks of single settings that go beyond their type: used by the field table. */
#ifndef ENGINE_FIELDCHECK_H
#define ENGINE_FIELDCHECK_H

#include "base/err.h"
#include "engine/model.h"

/* All have the shape of struct field's check: 0, or E_INPUT with sentence and hint. */
int check_label(const struct model *m, const void *object, const char *text, struct err *err);
int check_netbios(const struct model *m, const void *object, const char *text, struct err *err);
int check_domain(const struct model *m, const void *object, const char *text, struct err *err);
int check_word(const struct model *m, const void *object, const char *text, struct err *err);
int check_letter(const struct model *m, const void *object, const char *text, struct err *err);
int check_serial(const struct model *m, const void *object, const char *text, struct err *err);
int check_subnet(const struct model *m, const void *object, const char *text, struct err *err);
int check_sectors(const struct model *m, const void *object, const char *text, struct err *err);

#endif
