/* One practice machine in QEMU: see machine.h. */
#include "backends/machine.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "backends/qmp.h"
#include "backends/tool.h"
#include "base/alloc.h"
#include "base/nls.h"
#include "base/paths.h"
#include "base/vec.h"

enum { TOOL_MS = 30000, PORT_FIRST = 22001, PORT_LAST = 22999, END_MS = 10000 };

/* ---- is it on? ---- */

static bool
process_is(pid_t pid, const char *mark)
{
	CLEANUP(freep) char *path = xasprintf("/proc/%d/cmdline", (int)pid);
	CLEAN_STR args = STR_INIT(65536);
	FILE *f = fopen(path, "re");
	char part[4096];
	size_t n;

	if (!f)
		return false;
	while ((n = fread(part, 1, sizeof part, f)))
		str_addn(&args, part, n);
	fclose(f);
	for (size_t i = 0; i < args.len; i++)
		if (!args.s[i])
			args.s[i] = ' ';
	return strstr(str_text(&args), mark) != NULL;
}

pid_t
machine_pid(const struct site *s, const struct lab_machine *m)
{
	CLEANUP(freep) char *path = site_socket(s, m->name, "pid");
	CLEAN_STR text = STR_INIT(64);
	uint64_t pid;

	if (access(path, R_OK) || file_read(path, &text, NULL) < 0 || !text.len)
		return 0;
	text.s[strcspn(text.s, "\n")] = '\0';
	if (!str_to_u64(text.s, &pid) || !pid || pid > INT32_MAX)
		return 0;
	return process_is((pid_t)pid, path) ? (pid_t)pid : 0;
}

int64_t
machine_up_s(const struct site *s, const struct lab_machine *m)
{
	CLEANUP(freep) char *path = site_socket(s, m->name, "pid");
	struct stat st;

	return stat(path, &st) ? 0 : time(NULL) - st.st_mtime;
}

bool
machine_wait_off(const struct site *s, const struct lab_machine *m, int limit_ms)
{
	pid_t pid = machine_pid(s, m);
	struct pollfd p = { .events = POLLIN, .fd = pid ? pidfd_open(pid, 0) : -1 };
	bool off = p.fd < 0 || poll(&p, 1, limit_ms) == 1;

	if (p.fd >= 0)
		close(p.fd);
	return off;
}

/* ---- making it ---- */

/* A key pair without a passphrase at path and path.pub, unless it is there. */
static int
key_make(const char *path, const char *comment, struct err *err)
{
	const char *argv[] = { "ssh-keygen", "-q", "-t", "ed25519", "-N", "",
			       "-C",         comment, "-f", path,     NULL };

	return access(path, F_OK) ? tool_run(argv, TOOL_MS, NULL, NULL, err) : 0;
}

static int
disk_make(struct site *s, struct lab_machine *m, const char *image, struct err *err)
{
	CLEANUP(freep) char *disk = site_path(s, m, "disk.qcow2");
	CLEANUP(freep) char *base = xasprintf("%s/%s/base.img", s->images, image);
	const char *argv[] = { "qemu-img", "create", "-q",  "-f", "qcow2", "-b",
			       base,       "-F",     "raw", disk, NULL };

	if (!access(disk, F_OK))
		return 0;
	if (tool_run(argv, TOOL_MS, NULL, NULL, err))
		return err->code;
	return site_note_set(s, m, "image", image, err);
}

/* An id of its own, as an installed machine has; a new disk is a new machine. */
static int
id_make(struct site *s, struct lab_machine *m, struct err *err)
{
	char id[33];

	if (site_has(s, m, "id"))
		return 0;
	random_hex(id, 16);
	return site_note_set(s, m, "id", id, err);
}

int
machine_make(struct site *s, struct lab_machine *m, const char *image, struct err *err)
{
	CLEANUP(freep) char *folder = site_path(s, m, "");
	CLEANUP(freep) char *host = site_path(s, m, "host_key");
	CLEANUP(freep) char *login = site_path(s, NULL, "login");

	if (dir_make(folder, 0700, err) || key_make(login, "bascule-lab", err) ||
	    key_make(host, m->name, err) || id_make(s, m, err))
		return err->code;
	return disk_make(s, m, image, err);
}

int
machine_erase(const struct site *s, const struct lab_machine *m, struct err *err)
{
	static const char *const files[] = { "disk.qcow2", "image", "id", "console.log" };

	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		CLEANUP(freep) char *path = site_path(s, m, files[i]);

		if (unlink(path) && errno != ENOENT)
			return err_sys(err, errno, _("cannot remove '%s'"), path);
	}
	return 0;
}

/* ---- switching it on ---- */

static bool
port_is_free(int port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port),
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;
	bool is_free;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	is_free = fd >= 0 && !bind(fd, (struct sockaddr *)&a, sizeof a);
	if (fd >= 0)
		close(fd);
	return is_free;
}

static bool
port_is_taken_by_us(const struct site *s, int port)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->machines[i].port == port)
			return true;
	return false;
}

