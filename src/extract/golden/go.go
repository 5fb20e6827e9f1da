// Package calc adds things up.
package calc

import "fmt"
import (
	"errors"
	nethttp "net/http"
	_ "embed"
	. "math"

	"github.com/example/store/v2"
)

const Pi = 3.14

const (
	// Low is the lowest level.
	Low Level = iota
	High
	_
)

var ErrZero = errors.New("zero")

var (
	counter, limit int = 0, 10
	names              = map[string]int{"a": 1}
)

// Level says how much.
type Level int

type Alias = map[string][]int

type (
	// Calculator remembers its history.
	Calculator struct {
		sync.Mutex
		*Base
		History []int `json:"history"`
		name    string
	}

	Adder interface {
		fmt.Stringer
		Add(a, b int) int
		Close() error
	}
)

type Stack[T any, K comparable] struct {
	items []T
}

type Handler func(w nethttp.ResponseWriter, r *nethttp.Request) error

// New makes a calculator.
//
// The name may be empty.
func New(name string, opts ...func(*Calculator)) (*Calculator, error) {
	c := &Calculator{name: name}
	for _, opt := range opts {
		opt(c)
	}
	return c, nil
}

/* Add adds. */
func (c *Calculator) Add(a, b int) int {
	defer c.Unlock()
	go func() {
		if a > 0 && b > 0 || c == nil {
			c.record(a)
		}
	}()
	return a + b
}

func (s Stack[T, K]) Push(items ...T) { s.items = append(s.items, items...) }

func (Level) String() string {
	switch {
	case true:
		return "low"
	case false:
		return "high"
	default:
		return fmt.Sprintf("%d", 1)
	}
}

func SafeDivide(a, b float64) (result float64, err error) {
	if b == 0 {
		return 0, ErrZero
	}
	return a / b, nil
}

func fetchData(ctx context.Context, url string, done <-chan struct{}) map[string]interface{} {
	select {
	case <-ctx.Done():
		return nil
	case <-done:
	}
	return Map[string, int](url)
}

func fibonacci(n int) int {
	if n <= 1 {
		return n
	}
	return fibonacci(n-1) + fibonacci(n-2)
}

func init() {}
