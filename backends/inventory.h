/* The cluster file and the lab's overlay: read into the model, and written back. */
#ifndef BACKENDS_INVENTORY_H
#define BACKENDS_INVENTORY_H

#include "engine/field.h"
#include "engine/model.h"

/* Fills an initialised model. Every mistake goes to note(), in the order of lines (0 = the file
 * as a whole). 0 when there was none, else E_INPUT; the model holds what could be read. */
int inventory_read(struct model *m, const char *path, field_note_fn note, void *ctx);
int inventory_scan(struct model *m, const char *text, size_t n, field_note_fn note, void *ctx);

/* Lays the ssh.* settings of lab.ini's [node NAME] sections over the model. Nodes that the model
 * does not have are passed over. Nothing changes on error. */
int inventory_overlay(struct model *m, const char *path, struct err *err);

/* Writes settings that differ from the file's into it: comments, order and all else stay. Objects
 * that are no more in the model lose their section. A missing file is made. The new text is read
 * and compared with the model before it replaces the old one. */
int inventory_write(const struct model *m, const char *path, struct err *err);

#endif
