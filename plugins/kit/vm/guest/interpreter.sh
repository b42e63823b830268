# Makes an interpreter of another system of a machine look as if it were the base's. $1: the base's folder; $2: the system's name below /opt/suites; $3: the
# interpreter's name; $4: its absolute path there; the rest: other names for it.
root=$1 name=$2 interpreter=$3 program=$4
shift 4
suite=$root/opt/suites/$name
folder=/opt/python/$interpreter/bin
file=${program##*/}

mkdir -p "$root$folder" "$suite$folder"
ln -s "$program" "$suite$folder/$file"
printf '#!/opt/suites/enter %s\n# %s of the system in /opt/suites/%s.\n' "$name" "$program" "$name" >"$root$folder/$file"
chmod 0755 "$root$folder/$file"
for alias; do
  ln -s "$file" "$root$folder/$alias"
  ln -s "$file" "$suite$folder/$alias"
done

# Environments that are made with it may remember where it is there.
if [ ! -e "$root$program" ] && [ ! -L "$root$program" ]; then ln -s "$folder/$file" "$root$program"; fi

# The same in both systems: what is in front of `-m` decides where it runs.
for here in "$root" "$suite"; do
  printf '#!/bin/sh\nexec %s -m pip "$@"\n' "$folder/$file" >"$here$folder/pip"
  chmod 0755 "$here$folder/pip"
done
