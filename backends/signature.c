/* Signatures on a LUN: libblkid over a sparse memory file that holds the LUN's two ends, then
 * a table of magics that libblkid does not know. */
#include "backends/signature.h"

#include <blkid/blkid.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "base/nls.h"
#include "base/str.h"
#include "base/text.h"

enum { ALIGN = 64 << 10, PAGE = 4096 };

static const unsigned char *
window_map(int fd, uint64_t at, size_t len)
{
	void *p = mmap(NULL, len, PROT_READ, MAP_SHARED, fd, (off_t)at);

	return p == MAP_FAILED ? NULL : p;
}

static int
window_fail(struct window *w, struct err *err)
{
	int errnum = errno;

	window_done(w);
	return err_sys(err, errnum, _("cannot set memory aside for a LUN's ends"));
}

int
window_open(struct window *w, uint64_t size, size_t each, struct err *err)
{
	*w = (struct window){ .fd = -1, .size = size };
	if (size <= 2 * (uint64_t)each) {
		w->head_len = (size_t)size;
	} else {
		w->head_len = each;
		w->tail_at = (size - each) & ~(uint64_t)(ALIGN - 1);
		w->tail_len = (size_t)(size - w->tail_at);
	}
	w->fd = memfd_create("lun", MFD_CLOEXEC);
	if (w->fd < 0 || ftruncate(w->fd, (off_t)size) < 0)
		return window_fail(w, err);
	w->head = window_map(w->fd, 0, w->head_len);
	if (!w->head)
		return window_fail(w, err);
	if (w->tail_len)
		w->tail = window_map(w->fd, w->tail_at, w->tail_len);
	return w->tail_len && !w->tail ? window_fail(w, err) : 0;
}

void
window_done(struct window *w)
{
	if (w->head)
		munmap((void *)(uintptr_t)w->head, w->head_len);
	if (w->tail)
		munmap((void *)(uintptr_t)w->tail, w->tail_len);
	if (w->head || w->fd > 0)
		close(w->fd);
	*w = (struct window){ .fd = -1 };
}

size_t
bytes_first_nonzero(const unsigned char *p, size_t n)
{
	enum { STRIDE = 4096 };
	static const unsigned char zero[STRIDE];
	size_t at = 0;

	while (n - at >= STRIDE && memcmp(p + at, zero, STRIDE) == 0)
		at += STRIDE;
	while (at < n && p[at] == 0)
		at++;
	return at;
}

static void
page_put(struct window *w, uint64_t at, const unsigned char *bytes, size_t n)
{
	size_t zeros = bytes_first_nonzero(bytes, n);

	if (zeros == n)
		return;
	if (!w->nonzero || at + zeros < w->nonzero_at)
		w->nonzero_at = at + zeros;
	w->nonzero = true;
	if (pwrite(w->fd, bytes, n, (off_t)at) != (ssize_t)n)
		w->failed = true;
}

void
window_put(struct window *w, uint64_t at, const unsigned char *bytes, size_t n)
{
	size_t piece;

	for (; n; at += piece, bytes += piece, n -= piece) {
		piece = PAGE - at % PAGE;
		piece = piece < n ? piece : n;
		page_put(w, at, bytes, piece);
	}
}

static void
note_data(const struct window *w, struct probe_evidence *seen)
{
	if (!w->nonzero || (seen->nonzero && seen->nonzero_at < w->nonzero_at))
		return;
	seen->nonzero = true;
	seen->nonzero_at = w->nonzero_at;
}

/* --- libblkid --- */

static void
put_clean(char *out, size_t size, const char *text, size_t n)
{
	CLEAN_STR clean = STR_INIT(1024);

	text_clean(&clean, text, n, false);
	str_put(out, size, str_text(&clean));
}

/* libblkid pads some values with blanks, and counts a final NUL in the length. */
static bool
blkid_value(blkid_probe pr, const char *name, char *out, size_t size)
{
	const char *data;
	size_t len;

	if (blkid_probe_lookup_value(pr, name, &data, &len) != 0)
		return false;
	len = strnlen(data, len);
	while (len && data[len - 1] == ' ')
		len--;
	put_clean(out, size, data, len);
	return true;
}

