/* The table of every setting of the cluster file, and what walks it. */
#include "engine/field.h"

#include <ctype.h>
#include <string.h>

#include "base/nls.h"
#include "engine/fieldcheck.h"

const char *const section_names[SECTION__COUNT] = {
	[SECTION_CLUSTER] = "cluster", [SECTION_DOMAIN] = "domain",
	[SECTION_HYPERVISOR] = "hypervisor", [SECTION_QUORUM] = "quorum",
	[SECTION_NETWORK] = "network", [SECTION_NODE] = "node",
	[SECTION_TARGET] = "target", [SECTION_LUN] = "lun", [SECTION_VM] = "vm",
};

static const char *const platforms[] = { "linux", "hyperv", NULL };
static const char *const presences[] = { "present", "leaving", NULL };
static const char *const net_uses[] = { "enterprise", "heartbeat", "storage", NULL };
static const char *const roles[] = { "dc", "storage", "hypervisor", NULL };
static const char *const target_kinds[] = { "lio", "windows", "starwind", "nas", NULL };
static const char *const lun_uses[] = { "vm", "quorum", "data", NULL };
static const char *const offline_actions[] = { "save", "shutdown", "forced", "off", NULL };

#define MEMBER(type, member) \
	.offset = offsetof(struct type, member), .size = sizeof(((struct type *)NULL)->member)
#define REFERS(section_) .refers = true, .to = section_

