/* bascule-virt: follows one VM through libvirt and says what it sees, a JSON object a line.
 *
 *	bascule-virt URI DOMAIN
 *
 * A program of its own because libvirt blocks, and because linking it would cost the console more
 * time and memory than all the rest. It ends when its stdin is closed; 1 = libvirt was lost. */
#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "base/str.h"

/* A dead node is noticed after KEEPALIVE_S × KEEPALIVE_COUNT seconds. */
enum { SAMPLE_MS = 200, KEEPALIVE_S = 1, KEEPALIVE_COUNT = 3, LINE_MAX_BYTES = 4096 };

struct watch {
	virConnectPtr conn;
	const char *name;
	char state[16];  /* last told */
	long long bytes; /* of the job last told, so that a sample without news stays unsaid */
	bool over;
	int code;
};

static void
say(json_t *take)
{
	CLEAN_STR line = STR_INIT(LINE_MAX_BYTES);

	json_line(&line, take);
	fputs(str_text(&line), stdout);
	fflush(stdout);
}

static void
watch_end(struct watch *w, int code)
{
	w->over = true;
	w->code = code;
}

static int
watch_fail(void)
{
	const char *why = virGetLastErrorMessage();

	say(json_pack("{s:o}", "error", json_text(why, strlen(why))));
	return 1;
}

static const char *
state_name(int state)
{
	static const char *const names[] = {
		[VIR_DOMAIN_NOSTATE] = "unknown",   [VIR_DOMAIN_RUNNING] = "running",
		[VIR_DOMAIN_BLOCKED] = "running",   [VIR_DOMAIN_PAUSED] = "paused",
		[VIR_DOMAIN_SHUTDOWN] = "stopping", [VIR_DOMAIN_SHUTOFF] = "shutoff",
		[VIR_DOMAIN_CRASHED] = "crashed",   [VIR_DOMAIN_PMSUSPENDED] = "paused",
	};

	return state >= 0 && (size_t)state < sizeof names / sizeof *names ? names[state]
									   : "unknown";
}

static void
state_say(struct watch *w, const char *state)
{
	if (strcmp(w->state, state) == 0)
		return;
	str_put(w->state, sizeof w->state, state);
	say(json_pack("{s:s}", "state", state));
}

static long long
stat_get(virTypedParameterPtr stats, int n, const char *name)
{
	unsigned long long value = 0;

	return virTypedParamsGetULLong(stats, n, name, &value) == 1 && value <= INT64_MAX
		       ? (long long)value
		       : -1;
}

static void
job_say(struct watch *w, virDomainPtr dom)
{
	virTypedParameterPtr stats = NULL;
	long long done, total;
	int type, n = 0;

	if (virDomainGetJobStats(dom, &type, &stats, &n, 0) < 0)
		return;
	done = stat_get(stats, n, VIR_DOMAIN_JOB_MEMORY_PROCESSED);
	total = stat_get(stats, n, VIR_DOMAIN_JOB_MEMORY_TOTAL);
	if (type != VIR_DOMAIN_JOB_NONE && total > 0 && done != w->bytes) {
		w->bytes = done;
		say(json_pack("{s:I,s:I,s:I,s:I}", "done", (json_int_t)done, "total",
			      (json_int_t)total, "elapsed_ms",
			      (json_int_t)stat_get(stats, n, VIR_DOMAIN_JOB_TIME_ELAPSED),
			      "downtime_ms",
			      (json_int_t)stat_get(stats, n, VIR_DOMAIN_JOB_DOWNTIME)));
	}
	virTypedParamsFree(stats, n);
}

/* A VM that was moved away is not there any more, and may come back. */
static void
on_sample(int timer, void *ctx)
{
	struct watch *w = ctx;
	virDomainPtr dom = virDomainLookupByName(w->conn, w->name);
	int state = VIR_DOMAIN_NOSTATE;

	(void)timer;
	if (!dom) {
		state_say(w, "absent");
		return;
	}
	if (virDomainGetState(dom, &state, NULL, 0) == 0)
		state_say(w, state_name(state));
	job_say(w, dom);
	virDomainFree(dom);
}

static void
on_stdin(int watch, int fd, int events, void *ctx)
{
	char data[64];

	(void)watch, (void)events;
	if (read(fd, data, sizeof data) <= 0)
		watch_end(ctx, 0);
}

static void
on_close(virConnectPtr conn, int reason, void *ctx)
{
	(void)conn, (void)reason;
	say(json_pack("{s:s}", "error", "the connection was lost"));
	watch_end(ctx, 1);
}

static void
silent(void *ctx, virErrorPtr e)
{
	(void)ctx, (void)e;
}

static int
watch_run(struct watch *w)
{
	virConnectSetKeepAlive(w->conn, KEEPALIVE_S, KEEPALIVE_COUNT);
	virConnectRegisterCloseCallback(w->conn, on_close, w, NULL);
	if (virEventAddHandle(STDIN_FILENO, VIR_EVENT_HANDLE_READABLE | VIR_EVENT_HANDLE_HANGUP,
			      on_stdin, w, NULL) < 0 ||
	    virEventAddTimeout(SAMPLE_MS, on_sample, w, NULL) < 0)
		return watch_fail();
	on_sample(0, w);
	while (!w->over)
		if (virEventRunDefaultImpl() < 0)
			return watch_fail();
	return w->code;
}

int
main(int argc, char **argv)
{
	struct watch w = { .bytes = -1 };
	int code;

	if (argc != 3) {
		fputs("bascule-virt URI DOMAIN\n", stderr);
		return 2;
	}
	virSetErrorFunc(NULL, silent);
	if (virInitialize() < 0 || virEventRegisterDefaultImpl() < 0)
		return watch_fail();
	w.name = argv[2];
	w.conn = virConnectOpenReadOnly(argv[1]);
	if (!w.conn)
		return watch_fail();
	code = watch_run(&w);
	virConnectClose(w.conn);
	return code;
}
