#!/usr/bin/env bash
# scripts/debian.sh 12|13 COMMAND...: runs a command on a clean copy of this tree in a minimal Debian of that release, as
# root, and ends with its exit code. Needs root, debootstrap and git.
#
# The release's root folder is made once, by debootstrap, and kept: with the packages that were installed in it and
# ccache's store. Its copy of the tree (/work/duet in there) is made anew each time from what git tracks or does not
# ignore. Mounts belong to a namespace of their own and go with it, however the command ends.
#
#   DUET_ROOTS   folder of the roots, outside the tree; /var/tmp/duet-roots. To begin afresh, remove DUET_ROOTS/13.
#   DUET_MIRROR  Debian mirror; http://deb.debian.org/debian
set -euo pipefail

usage() { echo "usage: scripts/debian.sh 12|13 COMMAND..., e.g. scripts/debian.sh 13 ./check fast" >&2; exit 2; }
[ $# -ge 2 ] || usage
case "$1" in 12) suite=bookworm ;; 13) suite=trixie ;; *) usage ;; esac
release="$1"; shift
[ "$(id -u)" -eq 0 ] || { echo "scripts/debian.sh: mounting needs root: sudo scripts/debian.sh $release $*" >&2; exit 2; }
for tool in debootstrap git unshare setpriv; do
  command -v $tool > /dev/null || { echo "scripts/debian.sh: $tool is missing: apt-get install $tool" >&2; exit 2; }
done

tree="$(cd "$(dirname "$0")/.." && pwd)"
roots="$(realpath -m "${DUET_ROOTS:-/var/tmp/duet-roots}")" root="$(realpath -m "${DUET_ROOTS:-/var/tmp/duet-roots}/$release")"
mirror="${DUET_MIRROR:-http://deb.debian.org/debian}"
case "$roots/" in "$tree"/*) echo "scripts/debian.sh: DUET_ROOTS=$roots lies in the tree; take a folder outside" >&2; exit 2 ;; esac
mkdir -p "$roots"
exec 9> "$root.lock"
flock -n 9 || { echo "scripts/debian.sh: waiting for another run in $root"; flock 9; }

# By a name of its own until it is whole.
if [ ! -d "$root" ]; then
  echo "== Debian $release ($suite) into $root"
  rm -rf "$root.partial"
  unshare --mount debootstrap --variant=minbase "$suite" "$root.partial" "$mirror" > "$root.log" 2>&1 ||
    { tail -n 20 "$root.log" >&2; echo "scripts/debian.sh: debootstrap failed; all it said is in $root.log" >&2; exit 70; }
  mv "$root.partial" "$root"
fi

# Names and proxies as this machine has them.
cp -L /etc/resolv.conf "$root/etc/resolv.conf"
if command -v apt-config > /dev/null; then
  apt-config dump | grep -iE '^Acquire::[a-z]+::Proxy' > "$root/etc/apt/apt.conf.d/90-proxy-of-the-host" || true
fi

# The clean copy; nothing of an earlier run beside it but packages and compiled objects.
rm -rf "$root/work" "$root/root/.cache/duet"
find "$root/tmp" -mindepth 1 -delete
mkdir -p "$root/work/duet"
git -c safe.directory="$tree" -C "$tree" ls-files -z --cached --others --exclude-standard |
  (cd "$tree" && while IFS= read -r -d '' file; do [ ! -e "$file" ] || printf '%s\0' "$file"; done) |
  tar -C "$tree" --null -T - -c | tar -C "$root/work/duet" --no-same-owner -x
shared="$tree/../shared"
[ ! -d "$shared" ] || mkdir "$root/work/shared"

# In the namespace: mounts, then the command with an environment of its own.
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
    LANG=C.UTF-8 TERM="${TERM:-dumb}" ${proxies[@]+"${proxies[@]}"} /bin/bash -c "cd /work/duet && exec \"\$@\"" duet "$@"
  exit $?  # a process of its own, for the first one of a namespace is deaf to signals
'
echo "== Debian $release, $root/work/duet: $*"
# However this script ends, the command and its mounts end with it.
setpriv --pdeathsig KILL unshare --mount --pid --fork --kill-child --propagation private \
  bash -c "$inside" bash "$root" "$shared" "$@" <&0 &
child=$!
trap 'kill -KILL $child; exit 130' INT TERM HUP
code=0
wait $child || code=$?
echo "== Debian $release: $* ended with $code"
exit $code
