#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Installs what the given jobs need: deps.sh [build] [test] [kernels] [lint]
set -eu

list()
{
	case $1:$2 in
	apt:build) echo gcc libc6-dev make pkg-config clang bpftool libbpf-dev libmnl-dev libnftnl-dev libjansson-dev libncurses-dev ;;
	apt:test) echo libcmocka-dev libclang-rt-dev bats python3 python3-jsonschema jq util-linux iproute2 iptables nftables graphviz procps libcap2-bin \
		busybox-static containerd docker.io ca-certificates mandoc bash-completion zsh fish strace tmux htop ;;
	apt:kernels) echo qemu-system-x86 cpio busybox-static kmod xz-utils jq ;; # its kernels are fetched by apt, so only here
	apt:lint) echo cppcheck shellcheck clang-tidy clang-format mandoc ;;
	dnf:build) echo gcc make pkgconf-pkg-config clang bpftool libbpf-devel libmnl-devel libnftnl-devel jansson-devel ncurses-devel ;;
	dnf:test) echo libcmocka-devel libasan libubsan compiler-rt bats python3 python3-jsonschema jq util-linux iproute iptables-nft nftables graphviz \
		procps-ng libcap busybox containerd moby-engine mandoc bash-completion zsh fish strace tmux htop ;;
	dnf:lint) echo cppcheck ShellCheck clang-tools-extra mandoc ;;
	apk:build) echo gcc musl-dev linux-headers make pkgconf clang bpftool libbpf-dev libmnl-dev libnftnl-dev jansson-dev ncurses-dev ;;
	apk:test) echo cmocka-dev compiler-rt bash bats python3 py3-jsonschema jq util-linux iproute2 iptables nftables graphviz procps libcap busybox-static \
		containerd docker mandoc bash-completion zsh fish strace tmux htop ;;
	apk:lint) echo cppcheck shellcheck clang-extra-tools mandoc ;;
	pacman:build) echo gcc make pkgconf clang bpf libbpf libmnl libnftnl jansson ncurses ;;
	pacman:test) echo cmocka compiler-rt bash-bats python python-jsonschema jq util-linux iproute2 iptables-nft nftables graphviz procps-ng libcap busybox \
		containerd docker mandoc bash-completion zsh fish strace tmux htop ;;
	pacman:lint) echo cppcheck shellcheck clang mandoc ;;
	esac
}

missing_apt()
{
	for p; do
		dpkg-query -W -f '${Status}' "$p" 2>/dev/null | grep -q ' installed$' || echo "$p"
	done
}

for manager in apt dnf apk pacman none; do
	command -v "$manager" >/dev/null 2>&1 && break
done
if [ "$manager" = none ]; then
	echo "deps: no apt, dnf, apk or pacman here; the lists of packages are in $0" >&2
	exit 1
fi

packages=
for job; do
	packages="$packages $(list "$manager" "$job")"
done
# shellcheck disable=SC2086 # a list of words
set -- $packages
if [ $# = 0 ]; then
	echo "deps: nothing of $manager's is known for that" >&2
	exit 1
fi
if [ "$manager" = apt ]; then
	# shellcheck disable=SC2046
	set -- $(missing_apt "$@")
	if [ $# = 0 ]; then
		echo "deps: all there already ($manager)"
		exit 0
	fi
fi

echo "deps: installing with $manager: $*"
if [ "$(id -u)" != 0 ]; then
	echo "deps: that takes root" >&2
	exit 1
fi
case $manager in
apt)
	export DEBIAN_FRONTEND=noninteractive
	ls /var/lib/apt/lists/*Packages* >/dev/null 2>&1 || apt-get update
	# RUNLEVEL=1: without systemd, installing an engine would start it; the tests start their own.
	RUNLEVEL=1 apt-get install -y --no-install-recommends "$@" </dev/null
	;;
dnf) dnf install -y --setopt=install_weak_deps=False "$@" ;;
apk) apk add "$@" ;;
pacman) pacman -S --needed --noconfirm "$@" ;;
esac
