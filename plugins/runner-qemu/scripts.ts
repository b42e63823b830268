import { REAP } from '#plugins/kit/ssh';

/**
 * What runs on a host: POSIX sh, constants all of them; data comes as parameters. A machine is the folder MACHINES/ID:
 *
 * ```
 * access      how to get in, and what it was made from: JSON, for the server alone
 * log         what the sandbox and QEMU said
 * gates/N     sockets of the relays to what it may reach
 * vm/         all that the sandbox sees of this as /m: overlay.qcow2, rules, start.sh, and the sockets qmp, agent and ssh
 * ready       it was made to its end
 * ```
 *
 * All its processes carry `TERRARIUM_MACHINE=TAG` in their environment.
 */

/** Programs of a host, and the Debian package that has each. */
export const TOOLS: Readonly<Record<string, string>> = {
  'qemu-system-x86_64': 'qemu-system-x86',
  'qemu-img': 'qemu-utils',
  bwrap: 'bubblewrap',
  socat: 'socat',
  nft: 'nftables',
  ip: 'iproute2',
  setsid: 'util-linux',
  setpriv: 'util-linux',
};

/** `$@`: programs. Prints those that are missing, then QEMU's version; makes the folders. `$1`: root folder ('' for `~/$2`), `$2`: its name in the home. */
export const SURVEY = `
root=$1; [ -n "$root" ] || root=$HOME/$2
shift 2
umask 077
mkdir -p -- "$root/machines" "$root/snapshots" "$root/images" || exit 1
for tool in "$@"; do command -v "$tool" >/dev/null 2>&1 || echo "missing $tool"; done
echo "root $(cd -- "$root" && pwd -P)"
[ ! -w /dev/kvm ] || echo 'kvm there'
qemu-system-x86_64 --version 2>/dev/null | sed -n 's/^QEMU emulator version \\([0-9.]*\\).*/qemu \\1/p'
`;

/**
 * Whether KVM runs guests, found out by letting it run one: a boot sector that ends QEMU with code 85 (42 written to the debug port, doubled, plus one). Where KVM
 * only seems to be there a guest hangs in its firmware.
 */
export const PROBE_KVM = `
d=$(mktemp -d) || exit 1
trap 'rm -rf "$d"' EXIT
{ printf '\\260\\052\\346\\364\\364'; head -c 505 /dev/zero; printf '\\125\\252'; } >"$d/disk"
timeout -k 1 10 qemu-system-x86_64 -accel kvm -cpu host -M q35 -m 32 -nodefaults -display none -no-reboot -device isa-debug-exit,iobase=0xf4,iosize=1 \\
  -drive file="$d/disk",format=raw,if=ide >/dev/null 2>&1 </dev/null
[ $? = 85 ]
`;

/** Inside the sandbox: `ADDRESS PORT N` for each gate, `--`, then QEMU's command line. See `network.ts`. */
export const START = `set -e
ip link set lo up
ip route add local default dev lo
nft -f /m/rules
socat UNIX-LISTEN:/m/ssh,fork,mode=600,max-children=64 TCP4:127.0.0.1:2222,nodelay &
while [ "$1" != -- ]; do
  socat "TCP4-LISTEN:$2,bind=$1,fork,reuseaddr,max-children=64" "UNIX-CONNECT:/g/$3" &
  shift 3
done
shift
if [ -e /s/state ]; then exec 6</s/state; fi
exec setpriv --bounding-set=-all --inh-caps=-all --no-new-privs "$@"
`;

/**
 * Makes a machine's folder and overlay and starts it detached; returns when QEMU answers on its sockets.
 * `$1` machine's folder, `$2` tag, `$3` start.sh, `$4` rules, `$5` access, `$6` backing file as the sandbox sees it, `$7` size of the disk in bytes,
 * `$8` snapshot's folder or '', `$9` what its memory file must look like, `$10` image's folder, `$11` whether it may use /dev/kvm, then `HOST PORT` of each gate, `--`,
 * and the sandbox's command. Exit code 3: the snapshot is not what it was; 4: the disk is too full.
 */
