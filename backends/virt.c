/* Starts bascule-virt, gives it a way to the node's libvirt, and reads its lines. */
#include "backends/virtops.h"

#include <stdlib.h>
#include <string.h>
#include "base/alloc.h"
#include "base/json.h"
#include "base/nls.h"
#include "base/paths.h"
#include "base/proc.h"

enum { LINE_MAX_BYTES = 64 << 10 };

/* One request for a forwarded port; it outlives a stop() that comes before the answer. */
struct passage {
	struct virt *virt;
};

struct virt {
	struct loop *loop;
	struct virt_spec spec;
	char *domain;
	struct proc *proc;
	struct passage *passage;
	struct str in;
	bool failed;
};

static void
virt_fail(struct virt *v, const char *why)
{
	struct err err = { 0 };

	if (v->failed)
		return;
	v->failed = true;
	err_set(&err, E_REMOTE, _("libvirt does not tell how '%s' fares: %s"), v->domain, why);
	v->spec.on_fail(v->spec.ctx, &err);
}

static int64_t
number_get(const json_t *o, const char *key)
{
	return json_is_integer(json_object_get(o, key)) ? json_get_int(o, key) : VIRT_NOT_TOLD;
}

/* false: that was the last line that anybody listens to. */
static bool
line_read(struct virt *v, const char *line, size_t n)
{
	struct err err = { 0 };
	json_t *o = json_parse(line, n, &err);
	struct virt_job job = {
		.done = number_get(o, "done"),
		.total = number_get(o, "total"),
		.elapsed_ms = number_get(o, "elapsed_ms"),
		.downtime_ms = number_get(o, "downtime_ms"),
	};
	CLEAN_STR state = STR_INIT(64);
	CLEAN_STR why = STR_INIT(1024);

	str_add(&state, json_get_text(o, "state"));
	str_add(&why, json_get_text(o, "error"));
	json_decref(o);
	if (why.len) {
		virt_fail(v, str_text(&why));
		return false;
	}
	if (state.len)
		v->spec.on_state(v->spec.ctx, str_text(&state));
	else if (job.total > 0)
		v->spec.on_job(v->spec.ctx, &job);
	return true;
}

static void
on_out(void *ctx, int stream, const char *data, size_t n)
{
	struct virt *v = ctx;
	const char *end;

	if (stream != 1 || v->failed)
		return;
	str_addn(&v->in, data, n);
	while (v->in.len && (end = memchr(v->in.s, '\n', v->in.len))) {
		size_t len = (size_t)(end - v->in.s);

		if (!line_read(v, v->in.s, len))
			return;
		str_drop(&v->in, len + 1);
	}
}

static void
on_done(void *ctx, int status)
{
	struct virt *v = ctx;

	(void)status;
	v->proc = NULL;
	virt_fail(v, _("its helper has ended"));
}

static int
helper_start(struct virt *v, const char *helper, const char *uri, struct err *err)
{
	static const struct proc_ops ops = { .out = on_out, .done = on_done };
	CLEANUP(freep) char *program = helper ? xstrdup(helper) : paths_libexec("bascule-virt");
	const char *argv[] = { program, uri, v->domain, NULL };
	struct proc_spec spec = { .argv = argv, .keep_stdin = true };

	v->proc = proc_start(v->loop, &spec, &ops, v, err);
	return v->proc ? 0 : err->code;
}

static struct virt *
virt_new(struct loop *l, const struct virt_spec *spec)
{
	struct virt *v = xcalloc(1, sizeof *v);

	v->loop = l;
	v->spec = *spec;
	v->domain = xstrdup(spec->domain);
	v->in = STR_INIT(LINE_MAX_BYTES);
	return v;
}

static struct virt *
virt_stop(struct virt *v)
{
	if (!v)
		return NULL;
	if (v->passage)
		v->passage->virt = NULL;
	if (v->proc)
		proc_abandon(v->proc);
	str_done(&v->in);
	free(v->domain);
	free(v);
	return NULL;
}

struct virt *
virt_follow_uri(struct loop *l, const struct virt_spec *spec, const char *helper, const char *uri,
		struct err *err)
{
	struct virt *v = virt_new(l, spec);

	return helper_start(v, helper, uri, err) ? virt_stop(v) : v;
}

static void
on_forward(void *ctx, int local_port, const struct err *err)
{
	struct passage *p = ctx;
	struct virt *v = p->virt;
	struct err why = { 0 };
	CLEAN_STR uri = STR_INIT(128);

	free(p);
	if (!v)
		return;
	v->passage = NULL;
	if (err && err->code) {
		virt_fail(v, err->what);
		return;
	}
	/* The daemon speaks on its socket what it would speak on a port, and asks root nothing. */
	str_addf(&uri, "qemu+tcp://127.0.0.1:%d/system", local_port);
	if (helper_start(v, NULL, str_text(&uri), &why))
		virt_fail(v, why.what);
}

static struct virt *
virt_follow(struct loop *l, const struct virt_spec *spec, struct err *err)
{
	struct virt *v;

	if (!spec->via->ops->forward) {
		err_set(err, -ENOSYS, _("this connection forwards nothing"));
		return NULL;
	}
	v = virt_new(l, spec);
	v->passage = xcalloc(1, sizeof *v->passage);
	v->passage->virt = v;
	spec->via->ops->forward(spec->via, "/run/libvirt/libvirt-sock", 0, on_forward, v->passage);
	return v;
}

const struct virt_ops virt_libvirt = { virt_follow, virt_stop };
