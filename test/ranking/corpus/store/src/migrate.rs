use crate::store::{Store, StoreError};

/// One step from a schema version to the next.
pub struct Migration {
    pub version: u32,
    pub sql: &'static str,
}

pub const MIGRATIONS: &[Migration] = &[
    Migration { version: 1, sql: include_str!("../../db/001_customers.sql") },
    Migration { version: 2, sql: include_str!("../../db/002_orders.sql") },
];

/// Brings the schema of a store up to date, one transaction per step.
pub fn upgrade(store: &mut Store, current: u32) -> Result<u32, StoreError> {
    let mut version = current;
    for step in MIGRATIONS.iter().filter(|step| step.version > current) {
        store.execute(step.sql)?;
        version = step.version;
    }
    Ok(version)
}
