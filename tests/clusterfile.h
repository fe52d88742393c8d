/* What the tests of the cluster file share: two files, and what was said of them. */
#ifndef TESTS_CLUSTERFILE_H
#define TESTS_CLUSTERFILE_H

#include "tests/unit.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backends/inventory.h"
#include "base/paths.h"
#include "base/str.h"

static struct str said, hints;
static char folder[] = "/tmp/unit-clusterfile-XXXXXX";

static inline void
on_note(void *ctx, int line, const struct err *err)
{
	(void)ctx;
	assert_int_equal(err->code, E_INPUT);
	assert_true(err->hint[0]);
	str_addf(&said, "%d: %s\n", line, err->what);
	str_addf(&hints, "%s\n", err->hint);
}

static inline void
said_clear(void)
{
	str_done(&said);
	said = STR_INIT(1 << 22);
	str_done(&hints);
	hints = STR_INIT(1 << 22);
}

static inline int
scan(struct model *m, const char *text)
{
	said_clear();
	model_init(m);
	return inventory_scan(m, text, strlen(text), on_note, NULL);
}

/* A good file in which each test breaks something. */
static const char good[] =
	"[cluster]\n"                            /* 1 */
	"name = cluster-1\n"
	"address = 192.168.1.109\n"
	"[domain]\n"
	"name = cluster.lan\n"                   /* 5 */
	"[quorum]\n"
	"lun = quorum\n"
	"[network enterprise]\n"
	"use = enterprise\n"
	"subnet = 192.168.1.0/24\n"              /* 10 */
	"[network storage]\n"
	"use = storage\n"
	"subnet = 10.10.20.0/24\n"
	"[node srv]\n"
	"roles = dc storage\n"                   /* 15 */
	"nic.eth1 = enterprise 192.168.1.100/24 manage\n"
	"nic.eth2 = storage 10.10.20.100/24\n"
	"[node hv-1]\n"
	"roles = hypervisor\n"
	"nic.eth1 = enterprise 192.168.1.101/24 manage\n" /* 20 */
	"nic.eth2 = storage 10.10.20.101/24\n"
	"[node hv-2]\n"
	"roles = hypervisor\n"
	"nic.eth1 = enterprise 192.168.1.102/24 manage\n"
	"nic.eth2 = storage 10.10.20.102/24\n"   /* 25 */
	"[target nas]\n"
	"node = srv\n"
	"iqn = iqn.2026-11.lan.cluster:nas\n"
	"portal = 10.10.20.100\n"
	"[lun vm]\n"                             /* 30 */
	"target = nas\n"
	"number = 0\n"
	"size = 4 GiB\n"
	"[lun quorum]\n"
	"target = nas\n"                         /* 35 */
	"number = 1\n"
	"size = 64 MiB\n"
	"use = quorum\n"
	"[vm seven]\n"
	"lun = vm\n"                             /* 40 */
	"address = 192.168.1.222\n";

/* The same in small, as people write: with comments, blank lines and blanks. */
static const char commented[] =
	"# The top.\n"
	"; Another one.\n"
	"\n"
	"[cluster]\n"
	"   \n"
	"name=cluster-1\n"
	"address \t=   192.168.1.109\n"
	"# before the quorum\n"
	"\n"
	"[quorum]\n"
	"lun = quorum\n"
	"\n"
	"[network  e]\n"
	"use = enterprise\n"
	"subnet = 192.168.1.0/24\n"
	"# machines\n"
	"[node hv-1]\n"
	"roles = hypervisor,\n"
	"  storage\n"
	"nic.Ethernet 2 = e 192.168.1.101/24\n"
	"\n"
	"# the second\n"
	"[node hv-2]\n"
	"roles = hypervisor\n"
	"nic.eth0 = e   192.168.1.102/24  manage\n"
	"\n"
	"[target t]\n"
	"node = hv-1\n"
	"iqn = iqn.2026-11.lan.cluster:t\n"
	"portal = 192.168.1.101\n"
	"[lun quorum]\n"
	"target = t\n"
	"number = 0\n"
	"size = 64M\n"
	"use = quorum\n"
	"# the end\n";

static inline char *
example(const char *name)
{
	const char *top = getenv("top_srcdir");

	return xasprintf("%s/etc/%s", top ? top : ".", name);
}

static inline char *
file_with(const char *name, const char *text)
{
	char *path = xasprintf("%s/%s", folder, name);

	assert_int_equal(file_write(path, text, strlen(text), 0600, NULL), 0);
	return path;
}

static inline int
folder_make(void **state)
{
	(void)state;
	return mkdtemp(folder) ? 0 : -1;
}

static inline int
folder_drop(void **state)
{
	(void)state;
	str_done(&said);
	str_done(&hints);
	return rmdir(folder);
}

#endif
