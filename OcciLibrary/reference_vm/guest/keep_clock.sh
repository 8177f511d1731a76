#!/bin/sh
# A machine that was suspended wakes up with an old time: the clock of its board knows the right one.
while sleep 1; do
  read -r board < /sys/class/rtc/rtc0/since_epoch
  behind=$((board - $(date +%s)))
  [ "$behind" -gt 1 ] || [ "$behind" -lt -1 ] && hwclock -s -u
done
