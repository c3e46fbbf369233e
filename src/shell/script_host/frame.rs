//! Frames between the daemon and the worker: four bytes of length (little endian), one of kind, the content.

use std::io::{self, Read, Write};

/// Longer frames are refused on both sides: nothing legitimate comes near.
pub(super) const LONGEST: usize = 256 * 1024 * 1024;

/// Bytes before the content.
pub(super) const HEAD: usize = 5;

/// The head of a frame.
pub(super) fn head(kind: u8, length: usize) -> [u8; HEAD] {
    let [a, b, c, d] = (length as u32).to_le_bytes();
    [a, b, c, d, kind]
}

/// Kind and length from a head.
pub(super) fn read_head(head: [u8; HEAD]) -> io::Result<(u8, usize)> {
    let [a, b, c, d, kind] = head;
    let length = u32::from_le_bytes([a, b, c, d]) as usize;
    if length > LONGEST {
        return Err(io::Error::other("a frame is too long"));
    }
    Ok((kind, length))
}

/// Writes one frame.
pub(super) fn write(to: &mut impl Write, kind: u8, content: &[u8]) -> io::Result<()> {
    to.write_all(&head(kind, content.len()))?;
    to.write_all(content)
}

/// Reads one frame into `content`; its kind, or none at the end of the stream.
pub(super) fn read(from: &mut impl Read, content: &mut Vec<u8>) -> io::Result<Option<u8>> {
    let mut first = [0; HEAD];
    match from.read_exact(&mut first) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        Err(error) => return Err(error),
    }
    let (kind, length) = read_head(first)?;
    content.resize(length, 0);
    from.read_exact(content)?;
    Ok(Some(kind))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_comes_back_as_it_was_written() {
        let mut stream = Vec::new();
        write(&mut stream, b'x', b"one").expect("memory");
        write(&mut stream, b'y', b"").expect("memory");
        let (mut from, mut content) = (stream.as_slice(), Vec::new());
        assert_eq!(read(&mut from, &mut content).expect("whole"), Some(b'x'));
        assert_eq!(content, b"one");
        assert_eq!(read(&mut from, &mut content).expect("whole"), Some(b'y'));
        assert!(content.is_empty());
        assert_eq!(read(&mut from, &mut content).expect("end"), None);
    }

    #[test]
    fn a_frame_of_absurd_length_is_refused() {
        let mut from = [255, 255, 255, 255, b'x'].as_slice();
        assert!(read(&mut from, &mut Vec::new()).is_err());
    }
}
