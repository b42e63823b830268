import { FIXED } from '../expand/environment.ts';

/**
 * What every job on Linux and macOS begins with: functions that make a step's files (`$GITHUB_ENV`, `$GITHUB_PATH`, `$GITHUB_OUTPUT`, `$GITHUB_STEP_SUMMARY`, `$GITHUB_STATE`) before it
 * runs, and obey them afterwards. In POSIX sh but for `_gh_equal` and `_gh_has`, which are bash 3.1's. The form of the files: docs.github.com, "Workflow commands", "Environment files".
 *
 * Steps run in processes of their own; what is kept between them is in the folder `$_gh` and in the exported variables of the job's shell.
 */
export const PRELUDE = `_gh=$TMPDIR/github-actions _gh_failed= _gh_return=$(printf '\\r')
mkdir -p "$_gh/outputs" "$_gh/went" "$RUNNER_TEMP" "$RUNNER_TOOL_CACHE" || exit 1
GITHUB_ENV=$_gh/env GITHUB_PATH=$_gh/path GITHUB_OUTPUT=$_gh/output GITHUB_STEP_SUMMARY=$_gh/summary GITHUB_STATE=$_gh/state
export GITHUB_ENV GITHUB_PATH GITHUB_OUTPUT GITHUB_STEP_SUMMARY GITHUB_STATE

# _gh_begin: the files of a step, empty.
_gh_begin() {
  for _gh_file in env path output summary state; do : >"$_gh/$_gh_file" || return 1; done
}

# _gh_end ID CODE CONTINUES: obeys the files of a step that ended, notes how it went, and returns its code.
_gh_end() {
  _gh_id=$1 _gh_code=$2
  _gh_read "$GITHUB_ENV" _gh_set || _gh_code=1
  _gh_read "$GITHUB_OUTPUT" _gh_keep || _gh_code=1
  while IFS= read -r _gh_line || [ -n "$_gh_line" ]; do
    _gh_line=\${_gh_line%"$_gh_return"}
    if [ -n "$_gh_line" ]; then PATH=$_gh_line:$PATH; fi
  done <"$GITHUB_PATH"
  _gh_outcome=success _gh_conclusion=success
  if [ "$_gh_code" -ne 0 ]; then
    _gh_outcome=failure
    if [ "$3" != yes ]; then _gh_conclusion=failure _gh_failed=yes; fi
  fi
  if [ -n "$_gh_id" ]; then
    printf '%s\\n' "$_gh_outcome" >"$_gh/went/$_gh_id.outcome"
    printf '%s\\n' "$_gh_conclusion" >"$_gh/went/$_gh_id.conclusion"
  fi
  return "$_gh_code"
}

# _gh_left_out ID: the condition of a step does not hold.
_gh_left_out() {
  printf '%s\\n' 'This step is left out: its condition does not hold.'
  if [ -n "$1" ]; then
    printf 'skipped\\n' >"$_gh/went/$1.outcome"
    printf 'skipped\\n' >"$_gh/went/$1.conclusion"
  fi
}

# _gh_read FILE FUNCTION: calls FUNCTION NAME VALUE for each NAME=VALUE, and for each NAME<<END with the lines up to END.
_gh_read() {
  [ -s "$1" ] || return 0
  while IFS= read -r _gh_line || [ -n "$_gh_line" ]; do
    _gh_line=\${_gh_line%"$_gh_return"}
    case \${_gh_line%%=*} in
      '') if [ -z "$_gh_line" ]; then continue; fi; _gh_refuse; return 1 ;;
      *'<<'*) _gh_lines "\${_gh_line%%<<*}" "\${_gh_line#*<<}" "$2" || return 1 ;;
      "$_gh_line") _gh_refuse; return 1 ;;
      *) "$2" "\${_gh_line%%=*}" "\${_gh_line#*=}" ;;
    esac
  done <"$1"
}

_gh_refuse() {
  printf '%s\\n' "This is neither NAME=VALUE nor NAME<<END: $_gh_line"
}

# _gh_lines NAME END FUNCTION: the rest of _gh_read for several lines.
_gh_lines() {
  _gh_text= _gh_break=
  while IFS= read -r _gh_line || [ -n "$_gh_line" ]; do
    if [ "\${_gh_line%"$_gh_return"}" = "$2" ]; then
      "$3" "$1" "$_gh_text"
      return 0
    fi
    _gh_text=$_gh_text$_gh_break$_gh_line _gh_break='
'
  done
  printf '%s\\n' "The value of $1 has no end: there is no line $2."
  return 1
}

# _gh_set NAME VALUE: a variable of all later steps. What GitHub sets itself is not changed.
_gh_set() {
  case $1 in
    '' | [0-9]* | *[!A-Za-z0-9_]*) printf '%s\\n' "The variable $1 is left out: letters, digits and underscores make a name." ;;
    ${[...FIXED, 'NODE_OPTIONS'].join(' | ')} | _gh* | _t_*) printf '%s\\n' "The variable $1 is left out: it cannot be set." ;;
    *) export "$1=$2" ;;
  esac
}

# _gh_keep NAME VALUE: an output of the step.
_gh_keep() {
  case $1 in
    '' | *[!A-Za-z0-9_-]*) printf '%s\\n' "The output $1 is left out: letters, digits, - and _ make a name." ;;
    *)
      if [ -z "$_gh_id" ]; then return 0; fi
      mkdir -p "$_gh/outputs/$_gh_id" && printf '%s' "$2" >"$_gh/outputs/$_gh_id/$(_gh_fold "$1")"
      ;;
  esac
}

_gh_fold() {
  printf '%s' "$1" | tr ABCDEFGHIJKLMNOPQRSTUVWXYZ abcdefghijklmnopqrstuvwxyz
}

# _gh_output ID NAME
_gh_output() {
  cat "$_gh/outputs/$1/$(_gh_fold "$2")" 2>/dev/null
}

# _gh_went ID outcome|conclusion
_gh_went() {
  cat "$_gh/went/$1.$2" 2>/dev/null
}

_gh_passing() {
  [ -z "$_gh_failed" ]
}

_gh_status() {
  if _gh_passing; then printf success; else printf failure; fi
}

# _gh_equal A B: in any case of letters.
_gh_equal() (
  shopt -s nocasematch
  [[ $1 == "$2" ]]
)

# _gh_has HOW TEXT PART
_gh_has() (
  shopt -s nocasematch
  case $1 in
    contains) [[ $2 == *"$3"* ]] ;;
    startswith) [[ $2 == "$3"* ]] ;;
    endswith) [[ $2 == *"$3" ]] ;;
  esac
)`;
