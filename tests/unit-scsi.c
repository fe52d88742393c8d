/* SCSI answers: the normal ones, the odd ones, and ones that lie about their length. */
#include "tests/unit.h"

#include <stdlib.h>
#include <string.h>
#include "backends/scsi.h"
#include "base/alloc.h"

#define BYTES(text) (const unsigned char *)text, sizeof text - 1

/* The parsers get an exact heap copy, so that one byte too far is seen by AddressSanitizer. */
static unsigned char *
heap_copy(const unsigned char *p, size_t n)
{
	unsigned char *copy = malloc(n ? n : 1);

	assert_non_null(copy);
	memcpy(copy, p, n);
	return copy;
}

static const unsigned char naa6[] = "\x00\x83\x00\x2e"
				    "\x02\x01\x00\x0cIET 00010001"          /* T10, ASCII */
				    "\x01\x14\x00\x04\x00\x00\x00\x01"      /* a port's name */
				    "\x01\x03\x00\x10\x60\x01\x40\x50\x00\x00\x00\x00\x00\x00\x00\x00\x00"
				    "\x00\xab\xcd";

static void
test_names(void **state)
{
	struct probe_lun lun = { .number = 1 };

	(void)state;
	/* the length in the header is shorter than what came: only that much counts */
	assert_true(scsi_names_parse(&lun, naa6, sizeof naa6 - 1));
	assert_int_equal(lun.nnames, 2);
	assert_int_equal(lun.names[0].type, DESIGNATOR_T10);
	assert_string_equal(lun.names[0].text, "IET 00010001");
	scsi_identity(&lun);
	assert_string_equal(lun.wwid, "naa.6001405000000000000000000000abcd");
	assert_string_equal(lun.scsi_id, "36001405000000000000000000000abcd");
}

