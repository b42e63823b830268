# Shared by the supervisor and the job's shell: the clock, the size of the output, the events file. Put in front of both by index.ts.
# Builtins only wherever the system has /proc: each process costs more than everything else here.
_t_newline='
'

# Sets _t_now to Unix time in milliseconds. _t_base is Unix time minus uptime; empty where there is no /proc/uptime.
_t_clock() {
  if [ -n "$_t_base" ]; then
    IFS=' ' read -r _t_up _t_rest </proc/uptime
    _t_now=$((_t_base + ${_t_up%.*} * 1000 + (1${_t_up#*.} - 100) * 10))
  else
    _t_now=$(($(date +%s) * 1000))
  fi
}

# Sets _t_base; one process, once a job. None where the machine tells it in TERRARIUM_CLOCK.
_t_calibrate() {
  _t_base=
  if [ ! -r /proc/uptime ]; then return 0; fi
  case ${TERRARIUM_CLOCK-} in
    '' | *[!0-9]* | 0*) ;;
    *)
      _t_base=$TERRARIUM_CLOCK
      return 0
      ;;
  esac
  _t_date=$(date +%s.%N)
  case $_t_date in
    *[!0-9.]* | *.) _t_date=${_t_date%%.*}.000 ;;
  esac
  IFS=' ' read -r _t_up _t_rest </proc/uptime
  _t_fraction=${_t_date#*.}
  _t_fraction=${_t_fraction%"${_t_fraction#???}"}
  _t_base=$((${_t_date%.*} * 1000 + 1$_t_fraction - 1000 - ${_t_up%.*} * 1000 - (1${_t_up#*.} - 100) * 10))
}

# Sets _t_size to the size of the output. Where a pump writes it, its file position says so without a process.
_t_measure() {
  if [ -n "$_t_pump" ] && IFS=' 	' read -r _t_rest _t_size 2>/dev/null </proc/"$_t_pump"/fdinfo/1; then return 0; fi
  _t_size=$(wc -c <"$_t_folder/agent/output" 2>/dev/null) || _t_size=
  _t_size=$((${_t_size:-0}))
}

# Waits until the pump has written all that was put into the pipe before this call. A pump that sleeps has found the pipe empty: whoever
# writes into an empty pipe makes its reader runnable before the write returns.
_t_drain() {
  if [ -z "$_t_pump" ]; then return 0; fi
  _t_tries=0
  while IFS= read -r _t_rest 2>/dev/null </proc/"$_t_pump"/stat; do
    case ${_t_rest##*) } in
      R* | D*) ;;
      *) return 0 ;;
    esac
    _t_tries=$((_t_tries + 1))
    # Something in the background writes without a pause: nobody can say where its lines belong.
    if [ "$_t_tries" -ge 600 ]; then return 0; fi
    if [ "$_t_tries" -ge 500 ]; then sleep 0.01; fi
  done
}

# _t_event TYPE [WORD...]: appends a line about _t_size bytes of output, now.
_t_event() {
  _t_clock
  _t_fraction=$((1000 + _t_now % 1000))
  _t_type=$1
  shift
  _t_line="$_t_type $((_t_now / 1000)).${_t_fraction#1} $_t_size"
  for _t_word in "$@"; do _t_line="$_t_line $_t_word"; done
  _t_append "$_t_line"
}
