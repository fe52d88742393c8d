/* Typed questions: raised by the engine or a backend, answered by whichever front end
 * runs (curses, linear, batch). Never blocks: the answer comes by callback. */
#ifndef ENGINE_ASK_H
#define ENGINE_ASK_H

#include <stdbool.h>
#include <stddef.h>

enum ask_type {
	ASK_TEXT,
	ASK_SECRET,  /* a password: never shown, never kept in a journal */
	ASK_CHOICE,
	ASK_CONFIRM, /* yes or no; `class` tells how grave */
	ASK_NAME,    /* type the object's own name (`expect`) to allow destruction */
	ASK_HOSTKEY, /* first contact: text shows the SHA256 fingerprint */
};

enum ask_class { ASK_PLAIN, ASK_REVERSIBLE, ASK_DISRUPTIVE, ASK_DESTRUCTIVE };

struct ask {
	enum ask_type type;
	enum ask_class class;
	const char *id;     /* "secret:domain.admin", "hostkey:hv-1", "confirm:luns/format(vm)" */
	const char *title;  /* one translated line */
	const char *text;   /* more, may be NULL */
	const char *expect; /* ASK_NAME: what must be typed */
	const char *const *choices; /* ASK_CHOICE, NULL-terminated */
	const char *fallback;       /* the default answer, or NULL */
};

/* answer is NULL when the user declined or there is nobody to ask; borrowed. Confirmations and
 * host keys are answered "yes". */
typedef void (*ask_answer_fn)(void *ctx, const char *answer);

/* The front end's side. Copies what it keeps of the question. Must answer exactly once,
 * from the loop, possibly before ask_put() returns. */
typedef void (*ask_fn)(void *front, const struct ask *question, ask_answer_fn answer, void *ctx);

struct asker {
	ask_fn fn;
	void *front;
};

static inline void
ask_put(const struct asker *a, const struct ask *question, ask_answer_fn answer, void *ctx)
{
	a->fn(a->front, question, answer, ctx);
}

#endif
