/* SPDX-License-Identifier: MIT */
/* Whether a command can be run. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/diag.h"
#include "base/process.h"

/* Returns 0, or the errno of the failure. */
static int
check_file(const char *path)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return errno;
	if (!S_ISREG(st.st_mode))
		return EACCES;
	return faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) == 0 ? 0 : errno;
}

/* An empty entry of PATH is the current folder. */
static int
check_path(const char *folders, const char *name)
{
	int reason = ENOENT;

	for (const char *end; ; folders = end + 1) {
		char *path;
		int rc;

		end = strchrnul(folders, ':');
		if (asprintf(&path, "%.*s%s%s", (int)(end - folders), folders,
		        end > folders ? "/" : "", name) < 0)
			return ENOMEM;
		rc = check_file(path);
		free(path);
		if (rc == 0)
			return 0;
		if (rc == EACCES)
			reason = rc;
		if (*end == '\0')
			return reason;
	}
}

int
eg_process_check(char *const argv[], struct eg_error *e)
{
	const char *folders = getenv("PATH");
	int rc;

	if (*argv[0] == '\0' || strchr(argv[0], '/') != NULL)
		rc = check_file(argv[0]);
	else
		rc = check_path(folders != NULL ? folders : "/bin:/usr/bin", argv[0]);
	return rc == 0 ? 0 : eg_fail(e, eg_status_of(rc), "cannot run '%s': %s", argv[0], strerror(rc));
}
