# SPDX-License-Identifier: GPL-2.0-or-later
# A new tool is its name in TOOLS and tools/NAME.c (and tools/NAME/*.c, if it has rooms of its own).
TOOLS := nsls nspid nsnet nstop
VERSION := 0.1.0
PKGS := libbpf jansson libmnl

PREFIX ?= /usr/local
BINDIR ?= $(PREFIX)/bin
DATADIR ?= $(PREFIX)/share
INSTALL ?= install
CFLAGS ?= -O2 -g

ifdef FUZZ
BUILD ?= build-fuzz
else ifdef SAN
BUILD ?= build-san
else
BUILD ?= build
endif

all: ## everything that is installed: the tools and their JSON Schemas

# Nothing below may run a compiler or pkg-config while make reads this file: on a bare machine `make deps` brings them. So what
# has to be asked is asked when a recipe first uses it, and then remembered.
remember = $(eval $(1) := $(2))$($(1))
pkg = $(shell pkg-config $(1) || echo pkg-config-failed-see-make-deps)
accepts = $(shell echo 'int x;' | $(CC) -Werror $(1) -x c -c -o /dev/null - 2>/dev/null && echo '$(1)')
pkg_cflags = $(call remember,pkg_cflags,$(call pkg,--cflags $(PKGS)))
pkg_libs = $(call remember,pkg_libs,$(call pkg,--libs $(PKGS)))
cmocka_cflags = $(call remember,cmocka_cflags,$(call pkg,--cflags cmocka))
cmocka_libs = $(call remember,cmocka_libs,$(call pkg,--libs cmocka))
if_accepted = $(call remember,if_accepted,$(call accepts,-fcf-protection) $(call accepts,-fstack-clash-protection))

# What is done in a word; V=1 shows the commands.
say = $(if $(V),,@printf '  %-6s %s\n' $(1) $@;)

