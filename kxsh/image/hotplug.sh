#!/bin/busybox sh
# Run by `uevent` for each kernel event: load the driver of a device that was added.
[ "$ACTION" = add ] && [ "$MODALIAS" ] && exec modprobe -bq "$MODALIAS"
