//! Accounts that are one and the same would delete each other's items twice over, so they are refused.

use url::Url;

use crate::config::policy::{AccountPolicy, Login, Secret, SecretSource, Service};
use crate::config::text::Path;

use super::Check;

/// Refuse accounts with the name, or the key, or the server and user of an earlier one.
pub fn refuse_twins(cx: &mut Check<'_>, accounts: &[(Path, AccountPolicy)]) {
    for (number, (path, account)) in accounts.iter().enumerate() {
        for (_, earlier) in &accounts[..number] {
            if account.name == earlier.name {
                cx.refuse(
                    &path.key("name"),
                    "a name that is taken",
                    "a name of its own for each account",
                    None,
                );
            }
            if let Some((key, found)) = twin(&account.service, &earlier.service) {
                let advice = format!("it is the account {:?}", earlier.name.as_str());
                cx.refuse(
                    &path.key(key),
                    found,
                    "an account of its own",
                    Some(&advice),
                );
            }
        }
    }
}

/// The key at which two services show to be the same, and how.
fn twin(service: &Service, earlier: &Service) -> Option<(&'static str, &'static str)> {
    match (service, earlier) {
        (Service::Alldebrid(one), Service::Alldebrid(other)) => {
            is_same_secret(&one.api_key, &other.api_key)
                .then_some(("api_key", "the API key of an earlier account"))
        }
        (Service::Qbittorrent(one), Service::Qbittorrent(other))
            if is_same_server(&one.url, &other.url) =>
        {
            match (&one.login, &other.login) {
                (
                    Login::Password { username: one, .. },
                    Login::Password {
                        username: other, ..
                    },
                ) => (one == other).then_some(("url", "the server and user of an earlier account")),
                // A server has one user, whichever way it logs in.
                (Login::ApiKey(_), Login::ApiKey(_) | Login::Password { .. })
                | (Login::Password { .. }, Login::ApiKey(_)) => {
                    Some(("url", "the server of an earlier account"))
                }
            }
        }
        (Service::Qbittorrent(one), Service::Qbittorrent(other)) => {
            match (&one.login, &other.login) {
                (Login::ApiKey(one), Login::ApiKey(other)) => is_same_secret(one, other)
                    .then_some(("api_key", "the API key of an earlier account")),
                (
                    Login::ApiKey(_) | Login::Password { .. },
                    Login::ApiKey(_) | Login::Password { .. },
                ) => None,
            }
        }
        (Service::Alldebrid(_), Service::Qbittorrent(_))
        | (Service::Qbittorrent(_), Service::Alldebrid(_)) => None,
    }
}

/// Compares values where they are known, sources otherwise.
fn is_same_secret(one: &Secret, other: &Secret) -> bool {
    if one.is_resolved() && other.is_resolved() {
        return one.expose() == other.expose();
    }
    one.source() == other.source() && *one.source() != SecretSource::Text
}

/// The names of this machine count as one.
fn is_same_server(one: &Url, other: &Url) -> bool {
    let is_same_host =
        one.host_str() == other.host_str() || (is_this_machine(one) && is_this_machine(other));
    is_same_host
        && one.port_or_known_default() == other.port_or_known_default()
        && one.path() == other.path()
}

/// Does the address lead to this machine?
pub fn is_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}
