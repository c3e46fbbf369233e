//! Addresses of web interfaces, in the form the configuration takes.

use url::Url;

use super::remark::Remarks;

/// The address in a setting, without what the configuration refuses. Nothing if it is none; the remark says so.
/// It may hold a password, so it is never repeated.
pub(super) fn web_address(written: &str, about: &str, remarks: &mut Remarks) -> Option<Url> {
    let written = written.trim();
    let complete = if written.contains("://") || written.is_empty() {
        written.to_owned()
    } else {
        remarks.differs(about, "it lacks http:// or https://; taken as http.");
        format!("http://{written}")
    };
    let address = Url::parse(&complete).ok();
    let is_web = |url: &Url| matches!(url.scheme(), "http" | "https") && url.host_str().is_some();
    let Some(mut url) = address.filter(is_web) else {
        remarks.left_out(
            about,
            "it is no web address; set `url` to that of the web interface.",
        );
        return None;
    };
    if !url.username().is_empty() || url.password().is_some() {
        remarks.left_out(about, "the user name or password within the address.");
        // These fail only for addresses without a host.
        let _ = url.set_username("");
        let _ = url.set_password(None);
    }
    if url.query().is_some() || url.fragment().is_some() {
        remarks.left_out(about, "what follows \"?\" or \"#\" in the address.");
        url.set_query(None);
        url.set_fragment(None);
    }
    Some(url)
}

/// The address as it is written into the configuration.
pub(super) fn written(url: &Url) -> String {
    url.as_str().trim_end_matches('/').to_owned()
}

/// What two addresses of one server have in common; the names of this machine count as one.
pub(super) fn server(url: &str) -> String {
    let Ok(url) = Url::parse(url) else {
        return url.to_owned();
    };
    let host = match url.host_str() {
        Some("localhost" | "127.0.0.1" | "[::1]") | None => "localhost",
        Some(host) => host,
    };
    let port = url.port_or_known_default().unwrap_or_default();
    format!("{host}:{port}{}", url.path().trim_end_matches('/'))
}
