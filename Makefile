# netmibd: GNU make on Debian 12. "make run" and "make test" install what is missing.
#
#	make [all]	build/netmibd
#	make run	serve this machine's interfaces on udp:127.0.0.1:1161
#	make demo	20 seconds of it in a private namespace: walks, SETs, a trap
#	make test	all tests (system tests need root)
#	make lint	format, warnings as errors (gcc and clang), layers, MIB modules
#	make tidy	clang-tidy (.clang-tidy) and gcc's analyzer, which take minutes
#	make bench	measure, beside stock snmpd; BENCH="--quick" for a short one;
#			BENCH_ROUTES for the parts about routes and SETs, BENCH_TRAPS
#			for the one about notifications
#	make soak	a mixed load for SOAK_MINUTES (30)
#	make fuzz	run every fuzz target for FUZZ_SECONDS
#	make install uninstall	PREFIX, DESTDIR
#	make package	the Debian package, in build/package
#
# V=1 shows the commands. SAN=address,undefined builds into a folder of its own, COV=1 into
# another: "make test COV=1" prints which part of the lines was run, and fails below
# COVERAGE_MIN %. "make test VALGRIND=1" runs the daemon by valgrind in all system tests.

VERSION := 0.1.0
PREFIX ?= /usr/local
DESTDIR ?=
ifeq ($(origin CC),default)
CC := gcc
endif
CLANG ?= clang
CLANG_FORMAT ?= clang-format-14
PYTHON ?= /usr/bin/python3
FUZZ_SECONDS ?= 30
BENCH ?=
SOAK_MINUTES ?= 30
BENCH_ROUTES ?= $(filter --quick --strict,$(BENCH))
SAN ?=
COV ?=
TEST_FLAGS ?=
COVERAGE_MIN ?= 90
WERROR ?=

B := build$(if $(SAN),/san)$(if $(COV),/cov)
Q := $(if $(V),,@)
say = $(if $(V),,@printf '  %-7s %s\n' '$(1)' '$(2)')

PACKAGES := gcc make pkg-config libc6-dev libsnmp-dev libnl-3-dev libnl-genl-3-dev \
	libbsd-dev libcap-dev libsystemd-dev libjansson-dev
DEMO_PACKAGES := $(PACKAGES) snmpd snmp snmptrapd iproute2
TEST_PACKAGES := $(DEMO_PACKAGES) libcunit1-dev procps python3 smitools strace $(if $(COV),gcovr)
LINT_PACKAGES := $(TEST_PACKAGES) clang clang-format-14 libclang-rt-14-dev cppcheck mandoc
BUILD_PACKAGES := $(PACKAGES) libcunit1-dev dpkg-dev debhelper lintian

WARNINGS := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	-Wpointer-arith -Wcast-qual -Wwrite-strings -Wvla -Wformat=2
# Deferred (=): the tools that answer may only be installed by "deps".
NL_CFLAGS = $(patsubst -I%,-isystem %,$(shell pkg-config --cflags libnl-3.0 libnl-genl-3.0))
NL_LIBS = $(shell pkg-config --libs libnl-3.0 libnl-genl-3.0)
SNMP_LIBS = -lnetsnmpmibs -lnetsnmpagent -lnetsnmp

override CPPFLAGS += -D_GNU_SOURCE -DNETMIBD_VERSION='"$(VERSION)"' -MMD -MP
CFLAGS ?= -O2 -g
override CFLAGS += -std=gnu11 $(WARNINGS) $(if $(WERROR),-Werror) -fPIE \
	$(if $(SAN),-fsanitize=$(SAN) -fno-sanitize-recover=all -fno-omit-frame-pointer, \
	-D_FORTIFY_SOURCE=2 -fstack-protector-strong) \
	$(if $(COV),--coverage -fprofile-abs-path -fprofile-update=atomic) -pthread
override LDFLAGS += -pthread -pie -Wl,-z,relro,-z,now $(if $(SAN),-fsanitize=$(SAN)) \
	$(if $(COV),--coverage)