const struct field fields[] = {
	{ SECTION_CLUSTER, "name", N_("Cluster name"),
	  N_("The cluster's own name: it is found under this name in the domain."),
	  FIELD_NAME, MEMBER(cluster, name), .required = true, .check = check_netbios },
	{ SECTION_CLUSTER, "address", N_("Cluster address"),
	  N_("An address of the enterprise network that no machine has: it follows the cluster."),
	  FIELD_ADDR, MEMBER(cluster, address), .required = true },
	{ SECTION_CLUSTER, "platform", N_("Platform"),
	  N_("linux: KVM, Pacemaker and GFS2. hyperv: Windows Server with Hyper-V."),
	  FIELD_CHOICE, MEMBER(cluster, platform), .fallback = "linux", .choices = platforms },
	{ SECTION_CLUSTER, "timezone", N_("Time zone"),
	  N_("The time zone of all machines, as Europe/Paris; empty leaves theirs alone."),
	  FIELD_TEXT, MEMBER(cluster, timezone), .check = check_word },
	{ SECTION_CLUSTER, "token", N_("Token timeout"),
	  N_("Milliseconds of silence after which Corosync takes a node for lost."),
	  FIELD_U32, MEMBER(cluster, token_ms), .fallback = "10000", .min = 1000, .max = 120000 },
	{ SECTION_CLUSTER, "watchdog", N_("Watchdog timeout"),
	  N_("Seconds after which a node that lost its quorum disk restarts itself."),
	  FIELD_U32, MEMBER(cluster, watchdog_s), .fallback = "15", .min = 5, .max = 600 },
	{ SECTION_CLUSTER, "msgwait", N_("Message wait"),
	  N_("Seconds until a fencing message counts as delivered: twice the watchdog timeout."),
	  FIELD_U32, MEMBER(cluster, msgwait_s), .fallback = "30", .min = 10, .max = 1200 },
	{ SECTION_CLUSTER, "keep.runs", N_("Runs kept"),
	  N_("So many runs stay in the journal; older ones are dropped when one begins."),
	  FIELD_U32, MEMBER(cluster, keep_runs), .fallback = "200", .min = 1, .max = 100000 },
	{ SECTION_CLUSTER, "keep.size", N_("Journal size"),
	  N_("The journal takes no more than this: the oldest runs are dropped first."),
	  FIELD_SIZE, MEMBER(cluster, keep_size), .fallback = "256 MiB", .min = 1 << 20,
	  .max = UINT64_C(1) << 40 },

	{ SECTION_DOMAIN, "name", N_("Domain"),
	  N_("The DNS name of the cluster's own domain; empty: no domain."),
	  FIELD_HOST, MEMBER(domain, name), .check = check_domain },
	{ SECTION_DOMAIN, "netbios", N_("NetBIOS name"),
	  N_("The domain's short name; empty takes the first part of the DNS name."),
	  FIELD_NAME, MEMBER(domain, netbios), .check = check_netbios },
	{ SECTION_DOMAIN, "forwarder", N_("DNS forwarder"),
	  N_("The name server that the domain controller asks for all other names."),
	  FIELD_ADDR, MEMBER(domain, forwarder) },
	{ SECTION_DOMAIN, "production", N_("Production domain"),
	  N_("The domain of the virtual machines, where it is another one."),
	  FIELD_HOST, MEMBER(domain, production), .check = check_domain },

	{ SECTION_HYPERVISOR, "path", N_("VM folder"),
	  N_("The folder that holds virtual machines: the same on every hypervisor."),
	  FIELD_PATH, MEMBER(hypervisor, path), .fallback = "/vm", .fallback_hyperv = "C:\\vm" },
	{ SECTION_HYPERVISOR, "switch", N_("Virtual switch"),
	  N_("The virtual switch: the same name on every hypervisor."),
	  FIELD_NAME, MEMBER(hypervisor, switch_name), .fallback = "cluster-lan",
	  .check = check_word },

	{ SECTION_QUORUM, "lun", N_("Quorum LUN"),
	  N_("The small LUN that decides who lives: fencing mailbox or disk witness."),
	  FIELD_NAME, MEMBER(quorum, lun), REFERS(SECTION_LUN) },
	{ SECTION_QUORUM, "vote", N_("Third vote"),
	  N_("A machine outside the cluster that gives a vote of its own, on Linux; empty: none."),
	  FIELD_NAME, MEMBER(quorum, vote), REFERS(SECTION_NODE) },

	{ SECTION_NETWORK, "name", N_("Network"), N_("How the cluster file calls this network."),
	  FIELD_NAME, MEMBER(network, name), .required = true, .check = check_word, .title = true },
	{ SECTION_NETWORK, "use", N_("Use"),
	  N_("enterprise: clients and management. heartbeat: nodes and migration. storage: iSCSI."),
	  FIELD_CHOICE, MEMBER(network, use), .required = true, .choices = net_uses },
	{ SECTION_NETWORK, "subnet", N_("Subnet"),
	  N_("The network's addresses, as 192.168.1.0/24."),
	  FIELD_CIDR, MEMBER(network, subnet), .required = true, .check = check_subnet },
	{ SECTION_NETWORK, "gateway", N_("Gateway"), N_("The router of this network; empty: none."),
	  FIELD_ADDR, MEMBER(network, gateway) },

	{ SECTION_NODE, "name", N_("Machine"), N_("The machine's short host name."),
	  FIELD_NAME, MEMBER(node, name), .required = true, .check = check_label, .title = true },
	{ SECTION_NODE, "roles", N_("Roles"),
	  N_("What the machine is: dc, storage, hypervisor; several are separated by blanks."),
	  FIELD_ROLES, MEMBER(node, roles), .required = true, .choices = roles },
	{ SECTION_NODE, "nic", N_("NICs"),
	  N_("nic.NAME = NETWORK [ADDRESS/PREFIX] [manage|switch]: one line for each NIC."),
	  FIELD_NICS, MEMBER(node, nics) },
	{ SECTION_NODE, "iqn", N_("Initiator name"),
	  N_("The machine's IQN; empty makes one from the target's and the machine's name."),
	  FIELD_IQN, MEMBER(node, iqn) },
	{ SECTION_NODE, "ssh.host", N_("SSH host"),
	  N_("Name or address to connect to; empty takes the management address."),
	  FIELD_HOST, MEMBER(node, ssh.host) },
	{ SECTION_NODE, "ssh.port", N_("SSH port"), N_("The port of the SSH server."),
	  FIELD_U16, MEMBER(node, ssh.port), .fallback = "22", .min = 1, .max = 65535 },
	{ SECTION_NODE, "ssh.user", N_("SSH user"),
	  N_("Who logs in; empty: root on Linux, Administrator on Windows."),
	  FIELD_TEXT, MEMBER(node, ssh.user) },
	{ SECTION_NODE, "ssh.key", N_("SSH key"),
	  N_("File of the private key; empty: the agent's keys and the usual files."),
	  FIELD_PATH, MEMBER(node, ssh.key) },
	{ SECTION_NODE, "ssh.known_hosts", N_("Known hosts"),
	  N_("File of known host keys; empty: the user's and the system's."),
	  FIELD_PATH, MEMBER(node, ssh.known_hosts) },
	{ SECTION_NODE, "ssh.jump", N_("Jump host"),
	  N_("Another machine of this file through which this one is reached."),
	  FIELD_NAME, MEMBER(node, ssh.jump), REFERS(SECTION_NODE) },
	{ SECTION_NODE, "ssh.sudo", N_("Use sudo"),
	  N_("The user is not root and becomes it by sudo."),
	  FIELD_BOOL, MEMBER(node, ssh.sudo), .fallback = "no" },
	{ SECTION_NODE, "state", N_("State"),
	  N_("leaving: the machine is taken out of the cluster, then its lines may go."),
	  FIELD_CHOICE, MEMBER(node, state), .fallback = "present", .choices = presences },

	{ SECTION_TARGET, "name", N_("Target"), N_("How the cluster file calls this iSCSI target."),
	  FIELD_NAME, MEMBER(target, name), .required = true, .check = check_word, .title = true },
	{ SECTION_TARGET, "kind", N_("Kind"),
	  N_("What serves it: lio (Linux), windows, starwind, or nas (set up by hand)."),
	  FIELD_CHOICE, MEMBER(target, kind), .fallback = "lio", .fallback_hyperv = "windows",
	  .choices = target_kinds },
	{ SECTION_TARGET, "node", N_("Storage machine"),
	  N_("The machine that serves it; empty for a NAS."),
	  FIELD_NAME, MEMBER(target, node), REFERS(SECTION_NODE) },
	{ SECTION_TARGET, "iqn", N_("Target name"), N_("The target's IQN."),
	  FIELD_IQN, MEMBER(target, iqn), .required = true },
	{ SECTION_TARGET, "portal", N_("Portal"), N_("The address where initiators find it."),
	  FIELD_ADDR, MEMBER(target, portal), .required = true },
	{ SECTION_TARGET, "port", N_("Port"), N_("The portal's TCP port."),
	  FIELD_U16, MEMBER(target, port), .fallback = "3260", .min = 1, .max = 65535 },
	{ SECTION_TARGET, "path", N_("Backing folder"),
	  N_("The folder of the LUNs' files on the storage machine."),
	  FIELD_PATH, MEMBER(target, path), .fallback = "/srv/iscsi",
	  .fallback_hyperv = "C:\\iSCSI" },
	{ SECTION_TARGET, "chap_user", N_("CHAP user"),
	  N_("Name for CHAP, the secret is asked; empty: no CHAP."),
	  FIELD_TEXT, MEMBER(target, chap_user), .check = check_word },
	{ SECTION_TARGET, "probe_via", N_("Probe through"),
	  N_("A machine through which this console reaches the portal; empty: directly."),
	  FIELD_NAME, MEMBER(target, probe_via), REFERS(SECTION_NODE) },
	{ SECTION_TARGET, "console_iqn", N_("Console's IQN"),
	  N_("Initiator name this console probes with; empty makes one."),
	  FIELD_IQN, MEMBER(target, console_iqn) },
	{ SECTION_TARGET, "state", N_("State"),
	  N_("leaving: the target is given up; its data stay."),
	  FIELD_CHOICE, MEMBER(target, state), .fallback = "present", .choices = presences },

	{ SECTION_LUN, "name", N_("LUN"), N_("The LUN's name: any text."),
	  FIELD_NAME, MEMBER(lun, name), .required = true, .title = true },
	{ SECTION_LUN, "target", N_("Target"), N_("The target that holds it."),
	  FIELD_NAME, MEMBER(lun, target), .required = true, REFERS(SECTION_TARGET) },
	{ SECTION_LUN, "number", N_("Number"), N_("The LUN number on its target, from 0."),
	  FIELD_U16, MEMBER(lun, number), .required = true, .max = 255 },
	{ SECTION_LUN, "size", N_("Size"), N_("How large it is: 64 MiB, 4 GiB, 2 TiB."),
	  FIELD_SIZE, MEMBER(lun, size), .required = true, .min = 1 << 20, .max = 1ULL << 50,
	  .check = check_sectors },
	{ SECTION_LUN, "use", N_("Use"),
	  N_("vm: virtual machines. quorum: fencing or witness. data: formatted only."),
	  FIELD_CHOICE, MEMBER(lun, use), .fallback = "vm", .choices = lun_uses },
	{ SECTION_LUN, "letter", N_("Drive letter"),
	  N_("The drive letter on Windows, the same on every node."),
	  FIELD_NAME, MEMBER(lun, letter), .check = check_letter },
	{ SECTION_LUN, "label", N_("Label"),
	  N_("The file system's label; empty takes the LUN's name."),
	  FIELD_NAME, MEMBER(lun, label) },
	{ SECTION_LUN, "serial", N_("Serial number"),
	  N_("The unit's serial number; empty makes one from the names."),
	  FIELD_NAME, MEMBER(lun, serial), .check = check_serial },
	{ SECTION_LUN, "state", N_("State"),
	  N_("leaving: the LUN is given up; its store is never deleted."),
	  FIELD_CHOICE, MEMBER(lun, state), .fallback = "present", .choices = presences },

	{ SECTION_VM, "name", N_("Virtual machine"), N_("The virtual machine's name: any text."),
	  FIELD_NAME, MEMBER(vm, name), .required = true, .title = true },
	{ SECTION_VM, "memory", N_("Memory"), N_("Its memory: 64 MiB, 4 GiB."),
	  FIELD_SIZE, MEMBER(vm, memory), .fallback = "64 MiB", .min = 8 << 20, .max = 1ULL << 44 },
	{ SECTION_VM, "disk", N_("Disk"), N_("Size of its disk; empty takes the image's."),
	  FIELD_SIZE, MEMBER(vm, disk), .max = 1ULL << 50, .check = check_sectors },
	{ SECTION_VM, "lun", N_("LUN"), N_("The LUN its disk lives on."),
	  FIELD_NAME, MEMBER(vm, lun), .required = true, REFERS(SECTION_LUN) },
	{ SECTION_VM, "address", N_("Address"),
	  N_("Its address in the enterprise network: pinged by the proofs."),
	  FIELD_ADDR, MEMBER(vm, address) },
	{ SECTION_VM, "image", N_("Disk image"),
	  N_("A disk image to copy; empty: the small demo guest."),
	  FIELD_PATH, MEMBER(vm, image) },
	{ SECTION_VM, "priority", N_("Priority"), N_("Started in this order, the greatest first."),
	  FIELD_U32, MEMBER(vm, priority), .fallback = "0", .max = 10000 },
	{ SECTION_VM, "offline_action", N_("When moved offline"),
	  N_("save its state, shutdown in order, forced after a wait, or turn it off."),
	  FIELD_TEXT, MEMBER(vm, offline_action), .fallback = "save", .choices = offline_actions },
	{ SECTION_VM, "state", N_("State"),
	  N_("leaving: it is taken out of the cluster; its files stay."),
	  FIELD_CHOICE, MEMBER(vm, state), .fallback = "present", .choices = presences },
};

