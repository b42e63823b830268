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

# The package has made keys, which all machines would share. Names of hosts are never looked up; a slow machine likes the quick key exchange.
rm -f "$root"/etc/ssh/ssh_host_*
install -d -o 0 -g 0 -m 0755 "$root/etc/terrarium"
cat >"$root/etc/terrarium/sshd_config" <<'END'
HostKey /etc/terrarium/host_key
KexAlgorithms curve25519-sha256,curve25519-sha256@libssh.org
AuthenticationMethods publickey
AllowUsers ci
UsePAM no
UseDNS no
PrintMotd no
PrintLastLog no
MaxSessions 64
MaxAuthTries 3
SetEnv PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
Subsystem sftp internal-sftp
END

# Names come with the seed.
rm -f "$root/etc/resolv.conf" "$root/etc/hostname" "$root/etc/hosts"
# Nobody answers there, but who asks is seen.
echo 'nameserver 10.0.2.3' >"$root/etc/resolv.conf"
echo terrarium >"$root/etc/hostname"
echo '127.0.0.1 localhost terrarium' >"$root/etc/hosts"

mkdir -p "$root/lib/modules"
for modules in "$kernel/lib/modules/$release" "$kernel/usr/lib/modules/$release"; do
  if [ -d "$modules" ]; then cp -R --no-preserve=ownership "$modules" "$root/lib/modules/"; fi
done
chroot "$root" depmod "$release"

install -o 0 -g 0 -m 0755 "$guest/init.pl" "$root/sbin/terrarium-init"
