# bash.sh FRONT COMMAND LEFT KEPT AGENT...: runs the command of the file COMMAND in the bash (or sh) of Git for Windows, has the agent write to LEFT what
# the command leaves to any other, and keeps in KEPT what only the next command of this shell can find: functions, variables, options.
_t_front=$1: _t_command=$2 _t_left=$3 _t_kept=$4
shift 4
_t_agent=("$@")
shift $#
PATH=$_t_front$PATH

_t_leave() {
  _t_code=$?
  trap - EXIT
  _t_options=$(set +o; shopt -p)
  set +euxvfn
  { unset -f _t_leave _t_keep; _t_keep_all; } >"$_t_kept" 2>/dev/null
  # Others do not see our folders in front, and find every value as it is: MSYS would take some for paths.
  PATH=${PATH/"$_t_front"/}
  TERRARIUM_MSYS2_ENV_CONV_EXCL=${MSYS2_ENV_CONV_EXCL-} MSYS2_ENV_CONV_EXCL='*' "${_t_agent[@]}" state "$_t_left" bash
  exit "$_t_code"
}
