/* No LUN that holds anything may pass for empty: kinds of content made by the real tools where
 * these are here, and magic blocks written by hand everywhere, against both block sizes, as they
 * are and with one of the LUN's two ends wiped. */
#include "tests/unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "backends/signature.h"
#include "base/proc.h"
#include "base/str.h"

#define KIB 1024LL
#define MIB (1024 * KIB)
#define MAGIC(text) text, sizeof text - 1

struct poke {
	long long at; /* negative: from the end */
	const char *bytes;
	size_t n;
};

static const struct sample {
	const char *name;
	const char *kind;    /* what must be found; NULL = nothing known, but not empty */
	long long size;
	const char *command; /* of the shell, $1 is the file; NULL = by hand */
	struct poke pokes[4];
} samples[] = {
	{ "ext2", "ext2", 64 * MIB, "mkfs.ext2 -q -F \"$1\"", { { 0 } } },
	{ "ext4", "ext4", 64 * MIB, "mkfs.ext4 -q -F -L 'two words' \"$1\"", { { 0 } } },
	{ "xfs", "xfs", 320 * MIB, "mkfs.xfs -q \"$1\"", { { 0 } } },
	{ "btrfs", "btrfs", 128 * MIB, "mkfs.btrfs -q \"$1\"", { { 0 } } },
	{ "ntfs", "ntfs", 16 * MIB, "mkfs.ntfs -q -Q -F \"$1\"", { { 0 } } },
	{ "vfat", "vfat", 64 * MIB, "mkfs.vfat \"$1\"", { { 0 } } },
	{ "exfat", "exfat", 64 * MIB, "mkfs.exfat \"$1\"", { { 0 } } },
	{ "f2fs", "f2fs", 64 * MIB, "mkfs.f2fs -q \"$1\"", { { 0 } } },
	{ "swap", "swap", 16 * MIB, "mkswap \"$1\"", { { 0 } } },
	{ "minix", "minix", 16 * MIB, "mkfs.minix \"$1\"", { { 0 } } },
	{ "gfs2", "gfs2", 64 * MIB,
	  "mkfs.gfs2 -O -q -p lock_dlm -t cluster-1:vm -j 1 -J 8 \"$1\"", { { 0 } } },
	{ "ocfs2", "ocfs2", 64 * MIB, "yes | mkfs.ocfs2 -q -F -N 2 --fs-features=local \"$1\"",
	  { { 0 } } },
	{ "luks1", "crypto_LUKS", 32 * MIB,
	  "echo password | cryptsetup -q luksFormat --type luks1 --pbkdf-force-iterations 1000 \"$1\" -",
	  { { 0 } } },
	{ "luks2", "crypto_LUKS", 32 * MIB,
	  "echo password | cryptsetup -q luksFormat --type luks2 --pbkdf pbkdf2 "
	  "--pbkdf-force-iterations 1000 \"$1\" -", { { 0 } } },
	{ "gpt", "gpt", 16 * MIB, "sgdisk -n 1:2048:0 -c 1:data \"$1\"", { { 0 } } },
	{ "gpt-backup", "gpt", 16 * MIB,
	  "sgdisk -n 1:2048:0 \"$1\" && dd if=/dev/zero of=\"$1\" bs=1M count=1 conv=notrunc", { { 0 } } },
	{ "qcow2-tool", "qcow2", 16 * MIB, "qemu-img create -f qcow2 \"$1.q\" 64M && "
	  "dd if=\"$1.q\" of=\"$1\" conv=notrunc && rm \"$1.q\"", { { 0 } } },
	{ "vhdx-tool", "vhdx", 16 * MIB, "qemu-img create -f vhdx \"$1.q\" 64M && "
	  "dd if=\"$1.q\" of=\"$1\" bs=1M count=12 conv=notrunc && rm \"$1.q\"", { { 0 } } },

	{ "mbr", "dos", 16 * MIB, NULL,
	  { { 446, MAGIC("\x80\x01\x01\x00\x83\xfe\xff\xff\x00\x08\x00\x00\x00\x10\x00\x00") },
	    { 510, MAGIC("\x55\xaa") } } },
	{ "boot code alone", "dos", 16 * MIB, NULL,
	  { { 0, MAGIC("\xfa\x31\xc0") }, { 510, MAGIC("\x55\xaa") } } },
	{ "gpt damaged", "gpt", 16 * MIB, NULL, { { 512, MAGIC("EFI PART") } } },
	{ "gpt 4Kn", "gpt", 16 * MIB, NULL, { { 4096, MAGIC("EFI PART") } } },
	{ "gpt backup damaged", "gpt", 16 * MIB, NULL, { { -512, MAGIC("EFI PART") } } },
	{ "gpt backup 4Kn", "gpt", 16 * MIB, NULL, { { -4096, MAGIC("EFI PART") } } },
	{ "lvm2", "lvm2", 16 * MIB, NULL, { { 512, MAGIC("LABELONE") }, { 536, MAGIC("LVM2 001") } } },
	{ "md 1.2", "linux_raid_member", 16 * MIB, NULL,
	  { { 4096, MAGIC("\xfc\x4e\x2b\xa9\x01\x00\x00\x00") }, { 4096 + 144, MAGIC("\x08") } } },
	{ "md 0.90", "linux_raid_member", 16 * MIB, NULL,
	  { { -64 * KIB, MAGIC("\xfc\x4e\x2b\xa9\x00\x00\x00\x00\x5a") } } },
	{ "drbd 8", "drbd", 16 * MIB, NULL, { { -4096 + 60, MAGIC("\x83\x74\x02\x6b") } } },
	{ "vmfs", "VMFS", 16 * MIB, NULL, { { 2 * MIB, MAGIC("\x5e\xf1\xab\x2f") } } },
	{ "vmfs volume", "VMFS_volume_member", 16 * MIB, NULL,
	  { { 1 * MIB, MAGIC("\x0d\xd0\x01\xc0") } } },
	{ "zfs", "zfs", 16 * MIB, NULL,
	  { { 128 * KIB, MAGIC("\x0c\xb1\xba\x00") }, { 129 * KIB, MAGIC("\x0c\xb1\xba\x00") },
	    { 130 * KIB, MAGIC("\x0c\xb1\xba\x00") }, { 131 * KIB, MAGIC("\x0c\xb1\xba\x00") } } },
	{ "bitlocker", "bitlocker", 16 * MIB, NULL, { { 3, MAGIC("-FVE-FS-") } } },
	{ "refs", "ReFS", 16 * MIB, NULL, { { 3, MAGIC("ReFS\0\0\0\0") } } },
	{ "sbd", "sbd", 16 * MIB, NULL,
	  { { 0, MAGIC("SBD_SBD_\x02\xff\0\0\0\0\x02\0") }, { 512, MAGIC("\x01hv-1") },
	    { 1536, MAGIC("\x01hv-\x1b[2J") } } },
	{ "sbd cut short", "sbd", 512, NULL, { { 0, MAGIC("SBD_SBD_\x02\xff\0\0\0\0\x02\0") } } },
	{ "sanlock", "sanlock", 16 * MIB, NULL, { { 0, MAGIC("\x10\x20\x21\x12") } } },
	{ "lvmlockd", "sanlock", 16 * MIB, NULL, { { 0, MAGIC("\x10\x20\x15\x06") } } },
	{ "qcow2", "qcow2", 16 * MIB, NULL, { { 0, MAGIC("QFI\xfb") } } },
	{ "vhdx", "vhdx", 16 * MIB, NULL, { { 0, MAGIC("vhdxfile") } } },
	{ "vhd", "vhd", 16 * MIB, NULL, { { -512, MAGIC("conectix") } } },
	{ "vmdk", "vmdk", 16 * MIB, NULL, { { 0, MAGIC("KDMV") } } },
	{ "vdi", "vdi", 16 * MIB, NULL, { { 64, MAGIC("\x7f\x10\xda\xbe") } } },
	{ "ldm", "windows-ldm", 16 * MIB, NULL, { { -512, MAGIC("PRIVHEAD") } } },
	{ "ldm in the last MiB", "windows-ldm", 16 * MIB, NULL, { { -1 * MIB, MAGIC("PRIVHEAD") } } },
	{ "storage spaces", "storage-spaces", 16 * MIB, NULL, { { 4096, MAGIC("SPACEDB ") } } },
	{ "bcachefs", "bcachefs", 16 * MIB, NULL,
	  { { 4096 + 24, MAGIC("\xc6\x85\x73\xf6\x66\xce\x90\xa9\xd9\x6a\x60\xcf\x80\x3d\xf7\xef") } } },
	{ "bsd label", "bsd-label", 16 * MIB, NULL, { { 512, MAGIC("\x57\x45\x56\x82") } } },
	{ "dasd", "dasd", 16 * MIB, NULL, { { 8192, MAGIC("\xe5\xd6\xd3\xf1") } } },
	{ "asm", "oracleasm", 16 * MIB, NULL, { { 32, MAGIC("ORCLDISK") } } },
	{ "tar", "tar", 16 * MIB, NULL, { { 257, MAGIC("ustar") } } },
	{ "first byte", NULL, 16 * MIB, NULL, { { 0, MAGIC("\x01") } } },
	{ "last byte", NULL, 16 * MIB, NULL, { { -1, MAGIC("\x80") } } },
	{ "end of the head", NULL, 16 * MIB, NULL, { { 4 * MIB - 1, MAGIC("\x01") } } },
	{ "start of the tail", NULL, 16 * MIB, NULL, { { 12 * MIB, MAGIC("\x01") } } },
	{ "text", NULL, 16 * MIB, NULL, { { 1 * MIB, MAGIC("please do not format me") } } },
};

