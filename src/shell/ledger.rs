//! `ledger.jsonl` on disk: lines are appended durably, and nothing else ever changes it but compaction at start, and a clock
//! that turns out to have been wrong.

mod error;
mod lines;
#[cfg(test)]
mod tests;

pub use error::LedgerError;

use super::files::{self, DiskError};
use super::logging::Story;
use crate::core::ledger::{Book, Record, compact};
use crate::ports::Disk;
use jiff::{SignedDuration, Timestamp};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

const FILE: &str = "ledger.jsonl";

/// Times that lie further ahead than this are of a clock that was wrong; clocks are set right by less all the time.
const LEEWAY: SignedDuration = SignedDuration::from_mins(1);

/// The ledger of one state folder, open for appending.
pub struct Ledger {
    disk: Arc<dyn Disk>,
    folder: PathBuf,
    path: PathBuf,
    known: tokio::sync::Mutex<Known>,
    book: Mutex<Arc<Book>>,
}

/// How far the file is known.
#[derive(Default)]
struct Known {
    /// Bytes; always a number of whole lines.
    length: u64,
    /// Lines.
    lines: usize,
    /// Which file it was; `None` before there was one.
    inode: Option<u64>,
    /// Its name is durable.
    is_named: bool,
    /// What an append that failed may have left behind `length`.
    failed: Vec<u8>,
}

/// Reads the ledger without writing anything: for `history`, `plan`, `status` and dry run. A torn last line is ignored, and
/// times after `now` count as now.
///
/// # Errors
/// A damaged line, or a file that cannot be read.
pub async fn read(disk: &dyn Disk, folder: &Path, now: Timestamp) -> Result<Book, LedgerError> {
    let path = folder.join(FILE);
    let bytes = files::read_if_there(disk, &path).await?.unwrap_or_default();
    let mut book = Book::default();
    let take = |record: Record| book.apply(record.not_after(now));
    lines::each(&bytes, &path, 0, take)?;
    Ok(book)
}

impl Ledger {
    /// Opens the ledger; a torn last line is cut. Open the store first: it makes the folder.
    ///
    /// # Errors
    /// A damaged line, or a file that cannot be read.
    pub async fn open(disk: Arc<dyn Disk>, folder: &Path) -> Result<Ledger, LedgerError> {
        let ledger = Ledger {
            path: files::real_path(&*disk, &folder.join(FILE)).await?,
            disk,
            folder: folder.to_owned(),
            known: tokio::sync::Mutex::default(),
            book: Mutex::default(),
        };
        let mut known = ledger.known.lock().await;
        let _lock = files::write_lock(&*ledger.disk, folder).await?;
        files::remove_stray(&*ledger.disk, &ledger.path).await?;
        ledger.catch_up(&mut known).await?;
        if known.inode.is_some() {
            // A process that was killed may have left lines that are not durable yet; decisions rest on them from here on.
            ledger.make_durable(true).await?;
            known.is_named = true;
        }
        drop(known);
        Ok(ledger)
    }

    /// Drops what is settled and older than `before`. For the daemon at start only, while it holds `lock`. `before` is not
    /// later than the oldest that limits, history, trash and the grace of restored items look back to.
    ///
    /// # Errors
    /// What the disk says; the ledger is then as it was.
    pub async fn compact(&self, before: Timestamp) -> Result<(), LedgerError> {
        let mut known = self.known.lock().await;
        let _lock = files::write_lock(&*self.disk, &self.folder).await?;
        self.catch_up(&mut known).await?;
        if self.book().oldest().is_none_or(|oldest| oldest >= before) {
            return Ok(());
        }
        let read = files::read_if_there(&*self.disk, &self.path).await?;
        let records = lines::parse(&read.unwrap_or_default(), &self.path)?;
        match compact(&records, before) {
            Some(kept) => self.rewrite(&mut known, &kept).await,
            None => Ok(()),
        }
    }

    /// Times after `now` count as now, for good: a clock that was wrong once must not block deletions or keep a grace for ever.
    ///
    /// # Errors
    /// What the disk says; the ledger is then as it was.
    pub async fn mend_times(&self, now: Timestamp) -> Result<(), LedgerError> {
        let latest = now.saturating_add(LEEWAY).unwrap_or(now);
        if self.book().newest().is_none_or(|newest| newest <= latest) {
            return Ok(());
        }
        let mut known = self.known.lock().await;
        let _lock = files::write_lock(&*self.disk, &self.folder).await?;
        self.catch_up(&mut known).await?;
        let read = files::read_if_there(&*self.disk, &self.path).await?;
        let records = lines::parse(&read.unwrap_or_default(), &self.path)?;
        let mended = records.into_iter().map(|record| record.not_after(now));
        self.rewrite(&mut known, &mended.collect::<Vec<_>>())
            .await?;
        Story::default().warn(&format!(
            "{}: it holds times in the future, which count as now: was a clock wrong?",
            self.path.display()
        ));
        Ok(())
    }

    /// Replaces all records, under the write lock.
    async fn rewrite(&self, known: &mut Known, records: &[Record]) -> Result<(), LedgerError> {
        files::write_temp(&*self.disk, &self.path, &lines::encode(records)?).await?;
        // Whatever happens from here on, the file is another one then, and read anew by whoever has it open.
        files::put_in_place(&*self.disk, &self.path).await?;
        self.catch_up(known).await
    }

    /// Appends records that need no new number, durably. Do not drop the future before it is done.
    ///
    /// # Errors
    /// What the disk says; nothing was recorded then.
    pub async fn append(&self, records: &[Record]) -> Result<(), LedgerError> {
        let records = records.to_vec();
        self.append_new(|_| records).await.map(drop)
    }

