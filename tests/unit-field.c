/* The field table, settings as text, addresses, and what the model derives. */
#include "tests/unit.h"

#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "engine/address.h"
#include "engine/field.h"
#include "engine/param.h"

static struct model model;

static int
setup(void **state)
{
	(void)state;
	model_init(&model);
	section_add(&model, SECTION_NODE, "hv-1");
	section_add(&model, SECTION_TARGET, "nas");
	section_add(&model, SECTION_LUN, "vm");
	section_add(&model, SECTION_VM, "seven");
	section_add(&model, SECTION_NETWORK, "enterprise");
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	model_done(&model);
	return 0;
}

static void *
object_of(const struct field *f)
{
	return section_at(&model, f->section, 0);
}

/* Sets the field and expects to read `back`, or an error that says `back`. */
static void
check_set(const char *id, const char *text, int code, const char *back)
{
	const struct field *f = field_find(id);
	struct err err = { 0 };
	CLEAN_STR out = STR_INIT(4096);
	CLEAN_STR before = STR_INIT(4096);

	assert_non_null(f);
	field_get(f, object_of(f), &before);
	assert_int_equal(field_set(f, &model, object_of(f), text, &err), code);
	field_get(f, object_of(f), &out);
	if (!code) {
		assert_string_equal(str_text(&out), back);
		return;
	}
	assert_string_equal(err.what, back);
	assert_true(err.hint[0]);
	assert_string_equal(str_text(&out), str_text(&before));
}

static void
test_sizes(void **state)
{
	(void)state;
	check_set("lun.size", "4 GiB", 0, "4 GiB");
	check_set("lun.size", "4G", 0, "4 GiB");
	check_set("lun.size", "64M", 0, "64 MiB");
	check_set("lun.size", "  2 TiB ", 0, "2 TiB");
	check_set("lun.size", "1048576", 0, "1 MiB");
	check_set("lun.size", "1536 KiB", 0, "1536 KiB");
	check_set("lun.size", "4 GB", E_INPUT, "'4 GB' is not a size");
	check_set("lun.size", "4 gib", E_INPUT, "'4 gib' is not a size");
	check_set("lun.size", "-4 GiB", E_INPUT, "'-4 GiB' is not a size");
	check_set("lun.size", "4.5 GiB", E_INPUT, "'4.5 GiB' is not a size");
	check_set("lun.size", "GiB", E_INPUT, "'GiB' is not a size");
	check_set("lun.size", "99999999999999999999", E_INPUT,
		  "'99999999999999999999' is not a size");
	check_set("lun.size", "18446744073709551615 KiB", E_INPUT,
		  "'18446744073709551615 KiB' is not a size");
	check_set("lun.size", "512 KiB", E_INPUT, "'512 KiB' is outside 1 MiB … 1 PiB");
	check_set("lun.size", "2000000", E_INPUT, "'2000000' is not a multiple of 4096 bytes");
	check_set("lun.size", "", E_INPUT, "a value is missing");
}

static void
test_numbers(void **state)
{
	(void)state;
	check_set("target.port", "3261", 0, "3261");
	check_set("target.port", "", 0, "3260");
	check_set("target.port", "65536", E_INPUT, "65536 is outside 1 … 65535");
	check_set("target.port", "0", E_INPUT, "0 is outside 1 … 65535");
	check_set("target.port", "+1", E_INPUT, "'+1' is not a number");
	check_set("target.port", "0x10", E_INPUT, "'0x10' is not a number");
	check_set("cluster.token", "20000", 0, "20000");
	check_set("cluster.token", "999", E_INPUT, "999 is outside 1000 … 120000");
	check_set("lun.number", "0", 0, "0");
	check_set("lun.number", "256", E_INPUT, "256 is outside 0 … 255");
	check_set("node.ssh.sudo", "yes", 0, "yes");
	check_set("node.ssh.sudo", "true", E_INPUT, "'true' is not yes or no");
}

