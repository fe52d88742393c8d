/* The writer of the cluster file: it changes nothing but what differs, and what it wrote reads back
 * the same. */
#include "tests/clusterfile.h"

static char *
file_text(const char *path)
{
	CLEAN_STR text = STR_INIT(1 << 20);

	assert_int_equal(file_read(path, &text, NULL), 0);
	return xstrdup(str_text(&text));
}

/* Writes `commented` after change() and expects line `at` to have become `wanted`, with
 * everything else byte for byte as it was. `drop` lines from `at` on went. */
static void
check_write(void (*change)(struct model *m), int at, int drop, const char *wanted)
{
	CLEANUP(freep) char *path = file_with("cluster.ini", commented);
	CLEANUP(freep) char *text = NULL;
	CLEAN_STR expected = STR_INIT(1 << 16);
	struct err err = { 0 };
	struct model m;
	const char *line = commented;
	int i;

	model_init(&m);
	said_clear();
	assert_int_equal(inventory_read(&m, path, on_note, NULL), 0);
	change(&m);
	if (inventory_write(&m, path, &err))
		fail_msg("%s", err.what);
	for (i = 1; *line; i++) {
		size_t n = strcspn(line, "\n") + 1;

		if (i == at)
			str_add(&expected, wanted);
		if (i < at || i >= at + drop)
			str_addn(&expected, line, n);
		line += n;
	}
	if (i == at)
		str_add(&expected, wanted);
	text = file_text(path);
	assert_string_equal(text, str_text(&expected));
	model_done(&m);
	assert_int_equal(unlink(path), 0);
}

static void
set(struct model *m, const char *id, const char *name, const char *text)
{
	const struct field *f = field_find(id);
	struct err err = { 0 };

	if (field_set(f, m, field_object(m, f->section, name), text, &err))
		fail_msg("%s: %s", id, err.what);
}

static void change_nothing(struct model *m) { (void)m; }
static void change_name(struct model *m) { set(m, "cluster.name", "", "other"); }
static void change_address(struct model *m) { set(m, "cluster.address", "", "192.168.1.110"); }
static void change_token(struct model *m) { set(m, "cluster.token", "", "20000"); }
static void change_roles(struct model *m) { set(m, "node.roles", "hv-1", "hypervisor storage dc"); }
static void change_size(struct model *m) { set(m, "lun.size", "quorum", "128 MiB"); }
static void change_use(struct model *m) { set(m, "lun.use", "quorum", "vm"); }
static void change_state(struct model *m) { set(m, "node.state", "hv-2", "leaving"); }
static void change_path(struct model *m) { set(m, "hypervisor.path", "", "/srv/vm"); }

static void
change_nic(struct model *m)
{
	assert_int_equal(
		field_set_nic(model_node(m, "hv-1"), "Ethernet 2", "e 192.168.1.7/24 switch", NULL),
		0);
}

static void
change_nic_away(struct model *m)
{
	set(m, "node.nic", "hv-2", "");
}

static void
change_nic_more(struct model *m)
{
	assert_int_equal(field_set_nic(model_node(m, "hv-2"), "eth 1", "e", NULL), 0);
}

static void
change_more_nodes(struct model *m)
{
	section_add(m, SECTION_NODE, "hv-3");
	set(m, "node.roles", "hv-3", "hypervisor");
	set(m, "node.nic", "hv-3", "eth0 = e 192.168.1.103/24");
	section_add(m, SECTION_NODE, "hv-4");
	set(m, "node.roles", "hv-4", "hypervisor");
	set(m, "node.state", "hv-2", "leaving");
}

static void
change_fewer_nodes(struct model *m)
{
	vec_remove(&m->nodes, 1);
}

static void
change_overlaid(struct model *m)
{
	m->overlaid = true;
	set(m, "node.ssh.port", "hv-1", "2201");
	set(m, "node.ssh.host", "hv-1", "127.0.0.1");
}

static void
test_write(void **state)
{
	(void)state;
	check_write(change_nothing, 0, 0, "");
	check_write(change_overlaid, 0, 0, "");
	check_write(change_name, 6, 1, "name=other\n");
	check_write(change_address, 7, 1, "address \t=   192.168.1.110\n");
	check_write(change_token, 8, 0, "token = 20000\n");
	check_write(change_roles, 18, 2, "roles = dc storage hypervisor\n");
	check_write(change_size, 34, 1, "size = 128 MiB\n");
	check_write(change_use, 35, 1, "");
	check_write(change_state, 26, 0, "state = leaving\n");
	check_write(change_nic, 20, 1, "nic.Ethernet 2 = e 192.168.1.7/24 switch\n");
	check_write(change_nic_away, 25, 1, "");
	check_write(change_nic_more, 26, 0, "nic.eth 1 = e\n");
	check_write(change_path, 37, 0, "\n[hypervisor]\npath = /srv/vm\n");
	check_write(
		change_more_nodes, 26, 0,
		"state = leaving\n\n[node hv-3]\nroles = hypervisor\n"
		    "nic.eth0 = e 192.168.1.103/24\n"
		"\n[node hv-4]\nroles = hypervisor\n");
	check_write(change_fewer_nodes, 23, 3, "");
}

