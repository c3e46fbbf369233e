//! A real qBittorrent server, started for one test on loopback with a profile of its own, and stopped with it.

use std::env;
use std::fs::{self, File};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use super::api::{Api, USER};
use super::torrent::Torrent;
use super::{PATIENCE, within};

/// The salted hash of [`super::api::PASSWORD`], as servers keep it: PBKDF2 with HMAC-SHA512, 100,000 rounds.
const PASSWORD_HASH: &str = "c2VlZHdhcmRlbi10ZXN0cw==:\
    uoTULFcLbtnqj7/Pj+LRn6rFATDqlLmyWWKHe/sBfw80oKUJrvt2UyLSCNc+CJNxk3kDjASV4OXd/TnEa1exCA==";

/// A server that can be started.
#[derive(Clone, Debug)]
pub struct Release {
    /// Its version, such as `5.1.0`.
    pub version: String,
    /// `run PROFILE PORT` starts it.
    run: PathBuf,
}

/// The servers that `tests/servers/fetch` made available, oldest first.
pub fn servers() -> Vec<Release> {
    ["bookworm", "trixie", "trixie-backports"]
        .into_iter()
        .filter_map(release)
        .collect()
}

/// The server of this Debian suite, if it is there.
fn release(suite: &str) -> Option<Release> {
    let folder = folder()?.join(suite);
    let version = fs::read_to_string(folder.join("version"))
        .ok()?
        .trim()
        .to_owned();
    Some(Release {
        version,
        run: folder.join("run"),
    })
}

/// Where the servers are: `SEEDWARDEN_SERVERS`, or where `tests/run` has put them.
fn folder() -> Option<PathBuf> {
    let named = env::var_os("SEEDWARDEN_SERVERS").map(PathBuf::from);
    named.or_else(|| {
        let cache = env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
        let cache = cache.or_else(|| Some(PathBuf::from(env::var_os("HOME")?).join(".cache")))?;
        Some(cache.join("seedwarden-tests/servers"))
    })
}

/// Runs a test on the server of this suite, or says that it can't.
pub fn with_release(suite: &str, case: impl FnOnce(&Release)) {
    match release(suite) {
        Some(release) => case(&release),
        None => {
            println!("skipped: no qBittorrent of {suite} (tests/servers/fetch makes it available)")
        }
    }
}

impl Release {
    /// Whether it is at least this version of qBittorrent.
    pub fn is_at_least(&self, major: u32, minor: u32) -> bool {
        let mut parts = self
            .version
            .split('.')
            .map(|part| part.parse().unwrap_or(0));
        (parts.next().unwrap_or(0), parts.next().unwrap_or(0)) >= (major, minor)
    }
}

/// A running server. Its own process is stopped, and its profile removed, when it is dropped.
pub struct Server {
    release: Release,
    profile: TempDir,
    port: u16,
    child: Option<Child>,
    api: Api,
}

impl Server {
    /// Starts a server with default settings, and waits until it answers.
    pub fn start(release: &Release) -> Self {
        Self::start_with(release, "")
    }

    /// Starts a server with further lines for the `[BitTorrent]` section of its settings.
    pub fn start_with(release: &Release, settings: &str) -> Self {
        // A port that was free a moment ago may be another's by the time the server wants it.
        let started = (0..3).find_map(|_| {
            let profile = tempfile::Builder::new()
                .prefix("seedwarden-server-")
                .tempdir()
                .expect("a temporary folder");
            let (port, peer_port) = free_ports();
            write_settings(profile.path(), port, peer_port, settings);
            let mut server = Self {
                release: release.clone(),
                profile,
                port,
                child: None,
                api: Api::new(port),
            };
            server.launch().then_some(server)
        });
        started.unwrap_or_else(|| panic!("qBittorrent {} does not answer", release.version))
    }

    /// Its address, for a configuration.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Which server it is.
    pub fn release(&self) -> &Release {
        &self.release
    }

    /// Its Web API.
    pub fn api(&self) -> &Api {
        &self.api
    }

    /// Its default save path.
    pub fn downloads(&self) -> PathBuf {
        self.profile.path().join("downloads")
    }

    /// Adds a torrent whose data is there, and waits until it seeds.
    pub fn seed(&self, torrent: &Torrent) {
        self.seed_with(torrent, &[]);
    }

    /// As [`Server::seed`], with further fields, such as `("category", "tv")`.
    pub fn seed_with(&self, torrent: &Torrent, fields: &[(&str, &str)]) {
        torrent.write_data(&self.downloads());
        self.api.add(torrent, &self.downloads(), fields);
        self.api.wait_for(torrent, "stalledUP/1");
    }

    /// Adds many torrents whose data is there, without the check that servers do one at a time, a second or two for
    /// each. Until it is checked, such a torrent meets a missing block with a check and not with `error`.
    pub fn seed_unchecked(&self, torrents: &[Torrent], fields: &[(&str, &str)]) {
        for torrent in torrents {
            torrent.write_data(&self.downloads());
            self.api.add(
                torrent,
                &self.downloads(),
                &[fields, &[("skip_checking", "true")]].concat(),
            );
        }
        torrents
            .iter()
            .for_each(|torrent| self.api.wait_for(torrent, "stalledUP/1"));
    }