export const LAUNCH = `${REAP}
f=$1 tag=$2 start=$3 rules=$4 access=$5 backing=$6 size=$7 snapshot=$8 stamp=$9
shift 9
image=$1 kvm=$2
shift 2
umask 077
mkdir -- "$f" "$f/vm" "$f/gates" || exit 1
printf %s "$access" >"$f/access"
printf %s "$start" >"$f/vm/start.sh"
printf %s "$rules" >"$f/vm/rules"
echo 'nameserver 10.0.2.3' >"$f/vm/resolv.conf"
echo "$size" >"$f/size"
used=$(du -sk -- "\${f%/*}" | cut -f1) free=$(df -Pk -- "$f" | awk 'NR == 2 { print $4 }')
promised=$(cat -- "\${f%/*}"/*/size 2>/dev/null | awk '{ sum += $1 } END { printf "%d", sum / 1024 }')
if [ $((used + free)) -lt "$promised" ]; then
  echo "its disk does not fit: with it machines were promised $((promised / 1024)) MB, and there are $(((used + free) / 1024)) MB for them" >&2
  exit 4
fi
if [ -n "$snapshot" ] && [ "$(stat -c '%i %s %z' -- "$snapshot/memory")" != "$stamp" ]; then
  echo 'the memory snapshot was changed after it was made' >&2
  exit 3
fi
qemu-img create -q -f qcow2 -u -F qcow2 -b "$backing" "$f/vm/overlay.qcow2" "$size" || exit 1
TERRARIUM_MACHINE=$tag; export TERRARIUM_MACHINE
n=0
while [ "$1" != -- ]; do
  (cd -- "$f/gates" && exec setsid socat "UNIX-LISTEN:$n,fork,mode=600,max-children=64" "TCP4:$1:$2,connect-timeout=15" </dev/null >/dev/null 2>&1) &
  n=$((n + 1))
  shift 2
done
shift
system=
for d in bin sbin lib lib32 lib64 libx32; do
  if [ -h "/$d" ]; then system="$system --symlink usr/$d /$d"; elif [ -d "/$d" ]; then system="$system --ro-bind /$d /$d"; fi
done
[ "$kvm" != kvm ] || set -- --dev-bind /dev/kvm /dev/kvm "$@"
if [ -n "$snapshot" ]; then
  set -- --ro-bind "$snapshot/disk.qcow2" /s/disk.qcow2 --ro-bind "$snapshot/state" /s/state --bind "$snapshot/memory" /s/memory "$@"
fi
setsid nice -n 5 bwrap --unshare-user --unshare-net --unshare-pid --unshare-ipc --unshare-uts --uid 0 --gid 0 --cap-drop ALL \\
  --cap-add CAP_NET_ADMIN --cap-add CAP_NET_BIND_SERVICE --ro-bind /usr /usr $system --ro-bind-try /etc/ld.so.cache /etc/ld.so.cache \\
  --ro-bind-try /etc/alternatives /etc/alternatives --dev /dev --proc /proc --tmpfs /tmp --ro-bind "$image/disk.qcow2" /i/disk.qcow2 \\
  --ro-bind-try "$image/kernel" /i/kernel --ro-bind-try "$image/initrd" /i/initrd --bind "$f/vm" /m --ro-bind "$f/gates" /g \\
  --ro-bind "$f/vm/resolv.conf" /etc/resolv.conf --clearenv --setenv PATH /usr/sbin:/usr/bin:/sbin:/bin --setenv TERRARIUM_MACHINE "$tag" \\
  --hostname terrarium --chdir /m "$@" </dev/null >"$f/log" 2>&1 &
p=$!
n=0
until [ -S "$f/vm/agent" ] && [ -S "$f/vm/qmp" ] && [ -S "$f/vm/ssh" ]; do
  if [ ! -d "$f/vm" ] || [ "$n" -ge 2000 ] || ! kill -0 "$p" 2>/dev/null; then
    echo "QEMU did not start: $(tail -c 2000 "$f/log" 2>/dev/null)" >&2
    reap "TERRARIUM_MACHINE=$tag"
    exit 1
  fi
  n=$((n + 1))
  sleep 0.01
done
`;

/** `$1` machine's folder, `$2` tag. Ends all processes of a machine, then removes its folder. */
export const DESTROY = `${REAP}
reap "TERRARIUM_MACHINE=$2" || { echo 'some of its processes cannot be ended' >&2; exit 1; }
rm -rf -- "$1"
reap "TERRARIUM_MACHINE=$2"
`;

/** `$1` folder of all machines: a line `ID` for each, whole or half made. */
export const LIST = `ls -A -- "$1"`;

/** `$1` machine's folder: what `access` says, if the machine was made to its end. */
export const ACCESS = `[ -e "$1/ready" ] && cat -- "$1/access"`;

/** `$1` folder of all machines: what each `access` says, a line each. */
export const USED = `for f in "$1"/*/access; do [ -s "$f" ] && { cat -- "$f"; echo; }; done; true`;

