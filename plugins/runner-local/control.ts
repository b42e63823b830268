/** Where a sandbox sees the folder of requests (it cannot write there) and that of replies. */
export const CONTROL_FOLDER = '/run/terrarium/control';
export const REPLIES_FOLDER = '/run/terrarium/replies';
/** Where a sandbox sees the session's folder. */
export const SESSION_FOLDER = '/terrarium';
/** The pipe, in the folder of replies, through which requests are announced by their number. */
export const REQUESTS_PIPE = 'requests';

/** What the control shell writes to its standard error, on a line, once it waits for requests; nothing of the job's runs before. */
export const READY_LINE = 'ready';

/**
 * The sandbox's control shell. It waits for numbers on a pipe that it holds open itself, so that it survives whoever writes there, and
 * runs the request of that number: an argument list, each argument as its number of lines and the lines, so that no text of a request
 * is ever read as shell. The reply is two files: the output if it is wanted, which the driver has made, and the exit code once the command has ended.
 * Opened for reading, too, since that waits for nobody should a job have put a pipe in its place. $1: most processes, or empty; $2: largest file in blocks of 512 bytes, or unlimited; $3: Unix time minus uptime in milliseconds, which spares the agent
 * a process.
 */
export const CONTROL_SCRIPT = `
cd ${SESSION_FOLDER} || exit 1
umask 022
# A background command of a shell ignores SIGINT, and all that it starts would: with job control it does not. dash has that at a terminal only.
if [ -n "$BASH_VERSION" ]; then set -m; fi
if [ -n "$1" ]; then ulimit -p "$1" 2>/dev/null || ulimit -u "$1" 2>/dev/null; fi
ulimit -f "$2"
export LANG=C.UTF-8 TERRARIUM_CLOCK="$3"
newline='
'
serve() {
  {
    read -r wanted words
    set --
    while [ "$words" -gt 0 ]; do
      read -r lines
      IFS= read -r word
      while [ "$lines" -gt 1 ]; do
        IFS= read -r line
        word=$word$newline$line
        lines=$((lines - 1))
      done
      set -- "$@" "$word"
      words=$((words - 1))
    done
  } <${CONTROL_FOLDER}/$number
  code=0
  output=/dev/null
  if [ "$wanted" = output ]; then output=${REPLIES_FOLDER}/$number.output; fi
  (
    export TERRARIUM_EXEC="$number"
    exec "$@" </dev/null 1<>"$output" 2>&1 3<&-
  ) || code=$?
  printf '%s\\n' "$code" >${REPLIES_FOLDER}/$number.code
}
mkfifo ${REPLIES_FOLDER}/${REQUESTS_PIPE} && exec 3<>${REPLIES_FOLDER}/${REQUESTS_PIPE} || exit 1
echo ${READY_LINE} >&2
exec >/dev/null 2>&1 </dev/null
while read -r number <&3; do
  case $number in
    '' | *[!0-9]*) ;;
    *) serve & ;;
  esac
done
`;

/** An argument list as the control shell reads it; `output`: whether anybody wants what the command writes. */
export function requestText(argv: readonly string[], output: boolean): string {
  return `${output ? 'output' : 'code'} ${argv.length}\n${argv.map((word) => `${word.split('\n').length}\n${word}\n`).join('')}`;
}
