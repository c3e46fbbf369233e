//! One daemon per state folder.

use super::StoreError;
use crate::core::plan::cut;
use crate::ports::{Disk, LockGuard};
use crate::shell::files::DiskError;
use jiff::Timestamp;
use std::io::ErrorKind;
use std::path::Path;

/// Longest text about the holder that is shown, in cells of a terminal; ours is far shorter.
const LONGEST_HOLDER: usize = 100;

/// Takes the lock of the one daemon per state folder; held until dropped. The file says who holds it.
///
/// # Errors
/// `Held` with what the holder wrote about itself.
pub async fn lock_folder(
    disk: &dyn Disk,
    folder: &Path,
    now: Timestamp,
) -> Result<LockGuard, StoreError> {
    let made = disk.make_folder(folder).await;
    made.map_err(|error| DiskError::new("make the folder", folder, error))?;
    let path = folder.join("lock");
    match disk.lock(&path, false).await {
        Ok(lock) => {
            let holder = format!("process {} since {now:.0}\n", std::process::id());
            // The lock holds whether or not its text can be written.
            let _ = disk.write(&path, holder.as_bytes()).await;
            Ok(lock)
        }
        Err(error) if error.kind() == ErrorKind::WouldBlock => {
            let text = disk.read(&path).await.unwrap_or_default();
            let text = String::from_utf8_lossy(&text);
            let holder = cut(text.trim(), LONGEST_HOLDER);
            Err(StoreError::Held {
                folder: folder.to_owned(),
                holder: match holder.as_str() {
                    "" => "it does not say who it is".to_owned(),
                    _ => holder,
                },
            })
        }
        Err(error) => Err(DiskError::new("lock", &path, error).into()),
    }
}
