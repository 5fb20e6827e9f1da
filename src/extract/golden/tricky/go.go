package tricky

import (
	"fmt"
	. "math"
	alias "a/b/v2"
)

// Doc.
type Stack[K comparable, V any] struct {
	a, b  int `json:"a"`
	items map[K][]V
	*Embedded
	pkg.Other[K]
	mu    sync.Mutex // guards
	fn    func(a int, b ...string) (int, error)
	inner struct{ deep int }
	_     [0]int
}
type (
	Alias = Stack[int, string]
	Fn    func(int) error
	Num   interface{ ~int | ~float64; Add(o Num) Num; fmt.Stringer }
	small struct{ x, y int }
)
type ID int
const (
	A, B = iota, iota + 1
	C, D
	_, E
)
const Single = "x"
var x, y = 1, func() int { return 2 }()
var (
	z       map[string]func(int) (a, b int)
	handler = func(w int) { inner := 1; _ = inner }
	table   = []struct{ name string; want int }{{"a", 1}}
)
func (s *Stack[K, V]) Push(k K, vs ...V) (n int, err error) { return }
func (Stack[_, _]) Value() {}
func (s Stack[K, V],) Trailing(a, b int, c string) string { return c }
func Map[T, U any](in []T, f func(T) U) (out []U) { type local struct{ q int }; const k = 1; var v int; return }
func Generic[T interface{ ~int }](ch <-chan T, out chan<- T, arr [3]T, m map[string]interface{}) {}
func init() {}
func init() {}
func ext(a int, b ...interface{})
func multi() (func(int) error, error) { return nil, nil }
func unnamed(int, string, ...error) {}
func (s *small) method() { func() {}() }
func one() {}; func two() {}
type iface interface {
	Read(p []byte) (n int, err error)
	Close() error
	unexported(a, b int)
}
