/* The local lock of a cluster's state folder: one writing console per machine and user. */
#include "engine/journal.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "base/nls.h"
#include "base/str.h"

static int
lock_busy(int fd, struct err *err)
{
	char text[32] = "";
	uint64_t pid = 0;
	if (pread(fd, text, sizeof text - 1, 0) > 0)
		text[strcspn(text, "\n")] = '\0';
	if (str_to_u64(text, &pid))
		err_set(err, E_BUSY, _("another bascule works on this cluster: process %llu"),
			(unsigned long long)pid);
	else
		err_set(err, E_BUSY, _("another bascule works on this cluster"));
	err_hint(err, _("Wait until it has ended, or stop it with Ctrl-C there."));
	return E_BUSY;
}

int
journal_lock(const char *path, int *ret_fd, struct err *err)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return err_sys(err, errno, _("cannot open the lock '%s'"), path);
	/* An open file description's lock: it goes with the process, however that ends. */
	struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	if (fcntl(fd, F_OFD_SETLK, &whole) < 0) {
		int code = errno == EAGAIN || errno == EACCES
			? lock_busy(fd, err) : err_sys(err, errno, _("cannot lock '%s'"), path);
		close(fd);
		return code;
	}
	/* The number is for the other console's message only; a full disk must not stop us here. */
	char pid[32];
	int n = snprintf(pid, sizeof pid, "%ld\n", (long)getpid());
	if (ftruncate(fd, 0) == 0 && pwrite(fd, pid, (size_t)n, 0) < 0)
		n = 0;
	*ret_fd = fd;
	return 0;
}

void
journal_unlock(int fd)
{
	if (fd >= 0)
		close(fd);
}
