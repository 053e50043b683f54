# SPDX-License-Identifier: GPL-2.0-or-later
# zsh -f complete.zsh TOOLS-DIR LINE...: what zsh offers at the end of each command line, as "LINE -> WORD WORD...". Completion works
# only in the line editor, so an interactive zsh runs in a pseudo terminal and writes down what it is given to offer (compadd).
zmodload zsh/zpty
out=$(mktemp) || exit 1
zpty z zsh -f -i
zpty -w z "PROMPT=; fpath=(${(qqq)0:A:h:h:h}/completions \$fpath); path=(${(qqq)1} \$path); autoload -U compinit; compinit -u -D; LISTMAX=10000
compadd()
{
	local -a offered
	[[ \${@[1,(i)(-|--)]} == *-[OAD]\ * ]] || builtin compadd -O offered \"\$@\"
	print -rn -- \${offered:+\${(j: :)offered}\" \"} >>${(q)out}
	builtin compadd \"\$@\"
}
look() { zle look-up; BUFFER=; print -r -- . >>${(q)out} }
zle -C look-up complete-word _main_complete; zle -N look; bindkey '^G' look
print RE''ADY"
zpty -r z line '*READY*'
shift
for line; do
	: >$out
	zpty -n -w z "$line"$'\a'
	for ((i = 0; i < 100; i++)); do
		[[ $(<$out) == *. ]] && break
		zpty -r -t z ignored
		sleep 0.1
	done
	print -r -- "$line -> ${$(<$out)% .}"
done
zpty -d z
rm -f $out
