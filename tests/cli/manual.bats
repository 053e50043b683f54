# SPDX-License-Identifier: GPL-2.0-or-later
# The manual says what the code does: the same options, columns, types, kinds and statuses in both, or this fails. What the code has comes
# from the tools themselves (--complete, --schema) or from the one place in the source that has it.
load ../lib

tools() { sed -n 's/^TOOLS := //p' "$ROOT/Makefile" | tr ' ' '\n'; }
page() { echo "$ROOT"/man/"$1".[1-8]; }

# section PAGE TITLE: its mdoc lines
section()
{
	awk -v title="$2" '/^\.Sh / { inside = ($0 == ".Sh " title); next } inside' "$(page "$1")"
}

# items PAGE TITLE MACRO: the words that the section's list items have behind MACRO, those after commas too
items()
{
	section "$1" "$2" | awk -v macro="$3" '
		$1 == ".It" {
			for (i = 2; i <= NF; i++)
				if ($i == macro || $i == ",")
					on = 1
				else if (on) {
					if ($i !~ /^[A-Z][a-z]$/) print $i
					on = 0
				}
			on = 0
		}' | sort -u
}

# agree WHAT MANUAL CODE: two lists of lines, the same?
agree()
{
	[[ -n $2 && $(sort -u <<<"$2") == "$(sort -u <<<"$3")" ]] || {
		echo "$1: < only in the manual, > only in the code"
		diff <(sort -u <<<"$2") <(sort -u <<<"$3")
		return 1
	} >&2
}

@test "each option of the table is in the manual, with its argument, and no other" {
	for tool in $(tools); do
		written=$(section "$tool" OPTIONS | awk '$1 == ".It" && $2 == "Fl" {
			arg = / Ar / ? " argument" : ""
			for (i = 2; i < NF; i++)
				if ($i == "Fl")
					print "-" $(i + 1) arg
		}')
		known=$("$BUILD/$tool" --complete=options,hidden-options | awk -F '\t' '$1 != "--complete" { print $1 ($3 == "no" ? "" : " argument") }')
		agree "options of $tool" "$written" "$known"
	done
}

@test "each column is in the manual, and no other" {
	for tool in $(tools); do
		agree "columns of $tool" "$(items "$tool" COLUMNS Cm)" "$("$BUILD/$tool" --complete=columns | cut -f1)"
	done
}

# The sections of nsnet(8) that have the options of its sub-commands; those that all share are in OPTIONS.
section_of()
{
	case $1 in
	socket) echo OPTIONS ;;
	link | addr | route | rule | neigh) echo "LINK, ADDR, ROUTE, RULE AND NEIGH" ;;
	*) echo "${1^^}" ;;
	esac
}

@test "README's table of symptoms has the causes of the manual, and no others" {
	agree "causes" "$(section nsnet WHY | sed -n 's/^\.It Cm //p' | tr -d ' ' | tr , '\n' | sort -u)" \
		"$(sed -n '/^| symptom/,/^$/p' "$ROOT/README.md" | grep -oE '`[a-z0-9]+-[a-z0-9-]+`' | tr -d '`' | sort -u)"
}

@test "each sub-command is in the manual, with its options and columns" {
	common=$("$NSLS" --complete=options | awk -F '\t' '$1 == "--save", 0 { print $1 }')
	for command in $("$NSNET" --complete=commands | cut -f1); do
		words=$(section nsnet "$(section_of "$command")" | grep '^\.It Fl' | tr ' ' '\n')
		for option in $("$NSNET" "$command" --complete=options | cut -f1 | grep -vxF -- "$common"); do
			grep -qxF -- "${option#-}" <<<"$words" ||
				{ echo "nsnet.8 does not say: $command $option" >&2; return 1; }
		done
		grep -qE "^\.Cm .*\b$command\b" "$(page nsnet)"
	done
	agree "columns of sockets" "$(items nsnet 'COLUMNS OF SOCKETS' Cm)" "$("$NSNET" socket --complete=columns | cut -f1)"
}

@test "the words that options take are in the manual" {
	for tool in $(tools); do
		words=$(section "$tool" OPTIONS | grep -E '^\.(Cm|Pq Cm) ' | tr ' ' '\n')
		for list in $("$BUILD/$tool" --complete=options | cut -f4 | sed 's/,.*//' | sort -u); do
			[[ $list != columns && $list != pids && $list != targets && $list != namespaces && $list != netns ]] || continue
			for word in $("$BUILD/$tool" --complete="$list" | cut -f1); do
				grep -qxF -- "$word" <<<"$words" ||
					{ echo "$tool.8 does not say: $word ($list)" >&2; return 1; }
			done
		done
	done
}

@test "namespace types: the table, nskit(7), the kernel" {
	types=$("$NSLS" --complete=types | cut -f1)
	agree "types" "$(items nskit NAMESPACES Cm)" "$types"
	agree "types and what they isolate" \
		"$(section nskit NAMESPACES | awk '$1 == ".It" { t = $3; next } t { sub(/;.*/, ""); print t "\t" $0; t = "" }' |
			grep -v '^\(user\|cgroup\)')" \
		"$("$NSLS" --complete=types | grep -v '^\(user\|cgroup\)')"
	for type in $(find /proc/self/ns/ -type l -printf '%f\n' | sed 's/_for_children//' | sort -u); do
		grep -qx "$type" <<<"$types"
	done
}

