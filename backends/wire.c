/* The wire format: a small command that answers "ready", then frames on its stdin. It never takes
 * anything from the command line but a nonce, so nothing that matters shows in a process list. */
#include <stdlib.h>
#include <string.h>
#include "backends/wire.h"
#include "base/alloc.h"
#include "base/nls.h"

/* One line without single quotes, backslashes or '!', so that any login shell, csh and fish
 * included, hands it over as it is. `head` reads no further than it was told, and `read` takes
 * single bytes, so every byte of stdin is where the next reader expects it. */
static const char sh_before[] = "echo ready ";
static const char sh_after[] =
	" $SHELL;d=;z(){ rm -rf \"$d\";};while read -r k a b;do case $k in "
	/* a script that was cut has no "end" after it: nothing of it runs */
	"script)s=$(head -c $a);; "
	/* the same by counted lines, without a process; ${IFS#??} is a line feed */
	"lines)s=;while [ $a -gt 0 ];do IFS= read -r l||exit 125;s=$s$l${IFS#??};a=$((a-1));done;; "
	"secret)if [ -z \"$d\" ];then umask 077;mkdir -p /run/bascule 2>/dev/null;"
	"d=$(mktemp -d /run/bascule/s.XXXXXX 2>/dev/null||mktemp -d)||exit 125;"
	"trap z 0;trap \"exit 125\" 1 2 13 15;umask 022;fi;"
	"(umask 077;{ printf \"%s\\t\" $a;head -c $b;echo;} >>\"$d/secrets\");; "
	"end)exec </dev/null;"
	"if [ -z \"$d\" ];then eval \"unset d k a b l s;$s\";exit;fi;"
	"bascule_secrets=$d/secrets;"
	/* a subshell: a script that replaces it or sets traps still leaves the cleaning to us */
	"(eval \"unset d k a b l s;$s\");exit;; "
	"*)exit 125;; esac;done;exit 125";

/* PowerShell reads base64 lines, since its stdin is text in a code page nobody knows. `$input` must
 * not appear: PowerShell would then read stdin itself. Nothing here needs a cmdlet, and nothing is
 * newer than PowerShell 4. */
static const char ps_before[] =
	"$ProgressPreference='SilentlyContinue'\n"
	"trap{\"$_\";exit 1}\n"
	"$c=[Console]\n"
	"try{$c::OutputEncoding=[Activator]::CreateInstance([Text.UTF8Encoding])}catch{}\n"
	"$i=$c::In\n"
	"$c::WriteLine('ready ";
static const char ps_after[] =
	"')\n"
	"function g($n){$b='';$n=[Math]::Ceiling($n/3)*4\n"
	"while($b.Length -lt $n){$l=$i.ReadLine();if($l -eq $null){exit 125};$b+=$l}\n"
	"[Text.Encoding]::UTF8.GetString([Convert]::FromBase64String($b))}\n"
	"$bascule_secrets=@{}\n"
	"while(1){$k=\"$($i.ReadLine())\".Split(' ')\n"
	"if($k[0] -eq 'script'){$s=g $k[1]}"
	"elseif($k[0] -eq 'secret'){$bascule_secrets[$k[1]]=g $k[2]}"
	"elseif($k[0] -eq 'end'){break}else{exit 125}}\n"
	". ([ScriptBlock]::Create($s))\n"
	"exit 0";

static void
command_body(struct str *out, const char *nonce)
{
	str_add(out, sh_before);
	str_add(out, nonce);
	str_add(out, sh_after);
}

static void
command_sh(struct str *out, const char *nonce)
{
	str_add(out, "/bin/sh -c '");
	command_body(out, nonce);
	str_add(out, "'");
}

/* What -EncodedCommand wants: base64 of UTF-16, little end first. The text is ASCII. */
static void
add_utf16_base64(struct str *out, const struct str *text)
{
	CLEAN_STR wide = STR_INIT(2 * WIRE_EXEC_MAX);
	size_t i;

	for (i = 0; i < text->len; i++) {
		str_addc(&wide, text->s[i]);
		str_addc(&wide, '\0');
	}
	str_base64(out, wide.s, wide.len);
}

static void
command_powershell(struct str *out, const char *nonce)
{
	CLEAN_STR text = STR_INIT(WIRE_EXEC_MAX);

	str_add(&text, ps_before);
	str_add(&text, nonce);
	str_add(&text, ps_after);
	str_add(out, "powershell.exe -NoLogo -NoProfile -NonInteractive -ExecutionPolicy Bypass "
		     "-EncodedCommand ");
	add_utf16_base64(out, &text);
}

void
wire_command_direct(struct str *out, const char *nonce)
{
	command_body(out, nonce);
}

void
wire_command(struct str *out, enum wire_shell shell, const char *nonce)
{
	if (shell == WIRE_POWERSHELL)
		return command_powershell(out, nonce);
	/* the login shell, whichever it is, makes way */
	str_add(out, "exec ");
	command_sh(out, nonce);
}

void
wire_command_sudo(struct str *out, const char *nonce, const char *prompt)
{
	str_addf(out, "exec sudo -S -k -p %s -- ", prompt);
	command_sh(out, nonce);
}

static void
add_base64_lines(struct str *out, const char *bytes, size_t n)
{
	const size_t step = WIRE_LINE_MAX / 4 * 3;
	size_t at;

	for (at = 0; at < n; at += step) {
		str_base64(out, bytes + at, n - at < step ? n - at : step);
		str_addc(out, '\n');
	}
}