# Debian's place for bpftool is not in every PATH; Ubuntu's is a wrapper that wants the running kernel's own.
bpftool = $(call remember,bpftool,$(or $(BPFTOOL),$(shell for t in bpftool /usr/sbin/bpftool /usr/lib/linux-tools/*/bpftool; do \
	"$$t" version >/dev/null 2>&1 && echo "$$t" && break; done),bpftool))
bpf_clang = $(call remember,bpf_clang,$(or $(CLANG),$(shell for c in clang clang-21 clang-20 clang-19 clang-18 clang-17 clang-16 clang-15 clang-14; do \
	command -v $$c && break; done),clang))

warnings := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition -Wvla -Wundef \
	-Wpointer-arith -Wwrite-strings -Wformat=2 -Wno-format-nonliteral -Wimplicit-fallthrough
strict := $(if $(WERROR),-Werror)
ifdef SAN
hardening := -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer -U_FORTIFY_SOURCE
else
hardening = $(if $(filter -O0,$(CFLAGS)),,-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2) -fstack-protector-strong $(if_accepted)
endif
ifdef FUZZ
hardening += -fsanitize=fuzzer-no-link
endif
# What runs in the kernel is the same with sanitizers.
bpf_dir := $(if $(SAN)$(FUZZ),build,$(BUILD))/bpf
includes := -Icommon -Ibpf -isystem $(bpf_dir)
flags = -std=gnu11 -D_GNU_SOURCE -DNSKIT_VERSION='"$(VERSION)"' $(warnings) $(hardening) -fPIE $(includes) $(pkg_cflags) \
	$(CPPFLAGS) $(CFLAGS)
ldflags = $(hardening) -pie -Wl,-z,relro,-z,now -Wl,-z,noexecstack -Wl,--as-needed $(LDFLAGS)
bpf_flags := -target bpf -O2 -g -Wall -Wextra -Wno-unused-parameter -Wno-missing-field-initializers -Ibpf

obj = $(patsubst %.c,$(BUILD)/obj/%.o,$(1))
lib_src := $(sort $(wildcard common/*.c common/*/*.c))
tool_src = $(wildcard tools/$(1).c tools/$(1)/*.c)
unit_src := $(wildcard tests/unit/*_test.c)
fuzz_src := $(wildcard tests/fuzz/*_fuzz.c)
helper_src := $(wildcard tests/*.c tests/bench/*.c tests/cli/*.c tests/docker/*.c)
bpf_names := $(patsubst bpf/%.bpf.c,%,$(wildcard bpf/*.bpf.c))

lib := $(BUILD)/libnskit.a
skeletons := $(foreach b,$(bpf_names),$(bpf_dir)/$(b).lskel.h $(bpf_dir)/$(b).skel.h)
tools := $(TOOLS:%=$(BUILD)/%)
schemas := $(TOOLS:%=$(BUILD)/schema/%.json) $(BUILD)/schema/snapshot.json $(BUILD)/schema/nsls-diff.json $(BUILD)/schema/nstop-events.json \
	$(BUILD)/schema/nsnet-topo.json $(BUILD)/schema/nsnet-summary.json $(BUILD)/schema/nsnet-why.json
units := $(patsubst tests/unit/%.c,$(BUILD)/tests/%,$(unit_src))
fuzzers := $(patsubst tests/fuzz/%.c,$(BUILD)/tests/%,$(fuzz_src))
helpers := $(addprefix $(BUILD)/tests/,$(notdir $(helper_src:.c=)))

all: $(tools) $(schemas)

.SUFFIXES:
.DELETE_ON_ERROR:
.PHONY: all tests fuzzers deps deps-build deps-test deps-bench deps-kernels deps-lint check check-unit check-cli check-docker check-kernels fuzz bench soak install uninstall lint format clean help FORCE

# The flags of the last build: when they change, everything is built anew. But what was built with -Werror is good without it, too.
$(BUILD)/flags: FORCE
	@mkdir -p $(@D)
	@flags='$(CC) $(subst ','\'',$(flags) $(ldflags))'; was=$$(cat $@ 2>/dev/null); \
	[ "$$was" = "$$flags -Werror" ] || { [ -z '$(strict)' ] && [ "$$was" = "$$flags" ]; } || \
	printf '%s\n' "$$flags$(if $(strict), $(strict))" >$@

# -MD, not -MMD: the skeletons come by -isystem, and a changed BPF program must reach the objects that embed it.
$(BUILD)/obj/%.o: %.c $(BUILD)/flags | $(skeletons)
	@mkdir -p $(@D)
	$(call say,CC)$(CC) $(flags) $(strict) $(extra_flags) -MD -MP -c -o $@ $<

$(BUILD)/obj/tests/unit/%.o: extra_flags = -Itests $(cmocka_cflags)
$(BUILD)/obj/tests/fuzz/%.o: extra_flags = -Itests -Wno-missing-prototypes

$(BUILD)/lib.list: FORCE
	@mkdir -p $(@D)
	@echo '$(lib_src)' | cmp -s - $@ || echo '$(lib_src)' >$@

$(lib): $(call obj,$(lib_src)) $(BUILD)/lib.list
	@rm -f $@
	$(call say,AR)$(AR) rcs $@ $(filter %.o,$^)

link = $(call say,LINK)$(CC) $(ldflags) -o $@ $(filter %.o,$^) $(filter %.a,$^) $(extra_libs) $(pkg_libs) -pthread

define tool_rule
$(BUILD)/$(1): $(call obj,$(call tool_src,$(1)))
endef
$(foreach t,$(TOOLS),$(eval $(call tool_rule,$(t))))
$(tools): $(lib)
	$(link)
$(BUILD)/nstop: extra_libs = $(call remember,curses_libs,$(call pkg,--libs ncursesw))

# Stripped of debug information but not of BTF: `gen object` does just that.
$(bpf_dir)/%.bpf.o: bpf/%.bpf.c
	@mkdir -p $(@D)
	$(call say,BPF)$(bpf_clang) $(bpf_flags) -MD -MP -MT $@ -MF $(@:.o=.d) -c -o $(@:.o=.full.o) $<
	$(if $(V),,@)$(bpftool) gen object $@ $(@:.o=.full.o)

$(bpf_dir)/%.lskel.h: $(bpf_dir)/%.bpf.o
	$(call say,SKEL)$(bpftool) gen skeleton -L $< name $* >$@

$(bpf_dir)/%.skel.h: $(bpf_dir)/%.bpf.o
	$(call say,SKEL)$(bpftool) gen skeleton $< name $*_full >$@

.SECONDARY:

$(BUILD)/schema/snapshot.json: $(BUILD)/$(firstword $(TOOLS))
	@mkdir -p $(@D)
	$(call say,SCHEMA)$< --schema=snapshot >$@

$(BUILD)/schema/nsnet-summary.json: $(BUILD)/nsnet
	@mkdir -p $(@D)
	$(call say,SCHEMA)$< --schema=summary >$@

$(BUILD)/schema/nsls-diff.json: $(BUILD)/nsls
	@mkdir -p $(@D)
	$(call say,SCHEMA)$< --schema=diff >$@

$(BUILD)/schema/nsnet-why.json: $(BUILD)/nsnet
	@mkdir -p $(@D)
	$(call say,SCHEMA)$< why --schema >$@

$(BUILD)/schema/nsnet-topo.json: $(BUILD)/nsnet
	@mkdir -p $(@D)
	$(call say,SCHEMA)$< --schema=topo >$@

$(BUILD)/schema/nstop-events.json: $(BUILD)/nstop
	@mkdir -p $(@D)
	$(call say,SCHEMA)$< --schema=events >$@

$(BUILD)/schema/%.json: $(BUILD)/%
	@mkdir -p $(@D)
	$(call say,SCHEMA)$< --schema >$@

# Tests. A C file beside the tests is a small program of its own that they run.
tests: $(units) $(helpers)
fuzzers: $(fuzzers)

$(units): $(BUILD)/tests/%: $(BUILD)/obj/tests/unit/%.o $(lib)
	@mkdir -p $(@D)
	$(link)
$(units): extra_libs = $(cmocka_libs)

# With FUZZ=1 libFuzzer drives a target; else our main replays its corpus, so that every compiler can.
$(fuzzers): $(BUILD)/tests/%: $(BUILD)/obj/tests/fuzz/%.o $(if $(FUZZ),,$(BUILD)/obj/tests/fuzz/replay.o) $(lib)
	@mkdir -p $(@D)
	$(link)
$(fuzzers): extra_libs = $(if $(FUZZ),-fsanitize=fuzzer)

# They may ask the common code what it makes of what they see; the others take nothing of it.
define helper_rule
$(BUILD)/tests/$(notdir $(1:.c=)): $(call obj,$(1)) $(lib)
	@mkdir -p $$(@D)
	$$(call say,LINK)$$(CC) $$(ldflags) -o $$@ $$(filter %.o,$$^) $$(lib) $$(pkg_libs) -pthread
endef
$(foreach h,$(helper_src),$(eval $(call helper_rule,$(h))))

run_tests = BUILD=$(abspath $(BUILD)) tests/run
FUZZ_SECONDS ?= 30

check: all tests fuzzers ## all tests; the last line sums them up
	@$(run_tests) $(units) $(fuzzers) tests/layers $(sort $(wildcard tests/docker/*.bats)) $(sort $(wildcard tests/cli/*.bats)) fuzz
check-unit: tests fuzzers ## only the unit tests and the fuzz corpus
	@$(run_tests) $(units) $(fuzzers) tests/layers
check-cli: all tests ## only the command line's tests
	@$(run_tests) $(sort $(wildcard tests/cli/*.bats))
check-docker: all tests ## only the tests with a real Docker Engine
	@$(run_tests) $(sort $(wildcard tests/docker/*.bats))
check-kernels: all tests ## the tools on Debian's kernels from 5.10 to the newest, in qemu; KERNELS="5.10 newest": only these
	@BUILD=$(abspath $(BUILD)) KERNELS_DIR=$(abspath build/kernels) TOOLS='$(TOOLS)' V=$(V) tests/kernels/run $(KERNELS)

fuzz: ## libFuzzer with sanitizers on each target, FUZZ_SECONDS=30 each (needs clang and its runtime)
	@MAKE="$(MAKE)" tests/fuzz/run $(FUZZ_SECONDS)

bench: all tests ## what the tools cost, beside lsns, ps, ss, htop, bpftrace and strace (deps-bench) and the floor of procfs
	@BUILD=$(abspath $(BUILD)) sh -c 'status=0; for b in bench events live; do tests/bench/$$b || status=1; done; exit $$status'

SOAK_RUNS ?= 1000
SOAK_REFRESHES ?= 86400
soak: all tests ## SOAK_RUNS=1000 runs during a storm of forks and exits, and a day's SOAK_REFRESHES=86400 of nstop
	@BUILD=$(abspath $(BUILD)) tests/soak --runs $(SOAK_RUNS)
	@BUILD=$(abspath $(BUILD)) tests/soak-live --refreshes $(SOAK_REFRESHES)

deps: ## install what building and testing need (apt, dnf, apk or pacman; says what)
	@.ci/deps build test
deps-build: ## install what building needs
	@.ci/deps build
deps-test: ## install what testing needs
	@.ci/deps test
deps-bench: ## install what make bench compares with: bpftrace, strace, htop, ss, lsns, ps
	@.ci/deps bench
deps-kernels: ## install what make check-kernels needs
	@.ci/deps kernels
deps-lint: ## install what make lint and make format need
	@.ci/deps lint

man_pages = $(wildcard man/*.[1-8])
man_dir = $(DESTDIR)$(DATADIR)/man/man$(subst .,,$(suffix $(1)))
# One completion a shell serves all tools; bash and fish look for it by the tool's name, zsh reads the names in its first line.
completions = $(foreach t,$(TOOLS),nskit.bash=bash-completion/completions/$(t) nskit.fish=fish/vendor_completions.d/$(t).fish) \
	_nskit=zsh/site-functions/_nskit

install: all ## into DESTDIR, below PREFIX=/usr/local
	$(INSTALL) -d $(DESTDIR)$(BINDIR) $(DESTDIR)$(DATADIR)/nskit/schema
	$(INSTALL) -m755 $(tools) $(DESTDIR)$(BINDIR)
	$(INSTALL) -m644 $(schemas) $(DESTDIR)$(DATADIR)/nskit/schema
	set -e; $(foreach m,$(man_pages),$(INSTALL) -Dm644 $(m) $(call man_dir,$(m))/$(notdir $(m));) \
	$(foreach c,$(completions),$(INSTALL) -Dm644 completions/$(subst =, $(DESTDIR)$(DATADIR)/,$(c));)

uninstall: ## remove what install put there
	rm -f $(TOOLS:%=$(DESTDIR)$(BINDIR)/%)
	rm -rf $(DESTDIR)$(DATADIR)/nskit
	rm -f $(foreach m,$(man_pages),$(call man_dir,$(m))/$(notdir $(m))) $(foreach c,$(completions),$(DESTDIR)$(DATADIR)/$(lastword $(subst =, ,$(c))))

c_files = $(wildcard tools/*.[ch] tools/*/*.[ch] common/*.[ch] common/*/*.[ch] bpf/*.[ch] tests/*.[ch] tests/*/*.[ch])

lint: $(skeletons) ## what a compiler doesn't say: layers, shellcheck, cppcheck, clang-tidy, format
	@BUILD=$(BUILD) CFLAGS='$(subst ','\'',$(filter-out -W% -f%,$(flags)))' .ci/lint $(c_files)

format: ## clang-format on all C files
	clang-format -i $(c_files)

clean: ## remove what was built
	rm -rf build build-san build-fuzz

help: ## this list
	@sed -n 's/^\([a-z][a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 14
	@echo; echo 'CC=clang builds with clang, SAN=1 with sanitizers (in build-san), WERROR=1 stops at warnings, V=1 shows commands.'

-include $(shell find $(BUILD)/obj $(bpf_dir) -name '*.d' 2>/dev/null)
