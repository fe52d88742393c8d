/* The password for sudo. It is written to the node only after sudo asked with our own random
 * prompt, so it can never end in the stdin of something else. */
#include <stdlib.h>
#include <string.h>
#include "backends/sshinner.h"
#include "base/alloc.h"
#include "base/nls.h"

/* Outlives the session that asked. */
struct sudo_ask {
	struct bssh *s; /* NULL = gone */
	char *id;
	bool answered, declined;
};

static void
ask_free(struct sudo_ask *q)
{
	free(q->id);
	free(q);
}

static void
on_answer(void *ctx, const char *answer)
{
	struct sudo_ask *q = ctx;

	if (!q->s)
		return ask_free(q);
	q->answered = true;
	q->declined = !answer;
	if (answer) {
		answer_keep(q->id, answer);
		q->s->password = secret_free(q->s->password);
		q->s->password = xstrdup(answer);
	}
	session_wake(q->s);
}

static void
ask(struct bssh *s)
{
	struct sudo_ask *q = xcalloc(1, sizeof *q);
	CLEANUP(freep) char *title = NULL;
	struct ask question = { .type = ASK_SECRET };

	title = xasprintf(_("Password of '%s' for sudo on %s"), s->login.user, s->login.name);
	q->s = s;
	q->id = xasprintf("secret:sudo:%s", s->login.name);
	s->sudo_ask = q;
	question.id = q->id;
	question.title = title;
	ask_put(&s->asker, &question, on_answer, q);
}

enum sudo_answer
sudo_password(struct bssh *s, const char **ret_password)
{
	CLEANUP(freep) char *id = xasprintf("secret:sudo:%s", s->login.name);
	const char *kept = s->password ? s->password : answer_find(id);

	if (kept) {
		*ret_password = kept;
		return SUDO_HAVE;
	}
	if (!s->sudo_ask)
		ask(s);
	if (!s->sudo_ask->answered)
		return SUDO_WAIT;
	*ret_password = s->password;
	return s->sudo_ask->declined ? SUDO_DECLINED : SUDO_HAVE;
}

void
sudo_password_wrong(struct bssh *s)
{
	CLEANUP(freep) char *id = xasprintf("secret:sudo:%s", s->login.name);

	answer_drop(id);
	s->password = secret_free(s->password);
	sudo_forget(s);
}

void
sudo_forget(struct bssh *s)
{
	struct sudo_ask *q = s->sudo_ask;

	s->sudo_ask = NULL;
	if (!q)
		return;
	if (q->answered)
		ask_free(q);
	else
		q->s = NULL;
}