const size_t nfields = sizeof fields / sizeof fields[0];

const struct field *
field_in(enum section s, const char *key)
{
	if (s == SECTION_NODE && str_starts(key, "nic.") && key[4])
		key = "nic";
	for (size_t i = 0; i < nfields; i++)
		if (fields[i].section == s && strcmp(fields[i].key, key) == 0)
			return &fields[i];
	return NULL;
}

const struct field *
field_find(const char *id)
{
	size_t n = strcspn(id, ".");

	if (!id[n])
		return NULL;
	for (int s = 0; s < SECTION__COUNT; s++)
		if (strlen(section_names[s]) == n && strncmp(section_names[s], id, n) == 0)
			return field_in((enum section)s, id + n + 1);
	return NULL;
}

const char *
field_fallback(const struct field *f, const struct model *m)
{
	const char *text = f->fallback;

	if (m && m->cluster.platform == PLATFORM_HYPERV && f->fallback_hyperv)
		text = f->fallback_hyperv;
	return text ? text : "";
}

bool
section_is_named(enum section s)
{
	return s >= SECTION_NETWORK;
}

size_t
section_count(const struct model *m, enum section s)
{
	switch (s) {
	case SECTION_NETWORK: return m->networks.n;
	case SECTION_NODE: return m->nodes.n;
	case SECTION_TARGET: return m->targets.n;
	case SECTION_LUN: return m->luns.n;
	case SECTION_VM: return m->vms.n;
	default: return 1;
	}
}

