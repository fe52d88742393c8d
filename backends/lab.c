/* The practice lab's orders: each runs on a worker thread that may wait, and tells the loop. */
#include "backends/labops.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "backends/access.h"
#include "backends/checkpoint.h"
#include "backends/image.h"
#include "backends/machine.h"
#include "backends/site.h"
#include "backends/tool.h"
#include "backends/wires.h"
#include "base/alloc.h"
#include "base/nls.h"
#include "base/paths.h"

enum { UP_MS = 600000, BUTTON_MS = 300000, GREETING_MS = 3000, NODES_DEFAULT = 2 };

struct lab {
	struct site site;
	struct loop *loop;
	lab_say_fn say;
	lab_done_fn done;
	void *ctx;
	pthread_mutex_t mutex;
	bool busy;     /* the loop's thread alone */
	bool closed;   /* under the mutex, */
	unsigned refs; /* as is this: the owner, the thread, each line on its way */
	struct lab_order order;
	struct lab_status status;
	struct err err; /* of the order */
};

typedef int (*order_fn)(struct lab *lab, struct err *err);

/* ---- up ---- */

static bool
is_hypervisor(const struct lab_machine *m)
{
	return strstr(m->roles, "hypervisor") != NULL;
}

/* Marks the machines of this order: all that serve, the first N hypervisors, and those that
 * are there already. */
static int
machines_mark(struct lab *lab, bool *wanted, struct err *err)
{
	int nodes = lab->order.nodes ? lab->order.nodes : NODES_DEFAULT, there = 0;
	struct site *s = &lab->site;

	for (size_t i = 0; i < s->n; i++) {
		bool hypervisor = is_hypervisor(&s->machines[i]);

		wanted[i] = !hypervisor || there < nodes ||
			    site_has(s, &s->machines[i], "disk.qcow2");
		there += hypervisor;
	}
	if (nodes <= there)
		return 0;
	err_set(err, E_INPUT, _("the lab has %d hypervisors, not %d"), there, nodes);
	err_hint(err, _("Its machines are described in %s/machines.txt."), s->recipe);
	return err->code;
}

static char *
image_get(struct site *s, struct err *err)
{
	bool stale;
	char *image = image_newest(s, &stale);

	if (stale)
		site_say(s, "", _("the image is older than its recipe; 'bascule lab build' renews "
				  "it"));
	if (*image)
		return image;
	free(image);
	err_set(err, -ENOENT, _("the practice machines have no image yet"));
	err_hint(err, _("Build it once, it takes some minutes: bascule lab build."));
	return NULL;
}

static int
machines_start(struct lab *lab, const bool *wanted, struct err *err)
{
	struct site *s = &lab->site;
	CLEANUP(freep) char *image = image_get(s, err);
	const char *accel;

	if (!image)
		return err->code;
	accel = image_accel(s, image);
	for (size_t i = 0; i < s->n; i++) {
		struct lab_machine *m = &s->machines[i];

		if (!wanted[i] || machine_pid(s, m))
			continue;
		if (machine_make(s, m, image, err) || machine_start(s, m, accel, err))
			return err->code;
		site_say(s, m->name, _("is on (%s), port %d"), accel, m->port);
	}
	return 0;
}

static int
lab_up(struct lab *lab, struct err *err)
{
	bool wanted[LAB_MACHINES_MAX] = { false };

	if (machines_mark(lab, wanted, err) || wires_start(&lab->site, err))
		return err->code;
	wires_read(&lab->site, NULL);
	if (machines_start(lab, wanted, err) || access_write(&lab->site, err))
		return err->code;
	return access_wait(&lab->site, wanted, UP_MS, err);
}

/* ---- down, reset, save ---- */

static bool
all_off(struct site *s)
{
	for (size_t i = 0; i < s->n; i++)
		if (machine_pid(s, &s->machines[i]))
			return false;
	return true;
}

/* Its disks are what the hypervisors' file systems live on: it is the last to go. */
static bool
machine_is_storage(const struct lab_machine *m)
{
	return strstr(m->roles, "storage");
}

static void
buttons_press(struct site *s, bool storage)
{
	for (size_t i = 0; i < s->n; i++) {
		struct lab_machine *m = &s->machines[i];
		struct err ignored = { 0 };

		/* who does not hear the button is cut off below */
		if (machine_is_storage(m) == storage && machine_pid(s, m))
			machine_button(s, m, &ignored);
	}
}

