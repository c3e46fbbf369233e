//! Takes the JSON object of `sync/maindata` apart while it arrives: a hundred megabytes of torrents are never in
//! memory at once, and a torrent that makes no sense does not spoil the others.

use std::borrow::Cow;

/// Longest key or value that is handed over: the list of removed torrents, should all be.
const LONGEST: usize = 16 << 20;

/// What is done with a member of the object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Want {
    /// Nothing.
    Skip,
    /// Handed over whole.
    Whole,
    /// Its own members are handed over one by one, if it is an object; else as `Whole`.
    Rows,
}

/// A piece of the object.
#[derive(Debug)]
pub(super) struct Piece<'a> {
    /// Name of the member.
    pub section: &'a str,
    /// Name of its own member, for `Rows`.
    pub row: Option<&'a str>,
    /// The value's text.
    pub json: &'a [u8],
}

/// Takes the pieces.
pub(super) trait Receiver {
    /// Takes a piece.
    fn piece(&mut self, piece: Piece<'_>) -> Result<(), NotJson>;

    /// Takes the value of a row from the beginning of `json`, which may go on behind it, and answers how many bytes it
    /// has. `None`, and nothing was taken: it comes as a piece.
    fn begin_of(&mut self, _section: &str, _row: &str, _json: &str) -> Option<usize> {
        None
    }
}

impl<F: FnMut(Piece<'_>) -> Result<(), NotJson>> Receiver for F {
    fn piece(&mut self, piece: Piece<'_>) -> Result<(), NotJson> {
        self(piece)
    }
}

/// The text is not a JSON object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NotJson;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    Begin,
    KeyOrEnd,
    Key,
    InKey {
        escaped: bool,
    },
    Colon,
    Value,
    Scalar,
    Nested {
        depth: usize,
        in_string: bool,
        escaped: bool,
    },
    AfterValue,
    End,
}

/// Where in the text we are. Values that are not wanted are only counted through, the others are for the
/// receiver to decode.
pub(super) struct Splitter {
    want: fn(&str) -> Want,
    at: At,
    /// Inside of the object whose members are handed over.
    in_rows: bool,
    section: String,
    row: String,
    key: Vec<u8>,
    value: Vec<u8>,
    keep: bool,
}

impl Splitter {
    /// A splitter that asks `want` about each member.
    pub fn new(want: fn(&str) -> Want) -> Self {
        Self {
            want,
            at: At::Begin,
            in_rows: false,
            section: String::new(),
            row: String::new(),
            key: Vec::new(),
            value: Vec::new(),
            keep: false,
        }
    }

