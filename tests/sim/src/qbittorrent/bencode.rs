//! Just enough of bencoding and SHA-1 to make .torrent files and to read them back.

/// A bencoded value; of dictionaries the order is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value {
    Int(i64),
    Bytes(Vec<u8>),
    List(Vec<Value>),
    Dict(Vec<(Vec<u8>, Value)>),
}

impl Value {
    pub(super) fn text(text: &str) -> Self {
        Self::Bytes(text.as_bytes().to_vec())
    }

    /// A dictionary of these entries, which are to come sorted by name.
    pub(super) fn dict(entries: Vec<(&str, Self)>) -> Self {
        let entries = entries.into_iter();
        Self::Dict(
            entries
                .map(|(name, value)| (name.as_bytes().to_vec(), value))
                .collect(),
        )
    }

    pub(super) fn get(&self, name: &str) -> Option<&Self> {
        let Self::Dict(entries) = self else {
            return None;
        };
        let found = entries.iter().find(|(key, _)| key == name.as_bytes());
        found.map(|(_, value)| value)
    }

    pub(super) fn as_text(&self) -> Option<String> {
        match self {
            Self::Bytes(bytes) => Some(String::from_utf8_lossy(bytes).into_owned()),
            Self::Int(_) | Self::List(_) | Self::Dict(_) => None,
        }
    }

    pub(super) fn as_size(&self) -> Option<u64> {
        match self {
            Self::Int(int) => u64::try_from(*int).ok(),
            Self::Bytes(_) | Self::List(_) | Self::Dict(_) => None,
        }
    }

    pub(super) fn as_list(&self) -> Option<&[Self]> {
        match self {
            Self::List(list) => Some(list),
            Self::Int(_) | Self::Bytes(_) | Self::Dict(_) => None,
        }
    }

    pub(super) fn encode(&self, out: &mut Vec<u8>) {
        match self {
            Self::Int(int) => out.extend_from_slice(format!("i{int}e").as_bytes()),
            Self::Bytes(bytes) => encode_bytes(bytes, out),
            Self::List(list) => {
                out.push(b'l');
                list.iter().for_each(|value| value.encode(out));
                out.push(b'e');
            }
            Self::Dict(entries) => {
                out.push(b'd');
                for (name, value) in entries {
                    encode_bytes(name, out);
                    value.encode(out);
                }
                out.push(b'e');
            }
        }
    }

    /// Reads one value that fills `text` entirely.
    pub(super) fn decode(text: &[u8]) -> Option<Self> {
        let mut rest = text;
        let value = decode(&mut rest, 0)?;
        rest.is_empty().then_some(value)
    }
}

fn encode_bytes(bytes: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(format!("{}:", bytes.len()).as_bytes());
    out.extend_from_slice(bytes);
}

fn decode(rest: &mut &[u8], depth: u8) -> Option<Value> {
    if depth > 20 {
        return None;
    }
    match *rest.first()? {
        b'i' => {
            *rest = &rest[1..];
            number(rest, b'e').map(Value::Int)
        }
        b'l' => {
            *rest = &rest[1..];
            let mut list = Vec::new();
            while *rest.first()? != b'e' {
                list.push(decode(rest, depth + 1)?);
            }
            *rest = &rest[1..];
            Some(Value::List(list))
        }
        b'd' => {
            *rest = &rest[1..];
            let mut entries = Vec::new();
            while *rest.first()? != b'e' {
                entries.push((bytes(rest)?, decode(rest, depth + 1)?));
            }
            *rest = &rest[1..];
            Some(Value::Dict(entries))
        }
        _ => bytes(rest).map(Value::Bytes),
    }
}

fn bytes(rest: &mut &[u8]) -> Option<Vec<u8>> {
    let length = usize::try_from(number(rest, b':')?).ok()?;
    let bytes = rest.get(..length)?.to_vec();
    *rest = &rest[length..];
    Some(bytes)
}

