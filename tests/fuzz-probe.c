/* libFuzzer target: what a target's SCSI answers and a LUN's first bytes may hold. Build:
 * clang -g -fsanitize=fuzzer,address,undefined -include config.h -I. tests/fuzz-probe.c
 * backends/scsi.c backends/signature.c engine/probe.c base/alloc.c base/err.c base/str.c
 * base/text.c base/nls.c base/paths.c base/json.c -lblkid -ljansson */
#include <stdlib.h>
#include <string.h>
#include "backends/scsi.h"
#include "backends/signature.h"
#include "base/str.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static void
answers(const uint8_t *p, size_t n)
{
	struct probe_lun lun = { .number = 1 };
	unsigned numbers[4];
	bool is_disk;

	scsi_inquiry_parse(&lun, p, n, &is_disk);
	scsi_pages_has(p, n, 0x83);
	scsi_serial_parse(&lun, p, n);
	scsi_names_parse(&lun, p, n);
	scsi_identity(&lun);
	scsi_capacity16_parse(&lun, p, n);
	scsi_capacity10_parse(&lun, p, n);
	scsi_pr_keys_parse(&lun.pr, p, n);
	scsi_pr_holder_parse(&lun.pr, p, n);
	scsi_pr_types_parse(&lun.pr, p, n);
	scsi_luns_parse(p, n, numbers, 4);
}

/* The input lies at a place of its own choosing, once in the head and once in the tail. */
static void
content(const uint8_t *p, size_t n, unsigned place)
{
	static const size_t places[] = { 0, 512, 1024, 4096, 32768, 65536, 131072, 1 << 20 };
	struct probe_lun lun = { .number = 1, .pr.known = true };
	size_t at = places[place % 8];
	struct window w;
	struct err err;
	CLEAN_STR text = STR_INIT(4096);

	if (n > 8192 || window_open(&w, 16 << 20, 2 << 20, &err) != 0)
		return;
	window_put(&w, at, p, n);
	window_put(&w, w.size - n, p, n);
	lun.size_bytes = w.size;
	lun.seen.head_read = lun.seen.tail_read = true;
	signature_search(&w, place & 8 ? 4096 : 512, &lun);
	if (bytes_first_nonzero(p, n) < n && lun_verdict(&lun) == LUN_EMPTY)
		abort();
	lun_content(&text, &lun);
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.s[i] < ' ' || text.s[i] == 0x7f)
			abort();
	window_done(&w);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	if (n < 2)
		return 0;
	if (p[0] & 1)
		content(p + 1, n - 1, p[0] >> 1);
	else
		answers(p + 1, n - 1);
	return 0;
}
