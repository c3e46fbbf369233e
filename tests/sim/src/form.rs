//! Parameters of a request: query, URL-encoded form, or multipart form. Written for the models alone, so that
//! a mistake in the product's encoding cannot be repeated here.

use bytes::Bytes;
use http::Request;
use http::header::CONTENT_TYPE;

/// One parameter, in the order in which it was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Param {
    /// Decoded name.
    pub name: String,
    /// Decoded value; of a file, its bytes.
    pub value: Bytes,
    /// The file name, if this is a file of a multipart form.
    pub file: Option<String>,
}

impl Param {
    /// The value as text; bytes that are no UTF-8 become U+FFFD.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.value).into_owned()
    }
}

/// Parameters of the query string.
pub fn query(request: &Request<Bytes>) -> Vec<Param> {
    urlencoded(request.uri().query().unwrap_or("").as_bytes())
}

/// Parameters of the body, or `None` if it is of another type (JSON, none given).
pub fn body(request: &Request<Bytes>) -> Option<Vec<Param>> {
    let kind = request.headers().get(CONTENT_TYPE)?.to_str().ok()?;
    let (kind, rest) = kind.split_once(';').unwrap_or((kind, ""));
    match kind.trim().to_ascii_lowercase().as_str() {
        "application/x-www-form-urlencoded" => Some(urlencoded(request.body())),
        "multipart/form-data" => multipart(request.body(), boundary(rest)?),
        _ => None,
    }
}

/// Decodes `a=b&c=d` with `+` and `%XX`.
pub fn urlencoded(text: &[u8]) -> Vec<Param> {
    let pairs = text
        .split(|byte| *byte == b'&')
        .filter(|pair| !pair.is_empty());
    let param = |pair: &[u8]| {
        let at = pair.iter().position(|byte| *byte == b'=');
        let (name, value) = match at {
            Some(at) => (&pair[..at], &pair[at + 1..]),
            None => (pair, &b""[..]),
        };
        let name = String::from_utf8_lossy(&decode(name)).into_owned();
        Param {
            name,
            value: decode(value).into(),
            file: None,
        }
    };
    pairs.map(param).collect()
}

fn decode(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let [first, after @ ..] = rest {
        rest = after;
        match (first, after) {
            (b'+', _) => out.push(b' '),
            (b'%', [high, low, after @ ..]) => match (hex(*high), hex(*low)) {
                (Some(high), Some(low)) => {
                    out.push(high << 4 | low);
                    rest = after;
                }
                _ => out.push(b'%'),
            },
            _ => out.push(*first),
        }
    }
    out
}

fn hex(digit: u8) -> Option<u8> {
    (digit as char)
        .to_digit(16)
        .and_then(|value| u8::try_from(value).ok())
}

fn boundary(parameters: &str) -> Option<&str> {
    let parameters = parameters.split(';').map(str::trim);
    let boundary = parameters.filter_map(|one| one.split_once('='));
    let mut boundary = boundary.filter(|(name, _)| name.eq_ignore_ascii_case("boundary"));
    boundary.next().map(|(_, value)| value.trim_matches('"'))
}

fn multipart(body: &[u8], boundary: &str) -> Option<Vec<Param>> {
    let delimiter = format!("--{boundary}");
    let mut rest = body.strip_prefix(delimiter.as_bytes())?;
    let delimiter = format!("\r\n{delimiter}");
    let mut params = Vec::new();
    while !rest.starts_with(b"--") {
        let end = find(rest, delimiter.as_bytes())?;
        let part = rest[..end].strip_prefix(b"\r\n")?;
        rest = &rest[end + delimiter.len()..];
        // A part without any header begins with the empty line itself.
        let (head, value) = match part.strip_prefix(b"\r\n") {
            Some(value) => (&b""[..], value),
            None => {
                let head = find(part, b"\r\n\r\n")?;
                (&part[..head], &part[head + 4..])
            }
        };
        let head = String::from_utf8_lossy(head).into_owned();
        let of_form = head.lines().find(|line| {
            line.to_ascii_lowercase()
                .starts_with("content-disposition:")
        })?;
        params.push(Param {
            name: attribute(of_form, "name")?,
            value: Bytes::copy_from_slice(value),
            file: attribute(of_form, "filename"),
        });
    }
    Some(params)
}

fn attribute(line: &str, name: &str) -> Option<String> {
    let parts = line
        .split(';')
        .map(str::trim)
        .filter_map(|one| one.split_once('='));
    let mut parts = parts.filter(|(key, _)| key.eq_ignore_ascii_case(name));
    parts
        .next()
        .map(|(_, value)| value.trim_matches('"').to_owned())
}

fn find(text: &[u8], part: &[u8]) -> Option<usize> {
    text.windows(part.len()).position(|window| window == part)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(params: Vec<Param>) -> Vec<(String, String)> {
        params
            .into_iter()
            .map(|param| (param.name.clone(), param.text()))
            .collect()
    }

    #[test]
    fn decodes_urlencoded_forms() {
        let found = pairs(urlencoded(b"a=1+2&b=%e4%BD%A0&%61&x=%zz%4&=&&c=d=e"));
        let expected = [
            ("a", "1 2"),
            ("b", "你"),
            ("a", ""),
            ("x", "%zz%4"),
            ("", ""),
            ("c", "d=e"),
        ];
        assert_eq!(
            found,
            expected.map(|(name, value)| (name.to_owned(), value.to_owned()))
        );
    }

    #[test]
    fn decodes_multipart_forms_with_files() {
        let text = "--XX\r\nContent-Disposition: form-data; name=\"urls\"\r\n\r\na\r\nb\r\n--XX\r\n\
            content-disposition: form-data; name=\"torrents\"; filename=\"a.torrent\"\r\n\
            Content-Type: application/x-bittorrent\r\n\r\n\r\n--X\r\n--XX--\r\n";
        let request = Request::post("/")
            .header(CONTENT_TYPE, "multipart/form-data; boundary=\"XX\"")
            .body(Bytes::from_static(text.as_bytes()))
            .unwrap();
        let found = body(&request).unwrap();
        assert_eq!(found[0].text(), "a\r\nb");
        assert_eq!(found[0].file, None);
        assert_eq!(found[1].text(), "\r\n--X");
        assert_eq!(found[1].file.as_deref(), Some("a.torrent"));
        assert_eq!(found.len(), 2);
    }

    #[test]
    fn knows_no_other_bodies() {
        let json = Request::post("/").header(CONTENT_TYPE, "application/json");
        assert_eq!(body(&json.body(Bytes::from_static(b"{}")).unwrap()), None);
        assert_eq!(body(&Request::post("/").body(Bytes::new()).unwrap()), None);
    }
}