static int64_t
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* They have the same time to shut down; then their power is cut. */
static int
machines_stop_some(struct site *s, bool storage, bool now, struct err *err)
{
	int64_t end_ms = now_ms() + BUTTON_MS;

	if (!now)
		buttons_press(s, storage);
	for (size_t i = 0; i < s->n; i++) {
		struct lab_machine *m = &s->machines[i];

		if (machine_is_storage(m) != storage || !machine_pid(s, m))
			continue;
		int left_ms = (int)(end_ms - now_ms());

		if (!now && !machine_wait_off(s, m, left_ms > 0 ? left_ms : 0))
			site_say(s, m->name, _("does not shut down: its power is cut"));
		if (machine_cut(s, m, err))
			return err->code;
		site_say(s, m->name, _("is off"));
	}
	return 0;
}

static int
machines_stop(struct site *s, bool now, struct err *err)
{
	if (machines_stop_some(s, false, now, err) || machines_stop_some(s, true, now, err))
		return err->code;
	wires_stop(s);
	return 0;
}

static int
lab_down(struct lab *lab, struct err *err)
{
	if (all_off(&lab->site))
		site_say(&lab->site, "", _("all machines are off"));
	return machines_stop(&lab->site, lab->order.now, err);
}

static int
lab_save(struct lab *lab, struct err *err)
{
	const char *name = lab->order.name;

	if (!checkpoint_name_is_good(name))
		return err_set(err, E_INPUT, _("a checkpoint needs a plain name"));
	if (machines_stop(&lab->site, false, err))
		return err->code;
	return checkpoint_save(&lab->site, name, err);
}

static int
lab_reset(struct lab *lab, struct err *err)
{
	struct site *s = &lab->site;
	const char *to = lab->order.name;
	/* the pins are identities of disks that are gone now */
	CLEANUP(freep) char *pins = site_path(s, NULL, "pins");

	if (to && !checkpoint_is_there(s, to))
		return err_set(err, E_INPUT, _("there is no checkpoint '%s'"), to);
	if (machines_stop(s, true, err))
		return err->code;
	for (size_t i = 0; i < s->n; i++)
		if (machine_erase(s, &s->machines[i], err))
			return err->code;
	if (unlink(pins) && errno != ENOENT)
		return err_sys(err, errno, _("cannot remove '%s'"), pins);
	if (to)
		return checkpoint_restore(s, to, err);
	site_say(s, "", _("the machines are bare again"));
	return 0;
}

/* ---- power and cables ---- */

static int
power_on(struct lab *lab, struct lab_machine *m, struct err *err)
{
	CLEANUP(freep) char *accel = site_note(&lab->site, m, "accel");

	if (machine_pid(&lab->site, m))
		return 0;
	if (!site_has(&lab->site, m, "disk.qcow2")) {
		err_set(err, -ENOENT, _("%s has not been made yet"), m->name);
		err_hint(err, _("Make the machines: bascule lab up."));
		return err->code;
	}
	if (wires_start(&lab->site, err))
		return err->code;
	wires_read(&lab->site, NULL);
	if (machine_start(&lab->site, m, *accel ? accel : "tcg", err))
		return err->code;
	return access_write(&lab->site, err);
}

static const char *
power_said(enum lab_power p)
{
	switch (p) {
	case LAB_POWER_OFF: return _("is off");
	case LAB_POWER_RESET: return _("was reset");
	case LAB_POWER_FREEZE: return _("is frozen");
	case LAB_POWER_THAW: return _("goes on");
	default: return _("is on");
	}
}

static int
lab_power(struct lab *lab, struct err *err)
{
	struct lab_machine *m = site_machine(&lab->site, lab->order.machine, err);
	enum lab_power p = lab->order.power;
	bool running = p == LAB_POWER_RESET || p == LAB_POWER_FREEZE || p == LAB_POWER_THAW;

	if (!m)
		return err->code;
	if (running && !machine_pid(&lab->site, m)) {
		err_set(err, -ENOTCONN, _("%s is off"), m->name);
		err_hint(err, _("Switch it on: bascule lab power %s on."), m->name);
		return err->code;
	}
	if (p == LAB_POWER_RESET && machine_reset(&lab->site, m, err))
		return err->code;
	if ((p == LAB_POWER_FREEZE || p == LAB_POWER_THAW) &&
	    machine_freeze(&lab->site, m, p == LAB_POWER_THAW, err))
		return err->code;
	if ((p == LAB_POWER_OFF || p == LAB_POWER_CYCLE) && machine_cut(&lab->site, m, err))
		return err->code;
	if ((p == LAB_POWER_ON || p == LAB_POWER_CYCLE) && power_on(lab, m, err))
		return err->code;
	site_say(&lab->site, m->name, "%s", power_said(p));
	return 0;
}

