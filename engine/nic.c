/* NICs as text: "NETWORK [ADDRESS/PREFIX] [manage|switch]" under the key nic.NAME. */
#include <string.h>

#include "base/nls.h"
#include "engine/address.h"
#include "engine/field.h"
#include "engine/setting.h"

static const char *const nic_roles[] = {
	[NIC_PLAIN] = "", [NIC_MANAGE] = "manage", [NIC_SWITCH] = "switch"
};

static enum nic_role
nic_role_find(const char *word)
{
	return strcmp(word, "manage") == 0   ? NIC_MANAGE
	       : strcmp(word, "switch") == 0 ? NIC_SWITCH
					     : NIC_PLAIN;
}

/* Words are separated by blanks or commas. Returns the length, 0 at the end. */
static size_t
word_next(const char **text)
{
	*text += strspn(*text, " ,");
	return strcspn(*text, " ,");
}

static int
nic_word(struct nic *nic, int *stage, const char *word, struct err *err)
{
	struct addr a;
	enum nic_role role = nic_role_find(word);

	if (*stage == 0) {
		*stage = 1;
		if (strlen(word) >= sizeof nic->network)
			return setting_too_long(err, word, sizeof nic->network - 1);
		str_put(nic->network, sizeof nic->network, word);
		return 0;
	}
	if (*stage == 1 && addr_parse(word, &a)) {
		*stage = 2;
		if (a.prefix < 1)
			return setting_reject(err, _("Write it as 192.168.1.101/24."),
					      _("'%.80s' lacks its prefix length"), word);
		if (!addr_is_unicast(&a))
			return setting_reject(
				err, _("Loopback, multicast and zero addresses cannot be used."),
				_("'%.80s' is not the address of a machine"), word);
		str_put(nic->address, sizeof nic->address, word);
		return 0;
	}
	if (*stage < 3 && role != NIC_PLAIN) {
		*stage = 3;
		nic->role = role;
		return 0;
	}
	return setting_reject(err, _("Write NETWORK, then ADDRESS/PREFIX, then manage or switch."),
			      _("'%.80s' cannot stand here in the description of a NIC"), word);
}

static int
nic_parse(struct nic *nic, const char *text, struct err *err)
{
	int stage = 0;
	size_t n;

	for (; (n = word_next(&text)); text += n) {
		CLEAN_STR word = STR_INIT(4096);

		str_addn(&word, text, n);
		if (nic_word(nic, &stage, str_text(&word), err))
			return E_INPUT;
	}
	if (stage == 0)
		return setting_reject(
			err, _("Write NETWORK, then ADDRESS/PREFIX, then manage or switch."),
			_("'%.80s' is not a network"), text);
	return 0;
}

static void
nic_drop(struct node *n, size_t i)
{
	memmove(&n->nics[i], &n->nics[i + 1], (n->nnics - i - 1) * sizeof n->nics[0]);
	memset(&n->nics[--n->nnics], 0, sizeof n->nics[0]);
}

int
field_set_nic(struct node *n, const char *nic_name, const char *text, struct err *err)
{
	struct nic nic = { .role = NIC_PLAIN };
	size_t i = 0;

	if (strlen(nic_name) > NIC_NAME_MAX)
		return setting_too_long(err, nic_name, NIC_NAME_MAX);
	if (!nic_name[0] || strchr(nic_name, '=') || strchr("-. ", nic_name[0]))
		return setting_reject(
			err, _("Write it as the system shows it: nic.eth1 or nic.Ethernet 2."),
			_("'%.80s' is not the name of a NIC"), nic_name);
	if (setting_check_text(nic_name, false, err) || setting_check_text(text, false, err))
		return E_INPUT;
	str_put(nic.name, sizeof nic.name, nic_name);
	while (i < n->nnics && strcmp(n->nics[i].name, nic_name) != 0)
		i++;
	if (!text[strspn(text, " ")]) {
		if (i < n->nnics)
			nic_drop(n, i);
		return 0;
	}
	if (i == NICS_MAX) {
		err_set(err, E_INPUT, _("more than %d NICs on one machine"), NICS_MAX);
		err_hint(err, _("Leave out those that the cluster does not use."));
		return E_INPUT;
	}
	if (nic_parse(&nic, text, err))
		return E_INPUT;
	n->nics[i] = nic;
	if (i == n->nnics)
		n->nnics++;
	return 0;
}

void
field_get_nic(const struct nic *nic, struct str *out)
{
	str_add(out, nic->network);
	if (nic->address[0])
		str_addf(out, " %s", nic->address);
	if (nic->role != NIC_PLAIN)
		str_addf(out, " %s", nic_roles[nic->role]);
}

int
nics_set(struct node *n, const char *text, struct err *err)
{
	struct node fresh = *n;

	memset(fresh.nics, 0, sizeof fresh.nics);
	fresh.nnics = 0;
	while (*text) {
		size_t len = strcspn(text, "\n");
		size_t key = strcspn(text, "=");
		CLEAN_STR name = STR_INIT(4096);
		CLEAN_STR value = STR_INIT(4096);

		if (key < len)
			str_addn(&value, text + key + 1, len - key - 1);
		for (key = key < len ? key : len; key && text[key - 1] == ' ';)
			key--;
		str_addn(&name, text, key);
		if (len && field_set_nic(&fresh, str_text(&name), str_text(&value), err))
			return E_INPUT;
		text += len + (text[len] == '\n');
	}
	*n = fresh;
	return 0;
}

void
nics_get(const struct node *n, struct str *out)
{
	for (size_t i = 0; i < n->nnics; i++) {
		str_addf(out, "%s = ", n->nics[i].name);
		field_get_nic(&n->nics[i], out);
		str_addc(out, '\n');
	}
}
