//! Parameters of a call as the service's PHP reads them: query and form body, `name`, `name[]` and `name[N]`.
//! JSON bodies are not read, so that their parameters are simply missing (API notes, section 2).

use crate::form::{self, Param};
use bytes::Bytes;
use http::Request;

/// Parameters in the order sent, the query before the body.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Params {
    pairs: Vec<(String, String)>,
    /// Uploaded files: name and content.
    pub files: Vec<(String, Bytes)>,
}

impl Params {
    /// Reads the query and, if it is a form, the body.
    pub fn of(request: &Request<Bytes>) -> Self {
        let mut params = Self::default();
        let body = form::body(request).unwrap_or_default();
        for param in form::query(request).into_iter().chain(body) {
            let text = param.text();
            let Param { name, value, file } = param;
            match file {
                Some(file) => params.files.push((file, value)),
                None => params.pairs.push((name, text)),
            }
        }
        params
    }

    /// The value of a scalar parameter; the last one wins, as in PHP.
    pub fn one(&self, name: &str) -> Option<&str> {
        let found = self.pairs.iter().rev().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str())
    }

    /// All values of an array parameter: `name[]`, `name[N]`, or one scalar `name`.
    pub fn many(&self, name: &str) -> Vec<&str> {
        let elements = self.pairs.iter().filter(|(key, _)| is_element(key, name));
        let listed: Vec<&str> = elements.map(|(_, value)| value.as_str()).collect();
        if listed.is_empty() {
            self.one(name).into_iter().collect()
        } else {
            listed
        }
    }

    /// Whether the parameter was sent as an array, even of one element.
    pub fn has_array(&self, name: &str) -> bool {
        self.pairs.iter().any(|(key, _)| is_element(key, name))
    }
}

fn is_element(key: &str, name: &str) -> bool {
    key.strip_prefix(name)
        .and_then(|rest| rest.strip_prefix('[')?.strip_suffix(']'))
        .is_some_and(|index| index.chars().all(|c| c.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FORM: &str = "application/x-www-form-urlencoded; charset=utf-8";

    fn params(query: &str, kind: &str, body: &'static str) -> Params {
        let request = Request::post(format!("/x?{query}")).header("content-type", kind);
        Params::of(&request.body(Bytes::from(body)).unwrap())
    }

    #[test]
    fn arrays_come_in_three_spellings() {
        let all = |body| params("", FORM, body).many("ids").join(" ");
        assert_eq!(all("ids[]=1&ids%5B%5D=2"), "1 2");
        assert_eq!(all("ids[0]=1&ids[7]=2"), "1 2");
        assert_eq!(all("ids=1&ids=2"), "2");
        assert_eq!(all("idsx[]=1&id=3&ids[x]=4"), "");
        assert!(!params("", FORM, "ids=1").has_array("ids"));
    }

    #[test]
    fn body_wins_over_query_and_json_is_not_read() {
        assert_eq!(params("id=1", FORM, "id=2").one("id"), Some("2"));
        let json = params("", "application/json", r#"{"id":2}"#);
        assert_eq!(json, Params::default());
    }
}
