# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# bash completion for the tools of nskit; works with and without the bash-completion package. Every word comes from the tool
# (--complete=LIST). Nothing of it is ever expanded or evaluated: so no compgen -W, which does.
# Another tool: its name in the last line.

# The tool's answer to --complete for the lists in $1 (apart by blanks), line by line.
_nskit_ask()
{
	command "$tool" "${command[@]}" "${source[@]}" --complete="${1// /,}" 2>/dev/null </dev/null
}

# The options: $args of each (no, yes, maybe), and $lists, what its argument is a word of.
_nskit_options()
{
	local word arg list _
	while IFS=$'\t' read -r word _ arg list; do
		options+=("$word")
		args[$word]=$arg
		lists[$word]=$list
	done < <(_nskit_ask options)
}

# Take $1, a word of the command line, apart: $option, if it ends in one that takes an argument, $value, what it has of it already,
# and $before, what stands before that in the word.
_nskit_option()
{
	local word=$1 i
	option='' value='' before=''
	if [[ $word == --*=* ]]; then
		option=${word%%=*} value=${word#*=} before=$option=
	elif [[ $word == --?* ]]; then
		option=$word
	elif [[ $word == -?* ]]; then
		for ((i = 1; i < ${#word}; i++)); do
			option=-${word:i:1}
			[[ ${args[$option]-no} == no ]] && continue
			before=${word:0:i+1} value=${word:i+1}
			break
		done
	fi
	[[ -n $option && ${args[$option]-no} != no ]] || option='' value='' before=''
}

# Bash splits words at : and = too. $words is the line up to the cursor, without that; the last one is $cur.
_nskit_join()
{
	local i word glue=''
	for ((i = 0; i <= COMP_CWORD; i++)); do
		word=${COMP_WORDS[i]}
		if ((${#words[@]} > 1)) && [[ $word == [:=]* || -n $glue ]] &&
			! [[ $i == "$COMP_CWORD" && ${COMP_LINE:COMP_POINT-1:1} == [[:blank:]] ]]; then
			words[${#words[@]}-1]+=$word
		else
			words+=("$word")
		fi
		[[ $word == *[:=] ]] && glue=1 || glue=''
	done
	cur=${words[${#words[@]}-1]}
}

# A tool's first word may be a sub-command, which has options of its own.
_nskit_command()
{
	local word _
	((${#words[@]} > 2)) && [[ ${words[1]} == [a-z]* ]] || return
	while IFS=$'\t' read -r word _; do
		[[ $word == "${words[1]}" ]] && command=("$word")
	done < <(_nskit_ask commands)
}

# Offer the words of the lists $1 that go on from $3; $2 stands before them in the word under the cursor.
_nskit_offer()
{
	local list=$1 before=$2 value=$3 rest='' word _
	case $list in
	files)
		compopt -o default 2>/dev/null
		return
		;;
	directories)
		compopt -o dirnames 2>/dev/null
		return
		;;
	*,*) # words joined by commas; those that are there already are not offered again
		before+=${value%"${value##*,}"} rest=,${value%"${value##*,}"}
		value=${value##*,}
		if [[ $list == *+ && $rest == , && $value == +* ]]; then
			before+=+ value=${value#+}
		fi
		rest=${rest/#,+/,}
		list=${list%%,*}
		compopt -o nospace 2>/dev/null
		;;
	esac
	[[ -n $list ]] || return
	while IFS=$'\t' read -r word _; do
		[[ $rest == '' || ,${rest^^} != *",${word^^},"* ]] || continue
		[[ $value == [a-z]* && $list == columns ]] && word=${word,,}
		[[ $word == "$value"* ]] && COMPREPLY+=("$before$word")
	done < <(_nskit_ask "$list")
}

_nskit()
{
	local tool=${COMP_WORDS[0]} cur option value before last='' pending='' only_operands='' breaks i
	local -a words=() options=() command=() source=()
	local -A args=() lists=()
	COMPREPLY=()
	_nskit_join
	_nskit_command
	_nskit_options
	compopt -o nosort 2>/dev/null

	for ((i = 1; i < ${#words[@]} - 1; i++)); do
		if [[ -n $pending ]]; then
			option=$pending value=${words[i]} pending=''
		elif [[ ${words[i]} == -- ]]; then
			only_operands=1
			break
		else
			_nskit_option "${words[i]}"
			[[ -n $option && -z $value && ${args[$option]} == yes && $before != *= ]] && pending=$option
		fi
		# Live words are those of the snapshot or procfs that the line names.
		[[ $option == --from || $option == --proc ]] && [[ -n $value ]] && source+=("$option=$value")
	done

	_nskit_option "$cur"
	if [[ -n $pending ]]; then
		_nskit_offer "${lists[$pending]}" '' "$cur"
	elif [[ -z $only_operands && -n $before ]]; then
		_nskit_offer "${lists[$option]}" "$before" "$value"
	elif [[ -z $only_operands && $cur == -* ]]; then
		for i in "${options[@]}"; do
			[[ $i == "$cur"* ]] && COMPREPLY+=("$i")
		done
	elif [[ $cur == [0-9]* ]]; then
		_nskit_offer 'pids namespaces' '' "$cur"
	else
		((${#words[@]} > 2)) || _nskit_offer commands '' "$cur"
		_nskit_offer targets '' "$cur"
		compopt -o default 2>/dev/null # no such target: a path, of a namespace or of a snapshot
	fi

	# Bash puts what we reply in place of what stands behind the last : or =.
	for i in : =; do
		[[ $COMP_WORDBREAKS == *$i* ]] && breaks+=$i
	done
	if [[ -n $breaks && $cur == *[$breaks]* ]]; then
		last=${cur%"${cur##*["$breaks"]}"}
		COMPREPLY=("${COMPREPLY[@]#"$last"}")
	fi
}

complete -F _nskit nsls nspid nsnet nstop
