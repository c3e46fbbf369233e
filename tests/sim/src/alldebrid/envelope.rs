//! The outer form of answers: `status`, `data` or `error`, and the messages seen with each error code.

use bytes::Bytes;
use http::{HeaderValue, Response, header::CONTENT_TYPE};
use serde_json::{Value, json};

/// An error as calls inside of the model hand it upwards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Code of the API, always a text, even `"404"`.
    pub code: String,
    /// Text for humans; clients must not depend on it.
    pub message: String,
}

impl Refusal {
    /// A refusal with the message usual for its code.
    pub fn new(code: &str) -> Self {
        Self {
            code: code.to_owned(),
            message: usual_message(code).to_owned(),
        }
    }

    /// The `error` member.
    pub(crate) fn json(&self) -> Value {
        json!({"code": self.code, "message": self.message})
    }
}

/// Literal messages where known (API notes, section 9), else something of that kind.
pub fn usual_message(code: &str) -> &'static str {
    match code {
        "AUTH_MISSING_APIKEY" => "The auth apikey was not sent",
        "AUTH_BAD_APIKEY" => "The auth apikey is invalid",
        "AUTH_BLOCKED" => {
            "This apikey is geo-blocked or ip-blocked. <a href=\"https://alldebrid.com\">Check your e-mails</a>"
        }
        "AUTH_USER_BANNED" => "This account is banned",
        "ACCOUNT_INVALID" => "This account is invalid",
        "NO_SERVER" | "MAGNET_NO_SERVER" => "Server are not allowed to use this feature",
        "MAINTENANCE" => "Alldebrid is under maintenance, please retry later",
        "DISCONTINUED" => "This endpoint has been discontinued, please update your application",
        "404" => "Endpoint doesn't exist",
        "MAGNET_INVALID_ID" => "This magnet ID does not exists or is invalid",
        "MAGNET_PROCESSING" => "Magnet is processing or completed",
        "MAGNET_PROCESSING_COOLDOWN" => "Magnet was restarted recently, please retry later",
        "MAGNET_TOO_MANY_ACTIVE" => "Already have maximum allowed active magnets (30)",
        "MAGNET_TOO_MANY" => "Already have maximum allowed magnets (1000)",
        "MAGNET_MUST_BE_PREMIUM" => "You must be premium to use this feature",
        "MAGNET_NO_URI" => "No magnet sent",
        "MAGNET_INVALID_URI" => "Magnet is not valid",
        "MAGNET_INVALID_FILE" => "File is not a valid torrent",
        _ => "An error occured",
    }
}

/// HTTP 200 with a JSON body.
pub fn json_reply(body: &Value) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(body.to_string()));
    response.headers_mut().insert(
        CONTENT_TYPE,
        HeaderValue::from_static("application/json; charset=utf-8"),
    );
    response
}

/// HTTP 200 with a web page.
pub fn html(page: &'static str) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from_static(page.as_bytes()));
    response.headers_mut().insert(
        CONTENT_TYPE,
        HeaderValue::from_static("text/html; charset=utf-8"),
    );
    response
}

/// An error envelope with HTTP 200.
pub fn error(code: &str, message: &str) -> Response<Bytes> {
    json_reply(&json!({"status": "error", "error": {"code": code, "message": message}}))
}