    /// Appends records made from the ledger as it is at that moment (`next_id`, and counting on from it), so that two writers never
    /// give out the same number.
    ///
    /// # Errors
    /// As for `append`.
    pub async fn append_new(
        &self,
        make: impl FnOnce(&Book) -> Vec<Record> + Send,
    ) -> Result<Vec<Record>, LedgerError> {
        let mut known = self.known.lock().await;
        let _lock = files::write_lock(&*self.disk, &self.folder).await?;
        self.catch_up(&mut known).await?;
        let records = make(&self.book());
        if records.is_empty() {
            return Ok(records);
        }
        let bytes = lines::encode(&records)?;
        // Until it is all done, what is behind the known length is nobody's.
        known.failed.clone_from(&bytes);
        if let Err(error) = self.write_lines(&known, &bytes).await {
            // Best at once; else it is repaired by the next one who comes.
            if self.cut(known.length).await.is_ok() {
                known.failed.clear();
            }
            return Err(error.into());
        }
        known.failed.clear();
        known.is_named = true;
        known.length += bytes.len() as u64;
        known.lines += records.len();
        if known.inode.is_none() {
            // If this fails, the file is read from its beginning next time.
            known.inode = self.stat().await.ok().flatten().map(|(inode, _)| inode);
        }
        self.change_book(|book| records.iter().cloned().for_each(|r| book.apply(r)));
        Ok(records)
    }

    /// Takes over what other processes appended.
    ///
    /// # Errors
    /// A damaged line, or a file that cannot be read.
    pub async fn refresh(&self) -> Result<(), LedgerError> {
        let mut known = self.known.lock().await;
        if known.failed.is_empty() && self.stat().await? == known.stat() {
            return Ok(());
        }
        let _lock = files::write_lock(&*self.disk, &self.folder).await?;
        self.catch_up(&mut known).await
    }

    /// What follows from the ledger. Cheap; do not hold on to it across an append.
    pub fn book(&self) -> Arc<Book> {
        let book = self.book.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&book)
    }

    fn change_book(&self, change: impl FnOnce(&mut Book)) {
        let mut book = self.book.lock().unwrap_or_else(PoisonError::into_inner);
        change(Arc::make_mut(&mut book));
    }

    /// Reads what is behind the known length, under the write lock. So nobody is writing, and a line without an end is a torn
    /// one, which is cut.
    async fn catch_up(&self, known: &mut Known) -> Result<(), LedgerError> {
        let found = self.stat().await?;
        if found == known.stat() && known.failed.is_empty() {
            return Ok(());
        }
        let changed = || LedgerError::Changed {
            path: self.path.clone(),
        };
        let Some((inode, length)) = found else {
            return Err(changed());
        };
        let is_new = known.inode != Some(inode);
        if !is_new && length < known.length {
            return Err(changed());
        }
        let mut bytes = files::read_if_there(&*self.disk, &self.path)
            .await?
            .ok_or_else(changed)?;
        let from = if is_new { 0 } else { known.length as usize };
        let tail = bytes.split_off(from.min(bytes.len()));
        drop(bytes);
        let lines_before = if is_new { 0 } else { known.lines };
        let is_ours = !known.failed.is_empty() && known.failed.starts_with(&tail);
        let (mut fresh, mut more) = (Book::default(), Vec::new());
        let (count, whole) = if is_ours {
            (0, 0)
        } else {
            let lines = lines::each(&tail, &self.path, lines_before, |record| match is_new {
                true => fresh.apply(record),
                false => more.push(record),
            })?;
            (lines.count, lines.whole_bytes)
        };
        if whole < tail.len() {
            self.cut((from + whole) as u64).await?;
        }
        *known = Known {
            length: (from + whole) as u64,
            lines: lines_before + count,
            inode: Some(inode),
            is_named: known.is_named && !is_new,
            failed: Vec::new(),
        };
        self.change_book(|book| {
            if is_new {
                *book = fresh;
            }
            more.into_iter().for_each(|record| book.apply(record));
        });
        Ok(())
    }

    async fn write_lines(&self, known: &Known, bytes: &[u8]) -> Result<(), DiskError> {
        let appended = self.disk.append(&self.path, bytes).await;
        appended.map_err(|error| DiskError::new("append to", &self.path, error))?;
        self.make_durable(!known.is_named).await
    }

    async fn make_durable(&self, name_too: bool) -> Result<(), DiskError> {
        let synced = self.disk.sync_file(&self.path).await;
        synced.map_err(|error| DiskError::new("make changes durable in", &self.path, error))?;
        if name_too {
            files::sync_folder_of(&*self.disk, &self.path).await?;
        }
        Ok(())
    }

    async fn cut(&self, length: u64) -> Result<(), DiskError> {
        let cut = self.disk.truncate(&self.path, length).await;
        cut.map_err(|error| DiskError::new("cut", &self.path, error))?;
        self.make_durable(false).await
    }

    /// Inode and length of the file.
    async fn stat(&self) -> Result<Option<(u64, u64)>, DiskError> {
        match self.disk.stat_many(vec![self.path.clone()]).await.pop() {
            Some(Ok(stat)) => Ok(Some((stat.inode, stat.size_bytes))),
            Some(Err(error)) if error.kind() != ErrorKind::NotFound => {
                Err(DiskError::new("look at", &self.path, error))
            }
            Some(Err(_)) | None => Ok(None),
        }
    }
}

impl Known {
    fn stat(&self) -> Option<(u64, u64)> {
        self.inode.map(|inode| (inode, self.length))
    }
}
