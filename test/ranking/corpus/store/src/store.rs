use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};

use crate::cache::Cache;

#[derive(Debug)]
pub enum StoreError {
    Open(PathBuf, std::io::Error),
    Locked,
}

impl std::fmt::Display for StoreError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            StoreError::Open(path, cause) => {
                write!(f, "could not open database file {}: {cause}", path.display())
            }
            StoreError::Locked => write!(f, "database is locked by another process"),
        }
    }
}

/// A database file and the cache in front of it.
pub struct Store {
    file: File,
    cache: Cache,
}

impl Store {
    /// Opens the file, creating it when missing.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let file = OpenOptions::new().read(true).write(true).create(true).open(path)
            .map_err(|cause| StoreError::Open(path.to_owned(), cause))?;
        Ok(Store { file, cache: Cache::new(4096) })
    }
}