    /// Takes the next bytes, and hands over each piece that they complete.
    pub fn feed(&mut self, bytes: &[u8], out: &mut dyn Receiver) -> Result<(), NotJson> {
        // What comes behind a byte that is no UTF-8, or a character that is cut off, comes in pieces.
        let text = match std::str::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => std::str::from_utf8(&bytes[..error.valid_up_to()]).unwrap_or_default(),
        };
        let mut rest = bytes;
        while let [first, after @ ..] = rest {
            rest = match self.at {
                At::InKey { .. } => self.key_bytes(rest)?,
                At::Nested { .. } => self.nested_bytes(rest, out)?,
                At::Scalar if !is_end_of_scalar(*first) => {
                    self.value.push(*first);
                    after
                }
                At::Scalar => {
                    self.hand_over(out)?;
                    rest
                }
                _ if first.is_ascii_whitespace() => after,
                At::Value if self.in_rows && *first == b'{' => {
                    let text = text.get(bytes.len() - rest.len()..).unwrap_or_default();
                    match out.begin_of(&self.section, &self.row, text) {
                        Some(length) => {
                            self.at = At::AfterValue;
                            &rest[length..]
                        }
                        None => {
                            self.between(*first)?;
                            after
                        }
                    }
                }
                _ => {
                    self.between(*first)?;
                    after
                }
            };
        }
        match self.key.len().max(self.value.len()) > LONGEST {
            true => Err(NotJson),
            false => Ok(()),
        }
    }

    /// The text is over: was it whole?
    pub fn finish(self) -> Result<(), NotJson> {
        match self.at {
            At::End => Ok(()),
            At::Begin
            | At::KeyOrEnd
            | At::Key
            | At::InKey { .. }
            | At::Colon
            | At::Value
            | At::Scalar
            | At::Nested { .. }
            | At::AfterValue => Err(NotJson),
        }
    }

    /// A byte outside of keys and values.
    fn between(&mut self, byte: u8) -> Result<(), NotJson> {
        self.at = match (self.at, byte) {
            (At::Begin, b'{') => At::KeyOrEnd,
            (At::KeyOrEnd | At::Key, b'"') => {
                self.key.clear();
                self.key.push(byte);
                At::InKey { escaped: false }
            }
            (At::KeyOrEnd | At::AfterValue, b'}') if self.in_rows => {
                self.in_rows = false;
                At::AfterValue
            }
            (At::KeyOrEnd | At::AfterValue, b'}') => At::End,
            (At::AfterValue, b',') => At::Key,
            (At::Colon, b':') => At::Value,
            (At::Value, _) => self.begin_value(byte)?,
            _ => return Err(NotJson),
        };
        Ok(())
    }

    fn begin_value(&mut self, byte: u8) -> Result<At, NotJson> {
        let want = (self.want)(&self.section);
        if want == Want::Rows && byte == b'{' && !self.in_rows {
            self.in_rows = true;
            return Ok(At::KeyOrEnd);
        }
        self.keep = want != Want::Skip;
        self.value.clear();
        self.value.push(byte);
        match byte {
            b'{' | b'[' => Ok(At::Nested {
                depth: 1,
                in_string: false,
                escaped: false,
            }),
            // A text at the top: as something nested that ends with the text.
            b'"' => Ok(At::Nested {
                depth: 0,
                in_string: true,
                escaped: false,
            }),
            _ if is_end_of_scalar(byte) || byte == b':' => Err(NotJson),
            _ => Ok(At::Scalar),
        }
    }

    fn key_bytes<'a>(&mut self, bytes: &'a [u8]) -> Result<&'a [u8], NotJson> {
        let At::InKey { mut escaped } = self.at else {
            return Ok(bytes);
        };
        for (i, byte) in bytes.iter().enumerate() {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => {
                    self.key.extend_from_slice(&bytes[..=i]);
                    self.end_key()?;
                    return Ok(&bytes[i + 1..]);
                }
                _ => {}
            }
        }
        self.key.extend_from_slice(bytes);
        self.at = At::InKey { escaped };
        Ok(&[])
    }

    fn end_key(&mut self) -> Result<(), NotJson> {
        let text = String::from_utf8_lossy(&self.key);
        let key: Cow<'_, str> = match text.contains('\\') {
            false => Cow::Borrowed(&text[1..text.len() - 1]),
            true => Cow::Owned(serde_json::from_str(&text).map_err(|_| NotJson)?),
        };
        let name = if self.in_rows {
            &mut self.row
        } else {
            &mut self.section
        };
        name.clear();
        name.push_str(&key);
        self.at = At::Colon;
        Ok(())
    }

    fn nested_bytes<'a>(
        &mut self,
        bytes: &'a [u8],
        out: &mut dyn Receiver,
    ) -> Result<&'a [u8], NotJson> {
        let At::Nested {
            mut depth,
            mut in_string,
            mut escaped,
        } = self.at
        else {
            return Ok(bytes);
        };
        let mut end = None;
        for (i, byte) in bytes.iter().enumerate() {
            if in_string {
                match byte {
                    _ if escaped => escaped = false,
                    b'\\' => escaped = true,
                    b'"' => in_string = false,
                    _ => continue,
                }
            } else {
                match byte {
                    b'"' => in_string = true,
                    b'{' | b'[' => depth += 1,
                    b'}' | b']' => depth -= 1,
                    _ => continue,
                }
            }
            if depth == 0 && !in_string {
                end = Some(i + 1);
                break;
            }
        }
        let (taken, rest) = bytes.split_at(end.unwrap_or(bytes.len()));
        if self.keep {
            self.value.extend_from_slice(taken);
        }
        self.at = At::Nested {
            depth,
            in_string,
            escaped,
        };
        if end.is_some() {
            self.hand_over(out)?;
        }
        Ok(rest)
    }

    fn hand_over(&mut self, out: &mut dyn Receiver) -> Result<(), NotJson> {
        self.at = At::AfterValue;
        if !self.keep {
            return Ok(());
        }
        out.piece(Piece {
            section: &self.section,
            row: self.in_rows.then_some(self.row.as_str()),
            json: &self.value,
        })
    }
}

/// Numbers and words end where something else begins.
fn is_end_of_scalar(byte: u8) -> bool {
    byte.is_ascii_whitespace() || matches!(byte, b',' | b'}' | b']' | b'{' | b'[' | b'"')
}

#[cfg(test)]
mod tests;
