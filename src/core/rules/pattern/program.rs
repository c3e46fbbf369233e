//! From the syntax tree to instructions for the matcher.

use super::PatternError;
use super::class::Class;
use super::syntax::{Node, Repeat, Tree};

/// A pattern as instructions.
#[derive(Debug, Clone)]
pub(super) struct Program {
    pub(super) code: Vec<Step>,
    pub(super) classes: Vec<Class>,
    /// Two per group: where it began and ended, the whole match (group 0) included.
    pub(super) capture_count: usize,
    pub(super) register_count: usize,
    /// Whether a place that failed once fails always: there are no back references and no counters.
    pub(super) can_remember: bool,
    /// The match can only begin at the beginning of the text.
    pub(super) is_anchored: bool,
    /// The unit that every match begins with, if there is one.
    pub(super) first_unit: Option<u16>,
}

/// One instruction. Matching goes towards the end of the text, or towards its beginning inside a look-behind.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Step {
    Unit {
        unit: u16,
        back: bool,
    },
    Class {
        class: usize,
        back: bool,
    },
    /// Greedy repetition of one class or unit.
    Run {
        matcher: Matcher,
        min: u32,
        max: u32,
        back: bool,
    },
    Start,
    End,
    WordBoundary {
        negated: bool,
    },
    BackReference {
        group: usize,
        back: bool,
    },
    Save {
        slot: usize,
    },
    Jump {
        to: usize,
    },
    /// Tries the next instruction first, `other` later.
    Split {
        other: usize,
    },
    /// Tries `other` first, the next instruction later.
    SplitLazy {
        other: usize,
    },
    /// Remembers where a round begins.
    Mark {
        register: usize,
    },
    /// Leaves the loop if the round since `Mark` consumed nothing.
    LeaveIfEmpty {
        register: usize,
        exit: usize,
    },
    Zero {
        register: usize,
    },
    /// Head of a counted loop; the body follows, `counter + 1` is its mark.
    Loop {
        counter: usize,
        min: u32,
        max: u32,
        greedy: bool,
        groups: (usize, usize),
        exit: usize,
    },
    /// Begins a round of the loop whose head stands at `head`.
    Round {
        head: usize,
    },
    /// Ends a round of the loop whose head stands at `head`.
    RoundEnd {
        head: usize,
    },
    /// Runs the instructions that follow as a match of their own, then goes on at `then`.
    Look {
        negated: bool,
        then: usize,
    },
    Match,
}

/// What a `Run` repeats.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Matcher {
    Unit(u16),
    Class(usize),
}

/// A longer program is refused: it can only be a mistake.
const LONGEST: usize = 50_000;

pub(super) fn compile(tree: &Tree) -> Result<Program, PatternError> {
    let mut compiler = Compiler {
        code: Vec::new(),
        classes: Vec::new(),
        registers: 0,
        is_exact: tree.has_back_references,
        has_counters: false,
    };
    compiler.node(&tree.root, false)?;
    compiler.push(Step::Match)?;
    let first = compiler.code.first().copied();
    Ok(Program {
        is_anchored: first == Some(Step::Start),
        first_unit: match first {
            Some(Step::Unit { unit, .. }) => Some(unit),
            _ => None,
        },
        can_remember: !tree.has_back_references && !compiler.has_counters,
        code: compiler.code,
        classes: compiler.classes,
        capture_count: if tree.has_back_references {
            2 * (tree.group_count + 1)
        } else {
            0
        },
        register_count: compiler.registers,
    })
}

struct Compiler {
    code: Vec<Step>,
    classes: Vec<Class>,
    registers: usize,
    /// Captures matter, so that rounds and captures must be kept exactly as the standard says.
    is_exact: bool,
    has_counters: bool,
}

impl Compiler {
    fn push(&mut self, step: Step) -> Result<usize, PatternError> {
        if self.code.len() >= LONGEST {
            return Err(PatternError {
                problem: "the pattern is too large",
                position: 0,
            });
        }
        self.code.push(step);
        Ok(self.code.len() - 1)
    }

    fn register(&mut self, count: usize) -> usize {
        self.registers += count;
        self.registers - count
    }

    fn class(&mut self, class: &Class) -> usize {
        let known = self.classes.iter().position(|known| known == class);
        known.unwrap_or_else(|| {
            self.classes.push(class.clone());
            self.classes.len() - 1
        })
    }

