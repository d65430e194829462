#!/bin/busybox sh
# PID 1 of the loader. It mounts what everything needs, starts the drivers in the
# background, runs kxsh beside them, and never ends: whatever kxsh does, there is a
# prompt, then a plain shell, then a reboot. Nothing here waits for a device.

PATH=/usr/bin HOME=/root LC_ALL=C.UTF-8
export PATH HOME LC_ALL
umask 022

# One process instead of six: what to mount is in /etc/fstab.
mount -a
hostname kxsh

# A command line that cannot be read demands what the strictest would.
CMDLINE=kxsh.recovery=off
read -r CMDLINE </proc/cmdline

# option NAME: the value of the last NAME=... of the command line, or nothing.
option() {
    VALUE=
    for WORD in $CMDLINE; do
        case $WORD in "$1="*) VALUE=${WORD#*=} ;; esac
    done
}

has_word() {
    case " $CMDLINE " in *" $1 "* | *" $1="*) return 0 ;; esac
    return 1
}

# locked: whether nobody may have a shell without the password that kxsh asks for. Only
# `open` is no lock, whatever else is written, and wherever: behind `--`, in quotes. A password
# is one; /run/kxsh.lock is kxsh's own note of one.
locked() {
    [ -e /run/kxsh.lock ] && return 0
    for WORD in $CMDLINE; do
        case $WORD in
            kxsh.recovery=open) ;;
            *kxsh.recovery* | *kxsh.password*) return 0 ;;
        esac
    done
    return 1
}

mark() {
    has_word kxsh.debug && echo "kxsh: $1" >/dev/kmsg
}

