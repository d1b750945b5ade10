/* SPDX-License-Identifier: MIT */
/* The keys of a meter, and what it has encrypted with them: security suite 0 of DLMS (IEC
 * 62056-5-3), AES-128 in Galois/Counter Mode. */
#ifndef EG_DLMS_CIPHER_H
#define EG_DLMS_CIPHER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct eg_error;

enum { EG_DLMS_KEY = 16, EG_DLMS_TITLE = 8, EG_DLMS_METERS = 64 };

/* Zeroed it has no keys. */
struct eg_dlms_keys {
	bool given, authenticates; /* the key is there; the authentication key, too */
	unsigned char key[EG_DLMS_KEY], auth[EG_DLMS_KEY];
	/* The frame counter of each meter's last message, by system title; meters beyond so many
	 * take the place of the first. */
	struct {
		unsigned char title[EG_DLMS_TITLE];
		uint32_t counter;
	} seen[EG_DLMS_METERS];
	size_t meters;
};

/* What was encrypted, and by whom. */
struct eg_dlms_plain {
	const unsigned char *title; /* EG_DLMS_TITLE bytes, within the APDU */
	uint32_t counter;
	size_t len;
};

/* Reads the key, 32 hexadecimal digits, from the file that the option names. -1: EG_CONFIG (the
 * file), or EG_USAGE (what is in it). */
int eg_dlms_key_read(const char *option, const char *path, unsigned char key[EG_DLMS_KEY],
    struct eg_error *e);

/* Decrypts the APDU of general-glo-ciphering, whose first byte is 0xdb, to out (len bytes), and
 * verifies its tag where it has one. Returns NULL, or why not (static storage). */
const char *eg_dlms_decrypt(const struct eg_dlms_keys *k, const unsigned char *apdu, size_t len,
    unsigned char *out, struct eg_dlms_plain *plain);

/* Whether the meter has sent this frame counter, or a later one, before. */
bool eg_dlms_is_replay(const struct eg_dlms_keys *k, const struct eg_dlms_plain *plain);

/* Notes the frame counter. */
void eg_dlms_note(struct eg_dlms_keys *k, const struct eg_dlms_plain *plain);

#endif
