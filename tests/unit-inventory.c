/* The cluster file: every mistake with its line and sentence, the examples, generated clusters,
 * the lab's overlay, and files that were mutilated. */
#include "tests/clusterfile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* The good file with line `line` replaced ("" drops its text, not its number). */
static void
edit(struct str *out, const char *text, int line, const char *with)
{
	for (int i = 1; *text; i++) {
		size_t n = strcspn(text, "\n") + 1;

		if (i == line)
			str_addf(out, "%s\n", with);
		else
			str_addn(out, text, n);
		text += n;
	}
}

static void
check(int line, const char *with, const char *wanted)
{
	CLEAN_STR text = STR_INIT(1 << 16);
	struct model m;

	edit(&text, good, line, with);
	assert_int_equal(scan(&m, str_text(&text)), *wanted ? E_INPUT : 0);
	assert_string_equal(str_text(&said), wanted);
	model_done(&m);
}

static void
test_good(void **state)
{
	struct model m;

	(void)state;
	assert_int_equal(scan(&m, good), 0);
	assert_string_equal(str_text(&said), "");
	assert_int_equal(m.nodes.n, 3);
	assert_int_equal(m.nodes.at[1].line, 18);
	assert_int_equal(m.luns.at[0].size, 4ULL << 30);
	assert_int_equal(m.luns.at[0].use, LUN_VM);
	assert_int_equal(m.cluster.token_ms, 10000);
	assert_int_equal(m.targets.at[0].port, 3260);
	assert_string_equal(m.hypervisor.path, "/vm");
	assert_string_equal(m.vms.at[0].offline_action, "save");
	assert_int_equal(model_line(&m, SECTION_LUN, "vm", "size"), 33);
	assert_int_equal(model_line(&m, SECTION_LUN, "vm", "label"), 30);
	assert_int_equal(model_line(&m, SECTION_LUN, "none", "label"), 0);
	model_done(&m);
}

static void
test_words(void **state)
{
	(void)state;
	check(32, "nummer = 0", "30: 'number' is missing in this section\n"
				"32: there is no setting 'nummer' in section [lun]\n");
	assert_non_null(strstr(str_text(&said), "nummer"));
	check(14, "[nod srv]", "14: there is no section 'nod'\n");
	check(14, "[node]", "14: section [node] needs a name\n");
	check(14, "[node sr v]", "14: 'sr v' is not a short host name\n");
	check(1, "[cluster c]", "0: there is no section [cluster]\n"
				"1: section [cluster] has no name of its own\n");
	check(9, "name = x", "8: 'use' is missing in this section\n"
			     "9: there is no setting 'name' in section [network]\n");
	check(17, "nic = x", "17: there is no setting 'nic' in section [node]\n"
			     "29: portal 10.10.20.100 is no address of machine 'srv'\n");
	check(33, "size = 4 GB", "33: size: '4 GB' is not a size\n");
	check(33, "size =", "33: size: a value is missing\n");
	check(33, "", "30: 'size' is missing in this section\n");
	check(15, "roles = dc\n storage", "");
	check(15, "roles = dc storage\n ssh.port = 1",
	      "16: this indented line continues the value of 'roles'\n");
	check(15, "roles = dc storage\n # why",
	      "16: this indented line continues the value of 'roles'\n");
	check(40, "lun = vm\nlun = vm", "41: 'lun' stands in line 40 already\n");
	check(30, "[lun quorum]", "7: LUN 'quorum' is not for the quorum\n"
				  "34: section [lun quorum] stands in line 30 already\n"
				  "40: there is no lun 'vm' in this file\n");
}

static void
test_hints(void **state)
{
	static const struct {
		const char *text, *hint;
	} cases[] = {
		{ "[lun x]\nsiez = 1\n", "Did you mean 'size'?" },
		{ "[lum x]\n", "Did you mean 'lun'?" },
		{ "[node x]\nssh-port = 1\n", "Did you mean 'ssh.port'?" },
		{ "[node x]\nroles = hypervizor\n", "Did you mean 'hypervisor'?" },
		{ "[node x]\nnics = e\n", "Did you mean 'nic.NAME'?" },
		{ "[lun x]\ncolour = 1\n",
		  "The manual page lists the settings: man bascule-cluster-file." },
		{ "[lun x]\nname = 1\n",
		  "The name stands in the section's header: [lun NAME]." },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct model m;

		assert_int_equal(scan(&m, cases[i].text), E_INPUT);
		if (!strstr(str_text(&hints), cases[i].hint))
			fail_msg("%s: %s", cases[i].text, str_text(&hints));
		model_done(&m);
	}
}

