/**
 * What runs on a host: POSIX sh, constants all of them; data comes as parameters. The instance's folder there:
 *
 * ```
 * images/DIGEST/disk.qcow2 kernel initrd whole     copies of images; `whole` once their checksums were right
 * templates/KEY/disk.qcow2 state uses              a booted image, saved: each machine of that shape begins there
 * machines/ID/disk.qcow2 seed uses                 `uses`: what of the above it needs, `images/DIGEST` and `templates/KEY`, a line each
 * ```
 *
 * Domains are transient: nothing is defined, so a libvirtd or a host that starts anew knows of none.
 */

/** Programs of a host, and the Debian package that has each. */
export const TOOLS: Readonly<Record<string, string>> = {
  virsh: 'libvirt-clients',
  'qemu-img': 'qemu-utils',
  base64: 'coreutils',
  sha256sum: 'coreutils',
};

/** Sets `names`: one line for each domain. Ends the script with 1 where libvirt does not answer. */
const NAMES = `names() { names=$(virsh -q -c "$uri" list --all --name) || exit 1; }
there() { names; printf '%s\\n' "$names" | grep -qxF -e "$1"; }
`;

/** `$1`: root folder, `$2`: libvirt's URI, then programs. Prints `missing PROGRAM`, `root PATH`, `qemu VERSION`, `libvirt VERSION`, `kvm there`. */
export const SURVEY = `
root=$1 uri=$2
shift 2
for tool in "$@"; do command -v "$tool" >/dev/null 2>&1 || echo "missing $tool"; done
umask 022
mkdir -p -- "$root/images" "$root/templates" "$root/machines" || exit 1
chmod 711 -- "$root" "$root/images" "$root/templates" "$root/machines" || exit 1
echo "root $(cd -- "$root" && pwd -P)"
v=$(virsh -q -c "$uri" version --daemon) || exit 1
printf '%s\\n' "$v" | sed -n 's/^Running hypervisor: QEMU \\([0-9.]*\\)$/qemu \\1/p; s/^Running against daemon: \\([0-9.]*\\)$/libvirt \\1/p'
! virsh -q -c "$uri" domcapabilities --virttype kvm >/dev/null 2>&1 || echo 'kvm there'
`;

/**
 * Whether KVM runs guests, found out by letting it run one: a boot sector that writes `K` to the serial port. Where KVM only seems to be there the guest hangs,
 * or QEMU ends. `$1`: URI, `$2`: a folder to make, `$3`: name, `$4`: its definition.
 */
export const PROBE_KVM = `
uri=$1 d=$2 name=$3
umask 022
mkdir -- "$d" && chmod 711 -- "$d" || exit 1
trap 'virsh -q -c "$uri" destroy "$name" >/dev/null 2>&1; rm -rf -- "$d"' EXIT
{ printf '\\272\\370\\003\\260\\113\\356\\364\\353\\375'; head -c 501 /dev/zero; printf '\\125\\252'; head -c 1048064 /dev/zero; } >"$d/disk"
printf %s "$4" >"$d/domain.xml"
virsh -q -c "$uri" create "$d/domain.xml" >/dev/null 2>&1 || exit 1
n=0
until grep -q K "$d/said" 2>/dev/null; do
  [ "$n" -lt 50 ] || exit 1
  n=$((n + 1))
  sleep 0.2
done
`;

/** `$1`: URI, `$2`: root folder, `$3`: what our domains' names begin with. Prints `domain ID` and `folder ID`. */
export const LIST = `
uri=$1
${NAMES}
names
printf '%s\\n' "$names" | while IFS= read -r name; do
  case $name in "$3"*) printf 'domain %s\\n' "\${name#"$3"}" ;; esac
done
for f in "$2"/machines/*; do [ ! -e "$f" ] || printf 'folder %s\\n' "\${f##*/}"; done
`;

/** `$1`: URI, `$2`: name. Prints `gone` or libvirt's word for its state. */
export const STATE = `
uri=$1
${NAMES}
there "$2" || { echo gone; exit 0; }
virsh -q -c "$uri" domstate "$2" 2>/dev/null || { there "$2" && exit 1; echo gone; }
`;

/** `$1`: folder of an image. Exits with 0 if it is whole. */
export const IS_WHOLE = `[ -e "$1/whole" ]`;

/** `$1`: folder of an image; makes it empty. */
export const EMPTY_FOLDER = `umask 022; rm -rf -- "$1" && mkdir -- "$1" && chmod 711 -- "$1"`;

/** `$1`: folder of an image, `$2`: its files' checksums as sha256sum reads them. Nothing in it is secret, and QEMU may run as another account. */
export const CHECK_IMAGE = `
cd -- "$1" && printf '%s\\n' "$2" | sha256sum -c --quiet || exit 1
for f in disk.qcow2 kernel initrd; do [ ! -e "$f" ] || chmod 644 -- "$f" || exit 1; done
: >whole
`;

/** `$1`: folder. */
export const REMOVE = `rm -rf -- "$1"`;

/** `$1`: a template's folder. Exits with 0 if it is whole. */
export const HAS_TEMPLATE = `[ -s "$1/state" ] && [ -e "$1/disk.qcow2" ]`;

/** `$1`: a file, `$2`: bytes. Prints its beginning in base64. */
export const BEGINNING = `head -c "$2" -- "$1" | base64`;

