//! Crate doc
use std::fmt;
#[derive(Debug, Clone)] // note ]
/* block */
#[serde(rename = "a)")]
pub struct Point<'a, T: 'a + Ord = i32> where T: Copy { pub x: &'a T, y: [u8; 4], #[serde(skip)] pub(crate) z: Option<Box<dyn Fn(u8, u8) -> u8>> }
struct Unit; struct Tuple(pub u32, String);
pub enum Shape { Circle { radius: f64 }, Square(f64, f64), #[default] Empty = 3 }
union Bits { a: u32, b: f32 }
impl<'a, T> fmt::Display for Point<'a, T> where T: Copy + Ord { fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { Ok(()) } const ID: u8 = 1; type Out = u8; }
impl<T> Point<'_, T> { pub const fn new(x: T, c: char) -> Self where T: Copy { fn helper<const N: usize>(a: [u8; N]) {} unimplemented!() } async unsafe extern "C" fn raw(mut self: Box<Self>, (a, b): (u8, u8), cb: impl Fn(u8, &str) -> u8 + 'static) {} }
impl dyn Shape2 { fn on_dyn(&self) {} }
impl<T> From<T> for Vec<Unit> { fn from(t: T) -> Self { todo!() } }
pub trait Shape2<const N: usize = 3>: fmt::Debug + Send { const SIDES: u32; type Item<'x>: Clone where Self: 'x; fn area(&self) -> f64; fn twice(&self) -> f64 { self.area() * 2.0 } }
pub trait Shared = Send + Sync;
macro_rules! make { ($a:ident) => { fn $a() {} }; }
make!(generated);
cfg_if! {
    if #[cfg(unix)] {
        fn page_size() -> usize {
            4096
        }
    } else if #[cfg(windows)] {
        pub(crate) fn other_size() -> usize { 1 }
    } else {
        mod fallback { pub fn third() {} }
    }
}
cfg_rt! {
    pub fn in_rt() {}
    pub struct InRt { a: u8 }
}
lazy_static! { static ref CACHE: Mutex<u8> = Mutex::new(1); }
thread_local! { static LOCAL: u8 = 1; }
bitflags! {
    pub struct Flags: u32 { const A = 1; }
}
pub(in crate::a) static mut COUNT: u32 = 0; const NAMES: &[&str] = &["a"];
pub type Alias<T> = Result<T, Box<dyn std::error::Error>>;
mod inner { pub(super) fn deep() {} pub mod deeper { pub struct S; } }
extern "C" { fn c_call(a: i32, ...) -> i32; static ERRNO: i32; type Opaque; }
pub async fn top<'a, F>(f: F, r#type: u8) -> impl Future<Output = ()> + 'a where F: Fn(u8) -> u8 { let c = |x: u8| x; struct Local { q: u8 } const L: u8 = 1; }
fn r#match() {}
#[test] fn t() {}
#[proc_macro] pub fn pm(i: TokenStream) -> TokenStream { i }
fn after() {
}
