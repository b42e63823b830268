import { REAP } from '#plugins/kit/ssh';

/**
 * What a host remembers, all in its base folder: `owner`, a symbolic link whose text is the tag of the machine the host is taken by (made
 * whole or not at all, and by one of several at once); `dirty`, there from the beginning of a destruction until the reset succeeded; and
 * the machine's own folder. `$1` is the base folder, empty for the default; `$2` the machine's tag; `$3` its folder's name.
 */
const BASE = `
umask 077
b=$1; [ -n "$b" ] || b=$HOME/.terrarium
o=$(readlink "$b/owner" 2>/dev/null)
`;

/** Prints `free`, `taken TAG` or `dirty TAG`. */
export const OWNER_SCRIPT = `${BASE}
[ -n "$o" ] || { echo free; exit 0; }
if [ -e "$b/dirty" ]; then echo "dirty $o"; else echo "taken $o"; fi
`;

/** Prints `mine`, or what `OWNER_SCRIPT` does where another machine has it. The same tag again finds its folder as it was. */
export const CLAIM_SCRIPT = `${BASE}
mkdir -p -- "$b" || exit 1
[ ! -e "$b/dirty" ] || { echo "dirty $o"; exit 0; }
[ -n "$o" ] || ln -s "$2" "$b/owner" 2>/dev/null
o=$(readlink "$b/owner") || exit 1
[ "$o" = "$2" ] || { echo "taken $o"; exit 0; }
mkdir -p -- "$b/$3" && echo mine
`;

/** Prints `gone`, or the machine's folder as a physical path. */
export const LOCATE_SCRIPT = `${BASE}
{ [ "$o" = "$2" ] && [ ! -e "$b/dirty" ] && cd -- "$b/$3" 2>/dev/null; } || { echo gone; exit 0; }
pwd -P
`;

/** Marks the host dirty, kills what the machine left running, removes its folder. Prints `clean`, or `other` if the host is not this machine's. */
export const CLEAN_SCRIPT = `${BASE}${REAP}
[ "$o" = "$2" ] || { echo other; exit 0; }
: >"$b/dirty" || exit 1
d=$(cd -- "$b/$3" 2>/dev/null && pwd -P)
reap "TERRARIUM_MACHINE=$2" "$d" || { echo 'Some of its processes cannot be killed.' >&2; exit 1; }
chmod -R u+rwx -- "$b/$3" 2>/dev/null
rm -rf -- "$b/$3" && echo clean
`;

/** Frees the host if this machine has it. `owner` goes last: as long as it is there, the machine can be destroyed again. */
export const RELEASE_SCRIPT = `${BASE}
[ "$o" = "$2" ] || { echo other; exit 0; }
rm -f -- "$b/dirty" && rm -f -- "$b/owner" && echo free
`;
