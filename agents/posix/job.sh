# The job's shell: one shell for all commands of all phases. index.ts appends one line for each step; nothing of the job's data is in them.
exec </dev/null >&4 2>&1 4>&- 5>&-
_t_folder=$TERRARIUM_FOLDER
_t_base=$TERRARIUM_BASE
_t_pump=$TERRARIUM_PUMP
unset TERRARIUM_BASE TERRARIUM_PUMP TERRARIUM_FOLDER
_t_rule=error _t_verdict=passed _t_open='' _t_skip='' _t_size=0

_t_append() {
  printf '%s\n' "$1" >>"$_t_folder/agent/events"
}

# What the supervisor reads when this shell is gone: the rule for failure in force, the verdict so far, the step that runs.
_t_note() {
  printf '%s\n' "$_t_rule $_t_verdict $_t_open" >"$_t_folder/agent/state"
}

# Leaves room for the supervisor when the job uses up its processes. Through a file: a substitution is a process.
_t_leave_room() {
  { ulimit -u || ulimit -p; } 2>/dev/null >"$_t_folder/agent/state" || return 0
  read -r _t_most <"$_t_folder/agent/state" || return 0
  case $_t_most in
    '' | *[!0-9]*) return 0 ;;
  esac
  if [ "$_t_most" -lt 64 ]; then return 0; fi
  ulimit -u $((_t_most - 24)) 2>/dev/null || ulimit -p $((_t_most - 24)) 2>/dev/null || return 0
}

# _t_load FILE [big]: sets _t_text to the file's text, whatever its end. A big one is read by a process.
_t_load() {
  _t_text=
  if [ "${2-}" = big ]; then
    _t_text=$(cat "$_t_folder/agent/$1" && echo .) || return 1
    _t_text=${_t_text%.}
    return 0
  fi
  [ -r "$_t_folder/agent/$1" ] || return 1
  while IFS= read -r _t_line; do _t_text=$_t_text$_t_line$_t_newline; done <"$_t_folder/agent/$1"
  _t_text=$_t_text$_t_line
}

# Without its files this shell cannot know what it has not run.
_t_lost() {
  rm -f "$_t_folder/agent/state"
  exit 1
}

# _t_phase WHEN RULE: what follows is that phase's.
_t_phase() {
  _t_rule=$2 _t_skip=
  case $1$_t_verdict in
    passingfailed | failingpassed) _t_skip=yes ;;
  esac
  if [ -z "$_t_skip" ]; then _t_note; fi
}

# _t_begin STEP: the step's event, and its title in the log.
_t_begin() {
  if [ -n "$_t_skip" ]; then return 1; fi
  _t_open=$1
  _t_note || _t_lost
  _t_event step "$1"
  _t_load "title-$1" || _t_lost
  printf '\033[1m$ %s\033[0m\n' "${_t_text%"$_t_newline"}"
}

# _t_command STEP [big]: begins the step and sets _t_text to the command.
_t_command() {
  _t_begin "$1" || return 1
  _t_load "command-$1" "${2-}" || _t_lost
}

# _t_end CODE: the step ended; what that means for the job.
_t_end() {
  _t_drain
  _t_measure
  _t_event "done" "$_t_open" "$1"
  _t_open=
  if [ "$1" -eq 0 ]; then return 0; fi
  case $_t_rule in
    error) _t_verdict=errored && _t_finish ;;
    fail) _t_verdict=failed _t_skip=yes ;;
    fail-later) _t_verdict=failed ;;
  esac
}

_t_result() {
  TRAVIS_TEST_RESULT=0
  if [ "$_t_verdict" = failed ]; then TRAVIS_TEST_RESULT=1; fi
  export TRAVIS_TEST_RESULT
}

_t_finish() {
  printf '%s\n' "finished $_t_verdict" >"$_t_folder/agent/state"
  exit 0
}

# _t_variables FILE: literal values, as `NAME LINES` and the lines.
_t_variables() {
  while IFS=' ' read -r _t_name _t_lines; do
    IFS= read -r _t_text
    while [ "$_t_lines" -gt 1 ]; do
      IFS= read -r _t_line
      _t_text=$_t_text$_t_newline$_t_line
      _t_lines=$((_t_lines - 1))
    done
    export "$_t_name=$_t_text"
  done <"$_t_folder/agent/$1"
}

# _t_checkout: lays out the work tree; its own shell, its own variables.
_t_checkout() {
  (
    _t_variables checkout-variables
    TERRARIUM_FOLDER=$_t_folder
    export TERRARIUM_FOLDER
    exec sh "$_t_folder/agent/checkout.sh"
  )
}

_t_leave_room
printf '%s\n' "$$" >"$_t_folder/agent/shell"
_t_note
# Whoever cancels puts the file there, then looks for the process id: one of the two is seen.
if [ -e "$_t_folder/agent/canceled" ]; then exit 1; fi
HOME=$_t_folder/home TMPDIR=$_t_folder/tmp CI=true TERRARIUM=true
export HOME TMPDIR CI TERRARIUM
unset OLDPWD