static void
test_references(void **state)
{
	(void)state;
	check(7, "lun = quorun", "7: there is no lun 'quorun' in this file\n");
	check(27, "node = server", "27: there is no node 'server' in this file\n");
	check(31, "target = none", "31: there is no target 'none' in this file\n");
	check(40, "lun = none", "40: there is no lun 'none' in this file\n");
	check(20, "nic.eth1 = enterprize 192.168.1.101/24 manage",
	      "20: there is no network 'enterprize' in this file\n");
	check(20, "nic.eth1 = enterprise 192.168.1.101/24 manage\nssh.jump = hv-9",
	      "21: there is no node 'hv-9' in this file\n");
	check(20, "nic.eth1 = enterprise 192.168.1.101/24 manage\nssh.jump = hv-1",
	      "21: the jump hosts of 'hv-1' lead in a circle\n");
}

static void
test_addresses(void **state)
{
	(void)state;
	check(20, "nic.eth1 = enterprise 192.168.2.101/24 manage",
	      "20: 192.168.2.101/24 is outside of network 'enterprise', which is 192.168.1.0/24\n");
	check(20, "nic.eth1 = enterprise 192.168.1.101/16 manage",
	      "20: 192.168.1.101/16 has another prefix length than network 'enterprise', which is "
	      "192.168.1.0/24\n");
	check(20, "nic.eth1 = enterprise 192.168.1.0/24 manage",
	      "20: 192.168.1.0/24 is the address of the network itself\n");
	check(20, "nic.eth1 = enterprise 192.168.1.255/24 manage",
	      "20: 192.168.1.255/24 is the address of the network itself\n");
	check(24, "nic.eth1 = enterprise 192.168.1.101/24 manage",
	      "24: hv-2 eth1 has the address of hv-1 eth1 (line 20)\n");
	check(3, "address = 192.168.1.101",
	      "3: the cluster has the address of hv-1 eth1 (line 20)\n");
	check(3, "address = 10.10.20.5", "3: 10.10.20.5 is not in an enterprise network\n");
	check(41, "address = 192.168.1.109",
	      "41: vm 'seven' has the address of the cluster (line 3)\n");
	check(41, "address = 10.0.0.1", "41: 10.0.0.1 is not in an enterprise network\n");
	check(13, "subnet = 192.168.0.0/16",
	      "13: network 'storage' overlaps with 'enterprise' (line 10)\n"
	      "17: 10.10.20.100/24 is outside of network 'storage', which is 192.168.0.0/16\n"
	      "21: 10.10.20.101/24 is outside of network 'storage', which is 192.168.0.0/16\n"
	      "25: 10.10.20.102/24 is outside of network 'storage', which is 192.168.0.0/16\n");
	check(10, "subnet = 192.168.1.0/24\ngateway = 192.168.2.1",
	      "11: gateway 192.168.2.1 is outside of 192.168.1.0/24\n");
	check(10, "subnet = 192.168.1.0/24\ngateway = 192.168.1.109",
	      "3: the cluster has the address of the gateway of 'enterprise'\n");
	check(21, "nic.eth2 = enterprise 192.168.1.7/24 manage",
	      "21: a second NIC of 'hv-1' is marked manage\n");
	check(20, "nic.eth2 = enterprise switch\nnic.eth3 = enterprise switch",
	      "22: 'nic.eth2' stands in line 20 already\n");
}

