/* A growable array in one macro: VEC(struct task) tasks; vec_push(&tasks, t). */
#ifndef BASE_VEC_H
#define BASE_VEC_H

#include <stdlib.h>
#include <string.h>
#include "base/alloc.h"

#define VEC(type)          \
	struct {           \
		type *at;  \
		size_t n;  \
		size_t cap; \
	}

#define vec_room(v)                                                              \
	((v)->n < (v)->cap ? (void)0                                             \
			   : (void)((v)->cap = (v)->cap ? (v)->cap * 2 : 8,      \
				    (v)->at = xrealloc((v)->at, (v)->cap, sizeof *(v)->at)))

#define vec_push(v, item) (vec_room(v), (void)((v)->at[(v)->n++] = (item)))
/* Appends one zeroed element and yields its address (valid until the next push). */
#define vec_add(v) (vec_room(v), memset(&(v)->at[(v)->n], 0, sizeof *(v)->at), &(v)->at[(v)->n++])
#define vec_free(v) (free((v)->at), (v)->at = NULL, (void)((v)->n = (v)->cap = 0))
#define vec_remove(v, i)                                                              \
	(memmove((v)->at + (i), (v)->at + (i) + 1, ((v)->n - (i)-1) * sizeof *(v)->at), \
	 (void)(v)->n--)
#define vec_each(item, v) for (item = (v)->at; item && item < (v)->at + (v)->n; item++)

#endif