static void
add_payload(struct str *out, enum wire_shell shell, const char *bytes, size_t n)
{
	if (shell == WIRE_POWERSHELL)
		add_base64_lines(out, bytes, n);
	else
		str_addn(out, bytes, n);
}

static bool
secret_name_is_fine(const char *name)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789._-";

	return *name && !name[strspn(name, allowed)] && strlen(name) < 128;
}

static int
check_secret(enum wire_shell shell, const struct secret_value *v, struct err *err)
{
	if (!secret_name_is_fine(v->name))
		return err_set(err, -EINVAL, _("'%s' cannot be the name of a secret"), v->name);
	if (strlen(v->value) > WIRE_SECRET_MAX)
		return err_set(err, -EINVAL, _("secret '%s' is too long"), v->name);
	if (shell == WIRE_SH && strchr(v->value, '\n'))
		return err_set(err, -EINVAL, _("secret '%s' has a line break in it"), v->name);
	return 0;
}

static int
check_request(enum wire_shell shell, const struct exec_req *req, struct err *err)
{
	size_t i;
	int rc = 0;

	if (req->script_len > WIRE_SCRIPT_MAX)
		return err_set(err, -EFBIG, _("the script has %zu bytes, more than can be sent"),
			       req->script_len);
	if (shell == WIRE_SH && memchr(req->script, '\0', req->script_len))
		return err_set(err, -EINVAL, _("the script has a NUL byte in it"));
	for (i = 0; i < req->nsecrets && rc == 0; i++)
		rc = check_secret(shell, &req->secrets[i], err);
	return rc;
}

/* Room for everything at once: a string that grows leaves copies of secrets behind. */
static void
reserve(struct str *out, const struct exec_req *req)
{
	size_t need = 256 + req->script_len * 3 / 2, i;

	for (i = 0; i < req->nsecrets; i++)
		need += 256 + strlen(req->secrets[i].value) * 3 / 2;
	out->s = xcalloc(1, need);
	out->cap = need;
	out->len = 0;
}

/* Whether the shell's own `read` is the cheaper way (it takes bytes one by one: measured, a script
 * of 2 KiB costs what starting `head` does), and is sure to change nothing. */
static bool
fits_lines(const struct exec_req *req)
{
	size_t i;

	for (i = 0; i < req->script_len; i++) {
		char c = req->script[i];

		if ((c < ' ' || c > '~') && c != '\n' && c != '\t')
			return false;
	}
	return req->script_len <= WIRE_LINES_MAX;
}

static void
add_script(struct str *out, enum wire_shell shell, const struct exec_req *req)
{
	size_t i, n = req->script_len, lines = 0;

	if (shell != WIRE_SH || !fits_lines(req)) {
		str_addf(out, "script %zu\n", n);
		add_payload(out, shell, req->script, n);
		return;
	}
	for (i = 0; i < n; i++)
		lines += req->script[i] == '\n';
	str_addf(out, "lines %zu\n", lines + 1);
	str_addn(out, req->script, n);
	str_addc(out, '\n');
}

int
wire_frames(struct str *out, enum wire_shell shell, const struct exec_req *req, struct err *err)
{
	size_t i;
	int rc = check_request(shell, req, err);

	if (rc < 0)
		return rc;
	reserve(out, req);
	add_script(out, shell, req);
	for (i = 0; i < req->nsecrets; i++) {
		const struct secret_value *v = &req->secrets[i];

		str_addf(out, "secret %s %zu\n", v->name, strlen(v->value));
		add_payload(out, shell, v->value, strlen(v->value));
	}
	str_add(out, "end\n");
	return 0;
}

void
wire_gate_init(struct wire_gate *g, const char *nonce)
{
	memset(g, 0, sizeof *g);
	str_put(g->line, sizeof g->line, "ready ");
	str_put(g->line + 6, sizeof g->line - 6, nonce);
	g->tail = STR_INIT(2 * WIRE_NOISE_MAX);
	g->noise = STR_INIT(WIRE_NOISE_MAX);
}

void
wire_gate_done(struct wire_gate *g)
{
	str_done(&g->tail);
	str_done(&g->noise);
}

/* The login shell may follow on the line, which may stand after noise that has no line end of its own. */
static bool
gate_look(struct wire_gate *g)
{
	const char *at = memmem(str_text(&g->tail), g->tail.len, g->line, strlen(g->line));
	const char *end = at ? memchr(at, '\n', (size_t)(g->tail.s + g->tail.len - at)) : NULL;

	if (!end)
		return false;
	str_addn(&g->noise, g->tail.s, (size_t)(at - g->tail.s));
	at += strlen(g->line);
	g->login_is_sh = str_starts(at, " /bin/sh\n");
	g->open = true;
	return true;
}

/* Drops what the line can no longer begin in. */
static void
gate_trim(struct wire_gate *g)
{
	const size_t keep = sizeof g->line + 256;

	if (g->tail.len > keep) {
		str_addn(&g->noise, g->tail.s, g->tail.len - keep);
		str_drop(&g->tail, g->tail.len - keep);
	}
}

size_t
wire_gate_feed(struct wire_gate *g, const char *data, size_t n)
{
	size_t used = 0;

	while (used < n && !g->open) {
		const char *end = memchr(data + used, '\n', n - used);
		size_t part = end ? (size_t)(end + 1 - (data + used)) : n - used;

		if (part > WIRE_NOISE_MAX)
			part = WIRE_NOISE_MAX;
		str_addn(&g->tail, data + used, part);
		used += part;
		if (!gate_look(g))
			gate_trim(g);
	}
	return used;
}
