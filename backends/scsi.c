/* SCSI commands and answers of a probe (SPC-4, SBC-3), without any transport. */
#include "backends/scsi.h"

#include <ctype.h>
#include <string.h>
#include "base/str.h"
#include "base/text.h"

static uint16_t
be16(const unsigned char *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static uint32_t
be32(const unsigned char *p)
{
	return (uint32_t)be16(p) << 16 | be16(p + 2);
}

static uint64_t
be64(const unsigned char *p)
{
	return (uint64_t)be32(p) << 32 | be32(p + 4);
}

static void
put_be(unsigned char *p, uint64_t value, size_t bytes)
{
	while (bytes--) {
		p[bytes] = (unsigned char)value;
		value >>= 8;
	}
}

void
scsi_inquiry_cdb(unsigned char cdb[SCSI_CDB], int page, uint16_t alloc)
{
	memset(cdb, 0, SCSI_CDB);
	cdb[0] = 0x12;
	if (page >= 0) {
		cdb[1] = 1;
		cdb[2] = (unsigned char)page;
	}
	put_be(cdb + 3, alloc, 2);
}

void
scsi_capacity_cdb(unsigned char cdb[SCSI_CDB], uint32_t alloc)
{
	memset(cdb, 0, SCSI_CDB);
	cdb[0] = 0x9e;
	cdb[1] = 0x10;
	put_be(cdb + 10, alloc, 4);
}

void
scsi_pr_in_cdb(unsigned char cdb[SCSI_CDB], unsigned action, uint16_t alloc)
{
	memset(cdb, 0, SCSI_CDB);
	cdb[0] = 0x5e;
	cdb[1] = (unsigned char)action;
	put_be(cdb + 7, alloc, 2);
}

void
scsi_luns_cdb(unsigned char cdb[SCSI_CDB], uint32_t alloc)
{
	memset(cdb, 0, SCSI_CDB);
	cdb[0] = 0xa0;
	put_be(cdb + 6, alloc, 4);
}

void
scsi_read_cdb(unsigned char cdb[SCSI_CDB], uint64_t block, uint32_t blocks)
{
	memset(cdb, 0, SCSI_CDB);
	cdb[0] = 0x88;
	put_be(cdb + 2, block, 8);
	put_be(cdb + 10, blocks, 4);
}

int
scsi_cdb_size(const unsigned char cdb[SCSI_CDB])
{
	static const unsigned char sizes[8] = { 6, 10, 10, 16, 16, 12, 16, 16 };

	return sizes[cdb[0] >> 5];
}

/* Fixed fields are padded with blanks or NULs; what they hold goes to a terminal some day. */
static void
put_clean(char *out, size_t size, const unsigned char *p, size_t n)
{
	CLEAN_STR text = STR_INIT(4096);

	while (n && (p[n - 1] == ' ' || p[n - 1] == '\0'))
		n--;
	while (n && *p == ' ') {
		p++;
		n--;
	}
	text_clean(&text, (const char *)p, n, false);
	str_put(out, size, str_text(&text));
}

bool
scsi_inquiry_parse(struct probe_lun *lun, const unsigned char *p, size_t n, bool *ret_is_disk)
{
	if (n < 36)
		return false;
	*ret_is_disk = p[0] == 0; /* qualifier "connected", type "direct access" */
	put_clean(lun->vendor, sizeof lun->vendor, p + 8, 8);
	put_clean(lun->product, sizeof lun->product, p + 16, 16);
	put_clean(lun->revision, sizeof lun->revision, p + 32, 4);
	return true;
}

/* Payload of a VPD page: NULL when it is not that page; *ret_n is what really came of it. */
static const unsigned char *
vpd_payload(const unsigned char *p, size_t n, unsigned page, size_t *ret_n)
{
	if (n < 4 || p[1] != page)
		return NULL;
	*ret_n = be16(p + 2);
	if (*ret_n > n - 4)
		*ret_n = n - 4;
	return p + 4;
}

bool
scsi_pages_has(const unsigned char *p, size_t n, unsigned page)
{
	size_t len;
	const unsigned char *list = vpd_payload(p, n, 0x00, &len);

	return list && memchr(list, (int)page, len);
}

bool
scsi_serial_parse(struct probe_lun *lun, const unsigned char *p, size_t n)
{
	size_t len;
	const unsigned char *serial = vpd_payload(p, n, 0x80, &len);

	if (!serial)
		return false;
	put_clean(lun->serial, sizeof lun->serial, serial, len < 255 ? len : 255);
	return true;
}

static void
put_hex(char *out, size_t size, const unsigned char *p, size_t n)
{
	CLEAN_STR hex = STR_INIT(4096);

	str_hex(&hex, p, n);
	str_put(out, size, str_text(&hex));
}

/* Some arrays give NAA and EUI as ASCII hex digits: brought to the same lower-case digits. */
static void
put_ascii_hex(char *out, size_t size, const unsigned char *p, size_t n)
{
	size_t used = 0;

	for (size_t i = 0; i < n && isxdigit(p[i]) && used + 1 < size; i++)
		out[used++] = (char)tolower(p[i]);
	out[used] = '\0';
}

static bool
designator_is_wanted(unsigned type)
{
	return type <= DESIGNATOR_NAA || type == DESIGNATOR_NAME;
}

/* One designation descriptor of n bytes (SPC-4 7.8.6.1), header of 4 included. */
static void
designator_parse(struct probe_lun *lun, const unsigned char *d, size_t n)
{
	struct probe_designator *name;
	unsigned code_set = d[0] & 0x0f, type = d[1] & 0x0f;

	if ((d[1] & 0x30) || n <= 4 || !designator_is_wanted(type) ||
	    lun->nnames == PROBE_DESIGNATORS)
		return; /* 0x30: names a port or a target, not this LUN */
	name = &lun->names[lun->nnames];
	memset(name, 0, sizeof *name);
	name->type = (enum probe_designator_type)type;
	if (code_set == 1 && type == DESIGNATOR_VENDOR)
		put_hex(name->text, sizeof name->text, d + 4, n - 4);
	else if (type == DESIGNATOR_NAA || type == DESIGNATOR_EUI)
		(code_set == 1 ? put_hex : put_ascii_hex)(name->text, sizeof name->text, d + 4,
							  n - 4);
	else
		put_clean(name->text, sizeof name->text, d + 4, n - 4);
	if (name->text[0])
		lun->nnames++;
}

bool
scsi_names_parse(struct probe_lun *lun, const unsigned char *p, size_t n)
{
	size_t len, size;
	const unsigned char *d = vpd_payload(p, n, 0x83, &len);

	if (!d)
		return false;
	for (; len >= 4; d += size, len -= size) {
		size = 4 + (size_t)d[3];
		if (size > len)
			break;
		designator_parse(lun, d, size);
	}
	return true;
}

/* Sizes beyond 2^60 are a lie, and would overflow what is computed from them. */
static bool
capacity_set(struct probe_lun *lun, uint64_t last_block, uint32_t block_size)
{
	if (block_size == 0 || block_size > 1 << 20 || last_block >= (UINT64_MAX >> 4) / block_size)
		return false;
	lun->block_size = block_size;
	lun->physical_size = block_size;
	lun->size_bytes = (last_block + 1) * block_size;
	return true;
}

bool
scsi_capacity16_parse(struct probe_lun *lun, const unsigned char *p, size_t n)
{
	if (n < 16 || !capacity_set(lun, be64(p), be32(p + 8)))
		return false;
	lun->physical_size <<= p[13] & 0x0f;
	lun->thin = p[14] & 0x80;
	return true;
}

bool
scsi_capacity10_parse(struct probe_lun *lun, const unsigned char *p, size_t n)
{
	return n >= 8 && be32(p) != UINT32_MAX && capacity_set(lun, be32(p), be32(p + 4));
}

bool
scsi_pr_keys_parse(struct probe_pr *pr, const unsigned char *p, size_t n)
{
	size_t came;

	if (n < 8)
		return false;
	pr->generation = be32(p);
	pr->total = be32(p + 4) / 8;
	came = (n - 8) / 8;
	pr->nkeys = 0;
	for (size_t i = 0; i < pr->total && i < came && i < PROBE_KEYS; i++)
		pr->keys[pr->nkeys++] = be64(p + 8 + 8 * i);
	pr->supported = true;
	return true;
}

bool
scsi_pr_holder_parse(struct probe_pr *pr, const unsigned char *p, size_t n)
{
	if (n < 8)
		return false;
	pr->reserved = be32(p + 4) > 0;
	pr->supported = true;
	if (pr->reserved && n >= 24) {
		pr->holder = be64(p + 8);
		pr->type = p[21] & 0x0f;
	}
	return true;
}

bool
scsi_pr_types_parse(struct probe_pr *pr, const unsigned char *p, size_t n)
{
	if (n < 8)
		return false;
	pr->told = true;
	pr->persists = p[2] & 0x01;
	pr->types = (p[3] & 0x80) ? be16(p + 4) : 0;
	return true;
}

/* 8-byte LUN to its number: peripheral (bus 0) or flat addressing, single level (SAM-5 4.7). */
static bool
lun_number(const unsigned char *p, unsigned *ret_number)
{
	unsigned method = p[0] >> 6;

	if (method == 0 && p[0] == 0)
		*ret_number = p[1];
	else if (method == 1)
		*ret_number = be16(p) & 0x3fff;
	else
		return false;
	return be16(p + 2) == 0 && be32(p + 4) == 0;
}

size_t
scsi_luns_parse(const unsigned char *p, size_t n, unsigned *numbers, size_t max)
{
	size_t len, count = 0;
	unsigned number;

	if (n < 8)
		return 0;
	len = be32(p);
	if (len > n - 8)
		len = n - 8;
	for (size_t at = 8; at + 8 <= 8 + len; at += 8) {
		if (!lun_number(p + at, &number))
			continue;
		if (count < max)
			numbers[count] = number;
		count++;
	}
	return count;
}

/* How udev's scsi_id ranks names: lower is better. */
static int
name_rank(const struct probe_designator *d)
{
	switch (d->type) {
	case DESIGNATOR_NAA:
		return d->text[0] == '6' ? 0 : d->text[0] == '5' ? 1 : 2;
	case DESIGNATOR_EUI:
		return 3;
	case DESIGNATOR_T10:
		return 4;
	case DESIGNATOR_VENDOR:
		return 5;
	default:
		return 6;
	}
}

static const struct probe_designator *
best_name(const struct probe_lun *lun)
{
	const struct probe_designator *best = NULL;

	for (size_t i = 0; i < lun->nnames; i++)
		if (!best || name_rank(&lun->names[i]) < name_rank(best))
			best = &lun->names[i];
	return best;
}

/* udev turns runs of blanks into one '_'. */
static void
add_udev_text(struct str *out, const char *text)
{
	for (; *text; text++)
		if (*text != ' ')
			str_addc(out, *text);
		else if (out->len && out->s[out->len - 1] != '_')
			str_addc(out, '_');
}

void
scsi_identity(struct probe_lun *lun)
{
	static const char *const prefix[] = { "", "t10.", "eui.", "naa.", "", "", "", "", "" };
	const struct probe_designator *name = best_name(lun);
	CLEAN_STR wwid = STR_INIT(sizeof lun->wwid - 1);
	CLEAN_STR id = STR_INIT(sizeof lun->scsi_id - 1);

	if (!name)
		return;
	str_addf(&wwid, "%s%s", prefix[name->type], name->text);
	str_addf(&id, "%d", name->type);
	if (name->type == DESIGNATOR_VENDOR) {
		add_udev_text(&id, lun->vendor);
		add_udev_text(&id, lun->product);
	}
	add_udev_text(&id, name->text);
	str_put(lun->wwid, sizeof lun->wwid, str_text(&wwid));
	str_put(lun->scsi_id, sizeof lun->scsi_id, str_text(&id));
}
