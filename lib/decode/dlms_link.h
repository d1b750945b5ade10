/* SPDX-License-Identifier: MIT */
/* The link layers around a DLMS APDU: HDLC (IEC 62056-46), M-Bus (EN 13757-2; segments: EN
 * 13757-1), or none, where an APDU of type general-glo-ciphering has its own length. */
#ifndef EG_DLMS_LINK_H
#define EG_DLMS_LINK_H

#include <stdbool.h>
#include <stddef.h>

/* The start of the first message with such frames between p and end; end if none is visible yet. */
const unsigned char *eg_dlms_find(const unsigned char *p, const unsigned char *end);

/* The length of the message that begins at p, with all its frames; 0 if it is incomplete.
 * *broken: a frame does not end where its length says; the length then reaches to that place.
 * Does not verify checksums; eg_dlms_unwrap does. */
size_t eg_dlms_extent(const unsigned char *p, size_t len, bool *broken);

/* Verifies the frames of the message (len bytes at p), and writes the APDU in them to out (len
 * bytes). A message without frames is itself an APDU. Returns NULL, or the reason for the
 * failure (static storage). */
const char *eg_dlms_unwrap(const unsigned char *p, size_t len, unsigned char *out, size_t *out_len);

/* Reads a BER length at *at and moves *at past it. Returns false if it is invalid or reaches
 * end. */
bool eg_dlms_length(const unsigned char **at, const unsigned char *end, size_t *len);

#endif