static void
test_choices(void **state)
{
	(void)state;
	check_set("cluster.platform", "hyperv", 0, "hyperv");
	check_set("hypervisor.path", "", 0, "C:\\vm");
	check_set("target.kind", "", 0, "windows");
	check_set("cluster.platform", "linux", 0, "linux");
	check_set("hypervisor.path", "", 0, "/vm");
	check_set("cluster.platform", "Linux", E_INPUT, "'Linux' is not one of linux, hyperv");
	check_set("lun.use", "quorm", E_INPUT, "'quorm' is not one of vm, quorum, data");
	check_set("node.roles", "storage, dc", 0, "dc storage");
	check_set("node.roles", "dc hypervizor", E_INPUT,
		  "'hypervizor' is not one of dc, storage, hypervisor");
	check_set("node.roles", "console", E_INPUT,
		  "'console' is not one of dc, storage, hypervisor");
	check_set("vm.offline_action", "shutdown", 0, "shutdown");
	check_set("vm.offline_action", "halt", E_INPUT,
		  "'halt' is not one of save, shutdown, forced, off");
	check_set("vm.offline_action", "", 0, "save");
	check_set("lun.state", "leaving", 0, "leaving");
}

static void
test_names(void **state)
{
	(void)state;
	check_set("node.name", "hv-10", 0, "hv-10");
	check_set("node.name", "hv_1", E_INPUT, "'hv_1' is not a short host name");
	check_set("node.name", "hv-1.lan", E_INPUT, "'hv-1.lan' is not a short host name");
	check_set("node.name", "-hv", E_INPUT, "'-hv' is not a short host name");
	check_set("node.name", "hv-", E_INPUT, "'hv-' is not a short host name");
	check_set("node.name", "10", E_INPUT, "'10' is not a short host name");
	check_set("lun.name", "it's \"the\" disk", 0, "it's \"the\" disk");
	check_set("lun.name", "Données №1", 0, "Données №1");
	check_set("lun.name", "a/b", E_INPUT, "'a/b' is not a name");
	check_set("lun.name", "..", E_INPUT, "'..' is not a name");
	check_set("lun.name", "-rf", E_INPUT, "'-rf' is not a name");
	check_set("lun.name", "\xc3", E_INPUT, "the text is not UTF-8");
	check_set("lun.name", "a\033[2Jb", E_INPUT, "a control character (1B) stands in the text");
	check_set("lun.name", "0123456789012345678901234567890123456789012345678901234567890123",
		  E_INPUT,
		  "'0123456789012345678901234567890123456789…' is 64 bytes long, the limit is 63");
	check_set("lun.letter", "Q", 0, "Q");
	check_set("lun.letter", "q", E_INPUT, "'q' is not a drive letter");
	check_set("lun.letter", "C", E_INPUT, "'C' is not a drive letter");
	check_set("lun.serial", "a b", E_INPUT, "'a b' is not a serial number");
	check_set("domain.netbios", "ABCDEFGHIJKLMNO", 0, "ABCDEFGHIJKLMNO");
	check_set("domain.netbios", "ABCDEFGHIJKLMNOP", E_INPUT,
		  "'ABCDEFGHIJKLMNOP' is longer than the 15 characters of a NetBIOS name");
	check_set("domain.name", "lan", E_INPUT, "'lan' is not the DNS name of a domain");
	check_set("hypervisor.switch", "cluster lan", E_INPUT,
		  "'cluster lan' is not a single word");
}

