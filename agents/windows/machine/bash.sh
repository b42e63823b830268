# bash.sh FRONT COMMAND LEFT KEPT AGENT...: runs the command of the file COMMAND in the bash (or sh) of Git for Windows, has the agent write to LEFT what
# the command leaves to any other, and keeps in KEPT what only the next command of this shell can find: functions, variables, options.
_t_front=$1: _t_command=$2 _t_left=$3 _t_kept=$4
shift 4
_t_agent=("$@")
shift $#
PATH=$_t_front$PATH

# Everything that bash itself does not set anew at its start. What is exported reaches the next command as any other's.
_t_keep() {
  local _t_name
  unset -f _t_keep
  declare -f
  for _t_name in $(compgen -v); do
    case $_t_name in
      _* | BASH* | COMP_* | DIRSTACK | EPOCH* | EUID | FUNCNAME | GROUPS | HISTCMD | HOST* | IFS | LINENO | MACHTYPE | OPT* | OSTYPE) ;;
      PIPESTATUS | POSIXLY_CORRECT | PPID | PS4 | PWD | RANDOM | SECONDS | SHELLOPTS | SRANDOM | UID) ;;
      *) case ${!_t_name@a} in *[rx]*) ;; *) declare -p "$_t_name" ;; esac ;;
    esac
  done
  printf '%s\n' "$_t_options"
}

_t_leave() {
  _t_code=$?
  trap - EXIT
  _t_options=$(set +o; shopt -p)
  set +efnuvx
  _t_ifs=$IFS IFS=$' \t\n'
  unset -f _t_leave
  _t_keep >"$_t_kept" 2>/dev/null
  IFS=$_t_ifs
  # Others do not see our folders in front, and find every value as it is: MSYS would take some for paths.
  PATH=${PATH/"$_t_front"/}
  TERRARIUM_MSYS2_ENV_CONV_EXCL=${MSYS2_ENV_CONV_EXCL-} MSYS2_ENV_CONV_EXCL='*' "${_t_agent[@]}" state "$_t_left" bash
  exit "$_t_code"
}
trap _t_leave EXIT
if [ -r "$_t_kept" ]; then . "$_t_kept" 2>/dev/null; fi
. "$_t_command"
