/* Reads what the demo guest says. */
#include "engine/guest.h"

#include <string.h>
#include "base/str.h"

bool
guest_parse(const char *line, struct guest_number *ret)
{
	size_t n;

	if (!str_starts(line, "N "))
		return false;
	line += 2;
	n = strspn(line, "0123456789abcdef");
	if (!n || n >= sizeof ret->nonce || line[n] != ' ')
		return false;
	memcpy(ret->nonce, line, n);
	ret->nonce[n] = '\0';
	return str_to_u64(line + n + 1, &ret->number);
}
