//! A bound on lists before they are decoded: a row in memory can take a hundred times the bytes of its text.

/// Torrents in a list: ten times a large account.
pub(crate) const MOST_TORRENTS: usize = 200_000;
/// Files or trackers of one torrent: programs that make torrents give up long before.
pub(crate) const MOST_ROWS: usize = 200_000;
/// Magnets of an account, which AllDebrid lists in one answer.
pub(crate) const MOST_MAGNETS: usize = 100_000;
/// Decoders refuse what is nested deeper.
const DEEPEST: usize = 128;

/// Whether no list and no object in a JSON text has more than so many entries. What is no JSON is for its decoder to
/// refuse.
pub(crate) fn is_within(most: usize, json: &[u8]) -> bool {
    let (mut in_string, mut escaped) = (false, false);
    let (mut depth, mut commas) = (0, [0; DEEPEST]);
    for byte in json {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = in_string,
            b'"' => in_string = !in_string,
            _ if in_string => {}
            b'[' | b'{' => {
                if let Some(commas) = commas.get_mut(depth) {
                    *commas = 0;
                }
                depth += 1;
            }
            b']' | b'}' => depth = depth.saturating_sub(1),
            b',' if (1..=DEEPEST).contains(&depth) => {
                commas[depth - 1] += 1;
                if commas[depth - 1] >= most {
                    return false;
                }
            }
            _ => {}
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The longest list or object of the text has so many entries.
    #[track_caller]
    fn check(json: &str, longest: usize) {
        assert!(is_within(longest, json.as_bytes()), "{json}");
        assert!(!is_within(longest - 1, json.as_bytes()), "{json}");
    }

    #[test]
    fn finds_the_longest_list_at_any_depth() {
        check("[1,null,\"a\"]", 3);
        check(r#"{"data":{"magnets":[{},{},{},{}],"a":1}}"#, 4);
        check(r#"{"data":{"magnets":{"0":{},"1":{},"3":{}}}}"#, 3);
        check(r#"[["a,\",],[","b\\"],[1,2]]"#, 2);
        let deep = format!("[{}{},2,3]", "[".repeat(500), "]".repeat(500));
        check(&deep, 3);
        for short in ["", "1", "[]", "{}", "[\"a,b\"]", "<p>a, b, c", "]],,,"] {
            assert!(is_within(1, short.as_bytes()), "{short}");
        }
    }
}
