/* SPDX-License-Identifier: MIT */
/* A folder made durable. */
#ifndef EG_FOLDER_H
#define EG_FOLDER_H

struct eg_error;

/* Syncs the folder that holds path: what was created, renamed or removed there is on disk
 * when this returns 0. Blocks for the disk. -1 with *e (EG_LOCAL_IO). A file system that
 * cannot sync a folder is no failure. */
int eg_folder_sync(const char *path, struct eg_error *e);

#endif
