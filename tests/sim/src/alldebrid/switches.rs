//! Everything that is inferred, undocumented or contradictory about the service, as a switch. The defaults are what
//! the API notes hold for likeliest.

use std::collections::BTreeSet;

/// Form of `data.magnets` in a status answer (API notes, 5.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// A list.
    List,
    /// An object keyed by index, with holes as PHP leaves them after filtering.
    Keyed,
    /// The magnet itself; only for an answer by id, a list otherwise.
    Single,
    /// A list with things in it that are no magnets: null, a text, an item error, one without id.
    ListWithJunk,
    /// `null`.
    Null,
    /// No `magnets` member.
    Missing,
    /// A text where magnets should be.
    Text,
    /// A list of none, whatever there is; an answer by id is as usual.
    Empty,
    /// A list of the first third only; an answer by id is as usual.
    Short,
    /// A list of magnets without `uploadDate`.
    Undated,
}

/// What a `status` filter of an unknown name does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnknownFilter {
    /// It is ignored.
    All,
    /// It matches nothing.
    Nothing,
    /// It is an error with code `GENERIC`.
    Error,
}

/// Which text stands beside a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Texts {
    /// As in the official table.
    Documented,
    /// As seen live where that differs: `In queue`, `No peer after 30 minutes`, `Expired - Files removed`.
    Live,
}

/// Order of the results of a batch restart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BatchOrder {
    /// As sent.
    AsSent,
    /// The other way round.
    Reversed,
    /// By id.
    Sorted,
}

/// The switches, all public. Change them at any time.
#[derive(Debug, Clone)]
pub struct Switches {
    /// `?apikey=` is accepted as well as the `Authorization` header.
    pub apikey_in_query: bool,
    /// `/v4.1/` answers for endpoints that are documented at `/v4/` only.
    pub v41_everywhere: bool,
    /// Authentication errors come with HTTP 401 instead of 200.
    pub auth_errors_are_401: bool,
    /// Success envelopes carry `deprecated: true`.
    pub deprecated: bool,
    /// `Content-Type` of successes.
    pub content_type: &'static str,
    /// `premiumUntil` is a text of digits.
    pub premium_until_is_text: bool,

    /// Shape of a listing without id or filter.
    pub listing: Shape,
    /// Shape of a filtered listing.
    pub filtered: Shape,
    /// Shape of an answer by id; [`Shape::List`] gives a list with one element.
    pub by_id: Shape,
    /// An unknown id gives an item error within a success instead of `MAGNET_INVALID_ID`.
    pub unknown_id_is_item_error: bool,
    /// Codes that `status=expired` lists; also any magnet whose text begins with "expired".
    pub expired_codes: BTreeSet<i64>,
    /// Codes that `status=error` lists, unless listed as expired.
    pub error_codes: BTreeSet<i64>,
    /// Expired magnets are listed by `status=error` too.
    pub filters_overlap: bool,
    /// A filter of unknown name.
    pub unknown_filter: UnknownFilter,

    /// Numbers such as `id` and `size` come as texts of digits.
    pub numbers_are_texts: bool,
    /// Texts beside the codes.
    pub texts: Texts,
    /// `hash`, `type`, `notified`, `version`, `processingPerc`, `nbLinks` are sent.
    pub undocumented_fields: bool,
    /// The info hash is in capitals.
    pub hash_in_capitals: bool,
    /// Magnets in error carry the transfer counters as well.
    pub error_has_counters: bool,
    /// Ready magnets carry the transfer counters as well; they were absent live.
    pub ready_has_counters: bool,
    /// Counters stay at zero while a magnet downloads, which was seen for ten minutes.
    pub counters_stay_zero: bool,
    /// The size goes back to 0 while a magnet is in the queue.
    pub queued_size_is_zero: bool,
    /// A magnet without metadata is named by its hash instead of `noname`.
    pub noname_is_hash: bool,
    /// `files` of a ready magnet is an empty list.
    pub files_empty: bool,

    /// What a restart of an expired magnet gives instead of being accepted.
    pub restart_expired_refused: Option<String>,
    /// `magnet` in the results of a batch is a number.
    pub batch_ids_are_numbers: bool,
    /// Order of these results.
    pub batch_order: BatchOrder,
    /// Largest batch; a larger one is refused as a whole with `GENERIC`.
    pub batch_most: usize,
    /// At the limit of active magnets a batch fails as a whole.
    pub batch_fails_whole: bool,
    /// Most active magnets of an account.
    pub most_active: usize,
    /// Most magnets of an account.
    pub most_magnets: usize,
    /// Restarts need a premium account, as uploads do.
    pub restart_needs_premium: bool,

    /// Result of uploading a hash that the account has: `id` as usual, 0, or absent.
    pub existing_id: ExistingId,
    /// A magnet URI with trackers starts a private torrent, whose bare hash never does.
    pub private_uri_starts: bool,
    /// Per-item upload errors echo the magnet in `message`.
    pub upload_errors_echo: bool,
}

/// `id` in the answer to an upload of a known hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExistingId {
    /// The id of the entry.
    Given,
    /// 0, as in 2022.
    Zero,
    /// No such member.
    Missing,
}

impl Default for Switches {
    fn default() -> Self {
        Self {
            apikey_in_query: true,
            v41_everywhere: true,
            auth_errors_are_401: false,
            deprecated: false,
            content_type: "application/json; charset=utf-8",
            premium_until_is_text: false,
            listing: Shape::List,
            filtered: Shape::List,
            by_id: Shape::Single,
            unknown_id_is_item_error: false,
            expired_codes: BTreeSet::from([11]),
            error_codes: (5..=15).collect(),
            filters_overlap: false,
            unknown_filter: UnknownFilter::All,
            numbers_are_texts: false,
            texts: Texts::Documented,
            undocumented_fields: true,
            hash_in_capitals: false,
            error_has_counters: false,
            ready_has_counters: false,
            counters_stay_zero: false,
            queued_size_is_zero: false,
            noname_is_hash: false,
            files_empty: false,
            restart_expired_refused: None,
            batch_ids_are_numbers: false,
            batch_order: BatchOrder::AsSent,
            batch_most: usize::MAX,
            batch_fails_whole: false,
            most_active: 30,
            most_magnets: 1000,
            restart_needs_premium: false,
            existing_id: ExistingId::Given,
            private_uri_starts: false,
            upload_errors_echo: false,
        }
    }
}
