//! What went wrong in a rule, in words and with the line of its text.

use rquickjs::{Ctx, Object, Value};

use crate::shell::script_host::redact;

/// A failure of a call, in words.
pub(super) struct Fault {
    pub(super) message: String,
    pub(super) line: Option<u32>,
}

impl Fault {
    /// What went wrong in a call. Whatever was thrown is looked at without running any of its code.
    pub(super) fn of(ctx: &Ctx<'_>, error: &rquickjs::Error, has_expired: bool) -> Fault {
        if !error.is_exception() {
            return internal(error);
        }
        let thrown = ctx.catch();
        if has_expired {
            let message = "one call took too long and was stopped".to_owned();
            return Fault {
                message,
                line: None,
            };
        }
        let Some(exception) = thrown.as_exception() else {
            let message = match thrown.as_string().and_then(|text| text.to_string().ok()) {
                Some(text) => format!("threw {:?}", redact::addresses(&short(&text))),
                None if thrown.is_null() || thrown.is_undefined() => {
                    "threw nothing (most likely out of memory)".to_owned()
                }
                None => format!("threw a value of type {}", thrown.type_name()),
            };
            return Fault {
                message,
                line: None,
            };
        };
        let name = data_text(exception.as_object(), "name").unwrap_or_else(|| "Error".to_owned());
        let message = data_text(exception.as_object(), "message").unwrap_or_default();
        let stack = data_text(exception.as_object(), "stack").unwrap_or_default();
        Fault {
            message: redact::addresses(&short(&format!("{name}: {message}"))),
            line: line_of(&stack),
        }
    }
}

pub(super) fn internal(error: impl std::fmt::Display) -> Fault {
    Fault {
        message: format!("the engine failed: {error}"),
        line: None,
    }
}

fn short(text: &str) -> String {
    const LONGEST: usize = 500;
    text.chars().take(LONGEST).collect()
}

/// A text property of an error.
fn data_text(object: &Object<'_>, name: &str) -> Option<String> {
    let value: Value = object.get(name).ok()?;
    value.as_string()?.to_string().ok()
}

/// The line of the rule's own text in a stack such as `    at decide (<input>:3:7)`.
fn line_of(stack: &str) -> Option<u32> {
    let frame = stack.lines().find_map(|line| line.split_once("<input>:"))?;
    let digits: String = frame.1.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}
