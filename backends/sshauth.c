/* Logging in: key exchange, host key, then the agent and keys, then passwords. All of it blocks,
 * and runs in a thread of its own. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "backends/sshauth.h"
#include "base/alloc.h"
#include "base/nls.h"
#include "base/paths.h"

/* Signatures tried before the server's usual limit of six attempts is near. */
enum { KEYS_MAX = 5 };

struct auth {
	struct attempt *a;
	const struct login *login;
	ssh_session session;
	int methods;
	unsigned tried; /* keys */
	bool declined;  /* the user was asked for a password and gave none */
	bool wrong;     /* … or a wrong one */
	char *password; /* the right one */
	struct err *err;
};

static bool
gone(const struct auth *u)
{
	return !ssh_is_connected(u->session) || attempt_is_cancelled(u->a);
}

/* ---- keys ------------------------------------------------------------------------------ */

struct passphrase {
	struct auth *u;
	char *text; /* NULL = none asked yet */
};

/* libssh calls this for an encrypted key; without a passphrase the file is merely found out. */
static int
give_passphrase(const char *prompt, char *buf, size_t size, int echo, int verify, void *ctx)
{
	struct passphrase *p = ctx;

	(void)prompt, (void)echo, (void)verify;
	if (!p->text || !str_put(buf, size, p->text))
		return -1;
	return 0;
}

static ssh_key
key_load(const char *file, struct passphrase *p)
{
	ssh_key key = NULL;

	if (ssh_pki_import_privkey_file(file, NULL, give_passphrase, p, &key) != SSH_OK)
		return NULL;
	return key;
}

static ssh_key
key_ask(struct auth *u, const char *file)
{
	struct passphrase p = { .u = u };
	CLEANUP(freep) char *id = xasprintf("secret:key:%s", file);
	CLEANUP(freep) char *title = xasprintf(_("Passphrase of the key %s"), file);
	ssh_key key = NULL;
	int i;

	for (i = 0; i < BSSH_TRIES_MAX && !key && !gone(u); i++) {
		p.text = attempt_ask(u->a, ASK_SECRET, id, title,
				     i ? _("That was not the passphrase.") : NULL, i > 0);
		if (!p.text) {
			u->declined = true;
			break;
		}
		key = key_load(file, &p);
		u->wrong = !key;
		p.text = secret_free(p.text);
	}
	return key;
}

/* "KEY-cert.pub" or "KEY.pub"; NULL when there is none. */
static ssh_key
public_load(const char *file, const char *suffix, bool cert)
{
	CLEANUP(freep) char *path = xasprintf("%s%s", file, suffix);
	ssh_key key = NULL;
	int rc;

	if (access(path, R_OK) < 0)
		return NULL;
	rc = cert ? ssh_pki_import_cert_file(path, &key) : ssh_pki_import_pubkey_file(path, &key);
	return rc == SSH_OK ? key : NULL;
}

static int
key_sign(struct auth *u, ssh_key key)
{
	if (u->tried++ >= KEYS_MAX)
		return SSH_AUTH_DENIED;
	return ssh_userauth_publickey(u->session, NULL, key);
}

static int
cert_try(struct auth *u, const char *file, ssh_key key)
{
	ssh_key cert = public_load(file, "-cert.pub", true), both;
	int rc = SSH_AUTH_DENIED;

	if (!cert)
		return rc;
	both = ssh_key_dup(key);
	if (both && ssh_pki_copy_cert_to_privkey(cert, both) == SSH_OK)
		rc = key_sign(u, both);
	ssh_key_free(both);
	ssh_key_free(cert);
	return rc;
}

/* Nobody is asked for the passphrase of a key that the node does not want. */
static bool
key_is_wanted(struct auth *u, const char *file)
{
	ssh_key cert = public_load(file, "-cert.pub", true);
	ssh_key pub = public_load(file, ".pub", false);
	bool wanted = !pub || ssh_userauth_try_publickey(u->session, NULL, pub) == SSH_AUTH_SUCCESS;

	if (!wanted && cert)
		wanted = ssh_userauth_try_publickey(u->session, NULL, cert) == SSH_AUTH_SUCCESS;
	ssh_key_free(cert);
	ssh_key_free(pub);
	return wanted;
}

static int
key_try(struct auth *u, const char *file, bool ask)
{
	struct passphrase none = { .u = u };
	ssh_key key;
	int rc;

	if (access(file, R_OK) < 0)
		return SSH_AUTH_DENIED;
	key = key_load(file, &none);
	if (!key && ask && key_is_wanted(u, file))
		key = key_ask(u, file);
	if (!key)
		return SSH_AUTH_DENIED;
	rc = cert_try(u, file, key);
	if (rc == SSH_AUTH_DENIED && !gone(u))
		rc = key_sign(u, key);
	ssh_key_free(key);
	return rc;
}