static void
test_write_new(void **state)
{
	CLEANUP(freep) char *path = xasprintf("%s/new.ini", folder);
	CLEANUP(freep) char *text = NULL;
	struct model m, back;

	(void)state;
	assert_int_equal(scan(&m, good), 0);
	assert_int_equal(inventory_write(&m, path, NULL), 0);
	text = file_text(path);
	assert_true(str_starts(text, "# A cluster file: see bascule-cluster-file(5).\n\n[cluster]\n"
				     "name = cluster-1\naddress = 192.168.1.109\n\n[domain]\n"));
	said_clear();
	model_init(&back);
	assert_int_equal(inventory_read(&back, path, on_note, NULL), 0);
	assert_int_equal(back.nodes.n, 3);
	model_done(&m);
	model_done(&back);
	assert_int_equal(unlink(path), 0);
}

/* Line ends, the byte order mark, a missing last newline, a link and the mode stay. */
static void
test_write_keeps_form(void **state)
{
	CLEANUP(freep) char *path = file_with("form.ini", "");
	CLEANUP(freep) char *link_path = xasprintf("%s/link.ini", folder);
	CLEANUP(freep) char *text = NULL;
	CLEAN_STR crlf = STR_INIT(1 << 16);
	struct model m;

	(void)state;
	str_add(&crlf, "\xef\xbb\xbf");
	for (const char *s = good; *s; s++)
		str_add(&crlf, *s == '\n' ? "\r\n" : (char[]){ *s, '\0' });
	crlf.len -= 2;
	assert_int_equal(file_write(path, crlf.s, crlf.len, 0640, NULL), 0);
	assert_int_equal(symlink("form.ini", link_path), 0);
	said_clear();
	model_init(&m);
	assert_int_equal(inventory_read(&m, link_path, on_note, NULL), 0);
	set(&m, "cluster.name", "", "other");
	set(&m, "vm.memory", "seven", "1 GiB");
	set(&m, "domain.netbios", "", "OTHER");
	assert_int_equal(inventory_write(&m, link_path, NULL), 0);
	text = file_text(path);
	assert_true(str_starts(text, "\xef\xbb\xbf[cluster]\r\nname = other\r\naddress = "));
	assert_non_null(strstr(text, "\r\nname = cluster.lan\r\nnetbios = OTHER\r\n[quorum]"));
	assert_true(str_ends(text, "\r\naddress = 192.168.1.222\r\nmemory = 1 GiB\r\n"));
	model_done(&m);
	assert_int_equal(unlink(link_path), 0);
	assert_int_equal(access(path, F_OK), 0);
	assert_int_equal(unlink(path), 0);
}

/* What cannot be written is told, and the file stays as it is. */
static void
test_write_refuses(void **state)
{
	CLEANUP(freep) char *path = file_with("bad.ini", "[lun a]\n[lun a]\nsize = 4 GiB\n[x\n");
	CLEANUP(freep) char *text = NULL;
	struct err err = { 0 };
	struct model m;

	(void)state;
	model_init(&m);
	section_add(&m, SECTION_LUN, "a");
	section_add(&m, SECTION_LUN, "b");
	/* A name that a form would never let through. */
	str_put(m.luns.at[1].name, sizeof m.luns.at[1].name, " b");
	assert_int_equal(inventory_write(&m, path, &err), -EIO);
	assert_true(err.what[0] && err.hint[0]);
	text = file_text(path);
	assert_string_equal(text, "[lun a]\n[lun a]\nsize = 4 GiB\n[x\n");
	model_done(&m);
	assert_int_equal(inventory_write(&m, "/nowhere/x.ini", &err), -ENOENT);
	assert_int_equal(unlink(path), 0);
}

/* ---- read, change each setting, write, read: equal, and comments byte for byte ---------- */

