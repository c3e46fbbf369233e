//! Where the configuration and the state folder are, when the command line does not say.

use std::path::PathBuf;

use directories::ProjectDirs;

/// The configuration: `given` on the command line, else `config.json` in `$CONFIGURATION_DIRECTORY` (systemd), else
/// in the user's configuration folder. `None` if the user has no folder of that kind.
#[must_use]
pub fn config_file(given: Option<PathBuf>) -> Option<PathBuf> {
    let environment = std::env::var_os("CONFIGURATION_DIRECTORY");
    let user = || project().map(|project| project.config_dir().to_path_buf());
    given.or_else(|| Some(first_folder(environment).or_else(user)?.join("config.json")))
}

/// The state folder: `given` on the command line, else `$STATE_DIRECTORY` (systemd), else the user's state folder.
/// `None` if the user has no folder of that kind.
#[must_use]
pub fn state_folder(given: Option<PathBuf>) -> Option<PathBuf> {
    let environment = std::env::var_os("STATE_DIRECTORY");
    let user = || {
        let project = project()?;
        Some(
            project
                .state_dir()
                .unwrap_or_else(|| project.data_local_dir())
                .to_path_buf(),
        )
    };
    given.or_else(|| first_folder(environment)).or_else(user)
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
        assert_eq!(state_folder(Some(given.clone())), Some(given));
    }
}