/* Keys of the user's own folder. Those with a passphrase come after those without. */
static int
default_keys_try(struct auth *u, bool ask)
{
	static const char *const names[] = { "id_ed25519", "id_ecdsa", "id_rsa" };
	const char *home = getenv("HOME");
	int rc = SSH_AUTH_DENIED;
	size_t i;

	for (i = 0; home && i < sizeof names / sizeof *names && rc == SSH_AUTH_DENIED; i++) {
		CLEANUP(freep) char *file = xasprintf("%s/.ssh/%s", home, names[i]);

		if (!gone(u))
			rc = key_try(u, file, ask);
	}
	return rc;
}

static int
agent_try(struct auth *u)
{
	if (!getenv("SSH_AUTH_SOCK") || gone(u))
		return SSH_AUTH_DENIED;
	return ssh_userauth_agent(u->session, NULL);
}

/* What needs no user first. */
static int
keys_try(struct auth *u)
{
	const char *file = u->login->key;
	int rc = SSH_AUTH_DENIED;

	if (file)
		rc = key_try(u, file, false);
	if (rc == SSH_AUTH_DENIED)
		rc = agent_try(u);
	if (rc == SSH_AUTH_DENIED && !gone(u))
		rc = file ? key_try(u, file, true) : default_keys_try(u, false);
	if (rc == SSH_AUTH_DENIED && !gone(u) && !file)
		rc = default_keys_try(u, true);
	return rc;
}

/* ---- passwords -------------------------------------------------------------------------- */

static char *
ask_password(struct auth *u, const char *prompt, bool again)
{
	CLEANUP(freep) char *id = xasprintf("secret:login:%s", u->login->name);
	CLEANUP(freep) char *title =
		xasprintf(_("Password of '%s' on %s"), u->login->user, u->login->name);

	return attempt_ask(u->a, ASK_SECRET, id, title,
			   again ? _("That was not the password.") : prompt, again);
}

/* Also ends the tries when the same wrong password comes twice: nobody typed that. */
static bool
password_is_new(struct auth *u, char **last, char *password)
{
	bool same = password && *last && strcmp(*last, password) == 0;

	secret_free(*last);
	*last = password;
	if (!password)
		u->declined = true;
	return password && !same;
}

static int
password_try(struct auth *u)
{
	char *password = NULL;
	int i, rc = SSH_AUTH_DENIED;

	for (i = 0; i < BSSH_TRIES_MAX && rc == SSH_AUTH_DENIED && !gone(u); i++) {
		if (!password_is_new(u, &password, ask_password(u, NULL, i > 0)))
			break;
		rc = ssh_userauth_password(u->session, NULL, password);
		u->wrong = rc == SSH_AUTH_DENIED;
	}
	if (rc == SSH_AUTH_SUCCESS || rc == SSH_AUTH_PARTIAL) {
		u->password = password;
		return rc;
	}
	secret_free(password);
	return rc;
}

/* Other prompts (a code, a new password) are asked as they come, and never kept. */
static char *
ask_prompt(struct auth *u, const char *prompt, bool echo)
{
	CLEANUP(freep) char *id = xasprintf("login:prompt:%s", u->login->name);
	CLEANUP(freep) char *title =
		xasprintf(_("%s asks '%s'"), u->login->name, u->login->user);

	return attempt_ask(u->a, echo ? ASK_TEXT : ASK_SECRET, id, title, prompt, true);
}

/* One round of prompts. False when the user gave up. */
static bool
prompts_answer(struct auth *u, int round, char **last, bool again)
{
	int n = ssh_userauth_kbdint_getnprompts(u->session), i;

	for (i = 0; i < n; i++) {
		char echo = 0;
		const char *prompt = ssh_userauth_kbdint_getprompt(u->session, (unsigned)i, &echo);
		bool password = round == 0 && i == 0 && !echo;
		char *answer = password ? ask_password(u, prompt, again)
					: ask_prompt(u, prompt, echo);
		bool given = answer;

		if (given)
			ssh_userauth_kbdint_setanswer(u->session, (unsigned)i, answer);
		if (password)
			given = password_is_new(u, last, answer);
		else
			secret_free(answer);
		if (!given)
			return false;
	}
	return true;
}

static int
dialogue_once(struct auth *u, char **last, bool again)
{
	int rc = ssh_userauth_kbdint(u->session, NULL, NULL), round;

	for (round = 0; rc == SSH_AUTH_INFO && round < 16 && !gone(u); round++) {
		if (!prompts_answer(u, round, last, again))
			return SSH_AUTH_ERROR;
		rc = ssh_userauth_kbdint(u->session, NULL, NULL);
	}
	return rc;
}

static int
dialogue_try(struct auth *u)
{
	char *last = NULL;
	int i, rc = SSH_AUTH_DENIED;

	for (i = 0; i < BSSH_TRIES_MAX && rc == SSH_AUTH_DENIED && !gone(u); i++) {
		rc = dialogue_once(u, &last, i > 0);
		u->wrong = rc == SSH_AUTH_DENIED;
	}
	if (rc == SSH_AUTH_SUCCESS && last)
		u->password = last;
	else
		secret_free(last);
	return rc;
}

/* ---- the whole -------------------------------------------------------------------------- */

