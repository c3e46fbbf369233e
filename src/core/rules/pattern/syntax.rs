//! The syntax tree of a pattern: ECMAScript's grammar without the `u` flag, with the extensions of its Annex B
//! that every engine has (lone braces, octal escapes, identity escapes).

use super::PatternError;
use super::class::{self, Class};

/// A pattern as a tree.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Node {
    Empty,
    Unit(u16),
    Class(Class),
    Start,
    End,
    WordBoundary {
        negated: bool,
    },
    /// A numbered or named reference, as group number.
    BackReference(usize),
    Group {
        number: Option<usize>,
        body: Box<Node>,
    },
    Look {
        behind: bool,
        negated: bool,
        body: Box<Node>,
    },
    Sequence(Vec<Node>),
    Choice(Vec<Node>),
    Repeat(Box<Repeat>),
}

/// A quantified node.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Repeat {
    pub(super) body: Node,
    pub(super) min: u32,
    /// `u32::MAX` for no limit.
    pub(super) max: u32,
    pub(super) greedy: bool,
    /// Capture groups inside of the body, which each round forgets: first and one past the last.
    pub(super) groups: (usize, usize),
}

/// The tree, and how many capture groups it has.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Tree {
    pub(super) root: Node,
    pub(super) group_count: usize,
    pub(super) has_back_references: bool,
}

/// Groups nested deeper are refused, so that nothing here runs out of stack.
const DEEPEST: usize = 100;

pub(super) fn parse(source: &str) -> Result<Tree, PatternError> {
    let units: Vec<u16> = source.encode_utf16().collect();
    let (group_total, names) = count_groups(&units)?;
    let mut parser = Parser {
        units: &units,
        position: 0,
        groups_seen: 0,
        group_total,
        names,
        depth: 0,
        has_back_references: false,
    };
    let root = parser.choice()?;
    if parser.peek().is_some() {
        return Err(parser.error("unmatched `)`"));
    }
    Ok(Tree {
        root,
        group_count: group_total,
        has_back_references: parser.has_back_references,
    })
}

pub(super) type Name = Vec<u16>;

/// Counts the capture groups before parsing, because a reference may come before its group.
fn count_groups(units: &[u16]) -> Result<(usize, Vec<(Name, usize)>), PatternError> {
    let (mut count, mut names) = (0, Vec::<(Name, usize)>::new());
    let (mut at, mut in_class) = (0, false);
    let is = |index: usize, byte: u8| units.get(index) == Some(&u16::from(byte));
    while at < units.len() {
        if is(at, b'\\') {
            at += 2;
            continue;
        }
        if is(at, b'[') {
            in_class = true;
        } else if is(at, b']') {
            in_class = false;
        } else if is(at, b'(') && !in_class {
            if !is(at + 1, b'?') {
                count += 1;
            } else if is(at + 2, b'<') && !is(at + 3, b'=') && !is(at + 3, b'!') {
                count += 1;
                let name = group_name(units, at + 3)?;
                if names.iter().any(|(known, _)| *known == name) {
                    return Err(PatternError {
                        problem: "a group name is given twice",
                        position: at,
                    });
                }
                names.push((name, count));
            }
        }
        at += 1;
    }
    Ok((count, names))
}

/// The name from `start` to the closing `>`.
pub(super) fn group_name(units: &[u16], start: usize) -> Result<Name, PatternError> {
    let error = PatternError {
        problem: "no valid group name",
        position: start,
    };
    let rest = units.get(start..).unwrap_or_default();
    let Some(length) = rest.iter().position(|unit| *unit == u16::from(b'>')) else {
        return Err(error);
    };
    let name = &rest[..length];
    let Ok(text) = String::from_utf16(name) else {
        return Err(error);
    };
    let mut chars = text.chars();
    let starts_well = |c: char| c.is_alphabetic() || matches!(c, '$' | '_');
    let goes_on_well =
        |c: char| c.is_alphanumeric() || matches!(c, '$' | '_' | '\u{200c}' | '\u{200d}');
    if chars.next().is_some_and(starts_well) && chars.all(goes_on_well) {
        Ok(name.to_vec())
    } else {
        Err(error)
    }
}

pub(super) struct Parser<'a> {
    pub(super) units: &'a [u16],
    pub(super) position: usize,
    groups_seen: usize,
    pub(super) group_total: usize,
    pub(super) names: Vec<(Name, usize)>,
    depth: usize,
    pub(super) has_back_references: bool,
}

