/* SPDX-License-Identifier: MIT */
/* How meters pack an APDU of DLMS: HDLC (IEC 62056-46), M-Bus (EN 13757-2, and EN 13757-1 for the
 * segments), or none, where the APDU of general-glo-ciphering has its length. */
#ifndef EG_DLMS_LINK_H
#define EG_DLMS_LINK_H

#include <stdbool.h>
#include <stddef.h>

/* Where a message of these frames begins between p and end; end: nowhere that can be seen yet. */
const unsigned char *eg_dlms_find(const unsigned char *p, const unsigned char *end);

/* The bytes of the message that begins at p, with all its frames; 0: it is not whole yet.
 * *broken: a frame has no end where its length says; then the bytes up to there. Checksums are
 * left to eg_dlms_unwrap. */
size_t eg_dlms_extent(const unsigned char *p, size_t len, bool *broken);

/* Verifies the frames of the message of len bytes at p, and writes the APDU in them to out, which
 * has len bytes. Bytes that are in no frame are an APDU themselves. Returns NULL, or why not
 * (static storage). */
const char *eg_dlms_unwrap(const unsigned char *p, size_t len, unsigned char *out, size_t *out_len);

/* Reads a length of BER at *at and moves *at behind it. False: it is none, or *at comes to end. */
bool eg_dlms_length(const unsigned char **at, const unsigned char *end, size_t *len);

#endif
