# SPDX-License-Identifier: MIT
# EnergyGuard. `make demo` and `make check` install what they need; the rest builds.

VERSION  := 0.1.0
PREFIX   ?= /usr/local
BUILD    ?= build
CC       ?= cc
PKG_CONFIG ?= pkg-config
CFLAGS   ?= -O2 -g
# For how long each fuzzer runs. `make check` has 28 of them and is to end within 35 minutes.
FUZZ_SECONDS ?= 5
PROGRAMS := $(patsubst cmd/%.c,%,$(wildcard cmd/*.c))
# What serves the source tree alone, and is not installed.
LOCAL    := eg-setup eg-demo eg-secrets
SCRIPTS  := $(filter-out $(LOCAL),$(notdir $(wildcard scripts/eg-*)))
MANUALS  := $(filter-out $(LOCAL:%=man/%.1),$(wildcard man/*.[157]))
UNITS    := $(wildcard scripts/systemd/*.service scripts/systemd/*.timer)
DEST      = $(DESTDIR)$(PREFIX)
UNITDIR   = $(DEST)/lib/systemd/system
STACKDIR  = $(DEST)/share/energyguard-stack
BASHDIR   = $(DEST)/share/bash-completion/completions
ZSHDIR    = $(DEST)/share/zsh/site-functions
FISHDIR   = $(DEST)/share/fish/vendor_completions.d

# What links what: from libeg.a each takes what it calls, and these libraries.
PKGS_eg-sim     :=
PKGS_eg-publish := librabbitmq openssl json-c
PKGS_eg-consume := librabbitmq openssl json-c libxxhash zlib
PKGS_eg-split   := librabbitmq openssl
PKGS_eg-mqtt    := openssl json-c libxxhash zlib
PKGS_eg-mqtt-publish := openssl libxxhash
PKGS_eg-energy  := libxxhash
PKGS_eg-decode  := json-c libxxhash openssl
PKGS_eg-fetch   := libcurl json-c libxxhash openssl
PKGS_eg-import  := expat libxxhash
PKGS_eg-tariff  := libxxhash
PKGS_eg-sum     := libxxhash
PKGS_eg-watch   := libxxhash
PKGS_eg-influx  := libcurl zlib json-c libxxhash
PKGS_eg-modbus  := libmodbus
PKGS_eg-plot    := libxxhash
PKGS_eg-serve   := libmicrohttpd json-c zlib sqlite3 libxxhash
PKGS_eg-health  := libmicrohttpd
PKGS_eg-store   := sqlite3 libxxhash
PKGS_eg-replicate := sqlite3 libxxhash
PKGS_bench_sqlite := sqlite3
PKGS_modbus_device := libmodbus
PKGS_visible    := libcurl json-c
PKGS_tests      := librabbitmq openssl json-c libcurl zlib sqlite3 libxxhash cmocka \
                   libmicrohttpd expat libmodbus

# The same source gives the same bytes, whatever its folder is.
STD      := -std=c11 -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -D_TIME_BITS=64 \
            -DEG_VERSION='"$(VERSION)"' -Ilib -MMD -MP '-ffile-prefix-map=$(CURDIR)=.'
WARN     := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes \
            -Wmissing-prototypes -Wformat=2 -Wvla -Wcast-qual -Wwrite-strings -Wundef
HARDEN   ?= -fstack-protector-strong -D_FORTIFY_SOURCE=2 -fPIE
LINK     ?= -pie -Wl,-z,relro,-z,now -Wl,-z,noseparate-code -Wl,--sort-section=alignment
# A program holds only the functions that it calls. gdb finds its frames in .debug_frame. All
# libraries are bound at the start (-z now), so a call needs no PLT. LINK's noseparate-code puts
# code and constants into one segment, without a filled-up page between, and sorted by alignment
# they need less filling.
# -fno-caller-saves saves half a percent more. clang refuses it, and -falign-jumps.
accepted  = $(shell $(CC) -Werror $1 -E -x c /dev/null >/dev/null 2>&1 && echo $1)
JUMPS    := $(call accepted,-falign-jumps=1)
OZ       := -Oz $(call accepted,-fno-caller-saves)
SMALL    := -ffunction-sections -fdata-sections -fno-asynchronous-unwind-tables -fno-plt \
            -falign-functions=1 -falign-loops=1 $(JUMPS)
# The second halves the cost of a pointer in a table; it needs glibc 2.36, as Debian 12 has.
UNUSED   := -Wl,--gc-sections -Wl,-z,pack-relative-relocs
COMPILE   = $(CC) $(STD) $(WARN) $(HARDEN) $(CFLAGS) $(SMALL) $(CPPFLAGS)
LIBS      = $(BUILD)/libeg.a $(if $(strip $1),$(shell $(PKG_CONFIG) --libs $1)) -lm
SAN      := HARDEN= LINK= CFLAGS="-O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined \
            -fno-sanitize-recover=undefined"

JOBS     := -j$(shell nproc)

# `make V=1` shows the commands whole.
RUN      = $(if $(V),,@echo "  $(notdir $(firstword $1)) $@" &&) $1

OBJECTS := $(patsubst %.c,$(BUILD)/%.o,$(wildcard lib/*/*.c))
TESTC   := $(wildcard tests/unit/*.c tests/tools/*.c tests/bench/*.c)
TESTBIN := $(addprefix $(BUILD)/tests/,$(notdir $(TESTC:.c=)))
UNITBIN := $(patsubst tests/unit/%.c,$(BUILD)/tests/%,$(wildcard tests/unit/*.c))
PRELOAD := $(patsubst tests/tools/preload/%.c,$(BUILD)/tests/%.so,\
             $(wildcard tests/tools/preload/*.c))
# Compiled for size: decoders, which are many and seldom at work, what runs once in a program, a
# connection or a chunk of records, what waits for a broker anyhow, and the readers of JSON in a new
# form. With this no program has 200,000 bytes when stripped (tests/cli/rooms.bats).
DECODERS := $(filter-out $(addprefix lib/decode/,lineprotocol_read.c brackets.c framing.c), \
            $(wildcard lib/decode/*.c))
RARE     := $(filter-out lib/amqp/publish.c,$(wildcard cmd/*.c lib/amqp/*.c)) \
            $(wildcard $(addprefix lib/base/,backoff*.c calendar.c clock.c config.c decimal.c \
            descriptors*.c diag.c file.c flow.c folder.c gunzip.c histogram.c loop.c \
            metrics.c number_parse.c options*.c output.c parent.c percent.c process*.c redact.c \
            reject*.c secret.c signals.c stop.c tls.c utf8.c wait.c watched.c wide.c zone.c) \
            $(addprefix lib/record/,json_index.c json_parse.c json_scan.c json_text.c message.c) \
            $(addprefix lib/stage/,child*.c downstream.c inflight.c source.c))
FUZZERS := $(patsubst tests/fuzz/%.c,build-fuzz/%,$(wildcard tests/fuzz/*.c))

all: $(PROGRAMS:%=$(BUILD)/%)

$(patsubst %.c,$(BUILD)/%.o,$(DECODERS) $(RARE)): SMALL += $(OZ)

# Also when the flags may have changed.
$(BUILD)/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(call RUN,$(COMPILE) -c -o $@ $<)

$(BUILD)/lib/serve/serve_page.o build-fuzz/lib/serve/serve_page.o: lib/serve/serve_page.html

$(BUILD)/libeg.a: $(OBJECTS)
	@rm -f $@
	$(call RUN,$(AR) rcs $@ $^)

$(BUILD)/eg-%: $(BUILD)/cmd/eg-%.o $(BUILD)/libeg.a
	$(call RUN,$(COMPILE) $(LINK) $(UNUSED) $(LDFLAGS) -o $@ $< $(call LIBS,$(PKGS_eg-$*)))

$(BUILD)/tests/%: $(BUILD)/tests/%.o $(BUILD)/libeg.a
	$(call RUN,$(COMPILE) $(LINK) $(LDFLAGS) -o $@ $< $(call LIBS,$(or $(PKGS_$*),$(PKGS_tests))))

vpath %.c tests/unit tests/tools tests/bench
$(BUILD)/tests/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(call RUN,$(COMPILE) -c -o $@ $<)

# Stands before the C library in a test: without the programs' own flags.
$(BUILD)/tests/%.so: tests/tools/preload/%.c tests/tools/preload/preload.h
	@mkdir -p $(@D)
	$(call RUN,$(CC) -std=c11 -D_GNU_SOURCE -Wall -Wextra -O2 -g -fPIC -shared -o $@ $< -ldl)

everything: all $(TESTBIN) $(PRELOAD)

demo:
	scripts/eg-setup demo
	$(MAKE) --no-print-directory all $(BUILD)/tests/visible
	scripts/eg-demo $(BUILD)

up:
	compose/up

down:
	compose/up --down

check:
	scripts/eg-setup check
	$(MAKE) --no-print-directory $(JOBS) everything $(FUZZERS)
	FUZZ_SECONDS=$(FUZZ_SECONDS) tests/run $(BUILD)

# The unit tests alone: they start no server, and run where only the libraries are. EG_RUN: what
# runs programs of another processor, such as qemu-arm-static.
check-unit: $(UNITBIN)
	@for t in $(UNITBIN); do echo "# $${t##*/}"; $(EG_RUN) $$t 2>&1 || exit 1; done

