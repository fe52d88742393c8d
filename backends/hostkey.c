/* Host keys, judged at least as strictly as OpenSSH does it: its own ssh-keygen finds the lines
 * (hashed names, patterns, negation, markers), and this file decides. */
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include "backends/sshauth.h"
#include "base/alloc.h"
#include "base/nls.h"
#include "base/paths.h"
#include "base/proc.h"

enum { KEYGEN_LIMIT_MS = 10000, FILE_MAX = 16 << 20 };

/* ---- what is known ----------------------------------------------------------------------- */

/* One line after its "# Host … found" comment. */
static void
add_line(struct known_keys *k, const char *file, char *line)
{
	struct known_key key = { 0 };
	char *rest = line, *word = strsep(&rest, " \t");

	if (*word == '@') {
		key.revoked = strcmp(word, "@revoked") == 0;
		if (!key.revoked)
			return; /* an authority: certificates of hosts are beyond libssh */
		word = strsep(&rest, " \t");
	}
	word = word ? strsep(&rest, " \t") : NULL;
	key.type = word && *word ? xstrdup(word) : NULL;
	word = rest ? strsep(&rest, " \t") : NULL;
	key.blob = word && *word ? xstrdup(word) : NULL;
	key.file = xstrdup(file);
	if (key.type && key.blob) {
		vec_push(&k->keys, key);
		return;
	}
	free(key.type);
	free(key.blob);
	free(key.file);
}

static int
read_file(struct known_keys *k, const char *file, struct err *err)
{
	const char *const argv[] = { "ssh-keygen", "-F", k->name, "-f", file, NULL };
	CLEAN_STR out = STR_INIT(FILE_MAX);
	char *rest, *line;
	int rc;

	if (access(file, F_OK) < 0)
		return 0;
	rc = proc_run(argv, NULL, &out, KEYGEN_LIMIT_MS, err);
	if (rc < 0 || out.cut) {
		err_prefix(err, _("cannot look up host keys"));
		err_hint(err, _("Install openssh-client, and see whether '%s' is readable."), file);
		return rc < 0 ? rc : err_set(err, -EFBIG, _("too many keys in '%s'"), file);
	}
	rest = out.s;
	while ((line = rest ? strsep(&rest, "\n") : NULL))
		if (*line && *line != '#')
			add_line(k, file, line);
	return 0;
}

static char *
home_file(const char *name)
{
	const char *home = getenv("HOME");
	char *path = NULL, *memory = NULL;
	struct passwd entry, *found = NULL;

	if (!home || !*home) {
		memory = xcalloc(1, 16384);
		if (getpwuid_r(getuid(), &entry, memory, 16384, &found) == 0 && found)
			home = entry.pw_dir;
	}
	path = xasprintf("%s/.ssh/%s", home ? home : "", name);
	free(memory);
	return path;
}

int
known_keys_read(struct known_keys *k, const struct login *l, struct err *err)
{
	int rc;

	k->name = l->port == 22 ? xstrdup(l->host) : xasprintf("[%s]:%d", l->host, l->port);
	if (l->known_hosts) {
		k->store = xstrdup(l->known_hosts);
		return read_file(k, k->store, err);
	}
	k->store = home_file("known_hosts");
	rc = read_file(k, k->store, err);
	return rc < 0 ? rc : read_file(k, "/etc/ssh/ssh_known_hosts", err);
}

void
known_keys_done(struct known_keys *k)
{
	struct known_key *key;

	vec_each(key, &k->keys) {
		free(key->type);
		free(key->blob);
		free(key->file);
	}
	vec_free(&k->keys);
	free(k->name);
	free(k->store);
}

/* Algorithms, best first, with the key type that each is for. */
static const struct {
	const char *name, *type;
} algorithms[] = {
	{ "ssh-ed25519", "ssh-ed25519" },
	{ "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp256" },
	{ "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp384" },
	{ "ecdsa-sha2-nistp521", "ecdsa-sha2-nistp521" },
	{ "rsa-sha2-512", "ssh-rsa" },
	{ "rsa-sha2-256", "ssh-rsa" },
};

static bool
has_type(const struct known_keys *k, const char *type)
{
	const struct known_key *key;

	vec_each(key, &k->keys)
		if (!key->revoked && strcmp(key->type, type) == 0)
			return true;
	return false;
}

void
known_keys_order(const struct known_keys *k, struct str *out)
{
	size_t pass, i;

	for (pass = 0; pass < 2; pass++) {
		for (i = 0; i < sizeof algorithms / sizeof *algorithms; i++) {
			if (has_type(k, algorithms[i].type) != (pass == 0))
				continue;
			str_addf(out, "%s%s", out->len ? "," : "", algorithms[i].name);
		}
	}
}

/* ---- remembering ------------------------------------------------------------------------- */

/* The file as it would be with the line added; rewritten whole, so that a crash leaves either. */
static int
store_locked(const char *path, const char *line, struct err *err)
{
	CLEAN_STR text = STR_INIT(FILE_MAX);
	struct stat st = { .st_mode = 0600 };
	int rc = stat(path, &st) < 0 && errno == ENOENT ? 0 : file_read(path, &text, err);

	if (rc < 0)
		return rc;
	if (text.len && text.s[text.len - 1] != '\n')
		str_addc(&text, '\n');
	str_add(&text, line);
	if (text.cut)
		return err_set(err, -EFBIG, _("'%s' is too long"), path);
	return file_write(path, text.s, text.len, st.st_mode & 0777, err);
}

