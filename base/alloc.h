/* Memory: allocation that cannot fail (it ends the program instead), and an arena. */
#ifndef BASE_ALLOC_H
#define BASE_ALLOC_H

#include <stddef.h>

#define CLEANUP(fn) __attribute__((cleanup(fn)))

void *xcalloc(size_t n, size_t size) __attribute__((malloc, returns_nonnull, alloc_size(1, 2)));
void *xrealloc(void *p, size_t n, size_t size) __attribute__((returns_nonnull, alloc_size(2, 3)));
char *xstrdup(const char *s) __attribute__((malloc, returns_nonnull));
char *xstrndup(const char *s, size_t n) __attribute__((malloc, returns_nonnull));
char *xasprintf(const char *fmt, ...)
	__attribute__((malloc, returns_nonnull, format(printf, 1, 2)));

/* Called once before abort() when memory is gone: the terminal layer puts the tty back here. */
void alloc_on_fail(void (*fn)(void));

/* Gives memory that is free back to the system: after something large. */
void alloc_trim(void);

/* free() for CLEANUP(freep) on any pointer variable. */
void freep(void *pointer_to_pointer);

/* An arena: what is taken from it lives until the arena is freed. */
struct arena;
struct arena *arena_new(void);
struct arena *arena_free(struct arena *a); /* always returns NULL */
void *arena_alloc(struct arena *a, size_t size); /* zeroed, aligned for any type */
char *arena_strdup(struct arena *a, const char *s);
char *arena_printf(struct arena *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
