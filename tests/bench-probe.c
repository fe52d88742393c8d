/* How long a probe of three LUNs takes, target on loopback: median of 20, one with an LVM label, one
 * 10 GiB of zeros, one 4 MiB of data at its head. Prints "probe MEDIAN ms (MIN..MAX), own CPU MEAN
 * ms"; the rest of the time is the target's and the kernel's. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include "backends/portalscan.h"
#include "tests/tgt.h"

enum { ROUNDS = 20, MIB = 1 << 20 };

static struct probe_result *result;
static struct err failure;

static void
on_done(void *ctx, struct probe_result *take_result, const struct err *err)
{
	(void)ctx;
	result = take_result;
	failure = *err;
}

static double
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static double
cpu_ms(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1e3 +
	       (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e3;
}

static int
order(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* Milliseconds of one probe; negative when it did not see what is there. */
static double
round_ms(int port)
{
	static const enum lun_verdict wanted[] = { LUN_SIGNED, LUN_EMPTY, LUN_UNKNOWN_DATA };
	struct probe_request req = { .host = "127.0.0.1",
				     .port = port,
				     .initiator = "iqn.2026-11.lan.test:bench",
				     .on_done = on_done };
	struct loop *l = loop_new();
	double began = now_ms(), took;
	struct err err;
	bool ok;

	if (!portalscan_ops.start(l, &req, &err))
		return -1;
	while (!result)
		loop_turn(l, -1);
	took = now_ms() - began;
	loop_run(l);
	loop_free(l);
	ok = !failure.code && result->targets.n == 1 && result->targets.at[0].luns.n == 3;
	for (size_t i = 0; ok && i < 3; i++)
		ok = result->targets.at[0].luns.at[i].verdict == wanted[i];
	result = probe_result_free(result);
	return ok ? took : -1;
}

static void
disks_make(const struct tgt *t)
{
	static unsigned char data[4 * MIB];
	static const char lvm[] = "LABELONE";

	memset(data, 0x5a, sizeof data);
	tgt_disk(t, "signed", 256LL * MIB);
	tgt_poke(t, "signed", 512, lvm, 8);
	tgt_disk(t, "zero", 10240LL * MIB);
	tgt_disk(t, "data", 256LL * MIB);
	tgt_poke(t, "data", 0, data, sizeof data);
	tgt_target(1, "iqn.2026-11.lan.test:bench");
	tgt_lun(t, 1, 1, "signed", "", "");
	tgt_lun(t, 1, 2, "zero", "", "");
	tgt_lun(t, 1, 3, "data", "", "");
}

int
main(void)
{
	struct tgt t;
	double ms[ROUNDS], cpu;
	int code = 1;

	if (tgt_start(&t)) {
		fprintf(stderr, "bench-probe: tgtd does not start here\n");
		return 77;
	}
	disks_make(&t);
	cpu = cpu_ms();
	for (int i = 0; i < ROUNDS; i++) {
		ms[i] = round_ms(t.port);
		if (ms[i] < 0)
			goto out;
	}
	cpu = (cpu_ms() - cpu) / ROUNDS;
	qsort(ms, ROUNDS, sizeof *ms, order);
	printf("probe %.1f ms (%.1f..%.1f), own CPU %.1f ms\n", ms[ROUNDS / 2], ms[0],
	       ms[ROUNDS - 1], cpu);
	code = 0;
out:
	if (code)
		fprintf(stderr, "bench-probe: the probe did not see what is there\n");
	tgt_stop(&t);
	return code;
}
