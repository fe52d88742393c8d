/* How this console is called. gethostid() would do for the number, but where /etc/hostid is missing it
 * asks name servers, and waits for them. */
#include "engine/console.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "base/paths.h"
#include "base/str.h"

/* Two consoles may carry one host name. */
static uint32_t
machine_number(void)
{
	static const char *const ids[] = { "/etc/machine-id", "/proc/sys/kernel/random/boot_id" };
	for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
		CLEAN_STR text = STR_INIT(256);
		if (!file_read(ids[i], &text, NULL) && text.len)
			return (uint32_t)hash64(text.s, text.len);
	}
	return 0;
}

void
console_name(char out[CONSOLE_SIZE], const char *id)
{
	char host[64] = "";
	if (gethostname(host, sizeof host - 1) || !*host)
		str_put(host, sizeof host, "console");
	snprintf(out, CONSOLE_SIZE, "%s-%08x:%d:%s", host, machine_number(), (int)getpid(), id);
}
