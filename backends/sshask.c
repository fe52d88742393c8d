/* Answers kept for the life of the program, so that a node's password is asked for once. */
#include <stdlib.h>
#include <string.h>
#include "backends/sshinner.h"
#include "base/alloc.h"
#include "base/log.h"

struct answer {
	char *id, *value;
};

static VEC(struct answer) answers;

char *
secret_free(char *s)
{
	if (s)
		explicit_bzero(s, strlen(s));
	free(s);
	return NULL;
}

const char *
answer_find(const char *id)
{
	struct answer *a;

	vec_each(a, &answers)
		if (strcmp(a->id, id) == 0)
			return a->value;
	return NULL;
}

void
answer_drop(const char *id)
{
	size_t i;

	for (i = answers.n; i > 0; i--) {
		struct answer *a = &answers.at[i - 1];

		if (strcmp(a->id, id) != 0)
			continue;
		free(a->id);
		secret_free(a->value);
		vec_remove(&answers, i - 1);
	}
}

void
answer_keep(const char *id, const char *value)
{
	char *copy = xstrdup(value);

	answer_drop(id);
	log_secret(value);
	vec_push(&answers, ((struct answer){ xstrdup(id), copy }));
}

void
bssh_forget_answers(void)
{
	while (answers.n)
		answer_drop(answers.at[0].id);
	vec_free(&answers);
}