void *
section_at(const struct model *m, enum section s, size_t i)
{
	struct model *owner = (struct model *)m;

	switch (s) {
	case SECTION_CLUSTER: return &owner->cluster;
	case SECTION_DOMAIN: return &owner->domain;
	case SECTION_HYPERVISOR: return &owner->hypervisor;
	case SECTION_QUORUM: return &owner->quorum;
	case SECTION_NETWORK: return &owner->networks.at[i];
	case SECTION_NODE: return &owner->nodes.at[i];
	case SECTION_TARGET: return &owner->targets.at[i];
	case SECTION_LUN: return &owner->luns.at[i];
	case SECTION_VM: return &owner->vms.at[i];
	default: return NULL;
	}
}

const char *
section_title(enum section s, const void *object)
{
	/* Every struct of a named section begins with its name. */
	return section_is_named(s) ? object : "";
}

void *
section_add(struct model *m, enum section s, const char *name)
{
	char *object = NULL;

	switch (s) {
	case SECTION_NETWORK: object = (char *)vec_add(&m->networks); break;
	case SECTION_NODE: object = (char *)vec_add(&m->nodes); break;
	case SECTION_TARGET: object = (char *)vec_add(&m->targets); break;
	case SECTION_LUN: object = (char *)vec_add(&m->luns); break;
	case SECTION_VM: object = (char *)vec_add(&m->vms); break;
	default: return section_at(m, s, 0);
	}
	str_put(object, NAME_SIZE, name);
	section_defaults(m, s, object);
	return object;
}

void
section_defaults(const struct model *m, enum section s, void *object)
{
	/* Setting a default consults the model for its platform only. */
	for (size_t i = 0; i < nfields; i++)
		if (fields[i].section == s && *field_fallback(&fields[i], m))
			field_set(&fields[i], (struct model *)m, object,
				  field_fallback(&fields[i], m), NULL);
}

void *
field_object(struct model *m, enum section s, const char *name)
{
	if (!section_is_named(s))
		return section_at(m, s, 0);
	for (size_t i = 0; i < section_count(m, s); i++)
		if (strcmp(section_at(m, s, i), name) == 0)
			return section_at(m, s, i);
	return NULL;
}

int
model_line(const struct model *m, enum section s, const char *name, const char *key)
{
	const struct mention *said;
	int line = 0;

	vec_each(said, &m->mentions) {
		if (said->section != (int)s || strcmp(said->name, name) != 0)
			continue;
		if (strcmp(said->key, key) == 0)
			return said->line;
		if (!said->key[0])
			line = said->line;
	}
	return line;
}
