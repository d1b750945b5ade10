/* SPDX-License-Identifier: MIT */
#include "base/descriptors.h"

#include <fcntl.h>

#include "base/diag.h"

int
eg_descriptors_readable(int fd, const char *what, struct eg_error *e)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0 || (flags & O_PATH) != 0 || (flags & O_ACCMODE) == O_WRONLY)
		return eg_fail(e, EG_LOCAL_IO, "%s is not open", what);
	return 0;
}

int
eg_descriptors_writable(int fd, const char *what, struct eg_error *e)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0 || (flags & O_PATH) != 0 || (flags & O_ACCMODE) == O_RDONLY)
		return eg_fail(e, EG_LOCAL_IO, "%s is not open", what);
	return 0;
}