static const char *
other_value(const struct field *f, const char *now)
{
	static const struct {
		const char *id, *one, *other;
	} particular[] = {
		{ "lun.letter", "X", "Y" },
		{ "domain.netbios", "ONE", "TWO" },
		{ "domain.name", "one.lan", "two.lan" },
		{ "domain.production", "one.org", "two.org" },
		{ "network.subnet", "172.16.0.0/12", "fd00:9::/64" },
		{ "cluster.watchdog", "7", "8" },
		{ "cluster.msgwait", "77", "78" },
	};
	static const struct {
		const char *one, *other;
	} usual[] = {
		[FIELD_TEXT] = { "one", "two" },
		[FIELD_NAME] = { "one", "two" },
		[FIELD_HOST] = { "one.example.org", "10.9.9.9" },
		[FIELD_ADDR] = { "10.9.9.9", "fd00::99" },
		[FIELD_IQN] = { "iqn.2020-01.org.example:a", "iqn.2020-01.org.example:c" },
		[FIELD_PATH] = { "/a ;b = c/[d] # e", "C:\\Program Files" },
		[FIELD_SIZE] = { "3 GiB", "5 GiB" },
		[FIELD_U16] = { "17", "18" },
		[FIELD_U32] = { "5000", "6000" },
		[FIELD_BOOL] = { "yes", "no" },
		[FIELD_ROLES] = { "dc", "storage hypervisor" },
		[FIELD_NICS] = { "a b = one 10.9.9.1/24 switch\nc = two\n",
				 "eth1 = one fd00::1/64 manage\n" },
	};

	if (f->choices && f->type != FIELD_ROLES)
		return f->choices[strcmp(now, f->choices[0]) == 0];
	for (size_t i = 0; i < sizeof particular / sizeof particular[0]; i++)
		if (field_find(particular[i].id) == f)
			return strcmp(now, particular[i].one) ? particular[i].one
							      : particular[i].other;
	return strcmp(now, usual[f->type].one) ? usual[f->type].one : usual[f->type].other;
}

/* Comments and blank lines alone. */
static void
only_comments(const char *text, struct str *out)
{
	while (*text) {
		size_t n = strcspn(text, "\n") + 1;

		if (*text == '#' || *text == ';' || *text == '\n')
			str_addn(out, text, n);
		text += n;
	}
}

static void
models_must_be_equal(const struct model *a, const struct model *b)
{
	for (size_t i = 0; i < nfields; i++) {
		const struct field *f = &fields[i];

		assert_int_equal(section_count(a, f->section), section_count(b, f->section));
		for (size_t k = 0; k < section_count(a, f->section); k++) {
			CLEAN_STR one = STR_INIT(1 << 16);
			CLEAN_STR other = STR_INIT(1 << 16);

			field_get(f, section_at(a, f->section, k), &one);
			field_get(f, section_at(b, f->section, k), &other);
			assert_string_equal(str_text(&one), str_text(&other));
		}
	}
}

static void
change_and_compare(const char *text, const struct field *f, size_t k)
{
	CLEANUP(freep) char *path = file_with("round.ini", text);
	CLEANUP(freep) char *after = NULL;
	CLEAN_STR now = STR_INIT(1 << 16);
	CLEAN_STR comments = STR_INIT(1 << 16);
	CLEAN_STR comments_after = STR_INIT(1 << 16);
	struct err err = { 0 };
	struct model m, back;
	void *object;

	said_clear();
	model_init(&m);
	model_init(&back);
	assert_int_equal(inventory_read(&m, path, on_note, NULL), 0);
	object = section_at(&m, f->section, k);
	field_get(f, object, &now);
	if (field_set(f, &m, object, other_value(f, str_text(&now)), &err) ||
	    inventory_write(&m, path, &err))
		fail_msg("%s.%s: %s", section_names[f->section], f->key, err.what);
	inventory_read(&back, path, on_note, NULL);
	models_must_be_equal(&m, &back);
	after = file_text(path);
	only_comments(text, &comments);
	only_comments(after, &comments_after);
	/* A section that was not there comes with a blank line. */
	assert_true(str_starts(str_text(&comments_after), str_text(&comments)));
	assert_true(comments_after.len <= comments.len + 1);
	/* And back again. */
	assert_int_equal(field_set(f, &m, object, str_text(&now), &err), 0);
	assert_int_equal(inventory_write(&m, path, &err), 0);
	model_done(&back);
	model_init(&back);
	assert_int_equal(inventory_read(&back, path, on_note, NULL), 0);
	models_must_be_equal(&m, &back);
	model_done(&m);
	model_done(&back);
	assert_int_equal(unlink(path), 0);
}

static void
round_trip(const char *text)
{
	struct model m;

	assert_int_equal(scan(&m, text), 0);
	for (size_t i = 0; i < nfields; i++)
		for (size_t k = 0; k < section_count(&m, fields[i].section); k++)
			if (!fields[i].title)
				change_and_compare(text, &fields[i], k);
	model_done(&m);
}

static void
test_round_trip(void **state)
{
	CLEANUP(freep) char *path = example("tutorial.ini");
	CLEANUP(freep) char *other = example("hyperv.ini");
	CLEANUP(freep) char *tutorial = file_text(path);
	CLEANUP(freep) char *hyperv = file_text(other);

	(void)state;
	round_trip(tutorial);
	round_trip(hyperv);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_write),
		cmocka_unit_test(test_write_new),
		cmocka_unit_test(test_write_keeps_form),
		cmocka_unit_test(test_write_refuses),
		cmocka_unit_test(test_round_trip),
	};

	return cmocka_run_group_tests(tests, folder_make, folder_drop);
}