static void
test_machines(void **state)
{
	(void)state;
	check(23, "roles = storage",
	      "0: only one machine has the role hypervisor: that is no cluster\n");
	check(23, "roles = hypervisor\nstate = leaving",
	      "0: only one machine has the role hypervisor: that is no cluster\n");
	check(22, "[node HV-1]", "22: node 'HV-1' is named like 'hv-1' in line 18\n");
	check(22, "[node cluster-1]", "22: machine 'cluster-1' is named like the cluster\n");
	check(22, "[node a-rather-long-name]",
	      "22: 'a-rather-long-name' is longer than the 15 characters of a computer name\n");
	check(23, "roles = hypervisor\niqn = iqn.2026-11.lan.cluster:hv-1",
	      "24: 'hv-2' has the IQN of 'hv-1' (line 18)\n");
	check(2, "name = a-very-long-name-1",
	      "2: name: 'a-very-long-name-1' is longer than the 15 characters of a NetBIOS name\n");
	check(5, "name = a-very-long-name-1.lan",
	      "5: the first part of 'a-very-long-name-1.lan' is too long for a NetBIOS name\n");
	check(5, "name = cluster.lan\nproduction = cluster.lan",
	      "6: the production domain is the cluster's own\n");
	check(3, "address = 192.168.1.109\nwatchdog = 20",
	      "1: msgwait (30 s) is less than twice the watchdog timeout (20 s)\n");
	check(3, "address = 192.168.1.109\nmsgwait = 29",
	      "4: msgwait (29 s) is less than twice the watchdog timeout (15 s)\n");
}

static void
test_storage(void **state)
{
	(void)state;
	check(7, "", "6: no quorum LUN is named\n");
	check(7, "lun = vm", "7: LUN 'vm' is not for the quorum\n");
	check(38, "use = quorum\nstate = leaving",
	      "7: LUN 'quorum' is leaving and cannot be the quorum LUN\n");
	check(36, "number = 0", "36: LUN 'quorum' has the number of 'vm' (line 32)\n");
	check(36, "number = 256", "36: number: 256 is outside 0 … 255\n");
	check(33, "size = 4 GiB\nstate = leaving",
	      "41: LUN 'vm' is leaving, but vm 'seven' lives on it\n");
	check(40, "lun = quorum", "40: LUN 'quorum' is not for virtual machines\n");
	check(27, "", "26: target 'nas' has no machine that serves it\n");
	check(27, "kind = nas", "");
	check(27, "node = hv-1", "27: machine 'hv-1' has not the role storage\n"
				 "29: portal 10.10.20.100 is no address of machine 'hv-1'\n");
	check(29, "portal = 10.10.20.99",
	      "29: portal 10.10.20.99 is no address of machine 'srv'\n");
	check(29, "portal = 10.10.20.100\npath = iscsi", "30: 'iscsi' is not an absolute path\n");
	check(39, "[vm quorum]\nlun = vm\n[vm Quorum]",
	      "41: vm 'Quorum' is named like 'quorum' in line 39\n");
}

/* The good file with two lines replaced, the later one first. */
static void
check_both(int line, const char *with, int earlier, const char *and_with, const char *wanted)
{
	CLEAN_STR once = STR_INIT(1 << 16);
	CLEAN_STR text = STR_INIT(1 << 16);
	struct model m;

	edit(&once, good, line, with);
	edit(&text, str_text(&once), earlier, and_with);
	assert_int_equal(scan(&m, str_text(&text)), E_INPUT);
	assert_string_equal(str_text(&said), wanted);
	model_done(&m);
}

static void
test_vote(void **state)
{
	(void)state;
	check(7, "lun = quorum\nvote = srv", "");
	check(7, "lun = quorum\nvote = hv-1", "8: hypervisor 'hv-1' has a vote already\n");
	check(7, "lun = quorum\nvote = srw", "8: there is no node 'srw' in this file\n");
	assert_non_null(strstr(str_text(&hints), "Did you mean 'srv'?"));
	check_both(15, "roles = dc storage\nstate = leaving", 7, "lun = quorum\nvote = srv",
		   "8: machine 'srv' is leaving and cannot give a vote\n");
	check(7, "lun = quorum\nvote = srv\n[node hv-3]\nroles = hypervisor\nssh.host = x",
	      "8: the third vote is for an even number of hypervisors, not for 3\n");
	check(7, "lun = quorum\nvote = srv\n[node hv-3]\nroles = hypervisor\nssh.host = x\n"
		 "state = leaving", "");
	check_both(7, "lun = quorum\nvote = srv", 3, "address = 192.168.1.109\nplatform = hyperv",
		   "9: a third vote is for Linux only\n"
		   "32: LUN 'vm' has no drive letter\n"
		   "36: LUN 'quorum' has no drive letter\n"
		   "39: a disk witness needs at least 512 MiB\n");
}

static void
test_hyperv(void **state)
{
	(void)state;
	check(3, "address = 192.168.1.109\nplatform = hyperv",
	      "31: LUN 'vm' has no drive letter\n"
	      "35: LUN 'quorum' has no drive letter\n"
	      "38: a disk witness needs at least 512 MiB\n");
}

