# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# A real Docker Engine for the tests: containerd and dockerd as plain processes, at their default places, for that is where nsls looks.
#
#   setup_file()    { load engine; engine_start; }
#   setup()         { load ../lib; load engine; engine_need; }   # skips with the reason where none could be started
#   teardown_file() { load engine; engine_stop; }
#   ENGINE_OPTIONS  set before engine_start: options for dockerd, of an engine that is ours
#   engine_run NAME [DOCKER-RUN-OPTIONS...] [-- COMMAND...]   a container from nskit-busybox, in the background; ENGINE_ID, ENGINE_PID
#   engine_kill     dockerd alone dies of SIGKILL; containers go on, below containerd-shim
#   engine_revive   dockerd again
#   docker …        the client, speaking to that engine
#
# An engine that runs already is used as it is, but neither killed nor stopped. What a run that was interrupted left behind is
# swept by the next: only containers with our label, only daemons whose pid and start we have noted.

ENGINE_IMAGE=nskit-busybox
ENGINE_LABEL=nskit-test
ENGINE_DIR=${ENGINE_DIR:-/run/nskit-test-engine}
ENGINE_SOCKET=/run/docker.sock

docker()
{
	# Debian's client first: it came with the daemon. A newer one elsewhere in PATH may refuse to speak to it.
	local client=/usr/bin/docker
	[[ -x $client ]] || client=docker
	command "$client" -H "unix://$ENGINE_SOCKET" "$@"
}

# What a test has a shell run speaks to it, too.
export -f docker
export ENGINE_SOCKET

engine_answers()
{
	timeout 5 bash -c "$(declare -f docker); ENGINE_SOCKET=$ENGINE_SOCKET; docker version" >/dev/null 2>&1
}

# engine_daemon NAME COMMAND...: start it, note pid and start
engine_daemon()
{
	local name=$1
	shift
	setsid "$@" </dev/null >>"$ENGINE_DIR/$name.log" 2>&1 3>&- 4>&- &
	echo "$! $(engine_start_of $!)" >"$ENGINE_DIR/$name.pid"
	disown $!
}

engine_start_of()
{
	sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -d' ' -f20
}

# engine_pid NAME: the pid of our daemon, if it is still that
engine_pid()
{
	local pid start
	[[ -f $ENGINE_DIR/$1.pid ]] && read -r pid start <"$ENGINE_DIR/$1.pid" || return 1
	[[ -n $start && $(engine_start_of "$pid") == "$start" ]] || return 1
	[[ $(sed 's/.*) //' "/proc/$pid/stat" | cut -c1) != Z ]] || return 1
	echo "$pid"
}

engine_is_ours()
{
	engine_pid dockerd >/dev/null || engine_pid containerd >/dev/null
}

engine_wait() # SECONDS COMMAND...
{
	local end=$((SECONDS + $1))
	shift
	until "$@"; do
		((SECONDS < end)) || return 1
		sleep 0.1
	done
}

engine_gone() { ! engine_pid "$1" >/dev/null; }

engine_end() # NAME SIGNAL
{
	local pid
	pid=$(engine_pid "$1") || return 0
	kill -"$2" "$pid"
	engine_wait 20 engine_gone "$1" || { kill -KILL "$pid"; engine_wait 5 engine_gone "$1"; }
}

engine_dockerd()
{
	# live-restore: a daemon that comes again finds its containers alive. (dockerd would not start over its own stale pid file
	# if that pid has been given to another process meanwhile.)
	rm -f "$ENGINE_DIR/docker.pid"
	engine_daemon dockerd dockerd -H "unix://$ENGINE_SOCKET" --containerd=/run/containerd/containerd.sock --pidfile="$ENGINE_DIR/docker.pid" \
		--live-restore "$@"
	engine_wait 30 engine_up_or_dead dockerd
	engine_answers
}

engine_up_or_dead()
{
	engine_answers || engine_gone "$1"
}

engine_containerd_answers()
{
	[[ -S /run/containerd/containerd.sock ]] && timeout 5 ctr version >/dev/null 2>&1
}

# Why an engine cannot be had here, or nothing
engine_obstacle()
{
	local c
	[[ $EUID == 0 ]] || { echo "needs root"; return; }
	for c in dockerd containerd ctr busybox; do
		command -v "$c" >/dev/null || { echo "$c is not installed"; return; }
	done
	unshare --net --mount --pid --fork true 2>/dev/null || { echo "may not make namespaces here"; return; }
	[[ -d /sys/fs/cgroup ]] || { echo "/sys/fs/cgroup is not there"; return; }
	file_of_busybox >/dev/null || echo "busybox is not linked statically (busybox-static)"
}

file_of_busybox()
{
	local b
	for b in /bin/busybox.static "$(command -v busybox)"; do
		[[ -x $b ]] && ! ldd "$b" >/dev/null 2>&1 && echo "$b" && return 0
	done
	return 1
}

