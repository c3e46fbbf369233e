//! The three ports to the outside: one HTTP request, the disk, the clock.
//!
//! Everything in `clients` and `shell` reaches the world through these traits, so that a simulation can
//! stand in for all of it. The real ones are in [`crate::sys`].

use bytes::Bytes;
use jiff::Timestamp;
use std::any::Any;
use std::ffi::OsString;
use std::future::Future;
use std::io;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

/// A boxed future, so that the ports can be used as trait objects.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// The three ports together, as handed to the daemon once at start.
#[derive(Clone)]
pub struct Ports {
    /// Sends HTTP requests.
    pub transport: Arc<dyn Transport>,
    /// Reads and writes files.
    pub disk: Arc<dyn Disk>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
}

/// Tells the wall clock time. Waiting is done with tokio's timers.
pub trait Clock: Send + Sync {
    /// The time now.
    fn now(&self) -> Timestamp;
}

/// Sends one HTTP request and gives the answer as it arrives. It never retries and never follows redirects.
pub trait Transport: Send + Sync {
    /// Sends `request`. The future resolves when the head of the answer is there.
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, TransportError>>;
}

/// HTTP method; the services need no others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Reads.
    Get,
    /// Changes, and reads with long parameters.
    Post,
}

/// One HTTP request.
#[derive(Clone)]
pub struct Request {
    /// Method.
    pub method: Method,
    /// Absolute address, with the query where there is one. May hold secrets (webhooks): never log it.
    pub url: url::Url,
    /// Header fields. May hold secrets (cookies, keys): never log them.
    pub headers: Vec<(&'static str, String)>,
    /// Body.
    pub body: RequestBody,
    /// Longest time until the whole answer has arrived.
    pub timeout: Duration,
    /// Extra certificate authority for this server, as a file of PEM certificates.
    pub ca_file: Option<PathBuf>,
}

/// Body of a request.
#[derive(Clone)]
pub enum RequestBody {
    /// None.
    Empty,
    /// `application/x-www-form-urlencoded`.
    Form(Vec<(String, String)>),
    /// `application/json`.
    Json(String),
    /// `multipart/form-data`.
    Multipart(Vec<Part>),
}

/// One part of a multipart body.
#[derive(Clone)]
pub struct Part {
    /// Name of the field.
    pub name: &'static str,
    /// Name of the file, for parts that are files.
    pub file_name: Option<String>,
    /// Content.
    pub content: Bytes,
}

/// Head of an answer, and its body as it arrives.
pub struct Response {
    /// HTTP status code.
    pub status: u16,
    /// Header fields with lower-case names, in the order of the answer.
    pub headers: Vec<(String, String)>,
    /// Body, decompressed.
    pub body: Box<dyn Body>,
}

/// A body that arrives in pieces.
pub trait Body: Send {
    /// The next piece; `None` at the end of a complete body. A body that was cut off ends with an error.
    fn chunk(&mut self) -> BoxFuture<'_, Result<Option<Bytes>, TransportError>>;
}

/// Why no (complete) answer came. Whether the request took effect is known only for `NotSent`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TransportError {
    /// The request certainly did not reach the server (connection refused, name not found, TLS refused).
    #[error("could not connect: {0}")]
    NotSent(String),
    /// No complete answer in time.
    #[error("no answer within {}", humantime::format_duration(*.0))]
    Timeout(Duration),
    /// The connection broke before the answer was complete.
    #[error("connection lost: {0}")]
    Lost(String),
    /// The body is longer than the reader accepts.
    #[error("answer is longer than {0} bytes")]
    TooLong(usize),
}

impl TransportError {
    /// Whether the server may have carried the request out all the same.
    pub fn may_have_happened(&self) -> bool {
        match self {
            TransportError::NotSent(_) => false,
            TransportError::Timeout(_) | TransportError::Lost(_) | TransportError::TooLong(_) => {
                true
            }
        }
    }
}

