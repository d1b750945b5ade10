/* SPDX-License-Identifier: MIT */
/* A Modbus device made with libmodbus, for tests of eg-modbus.
 *
 * usage: modbus_device DIR [TTY]
 * Answers over TCP, to any number of connections, on a free port whose number appears in
 * DIR/port; with TTY over that serial line, at 9600 baud, 8N1. DIR/registers is read at each
 * request: lines `UNIT TABLE ADDRESS WORD...`, where TABLE is holding or input, and words are
 * hexadecimal. A register that is not there is an illegal address; a unit that is not there does
 * not answer. Each request is appended to DIR/requests, as `UNIT TABLE START COUNT`. */
#include <arpa/inet.h>
#include <errno.h>
#include <modbus/modbus.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ALL = 65536, CLIENTS = 1024 };

static struct {
	const char *dir;
	bool unit;          /* the unit is there */
	bool known[2][ALL]; /* holding, input */
	modbus_mapping_t *map;
} device;

static FILE *
open_in_dir(const char *name, const char *mode)
{
	char path[512];
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/%s", device.dir, name);
	f = fopen(path, mode);
	if (f == NULL) {
		perror(path);
		exit(1);
	}
	return f;
}

static void
take_line(char *line, int unit)
{
	char table[16];
	int id, address, used, input;
	unsigned word;

	if (sscanf(line, "%d %15s %d%n", &id, table, &address, &used) != 3 || id != unit)
		return;
	device.unit = true;
	input = strcmp(table, "input") == 0;
	for (line += used; sscanf(line, "%x%n", &word, &used) == 1 && address < ALL; line += used) {
		device.known[input][address] = true;
		(input ? device.map->tab_input_registers : device.map->tab_registers)[address++] =
		    (uint16_t)word;
	}
}

static void
read_registers(int unit)
{
	FILE *f = open_in_dir("registers", "r");
	char line[4096];

	memset(device.known, 0, sizeof(device.known));
	device.unit = false;
	while (fgets(line, sizeof(line), f) != NULL)
		take_line(line, unit);
	fclose(f);
}

/* Answers the request of n bytes at q. */
static int
answer(modbus_t *ctx, const uint8_t *q, int n)
{
	const uint8_t *p = q + modbus_get_header_length(ctx);
	int unit = p[-1], start = p[1] << 8 | p[2], count = p[3] << 8 | p[4];
	bool input = p[0] == MODBUS_FC_READ_INPUT_REGISTERS;
	FILE *f = open_in_dir("requests", "a");

	fprintf(f, "%d %s %d %d\n", unit, input ? "input" : "holding", start, count);
	fclose(f);
	read_registers(unit);
	if (!device.unit)
		return 0;
	if (p[0] != MODBUS_FC_READ_INPUT_REGISTERS && p[0] != MODBUS_FC_READ_HOLDING_REGISTERS)
		return modbus_reply_exception(ctx, q, MODBUS_EXCEPTION_ILLEGAL_FUNCTION);
	for (int i = start; i < start + count; i++)
		if (i >= ALL || !device.known[input][i])
			return modbus_reply_exception(ctx, q, MODBUS_EXCEPTION_ILLEGAL_DATA_ADDRESS);
	return modbus_reply(ctx, q, n, device.map);
}

/* Answers one request. False: the connection has ended. */
static bool
serve(modbus_t *ctx)
{
	uint8_t q[MODBUS_MAX_ADU_LENGTH];
	int n = modbus_receive(ctx, q);

	return n >= 0 && (n == 0 || answer(ctx, q, n) >= 0);
}

static int
listen_there(modbus_t *ctx)
{
	struct sockaddr_in at;
	socklen_t len = sizeof(at);
	int fd = ctx != NULL ? modbus_tcp_listen(ctx, SOMAXCONN) : -1;
	FILE *f;

	if (fd < 0 || getsockname(fd, (struct sockaddr *)&at, &len) != 0)
		return -1;
	f = open_in_dir("port.new", "w");
	fprintf(f, "%d\n", ntohs(at.sin_port));
	fclose(f);
	if (chdir(device.dir) != 0 || rename("port.new", "port") != 0)
		return -1;
	device.dir = ".";
	return fd;
}

static int
serve_tcp(void)
{
	modbus_t *ctx = modbus_new_tcp("0.0.0.0", 0); /* all of 127.0.0.0/8, too */
	int listener = listen_there(ctx);
	struct pollfd fds[CLIENTS] = { { .fd = listener, .events = POLLIN } };
	nfds_t n = 1;

	if (listener < 0)
		return perror("listen"), 1;
	while (poll(fds, n, -1) > 0) {
		for (nfds_t i = n - 1; i > 0; i--) {
			modbus_set_socket(ctx, fds[i].fd);
			if (fds[i].revents != 0 && !serve(ctx)) {
				close(fds[i].fd);
				fds[i] = fds[--n];
			}
		}
		if (fds[0].revents != 0 && n < CLIENTS)
			fds[n++] = (struct pollfd){ .fd = accept(listener, NULL, NULL), .events = POLLIN };
	}
	return perror("poll"), 1;
}

static int
serve_line(const char *tty)
{
	modbus_t *ctx = modbus_new_rtu(tty, 9600, 'N', 8, 1);

	/* libmodbus answers as one unit of a line. */
	if (ctx == NULL || modbus_set_slave(ctx, 1) != 0 || modbus_connect(ctx) != 0)
		return perror(tty), 1;
	fclose(open_in_dir("port", "w"));
	for (;;)
		(void)serve(ctx);
}

int
main(int argc, char *argv[])
{
	if (argc < 2)
		return fputs("usage: modbus_device DIR [TTY]\n", stderr), 64;
	device.dir = argv[1];
	device.map = modbus_mapping_new(0, 0, ALL, ALL);
	if (device.map == NULL)
		return perror("modbus_mapping_new"), 1;
	return argc > 2 ? serve_line(argv[2]) : serve_tcp();
}
