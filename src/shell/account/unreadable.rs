//! Accounts that cannot be read: nothing of theirs is counted, and they are not hammered.

use super::{Account, Ended, Shared};
use crate::clients::{ReadError, ReadErrorKind};
use crate::core::decide::Mode;
use crate::core::plan::duration_text;
use crate::shell::store::Base;
use jiff::{SignedDuration, Timestamp};
use std::time::Duration;

/// After a refusal that only its owner can mend an account is left alone for this long.
const REFUSED_PAUSE: Duration = Duration::from_secs(60 * 60);

/// A login that was refused is tried this often at most by `run --once`, which anything can start: servers ban an address
/// after some bad logins.
const SAME_LOGIN_EVERY: SignedDuration = SignedDuration::from_mins(30);

/// A changed configuration is tried at once, and what was mended at the service when it is asked for.
const WHEN_MENDED: &str = ". When it is mended: systemctl reload seedwarden && systemctl kill -s USR1 seedwarden, or \
                           seedwarden run --once without the service";

impl Account {
    /// Why `run --once` must leave it alone: its service wants it, or the same login was refused a short while ago.
    pub async fn must_wait_once(&self, shared: &Shared) -> Option<String> {
        let until = self.left_alone_until(shared).await?;
        let base = shared.kept.store.base(&self.policy.name).await;
        let state = base.state();
        if state.refused_login.is_none() {
            return Some(format!(
                "is left alone until {until:.0}, as its service asked"
            ));
        }
        let refused_at = state.refused_login_at?;
        let again_at = refused_at.saturating_add(SAME_LOGIN_EVERY).ok()?;
        (again_at > shared.clock.now()).then(|| {
            format!(
                "its login was refused at {refused_at:.0}, and is tried again from {again_at:.0} on; a login that was \
                 changed in the configuration is tried at once"
            )
        })
    }

    /// Nothing about the items changes; only the time of the attempt is kept, so that restarts do not hammer.
    pub(super) async fn unreadable(
        &mut self,
        shared: &Shared,
        base: Base,
        error: &ReadError,
        mode: Mode,
        now: Timestamp,
    ) -> Ended {
        let pause = pause_after(error, self.policy.cycle);
        let text = format!(
            "{}: could not be read, nothing is counted: {error}{}",
            self.name(),
            pause.map_or(String::new(), |pause| way_out(&error.kind, pause))
        );
        let was_unreadable = std::mem::replace(&mut self.was_unreadable, true);
        self.story().warn_if(!was_unreadable, &text);
        let mut state = base.state().clone();
        if let Mode::Full { last_resorts, .. } = mode {
            state.last_attempt_at = Some(now);
            state.configured_at = Some(now);
            state.was_away |= !last_resorts;
        }
        let is_refused = matches!(error.kind, ReadErrorKind::Login(_));
        state.refused_login = is_refused.then(|| self.policy.login_mark());
        state.refused_login_at = is_refused.then_some(now);
        state.left_alone_until = pause.and_then(|pause| {
            let pause = SignedDuration::try_from(pause).ok()?;
            now.checked_add(pause).ok()
        });
        let present = shared.clock.now();
        match shared.kept.store.commit(base, state, present).await {
            Ok(_) => Ended::Unreadable,
            Err(error) => {
                self.story().error(&format!(
                    "{}: the state cannot be kept: {error}",
                    self.name()
                ));
                Ended::NotKept
            }
        }
    }

    /// Says why nothing happens: at the start, and where a cycle is asked for in vain.
    pub async fn tell_left_alone(&self, shared: &Shared) {
        let Some(until) = self.left_alone_until(shared).await else {
            return;
        };
        let base = shared.kept.store.base(&self.policy.name).await;
        let why = match base.state().refused_login {
            Some(_) => format!("because its login was refused{WHEN_MENDED}"),
            None => "as its service asked".to_owned(),
        };
        let name = self.name();
        self.story()
            .info(&format!("{name}: is left alone until {until:.0}, {why}"));
    }

    /// Says so once it can be read again.
    pub(super) fn readable_again(&mut self) {
        if std::mem::take(&mut self.was_unreadable) {
            self.story()
                .info(&format!("{}: can be read again", self.name()));
        }
    }
}

/// What to expect, and what its owner can do.
fn way_out(kind: &ReadErrorKind, pause: Duration) -> String {
    let pause = duration_text(pause);
    match kind {
        ReadErrorKind::Login(_) => format!("; the next try is in {pause}{WHEN_MENDED}"),
        ReadErrorKind::Banned => format!("; the next try is in {pause}, when bans have ended"),
        ReadErrorKind::Throttled { .. } => {
            format!("; the next try is in {pause}, as its service asked")
        }
        ReadErrorKind::Maintenance
        | ReadErrorKind::Unreachable
        | ReadErrorKind::Malformed
        | ReadErrorKind::Gone
        | ReadErrorKind::Refused => String::new(),
    }
}

/// How long an account is left alone after this error; `None` for no longer than its cycle.
pub fn pause_after(error: &ReadError, cycle: Duration) -> Option<Duration> {
    match error.kind {
        ReadErrorKind::Login(_) | ReadErrorKind::Banned => Some(REFUSED_PAUSE.max(cycle)),
        ReadErrorKind::Throttled { retry_after } => retry_after.filter(|pause| *pause > cycle),
        ReadErrorKind::Maintenance
        | ReadErrorKind::Unreachable
        | ReadErrorKind::Malformed
        | ReadErrorKind::Gone
        | ReadErrorKind::Refused => None,
    }
}