/** Exit codes of `START` that are not about libvirt. */
export const DISK_FULL = 4;
export const PORT_TAKEN = 5;

/**
 * Makes a machine's folder and disk, and its domain: restored and running, or, without a template, paused before its first instruction.
 * `$1`: URI, `$2`: machine's folder, `$3`: backing file, `$4`: size of the disk in bytes, `$5`: content of `uses`, `$6`: definition,
 * `$7`: the template's state or '', `$8`: what its beginning is replaced with, in base64.
 */
export const START = `
uri=$1 f=$2 backing=$3 size=$4 uses=$5 definition=$6 state=$7 beginning=$8
umask 077
mkdir -- "$f" && chmod 711 -- "$f" || exit 1
printf '%s\\n' "$uses" >"$f/uses"
used=$(du -sk -- "\${f%/*}" | cut -f1) free=$(df -Pk -- "$f" | awk 'NR == 2 { print $4 }') count=$(ls -- "\${f%/*}" | wc -l)
if [ $((used + free)) -lt $((count * (size / 1024))) ]; then
  echo "$count machines with disks of $((size / 1048576)) MB do not fit: there are $(((used + free) / 1024)) MB for them" >&2
  exit ${DISK_FULL}
fi
qemu-img create -q -f qcow2 -F qcow2 -b "$backing" "$f/disk.qcow2" "$size" || exit 1
if [ -n "$state" ]; then
  cp --reflink=auto -- "$state" "$f/state" || exit 1
  printf %s "$beginning" | base64 -d | dd of="$f/state" conv=notrunc status=none || exit 1
  said=$(virsh -q -c "$uri" restore "$f/state" 2>&1)
else
  printf %s "$definition" >"$f/domain.xml"
  said=$(virsh -q -c "$uri" create --paused "$f/domain.xml" 2>&1)
fi
code=$?
rm -f -- "$f/state" "$f/domain.xml"
[ "$code" != 0 ] || exit 0
printf '%s\\n' "$said" >&2
case $said in *'host forwarding rule'*) exit ${PORT_TAKEN} ;; esac
exit 1
`;

/** `$1`: URI, `$2`: name. Lets a paused domain run. */
export const RESUME = `virsh -q -c "$1" resume "$2" >/dev/null`;

/**
 * Saves a booted machine, which ends it, and keeps it as a template. QEMU's account may read its disk: nobody's machine has it been.
 * `$1`: URI, `$2`: name, `$3`: machine's folder, `$4`: template's folder.
 */
export const KEEP_TEMPLATE = `
virsh -q -c "$1" save "$2" "$3/state" >/dev/null || exit 1
chmod 644 -- "$3/disk.qcow2" && rm -rf -- "$4" && mv -- "$3" "$4" && rm -f -- "$4/seed"
`;

/** Exit code of `DESTROY` for a domain that cannot be ended, though libvirt answers. */
export const STUCK = 3;

/**
 * Ends a machine's domain, if it is ours, and removes its folder. Succeeds for what is not there; fails for what libvirt cannot end.
 * `$1`: URI, `$2`: name, `$3`: folder, `$4`: namespace of our metadata, `$5`: our mark.
 */
export const DESTROY = `
uri=$1
${NAMES}
if there "$2"; then
  if m=$(virsh -q -c "$uri" metadata "$2" "$4" 2>&1); then
    case $m in *" mark='$5'"* | *" mark=\\"$5\\""*) ;; *) echo "the domain $2 is somebody else's" >&2; exit ${STUCK} ;; esac
    said=$(virsh -q -c "$uri" destroy "$2" 2>&1)
  else
    said=$m
  fi
  ! there "$2" || { printf '%s\\n' "$said" >&2; exit ${STUCK}; }
fi
rm -rf -- "$3"
`;

/** Ends what was not ended: templates and probes of earlier processes. `$1`: URI, `$2`: root folder, `$3`: what their names begin with. */
export const SWEEP = `
uri=$1
${NAMES}
names
printf '%s\\n' "$names" | while IFS= read -r name; do
  case $name in "$3"*) virsh -q -c "$uri" destroy "$name" >/dev/null 2>&1 ;; esac
done
rm -rf -- "$2"/machines/.[!.]*
`;

/**
 * Removes templates and copies of images that no machine uses. `$1`: root folder, then `images/DIGEST` of those that are to stay; a template stays with its
 * image.
 */
export const PRUNE = `
cd -- "$1" || exit 1
shift
keep=$(printf '%s\\n' "$@"; cat -- machines/*/uses 2>/dev/null)
stays() { printf '%s\\n' "$keep" | grep -qxF -e "$1"; }
for t in templates/*; do
  [ -e "$t" ] || continue
  stays "$t" || { image=$(head -n 1 -- "$t/uses" 2>/dev/null) && [ -n "$image" ] && stays "$image"; } || rm -rf -- "$t"
done
keep=$keep'
'$(cat -- templates/*/uses 2>/dev/null)
for i in images/*; do
  [ ! -e "$i" ] || stays "$i" || rm -rf -- "$i"
done
`;

/** `$1`: root folder. Prints `images/DIGEST` for each machine. */
export const USED = `cd -- "$1/machines" || exit 1; for f in */uses; do [ ! -e "$f" ] || head -n 1 -- "$f"; done`;
