/* Reads and matches scripted faults. */
#include <stdlib.h>
#include <string.h>
#include "backends/simfault.h"
#include "base/nls.h"
#include "base/paths.h"
#include "base/str.h"

static const char *const fault_words[] = { "fail",  "unknown", "silent", "refuse",  "lost", "die",
					   "forge", "flood",   "foreign", "crash",
					   "apart", "move",    "twice",	  "unready",
					   "unfenced", "forget", NULL };

enum { FAULTS_MAX = 64 * 1024 };

static int
find_word(const char *const *words, const char *text)
{
	for (int i = 0; words[i]; i++)
		if (!strcmp(words[i], text))
			return i;
	return -1;
}

/* The next blank-separated word; a '(' keeps its blanks up to ')'. NULL at the end. */
static char *
next_word(char **rest)
{
	char *start = *rest + strspn(*rest, " \t"), *end = start;
	int depth = 0;

	if (!*start)
		return NULL;
	while (*end && (depth > 0 || !strchr(" \t", *end))) {
		depth += (*end == '(') - (*end == ')');
		end++;
	}
	*rest = *end ? end + 1 : end;
	*end = '\0';
	return start;
}

static int
fault_line(struct faults *f, char *line)
{
	char *what = next_word(&line), *where, *verb, *nth;
	struct fault fault = { .verb = -1 };
	uint64_t n = 0;
	int kind;

	if (!what || *what == '#')
		return 0;
	where = next_word(&line);
	verb = where ? next_word(&line) : NULL;
	nth = verb ? next_word(&line) : NULL;
	kind = find_word(fault_words, what);
	if (kind < 0 || !where || next_word(&line) ||
	    (verb && (fault.verb = find_word(verb_words, verb)) < 0) ||
	    (nth && (!str_to_u64(nth, &n) || n > 1000)) ||
	    !str_put(fault.where, sizeof fault.where, where))
		return -1;
	fault.kind = (enum fault_kind)kind;
	fault.nth = (unsigned)n;
	vec_push(&f->all, fault);
	return 0;
}

int
faults_read(struct faults *f, const char *path, struct err *err)
{
	CLEAN_STR text = STR_INIT(FAULTS_MAX);
	char *rest, *line;
	int number = 0, code = file_read(path, &text, err);

	if (code)
		return err_set(err, E_INPUT, _("cannot read the faults file '%s'"), path);
	for (rest = text.s; rest && (line = strsep(&rest, "\n"));) {
		number++;
		if (fault_line(f, line)) {
			err_set(err, E_INPUT, _("%s:%d: not a fault"), path, number);
			err_hint(err, _("Expected: WHAT NODE-OR-TASK [VERB [NTH]], as in "
					"'fail luns/format(vm) apply 1'."));
			return E_INPUT;
		}
	}
	return 0;
}

void
faults_done(struct faults *f)
{
	vec_free(&f->all);
}

const struct fault *
faults_strike(struct faults *f, const struct task *t, const char *node, enum verb verb)
{
	struct fault *fault;

	vec_each(fault, &f->all) {
		bool hit = !strcmp(fault->where, node) ||
			   (t && (!strcmp(fault->where, t->key) || !strcmp(fault->where, t->step->id)));

		if (!hit || (fault->verb >= 0 && fault->verb != (int)verb))
			continue;
		fault->seen++;
		if (!fault->nth || fault->nth == fault->seen)
			return fault;
	}
	return NULL;
}

bool
faults_silence(const struct faults *f, const char *node)
{
	const struct fault *fault;

	vec_each(fault, &f->all)
		if ((fault->kind == FAULT_REFUSE || fault->kind == FAULT_SILENT) &&
		    !strcmp(fault->where, node) &&
		    (fault->verb < 0 || fault->verb == VERB_CHECK) &&
		    (!fault->nth || fault->nth == fault->seen + 1))
			return true;
	return false;
}
