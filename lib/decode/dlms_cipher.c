/* SPDX-License-Identifier: MIT */
/* Decrypts messages of a meter with its keys. */
#include "decode/dlms_cipher.h"

#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "base/diag.h"
#include "base/percent.h"
#include "base/secret.h"
#include "decode/dlms_link.h"

enum {
	TAG = 12,
	COUNTER = 4,
	AUTHENTICATED = 0x10, ENCRYPTED = 0x20, COMPRESSED = 0x80, /* bits of the security
								    * control byte */
	SUITE = 0x0f,
};

int
eg_dlms_key_read(const char *option, const char *path, unsigned char key[EG_DLMS_KEY],
    struct eg_error *e)
{
	char text[128];
	size_t digits = 0;
	int rc = eg_secret_read(option, path, text, sizeof(text), e);

	for (const char *s = text; rc == 0 && *s != '\0'; s++) {
		int digit = eg_hex_digit(*s);

		if (*s == ' ')
			continue;
		if (digit < 0)
			rc = eg_fail(e, EG_USAGE, "%s: the key in the file has a character that is no "
			    "hexadecimal digit", option);
		else if (digits < (size_t)2 * EG_DLMS_KEY)
			key[digits / 2] = (unsigned char)(key[digits / 2] << 4 | digit);
		digits++;
	}
	if (rc == 0 && digits != (size_t)2 * EG_DLMS_KEY)
		rc = eg_fail(e, EG_USAGE, "%s: the key in the file has %zu hexadecimal digits, not 32",
		    option, digits);
	explicit_bzero(text, sizeof(text));
	return rc;
}

/* Runs AES-128-GCM. tag: NULL, or the TAG bytes that must match aad and text. */
static bool
run_gcm(const unsigned char *key, const unsigned char iv[EG_DLMS_TITLE + COUNTER],
    const unsigned char *aad, size_t aad_len, const unsigned char *text, size_t len,
    unsigned char *out, const unsigned char *tag)
{
	EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
	unsigned char copy[TAG], none[16];
	int n;
	bool ok = c != NULL && EVP_DecryptInit_ex(c, EVP_aes_128_gcm(), NULL, key, iv) == 1;

	/* GCM's default length of an initialisation vector is 12 bytes, as needed here. */
	if (ok && tag != NULL) {
		memcpy(copy, tag, TAG);
		ok = EVP_DecryptUpdate(c, NULL, &n, aad, (int)aad_len) == 1 &&
		    EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_GCM_SET_TAG, TAG, copy) == 1;
	}
	ok = ok && EVP_DecryptUpdate(c, out, &n, text, (int)len) == 1;
	if (tag != NULL)
		ok = ok && EVP_DecryptFinal_ex(c, none, &n) == 1;
	EVP_CIPHER_CTX_free(c);
	return ok;
}

/* Decrypts the `len` bytes after the frame counter, protected as the security control `sc` says. */
static const char *
open_text(const struct eg_dlms_keys *k, unsigned char sc, const unsigned char *iv,
    const unsigned char *text, size_t len, unsigned char *out, struct eg_dlms_plain *plain)
{
	unsigned char aad[1 + EG_DLMS_KEY] = { sc };
	bool sealed = (sc & AUTHENTICATED) != 0;

	if (sealed && !k->authenticates)
		return "the message is authenticated: --meter-auth-key is needed";
	if (!sealed && k->authenticates)
		return "the message has no tag, but --meter-auth-key is given: it may be forged";
	if (sealed && len < TAG)
		return "the message is too short for its tag";
	plain->len = len - (sealed ? TAG : 0);
	memcpy(aad + 1, k->auth, EG_DLMS_KEY);
	if (!run_gcm(k->key, iv, aad, sizeof(aad), text, plain->len, out,
	        sealed ? text + plain->len : NULL))
		return "the tag is wrong: the message was changed, or a key is not the meter's";
	return NULL;
}

const char *
eg_dlms_decrypt(const struct eg_dlms_keys *k, const unsigned char *apdu, size_t len,
    unsigned char *out, struct eg_dlms_plain *plain)
{
	const unsigned char *at = apdu + 2 + EG_DLMS_TITLE, *end = apdu + len;
	unsigned char iv[EG_DLMS_TITLE + COUNTER];
	size_t n;

	if (!k->given)
		return "the message is encrypted: --meter-key is needed";
	if (len < 2 + EG_DLMS_TITLE || apdu[1] != EG_DLMS_TITLE)
		return "the encrypted message has no system title";
	if (!eg_dlms_length(&at, end, &n) || n != (size_t)(end - at) || n < 1 + COUNTER)
		return "the length of the encrypted message is wrong";
	if ((*at & (ENCRYPTED | COMPRESSED)) != ENCRYPTED || (*at & SUITE) > 1)
		return "the security control of the message is not that of AES-128-GCM";
	plain->counter.given = true;
	memcpy(plain->counter.title, apdu + 2, EG_DLMS_TITLE);
	plain->counter.n = (uint32_t)at[1] << 24 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 8 | at[4];
	memcpy(iv, apdu + 2, EG_DLMS_TITLE);
	memcpy(iv + EG_DLMS_TITLE, at + 1, COUNTER);
	return open_text(k, *at, iv, at + 1 + COUNTER, n - 1 - COUNTER, out, plain);
}