static void
test_addresses(void **state)
{
	(void)state;
	check_set("cluster.address", "192.168.1.109", 0, "192.168.1.109");
	check_set("cluster.address", "fd00::109", 0, "fd00::109");
	check_set("cluster.address", "192.168.1.256", E_INPUT, "'192.168.1.256' is not an address");
	check_set("cluster.address", "192.168.1", E_INPUT, "'192.168.1' is not an address");
	check_set("cluster.address", "192.168.01.1", E_INPUT, "'192.168.01.1' is not an address");
	check_set("cluster.address", "192.168.1.1/24", E_INPUT,
		  "'192.168.1.1/24' is not an address without a prefix length");
	check_set("cluster.address", "127.0.0.1", E_INPUT,
		  "'127.0.0.1' is not the address of a machine");
	check_set("cluster.address", "ff02::1", E_INPUT,
		  "'ff02::1' is not the address of a machine");
	check_set("network.subnet", "192.168.1.0/24", 0, "192.168.1.0/24");
	check_set("network.subnet", "fd00:1::/64", 0, "fd00:1::/64");
	check_set("network.subnet", "192.168.1.1/24", E_INPUT,
		  "'192.168.1.1/24' is an address, not a subnet");
	check_set("network.subnet", "192.168.1.0/33", E_INPUT,
		  "'192.168.1.0/33' is not an address with a prefix length");
	check_set("network.subnet", "192.168.1.0", E_INPUT,
		  "'192.168.1.0' lacks its prefix length");
	check_set("node.ssh.host", "hv-1.cluster.lan", 0, "hv-1.cluster.lan");
	check_set("node.ssh.host", "fe80::1", 0, "fe80::1");
	check_set("node.ssh.host", "1.2.3", E_INPUT, "'1.2.3' is not a host name or address");
	check_set("node.ssh.host", "-oProxyCommand=x", E_INPUT,
		  "'-oProxyCommand=x' is not a host name or address");
	check_set("target.iqn", "iqn.2026-11.lan.cluster:nas", 0, "iqn.2026-11.lan.cluster:nas");
	check_set("target.iqn", "iqn.2026-11.lan.cluster:NAS", E_INPUT,
		  "'iqn.2026-11.lan.cluster:NAS' is not an iSCSI name");
	check_set("target.iqn", "iqn.lan.cluster:nas", E_INPUT,
		  "'iqn.lan.cluster:nas' is not an iSCSI name");
	check_set("node.iqn", "eui.02004567a425678d", 0, "eui.02004567a425678d");
}

static void
check_nic(const char *name, const char *text, int code, const char *back)
{
	struct node node = { .nnics = 0 };
	struct err err = { 0 };
	CLEAN_STR out = STR_INIT(4096);

	assert_int_equal(field_set_nic(&node, name, text, &err), code);
	if (code) {
		assert_string_equal(err.what, back);
		assert_true(err.hint[0]);
		assert_int_equal(node.nnics, 0);
		return;
	}
	field_get_nic(&node.nics[0], &out);
	assert_string_equal(str_text(&out), back);
	assert_string_equal(node.nics[0].name, name);
}

static void
test_nics(void **state)
{
	(void)state;
	check_nic("eth1", "enterprise 192.168.1.101/24 manage", 0,
		  "enterprise 192.168.1.101/24 manage");
	check_nic("Ethernet 2", "  enterprise   192.168.1.103/24  switch ", 0,
		  "enterprise 192.168.1.103/24 switch");
	check_nic("eth1", "enterprise switch", 0, "enterprise switch");
	check_nic("eth1", "heartbeat", 0, "heartbeat");
	check_nic("eth1", "storage fd00::1/64", 0, "storage fd00::1/64");
	check_nic("eth1", "enterprise 192.168.1.101", E_INPUT,
		  "'192.168.1.101' lacks its prefix length");
	check_nic("eth1", "enterprise 192.168.1.101/24 managed", E_INPUT,
		  "'managed' cannot stand here in the description of a NIC");
	check_nic("eth1", "enterprise manage 192.168.1.101/24", E_INPUT,
		  "'192.168.1.101/24' cannot stand here in the description of a NIC");
	check_nic("eth1", "enterprise 192.168.1.1/24 192.168.1.2/24", E_INPUT,
		  "'192.168.1.2/24' cannot stand here in the description of a NIC");
	check_nic("eth1", "enterprise 0.0.0.0/24", E_INPUT,
		  "'0.0.0.0/24' is not the address of a machine");
	check_nic("012345678901234567890123456789012345678901234", "enterprise", E_INPUT,
		  "'0123456789012345678901234567890123456789…' is 45 bytes long, the limit is 44");
}

