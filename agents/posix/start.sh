# Starts the agent of FOLDER ($1), once, and returns. It travels as an argument, `sh -c`: so the shell that starts reads no more than this.
# Creating the supervisor's file is one system call: of two starts one wins.
set -C
if ! true 2>/dev/null >"$1/agent/supervisor"; then exit 0; fi
set +C
: >>"$1/agent/output"
: >>"$1/agent/events"
exec </dev/null >/dev/null 2>>"$1/agent/supervisor"
set -- sh "$1/agent/agent.sh" run "$1"
# A background command (`&`) of a shell ignores SIGINT, and so would the whole job, whose tests may want it: let setsid fork if it can.
if ! command -v setsid >/dev/null; then
  set -m
  nohup "$@" &
elif ! setsid -f "$@"; then
  setsid "$@" &
fi
