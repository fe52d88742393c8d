/* The wizard answers keys while sixteen machines are being logged in to, of which one has a name that
 * no name server answers, one an address that swallows everything, one a server that says nothing; and it
 * is left at once all the same. Beside the steps there is a shell on a machine. */
#include "tests/unit.h"

#include <arpa/inet.h>
#include <locale.h>
#include <pwd.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include "base/alloc.h"
#include "base/paths.h"
#include "base/str.h"
#include "tests/panerow.h"
#include "tests/sshd.h"
#include "tests/ttyrun.h"

enum {
	NODES = 16,
	CHAPTERS = 6,
	KEYS = 300,
	ANSWER_MS = 50,   /* what a key may take */
	STALL_MS = 1000,  /* what not even one may: something was waited for */
	LIMIT_MS = 60000, /* of this test's own patience */
};

static const char *const name_server = "127.0.0.77";
static int name_fd = -1;

/* ---- the machines ---------------------------------------------------------------------- */

static void
bind_over(const char *path, const char *text)
{
	CLEANUP(freep) char *mine = xasprintf("%s/silent.%s", sshd_home(), strrchr(path, '/') + 1);

	sshd_write(mine, "%s", text);
	assert_int_equal(mount(mine, path, NULL, MS_BIND, NULL), 0);
}

/* In mounts of our own all names are asked of a server that never answers. False: not allowed here. */
static bool
silence_names(void)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(53) };
	CLEANUP(freep) char *text = xasprintf("nameserver %s\noptions timeout:30 attempts:2\n", name_server);

	name_fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	inet_pton(AF_INET, name_server, &a.sin_addr);
	if (bind(name_fd, (struct sockaddr *)&a, sizeof a) < 0 || unshare(CLONE_NEWNS) < 0 ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 || access("/etc/resolv.conf", F_OK))
		return false;
	/* what is written down waits for no disk then */
	if (mount("tmpfs", getenv("XDG_STATE_HOME"), "tmpfs", 0, "mode=700") < 0)
		return false;
	bind_over("/etc/resolv.conf", text);
	if (access("/etc/nsswitch.conf", F_OK) == 0)
		bind_over("/etc/nsswitch.conf", "hosts: files dns\n");
	return true;
}

/* The silent server was asked. */
static bool
name_was_asked(void)
{
	char bytes[512];

	return recv(name_fd, bytes, sizeof bytes, MSG_DONTWAIT) > 0;
}

static void
step_write(int chapter)
{
	char letter = (char)('a' + chapter);

	assert_int_equal(sshd_run("mkdir -p data/steps/%d0-%c/10-one", chapter + 1, letter), 0);
	CLEANUP(freep) char *dir = xasprintf("%s/data/steps/%d0-%c", sshd_home(), chapter + 1, letter);
	CLEANUP(freep) char *head = xasprintf("%s/chapter.ini", dir);
	CLEANUP(freep) char *ini = xasprintf("%s/10-one/step.ini", dir);
	CLEANUP(freep) char *script = xasprintf("%s/10-one/linux.sh", dir);

	sshd_write(head, "[chapter]\ntitle = Chapter %c\n", letter - 32);
	sshd_write(ini, "[step]\ntitle = Step of %c\non = all\nuses = node.name\n", letter - 32);
	sshd_write(script, "check()\n{\n\tfor i in 1 2 3 4 5 6 7 8 9 10; do\n\t\techo \"$node_name $i\"\n"
		   "\t\tsleep 0.1\n\tdone\n\ttodo old\n}\napply() { fail never; }\n");
}

static void
steps_write(void)
{
	CLEANUP(freep) char *steps = paths_data("steps");

	assert_int_equal(sshd_run("mkdir -p data/steps && cp %s/*.sh %s/*.ps1 %s/*.ini data/steps", steps,
				  steps, steps), 0);
	for (int i = 0; i < CHAPTERS; i++)
		step_write(i);
	setenv("BASCULE_DATADIR", "data", 1);
}

