# SPDX-License-Identifier: GPL-2.0-or-later
# The real program on a real terminal (tmux's): keys, sizes, signals; and that the terminal is always given back as it was.
# alone: what happens on the host is to be what the test does, and keys and refreshes are timed
load ../lib

setup()
{
	need_cmd tmux
	export TZ=UTC TMUX_TMPDIR=$BATS_TEST_TMPDIR XDG_CONFIG_HOME=$BATS_TEST_TMPDIR/config TERM=xterm-256color
	unset TMUX
	"$ROOT/tests/fixtures/recording" >"$BATS_TEST_TMPDIR/recording"
	"$ROOT/tests/fixtures/recording" --snapshot >"$BATS_TEST_TMPDIR/snapshot"
}

TERMINALS=0 # a server each: one that ends is not gone at once
tm() { tmux -L "nskit-$TERMINALS" -f /dev/null "$@" 3>&- 2>/dev/null; }
shown() { tm capture-pane -p -t 0; }
shows() { [[ $(shown) == *"$1"* ]]; }
shows_not() { [[ $(shown) != *"$1"* ]]; }
keys() { tm send-keys -t 0 "$@"; }

# in_terminal COLS ROWS COMMAND: a shell that runs it and then says how the terminal is: LEFT STATUS modes
in_terminal()
{
	cat >"$BATS_TEST_TMPDIR/shell" <<-EOS
		before=\$(stty -g)
		$3
		status=\$?
		[[ \$(stty -g) == "\$before" ]] && modes=same || modes=changed
		echo "LEFT \$status \$modes"
		exec sleep 60
	EOS
	((++TERMINALS))
	on_cleanup tmux -L "nskit-$TERMINALS" kill-server
	tm new-session -d -x "$1" -y "$2" "exec bash $BATS_TEST_TMPDIR/shell"
}

pane_program() # the pid of nstop in the pane
{
	pgrep -P "$(tm list-panes -F '#{pane_pid}')" -x nstop
}

# restored: the shell speaks again, on the normal screen with its cursor, and nothing of ours is left
restored()
{
	eventually shows "LEFT $1 same"
	[[ $(tm display-message -p -t 0 '#{alternate_on} #{cursor_flag} #{mouse_any_flag} #{keypad_cursor_flag}') == "0 1 0 0" ]]
}

@test "keys: views, in and back, search, filter, sort, help, quit" {
	in_terminal 100 24 "$NSTOP --from $BATS_TEST_TMPDIR/snapshot"
	eventually shows "all > Containers"
	keys 3
	eventually shows "nginx: worker"
	keys /
	keys envoy
	keys Enter Enter
	eventually shows "all > envoy 4801 > Namespaces"
	keys Escape
	eventually shows "all > Processes"
	keys '\'
	keys nginx
	eventually shows "filter: nginx"
	eventually shows_not dockerd
	keys Escape
	eventually shows dockerd
	keys F5
	eventually shows "tree: parent"
	keys F1
	eventually shows "The keys of nstop"
	keys x
	keys F6
	eventually shows "Sort by"
	keys Escape
	keys Tab
	eventually shows "all > Sockets"
	keys q
	restored 0
}

@test "what was chosen is there the next time" {
	in_terminal 100 24 "$NSTOP --from $BATS_TEST_TMPDIR/snapshot"
	eventually shows "all > Containers"
	keys 3
	keys I
	keys F5
	keys q
	restored 0
	[[ $(stat -c %a "$XDG_CONFIG_HOME/nskit/nstop.conf") == 600 ]]
	grep -qx 'processes.tree=parent' "$XDG_CONFIG_HOME/nskit/nstop.conf"
	tm kill-server
	in_terminal 100 24 "$NSTOP --from $BATS_TEST_TMPDIR/snapshot"
	eventually shows "all > Processes  tree: parent"
	keys q
	restored 0
	# a broken file does no harm
	printf 'view=\nprocesses.columns=\x1b[31m,,\nx\n=\n.=\nnamespaces.sort=-no\n\xff' >"$XDG_CONFIG_HOME/nskit/nstop.conf"
	tm kill-server
	in_terminal 100 24 "$NSTOP --from $BATS_TEST_TMPDIR/snapshot"
	eventually shows "all > Containers"
	keys q
	restored 0
}

