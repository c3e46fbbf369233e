//! The words that can stand under `state`: what a condition on it can match at all, on which service, and on servers of
//! which generation. A word that nobody sends is a mistake that no item would ever show.

use super::condition::{Compare, Condition, Test};
use super::key::{Key, nearest_of};
use super::mistake::Mistake;
use crate::core::model::{ApiVersion, MagnetClass, STATE_WORDS};

/// Words that servers before 5.0 say, and what later ones say instead.
const EARLIER: [(&str, Option<&str>); 4] = [
    ("pausedUP", Some("stoppedUP")),
    ("pausedDL", Some("stoppedDL")),
    ("allocating", None),
    ("queuedForChecking", None),
];

/// A part of a condition's value, and the known words that it matches.
struct Part<'c> {
    written: &'c str,
    words: Vec<&'static str>,
}

/// Which words of `state` some service sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sender {
    /// qBittorrent, of whatever version.
    Qbittorrent,
    /// AllDebrid: the classes of a magnet's status.
    Alldebrid,
}

impl Sender {
    fn sends(self, word: &str) -> bool {
        match self {
            Sender::Qbittorrent => STATE_WORDS.contains(&word),
            Sender::Alldebrid => magnet_words().any(|known| known == word),
        }
    }

    /// Its words, for people.
    pub fn words(self) -> String {
        match self {
            Sender::Qbittorrent => STATE_WORDS.join(", "),
            Sender::Alldebrid => magnet_words().collect::<Vec<_>>().join(", "),
        }
    }
}

/// Refuses a comparison of `state` that can match no word, or that lists a word which nobody sends.
pub(super) fn check(compare: &Compare, path: &str, value: &str) -> Result<(), Mistake> {
    let Some(part) = parts(compare)
        .into_iter()
        .find(|part| part.words.is_empty())
    else {
        return Ok(());
    };
    let mistake = Mistake::new(path, format!("{value:?}"), "a state, such as stalledUP");
    Err(
        match nearest_of(&part.written.to_ascii_lowercase(), words()) {
            Some(nearest) => {
                let written = part.written;
                mistake.advise(format!(
                    "{written:?} is no state; did you mean {nearest:?}?"
                ))
            }
            None => mistake.advise("no server sends such a state; the README lists them"),
        },
    )
}

impl Condition {
    /// Whether it asks for `state`, and only for words that this service does not send.
    pub fn asks_for_states_of_others(&self, sender: Sender) -> bool {
        let parts = self.parts_of_state();
        let is_sent = |part: &Part<'_>| part.words.iter().any(|word| sender.sends(word));
        !parts.is_empty() && !parts.iter().any(is_sent)
    }

    /// States that it asks for and that servers of this generation never send, each with the word that they have for
    /// it. Those beside which that other word is named, too, are left out.
    pub fn states_of_another_generation(
        &self,
        api: ApiVersion,
    ) -> Vec<(&str, Option<&'static str>)> {
        let is_later = api >= ApiVersion::STOP_START;
        let is_foreign = |word: &str| {
            let is_earlier_word = EARLIER.iter().any(|(earlier, _)| *earlier == word);
            let is_later_word = EARLIER.iter().any(|(_, later)| *later == Some(word));
            if is_later {
                is_earlier_word
            } else {
                is_later_word
            }
        };
        let here = |word: &str| {
            EARLIER.iter().find_map(|(earlier, later)| match *later {
                Some(later) if later == word => Some(*earlier),
                Some(later) if *earlier == word => Some(later),
                Some(_) | None => None,
            })
        };
        let parts = self.parts_of_state();
        let is_named = |word: &str| parts.iter().any(|part| part.words.contains(&word));
        let foreign = parts.iter().filter(|part| {
            part.words.iter().any(|word| STATE_WORDS.contains(word))
                && part.words.iter().all(|word| is_foreign(word))
        });
        foreign
            .map(|part| (part.written, part.words.first().and_then(|word| here(word))))
            .filter(|(_, here)| here.is_none_or(|word| !is_named(word)))
            .collect()
    }

    fn parts_of_state(&self) -> Vec<Part<'_>> {
        match self {
            Condition::Test(Test {
                key: Key::State,
                compare,
                ..
            }) => parts(compare),
            Condition::Test(_) => Vec::new(),
            Condition::All(all) | Condition::Any(all) => {
                all.iter().flat_map(Condition::parts_of_state).collect()
            }
            Condition::Not(part) => part.parts_of_state(),
        }
    }
}

