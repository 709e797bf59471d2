#!/usr/bin/env bash
# scripts/debian.sh 12|13 COMMAND...: runs a command as root on a clean copy of this tree in a minimal Debian of that
# release, and exits with its exit code. Needs root, debootstrap and git.
#
# The release's root folder is created once with debootstrap and reused, with the packages installed in it and ccache's
# store. The copy of the tree (/work/duet in there) is made anew each time from what git tracks or does not ignore.
# Mounts live in a separate namespace and disappear with it, however the command ends.
#
#   DUET_ROOTS   folder of the roots, outside the tree; /var/tmp/duet-roots. To start over, remove DUET_ROOTS/13.
#   DUET_MIRROR  Debian mirror; http://deb.debian.org/debian
set -euo pipefail

usage() { echo "usage: scripts/debian.sh 12|13 COMMAND..., e.g. scripts/debian.sh 13 ./check fast" >&2; exit 2; }
[ $# -ge 2 ] || usage
case "$1" in 12) suite=bookworm ;; 13) suite=trixie ;; *) usage ;; esac
release="$1"; shift
die() { local code="$1"; shift; echo "scripts/debian.sh: $*" >&2; exit "$code"; }
[ "$(id -u)" -eq 0 ] || die 2 "mounting needs root: sudo scripts/debian.sh $release $*"
for tool in debootstrap git unshare setpriv; do
  command -v $tool > /dev/null || die 2 "$tool is missing: apt-get install $tool"
done

tree="$(cd "$(dirname "$0")/.." && pwd)"
roots="$(realpath -m "${DUET_ROOTS:-/var/tmp/duet-roots}")"
root="$roots/$release"
mirror="${DUET_MIRROR:-http://deb.debian.org/debian}"
case "$roots/" in "$tree"/*) die 2 "DUET_ROOTS=$roots is inside the tree; use a folder outside" ;; esac
mkdir -p "$roots"
exec 9> "$root.lock"
flock -n 9 || { echo "scripts/debian.sh: waiting for another run in $root"; flock 9; }

# Under another name until it is complete.
if [ ! -d "$root" ]; then
  echo "== Debian $release ($suite) into $root"
  rm -rf "$root.partial"
  unshare --mount debootstrap --variant=minbase "$suite" "$root.partial" "$mirror" > "$root.log" 2>&1 ||
    { tail -n 20 "$root.log" >&2; die 70 "debootstrap failed; its whole output is in $root.log"; }
  mv "$root.partial" "$root"
fi

# Name resolution and proxies of this machine.
cp -L /etc/resolv.conf "$root/etc/resolv.conf"
if command -v apt-config > /dev/null; then
  apt-config dump | grep -iE '^Acquire::[a-z]+::Proxy' > "$root/etc/apt/apt.conf.d/90-proxy-of-the-host" || true
fi

# The clean copy; of earlier runs only packages and ccache's objects remain.
rm -rf "$root/work" "$root/root/.cache/duet"
find "$root/tmp" -mindepth 1 -delete
mkdir -p "$root/work/duet"
git -c safe.directory="$tree" -C "$tree" ls-files -z --cached --others --exclude-standard |
  (cd "$tree" && while IFS= read -r -d '' file; do [ ! -e "$file" ] || printf '%s\0' "$file"; done) |
  tar -C "$tree" --null -T - -c | tar -C "$root/work/duet" --no-same-owner -x
shared="$tree/../shared"
[ ! -d "$shared" ] || mkdir "$root/work/shared"

# In the namespace: mounts, then the command with a fresh environment.
inside='
  set -e
  root="$1" shared="$2"; shift 2
  mount -t proc proc "$root/proc"
  mount --rbind /dev "$root/dev"
  mount --rbind /sys "$root/sys"
  if [ -d "$root/work/shared" ]; then
    mount --bind "$shared" "$root/work/shared"
    mount -o remount,bind,ro "$root/work/shared"
  fi
  proxies=()
  for name in http_proxy https_proxy ftp_proxy no_proxy HTTP_PROXY HTTPS_PROXY NO_PROXY; do
    [ -z "${!name:-}" ] || proxies+=("$name=${!name}")
  done
  chroot "$root" /usr/bin/env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root \
    LANG=C.UTF-8 TERM="${TERM:-dumb}" ${proxies[@]+"${proxies[@]}"} \
    /bin/bash -c "cd /work/duet && exec \"\$@\"" duet "$@"
  exit $?  # keeps this shell as the first process, which ignores signals; the command is another one and does not
'
echo "== Debian $release, $root/work/duet: $*"
# The command and its mounts end with this script, however it ends.
setpriv --pdeathsig KILL unshare --mount --pid --fork --kill-child --propagation private \
  bash -c "$inside" bash "$root" "$shared" "$@" <&0 &
child=$!
trap 'kill -KILL $child; exit 130' INT TERM HUP
code=0
wait $child || code=$?
echo "== Debian $release: $* ended with $code"
exit $code
