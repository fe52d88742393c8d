/* Host keys: the same known_hosts files are put to ssh itself and to us; we may never say yes
 * where it says no. And first contact: asked, remembered, or declined. */
#include "tests/unit.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/alloc.h"
#include "base/paths.h"
#include "base/proc.h"
#include "tests/sshfixture.h"

static char host_key[256], other_key[256], rsa_key[1024];

static bool
openssh_says_yes(const char *file)
{
	return sshd_run("ssh -F none -o BatchMode=yes -o StrictHostKeyChecking=yes "
			"-o UserKnownHostsFile='%s' -o GlobalKnownHostsFile=/dev/null -o "
			"UpdateHostKeys=no -i id -o IdentitiesOnly=yes -p %d 127.0.0.1 true "
			">/dev/null 2>&1 </dev/null",
			file, server->port) == 0;
}

/* H = [127.0.0.1]:port, K = the right key, O = another one of the same type, R = an RSA key. */
static void
write_file(const char *path, const char *pattern)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	for (; *pattern; pattern++) {
		if (*pattern == 'H')
			fprintf(f, "[127.0.0.1]:%d", server->port);
		else if (*pattern == 'P')
			fprintf(f, "%d", server->port);
		else if (*pattern == 'K' || *pattern == 'O' || *pattern == 'R')
			fputs(*pattern == 'K' ? host_key : *pattern == 'O' ? other_key : rsa_key, f);
		else
			fputc(*pattern, f);
	}
	fclose(f);
}

enum verdict { YES, NO, ASK }; /* ASK: unknown to us, so a batch run declines */

static const struct {
	const char *name, *lines;
	enum verdict ours;
} cases[] = {
	{ "plain", "H K\n", YES },
	{ "comment and blanks", "# a comment\n\n  \nH K with a comment\n", YES },
	{ "pattern", "[127.0.0.*]:* K\n", YES },
	{ "list", "some.host,H,other K\n", YES },
	{ "empty", "", ASK },
	{ "no such host", "[127.0.0.2]:P K\n", ASK },
	{ "port missing", "127.0.0.1 K\n", ASK },
	{ "other port", "[127.0.0.1]:1 K\n", ASK },
	{ "changed", "H O\n", NO },
	{ "changed, then right", "H O\nH K\n", YES },
	{ "another type only", "H R\n", NO },
	{ "another type, then right", "H R\nH K\n", YES },
	{ "revoked", "@revoked * K\nH K\n", NO },
	{ "revoked after", "H K\n@revoked H K\n", NO },
	{ "revoked alone", "@revoked * K\n", NO },
	{ "another one revoked", "@revoked * O\nH K\n", YES },
	{ "negated", "![127.0.0.1]:P,[127.0.0.*]:P K\n", ASK },
	{ "negated elsewhere", "![127.0.0.2]:P,[127.0.0.*]:P K\n", YES },
	{ "broken line in between", "H ssh-ed25519 AAAA!broken\nH K\n", YES },
	{ "broken line only", "H ssh-ed25519\n", ASK },
	{ "authority of another key", "@cert-authority * O\n", ASK },
	{ "authority with the key itself", "@cert-authority * K\n", ASK },
	{ "unknown marker", "@strange H K\n", ASK },
	{ "no line end", "H K", YES },
};

static void
never_less_strict_than_ssh(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct bssh_params p = sshd_params(server);
		CLEANUP(freep) char *path = xasprintf("%s/case-%zu", sshd_home(), i);
		struct replies r;
		unsigned asked = front.asked[ASK_HOSTKEY];
		enum verdict got;
		bool theirs;

		write_file(path, cases[i].lines);
		theirs = openssh_says_yes(path);
		p.known_hosts = path;
		got = try_script(&p, "exit 0", &r) == 0			? YES
		      : front.asked[ASK_HOSTKEY] > asked ? ASK
							 : NO;
		if (got != cases[i].ours || (got == YES && !theirs))
			fail_msg("%s: we say %d (%s), ssh says %d", cases[i].name, got, r.err.what,
				 theirs);
		if (got != YES)
			assert_int_equal(r.err.code, E_HOSTKEY);
		if (got != YES)
			assert_true(r.err.hint[0]);
		replies_free(&r);
	}
}

static void
hashed_names_are_found(void **state)
{
	struct bssh_params p = sshd_params(server);
	CLEANUP(freep) char *path = xasprintf("%s/hashed", sshd_home());
	struct replies r;

	(void)state;
	write_file(path, "H K\n");
	assert_int_equal(sshd_run("ssh-keygen -q -H -f hashed 2>/dev/null"), 0);
	assert_int_equal(sshd_run("grep -q '^|1|' hashed"), 0);
	p.known_hosts = path;
	assert_int_equal(try_script(&p, "exit 0", &r), 0);
	replies_free(&r);
}

static void
a_known_kind_of_key_is_asked_for(void **state)
{
	struct sshd *d = sshd_start(NULL);
	CLEANUP(freep) char *path = xasprintf("%s/rsa-only", sshd_home());
	struct bssh_params p;
	struct replies r;

	(void)state;
	/* the server has both; only the RSA one is known */
	assert_int_equal(sshd_run("cd %d && ssh-keygen -q -t rsa -b 2048 -N '' -f rsakey && "
				  "echo HostKey $PWD/rsakey >>config && kill -HUP %d && "
				  "echo \"[127.0.0.1]:%d $(cut -d' ' -f1,2 rsakey.pub)\" >%s",
				  d->port, (int)d->pid, d->port, path),
			 0);
	p = sshd_params(d);
	p.known_hosts = path;
	/* it comes back from its SIGHUP */
	while (try_script(&p, "exit 0", &r) != 0) {
		assert_int_not_equal(r.err.code, E_AUTH);
		replies_free(&r);
	}
	replies_free(&r);
	sshd_stop(d);
}

