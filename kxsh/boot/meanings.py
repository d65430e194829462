"""What common words of a kernel command line mean, one line each, in kxsh's own words.

`KERNEL` are the kernel's, `USERLAND` those that the first programs read for themselves:
initramfs-tools, dracut, live-boot, casper, archiso, the installers, systemd. For these
the kernel has no use; it hands them on.
"""

from __future__ import annotations

KERNEL = """\
acpi=off switches ACPI off, or parts of it
acpi_rsdp= the address of the firmware's ACPI tables, where the kernel cannot find it
apparmor= AppArmor on (1) or off (0)
boot_delay= milliseconds to wait after each message
console= a console for messages; programs get the last one as /dev/console
consoleblank= seconds until the screen goes dark; 0 never
crashkernel= memory kept free for a kernel that runs after a crash
debug show all messages of the kernel
dis_ucode_ldr do not load microcode updates
earlycon= a console for the very first messages
earlyprintk= a console for the very first messages, by the old way
edd= BIOS disk information on or off
efi= settings for the EFI firmware, such as noruntime
ether= interrupt, address and name of old network cards
fbcon= the text console on the framebuffer: font, rotation, mapping
hpet= the high precision timer
ignore_loglevel show every message, whatever its level
init= the first program of the real system, instead of /sbin/init
initcall_debug show each step of the kernel's start
initrd= read by the boot loader (or the EFI stub), which loads this file as initrd
intel_iommu= Intel's I/O memory management, on or off
iommu= I/O memory management: off, soft, pt
ip= network settings for the start, or dhcp
isolcpus= processors that the scheduler leaves alone
keepinitrd keep the initrd in memory
lapic use the local interrupt controller though the BIOS switched it off
libata.force= how to talk to SATA and IDE disks
log_buf_len= room for messages
loglevel= show messages that are more important than this (0 to 7)
lpj= the delay loop's speed, instead of measuring it
maxcpus= use at most this many processors
mem= use memory up to here only
memmap= mark a range of memory as usable, reserved or ACPI's
memtest= test the memory at the start, this many patterns
mitigations= protection against flaws of processors: auto, off, nosmt
modprobe.blacklist= drivers that are not loaded by themselves
module_blacklist= drivers that are never loaded
netconsole= send messages to another machine over the network
net.ifnames= network names from the slot (1), or eth0 as before (0)
nfsroot= server and folder of a root filesystem on NFS
noacpi no interrupt routing by ACPI
noapic do not use the I/O interrupt controller
noefi do not use the EFI firmware's services
noinitrd do not use an initrd though one was loaded
nolapic do not use the local interrupt controller
nomodeset no graphics drivers of the kernel: keep the firmware's screen mode
nosmp use one processor
nosmt do not use the second thread of a core
nr_cpus= use at most this many processors, and plan for no more
nvme_core.default_ps_max_latency_us= deepest sleep that NVMe disks may take
panic= seconds until a restart after a fatal error; 0 never restarts
panic_on_oops= treat every fault of the kernel as fatal
pci= settings of the PCI bus, such as nomsi or nocrs
pcie_aspm= power saving of PCI Express: off, force
pnp.debug show what Plug and Play does
printk.devkmsg= whether programs may write to the kernel's log
quiet show only errors
ramdisk_size= size of old RAM disks (/dev/ram0) in KiB
rdinit= the first program of the initramfs, instead of /init
reboot= how to restart: bios, acpi, efi, kbd, pci, triple
reserve= I/O ports that no driver may probe
resume= where the hibernated system lies
resume_offset= where in that place
retain_initrd keep the initrd in memory
ro mount the root filesystem read-only
root= the root filesystem
rootdelay= seconds to wait before mounting the root filesystem
rootflags= mount options of the root filesystem
rootfstype= type of the root filesystem
rootwait wait for the root filesystem's device
rw mount the root filesystem writable
S start in single user mode
security= the security module to use
selinux= SELinux on (1) or off (0)
swiotlb= memory for devices that reach only part of it
sysrq_always_enabled the keys with Alt-SysRq always work
usbcore.autosuspend= seconds until idle USB devices sleep; -1 never
usbcore.nousb no USB
usb-storage.delay_use= seconds to wait before a new USB disk is looked at
usb-storage.quirks= peculiarities of USB disks
vga= a screen mode, set by the BIOS boot loader; does nothing when started by EFI or kexec
video= resolution and other settings of the screen
"""

