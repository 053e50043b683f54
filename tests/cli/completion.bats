# SPDX-License-Identifier: GPL-2.0-or-later
# Completions, driven as the shells drive them: they offer all that the tool knows, nothing else, and no stranger's name can hurt.
load ../lib

tools() { sed -n 's/^TOOLS := //p' "$ROOT/Makefile" | tr ' ' '\n'; }

# list LIST: the words without what they mean
list() { "$NSLS" --complete="$1" | cut -f1; }

# bash_offers LINE: what bash offers at its end, a word a line; as readline would, the line is split at blanks, : and = too. The words
# that the function has for compopt follow, as "(WORD)". WITH_PACKAGE=1: with the bash-completion package loaded before.
bash_offers()
{
	bash -s "$1" <<-'EOS'
		if [[ -n $WITH_PACKAGE ]]; then . /usr/share/bash-completion/bash_completion; fi
		. "$ROOT/completions/nskit.bash"
		compopt() { OPTS+=("($2)"); }
		COMP_LINE=$1 COMP_POINT=${#1} COMP_WORDS=() OPTS=()
		rest=$1
		while [[ -n $rest ]]; do
			[[ $rest =~ ^\ *([:=]+|[^\ :=]+|$)(.*)$ ]]
			COMP_WORDS+=("${BASH_REMATCH[1]}") rest=${BASH_REMATCH[2]}
		done
		[[ $1 == *" " && ${COMP_WORDS[-1]} ]] && COMP_WORDS+=("")
		COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
		_nskit nsls "${COMP_WORDS[-1]}" ""
		((${#COMPREPLY[@]} + ${#OPTS[@]} == 0)) || printf '%s\n' "${COMPREPLY[@]}" "${OPTS[@]}"
	EOS
}

# offers LINE WORDS: just these, in any order, beside compopt's
offers()
{
	local got
	got=$(bash_offers "$NSLS $1" | grep -v '^(' | sort)
	[[ $got == "$(sort <<<"$2")" ]] || { echo "$1 offers:" "$got" "and should:" "$2" >&2; return 1; }
}

@test "each list of words is known to the tool, and each option with an argument has one" {
	for tool in $(tools); do
		while IFS=$'\t' read -r option help arg words; do
			[[ -n $option && -n $help && $arg =~ ^(no|yes|maybe)$ ]]
			[[ $arg == no && -z $words ]] && continue
			[[ -n $words ]] || { echo "$tool $option: nothing completes its argument" >&2; return 1; }
			"$BUILD/$tool" --complete="${words%%,*}" >/dev/null || { echo "$tool has no list $words" >&2; return 1; }
		done < <("$BUILD/$tool" --complete=options)
		for command in $("$BUILD/$tool" --complete=commands | cut -f1); do
			while IFS=$'\t' read -r option _ arg words; do
				[[ $arg == no || -n $words ]] || { echo "$tool $command $option: nothing completes its argument" >&2; return 1; }
				[[ -z $words ]] || "$BUILD/$tool" "$command" --complete="${words%%,*}" >/dev/null
			done < <("$BUILD/$tool" "$command" --complete=options)
		done
		run -2 --separate-stderr "$BUILD/$tool" --complete=no-such-list
		[[ -z "$output$stderr" ]]
	done
}

@test "what --help and --output help show is offered, and no more" {
	for tool in $(tools); do
		diff <("$BUILD/$tool" --complete=options | cut -f1 | sort) \
			<("$BUILD/$tool" --help | grep -E '^ +-' | cut -c1-27 | grep -oE -- '(^| )--?[a-zA-Z0-9][a-z0-9-]*' | tr -d ' ' | sort)
		diff <("$BUILD/$tool" --complete=columns | cut -f1) <("$BUILD/$tool" --output help | awk '{ print $1 }')
	done
}

@test "the tool takes every word that is offered" {
	for word in $(list types); do run -0 "$NSLS" -t "$word"; done
	for word in $(list trees); do run -0 "$NSLS" "--tree=$word"; done
	for word in $(list colors); do run -0 "$NSLS" "--color=$word"; done
	for word in $(list schemas); do run -0 "$NSLS" "--schema=$word"; done
	for word in $(list columns); do run -0 "$NSLS" -o "$word" -p $$; done
	for word in $(list collectors); do
		run "$NSLS" --collector "$word"
		[[ $status != 2 ]]
	done
	# and none that it does not offer
	for option in "-t no" "--tree=no" "--color=no" "--schema=no" "-o no" "--collector no"; do
		# shellcheck disable=SC2086
		run -2 "$NSLS" $option
	done
}

@test "live names are targets" {
	need_ns
	netns_add nskit-completion
	in_ns -n
	list targets | grep -qx host
	list targets | grep -qx netns:nskit-completion
	list pids | grep -qx "$NS_PID"
	list namespaces | grep -qx "$(ns_of net "$NS_PID")"
	"$NSLS" --complete=namespaces | grep -q "^$(ns_of net "$NS_PID")"$'\t'"net, .*$NS_PID\$"
	for word in $(list targets); do run -0 "$NSLS" "$word"; done
}

@test "fast, silent, and without privileges" {
	need_cmd timeout
	run -0 --separate-stderr timeout 10 "$NSLS" --complete=targets,pids,namespaces
	[[ -z "$stderr" ]]
	run -0 --separate-stderr timeout 10 env NSKIT_NO_BPF=1 "$NSLS" --complete=targets
	run -0 --separate-stderr "$NSLS" --from /nonexistent --complete=targets,pids
	[[ -z "$stderr" ]]
	run -0 --separate-stderr "$NSLS" --proc /nonexistent --complete=targets,pids
	[[ -z "$stderr" ]]
	need_root
	need_cmd setpriv
	cp "$NSLS" "$BATS_TEST_TMPDIR/nsls"
	chmod 755 "$BATS_TEST_TMPDIR/nsls"
	run -0 --separate-stderr setpriv --reuid 65534 --regid 65534 --clear-groups "$BATS_TEST_TMPDIR/nsls" --complete=targets
	[[ -z "$stderr" ]]
	grep -q "^host" <<<"$output"
}

# A snapshot with those containers (JSON objects of container records), a process in each, and one without
forge()
{
	"$NSLS" --save - 2>/dev/null | jq -c '[.tasks[0]] as [$t] | .containers = ['"$1"'] | .tasks = [.containers[].id] |
		.tasks |= [to_entries[] | .value as $id | (.key + 10) as $pid | $t | .pid = $pid | .tid = $pid | .container = $id] |
		.containers += [{id: "ended1", name: "ended"}] |
		.holds += [{kind: "mount", type: "net", ns: 4026531833, pid: 0, fd: null, socket: 0, mntns: 4026532999, path: "/run/netns/elsewhere"}]' >"$BATS_TEST_TMPDIR/forged"
}

@test "hostile names are not offered, others cannot be mistaken" {
	need_cmd jq
	forge '{id: "aaa111", name: "web", image: "x\ty\nz"}, {id: "bbb222", name: "a b"}, {id: "ccc333", name: "$(touch pwned)"}, {id: "ddd444", name: "`id`"},
		{id: "eee555", name: "q\u0027q"}, {id: "fff666", name: "two\nlines"}, {id: "abc777", name: "-rf"}, {id: "abc888", name: "\\x1b[31m"},
		{id: "abc999", name: "1234"}, {id: "dup001", name: "dup"}, {id: "dup002", name: "dup"}, {id: "abcaaa", name: "pid:1"}, {id: "nameless"},
		{id: "pod001", name: "k8s", pod: "web", pod_namespace: "default"}, {id: "pod002", name: "k8s2", pod: "web", pod_namespace: "default"},
		{id: "tilde0", name: "~root"}, {id: "glob00", name: "*"}, {id: "semi00", name: "a;b"}, {id: "host00", name: "host"}'
	cd "$BATS_TEST_TMPDIR"
	run -0 --separate-stderr "$NSLS" --from forged --complete=targets
	[[ -z "$stderr" ]]
	diff <(cut -f1 <<<"$output" | grep -v '^netns:') - <<-'EOF'
		container:1234
		container:host
		container:pid:1
		dup001
		dup002
		host
		k8s
		k8s2
		nameless
		pod:default/web
		web
	EOF
	while IFS=$'\t' read -r word help; do
		[[ $help != *[[:cntrl:]]* ]]
		"$NSLS" --from forged --complete=targets | grep -q . # the tool resolves what it offers, in the snapshot
		run "$NSLS" --from forged "$word"
		[[ "$output" != *"no such"* && "$output" != *ambiguous* ]] || { echo "$word: $output" >&2; return 1; }
	done <<<"$output"
	[[ "$output" != *elsewhere* ]] # mounted where we are not
	[[ $(bash_offers "$NSLS --from forged we") == web* ]]
	bash_offers "$NSLS --from forged "
	# what is typed is not evaluated either
	bash_offers "$NSLS "'$(touch${IFS}pwned) `touch${IFS}pwned` -o a[$(touch${IFS}pwned)]'
	bash_offers '$(touch${IFS}pwned) x'
	[[ ! -e pwned ]]
}

@test "hostile names of network namespaces" {
	need_ns
	cd "$BATS_TEST_TMPDIR"
	for name in 'nskit a b' 'nskit$(touch pwned)' "nskit'q" $'nskit\nx'; do
		ip netns add "$name" 2>/dev/null || continue
		on_cleanup ip netns del "$name"
	done
	netns_add nskit-plain
	run -0 --separate-stderr "$NSLS" --complete=targets
	[[ -z "$stderr" && "$output" == *netns:nskit-plain* ]]
	[[ $(grep -c '^netns:nskit' <<<"$output") == 1 ]]
	bash_offers "$NSLS netns:"
	[[ ! -e pwned ]]
}

@test "bash offers options, words, lists joined by commas, and leaves files to readline" {
	need_ns
	netns_add nskit-bash
	in_ns -n
	for WITH_PACKAGE in '' 1; do
		[[ -z $WITH_PACKAGE || -f /usr/share/bash-completion/bash_completion ]] || continue
		export WITH_PACKAGE
		offers - "$(list options)"
		offers --tr --tree
		offers --tree= "$(list trees)"
		offers --tree=ow owner
		offers -Tow -Towner
		offers "-t " "$(list types)"
		offers "-t net,u" $'net,uts\nnet,user'
		offers "-t net,user,u" net,user,uts
		offers "-rlt ne" net
		offers "-o " "$(list columns)"
		offers "-o +" "$(list columns | sed 's/^/+/')"
		offers "-o +NS,T" +NS,TYPE
		offers "-o ns,ty" ns,type
		offers "-oNS,T" -oNS,TYPE
		offers "--output=+NS,HO" +NS,HOSTNAME
		offers "--output HO" HOSTNAME
		offers --collector= "$(list collectors)"
		offers "--collector " "$(list collectors)"
		offers --color=al always
		offers --schema= "$(list schemas)"
		offers "-r netns:nskit-b" nskit-bash
		offers "-T netns:nskit-b" nskit-bash
		offers "host netns:nskit-ba" nskit-bash
		offers "-- --tr" ""
		offers "-p $NS_PID" "$(list pids | grep "^$NS_PID")"
		offers "$(ns_of net "$NS_PID")" "$(ns_of net "$NS_PID")"
		for line in "--save " --save= "--from " "--diff /tm"; do
			[[ $(bash_offers "$NSLS $line") == *"(default)"* ]]
		done
		[[ $(bash_offers "$NSLS --proc ") == *"(dirnames)"* ]]
		[[ $(bash_offers "$NSLS -o N") == *"(nospace)"* ]]
	done
}

@test "each tool has its completions, for each shell" {
	for tool in $(tools); do
		[[ $(bash -c '. "$1" && complete -p "$2"' bash "$ROOT/completions/nskit.bash" "$tool") == "complete -F _nskit $tool" ]]
		[[ "$(head -n1 "$ROOT/completions/_nskit") " == "#compdef "*"$tool "* ]]
	done
}

@test "bash completion is clean under shellcheck" {
	need_cmd shellcheck
	shellcheck "$ROOT/completions/nskit.bash"
}

@test "zsh offers the same" {
	need_cmd zsh
	zsh -n "$ROOT/completions/_nskit"
	words() { xargs <<<"$*"; }
	diff <(zsh -f "$ROOT/tests/cli/complete.zsh" "$BUILD" "nsls --tree=" "nsls -Tow" "nsls -t net,u" "nsls -o +NS,H" "nsls -o " "nsls --collector " \
		"nsls --color=" "nsls --schema=" "nsls hos" "nsls --ke") - <<-EOF
			nsls --tree= -> $(words "$(list trees)")
			nsls -Tow -> owner
			nsls -t net,u -> uts user
			nsls -o +NS,H -> HOSTNAME
			nsls -o  -> $(words "$(list columns)")
			nsls --collector  -> $(words "$(list collectors)")
			nsls --color= -> $(words "$(list colors)")
			nsls --schema= -> $(words "$(list schemas)")
			nsls hos -> host
			nsls --ke -> --keepers
		EOF
}

@test "fish offers the same" {
	need_cmd fish
	fish --no-execute "$ROOT/completions/nskit.fish"
	cd "$BATS_TEST_TMPDIR"
	cp "$ROOT/completions/nskit.fish" nsls.fish # as it is installed
	# In fish's order, by name. It takes -T's word only from --tree=.
	asks() # LINE
	{
		env PATH="$BUILD:$PATH" fish --no-config -c "source nsls.fish; complete -C \"\$argv[1]\"" "nsls $1" | cut -f1 | sort
	}
	same() { diff <(asks "$1") <(sort <<<"$2"); }
	diff <(asks -- | sed 's/=$//' | sort -u) <(list options | grep '^--' | sort)
	diff <(asks - | grep -v '^--' | sort) <(list options | grep -v '^--' | sort)
	same --tree= "$(list trees | sed 's/^/--tree=/')"
	same "-t net,u" $'net,uts\nnet,user'
	same "-o " "$(list columns)"
	same "-o +NS,HO" +NS,HOSTNAME
	same "-o ns,ho" ns,hostname
	same "-oNS,HO" -oNS,HOSTNAME
	same "--collector " "$(list collectors)"
	same "--color=" "$(list colors | sed 's/^/--color=/')"
	same "--schema=" "$(list schemas | sed 's/^/--schema=/')"
	same "hos" host
	touch some-file
	same "--save some" some-file
	same "--from some" some-file
}

@test "sub-commands are offered, and then their options" {
	commands=$("$NSNET" --complete=commands | cut -f1)
	[[ -n $commands ]]
	for command in $commands; do
		bash_offers "$NSNET " | grep -qx "$command"
		diff <(bash_offers "$NSNET $command -" | grep -v '^(' | sort) <("$NSNET" "$command" --complete=options | cut -f1 | sort)
	done
	[[ $(bash_offers "$NSNET link ") != *addr* ]]
	[[ $(bash_offers "$NSNET route --table=l" | grep -v '^(') == local ]]
	diff <(bash_offers "$NSNET why --call " | grep -v '^(' | sort) - <<<$'bind\nconnect\nlisten\nsocket'
	[[ $(bash_offers "$NSNET why --errno EADDRI" | grep -v '^(') == EADDRINUSE ]]
	for word in $("$NSNET" why --complete=calls); do run "$NSNET" why --call "$word" 0 host; [[ $status != 2 ]]; done
	for word in $("$NSNET" why --complete=errnos); do run "$NSNET" why --errno "$word" 0 host; [[ $status != 2 ]]; done
	diff <("$NSNET" --help | sed -n '/^Commands:/,/^$/s/^ \([a-z]*\) .*/\1/p') - <<<"$commands"
	if command -v zsh >/dev/null; then
		diff <(zsh -f "$ROOT/tests/cli/complete.zsh" "$BUILD" "nsnet lin" "nsnet link --det" "nsnet --bou" "nsnet why --call l") - <<-EOF
			nsnet lin -> link
			nsnet link --det -> --details
			nsnet --bou -> --bound-inactive
			nsnet why --call l -> listen
		EOF
	fi
	if command -v fish >/dev/null; then
		fish --no-execute "$ROOT/completions/nskit.fish"
		cd "$BATS_TEST_TMPDIR"
		cp "$ROOT/completions/nskit.fish" nsnet.fish
		asks() { env PATH="$BUILD:$PATH" fish --no-config -c "source nsnet.fish; complete -C \"\$argv[1]\"" "nsnet $1" | cut -f1; }
		[[ $(asks lin) == link && $(asks "link --det") == --details && $(asks --bou) == --bound-inactive && $(asks "why --call l") == listen && -z $(asks "link --bou") ]]
	fi
}
