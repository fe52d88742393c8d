/* Full-screen programs side by side through the same pty: time until the first frame stands and until
 * the screen is at rest (some go on by themselves), bytes for one press of an arrow key, memory. Run by
 * tests/bench-tui.sh: NAME PROGRAM [ARGUMENT…]. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { ROUNDS = 9, KEYS = 20, QUIET_MS = 150, BURST_MS = 10, ROWS = 24, COLUMNS = 80 };

static double
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/* Reads until nothing has come for a while; when the last byte came, how many there were, and when the
 * first of the bursts in which they came had ended (ret_burst may be NULL). */
static double
read_until_quiet(int fd, int first_ms, size_t *ret_bytes, double *ret_burst)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	double last = 0, burst = 0;
	char bytes[65536];

	*ret_bytes = 0;
	while (poll(&p, 1, *ret_bytes ? QUIET_MS : first_ms) > 0) {
		ssize_t n = read(fd, bytes, sizeof bytes);

		if (n <= 0)
			break;
		if (*ret_bytes && burst <= 0 && now_ms() - last > BURST_MS)
			burst = last;
		*ret_bytes += (size_t)n;
		last = now_ms();
	}
	if (ret_burst)
		*ret_burst = burst > 0 ? burst : last;
	return last;
}

static long
resident_kib(pid_t pid)
{
	char path[64], line[256];
	long kib = 0;
	FILE *f;

	(void)snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof line, f))
		if (sscanf(line, "VmRSS: %ld", &kib) == 1)
			break;
	if (f)
		(void)fclose(f);
	return kib;
}

static int
by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static double
median(double *values, int n)
{
	qsort(values, (size_t)n, sizeof *values, by_size);
	return values[n / 2];
}

struct measured {
	double first_ms, rest_ms, key_bytes;
	long kib;
};

/* Down, and up again at the end of every list: the rest of the screen stays. */
static double
measure_keys(int fd)
{
	double bytes[KEYS];
	size_t n;

	for (int i = 0; i < KEYS; i++) {
		const char *key = i % 4 < 2 ? "\033OB" : "\033OA";

		if (write(fd, key, 3) != 3)
			return 0;
		read_until_quiet(fd, 1000, &n, NULL);
		bytes[i] = (double)n;
	}
	return median(bytes, KEYS);
}

/* BENCH_KEYS leads to a list, where the program does not begin with one. */
static void
go_to_list(int fd)
{
	const char *keys = getenv("BENCH_KEYS");
	size_t n;

	if (keys && write(fd, keys, strlen(keys)) > 0)
		read_until_quiet(fd, 1000, &n, NULL);
}

static bool
measure_once(char **argv, bool with_keys, struct measured *ret)
{
	struct winsize size = { .ws_row = ROWS, .ws_col = COLUMNS };
	double start = now_ms();
	size_t bytes;
	int fd;
	pid_t pid = forkpty(&fd, NULL, NULL, &size);

	if (pid == 0) {
		execvp(argv[0], argv);
		_exit(127);
	}
	if (pid < 0)
		return false;
	ret->rest_ms = read_until_quiet(fd, 5000, &bytes, &ret->first_ms) - start;
	ret->first_ms -= start;
	if (with_keys && bytes)
		go_to_list(fd);
	if (with_keys && bytes)
		ret->key_bytes = measure_keys(fd);
	ret->kib = resident_kib(pid);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	close(fd);
	return bytes > 0 && ret->kib > 0;
}

int
main(int argc, char **argv)
{
	struct measured m = { 0 }, keys = { 0 };
	double first[ROUNDS], rest[ROUNDS];

	if (argc < 3) {
		fprintf(stderr, "usage: bench-tui NAME PROGRAM [ARGUMENT ...]\n");
		return 2;
	}
	if (!measure_once(argv + 2, true, &keys)) {
		printf("%-10s did not show a screen\n", argv[1]);
		return 1;
	}
	for (int i = 0; i < ROUNDS; i++) {
		if (!measure_once(argv + 2, false, &m))
			return 1;
		first[i] = m.first_ms;
		rest[i] = m.rest_ms;
	}
	printf("%-10s %8.1f ms %8.1f ms %8.0f bytes %8.1f MiB\n", argv[1], median(first, ROUNDS),
	       median(rest, ROUNDS), keys.key_bytes, (double)keys.kib / 1024);
	return 0;
}
