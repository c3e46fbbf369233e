//! The path of a key, such as `accounts[1].select.tags[0]`.

use std::fmt;

use crate::config::words;

/// One step into a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Segment {
    /// Into an object.
    Key(String),
    /// Into a list, from 0.
    Index(usize),
}

/// A path from the outermost value.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Path(Vec<Segment>);

impl Path {
    /// The path of the outermost value.
    pub fn root() -> Path {
        Path::default()
    }

    /// One step into an object.
    pub fn key(&self, key: &str) -> Path {
        self.with(Segment::Key(key.to_owned()))
    }

    /// One step into a list.
    pub fn index(&self, index: usize) -> Path {
        self.with(Segment::Index(index))
    }

    /// The path of the surrounding value; the root is its own.
    pub fn parent(&self) -> Path {
        Path(self.0[..self.0.len().saturating_sub(1)].to_vec())
    }

    /// The steps.
    pub fn segments(&self) -> &[Segment] {
        &self.0
    }

    /// This path continued by one written like `[1].any[0].value`; what is not written so is left out.
    pub fn join_written(&self, written: &str) -> Path {
        let mut path = self.clone();
        for part in written.split(['.', '[']).filter(|part| !part.is_empty()) {
            path = match part.strip_suffix(']').map(str::parse) {
                Some(Ok(index)) => path.index(index),
                Some(Err(_)) => path,
                None => path.key(part),
            };
        }
        path
    }

    fn with(&self, segment: Segment) -> Path {
        let mut segments = self.0.clone();
        segments.push(segment);
        Path(segments)
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, segment) in self.0.iter().enumerate() {
            match segment {
                Segment::Index(index) => write!(f, "[{index}]")?,
                Segment::Key(key) => {
                    if position > 0 {
                        f.write_str(".")?;
                    }
                    // A key that is none of ours may be a secret in the wrong place.
                    f.write_str(if words::is_showable_key(key) {
                        key
                    } else {
                        "…"
                    })?;
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_and_writes_paths() {
        let path = Path::root().key("rules").index(2).key("conditions");
        assert_eq!(path.to_string(), "rules[2].conditions");
        let longer = path.join_written("[0].any[10].compareType");
        assert_eq!(
            longer.to_string(),
            "rules[2].conditions[0].any[10].compareType"
        );
        assert_eq!(path.join_written("").parent().to_string(), "rules[2]");
    }
}
