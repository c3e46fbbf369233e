//! What a service said, to be judged as it was sent, and to be shown without the secrets that it may have sent back: a
//! proxy in trouble shows the whole request on its page.

use super::text::clean;
use std::collections::BTreeSet;
use std::fmt::Write;

/// So much of a text is looked at for what is shown of it.
const LOOKED_AT: usize = 64 << 10;
/// One character takes no more bytes than this, however it is written; in `&#` and the like up to eight digits count.
const WIDEST: usize = 12;

/// The secrets of one account.
#[derive(Clone, Default)]
pub(crate) struct Secrets(Vec<String>);

impl Secrets {
    /// These; empty ones are none.
    pub fn new(texts: impl IntoIterator<Item = impl Into<String>>) -> Secrets {
        let texts = texts.into_iter().map(Into::into);
        Secrets(texts.filter(|text| !text.is_empty()).collect())
    }

    /// User and password, also as they travel through proxies that ask for them.
    pub fn of_login(user: &str, password: &str) -> Secrets {
        if password.is_empty() {
            return Secrets::default();
        }
        let both = base64(format!("{user}:{password}").as_bytes());
        Secrets::new([password, &both])
    }

    /// These and some more.
    pub fn and(&self, more: impl IntoIterator<Item = impl Into<String>>) -> Secrets {
        let mut all = self.clone();
        all.0.extend(Secrets::new(more).0);
        all
    }

    /// A text of the service for people: one line of a readable length, with `…` in place of each secret.
    pub fn clean(&self, text: &str) -> String {
        if text.len() <= LOOKED_AT {
            return clean(&self.hide(text));
        }
        // What the cut may have left of a secret goes, too.
        let longest = self.0.iter().map(|secret| secret.chars().count()).max();
        let end = LOOKED_AT.saturating_sub(longest.unwrap_or(0) * WIDEST);
        let end = (0..=end).rev().find(|end| text.is_char_boundary(*end));
        let mut begin = self.hide(&text[..floor(text, LOOKED_AT)]);
        begin.truncate(floor(&begin, end.unwrap_or(0)));
        clean(&begin)
    }

    fn hide(&self, text: &str) -> String {
        let mut shown = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            let found = self.0.iter().filter_map(|secret| length_of(secret, rest));
            let length = match found.max() {
                Some(length) => {
                    shown.push('…');
                    length
                }
                None => {
                    shown.push(first);
                    first.len_utf8()
                }
            };
            rest = &rest[length..];
        }
        shown
    }
}

/// A text that a service sent.
pub(crate) struct Said {
    sent: String,
    secrets: Secrets,
}

impl Said {
    /// The text of an answer to a request with these secrets.
    pub fn new(body: &[u8], secrets: Secrets) -> Said {
        let sent = String::from_utf8_lossy(body).trim().to_owned();
        Said { sent, secrets }
    }

    /// As it was sent, for judging only.
    pub fn as_sent(&self) -> &str {
        &self.sent
    }

    /// For people.
    pub fn shown(&self) -> String {
        self.secrets.clean(&self.sent)
    }
}

fn floor(text: &str, most: usize) -> usize {
    let most = most.min(text.len());
    (0..=most)
        .rev()
        .find(|end| text.is_char_boundary(*end))
        .unwrap_or(0)
}

/// How many bytes the secret takes at the beginning of the text, if it stands there: plain, or with characters written
/// as in addresses and forms, HTML or JSON.
fn length_of(secret: &str, text: &str) -> Option<usize> {
    // All places where what was found so far can end: a `%` may be itself or begin another character.
    let mut ends = BTreeSet::from([0]);
    for c in secret.chars() {
        let mut next = BTreeSet::new();
        for end in ends {
            next.extend(lengths_of(c, &text[end..]).map(|length| end + length));
        }
        if next.is_empty() {
            return None;
        }
        ends = next;
    }
    ends.last().copied()
}

/// How many bytes the character takes at the beginning of the text, in each way in which it stands there.
fn lengths_of(c: char, text: &str) -> impl Iterator<Item = usize> {
    let plain = text.starts_with(c).then(|| c.len_utf8());
    let plus = (c == ' ' && text.starts_with('+')).then_some(1);
    let ways = [
        plain,
        plus,
        in_address(c, text),
        in_html(c, text),
        in_json(c, text),
    ];
    ways.into_iter().flatten()
}

fn in_address(c: char, text: &str) -> Option<usize> {
    text.starts_with('%').then_some(())?;
    let mut expected = String::new();
    for byte in c.encode_utf8(&mut [0; 4]).bytes() {
        let _ = write!(expected, "%{byte:02x}");
    }
    let found = text.get(..expected.len())?;
    found
        .eq_ignore_ascii_case(&expected)
        .then_some(expected.len())
}