enum { SAMPLES = sizeof samples / sizeof *samples };

static char path[] = "/tmp/bascule-signature.XXXXXX";

/* A shell's code for a command that it cannot find. */
enum { NOT_FOUND = 127 };

/* The code of the tool that makes it, and what it said. */
static int
sample_try(const struct sample *s, struct str *said)
{
	const char *argv[] = { "sh", "-c", "exec 2>&1; eval \"$2\"", "sh", path, s->command, NULL };
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	struct err err;

	assert_true(fd >= 0 && ftruncate(fd, s->size) == 0);
	for (size_t i = 0; i < 4 && s->pokes[i].n; i++) {
		const struct poke *p = &s->pokes[i];

		assert_int_equal(pwrite(fd, p->bytes, p->n, p->at < 0 ? s->size + p->at : p->at),
				 p->n);
	}
	close(fd);
	return s->command ? proc_run(argv, NULL, said, 0, &err) : 0;
}

/* false when its tool is not here. */
static bool
sample_make(const struct sample *s)
{
	CLEAN_STR said = STR_INIT(65536);
	int code = sample_try(s, &said);

	if (code && code != NOT_FOUND)
		fail_msg("%s: %d from its tool: %s", s->name, code, str_text(&said));
	return code == 0;
}

static void
sample_need(const struct sample *s)
{
	if (!sample_make(s))
		unit_skip("the tool that makes %s is not installed", s->name);
}