check-san: check-valgrind
	$(MAKE) --no-print-directory $(JOBS) BUILD=build-san $(SAN) everything $(FUZZERS)
	EG_SAN=1 ASAN_OPTIONS=allocator_may_return_null=1 FUZZ_SECONDS=$(FUZZ_SECONDS) \
	    tests/run build-san

check-valgrind:
	scripts/eg-setup san
	$(MAKE) --no-print-directory $(JOBS) everything
	tests/valgrind $(BUILD)

check-next:
	scripts/eg-setup next
	$(MAKE) --no-print-directory $(JOBS) everything
	tests/next/run $(BUILD)
	tests/next/upgrade $(BUILD)
	tests/next/package
	tests/next/cross

check-cross:
	scripts/eg-setup next
	tests/next/cross

torture:
	scripts/eg-setup check
	$(MAKE) --no-print-directory everything
	/usr/bin/python3 tests/torture/torture $(BUILD)
	/usr/bin/python3 tests/torture/disk $(BUILD)
	EG_DRILL_ROUNDS=50 EG_SCHEDULE_ROUNDS=200 tests/run $(BUILD) \
	    tests/system/drill.bats tests/system/schedules.bats

fuzz:
	scripts/eg-setup check
	$(MAKE) --no-print-directory $(JOBS) everything $(FUZZERS)
	tests/fuzz/run $(BUILD) $(FUZZ_SECONDS)

