//! What the user must know of the settings that were brought along.

use std::fmt;

/// How the new settings relate to the old ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Nothing in the configuration stands for it.
    LeftOut,
    /// It was mended, or means something else.
    Differs,
    /// It means the same; this is what else to know or to do.
    Note,
}

/// One thing to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    /// How new and old relate.
    pub kind: Kind,
    /// The name of the file, if it is about one.
    pub file: Option<String>,
    /// The setting or rule, as the earlier tool names it.
    pub about: String,
    /// A sentence or two. Never a secret.
    pub text: String,
}

impl fmt::Display for Remark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.kind {
            Kind::LeftOut => "left out",
            Kind::Differs => "differs",
            Kind::Note => "note",
        };
        write!(f, "{kind}: ")?;
        if let Some(file) = &self.file {
            write!(f, "{file}: ")?;
        }
        write!(f, "{}: {}", self.about, self.text)
    }
}

/// The remarks so far, and the file that is read.
#[derive(Debug, Default)]
pub(super) struct Remarks {
    list: Vec<Remark>,
    file: Option<String>,
}

impl Remarks {
    /// What follows is about this file, or about the whole.
    pub(super) fn about_file(&mut self, file: Option<&str>) {
        self.file = file.map(str::to_owned);
    }

    /// Nothing stands for it.
    pub(super) fn left_out(&mut self, about: &str, text: impl Into<String>) {
        self.add(Kind::LeftOut, about, text.into());
    }

    /// It means something else.
    pub(super) fn differs(&mut self, about: &str, text: impl Into<String>) {
        self.add(Kind::Differs, about, text.into());
    }

    /// Good to know.
    pub(super) fn note(&mut self, about: &str, text: impl Into<String>) {
        self.add(Kind::Note, about, text.into());
    }

    /// The remarks in the order they were made, each once.
    pub(super) fn into_list(self) -> Vec<Remark> {
        self.list
    }

    fn add(&mut self, kind: Kind, about: &str, text: String) {
        let remark = Remark {
            kind,
            file: self.file.clone(),
            about: about.to_owned(),
            text,
        };
        if !self.list.contains(&remark) {
            self.list.push(remark);
        }
    }
}
