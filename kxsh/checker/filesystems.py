"""Types of filesystems as `mount --type` takes them: KX204."""

from __future__ import annotations

from kxsh.checker.constants import constant
from kxsh.text import display, nearest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kxsh.checker.arguments import Call

# Linux's own, of all versions, and those of modules that are often added. A type that is
# not among them may still be a module's: only what is nearly one of these is reported.
_KNOWN = frozenset(
    "9p adfs affs afs apfs aufs autofs bcachefs befs bfs binfmt_misc bpf btrfs cachefs cdfs"
    " ceph cgroup cgroup2 cifs coda configfs cramfs debugfs devpts devtmpfs dlmfs ecryptfs"
    " efivarfs efs erofs exfat exofs ext ext2 ext3 ext4 f2fs freevxfs fuse fuseblk fusectl"
    " gfs gfs2 glusterfs hfs hfsplus hostfs hpfs hugetlbfs iso9660 jffs jffs2 jfs logfs lustre"
    " minix mqueue msdos ncpfs nfs nfs4 nfsd nilfs2 ntfs ntfs-3g ntfs3 ocfs2 omfs openpromfs"
    " orangefs overlay overlayfs proc pstore pvfs2 qnx4 qnx6 ramfs reiser4 reiserfs romfs"
    " rootfs rpc_pipefs securityfs selinuxfs smb3 smbfs spufs squashfs sshfs sysfs sysv tmpfs"
    " tracefs tntfs ubifs udf ufs ufsd umsdos unionfs usbfs v7 vboxsf vfat virtiofs vxfs xenfs"
    " xenix xfs xiafs zfs zonefs".split()
)
# What others call them.
_MEANT = {"fat": "vfat", "fat16": "vfat", "fat32": "vfat", "iso": "iso9660", "cd": "iso9660"}


def check_type(call: Call) -> None:
    """Report a type that is nearly one that Linux knows."""
    wanted = call.argument("type")
    fstype = constant(wanted.value) if wanted is not None else None
    if wanted is None or not fstype or fstype in _KNOWN:
        return
    message = f"there is no filesystem type `{display(fstype)}`"
    help = "leave it out: it is recognised"
    if fstype != "auto":
        near = _MEANT.get(fstype.lower()) or nearest(fstype, _KNOWN, most=len(_KNOWN))
        if near is None:
            return
        help = f"did you mean `{near}`? or {help}"
    call.walker.report.add("KX204", message, wanted.span, help)