fn number(rest: &mut &[u8], end: u8) -> Option<i64> {
    let at = rest.iter().position(|byte| *byte == end)?;
    let number = std::str::from_utf8(&rest[..at]).ok()?.parse().ok()?;
    *rest = &rest[at + 1..];
    Some(number)
}

/// SHA-1 (FIPS 180-4).
pub(super) fn sha1(text: &[u8]) -> [u8; 20] {
    let mut state: [u32; 5] = [
        0x6745_2301,
        0xEFCD_AB89,
        0x98BA_DCFE,
        0x1032_5476,
        0xC3D2_E1F0,
    ];
    let mut padded = text.to_vec();
    padded.push(0x80);
    padded.resize(padded.len().next_multiple_of(64), 0);
    if (text.len() + 1) % 64 > 56 {
        padded.resize(padded.len() + 64, 0);
    }
    let at = padded.len() - 8;
    padded[at..].copy_from_slice(&(text.len() as u64 * 8).to_be_bytes());
    for block in padded.chunks_exact(64) {
        mix(&mut state, block);
    }
    let mut digest = [0; 20];
    for (out, word) in digest.chunks_exact_mut(4).zip(state) {
        out.copy_from_slice(&word.to_be_bytes());
    }
    digest
}

fn mix(state: &mut [u32; 5], block: &[u8]) {
    let mut w = [0_u32; 80];
    for (word, bytes) in w.iter_mut().zip(block.chunks_exact(4)) {
        *word = u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
    }
    for i in 16..80 {
        w[i] = (w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16]).rotate_left(1);
    }
    let [mut a, mut b, mut c, mut d, mut e] = *state;
    for (i, word) in w.into_iter().enumerate() {
        let (f, k) = match i {
            0..20 => (b & c | !b & d, 0x5A82_7999),
            20..40 => (b ^ c ^ d, 0x6ED9_EBA1),
            40..60 => (b & c | b & d | c & d, 0x8F1B_BCDC),
            _ => (b ^ c ^ d, 0xCA62_C1D6),
        };
        let sum = a.rotate_left(5).wrapping_add(f).wrapping_add(e);
        let sum = sum.wrapping_add(k).wrapping_add(word);
        (e, d, c, b, a) = (d, c, b.rotate_left(30), a, sum);
    }
    for (sum, part) in state.iter_mut().zip([a, b, c, d, e]) {
        *sum = sum.wrapping_add(part);
    }
}

/// Lower-case hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sha1_agrees_with_the_standard() {
        assert_eq!(
            hex(&sha1(b"abc")),
            "a9993e364706816aba3e25717850c26c9cd0d89d"
        );
        assert_eq!(hex(&sha1(b"")), "da39a3ee5e6b4b0d3255bfef95601890afd80709");
        let million = vec![b'a'; 1_000_000];
        assert_eq!(
            hex(&sha1(&million)),
            "34aa973cd4c4daa4f61eeb2bdbad27316534016f"
        );
        // Lengths around the padding's border, as given by sha1sum.
        assert_eq!(
            hex(&sha1(&[b'a'; 55])),
            "c1c8bbdc22796e28c0e15163d20899b65621d65a"
        );
        assert_eq!(
            hex(&sha1(&[b'a'; 56])),
            "c2db330f6083854c99d4b5bfb6e8f29f201be699"
        );
        assert_eq!(
            hex(&sha1(&[b'a'; 64])),
            "0098ba824b5c16427bd7a1122a5a442a25ec644d"
        );
    }

    #[test]
    fn values_survive_encoding_and_garbage_is_refused() {
        let value = Value::dict(vec![
            ("a", Value::List(vec![Value::Int(-3), Value::text("x:y")])),
            ("b", Value::Bytes(vec![0, 255])),
        ]);
        let mut text = Vec::new();
        value.encode(&mut text);
        assert_eq!(Value::decode(&text), Some(value));
        for garbage in ["", "garbage", "d", "i1", "5:abc", "i1ei2e", "d1:ae", "-1:x"] {
            assert_eq!(Value::decode(garbage.as_bytes()), None, "{garbage}");
        }
    }
}
