/* The base image of the practice lab: see image.h. */
#include "backends/image.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backends/tool.h"
#include "base/alloc.h"
#include "base/nls.h"
#include "base/paths.h"

enum { RECIPE_FILE_MAX = 1 << 20, BUILD_MS = 30 * 60 * 1000, TRIAL_MS = 10000 };

/* ---- which image ---- */

static void
hash_add(uint64_t *sum, const void *bytes, size_t n)
{
	uint64_t both[2] = { *sum, hash64(bytes, n) };

	*sum = hash64(both, sizeof both);
}

/* Names and contents of all that lies in the folder. */
static void
folder_hash(const char *folder, uint64_t *sum)
{
	char **names = dir_list(folder, NULL);

	for (char **name = names; name && *name; name++) {
		CLEANUP(freep) char *path = xasprintf("%s/%s", folder, *name);
		CLEAN_STR text = STR_INIT(RECIPE_FILE_MAX);
		struct stat st;

		if (stat(path, &st))
			continue;
		hash_add(sum, *name, strlen(*name));
		if (S_ISDIR(st.st_mode))
			folder_hash(path, sum);
		else if (file_read(path, &text, NULL) >= 0)
			hash_add(sum, str_text(&text), text.len);
	}
	dir_list_free(names);
}

/* The machines may change without a new image: only what build.sh reads counts. */
static char *
recipe_hash(const struct site *s)
{
	static const char *const parts[] = { "build.sh", "packages.txt" };
	CLEANUP(freep) char *folder = xasprintf("%s/image", s->recipe);
	CLEANUP(freep) char *guest = xasprintf("%s/guest", s->recipe);
	uint64_t sum = 0;

	folder_hash(folder, &sum);
	folder_hash(guest, &sum);
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
		CLEANUP(freep) char *path = xasprintf("%s/%s", s->recipe, parts[i]);
		CLEAN_STR text = STR_INIT(RECIPE_FILE_MAX);

		if (file_read(path, &text, NULL) >= 0)
			hash_add(&sum, str_text(&text), text.len);
	}
	return xasprintf("%016llx", (unsigned long long)sum);
}

static bool
image_is_there(const struct site *s, const char *hash)
{
	CLEANUP(freep) char *path = xasprintf("%s/%s/base.img", s->images, hash);

	return *hash && !access(path, R_OK);
}

char *
image_newest(const struct site *s, bool *ret_stale)
{
	CLEANUP(freep) char *today = recipe_hash(s);
	CLEANUP(freep) char *path = xasprintf("%s/newest", s->images);
	CLEAN_STR text = STR_INIT(64);
	char *last;

	*ret_stale = false;
	if (image_is_there(s, today))
		return xstrdup(today);
	if (access(path, R_OK) || file_read(path, &text, NULL) < 0)
		return xstrdup("");
	last = xstrndup(str_text(&text), strcspn(str_text(&text), "\n"));
	*ret_stale = image_is_there(s, last);
	if (!*ret_stale)
		*last = '\0';
	return last;
}

/* ---- building ---- */

static void
build_line(void *ctx, const char *line)
{
	site_say(ctx, "", "%s", line);
}

/* One build at a time, whichever lab asks for it. */
static int
build_lock(const struct site *s, struct err *err)
{
	CLEANUP(freep) char *path = xasprintf("%s/lock", s->images);
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0)
		return err_sys(err, errno, _("cannot open '%s'"), path);
	if (!flock(fd, LOCK_EX | LOCK_NB))
		return fd;
	close(fd);
	err_set(err, E_BUSY, _("the image is being built by another console"));
	err_hint(err, _("Wait until it is done, then go on."));
	return err->code;
}

static int
build_run(struct site *s, const char *hash, struct err *err)
{
	CLEANUP(freep) char *script = xasprintf("%s/build.sh", s->recipe);
	CLEANUP(freep) char *folder = xasprintf("%s/%s", s->images, hash);
	CLEANUP(freep) char *newest = xasprintf("%s/newest", s->images);
	CLEANUP(freep) char *line = xasprintf("%s\n", hash);
	const char *argv[] = { "sh", script, folder, NULL };

	if (dir_make(folder, 0700, err) || tool_run(argv, BUILD_MS, build_line, s, err))
		return err->code;
	return file_write(newest, line, strlen(line), 0600, err);
}

int
image_build(struct site *s, bool force, struct err *err)
{
	CLEANUP(freep) char *hash = recipe_hash(s);
	int lock;

	if (!force && image_is_there(s, hash)) {
		site_say(s, "", _("the image is up to date"));
		return 0;
	}
	lock = build_lock(s, err);
	if (lock < 0)
		return err->code;
	build_run(s, hash, err);
	close(lock);
	return err->code;
}

/* ---- acceleration ---- */

static void
trial_line(void *ctx, const char *line)
{
	bool *alive = ctx;

	*alive |= strstr(line, "bascule-probe-alive") != NULL;
}

/* /dev/kvm may be there and refuse, or take a guest and never let it run: only a start tells. */
static bool
kvm_trial(const struct site *s, const char *image)
{
	CLEANUP(freep) char *kernel = xasprintf("%s/%s/kernel", s->images, image);
	CLEANUP(freep) char *initrd = xasprintf("%s/%s/initrd", s->images, image);
	const char *argv[] = { "qemu-system-x86_64", "-accel", "kvm", "-cpu", "host", "-machine",
			       "pc,usb=off", "-m", "256", "-nodefaults", "-no-user-config",
			       "-display", "none", "-no-reboot", "-serial", "stdio", "-kernel",
			       kernel, "-initrd", initrd, "-append",
			       "console=ttyS0 quiet bascule.probe", NULL };
	bool alive = false;

	tool_run(argv, TRIAL_MS, trial_line, &alive, &(struct err){ 0 });
	return alive;
}

/* The answer holds until this machine starts anew. */
const char *
image_accel(struct site *s, const char *image)
{
	CLEAN_STR boot = STR_INIT(64), known = STR_INIT(64);
	CLEANUP(freep) char *path = xasprintf("%s/kvm-works", s->images);
	CLEANUP(freep) char *note = NULL;
	bool works;

	if (access("/dev/kvm", R_OK | W_OK))
		return "tcg";
	file_read("/proc/sys/kernel/random/boot_id", &boot, NULL);
	if (!access(path, R_OK) && file_read(path, &known, NULL) >= 0 &&
	    str_starts(str_text(&known), str_text(&boot)))
		return strstr(str_text(&known), "yes") ? "kvm" : "tcg";
	site_say(s, "", _("trying KVM with a small start"));
	works = kvm_trial(s, image);
	site_say(s, "", works ? _("KVM works") : _("KVM does not work here: emulation, slower"));
	note = xasprintf("%s%s\n", str_text(&boot), works ? "yes" : "no");
	file_write(path, note, strlen(note), 0600, NULL);
	return works ? "kvm" : "tcg";
}
