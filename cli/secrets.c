/* Reading passwords from a file or a descriptor, and forgetting them again. A value never stands
 * in an error. */
#include "cli/secrets.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/log.h"
#include "base/nls.h"
#include "base/str.h"
#include "base/vec.h"

enum { FILE_MAX = 64 << 10 };

struct secret {
	const char *name, *value; /* in the text */
};

struct secrets {
	char *text; /* the whole file, cut into strings; FILE_MAX + 1 bytes */
	VEC(struct secret) list;
	struct secrets *next; /* of all that are loaded */
};

static struct secrets *loaded;

static void
secrets_wipe_all(void)
{
	for (struct secrets *s = loaded; s; s = s->next)
		explicit_bzero(s->text, FILE_MAX + 1);
}

struct secrets *
secrets_free(struct secrets *s)
{
	struct secrets **link = &loaded;

	if (!s)
		return NULL;
	while (*link && *link != s)
		link = &(*link)->next;
	if (*link)
		*link = s->next;
	explicit_bzero(s->text, FILE_MAX + 1);
	free(s->text);
	vec_free(&s->list);
	free(s);
	return NULL;
}

const char *
secrets_get(const struct secrets *s, const char *name)
{
	const struct secret *one;

	if (s)
		vec_each(one, &s->list)
			if (strcmp(one->name, name) == 0)
				return one->value;
	return NULL;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* Cuts the blanks off both ends, in place. */
static char *
trim(char *s)
{
	size_t n;

	while (is_blank(*s))
		s++;
	n = strlen(s);
	while (n && is_blank(s[n - 1]))
		s[--n] = '\0';
	return s;
}

/* A value between double quotes keeps the blanks at its ends. */
static char *
unquote(char *s)
{
	size_t n = strlen(s);

	if (n < 2 || s[0] != '"' || s[n - 1] != '"')
		return s;
	s[n - 1] = '\0';
	return s + 1;
}

static int
line_error(struct err *err, const char *spec, int line, const char *what)
{
	err_set(err, E_INPUT, "%s:%d: %s", spec, line, what);
	err_hint(err, _("Write one NAME = VALUE per line."));
	return E_INPUT;
}

static int
line_take(struct secrets *s, const char *spec, int line, char *text, struct err *err)
{
	char *equals = strchr(text, '='), *name, *value;

	text = trim(text);
	if (!*text || *text == '#' || *text == ';')
		return 0;
	if (!equals)
		return line_error(err, spec, line, _("there is no '='"));
	*equals = '\0';
	name = trim(text);
	value = unquote(trim(equals + 1));
	if (!*name)
		return line_error(err, spec, line, _("there is no name before the '='"));
	if (!*value)
		return line_error(err, spec, line, _("there is no value behind the '='"));
	if (secrets_get(s, name))
		return line_error(err, spec, line, _("this name was given before"));
	vec_push(&s->list, ((struct secret){ name, value }));
	log_secret(value);
	return 0;
}

static int
text_parse(struct secrets *s, const char *spec, struct err *err)
{
	char *rest = s->text, *text;
	int line = 0, code;

	while ((text = strsep(&rest, "\n"))) {
		code = line_take(s, spec, ++line, text, err);
		if (code)
			return code;
	}
	return 0;
}

static int
text_read(struct secrets *s, const char *spec, int fd, struct err *err)
{
	size_t n = 0;
	ssize_t got;

	while ((got = read(fd, s->text + n, FILE_MAX + 1 - n)) != 0) {
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return err_sys(err, errno, _("cannot read '%s'"), spec);
		n += (size_t)got;
		if (n > FILE_MAX)
			return err_set(err, E_INPUT, _("'%s' is longer than %d KiB"), spec,
				       FILE_MAX >> 10);
	}
	s->text[n] = '\0';
	if (strlen(s->text) != n)
		return err_set(err, E_INPUT, _("'%s' is no text file"), spec);
	return 0;
}

static int
fd_parse(const char *spec, struct err *err)
{
	uint64_t fd;

	if (!str_to_u64(spec + 3, &fd) || fd > INT32_MAX) {
		err_set(err, E_INPUT, _("'%s' is not a descriptor"), spec);
		err_hint(err, _("Write fd:N, N being the number of an open descriptor."));
		return -1;
	}
	return (int)fd;
}

static int
spec_open(const char *spec, struct str *warning, struct err *err)
{
	struct stat st;
	int fd;

	if (str_starts(spec, "fd:"))
		return fd_parse(spec, err);
	fd = open(spec, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0 || fstat(fd, &st) < 0) {
		err_sys(err, errno, _("cannot open '%s'"), spec);
		err_hint(err, _("--secrets wants a file with lines NAME = VALUE, or fd:N."));
	} else if (!S_ISREG(st.st_mode) && !S_ISFIFO(st.st_mode)) {
		err_set(err, E_INPUT, _("'%s' is neither a file nor a pipe"), spec);
		close(fd);
		fd = -1;
	} else if (S_ISREG(st.st_mode) && (st.st_mode & 077) && warning) {
		str_addf(warning, _("others may read '%s'; 'chmod 600' makes it yours alone"), spec);
	}
	return fd;
}

struct secrets *
secrets_load(const char *spec, struct str *warning, struct err *err)
{
	static bool at_exit;
	int fd = spec_open(spec, warning, err), code;
	struct secrets *s;

	if (fd < 0)
		return NULL;
	s = xcalloc(1, sizeof *s);
	s->text = xcalloc(1, FILE_MAX + 1);
	s->next = loaded;
	loaded = s;
	if (!at_exit)
		atexit(secrets_wipe_all);
	at_exit = true;
	code = text_read(s, spec, fd, err);
	if (fd > STDERR_FILENO)
		close(fd);
	if (!code)
		code = text_parse(s, spec, err);
	return code ? secrets_free(s) : s;
}
