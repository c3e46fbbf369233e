//! A torrent back as a row of the Web API, for rules that read rows.

use super::torrent::{TextField, Torrent};
use serde_json::{Map, Value};

/// The row of a torrent by Web API names: the fields that are known of it.
pub fn row_of(torrent: &Torrent) -> Map<String, Value> {
    let mut row = Map::new();
    let mut put = |name: &str, value: Value| {
        if !value.is_null() {
            row.insert(name.to_owned(), value);
        }
    };
    macro_rules! fields {
        ($($field:ident)+) => { $( put(stringify!($field), Value::from(torrent.$field.clone())); )+ };
    }
    macro_rules! texts {
        ($($field:ident)+) => { $( put(stringify!($field), Value::from(&*torrent.$field)); )+ };
    }
    macro_rules! optional_texts {
        ($($field:ident)+) => { $( put(stringify!($field), Value::from(torrent.$field.as_deref())); )+ };
    }
    texts!(name);
    macro_rules! sent_texts {
        ($($field:ident $text:ident)+) => { $(
            if !torrent.unsent.contains(TextField::$text) {
                texts!($field);
            }
        )+ };
    }
    sent_texts!(category Category tags Tags tracker Tracker save_path SavePath);
    optional_texts!(content_path download_path);
    if !torrent.unsent.contains(TextField::State) {
        put("state", Value::from(torrent.state.as_str()));
    }
    fields!(
        size total_size progress completed amount_left downloaded uploaded dlspeed upspeed dl_limit up_limit ratio
        ratio_limit seeding_time_limit inactive_seeding_time_limit added_on completion_on seen_complete last_activity
        time_active seeding_time eta priority num_seeds num_leechs num_complete num_incomplete availability private
        auto_tmm has_tracker_error has_other_announce_error
    );
    for (name, value) in torrent.other.iter().flat_map(|other| other.iter()) {
        put(name, value.clone());
    }
    row
}
