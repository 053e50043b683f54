# SPDX-License-Identifier: GPL-2.0-or-later
# fish completion for the tools of nskit: it is installed once for each, and the file's name is the tool's. Every word comes from the tool (--complete=LIST).

# The words of the lists $argv (apart by commas), each with a tab and what it means.
function __nskit_ask
    set -l words (commandline -opc)
    set -l tool $words[1]
    set -l from
    # Live words are those of the snapshot or procfs that the line names.
    for i in (seq 2 (count $words))
        if string match -qr -- '^--(from|proc)=.' $words[$i]
            set -a from $words[$i]
        else if test $i -gt 2; and contains -- $words[(math $i - 1)] --from --proc
            set -a from $words[(math $i - 1)]=$words[$i]
        end
    end
    # The first word may be a sub-command.
    set -l sub
    if test (count $words) -gt 1; and contains -- $words[2] (command $tool --complete=commands 2>/dev/null </dev/null)
        set sub $words[2]
    end
    command $tool $sub $from --complete=$argv[1] 2>/dev/null </dev/null
end

# Words of the list $argv[1] that are joined by commas, for the option $argv[2]; the first may begin with $argv[3].
function __nskit_joined
    set -l value (commandline -ct | string replace -r -- "^(--[^=]*=|-[^-]*?$argv[2])" '')
    set -l before (string match -r -- '^.*,' $value)
    if test -z "$before" -a -n "$argv[3]"; and string match -q -- "$argv[3]*" $value
        set before $argv[3]
    end
    set -l lower (string match -r -- '[a-z][^,]*$' $value)
    for line in (__nskit_ask $argv[1])
        set -l word (string split -m 1 \t -- $line)
        if test $argv[1] = columns -a -n "$lower"
            set word[1] (string lower -- $word[1])
        end
        printf '%s%s\t%s\n' "$before" $word[1] "$word[2]"
    end
end

function __nskit_operands
    if string match -qr '^[0-9]' -- (commandline -ct)
        __nskit_ask pids,namespaces
    else
        if test (count (commandline -opc)) -eq 1
            __nskit_ask commands
        end
        __nskit_ask targets
    end
end

set -l tool (string replace -r '\.fish$' '' (status basename))
set -l called (commandline -opc 2>/dev/null)[1]
test -n "$called"; and test (string replace -r '.*/' '' -- $called) = $tool; or set called $tool

complete -c $tool -f -a '(__nskit_operands)'
complete -c $tool -n 'string match -q "*/*" -- (commandline -ct)' -F
# Options of the tool, and of each of its sub-commands.
set -l commands (command $called --complete=commands 2>/dev/null </dev/null | string replace -r '\t.*' '')
for sub in '' $commands
    set -l if
    if test -n "$sub"
        set if -n "__fish_seen_subcommand_from $sub"
    else if test -n "$commands"
        set if -n "not __fish_seen_subcommand_from $commands"
    end
    for line in (command $called (test -n "$sub"; and echo $sub) --complete=options 2>/dev/null </dev/null)
        set -l fields (string split \t -- $line)
        set -l option (string replace -r '^--?' '' -- $fields[1])
        set -l complete complete -c $tool -d $fields[2] $if
        if string match -q -- '--*' $fields[1]
            set -a complete -l $option
        else
            set -a complete -s $option
        end
        switch $fields[3]:$fields[4]
            case 'no:*'
                $complete
            case '*:files'
                $complete -r -F
            case '*:directories'
                $complete -r -f -a '(__fish_complete_directories (commandline -ct))'
            case 'yes:*,+'
                $complete -r -f -a "(__nskit_joined "(string replace -r ',.*' '' -- $fields[4])" $option +)"
            case 'yes:*,'
                $complete -r -f -a "(__nskit_joined "(string replace -r ',.*' '' -- $fields[4])" $option)"
            case 'yes:?*'
                $complete -r -f -a "(__nskit_ask $fields[4])"
            case 'maybe:?*'
                $complete -f -a "(__nskit_ask $fields[4])"
            case '*'
                $complete -f
        end
    end
end
