/* The program's log, and the one list of secrets that nothing may keep. Worker threads
 * may log as well, so a mutex guards both. */
#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/str.h"
#include "base/text.h"
#include "base/vec.h"

enum { RING_LINES = 1000, LINE_BYTES = 4096, SECRET_LEAST = 4 };

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static struct {
	char *lines[RING_LINES];
	size_t first, n;
	int fd;
} ring = { .fd = -1 };
static VEC(char *) secrets; /* longest first, so that one inside another leaves no rest */

/* The secret that starts at s, or 0. */
static size_t
secret_at(const char *s, size_t n)
{
	for (size_t i = 0; i < secrets.n; i++) {
		size_t len = strlen(secrets.at[i]);

		if (len <= n && !memcmp(s, secrets.at[i], len))
			return len;
	}
	return 0;
}

static void
redact_locked(struct str *out, const char *text, size_t n)
{
	size_t from = 0;

	for (size_t i = 0; secrets.n && i < n;) {
		size_t len = secret_at(text + i, n - i);

		if (!len) {
			i++;
			continue;
		}
		str_addn(out, text + from, i - from);
		str_add(out, "***");
		from = i += len;
	}
	str_addn(out, text + from, n - from);
}

static void
ring_add(char *line)
{
	if (ring.n == RING_LINES) {
		free(ring.lines[ring.first]);
		ring.lines[ring.first] = NULL;
		ring.first = (ring.first + 1) % RING_LINES;
		ring.n--;
	}
	ring.lines[(ring.first + ring.n++) % RING_LINES] = line;
}

void
log_line(enum log_level level, const char *fmt, ...)
{
	static const char *const words[] = { "debug", "info", "warn", "error" };
	struct str line = STR_INIT(LINE_BYTES), safe = STR_INIT(LINE_BYTES);
	struct timespec now;
	struct tm tm;
	va_list ap;
	char *text;

	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0)
		text = NULL;
	va_end(ap);
	if (!text)
		return;
	clock_gettime(CLOCK_REALTIME, &now);
	localtime_r(&now.tv_sec, &tm);
	str_addf(&line, "%02d:%02d:%02d.%03ld %-5s ", tm.tm_hour, tm.tm_min, tm.tm_sec,
		 now.tv_nsec / 1000000, words[level]);
	pthread_mutex_lock(&mutex);
	redact_locked(&safe, text, strlen(text));
	text_clean(&line, str_text(&safe), safe.len, false);
	if (ring.fd >= 0)
		(void)!dprintf(ring.fd, "%s\n", str_text(&line));
	ring_add(str_steal(&line));
	pthread_mutex_unlock(&mutex);
	explicit_bzero(text, strlen(text));
	free(text);
	str_done(&safe);
}

int
log_to_file(const char *path)
{
	int fd = path ? open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY, 0600) : -1;

	if (path && fd < 0)
		return -errno;
	pthread_mutex_lock(&mutex);
	if (ring.fd >= 0)
		close(ring.fd);
	ring.fd = fd;
	pthread_mutex_unlock(&mutex);
	return 0;
}

size_t
log_count(void)
{
	return ring.n;
}

const char *
log_at(size_t i)
{
	return i < ring.n ? ring.lines[(ring.first + i) % RING_LINES] : "";
}

void
log_secret(const char *value)
{
	static bool registered;
	size_t len = strlen(value), i;

	if (len < SECRET_LEAST)
		return;
	pthread_mutex_lock(&mutex);
	if (!registered)
		atexit(log_forget_secrets);
	registered = true;
	for (i = 0; i < secrets.n && strcmp(secrets.at[i], value) != 0; i++) {
		/* find it */
	}
	if (i == secrets.n) {
		vec_push(&secrets, xstrdup(value));
		for (; i && strlen(secrets.at[i - 1]) < len; i--) {
			char *longer = secrets.at[i];

			secrets.at[i] = secrets.at[i - 1];
			secrets.at[i - 1] = longer;
		}
	}
	pthread_mutex_unlock(&mutex);
}

void
log_forget_secrets(void)
{
	pthread_mutex_lock(&mutex);
	for (size_t i = 0; i < secrets.n; i++) {
		explicit_bzero(secrets.at[i], strlen(secrets.at[i]));
		free(secrets.at[i]);
	}
	vec_free(&secrets);
	pthread_mutex_unlock(&mutex);
}

void
log_redact(struct str *out, const char *text, size_t n)
{
	pthread_mutex_lock(&mutex);
	redact_locked(out, text, n);
	pthread_mutex_unlock(&mutex);
}

/* Could a secret begin here and go on behind the end? */
static bool
secret_may_begin(const char *s, size_t n)
{
	for (size_t i = 0; i < secrets.n; i++)
		if (strlen(secrets.at[i]) > n && !memcmp(s, secrets.at[i], n))
			return true;
	return false;
}

size_t
log_redact_part(struct str *out, const char *text, size_t n)
{
	size_t take = 0;

	pthread_mutex_lock(&mutex);
	while (take < n && !secret_may_begin(text + take, n - take)) {
		size_t len = secret_at(text + take, n - take);

		if (len)
			str_add(out, "***");
		else
			str_addc(out, text[take]);
		take += len ? len : 1;
	}
	pthread_mutex_unlock(&mutex);
	return take;
}

bool
log_has_secret(const char *text, size_t n)
{
	bool found = false;

	pthread_mutex_lock(&mutex);
	for (size_t i = 0; secrets.n && i < n && !found; i++)
		found = secret_at(text + i, n - i) > 0;
	pthread_mutex_unlock(&mutex);
	return found;
}
