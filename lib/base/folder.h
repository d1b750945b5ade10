/* SPDX-License-Identifier: MIT */
/* Makes changes of a folder durable. */
#ifndef EG_FOLDER_H
#define EG_FOLDER_H

struct eg_error;

/* Syncs the folder that holds path: when this returns 0, files created, renamed or removed there
 * are so on disk, too. Blocks for the disk. -1 with *e (EG_LOCAL_IO). A file system that cannot
 * sync folders is not an error. */
int eg_folder_sync(const char *path, struct eg_error *e);

#endif
