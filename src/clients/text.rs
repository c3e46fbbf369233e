//! Foreign texts, made fit for logs and messages.

use crate::core::model::foreign::is_harmful;

/// Longest foreign text shown, in characters: enough for every message that servers are known to send.
const SHOWN_CHARS: usize = 200;

/// `text` as one line without control characters and tags, cut to a readable length.
pub fn clean(text: &str) -> String {
    let mut shown = String::new();
    let mut count = 0;
    let mut in_tag = false;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '>' if in_tag => {
                in_tag = false;
                continue;
            }
            _ if in_tag => continue,
            '<' if chars
                .peek()
                .is_some_and(|n| n.is_ascii_alphabetic() || "/!".contains(*n)) =>
            {
                in_tag = true;
                continue;
            }
            _ => {}
        }
        let c = if is_harmful(c) { ' ' } else { c };
        if c == ' ' && (shown.is_empty() || shown.ends_with(' ')) {
            continue;
        }
        if count == SHOWN_CHARS {
            shown.push('…');
            return shown;
        }
        shown.push(c);
        count += 1;
    }
    shown.truncate(shown.trim_end().len());
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(clean(text), expected);
    }

    #[test]
    fn shows_foreign_text_as_one_plain_line() {
        check("  a\r\n\tb\u{1b}[31m  ", "a b [31m");
        check(
            "Approve <a href=\"https://x/?t=1\">here</a> &amp; wait",
            "Approve here &amp; wait",
        );
        check("<!DOCTYPE html><p>Busy", "Busy");
        check("1 < 2 > 0", "1 < 2 > 0");
        check("abc\u{202e}fed", "abc fed");
        check("", "");
        check(&"é".repeat(201), &format!("{}…", "é".repeat(200)));
        check(&"é".repeat(200), &"é".repeat(200));
    }
}
