/* SPDX-License-Identifier: MIT */
/* Decrypts messages of a meter with its keys: DLMS security suite 0 (IEC 62056-5-3), AES-128 in
 * Galois/Counter Mode. */
#ifndef EG_DLMS_CIPHER_H
#define EG_DLMS_CIPHER_H

#include <stdbool.h>
#include <stddef.h>

#include "decode/decode.h"
#include "decode/dlms_counters.h"

struct eg_error;

enum { EG_DLMS_KEY = 16 };

/* The keys of a meter. All zero: no keys. */
struct eg_dlms_keys {
	bool given, authenticates; /* the encryption key is set; the authentication key is set */
	unsigned char key[EG_DLMS_KEY], auth[EG_DLMS_KEY];
	struct eg_dlms_counters counters;
};

/* A decrypted message and its sender. */
struct eg_dlms_plain {
	struct eg_decode_counter counter;
	size_t len;
};

/* Reads the key, 32 hexadecimal digits, from the file at path, the argument of option. -1:
 * EG_CONFIG if the file cannot be read, EG_USAGE if its content is not a key. */
int eg_dlms_key_read(const char *option, const char *path, unsigned char key[EG_DLMS_KEY],
    struct eg_error *e);

/* Decrypts an APDU of type general-glo-ciphering (its first byte is 0xdb) to out (len bytes),
 * and verifies its tag; with an authentication key it must have one. Returns NULL, or the reason
 * for the failure (static storage). */
const char *eg_dlms_decrypt(const struct eg_dlms_keys *k, const unsigned char *apdu, size_t len,
    unsigned char *out, struct eg_dlms_plain *plain);

#endif
