/* The one program of the practice lab's small virtual machine: it has an address, answers ping
 * by its kernel, obeys the power button, and serves numbers that are on its disk before they are
 * told. To every line sent to its port it answers "N NONCE NUMBER\n": the nonce is this boot's,
 * the number is one more than any told before, in this boot or an earlier one. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <linux/input.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/random.h>
#include <sys/reboot.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { PORT = 1717, SLOT_SIZE = 4096, CLIENTS_MAX = 16, BUTTONS_MAX = 4,
       FIXED = 1 + BUTTONS_MAX };

/* What is on the disk: two slots, written in turn, so that a torn write leaves the other. */
struct record {
	uint64_t number, boots;
};

static struct record now;
static uint64_t nonce;
static int disk = -1;
static struct pollfd fds[FIXED + CLIENTS_MAX]; /* the port, the buttons, the clients */

static void
say(const char *what)
{
	dprintf(1, "guest: %s%s%s\n", what, errno ? ": " : "", errno ? strerror(errno) : "");
	errno = 0;
}

/* ---- the disk ---- */

static uint64_t
record_sum(const struct record *r)
{
	uint64_t sum = 14695981039346656037ULL;

	for (size_t i = 0; i < sizeof *r; i++)
		sum = (sum ^ ((const unsigned char *)r)[i]) * 1099511628211ULL;
	return sum;
}

static void
record_load(void)
{
	for (int slot = 0; slot < 2; slot++) {
		char text[129] = "";
		struct record r;
		unsigned long long number, boots, sum;

		if (pread(disk, text, sizeof text - 1, slot * SLOT_SIZE) <= 0 ||
		    sscanf(text, "bascule-guest %llu %llu %llx", &number, &boots, &sum) != 3)
			continue;
		r = (struct record){ .number = number, .boots = boots };
		if (record_sum(&r) == sum && (r.number > now.number || r.boots > now.boots))
			now = r;
	}
}

/* The disk was opened so that a write returns when the number is safe. */
static int
record_next(void)
{
	char text[512];

	now.number++;
	memset(text, 0, sizeof text);
	snprintf(text, sizeof text, "bascule-guest %llu %llu %016llx\n",
		 (unsigned long long)now.number, (unsigned long long)now.boots,
		 (unsigned long long)record_sum(&now));
	if (pwrite(disk, text, sizeof text, (off_t)(now.number % 2) * SLOT_SIZE) == sizeof text)
		return 0;
	say("the number could not be written");
	return -1;
}

/* No boot has the nonce of another: the count of boots is on the disk. */
static void
nonce_make(void)
{
	struct timespec t;
	uint64_t noise = 0;

	clock_gettime(CLOCK_REALTIME, &t);
	if (getrandom(&noise, sizeof noise, GRND_NONBLOCK) < 0)
		noise = 0;
	nonce = noise ^ ((uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec);
	nonce = (nonce ^ __builtin_ia32_rdtsc()) << 16 | (now.boots & 0xffff);
}

/* ---- the network ---- */

/* "bascule.address=192.168.1.222/24" on the kernel's command line. */
static int
address_read(struct in_addr *ret_address, int *ret_prefix)
{
	char line[1024] = "", *at;
	unsigned a, b, c, d;
	int fd = open("/proc/cmdline", O_RDONLY);

	if (fd < 0 || read(fd, line, sizeof line - 1) <= 0 ||
	    !(at = strstr(line, "bascule.address=")) ||
	    sscanf(at, "bascule.address=%u.%u.%u.%u/%d", &a, &b, &c, &d, ret_prefix) != 5)
		return -1;
	close(fd);
	ret_address->s_addr = htonl(a << 24 | b << 16 | c << 8 | d);
	return 0;
}

static void
interface_up(int s, const char *name, struct in_addr address, int prefix)
{
	struct ifreq r = { 0 };
	struct sockaddr_in *sin = (struct sockaddr_in *)&r.ifr_addr;

	snprintf(r.ifr_name, sizeof r.ifr_name, "%s", name);
	if (address.s_addr) {
		sin->sin_family = AF_INET;
		sin->sin_addr = address;
		ioctl(s, SIOCSIFADDR, &r);
		sin->sin_addr.s_addr = htonl(prefix ? ~0u << (32 - prefix) : 0);
		ioctl(s, SIOCSIFNETMASK, &r);
	}
	memset(&r.ifr_ifru, 0, sizeof r.ifr_ifru);
	if (!ioctl(s, SIOCGIFFLAGS, &r)) {
		r.ifr_flags |= IFF_UP | IFF_RUNNING;
		ioctl(s, SIOCSIFFLAGS, &r);
	}
}

/* Tells the switches where the address is now. */
static void
address_announce(struct in_addr address)
{
	struct ifreq r = { .ifr_name = "eth0" };
	struct sockaddr_ll to = { .sll_family = AF_PACKET, .sll_halen = 6 };
	unsigned char frame[42] = { 255, 255, 255, 255, 255, 255, [12] = 8, 6, 0, 1, 8, 0, 6, 4,
				    0, 1 };
	int s = socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ARP));

	if (s < 0 || ioctl(s, SIOCGIFHWADDR, &r))
		return;
	memcpy(frame + 6, r.ifr_hwaddr.sa_data, 6);
	memcpy(frame + 22, r.ifr_hwaddr.sa_data, 6);
	memcpy(frame + 28, &address, 4);
	memcpy(frame + 38, &address, 4);
	memset(to.sll_addr, 255, 6);
	if (!ioctl(s, SIOCGIFINDEX, &r)) {
		to.sll_ifindex = r.ifr_ifindex;
		sendto(s, frame, sizeof frame, 0, (struct sockaddr *)&to, sizeof to);
	}
	close(s);
}

