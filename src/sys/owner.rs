//! Root is careful: what it does in somebody else's folder it does as that user. Links that they planted there lead to
//! nothing that they could not reach themselves, and what is made there is theirs.

use rustix::process::{Gid, Uid, getegid, geteuid, getgroups};
use rustix::thread::{set_thread_groups, set_thread_res_gid, set_thread_res_uid};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// Does `work` on what lies at `path`. Where root works and a part of the way there belongs to another user, this thread
/// acts as the first such user meanwhile.
///
/// # Errors
/// What `work` gives, or that the thread cannot act as that user.
pub fn as_owner<T>(path: &Path, work: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
    let _acting = match other_owner(path)? {
        Some((user, group)) => Some(ActingAs::begin(user, group)?),
        None => None,
    };
    work()
}

/// Whether root works in the folder of another user at `path`.
///
/// # Errors
/// That the working folder cannot be found out.
pub fn is_others(path: &Path) -> io::Result<bool> {
    other_owner(path).map(|owner| owner.is_some())
}

/// The first user beside root to whom a part of the way belongs, from the top: they can exchange everything below it.
fn other_owner(path: &Path) -> io::Result<Option<(Uid, Gid)>> {
    if !geteuid().is_root() {
        return Ok(None);
    }
    let path = std::path::absolute(path)?;
    let mut way: Vec<&Path> = path.ancestors().collect();
    way.reverse();
    // Of a link, both its owner and that of its target can do so.
    let looks = way
        .into_iter()
        .flat_map(|part| [part.symlink_metadata(), part.metadata()]);
    let found = looks.flatten().find(|found| found.uid() != 0);
    Ok(found.map(|found| {
        // Root's group would give rights that the user does not have.
        let group = match found.gid() {
            0 => found.uid(),
            group => group,
        };
        (Uid::from_raw(found.uid()), Gid::from_raw(group))
    }))
}

/// While it lives, this thread is another user's. The others of the process are not.
struct ActingAs {
    group: Gid,
    groups: Vec<Gid>,
}

impl ActingAs {
    fn begin(user: Uid, group: Gid) -> io::Result<ActingAs> {
        let acting = ActingAs {
            group: getegid(),
            groups: getgroups()?,
        };
        set_thread_groups(&[])?;
        set_thread_res_gid(None, group, None)?;
        set_thread_res_uid(None, user, None)?;
        Ok(acting)
    }

    fn end(&self) -> io::Result<()> {
        set_thread_res_uid(None, Uid::ROOT, None)?;
        set_thread_res_gid(None, self.group, None)?;
        Ok(set_thread_groups(&self.groups)?)
    }
}

impl Drop for ActingAs {
    fn drop(&mut self) {
        if self.end().is_err() {
            // Other work of this thread would be done with rights that nobody meant it to have.
            std::process::abort();
        }
    }
}