/* eth0 is no cable of the switch; the others lose their carrier too, as with a real cable. */
static int
cable_cut(struct lab *lab, struct lab_machine *m, struct err *err)
{
	const char *what = lab->order.network;
	bool cut = lab->order.cut, live = machine_pid(&lab->site, m) != 0;
	int meant = 0;

	for (size_t i = 0; i < m->cards_n; i++) {
		if (strcmp(m->cards[i].network, what) && strcmp(m->cards[i].name, what))
			continue;
		meant++;
		if (i && wires_cut(&lab->site, m->name, m->cards[i].name, cut, err) < 0)
			return err->code;
		if (live && machine_card_set(&lab->site, m, i, cut, err))
			return err->code;
	}
	if (meant)
		return 0;
	err_set(err, E_INPUT, _("%s has no card in '%s'"), m->name, what);
	err_hint(err, _("'bascule lab status' shows the cards and their networks."));
	return err->code;
}

static int
lab_cut(struct lab *lab, struct err *err)
{
	const struct lab_order *o = &lab->order;
	struct lab_machine *a = site_machine(&lab->site, o->machine, err);
	struct lab_machine *b = a && o->peer ? site_machine(&lab->site, o->peer, err) : NULL;
	int pairs;

	if (!a || (o->peer && !b))
		return err->code;
	if (!b)
		return cable_cut(lab, a, err);
	pairs = wires_part(&lab->site, a->name, b->name, o->network, o->cut, err);
	if (pairs)
		return pairs < 0 ? err->code : 0;
	return err_set(err, E_INPUT, _("%s and %s have no cards in '%s'"), a->name, b->name,
		       o->network);
}

/* ---- status ---- */

static enum lab_state
machine_state(const struct site *s, const struct lab_machine *m)
{
	if (m->pid)
		return access_greets(m, GREETING_MS) ? LAB_ANSWERS : LAB_STARTING;
	return site_has(s, m, "disk.qcow2") ? LAB_OFF : LAB_ABSENT;
}

static int
lab_look(struct lab *lab, struct err *err)
{
	struct lab_status *st = &lab->status;
	struct site *s = &lab->site;
	CLEANUP(freep) char *image = image_newest(s, &st->stale);

	(void)err;
	st->built = *image != '\0';
	st->parts_n = 0;
	wires_read(s, st);
	for (st->n = 0; st->n < s->n; st->n++) {
		struct lab_machine *m = &st->machines[st->n];
		CLEANUP(freep) char *accel = site_note(s, &s->machines[st->n], "accel");

		*m = s->machines[st->n];
		m->pid = machine_pid(s, m);
		m->state = machine_state(s, m);
		m->up_s = m->pid ? machine_up_s(s, m) : 0;
		if (m->pid)
			str_put(m->accel, sizeof m->accel, accel);
	}
	return 0;
}

static int
lab_build(struct lab *lab, struct err *err)
{
	return image_build(&lab->site, lab->order.force, err);
}

/* ---- orders on the worker thread ---- */

static const struct {
	order_fn fn;
	bool alone; /* changes machines: no other console may */
} orders[] = {
	[LAB_BUILD] = { lab_build, false }, [LAB_UP] = { lab_up, true },
	[LAB_DOWN] = { lab_down, true },    [LAB_RESET] = { lab_reset, true },
	[LAB_SAVE] = { lab_save, true },    [LAB_POWER] = { lab_power, true },
	[LAB_CUT] = { lab_cut, true },	    [LAB_STATUS] = { lab_look, false },
};

static void
lab_free(struct lab *lab)
{
	const struct lab_order *o = &lab->order;

	free((char *)o->machine);
	free((char *)o->peer);
	free((char *)o->network);
	free((char *)o->name);
	site_done(&lab->site);
	pthread_mutex_destroy(&lab->mutex);
	free(lab);
}

static void
lab_unref(struct lab *lab)
{
	unsigned refs;

	pthread_mutex_lock(&lab->mutex);
	refs = --lab->refs;
	pthread_mutex_unlock(&lab->mutex);
	if (!refs)
		lab_free(lab);
}

/* A line of progress on its way to the loop. */
struct line {
	struct lab *lab;
	char machine[32];
	char text[512];
};

static void
line_arrive(void *ctx)
{
	struct line *line = ctx;

	if (!line->lab->closed)
		line->lab->say(line->lab->ctx, line->machine, line->text);
	lab_unref(line->lab);
	free(line);
}