impl Response {
    /// The first header field called `name` (lower case).
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, v)| v.as_str())
    }

    /// Reads the body to its end.
    ///
    /// # Errors
    /// `TooLong` above `limit` bytes, else what the body says.
    pub async fn read_all(mut self, limit: usize) -> Result<Vec<u8>, TransportError> {
        let mut whole = Vec::new();
        while let Some(piece) = self.body.chunk().await? {
            if whole.len() + piece.len() > limit {
                return Err(TransportError::TooLong(limit));
            }
            whole.extend_from_slice(&piece);
        }
        Ok(whole)
    }
}

/// What `stat` tells of one name, symbolic links not followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileStat {
    /// Kind of the entry.
    pub kind: FileKind,
    /// Number of the file system.
    pub device: u64,
    /// Number of the file within it.
    pub inode: u64,
    /// How many names the file has.
    pub links: u64,
    /// Length in bytes.
    pub size_bytes: u64,
}

/// What stands in a folder beside plain files.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Inside {
    /// Names of folders.
    pub folders: Vec<OsString>,
    /// Names of symbolic links, devices, sockets and the like.
    pub others: Vec<OsString>,
}

/// Kind of a directory entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    /// Regular file.
    File,
    /// Folder.
    Folder,
    /// Symbolic link, device, socket and the like.
    Other,
}

/// Names to look at, by the folder that they stand in. There can be a great many, so their text is kept in one piece.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Names {
    /// Each folder with the number of names up to its last one.
    folders: Vec<(PathBuf, usize)>,
    texts: String,
    /// Where each name ends in `texts`.
    ends: Vec<usize>,
}

impl Names {
    /// Adds a name (one component, or a path below the folder).
    pub fn add(&mut self, folder: &Path, name: &str) {
        self.texts.push_str(name);
        self.ends.push(self.texts.len());
        let count = self.ends.len();
        match self.folders.last_mut() {
            Some((last, end)) if last == folder => *end = count,
            Some(_) | None => self.folders.push((folder.to_owned(), count)),
        }
    }

    /// How many names there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// No names at all.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The names from `begin` on, at most so many, folder by folder.
    pub fn part(&self, begin: usize, most: usize) -> impl Iterator<Item = (&Path, Vec<&str>)> {
        let end = self.len().min(begin.saturating_add(most));
        let first = self.folders.partition_point(|(_, last)| *last <= begin);
        let mut at = begin;
        self.folders[first..]
            .iter()
            .map_while(move |(folder, last)| {
                let names: Vec<&str> = (at..end.min(*last)).map(|place| self.name(place)).collect();
                at = *last;
                (!names.is_empty()).then_some((folder.as_path(), names))
            })
    }

    fn name(&self, place: usize) -> &str {
        let begin = place.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.texts[begin..self.ends[place]]
    }

    /// The same as paths.
    pub fn paths(&self) -> Vec<PathBuf> {
        let parts = self.part(0, self.len());
        let paths = parts.flat_map(|(folder, names)| {
            names
                .into_iter()
                .map(|name| folder.join(name))
                .collect::<Vec<_>>()
        });
        paths.collect()
    }
}

/// Holds a lock until dropped. The operating system drops it with the process.
pub type LockGuard = Box<dyn Any + Send + Sync>;

