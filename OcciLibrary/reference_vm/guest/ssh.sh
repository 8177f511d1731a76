#!/bin/sh
# Nobody is root here from outside (-w), the machine forwards nothing (-j, -k), and without a password none is asked for (-s).
[ -r /sys/firmware/qemu_fw_cfg/by_name/opt/occi/password/raw ] || without_password=-s
exec /usr/sbin/dropbear -F -E -w -j -k $without_password -r /etc/dropbear/host_key -p 22 2> /dev/console