/** `$1` machine's folder: it is made. */
export const MARK_READY = `: >"$1/ready"`;

/** Kernel ids of what runs in the machine of tag `$1`: the first is inside its namespaces. */
const INSIDE = `
for p in $(LC_ALL=C grep -lszxF -e "TERRARIUM_MACHINE=$1" /proc/[0-9]*/environ); do
  p=\${p%/environ}
  case $(cat "$p/comm" 2>/dev/null) in qemu-system*) echo "\${p#/proc/}"; break ;; esac
done`;

/** `$1` tag: the rules and counters of the machine's namespace, as JSON. Who is not root must enter the user namespace that owns it. */
export const DENIED = `p=$(${INSIDE})
[ -n "$p" ] || { echo gone >&2; exit 5; }
if [ "$(id -u)" = 0 ]; then exec nsenter -t "$p" -n nft -j list ruleset; fi
exec nsenter -t "$p" -U --preserve-credentials -n nft -j list ruleset
`;

/** `$1` tag: whether its QEMU runs, and the way into it is open: one that nobody can get into any more is of no use. */
export const ALIVE = `qemu= way=
for p in $(LC_ALL=C grep -lszxF -e "TERRARIUM_MACHINE=$1" /proc/[0-9]*/environ); do
  case $(tr '\\0' ' ' <"\${p%/environ}/cmdline" 2>/dev/null) in
    qemu-system*) qemu=there ;;
    'socat UNIX-LISTEN:/m/ssh,'*) way=open ;;
  esac
done
[ -n "$qemu" ] && [ -n "$way" ]
`;

/** `$1` tag: waits until its QEMU has ended, ten seconds at most. */
export const WAIT_GONE = `
n=0
while [ -n "$(${INSIDE})" ]; do
  [ "$n" -lt 500 ] || { echo 'QEMU does not end' >&2; exit 1; }
  n=$((n + 1))
  sleep 0.02
done
`;

/** `$1` machine's folder: what belongs to a snapshot goes into a folder of its own. */
export const GATHER_SNAPSHOT = `mkdir -- "$1/kept" && mv -- "$1/vm/overlay.qcow2" "$1/kept/disk.qcow2" && mv -- "$1/vm/memory" "$1/vm/state" "$1/kept/"`;

/**
 * `$1` folder of a snapshot. Prints what its memory file looks like. Fails if it is not whole, or if the file is not what it was when it was made; `stamp` was written last,
 * and no machine ever sees it.
 */
export const LOOK_AT_SNAPSHOT = `
s=$(cat -- "$1/stamp" 2>/dev/null) && [ -n "$s" ] && [ "$s" = "$(stat -c '%i %s %z' -- "$1/memory")" ] && printf %s "$s"`;

/** `$1` folder of all machines: templates that nobody can be making any more. A line `ID` each. */
export const STALE_TEMPLATES = `find "$1" -mindepth 1 -maxdepth 1 -name 'template-*' -mmin +10 -exec basename '{}' ';'`;

/** `$1` folder of snapshots, then the digests that are still wanted: removes the snapshots of all others. */
export const SWEEP_SNAPSHOTS = `
root=$1; shift
for d in "$root"/*; do
  digest=$(cat -- "$d/digest" 2>/dev/null) || continue
  case " $* " in *" $digest "*) ;; *) rm -rf -- "$d" ;; esac
done
`;

/** `$1` folder of copies of images, on a host that is not this computer; then the digests that are still wanted: removes all other copies. */
export const SWEEP_COPIES = `
root=$1; shift
for d in "$root"/*; do
  [ -d "$d" ] || continue
  case " $* " in *" \${d##*/} "*) ;; *) rm -rf -- "$d" ;; esac
done
`;

/** `$1`: a folder. */
export const REMOVE = `rm -rf -- "$1"`;

/**
 * `$1` folder of a snapshot that was made, `$2` where it is to be, `$3` its image's digest. Prints what its memory file looks like. One that another process has made meanwhile
 * is left as it is.
 */
export const KEEP_SNAPSHOT = `
[ -s "$1/state" ] && [ -s "$1/memory" ] || { echo 'QEMU has written no state' >&2; exit 1; }
if [ -e "$2/stamp" ]; then cat -- "$2/stamp"; exit; fi
printf %s "$3" >"$1/digest"
sync -f "$1" 2>/dev/null || sync
rm -rf -- "$2"
mv -T -- "$1" "$2" && s=$(stat -c '%i %s %z' -- "$2/memory") && printf %s "$s" >"$2/stamp" && printf %s "$s"
`;