# engine_try: start what is not there; 1 and the reason in ENGINE_REASON when that fails
engine_try()
{
	engine_answers && { engine_sweep; return 0; }
	ENGINE_REASON=$(engine_obstacle)
	[[ -z $ENGINE_REASON ]] || return 1
	mkdir -p "$ENGINE_DIR"
	engine_note_network
	if ! engine_containerd_answers; then
		engine_daemon containerd containerd
		if ! engine_wait 20 engine_containerd_answers; then
			ENGINE_REASON="containerd did not start: $(engine_last_words containerd)"
			engine_end containerd TERM
			return 1
		fi
	fi
	# Some kernels have no way to filter packets that iptables knows: containers need none for our tests.
	# shellcheck disable=SC2086
	if ! engine_dockerd ${ENGINE_OPTIONS-} && ! { engine_end dockerd TERM; engine_dockerd --iptables=false --ip6tables=false --bridge=none; }; then
		ENGINE_REASON="dockerd did not start: $(engine_last_words dockerd)"
		engine_end dockerd TERM
		engine_end containerd TERM
		return 1
	fi
	engine_sweep
}

engine_last_words()
{
	grep -iE 'error|fatal|fail' "$ENGINE_DIR/$1.log" | tail -n1 | cut -c1-300
}

engine_sweep()
{
	local ids
	ids=$(docker ps -aq --filter "label=$ENGINE_LABEL")
	# shellcheck disable=SC2086
	[[ -z $ids ]] || docker rm -f $ids >/dev/null 2>&1
	return 0
}

engine_image()
{
	local root busybox applet
	docker image inspect "$ENGINE_IMAGE" >/dev/null 2>&1 && return 0
	busybox=$(file_of_busybox) || return 1
	root=$(mktemp -d)
	mkdir -p "$root"/{bin,dev,etc,proc,sys,tmp,root}
	cp "$busybox" "$root/bin/busybox"
	for applet in $("$busybox" --list); do
		[[ $applet == busybox ]] || ln -s busybox "$root/bin/$applet"
	done
	printf 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n' >"$root/etc/passwd"
	printf 'root:x:0:\nnogroup:x:65534:\n' >"$root/etc/group"
	tar -C "$root" -c . | docker import - "$ENGINE_IMAGE" >/dev/null
	local status=$?
	rm -rf "$root"
	return $status
}

engine_start()
{
	if ! engine_try; then
		export ENGINE_MISSING=$ENGINE_REASON # bats 1.8 cannot skip a file from here
	elif ! engine_image; then
		export ENGINE_MISSING="the image could not be imported"
	elif ! ENGINE_REASON=$(docker run --rm --label "$ENGINE_LABEL" "$ENGINE_IMAGE" true 2>&1); then
		export ENGINE_MISSING="it runs no container: ${ENGINE_REASON##*$'\n'}"
	fi
}

engine_need()
{
	[[ -z ${ENGINE_MISSING-} ]] || skip "no Docker Engine: $ENGINE_MISSING"
}

# engine_run NAME [OPTIONS...] [-- COMMAND...]
engine_run()
{
	local name=$1 options=()
	shift
	while (($#)) && [[ $1 != -- ]]; do
		options+=("$1")
		shift
	done
	[[ ${1-} == -- ]] && shift
	(($#)) || set -- sleep 1000
	ENGINE_ID=$(docker run -d --label "$ENGINE_LABEL" --name "$name" "${options[@]}" "$ENGINE_IMAGE" "$@") || return 1
	on_cleanup docker rm -f "$ENGINE_ID"
	ENGINE_PID=$(docker inspect -f '{{.State.Pid}}' "$ENGINE_ID")
}

# A test that kills the engine needs one that is ours.
engine_need_ours()
{
	engine_is_ours || skip "the Docker Engine here was running before; it is not ours to kill"
}

engine_kill()
{
	engine_need_ours
	engine_end dockerd KILL
}

engine_revive()
{
	engine_answers || engine_dockerd
}

# dockerd leaves its bridge and its packet filter rules; where there were none before, there shall be none after.
engine_note_network()
{
	ip link show docker0 >/dev/null 2>&1 || touch "$ENGINE_DIR/no-bridge"
	command -v iptables-save >/dev/null || return 0
	iptables-save 2>/dev/null | grep -q DOCKER || iptables -S FORWARD 2>/dev/null | head -n1 >"$ENGINE_DIR/forward"
}

engine_restore_network()
{
	local policy
	[[ ! -f $ENGINE_DIR/no-bridge ]] || ip link del docker0 2>/dev/null
	[[ -s $ENGINE_DIR/forward ]] || return 0
	iptables-save | grep -vE 'DOCKER|docker0' | iptables-restore
	read -ra policy <"$ENGINE_DIR/forward"
	iptables "${policy[@]}"
}

engine_stop()
{
	engine_is_ours || { ! engine_answers || engine_sweep; return 0; }
	# The containers' shims belong to nobody but the daemon: it has to be there for them to go.
	engine_revive && engine_sweep && docker image rm -f "$ENGINE_IMAGE" >/dev/null 2>&1
	engine_end dockerd TERM
	engine_end containerd TERM
	engine_restore_network
	rm -rf "$ENGINE_DIR"
}
