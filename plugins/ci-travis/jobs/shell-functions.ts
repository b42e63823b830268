/**
 * The functions that Travis's shell has and old scripts call, for bash 3.2 and later: `travis_retry CMD`, `travis_wait [MINUTES] CMD`, folds and
 * timers. What they do is documented at docs.travis-ci.com/user/common-build-problems and seen in travis-build, lib/travis/build/bash/.
 */
export const SHELL_FUNCTIONS = `export ANSI_RED='\\033[31;1m' ANSI_GREEN='\\033[32;1m' ANSI_YELLOW='\\033[33;1m' ANSI_RESET='\\033[0m' ANSI_CLEAR='\\033[0K'

travis_retry() {
  local attempt status=0
  for attempt in 1 2 3; do
    if "$@"; then return 0; else status=$?; fi
    printf '\\nThe command "%s" failed with %s, attempt %s of 3.\\n\\n' "$*" "$status" "$attempt" >&2
    [ "$attempt" = 3 ] || sleep 1
  done
  return "$status"
}

travis_wait() {
  local minutes=20 log command watcher status=0
  case "$1" in
    '' | *[!0-9]*) ;;
    *) minutes=$1; shift ;;
  esac
  log=$(mktemp "\${TMPDIR:-/tmp}/travis_wait.XXXXXX") || return 1
  "$@" >"$log" 2>&1 &
  command=$!
  travis_jigger "$command" "$minutes" "$@" &
  watcher=$!
  wait "$command" || status=$?
  kill "$watcher" 2>/dev/null
  wait "$watcher" 2>/dev/null
  printf '\\nThe command "%s" exited with %s.\\n\\nLog:\\n\\n' "$*" "$status"
  cat "$log"
  rm -f "$log"
  return "$status"
}

travis_jigger() {
  local command=$1 minutes=$2 minute=0 second
  shift 2
  while [ "$minute" -lt "$minutes" ]; do
    minute=$((minute + 1))
    printf 'Still running (%s of %s): %s\\n' "$minute" "$minutes" "$*"
    second=0
    while [ "$second" -lt 60 ]; do
      sleep 1
      kill -0 "$command" 2>/dev/null || return 0
      second=$((second + 1))
    done
  done
  printf '\\nStill not done after %s minutes: "%s" is killed.\\n' "$minutes" "$*"
  kill -9 "$command" 2>/dev/null
}

travis_nanoseconds() {
  local now
  now=$(date -u +%s%N 2>/dev/null)
  case "$now" in
    '' | *[!0-9]*) printf '%s000000000\\n' "$(date -u +%s)" ;;
    *) printf '%s\\n' "$now" ;;
  esac
}

travis_fold() {
  printf 'travis_fold:%s:%s\\r\\033[0K' "$1" "$2"
}

travis_time_start() {
  TRAVIS_TIMER_ID=$(printf '%08x' $((RANDOM * RANDOM)))
  TRAVIS_TIMER_START_TIME=$(travis_nanoseconds)
  export TRAVIS_TIMER_ID TRAVIS_TIMER_START_TIME
  printf 'travis_time:start:%s\\r\\033[0K' "$TRAVIS_TIMER_ID"
}

travis_time_finish() {
  local status=$? end
  end=$(travis_nanoseconds)
  printf 'travis_time:end:%s:start=%s,finish=%s,duration=%s\\r\\033[0K' \\
    "$TRAVIS_TIMER_ID" "$TRAVIS_TIMER_START_TIME" "$end" $((end - \${TRAVIS_TIMER_START_TIME:-end}))
  return "$status"
}

travis_terminate() {
  exit "\${1:-1}"
}

travis_assert() {
  local status=\${1:-$?}
  [ "$status" -eq 0 ] || travis_terminate 2
}

travis_result() {
  TRAVIS_TEST_RESULT=$((\${TRAVIS_TEST_RESULT:-0} | ($1 != 0)))
  export TRAVIS_TEST_RESULT
  printf 'The command "%s" exited with %s.\\n' "\${TRAVIS_CMD:-}" "$1"
}

travis_cmd() {
  local source=$1 shown=$1 echo= retry= assert= status=0
  shift
  while [ $# -gt 0 ]; do
    case "$1" in
      --echo) echo=1 ;;
      --retry) retry=1 ;;
      --assert) assert=1 ;;
      --display) shown=$2; shift ;;
      --event) shift ;;
    esac
    shift
  done
  export TRAVIS_CMD=$source
  [ -z "$echo" ] || printf '$ %s\\n' "$shown"
  if [ -n "$retry" ]; then travis_retry eval "$source"; else eval "$source"; fi
  status=$?
  [ -z "$assert" ] || travis_assert "$status"
  return "$status"
}

travis_vers2int() {
  printf '1%03d%03d%03d%03d\\n' $(printf '%s' "$1" | tr '.' ' ')
}

travis_apt_get_update() {
  sudo apt-get update -qq
}

travis_install_go_dependencies() {
  travis_retry go get -t -v ./...
}
`;
