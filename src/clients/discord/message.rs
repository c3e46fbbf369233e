//! Messages within Discord's limits. Whatever goes into a [`Message`], what comes out is accepted.

use super::markdown::cut;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

/// Embeds in one message.
const EMBEDS: usize = 10;
/// Code points in all texts of a message's embeds together.
const ALL_EMBEDS: usize = 6000;
const CONTENT: usize = 2000;
const TITLE: usize = 256;
const DESCRIPTION: usize = 4096;
const FIELDS: usize = 25;
const FIELD_NAME: usize = 256;
const FIELD_VALUE: usize = 1024;
const FOOTER: usize = 2048;
const USERNAME: usize = 80;
/// Shown where Discord wants a text and there is none.
const NOTHING: &str = "–";

/// A box in a message. Texts are markdown: foreign ones go through [`super::escape`] before.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Embed {
    /// First line, up to 256 code points.
    pub title: String,
    /// Text below, up to 4096.
    pub description: String,
    /// Colour of the edge, `0xRRGGBB`.
    pub color: Option<u32>,
    /// Up to 25.
    pub fields: Vec<Field>,
    /// Last line, up to 2048.
    pub footer: String,
    /// When it happened.
    pub timestamp: Option<Timestamp>,
}

/// A named value in an embed.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Field {
    /// Up to 256 code points.
    pub name: String,
    /// Up to 1024.
    pub value: String,
    /// Beside others in one row.
    pub inline: bool,
}

impl Field {
    /// A field that stands beside others.
    pub fn inline(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            value: value.into(),
            inline: true,
        }
    }

    /// A field in a row of its own.
    pub fn wide(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            value: value.into(),
            inline: false,
        }
    }
}

/// A message that Discord accepts.
#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    content: String,
    embeds: Vec<Embed>,
    username: Option<String>,
}

impl Message {
    /// A plain text.
    pub fn text(text: &str, username: Option<&str>) -> Self {
        let content = or_nothing(cut(text.trim(), CONTENT));
        Self {
            content,
            embeds: Vec::new(),
            username: name(username),
        }
    }

    /// A message with the first of these embeds, and how many of them are in it: as many as fit, at least one
    /// if there are any. The others go into messages after it.
    pub fn of_first(embeds: &[Embed], username: Option<&str>) -> (Self, usize) {
        let mut room = ALL_EMBEDS;
        let mut taken = Vec::new();
        for embed in embeds.iter().take(EMBEDS) {
            let embed = fit(embed);
            let length = embed.length();
            if length > room {
                break;
            }
            room -= length;
            taken.push(embed);
        }
        let count = taken.len();
        let content = if taken.is_empty() {
            NOTHING.to_owned()
        } else {
            String::new()
        };
        (
            Self {
                content,
                embeds: taken,
                username: name(username),
            },
            count,
        )
    }

    /// The body of the request. Mentions nobody.
    pub fn to_json(&self) -> String {
        let Self {
            content,
            embeds,
            username,
        } = self;
        let mut body = json!({ "allowed_mentions": { "parse": [] } });
        if !content.is_empty() {
            body["content"] = content.as_str().into();
        }
        if !embeds.is_empty() {
            body["embeds"] = embeds.iter().map(Embed::to_json).collect();
        }
        if let Some(username) = username {
            body["username"] = username.as_str().into();
        }
        body.to_string()
    }
}

impl Embed {
    /// Code points that count towards the limit of the message.
    fn length(&self) -> usize {
        let Self {
            title,
            description,
            color: _,
            fields,
            footer,
            timestamp: _,
        } = self;
        let fields = fields.iter().map(|f| length(&f.name) + length(&f.value));
        length(title) + length(description) + length(footer) + fields.sum::<usize>()
    }

    fn to_json(&self) -> Value {
        let Self {
            title,
            description,
            color,
            fields,
            footer,
            timestamp,
        } = self;
        let mut embed = Map::new();
        for (name, text) in [("title", title), ("description", description)] {
            if !text.is_empty() {
                embed.insert(name.to_owned(), text.as_str().into());
            }
        }
        if let Some(color) = color {
            embed.insert("color".to_owned(), (color & 0xff_ffff).into());
        }
        if !fields.is_empty() {
            let fields = fields.iter().map(
                |Field {
                     name,
                     value,
                     inline,
                 }| { json!({ "name": name, "value": value, "inline": inline }) },
            );
            embed.insert("fields".to_owned(), fields.collect());
        }
        if !footer.is_empty() {
            embed.insert("footer".to_owned(), json!({ "text": footer }));
        }
        if let Some(timestamp) = timestamp {
            embed.insert("timestamp".to_owned(), timestamp.to_string().into());
        }
        Value::Object(embed)
    }
}

/// The embed within all limits. What is too long in all loses fields from its end; title, description and footer
/// of full length (6400) lose the end of the description.
fn fit(embed: &Embed) -> Embed {
    let Embed {
        title,
        description,
        color,
        fields,
        footer,
        timestamp,
    } = embed;
    let mut fitted = Embed {
        title: cut(title.trim(), TITLE),
        description: cut(description.trim(), DESCRIPTION),
        color: *color,
        fields: Vec::new(),
        footer: cut(footer.trim(), FOOTER),
        timestamp: *timestamp,
    };
    let room = ALL_EMBEDS - length(&fitted.title) - length(&fitted.footer);
    fitted.description = cut(&fitted.description, room);
    for field in fields.iter().take(FIELDS) {
        fitted.fields.push(Field {
            name: or_nothing(cut(field.name.trim(), FIELD_NAME)),
            value: or_nothing(cut(field.value.trim(), FIELD_VALUE)),
            inline: field.inline,
        });
        if fitted.length() > ALL_EMBEDS {
            fitted.fields.pop();
            break;
        }
    }
    if fitted.length() == 0 {
        fitted.description = NOTHING.to_owned();
    }
    fitted
}

/// The name if Discord accepts it; else the webhook's own is shown.
fn name(username: Option<&str>) -> Option<String> {
    let username = username?.trim();
    let lower = username.to_lowercase();
    let is_refused = username.is_empty() || lower.contains("discord") || lower.contains("clyde");
    (!is_refused).then(|| cut(username, USERNAME))
}

fn or_nothing(text: String) -> String {
    if text.is_empty() {
        NOTHING.to_owned()
    } else {
        text
    }
}

fn length(text: &str) -> usize {
    text.chars().count()
}

#[cfg(test)]
mod tests;
