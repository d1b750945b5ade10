/* SPDX-License-Identifier: MIT */
/* What OpenSSL's clients share: whose certificate is expected, and reasons for failures. */
#ifndef EG_TLS_H
#define EG_TLS_H

#include <openssl/ssl.h>
#include <stdbool.h>

/* Lets ctx accept only a certificate for host, a name or an IP address. false: out of memory. */
bool eg_tls_expect_name(SSL_CTX *ctx, const char *host);

/* The oldest error of this thread's queue in words (static storage), if another try would fail
 * in the same way: an alert of the server, or a peer that speaks no TLS. NULL: another error. */
const char *eg_tls_alert_text(void);

#endif