/* Every mistake at once, in the order of lines. */
static void
test_all_at_once(void **state)
{
	struct model m;

	(void)state;
	assert_int_equal(scan(&m, "key = 1\n"
				  "[cluster]\n"
				  "nam = c\n"
				  "address = 1.2.3\n"
				  "[lun a]\n"
				  "size: 4\n"
				  "number = x\n"
				  "\tb = c\n"
				  "[lun a]\n"
				  "[wat]\n"
				  "[vm \x01]\n"),
			 E_INPUT);
	assert_string_equal(str_text(&said),
			    "1: 'key' stands before any section\n"
			    "2: 'name' is missing in this section\n"
			    "3: there is no setting 'nam' in section [cluster]\n"
			    "4: address: '1.2.3' is not an address\n"
			    "5: 'target' is missing in this section\n"
			    "5: 'size' is missing in this section\n"
			    "6: this line is neither a section, a setting nor a comment\n"
			    "8: this indented line continues the value of 'number'\n"
			    "9: section [lun a] stands in line 5 already\n"
			    "10: there is no section 'wat'\n"
			    "11: a control character (01) stands in this line\n");
	model_done(&m);
}

static void
test_many_mistakes(void **state)
{
	CLEAN_STR text = STR_INIT(1 << 20);
	struct model m;

	(void)state;
	for (int i = 0; i < 1000; i++)
		str_add(&text, "nonsense\n");
	assert_int_equal(scan(&m, str_text(&text)), E_INPUT);
	assert_true(str_ends(str_text(&said), "0: 801 more mistakes are not listed\n"));
	model_done(&m);
}

static void
test_names_are_any_text(void **state)
{
	CLEAN_STR text = STR_INIT(1 << 16);
	CLEAN_STR more = STR_INIT(1 << 16);
	struct model m;

	(void)state;
	edit(&text, good, 30, "[lun it's \"my\" [disk] ; №1]");
	edit(&more, str_text(&text), 40, "lun = it's \"my\" [disk] ; №1");
	assert_int_equal(scan(&m, str_text(&more)), 0);
	assert_string_equal(m.luns.at[0].name, "it's \"my\" [disk] ; №1");
	assert_string_equal(m.vms.at[0].lun, "it's \"my\" [disk] ; №1");
	model_done(&m);
}

/* ---- examples and generated clusters --------------------------------------------------- */

static void
test_examples(void **state)
{
	static const char *const names[] = { "tutorial.ini", "three-nodes.ini", "hyperv.ini",
					     "two-domains.ini", "one-nic.ini" };

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		CLEANUP(freep) char *path = example(names[i]);
		struct model m;

		said_clear();
		model_init(&m);
		assert_int_equal(inventory_read(&m, path, on_note, NULL), 0);
		assert_string_equal(str_text(&said), "");
		assert_string_equal(m.path, path);
		model_done(&m);
	}
}

static void
generate(struct str *out, int nodes, bool v6)
{
	str_add(out, "[cluster]\nname=big\n");
	str_addf(out, "address=%s\n", v6 ? "fd00:1::ffff" : "10.1.255.254");
	str_add(out, "[quorum]\nlun=q\n[network e]\nuse=enterprise\n");
	str_addf(out, "subnet=%s\n", v6 ? "fd00:1::/64" : "10.1.0.0/16");
	for (int i = 1; i <= nodes; i++) {
		str_addf(out, "[node n%d]\nroles=%s\nnic.eth0=e ", i,
			 i == 1 ? "storage hypervisor" : "hypervisor");
		str_addf(out, v6 ? "fd00:1::%x/64\n" : "10.1.1.%d/16\n", i);
	}
	str_addf(out, "[target t]\nnode=n1\niqn=iqn.2026-11.lan.big:t\nportal=%s\n",
		 v6 ? "fd00:1::1" : "10.1.1.1");
	str_add(out, "[lun q]\ntarget=t\nnumber=0\nsize=1G\nuse=quorum\n");
}

static void
test_generated(void **state)
{
	static const int sizes[] = { 2, 16, 64 };
	struct model m;

	(void)state;
	for (int i = 0; i < 6; i++) {
		CLEAN_STR text = STR_INIT(1 << 20);

		generate(&text, sizes[i / 2], i % 2);
		assert_int_equal(scan(&m, str_text(&text)), 0);
		assert_int_equal(m.nodes.n, sizes[i / 2]);
		model_done(&m);
	}
	CLEAN_STR text = STR_INIT(1 << 20);
	generate(&text, 65, false);
	assert_int_equal(scan(&m, str_text(&text)), E_INPUT);
	assert_true(str_ends(str_text(&said), ": more than 64 machines\n"));
	model_done(&m);
}

