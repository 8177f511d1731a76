#!/bin/sh
# Nobody is root here from outside (-w), and the machine forwards nothing (-j, -k).
exec /usr/sbin/dropbear -F -E -w -j -k -r /etc/dropbear/host_key -p 22 2> /dev/console