enum part { WHOLE, HEAD, TAIL };

static void
part_copy(struct window *w, int fd, uint64_t at, size_t n)
{
	unsigned char *bytes = malloc(n);

	assert_int_equal(pread(fd, bytes, n, (off_t)at), n);
	window_put(w, at, bytes, n);
	free(bytes);
}

static void
part_load(struct window *w, struct probe_lun *lun, enum part part)
{
	struct err err;
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	assert_int_equal(fstat(fd, &st), 0);
	memset(lun, 0, sizeof *lun);
	lun->size_bytes = (uint64_t)st.st_size;
	assert_int_equal(window_open(w, lun->size_bytes, PROBE_WINDOW, &err), 0);
	if (part != TAIL)
		part_copy(w, fd, 0, w->head_len);
	if (part != HEAD && w->tail)
		part_copy(w, fd, w->tail_at, w->tail_len);
	close(fd);
	/* all was read, and nobody is registered: only the content can keep it from being empty */
	lun->seen.head_read = lun->seen.tail_read = true;
	lun->pr.known = true;
}

static bool
window_is_zero(const struct window *w)
{
	for (size_t i = 0; i < w->head_len; i++)
		if (w->head[i])
			return false;
	for (size_t i = 0; i < w->tail_len; i++)
		if (w->tail[i])
			return false;
	return true;
}

static bool
has_kind(const struct probe_lun *lun, const char *kind)
{
	for (size_t i = 0; i < lun->nsigns; i++)
		if (strcmp(lun->signs[i].kind, kind) == 0)
			return true;
	return false;
}

static void
assert_is_clean(const struct probe_lun *lun)
{
	CLEAN_STR text = STR_INIT(4096);

	lun_content(&text, lun);
	for (size_t i = 0; i < text.len; i++)
		assert_true((unsigned char)text.s[i] >= ' ' && text.s[i] != 0x7f);
}