/* NULL when there are enough already. */
static struct probe_signature *
sign_new(struct probe_lun *lun, const char *kind)
{
	struct probe_signature *s;

	for (size_t i = 0; i < lun->nsigns; i++)
		if (strcmp(lun->signs[i].kind, kind) == 0)
			return NULL;
	if (lun->nsigns == PROBE_SIGNATURES)
		return NULL;
	s = &lun->signs[lun->nsigns++];
	memset(s, 0, sizeof *s);
	str_put(s->kind, sizeof s->kind, kind);
	return s;
}

static void
take_match(blkid_probe pr, struct probe_lun *lun)
{
	struct probe_signature *s;
	char kind[32] = "?", ignored[8];

	if (blkid_value(pr, "TYPE", kind, sizeof kind)) {
		s = sign_new(lun, kind);
		if (!s)
			return;
		blkid_value(pr, "LABEL", s->label, sizeof s->label);
		blkid_value(pr, "UUID", s->uuid, sizeof s->uuid);
		blkid_value(pr, "USAGE", s->usage, sizeof s->usage);
		s->damaged = blkid_value(pr, "SBBADCSUM", ignored, sizeof ignored);
		return;
	}
	blkid_value(pr, "PTTYPE", kind, sizeof kind);
	s = sign_new(lun, kind);
	if (!s)
		return;
	blkid_value(pr, "PTUUID", s->uuid, sizeof s->uuid);
	str_put(s->usage, sizeof s->usage, "partitions");
}

static blkid_probe
blkid_open(const struct window *w, uint64_t at, uint64_t len, uint32_t sector)
{
	blkid_probe pr = blkid_new_probe();

	if (!pr)
		return NULL;
	if (blkid_probe_set_device(pr, w->fd, (blkid_loff_t)at, (blkid_loff_t)len) != 0) {
		blkid_free_probe(pr);
		return NULL;
	}
	blkid_probe_set_sectorsize(pr, sector);
	blkid_probe_enable_superblocks(pr, 1);
	blkid_probe_set_superblocks_flags(pr, BLKID_SUBLKS_TYPE | BLKID_SUBLKS_LABEL |
						      BLKID_SUBLKS_UUID | BLKID_SUBLKS_USAGE |
						      BLKID_SUBLKS_BADCSUM);
	return pr;
}

/* What the first partitions hold, as far as their beginning lies in the windows: a note
 * "2 partitions: ntfs Quorum, ntfs VMs". */
static void
note_partitions(const struct window *w, blkid_probe pr, uint32_t sector, struct probe_signature *s)
{
	blkid_partlist list = blkid_probe_get_partitions(pr);
	int n = list ? blkid_partlist_numof_partitions(list) : 0;
	CLEAN_STR note = STR_INIT(sizeof s->note - 1);

	if (n <= 0)
		return;
	str_addf(&note, P_("%d partition", "%d partitions", (unsigned)n), n);
	for (int i = 0, shown = 0; i < n && i < 4; i++) {
		blkid_partition part = blkid_partlist_get_partition(list, i);
		uint64_t at = (uint64_t)blkid_partition_get_start(part) << 9;
		uint64_t len = (uint64_t)blkid_partition_get_size(part) << 9;
		char kind[32], label[64] = "";
		blkid_probe inner;

		if (at >= w->size || len > w->size - at)
			continue;
		inner = blkid_open(w, at, len, sector);
		if (inner && blkid_do_probe(inner) == 0 &&
		    blkid_value(inner, "TYPE", kind, sizeof kind)) {
			blkid_value(inner, "LABEL", label, sizeof label);
			str_addf(&note, "%s%s%s%s", shown++ ? ", " : _(": "), kind,
				 label[0] ? " " : "", label);
		}
		blkid_free_probe(inner);
	}
	str_put(s->note, sizeof s->note, str_text(&note));
}

static struct probe_signature *
find_partition_table(struct probe_lun *lun)
{
	for (size_t i = 0; i < lun->nsigns; i++)
		if (strcmp(lun->signs[i].usage, "partitions") == 0 && !lun->signs[i].note[0])
			return &lun->signs[i];
	return NULL;
}

