# agent.sh run|cancel FOLDER: the agent of the spool protocol (agents/api).
# `run` is the supervisor, which start.sh detaches: it starts the watchdog and the job's shell, waits, cleans up and writes the verdict.
# In front of this stand the assignments of version, job_shell, time_limit, silence_limit and output_limit: see index.ts.

# The events file stays open as descriptor 5, so that even a job that removes the folder gets its verdict.
_t_append() {
  printf '%s\n' "$1" >&5
}

run() {
  _t_pump='' _t_size=0
  # Our own errors follow it there.
  printf '%s\n' "$$" >"$_t_folder/agent/supervisor"
  exec 5>>"$_t_folder/agent/events"
  _t_calibrate
  unset TERRARIUM_CLOCK
  _t_event start "$version"
  note_processes
  open_output
  watch 4>&- &
  watchdog=$!
  run_job
  finish
}

# Remembers what runs before the job, to see cheaply at the end that nothing else does.
note_processes() {
  set -- /proc/[0-9]*
  before=" $* "
}

# All the job writes goes through a pipe, for a script that opens /dev/stderr again would truncate a file. Where /dev/stderr does not
# reopen (no such /proc: macOS, BSD), the file itself is good, and one process fewer.
open_output() {
  if [ ! -r /proc/self/fdinfo/1 ] || ! open_pipe; then
    exec 4>>"$_t_folder/agent/output"
    return 0
  fi
  (
    # The kernel ends the pump at the limit (blocks of 512 bytes; bash that is not called sh counts 1024, the watchdog then comes first).
    ulimit -f $(((output_limit + 511) / 512))
    LC_ALL=C exec cat <&6 >>"$_t_folder/agent/output" 4>&- 5>&- 6<&-
  ) &
  _t_pump=$!
  exec 6<&-
}

# Opens a pipe: its reading end as 6, its writing end as 4. A short here-document comes through one in most shells (/proc lets us open its
# other end), which spares a process; where it comes as a file, a named pipe does.
open_pipe() {
  exec 6<<END
pipe
END
  if [ -p /proc/self/fd/6 ] && read -r _t_rest <&6 && true 2>/dev/null >/proc/self/fd/6; then
    exec 4>/proc/self/fd/6
    return 0
  fi
  mkfifo "$_t_folder/agent/pipe" || return 1
  exec 4<>"$_t_folder/agent/pipe"
  exec 6<"$_t_folder/agent/pipe" 4>"$_t_folder/agent/pipe"
}

# In the foreground: see start.sh. Whoever wants the job to end kills its group. The job's shell makes 4 its output itself: a redirection
# here would be this shell's own while it waits, and its word about a killed child would go into the log.
run_job() {
  code=0
  set -- "$job_shell" "$_t_folder/agent/job.sh"
  if command -v setsid >/dev/null; then set -- setsid "$@"; else set -m; fi
  TERRARIUM_AGENT="$_t_folder;" TERRARIUM_FOLDER=$_t_folder TERRARIUM_BASE=$_t_base TERRARIUM_PUMP=$_t_pump "$@" || code=$?
}

watch() {
  _t_clock
  started=$_t_now changed=$_t_now beaten=$_t_now last=0
  while LC_ALL=C sleep 1; do
    # A job that killed its supervisor runs without a verdict to come: the server learns of it by the missing beats.
    if ! running "$$"; then
      kill_group
      exit 0
    fi
    _t_measure
    _t_clock
    if [ "$_t_size" -ne "$last" ]; then last=$_t_size changed=$_t_now; fi
    if [ "$_t_size" -ge "$output_limit" ] || pump_ended; then stop_job output-limit; fi
    if [ $((_t_now - started)) -ge $((time_limit * 1000)) ]; then stop_job time-limit; fi
    if [ $((_t_now - changed)) -ge $((silence_limit * 1000)) ]; then stop_job silence-limit; fi
    if [ $((_t_now - beaten)) -ge 8000 ]; then
      beaten=$_t_now
      _t_event beat
    fi
  done
}

# The watchdog's nap would outlive it by up to a second.
stop_watch() {
  nap=
  if [ -r "/proc/$watchdog/task/$watchdog/children" ]; then read -r nap <"/proc/$watchdog/task/$watchdog/children"; fi
  kill -9 "$watchdog" $nap 2>/dev/null
  wait "$watchdog" 2>/dev/null
  watchdog=$nap
}

stop_job() {
  printf '%s\n' "$1" >"$_t_folder/agent/limit"
  kill_group
  exit 0
}

# The job's shell notes its process id, which is its group's, before anything else.
kill_group() {
  if read -r job 2>/dev/null <"$_t_folder/agent/shell"; then kill -9 -"$job" 2>/dev/null; fi
}

pump_ended() {
  if [ -z "$_t_pump" ] || running "$_t_pump"; then return 1; fi
}

# A process that has ended may stay in the table for long, where nobody asks for its exit code.
running() {
  if [ ! -r /proc/self/stat ]; then
    kill -0 "$1" 2>/dev/null
    return
  fi
  if ! IFS= read -r _t_rest 2>/dev/null </proc/"$1"/stat; then return 1; fi
  case ${_t_rest##*) } in
    Z* | X*) return 1 ;;
  esac
}

