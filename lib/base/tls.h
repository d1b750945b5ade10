/* SPDX-License-Identifier: MIT */
/* Shared by the clients that use OpenSSL: the expected name in a certificate, and the text of
 * TLS errors. */
#ifndef EG_TLS_H
#define EG_TLS_H

#include <openssl/ssl.h>
#include <stdbool.h>

/* Makes ctx accept only a certificate for host, a name or an IP address. Returns false if memory
 * runs out. */
bool eg_tls_expect_name(SSL_CTX *ctx, const char *host);

/* The text (static storage) of this thread's oldest OpenSSL error, if another attempt would fail
 * in the same way: an alert from the server, or a peer that does not speak TLS. NULL for other
 * errors. */
const char *eg_tls_alert_text(void);

#endif
