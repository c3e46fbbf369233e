use super::*;
use crate::config::policy::SecretSource;

#[test]
fn speaks_version_ten_whatever_the_address_says() {
    #[track_caller]
    fn check(webhook: &str, expected: Option<&str>) {
        let secret = Secret::new(webhook, SecretSource::Text);
        let found = address(&secret).map(|url| url.to_string());
        assert_eq!(found.as_deref(), expected);
    }
    check(
        "https://discord.com/api/webhooks/1/t",
        Some("https://discord.com/api/v10/webhooks/1/t"),
    );
    check(
        "https://discord.com/api/v6/webhooks/1/t",
        Some("https://discord.com/api/v10/webhooks/1/t"),
    );
    check(
        "http://127.0.0.1:8/proxy/api/webhooks/1/t?thread_id=5",
        Some("http://127.0.0.1:8/proxy/api/v10/webhooks/1/t?thread_id=5"),
    );
    check(
        "http://127.0.0.1/webhooks/1/t",
        Some("http://127.0.0.1/webhooks/1/t"),
    );
    check("http://127.0.0.1/other", None);
    check("", None);
}
