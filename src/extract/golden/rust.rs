//! Numbers that remember.

use std::collections::HashMap;
use std::{fmt, io::{self, Read as _, Write}};
use crate::errors::*;
pub use self::shapes::Circle as Round;
extern crate serde;

mod parser;

pub mod shapes {
    pub struct Circle(pub f64);

    pub fn area(c: &Circle) -> f64 {
        c.0 * PI
    }
}

/// The largest value.
pub const MAX_VALUE: i32 = 100;
static mut COUNTER: usize = 0;

pub type Result<T> = std::result::Result<T, Error>;

/// A calculator
/// with a history.
#[derive(Debug, Clone)]
#[serde(rename_all = "snake_case")]
pub struct Calculator<T: Number> {
    pub total: T,
    history: Vec<T>,
}

pub struct Unit;

/** What can go wrong. */
#[derive(Debug)]
pub enum Error {
    Zero,
    Other(String),
}

union Bits { i: u32, f: f32 }

pub trait Addable<Rhs = Self>: Clone + fmt::Debug {
    type Output;
    const ZERO: i32;
    fn add(&self, other: Rhs) -> Self::Output;
    fn twice(&self) -> Self::Output { self.add(self.clone()) }
}

impl<T: Number> Calculator<T> {
    const LIMIT: usize = 10;

    /// Makes one.
    #[must_use]
    pub fn new(start: T) -> Self {
        Self { total: start, history: Vec::new() }
    }

    pub async fn fetch_data<'a, F>(&'a mut self, url: &'a str, on_done: F) -> Result<Vec<u8>>
    where
        F: Fn(&str) -> bool,
    {
        loop {
            let body = client::get(url).await?;
            if body.is_empty() && self.retry() || on_done(url) {
                continue;
            }
            match body.len() {
                0 => return Err(Error::Zero),
                1..=9 if url.is_empty() => break,
                _ => {}
            }
        }
        let parsed = "1".parse::<i32>()?;
        println!("{}", parsed);
        Ok(vec![])
    }
}

impl<T: Number> Addable<T> for Calculator<T> {
    type Output = T;
    fn add(&self, other: T) -> T {
        self.total + other
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Error::Other(text) = self { write!(f, "{text}") } else { Ok(()) }
    }
}

#[macro_export]
macro_rules! square {
    ($x:expr) => { $x * $x };
}

pub fn safe_divide(a: f64, b: f64) -> Option<f64> {
    while b == 0.0 { return None; }
    let halve = |x: f64| if x > 0.0 { x / 2.0 } else { x };
    Some(halve(a) / b)
}

#[inline]
pub(crate) const unsafe fn multiply(a: i32, (b, c): (i32, i32)) -> i32 { a * b * c }

extern "C" {
    fn external(code: i32) -> i32;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn adds() {
        for n in 0..10 { assert_eq!(fibonacci(n), n); }
    }
}
