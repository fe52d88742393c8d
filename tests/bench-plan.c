/* How long a plan takes for 3, 17 and 64 machines, how that grows with its tasks, and how much
 * memory `check` of the largest one takes in the simulated world. Prints one line for each size:
 * median ms of a plan, tasks, edges, µs per task; then the memory. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "backends/catalog.h"
#include "backends/inventory.h"
#include "base/paths.h"
#include "engine/compose.h"

enum { ROUNDS = 21, FILE_MAX = 256 * 1024 };

static void
on_note(void *ctx, int line, const struct err *err)
{
	(void)ctx;
	fprintf(stderr, "bench-plan: %d: %s\n", line, err->what);
}

static double
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static int
order(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* A cluster file like the tutorial's, with so many hypervisors. */
static void
cluster_text(struct str *out, int hypervisors)
{
	str_add(out, "[cluster]\nname = large\naddress = 10.0.0.250\n[domain]\nname = large.lan\n"
		     "[quorum]\nlun = quorum\n"
		     "[network e]\nuse = enterprise\nsubnet = 10.0.0.0/24\n"
		     "[network h]\nuse = heartbeat\nsubnet = 10.1.0.0/24\n"
		     "[network s]\nuse = storage\nsubnet = 10.2.0.0/24\n"
		     "[node srv]\nroles = dc storage\nnic.a = e 10.0.0.200/24 manage\n"
		     "nic.b = s 10.2.0.200/24\n"
		     "[target nas]\nnode = srv\niqn = iqn.2026-11.lan.large:nas\nportal = 10.2.0.200\n"
		     "[lun vm]\ntarget = nas\nnumber = 0\nsize = 4 GiB\nuse = vm\n"
		     "[lun quorum]\ntarget = nas\nnumber = 1\nsize = 64 MiB\nuse = quorum\n");
	for (int i = 1; i <= hypervisors; i++)
		str_addf(out,
			 "[node hv-%d]\nroles = hypervisor\nnic.a = e 10.0.0.%d/24 manage\n"
			 "nic.b = e 10.0.0.%d/24 switch\nnic.c = h 10.1.0.%d/24\nnic.d = s 10.2.0.%d/24\n",
			 i, i, i + 100, i, i);
}

struct figures {
	double plan_ms, compose_ms;
	size_t tasks, edges, script_bytes;
};

/* The first script of every machine: all its checks whose values are known. */
static double
compose_all(const struct plan *p, size_t *bytes)
{
	struct values *values = values_new();
	struct compose c = { .plan = p, .values = values, .run_nonce = "bench", .console = "bench" };
	struct compose_head head = { .nonce = "bench" };
	double began = now_ms();
	struct node *n;

	*bytes = 0;
	vec_each(n, &p->model->nodes) {
		struct str script = STR_INIT(SCRIPT_MAX);
		VEC(struct task *) batch = { 0 };
		struct task **t;

		vec_each(t, &p->tasks)
			if ((*t)->node == n && compose_ready(&c, *t, NULL))
				vec_push(&batch, *t);
		if (compose_checks(&c, &head, batch.at, NULL, batch.n, &script, NULL))
			fprintf(stderr, "bench-plan: no script for %s\n", n->name);
		*bytes += script.len;
		vec_free(&batch);
		str_done(&script);
	}
	values_free(values);
	return now_ms() - began;
}

static bool
plan_figures(const struct model *m, const struct catalog *c, struct figures *ret)
{
	struct selection sel = { 0 };
	double ms[ROUNDS];

	memset(ret, 0, sizeof *ret);
	for (int i = 0; i < ROUNDS; i++) {
		double began = now_ms();
		struct plan *p = plan_build(m, c, &sel, on_note, NULL);
		struct task **t;

		ms[i] = now_ms() - began;
		if (!p)
			return false;
		if (i == 0) {
			ret->tasks = p->tasks.n;
			vec_each(t, &p->tasks)
				ret->edges += (*t)->after.n;
			ret->compose_ms = compose_all(p, &ret->script_bytes);
		}
		plan_free(p);
	}
	qsort(ms, ROUNDS, sizeof *ms, order);
	ret->plan_ms = ms[ROUNDS / 2];
	return true;
}

/* Resident memory of `check` of this file in the simulated world, in KiB. */
static long
check_memory(const char *program, const char *path)
{
	struct rusage u;
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);

		dup2(nowhere, 1);
		execl(program, program, "check", path, "--world=simulated", (char *)NULL);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status) ||
	    WEXITSTATUS(status) != 7 || getrusage(RUSAGE_CHILDREN, &u))
		return -1;
	return u.ru_maxrss;
}

int
main(int argc, char **argv)
{
	static const int sizes[] = { 2, 16, 63 };
	char path[] = "/tmp/bench-plan.XXXXXX";
	CLEANUP(freep) char *steps = paths_data("steps");
	struct catalog *c = catalog_read_dir(steps, PLATFORM_LINUX, "en", on_note, NULL);
	struct err err = { 0 };
	int fd = mkstemp(path);

	if (!c || fd < 0)
		return 1;
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		CLEAN_STR text = STR_INIT(FILE_MAX);
		struct figures f;
		struct model m;

		cluster_text(&text, sizes[i]);
		model_init(&m);
		if (file_write(path, str_text(&text), text.len, 0600, &err) ||
		    inventory_read(&m, path, on_note, NULL) || !plan_figures(&m, c, &f))
			return 1;
		printf("plan %2d machines: %7.2f ms, %5zu tasks, %6zu edges, %5.2f us a task; "
		       "first scripts %6.2f ms, %zu KiB\n",
		       sizes[i] + 1, f.plan_ms, f.tasks, f.edges, f.plan_ms * 1e3 / (double)f.tasks,
		       f.compose_ms, f.script_bytes / 1024);
		model_done(&m);
	}
	if (argc > 1) {
		long kib = check_memory(argv[1], path);

		printf("check of %d machines: %.1f MiB resident\n", sizes[2] + 1, (double)kib / 1024);
	}
	catalog_free(c);
	close(fd);
	unlink(path);
	return 0;
}
