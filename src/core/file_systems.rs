//! Which file systems are known to tell how many names a file has.

/// By the names that Linux gives them. On others (FUSE such as sshfs, rclone and mergerfs; exFAT, FAT, NTFS, SMB) a count of
/// one can hide further names.
const KEEP_LINKS: [&str; 12] = [
    "bcachefs", "btrfs", "ext2", "ext3", "ext4", "f2fs", "nfs", "nfs4", "overlay", "tmpfs", "xfs",
    "zfs",
];

/// Whether a link count of one is to be believed there.
pub fn keeps_links(file_system: &str) -> bool {
    KEEP_LINKS.contains(&file_system)
}

/// What follows where it is not.
pub fn doubt(file_system: &str) -> String {
    format!("{file_system} may show one name of a file that has several")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn believes_only_what_is_known_to_keep_links() {
        for (name, expected) in [
            ("ext4", true),
            ("zfs", true),
            ("nfs", true),
            ("fuse.sshfs", false),
            ("fuse", false),
            ("fuseblk", false),
            ("vfat", false),
            ("cifs", false),
            ("", false),
        ] {
            assert_eq!(keeps_links(name), expected, "{name}");
        }
    }
}
