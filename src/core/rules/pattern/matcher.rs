//! Runs a program over a text: backtracking with a log of changes instead of recursion, a memory of places that
//! have failed, and a limit on steps.

use super::TooLong;
use super::class;
use super::failed::{Failed, Units};
use super::program::{Matcher, Program, Step};

/// Steps granted to one search, about 10 ms. Patterns without back references and counted groups need at most
/// (length of text x length of pattern) of them and practically never reach it.
const STEPS: u32 = 2_000_000;

/// Steps granted where failed places cannot be remembered: a quarter of a millisecond, so that even a bad
/// pattern over a large library is a matter of seconds. Ordinary searches need a few hundred.
const STEPS_WITHOUT_MEMORY: u32 = 50_000;

/// Whether the program matches at any position of the text.
pub(super) fn search(program: &Program, text: impl Units) -> Result<bool, TooLong> {
    let mut machine = Machine {
        program,
        text,
        captures: vec![NONE; program.capture_count],
        registers: vec![0; program.register_count],
        log: Vec::new(),
        steps_left: if program.can_remember {
            STEPS
        } else {
            STEPS_WITHOUT_MEMORY
        },
    };
    let last_start = if program.is_anchored {
        0
    } else {
        text.length()
    };
    let mut failed = Failed::default();
    for start in 0..=last_start {
        if let Some(unit) = program.first_unit
            && (start == text.length() || text.at(start) != unit)
        {
            continue;
        }
        if machine.run(0, start, &mut failed)?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The value of a capture that has not taken part.
const NONE: usize = usize::MAX;

/// What to do when the current way fails, last entry first.
enum Undo {
    /// Go on here.
    Branch {
        pc: usize,
        position: usize,
    },
    /// Give back one more unit of a greedy run, down to `low`.
    Shorter {
        pc: usize,
        low: usize,
        position: usize,
    },
    /// The same for a run towards the beginning, up to `high`.
    ShorterBack {
        pc: usize,
        high: usize,
        position: usize,
    },
    Capture {
        slot: usize,
        was: usize,
    },
    Register {
        register: usize,
        was: usize,
    },
}

struct Machine<'a, T> {
    program: &'a Program,
    text: T,
    captures: Vec<usize>,
    registers: Vec<usize>,
    log: Vec<Undo>,
    steps_left: u32,
}

impl<T: Units> Machine<'_, T> {
    /// Runs from here to a `Match`; the position reached, or none after every way has failed.
    fn run(
        &mut self,
        mut pc: usize,
        mut position: usize,
        failed: &mut Failed,
    ) -> Result<Option<usize>, TooLong> {
        let base = self.log.len();
        loop {
            self.steps_left = self.steps_left.checked_sub(1).ok_or(TooLong)?;
            let step = self.program.code[pc];
            if step == Step::Match {
                return Ok(Some(position));
            }
            let next = self.step(step, pc, position, failed)?;
            match next.or_else(|| self.fall_back(base)) {
                Some(next) => (pc, position) = next,
                None => return Ok(None),
            }
        }
    }

    /// One instruction: where to go on, or none if this way fails.
    fn step(
        &mut self,
        step: Step,
        pc: usize,
        position: usize,
        failed: &mut Failed,
    ) -> Result<Option<(usize, usize)>, TooLong> {
        let next = Some((pc + 1, position));
        Ok(match step {
            Step::Match => next,
            Step::Unit { unit, back } => self
                .one(position, back, |seen| seen == unit)
                .map(|to| (pc + 1, to)),
            Step::Class { class, back } => {
                let class = &self.program.classes[class];
                self.one(position, back, |seen| class.contains(seen))
                    .map(|to| (pc + 1, to))
            }
            Step::Run {
                matcher,
                min,
                max,
                back,
            } => {
                if self.program.can_remember && self.was_tried(pc, position, failed) {
                    return Ok(None);
                }
                self.repeat(matcher, min, max, back, pc, position)?
            }
            Step::Start => next.filter(|_| position == 0),
            Step::End => next.filter(|_| position == self.text.length()),
            Step::WordBoundary { negated } => {
                next.filter(|_| self.is_boundary(position) != negated)
            }
            Step::BackReference { group, back } => {
                self.refer(group, back, position).map(|to| (pc + 1, to))
            }
            Step::Save { slot } => {
                self.capture(slot, position);
                next
            }
            Step::Jump { to } => Some((to, position)),
            Step::Split { other } | Step::SplitLazy { other } => {
                if self.program.can_remember && self.was_tried(pc, position, failed) {
                    return Ok(None);
                }
                let (first, later) = match step {
                    Step::SplitLazy { .. } => (other, pc + 1),
                    _ => (pc + 1, other),
                };
                self.log.push(Undo::Branch {
                    pc: later,
                    position,
                });
                Some((first, position))
            }
            Step::Mark { register } => {
                self.set(register, position);
                next
            }
            Step::LeaveIfEmpty { register, exit } => {
                let is_empty = self.registers[register] == position;
                Some((if is_empty { exit } else { pc + 1 }, position))
            }
            Step::Zero { register } => {
                self.set(register, 0);
                next
            }
            Step::Loop { .. } => self.decide_round(step, pc, position),
            Step::Round { head } => {
                self.begin_round(head, position);
                next
            }
            Step::RoundEnd { head } => self.end_round(head, position),
            Step::Look { negated, then } => self.look(negated, pc, then, position)?,
        })
    }

    fn was_tried(&self, pc: usize, position: usize, failed: &mut Failed) -> bool {
        let width = self.text.length() + 1;
        failed.visit(pc * width + position, self.program.code.len() * width)
    }

    /// Undoes changes down to the last open choice above `base`.
    fn fall_back(&mut self, base: usize) -> Option<(usize, usize)> {
        while self.log.len() > base {
            match self.log.pop()? {
                Undo::Branch { pc, position } => return Some((pc, position)),
                Undo::Shorter { pc, low, position } => {
                    let position = position - 1;
                    if position > low {
                        self.log.push(Undo::Shorter { pc, low, position });
                    }
                    return Some((pc, position));
                }
                Undo::ShorterBack { pc, high, position } => {
                    let position = position + 1;
                    if position < high {
                        self.log.push(Undo::ShorterBack { pc, high, position });
                    }
                    return Some((pc, position));
                }
                Undo::Capture { slot, was } => self.captures[slot] = was,
                Undo::Register { register, was } => self.registers[register] = was,
            }
        }
        None
    }

    /// The position after one unit that fits.
    fn one(&self, position: usize, back: bool, fits: impl Fn(u16) -> bool) -> Option<usize> {
        if back {
            let before = position.checked_sub(1)?;
            return fits(self.text.at(before)).then_some(before);
        }
        (position < self.text.length() && fits(self.text.at(position))).then_some(position + 1)
    }

    fn repeat(
        &mut self,
        matcher: Matcher,
        min: u32,
        max: u32,
        back: bool,
        pc: usize,
        start: usize,
    ) -> Result<Option<(usize, usize)>, TooLong> {
        let fits = |unit: u16| match matcher {
            Matcher::Unit(wanted) => unit == wanted,
            Matcher::Class(class) => self.program.classes[class].contains(unit),
        };
        let (mut position, mut count) = (start, 0);
        while count < max {
            let Some(further) = self.one(position, back, fits) else {
                break;
            };
            position = further;
            count += 1;
        }
        self.steps_left = self.steps_left.checked_sub(count / 8).ok_or(TooLong)?;
        if count < min {
            return Ok(None);
        }
        if count > min {
            let pc = pc + 1;
            self.log.push(if back {
                let high = start - min as usize;
                Undo::ShorterBack { pc, high, position }
            } else {
                let low = start + min as usize;
                Undo::Shorter { pc, low, position }
            });
        }
        Ok(Some((pc + 1, position)))
    }

    fn is_boundary(&self, position: usize) -> bool {
        let before = position > 0 && class::is_word(self.text.at(position - 1));
        let after = position < self.text.length() && class::is_word(self.text.at(position));
        before != after
    }

    /// The position after the text of the group once more; a group that took no part is empty.
    fn refer(&self, group: usize, back: bool, position: usize) -> Option<usize> {
        let (begin, end) = (self.captures[2 * group], self.captures[2 * group + 1]);
        if begin == NONE || end == NONE {
            return Some(position);
        }
        let length = end - begin;
        let start = if back {
            position.checked_sub(length)?
        } else {
            position
        };
        if start + length > self.text.length() {
            return None;
        }
        let is_same = (0..length).all(|i| self.text.at(begin + i) == self.text.at(start + i));
        is_same.then_some(if back { start } else { start + length })
    }

    fn capture(&mut self, slot: usize, value: usize) {
        let was = std::mem::replace(&mut self.captures[slot], value);
        self.log.push(Undo::Capture { slot, was });
    }

    fn set(&mut self, register: usize, value: usize) {
        let was = std::mem::replace(&mut self.registers[register], value);
        self.log.push(Undo::Register { register, was });
    }

    /// At the head of a counted loop: another round, or on.
    fn decide_round(&mut self, head: Step, pc: usize, position: usize) -> Option<(usize, usize)> {
        let Step::Loop {
            counter,
            min,
            max,
            greedy,
            exit,
            groups: _,
        } = head
        else {
            return None;
        };
        let count = self.registers[counter];
        if count < min as usize {
            return Some((pc + 1, position));
        }
        if max != u32::MAX && count >= max as usize {
            return Some((exit, position));
        }
        let (first, later) = if greedy {
            (pc + 1, exit)
        } else {
            (exit, pc + 1)
        };
        self.log.push(Undo::Branch {
            pc: later,
            position,
        });
        Some((first, position))
    }

    fn begin_round(&mut self, head: usize, position: usize) {
        let Step::Loop {
            counter, groups, ..
        } = self.program.code[head]
        else {
            return;
        };
        self.set(counter, self.registers[counter] + 1);
        self.set(counter + 1, position);
        if self.program.capture_count > 0 {
            let slots = 2 * groups.0..2 * groups.1;
            self.steps_left = self.steps_left.saturating_sub(slots.len() as u32);
            for slot in slots {
                self.capture(slot, NONE);
            }
        }
    }

    /// A round beyond the least number that consumed nothing fails, as the standard says.
    fn end_round(&mut self, head: usize, position: usize) -> Option<(usize, usize)> {
        let Step::Loop { counter, min, .. } = self.program.code[head] else {
            return None;
        };
        let is_extra = self.registers[counter] > min as usize;
        if is_extra && self.registers[counter + 1] == position {
            return None;
        }
        Some((head, position))
    }

    /// A look keeps its captures but none of its choices.
    fn look(
        &mut self,
        negated: bool,
        pc: usize,
        then: usize,
        position: usize,
    ) -> Result<Option<(usize, usize)>, TooLong> {
        let base = self.log.len();
        let found = self
            .run(pc + 1, position, &mut Failed::default())?
            .is_some();
        if found && !negated {
            let changes = self.log.split_off(base);
            let is_change =
                |undo: &Undo| matches!(undo, Undo::Capture { .. } | Undo::Register { .. });
            self.log.extend(changes.into_iter().filter(is_change));
            return Ok(Some((then, position)));
        }
        if found {
            // Drops the open choices by undoing everything down to the beginning of the look.
            while self.fall_back(base).is_some() {}
        }
        Ok((negated && !found).then_some((then, position)))
    }
}
