/* SPDX-License-Identifier: MIT */
/* Which file a store is, so that two commands that lead to one file can be told from two files. */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>
#include <xxhash.h>

#include "base/diag.h"
#include "store/store_db.h"

/* Random, and the same for all processes of a machine until its next start: random(4). */
#define BOOT_ID "/proc/sys/kernel/random/boot_id"

struct place {
	char boot[36];
	uint64_t device, inode;
};

int
eg_store_identity(const struct eg_store *s, char out[EG_STORE_IDENTITY], struct eg_error *e)
{
	int fd = open(BOOT_ID, O_RDONLY | O_CLOEXEC);
	struct place p = { .device = s->file_id.dev, .inode = s->file_id.ino };
	ssize_t n = fd >= 0 ? read(fd, p.boot, sizeof(p.boot)) : -1;
	XXH128_hash_t h;

	if (fd >= 0)
		close(fd);
	if (n != sizeof(p.boot))
		return eg_fail(e, EG_LOCAL_IO, "cannot read '%s'", BOOT_ID);
	h = XXH3_128bits(&p, sizeof(p));
	snprintf(out, EG_STORE_IDENTITY, "%016" PRIx64 "%016" PRIx64, h.high64, h.low64);
	return 0;
}
