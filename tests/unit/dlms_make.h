/* SPDX-License-Identifier: MIT */
/* Makes what meters push: data of COSEM, encrypted, in frames of M-Bus or HDLC. */
#ifndef EG_DLMS_MAKE_H
#define EG_DLMS_MAKE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <openssl/evp.h>

#include "base/crc16.h"

struct bytes {
	size_t n;
	unsigned char b[8192];
};

/* The bytes of pairs of hexadecimal digits, with or without blanks between them. */
static struct bytes
hex(const char *text)
{
	struct bytes out = { 0 };
	unsigned byte;

	for (; *text != '\0'; text += text[0] == ' ' ? 1 : 2)
		if (*text != ' ' && sscanf(text, "%2x", &byte) == 1)
			out.b[out.n++] = (unsigned char)byte;
	return out;
}

static inline void
push(struct bytes *to, const void *p, size_t n)
{
	memcpy(to->b + to->n, p, n);
	to->n += n;
}

/* general-glo-ciphering of the plain bytes by the system title "EGRD0001": security control
 * 0x30 with an authentication key, 0x20 without. */
static inline struct bytes
encrypted(const struct bytes *plain, const unsigned char *key, const unsigned char *auth,
    uint32_t counter)
{
	struct bytes out = { 0 }, aad = { 0 };
	unsigned char head[] = { 0xdb, 8, 'E', 'G', 'R', 'D', '0', '0', '0', '1', 0x82, 0, 0,
		auth != NULL ? 0x30 : 0x20, (unsigned char)(counter >> 24), (unsigned char)(counter >> 16),
		(unsigned char)(counter >> 8), (unsigned char)counter };
	unsigned char iv[12];
	EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
	size_t n = plain->n + 5 + (auth != NULL ? 12 : 0);
	int len;

	head[11] = (unsigned char)(n >> 8);
	head[12] = (unsigned char)n;
	memcpy(iv, head + 2, 8);
	memcpy(iv + 8, head + 14, 4);
	push(&out, head, sizeof(head));
	EVP_EncryptInit_ex(c, EVP_aes_128_gcm(), NULL, key, iv);
	if (auth != NULL) {
		push(&aad, head + 13, 1);
		push(&aad, auth, 16);
		EVP_EncryptUpdate(c, NULL, &len, aad.b, (int)aad.n);
	}
	EVP_EncryptUpdate(c, out.b + out.n, &len, plain->b, (int)plain->n);
	out.n += plain->n;
	if (auth != NULL) {
		EVP_EncryptFinal_ex(c, iv, &len);
		EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_GCM_GET_TAG, 12, out.b + out.n);
		out.n += 12;
	}
	EVP_CIPHER_CTX_free(c);
	return out;
}

/* The APDU in frames of M-Bus with `most` bytes of it each. */
static inline struct bytes
mbus(const struct bytes *apdu, size_t most)
{
	struct bytes out = { 0 };

	for (size_t at = 0, segment = 0; at < apdu->n; segment++) {
		size_t n = apdu->n - at < most ? apdu->n - at : most;
		bool last = at + n == apdu->n;
		unsigned char head[] = { 0x68, (unsigned char)(n + 5), (unsigned char)(n + 5), 0x68, 0x53,
		    0xff, (unsigned char)(segment | (last ? 0x10 : 0)), 1, 0x67 }, tail[] = { 0, 0x16 };

		push(&out, head, sizeof(head));
		push(&out, apdu->b + at, n);
		for (size_t i = 0; i < n + 5; i++)
			tail[0] = (unsigned char)(tail[0] + out.b[out.n - n - 5 + i]);
		push(&out, tail, 2);
		at += n;
	}
	return out;
}

static inline void
push_crc(struct bytes *out, size_t from)
{
	unsigned crc = eg_crc16(0x8408, 0xffff, out->b + from, out->n - from) ^ 0xffff;
	unsigned char two[] = { (unsigned char)crc, (unsigned char)(crc >> 8) };

	push(out, two, 2);
}

/* The APDU in frames of HDLC with `most` bytes of it each; shared: neighbours share a flag. */
static inline struct bytes
hdlc(const struct bytes *apdu, size_t most, bool shared)
{
	struct bytes out = { 0 };

	for (size_t at = 0; at < apdu->n;) {
		size_t n = apdu->n - at < most ? apdu->n - at : most, llc = at == 0 ? 3 : 0;
		size_t size = n + llc + 10;
		unsigned char head[] = { 0x7e,
		    (unsigned char)(0xa0 | (at + n < apdu->n ? 8 : 0) | size >> 8),
			(unsigned char)size, 0x41, 0x08, 0x83, 0x13 };
		size_t from;

		if (shared && at > 0)
			out.n--;
		push(&out, head, sizeof(head));
		from = out.n - 6;
		push_crc(&out, from);
		push(&out, "\xe6\xe7\0", llc);
		push(&out, apdu->b + at, n);
		push_crc(&out, from);
		push(&out, "\x7e", 1);
		at += n;
	}
	return out;
}

#endif