/* The lock is on the folder: a lock file would stay behind there. */
static int
store(const char *path, const char *line, struct err *err)
{
	CLEANUP(freep) char *real = realpath(path, NULL);
	CLEANUP(freep) char *folder = xstrdup(real ? real : path);
	char *slash = strrchr(folder, '/');
	int fd, rc;

	if (slash)
		*slash = '\0';
	rc = dir_make(slash ? folder : ".", 0700, err);
	if (rc < 0)
		return rc;
	fd = open(slash ? folder : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || flock(fd, LOCK_EX) < 0)
		rc = err_sys(err, errno, _("cannot lock '%s'"), folder);
	else
		rc = store_locked(real ? real : path, line, err);
	if (fd >= 0)
		close(fd);
	return rc;
}

/* ---- the verdict -------------------------------------------------------------------------- */

struct host_key {
	const char *type;
	char *blob;        /* base64 */
	char *fingerprint; /* "SHA256:…" */
};

static int
host_key_get(ssh_session session, struct host_key *h)
{
	unsigned char *hash = NULL;
	size_t n = 0;
	ssh_key key = NULL;
	int rc = ssh_get_server_publickey(session, &key);

	if (rc == SSH_OK)
		rc = ssh_pki_export_pubkey_base64(key, &h->blob);
	if (rc == SSH_OK)
		rc = ssh_get_publickey_hash(key, SSH_PUBLICKEY_HASH_SHA256, &hash, &n);
	if (rc == SSH_OK) {
		h->type = ssh_key_type(key) == SSH_KEYTYPE_ECDSA
				  ? ssh_pki_key_ecdsa_name(key)
				  : ssh_key_type_to_char(ssh_key_type(key));
		h->fingerprint = ssh_get_fingerprint_hash(SSH_PUBLICKEY_HASH_SHA256, hash, n);
	}
	ssh_clean_pubkey_hash(&hash);
	ssh_key_free(key);
	return rc == SSH_OK && h->fingerprint ? 0 : -1;
}

static int
refuse_revoked(const struct login *l, const struct known_key *key, struct err *err)
{
	err_set(err, E_HOSTKEY, _("the host key of '%s' is revoked"), l->name);
	err_hint(err, _("'%s' says @revoked: do not connect until the machine has a new key."),
		 key->file);
	return E_HOSTKEY;
}

static int
refuse_changed(const struct login *l, const struct known_keys *k, const struct known_key *key,
	       const struct host_key *h, struct err *err)
{
	err_set(err, E_HOSTKEY, _("the host key of '%s' is not the known one: it shows %s %s"),
		l->name, h->type, h->fingerprint);
	err_hint(err, _("Someone may be in between. If the machine was installed anew: "
			"ssh-keygen -R '%s' -f %s"),
		 k->name, key->file);
	return E_HOSTKEY;
}

static int
first_contact(struct attempt *a, const struct login *l, const struct known_keys *k,
	      const struct host_key *h, struct err *err)
{
	CLEANUP(freep) char *id = xasprintf("hostkey:%s", l->name);
	CLEANUP(freep) char *title = xasprintf(_("First contact with %s (%s port %d)"), l->name,
					       l->host, l->port);
	CLEANUP(freep) char *text = xasprintf(_("Its host key is %s %s"), h->type, h->fingerprint);
	CLEANUP(freep) char *line = xasprintf("%s %s %s\n", k->name, h->type, h->blob);
	char *answer = attempt_ask(a, ASK_HOSTKEY, id, title, text, false);
	bool yes = answer && strcmp(answer, "yes") == 0;

	free(answer);
	if (yes)
		return store(k->store, line, err);
	err_set(err, E_HOSTKEY, _("the host key of '%s' is not known: %s %s"), l->name, h->type,
		h->fingerprint);
	err_hint(err, _("Compare it with ssh-keygen -lf on the machine itself, then accept it, or "
			"put it into %s."),
		 k->store);
	return E_HOSTKEY;
}

/* Revoked beats everything; then the key itself; then any other key, since one that is known was
 * asked for first. */
static int
judge(struct attempt *a, const struct login *l, const struct known_keys *k,
      const struct host_key *h, struct err *err)
{
	const struct known_key *key, *other = NULL;
	bool known = false;

	vec_each(key, &k->keys) {
		bool same = strcmp(key->blob, h->blob) == 0;

		if (same && key->revoked)
			return refuse_revoked(l, key, err);
		if (same)
			known = true;
		else if (!key->revoked && !other)
			other = key;
	}
	if (known)
		return 0;
	if (other)
		return refuse_changed(l, k, other, h, err);
	return first_contact(a, l, k, h, err);
}

int
hostkey_check(struct attempt *a, const struct login *l, const struct known_keys *k,
	      ssh_session session, struct err *err)
{
	struct host_key h = { 0 };
	int rc;

	if (host_key_get(session, &h) < 0)
		rc = err_set(err, E_HOSTKEY, _("'%s' showed no host key"), l->name);
	else
		rc = judge(a, l, k, &h, err);
	ssh_string_free_char(h.blob);
	ssh_string_free_char(h.fingerprint);
	return rc;
}
