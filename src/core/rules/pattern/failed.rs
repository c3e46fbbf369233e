//! What the matcher works on: texts as UTF-16 units, and the places from which it has found nothing.

/// Failed places are remembered from this many steps on; ordinary searches end before and need no memory.
const STEPS_BEFORE_MEMORY: u32 = 1_000;

/// A text as UTF-16 units.
pub(super) trait Units: Copy {
    fn length(self) -> usize;
    /// The unit at an index below the length.
    fn at(self, index: usize) -> u16;
}

impl Units for &[u8] {
    fn length(self) -> usize {
        self.len()
    }
    fn at(self, index: usize) -> u16 {
        self[index].into()
    }
}

impl Units for &[u16] {
    fn length(self) -> usize {
        self.len()
    }
    fn at(self, index: usize) -> u16 {
        self[index]
    }
}

/// Places (instruction and position) from which no match was found; a bit each, made when first needed.
#[derive(Default)]
pub(super) struct Failed {
    steps: u32,
    bits: Vec<u64>,
}

impl Failed {
    /// Whether the place was visited before; visits it.
    pub(super) fn visit(&mut self, place: usize, places: usize) -> bool {
        self.steps += 1;
        if self.steps < STEPS_BEFORE_MEMORY {
            return false;
        }
        if self.bits.is_empty() {
            self.bits = vec![0; places.div_ceil(64)];
        }
        let (word, bit) = (place / 64, 1 << (place % 64));
        let was_there = self.bits[word] & bit != 0;
        self.bits[word] |= bit;
        was_there
    }
}
