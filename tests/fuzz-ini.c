/* libFuzzer: the strict ini reader, and the cluster file on top of it. What can be read is
 * printed setting by setting, and each text must be taken back.
 *   clang -fsanitize=fuzzer,address,undefined -D_GNU_SOURCE -DENABLE_NLS=0 -I. -o fuzz-ini \
 *     tests/fuzz-ini.c backends/ini.c backends/inventory.c engine/{address,field,fieldcheck}.c \
 *     engine/{model,nic,setting,validate}.c base/{alloc,err,paths,str,text}.c -linih
 *   ./fuzz-ini -max_len=4096 CORPUS etc */
#include <stdlib.h>
#include <string.h>

#include "backends/inventory.h"
#include "base/str.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void
fuzz_note(void *ctx, int line, const struct err *err)
{
	int *mistakes = ctx;

	if (line < 0 || err->code != E_INPUT || !err->what[0] || !err->hint[0])
		abort();
	++*mistakes;
}

static void
fuzz_field(struct model *m, const struct field *f, void *object)
{
	CLEAN_STR text = STR_INIT(1 << 16);
	CLEAN_STR again = STR_INIT(1 << 16);

	field_get(f, object, &text);
	if (f->required && !text.len)
		return;
	if (field_set(f, m, object, str_text(&text), NULL))
		abort();
	field_get(f, object, &again);
	if (text.len != again.len || memcmp(str_text(&text), str_text(&again), text.len) != 0)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct model m;
	int mistakes = 0;

	model_init(&m);
	if ((inventory_scan(&m, (const char *)data, n, fuzz_note, &mistakes) == 0) !=
	    (mistakes == 0))
		abort();
	for (size_t i = 0; i < nfields; i++)
		for (size_t k = 0; k < section_count(&m, fields[i].section); k++)
			fuzz_field(&m, &fields[i], section_at(&m, fields[i].section, k));
	model_done(&m);
	return 0;
}