static void
part_check(const struct sample *s, enum part part, uint32_t block_size)
{
	struct window w;
	struct probe_lun lun;

	part_load(&w, &lun, part);
	signature_search(&w, block_size, &lun);
	assert_true(lun.seen.searched);
	assert_is_clean(&lun);
	if (window_is_zero(&w)) {
		assert_int_equal(lun_verdict(&lun), LUN_EMPTY);
	} else {
		assert_true(lun.seen.nonzero);
		if (lun_verdict(&lun) == LUN_EMPTY)
			fail_msg("%s passes for empty", s->name);
	}
	if (part == WHOLE && s->kind && !has_kind(&lun, s->kind))
		fail_msg("%s: found %zu signatures (%s)", s->name, lun.nsigns, lun.signs[0].kind);
	if (part == WHOLE && !s->kind)
		assert_int_equal(lun_verdict(&lun), LUN_UNKNOWN_DATA);
	window_done(&w);
}

static void
test_sample(void **state)
{
	const struct sample *s = *state;

	sample_need(s);
	for (enum part part = WHOLE; part <= TAIL; part++) {
		part_check(s, part, 512);
		part_check(s, part, 4096);
	}
}

static void
test_zero_is_empty(void **state)
{
	static const struct sample sizes[] = {
		{ .name = "512 bytes", .size = 512 },
		{ .name = "4 KiB", .size = 4096 },
		{ .name = "one window", .size = 4 * MIB },
		{ .name = "just one tail", .size = 8 * MIB + 512 },
		{ .name = "a terabyte", .size = 1024 * 1024 * MIB },
	};

	(void)state;
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		assert_true(sample_make(&sizes[i]));
		for (uint32_t block = 512; block <= 4096; block *= 8) {
			struct window w;
			struct probe_lun lun;

			part_load(&w, &lun, WHOLE);
			signature_search(&w, block, &lun);
			assert_int_equal(lun_verdict(&lun), LUN_EMPTY);
			assert_int_equal(w.head_len + w.tail_len >= (size_t)sizes[i].size ||
						 w.tail_len >= PROBE_WINDOW, 1);
			window_done(&w);
		}
	}
}

static void
test_details(void **state)
{
	struct window w;
	struct probe_lun lun;
	size_t i = 0;

	(void)state;
	while (strcmp(samples[i].name, "sbd") != 0)
		i++;
	assert_true(sample_make(&samples[i]));
	part_load(&w, &lun, WHOLE);
	signature_search(&w, 512, &lun);
	assert_string_equal(lun.signs[0].note, "hv-1 hv-^[[2J");
	assert_string_equal(lun.signs[0].usage, "cluster");
	window_done(&w);

	while (strcmp(samples[i].name, "gfs2") != 0)
		i = i ? i - 1 : SAMPLES - 1;
	sample_need(&samples[i]);
	part_load(&w, &lun, WHOLE);
	signature_search(&w, 512, &lun);
	assert_string_equal(lun.signs[0].label, "cluster-1:vm");
	assert_int_equal(strlen(lun.signs[0].uuid), 36);
	window_done(&w);
}

/* Superblocks with random bytes in them: no crash, clean texts, never empty. */
static void
test_mutations(void **state)
{
	struct window w;
	struct probe_lun lun, fresh;

	(void)state;
	for (size_t i = 0; i < SAMPLES; i++) {
		if (!sample_make(&samples[i]))
			continue;
		part_load(&w, &lun, WHOLE);
		for (int round = 0; round < 12; round++) {
			for (int k = 0; k < 8; k++) {
				size_t span = round % 2 ? 8192 : 512;
				size_t n = w.head_len < span ? w.head_len : span;

				unsigned char byte = (unsigned char)unit_random();

				window_put(&w, unit_random() % n, &byte, 1);
			}
			fresh = lun;
			signature_search(&w, round % 3 ? 512 : 4096, &fresh);
			assert_is_clean(&fresh);
			if (fresh.seen.nonzero)
				assert_int_not_equal(lun_verdict(&fresh), LUN_EMPTY);
		}
		window_done(&w);
	}
}

int
main(void)
{
	struct CMUnitTest tests[SAMPLES + 3];
	int fd = mkstemp(path), failed;

	if (fd < 0)
		return 99;
	close(fd);
	setenv("PATH", "/usr/sbin:/sbin:/usr/bin:/bin", 1);
	for (size_t i = 0; i < SAMPLES; i++)
		tests[i] = (struct CMUnitTest){ .name = samples[i].name,
						.test_func = test_sample,
						.initial_state = (void *)(uintptr_t)&samples[i] };
	tests[SAMPLES] = (struct CMUnitTest)cmocka_unit_test(test_zero_is_empty);
	tests[SAMPLES + 1] = (struct CMUnitTest)cmocka_unit_test(test_details);
	tests[SAMPLES + 2] = (struct CMUnitTest)cmocka_unit_test(test_mutations);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	unlink(path);
	return failed;
}