fn parts(compare: &Compare) -> Vec<Part<'_>> {
    let matching =
        |matches: &dyn Fn(&str) -> bool| words().filter(|word| matches(word)).collect::<Vec<_>>();
    let exact = |written: &str| matching(&|word| word == written);
    match compare {
        Compare::Equals { text, .. } => vec![Part {
            written: text,
            words: exact(text),
        }],
        Compare::IncludeIn(list) | Compare::NotIncludeIn(list) => list
            .iter()
            .map(|written| Part {
                written,
                words: exact(written),
            })
            .collect(),
        Compare::Contain(list) | Compare::NotContain(list) => list
            .iter()
            .map(|written| Part {
                written,
                words: matching(&|word| word.contains(written.as_str())),
            })
            .collect(),
        Compare::RegExp(pattern) | Compare::NotRegExp(pattern) => vec![Part {
            written: pattern.source(),
            // A pattern that takes too long is judged when it is used.
            words: matching(&|word| pattern.is_found_in(word).unwrap_or(true)),
        }],
        Compare::Bigger(_) | Compare::Smaller(_) | Compare::Is(_) | Compare::SetEquals(_) => {
            Vec::new()
        }
    }
}

fn words() -> impl Iterator<Item = &'static str> {
    let of_magnets = magnet_words().filter(|word| !STATE_WORDS.contains(word));
    STATE_WORDS.into_iter().chain(of_magnets)
}

fn magnet_words() -> impl Iterator<Item = &'static str> {
    MagnetClass::ALL.into_iter().map(MagnetClass::word)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::rules::Dialect;
    use serde_json::json;

    fn parsed(tests: &[(&str, &str)]) -> Result<Condition, Vec<Mistake>> {
        let tests: Vec<_> = tests
            .iter()
            .map(|(compare, value)| json!({"key": "state", "compareType": compare, "value": value}))
            .collect();
        Condition::parse(&json!({ "any": tests }), Dialect::Own)
    }

    #[track_caller]
    fn refused(compare: &str, value: &str, part: &str) {
        let mistakes = parsed(&[(compare, value)]).expect_err(value);
        let text = mistakes[0].to_string();
        assert!(text.contains(part), "{text}");
    }

    #[test]
    fn word_that_nobody_sends_is_refused_with_the_nearest_one() {
        refused("equals", "actve", "did you mean \"active\"?");
        refused("equals", "stalledup", "did you mean \"stalledUP\"?");
        refused("equals", "", "no server sends such a state");
        refused(
            "includeIn",
            "stalledUP,uplaoding",
            "did you mean \"uploading\"?",
        );
        refused("notIncludeIn", "zzzzzzzz", "no server sends such a state");
        refused("contain", "Stalled", "is no state");
        refused("notContain", "UP,zzz", "no server sends such a state");
        refused("regExp", "^seeding$", "no server sends such a state");
    }

    #[test]
    fn words_of_every_service_and_generation_are_accepted() {
        for word in STATE_WORDS.into_iter().chain(magnet_words()) {
            assert!(parsed(&[("equals", word)]).is_ok(), "{word}");
        }
        for (compare, value) in [
            ("contain", "UP"),
            ("notContain", "paused,stopped"),
            ("regExp", "^(paused|stopped)(UP|DL)$"),
            ("notRegExp", "DL$"),
            ("includeIn", "ready,stalledUP"),
        ] {
            assert!(parsed(&[(compare, value)]).is_ok(), "{compare} {value}");
        }
    }

    #[test]
    fn rule_for_one_service_only_is_told_from_a_shared_one() {
        let asks = |tests: &[(&str, &str)], sender| {
            parsed(tests).unwrap().asks_for_states_of_others(sender)
        };
        use Sender::{Alldebrid, Qbittorrent};
        assert!(asks(&[("equals", "stalledUP")], Alldebrid));
        assert!(asks(&[("equals", "ready")], Qbittorrent));
        for sender in [Alldebrid, Qbittorrent] {
            assert!(!asks(&[("equals", "error")], sender));
            assert!(!asks(&[("includeIn", "ready,stalledUP")], sender));
            assert!(!asks(
                &[("equals", "ready"), ("equals", "stalledUP")],
                sender
            ));
        }
    }

    #[test]
    fn tells_states_of_another_generation() {
        let later = ApiVersion::STOP_START;
        let earlier = ApiVersion(2, 9, 3);
        let check = |tests: &[(&str, &str)], api, expected: &[(&str, Option<&str>)]| {
            let condition = parsed(tests).unwrap();
            assert_eq!(
                condition.states_of_another_generation(api),
                expected,
                "{tests:?}"
            );
        };
        check(
            &[("equals", "pausedUP")],
            later,
            &[("pausedUP", Some("stoppedUP"))],
        );
        check(&[("equals", "pausedUP")], earlier, &[]);
        check(
            &[("equals", "stoppedDL")],
            earlier,
            &[("stoppedDL", Some("pausedDL"))],
        );
        check(&[("includeIn", "pausedUP,stoppedUP")], later, &[]);
        check(
            &[("equals", "pausedUP"), ("equals", "stoppedUP")],
            earlier,
            &[],
        );
        check(
            &[("contain", "paused")],
            later,
            &[("paused", Some("stoppedUP"))],
        );
        check(&[("regExp", "^paused|^stopped")], later, &[]);
        check(&[("equals", "allocating")], later, &[("allocating", None)]);
        check(&[("contain", "UP"), ("equals", "ready")], later, &[]);
    }
}
