//! Which file system a path lies on.

use rustix::fs::{AtFlags, CWD, StatxFlags, statfs, statx};
use std::io;
use std::path::Path;

/// Its name as Linux has it; a number where this program does not know it.
pub(super) fn file_system(path: &Path) -> io::Result<String> {
    // The numbers are those of <linux/magic.h>; they fit 32 bits, whatever type they come in.
    let number = statfs(path)?.f_type as u64 & 0xffff_ffff;
    let name = match number {
        0x0000_ef53 => "ext4",
        0x5846_5342 => "xfs",
        0x9123_683e => "btrfs",
        0x2fc1_2fc1 => "zfs",
        0xf2f5_2010 => "f2fs",
        0xca45_1a4e => "bcachefs",
        0x0102_1994 => "tmpfs",
        0x794c_7630 => "overlay",
        0x0000_6969 => "nfs",
        0x6573_5546 => return Ok(fuse(path)),
        0x2011_bab0 => "exfat",
        0x0000_4d44 => "vfat",
        0x7366_746e => "ntfs3",
        0x5346_544e => "ntfs",
        0xff53_4d42 | 0xfe53_4d42 => "cifs",
        0x0102_1997 => "9p",
        _ => return Ok(format!("file system {number:#x}")),
    };
    Ok(name.to_owned())
}

/// All of FUSE has one number; the list of mounts says which program is behind it.
fn fuse(path: &Path) -> String {
    let found = statx(CWD, path, AtFlags::SYMLINK_NOFOLLOW, StatxFlags::MNT_ID);
    let mounts = std::fs::read_to_string("/proc/self/mountinfo");
    let (Ok(found), Ok(mounts)) = (found, mounts) else {
        return "fuse".to_owned();
    };
    let name = named(&mounts, found.stx_mnt_id);
    name.unwrap_or("fuse").to_owned()
}

/// The type of the mount with this number, in the text of `mountinfo`.
fn named(mounts: &str, number: u64) -> Option<&str> {
    let is_it = |line: &&str| line.split(' ').next() == Some(&*number.to_string());
    let (_, behind) = mounts.lines().find(is_it)?.split_once(" - ")?;
    behind.split(' ').next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn list_of_mounts_names_the_program_behind_fuse() {
        let mounts = "24 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n\
            124 24 0:45 / /mnt/box rw,nosuid shared:9 - fuse.sshfs u@host: rw,user_id=0\n";
        assert_eq!(named(mounts, 124), Some("fuse.sshfs"));
        assert_eq!(named(mounts, 24), Some("ext4"));
        assert_eq!(named(mounts, 4), None);
    }

    #[test]
    fn known_places_have_known_names() {
        let proc = file_system(Path::new("/proc/self")).unwrap();
        assert_eq!(proc, "file system 0x9fa0");
        if let Ok(shm) = file_system(Path::new("/dev/shm")) {
            assert_eq!(shm, "tmpfs");
        }
        assert!(file_system(Path::new("/none")).is_err());
    }
}
