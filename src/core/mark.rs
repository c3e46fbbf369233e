//! Marks: short stable names, kept on disk, for what must not be shown itself (addresses with passkeys, logins).
//! They tell two of a kind apart; they prove nothing.

/// The mark of these bytes: FNV-1a of 64 bits, folded to 32. It stands in state files and ledgers, so it never changes.
pub fn mark(bytes: impl IntoIterator<Item = u8>) -> u32 {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for byte in bytes {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    let [a, b, c, d, e, f, g, h] = hash.to_be_bytes();
    u32::from_be_bytes([a, b, c, d]) ^ u32::from_be_bytes([e, f, g, h])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::model::Tracker;

    #[test]
    fn marks_are_those_of_old_files() {
        for (text, expected) in [
            ("", 0x4fd0_bfc1),
            ("a", 0x2962_30c0),
            ("foobar", 0x72ad_2699),
        ] {
            let found = mark(text.bytes());
            assert_eq!(found, expected, "{text:?}: {found:08x}");
        }
    }

    #[test]
    fn trackers_keep_the_keys_of_old_state_files() {
        let tracker = Tracker {
            url: "https://tracker.example/announce?passkey=1".into(),
            status: 2,
            updating: false,
            message: "".into(),
        };
        assert_eq!(tracker.key(), "tracker.example~5721817a");
    }
}
