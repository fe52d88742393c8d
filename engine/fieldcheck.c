/* Checks of single settings that go beyond their type: used by the field table. */
#include "engine/fieldcheck.h"

#include <stdbool.h>
#include <string.h>

#include "base/nls.h"
#include "base/str.h"
#include "engine/address.h"
#include "engine/field.h"

#define DIGITS "0123456789"
#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

static bool
text_is_made_of(const char *text, const char *allowed)
{
	return text[0] && !text[strspn(text, allowed)];
}

int
check_label(const struct model *m, const void *object, const char *text, struct err *err)
{
	(void)m;
	(void)object;
	if (strlen(text) <= 63 && text_is_made_of(text, LETTERS DIGITS "-") &&
	    text[strspn(text, DIGITS)] && text[0] != '-' && !str_ends(text, "-"))
		return 0;
	err_set(err, E_INPUT, _("'%.80s' is not a short host name"), text);
	err_hint(err, _("Use letters, digits and '-' only, at most 63, without the domain."));
	return E_INPUT;
}

int
check_netbios(const struct model *m, const void *object, const char *text, struct err *err)
{
	if (check_label(m, object, text, err))
		return E_INPUT;
	if (strlen(text) <= 15)
		return 0;
	err_set(err, E_INPUT, _("'%.80s' is longer than the 15 characters of a NetBIOS name"),
		text);
	err_hint(err, _("Choose a shorter name."));
	return E_INPUT;
}

int
check_domain(const struct model *m, const void *object, const char *text, struct err *err)
{
	(void)m;
	(void)object;
	if (strchr(text, '.') && !strchr(text, ':') && strlen(text) < 190)
		return 0;
	err_set(err, E_INPUT, _("'%.80s' is not the DNS name of a domain"), text);
	err_hint(err, _("Write it with a dot, as cluster.lan, in less than 190 characters."));
	return E_INPUT;
}

int
check_word(const struct model *m, const void *object, const char *text, struct err *err)
{
	(void)m;
	(void)object;
	if (text_is_made_of(text, LETTERS DIGITS "-_.+/") && text[0] != '-' && text[0] != '/')
		return 0;
	err_set(err, E_INPUT, _("'%.80s' is not a single word"), text);
	err_hint(err, _("Use letters, digits, '-', '_' and '.' only."));
	return E_INPUT;
}

int
check_letter(const struct model *m, const void *object, const char *text, struct err *err)
{
	(void)m;
	(void)object;
	if (strlen(text) == 1 && text_is_made_of(text, "DEFGHIJKLMNOPQRSTUVWXYZ"))
		return 0;
	err_set(err, E_INPUT, _("'%.80s' is not a drive letter"), text);
	err_hint(err, _("Use one capital letter from D to Z."));
	return E_INPUT;
}

int
check_serial(const struct model *m, const void *object, const char *text, struct err *err)
{
	(void)m;
	(void)object;
	if (strlen(text) <= 36 && text_is_made_of(text, LETTERS DIGITS "-"))
		return 0;
	err_set(err, E_INPUT, _("'%.80s' is not a serial number"), text);
	err_hint(err, _("Use at most 36 letters, digits and '-', or leave it out."));
	return E_INPUT;
}

int
check_subnet(const struct model *m, const void *object, const char *text, struct err *err)
{
	struct addr a;

	(void)m;
	(void)object;
	if (!addr_parse(text, &a) || a.prefix < 0)
		return 0; /* the type says so */
	if (a.prefix > 0 && addr_host_bits(&a, a.prefix, 0))
		return 0;
	err_set(err, E_INPUT, _("'%.80s' is an address, not a subnet"), text);
	err_hint(err, _("Write the first address of the network, as 192.168.1.0/24."));
	return E_INPUT;
}

int
check_sectors(const struct model *m, const void *object, const char *text, struct err *err)
{
	uint64_t bytes;

	(void)m;
	(void)object;
	if (!size_parse(text, &bytes) || bytes % 4096 == 0)
		return 0;
	err_set(err, E_INPUT, _("'%.80s' is not a multiple of 4096 bytes"), text);
	err_hint(err, _("Write it in MiB or GiB."));
	return E_INPUT;
}
