/* One error type: a code, what failed, and what the reader can do next. No heap. */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <errno.h>

/* Private codes, beside negative errno values. */
enum {
	E_AUTH = -1001,      /* the node refused every way to log in */
	E_HOSTKEY = -1002,   /* the host key is not the known one, or is revoked */
	E_REMOTE = -1003,    /* the remote side answered something that makes no sense */
	E_STEP = -1004,      /* a step's files are wrong */
	E_TIMEOUT = -1005,   /* a deadline passed */
	E_CANCELLED = -1006, /* the user or the program gave up on it */
	E_LOST = -1007,      /* the connection went away */
	E_INPUT = -1008,     /* the user's input is wrong: exit code 2 */
	E_BUSY = -1009,      /* another console holds the lock */
};

struct err {
	int code;       /* 0 = no error; else one of the above or -errno */
	char what[320]; /* "cannot open 'x': no such file": no capital, no full stop */
	char hint[256]; /* the next action, a sentence; may be empty */
};

/* All take e == NULL. err_set replaces what was there and returns code, so that
 * `return err_set(e, -EINVAL, …)` is one line. */
int err_set(struct err *e, int code, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
int err_sys(struct err *e, int errnum, const char *fmt, ...)
	__attribute__((format(printf, 3, 4))); /* appends ": strerror" ; returns -errnum */
void err_hint(struct err *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void err_prefix(struct err *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