    fn node(&mut self, node: &Node, back: bool) -> Result<(), PatternError> {
        match node {
            Node::Empty => {}
            Node::Unit(unit) => {
                self.push(Step::Unit { unit: *unit, back })?;
            }
            Node::Class(class) => {
                let class = self.class(class);
                self.push(Step::Class { class, back })?;
            }
            Node::Start => {
                self.push(Step::Start)?;
            }
            Node::End => {
                self.push(Step::End)?;
            }
            Node::WordBoundary { negated } => {
                self.push(Step::WordBoundary { negated: *negated })?;
            }
            Node::BackReference(group) => {
                self.push(Step::BackReference {
                    group: *group,
                    back,
                })?;
            }
            Node::Group { number, body } => self.group(*number, body, back)?,
            Node::Look {
                behind,
                negated,
                body,
            } => {
                let look = self.push(Step::Match)?;
                self.node(body, *behind)?;
                self.push(Step::Match)?;
                let then = self.code.len();
                self.code[look] = Step::Look {
                    negated: *negated,
                    then,
                };
            }
            Node::Sequence(terms) if back => {
                for term in terms.iter().rev() {
                    self.node(term, back)?;
                }
            }
            Node::Sequence(terms) => {
                for term in terms {
                    self.node(term, back)?;
                }
            }
            Node::Choice(branches) => self.choice(branches, back)?,
            Node::Repeat(repeat) => self.repeat(repeat, back)?,
        }
        Ok(())
    }

    fn group(
        &mut self,
        number: Option<usize>,
        body: &Node,
        back: bool,
    ) -> Result<(), PatternError> {
        let Some(number) = number.filter(|_| self.is_exact) else {
            return self.node(body, back);
        };
        let (begin, end) = (2 * number, 2 * number + 1);
        self.push(Step::Save {
            slot: if back { end } else { begin },
        })?;
        self.node(body, back)?;
        self.push(Step::Save {
            slot: if back { begin } else { end },
        })?;
        Ok(())
    }

    fn choice(&mut self, branches: &[Node], back: bool) -> Result<(), PatternError> {
        let mut jumps = Vec::new();
        for (index, branch) in branches.iter().enumerate() {
            if index + 1 == branches.len() {
                self.node(branch, back)?;
                break;
            }
            let split = self.push(Step::Match)?;
            self.node(branch, back)?;
            jumps.push(self.push(Step::Match)?);
            self.code[split] = Step::Split {
                other: self.code.len(),
            };
        }
        let to = self.code.len();
        for jump in jumps {
            self.code[jump] = Step::Jump { to };
        }
        Ok(())
    }

    fn repeat(&mut self, repeat: &Repeat, back: bool) -> Result<(), PatternError> {
        let Repeat {
            body,
            min,
            max,
            greedy,
            groups: _,
        } = repeat;
        let matcher = match body {
            Node::Unit(unit) => Some(Matcher::Unit(*unit)),
            Node::Class(class) => Some(Matcher::Class(self.class(class))),
            _ => None,
        };
        if let Some(matcher) = matcher.filter(|_| *greedy) {
            self.push(Step::Run {
                matcher,
                min: *min,
                max: *max,
                back,
            })?;
            return Ok(());
        }
        match (min, max) {
            (0, 1) if !self.is_exact => {
                let split = self.push(Step::Match)?;
                self.node(body, back)?;
                self.code[split] = self.split(*greedy, self.code.len());
                Ok(())
            }
            (0 | 1, &u32::MAX) if !self.is_exact => self.simple_loop(repeat, back),
            _ => self.counted_loop(repeat, back),
        }
    }

    /// A choice between the body that follows and `exit`.
    fn split(&self, greedy: bool, exit: usize) -> Step {
        if greedy {
            Step::Split { other: exit }
        } else {
            Step::SplitLazy { other: exit }
        }
    }

    /// `*` and `+` where captures do not matter: an empty round leaves the loop.
    fn simple_loop(&mut self, repeat: &Repeat, back: bool) -> Result<(), PatternError> {
        let register = self.register(1);
        let split = match repeat.min {
            0 => Some(self.push(Step::Match)?),
            _ => None,
        };
        let body = self.push(Step::Mark { register })?;
        self.node(&repeat.body, back)?;
        let leave = self.push(Step::Match)?;
        // Another round: the choice at the head for `*`, one of its own for `+`.
        match split {
            Some(split) => {
                self.push(Step::Jump { to: split })?;
                self.code[split] = self.split(repeat.greedy, self.code.len());
            }
            None => {
                let again = self.push(Step::Match)?;
                self.push(Step::Jump { to: body })?;
                self.code[again] = self.split(repeat.greedy, self.code.len());
            }
        }
        self.code[leave] = Step::LeaveIfEmpty {
            register,
            exit: self.code.len(),
        };
        Ok(())
    }

    fn counted_loop(&mut self, repeat: &Repeat, back: bool) -> Result<(), PatternError> {
        self.has_counters = true;
        let counter = self.register(2);
        self.push(Step::Zero { register: counter })?;
        let head = self.push(Step::Match)?;
        self.push(Step::Round { head })?;
        self.node(&repeat.body, back)?;
        self.push(Step::RoundEnd { head })?;
        self.code[head] = Step::Loop {
            counter,
            min: repeat.min,
            max: repeat.max,
            greedy: repeat.greedy,
            groups: repeat.groups,
            exit: self.code.len(),
        };
        Ok(())
    }
}
