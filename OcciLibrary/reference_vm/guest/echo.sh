#!/bin/sh
exec /bin/echo_service --host 0.0.0.0 --port 7777
