//! Finding items by what people type: an info-hash or its beginning, a magnet id, a name or a part of it.

use super::model::ItemId;

/// A shorter beginning of an info-hash would be a guess.
const SHORTEST_BEGINNING: usize = 4;

/// How well something fits; lower is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fit {
    Id,
    Name,
    BeginningOfHash,
    PartOfName,
}

/// What an item can be found by.
pub struct Named<'a> {
    /// Its id.
    pub id: &'a ItemId,
    /// Its name.
    pub name: &'a str,
    /// The info-hash of a magnet, where it is known. A torrent's is its id.
    pub hash: Option<&'a str>,
}

/// Everything that fits best: whoever gives a whole id or a whole name means just that. `named` tells of a candidate what it
/// can be found by.
pub fn find<T>(
    wanted: &str,
    candidates: impl IntoIterator<Item = T>,
    named: impl Fn(&T) -> Named<'_>,
) -> Vec<T> {
    let wanted = wanted.trim().to_lowercase();
    let mut best = None;
    let mut found = Vec::new();
    for candidate in candidates {
        let Some(fit) = fit(&wanted, &named(&candidate)) else {
            continue;
        };
        if best.is_none_or(|best| fit < best) {
            best = Some(fit);
            found.clear();
        }
        if best == Some(fit) {
            found.push(candidate);
        }
    }
    found
}

fn fit(wanted: &str, named: &Named<'_>) -> Option<Fit> {
    if wanted.is_empty() {
        return None;
    }
    let id = named.id.as_str();
    let hash = if named.id.is_magnet() {
        named.hash
    } else {
        Some(id)
    };
    let hash = hash.map(str::to_ascii_lowercase).unwrap_or_default();
    if id.eq_ignore_ascii_case(wanted) || hash == wanted {
        return Some(Fit::Id);
    }
    let name = named.name.to_lowercase();
    if name == wanted {
        return Some(Fit::Name);
    }
    if wanted.len() >= SHORTEST_BEGINNING && hash.starts_with(wanted) {
        return Some(Fit::BeginningOfHash);
    }
    name.contains(wanted).then_some(Fit::PartOfName)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Ids, names, and info-hashes of magnets.
    const ITEMS: [(&str, &str, &str); 5] = [
        ("aaaabbbbccccddddeeeeffff0000111122223333", "Big Film", ""),
        (
            "aaaac0ffeeccddddeeeeffff0000111122223333",
            "Big Film Extended",
            "",
        ),
        ("403207307", "Some Magnet", ""),
        ("4032", "aaaa and others", ""),
        ("77", "Hashed", "ABCDEF00cccddddeeeeffff00001111222233334"),
    ];

    #[track_caller]
    fn check(wanted: &str, expected: &[usize]) {
        let items = ITEMS.map(|(id, name, hash)| (ItemId::from(id), name, hash));
        let found = find(wanted, items.iter().enumerate(), |(_, (id, name, hash))| {
            let hash = Some(*hash).filter(|hash| !hash.is_empty());
            Named { id, name, hash }
        });
        let found: Vec<usize> = found.into_iter().map(|(at, _)| at).collect();
        assert_eq!(found, expected, "{wanted}");
    }

    #[test]
    fn whole_ids_and_names_go_before_parts() {
        check("AAAABBBBccccddddeeeeffff0000111122223333", &[0]);
        check("big film", &[0]);
        check("big", &[0, 1]);
        check("4032", &[3]);
    }

    #[test]
    fn beginning_of_a_hash_goes_before_parts_of_names() {
        check("aaaa", &[0, 1]);
        check("aaaac", &[1]);
    }

    #[test]
    fn magnet_is_found_by_its_hash_too() {
        check("abcdef00cccddddeeeeffff00001111222233334", &[4]);
        check("ABCDEF", &[4]);
        check("abc", &[]);
        check("bcdef00", &[]);
    }

    #[test]
    fn magnet_ids_have_no_beginnings_and_short_ones_are_names() {
        check("40320", &[]);
        check("aaa", &[3]);
        check(" ", &[]);
    }
}