fn in_html(c: char, text: &str) -> Option<usize> {
    let entity = text.strip_prefix('&')?;
    let length = entity
        .char_indices()
        .take(WIDEST)
        .find(|(_, c)| *c == ';')?;
    let name = &entity[..length.0];
    let found = match name.strip_prefix('#') {
        Some(number) => match number.strip_prefix(['x', 'X']) {
            Some(digits) => u32::from_str_radix(digits, 16).ok(),
            None => number.parse().ok(),
        }
        .and_then(char::from_u32),
        None => match name {
            "amp" => Some('&'),
            "lt" => Some('<'),
            "gt" => Some('>'),
            "quot" => Some('"'),
            "apos" => Some('\''),
            _ => None,
        },
    };
    (found == Some(c)).then_some(name.len() + 2)
}

fn in_json(c: char, text: &str) -> Option<usize> {
    let escaped = text.strip_prefix('\\')?;
    let first = escaped.chars().next()?;
    let simple = match first {
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'b' => '\u{8}',
        'f' => '\u{c}',
        other => other,
    };
    if simple == c && first != 'u' {
        return Some(1 + first.len_utf8());
    }
    let mut expected = String::new();
    for unit in c.encode_utf16(&mut [0; 2]) {
        let _ = write!(expected, "\\u{unit:04x}");
    }
    let found = text.get(..expected.len())?;
    found
        .eq_ignore_ascii_case(&expected)
        .then_some(expected.len())
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let byte = |place: usize| u32::from(three.get(place).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for place in 0..4 {
            let digit = DIGITS[(bits >> (18 - 6 * place)) as usize & 63];
            text.push(if place <= three.len() {
                char::from(digit)
            } else {
                '='
            });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    const SECRET: &str = "s3<cr&t \"w/rd+ü%25\\";

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(Secrets::new([SECRET]).hide(text), expected, "{text}");
    }

    #[test]
    fn hides_a_secret_however_it_is_written() {
        check(&format!("a {SECRET} b {SECRET}"), "a … b …");
        let form: String = url::form_urlencoded::byte_serialize(SECRET.as_bytes()).collect();
        check(
            &format!("username=a&password={form}&x=1"),
            "username=a&password=…&x=1",
        );
        check(&form.to_lowercase(), "…");
        check(
            &json!({ "password": SECRET }).to_string(),
            "{\"password\":\"…\"}",
        );
        check(&format!("{SECRET:?}"), "\"…\"");
        let html = SECRET.replace('&', "&amp;").replace('<', "&lt;");
        check(&html, "…");
        check(&html.replace('"', "&quot;").replace('ü', "&#252;"), "…");
        check(&html.replace('"', "&#x22;").replace('ü', "&#xFC;"), "…");
        check(
            "s3\\u003ccr\\u0026t \\\"w\\/rd+\\u00FC%25\\\\ \\u003c",
            "… \\u003c",
        );
        check("s3<cr&t", "s3<cr&t");
        check("s3%3", "s3%3");
        check("", "");
    }

    #[test]
    fn hides_what_proxies_are_sent_in_its_place() {
        assert_eq!(base64(b"user:pw"), "dXNlcjpwdw==");
        assert_eq!(base64(b"user:pass"), "dXNlcjpwYXNz");
        let secrets = Secrets::of_login("user", "pw");
        assert_eq!(secrets.hide("Basic dXNlcjpwdw== (pw)"), "Basic … (…)");
        assert_eq!(Secrets::of_login("user", "").hide("dXNlcjo="), "dXNlcjo=");
        let both = secrets.and(["cookie", ""]);
        assert_eq!(both.hide("SID=cookie; pw"), "SID=…; …");
    }

    #[test]
    fn cuts_leave_no_part_of_a_secret() {
        let secrets = Secrets::new(["0123456789"]);
        for before in LOOKED_AT - 130..LOOKED_AT + 2 {
            let tag = format!("<{}>", "a".repeat(before - 2));
            let shown = secrets.clean(&format!("{tag}0123456789 and more"));
            assert!(!shown.contains('0'), "{before}: {shown}");
        }
        let shown = secrets.clean(&format!("{}0123456789", "a".repeat(195)));
        assert_eq!(shown, format!("{}…", "a".repeat(195)));
    }

    proptest! {
        #[test]
        fn nothing_encoded_is_left(secret in "[ -~äß€😀]{1,12}", before in "[a-z]{0,3}") {
            let form: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
            let json = json!(secret).to_string();
            let inner = &json[1..json.len() - 1];
            for written in [&secret, &form, inner] {
                let text = format!("{before}{written}");
                let hidden = Secrets::new([secret.as_str()]).hide(&text);
                prop_assert!(hidden.contains('…'), "{hidden}");
                prop_assert!(hidden.len() <= before.len() + '…'.len_utf8() * text.len());
            }
        }
    }
}
