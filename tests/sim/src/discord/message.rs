//! What a message may look like: the limits of Discord's "Embed Limits" and "Execute Webhook" pages. Lengths
//! are Unicode code points after trimming, inclusive; breaking one gives 400 with code 50035.

use super::time;
use serde_json::{Value, json};

/// Most code points of `content`.
pub const CONTENT: usize = 2000;
/// Most embeds of a message.
pub const EMBEDS: usize = 10;
/// Most code points of all embeds of a message together: title, description, field names and values, footer text
/// and author name.
pub const EMBED_SUM: usize = 6000;
/// Most code points of an embed's title, author name and field names.
pub const TITLE: usize = 256;
/// Most code points of an embed's description.
pub const DESCRIPTION: usize = 4096;
/// Most fields of an embed.
pub const FIELDS: usize = 25;
/// Most code points of a field's value.
pub const FIELD_VALUE: usize = 1024;
/// Most code points of a footer.
pub const FOOTER: usize = 2048;
/// Most code points of a user name.
pub const USERNAME: usize = 80;

/// One thing wrong: path from the top of the message, code and text, as in the `errors` tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wrong {
    pub path: Vec<String>,
    pub code: &'static str,
    pub message: String,
}

/// Why a message is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Refused {
    /// Code 50109: not JSON, or no object.
    NotJson,
    /// Code 50006: nothing in it.
    Empty,
    /// Code 50035.
    Form(Vec<Wrong>),
}

/// Reads a message and holds it against every limit.
pub(crate) fn read(body: &[u8]) -> Result<Value, Refused> {
    let message: Value = serde_json::from_slice(body).map_err(|_| Refused::NotJson)?;
    if !message.is_object() {
        return Err(Refused::NotJson);
    }
    let mut check = Check { wrongs: Vec::new() };
    check.message(&message);
    if !check.wrongs.is_empty() {
        return Err(Refused::Form(check.wrongs));
    }
    if is_empty(&message) {
        return Err(Refused::Empty);
    }
    Ok(message)
}

/// The `errors` tree that names each wrong place.
pub(crate) fn tree(wrongs: &[Wrong]) -> Value {
    let mut tree = json!({});
    for wrong in wrongs {
        let mut place = &mut tree;
        for step in &wrong.path {
            place = &mut place[step.as_str()];
        }
        let error = json!({"code": wrong.code, "message": wrong.message});
        match place["_errors"].as_array_mut() {
            Some(errors) => errors.push(error),
            None => place["_errors"] = json!([error]),
        }
    }
    tree
}

fn is_empty(message: &Value) -> bool {
    let no_text = message["content"]
        .as_str()
        .is_none_or(|text| text.trim().is_empty());
    let no_list = |name: &str| message[name].as_array().is_none_or(Vec::is_empty);
    let has_content = |embed: &Value| {
        let names = [
            "title",
            "description",
            "fields",
            "footer",
            "author",
            "image",
            "thumbnail",
            "url",
        ];
        names.iter().any(|name| {
            let value = &embed[name];
            value
                .as_str()
                .map_or(!value.is_null(), |text| !text.trim().is_empty())
        })
    };
    let embeds = message["embeds"].as_array();
    let blank_embeds = embeds.is_some_and(|all| !all.is_empty() && !all.iter().any(has_content));
    no_text
        && (no_list("embeds") || blank_embeds)
        && no_list("components")
        && message["poll"].is_null()
}

struct Check {
    wrongs: Vec<Wrong>,
}

impl Check {
    fn wrong(&mut self, path: &[&str], code: &'static str, message: impl Into<String>) {
        let path = path.iter().map(|step| (*step).to_owned()).collect();
        self.wrongs.push(Wrong {
            path,
            code,
            message: message.into(),
        });
    }

    fn message(&mut self, message: &Value) {
        self.text(&message["content"], &["content"], 0, CONTENT);
        self.username(&message["username"]);
        self.url(&message["avatar_url"], &["avatar_url"]);
        self.embeds(&message["embeds"]);
        self.mentions(&message["allowed_mentions"]);
        let flags = &message["flags"];
        if !flags.is_null() && !flags.is_u64() {
            self.wrong(&["flags"], "NUMBER_TYPE_COERCE", "Value is not int.");
        }
    }

    /// A text of `least` to `most` code points, counted after trimming; returns the count.
    fn text(&mut self, value: &Value, path: &[&str], least: usize, most: usize) -> usize {
        if value.is_null() {
            if least > 0 {
                self.wrong(path, "BASE_TYPE_REQUIRED", "This field is required");
            }
            return 0;
        }
        // Numbers and booleans are taken as their text, as Discord's coercion does.
        let text = match value {
            Value::String(text) => text.trim().to_owned(),
            Value::Number(_) | Value::Bool(_) => value.to_string(),
            Value::Null | Value::Array(_) | Value::Object(_) => {
                self.wrong(
                    path,
                    "STRING_TYPE_CONVERT",
                    "Could not interpret value as string.",
                );
                return 0;
            }
        };
        let length = text.chars().count();
        if length < least {
            self.wrong(path, "BASE_TYPE_REQUIRED", "This field is required");
        }
        if length > most {
            self.wrong(
                path,
                "BASE_TYPE_MAX_LENGTH",
                format!("Must be {most} or fewer in length."),
            );
        }
        length
    }

