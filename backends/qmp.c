/* QEMU's control socket: greeting, capabilities, one command, its answer. */
#include "backends/qmp.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/nls.h"

enum { ANSWER_S = 10, LINE_BYTES = 1 << 20 };

static int
qmp_open(const char *path, struct err *err)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	struct timeval limit = { .tv_sec = ANSWER_S };
	int fd;

	if (!str_put(a.sun_path, sizeof a.sun_path, path))
		return err_set(err, -ENAMETOOLONG, _("the path '%s' is too long for a socket"),
			       path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return err_sys(err, errno, _("cannot make a socket"));
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
	if (!connect(fd, (struct sockaddr *)&a, sizeof a))
		return fd;
	err_sys(err, errno, _("cannot reach QEMU at '%s'"), path);
	close(fd);
	return err->code;
}

/* The next line as JSON; NULL and err. */
static json_t *
qmp_read(int fd, struct err *err)
{
	CLEAN_STR line = STR_INIT(LINE_BYTES);
	char c;
	ssize_t n;

	while ((n = recv(fd, &c, 1, 0)) == 1 && c != '\n')
		str_addc(&line, c);
	if (n == 1)
		return json_parse(str_text(&line), line.len, err);
	if (n == 0)
		err_set(err, E_LOST, _("QEMU has ended"));
	else
		err_set(err, E_TIMEOUT, _("QEMU does not answer"));
	return NULL;
}

/* Events come in between; the answer is what has "return" or "error". */
static int
qmp_answer(int fd, const char *command, json_t **ret_value, struct err *err)
{
	for (;;) {
		json_t *line = qmp_read(fd, err), *value;

		if (!line)
			return err->code;
		value = json_object_get(line, "error");
		if (value) {
			err_set(err, E_REMOTE, _("QEMU refuses '%s': %s"), command,
				json_get_text(value, "desc"));
			json_decref(line);
			return err->code;
		}
		value = json_object_get(line, "return");
		if (value && ret_value)
			*ret_value = json_incref(value);
		json_decref(line);
		if (value)
			return 0;
	}
}

static int
qmp_say(int fd, const char *command, json_t *take_arguments, json_t **ret_value, struct err *err)
{
	CLEAN_STR text = STR_INIT(LINE_BYTES);
	json_t *o = json_object();

	json_object_set_new(o, "execute", json_string(command));
	if (take_arguments)
		json_object_set_new(o, "arguments", take_arguments);
	json_line(&text, o);
	if (send(fd, text.s, text.len, MSG_NOSIGNAL) != (ssize_t)text.len)
		return err_set(err, E_LOST, _("QEMU has ended"));
	return qmp_answer(fd, command, ret_value, err);
}

int
qmp_command(const char *socket_path, const char *command, json_t *take_arguments,
	    json_t **ret_value, struct err *err)
{
	int fd = qmp_open(socket_path, err), code;
	json_t *greeting = fd < 0 ? NULL : qmp_read(fd, err);

	code = greeting ? qmp_say(fd, "qmp_capabilities", NULL, NULL, err) : err->code;
	json_decref(greeting);
	if (code)
		json_decref(take_arguments);
	else
		code = qmp_say(fd, command, take_arguments, ret_value, err);
	if (fd >= 0)
		close(fd);
	return code;
}
