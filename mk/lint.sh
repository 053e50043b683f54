#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lint.sh C-FILE...: run what is here of the checkers; say which are not. CFLAGS as for compiling.
set -u

failed=() others=()
have() { command -v "$1" >/dev/null || { echo "lint: $1 is not installed (make deps-lint)"; return 1; }; }
step()
{
	echo "lint: $1"
	"${@:2}" || failed+=("$1")
}

mapfile -t sources < <(printf '%s\n' "$@" | grep -v -e '\.h$' -e '\.bpf\.c$' -e '^tests/fuzz/')
mapfile -t scripts < <(grep -rlE '^#!.*[/ ](ba)?sh$' .ci mk tests)
cflags=()
# shellcheck disable=SC2153 # from the Makefile, quoted as for a shell
eval "cflags=($CFLAGS)"

step layers tests/layers
have shellcheck && step shellcheck shellcheck "${scripts[@]}"
have shellcheck && step "shellcheck (bats, completions)" shellcheck -s bash -e SC2034,SC2154 tests/lib.bash tests/docker/*.bash completions/*.bash
have cppcheck && step cppcheck cppcheck -q --std=c11 --enable=warning,portability --inline-suppr --error-exitcode=1 \
	--suppress=missingIncludeSystem --suppress=internalAstError --suppress=unknownMacro --suppress='*:*.skel.h' --suppress='*:*.lskel.h' -D_GNU_SOURCE -DNSKIT_VERSION='""' -Icommon -Ibpf \
	"${sources[@]}"
have clang-tidy && step clang-tidy clang-tidy --quiet "${sources[@]}" -- "${cflags[@]}" -Itests
# Tables that were set by hand may stay so: said, not failed.
have clang-format && for f; do clang-format "$f" | cmp -s - "$f" || others+=("$f"); done
((${#others[@]})) && echo "lint: not as make format would have them: ${others[*]}"
pages=(man/*.[1-8])
[[ -f ${pages[0]} ]] && have mandoc && step mandoc mandoc -T lint -W warning "${pages[@]}"

((${#failed[@]} == 0)) && echo "lint: clean" && exit 0
printf 'lint: FAILED: %s\n' "${failed[@]}"
exit 1
