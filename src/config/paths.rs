//! Where the configuration and the state folder are, when the command line does not say.

use std::path::{Path, PathBuf};

use directories::ProjectDirs;

/// The configuration of the service, as the package lays it out.
const SYSTEM_CONFIG: &str = "/etc/seedwarden/config.json";
/// The state folder of the service.
const SYSTEM_STATE: &str = "/var/lib/seedwarden";

/// The configuration: `given` on the command line, else `config.json` in `$CONFIGURATION_DIRECTORY` (systemd), else
/// in the user's configuration folder, else the service's if only that is there (for root it need not be written yet).
/// `None` if the user has no folder of that kind.
#[must_use]
pub fn config_file(given: Option<PathBuf>) -> Option<PathBuf> {
    let environment = first_folder(std::env::var_os("CONFIGURATION_DIRECTORY"));
    let user = project().map(|project| project.config_dir().join("config.json"));
    given
        .or_else(|| environment.map(|folder| folder.join("config.json")))
        .or_else(|| {
            let is_root = rustix::process::geteuid().is_root();
            user_or_system(user, is_root, &Path::exists)
        })
}

/// The state folder: `given` on the command line, else `$STATE_DIRECTORY` (systemd), else the service's if its
/// configuration is used, else the user's state folder. `None` if the user has no folder of that kind.
///
/// `config` is the configuration as given on the command line.
#[must_use]
pub fn state_folder(given: Option<PathBuf>, config: Option<&Path>) -> Option<PathBuf> {
    let environment = first_folder(std::env::var_os("STATE_DIRECTORY"));
    let is_system = || {
        let config = config_file(config.map(Path::to_path_buf));
        config.is_some_and(|config| config == Path::new(SYSTEM_CONFIG))
    };
    let user = || {
        let project = project()?;
        Some(
            project
                .state_dir()
                .unwrap_or_else(|| project.data_local_dir())
                .to_path_buf(),
        )
    };
    given
        .or(environment)
        .or_else(|| is_system().then(|| PathBuf::from(SYSTEM_STATE)))
        .or_else(user)
}

/// Whether this is the state folder of the service, which the service manager makes when the service starts.
#[must_use]
pub fn is_of_service(state_folder: &Path) -> bool {
    state_folder == Path::new(SYSTEM_STATE)
}

/// The user's configuration, unless it is absent and the service's is there: so that `sudo seedwarden status` is about
/// the service. Where the package has made the folder, root's `init` writes the service's.
fn user_or_system(
    user: Option<PathBuf>,
    is_root: bool,
    exists: &dyn Fn(&Path) -> bool,
) -> Option<PathBuf> {
    let system = Path::new(SYSTEM_CONFIG);
    let has_folder = || is_root && system.parent().is_some_and(exists);
    match user {
        Some(user) if exists(&user) => Some(user),
        Some(_) | None if exists(system) || has_folder() => Some(system.to_path_buf()),
        user => user,
    }
}

fn project() -> Option<ProjectDirs> {
    ProjectDirs::from("", "", "seedwarden")
}

/// systemd separates several folders by colons; the first one counts. An empty variable is none.
fn first_folder(variable: Option<std::ffi::OsString>) -> Option<PathBuf> {
    let folder = std::env::split_paths(&variable?).next()?;
    (!folder.as_os_str().is_empty()).then_some(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_first_folder_of_systemd_and_no_empty_one() {
        assert_eq!(
            first_folder(Some("/a:/b".into())),
            Some(PathBuf::from("/a"))
        );
        assert_eq!(first_folder(Some("".into())), None);
        assert_eq!(first_folder(None), None);
    }

    #[test]
    fn command_line_goes_first() {
        let given = PathBuf::from("/x/y.json");
        assert_eq!(config_file(Some(given.clone())), Some(given.clone()));
        assert_eq!(state_folder(Some(given.clone()), None), Some(given));
    }

    #[test]
    fn takes_the_service_where_the_user_has_nothing() {
        let user = PathBuf::from("/home/u/.config/seedwarden/config.json");
        let system = PathBuf::from(SYSTEM_CONFIG);
        let folder = PathBuf::from("/etc/seedwarden");
        let found = |is_root, there: &[&PathBuf]| {
            let exists = |path: &Path| there.iter().any(|known| *known == path);
            user_or_system(Some(user.clone()), is_root, &exists)
        };
        assert_eq!(found(true, &[]), Some(user.clone()));
        assert_eq!(found(true, &[&user, &folder, &system]), Some(user.clone()));
        assert_eq!(found(false, &[&folder]), Some(user.clone()));
        assert_eq!(found(false, &[&folder, &system]), Some(system.clone()));
        assert_eq!(found(true, &[&folder]), Some(system.clone()));
        assert_eq!(user_or_system(None, false, &|_| false), None);
        assert_eq!(
            state_folder(None, Some(&system)),
            Some(PathBuf::from(SYSTEM_STATE))
        );
    }
}
