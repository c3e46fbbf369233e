//! The configuration: one JSON file in, a validated [`Policy`] or every error at once out.
//! Nothing here talks to a server; the only files read are the configuration, its scripts and its secrets.

pub mod policy;

pub use policy::Policy;