static void
test_names_ranked(void **state)
{
	static const struct {
		const unsigned char *p;
		size_t n;
		const char *wwid, *id;
	} cases[] = {
		{ BYTES("\0\x83\0\x18\x01\x02\0\x08\1\2\3\4\5\6\7\x08\x01\x03\0\x08\x50\1\2\3\4\5\6\7"),
		  "naa.5001020304050607", "35001020304050607" },
		{ BYTES("\0\x83\0\x0c\x01\x02\0\x08\1\2\3\4\5\6\7\x08"), "eui.0102030405060708",
		  "20102030405060708" },
		{ BYTES("\0\x83\0\x14\x02\x01\0\x10LIO-ORG  disk  1"), "t10.LIO-ORG  disk  1",
		  "1LIO-ORG_disk_1" },
		{ BYTES("\0\x83\0\x0c\x02\x03\0\x08" "6001405A"), "naa.6001405a", "36001405a" },
		{ BYTES("\0\x83\0\x08\x01\0\0\x04\xde\xad\xbe\xef"), "deadbeef",
		  "0VENDORPRODUCTdeadbeef" },
		{ BYTES("\0\x83\0\0"), "", "" },
		{ BYTES("\0\x83\0\x04\x01\x03\0\0"), "", "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct probe_lun lun = { .vendor = "VENDOR", .product = "PRODUCT" };

		assert_true(scsi_names_parse(&lun, cases[i].p, cases[i].n));
		scsi_identity(&lun);
		assert_string_equal(lun.wwid, cases[i].wwid);
		assert_string_equal(lun.scsi_id, cases[i].id);
	}
}

static void
test_inquiry(void **state)
{
	static const unsigned char disk[] = "\0\0\5\2\x1f\0\0\0LIO-ORG vm\033[2J          4.0 ";
	unsigned char other[36] = { 0x0c };
	struct probe_lun lun = { .number = 1 };
	bool is_disk = false;

	(void)state;
	assert_true(scsi_inquiry_parse(&lun, disk, 36, &is_disk));
	assert_true(is_disk);
	assert_string_equal(lun.vendor, "LIO-ORG");
	assert_null(strchr(lun.product, 033));
	assert_true(scsi_inquiry_parse(&lun, other, 36, &is_disk));
	assert_false(is_disk);
	other[0] = 0x7f; /* no such LUN */
	assert_true(scsi_inquiry_parse(&lun, other, 36, &is_disk));
	assert_false(is_disk);
	assert_false(scsi_inquiry_parse(&lun, other, 35, &is_disk));
}

static void
test_serial(void **state)
{
	struct probe_lun lun = { .number = 1 };

	(void)state;
	assert_true(scsi_serial_parse(&lun, BYTES("\0\x80\0\x08 beaf11 ")));
	assert_string_equal(lun.serial, "beaf11");
	assert_true(scsi_serial_parse(&lun, BYTES("\0\x80\xff\xff" "ab"))); /* lies about its length */
	assert_string_equal(lun.serial, "ab");
	assert_false(scsi_serial_parse(&lun, BYTES("\0\x83\0\x02" "ab")));
	assert_true(scsi_pages_has(BYTES("\0\0\0\3\0\x80\x83"), 0x83));
	assert_false(scsi_pages_has(BYTES("\0\0\0\2\0\x80\x83"), 0x83));
}

static void
test_capacity(void **state)
{
	struct probe_lun lun = { .number = 1 };

	(void)state;
	assert_true(scsi_capacity16_parse(&lun, BYTES("\0\0\0\0\0\0\x1f\xff\0\0\2\0\0\3\x80\0")));
	assert_int_equal(lun.size_bytes, 4 << 20);
	assert_int_equal(lun.block_size, 512);
	assert_int_equal(lun.physical_size, 4096);
	assert_true(lun.thin);
	memset(&lun, 0, sizeof lun);
	/* 2^64 blocks, blocks of no size, blocks of 4 GiB */
	assert_false(scsi_capacity16_parse(
		&lun, BYTES("\xff\xff\xff\xff\xff\xff\xff\xff\0\0\2\0\0\0\0\0")));
	assert_false(scsi_capacity16_parse(&lun, BYTES("\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\0")));
	assert_false(scsi_capacity16_parse(&lun, BYTES("\0\0\0\0\0\0\0\1\xff\0\0\0\0\0\0\0")));
	assert_int_equal(lun.size_bytes, 0);
	assert_true(scsi_capacity10_parse(&lun, BYTES("\0\0\0\7\0\0\2\0")));
	assert_int_equal(lun.size_bytes, 4096);
	assert_false(scsi_capacity10_parse(&lun, BYTES("\xff\xff\xff\xff\0\0\2\0")));
}

static void
test_reservations(void **state)
{
	struct probe_pr pr = { .known = false };

	(void)state;
	assert_true(scsi_pr_keys_parse(
		&pr, BYTES("\0\0\0\7\0\0\0\x10\0\0\0\0\0\0\xab\xcd\0\0\0\0\0\0\0\1")));
	assert_int_equal(pr.total, 2);
	assert_int_equal(pr.nkeys, 2);
	assert_int_equal(pr.keys[0], 0xabcd);
	assert_int_equal(pr.generation, 7);
	/* three are told, one came: still three */
	assert_true(scsi_pr_keys_parse(&pr, BYTES("\0\0\0\7\0\0\0\x18\0\0\0\0\0\0\xab\xcd")));
	assert_int_equal(pr.total, 3);
	assert_int_equal(pr.nkeys, 1);
	assert_true(scsi_pr_holder_parse(&pr, BYTES("\0\0\0\7\0\0\0\x10\0\0\0\0\0\0\xab\xcd\0\0\0\0\0"
						    "\5\0\0")));
	assert_true(pr.reserved);
	assert_int_equal(pr.type, 5);
	assert_int_equal(pr.holder, 0xabcd);
	assert_true(scsi_pr_types_parse(&pr, BYTES("\0\x08\1\x80\xea\1\0\0")));
	assert_true(pr.told && pr.persists);
	assert_int_equal(pr.types, 0xea01);
	assert_false(scsi_pr_keys_parse(&pr, BYTES("\0\0\0\7")));
}

static void
test_luns(void **state)
{
	static const unsigned char list[] = "\0\0\0\x28\0\0\0\0"
					    "\0\0\0\0\0\0\0\0"
					    "\0\7\0\0\0\0\0\0"
					    "\x41\2\0\0\0\0\0\0"  /* flat: 258 */
					    "\x80\1\0\0\0\0\0\0"  /* a logical unit behind a bus */
					    "\xc1\1\0\0\0\0\0\0"; /* well-known */
	unsigned numbers[8];

	(void)state;
	assert_int_equal(scsi_luns_parse(list, sizeof list - 1, numbers, 8), 3);
	assert_int_equal(numbers[1], 7);
	assert_int_equal(numbers[2], 258);
	assert_int_equal(scsi_luns_parse(list, 20, numbers, 8), 1);
	assert_int_equal(scsi_luns_parse(list, sizeof list - 1, numbers, 1), 3);
}

static void
parse_all(const unsigned char *p, size_t n)
{
	static const unsigned pages[] = { 0, 0x80, 0x83 };
	struct probe_lun lun = { .number = 1 };
	unsigned numbers[4];
	bool is_disk;

	scsi_inquiry_parse(&lun, p, n, &is_disk);
	for (size_t i = 0; i < 3; i++)
		scsi_pages_has(p, n, pages[i]);
	scsi_serial_parse(&lun, p, n);
	scsi_names_parse(&lun, p, n);
	scsi_identity(&lun);
	scsi_capacity16_parse(&lun, p, n);
	scsi_capacity10_parse(&lun, p, n);
	scsi_pr_keys_parse(&lun.pr, p, n);
	scsi_pr_holder_parse(&lun.pr, p, n);
	scsi_pr_types_parse(&lun.pr, p, n);
	scsi_luns_parse(p, n, numbers, 4);
	for (const char *c = lun.scsi_id; *c; c++)
		assert_true((unsigned char)*c > ' ' && *c != 0x7f);
	for (const char *c = lun.serial; *c; c++)
		assert_true((unsigned char)*c >= ' ' && *c != 0x7f);
}

/* 40 000 twisted answers, the same in every run. */
static void
test_mutations(void **state)
{
	(void)state;
	for (int round = 0; round < 40000; round++) {
		unsigned char bytes[128] = { 0 };
		size_t n = unit_random() % sizeof bytes;
		unsigned char *copy;

		if (round % 4)
			memcpy(bytes, naa6, sizeof naa6);
		if (round % 4 == 2)
			bytes[1] = 0x80;
		for (unsigned i = unit_random() % 12; i; i--)
			bytes[unit_random() % sizeof bytes] = (unsigned char)unit_random();
		copy = heap_copy(bytes, n);
		parse_all(copy, n);
		free(copy);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),        cmocka_unit_test(test_names_ranked),
		cmocka_unit_test(test_inquiry),      cmocka_unit_test(test_serial),
		cmocka_unit_test(test_capacity),     cmocka_unit_test(test_reservations),
		cmocka_unit_test(test_luns),         cmocka_unit_test(test_mutations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