impl Parser<'_> {
    pub(super) fn error(&self, problem: &'static str) -> PatternError {
        PatternError {
            problem,
            position: self.position,
        }
    }

    pub(super) fn peek(&self) -> Option<u16> {
        self.units.get(self.position).copied()
    }

    /// The next unit if it is ASCII, else 0.
    pub(super) fn peek_ascii(&self) -> u8 {
        self.peek()
            .and_then(|unit| u8::try_from(unit).ok())
            .unwrap_or(0)
    }

    pub(super) fn take(&mut self) -> Option<u16> {
        let unit = self.peek()?;
        self.position += 1;
        Some(unit)
    }

    pub(super) fn take_if(&mut self, text: &str) -> bool {
        let rest = self.units.get(self.position..).unwrap_or_default();
        let is_next = rest.len() >= text.len()
            && text
                .bytes()
                .zip(rest)
                .all(|(byte, unit)| u16::from(byte) == *unit);
        if is_next {
            self.position += text.len();
        }
        is_next
    }

    fn choice(&mut self) -> Result<Node, PatternError> {
        let mut branches = vec![self.sequence()?];
        while self.take_if("|") {
            branches.push(self.sequence()?);
        }
        Ok(match branches.len() {
            1 => branches.remove(0),
            _ => Node::Choice(branches),
        })
    }

    fn sequence(&mut self) -> Result<Node, PatternError> {
        let mut terms = Vec::new();
        while let Some(unit) = self.peek() {
            if unit == u16::from(b'|') || unit == u16::from(b')') {
                break;
            }
            terms.push(self.term()?);
        }
        Ok(match terms.len() {
            0 => Node::Empty,
            1 => terms.remove(0),
            _ => Node::Sequence(terms),
        })
    }

    fn term(&mut self) -> Result<Node, PatternError> {
        if self.take_if("^") {
            return Ok(Node::Start);
        }
        if self.take_if("$") {
            return Ok(Node::End);
        }
        if self.take_if("\\b") {
            return Ok(Node::WordBoundary { negated: false });
        }
        if self.take_if("\\B") {
            return Ok(Node::WordBoundary { negated: true });
        }
        let groups_before = self.groups_seen;
        let atom = self.atom()?;
        if matches!(atom, Node::Look { behind: true, .. }) {
            return Ok(atom);
        }
        let Some((min, max)) = self.quantifier()? else {
            return Ok(atom);
        };
        let greedy = !self.take_if("?");
        Ok(Node::Repeat(Box::new(Repeat {
            body: atom,
            min,
            max,
            greedy,
            groups: (groups_before + 1, self.groups_seen + 1),
        })))
    }

    fn quantifier(&mut self) -> Result<Option<(u32, u32)>, PatternError> {
        if self.take_if("*") {
            return Ok(Some((0, u32::MAX)));
        }
        if self.take_if("+") {
            return Ok(Some((1, u32::MAX)));
        }
        if self.take_if("?") {
            return Ok(Some((0, 1)));
        }
        let Some((min, max)) = self.braces() else {
            return Ok(None);
        };
        if min > max {
            return Err(self.error("numbers out of order in `{}`"));
        }
        Ok(Some((min, max)))
    }

    /// `{n}`, `{n,}` or `{n,m}`; anything else that begins with a brace stands for itself.
    fn braces(&mut self) -> Option<(u32, u32)> {
        let start = self.position;
        let found = self.try_braces();
        if found.is_none() {
            self.position = start;
        }
        found
    }

    fn try_braces(&mut self) -> Option<(u32, u32)> {
        if !self.take_if("{") {
            return None;
        }
        let min = self.number()?;
        let max = match self.take_if(",") {
            false => min,
            true if self.peek_ascii() == b'}' => u32::MAX,
            true => self.number()?,
        };
        self.take_if("}").then_some((min, max))
    }

    pub(super) fn number(&mut self) -> Option<u32> {
        let mut number: Option<u32> = None;
        while self.peek_ascii().is_ascii_digit() {
            let digit = u32::from(self.peek_ascii() - b'0');
            self.position += 1;
            number = Some(number.unwrap_or(0).saturating_mul(10).saturating_add(digit));
        }
        number
    }

    fn atom(&mut self) -> Result<Node, PatternError> {
        match self.peek_ascii() {
            b'(' => self.group(),
            b'[' => self.class(),
            b'.' => {
                self.position += 1;
                Ok(Node::Class(class::of_dot()))
            }
            b'\\' => self.escape(),
            b'*' | b'+' | b'?' => Err(self.error("nothing to repeat")),
            b'{' if self.braces().is_some() => Err(self.error("nothing to repeat")),
            _ => match self.take() {
                Some(unit) => Ok(Node::Unit(unit)),
                None => Ok(Node::Empty),
            },
        }
    }

    fn group(&mut self) -> Result<Node, PatternError> {
        if self.depth >= DEEPEST {
            return Err(self.error("groups are nested too deeply"));
        }
        self.position += 1;
        let look = |behind, negated| (Some((behind, negated)), None);
        let (look, number) = if self.take_if("?:") {
            (None, None)
        } else if self.take_if("?=") {
            look(false, false)
        } else if self.take_if("?!") {
            look(false, true)
        } else if self.take_if("?<=") {
            look(true, false)
        } else if self.take_if("?<!") {
            look(true, true)
        } else if self.take_if("?<") {
            let name = group_name(self.units, self.position)?;
            self.position += name.len() + 1;
            self.groups_seen += 1;
            (None, Some(self.groups_seen))
        } else if self.peek_ascii() == b'?' {
            return Err(self.error("invalid group"));
        } else {
            self.groups_seen += 1;
            (None, Some(self.groups_seen))
        };
        self.depth += 1;
        let body = Box::new(self.choice()?);
        self.depth -= 1;
        if !self.take_if(")") {
            return Err(self.error("unterminated group"));
        }
        Ok(match look {
            Some((behind, negated)) => Node::Look {
                behind,
                negated,
                body,
            },
            None => Node::Group { number, body },
        })
    }
}
