//! The text of the configuration as a tree in which every value knows its place. Comments (`//`, `/* */`),
//! trailing commas and a byte-order mark are accepted; nothing here knows what the keys mean.

mod parse;
mod path;

use serde_json::Number;

pub use parse::{SyntaxError, parse};
pub use path::{Path, Segment};

/// Where something stands: byte offsets into the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

/// One value and its place. The start of a value identifies it, as no two begin at the same byte.
#[derive(Debug)]
pub struct Node {
    /// Where it stands.
    pub span: Span,
    /// What it is.
    pub kind: Kind,
}

/// What a value is.
#[derive(Debug)]
pub enum Kind {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// Any number.
    Number(Number),
    /// A text, escapes resolved.
    Text(String),
    /// A list.
    List(Vec<Node>),
    /// An object, in the order of the text; a key can stand in it more than once.
    Object(Vec<Entry>),
}

/// One key of an object with its value.
#[derive(Debug)]
pub struct Entry {
    /// The key, escapes resolved.
    pub key: String,
    /// Where the key stands, quotes included.
    pub key_span: Span,
    /// Its value.
    pub value: Node,
}

impl Node {
    /// The value at this path; of a key given twice, the first.
    pub fn get(&self, path: &Path) -> Option<&Node> {
        path.segments()
            .iter()
            .try_fold(self, |node, segment| match segment {
                Segment::Key(key) => node
                    .entries()
                    .iter()
                    .find(|entry| &entry.key == key)
                    .map(|entry| &entry.value),
                Segment::Index(index) => node.items().get(*index),
            })
    }

    /// The entries of an object; nothing for any other value.
    pub fn entries(&self) -> &[Entry] {
        if let Kind::Object(entries) = &self.kind {
            entries
        } else {
            &[]
        }
    }

    /// The elements of a list; nothing for any other value.
    pub fn items(&self) -> &[Node] {
        if let Kind::List(nodes) = &self.kind {
            nodes
        } else {
            &[]
        }
    }

    /// The path to the value that begins at this byte.
    pub fn path_to(&self, start: usize) -> Option<Path> {
        let mut node = self;
        let mut path = Path::root();
        while node.span.start != start {
            let covers = |inner: &Node| inner.span.start <= start && start < inner.span.end;
            match &node.kind {
                Kind::List(nodes) => {
                    let index = nodes.iter().position(covers)?;
                    path = path.index(index);
                    node = &nodes[index];
                }
                Kind::Object(entries) => {
                    let entry = entries.iter().find(|entry| covers(&entry.value))?;
                    path = path.key(&entry.key);
                    node = &entry.value;
                }
                Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::Text(_) => return None,
            }
        }
        Some(path)
    }

    /// The same as a plain JSON value, without the places.
    pub fn to_json(&self) -> serde_json::Value {
        use serde_json::Value;
        match &self.kind {
            Kind::Null => Value::Null,
            Kind::Bool(value) => Value::Bool(*value),
            Kind::Number(number) => Value::Number(number.clone()),
            Kind::Text(text) => Value::String(text.clone()),
            Kind::List(nodes) => Value::Array(nodes.iter().map(Node::to_json).collect()),
            Kind::Object(entries) => Value::Object(
                entries
                    .iter()
                    .map(|entry| (entry.key.clone(), entry.value.to_json()))
                    .collect(),
            ),
        }
    }
}

/// Line and column, both from 1, of a byte; columns count characters.
pub fn line_and_column(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let line = before.matches('\n').count() + 1;
    (line, before[line_start..].chars().count() + 1)
}
