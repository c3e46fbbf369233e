//! The real ports: HTTP by reqwest, files by the standard library, the system's clock.

mod clock;
mod disk;
mod owner;
mod tls;
mod transport;

pub use clock::SystemClock;
pub use disk::SystemDisk;
pub use owner::as_owner;
pub use transport::HttpTransport;

use crate::ports::Ports;
use std::sync::Arc;

/// The ports of a real process. Needs no runtime yet; their calls do.
pub fn ports() -> Ports {
    Ports {
        transport: Arc::new(HttpTransport::new()),
        disk: Arc::new(SystemDisk),
        clock: Arc::new(SystemClock),
    }
}
