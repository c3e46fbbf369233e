//! A YAML document as the earlier scripts read it: scalars by the rules of YAML 1.1 (where a bare `yes` is true and
//! `0:30` is a number), the last of two equal keys wins.

use std::collections::BTreeMap;

use saphyr_parser::{Event, Parser, ScalarStyle};

/// A node of the document.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Yaml {
    /// A scalar as written; `plain` without quotes.
    Scalar {
        /// The text.
        text: String,
        /// Whether it stands without quotes, so that it can be more than a text.
        plain: bool,
    },
    /// A list.
    List(Vec<Yaml>),
    /// Keys that are scalars, and their values.
    Map(BTreeMap<String, Yaml>),
}

/// Aliases can make a small text grow without bounds; no configuration has this many nodes.
const MOST_NODES: usize = 100_000;
/// Deeper nesting is no configuration.
const DEEPEST: usize = 64;

impl Yaml {
    /// The first document of a text.
    pub(super) fn parse(text: &str) -> Result<Yaml, String> {
        let mut builder = Builder::default();
        for event in Parser::new_from_str(text) {
            let (event, _) = event.map_err(|error| {
                let place = error.marker();
                format!(
                    "{} in line {}, column {}",
                    error.info(),
                    place.line(),
                    place.col() + 1
                )
            })?;
            match event {
                Event::DocumentEnd => break,
                Event::Nothing
                | Event::StreamStart
                | Event::StreamEnd
                | Event::DocumentStart(_) => {}
                Event::Alias(anchor) => {
                    let node = builder.anchors.get(&anchor).cloned();
                    let node = node.ok_or("an alias within what it names")?;
                    builder.add(node, 0)?;
                }
                Event::Scalar(text, style, anchor, _) => {
                    let plain = style == ScalarStyle::Plain;
                    let text = text.into_owned();
                    builder.add(Yaml::Scalar { text, plain }, anchor)?;
                }
                Event::SequenceStart(anchor, _) => builder.open(Open::List(Vec::new()), anchor)?,
                Event::MappingStart(anchor, _) => {
                    builder.open(Open::Map(BTreeMap::new(), None), anchor)?;
                }
                Event::SequenceEnd | Event::MappingEnd => builder.close()?,
            }
        }
        builder.root.ok_or_else(|| "an empty document".to_owned())
    }

    /// The text of a scalar; nothing for a bare `null`.
    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Yaml::Scalar { text, plain } if !*plain || !is_null(text) => Some(text),
            Yaml::Scalar { .. } | Yaml::List(_) | Yaml::Map(_) => None,
        }
    }

    /// Whether the scripts take it for true: everything but false, null, zero and what is empty.
    pub(super) fn is_true(&self) -> bool {
        match self {
            Yaml::Scalar { text, plain: true } => {
                !is_null(text) && flag_of(text).unwrap_or_else(|| number_of(text) != Some(0.0))
            }
            Yaml::Scalar { text, plain: false } => !text.is_empty(),
            Yaml::List(list) => !list.is_empty(),
            Yaml::Map(map) => !map.is_empty(),
        }
    }

    /// The number, and whether it stands in quotes, which makes it a text to the scripts.
    pub(super) fn number(&self) -> Option<(f64, bool)> {
        match self {
            Yaml::Scalar { text, plain } => {
                let number = number_of(text.trim())?;
                Some((number, !*plain))
            }
            Yaml::List(_) | Yaml::Map(_) => None,
        }
    }
}

fn is_null(text: &str) -> bool {
    matches!(text, "" | "~" | "null" | "Null" | "NULL")
}

fn flag_of(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "yes" | "on" => Some(true),
        "false" | "no" | "off" => Some(false),
        _ => None,
    }
}

/// A number of YAML 1.1.
fn number_of(text: &str) -> Option<f64> {
    let plain = text.replace('_', "");
    let (sign, digits) = match plain.strip_prefix('-') {
        Some(rest) => (-1.0, rest),
        None => (1.0, plain.strip_prefix('+').unwrap_or(&plain)),
    };
    if !digits.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return None;
    }
    if digits.contains(':') {
        let parts: Option<Vec<f64>> = digits.split(':').map(|part| part.parse().ok()).collect();
        return Some(sign * parts?.iter().fold(0.0, |sum, part| sum * 60.0 + part));
    }
    let radix = |digits: &str, radix| u64::from_str_radix(digits, radix).ok().map(|n| n as f64);
    let number = match digits.get(..2) {
        Some("0x") => radix(&digits[2..], 16),
        Some("0b") => radix(&digits[2..], 2),
        _ if digits.len() > 1
            && digits.starts_with('0')
            && digits.bytes().all(|b| b.is_ascii_digit()) =>
        {
            radix(digits, 8)
        }
        _ => digits.parse().ok(),
    };
    number.map(|number| sign * number)
}

