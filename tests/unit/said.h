/* SPDX-License-Identifier: MIT */
/* What the code under test says on standard error. Assert behind said_end: a failed
 * assertion in between would be said there too. */
#ifndef SAID_H
#define SAID_H

#include <sys/mman.h>
#include <unistd.h>

static char said_text[8192];
static int said_fd = -1, said_was = -1;

static inline void
said_begin(void)
{
	said_fd = memfd_create("said", MFD_CLOEXEC);
	said_was = dup(STDERR_FILENO);
	dup2(said_fd, STDERR_FILENO);
}

/* All that was said since said_begin, valid until the next said_end. */
static inline const char *
said_end(void)
{
	ssize_t n = pread(said_fd, said_text, sizeof(said_text) - 1, 0);

	said_text[n > 0 ? n : 0] = '\0';
	dup2(said_was, STDERR_FILENO);
	close(said_was);
	close(said_fd);
	return said_text;
}

#endif
