#!/bin/busybox sh
# The first process of a machine, in memory: loads what reaches the disk, mounts it and hands over. `/modules/order` lists files in the order they need.
b=/bin/busybox
$b mount -t proc proc /proc
$b mount -t devtmpfs dev /dev
while read -r module; do
  $b insmod "/modules/$module" || echo "terrarium: $module cannot be loaded"
done </modules/order
$b mount -t ext4 -o rw,noatime /dev/vda /root || exec $b poweroff -f
$b mount --move /dev /root/dev
$b mount --move /proc /root/proc
exec $b switch_root /root /sbin/terrarium-init
