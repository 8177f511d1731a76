# Puts the users' files on the disk, where there is one, so that they outlive a restart, and the given ssh keys in force.
disk=/dev/vda
# Written at once (sync): a machine may lose its power, or its disk be copied, at any moment.
if [ -b "$disk" ] && ! mount -t ext4 -o sync,noatime,nosuid,nodev "$disk" /home; then
  echo "The disk cannot be used: /home is in RAM." > /dev/console
fi
if [ ! -d "/home/$user" ]; then
  mkdir "/home/$user"
  chown 1000:1000 "/home/$user"
fi

given_keys() {
  told authorized_keys
  told user_data | awk '
    NR == 1 && !/^#cloud-config/ { exit }
    /^ssh_authorized_keys:/ { listed = 1; next }
    /^[^ #-]/ { listed = 0 }
    listed && /^ *- / { sub(/^ *- */, ""); gsub(/^["\047]|["\047] *$/, ""); print }'
}
given_keys | su -s /bin/sh "$user" -c '
  umask 077
  mkdir -p ~/.ssh
  while read -r key; do
    grep -qxF "$key" ~/.ssh/authorized_keys 2> /dev/null || echo "$key" >> ~/.ssh/authorized_keys
  done'
