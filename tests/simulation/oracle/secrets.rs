//! Invariant 10: no secret leaves the process but to its own server.

use super::Oracle;
use bytes::Bytes;
use http::Request;

impl Oracle {
    /// A secret, and the service it belongs to.
    pub fn keep_secret(&mut self, service: &str, secret: &str) {
        self.secrets.push((service.to_owned(), secret.to_owned()));
    }

    /// A request goes out to a service: it holds no secret of another one.
    pub fn secrets_of_request(&mut self, service: &str, request: &Request<Bytes>) {
        let foreign = self.secrets.iter().filter(|(owner, _)| owner != service);
        let leaked = foreign.filter(|(_, secret)| {
            let headers = request
                .headers()
                .values()
                .any(|value| holds(value.as_bytes(), secret));
            headers
                || holds(request.uri().to_string().as_bytes(), secret)
                || holds(request.body(), secret)
        });
        let leaked: Vec<String> = leaked.map(|(owner, _)| owner.clone()).collect();
        for owner in leaked {
            self.breach(10, format!("a secret of {owner} is sent to {service}"));
        }
    }

    /// A text that people may see, or a file that backups may hold.
    pub fn secrets_of_text(&mut self, place: &str, text: &[u8]) {
        let leaked: Vec<String> = self
            .secrets
            .iter()
            .filter(|(_, secret)| holds(text, secret))
            .map(|(owner, _)| owner.clone())
            .collect();
        for owner in leaked {
            self.breach(10, format!("a secret of {owner} is in {place}"));
        }
    }
}

fn holds(text: &[u8], secret: &str) -> bool {
    let secret = secret.as_bytes();
    text.len() >= secret.len() && text.windows(secret.len()).any(|part| part == secret)
}