CORE_SRC := $(wildcard agent/base/*.c agent/mirror/*.c agent/engine/*.c tables/*.c)
KERNEL_SRC := $(wildcard agent/kernel/*.c)
AGENTX_SRC := $(wildcard agent/agentx/*.c)
UNIT_SRC := $(wildcard tests/unit/*.c)
FUZZ_SRC := $(wildcard tests/fuzz/*.c)
BENCH_SRC := $(wildcard tests/bench/*.c)
objects = $(patsubst %.c,$(B)/%.o,$(1))

CORE_OBJ := $(call objects,$(CORE_SRC))
KERNEL_OBJ := $(call objects,$(KERNEL_SRC))
AGENTX_OBJ := $(call objects,$(AGENTX_SRC) $(wildcard agent/*.c))
UNIT_OBJ := $(call objects,$(UNIT_SRC))

.PHONY: all run demo test unit system lint tidy format bench soak fuzz install uninstall clean deps \
	test-deps lint-deps package package-deps
.DELETE_ON_ERROR:

all: $(B)/netmibd

$(B)/netmibd: $(AGENTX_OBJ) $(KERNEL_OBJ) $(CORE_OBJ)
	$(call say,LINK,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(SNMP_LIBS) $(NL_LIBS) -lcap -lsystemd -ljansson

$(B)/agent/kernel/%.o $(B)/tests/unit/%.o $(B)/agent/main.o $(B)/agent/status.o: CFLAGS += $(NL_CFLAGS)

$(B)/%.o: %.c Makefile
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -c -o $@ $<

# Tests

$(B)/unit: $(UNIT_OBJ) $(KERNEL_OBJ) $(CORE_OBJ)
	$(call say,LINK,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(NL_LIBS) -lcap -lcunit

test: test-deps
	$(Q)$(MAKE) --no-print-directory all $(B)/unit
	$(if $(COV),$(Q)find $(B) -name '*.gcda' -delete)
	$(Q)B=$(B) SANITIZED=$(if $(SAN),1) $(PYTHON) tests/run.py $(TEST_FLAGS)
	$(if $(COV),$(Q)gcovr --root . --filter agent/ --filter tables/ --txt $(B)/coverage.txt \
		--print-summary --fail-under-line $(COVERAGE_MIN) $(B))

lint: lint-deps
	$(Q)$(CLANG_FORMAT) --dry-run -Werror $$(git ls-files '*.c' '*.h')
	$(Q)for cc in $(CC) $(CLANG); do \
		$(MAKE) --no-print-directory CC=$$cc WERROR=1 B=build/lint-$$cc \
			build/lint-$$cc/netmibd build/lint-$$cc/unit bench-build || exit 1; done
	$(Q)tests/layers.sh
	$(Q)cppcheck --quiet -j2 --error-exitcode=1 --inline-suppr \
		--enable=warning,performance,portability --suppress=missingInclude \
		-D_GNU_SOURCE -DNETMIBD_VERSION='""' '-DRB_GENERATE_INTERNAL(a,b,c,d,e)=' \
		'-DLIST_HEAD(a,b)=struct b *' '-DLIST_ENTRY(a)=struct a *' \
		'-DLIST_FIRST(a)=(*(a))' '-DLIST_NEXT(a,b)=((a)->b)' agent tables
	$(Q)mandoc -T lint -W warning agent/*.[58]
	$(Q)tests/mibs.sh || [ $$? = 77 ]
	@echo "lint: clean"

# What reads longer: minutes.
tidy: lint-deps
	$(call install_packages,clang-tidy)
	$(Q)printf '%s\n' $(wildcard agent/*.c agent/*/*.c tables/*.c) | xargs -P2 -I{} sh -c \
		'clang-tidy --quiet {} -- $(TIDY_FLAGS) 2>/dev/null && \
		$(CC) $(TIDY_FLAGS) -O2 -fanalyzer -Werror -c -o /dev/null {}'
	@echo "tidy: clean"

TIDY_FLAGS = -D_GNU_SOURCE -DNETMIBD_VERSION=\"\" -std=gnu11 $(NL_CFLAGS)

format:
	$(Q)$(CLANG_FORMAT) -i $$(git ls-files '*.c' '*.h')

# The fuzz targets need clang's libFuzzer; they are built with the sanitizers.
FUZZ_BIN := $(patsubst tests/fuzz/%.c,build/fuzz/%,$(FUZZ_SRC))

# Sources once for all of them.
FUZZ_FLAGS = -std=gnu11 -O1 -g -D_GNU_SOURCE $(NL_CFLAGS) -MMD -MP \
	-fsanitize=address,undefined -fno-sanitize-recover=all -pthread
FUZZ_OBJ := $(patsubst %.c,build/fuzz/%.o,$(CORE_SRC) $(KERNEL_SRC))

build/fuzz/agent/%.o: agent/%.c Makefile
	@mkdir -p $(@D)
	$(Q)$(CLANG) $(FUZZ_FLAGS) -fsanitize=fuzzer-no-link -c -o $@ $<

build/fuzz/tables/%.o: tables/%.c Makefile
	@mkdir -p $(@D)
	$(Q)$(CLANG) $(FUZZ_FLAGS) -fsanitize=fuzzer-no-link -c -o $@ $<

$(FUZZ_BIN): build/fuzz/%: tests/fuzz/%.c $(FUZZ_OBJ)
	$(call say,FUZZ,$@)
	@mkdir -p $(@D)
	$(Q)$(CLANG) $(FUZZ_FLAGS) -fsanitize=fuzzer -o $@ $< $(FUZZ_OBJ) $(NL_LIBS) -lcap

# Two at a time: FUZZ_SECONDS is what each of them has.
fuzz: lint-deps
	$(Q)$(MAKE) --no-print-directory $(FUZZ_BIN)
	$(Q)printf '%s\n' $(FUZZ_BIN) | \
		FUZZ_SECONDS=$(FUZZ_SECONDS) xargs -n 1 -P 2 tests/fuzz/run.sh

# Bench

$(B)/bench/%: tests/bench/%.c
	$(call say,CC,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) -o $@ $< $(SNMP_LIBS)

# without Net-SNMP: the engine and the mirror alone
$(B)/bench/seek: tests/bench/seek.c $(CORE_OBJ)
	$(call say,CC,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) -o $@ $(filter %.c %.o,$^)

.PHONY: bench-build
bench-build: $(patsubst tests/bench/%.c,$(B)/bench/%,$(BENCH_SRC))

bench: test-deps
	$(Q)$(MAKE) --no-print-directory all bench-build
	$(Q)$(PYTHON) tests/bench/bench.py $(BENCH)
	$(Q)$(PYTHON) tests/bench/routes.py $(BENCH_ROUTES)
	$(Q)$(PYTHON) tests/bench/sets.py $(BENCH_ROUTES)
	$(Q)$(PYTHON) tests/bench/traps.py $(BENCH_TRAPS)

soak: test-deps
	$(Q)$(MAKE) --no-print-directory all
	$(Q)$(PYTHON) tests/bench/soak.py --minutes $(SOAK_MINUTES)

# A look at it

run: deps
	$(Q)$(MAKE) --no-print-directory all
	$(Q)printf '%s\n' 'rocommunity public 127.0.0.1' >build/run.conf
	@echo 'Try in another terminal (package snmp):'
	@echo '  snmpwalk -v2c -c public -M mibs/names -m ALL 127.0.0.1:1161 ifXTable'
	@echo '  snmptable -v2c -c public -M mibs/names -m ALL -CB 127.0.0.1:1161 ifTable'
	$(Q)build/netmibd --standalone=udp:127.0.0.1:1161 -f -C -c build/run.conf -Le

demo:
	$(call install_packages,$(DEMO_PACKAGES))
	$(Q)$(MAKE) --no-print-directory all
	$(Q)B=$(B) demo/demo.sh

# Packages that are missing are installed; nothing happens if there are none.

define install_packages
$(Q)missing=$$(for p in $(1); do \
	dpkg-query -W -f '$${Status}' $$p 2>/dev/null | grep -q 'ok installed' || echo $$p; done); \
if [ -n "$$missing" ]; then \
	echo "  APT     $$missing" | tr '\n' ' '; echo; \
	apt-get -qq update && DEBIAN_FRONTEND=noninteractive \
		apt-get -qq install -y --no-install-recommends $$missing >/dev/null; fi
endef

deps:
	$(call install_packages,$(PACKAGES))
test-deps:
	$(call install_packages,$(TEST_PACKAGES))
lint-deps:
	$(call install_packages,$(LINT_PACKAGES))
package-deps:
	$(call install_packages,$(BUILD_PACKAGES))

# Each line: where it goes, then what. SYSCONFDIR is where Net-SNMP looks, whatever the PREFIX;
# what is there already is the administrator's and left as it is.
SBINDIR ?= $(PREFIX)/sbin
SHARE = $(DESTDIR)$(PREFIX)/share
UNITDIR ?= $(PREFIX)/lib/systemd/system
SYSUSERSDIR ?= $(PREFIX)/lib/sysusers.d
SYSCONFDIR ?= /etc
DOCS := README.md NEWS.md LICENSE $(wildcard docs)
COMPLETION := $(wildcard completion)
ZSHDIR = $(SHARE)/zsh/$(if $(filter /usr,$(PREFIX)),vendor-completions,site-functions)

install: all
	install -D -m 755 $(B)/netmibd $(DESTDIR)$(SBINDIR)/netmibd
	install -D -m 644 -t $(SHARE)/man/man8 agent/netmibd.8
	install -D -m 644 -t $(SHARE)/man/man5 agent/netmibd.conf.5
	install -D -m 644 -t $(SHARE)/snmp/mibs mibs/*.txt
	install -D -m 644 -t $(SHARE)/netmibd/mibs mibs/names/*.txt
	install -d $(SHARE)/doc/netmibd/examples
	cp -r $(DOCS) $(SHARE)/doc/netmibd
	install -m 644 dist/snmpd.service.conf $(SHARE)/doc/netmibd/examples
	$(if $(COMPLETION),install -D -m 644 completion/netmibd.bash \
		$(SHARE)/bash-completion/completions/netmibd)
	$(if $(COMPLETION),install -D -m 644 -t $(ZSHDIR) completion/_netmibd)
	install -D -m 644 dist/sysusers.conf $(DESTDIR)$(SYSUSERSDIR)/netmibd.conf
	install -d $(DESTDIR)$(UNITDIR)
	sed 's,@SBINDIR@,$(SBINDIR),' dist/netmibd.service.in \
		>$(DESTDIR)$(UNITDIR)/netmibd.service
	install -d $(DESTDIR)$(SYSCONFDIR)/snmp/snmpd.conf.d
	$(call install_once,dist/netmibd.conf,$(DESTDIR)$(SYSCONFDIR)/snmp/netmibd.conf)
	$(call install_once,dist/snmpd.conf,$(DESTDIR)$(SYSCONFDIR)/snmp/snmpd.conf.d/netmibd.conf)

install_once = [ -e $(2) ] || install -m 644 $(1) $(2)

# All but what may have been edited, in $(SYSCONFDIR).
uninstall:
	rm -f $(DESTDIR)$(SBINDIR)/netmibd $(SHARE)/man/man8/netmibd.8 \
		$(SHARE)/man/man5/netmibd.conf.5 \
		$(patsubst mibs/%,$(SHARE)/snmp/mibs/%,$(wildcard mibs/*.txt)) \
		$(SHARE)/bash-completion/completions/netmibd \
		$(ZSHDIR)/_netmibd \
		$(DESTDIR)$(SYSUSERSDIR)/netmibd.conf $(DESTDIR)$(UNITDIR)/netmibd.service
	rm -rf $(SHARE)/netmibd $(SHARE)/doc/netmibd

# The Debian package, and what lintian says of it. Built from what git knows, in a copy.
package: package-deps
	rm -rf build/package && mkdir -p build/package/netmibd-$(VERSION)
	git ls-files | tar -c -T - | tar -x -C build/package/netmibd-$(VERSION)
	cd build/package/netmibd-$(VERSION) && dpkg-buildpackage -b -us -uc
	lintian --allow-root --fail-on error,warning build/package/*.changes

clean:
	rm -rf build

-include $(shell find build -path build/package -prune -o -name '*.d' -print 2>/dev/null)
