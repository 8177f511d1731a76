#!/bin/sh
# Brings the machine up: file systems, drivers, then what the host says of this VM (QEMU's fw_cfg, opt/occi/...).
/bin/busybox --install -s /bin
chmod 755 /
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
mkdir -p /dev/pts
mount -t devpts devpts /dev/pts
mount -t tmpfs -o mode=1777,nosuid,nodev tmpfs /tmp
while read -r module; do insmod "$module"; done < /etc/modules

told() { [ -r "/sys/firmware/qemu_fw_cfg/by_name/opt/occi/$1/raw" ] && cat "/sys/firmware/qemu_fw_cfg/by_name/opt/occi/$1/raw"; }

name=$(told hostname) || name=reference-vm
echo "$name" > /etc/hostname
hostname "$name"
address=$(told address) || address=10.0.2.15/24
gateway=$(told gateway) || gateway=10.0.2.2
ip link set lo up
ip link set eth0 up
ip address add "$address" dev eth0
ip route add default via "$gateway"
echo "127.0.0.1 localhost $name" > /etc/hosts

user=$(told username) || user=tester
hash='*'
[ -r /sys/firmware/qemu_fw_cfg/by_name/opt/occi/password/raw ] &&
  hash=$(mkpasswd -m sha512 -P 0 < /sys/firmware/qemu_fw_cfg/by_name/opt/occi/password/raw)
echo "$user:x:1000:1000::/home/$user:/bin/sh" >> /etc/passwd
echo "$user:x:1000:" >> /etc/group
echo "$user:$hash:19000:0:99999:7:::" >> /etc/shadow
chmod 600 /etc/shadow
. /etc/home.sh

mkdir -p /etc/dropbear
told host_key > /etc/dropbear/host_key || {
  rm -f /etc/dropbear/host_key
  dropbearkey -t ed25519 -f /etc/dropbear/host_key > /dev/null 2>&1
}
chmod 600 /etc/dropbear/host_key
. /etc/user_data.sh
