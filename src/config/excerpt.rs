//! The source line of a finding, made safe to show: every value is veiled but the one that the finding quotes.

use super::text::{Kind, Node, Span};
use super::words;

/// Longer lines are shown from a little before the place.
const LONGEST_LINE: usize = 110;
/// Bytes of the line that are looked at, on both sides of the place.
const WINDOW: usize = 1000;
/// Characters shown before the place then.
const LEAD: usize = 30;

/// A line and what to point at in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Excerpt {
    /// The line, veiled.
    pub text: String,
    /// Characters before the place.
    pub caret: usize,
    /// Characters of the place, at least 1.
    pub width: usize,
}

/// A key or a value without parts, as it is shown.
struct Token {
    span: Span,
    shown: String,
}

impl Excerpt {
    /// The line in which `place` begins. Values are shown only if `problem` quotes them and they stand there.
    pub fn new(text: &str, root: &Node, place: Span, problem: &str) -> Excerpt {
        let line_start = text[..place.start]
            .rfind('\n')
            .map_or(0, |newline| newline + 1);
        let line_end = text[place.start..]
            .find('\n')
            .map_or(text.len(), |length| place.start + length);
        let line_start =
            text.ceil_char_boundary(line_start.max(place.start.saturating_sub(WINDOW)));
        let line_end = text.floor_char_boundary(line_end.min(place.start.saturating_add(WINDOW)));
        let mut tokens = Vec::new();
        collect(
            root,
            Span {
                start: line_start,
                end: line_end,
            },
            place,
            problem,
            &mut tokens,
        );

        let mut line = String::new();
        let (mut caret, mut width) = (None, 1);
        let mut at = line_start;
        for token in tokens {
            if caret.is_none() && place.start < token.span.start {
                line += &between(&text[at..place.start]);
                caret = Some(line.chars().count());
                at = place.start;
            }
            line += &between(&text[at..token.span.start]);
            if token.span.start == place.start {
                caret = Some(line.chars().count());
                width = token.shown.chars().count();
            }
            line += &token.shown;
            at = token.span.end;
        }
        if caret.is_none() && at <= place.start {
            line += &between(&text[at..place.start]);
            caret = Some(line.chars().count());
            at = place.start;
        }
        line += &between(&text[at..line_end]);
        Excerpt {
            text: line.trim_end().to_owned(),
            caret: caret.unwrap_or(0),
            width,
        }
        .shortened()
    }

    fn shortened(mut self) -> Excerpt {
        let length = self.text.chars().count();
        let skipped = if length > LONGEST_LINE {
            self.caret.saturating_sub(LEAD)
        } else {
            0
        };
        if skipped > 0 {
            self.text = format!("…{}", self.text.chars().skip(skipped).collect::<String>());
            self.caret = self.caret + 1 - skipped;
        }
        if self.text.chars().count() > LONGEST_LINE {
            self.text = self.text.chars().take(LONGEST_LINE).collect::<String>() + "…";
        }
        self
    }
}

/// The tokens of the line, in order.
fn collect(node: &Node, line: Span, place: Span, problem: &str, tokens: &mut Vec<Token>) {
    let is_in_line = |span: Span| line.start <= span.start && span.end <= line.end;
    if node.span.end < line.start || node.span.start > line.end {
        return;
    }
    let quoted = |shown: String, otherwise: &str| {
        let is_quoted = node.span == place && problem.contains(&shown);
        if is_quoted {
            shown
        } else {
            otherwise.to_owned()
        }
    };
    let shown = match &node.kind {
        Kind::List(nodes) => {
            nodes
                .iter()
                .for_each(|node| collect(node, line, place, problem, tokens));
            return;
        }
        Kind::Object(entries) => {
            for entry in entries {
                if is_in_line(entry.key_span) {
                    let key = if words::is_showable_key(&entry.key) {
                        &entry.key
                    } else {
                        "…"
                    };
                    tokens.push(Token {
                        span: entry.key_span,
                        shown: format!("\"{key}\""),
                    });
                }
                collect(&entry.value, line, place, problem, tokens);
            }
            return;
        }
        Kind::Null => "null".to_owned(),
        Kind::Bool(value) => value.to_string(),
        Kind::Number(number) => quoted(number.to_string(), "…"),
        Kind::Text(text) if text.is_empty() => "\"\"".to_owned(),
        Kind::Text(text) => quoted(format!("{text:?}"), "\"…\""),
    };
    if is_in_line(node.span) {
        tokens.push(Token {
            span: node.span,
            shown,
        });
    }
}

/// Brackets, commas and blanks; comments are left out, as they may hold anything.
fn between(text: &str) -> String {
    let end = text
        .find("//")
        .into_iter()
        .chain(text.find("/*"))
        .min()
        .unwrap_or(text.len());
    text[..end]
        .chars()
        .filter_map(|c| match c {
            '\t' | ' ' => Some(' '),
            '{' | '}' | '[' | ']' | ',' | ':' => Some(c),
            _ => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::text::{Path, parse};

    /// Checks the line as it is shown, and what is pointed at in it.
    #[track_caller]
    fn check(text: &str, path: &Path, problem: &str, line: &str, pointed_at: &str) {
        let root = parse(text).expect("valid");
        let place = root.get(path).expect("there").span;
        let excerpt = Excerpt::new(text, &root, place, problem);
        let shown: String = excerpt
            .text
            .chars()
            .skip(excerpt.caret)
            .take(excerpt.width)
            .collect();
        assert_eq!((excerpt.text.as_str(), shown.as_str()), (line, pointed_at));
    }

    #[test]
    fn veils_every_value_but_the_quoted_one() {
        let text = "{ // top secret {}\n\t\"password\": \"hunter2\", \"max\": 0, \"sk-12\": 5, \"b\": [true] } // pw: x";
        let veiled = r#" "password": "…", "max": …, "…": …, "b": [true] }"#;
        let with_number = r#" "password": "…", "max": 0, "…": …, "b": [true] }"#;
        let root = Path::root();
        check(
            text,
            &root.key("max"),
            "found the number 0",
            with_number,
            "0",
        );
        check(text, &root.key("password"), "found a text", veiled, "\"…\"");
        check(text, &root.key("b"), "found a list", veiled, "[");
        check(text, &root, "", "{", "{");
    }

    #[test]
    fn shortens_long_lines_around_the_place() {
        let text = format!(
            "{{ {} \"cycle\": 5, {} \"z\": 1 }}",
            "\"a\": 1, ".repeat(50),
            "\"a\": 1, ".repeat(50)
        );
        let root = parse(&text).expect("valid");
        let place = root.get(&Path::root().key("cycle")).expect("there").span;
        let excerpt = Excerpt::new(&text, &root, place, "the number 5");
        assert_eq!(excerpt.text.chars().nth(excerpt.caret), Some('5'));
        assert_eq!(excerpt.text.chars().count(), LONGEST_LINE + 1);
    }
}
