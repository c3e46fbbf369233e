//! Takes the secret parts out of what rules write: announce addresses hold passkeys, and magnet links hold
//! announce addresses. What is left of an address is its host.

/// Characters that end an address in a text.
fn ends_address(c: char) -> bool {
    c.is_whitespace()
        || matches!(
            c,
            '"' | '\'' | '`' | '<' | '>' | '\\' | ',' | ')' | ']' | '}'
        )
}

/// The text with addresses cut down to their hosts.
pub(super) fn addresses(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((begin, end, is_magnet)) = next_address(rest) {
        clean.push_str(&rest[..begin]);
        if is_magnet {
            clean.push_str("magnet:…");
        } else {
            clean.push_str(&host_only(&rest[begin..end]));
        }
        rest = &rest[end..];
    }
    clean.push_str(rest);
    clean
}

/// The first address: where what may be secret begins, where it ends, and whether it is a magnet link.
fn next_address(text: &str) -> Option<(usize, usize, bool)> {
    let plain = text.find("://").map(|at| (at + 3, false));
    let magnet = text.find("magnet:").map(|at| (at, true));
    let (begin, is_magnet) = match (plain, magnet) {
        (Some(plain), Some(magnet)) => plain.min(magnet),
        (plain, magnet) => plain.or(magnet)?,
    };
    let length = text[begin..].find(ends_address);
    Some((
        begin,
        length.map_or(text.len(), |length| begin + length),
        is_magnet,
    ))
}

/// Host and port of `user:password@host:port/path?query`.
fn host_only(address: &str) -> String {
    let authority_end = address.find(['/', '?', '#']).unwrap_or(address.len());
    let (authority, path) = address.split_at(authority_end);
    let host = authority
        .rsplit_once('@')
        .map_or(authority, |(_, host)| host);
    if path.len() > 1 {
        format!("{host}/…")
    } else {
        format!("{host}{path}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(addresses(text), expected);
    }

    #[test]
    fn only_hosts_of_addresses_are_left() {
        check("plain text", "plain text");
        check(
            "https://t.example/announce?passkey=abc is bad",
            "https://t.example/… is bad",
        );
        check(
            "{\"tracker\":\"http://me:pw@t.example:80/abc\"}",
            "{\"tracker\":\"http://t.example:80/…\"}",
        );
        check(
            "udp://a.example:1 udp://b.example/",
            "udp://a.example:1 udp://b.example/",
        );
        check(
            "magnet:?xt=urn:btih:a&tr=https%3A%2F%2Ft%2Fkey, more",
            "magnet:…, more",
        );
        check(
            "see magnet:?x and http://h/secret",
            "see magnet:… and http://h/…",
        );
    }
}