/* false when libblkid itself failed. */
static bool
blkid_search(const struct window *w, uint32_t sector, struct probe_lun *lun)
{
	blkid_probe pr = blkid_open(w, 0, w->size, sector);
	struct probe_signature *table;
	int answer;

	if (!pr)
		return false;
	blkid_probe_enable_partitions(pr, 1);
	blkid_probe_set_partitions_flags(pr, BLKID_PARTS_MAGIC);
	while ((answer = blkid_do_probe(pr)) == 0)
		take_match(pr, lun);
	table = find_partition_table(lun);
	if (table)
		note_partitions(w, pr, sector, table);
	blkid_free_probe(pr);
	return answer == 1;
}

/* --- what libblkid does not know --- */

static const unsigned char *
window_at(const struct window *w, uint64_t at, size_t n)
{
	if (at + n <= w->head_len)
		return w->head + at;
	if (w->tail && at >= w->tail_at && at + n <= w->size)
		return w->tail + (at - w->tail_at);
	return NULL;
}

/* Slots of a fencing mailbox: header in sector 0, the name of slot i in sector 1 + 2i, first
 * byte 1 when taken (sbd's on-disk format 2). */
static void
sbd_describe(const struct window *w, struct probe_signature *s)
{
	const unsigned char *h = w->head, *u = h + 33, *slot;
	size_t sector = (size_t)h[12] << 24 | (size_t)h[13] << 16 | (size_t)h[14] << 8 | h[15];
	CLEAN_STR note = STR_INIT(sizeof s->note - 1);

	snprintf(s->uuid, sizeof s->uuid,
		 "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", u[0], u[1],
		 u[2], u[3], u[4], u[5], u[6], u[7], u[8], u[9], u[10], u[11], u[12], u[13], u[14],
		 u[15]);
	for (size_t i = 0; sector >= 512 && i < h[9]; i++) {
		slot = window_at(w, (1 + 2 * i) * sector, 64);
		if (!slot || slot[0] != 1)
			continue;
		str_add(&note, note.len ? " " : "");
		text_clean(&note, (const char *)slot + 1, strnlen((const char *)slot + 1, 63), false);
	}
	str_put(s->note, sizeof s->note, str_text(&note));
}

static const struct magic {
	const char *kind;
	const char *usage;
	long long at; /* negative: from the end */
	size_t len;
	const char *bytes;
	void (*describe)(const struct window *w, struct probe_signature *s); /* head has 4 KiB */
} magics[] = {
	{ "sbd", "cluster", 0, 8, "SBD_SBD_", sbd_describe },
	{ "sanlock", "cluster", 0, 4, "\x10\x20\x21\x12", NULL },       /* delta leases */
	{ "sanlock", "cluster", 0, 4, "\x10\x20\x15\x06", NULL },       /* paxos leases */
	{ "qcow2", "image", 0, 4, "QFI\xfb", NULL },
	{ "qed", "image", 0, 4, "QED\0", NULL },
	{ "vhdx", "image", 0, 8, "vhdxfile", NULL },
	{ "vhd", "image", 0, 8, "conectix", NULL },
	{ "vhd", "image", -512, 8, "conectix", NULL },
	{ "vmdk", "image", 0, 4, "KDMV", NULL },
	{ "vmdk", "image", 0, 4, "COWD", NULL },
	{ "vdi", "image", 64, 4, "\x7f\x10\xda\xbe", NULL },
	{ "parallels", "image", 0, 16, "WithoutFreeSpace", NULL },
	{ "windows-ldm", "raid", 0xc00, 8, "PRIVHEAD", NULL },
	{ "windows-ldm", "raid", -512, 8, "PRIVHEAD", NULL },
	{ "windows-ldm", "raid", -(1 << 20), 8, "PRIVHEAD", NULL },
	{ "storage-spaces", "raid", 0x1000, 8, "SPACEDB ", NULL },
	{ "storage-spaces", "raid", 0, 8, "SPACEDB ", NULL },
	{ "refs", "filesystem", 3, 8, "ReFS\0\0\0\0", NULL },
	{ "bcachefs", "filesystem", 4096 + 24, 16,
	  "\xc6\x85\x73\xf6\x66\xce\x90\xa9\xd9\x6a\x60\xcf\x80\x3d\xf7\xef", NULL },
	{ "zfs", "raid", 128 << 10, 8, "\x0c\xb1\xba\0\0\0\0\0", NULL },
	{ "bsd-label", "partitions", 512, 4, "\x57\x45\x56\x82", NULL },
	{ "bsd-label", "partitions", 64, 4, "\x57\x45\x56\x82", NULL },
	{ "dasd", "partitions", 2 * 4096, 4, "\xe5\xd6\xd3\xf1", NULL }, /* VOL1 in EBCDIC */
	{ "gpt", "partitions", 512, 8, "EFI PART", NULL },
	{ "gpt", "partitions", 4096, 8, "EFI PART", NULL },
	{ "gpt", "partitions", -512, 8, "EFI PART", NULL },
	{ "gpt", "partitions", -4096, 8, "EFI PART", NULL },
	{ "lvm2", "raid", 512, 8, "LABELONE", NULL },
	{ "bitlocker", "crypto", 3, 8, "-FVE-FS-", NULL },
	{ "luks", "crypto", 0, 6, "LUKS\xba\xbe", NULL },
	{ "ceph-bluestore", "raid", 0, 22, "bluestore block device", NULL },
	{ "asm", "raid", 32, 8, "ORCLDISK", NULL },
	{ "tar", "archive", 257, 5, "ustar", NULL },
	{ "xz", "archive", 0, 6, "\xfd" "7zXZ\0", NULL },
	{ "zstd", "archive", 0, 4, "\x28\xb5\x2f\xfd", NULL },
	{ "gzip", "archive", 0, 3, "\x1f\x8b\x08", NULL },
	{ "zip", "archive", 0, 4, "PK\x03\x04", NULL },
};

