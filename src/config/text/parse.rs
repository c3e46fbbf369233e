//! Parsing, with an answer for the slips that people make when they edit JSON by hand.

use super::{Entry, Kind, Node, Span};

/// Nesting beyond this is refused, so that no input can exhaust the stack.
const MAX_DEPTH: usize = 100;

/// Why the text is no JSON. Nothing of the text is quoted: it may be a secret.
#[derive(Debug)]
pub struct SyntaxError {
    /// Where, in bytes.
    pub at: usize,
    /// What stands there.
    pub found: String,
    /// What belongs there.
    pub expected: &'static str,
    /// What to do.
    pub advice: Option<&'static str>,
}

/// The tree of a text; a byte-order mark must have been removed.
pub fn parse(text: &str) -> Result<Node, SyntaxError> {
    let mut parser = Parser { text, at: 0 };
    parser.skip_blanks()?;
    let root = parser.value(0)?;
    parser.skip_blanks()?;
    if parser.peek().is_some() {
        return Err(parser.error("the end of the file after the last bracket"));
    }
    Ok(root)
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
}

impl Parser<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn take(&mut self, expected: char) -> bool {
        let is_there = self.peek() == Some(expected);
        if is_there {
            self.at += expected.len_utf8();
        }
        is_there
    }

    fn skip_blanks(&mut self) -> Result<(), SyntaxError> {
        loop {
            let rest = self.rest();
            if rest.starts_with("//") {
                self.at += rest.find('\n').unwrap_or(rest.len());
            } else if let Some(comment) = rest.strip_prefix("/*") {
                let Some(length) = comment.find("*/") else {
                    return Err(SyntaxError {
                        at: self.at,
                        found: "a comment without an end".to_owned(),
                        expected: "\"*/\" after \"/*\"",
                        advice: None,
                    });
                };
                self.at += length + 4;
            } else if rest.starts_with([' ', '\t', '\r', '\n']) {
                self.at += 1;
            } else {
                return Ok(());
            }
        }
    }

    fn value(&mut self, depth: usize) -> Result<Node, SyntaxError> {
        let start = self.at;
        let kind = match self.peek() {
            Some('{' | '[') if depth >= MAX_DEPTH => {
                return Err(self.error("at most 100 levels of brackets"));
            }
            Some('{') => self.object(depth)?,
            Some('[') => self.list(depth)?,
            Some('"') => Kind::Text(self.text()?),
            Some('-' | '0'..='9') => self.number()?,
            Some(_) | None => self.word()?,
        };
        Ok(Node {
            span: Span {
                start,
                end: self.at,
            },
            kind,
        })
    }

    fn object(&mut self, depth: usize) -> Result<Kind, SyntaxError> {
        let mut entries = Vec::new();
        self.take('{');
        loop {
            self.skip_blanks()?;
            if self.take('}') {
                return Ok(Kind::Object(entries));
            }
            let key_start = self.at;
            if self.peek() != Some('"') {
                return Err(self.error("a key in double quotes, or \"}\""));
            }
            let key = self.text()?;
            let key_span = Span {
                start: key_start,
                end: self.at,
            };
            self.skip_blanks()?;
            if !self.take(':') {
                return Err(self.error("\":\" after the key"));
            }
            self.skip_blanks()?;
            let value = self.value(depth + 1)?;
            entries.push(Entry {
                key,
                key_span,
                value,
            });
            self.separator('}', "\",\" or \"}\"")?;
        }
    }

    fn list(&mut self, depth: usize) -> Result<Kind, SyntaxError> {
        let mut nodes = Vec::new();
        self.take('[');
        loop {
            self.skip_blanks()?;
            if self.take(']') {
                return Ok(Kind::List(nodes));
            }
            nodes.push(self.value(depth + 1)?);
            self.separator(']', "\",\" or \"]\"")?;
        }
    }

    /// A comma, or the closing bracket, which is left for the caller. A missing one is reported where it belongs.
    fn separator(&mut self, closing: char, expected: &'static str) -> Result<(), SyntaxError> {
        let end_of_value = self.at;
        self.skip_blanks()?;
        if self.take(',') || self.peek() == Some(closing) {
            return Ok(());
        }
        let mut error = self.error(expected);
        if matches!(self.peek(), Some('"' | '{' | '[')) {
            error.at = end_of_value;
            error.found = "no comma".to_owned();
            error.advice = Some("put a comma between two entries");
        }
        Err(error)
    }

    fn text(&mut self) -> Result<String, SyntaxError> {
        let start = self.at;
        let mut is_escaped = false;
        let length = self.rest()[1..].find(|c: char| {
            let ends = (c == '"' && !is_escaped) || c == '\n';
            is_escaped = c == '\\' && !is_escaped;
            ends
        });
        let end = length.map_or(self.text.len(), |length| start + 1 + length);
        if !self.text[end..].starts_with('"') {
            return Err(SyntaxError {
                at: start,
                found: "a text without an end".to_owned(),
                expected: "a closing double quote on the same line",
                advice: None,
            });
        }
        self.at = end + 1;
        serde_json::from_str(&self.text[start..self.at]).map_err(|_| SyntaxError {
            at: start,
            found: "a text with a wrong escape or a control character".to_owned(),
            expected: "a text in which backslashes are doubled",
            advice: Some("write \"\\\\\" for one backslash and \"\\t\" for a tab"),
        })
    }

    fn number(&mut self) -> Result<Kind, SyntaxError> {
        let start = self.at;
        let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.' | '_');
        let rest = self.rest();
        let end = start + rest.find(|c| !is_part(c)).unwrap_or(rest.len());
        let number = serde_json::from_str(&self.text[start..end]).map_err(|_| SyntaxError {
            at: start,
            found: "something that begins like a number".to_owned(),
            expected: "a plain number such as 5 or 0.5",
            advice: Some("put a value with a unit in double quotes, as in \"30m\" or \"50 KiB\""),
        })?;
        self.at = end;
        Ok(Kind::Number(number))
    }

    fn word(&mut self) -> Result<Kind, SyntaxError> {
        let rest = self.rest();
        let length = rest
            .find(|c: char| !c.is_alphanumeric())
            .unwrap_or(rest.len());
        let kind = match &rest[..length] {
            "true" => Kind::Bool(true),
            "false" => Kind::Bool(false),
            "null" => Kind::Null,
            _ => return Err(self.error("a value: a text, a number, true, false, \"[\" or \"{\"")),
        };
        self.at += length;
        Ok(kind)
    }

    /// An error at the next character, named by its kind.
    fn error(&self, expected: &'static str) -> SyntaxError {
        let (found, advice) = match self.peek() {
            None => ("the end of the file", Some("is a closing bracket missing?")),
            Some('\'') => ("a single quote", Some("JSON takes double quotes")),
            Some('“' | '”' | '„') => (
                "a typographic quote",
                Some("JSON takes plain double quotes"),
            ),
            Some('#') => ("\"#\"", Some("comments begin with //")),
            Some(',') => ("\",\"", Some("is there one comma too many?")),
            Some(':') => ("\":\"", None),
            Some('}') => ("\"}\"", None),
            Some(']') => ("\"]\"", None),
            Some('{') => ("\"{\"", None),
            Some('[') => ("\"[\"", None),
            Some('"') => ("a text", None),
            Some('0'..='9' | '-') => ("a number", None),
            Some(c) if c.is_alphabetic() || c == '_' => (
                "a word without quotes",
                Some("put keys and texts in double quotes"),
            ),
            Some(_) => ("a character that has no place here", None),
        };
        SyntaxError {
            at: self.at,
            found: found.to_owned(),
            expected,
            advice,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::text::line_and_column;

    /// The text has its mistake where `§` stands, which is taken out before.
    #[track_caller]
    fn check(marked: &str, found: &str) {
        let at = marked.find('§').expect("a mark");
        let error = parse(&marked.replace('§', "")).expect_err("a mistake");
        assert_eq!((error.at, error.found.as_str()), (at, found));
    }

    #[test]
    fn accepts_comments_and_trailing_commas() {
        let node =
            parse("// a\n{ \"a\": [1, 2,], /* b */ \"b\": \"//\", }\n// end").expect("valid");
        assert_eq!(
            node.to_json(),
            serde_json::json!({ "a": [1, 2], "b": "//" })
        );
    }

    #[test]
    fn names_the_slip_and_its_place() {
        check("§", "the end of the file");
        check("{§", "the end of the file");
        check("{ \"a\": 1§\n \"b\": 2 }", "no comma");
        check("[1§ [2]]", "no comma");
        check("[§,]", "\",\"");
        check("{ §'a': 1 }", "a single quote");
        check("{ §a: 1 }", "a word without quotes");
        check("{ \"a\" §1 }", "a number");
        check("{ \"a\": §30m }", "something that begins like a number");
        check("{ \"a\": §True }", "a word without quotes");
        check("[§\"abc\n\"]", "a text without an end");
        check("[§\"abc", "a text without an end");
        check(
            "[§\"a\\q\"]",
            "a text with a wrong escape or a control character",
        );
        check(
            "[§\"\\ud800\"]",
            "a text with a wrong escape or a control character",
        );
        check("[1] §/* ", "a comment without an end");
        check("[1] §]", "\"]\"");
        check("§# no\n{}", "\"#\"");
        check("[§1e999]", "something that begins like a number");
    }

    #[test]
    fn refuses_deep_nesting() {
        let error = parse(&"[".repeat(100_000)).expect_err("too deep");
        assert_eq!(error.at, MAX_DEPTH);
    }

    #[test]
    fn counts_columns_in_characters() {
        assert_eq!(line_and_column("äb\r\n  ü!", 9), (2, 4));
    }

    #[test]
    fn finds_the_path_of_a_place() {
        let text = r#"{ "a": { "b": [ 1, { "c": true } ] } }"#;
        let root = parse(text).expect("valid");
        let at = text.find("true").expect("there");
        let path = root.path_to(at).expect("a value");
        assert_eq!(path.to_string(), "a.b[1].c");
        assert_eq!(root.get(&path).map(|node| node.span.start), Some(at));
        assert_eq!(root.path_to(at + 1), None);
    }
}
