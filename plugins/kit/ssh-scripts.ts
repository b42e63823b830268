/**
 * What we run on a machine: POSIX sh, constants all of them; data comes as parameters. Standard output is data, standard error is for
 * us: `terrarium WORD [DETAIL]` a line. A script whose standard input ends without a word has lost its server.
 */

/** `$1`: the session's folder. Every script of a session begins with it. */
const ENTER = `cd -- "$1" 2>/dev/null || { echo "terrarium gone" >&2; exit 1; }
`;

/**
 * `reap NAME=VALUE [FOLDER]`: kills every process that carries the variable in its environment, and every one whose working directory is
 * FOLDER (a physical path) or below, again and again until none is left: one that forks in between is found in the next round. Fails if
 * some are left after 200 rounds. Where there is no /proc, ps shows the environments, and working directories are not looked at.
 */
export const REAP = `
marked() {
  if [ -r /proc/self/environ ]; then
    for p in $(LC_ALL=C grep -lszxF -e "$1" /proc/[0-9]*/environ); do p=\${p%/environ}; echo "\${p#/proc/}"; done
    [ -z "$2" ] || LC_ALL=C ls -l /proc/[0-9]*/cwd | while read -r c; do
      case $c in *"/cwd -> $2" | *"/cwd -> $2 (deleted)" | *"/cwd -> $2/"*) c=\${c#*/proc/}; echo "\${c%%/*}" ;; esac
    done
  else
    e=axeww; [ "$(uname -s)" = Darwin ] && e=axEww
    ps "$e" -o pid= -o command= | while read -r p c; do case " $c " in *" $1 "*) echo "$p" ;; esac; done
  fi
} 2>/dev/null
reap() {
  n=0
  while [ "$n" -lt 200 ]; do
    l=$(marked "$1" "$2")
    [ -n "$l" ] || return 0
    kill -KILL $l
    n=$((n + 1))
  done
  return 1
} 2>/dev/null
`;

/** Prints what the session asks of a login shell: its words unchanged, and nothing else. */
export const OPEN_SCRIPT = `${ENTER}shift; printf '%s\\n' "$@"`;

/**
 * `$2` marker of the machine, `$3` of this command, then argv. The program runs in a session of its own, with both markers in its
 * environment; a line on standard input kills it and all its descendants (the command itself by its number, for it may not have its markers yet; only then
 * those that carry them are looked for). Standard input's mere end does not: a command goes on when the
 * connection is lost.
 */
export const EXEC_SCRIPT = `${ENTER}${REAP}
m=$2 k=$3 a=; shift 3
s=setsid; command -v setsid >/dev/null 2>&1 || { s=; set -m; } 2>/dev/null
exec 3<&0
trap 'a=1' USR1
(
  exec </dev/null 2>&1 3<&-
  TERRARIUM_MACHINE=$m TERRARIUM_EXEC=$k; export TERRARIUM_MACHINE TERRARIUM_EXEC
  if [ -n "$s" ]; then exec setsid -- "$@"; fi
  exec "$@"
) & c=$!
(
  exec >/dev/null 2>&1
  read -r x <&3 || exit
  kill -USR1 "$$"
  kill -KILL -- "-$c"
  kill -KILL "$c"
) & w=$!
exec 3<&-
wait "$c"; r=$?
[ -n "$a" ] || { kill -KILL "$w"; exit "$r"; } 2>/dev/null
wait "$w"
kill -KILL -- "-$c" 2>/dev/null
reap "TERRARIUM_EXEC=$k" || { echo "terrarium unkillable" >&2; exit 1; }
`;

/** `$2`: a path in the folder. Leaves inode and size of a regular file in `$i` and `$s`, or reports and ends. */
const LOOK = `
f=./$2
look() { set -- $(LC_ALL=C ls -din -- "$f" 2>/dev/null); [ "$#" -ge 6 ] && i=$1 s=$6; }
{ [ -e "$f" ] || [ -h "$f" ]; } || { echo "terrarium missing" >&2; exit 1; }
{ [ -f "$f" ] && [ ! -h "$f" ] && look; } || { echo "terrarium irregular" >&2; exit 1; }
`;

/**
 * `$2` path, `$3` offset, `$4` the offset counted from 1 as tail wants it. Watches once a second that the file is still that file and
 * never gets shorter. Goes, and takes its helpers along, when standard input ends.
 */
export const FOLLOW_SCRIPT = `${ENTER}${LOOK}
[ "$s" -ge "$3" ] || { echo "terrarium shorter $s" >&2; exit 1; }
exec 3<&0
LC_ALL=C tail -c "+$4" -f -- "$f" </dev/null 3<&- & t=$!
(
  exec >/dev/null 3<&-
  j=$i z=$s
  while sleep 1 2>/dev/null; do
    { look && [ "$i" = "$j" ]; } || { echo "terrarium vanished" >&2; exit; }
    [ "$s" -ge "$z" ] || { echo "terrarium shorter $s" >&2; exit; }
    kill -0 "$t" 2>/dev/null || { echo "terrarium stopped" >&2; exit; }
    z=$s
  done
) & w=$!
read -r x <&3
kill -KILL "$t" "$w" 2>/dev/null
`;

/** `$2` path. Reports the size first, then that many bytes. */
export const DOWNLOAD_SCRIPT = `${ENTER}${LOOK}
echo "terrarium size $s" >&2
[ "$s" -gt 0 ] || exit 0
exec head -c "$s" "$f"
`;

/** A tar archive on standard input is unpacked in the folder: one process for any number of files. Files that exist are replaced. */
export const UPLOAD_SCRIPT = `${ENTER}
command -v tar >/dev/null 2>&1 || { echo "terrarium no-tar" >&2; exit 1; }
LC_ALL=C exec tar -xpmof -
`;

/** Tells whether the folder is there. For before a terminal is asked for: on one there is no standard error of our own to report by. */
export const LOOK_SCRIPT = ENTER;

/**
 * `$2` marker of the machine. Becomes the account's login shell; a `sh` that does not know `-l` (old dash) starts without. The marker goes with
 * all that is started in it, so that it is found when the machine is cleared.
 */
export const SHELL_SCRIPT = `${ENTER}
TERRARIUM_MACHINE=$2; export TERRARIUM_MACHINE
s=\${SHELL:-/bin/sh}; [ -x "$s" ] || s=/bin/sh
case \${s##*/} in sh | dash) "$s" -l -c : >/dev/null 2>&1 </dev/null || exec "$s" ;; esac
exec "$s" -l
`;