static void
first_contact_is_asked_and_remembered(void **state)
{
	static const char *const yes[] = { "hostkey:node", "yes", NULL };
	struct bssh_params p = sshd_params(server);
	CLEANUP(freep) char *path = xasprintf("%s/new/dir/known", sshd_home());
	CLEAN_STR fingerprint = STR_INIT(4096);
	const char *argv[] = { "ssh-keygen", "-lf", NULL, NULL };
	CLEANUP(freep) char *pub = xasprintf("%s/key.pub", server->dir);
	unsigned asked = front.asked[ASK_HOSTKEY];
	struct replies r;
	char *sum;

	(void)state;
	argv[2] = pub;
	assert_int_equal(proc_run(argv, NULL, &fingerprint, 60000, NULL), 0);
	sum = strstr(fingerprint.s, "SHA256:");
	*strchr(sum, ' ') = '\0';
	p.known_hosts = path;
	assert_int_equal(try_script(&p, "exit 0", &r), E_HOSTKEY);
	assert_non_null(strstr(r.err.what, sum));
	replies_free(&r);
	assert_int_equal(access(path, F_OK), -1);

	front.answers = yes;
	assert_int_equal(try_script(&p, "exit 0", &r), 0);
	assert_int_equal(front.asked[ASK_HOSTKEY], asked + 2);
	assert_non_null(strstr(front.last_text, sum));
	replies_free(&r);
	front.answers = NULL;
	assert_true(openssh_says_yes(path));
	assert_int_equal(try_script(&p, "exit 0", &r), 0);
	assert_int_equal(front.asked[ASK_HOSTKEY], asked + 2);
	replies_free(&r);
}

static void
remembering_keeps_the_file(void **state)
{
	static const char *const yes[] = { "hostkey:node", "yes", NULL };
	struct bssh_params p = sshd_params(server);
	CLEANUP(freep) char *path = xasprintf("%s/kept", sshd_home());
	CLEANUP(freep) char *link_path = xasprintf("%s/kept-link", sshd_home());
	CLEAN_STR text = STR_INIT(1 << 16);
	struct replies r;
	struct stat st;

	(void)state;
	sshd_write(path, "# mine\nother.host ssh-ed25519 AAAA");
	chmod(path, 0640);
	assert_int_equal(symlink(path, link_path), 0);
	front.answers = yes;
	p.known_hosts = link_path;
	assert_int_equal(try_script(&p, "exit 0", &r), 0);
	front.answers = NULL;
	replies_free(&r);
	assert_int_equal(lstat(link_path, &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0640);
	assert_int_equal(file_read(path, &text, NULL), 0);
	assert_true(str_starts(text.s, "# mine\nother.host ssh-ed25519 AAAA\n[127.0.0.1]:"));
}

static void
home_is_where_known_hosts_is(void **state)
{
	struct bssh_params p = sshd_params(server);
	CLEANUP(freep) char *path = xasprintf("%s/.ssh/known_hosts", sshd_home());
	struct replies r;

	(void)state;
	p.known_hosts = NULL;
	assert_int_equal(try_script(&p, "exit 0", &r), E_HOSTKEY);
	replies_free(&r);
	write_file(path, "H K\n");
	assert_int_equal(try_script(&p, "exit 0", &r), 0);
	replies_free(&r);
	unlink(path);
}

static void
without_ssh_keygen_nobody_is_trusted(void **state)
{
	struct bssh_params p = sshd_params(server);
	CLEANUP(freep) char *path = xstrdup(getenv("PATH"));
	struct replies r;

	(void)state;
	setenv("PATH", "/nonexistent", 1);
	assert_int_not_equal(try_script(&p, "exit 0", &r), 0);
	setenv("PATH", path, 1);
	assert_non_null(strstr(r.err.hint, "openssh-client"));
	replies_free(&r);
}

static void
key_read(const char *path, char *out, size_t size)
{
	CLEAN_STR text = STR_INIT(4096);
	char *end;

	assert_int_equal(file_read(path, &text, NULL), 0);
	end = strchr(strchr(text.s, ' ') + 1, ' ');
	if (end)
		*end = '\0';
	assert_true(str_put(out, size, text.s));
}

static int
setup(void **state)
{
	CLEANUP(freep) char *pub = NULL, *rsa = NULL, *own = NULL;

	(void)state;
	fixture_start(NULL);
	assert_int_equal(sshd_run("ssh-keygen -q -t ed25519 -N '' -f other && "
				  "ssh-keygen -q -t rsa -b 2048 -N '' -f rsa"),
			 0);
	own = xasprintf("%s/key.pub", server->dir);
	pub = xasprintf("%s/other.pub", sshd_home());
	rsa = xasprintf("%s/rsa.pub", sshd_home());
	key_read(own, host_key, sizeof host_key);
	key_read(pub, other_key, sizeof other_key);
	key_read(rsa, rsa_key, sizeof rsa_key);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(never_less_strict_than_ssh),
		cmocka_unit_test(hashed_names_are_found),
		cmocka_unit_test(a_known_kind_of_key_is_asked_for),
		cmocka_unit_test(first_contact_is_asked_and_remembered),
		cmocka_unit_test(remembering_keeps_the_file),
		cmocka_unit_test(home_is_where_known_hosts_is),
		cmocka_unit_test(without_ssh_keygen_nobody_is_trusted),
	};

	if (!sshd_is_there())
		return unit_skip_all("there is no /usr/sbin/sshd");
	return cmocka_run_group_tests(tests, setup, fixture_teardown);
}
