/* Where files are, and whole files and folders at a time. */
#include "base/paths.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/nls.h"
#include "base/vec.h"

#ifndef PKGDATADIR
#define PKGDATADIR "/usr/local/share/bascule"
#endif
#ifndef PKGLIBEXECDIR
#define PKGLIBEXECDIR "/usr/local/libexec/bascule"
#endif

/* The folder of the running program. */
static char *
paths_program(void)
{
	char exe[PATH_MAX], *slash;
	ssize_t n = readlink("/proc/self/exe", exe, sizeof exe - 1);

	if (n <= 0)
		return xstrdup("");
	exe[n] = '\0';
	slash = strrchr(exe, '/');
	if (slash)
		*slash = '\0';
	return xstrdup(exe);
}

/* dir/under/name when it exists, else NULL. */
static char *
path_try(const char *dir, const char *under, const char *name)
{
	char *path = xasprintf("%s/%s%s%s", dir, under, *under ? "/" : "", name);

	if (!access(path, F_OK))
		return path;
	free(path);
	return NULL;
}

char *
paths_data(const char *name)
{
	const char *forced = getenv("BASCULE_DATADIR");
	CLEANUP(freep) char *program = paths_program();
	char *path;

	if (forced && *forced)
		return xasprintf("%s/%s", forced, name);
	path = path_try(program, "", name);
	if (!path)
		path = path_try(program, "../share/bascule", name);
	return path ? path : xasprintf("%s/%s", PKGDATADIR, name);
}

char *
paths_libexec(const char *name)
{
	CLEANUP(freep) char *program = paths_program();
	char *path = path_try(program, "", name);

	if (!path)
		path = path_try(program, "../libexec/bascule", name);
	return path ? path : xasprintf("%s/%s", PKGLIBEXECDIR, name);
}

/* The folder an XDG variable names, when it is absolute as the specification wants. */
static const char *
xdg_dir(const char *variable)
{
	const char *dir = getenv(variable);

	return dir && dir[0] == '/' ? dir : NULL;
}

static char *
xdg_path(const char *variable, const char *home_default, const char *name, struct err *err)
{
	const char *dir = xdg_dir(variable), *home = getenv("HOME");
	const struct passwd *user;
	char *path;

	if (!dir && (!home || home[0] != '/')) {
		user = getpwuid(getuid());
		home = user ? user->pw_dir : NULL;
	}
	if (!dir && !home) {
		err_set(err, -ENOENT, _("there is no home folder"));
		err_hint(err, _("set HOME or %s"), variable);
		return NULL;
	}
	path = xasprintf("%s%s%s/bascule%s%s", dir ? dir : home, dir ? "" : "/",
			 dir ? "" : home_default, *name ? "/" : "", name);
	if (dir_make(path, 0700, err) == 0)
		return path;
	free(path);
	return NULL;
}

char *
paths_state(const char *name, struct err *err)
{
	return xdg_path("XDG_STATE_HOME", ".local/state", name, err);
}

char *
paths_cache(const char *name, struct err *err)
{
	return xdg_path("XDG_CACHE_HOME", ".cache", name, err);
}

char *
paths_runtime(const char *name, struct err *err)
{
	const char *dir = xdg_dir("XDG_RUNTIME_DIR");
	CLEANUP(freep) char *below = NULL;
	struct stat st;

	/* after su the variable may still name the folder of someone else */
	if (dir && !stat(dir, &st) && S_ISDIR(st.st_mode) && st.st_uid == geteuid() &&
	    !access(dir, W_OK))
		return xdg_path("XDG_RUNTIME_DIR", "", name, err);
	below = xasprintf("run%s%s", *name ? "/" : "", name);
	return paths_state(below, err);
}

