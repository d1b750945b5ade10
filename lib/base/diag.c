/* SPDX-License-Identifier: MIT */
/* Messages to the user, and what became of records as an exit status. */
#include "base/diag.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char *program = "energyguard";
static int verbosity;

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

/* Without a standard error, the next file to be opened would take its number, and the
 * messages. */
void
eg_diag_init(const char *name)
{
	int fd;

	program = name;
	if (fcntl(STDERR_FILENO, F_GETFD) >= 0)
		return;
	fd = open("/dev/null", O_WRONLY);
	if (fd >= 0 && fd != STDERR_FILENO) {
		dup2(fd, STDERR_FILENO);
		close(fd);
	}
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
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)line[i] < 0x20 || line[i] == 0x7f)
			line[i] = ' ';
	line[n++] = '\n';
	/* Where standard error itself is gone there is nobody left to tell. */
	if (write(STDERR_FILENO, line, n) < 0)
		errno = saved;
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

const char *
eg_quote(const char *s, size_t len, char out[EG_QUOTE_MAX])
{
	const size_t most = 48;
	size_t n = len < most ? len : most, k = 0;

	/* Not in the middle of a UTF-8 sequence. */
	while (len > most && n > most - 4 && ((unsigned char)s[n] & 0xc0) == 0x80)
		n--;
	out[k++] = '\'';
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)s[i];

		out[k++] = c < 0x20 || c == 0x7f ? '?' : (char)c;
	}
	out[k++] = '\'';
	out[k] = '\0';
	if (len > n)
		memcpy(out + k, "...", 4);
	return out;
}
