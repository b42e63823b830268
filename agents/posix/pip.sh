#!/bin/sh
# The job's pip. The environment is made without one, since that is a thousand times quicker: the first use finds or installs it.
bin=${0%/*}
if [ ! -e "$bin/../pip-ready" ]; then
  if ! "$bin/python" -m pip --version >/dev/null 2>&1; then
    if ! "$bin/python" -m ensurepip @ENSUREPIP@ >"$bin/../ensurepip.log" 2>&1; then
      echo "pip: this interpreter has no pip, and its own copy (the module ensurepip) cannot be installed:" >&2
      tail -n 3 "$bin/../ensurepip.log" >&2
      echo "pip: install it on the machine, or use another image. On Debian: apt-get install python3-pip python3-venv" >&2
      exit 1
    fi
  fi
  : >"$bin/../pip-ready"
fi
@RUN@
