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

/// Everything that fits best: whoever gives a whole id or a whole name means just that. `id_and_name` tells both of
/// a candidate.
pub fn find<T>(
    wanted: &str,
    candidates: impl IntoIterator<Item = T>,
    id_and_name: impl Fn(&T) -> (&ItemId, &str),
) -> Vec<T> {
    let wanted = wanted.trim().to_lowercase();
    let mut best = None;
    let mut found = Vec::new();
    for candidate in candidates {
        let (id, name) = id_and_name(&candidate);
        let Some(fit) = fit(&wanted, id, name) else {
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

fn fit(wanted: &str, id: &ItemId, name: &str) -> Option<Fit> {
    if wanted.is_empty() {
        return None;
    }
    if id.as_str().eq_ignore_ascii_case(wanted) {
        return Some(Fit::Id);
    }
    let name = name.to_lowercase();
    if name == wanted {
        return Some(Fit::Name);
    }
    let is_beginning = wanted.len() >= SHORTEST_BEGINNING && id.as_str().starts_with(wanted);
    if is_beginning && !id.is_magnet() {
        return Some(Fit::BeginningOfHash);
    }
    name.contains(wanted).then_some(Fit::PartOfName)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HASHES: [(&str, &str); 4] = [
        ("aaaabbbbccccddddeeeeffff0000111122223333", "Big Film"),
        (
            "aaaac0ffeeccddddeeeeffff0000111122223333",
            "Big Film Extended",
        ),
        ("403207307", "Some Magnet"),
        ("4032", "aaaa and others"),
    ];

    #[track_caller]
    fn check(wanted: &str, expected: &[usize]) {
        let items: Vec<(ItemId, &str)> = HASHES
            .iter()
            .map(|(id, name)| ((*id).into(), *name))
            .collect();
        let found = find(wanted, items.iter().enumerate(), |(_, (id, name))| {
            (id, *name)
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
    fn magnet_ids_have_no_beginnings_and_short_ones_are_names() {
        check("40320", &[]);
        check("aaa", &[3]);
        check(" ", &[]);
    }
}