static int
port_open(void)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons(PORT) };
	int s = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), on = 1;

	setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (bind(s, (struct sockaddr *)&at, sizeof at) || listen(s, CLIENTS_MAX))
		say("the port could not be opened");
	return s;
}

/* ---- serving ---- */

static void
client_new(int port)
{
	int s = accept4(port, NULL, NULL, SOCK_NONBLOCK);

	for (int i = FIXED; s >= 0 && i < FIXED + CLIENTS_MAX; i++)
		if (fds[i].fd < 0) {
			fds[i] = (struct pollfd){ .fd = s, .events = POLLIN };
			return;
		}
	if (s >= 0)
		close(s);
}

/* One answer for each line; who does not read the answers is hung up on. */
static void
client_serve(struct pollfd *p)
{
	char in[256];
	ssize_t n = read(p->fd, in, sizeof in);
	int bad = n == 0 || (n < 0 && errno != EAGAIN);

	for (ssize_t i = 0; i < n && !bad; i++) {
		char out[80];
		int len;

		if (in[i] != '\n')
			continue;
		if (record_next()) {
			bad = 1;
			break;
		}
		len = snprintf(out, sizeof out, "N %016llx %llu\n", (unsigned long long)nonce,
			       (unsigned long long)now.number);
		bad = send(p->fd, out, (size_t)len, MSG_NOSIGNAL) != len;
	}
	if (bad) {
		close(p->fd);
		p->fd = -1;
	}
}

/* The power button is an input device; any of them may be it. */
static void
buttons_open(void)
{
	for (int i = 0; i < BUTTONS_MAX; i++) {
		char path[32];

		snprintf(path, sizeof path, "/dev/input/event%d", i);
		fds[1 + i] = (struct pollfd){ .fd = open(path, O_RDONLY | O_NONBLOCK),
					      .events = POLLIN };
	}
	errno = 0;
}

static void
button_read(struct pollfd *p)
{
	struct input_event e;

	while (read(p->fd, &e, sizeof e) == sizeof e)
		if (e.type == EV_KEY && e.code == KEY_POWER && e.value == 1) {
			say("power button");
			sync();
			reboot(RB_POWER_OFF);
		}
}

static void
serve(void)
{
	for (;;) {
		if (poll(fds, FIXED + CLIENTS_MAX, -1) < 0)
			continue;
		if (fds[0].revents)
			client_new(fds[0].fd);
		for (int i = 1; i < FIXED + CLIENTS_MAX; i++)
			if (fds[i].fd >= 0 && fds[i].revents)
				(i < FIXED ? button_read : client_serve)(&fds[i]);
	}
}

int
main(void)
{
	struct in_addr address = { 0 };
	int prefix = 24, s = socket(AF_INET, SOCK_DGRAM, 0);

	mount("dev", "/dev", "devtmpfs", 0, "");
	mount("proc", "/proc", "proc", 0, "");
	errno = 0;
	if (address_read(&address, &prefix))
		say("no bascule.address= on the command line");
	interface_up(s, "lo", (struct in_addr){ htonl(0x7f000001) }, 8);
	interface_up(s, "eth0", address, prefix);
	address_announce(address);
	errno = 0;
	disk = open("/dev/vda", O_RDWR | O_DSYNC);
	if (disk < 0)
		say("no disk");
	else
		record_load();
	now.boots++;
	nonce_make();
	for (int i = 0; i < FIXED + CLIENTS_MAX; i++)
		fds[i].fd = -1;
	/* The number of this boot is on the disk before anything is served. */
	if (disk >= 0 && !record_next())
		fds[0] = (struct pollfd){ .fd = port_open(), .events = POLLIN };
	buttons_open();
	say("up");
	serve();
}
