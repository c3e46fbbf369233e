//! `seedwarden check`: whether everything that the daemon needs is there. Changes nothing, and writes no file.

mod account;
mod links;
mod place;
mod report;

use super::notify_test::problem;
use super::paint::Progress;
use super::setup::{block_on_logged_in, config_file, print, state_folder};
use super::{FAILED, FINE, Places, WRONG};
use crate::clients::discord::Discord;
use crate::config::policy::{Login, Policy, Secret, Service};
use crate::config::{Finding, Loaded, load};
use crate::core::plan::counted;
use crate::ports::Ports;
use crate::shell::eyes::Optics;
use crate::shell::lasting::Lasting;
use report::Report;
use std::io::IsTerminal;
use std::path::Path;

/// Check the configuration, every account, paths, webhooks and the state folder.
///
/// Prints one line for each thing it looked at: "ok", "warning" or "broken". Exits with 1 if anything is broken; warnings
/// are no failure. Changes nothing.
#[derive(clap::Args)]
pub struct Args {
    /// Check the configuration and the state folder only; send nothing
    #[arg(long)]
    offline: bool,
}

/// Runs the command.
pub fn run(places: &Places, args: &Args) -> u8 {
    block_on_logged_in(async |lasting| check(places, args, lasting).await)
}

async fn check(places: &Places, args: &Args, lasting: &Lasting) -> Result<u8, u8> {
    let file = config_file(places)?;
    let loaded = match load(&file, true, &crate::shell::scripts::check) {
        Ok(loaded) => loaded,
        Err(errors) => {
            eprint!("{}", errors.report(std::io::stderr().is_terminal()));
            return Err(WRONG);
        }
    };
    let mut report = Report::new();
    configuration(&mut report, &file, &loaded);
    secrets(&mut report, &loaded.policy, args.offline);
    let ports = crate::sys::ports();
    if !args.offline {
        accounts(&mut report, &loaded.policy, &ports, lasting).await;
        webhooks(&mut report, &loaded.policy, &ports).await;
    }
    match state_folder(places) {
        Ok(folder) => place::state(&mut report, &folder, &ports).await,
        Err(_) => report.broken("state folder", "none is known; give --state-dir DIR"),
    }
    print(&report.summary());
    Ok(if report.is_broken() { FAILED } else { FINE })
}

fn configuration(report: &mut Report, file: &Path, loaded: &Loaded) {
    let policy = &loaded.policy;
    let rules: std::collections::BTreeSet<&str> = policy
        .accounts
        .iter()
        .flat_map(|account| account.rules.iter().chain(&account.protect_rules))
        .map(|rule| rule.name.as_str())
        .collect();
    let mut text = format!(
        "{}: {}, {} in use",
        file.display(),
        counted(policy.accounts.len(), "account", "accounts"),
        counted(rules.len(), "rule", "rules")
    );
    if policy.dry_run {
        text += ", dry run";
    }
    report.ok("configuration", &text);
    // Missing secrets have lines of their own.
    let is_of_secret = |warning: &&Finding| warning.problem.ends_with("the secret is missing");
    for warning in loaded
        .warnings
        .iter()
        .filter(|warning| !is_of_secret(warning))
    {
        report.warning("configuration", &warning.on_one_line(file));
    }
}

/// Where each secret comes from, never what it is.
fn secrets(report: &mut Report, policy: &Policy, is_offline: bool) {
    for account in &policy.accounts {
        let (what, secret) = match &account.service {
            Service::Qbittorrent(service) => match &service.login {
                Login::Password { password, .. } => ("password", password),
                Login::ApiKey(key) => ("API key", key),
            },
            Service::Alldebrid(service) => ("API key", &service.api_key),
        };
        one_secret(report, &account.name.to_string(), what, secret, is_offline);
    }
    for (number, webhook) in policy.webhooks.iter().enumerate() {
        let name = format!("webhook {}", number + 1);
        one_secret(report, &name, "address", &webhook.url, is_offline);
    }
}

fn one_secret(report: &mut Report, name: &str, what: &str, secret: &Secret, is_offline: bool) {
    let source = secret.source();
    if secret.is_resolved() {
        report.ok(name, &format!("{what} from {source}"));
        return;
    }
    let text = format!("{what} cannot be had here: {source} is missing");
    if is_offline {
        report.warning(name, &text);
    } else {
        report.broken(name, &text);
    }
}

async fn accounts(report: &mut Report, policy: &Policy, ports: &Ports, lasting: &Lasting) {
    let optics = Optics::of(lasting, ports.clone(), policy.time_zone.clone());
    for account in &policy.accounts {
        let is_resolved = match &account.service {
            Service::Qbittorrent(service) => match &service.login {
                Login::Password { password, .. } => password.is_resolved(),
                Login::ApiKey(key) => key.is_resolved(),
            },
            Service::Alldebrid(service) => service.api_key.is_resolved(),
        };
        // That it is missing was said; an empty password would only count as a bad login.
        if is_resolved {
            account::check(report, account, &optics).await;
        }
    }
}

async fn webhooks(report: &mut Report, policy: &Policy, ports: &Ports) {
    let discord = Discord::new(ports.transport.clone());
    for (number, webhook) in policy.webhooks.iter().enumerate() {
        if !webhook.url.is_resolved() {
            continue;
        }
        let name = format!("webhook {}", number + 1);
        let found = {
            let _progress = Progress::show(&format!("looking for {name}"));
            discord.check(&webhook.url).await
        };
        match problem(&found) {
            None => report.ok(&name, "is there"),
            Some(why) => report.broken(&name, &why),
        }
    }
    if policy.webhooks.is_empty() {
        report.ok("webhooks", "none configured, nothing is announced");
    }
}
