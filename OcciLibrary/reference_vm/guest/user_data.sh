# Runs the user data once for each VM, as root, if it is a script. A VM from a saved image is another VM.
instance=$(told instance)
if [ "$instance" ] && [ "$(cat /home/.instance 2> /dev/null)" != "$instance" ]; then
  echo "$instance" > /home/.instance
  if [ "$(told user_data | head -c 2)" = "#!" ]; then
    told user_data > /run/user_data
    chmod 700 /run/user_data
    setsid /run/user_data < /dev/null > /var/log/user_data.log 2>&1 &
  fi
fi