/* n1 is silent, n2 swallowed, n3 mute; the others are doors of one server. */
static void
cluster_write(int port, bool silent, int swallow, int mute)
{
	CLEAN_STR text = STR_INIT(64 * 1024);
	CLEANUP(freep) char *path = xasprintf("%s/cluster.ini", sshd_home());
	struct passwd *pw = getpwuid(geteuid());

	str_add(&text, "[cluster]\nname = c\naddress = 10.0.0.99\n[domain]\nname = c.lan\n[quorum]\nlun = q\n"
		"[network e]\nuse = enterprise\nsubnet = 10.0.0.0/24\n"
		"[network h]\nuse = heartbeat\nsubnet = 10.1.0.0/24\n"
		"[network s]\nuse = storage\nsubnet = 10.2.0.0/24\n");
	for (int i = 0; i < NODES; i++) {
		str_addf(&text, "[node n%d]\nroles = %s\nnic.a = e 10.0.0.%d/24 %s\nnic.c = s 10.2.0.%d/24\n",
			 i, i ? "hypervisor" : "dc storage", i + 1, i ? "switch" : "manage", i + 1);
		if (i)
			str_addf(&text, "nic.b = h 10.1.0.%d/24\n", i + 1);
		str_addf(&text, "ssh.user = %s\nssh.key = %s/id\nssh.known_hosts = %s/known\n", pw->pw_name,
			 sshd_home(), sshd_home());
		if (i == 1 && silent)
			str_add(&text, "ssh.host = silent.example.org\n");
		else
			str_addf(&text, "ssh.host = 127.0.0.%d\n", i == 2 || i == 3 ? 1 : 10 + i);
		str_addf(&text, "ssh.port = %d\n", i == 2 ? swallow : i == 3 ? mute : port);
	}
	str_add(&text, "[target t]\nnode = n0\niqn = iqn.2026-11.lan.c:t\nportal = 10.2.0.1\n"
		"[lun v]\ntarget = t\nnumber = 0\nsize = 4 GiB\nuse = vm\n"
		"[lun q]\ntarget = t\nnumber = 1\nsize = 64 MiB\nuse = quorum\n");
	sshd_write(path, "%s", str_text(&text));
}

/* One server at every node's address. */
static struct sshd *
doors_open(void)
{
	CLEAN_STR extra = STR_INIT(4096);
	struct sshd *d;

	for (int i = 0; i < NODES; i++)
		if (i < 1 || i > 3)
			str_addf(&extra, "ListenAddress 127.0.0.%d\n", 10 + i);
	d = sshd_start(str_text(&extra));
	for (int i = 0; i < NODES; i++)
		sshd_run("echo \"[127.0.0.%d]:%d $(cut -d' ' -f1,2 %d/key.pub)\" >>known", 10 + i, d->port,
			 d->port);
	return d;
}

static int
mute_open(int *ret_port)
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	socklen_t size = sizeof a;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof a), 0);
	assert_int_equal(listen(fd, 16), 0);
	getsockname(fd, (struct sockaddr *)&a, &size);
	*ret_port = ntohs(a.sin_port);
	return fd;
}

/* ---- how long a key takes -------------------------------------------------------------- */

static double
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/* How long the first thread of a process has run, and was ready to run while another had the processor. */
struct shares {
	double run_ms, queued_ms;
};

static struct shares
shares_of(pid_t pid)
{
	CLEANUP(freep) char *path = xasprintf("/proc/%d/task/%d/schedstat", (int)pid, (int)pid);
	unsigned long long run, queued;
	FILE *f = fopen(path, "re");
	struct shares s = { 0 };

	if (f && fscanf(f, "%llu %llu", &run, &queued) == 2)
		s = (struct shares){ (double)run / 1e6, (double)queued / 1e6 };
	if (f)
		fclose(f);
	return s;
}

/* From the key to the screen that answers it; own: without the time in which the machine was busy with
 * others, so that it is the same on a busy one: what the program computed, and what it waited for. */
struct answer {
	double all_ms, own_ms;
};

static int
cursor_row(const struct ttyrun *r)
{
	int y = -1, x;

	pane_cursor(r->pane, &y, &x);
	return y;
}

/* A key, and the screen that answers it: the list of chapters with this one in focus; 0 = the map. */
struct press {
	const char *key;
	int chapter;
};

/* Frames come in pieces, and two of them may come as one: that something has changed says nothing. What
 * a key leads to stays until the next one, and is not what was there before. */
static bool
key_answered(const struct ttyrun *r, const struct press *p, int first_row)
{
	CLEANUP(freep) char *title = xasprintf("chapter %d/%d", p->chapter, CHAPTERS);
	const char *shown = pane_row_text(r->pane, 0);

	if (!p->chapter)
		return strstr(shown, " map") != NULL;
	return strstr(shown, title) && cursor_row(r) == first_row + p->chapter - 1;
}

/* Where the list of chapters begins. */
static int
first_chapter_row(const struct ttyrun *r)
{
	int y = 0, h, w;

	pane_size(r->pane, &h, &w);
	while (y < h && !strstr(pane_row_text(r->pane, y), " 1 Chapter A"))
		y++;
	return y;
}