/* Hands fn(ctx) to the loop with a reference to the lab; false when the lab was closed. */
static bool
lab_post(struct lab *lab, loop_fn fn, void *ctx)
{
	bool open;

	pthread_mutex_lock(&lab->mutex);
	open = !lab->closed;
	if (open) {
		lab->refs++;
		loop_post(lab->loop, fn, ctx);
	}
	pthread_mutex_unlock(&lab->mutex);
	return open;
}

static void
on_say(void *ctx, const char *machine, const char *text)
{
	struct lab *lab = ctx;
	struct line *line = xcalloc(1, sizeof *line);

	line->lab = lab;
	str_put(line->machine, sizeof line->machine, machine);
	str_put(line->text, sizeof line->text, text);
	if (!lab_post(lab, line_arrive, line))
		free(line);
}

static int
lab_lock(struct lab *lab, struct err *err)
{
	CLEANUP(freep) char *path = site_path(&lab->site, NULL, "lock");
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0)
		return err_sys(err, errno, _("cannot open '%s'"), path);
	if (!flock(fd, LOCK_EX | LOCK_NB))
		return fd;
	close(fd);
	err_set(err, E_BUSY, _("another console is at work on the lab"));
	err_hint(err, _("Wait until it is done, or look with: bascule lab status."));
	return err->code;
}

static void
on_done(void *ctx)
{
	struct lab *lab = ctx;

	lab->busy = false;
	if (!lab->closed) {
		loop_release(lab->loop);
		lab->done(lab->ctx, &lab->err);
	}
	lab_unref(lab);
}

static void *
lab_work(void *ctx)
{
	struct lab *lab = ctx;
	int lock = -1;

	if (orders[lab->order.action].alone)
		lock = lab_lock(lab, &lab->err);
	if (!lab->err.code)
		orders[lab->order.action].fn(lab, &lab->err);
	if (lock >= 0)
		close(lock);
	lab_post(lab, on_done, lab);
	lab_unref(lab);
	return NULL;
}

/* ---- the ops ---- */

static void
ports_read(struct site *s)
{
	for (size_t i = 0; i < s->n; i++) {
		CLEANUP(freep) char *port = site_note(s, &s->machines[i], "port");
		uint64_t n;

		if (str_to_u64(port, &n) && n < 65536)
			s->machines[i].port = (int)n;
	}
}

static struct lab *
lab_open(struct loop *l, lab_say_fn say, lab_done_fn done, void *ctx, struct err *err)
{
	struct lab *lab = xcalloc(1, sizeof *lab);

	*lab = (struct lab){ .loop = l, .say = say, .done = done, .ctx = ctx, .refs = 1 };
	pthread_mutex_init(&lab->mutex, NULL);
	lab->site.say = on_say;
	lab->site.ctx = lab;
	if (site_open(&lab->site, err)) {
		lab_free(lab);
		return NULL;
	}
	ports_read(&lab->site);
	return lab;
}

static struct lab *
lab_close(struct lab *lab)
{
	if (!lab)
		return NULL;
	pthread_mutex_lock(&lab->mutex);
	lab->closed = true;
	pthread_mutex_unlock(&lab->mutex);
	if (lab->busy)
		loop_release(lab->loop);
	lab_unref(lab);
	return NULL;
}

static const char *
copy(const char *text)
{
	return text ? xstrdup(text) : NULL;
}

static int
lab_order(struct lab *lab, const struct lab_order *order, struct err *err)
{
	struct lab_order *o = &lab->order;
	pthread_t thread;

	if (lab->busy)
		return err_set(err, -EBUSY, _("the lab is still at work"));
	free((char *)o->machine);
	free((char *)o->peer);
	free((char *)o->network);
	free((char *)o->name);
	*o = *order;
	o->machine = copy(order->machine);
	o->peer = copy(order->peer);
	o->network = copy(order->network);
	o->name = copy(order->name);
	lab->err = (struct err){ 0 };
	lab->busy = true;
	lab->refs++;
	loop_hold(lab->loop);
	if (!pthread_create(&thread, NULL, lab_work, lab)) {
		pthread_detach(thread);
		return 0;
	}
	lab->busy = false;
	lab->refs--;
	loop_release(lab->loop);
	return err_set(err, -EAGAIN, _("cannot start a thread"));
}

static const struct lab_status *
lab_status(const struct lab *lab)
{
	return &lab->status;
}

static const char **
lab_ssh(struct lab *lab, const char *machine, char *const *command, struct err *err)
{
	struct lab_machine *m = site_machine(&lab->site, machine, err);

	return m ? access_ssh(&lab->site, m, command, err) : NULL;
}

const struct lab_ops lab_qemu = {
	.open = lab_open,
	.close = lab_close,
	.order = lab_order,
	.status = lab_status,
	.ssh = lab_ssh,
};