    fn username(&mut self, value: &Value) {
        if value.is_null() {
            return;
        }
        self.text(value, &["username"], 1, USERNAME);
        let name = value.as_str().unwrap_or_default().to_lowercase();
        for word in ["discord", "clyde"] {
            if name.contains(word) {
                let message = format!("Username cannot contain \"{word}\"");
                self.wrong(&["username"], "USERNAME_INVALID_CONTAINS", message);
            }
        }
    }

    fn embeds(&mut self, embeds: &Value) {
        let embeds = match embeds {
            Value::Null => return,
            Value::Array(embeds) => embeds,
            Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => {
                return self.wrong(
                    &["embeds"],
                    "LIST_TYPE_CONVERT",
                    "Only iterables may be used in a ListType",
                );
            }
        };
        if embeds.len() > EMBEDS {
            let message = format!("Must be {EMBEDS} or fewer in length.");
            self.wrong(&["embeds"], "BASE_TYPE_MAX_LENGTH", message);
        }
        let mut sum = 0;
        for (index, embed) in embeds.iter().enumerate() {
            sum += self.embed(embed, &index.to_string());
        }
        if sum > EMBED_SUM {
            let message = format!("Embed size exceeds maximum size of {EMBED_SUM}");
            self.wrong(&["embeds"], "MAX_EMBED_SIZE_EXCEEDED", message);
        }
    }

    /// Checks one embed and returns the code points that count towards the sum.
    fn embed(&mut self, embed: &Value, index: &str) -> usize {
        let at = ["embeds", index];
        if !embed.is_object() {
            self.wrong(
                &at,
                "DICT_TYPE_CONVERT",
                "Only dictionaries may be used in a DictType",
            );
            return 0;
        }
        let mut sum = self.text(&embed["title"], &[at[0], at[1], "title"], 0, TITLE);
        sum += self.text(
            &embed["description"],
            &[at[0], at[1], "description"],
            0,
            DESCRIPTION,
        );
        if !embed["footer"].is_null() {
            sum += self.text(
                &embed["footer"]["text"],
                &[at[0], at[1], "footer", "text"],
                1,
                FOOTER,
            );
        }
        if !embed["author"].is_null() {
            sum += self.text(
                &embed["author"]["name"],
                &[at[0], at[1], "author", "name"],
                1,
                TITLE,
            );
        }
        self.url(&embed["url"], &[at[0], at[1], "url"]);
        let color = &embed["color"];
        if !color.is_null() && color.as_u64().is_none_or(|color| color > 0xff_ffff) {
            let message = "int value should be less than or equal to 16777215.";
            self.wrong(&[at[0], at[1], "color"], "NUMBER_TYPE_MAX", message);
        }
        let timestamp = &embed["timestamp"];
        if !timestamp.is_null() && !timestamp.as_str().is_some_and(time::is_iso8601) {
            let message = "Could not parse value as ISO8601.";
            self.wrong(
                &[at[0], at[1], "timestamp"],
                "DATE_TIME_TYPE_PARSE",
                message,
            );
        }
        sum + self.fields(&embed["fields"], index)
    }

    fn fields(&mut self, fields: &Value, embed: &str) -> usize {
        let fields = fields.as_array().map(Vec::as_slice).unwrap_or_default();
        if fields.len() > FIELDS {
            let message = format!("Must be {FIELDS} or fewer in length.");
            self.wrong(
                &["embeds", embed, "fields"],
                "BASE_TYPE_MAX_LENGTH",
                message,
            );
        }
        let mut sum = 0;
        for (index, field) in fields.iter().enumerate() {
            let index = index.to_string();
            let at = |name| ["embeds", embed, "fields", index.as_str(), name];
            sum += self.text(&field["name"], &at("name"), 1, TITLE);
            sum += self.text(&field["value"], &at("value"), 1, FIELD_VALUE);
        }
        sum
    }

    fn url(&mut self, value: &Value, path: &[&str]) {
        let is_web = |url: &str| url.starts_with("http://") || url.starts_with("https://");
        if !value.is_null() && !value.as_str().is_some_and(is_web) {
            self.wrong(path, "URL_TYPE_INVALID_URL", "Not a well formed URL.");
        }
    }

    fn mentions(&mut self, allowed: &Value) {
        let parse = allowed["parse"]
            .as_array()
            .map(Vec::as_slice)
            .unwrap_or_default();
        for (index, kind) in parse.iter().enumerate() {
            if !["roles", "users", "everyone"]
                .iter()
                .any(|known| kind == known)
            {
                let message = "Value must be one of ('users', 'roles', 'everyone').";
                self.wrong(
                    &["allowed_mentions", "parse", &index.to_string()],
                    "BASE_TYPE_CHOICES",
                    message,
                );
            }
        }
    }
}