static int
read_all(int fd, struct str *out)
{
	char part[32768];
	ssize_t n;

	while ((n = read(fd, part, sizeof part)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		str_addn(out, part, (size_t)n);
		if (out->cut)
			return -EFBIG;
	}
	return 0;
}

int
file_read(const char *path, struct str *out, struct err *err)
{
	struct stat st;
	int fd, code;

	if (stat(path, &st) < 0)
		return err_sys(err, errno, _("cannot open '%s'"), path);
	if (S_ISDIR(st.st_mode))
		return err_sys(err, EISDIR, _("cannot open '%s'"), path);
	if (!S_ISREG(st.st_mode) && !S_ISFIFO(st.st_mode))
		return err_set(err, -EINVAL, _("'%s' is not a file"), path);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return err_sys(err, errno, _("cannot open '%s'"), path);
	code = read_all(fd, out);
	close(fd);
	if (code == -EFBIG)
		return err_set(err, code, _("'%s' is larger than %zu bytes"), path, out->max);
	return code ? err_sys(err, -code, _("cannot read '%s'"), path) : 0;
}

static int
write_all(int fd, const char *data, size_t n)
{
	while (n) {
		ssize_t done = write(fd, data, n);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return -errno;
		data += done;
		n -= (size_t)done;
	}
	return fsync(fd) < 0 ? -errno : 0;
}

/* A rename is on disk only once its folder is. */
static void
folder_sync(const char *path)
{
	const char *slash = strrchr(path, '/');
	CLEANUP(freep) char *dir = slash ? xstrndup(path, (size_t)(slash - path) + 1)
					 : xstrdup(".");
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return;
	(void)fsync(fd);
	close(fd);
}

int
file_write(const char *path, const void *data, size_t n, unsigned mode, struct err *err)
{
	CLEANUP(freep) char *real = realpath(path, NULL); /* a link stays a link */
	const char *target = real ? real : path;
	CLEANUP(freep) char *temporary = xasprintf("%s.XXXXXX", target);
	int fd = mkostemp(temporary, O_CLOEXEC), code;

	if (fd < 0)
		return err_sys(err, errno, _("cannot write '%s'"), path);
	code = write_all(fd, data, n);
	if (!code && fchmod(fd, mode) < 0)
		code = -errno;
	if (close(fd) < 0 && !code)
		code = -errno;
	if (!code && rename(temporary, target) < 0)
		code = -errno;
	if (code) {
		unlink(temporary);
		return err_sys(err, -code, _("cannot write '%s'"), path);
	}
	folder_sync(target);
	return 0;
}

int
dir_make(const char *path, unsigned mode, struct err *err)
{
	CLEANUP(freep) char *part = xstrdup(path);
	struct stat st;

	for (char *slash = strchr(part + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(part, mode) < 0 && errno != EEXIST)
			return err_sys(err, errno, _("cannot make the folder '%s'"), part);
		*slash = '/';
	}
	if (mkdir(part, mode) < 0 && errno != EEXIST)
		return err_sys(err, errno, _("cannot make the folder '%s'"), path);
	if (stat(part, &st) < 0 || !S_ISDIR(st.st_mode))
		return err_sys(err, ENOTDIR, _("cannot make the folder '%s'"), path);
	return 0;
}

static int
name_compare(const void *a, const void *b)
{
	return strverscmp(*(char *const *)a, *(char *const *)b);
}

char **
dir_list(const char *path, struct err *err)
{
	VEC(char *) names = { 0 };
	DIR *dir = opendir(path);
	struct dirent *d;

	if (!dir) {
		err_sys(err, errno, _("cannot read the folder '%s'"), path);
		return NULL;
	}
	while ((d = readdir(dir)))
		if (d->d_name[0] != '.')
			vec_push(&names, xstrdup(d->d_name));
	closedir(dir);
	if (names.n)
		qsort(names.at, names.n, sizeof *names.at, name_compare);
	vec_push(&names, NULL);
	return names.at;
}

void
dir_list_free(char **names)
{
	for (size_t i = 0; names && names[i]; i++)
		free(names[i]);
	free(names);
}