@test "resized at any moment, from 500 columns to 20x5 and back" {
	in_terminal 80 24 "$NSTOP --from $BATS_TEST_TMPDIR/snapshot"
	eventually shows "all > Containers"
	for size in "500 60" "20 5" "1 1" "80 24" "3 2" "132 50" "40 10"; do
		tm resize-window -t 0 -x "${size% *}" -y "${size#* }"
	done
	eventually shows "CONTAINER    PROCS"
	tm resize-window -t 0 -x 20 -y 5
	eventually shows "CONTAINER    PROCS"
	tm resize-window -t 0 -x 150 -y 30
	eventually shows "F1 help"
	[[ $(shown | wc -l) == 30 ]]
	keys q
	restored 0
}

@test "the host, live: a process that begins and ends, a pause, a delay" {
	need_root
	in_terminal 120 30 "$NSTOP --view processes -d 0.2"
	eventually shows kthreadd
	spawn bash -c 'exec -a nskit-live-process sleep 60'
	keys '\'
	keys nskit-live
	eventually shows "nskit-live-process"
	keys Enter
	keys p
	eventually shows PAUSED
	kill "$SPAWNED"
	sleep 1
	shows "nskit-live-process"
	keys p
	eventually shows "nothing matches the filter"
	keys d
	keys 2.5
	keys Enter
	eventually shows "2.5s"
	keys s
	keys C-u
	keys "$BATS_TEST_TMPDIR/saved"
	keys Enter
	eventually shows "saved to"
	keys q
	restored 0
	"$NSLS" --from "$BATS_TEST_TMPDIR/saved" >/dev/null
	validate snapshot "$BATS_TEST_TMPDIR/saved"
}

# ms_until [!] TEXT: how long it takes until the screen shows it, or does not any more
ms_until()
{
	local begin=${EPOCHREALTIME/./} how=shows
	if [[ $1 == '!' ]]; then
		how=shows_not
		shift
	fi
	eventually "$how" "$1"
	echo $(((${EPOCHREALTIME/./} - begin) / 1000))
}

# follows N: a process is on the screen within a second of its birth, and gone within one of its death, for one of N tries: a machine may
# be busy
follows()
{
	local best_born=30000 best_dead=30000 took i
	for ((i = 0; i < $1; i++)); do
		spawn bash -c "exec -a nskit-live-$i sleep 60"
		took=$(ms_until " nskit-live-$i 60")
		((best_born = took < best_born ? took : best_born))
		kill -KILL "$SPAWNED"
		took=$(ms_until '!' " nskit-live-$i 60")
		((best_dead = took < best_dead ? took : best_dead))
	done
	echo "born after $best_born ms, dead after $best_dead ms"
	((best_born < 1000 && best_dead < 1000))
}

# is_following: a process that has just been born is shown
is_following()
{
	spawn bash -c "exec -a nskit-live-first sleep 60"
	sleep 1
	shows " nskit-live-first 60"
}

@test "between two collections: who is born and who dies is on the screen within a second" {
	need_root
	need_bpf
	in_terminal 120 30 "$NSTOP --view processes -d 600"
	eventually shows kthreadd
	keys '\'
	keys nskit-live Enter
	eventually is_following # once the events are attached
	follows 3
	# one with a namespace of its own is a row there, with what it runs
	keys 2
	keys '\'
	keys C-u nskit-live-ns Enter
	spawn unshare -n bash -c 'exec -a nskit-live-ns sleep 60'
	eventually shows "nskit-live-ns 60"
	# births and deaths are no events that one asked for
	keys 6
	eventually shows "unshare"
	[[ $(shown) != *" fork "* && $(shown) != *" exit "* ]]
	keys q
	restored 0
}

@test "a storm of forks: nobody stays on the screen who is dead, nothing is lost, and then they are followed again" {
	need_root
	need_bpf
	in_terminal 120 30 "$NSTOP --view processes -d 4"
	eventually shows kthreadd
	keys '\'
	keys nskit-live Enter
	eventually is_following
	keys '\'
	keys C-u callstorm Enter
	"$HELPERS/callstorm" -k fork -t 2 -r 10000 -s 3
	eventually shows "nothing matches the filter"
	shows "lost 0"
	keys '\'
	keys C-u nskit-live Enter
	follows 6
	keys q
	restored 0
}