/* The port it had before, as long as nobody else took it. */
static int
port_choose(struct site *s, struct lab_machine *m, struct err *err)
{
	char text[16];

	if (m->port && port_is_free(m->port))
		return 0;
	m->port = 0;
	for (int port = PORT_FIRST; port <= PORT_LAST && !m->port; port++)
		if (!port_is_taken_by_us(s, port) && port_is_free(port))
			m->port = port;
	if (!m->port)
		return err_set(err, -EADDRINUSE, _("no port is free between %d and %d"),
			       PORT_FIRST, PORT_LAST);
	snprintf(text, sizeof text, "%d", m->port);
	return site_note_set(s, m, "port", text, err);
}

/* A growing argv whose texts it owns. */
struct args {
	VEC(const char *) v;
};

static void __attribute__((format(printf, 2, 3)))
arg(struct args *a, const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	vec_push(&a->v, xstrdup(text));
}

static void
args_done(struct args *a)
{
	for (size_t i = 0; i < a->v.n; i++)
		free((char *)a->v.at[i]);
	vec_free(&a->v);
}

/* Commas are doubled in the values of QEMU's options. */
static char *
option_text(const char *path)
{
	CLEAN_STR out = STR_INIT(8192);

	for (; *path; path++)
		str_addn(&out, *path == ',' ? ",," : path, *path == ',' ? 2 : 1);
	return str_steal(&out);
}

static void
args_board(struct args *a, const struct lab_machine *m, const char *accel, const char *id)
{
	bool kvm = !strcmp(accel, "kvm");

	arg(a, "qemu-system-x86_64");
	arg(a, "-name");
	arg(a, "%s", m->name);
	arg(a, "-accel");
	arg(a, "%s", kvm ? "kvm" : "tcg,thread=multi,tb-size=512");
	arg(a, "-machine");
	arg(a, "pc,usb=off");
	arg(a, "-cpu");
	arg(a, "%s", kvm ? "host" : "qemu64");
	arg(a, "-m");
	arg(a, "%u", m->memory_mib);
	arg(a, "-uuid");
	arg(a, "%.8s-%.4s-%.4s-%.4s-%.12s", id, id + 8, id + 12, id + 16, id + 20);
	for (const char *const *fixed =
		     (const char *const[]){ "-nodefaults", "-no-user-config", "-display", "none",
					    "-daemonize", "-device", "i6300esb", "-action",
					    "watchdog=reset", "-object",
					    "rng-random,filename=/dev/urandom,id=random", "-device",
					    "virtio-rng-pci,rng=random", NULL };
	     *fixed; fixed++)
		arg(a, "%s", *fixed);
}

static void
args_system(struct args *a, const struct site *s, const struct lab_machine *m, const char *id)
{
	CLEANUP(freep) char *image = site_note(s, m, "image");
	CLEANUP(freep) char *own = site_path(s, m, "");
	CLEANUP(freep) char *folder = option_text(own);
	CLEANUP(freep) char *login = option_text(s->state);

	arg(a, "-kernel");
	arg(a, "%s/%s/kernel", s->images, image);
	arg(a, "-initrd");
	arg(a, "%s/%s/initrd", s->images, image);
	arg(a, "-append");
	/* norandmaps: emulation keeps what it has translated by address. With programs at another
	 * place each time, starting one costs three to five times as much. audit=0 would make each
	 * session look for it as a module. */
	arg(a, "console=ttyS0 quiet net.ifnames=0 mitigations=off norandmaps apparmor=0 selinux=0 "
	       "systemd.mask=systemd-journald-audit.socket 8250.nr_uarts=1 systemd.machine_id=%s", id);
	arg(a, "-drive");
	/* power cuts end QEMU in order, so its own write cache loses nothing */
	arg(a, "if=none,id=disk,file=%sdisk.qcow2,format=qcow2,cache=unsafe,discard=unmap", folder);
	arg(a, "-device");
	arg(a, "virtio-blk-pci,drive=disk");
	arg(a, "-chardev");
	arg(a, "file,id=console,append=on,path=%sconsole.log", folder);
	arg(a, "-serial");
	arg(a, "chardev:console");
	arg(a, "-fw_cfg");
	arg(a, "name=opt/bascule/host_key,file=%shost_key", folder);
	arg(a, "-fw_cfg");
	arg(a, "name=opt/bascule/host_key_pub,file=%shost_key.pub", folder);
	arg(a, "-fw_cfg");
	arg(a, "name=opt/bascule/authorized_keys,file=%s/login.pub", login);
}

