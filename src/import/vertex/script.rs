//! JavaScript of a rule: taken over as it is, unless it needs what rules here do not have. It is looked at as text
//! and never run.

use crate::import::remark::Remarks;

use super::rule::{Lost, Role};

/// What Vertex's process offers to its rules, and the engine here does not.
const MISSING: [&str; 12] = [
    "require",
    "process",
    "global",
    "globalThis.process",
    "setTimeout",
    "setInterval",
    "fetch",
    "redis",
    "cron",
    "Push",
    "Client",
    "fitTimeJob",
];

/// The script for one role.
pub(super) fn carry(
    code: &str,
    role: Role,
    about: &str,
    remarks: &mut Remarks,
) -> Result<String, Lost> {
    let mut code = code.to_owned();
    for call in [
        "require('moment')",
        "require(\"moment\")",
        "require(`moment`)",
    ] {
        if code.contains(call) {
            // `const moment = moment;` would be an error.
            for word in ["const", "let", "var"] {
                code = code.replace(&format!("{word} moment = {call};"), "");
                code = code.replace(&format!("{word} moment = {call}"), "");
            }
            code = code.replace(call, "moment");
            remarks.note(
                about,
                "require('moment') is removed: moment is there without it.",
            );
        }
    }
    let bare = without_comments_and_texts(&code);
    if bare.trim().is_empty() {
        return Err(Lost::Dead("its script is empty.".to_owned()));
    }
    if let Some(name) = lonely_name(&bare) {
        return Err(Lost::Dead(format!(
            "its script only names the function {name:?}, and a script must end in the function itself; cut what stands \
             before \"(maindata, torrent)\"."
        )));
    }
    if has_word(&bare, "async") || has_word(&bare, "await") || has_word(&bare, "Promise") {
        let why = "it is asynchronous, and a Promise counts as true in Vertex, so that it matched every torrent.";
        return match role {
            Role::Act => Err(Lost::Unclear(why.to_owned())),
            Role::Protect => {
                remarks.differs(
                    about,
                    format!(
                        "{why} Here it is a mistake, and a protect rule with one protects all."
                    ),
                );
                Ok(code)
            }
        };
    }
    if let Some(word) = MISSING.into_iter().find(|word| has_word(&bare, word)) {
        let why = format!(
            "it uses {word}, which rules do not have here (no files, network, processes or timers)."
        );
        return match role {
            Role::Act => Err(Lost::Unclear(why)),
            Role::Protect => {
                remarks.differs(
                    about,
                    format!("{why} A protect rule that fails protects everything; write it anew."),
                );
                Ok(code)
            }
        };
    }
    if bare.contains("pausedUP") || code.contains("pausedUP") || code.contains("pausedDL") {
        remarks.note(
            about,
            "from qBittorrent 5 on the states are stoppedUP and stoppedDL; add them to the script.",
        );
    }
    Ok(code)
}

/// The name, if all that the script does is to give a function one.
fn lonely_name(bare: &str) -> Option<String> {
    let text = bare.trim_start();
    let (rest, is_function) = ["const ", "let ", "var "]
        .iter()
        .find_map(|word| text.strip_prefix(word))
        .map(|rest| (rest, false))
        .or_else(|| text.strip_prefix("function ").map(|rest| (rest, true)))?;
    let rest = rest.trim_start();
    let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '$'))?;
    let (name, rest) = rest.split_at(end);
    let is_definition = is_function || rest.trim_start().starts_with('=');
    (!name.is_empty() && is_definition && !has_word(rest, name)).then(|| name.to_owned())
}

/// Whether a word stands in the text, and not as the name of a field.
fn has_word(text: &str, word: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
    text.match_indices(word).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + word.len()..].chars().next();
        !before.is_some_and(|c| is_part(c) || c == '.') && !after.is_some_and(is_part)
    })
}

/// The script with comments and the content of texts taken out. Regular expressions are not told apart, which at
/// worst hides a word.
fn without_comments_and_texts(code: &str) -> String {
    let mut bare = String::with_capacity(code.len());
    let mut chars = code.chars().peekable();
    while let Some(c) = chars.next() {
        match (c, chars.peek()) {
            ('/', Some('/')) => {
                for c in chars.by_ref() {
                    if c == '\n' {
                        bare.push('\n');
                        break;
                    }
                }
            }
            ('/', Some('*')) => {
                chars.next();
                let mut last = ' ';
                for c in chars.by_ref() {
                    if last == '*' && c == '/' {
                        break;
                    }
                    last = c;
                }
                bare.push(' ');
            }
            ('"' | '\'', _) => {
                bare.push(c);
                while let Some(inner) = chars.next() {
                    match inner {
                        '\\' => {
                            chars.next();
                        }
                        _ if inner == c || inner == '\n' => break,
                        _ => {}
                    }
                }
                bare.push(c);
            }
            _ => bare.push(c),
        }
    }
    bare
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(code: &str, role: Role, expected: Result<&str, &str>) {
        let carried = carry(code, role, "rule", &mut Remarks::default());
        match (carried, expected) {
            (Ok(code), Ok(expected)) => assert_eq!(code, expected),
            (Err(Lost::Dead(why) | Lost::Unclear(why)), Err(part)) => {
                assert!(why.contains(part), "{why}");
            }
            (Ok(code), Err(part)) => panic!("carried over {code:?}, expected {part:?}"),
            (Err(Lost::Dead(why) | Lost::Unclear(why)), Ok(_)) => panic!("lost: {why}"),
        }
    }

    #[test]
    fn carries_ordinary_scripts_over_untouched() {
        for code in [
            "(maindata, torrent) => torrent.ratio > 2",
            "// async is not used\n(m, t) => t.name.includes('process') // require\n",
            "const f = (m, t) => t.progress < 1; f",
            "function f(m, t) { return true }\nf",
            "(m, t) => t.process > 1 && m.global",
            "const limit = util.calSize(5, 'GiB');\n(m, t) => t.size > limit",
        ] {
            check(code, Role::Act, Ok(code));
        }
    }

    #[test]
    fn leaves_out_what_vertex_could_not_run_or_matched_always() {
        check("", Role::Act, Err("empty"));
        check("/* nothing */", Role::Act, Err("empty"));
        check(
            "const rule = (m, t) => true;",
            Role::Act,
            Err("only names the function \"rule\""),
        );
        check(
            "function rule (m, t) { return true }",
            Role::Protect,
            Err("only names"),
        );
        check("async (m, t) => false", Role::Act, Err("asynchronous"));
        check(
            "(m, t) => require('fs').existsSync('/x')",
            Role::Act,
            Err("require"),
        );
        check("(m, t) => global.runningClient", Role::Act, Err("global"));
    }

    #[test]
    fn keeps_protect_scripts_that_fail_because_they_then_protect_everything() {
        let code = "async (m, t) => true";
        check(code, Role::Protect, Ok(code));
        let code = "(m, t) => require('fs')";
        check(code, Role::Protect, Ok(code));
    }

    #[test]
    fn removes_the_import_of_moment() {
        let code = "const moment = require('moment');\n(m, t) => moment().hour() < 8";
        check(code, Role::Act, Ok("\n(m, t) => moment().hour() < 8"));
        check(
            "(m, t) => require('moment')().unix() > 0",
            Role::Act,
            Ok("(m, t) => moment().unix() > 0"),
        );
    }
}