static void
test_nic_lists(void **state)
{
	struct node *n = model.nodes.at;
	const struct field *f = field_find("node.nic");
	CLEAN_STR out = STR_INIT(4096);
	char name[16];

	(void)state;
	assert_ptr_equal(field_find("node.nic.eth1"), f);
	assert_int_equal(field_set(f, &model, n, "a = x 10.0.0.1/8\nb c = y manage\n", NULL), 0);
	assert_int_equal(n->nnics, 2);
	assert_string_equal(n->nics[1].name, "b c");
	field_get(f, n, &out);
	assert_string_equal(str_text(&out), "a = x 10.0.0.1/8\nb c = y manage\n");
	/* One wrong line changes nothing. */
	assert_int_equal(field_set(f, &model, n, "a = x\nb = y z\n", NULL), E_INPUT);
	assert_int_equal(n->nnics, 2);
	assert_int_equal(field_set_nic(n, "a", "", NULL), 0);
	assert_int_equal(n->nnics, 1);
	assert_string_equal(n->nics[0].name, "b c");
	for (int i = 1; i < NICS_MAX; i++) {
		(void)snprintf(name, sizeof name, "e%d", i);
		assert_int_equal(field_set_nic(n, name, "x", NULL), 0);
	}
	assert_int_equal(field_set_nic(n, "more", "x", NULL), E_INPUT);
	assert_int_equal(n->nnics, NICS_MAX);
}

/* Every row is complete, findable, and survives its own default. */
static void
test_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < nfields; i++) {
		const struct field *f = &fields[i];
		CLEAN_STR id = STR_INIT(80);
		CLEAN_STR text = STR_INIT(4096);
		struct err err = { 0 };

		str_addf(&id, "%s.%s", section_names[f->section], f->key);
		assert_ptr_equal(field_find(str_text(&id)), f);
		assert_true(f->label[0] && f->help[0]);
		assert_true(f->type != FIELD_CHOICE || f->choices);
		assert_true(f->size > 0);
		for (int p = 0; p < PLATFORM__COUNT; p++) {
			model.cluster.platform = (enum platform)p;
			if (!*field_fallback(f, &model))
				continue;
			if (field_set(f, &model, object_of(f), field_fallback(f, &model), &err))
				fail_msg("%s: %s", str_text(&id), err.what);
			str_clear(&text);
			field_get(f, object_of(f), &text);
			assert_string_equal(str_text(&text), field_fallback(f, &model));
		}
		model.cluster.platform = PLATFORM_LINUX;
	}
	assert_null(field_find("lun"));
	assert_null(field_find("lun."));
	assert_null(field_find("lun.colour"));
	assert_null(field_find("node.nic."));
}

static void
test_addr(void **state)
{
	struct addr a, b, net;

	(void)state;
	assert_true(addr_parse("fd00:0::1", &a) && addr_parse("fd00::1/64", &b));
	assert_true(addr_equal(&a, &b));
	assert_true(addr_parse("10.0.0.0/8", &net) && addr_parse("10.255.0.1", &a));
	assert_true(addr_within(&net, &a));
	assert_true(addr_parse("11.0.0.1", &a));
	assert_false(addr_within(&net, &a));
	assert_true(addr_parse("fd00::1", &a));
	assert_false(addr_within(&net, &a));
	assert_false(addr_parse("", &a));
	assert_false(addr_parse("1.2.3.4/", &a));
	assert_false(addr_parse("1.2.3.4/-1", &a));
	assert_false(addr_parse("fe80::1%eth0", &a));
	assert_false(addr_parse("::1/129", &a));
}

static void
test_derived(void **state)
{
	struct node *n = model.nodes.at;
	char text[HOST_SIZE], serial[NAME_SIZE], other[NAME_SIZE];

	(void)state;
	model_node_address(n, text);
	assert_string_equal(text, "");
	assert_int_equal(field_set_nic(n, "a", "x 10.0.0.1/8", NULL), 0);
	model_node_address(n, text);
	assert_string_equal(text, "10.0.0.1");
	assert_int_equal(field_set_nic(n, "b", "x 10.0.0.2/8 switch", NULL), 0);
	model_node_address(n, text);
	assert_string_equal(text, "10.0.0.2");
	assert_int_equal(field_set_nic(n, "c", "x fd00::3/64 manage", NULL), 0);
	model_node_address(n, text);
	assert_string_equal(text, "fd00::3");

	model_node_fqdn(&model, n, text);
	assert_string_equal(text, "hv-1");
	check_set("domain.name", "cluster.lan", 0, "cluster.lan");
	check_set("cluster.name", "cluster-1", 0, "cluster-1");
	model_node_fqdn(&model, n, text);
	assert_string_equal(text, "hv-1.cluster.lan");
	model_title(&model, text);
	assert_string_equal(text, "cluster-1.cluster.lan");
	check_set("target.iqn", "iqn.2026-11.lan.cluster:nas", 0, "iqn.2026-11.lan.cluster:nas");
	model_node_iqn(&model, n, text);
	assert_string_equal(text, "iqn.2026-11.lan.cluster:hv-1");

	model_lun_serial(&model, model.luns.at, serial);
	assert_int_equal(strlen(serial), 16);
	model_lun_serial(&model, model.luns.at, other);
	assert_string_equal(serial, other);
	check_set("cluster.name", "cluster-2", 0, "cluster-2");
	model_lun_serial(&model, model.luns.at, other);
	assert_string_not_equal(serial, other);
}

