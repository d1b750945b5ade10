/* SPDX-License-Identifier: MIT */
/* Makes changes of a folder durable. */
#include "base/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/diag.h"

int
eg_folder_sync(const char *path, struct eg_error *e)
{
	const char *slash = strrchr(path, '/');
	char folder[PATH_MAX] = ".";
	int fd, rc, why;

	if (slash != NULL)
		snprintf(folder, sizeof(folder), "%.*s", slash == path ? 1 : (int)(slash - path), path);
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	do
		rc = fd < 0 ? -1 : fsync(fd);
	while (fd >= 0 && rc != 0 && errno == EINTR);
	why = errno;
	if (fd >= 0)
		close(fd);
	if (rc == 0 || (fd >= 0 && (why == EINVAL || why == EROFS || why == ENOTSUP)))
		return 0;
	return eg_fail(e, EG_LOCAL_IO, "cannot sync the folder '%s': %s", folder, strerror(why));
}