@test "a namespace that dies while one looks into it" {
	need_ns
	in_ns -n -u
	in_terminal 120 30 "$NSTOP -d 0.2 $NS_PID"
	eventually shows "> Processes"
	kill -KILL "$NS_PID"
	eventually shows "(gone)"
	keys 2
	keys 4
	keys 5
	keys q
	restored 0
}

@test "an event on the screen: a bind that fails is counted, marked, shown, explained" {
	need_root
	need_bpf
	in_terminal 130 30 "$NSTOP -d 0.3"
	eventually shows "all > Containers"
	fail_once() { python3 -c 'import socket
a = socket.socket(); a.bind(("127.0.0.1", 0))
b = socket.socket()
try: b.bind(a.getsockname())
except OSError: pass'; shows failed; }
	eventually fail_once
	keys 6
	eventually shows "FAILED EADDRINUSE tcp 127.0.0.1"
	keys '\'
	keys EADDRINUSE
	keys Enter Enter
	eventually shows "ask        nsnet why --errno EADDRINUSE 127.0.0.1:"
	keys x q
	restored 0
}

@test "Enter on a bind that failed in a namespace explains it as nsnet why would" {
	need_root
	need_bpf
	in_ns -n
	nsenter -t "$NS_PID" -n ip link set lo up
	spawn nsenter -t "$NS_PID" -n bash -c 'exec -a holder python3 -c "import socket, time
s = socket.socket(); s.bind((\"127.0.0.1\", 8123)); s.listen(); time.sleep(60)"'
	holder=$SPAWNED
	in_terminal 60 40 "$NSTOP -d 0.3"
	eventually shows "all > Containers"
	fail_once() { nsenter -t "$NS_PID" -n python3 -c 'import socket
try: socket.socket().bind(("127.0.0.1", 8123))
except OSError: pass'; shows failed; }
	eventually fail_once
	keys 6
	keys '\'
	keys 8123
	keys Enter Enter
	eventually shows "BLOCKED  tcp 127.0.0.1:8123"
	eventually shows "$holder"
	shows "EADDRINUSE"
	shows_not "asking"
	[[ $(shown | tr -d '\n ') == *"asknsnetwhy--errnoEADDRINUSE127.0.0.1:8123/tcp"* ]]
	keys x q
	restored 0
}

@test "signals: stopped and continued, terminated, hung up; the terminal is given back each time" {
	in_terminal 80 24 "set -m; $NSTOP --from $BATS_TEST_TMPDIR/snapshot; stty -a | grep -o -- '[-]*echo ' | head -n1; echo STOPPED; sleep 3; fg"
	eventually shows "all > Containers"
	keys C-z
	eventually shows STOPPED
	[[ $(tm display-message -p -t 0 '#{alternate_on} #{cursor_flag}') == "0 1" ]]
	[[ $'\n'$(shown) == *$'\necho'* && $(shown) != *"-echo"* ]]
	eventually shows "all > Containers" # fg
	keys 3
	eventually shows "nginx: worker"
	keys q
	restored 0
	rm -rf "$XDG_CONFIG_HOME"
	for signal in TERM:143 HUP:129 INT:0 QUIT:131; do
		tm kill-server
		in_terminal 80 24 "$NSTOP --from $BATS_TEST_TMPDIR/snapshot"
		eventually shows "all > Containers"
		kill "-${signal%:*}" "$(pane_program)"
		restored "${signal#*:}"
	done
	# a crash
	for signal in SEGV:139 ABRT:134; do
		tm kill-server
		in_terminal 80 24 "ulimit -c 0; $NSTOP --from $BATS_TEST_TMPDIR/snapshot"
		eventually shows "all > Containers"
		kill "-${signal%:*}" "$(pane_program)"
		restored "${signal#*:}"
	done
}

@test "the terminal goes away: nstop ends" {
	in_terminal 80 24 "$NSTOP --from $BATS_TEST_TMPDIR/snapshot"
	eventually shows "all > Containers"
	pid=$(pane_program)
	start=$(start_of "$pid")
	tm kill-server
	ended() { [[ $(start_of "$pid") != "$start" ]]; }
	eventually ended
}

@test "a terminal that can show no screen: one line says what is missing, exit status 1" {
	for term in dumb "" no-such-terminal; do
		TERM=$term run -1 script -qec "$NSTOP --from $BATS_TEST_TMPDIR/snapshot" /dev/null
		[[ "$output" == *"cannot show a screen"* && "$output" != *$'\033'* ]]
	done
	run -1 script -qec "env -u TERM $NSTOP" /dev/null
	[[ "$output" == *"TERM is not set"* ]]
	run -1 --separate-stderr "$NSTOP" </dev/null
	[[ "$stderr" == *"not a terminal"* && -z "$output" && $(wc -l <<<"$stderr") == 1 ]]
}

@test "other terminals: eight colours, none, no UTF-8, a light background" {
	for how in "TERM=xterm" "TERM=vt100" "TERM=linux" "TERM=screen COLORFGBG='0;15'" "NO_COLOR=1" "LC_ALL=C" "TERM=xterm-mono"; do
		infocmp "$(sed -n 's/^TERM=\([^ ]*\).*/\1/p' <<<"$how" | grep . || echo xterm)" >/dev/null 2>&1 || continue
		in_terminal 90 20 "env $how $NSTOP --from $BATS_TEST_TMPDIR/snapshot"
		eventually shows "all > Containers"
		keys 3
		eventually shows "nginx: worker"
		[[ $how != LC_ALL=C || $(shown | LC_ALL=C grep -cP '[^\x00-\x7f]') == 0 ]]
		keys q
		restored 0
		tm kill-server
		rm -rf "$XDG_CONFIG_HOME"
	done
}

@test "keys as other terminals send them, and what no terminal should" {
	in_terminal 100 24 "$NSTOP --from $BATS_TEST_TMPDIR/snapshot"
	eventually shows "all > Containers"
	keys -l $'\e[11~' # F1, as the console and PuTTY have it
	eventually shows "The keys of nstop"
	keys x
	keys 3
	eventually shows "all > Processes"
	keys -l $'\e[4~' # End
	keys -l $'\e[1~' # Home: each would be keys that pause, go to another view, step in a replay
	keys -l $'\e[1;5P\e[29~\e[200~'
	keys '['
	eventually shows "that is for a replay"
	shows "all > Processes"
	shows_not PAUSED
	keys q
	restored 0
}

@test "the mouse: a view, a column, a row" {
	in_terminal 100 24 "$NSTOP --from $BATS_TEST_TMPDIR/snapshot"
	eventually shows "all > Containers"
	# as terminfo has xterm's: button, column and row as characters, 32 added (XTerm Control Sequences, X10 and normal tracking)
	at() { printf "\\$(printf %o $(($1 + 32)))"; }
	click() { keys -l $'\e[M '"$(at "$1")$(at "$2")"; keys -l $'\e[M#'"$(at "$1")$(at "$2")"; }
	click 33 2
	eventually shows "all > Processes"
	click 3 4 # the header PID
	eventually shows "   PID"
	click 20 6
	click 20 6
	eventually shows "> Namespaces"
	keys q
	restored 0
}

@test "a replay: step, seek, pause, speed" {
	in_terminal 100 24 "$NSTOP --replay $BATS_TEST_TMPDIR/recording"
	eventually shows "3/3 x1"
	keys '['
	eventually shows "2/3 x1"
	shows PAUSED
	keys '[' ')'
	eventually shows "1/3 x2"
	keys '}'
	eventually shows "3/3 x2"
	keys '('
	keys '('
	eventually shows "3/3 x1/2"
	keys q
	restored 0
}

@test "a full disk while recording is said, and the screen goes on" {
	need_ns
	mkdir "$BATS_TEST_TMPDIR/small"
	mount -t tmpfs -o size=64k none "$BATS_TEST_TMPDIR/small"
	on_cleanup umount "$BATS_TEST_TMPDIR/small"
	in_terminal 120 24 "$NSTOP -d 0.2 --record $BATS_TEST_TMPDIR/small/rec"
	eventually shows "recording has ended"
	eventually shows "No space left"
	keys 3
	eventually shows kthreadd
	keys q
	restored 1
	shows "No space left"
}

@test "the first screen is there within 150 ms, and a key is answered within 50" {
	need_root
	run -0 "$HELPERS/keytime" 20 "$NSTOP" --view processes --sort pid
	echo "$output"
	awk '$1 == "first" { f = $2 } $1 == "p99" { p = $2 } END { exit !(f > 0 && f < 1000 && p > 0 && p < 500) }' <<<"$output" # the targets are the bench's
}