@test "each kind of keeper is in the manual, and no other" {
	need_cmd jq
	agree "kinds of keepers" "$(items nsls KEEPERS Cm)" \
		"$(jq -r '."$defs".keeper.properties.kind.enum[]' "$BUILD/schema/nsls.json")"
}

@test "the keys of the screen: the table, the manual" {
	"$NSLS" --save "$BATS_TEST_TMPDIR/snap" >/dev/null 2>&1
	code=$("$NSTOP" --from "$BATS_TEST_TMPDIR/snap" --screen 200x60 --keys F1 | sed -nE '2,/any other key/s/^ (.{14}) (.+)$/\1\t\2/p' |
		grep -v 'any other key' | sed -E 's/ *\t/\t/')
	agree "keys" "$(section nstop KEYS | sed 's/\\e/\\/g; s/\\&//g' | awk '/^\.It Ic / { k = substr($0, 8); next } k { sub(/\.$/, ""); print k "\t" $0; k = "" }')" "$code"
}

@test "exit statuses: the enum, the manuals, --help" {
	code=$(grep -oE 'EXIT_[A-Z]+ = [0-9]+' "$ROOT/common/cli/cli.h" | grep -oE '[0-9]+$')
	agree "exit statuses of nskit(7)" "$(section nskit 'EXIT STATUS' | awk '$1 == ".It" { print $2 }')" "$code"
	for tool in $(tools); do
		[[ -z $(section "$tool" 'EXIT STATUS' | awk '$1 == ".It" { print $2 }' | grep -vxF "$code") ]] # 4 is not every tool's
		agree "exit statuses of $tool --help" "$("$BUILD/$tool" --help | sed -n 's/^Exit status://p' | grep -oE '\b[0-9]\b')" "$code"
	done
}

@test "each environment variable that the code reads is in the manual, and no other" {
	for tool in $(tools); do
		# The library's objects are linked as they are needed: what is not in the binary it does not read.
		code=$(grep -rhoE '\b(secure_)?getenv\("[A-Z_]+"\)' "$ROOT"/common "$ROOT"/tools/"$tool"* --include='*.c' | cut -d'"' -f2 |
			while read -r name; do ! grep -qaP "$name\x00" "$BUILD/$tool" || echo "$name"; done)
		agree "environment of $tool" "$(items "$tool" ENVIRONMENT Ev)" "$code"$'\nLC_ALL\nLC_CTYPE\nLANG'
	done
}

@test "each privilege that a gap asks for is explained in nskit(7)" {
	hints=$(grep -rhoE '\bCAP_[A-Z_]+[^"]*"\)?' "$ROOT"/common --include='*.c' --exclude-dir=why | grep -oE '\bCAP_[A-Z_]+' | sort -u)
	[[ -n $hints ]]
	for cap in $hints; do
		section nskit PRIVILEGES | grep '^\.It' | grep -qw "$cap" || { echo "nskit(7) does not explain $cap" >&2; return 1; }
	done
}

@test "the header's keys are in nskit(7)" {
	need_cmd jq
	for key in $("$NSLS" -J 2>/dev/null | jq -r '.nskit | keys[]' | grep -vE '^(initial_[a-z]+|own_[a-z]+|pidns|version|ticks)$'); do
		section nskit JSON | grep -qw "$key" || { echo "nskit(7) does not name .nskit.$key" >&2; return 1; }
	done
}

@test "each tool is in nskit(7), and each page is clean and fits 80 columns" {
	need_cmd mandoc
	for tool in $(tools); do
		section nskit DESCRIPTION | grep -q "^\.It Xr $tool "
		[[ -f $(page "$tool") ]]
	done
	for file in "$ROOT"/man/*.[1-8]; do
		mandoc -T lint -W warning "$file"
		[[ -z $(mandoc -T ascii -O width=78 "$file" | sed 's/.\x08//g' | awk 'length > 80' | tee /dev/stderr) ]]
		head -n1 "$file" | grep -q 'SPDX-License-Identifier: GPL-2.0-or-later'
	done
}

# given CALL...: the texts that calls of the form CALL( argument, TEXT, in the checks of nsnet why give: their second argument
given()
{
	cat "$ROOT"/common/why/*.c "$ROOT"/common/reach/*.c | tr '\n\t' '  ' | grep -oE "\b($1)\([^,;]*,[^,;]*," | grep -oE '"[^"]+"' | tr -d '"' | sort -u
}

@test "each key of a cause's evidence, and each thing that may be unchecked, is in the manual, and no other" {
	keys=$(given 'why_text|why_number|why_numbers|why_bool' | grep -xE '[a-z0-9_]+')
	keys+=$'\n'$(cat "$ROOT"/common/reach/*.c | tr '\n\t' '  ' | grep -oE '\b(fact_text|fact_number|socket_facts)\([^;{]*' | grep -oE '"[a-z0-9_]+"' | tr -d '"')
	(($(wc -l <<<"$keys") > 100))
	agree "keys of evidence" "$(items nsnet EVIDENCE Cm)" "$keys"
	agree "what may be unchecked" "$(section nsnet EVIDENCE | sed -n 's/^\.Qq //p')" "$(given why_skip)"
}