/* A name that both tables have under two spellings must not be shown twice. */
static const struct alias {
	const char *ours, *theirs;
} aliases[] = {
	{ "lvm2", "LVM2_member" },   { "bitlocker", "BitLocker" }, { "luks", "crypto_LUKS" },
	{ "refs", "ReFS" },          { "asm", "oracleasm" },       { "ceph-bluestore", "ceph_bluestore" },
	{ "zfs", "zfs_member" },     { "bsd-label", "bsd" },       { "bcachefs", "bcache" },
};

static bool
known_already(const struct probe_lun *lun, const char *kind)
{
	for (size_t i = 0; i < lun->nsigns; i++)
		for (size_t k = 0; k < sizeof aliases / sizeof *aliases; k++)
			if (strcmp(aliases[k].ours, kind) == 0 &&
			    strcmp(aliases[k].theirs, lun->signs[i].kind) == 0)
				return true;
	return false;
}

static bool
magic_matches(const struct magic *m, const struct window *w)
{
	const unsigned char *p;

	if (m->at < 0 && (uint64_t)-m->at > w->size)
		return false;
	p = window_at(w, m->at < 0 ? w->size - (uint64_t)-m->at : (uint64_t)m->at, m->len);
	return p && memcmp(p, m->bytes, m->len) == 0;
}

static void
magic_search(const struct window *w, struct probe_lun *lun)
{
	struct probe_signature *s;

	for (size_t i = 0; i < sizeof magics / sizeof *magics; i++) {
		if (!magic_matches(&magics[i], w) || known_already(lun, magics[i].kind))
			continue;
		s = sign_new(lun, magics[i].kind);
		if (!s)
			continue;
		str_put(s->usage, sizeof s->usage, magics[i].usage);
		if (magics[i].describe && w->head_len >= 4096)
			magics[i].describe(w, s);
	}
}

/* A boot sector's two last bytes mean little, but they are not nothing. */
static void
boot_sector_search(const struct window *w, struct probe_lun *lun)
{
	struct probe_signature *s;

	if (lun->nsigns || w->head_len < 512 || w->head[510] != 0x55 || w->head[511] != 0xaa)
		return;
	s = sign_new(lun, "boot-sector");
	if (s)
		str_put(s->usage, sizeof s->usage, "partitions");
}

void
signature_search(const struct window *w, uint32_t block_size, struct probe_lun *lun)
{
	uint32_t other = block_size == 512 ? 4096 : 512;

	note_data(w, &lun->seen);
	lun->seen.searched = !w->failed;
	if (!w->nonzero)
		return; /* no magic consists of zeros */
	lun->seen.searched = blkid_search(w, block_size, lun) && !w->failed;
	/* A disk formatted behind one sector size may be exported with another. */
	if (!lun->nsigns)
		lun->seen.searched = blkid_search(w, other, lun) && lun->seen.searched;
	magic_search(w, lun);
	boot_sector_search(w, lun);
}