static void
check_param(const struct lun *lun, const struct vm *vm, const char *id, int code, const char *back)
{
	CLEAN_STR out = STR_INIT(4096);

	str_add(&out, "> ");
	assert_int_equal(param_text(&model, model.nodes.at, lun, NULL, vm, id, &out, NULL), code);
	assert_string_equal(str_text(&out) + 2, back);
	assert_int_equal(param_is_known(id), code != -ENOENT);
}

static void
test_params(void **state)
{
	const struct lun *lun = model.luns.at;
	const struct vm *vm = model.vms.at;

	(void)state;
	check_set("lun.size", "4 GiB", 0, "4 GiB");
	check_set("lun.target", "nas", 0, "nas");
	check_set("vm.lun", "vm", 0, "vm");
	check_set("node.roles", "dc storage", 0, "dc storage");
	check_set("target.portal", "10.0.0.9", 0, "10.0.0.9");
	assert_int_equal(field_set_nic(model.nodes.at, "Ethernet 2", "enterprise 10.0.0.1/8", NULL),
			 0);
	check_set("network.use", "heartbeat", 0, "heartbeat");
	check_param(lun, NULL, "lun.size", 0, "4294967296");
	check_param(NULL, vm, "lun.name", 0, "vm");
	check_param(NULL, vm, "target.portal", 0, "10.0.0.9");
	check_param(NULL, NULL, "target.name", 0, "nas");
	check_param(NULL, NULL, "lun.name", E_STEP, "");
	check_param(NULL, NULL, "node.roles", 0, "dc,storage");
	check_param(NULL, NULL, "node.address", 0, "10.0.0.1");
	check_param(NULL, NULL, "cluster.journals", 0, "2");
	check_param(NULL, NULL, "nics", 0,
		    "Ethernet 2\tenterprise\theartbeat\t10.0.0.1/8\tplain\t-\n");
	check_set("network.gateway", "10.0.0.254", 0, "10.0.0.254");
	check_param(NULL, NULL, "nics", 0,
		    "Ethernet 2\tenterprise\theartbeat\t10.0.0.1/8\tplain\t10.0.0.254\n");
	check_param(NULL, NULL, "nodes", 0, "hv-1\tdc,storage\thv-1\t-\t10.0.0.1\tpresent\n");
	check_param(NULL, NULL, "luns", 0, "vm\tnas\t0\tvm\t4294967296\t-\tvm\tpresent\n");
	check_param(NULL, NULL, "vms", 0, "seven\t67108864\tvm\t-\tpresent\n");
	check_param(NULL, NULL, "targets", 0, "nas\t-\t10.0.0.9\t3260\t-\tlio\n");
	check_param(lun, NULL, "lun.wwid", -ENOENT, "");
	check_param(lun, NULL, "task.nonce", -ENOENT, "");
	check_param(lun, NULL, "node.ssh.key", -ENOENT, "");
	check_param(lun, NULL, "node.nic", -ENOENT, "");
	section_add(&model, SECTION_TARGET, "second");
	check_param(NULL, NULL, "target.name", E_STEP, "");
}

#define CASE(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_sizes),     CASE(test_numbers),   CASE(test_choices), CASE(test_names),
		CASE(test_addresses), CASE(test_nics),	    CASE(test_nic_lists), CASE(test_table),
		CASE(test_addr),      CASE(test_derived),   CASE(test_params),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
