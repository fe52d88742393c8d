/* Where things are. Data (steps, exercises, lab) is found by BASCULE_DATADIR, else beside
 * the executable, else in pkgdatadir; never in the current directory. */
#ifndef BASE_PATHS_H
#define BASE_PATHS_H

#include <stddef.h>
#include "base/err.h"
#include "base/str.h"

/* "…/steps", "…/lab": a folder or file of the data directory. Caller frees. */
char *paths_data(const char *name);
/* A helper program in libexec (or beside the executable in the build tree). Caller frees. */
char *paths_libexec(const char *name);
/* XDG_STATE_HOME/bascule/<name>, created with mode 0700 (parents too). Caller frees;
 * NULL and err when it cannot be made. name may be "" and may hold '/'. */
char *paths_state(const char *name, struct err *err);
/* XDG_CACHE_HOME/bascule/<name>, likewise. */
char *paths_cache(const char *name, struct err *err);
/* XDG_RUNTIME_DIR/bascule or a 0700 folder in the state folder: short socket paths. */
char *paths_runtime(const char *name, struct err *err);

/* Whole file into out (up to its ceiling): 0, or -errno and err; -EFBIG when cut. Directories
 * and devices are refused. */
int file_read(const char *path, struct str *out, struct err *err);
/* Replaces the file in one rename, after fsync of file and folder. */
int file_write(const char *path, const void *data, size_t n, unsigned mode, struct err *err);
int dir_make(const char *path, unsigned mode, struct err *err); /* with parents */
/* Names in a folder, sorted (numbers by their size), without dot files. NULL-terminated array; free with
 * dir_list_free. NULL and err when unreadable. */
char **dir_list(const char *path, struct err *err);
void dir_list_free(char **names);

#endif