FUZZ_CC  := clang $(filter-out -MMD -MP,$(STD)) -g -O1 -fno-sanitize-recover=undefined
FUZZ_LIB := $(FUZZ_CC) -fsanitize=fuzzer-no-link,address,undefined
FUZZ_BIN := $(FUZZ_CC) -fsanitize=fuzzer,address,undefined

build-fuzz/lib/%.o: lib/%.c $(wildcard lib/*/*.h)
	@mkdir -p $(@D)
	$(call RUN,$(FUZZ_LIB) -c -o $@ $<)

build-fuzz/libeg.a: $(patsubst %.c,build-fuzz/%.o,$(wildcard lib/*/*.c))
	@rm -f $@
	$(call RUN,$(AR) rcs $@ $^)

build-fuzz/%: tests/fuzz/%.c build-fuzz/libeg.a
	$(call RUN,$(FUZZ_BIN) -o $@ $^ $(shell $(PKG_CONFIG) --libs $(PKGS_tests)) -lm)

lint:
	scripts/eg-setup lint
	tests/lint

bench:
	scripts/eg-setup bench
	$(MAKE) --no-print-directory everything
	tests/bench/run $(BUILD)

sim:
	scripts/eg-setup check
	$(MAKE) --no-print-directory everything
	tests/sim/run $(BUILD)
	tests/sim/grow $(BUILD)
	tests/sim/rates $(BUILD)

sim-next:
	scripts/eg-setup next
	$(MAKE) --no-print-directory everything
	tests/next/sim $(BUILD)

