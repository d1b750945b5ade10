/* SPDX-License-Identifier: MIT */
/* Messages to the user, errors, and exit statuses. */
#ifndef EG_DIAG_H
#define EG_DIAG_H

#include <stddef.h>

/* Exit statuses, with the numbers of sysexits(3); energyguard(7) describes what each means for
 * records without a receipt. */
enum eg_status {
	EG_OK = 0,
	EG_USAGE = 64,     /* wrong usage; nothing was read */
	EG_REFUSED = 65,   /* ended normally; records without a receipt were refused for good */
	EG_BUG = 70,       /* a bug in the program, or memory ran out */
	EG_LOCAL_IO = 74,  /* disk or standard output */
	EG_TEMPORARY = 75, /* a peer is unreachable; records may be sent again */
	EG_CONFIG = 78,    /* trying again does not help until somebody changes the configuration */
};

/* An error, owned by the caller. status is EG_OK until it is set. */
struct eg_error {
	enum eg_status status;
	char text[320];
};

/* The status when a file that the user named cannot be opened or read, by its errno: EG_LOCAL_IO
 * if another attempt may succeed (a fault of the disk, a full one, no descriptors or memory left, a
 * signal), else EG_CONFIG. */
enum eg_status eg_status_of(int error);

/* Fills *e, unless it holds an error already (the first error is kept). Returns -1. */
int eg_fail(struct eg_error *e, enum eg_status status, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Sets the program's name, which begins every message; the string must stay valid. Call this
 * before anything is opened, since it calls eg_descriptors_hold; it calls eg_signals_init, too. */
void eg_diag_init(const char *program);

/* The name given to eg_diag_init. */
const char *eg_program(void);

/* Makes eg_info print when level is 1 or more. */
void eg_diag_verbose(int level);

/* Each function prints one line on standard error, `program: level: text`, with one write(2).
 * Control characters become blanks; errno is kept. If standard error does not accept the line
 * within one second, the line is lost. eg_info prints with -v only. eg_note prints no level; it
 * is for counters and progress that the user asked for. */
void eg_fatal(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void eg_warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void eg_info(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void eg_note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Prints e->text as a fatal error and returns e->status. Prints nothing for EG_OK. */
int eg_report(const struct eg_error *e);

/* Replaces what is not eg_utf8_is_printable by the byte `with`, in place: each such character, and
 * each byte that is not valid UTF-8. Returns the new length, which is never larger. The result
 * is valid UTF-8 without terminal escape sequences, and looks like what it is. */
size_t eg_text_clean(char *text, size_t len, char with);

#define EG_QUOTE_MAX 64

/* Writes s in quotes to out, for a message, with what is not printable replaced by '?'. At most 48
 * bytes of s are copied; a longer text ends in `...`. Returns out. */
const char *eg_quote(const char *s, size_t len, char out[EG_QUOTE_MAX]);

#endif