/// Files. Each call is one step that may fail or be the last one of the process; durability needs the
/// `sync_*` calls.
pub trait Disk: Send + Sync {
    /// Reads a whole file. `NotFound` if there is none.
    fn read<'a>(&'a self, path: &'a Path) -> BoxFuture<'a, io::Result<Vec<u8>>>;
    /// Creates or truncates a file (mode 0600) and writes it; not yet durable.
    fn write<'a>(&'a self, path: &'a Path, content: &'a [u8]) -> BoxFuture<'a, io::Result<()>>;
    /// Appends to a file (created with mode 0600 if absent); not yet durable. May write a part before it fails.
    fn append<'a>(&'a self, path: &'a Path, content: &'a [u8]) -> BoxFuture<'a, io::Result<()>>;
    /// Cuts a file to `length` bytes; not yet durable.
    fn truncate<'a>(&'a self, path: &'a Path, length: u64) -> BoxFuture<'a, io::Result<()>>;
    /// Makes the content of a file durable.
    fn sync_file<'a>(&'a self, path: &'a Path) -> BoxFuture<'a, io::Result<()>>;
    /// Makes the names in a folder durable.
    fn sync_folder<'a>(&'a self, path: &'a Path) -> BoxFuture<'a, io::Result<()>>;
    /// Renames, replacing the target.
    fn rename<'a>(&'a self, from: &'a Path, to: &'a Path) -> BoxFuture<'a, io::Result<()>>;
    /// What a symbolic link says it points to. `InvalidInput` if it is no link, `NotFound` if there is nothing.
    fn read_link<'a>(&'a self, path: &'a Path) -> BoxFuture<'a, io::Result<PathBuf>>;
    /// Removes a file. `NotFound` if there is none.
    fn remove<'a>(&'a self, path: &'a Path) -> BoxFuture<'a, io::Result<()>>;
    /// Makes a folder and its parents; new ones get mode 0700.
    fn make_folder<'a>(&'a self, path: &'a Path) -> BoxFuture<'a, io::Result<()>>;
    /// Names in a folder.
    fn list<'a>(&'a self, path: &'a Path) -> BoxFuture<'a, io::Result<Vec<String>>>;
    /// Takes an exclusive lock on a file made for that. With `wait` it waits for its turn, else `WouldBlock`.
    fn lock<'a>(&'a self, path: &'a Path, wait: bool) -> BoxFuture<'a, io::Result<LockGuard>>;
    /// Looks at many names at once; one answer for each, in order. Never follows symbolic links at the end of a path.
    fn stat_many(&self, paths: Vec<PathBuf>) -> BoxFuture<'_, Vec<io::Result<FileStat>>>;
    /// What stands in each of these folders, in their order. A symbolic link in place of a folder is an error.
    fn look_into(&self, folders: Vec<PathBuf>) -> BoxFuture<'_, Vec<io::Result<Inside>>> {
        Box::pin(async move { look_into(self, &folders).await })
    }
    /// The name of the file system that a path lies on, as Linux calls it ("ext4", "fuse.sshfs").
    fn file_system<'a>(&'a self, path: &'a Path) -> BoxFuture<'a, io::Result<String>>;
    /// Resolves once no change is under way any more, also none that a dropped future began and that the operating system
    /// has not ended. For a disk whose calls end with their futures this is at once.
    fn settled(&self) -> BoxFuture<'_, ()> {
        Box::pin(std::future::ready(()))
    }
    /// The same of names in folders, which a disk can do for less.
    fn stat_names(&self, names: Names) -> BoxFuture<'_, Vec<io::Result<FileStat>>> {
        self.stat_many(names.paths())
    }
    /// Carries out looks at users' data, which may hang for ever. They take nothing from the calls for the program's own
    /// files, and go on whoever waits for them.
    fn aside(&self, looks: BoxFuture<'static, ()>) {
        tokio::spawn(looks);
    }
}

/// Looks into folders by way of their lists of names.
pub(crate) async fn look_into<D: Disk + ?Sized>(
    disk: &D,
    folders: &[PathBuf],
) -> Vec<io::Result<Inside>> {
    let mut found = Vec::with_capacity(folders.len());
    for folder in folders {
        found.push(inside(disk, folder).await);
    }
    found
}

async fn inside<D: Disk + ?Sized>(disk: &D, folder: &Path) -> io::Result<Inside> {
    let names = disk.list(folder).await?;
    let mut paths = vec![folder.to_owned()];
    paths.extend(names.iter().map(|name| folder.join(name)));
    let mut stats = disk.stat_many(paths).await.into_iter();
    let is_folder = |stat: FileStat| stat.kind == FileKind::Folder;
    if !stats.next().is_some_and(|stat| stat.is_ok_and(is_folder)) {
        return Err(io::ErrorKind::NotADirectory.into());
    }
    let mut inside = Inside::default();
    for (name, stat) in names.into_iter().zip(stats) {
        match stat {
            Ok(stat) => match stat.kind {
                FileKind::File => {}
                FileKind::Folder => inside.folders.push(name.into()),
                FileKind::Other => inside.others.push(name.into()),
            },
            // It went meanwhile.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Ok(inside)
}
