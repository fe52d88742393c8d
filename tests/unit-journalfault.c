/* The journal where something is wrong: a broken, a foreign or a newer file, a full disk, another
 * console that has the lock; and a secret in what is written, which is in no byte of its files. */
#include "tests/journalbed.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "base/paths.h"

static bool
file_holds(const char *end, const char *needle)
{
	char name[96];
	CLEAN_STR text = STR_INIT(64 << 20);
	snprintf(name, sizeof name, "%s%s", path, end);
	if (file_read(name, &text, NULL))
		return false;
	return memmem(str_text(&text), text.len, needle, strlen(needle));
}

static void
test_no_secret(void **state)
{
	(void)state;
	static const char canary[] = "canary-8c1f5d";
	struct journal *j = opened();
	log_secret(canary);
	emit_start(j);
	emit_output(j, 1, "password canary-8c1f5d taken\n", 29);
	task.reason = (char[]){ "refused canary-8c1f5d" };
	emit_state(j, TASK_FAILED);
	struct err err = { .code = E_AUTH };
	str_put(err.what, sizeof err.what, "not canary-8c1f5d");
	emit(j, (struct event){ .type = EV_ERROR, .node = &node, .err = &err });
	emit(j, (struct event){ .type = EV_VALUE, .task = &task, .name = "lun.canary-8c1f5d",
				.text = "canary-8c1f5d" });
	emit(j, (struct event){ .type = EV_INTENT, .task = &task });
	assert_true(file_holds("-wal", "refused"));
	assert_false(file_holds("-wal", canary));
	assert_false(file_holds("", canary));
	journal_close(j);
	assert_true(file_holds("", "taken"));
	assert_false(file_holds("", canary));
	log_forget_secrets();
}

static void
test_broken(void **state)
{
	(void)state;
	struct err err = { 0 };
	char bytes[8192];
	memset(bytes, 'z', sizeof bytes);
	assert_int_equal(file_write(path, bytes, sizeof bytes, 0600, NULL), 0);
	assert_null(journal_open(loop, path, &err));
	assert_non_null(strstr(err.what, path));
	assert_true(err.hint[0]);
	CLEAN_STR after = STR_INIT(sizeof bytes * 2);
	assert_int_equal(file_read(path, &after, NULL), 0);
	assert_int_equal(after.len, sizeof bytes); /* it is the user's: never touched */
}

/* Puts a number at an offset of the database header (SQLite file format, 1.3). */
static void
header_patch(off_t at, unsigned char last)
{
	const unsigned char number[4] = { 0, 0, 0, last };
	int fd = open(path, O_WRONLY);
	assert_int_equal(pwrite(fd, number, 4, at), 4);
	close(fd);
}

static void
test_newer_and_foreign(void **state)
{
	(void)state;
	enum { USER_VERSION = 60, APPLICATION_ID = 68 };
	struct err err = { 0 };
	journal_close(opened());
	header_patch(USER_VERSION, 200);
	assert_null(journal_open(loop, path, &err));
	assert_non_null(strstr(err.what, "newer"));
	header_patch(USER_VERSION, 2);
	journal_close(opened());
	header_patch(APPLICATION_ID, 7);
	assert_null(journal_open(loop, path, &err));
	assert_non_null(strstr(err.what, "not a journal"));
}

/* The disk is full, as far as this process is concerned, at every size in turn. */
static void
test_full_disk(void **state)
{
	(void)state;
	struct rlimit old, small;
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &old);
	size_t refused = 0, late = 0;
	for (rlim_t size = 4096; size <= 256 * 1024; size += 12 * 1024) {
		struct err err = { 0 };
		files_remove();
		small = old;
		small.rlim_cur = size;
		setrlimit(RLIMIT_FSIZE, &small);
		struct journal *j = journal_open(loop, path, &err);
		char line[4096];
		memset(line, 'y', sizeof line);
		if (j) {
			emit_start(j);
			for (int i = 0; i < 100; i++) {
				emit_output(j, 1, line, sizeof line);
				emit(j, (struct event){ .type = EV_INTENT, .task = &task });
			}
			if (journal_error(j, &err))
				late++;
			journal_close(j);
		} else {
			refused++;
		}
		setrlimit(RLIMIT_FSIZE, &old);
		assert_true(err.code < 0 && err.what[0] && err.hint[0]);
		/* With room again the file is fine. */
		j = opened();
		read_all(j);
		journal_close(j);
	}
	assert_true(refused > 0);
	assert_true(late > 0);
}

static void
test_lock(void **state)
{
	(void)state;
	char lock[80];
	struct err err = { 0 };
	int fd = -1, second = -1;
	snprintf(lock, sizeof lock, "%s/lock", folder);
	assert_int_equal(journal_lock(lock, &fd, &err), 0);
	assert_int_equal(journal_lock(lock, &second, &err), E_BUSY);
	char pid[32];
	snprintf(pid, sizeof pid, "%ld", (long)getpid());
	assert_non_null(strstr(err.what, pid));
	assert_true(err.hint[0]);
	journal_unlock(fd);
	assert_int_equal(journal_lock(lock, &second, &err), 0);
	journal_unlock(second);
	unlink(lock);
}

/* Two consoles race for it again and again: never two owners. */
static void
test_lock_race(void **state)
{
	(void)state;
	char lock[80];
	snprintf(lock, sizeof lock, "%s/lock", folder);
	int ends[2];
	assert_int_equal(pipe(ends), 0);
	for (int c = 0; c < 2; c++) {
		if (fork())
			continue;
		int bad = 0;
		for (int i = 0; i < 500; i++) {
			int fd;
			if (journal_lock(lock, &fd, NULL))
				continue;
			/* Alone in here: made and removed without another's trace. */
			char mark[96];
			snprintf(mark, sizeof mark, "%s.mark", lock);
			int made = open(mark, O_CREAT | O_EXCL, 0600);
			bad += made < 0;
			close(made);
			unlink(mark);
			journal_unlock(fd);
		}
		_exit(bad);
	}
	for (int c = 0, status; c < 2; c++) {
		wait(&status);
		assert_int_equal(status, 0);
	}
	close(ends[0]);
	close(ends[1]);
	unlink(lock);
}

int
main(void)
{
	const struct CMUnitTest list[] = {
		JOURNAL_TEST(test_no_secret),
		JOURNAL_TEST(test_broken),
		JOURNAL_TEST(test_newer_and_foreign),
		JOURNAL_TEST(test_full_disk),
		JOURNAL_TEST(test_lock),
		JOURNAL_TEST(test_lock_race),
	};

	return journal_main(list, sizeof list / sizeof *list);
}
