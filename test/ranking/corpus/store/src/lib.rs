//! The embedded database of Lantern: one file, one writer.

pub mod cache;
pub mod migrate;
pub mod store;

pub use cache::Cache;
pub use store::{Store, StoreError};
