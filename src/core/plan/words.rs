//! Numbers, durations and texts from outside, as people read them.

use crate::core::model::foreign::on_one_line;
use std::fmt;
use std::time::Duration;

/// A number with its noun: "1 item", "2 items".
pub fn counted<N: fmt::Display + PartialEq + From<u8>>(count: N, one: &str, many: &str) -> String {
    let noun = if count == N::from(1) { one } else { many };
    format!("{count} {noun}")
}

/// Bytes for people: `12.3 GiB`.
pub fn bytes_text(bytes: i64) -> String {
    bytesize::ByteSize(u64::try_from(bytes).unwrap_or(0))
        .display()
        .iec()
        .to_string()
}

/// A duration for people, in whole seconds: `2days 3h`. At most two units, so that it can be read at a glance.
pub fn duration_text(duration: Duration) -> String {
    let seconds = duration.as_secs().max(1);
    let text = humantime::format_duration(Duration::from_secs(seconds)).to_string();
    text.split(' ').take(2).collect::<Vec<_>>().join(" ")
}

/// Cells of a terminal that a text takes. Chinese, Japanese and Korean letters, and most pictures, take two.
pub fn width(text: &str) -> usize {
    let is_wide = |c: char| {
        matches!(c, '\u{1100}'..='\u{115f}' | '\u{2e80}'..='\u{a4cf}' | '\u{ac00}'..='\u{d7a3}'
            | '\u{f900}'..='\u{faff}' | '\u{fe30}'..='\u{fe6f}' | '\u{ff00}'..='\u{ff60}'
            | '\u{ffe0}'..='\u{ffe6}' | '\u{1f300}'..='\u{1faff}' | '\u{20000}'..='\u{3fffd}')
    };
    text.chars().map(|c| if is_wide(c) { 2 } else { 1 }).sum()
}

/// A name cut to so many cells of a terminal, so that columns stay columns.
pub fn cut(name: &str, most: usize) -> String {
    let name = on_one_line(name);
    if width(&name) <= most {
        return name.into_owned();
    }
    let mut kept = String::new();
    let mut taken = 1;
    for c in name.chars() {
        taken += width(c.encode_utf8(&mut [0; 4]));
        if taken > most {
            break;
        }
        kept.push(c);
    }
    format!("{kept}…")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_alone_has_no_plural() {
        assert_eq!(counted(0_usize, "item", "items"), "0 items");
        assert_eq!(counted(1_i64, "seed", "seeds"), "1 seed");
        assert_eq!(counted(2_u32, "seed", "seeds"), "2 seeds");
    }

    #[test]
    fn texts_from_outside_stay_in_their_column() {
        assert_eq!(cut("Ein langer Name", 8), "Ein lan…");
        assert_eq!(cut("kurz", 8), "kurz");
        assert_eq!(cut("中文字幕组", 8), "中文字…");
    }
}