# who reads it -> the keys; a `.` or `/` at the end: all that begin so
USERLAND = {
    "initramfs-tools": "BOOTIF break boot cryptdevice cryptopts blacklist netboot"
    " panic_on_fail nfsopts",
    "dracut": "rd. rdbreak rdshell rdinfo ifname bond bridge team vlan nameserver rd_NO_LUKS"
    " rd_NO_LVM rd_NO_MD rd_NO_DM rd_NO_PLYMOUTH rd_LUKS_UUID rd_LVM_LV rd_LVM_VG rd_MD_UUID"
    " netroot bootdev biosdevname fips boot.",
    "live-boot (Debian live)": "live live-media live-media-path live-media-timeout"
    " live-media-offset live-media-encryption live-config live-boot findiso fromiso toram"
    " todisk persistence persistence-encryption persistence-label persistence-media"
    " persistence-method persistence-path persistence-read-only persistence-storage"
    " persistence-subtext nopersistence noeject ignore_uuid verify-checksums username"
    " user-fullname hostname locales timezone keyboard-layouts keyboard-model"
    " keyboard-options keyboard-variants utc noautologin nottyautologin nox11autologin"
    " components nocomponents hooks autologin union exposedroot integrity-check showmounts"
    " silent skipconfig swapon fetch httpfs ftpfs plainroot module union-type noprompt",
    "casper (Ubuntu live)": "casper casper-getty iso-scan/filename maybe-ubiquity only-ubiquity"
    " automatic-ubiquity uuid layerfs-path persistent access autoinstall cloud-config-url"
    " hostname userfullname noninteractive fsck.mode",
    "archiso": "archisobasedir archisolabel archisodevice archisosearchuuid archisosearchfilename"
    " archiso_http_srv archiso_nfs_srv archiso_nbd_srv archiso_nbd_name archiso_http_spc"
    " cow_spacesize cow_label cow_device cow_directory cow_persistent cow_chunksize cow_flags"
    " copytoram copytoram_size checksum verify img_dev img_loop img_flags misobasedir"
    " misolabel cdlabel dm_snap_persistent script accessibility archisoreleasenode airootfs_size"
    " arch keytable lang tz",
    "the Gentoo live system": "cdroot cdroot_type dokeymap dolvm domdadm domultipath dosshd"
    " doslowusb docache dobladecenter doload doscsi doclvm dolvm2 nodetect nodhcp nofb"
    " nogpm nohotplug nokeymap nolvm noload noloadsshd nonfs nopcmcia noscsi nosound noslowusb"
    " nousb nox noxorg noapm nosata nofirewire loop looptype subdir real_root"
    " real_init real_rootflags crypt_root crypt_roots crypt_swap crypt_swaps root_key"
    " root_keydev swap_key swap_keydev passwd scandelay slowusb isoboot softlevel memory"
    " overlayfs aufs unionfs keymap keymaps vmdk",
    "Anaconda (Fedora, RHEL)": "inst. ks ksdevice kssendmac method repo stage2 updates"
    " askmethod noprobe vnc vncpassword vncconnect dd driverdisk nomount rescue text cmdline"
    " graphical syslog serial xdriver resolution nokill nofirewire nonet nostorage lang"
    " keymap sshd mediacheck liveimg",
    "live images with dracut (Fedora, openSUSE, Manjaro)": "liveimg live_dir live_ram overlay"
    " reset_overlay check kiwidebug kiwi_hybrid kiwi_hybridpersistent misoupdate driver nonfree",
    "the Debian installer": "auto priority url preseed debian-installer interface netcfg DEBCONF_"
    " DEBIAN_ tasks desktop file locale language country suite partman mirror hw-detect"
    " theme FRONTEND rescue anna",
    "YaST and linuxrc (SUSE)": "install autoyast autoyast2 AutoYaST splash instsys hostip"
    " netdevice netsetup netwait insecure textmode startshell usessh sshpassword ssh VNC"
    " VNCPassword vncpassword self_update dud driverupdate linuxrc minmemory brokenmodules"
    " Manual Rescue Textmode Addon addon ifcfg HostIP Nameserver Install nosshkey",
    "Alpine's init": "modules alpine_dev alpine_repo apkovl modloop ovl_dev pkgs chart usbdelay"
    " cryptroot cryptdm cryptkey cryptheader ds uinitramfs",
    "Slackware and Slax": "load noload from perch slaxrw nohd norootcopy SLACK_KERNEL kernel"
    " hugesmp autoexec changes nocd cheatcode",
    "Knoppix": "knoppix_dir knoppix knoppix_name knoppix_path testcd tohd toram bootfrom home"
    " noswap noscsi nodma desktop screen gl wheelmouse nowheelmouse noaudio noapm no3d xmodule"
    " xserver xvrefresh xhrefresh dma atapicd nofirewire nopcmcia expert noeject noprompt"
    " lang mem floppyconfig myconfig",
    "Puppy, Tiny Core, Porteus, SystemRescue": "pmedia psubdir pupsave pfix pdev1 puplang"
    " pkeys pimod waitusb tce tcvd waitusb opt home cde base norestore superuser secure lst"
    " noicons blacklist showapps iso copy2ram cheat guest extramod base_only sgnfile zram"
    " setkmap docache nameif ethx dns gateway rootpass rootcryptpass dostartx doxorg"
    " sysrescuecfg nofirewall autoruns ar_source ar_suffixes ar_disable ar_nowait ar_attempts"
    " netboot nodetect skipmount backstore loadsrm dosshd minimal altker rescue64",
    "Clonezilla": "ocs_live_run ocs_live_extra_param ocs_live_batch ocs_live_keymap"
    " ocs_prerun ocs_postrun ocs_daemonon ocs_lang ocs_server ocs_repository ocs_1_cpu_udp"
    " ocs_numlk ocs_debug gfxpayload",
    "NixOS": "findiso live.nixos.passwd live.nixos.passwordHash boot.debug1 boot.shell_on_fail"
    " boot.trace boot.panic_on_fail copytoram systemConfig",
    "mkinitcpio": "earlymodules disablehooks cryptkey lvmwait cryptdevice rootdelay net_nfs",
    "systemd": "systemd. fsck.mode fsck.repair quotacheck.mode locale. vconsole. luks rd.luks"
    " luks.name luks.uuid luks.options luks.key luks.crypttab lvm.conf udev. single emergency"
    " rescue s 1 2 3 4 5 -b quotacheck. fastboot forcefsck forcequotacheck machine-id"
    " init.unit nohibernate_resume plymouth. splash nosplash rhgb noplymouth plymouth",
    "cloud-init, Ignition and others": "ds cc cloud-init ignition. coreos. ostree"
    " rauc.slot rauc.external bootchooser. network-config flatcar. oem raid metal. talos."
    " rancher. k3os. harvester. elemental. cos-img/filename cos. upgrade_failure",
    "the hardware set-up of old systems": "kbd lilo noht noauto ide nodma nopat"
    " xdriver BOOT_IMAGE auto autodetect hdc ide0 ide1 ide2 all_generic_ide all-generic-ide"
    " combined_mode libata ataraid noataraid dmraid nodmraid mdraid nomdraid enforcing"
    " audit xforcevesa vesa xmodule xvideomode vmalloc nopentium acpi_os_name"
    " pnpacpi pnpbios pciehp cpuidle elevator devfs udev noudev nodevfs noresume noresume2",
    "GRUB, SYSLINUX and kin": "BOOT_IMAGE initrd auto",
    "the loader's kxsh": "kxsh.",
}
