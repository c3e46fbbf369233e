//! Foreign texts inside of Discord's markdown: shown as they are, without effect, and cut without harm.

use crate::core::model::foreign::is_harmful;

/// `text` as one line in which nothing is markup, a mention or a link. Longer than it was: cut afterwards.
pub fn escape(text: &str) -> String {
    let mut shown = String::with_capacity(text.len() + text.len() / 8);
    let mut chars = text.chars().peekable();
    // Lists, quotes and headings begin at the beginning of a line, and perhaps this text does.
    let mut at_start = true;
    let mut after_digits = false;
    while let Some(c) = chars.next() {
        let c = if is_harmful(c) { ' ' } else { c };
        let active = match c {
            '\\' | '`' | '*' | '_' | '~' | '|' | '<' | '>' | '[' | ']' | '@' => true,
            // Addresses become links without being asked.
            ':' => chars.peek() == Some(&'/'),
            '#' | '-' | '+' => at_start,
            '.' | ')' => after_digits,
            _ => false,
        };
        if active {
            shown.push('\\');
        }
        shown.push(c);
        after_digits = c.is_ascii_digit() && (at_start || after_digits);
        at_start &= c == ' ';
    }
    shown
}

/// The first `limit` characters (code points, as Discord counts) of escaped or composed text, with "…" for what
/// is missing. Never ends inside of an escape.
pub fn cut(text: &str, limit: usize) -> String {
    if text.chars().count() <= limit {
        return text.to_owned();
    }
    let Some(room) = limit.checked_sub(1) else {
        return String::new();
    };
    let mut kept: String = text.chars().take(room).collect();
    let backslashes = kept.len() - kept.trim_end_matches('\\').len();
    if backslashes % 2 == 1 {
        kept.pop();
    }
    kept.push('…');
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(escape(text), expected);
    }

    #[test]
    fn takes_effect_from_markup_mentions_and_links() {
        check("Show.S01E02.1080p-GRP", "Show.S01E02.1080p-GRP");
        check("[GRP] a_b*c~d|e`f\\g", r"\[GRP\] a\_b\*c\~d\|e\`f\\g");
        check(
            "@everyone <@12> <#3> <t:1:R>",
            r"\@everyone \<\@12\> \<#3\> \<t:1:R\>",
        );
        check("http://x.y/z Title: A", r"http\://x.y/z Title: A");
        check("# h", r"\# h");
        check("  - l", r"  \- l");
        check("12. x 3. y", r"12\. x 3. y");
        check("> q", r"\> q");
        check("-# s", r"\-# s");
        check("a\nb\u{202e}c\u{0}", "a b c ");
    }

    #[test]
    fn cuts_by_code_points_and_not_inside_of_an_escape() {
        assert_eq!(cut("äöü", 3), "äöü");
        assert_eq!(cut("äöüß", 3), "äö…");
        assert_eq!(cut(r"ab\_cd", 4), "ab…");
        assert_eq!(cut(r"ab\_cd", 5), r"ab\_…");
        assert_eq!(cut(r"a\\\_", 4), r"a\\…");
        assert_eq!(cut("abc", 0), "");
        assert_eq!(cut("abc", 1), "…");
    }

    #[test]
    fn no_cut_of_an_escaped_text_ends_in_half_an_escape() {
        let text = escape("[a_b] \\ <@1> **x** \\\\");
        for limit in 0..=text.chars().count() {
            let kept = cut(&text, limit);
            assert!(kept.chars().count() <= limit);
            let kept = kept.trim_end_matches('…');
            let backslashes = kept.len() - kept.trim_end_matches('\\').len();
            assert_eq!(backslashes % 2, 0, "{kept}");
        }
    }
}
