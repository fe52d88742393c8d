/* Memory that cannot run out quietly: every allocation succeeds or the program ends. */
#include "base/alloc.h"

#include <malloc.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CHUNK_BYTES = 8192 };

struct chunk {
	struct chunk *next;
	size_t used, size;
	_Alignas(max_align_t) unsigned char data[];
};

struct arena {
	struct chunk *head; /* the one being filled */
};

static void (*fail_fn)(void);

void
alloc_on_fail(void (*fn)(void))
{
	fail_fn = fn;
}

static void *
alloc_check(void *p)
{
	static const char text[] = "bascule: out of memory\n";

	if (p)
		return p;
	if (fail_fn)
		fail_fn();
	if (write(STDERR_FILENO, text, sizeof text - 1) < 0) {
		/* nothing is left to tell it to */
	}
	abort();
}

void *
xcalloc(size_t n, size_t size)
{
	return alloc_check(calloc(n ? n : 1, size ? size : 1));
}

void *
xrealloc(void *p, size_t n, size_t size)
{
	return alloc_check(reallocarray(p, n ? n : 1, size ? size : 1));
}

char *
xstrdup(const char *s)
{
	return alloc_check(strdup(s));
}

char *
xstrndup(const char *s, size_t n)
{
	return alloc_check(strndup(s, n));
}

char *
xasprintf(const char *fmt, ...)
{
	va_list ap;
	char *s;

	va_start(ap, fmt);
	if (vasprintf(&s, fmt, ap) < 0)
		s = NULL;
	va_end(ap);
	return alloc_check(s);
}

void
alloc_trim(void)
{
	malloc_trim(0);
}

void
freep(void *pointer_to_pointer)
{
	void *p;

	/* memcpy, because a char ** is not a void ** to the optimiser */
	memcpy(&p, pointer_to_pointer, sizeof p);
	free(p);
	memset(pointer_to_pointer, 0, sizeof p);
}

struct arena *
arena_new(void)
{
	return xcalloc(1, sizeof(struct arena));
}

struct arena *
arena_free(struct arena *a)
{
	struct chunk *next;

	if (!a)
		return NULL;
	for (struct chunk *c = a->head; c; c = next) {
		next = c->next;
		free(c);
	}
	free(a);
	return NULL;
}

static struct chunk *
chunk_new(size_t size)
{
	struct chunk *c;

	if (size > SIZE_MAX - sizeof *c)
		alloc_check(NULL);
	c = xcalloc(1, sizeof *c + size);
	c->size = size;
	return c;
}

void *
arena_alloc(struct arena *a, size_t size)
{
	const size_t align = _Alignof(max_align_t);
	size_t need = size > SIZE_MAX - align ? SIZE_MAX : (size + align - 1) / align * align;
	struct chunk *c = a->head;
	void *p;

	if (need > CHUNK_BYTES / 4) {
		/* a large piece gets a chunk of its own, behind the one being filled */
		struct chunk *own = chunk_new(need);

		own->used = need;
		own->next = c ? c->next : NULL;
		*(c ? &c->next : &a->head) = own;
		return own->data;
	}
	if (!c || c->size - c->used < need) {
		c = chunk_new(CHUNK_BYTES);
		c->next = a->head;
		a->head = c;
	}
	p = c->data + c->used;
	c->used += need;
	return p;
}

char *
arena_strdup(struct arena *a, const char *s)
{
	size_t size = strlen(s) + 1;

	return memcpy(arena_alloc(a, size), s, size);
}

char *
arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list ap;
	char *s, *copy;

	va_start(ap, fmt);
	if (vasprintf(&s, fmt, ap) < 0)
		s = NULL;
	va_end(ap);
	alloc_check(s);
	copy = arena_strdup(a, s);
	free(s);
	return copy;
}
