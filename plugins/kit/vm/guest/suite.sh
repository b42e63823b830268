# Makes another Debian system one of a machine's: $1: the base's folder; $2: its name below /opt/suites, where it is already; $3: the folder with the files of the
# guest. Runs as root, or as root of a user namespace.
root=$1 name=$2 guest=$3
suite=$root/opt/suites/$name

# Where the base's folders and files are mounted at the start; the same list as in init.pl.
mkdir -p "$suite/work" "$suite/home" "$suite/var/tmp" "$suite/root" "$suite/srv" "$suite/mnt" "$suite/etc/ssl/certs"
for file in hosts resolv.conf hostname passwd group; do
  rm -f "$suite/etc/$file"
  : >"$suite/etc/$file"
done
cat "$root/etc/passwd" >"$suite/etc/passwd"
cat "$root/etc/group" >"$suite/etc/group"

if [ ! -e "$root/opt/suites/enter" ]; then
  install -o 0 -g 0 -m 0644 "$guest/enter.c" "$root/opt/suites/enter.c"
  chroot "$root" gcc -O2 -Wall -static -o /opt/suites/enter /opt/suites/enter.c
  chmod 4755 "$root/opt/suites/enter"
fi