# The controllers that most machines boot from, by PCI class, without a process for each
# device. USB first: every millisecond here is one that its bus does not spend settling.
first_drivers() {
    USB= DISKS=
    for DEVICE in /sys/bus/pci/devices/*; do
        read -r CLASS <"$DEVICE/class"
        case $CLASS in
            0x0c0330) USB="$USB xhci_pci" ;;
            0x0c0320) USB="$USB ehci_pci" ;;
            0x0c0310) USB="$USB ohci_pci" ;;
            0x0c0300) USB="$USB uhci_hcd" ;;
            0x0101*) DISKS="$DISKS ata_piix ata_generic" ;;
            0x010601) DISKS="$DISKS ahci" ;;
            0x0108*) DISKS="$DISKS nvme" ;;
        esac
    done
    [ "$USB" ] && modprobe -abq $USB usb_storage
    modprobe -abq sd_mod $DISKS
}

# Everything else that is present, by alias; twice, since a bus shows its devices only
# once its driver is there. Then what is plugged in later.
present_drivers() {
    modprobe -abq $(cat /sys/bus/*/devices/*/modalias 2>/dev/null)
}

load_drivers() {
    # $$ is PID 1 here too. Python would take half of a single processor meanwhile, only
    # to wait for the bus afterwards.
    read -r SELF REST </proc/self/stat
    renice -n -15 -p "$SELF"
    first_drivers
    mark "first drivers loaded"
    renice -n 5 -p "$SELF"
    modprobe -abq vfat nls_cp437 nls_ascii isofs sr_mod uas
    # The disk that most machines start from is there by now; the rest need not be quick.
    renice -n 19 -p "$SELF"
    present_drivers
    modprobe -abq usbhid hid_generic
    present_drivers
    mark "present drivers loaded"
    exec uevent /usr/bin/hotplug
}

# debug_consoles: with kxsh.debug=ttyS0,tty2 the kernel's messages go there; kxsh itself
# writes there what it says.
debug_consoles() {
    option kxsh.debug
    for NAME in $(echo "$VALUE" | tr , ' '); do
        case $NAME in *[!A-Za-z0-9]*) continue ;; esac
        [ -c "/dev/$NAME" ] || continue
        cat /dev/kmsg | while IFS=';' read -r HEAD TEXT; do
            case $HEAD in
                [0-7],*)
                    HEAD=${HEAD#*,*,}
                    printf '[%5d.%06d] kernel: %s\r\n' $((${HEAD%%,*} / 1000000)) \
                        $((${HEAD%%,*} % 1000000)) "$TEXT"
                    ;;
            esac
        done >"/dev/$NAME" 2>/dev/null &
    done
}

# consoles: the terminals to run on, as device names.
consoles() {
    option kxsh.debug
    DEBUG=,$VALUE,
    option kxsh.console
    CONSOLES=$(echo "$VALUE" | tr , ' ')
    [ "$CONSOLES" ] || read -r CONSOLES </sys/class/tty/console/active
    PRESENT=
    for NAME in $CONSOLES; do
        NAME=${NAME#/dev/}
        case $NAME in *[!A-Za-z0-9]*) continue ;; esac
        # The names of the video console, without which tty0 has no job control.
        [ "$NAME" = tty0 ] && NAME=tty1
        # One that shows the log is not typed at as well.
        case $DEBUG in *",$NAME,"*) continue ;; esac
        [ -c "/dev/$NAME" ] && PRESENT="$PRESENT $NAME"
    done
    CONSOLES=${PRESENT# }
    TERMINAL=/dev/${CONSOLES##* }
    [ -c "$TERMINAL" ] || TERMINAL=/dev/console
}

# term_of CONSOLE: its TERM, by its kind or as kxsh.term=vt100,ttyS1:dumb says.
term_of() {
    case $1 in
        tty[0-9]*) TERM=linux ;;
        *) TERM=vt220 ;;
    esac
    option kxsh.term
    for WORD in $(echo "$VALUE" | tr , ' '); do
        case $WORD in tty0:*) WORD=tty1:${WORD#*:} ;; esac
        case $WORD in
            *[!A-Za-z0-9:._+-]*) ;;
            "$1":*) TERM=${WORD#*:} ;;
            *:*) ;;
            *) TERM=$WORD ;;
        esac
    done
    export TERM
}

# set_sizes: what kxsh.size=132x43 or ttyS1:100x30 says of serial lines, which cannot tell
# themselves. A line forgets it when it is closed, so it stays open.
set_sizes() {
    option kxsh.size
    DESCRIPTOR=5
    for WORD in $(echo "$VALUE" | tr , ' '); do
        SIZE=${WORD#*:}
        case $SIZE in [1-9]*x[1-9]*) ;; *) continue ;; esac
        for NAME in $CONSOLES; do
            case $NAME in tty[0-9]*) continue ;; esac
            case $WORD in *:*) [ "${WORD%%:*}" = "$NAME" ] || continue ;; esac
            eval "exec $DESCRIPTOR<>/dev/$NAME" && DESCRIPTOR=$((DESCRIPTOR + 1))
            stty -F "/dev/$NAME" cols "${SIZE%%x*}" rows "${SIZE#*x}"
        done
    done
}

# run_kxsh: in a session of its own that owns its terminal, or one that several consoles
# show and type into.
run_kxsh() {
    # A serial line gets plain ASCII, and nobody there answers where the cursor is.
    export KXSH_SERIAL= PROMPT_TOOLKIT_NO_CPR=1
    for NAME in ${CONSOLES:-console}; do
        case $NAME in tty[0-9]*) ;; *) KXSH_SERIAL=1 ;; esac
    done
    export TERM=linux KXSH_CONSOLES="$CONSOLES"
    case $CONSOLES in
        *' '*)
            # What they all show is for one TERM: the first that was set, else linux.
            option kxsh.term
            VALUE=${VALUE%%,*}
            [ "$VALUE" ] && term_of "${VALUE%:*}"
            mkdir /dev/pts 2>/dev/null &&
                mount -t devpts -o mode=620,ptmxmode=666 devpts /dev/pts
            set -- setsid python3 -S -E -I -X utf8 -m kxsh.start
            ;;
        *)
            term_of "${TERMINAL#/dev/}"
            set -- setsid -c python3 -S -E -I -X utf8 -m kxsh.start
            ;;
    esac
    "$@" <"$TERMINAL" >"$TERMINAL" 2>&1 &
    wait_for $!
}

# wait_for CHILD: its exit status. A signal to PID 1 interrupts `wait` as well.
wait_for() {
    while :; do
        wait "$1"
        STATUS=$?
        kill -0 "$1" 2>/dev/null || return $STATUS
    done
}

tell() {
    for NAME in ${CONSOLES:-console}; do
        usable "$NAME" && printf '%s\r\n' "$@" >"/dev/$NAME"
    done
}

# usable CONSOLE: whether it is still there; one that is not must not become a file.
usable() {
    [ -c "/dev/$1" ] && stty -F "/dev/$1" >/dev/null 2>&1
}

# shell_on CONSOLE: a plain shell, until it is left: who hung up or pulled the plug did not
# leave, and may come back.
shell_on() {
    NAME=$1
    set -- sh -l
    # What this shell starts in the background has SIGINT ignored for good. Python, where it
    # works at all, gives Ctrl-C back.
    HEARING='import _signal, os
for number in _signal.SIGINT, _signal.SIGQUIT:
    _signal.signal(number, _signal.SIG_DFL)
os.execvp("sh", ["sh", "-l"])'
    python3 -S -E -I -c pass >/dev/null 2>&1 && set -- python3 -S -E -I -c "$HEARING"
    while :; do
        if usable "$NAME"; then
            TERM=vt220 setsid -c "$@" <"/dev/$NAME" >"/dev/$NAME" 2>&1
            [ $? = 129 ] || break
        fi
        sleep 1
    done
}

# answered CONSOLE: whether Enter is pressed there within ten seconds. They pass even
# where nothing can be read.
answered() {
    read -r BEGAN REST </proc/uptime
    read -r -t 10 REST <"/dev/$1" && return 0
    read -r NOW REST </proc/uptime
    LEFT=$((10 - (${NOW%.*} - ${BEGAN%.*})))
    [ $LEFT -le 0 ] || sleep $LEFT
    return 1
}

# places: where something is mounted that is more than memory, the innermost first.
places() {
    PLACES=
    while read -r SOURCE PLACE TYPE REST; do
        case $TYPE in
            rootfs | ramfs | tmpfs | proc | sysfs | devtmpfs | devpts | efivarfs) ;;
            *) PLACES="$PLACE $PLACES" ;;
        esac
    done </proc/mounts
}

# wait_until TENTHS CHILD: for its end, but no longer than until so many tenths of a second
# have passed in all. A disk that does not answer holds up for ever who waits for it.
wait_until() {
    while kill -0 "$2" 2>/dev/null && [ $TENTHS -lt "$1" ]; do
        sleep 0.1
        TENTHS=$((TENTHS + 1))
    done
}

restart_machine() {
    tell "" "Restarting the machine." &
    TENTHS=0
    set -f
    places
    for PLACE in $PLACES; do
        # What is busy can at least be made read-only. /proc/mounts has blanks as \040.
        umount -r -- "$(printf %b "$PLACE")" 2>/dev/null &
        LIMIT=$((TENTHS + 10))
        [ $LIMIT -le 40 ] || LIMIT=40
        wait_until $LIMIT $!
    done
    # A program still writes there, or the disk hangs: the kernel does it by force.
    places
    [ "$PLACES" ] && echo u >/proc/sysrq-trigger
    sync &
    wait_until 50 $!
    # It may hold up the kernel's own way out as well; this one asks no driver.
    (sleep 20 && echo b >/proc/sysrq-trigger) &
    reboot -nf
    # Not even that: stay alive, PID 1 must not end.
    while :; do sleep 3600; done
}

# Ctrl-Alt-Del sends SIGINT to PID 1.
echo 0 >/proc/sys/kernel/ctrl-alt-del
trap restart_machine INT
locked && echo 0 >/proc/sys/kernel/sysrq

load_drivers </dev/null >/dev/null 2>&1 &
mark "init"
consoles
set_sizes
has_word kxsh.debug && debug_consoles

export KXSH_RESTART=0 KXSH_ENDED=
DEATHS=0
while [ $DEATHS -lt 3 ]; do
    run_kxsh
    KXSH_ENDED=$?
    KXSH_RESTART=$((KXSH_RESTART + 1))
    # After two Ctrl-C, which is no fault of kxsh's, it is started again however often.
    [ $KXSH_ENDED = 77 ] && continue
    DEATHS=$((DEATHS + 1))
    tell "" "kxsh ended unexpectedly (status $KXSH_ENDED)."
done

if locked; then
    tell "" "kxsh could not be kept running, and there is no shell on this machine." \
        "It restarts in 30 seconds."
    sleep 30
    restart_machine
fi

# A plain shell on every console; leaving one restarts the machine, unless Enter follows.
SHELLS=${CONSOLES:-console}
while :; do
    tell "kxsh could not be kept running. This is a plain shell (busybox)." \
        "What happened: dmesg | tail.  Restart the machine: exit, or reboot -f." ""
    rm -f /run/left
    for NAME in $SHELLS; do
        {
            shell_on "$NAME"
            echo "$NAME" >/run/left
        } &
    done
    until [ -s /run/left ]; do wait -n; done
    tell "" "The shell ended. The machine restarts in 10 seconds; Enter: a new shell."
    read -r NAME </run/left
    answered "$NAME" || restart_machine
    SHELLS=$NAME
done
