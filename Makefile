# SPDX-License-Identifier: GPL-2.0-only
#
# Quiet by default; `make V=1` shows the commands, `make help` the targets.
# All that is generated lands under build/, but for the two programs: ./conctrace and ./workload.
#
# Variables: CC (gcc or clang), CLANG (for the probes), BPFTOOL, CFLAGS, LDFLAGS, WERROR=1,
# PREFIX, DESTDIR. A change of compiler or flags rebuilds what it touches.

MAKEFLAGS += --no-builtin-rules
.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SECONDARY:

V       ?= 0
PREFIX  ?= /usr/local
CLANG   ?= clang
CFLAGS  ?= -O2 -g
ifeq ($(origin CC),default)
CC := $(if $(shell command -v gcc),gcc,$(CLANG))
endif
BPFTOOL ?= $(firstword $(shell command -v bpftool) \
    $(wildcard /usr/sbin/bpftool /usr/local/sbin/bpftool /usr/lib/linux-tools/*/bpftool))

Q   := $(if $(filter 1,$(V)),,@)
say  = $(if $(filter 1,$(V)),,@printf '  %-8s %s\n' '$(1)' '$(2)';)

# ---- where things go: SAN=1 makes a second, sanitized build beside the first ------------------
ifeq ($(SAN),1)
OUT       := build/asan
CONCTRACE := $(OUT)/conctrace
WORKLOAD  := $(OUT)/workload
SANITIZE  := -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
else
OUT       := build
CONCTRACE := conctrace
WORKLOAD  := workload
SANITIZE  :=
endif
OBJ := $(OUT)/obj
GEN := build/gen
BPF := build/bpf

# ---- flags ------------------------------------------------------------------------------------
WARN := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith \
        -Wformat=2 -Wvla $(if $(filter 1,$(WERROR)),-Werror)
override CFLAGS := $(CFLAGS) -std=c11 -D_GNU_SOURCE= $(WARN) $(SANITIZE) -I. -I$(GEN)
override LDFLAGS := $(LDFLAGS) $(SANITIZE) -Wl,--as-needed
BPF_LIBS  = $(shell pkg-config --libs libbpf libdw libelf libzstd 2>/dev/null || echo -lbpf -ldw -lelf -lzstd)
DEPFLAGS  = -MMD -MP -MF $(@:.o=.d)

ARCH    := $(shell uname -m)
BPFARCH := $(patsubst x86_64,x86,$(patsubst aarch64,arm64,$(patsubst ppc64le,powerpc,$(patsubst \
           riscv64,riscv,$(patsubst s390x,s390,$(ARCH))))))
BPFFLAGS := -target bpf -g -O2 -mcpu=v3 -D__TARGET_ARCH_$(BPFARCH) -Wall -Wextra -Wno-unused-parameter \
            $(if $(filter 1,$(WERROR)),-Werror) -I. -idirafter /usr/include/$(ARCH)-linux-gnu

# ---- sources ----------------------------------------------------------------------------------
USER_SRC := $(sort $(wildcard user/*.c user/*/*.c))
USER_OBJ := $(USER_SRC:%.c=$(OBJ)/%.o)
BPF_SRC  := $(sort $(wildcard bpf/*.bpf.c))
# task.bpf.o first: it defines the maps, and the linker of libbpf 1.1 wants that before their use.
BPF_OBJ  := $(patsubst bpf/%.bpf.c,$(BPF)/%.bpf.o,\
            $(filter bpf/task.bpf.c,$(BPF_SRC)) $(filter-out bpf/task.bpf.c,$(BPF_SRC)))
SKEL     := $(GEN)/conctrace.skel.h
UNIT_SRC := $(sort $(wildcard tests/unit/test_*.c))
UNIT_BIN := $(UNIT_SRC:tests/unit/%.c=$(OUT)/unit/%)

# ---- the programs -----------------------------------------------------------------------------
.PHONY: all
all: $(CONCTRACE) ## build ./conctrace and ./workload (the default)

$(CONCTRACE): $(USER_OBJ) $(OUT)/flags
	$(call say,LINK,$@)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $(USER_OBJ) $(BPF_LIBS)

$(OBJ)/%.o: %.c $(OUT)/flags
	@mkdir -p $(@D)
	$(call say,CC,$<)$(CC) $(CFLAGS) $(DEPFLAGS) -c -o $@ $<

# What is generated must be there before its first include is compiled; later the .d files know.
$(OBJ)/user/source/capture.o: | $(SKEL)
$(OBJ)/user/core/syscalls.o: | $(GEN)/syscall_rows.h
$(OBJ)/user/report/html.o: $(GEN)/html_page.h

$(GEN)/syscall_rows.h: scripts/gen-syscalls.sh
	@mkdir -p $(@D)
	$(call say,GEN,$@)scripts/gen-syscalls.sh '$(CC)' > $@

PAGE := $(wildcard user/report/html/*)
$(GEN)/html_page.h: scripts/gen-html.sh $(PAGE)
	@mkdir -p $(@D)
	$(call say,GEN,$@)scripts/gen-html.sh user/report/html > $@

# Compiler and flags of the last build: a change rebuilds.
$(OUT)/flags: FORCE
	@mkdir -p $(@D)
	@printf '%s\n' '$(CC) $(CFLAGS) $(LDFLAGS)' | cmp -s - $@ || \
	    printf '%s\n' '$(CC) $(CFLAGS) $(LDFLAGS)' > $@
.PHONY: FORCE
FORCE:

# ---- the probes -------------------------------------------------------------------------------
$(BPF)/%.bpf.o: bpf/%.bpf.c
	@mkdir -p $(@D)
	$(call say,BPF,$<)$(CLANG) $(BPFFLAGS) $(DEPFLAGS) -c -o $@ $<

$(BPF)/conctrace.bpf.o: $(BPF_OBJ)
	$(call say,BPFLINK,$@)$(or $(BPFTOOL),$(no_bpftool)) gen object $@ $(BPF_OBJ)

$(SKEL): $(BPF)/conctrace.bpf.o
	@mkdir -p $(@D)
	$(call say,SKEL,$@){ echo '/* NOLINTBEGIN: generated */' && \
	    $(or $(BPFTOOL),$(no_bpftool)) gen skeleton $< name conctrace_bpf && echo '/* NOLINTEND */'; } > $@

no_bpftool = $(error bpftool not found: run `sudo make setup`, or set BPFTOOL=/path/to/bpftool)

# ---- the demo program (CC, CFLAGS, LDFLAGS, OBJ, WORKLOAD, Q, say) ---------------------------------
-include workloads/module.mk
ifneq ($(wildcard workloads/module.mk),)
all: $(WORKLOAD)
endif

# ---- unit tests: `// links: a.c b.c` in a test's first lines names what it is linked with -----------
links = $(patsubst %.c,$(OBJ)/%.o,$(shell sed -n '1,20s,^// links: *,,p' $(1)))
define unit_rule
$(OUT)/unit/$(1): $(OBJ)/tests/unit/$(1).o $(call links,tests/unit/$(1).c) $(OUT)/flags
	@mkdir -p $$(@D)
	$$(call say,LINK,$$@)$$(CC) $$(CFLAGS) $$(LDFLAGS) -o $$@ $$(filter %.o,$$^) -lcmocka -lm $$(BPF_LIBS)
endef
$(foreach t,$(UNIT_SRC:tests/unit/%.c=%),$(eval $(call unit_rule,$(t))))

# ---- what the live tests trace ---------------------------------------------------------------------
PROG_BIN := $(patsubst tests/programs/%.c,build/tests/%,$(sort $(wildcard tests/programs/*.c)))
# stacks that frame pointers lead through, whatever the flags
build/tests/stacks: private override CFLAGS += -fno-omit-frame-pointer
build/tests/%: tests/programs/%.c $(OUT)/flags
	@mkdir -p $(@D)
	$(call say,CC,$<)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $< -pthread

.PHONY: unit-programs programs unit bats test-hostile test-kernels check test
unit-programs: $(UNIT_BIN)
programs: all $(PROG_BIN)

unit: unit-programs ## run the unit tests
	@tests/run unit

bats: programs ## run the tests of the real thing (the live ones need root)
	@tests/run bats

test-hostile: programs ## programs that mean no good, at the sizes promised (as root)
	@HOSTILE=1 tests/run bats tests/bats/live_trust_hostile.bats

test-kernels: programs ## other kernels, with 1, 4 and 16 CPUs, in an emulator (as root)
	@tests/kernels/run.sh

check: programs unit-programs ## all tests, with nothing installed first
	@tests/run all

test: setup-test ## install what is missing, build, run all tests (as root)
	@$(MAKE) --no-print-directory programs unit-programs
	@tests/run all

# ---- the HTML report in a browser -----------------------------------------------------------------
REPORT_OBJ := $(filter $(OBJ)/user/base/% $(OBJ)/user/core/% $(OBJ)/user/analysis/% $(OBJ)/user/report/%,$(USER_OBJ))
build/html/make_pages: $(OBJ)/tests/html/make_pages.o $(OBJ)/tests/harness/made_run.o $(REPORT_OBJ) $(OUT)/flags
	@mkdir -p $(@D)
	$(call say,LINK,$@)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $(filter %.o,$^) -lm
.PHONY: bench-html
bench-html: build/html/make_pages ## a million intervals in a browser: size, first paint, zoom
	@tests/html/run.sh bench

# ---- fuzzing: all that reads a recording, and all that tells of it, with sanitizers -----------------
# In `recording`, checksums are not looked at, so that a fuzzer gets past them. recording-afl is for
# AFL++ (CC=afl-clang-fast) and for looking at one file.
FUZZ_SRC  := tests/fuzz/chain.c $(wildcard user/base/*.c user/core/*.c user/analysis/*.c user/report/*.c) \
             $(wildcard user/source/recording_*.c)
FUZZ_FLAGS := -O1 -g -std=c11 -D_GNU_SOURCE= -I. -I$(GEN) -fsanitize=address,undefined \
              -fno-sanitize-recover=undefined -fno-omit-frame-pointer
FUZZ_DEPS := $(FUZZ_SRC) $(wildcard user/*/*.h bpf/*.h tests/fuzz/*.[ch]) $(GEN)/syscall_rows.h $(GEN)/html_page.h
NO_SUMS   := -DFUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION=1

build/fuzz/recording: $(FUZZ_DEPS)
	@mkdir -p $(@D)
	$(call say,FUZZ,$@)$(CLANG) $(FUZZ_FLAGS) -fsanitize=fuzzer $(NO_SUMS) -o $@ tests/fuzz/recording.c $(FUZZ_SRC) -lzstd -lm -pthread
build/fuzz/recording-afl: $(FUZZ_DEPS)
	@mkdir -p $(@D)
	$(call say,FUZZ,$@)$(CC) $(FUZZ_FLAGS) -DCT_FUZZ_MAIN $(NO_SUMS) -o $@ tests/fuzz/recording.c $(FUZZ_SRC) -lzstd -lm -pthread
build/fuzz/damage: $(FUZZ_DEPS)
	@mkdir -p $(@D)
	$(call say,FUZZ,$@)$(CC) $(FUZZ_FLAGS) -o $@ tests/fuzz/damage.c $(FUZZ_SRC) -lzstd -lm -pthread
build/fuzz/damage-unsummed: $(FUZZ_DEPS)
	@mkdir -p $(@D)
	$(call say,FUZZ,$@)$(CC) $(FUZZ_FLAGS) $(NO_SUMS) -o $@ tests/fuzz/damage.c $(FUZZ_SRC) -lzstd -lm -pthread

build/fuzz/hostile: $(FUZZ_DEPS)
	@mkdir -p $(@D)
	$(call say,FUZZ,$@)$(CC) $(FUZZ_FLAGS) -o $@ tests/fuzz/hostile.c $(FUZZ_SRC) -lzstd -lm -pthread

.PHONY: fuzz fuzz-programs
fuzz-programs: build/fuzz/recording-afl build/fuzz/damage build/fuzz/damage-unsummed build/fuzz/hostile
fuzz: ## damaged recordings, and a fuzzer for 30 s (FUZZ_SECONDS)
	@tests/run fuzz

# ---- faults: allocations that fail, in the chain that reads a recording ----------------------------
FAIL_CALLS := malloc calloc realloc strdup strndup open_memstream vasprintf
build/faults/memory: $(FUZZ_DEPS) $(wildcard tests/faults/*.[ch])
	@mkdir -p $(@D)
	$(call say,FUZZ,$@)$(CC) $(FUZZ_FLAGS) $(FAIL_CALLS:%=-Wl,--wrap=%) -o $@ tests/faults/memory.c \
	    tests/faults/failing.c $(FUZZ_SRC) -lzstd -lm -pthread

.PHONY: fault-programs test-faults
fault-programs: build/faults/memory build/fuzz/damage build/fuzz/damage-unsummed
test-faults: programs fault-programs ## thousands of faults and damaged inputs, counted (the live ones need root)
	@tests/faults/run.sh

# ---- sanitizers, linters, measurements -----------------------------------------------------------
.PHONY: asan asan-programs lint bench
asan-programs:
	@$(MAKE) --no-print-directory SAN=1 all unit-programs

asan: asan-programs ## build with ASan and UBSan, run unit tests and a live smoke test
	@tests/run asan

lint: $(SKEL) $(GEN)/syscall_rows.h $(GEN)/html_page.h ## clang-format, clang-tidy, cppcheck, shellcheck; warnings are errors
	@CLANG='$(CLANG)' scripts/lint.sh

bench: all build/bench/floor build/bench/load build/bench/analyse build/tests/messaging ## measure what watching costs, against empty probes
	@tests/bench/run.sh build/bench
	@tests/html/run.sh bench

build/bench/%.bpf.o: tests/bench/%.bpf.c
	@mkdir -p $(@D)
	$(call say,BPF,$<)$(CLANG) $(BPFFLAGS) -Ibpf -c -o $@ $<
build/bench/%.skel.h: build/bench/%.bpf.o
	$(call say,SKEL,$@)$(or $(BPFTOOL),$(no_bpftool)) gen skeleton $< name $*_bpf > $@
build/bench/floor: build/bench/floor.skel.h
CORE_OBJ := $(filter $(OBJ)/user/base/% $(OBJ)/user/core/% $(OBJ)/user/analysis/%,$(USER_OBJ))
build/bench/analyse: tests/bench/analyse.c $(CORE_OBJ) $(OUT)/flags
	@mkdir -p $(@D)
	$(call say,CC,$<)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $< $(CORE_OBJ)
build/bench/%: tests/bench/%.c $(OUT)/flags
	@mkdir -p $(@D)
	$(call say,CC,$<)$(CC) $(CFLAGS) -Ibuild/bench $(LDFLAGS) -o $@ $< -pthread $(BPF_LIBS)

# ---- set-up, demo, installation ------------------------------------------------------------------
.PHONY: setup setup-test demo install uninstall clean help
setup: ## install the distribution packages that are missing (as root)
	@scripts/setup.sh build

setup-test:
	@scripts/setup.sh build test

demo: setup ## install what is missing, build, trace the demo in its four modes (as root)
	@$(MAKE) --no-print-directory all
	@scripts/demo.sh

install: all ## install to $(DESTDIR)$(PREFIX)
	$(call say,INSTALL,$(DESTDIR)$(PREFIX))install -d '$(DESTDIR)$(PREFIX)/bin' '$(DESTDIR)$(PREFIX)/share/man/man1'
	$(Q)install -m 755 conctrace workload '$(DESTDIR)$(PREFIX)/bin'
	$(Q)install -m 644 docs/conctrace.1 docs/workload.1 '$(DESTDIR)$(PREFIX)/share/man/man1'

uninstall: ## remove what install put there
	$(Q)rm -f '$(DESTDIR)$(PREFIX)'/bin/conctrace '$(DESTDIR)$(PREFIX)'/bin/workload \
	    '$(DESTDIR)$(PREFIX)'/share/man/man1/conctrace.1 '$(DESTDIR)$(PREFIX)'/share/man/man1/workload.1

clean: ## remove all that was built
	$(Q)rm -rf build conctrace workload

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  \1|\2/p' Makefile | \
	    while IFS='|' read -r t d; do printf '%-12s %s\n' "$$t" "$$d"; done

-include $(wildcard $(OBJ)/*/*.d $(OBJ)/*/*/*.d $(OBJ)/*/*/*/*.d $(BPF)/*.d)