/* ---- the lab's overlay ------------------------------------------------------------------ */

static void
check_overlay(const char *text, int code, const char *what)
{
	CLEANUP(freep) char *path = file_with("lab.ini", text);
	struct err err = { 0 };
	struct model m;

	assert_int_equal(scan(&m, good), 0);
	assert_int_equal(inventory_overlay(&m, path, &err), code);
	assert_int_equal(m.overlaid, code == 0);
	assert_int_equal(model_node(&m, "hv-1")->ssh.port, code ? 22 : 2201);
	if (code) {
		CLEAN_STR wanted = STR_INIT(1024);

		str_addf(&wanted, "%s:%s", path, what);
		assert_string_equal(err.what, str_text(&wanted));
	}
	model_done(&m);
	assert_int_equal(unlink(path), 0);
}

static void
test_overlay(void **state)
{
	struct err err = { 0 };
	struct model m;

	(void)state;
	check_overlay(
		"[node hv-1]\nssh.host = 127.0.0.1\nssh.port = 2201\n[node hv-9]\nssh.port=x\n", 0,
		"");
	check_overlay("[node hv-1]\nssh.port = 2201\nroles = dc\n", E_INPUT,
		      "3: an overlay cannot change 'roles'");
	check_overlay("[node hv-1]\nssh.port = 2201\nssh.prot = 1\n", E_INPUT,
		      "3: there is no setting 'ssh.prot' in section [node]");
	check_overlay("[node hv-1]\nssh.port = 2201\n[lun vm]\n", E_INPUT,
		      "3: there is no section 'lun' in an overlay");
	check_overlay("[node hv-1]\nssh.port = 2201x\n", E_INPUT,
		      "2: ssh.port: '2201x' is not a number");
	assert_int_equal(scan(&m, good), 0);
	assert_int_not_equal(inventory_overlay(&m, "/nowhere/lab.ini", &err), 0);
	assert_false(m.overlaid);
	model_done(&m);
}

/* Mutilated files: nothing breaks, lines are lines, and what is read can be written. */
static void
test_fuzz(void **state)
{
	clock_t end = clock() + 10 * CLOCKS_PER_SEC;
	long rounds = 0;

	(void)state;
	for (; rounds < 20000 && (rounds % 64 || clock() < end); rounds++) {
		static const char bytes[] = "[]=\n ;#\t/.:0aZ\"'\xc3\xa9\r\x01";
		CLEAN_STR text = STR_INIT(1 << 16);
		struct model m;

		str_add(&text, rounds % 2 ? good : commented);
		for (unsigned k = 1 + unit_random() % 6; k; k--) {
			size_t at = unit_random() % text.len;
			size_t from = unit_random() % text.len;
			size_t n = unit_random() % 40;

			if (unit_random() % 3)
				text.s[at] = bytes[unit_random() % (sizeof bytes - 1)];
			else if (at + n < text.len && from + n < text.len)
				memmove(text.s + at, text.s + from, n);
		}
		said_clear();
		model_init(&m);
		if (inventory_scan(&m, text.s, text.len, on_note, NULL) == 0)
			assert_int_equal(said.len, 0);
		else
			assert_true(said.len > 0);
		for (const char *s = str_text(&said); *s; s += strcspn(s, "\n") + 1)
			assert_in_range(strtol(s, NULL, 10), 0, 2000);
		model_done(&m);
	}
	print_message("# %ld inputs\n", rounds);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_hints),
		cmocka_unit_test(test_references),
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_machines),
		cmocka_unit_test(test_storage),
		cmocka_unit_test(test_vote),
		cmocka_unit_test(test_hyperv),
		cmocka_unit_test(test_all_at_once),
		cmocka_unit_test(test_many_mistakes),
		cmocka_unit_test(test_names_are_any_text),
		cmocka_unit_test(test_examples),
		cmocka_unit_test(test_generated),
		cmocka_unit_test(test_overlay),
		cmocka_unit_test(test_fuzz),
	};

	return cmocka_run_group_tests(tests, folder_make, folder_drop);
}