static int
auth_fail(struct auth *u)
{
	const struct login *l = u->login;
	int code;

	if (!ssh_is_connected(u->session)) {
		code = err_set(u->err, -ECONNRESET, _("'%s' ended the connection while logging in: %s"),
			       l->name, ssh_get_error(u->session));
		err_hint(u->err, _("Look at the log of its sshd; it may limit logins "
				   "(MaxStartups, MaxAuthTries)."));
		return code;
	}
	code = err_set(u->err, E_AUTH, _("'%s' does not let '%s' in"), l->name, l->user);
	if (u->wrong)
		err_hint(u->err, _("The password was wrong: see the user name and try again."));
	else if (u->declined)
		err_hint(u->err, _("It wants a password and none was given."));
	else if (u->methods & (SSH_AUTH_METHOD_PASSWORD | SSH_AUTH_METHOD_INTERACTIVE))
		err_hint(u->err, _("No key was accepted: put one into its authorized_keys."));
	else
		err_hint(u->err, _("It takes keys only: put yours into its authorized_keys, or "
				   "name another key."));
	return code;
}

/* The ways that are left, in order; a partial success asks for another way. */
static int
ways_try(struct auth *u)
{
	static const struct {
		int method;
		int (*run)(struct auth *u);
	} ways[] = {
		{ SSH_AUTH_METHOD_PUBLICKEY, keys_try },
		{ SSH_AUTH_METHOD_PASSWORD, password_try },
		{ SSH_AUTH_METHOD_INTERACTIVE, dialogue_try },
	};
	int rc = SSH_AUTH_DENIED;
	size_t i;

	for (i = 0; i < sizeof ways / sizeof *ways && rc == SSH_AUTH_DENIED; i++) {
		if (u->wrong || u->declined)
			break;
		if (u->methods & ways[i].method && !gone(u))
			rc = ways[i].run(u);
	}
	return rc;
}

static int
log_in(struct auth *u)
{
	int rc = ssh_userauth_none(u->session, NULL), parts;

	for (parts = 0; parts < 4 && rc != SSH_AUTH_SUCCESS && !gone(u); parts++) {
		if (parts && rc != SSH_AUTH_PARTIAL)
			break;
		u->methods = ssh_userauth_list(u->session, NULL);
		rc = ways_try(u);
	}
	return rc == SSH_AUTH_SUCCESS ? 0 : auth_fail(u);
}

/* No configuration file is read: what a host is called, and how it is reached, is said by the
 * cluster file alone. The known hosts are ours to judge, so libssh is shown none. */
static void
set_options(ssh_session session, const struct login *l, int fd, const char *algorithms)
{
	const long timeout_s = (l->connect_ms + 999) / 1000;
	const int no = 0;

	ssh_options_set(session, SSH_OPTIONS_PROCESS_CONFIG, &no);
	ssh_options_set(session, SSH_OPTIONS_HOST, l->host);
	ssh_options_set(session, SSH_OPTIONS_PORT, &l->port);
	ssh_options_set(session, SSH_OPTIONS_USER, l->user);
	ssh_options_set(session, SSH_OPTIONS_FD, &fd);
	ssh_options_set(session, SSH_OPTIONS_TIMEOUT, &timeout_s);
	ssh_options_set(session, SSH_OPTIONS_KNOWNHOSTS, "/dev/null");
	ssh_options_set(session, SSH_OPTIONS_GLOBAL_KNOWNHOSTS, "/dev/null");
	ssh_options_set(session, SSH_OPTIONS_HOSTKEYS, algorithms);
}

static int
shake_hands(ssh_session session, const struct login *l, struct err *err)
{
	int code;

	if (ssh_connect(session) == SSH_OK)
		return 0;
	code = err_set(err, -EPROTO, _("'%s' (%s port %d) does not answer as an SSH server: %s"),
		       l->name, l->host, l->port, ssh_get_error(session));
	err_hint(err, _("See whether that is the right port, and look at the log of its sshd."));
	return code;
}

static int
auth_session(struct attempt *a, const struct login *l, ssh_session session,
	     const struct known_keys *known, char **ret_password, struct err *err)
{
	struct auth u = { .a = a, .login = l, .session = session, .err = err };
	int rc = shake_hands(session, l, err);

	if (rc == 0)
		rc = hostkey_check(a, l, known, session, err);
	if (rc == 0)
		rc = log_in(&u);
	*ret_password = u.password;
	return rc;
}

ssh_session
auth_run(struct attempt *a, const struct login *l, int take_fd, char **ret_password,
	 struct err *err)
{
	CLEAN_STR algorithms = STR_INIT(4096);
	struct known_keys known = { 0 };
	ssh_session session;
	int rc = known_keys_read(&known, l, err);

	if (rc < 0) {
		close(take_fd);
		known_keys_done(&known);
		return NULL;
	}
	session = ssh_new();
	known_keys_order(&known, &algorithms);
	set_options(session, l, take_fd, str_text(&algorithms));
	rc = auth_session(a, l, session, &known, ret_password, err);
	known_keys_done(&known);
	if (rc == 0)
		return session;
	/* from the thread that made it; a hung node must not hold it up */
	ssh_silent_disconnect(session);
	ssh_free(session);
	return NULL;
}