static struct answer
key_time(struct ttyrun *r, const struct press *p, int first_row)
{
	struct shares its = shares_of(r->pid), mine = shares_of(getpid());
	double start = now_ms(), computed;
	struct answer a;

	ttyrun_type(r, p->key);
	while (!key_answered(r, p, first_row) && now_ms() - start < LIMIT_MS && !r->closed)
		ttyrun_turn(r, 100);
	a.all_ms = now_ms() - start;
	computed = shares_of(r->pid).run_ms - its.run_ms;
	a.own_ms = a.all_ms - (shares_of(r->pid).queued_ms - its.queued_ms) -
		   (shares_of(getpid()).queued_ms - mine.queued_ms);
	a.own_ms = a.own_ms > computed ? a.own_ms : computed;
	return a;
}

static int
by_own(const void *a, const void *b)
{
	double x = ((const struct answer *)a)->own_ms, y = ((const struct answer *)b)->own_ms;

	return x < y ? -1 : x > y;
}

/* Up and down in the list of chapters, and now and then to another screen and back. */
static void
keys_time(struct ttyrun *r, const char *when, struct answer *a, size_t n)
{
	static const struct press presses[] = {
		{ "\033OB", 2 }, { "\033OB", 3 }, { "\033OB", 4 }, { "\033OA", 3 },
		{ "\033OA", 2 }, { "\033OA", 1 }, { "m", 0 },	  { "m", 1 },
	};
	int first_row = first_chapter_row(r);
	double longest = 0;

	for (size_t i = 0; i < n; i++) {
		a[i] = key_time(r, &presses[i % 8], first_row);
		longest = a[i].all_ms > longest ? a[i].all_ms : longest;
		/* as fast as a person's fingers would be all too fast: it lets the others have their turn */
		ttyrun_turn(r, 5);
	}
	qsort(a, n, sizeof *a, by_own);
	print_message("# %s, %zu keys: median %.1f ms, 95 of 100 within %.1f ms, longest %.1f ms; "
		      "with what others took: %.1f ms\n", when, n, a[n / 2].own_ms, a[n * 95 / 100].own_ms,
		      a[n - 1].own_ms, longest);
}

/* ---- the tests ------------------------------------------------------------------------- */

static struct sshd *server;
static bool silent;
static int hole_fds[5], mute_fd;

static int
set_up(void **state)
{
	int swallow, mute;

	(void)state;
	setlocale(LC_ALL, "C.UTF-8");
	setenv("TERM", "xterm-256color", 1);
	unsetenv("LANGUAGE");
	unsetenv("ACCESSIBLE");
	sshd_home();
	assert_int_equal(sshd_run("mkdir -m 700 state run"), 0);
	CLEANUP(freep) char *home_state = xasprintf("%s/state", sshd_home());
	CLEANUP(freep) char *home_run = xasprintf("%s/run", sshd_home());
	setenv("XDG_STATE_HOME", home_state, 1);
	setenv("XDG_RUNTIME_DIR", home_run, 1);
	steps_write();
	server = doors_open();
	hole_fds[4] = sshd_black_hole(hole_fds, 4, &swallow);
	mute_fd = mute_open(&mute);
	silent = silence_names();
	cluster_write(server->port, silent, swallow, mute);
	return chdir(sshd_home());
}

static int
tear_down(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof hole_fds / sizeof *hole_fds; i++)
		close(hole_fds[i]);
	close(mute_fd);
	if (silent)
		umount2(getenv("XDG_STATE_HOME"), MNT_DETACH);
	sshd_stop_all();
	return 0;
}

static struct ttyrun *wizard; /* of the test under way: it has the cluster to itself */

static int
wizard_end(void **state)
{
	(void)state;
	wizard = ttyrun_free(wizard);
	return 0;
}

static struct ttyrun *
wizard_start(void)
{
	const char *program = getenv("BASCULE");
	char path[512];
	char *argv[] = { path, (char *)"cluster.ini", (char *)"--lang=en", NULL };

	str_put(path, sizeof path, program ? program : "./bascule");
	return wizard = ttyrun_start(argv, 24, 80);
}

