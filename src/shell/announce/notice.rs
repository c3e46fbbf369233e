//! What a notice looks like in Discord.

use crate::clients::discord::{Embed, Field, escape};
use crate::core::ledger::{DeletionIntent, KeptAs, NoticeText, Outcome, OutcomeKind, Owed};
use crate::core::plan::bytes_text;

const DELETED: u32 = 0x00d9_5f4f;
const NEWS: u32 = 0x00e0_a93a;

/// The embed of one notice.
pub fn embed(owed: &Owed<'_>) -> Embed {
    match owed {
        Owed::Deletion(intent, outcome) => deletion(intent, outcome),
        Owed::Text(text) => news(text),
    }
}

fn deletion(intent: &DeletionIntent, outcome: &Outcome) -> Embed {
    let how = match outcome.result {
        OutcomeKind::GoneAfterUnknown => "Gone after an interrupted deletion",
        _ => "Deleted",
    };
    let mut fields = vec![Field::inline("Account", escape(intent.account.as_str()))];
    if let Some(size) = intent.size_bytes {
        fields.push(Field::inline("Size", bytes_text(size)));
    }
    match (intent.progress, intent.ratio) {
        (Some(progress), _) if progress < 1.0 => {
            fields.push(Field::inline(
                "Progress",
                format!("{:.1} %", progress * 100.0),
            ));
        }
        (_, Some(ratio)) => fields.push(Field::inline("Ratio", ratio_text(ratio))),
        _ => {}
    }
    if let Some((have, most)) = intent.failures {
        fields.push(Field::inline("Failures", format!("{have} of {most}")));
    }
    if !matches!(intent.kept, KeptAs::Hash(_)) {
        fields.push(Field::inline("Files", files_text(intent)));
    }
    Embed {
        title: format!("{how}: {}", escape(&intent.name)),
        description: escape(&format!("{}: {}", intent.cause, intent.reason)),
        color: Some(DELETED),
        fields,
        footer: format!("seedwarden restore {}", intent.item),
        timestamp: Some(outcome.at),
    }
}

fn files_text(intent: &DeletionIntent) -> String {
    match (&intent.files_kept_because, intent.delete_files) {
        (Some(why), _) => escape(&format!("kept: {why}")),
        (None, true) => "deleted".to_owned(),
        (None, false) => "kept".to_owned(),
    }
}

fn ratio_text(ratio: f64) -> String {
    if ratio < 0.0 {
        "infinite".to_owned()
    } else {
        format!("{ratio:.2}")
    }
}

fn news(text: &NoticeText) -> Embed {
    Embed {
        title: escape(&text.title),
        description: escape(&text.text),
        color: Some(NEWS),
        fields: Vec::new(),
        footer: String::new(),
        timestamp: Some(text.at),
    }
}