    /// Adds a torrent whose data is not there without a check, which is how `missingFiles` arises.
    pub fn add_with_missing_files(&self, torrent: &Torrent) {
        self.api
            .add(torrent, &self.downloads(), &[("skip_checking", "true")]);
        self.api.wait_for(torrent, "missingFiles/0");
    }

    /// Brings a seeding torrent into the state `error`, by a check that finds a folder in place of its first file. (A
    /// peer that asks for lost data does not do that: the server logs it, and shows `stalledUP` as before.)
    pub fn put_in_error(&self, torrent: &Torrent) {
        torrent.remove_data(&self.downloads());
        fs::create_dir(&torrent.paths(&self.downloads())[0]).expect("a folder in place of a file");
        self.api.recheck(torrent);
        self.api.wait_for(torrent, "error/0");
    }

    /// Takes that folder away and puts the data back. The torrent stays as it is until somebody does something.
    pub fn repair(&self, torrent: &Torrent) {
        fs::remove_dir(&torrent.paths(&self.downloads())[0]).expect("the folder is removed");
        torrent.write_data(&self.downloads());
    }

    /// Stops the server in good order.
    pub fn stop(&mut self) {
        let Some(mut child) = self.child.take() else {
            return;
        };
        let pid = i32::try_from(child.id())
            .ok()
            .and_then(Pid::from_raw)
            .expect("the id of a process");
        let _ = kill_process(pid, Signal::TERM);
        // With few torrents it leaves within a second or two.
        if within(PATIENCE, || child.try_wait().ok().flatten()).is_none() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    /// Kills the server, as a crash would.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    /// Stops the server, then starts it again as in [`Server::start_again`].
    pub fn restart(&mut self) {
        self.stop();
        self.start_again();
    }

    /// Starts the server that was stopped, with the same port and profile, and waits until it answers.
    pub fn start_again(&mut self) {
        assert!(
            self.launch(),
            "qBittorrent {} does not answer after a restart",
            self.release.version
        );
    }

    /// Whether the server came up, and is ours: another may listen where ours could not.
    fn launch(&mut self) -> bool {
        let output = File::create(self.profile.path().join("output"))
            .expect("a file for the server's output");
        let errors = output.try_clone().expect("a second handle of that file");
        let mut command = Command::new(&self.release.run);
        command.arg(self.profile.path()).arg(self.port.to_string());
        command.stdin(Stdio::null()).stdout(output).stderr(errors);
        let mut child = command.spawn().expect("the server's launcher");
        let up = within(PATIENCE, || match child.try_wait() {
            Ok(None) => self.api.login(),
            _ => Some(false),
        });
        self.child = Some(child);
        up == Some(true) && {
            let preferences = self.api.get("app/preferences").json();
            preferences["save_path"]
                .as_str()
                .is_some_and(|path| Path::new(path) == self.downloads())
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let output = fs::read_to_string(self.profile.path().join("output")).unwrap_or_default();
            println!(
                "qBittorrent {} on port {} said:\n{output}",
                self.release.version, self.port
            );
        }
        // Nothing of the profile is kept, so there is no need for good order.
        self.kill();
    }
}

/// Two ports that are free on loopback.
fn free_ports() -> (u16, u16) {
    let bound = [0, 1].map(|_| TcpListener::bind("127.0.0.1:0").expect("a loopback port"));
    let [first, second] = bound.map(|listener| {
        listener
            .local_addr()
            .expect("the port that was bound")
            .port()
    });
    (first, second)
}

/// The least settings with which a server starts unattended, talks to loopback alone, and lets the tests in.
fn write_settings(profile: &Path, port: u16, peer_port: u16, more: &str) {
    let downloads = profile.join("downloads");
    let folder = profile.join("qBittorrent/config");
    fs::create_dir_all(&downloads)
        .and_then(|()| fs::create_dir_all(&folder))
        .expect("folders of a profile");
    let text = format!(
        r#"[LegalNotice]
Accepted=true
[BitTorrent]
Session\DefaultSavePath={downloads}
Session\DHTEnabled=false
Session\PeXEnabled=false
Session\LSDEnabled=false
Session\Interface=lo
Session\InterfaceName=lo
Session\InterfaceAddress=127.0.0.1
Session\Port={peer_port}
Session\QueueingSystemEnabled=false
Session\MultiConnectionsPerIp=true
{more}
[Network]
PortForwardingEnabled=false
[Preferences]
Connection\ResolvePeerCountries=false
WebUI\Address=127.0.0.1
WebUI\Port={port}
WebUI\Username={USER}
WebUI\Password_PBKDF2="@ByteArray({PASSWORD_HASH})"
"#,
        downloads = downloads.display(),
    );
    fs::write(folder.join("qBittorrent.conf"), text).expect("settings are written");
}
