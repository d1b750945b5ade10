/* SPDX-License-Identifier: MIT */
/* A ring buffer that is mapped twice in a row, so that each part of it is contiguous in memory. */
#include "base/ring.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/diag.h"

void *
eg_ring_map(size_t size, struct eg_error *e)
{
	char *base = MAP_FAILED;
	int fd;

	fd = memfd_create("energyguard", MFD_CLOEXEC);
	if (fd < 0 || ftruncate(fd, (off_t)size) != 0)
		goto fail;
	base = mmap(NULL, 2 * size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (base == MAP_FAILED)
		goto fail;
	for (int half = 0; half < 2; half++)
		if (mmap(base + (size_t)half * size, size, PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_FIXED, fd, 0) == MAP_FAILED)
			goto fail;
	close(fd);
	return base;
fail:
	/* A limit on the size of files counts for memory that is mapped twice, too. */
	eg_fail(e, errno == EFBIG ? EG_LOCAL_IO : EG_BUG, "cannot map %zu bytes: %s", size,
	    strerror(errno));
	if (base != MAP_FAILED)
		munmap(base, 2 * size);
	if (fd >= 0)
		close(fd);
	return NULL;
}

void
eg_ring_unmap(void *base, size_t size)
{
	if (base != NULL)
		munmap(base, 2 * size);
}
