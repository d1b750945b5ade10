/* SPDX-License-Identifier: MIT */
/* Messages to the user, errors, and exit statuses. */
#include "base/diag.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/descriptors.h"
#include "base/signals.h"
#include "base/utf8.h"
#include "base/wait.h"

static const char *program = "energyguard";
static int verbosity;

enum { STUCK_MS = 1000 };

enum eg_status
eg_status_of(int error)
{
	static const int passing[] = { EIO, ENOSPC, EDQUOT, EMFILE, ENFILE, ENOMEM, EAGAIN, EINTR,
	    EBUSY, ETIMEDOUT, ESTALE };

	for (size_t i = 0; i < sizeof(passing) / sizeof(passing[0]); i++)
		if (error == passing[i])
			return EG_LOCAL_IO;
	return EG_CONFIG;
}

int
eg_fail(struct eg_error *e, enum eg_status status, const char *fmt, ...)
{
	va_list ap;

	if (e->status != EG_OK)
		return -1;
	e->status = status;
	va_start(ap, fmt);
	vsnprintf(e->text, sizeof(e->text), fmt, ap);
	va_end(ap);
	return -1;
}

void
eg_diag_init(const char *name)
{
	program = name;
	eg_signals_init();
	if (eg_descriptors_hold() != 0)
		_exit(EG_LOCAL_IO);
}

const char *
eg_program(void)
{
	return program;
}

void
eg_diag_verbose(int level)
{
	verbosity = level;
}

/* Writes a line. If standard error accepts nothing for one second (a stopped terminal, a pipe
 * that nobody reads), the line is lost. Later lines are then tried without waiting. */
static void
write_stderr(const char *line, size_t n)
{
	static int terminal = -1;
	static bool stuck;
	struct pollfd p = { .fd = STDERR_FILENO, .events = POLLOUT };

	if (isatty(STDERR_FILENO) == 1) {
		if (terminal < 0)
			terminal = eg_descriptors_own(STDERR_FILENO);
		p.fd = terminal;
	}
	stuck = !eg_wait_fds(&p, 1, stuck ? 0 : eg_mono_ms() + STUCK_MS);
	/* An error of standard error cannot be reported anywhere. */
	if (!stuck && write(p.fd, line, n) < 0)
		stuck = errno == EAGAIN;
}

static void __attribute__((format(printf, 2, 0)))
say(const char *level, const char *fmt, va_list ap)
{
	char line[640];
	int saved = errno;
	size_t n;
	int k;

	k = snprintf(line, sizeof(line), "%s: %s", program, level);
	n = (size_t)k;
	k = vsnprintf(line + n, sizeof(line) - n - 1, fmt, ap);
	if (k > 0)
		n += (size_t)k < sizeof(line) - n - 1 ? (size_t)k : sizeof(line) - n - 2;
	n = eg_text_clean(line, n, ' ');
	line[n++] = '\n';
	write_stderr(line, n);
	errno = saved;
}

#define SAY(level) \
	do { \
		va_list ap; \
		va_start(ap, fmt); \
		say(level, fmt, ap); \
		va_end(ap); \
	} while (0)

void
eg_fatal(const char *fmt, ...)
{
	SAY("fatal: ");
}

void
eg_warn(const char *fmt, ...)
{
	SAY("warning: ");
}

void
eg_info(const char *fmt, ...)
{
	if (verbosity > 0)
		SAY("info: ");
}

void
eg_note(const char *fmt, ...)
{
	SAY("");
}

int
eg_report(const struct eg_error *e)
{
	if (e->status != EG_OK)
		eg_fatal("%s", e->text);
	return (int)e->status;
}

size_t
eg_text_clean(char *text, size_t len, char with)
{
	const char *in = text, *end = text + len;
	char *out = text;

	while (in < end) {
		size_t n = eg_utf8_len(in, end);

		if (n == 0 || !eg_utf8_is_printable(in, n)) {
			*out++ = with;
			in += n == 0 ? 1 : n;
			continue;
		}
		memmove(out, in, n);
		out += n;
		in += n;
	}
	return (size_t)(out - text);
}

const char *
eg_quote(const char *s, size_t len, char out[EG_QUOTE_MAX])
{
	const size_t most = 48;
	size_t n = len < most ? len : most, k;

	/* Do not cut within a UTF-8 sequence. */
	while (len > most && n > most - 4 && ((unsigned char)s[n] & 0xc0) == 0x80)
		n--;
	out[0] = '\'';
	memcpy(out + 1, s, n);
	k = 1 + eg_text_clean(out + 1, n, '?');
	out[k++] = '\'';
	out[k] = '\0';
	if (len > n)
		memcpy(out + k, "...", 4);
	return out;
}