# Kills the job's process group, then whatever left the group but carries the job's mark in its environment. Sets alone if there was surely
# nothing of the kind.
kill_job() {
  kill_group
  alone=
  if [ ! -r /proc/self/environ ]; then return 0; fi
  if ! anything_new; then
    alone=yes
    return 0
  fi
  _t_round=0
  while [ "$_t_round" -lt 200 ]; do
    _t_round=$((_t_round + 1))
    _t_found=$(grep -lsF "TERRARIUM_AGENT=$_t_folder;" /proc/[0-9]*/environ)
    if [ -z "$_t_found" ]; then return 0; fi
    for _t_process in $_t_found; do
      _t_process=${_t_process#/proc/}
      kill -9 "${_t_process%/environ}" 2>/dev/null
    done
  done
}

anything_new() {
  for _t_process in /proc/[0-9]*; do
    case "$before/proc/$$ /proc/$_t_pump /proc/$watchdog " in
      *" $_t_process "*) ;;
      *) return 0 ;;
    esac
  done
  return 1
}

finish() {
  stop_watch
  kill_job
  close_output
  decide
  if [ -n "$step" ]; then _t_event "done" "$step" "$code"; fi
  explain
  if [ -d "$_t_folder/agent" ]; then printf 'ended\n' >"$_t_folder/agent/state"; fi
  _t_event end "$verdict" "$reason"
}

# After this nobody writes to the output: what was in the pipe is written, the pump is gone. It has no end of its own as long as we hold
# the pipe: a pump that has ended before was ended by the limit, or by the job.
close_output() {
  pump_lost=
  if pump_ended; then pump_lost=yes; fi
  if [ -n "$_t_pump" ]; then
    _t_drain
    _t_measure
    kill -9 "$_t_pump" 2>/dev/null
    wait "$_t_pump" 2>/dev/null
  fi
  exec 4>&-
  _t_pump=
  # Whoever we could not see may have written until now: only then the file itself must be asked, by a process.
  if [ -z "$alone" ] || [ -n "$pump_lost" ]; then _t_measure; fi
}

# Sets verdict and reason from what is known: a wish to cancel, a limit, the job shell's own last word, else how it ended and in which phase.
decide() {
  rule='' so_far='' step='' limit='' no_shell='' verdict=errored
  if [ -r "$_t_folder/agent/state" ]; then IFS=' ' read -r rule so_far step <"$_t_folder/agent/state"; fi
  if [ -r "$_t_folder/agent/limit" ]; then read -r limit <"$_t_folder/agent/limit"; fi
  if [ -n "$pump_lost" ] && [ "$_t_size" -ge "$output_limit" ]; then limit=output-limit; fi
  if [ -e "$_t_folder/agent/canceled" ]; then
    verdict=canceled reason=canceled
    return 0
  fi
  if [ -n "$limit" ]; then
    reason=$limit
    return 0
  fi
  case $rule in
    finished) decide_finished ;;
    error) reason=setup ;;
    fail | fail-later | ignore) decide_early ;;
    *) reason=lost ;;
  esac
  if [ "$reason" = lost ] && [ ! -e "$_t_folder/agent/shell" ]; then
    case $code in
      126 | 127) reason=setup no_shell=yes ;;
    esac
  fi
}

decide_finished() {
  case $so_far in
    passed | failed) verdict=$so_far reason=exit ;;
    errored) reason=setup ;;
    *) reason=lost ;;
  esac
}

# `exit` in a command, `exec`, `set -e`, a syntax error, a killed shell.
decide_early() {
  if [ "$code" -eq 137 ] || [ -n "$pump_lost" ]; then
    reason=lost
    return 0
  fi
  reason=exit verdict=passed
  if [ "$so_far" = failed ]; then verdict=failed; fi
  if [ "$rule" != ignore ] && [ "$code" -ne 0 ]; then verdict=failed; fi
}

# A line in the log for what the log would not show otherwise.
explain() {
  if [ -n "$no_shell" ]; then say "The job asks for the shell $job_shell, which this machine does not have."; fi
  case $reason in
    time-limit) say "The job was stopped: it ran for longer than its limit of $time_limit seconds." ;;
    silence-limit) say "The job was stopped: it wrote nothing for its limit of $silence_limit seconds." ;;
    output-limit) say "The job was stopped: its log reached the limit of $output_limit bytes." ;;
    lost) say "The job's shell was killed, or the agent's files were removed, before the job came to its end." ;;
  esac
}

say() {
  if [ -w "$_t_folder/agent/output" ]; then printf '\n[terrarium] %s\n' "$1" >>"$_t_folder/agent/output"; fi
  _t_measure
}

# Kills the job; the supervisor sees it end and writes the rest. Where the supervisor is gone, does its work.
cancel() {
  if [ ! -e "$_t_folder/agent/supervisor" ]; then return 0; fi
  if [ -r "$_t_folder/agent/state" ]; then read -r state <"$_t_folder/agent/state"; fi
  if [ "${state-}" = ended ]; then return 0; fi
  : >"$_t_folder/agent/canceled"
  kill_group
  # Without a number it is about to start, and the job's shell will find the file.
  if ! read -r supervisor <"$_t_folder/agent/supervisor" || running "$supervisor"; then return 0; fi
  exec 5>>"$_t_folder/agent/events"
  before='' watchdog='' _t_pump=''
  kill_job
  _t_calibrate
  _t_measure
  printf 'ended\n' >"$_t_folder/agent/state"
  _t_event end canceled canceled
}

_t_folder=$2
case $1 in
  run) run ;;
  cancel) cancel ;;
esac