# DESTDIR and PREFIX may hold blanks: each path is quoted, none is a list of make's.
install: all
	install -d "$(DEST)/bin" "$(DEST)/share/energyguard/tariffs" "$(DEST)/share/energyguard/modbus" "$(UNITDIR)"
	for n in 1 5 7; do install -d "$(DEST)/share/man/man$$n" || exit 1; done
	install -m 755 $(PROGRAMS:%=$(BUILD)/%) $(SCRIPTS:%=scripts/%) "$(DEST)/bin"
	install -m 644 $(wildcard scripts/tariffs/*.conf) "$(DEST)/share/energyguard/tariffs"
	install -m 644 $(wildcard scripts/modbus/*.map) "$(DEST)/share/energyguard/modbus"
	for f in scripts/common.bash $(wildcard man/*.json); do \
	    sed 's|@VERSION@|$(VERSION)|' $$f >"$(DEST)/share/energyguard/$${f##*/}" || exit 1; done
	install -m 644 scripts/systemd/environment "$(DEST)/share/energyguard/environment"
	install -d "$(BASHDIR)" "$(ZSHDIR)" "$(FISHDIR)"
	for p in $(PROGRAMS) $(SCRIPTS); do \
	    sed "s|@PROGRAM@|$$p|" scripts/completions/energyguard.bash >"$(BASHDIR)/$$p" && \
	    sed "s|@PROGRAM@|$$p|" scripts/completions/energyguard.fish >"$(FISHDIR)/$$p.fish" || exit 1; done
	sed 's|@PROGRAMS@|$(PROGRAMS) $(SCRIPTS)|' scripts/completions/energyguard.zsh >"$(ZSHDIR)/_energyguard"
	for m in $(MANUALS); do install -m 644 $$m "$(DEST)/share/man/man$${m##*.}" || exit 1; done
	for u in $(UNITS); do \
	    sed -e 's|@BINDIR@|$(PREFIX)/bin|g' -e '/^@HARDENING@$$/{r scripts/systemd/hardening.conf' -e 'd}' \
	        $$u >"$(UNITDIR)/$${u##*/}" && chmod 644 "$(UNITDIR)/$${u##*/}" || exit 1; done

# The stack as a folder to copy; its image is built from the source in it.
install-stack:
	install -d "$(STACKDIR)"
	tar -c --exclude=compose/.env --exclude=compose/secrets --owner=0 --group=0 \
	    .dockerignore Makefile cmd lib man scripts compose grafana | tar -x -C "$(STACKDIR)"

uninstall:
	cd "$(DEST)/bin" && rm -f $(PROGRAMS) $(SCRIPTS)
	rm -rf "$(DEST)/share/energyguard"
	for m in $(notdir $(MANUALS)); do rm -f "$(DEST)/share/man/man$${m##*.}/$$m"; done
	cd "$(UNITDIR)" && rm -f $(notdir $(UNITS))
	cd "$(BASHDIR)" && rm -f $(PROGRAMS) $(SCRIPTS)
	cd "$(FISHDIR)" && rm -f $(addsuffix .fish,$(PROGRAMS) $(SCRIPTS))
	rm -f "$(ZSHDIR)/_energyguard"

# The commit as a file for release: the same bytes each time it is made of that commit.
RELEASE  := energyguard-$(VERSION)
dist:
	@git diff --quiet HEAD || echo "make: what is not committed is not in it" >&2
	mkdir -p $(BUILD)
	git archive --prefix=$(RELEASE)/ HEAD | gzip -9n >$(BUILD)/$(RELEASE).tar.gz
	cd $(BUILD) && sha256sum $(RELEASE).tar.gz | tee $(RELEASE).tar.gz.sha256

sbom: all
	SOURCE_DATE_EPOCH=$${SOURCE_DATE_EPOCH:-$$(git log -1 --format=%ct)} \
	    scripts/sbom $(VERSION) $(PROGRAMS:%=$(BUILD)/%) >$(BUILD)/$(RELEASE).spdx.json

html:
	scripts/html $(BUILD)/html man/*.[157]

clean:
	rm -rf build build-san build-fuzz

-include $(wildcard $(BUILD)/cmd/*.d $(BUILD)/lib/*/*.d $(BUILD)/tests/*.d)
.SECONDARY:
.PHONY: all everything demo up down check check-unit check-cross check-next check-san \
        check-valgrind install-stack fuzz lint bench install uninstall clean torture sim \
        sim-next dist html sbom