/// A list or map that is not complete yet.
enum Open {
    List(Vec<Yaml>),
    /// The entries, and the key whose value comes next.
    Map(BTreeMap<String, Yaml>, Option<String>),
}

#[derive(Default)]
struct Builder {
    root: Option<Yaml>,
    open: Vec<(Open, usize)>,
    anchors: BTreeMap<usize, Yaml>,
    nodes: usize,
}

impl Builder {
    fn open(&mut self, open: Open, anchor: usize) -> Result<(), String> {
        if self.open.len() >= DEEPEST {
            return Err(format!("nesting deeper than {DEEPEST}"));
        }
        self.open.push((open, anchor));
        Ok(())
    }

    fn close(&mut self) -> Result<(), String> {
        match self.open.pop() {
            Some((Open::List(list), anchor)) => self.add(Yaml::List(list), anchor),
            Some((Open::Map(map, _), anchor)) => self.add(Yaml::Map(map), anchor),
            None => Ok(()),
        }
    }

    fn add(&mut self, node: Yaml, anchor: usize) -> Result<(), String> {
        self.nodes += size(&node);
        if self.nodes > MOST_NODES {
            return Err(format!("more than {MOST_NODES} values"));
        }
        if anchor > 0 {
            self.anchors.insert(anchor, node.clone());
        }
        match self.open.last_mut() {
            None => self.root = Some(node),
            Some((Open::List(list), _)) => list.push(node),
            Some((Open::Map(map, key), _)) => match key.take() {
                Some(name) => {
                    map.insert(name, node);
                }
                None => match node {
                    Yaml::Scalar { text, .. } => *key = Some(text),
                    Yaml::List(_) | Yaml::Map(_) => return Err("a key that is no text".to_owned()),
                },
            },
        }
        Ok(())
    }
}

fn size(node: &Yaml) -> usize {
    match node {
        Yaml::Scalar { .. } => 1,
        Yaml::List(list) => 1 + list.iter().map(size).sum::<usize>(),
        Yaml::Map(map) => 1 + map.values().map(size).sum::<usize>(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(text: &str) -> Yaml {
        let Ok(Yaml::Map(mut map)) = Yaml::parse(text) else {
            panic!("no map: {text}");
        };
        map.remove("k").unwrap()
    }

    #[test]
    fn takes_scalars_as_the_old_version_of_yaml_does() {
        for (text, is_true) in [
            ("k: yes", true),
            ("k: Off", false),
            ("k: \"no\"", true),
            ("k: ''", false),
            ("k: ~", false),
            ("k:", false),
            ("k: 0", false),
            ("k: []", false),
            ("k: false # not now", false),
        ] {
            assert_eq!(entry(text).is_true(), is_true, "{text}");
        }
        for (text, number) in [
            ("k: 864_000", Some((864_000.0, false))),
            ("k: \"5\"", Some((5.0, true))),
            ("k: 010", Some((8.0, false))),
            ("k: 1:30", Some((90.0, false))),
            ("k: 1.5", Some((1.5, false))),
            ("k: nan", None),
            ("k: ten", None),
            ("k: [1]", None),
        ] {
            assert_eq!(entry(text).number(), number, "{text}");
        }
    }

    #[test]
    fn the_last_of_two_equal_keys_wins_and_aliases_resolve() {
        assert_eq!(entry("k: 1\nk: 2").text(), Some("2"));
        assert_eq!(entry("a: &x [movies]\nk: *x"), entry("k: [movies]"));
    }

    #[test]
    fn names_the_place_of_an_error_and_bounds_what_it_builds() {
        assert!(Yaml::parse("a: [1\nb: 2").unwrap_err().contains("line"));
        assert!(Yaml::parse("").is_err());
        assert!(Yaml::parse(&"[".repeat(1000)).is_err());
        let mut bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n".to_owned();
        for n in 1..10 {
            let alias = format!("*a{}", n - 1);
            bomb += &format!("a{n}: &a{n} [{}]\n", [alias.as_str(); 10].join(", "));
        }
        assert!(Yaml::parse(&bomb).unwrap_err().contains("100000"));
    }
}