static void
test_keys(void **state)
{
	struct answer answers[KEYS];
	struct ttyrun *r = wizard_start();

	(void)state;
	assert_true(ttyrun_wait(r, "Looking at the machines", LIMIT_MS));
	keys_time(r, "while sixteen machines connect", answers, KEYS);
	/* the mute one is given up after a minute */
	if (!ttyrun_shows(r, "Looking at the machines"))
		print_message("# the last keys came after the look had ended\n");
	assert_true(!silent || name_was_asked());
	assert_true(answers[KEYS * 95 / 100].own_ms <= ANSWER_MS);
	assert_true(answers[KEYS - 1].own_ms <= STALL_MS);
	/* nobody waits for a name server either: its second attempt would end in a minute */
	ttyrun_type(r, "q");
	assert_int_equal(ttyrun_end(r, LIMIT_MS), 0);
	assert_true(ttyrun_is_restored(r));
}

/* The thirteen others tell what they have to tell, whatever the three do. */
static void
test_others_go_on(void **state)
{
	struct ttyrun *r = wizard_start();

	(void)state;
	assert_true(ttyrun_wait(r, "to do", LIMIT_MS));
	ttyrun_type(r, "\t");
	for (int i = 1; i < NODES; i++)
		ttyrun_type(r, "\033OC");
	assert_true(ttyrun_wait(r, "n15 10", LIMIT_MS));
	assert_true(ttyrun_shows(r, "Looking at the machines"));
	ttyrun_type(r, "\003");
	assert_true(ttyrun_wait(r, "Stopping", LIMIT_MS));
	ttyrun_type(r, "\003");
	assert_true(ttyrun_wait(r, "not begun; ", LIMIT_MS));
	ttyrun_type(r, "q");
	assert_int_equal(ttyrun_end(r, LIMIT_MS), 0);
	assert_true(ttyrun_is_restored(r));
}

/* A real shell in its pane, while the machines are still being looked at: keys go there, its size follows
 * the window's, what has gone by can be read, and one key leads back. */
static void
test_console(void **state)
{
	struct ttyrun *r = wizard_start();

	(void)state;
	assert_true(ttyrun_wait(r, "to do", LIMIT_MS));
	ttyrun_type(r, "\tt");
	assert_true(ttyrun_wait(r, "All keys go to the machine", LIMIT_MS));
	assert_true(ttyrun_shows(r, "Step of A"));
	ttyrun_type(r, "echo q$((6*7))q\r");
	assert_true(ttyrun_wait(r, "q42q", LIMIT_MS));
	ttyrun_type(r, "stty size\r");
	assert_true(ttyrun_wait(r, "14 78", LIMIT_MS));
	/* its machine was told of it once the screen has the new size */
	ttyrun_resize(r, 40, 132);
	for (int i = 0; i < LIMIT_MS / 100 && !strstr(pane_row_text(r->pane, 39), "Leave console"); i++)
		ttyrun_turn(r, 100);
	ttyrun_type(r, "stty size\r");
	assert_true(ttyrun_wait(r, "35 92", LIMIT_MS));
	/* what the machine sends is obeyed in the pane alone */
	ttyrun_type(r, "seq 200; printf '\\033[?1049h\\033[2J\\033[H'; echo p$((1+1))ne; read x\r");
	assert_true(ttyrun_wait(r, "p2ne", LIMIT_MS));
	assert_true(ttyrun_shows(r, "All keys go to the machine"));
	assert_false(ttyrun_shows(r, "stty size"));
	ttyrun_type(r, "\rprintf '\\033[?1049l'; echo d$((3*3))ne\r");
	assert_true(ttyrun_wait(r, "d9ne", LIMIT_MS));
	for (int i = 0; i < 8; i++)
		ttyrun_type(r, "\033[5~");
	assert_true(ttyrun_wait(r, "rows back", LIMIT_MS));
	assert_true(ttyrun_wait(r, "stty size", LIMIT_MS));
	ttyrun_type(r, "exit\r");
	assert_true(ttyrun_wait(r, "The shell has ended", LIMIT_MS));
	ttyrun_type(r, "<");
	assert_true(ttyrun_wait(r, "chapter 1/6", LIMIT_MS));
	/* and once more, left by its key in the middle */
	ttyrun_type(r, "t");
	assert_true(ttyrun_wait(r, "All keys go to the machine", LIMIT_MS));
	ttyrun_type(r, "q\003x\035");
	assert_true(ttyrun_wait(r, "chapter 1/6", LIMIT_MS));
	ttyrun_type(r, "q");
	assert_int_equal(ttyrun_end(r, LIMIT_MS), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_keys, wizard_end),
		cmocka_unit_test_teardown(test_others_go_on, wizard_end),
		cmocka_unit_test_teardown(test_console, wizard_end),
	};

	if (!sshd_is_there())
		return unit_skip_all("there is no /usr/sbin/sshd");
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