/* eth0 is the console's; the others are cables to the switch. */
static void
args_cards(struct args *a, const struct site *s, const struct lab_machine *m)
{
	for (size_t i = 0; i < m->cards_n; i++) {
		CLEANUP(freep) char *name = xasprintf("%s.%s", m->name, m->cards[i].name);
		uint64_t mac = hash64(name, strlen(name));

		arg(a, "-netdev");
		if (i == 0)
			arg(a, "user,id=eth0,restrict=on,hostfwd=tcp:127.0.0.1:%d-:22", m->port);
		else
			arg(a, "dgram,id=%s,local.type=unix,local.path=%s/%s,"
			       "remote.type=unix,remote.path=%s/switch.%s",
			    m->cards[i].name, s->sockets, name, s->sockets, name);
		arg(a, "-device");
		arg(a, "virtio-net-pci,netdev=%s,id=card%zu,romfile=,mac=52:54:00:%02x:%02x:%02x",
		    m->cards[i].name, i, (unsigned)(mac >> 16 & 255), (unsigned)(mac >> 8 & 255),
		    (unsigned)(mac & 255));
	}
}

static int
image_present(const struct site *s, const struct lab_machine *m, struct err *err)
{
	CLEANUP(freep) char *image = site_note(s, m, "image");
	CLEANUP(freep) char *base = xasprintf("%s/%s/base.img", s->images, image);

	if (*image && !access(base, R_OK))
		return 0;
	err_set(err, -ENOENT, _("the image under the disk of %s is gone"), m->name);
	err_hint(err, _("Start again from bare machines: bascule lab reset."));
	return err->code;
}

/* Cables that were pulled before stay pulled. */
static int
cards_restore(const struct site *s, const struct lab_machine *m, struct err *err)
{
	for (size_t i = 0; i < m->cards_n; i++)
		if (m->cards[i].cut && machine_card_set(s, m, i, true, err))
			return err->code;
	return 0;
}

int
machine_start(struct site *s, struct lab_machine *m, const char *accel, struct err *err)
{
	CLEANUP(freep) char *qmp = site_socket(s, m->name, "qmp");
	CLEANUP(freep) char *pid = site_socket(s, m->name, "pid");
	CLEANUP(freep) char *id = site_note(s, m, "id");
	struct args a = { 0 };
	int code;

	if (image_present(s, m, err) || port_choose(s, m, err))
		return err->code;
	args_board(&a, m, accel, id);
	args_system(&a, s, m, id);
	args_cards(&a, s, m);
	arg(&a, "-qmp");
	arg(&a, "unix:%s,server=on,wait=off", qmp);
	arg(&a, "-pidfile");
	arg(&a, "%s", pid);
	vec_push(&a.v, NULL);
	code = tool_run(a.v.at, TOOL_MS, NULL, NULL, err);
	args_done(&a);
	if (code)
		return code;
	return site_note_set(s, m, "accel", accel, err) ? err->code : cards_restore(s, m, err);
}

/* ---- buttons and cables ---- */

static int
machine_say(const struct site *s, const struct lab_machine *m, const char *command,
	    json_t *take_arguments, struct err *err)
{
	CLEANUP(freep) char *qmp = site_socket(s, m->name, "qmp");

	if (qmp_command(qmp, command, take_arguments, NULL, err))
		err_prefix(err, "%s", m->name);
	return err->code;
}

int
machine_button(const struct site *s, const struct lab_machine *m, struct err *err)
{
	static const char *const keys[] = { "ctrl", "alt", "delete" };
	json_t *list = json_array(), *o = json_object();

	for (size_t i = 0; i < 3; i++)
		json_array_append_new(list, json_pack("{s:s,s:s}", "type", "qcode", "data",
						      keys[i]));
	json_object_set_new(o, "keys", list);
	return machine_say(s, m, "send-key", o, err);
}

int
machine_reset(const struct site *s, const struct lab_machine *m, struct err *err)
{
	return machine_say(s, m, "system_reset", NULL, err);
}

int
machine_freeze(const struct site *s, const struct lab_machine *m, bool thaw, struct err *err)
{
	return machine_say(s, m, thaw ? "cont" : "stop", NULL, err);
}

int
machine_cut(const struct site *s, const struct lab_machine *m, struct err *err)
{
	struct err quit = { 0 };
	pid_t pid = machine_pid(s, m);

	if (!pid)
		return 0;
	machine_say(s, m, "quit", NULL, &quit);
	if (machine_wait_off(s, m, END_MS))
		return 0;
	/* its control socket is dead; the pid was checked to be ours a moment ago */
	if (kill(pid, SIGKILL) && errno != ESRCH)
		return err_sys(err, errno, _("cannot end QEMU of %s"), m->name);
	return machine_wait_off(s, m, END_MS)
		       ? 0
		       : err_set(err, E_TIMEOUT, _("QEMU of %s (process %d) does not end"), m->name,
				 (int)pid);
}

int
machine_card_set(const struct site *s, const struct lab_machine *m, size_t card, bool cut,
		 struct err *err)
{
	json_t *o = json_object();
	char name[16];

	snprintf(name, sizeof name, "card%zu", card % 100);
	json_object_set_new(o, "name", json_string(name));
	json_object_set_new(o, "up", json_boolean(!cut));
	return machine_say(s, m, "set_link", o, err);
}
