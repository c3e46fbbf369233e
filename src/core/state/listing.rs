//! Which listings prove that what they lack is gone.

use super::AccountState;
use crate::core::ledger::Book;
use crate::core::model::AccountId;

/// A complete listing, as far as that is asked.
#[derive(Debug, Clone, Copy)]
pub struct Listing {
    /// How many items it holds.
    pub items: usize,
    /// How many were deleted by us since the last one that was noted.
    pub deleted: usize,
    /// Whether it is of a cycle that counts: others can follow one another within seconds.
    pub counts: bool,
}

impl AccountState {
    /// How many items we have deleted since the last cycle that counted, or may have.
    pub fn deleted_since_last(&self, account: &AccountId, book: &Book) -> usize {
        self.last_cycle_at
            .map_or(0, |last| book.deleted_since(account, last))
    }

    /// Whether a listing settles what has become of the items that it lacks. Of one that is empty, or less than half as long
    /// as the last, only the second in a row does, and only if it has not grown: a server that is still loading lists a part.
    pub fn settles(&self, listing: Listing) -> bool {
        let Listing {
            items,
            deleted,
            counts,
        } = listing;
        let expected = self.listed.max(usize::from(self.had_items));
        let is_short = items * 2 < expected.saturating_sub(deleted);
        !is_short || counts && self.short_listing.is_some_and(|before| items <= before)
    }

    /// Notes the listing of a cycle that counts.
    pub fn note_listing(&mut self, listing: Listing) {
        let items = listing.items;
        if self.settles(listing) {
            self.had_items = items > 0;
            self.listed = items;
            self.short_listing = None;
        } else {
            self.short_listing = Some(items);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(items: usize, deleted: usize) -> Listing {
        Listing {
            items,
            deleted,
            counts: true,
        }
    }

    /// Which of these listings settle something, after one of a hundred items. Given are the items and our deletions.
    #[track_caller]
    fn check(listings: &[(usize, usize)], expected: &[bool]) {
        let mut state = AccountState::default();
        state.note_listing(of(100, 0));
        let settles = listings.iter().map(|&(items, deleted)| {
            let settles = state.settles(of(items, deleted));
            state.note_listing(of(items, deleted));
            settles
        });
        assert_eq!(settles.collect::<Vec<_>>(), expected, "{listings:?}");
    }

    #[test]
    fn short_listing_settles_nothing_until_it_comes_twice() {
        check(&[(100, 0), (50, 0), (25, 0)], &[true, true, true]);
        check(&[(49, 0), (49, 0), (48, 0)], &[false, true, true]);
        check(
            &[(0, 0), (0, 0), (0, 0), (7, 0)],
            &[false, true, true, true],
        );
        check(
            &[(0, 0), (100, 0), (0, 0), (0, 0)],
            &[false, true, false, true],
        );
    }

    #[test]
    fn listing_that_still_grows_settles_nothing() {
        check(
            &[(0, 0), (20, 0), (40, 0), (60, 0)],
            &[false, false, false, true],
        );
        check(&[(0, 0), (20, 0), (20, 0)], &[false, false, true]);
    }

    #[test]
    fn own_deletions_make_no_listing_short() {
        check(&[(30, 60), (0, 30)], &[true, true]);
        check(&[(10, 60)], &[false]);
    }

    #[test]
    fn only_cycles_that_count_come_twice() {
        let mut state = AccountState::default();
        state.note_listing(of(100, 0));
        state.note_listing(of(0, 0));
        let counts = false;
        assert!(!state.settles(Listing { counts, ..of(0, 0) }));
        assert!(state.settles(of(0, 0)));
    }

    #[test]
    fn state_of_an_older_version_expects_something() {
        let mut state = AccountState::default();
        assert!(state.settles(of(0, 0)), "never read");
        state.had_items = true;
        assert!(!state.settles(of(0, 0)));
        assert!(state.settles(of(1, 0)));
    }
}
