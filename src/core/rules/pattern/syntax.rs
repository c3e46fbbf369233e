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

type Name = Vec<u16>;

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
fn group_name(units: &[u16], start: usize) -> Result<Name, PatternError> {
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

struct Parser<'a> {
    units: &'a [u16],
    position: usize,
    groups_seen: usize,
    group_total: usize,
    names: Vec<(Name, usize)>,
    depth: usize,
    has_back_references: bool,
}

/// One element of a class: a unit, or a letter class.
enum Element {
    Unit(u16),
    Class(Class),
}

impl Parser<'_> {
    fn error(&self, problem: &'static str) -> PatternError {
        PatternError {
            problem,
            position: self.position,
        }
    }

    fn peek(&self) -> Option<u16> {
        self.units.get(self.position).copied()
    }

    /// The next unit if it is ASCII, else 0.
    fn peek_ascii(&self) -> u8 {
        self.peek()
            .and_then(|unit| u8::try_from(unit).ok())
            .unwrap_or(0)
    }

    fn take(&mut self) -> Option<u16> {
        let unit = self.peek()?;
        self.position += 1;
        Some(unit)
    }

    fn take_if(&mut self, text: &str) -> bool {
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

    fn number(&mut self) -> Option<u32> {
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

    fn escape(&mut self) -> Result<Node, PatternError> {
        let next = self.units.get(self.position + 1).copied();
        let Some(next) = next else {
            return Err(self.error("`\\` at the end"));
        };
        let letter = u8::try_from(next).unwrap_or(0);
        if let b'1'..=b'9' = letter {
            let start = self.position;
            self.position += 1;
            let number = self.number().unwrap_or(0) as usize;
            if number <= self.group_total {
                self.has_back_references = true;
                return Ok(Node::BackReference(number));
            }
            self.position = start;
        }
        if letter == b'k' && !self.names.is_empty() {
            self.position += 2;
            return self.named_reference();
        }
        self.position += 1;
        if let Some(class) = class::of_letter(letter) {
            self.position += 1;
            return Ok(Node::Class(class));
        }
        Ok(Node::Unit(self.unit_escape(false)?))
    }

    fn named_reference(&mut self) -> Result<Node, PatternError> {
        if !self.take_if("<") {
            return Err(self.error("invalid named reference"));
        }
        let name = group_name(self.units, self.position)?;
        let known = self.names.iter().find(|(known, _)| *known == name);
        let Some(number) = known.map(|(_, number)| *number) else {
            return Err(self.error("no group has this name"));
        };
        self.position += name.len() + 1;
        self.has_back_references = true;
        Ok(Node::BackReference(number))
    }

    /// An escape that stands for one unit; the backslash is already taken.
    fn unit_escape(&mut self, in_class: bool) -> Result<u16, PatternError> {
        let letter = self.peek_ascii();
        let Some(unit) = self.take() else {
            return Err(self.error("`\\` at the end"));
        };
        Ok(match letter {
            b't' => 0x09,
            b'n' => 0x0a,
            b'v' => 0x0b,
            b'f' => 0x0c,
            b'r' => 0x0d,
            b'0'..=b'7' => self.octal(letter),
            b'x' => self.hex(2).unwrap_or(unit),
            b'u' => self.hex(4).unwrap_or(unit),
            b'c' => {
                let control = self.peek_ascii();
                let is_control = control.is_ascii_alphabetic()
                    || (in_class && (control.is_ascii_digit() || control == b'_'));
                if is_control {
                    self.position += 1;
                    u16::from(control % 32)
                } else {
                    // The backslash stands for itself, and the `c` is read again.
                    self.position -= 1;
                    b'\\'.into()
                }
            }
            b'k' if !self.names.is_empty() => return Err(self.error("invalid escape")),
            _ => unit,
        })
    }

    /// Up to three octal digits, at most 0o377; the first is taken.
    fn octal(&mut self, first: u8) -> u16 {
        let mut number = u16::from(first - b'0');
        for _ in 0..2 {
            let digit @ b'0'..=b'7' = self.peek_ascii() else {
                break;
            };
            let longer = number * 8 + u16::from(digit - b'0');
            if longer > 0o377 {
                break;
            }
            number = longer;
            self.position += 1;
        }
        number
    }

    fn hex(&mut self, count: usize) -> Option<u16> {
        let digits = self.units.get(self.position..self.position + count)?;
        let mut number: u16 = 0;
        for unit in digits {
            let digit = char::from(u8::try_from(*unit).ok()?).to_digit(16)?;
            number = number << 4 | digit as u16;
        }
        self.position += count;
        Some(number)
    }

    fn class(&mut self) -> Result<Node, PatternError> {
        self.position += 1;
        let negated = self.take_if("^");
        let mut class = Class::default();
        loop {
            if self.peek().is_none() {
                return Err(self.error("unterminated class"));
            }
            if self.take_if("]") {
                break;
            }
            let first = self.class_element()?;
            let is_range = self.peek_ascii() == b'-'
                && self
                    .units
                    .get(self.position + 1)
                    .is_some_and(|unit| *unit != u16::from(b']'));
            if !is_range {
                add_element(&mut class, &first);
                continue;
            }
            self.position += 1;
            let last = self.class_element()?;
            match (&first, &last) {
                (Element::Unit(first), Element::Unit(last)) if first <= last => {
                    class.add(*first, *last)
                }
                (Element::Unit(_), Element::Unit(_)) => {
                    return Err(self.error("range out of order in a class"));
                }
                // A letter class cannot end a range: the dash then stands for itself.
                (Element::Class(_), _) | (_, Element::Class(_)) => {
                    add_element(&mut class, &first);
                    class.add(b'-'.into(), b'-'.into());
                    add_element(&mut class, &last);
                }
            }
        }
        Ok(Node::Class(if negated { class.negate() } else { class }))
    }

    fn class_element(&mut self) -> Result<Element, PatternError> {
        let Some(unit) = self.take() else {
            return Err(self.error("unterminated class"));
        };
        if unit != u16::from(b'\\') {
            return Ok(Element::Unit(unit));
        }
        let letter = self.peek_ascii();
        if let Some(class) = class::of_letter(letter) {
            self.position += 1;
            return Ok(Element::Class(class));
        }
        if letter == b'b' {
            self.position += 1;
            return Ok(Element::Unit(0x08));
        }
        Ok(Element::Unit(self.unit_escape(true)?))
    }
}

fn add_element(class: &mut Class, element: &Element) {
    match element {
        Element::Unit(unit) => class.add(*unit, *unit),
        Element::Class(other) => class.add_class(other),
    }
}
