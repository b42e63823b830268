# Puts the interpreter in front: `python`, `python3`, `pythonX.Y` and `pip` are its own, in an environment that belongs to the job.
# index.ts has laid out $_t_folder/python: bin/pip and, for the interpreters whose environments we know how to lay out, pyvenv.cfg.

# _t_python KIND: reads the interpreter's path and the names to give it.
_t_python() {
  { IFS= read -r _t_path && IFS= read -r _t_names; } <"$_t_folder/agent/interpreter" || return 1
  if [ ! -x "$_t_path" ]; then
    printf '%s\n' "There is no interpreter $_t_path on this machine."
    return 1
  fi
  case $1 in
    venv) _t_link ;;
    module) if "$_t_path" -m venv --without-pip --system-site-packages "$_t_folder/python"; then _t_relink; else _t_link; fi ;;
    user) _t_link ;;
  esac || return 1
  VIRTUAL_ENV=$_t_folder/python PATH=$_t_folder/python/bin:$PATH
  export VIRTUAL_ENV PATH
  unset PYTHONHOME
  if [ "$1" = user ]; then _t_user_site; fi
}

# What the interpreter takes for itself may be another one by that path, where it belongs to another system of the machine (docs/IMAGES.md).
_t_relink() {
  for _t_word in "$_t_folder/python/bin/"python* "$_t_folder/python/bin/"pypy*; do
    if [ -L "$_t_word" ] && [ ! "$_t_word" -ef "$_t_path" ]; then ln -sf "$_t_path" "$_t_word" || return 1; fi
  done
}

# An interpreter without environments installs into the user's own site, which counts only if it is there when the interpreter starts.
# Before 2.6 there was none.
_t_user_site() {
  PYTHONUSERBASE=$VIRTUAL_ENV
  export PYTHONUSERBASE
  if _t_site=$("$_t_path" -m site --user-site 2>/dev/null) && [ -n "$_t_site" ]; then mkdir -p "$_t_site"; fi
}

# Names that stand beside the interpreter and are the same file are linked by one process, the others by one each.
_t_link() {
  _t_beside=${_t_path%/*}
  set --
  for _t_word in $_t_names; do
    if [ "$_t_beside/$_t_word" -ef "$_t_path" ]; then
      set -- "$@" "$_t_beside/$_t_word"
    else
      ln -s "$_t_path" "$_t_folder/python/bin/$_t_word" || return 1
    fi
  done
  [ $# -eq 0 ] || ln -s "$@" "$_t_folder/python/bin/"
}
