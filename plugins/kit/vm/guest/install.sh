# Makes a machine of Debian's files. $1: the system's folder; $2: the folder with the files of the guest; $3: the folder of the unpacked kernel package; $4: the
# kernel's release. Runs as root, or as root of a user namespace.
root=$1 guest=$2 kernel=$3 release=$4

# The job's user: may become root, as anybody may who has a machine to himself.
echo 'ci:x:1000:1000:CI:/home/ci:/bin/bash' >>"$root/etc/passwd"
echo 'ci:x:1000:' >>"$root/etc/group"
echo 'ci:*:19000:0:99999:7:::' >>"$root/etc/shadow"
echo 'ci ALL=(ALL:ALL) NOPASSWD: ALL' >"$root/etc/sudoers.d/ci"
chmod 0440 "$root/etc/sudoers.d/ci"
install -d -o 1000 -g 1000 -m 0755 "$root/home/ci" "$root/work"
install -d -o 1000 -g 1000 -m 0700 "$root/home/ci/.ssh"
install -d -o 0 -g 0 -m 0755 "$root/etc/dropbear"

# Names come with the seed.
rm -f "$root/etc/resolv.conf" "$root/etc/hostname" "$root/etc/hosts"
echo '# No name server: /etc/hosts has the names that may be reached.' >"$root/etc/resolv.conf"
echo terrarium >"$root/etc/hostname"
echo '127.0.0.1 localhost terrarium' >"$root/etc/hosts"

mkdir -p "$root/lib/modules"
for modules in "$kernel/lib/modules/$release" "$kernel/usr/lib/modules/$release"; do
  if [ -d "$modules" ]; then cp -R --no-preserve=ownership "$modules" "$root/lib/modules/"; fi
done
chroot "$root" depmod "$release"

install -o 0 -g 0 -m 0755 "$guest/init.pl" "$root/sbin/terrarium-init"
