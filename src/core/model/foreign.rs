//! Text from outside (names, messages, answers of servers), made fit for a terminal, the journal and Discord. Whatever
//! shows such text lets it pass here.

use std::borrow::Cow;

/// Longest text shown, in characters: paths on disk may be this long.
const MOST_CHARS: usize = 4_096;

/// Whether a character commands the terminal, turns the direction of writing, or is not seen at all. Joiners are not among
/// them: letters of some languages and pictures need them.
pub fn is_harmful(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}'
            | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}')
}

/// The text on one line, with visible signs in place of harmful characters, and not longer than anybody would read.
pub fn on_one_line(text: &str) -> Cow<'_, str> {
    let is_long = text.len() > MOST_CHARS && text.chars().nth(MOST_CHARS).is_some();
    if !is_long && !text.chars().any(is_harmful) {
        return Cow::Borrowed(text);
    }
    let shown = |c: char| match c {
        '\n' | '\t' => ' ',
        c if is_harmful(c) => '\u{fffd}',
        c => c,
    };
    let mut line: String = text.chars().take(MOST_CHARS).map(shown).collect();
    if is_long {
        line.push('…');
    }
    Cow::Owned(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_text_commands_nothing_and_ends() {
        for (text, expected) in [
            ("a\x1b[2Jb\nc\td\re", "a\u{fffd}[2Jb c d\u{fffd}e"),
            ("\u{202e}gpj.exe\u{2069}", "\u{fffd}gpj.exe\u{fffd}"),
            ("a\u{85}b\u{9b}c\u{7f}", "a\u{fffd}b\u{fffd}c\u{fffd}"),
            ("a\u{200b}b\u{feff}", "a\u{fffd}b\u{fffd}"),
            ("می\u{200c}خواهم", "می\u{200c}خواهم"),
        ] {
            assert_eq!(on_one_line(text), expected);
        }
        let long = "é".repeat(MOST_CHARS);
        assert_eq!(on_one_line(&long), long);
        assert_eq!(on_one_line(&format!("{long}x")), format!("{long}…"));
    }
}
