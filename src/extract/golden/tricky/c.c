#ifndef TRICKY_H
#define TRICKY_H
#include <stdio.h>
#define MAX(a, b) ((a) > (b) ? (a) : (b))
#define EMPTY
#define LONG(x, ...) do { \
  f(x); \
} while (0)
typedef struct node { struct node *next; int (*cmp)(const void *, const void *); unsigned flags : 3, more : 5; union { int i; float f; } u; struct { int deep; } in; } node_t, *node_p;
typedef enum { RED, GREEN = 2, BLUE } color;
enum kind { KIND_A, KIND_B = 1 << 3, };
typedef int (*callback)(int, void *);
typedef unsigned long size_type, sizes[4];
struct fwd; union both { int a; char b[4]; };
extern int errno_x; static const char *const names[] = { "a", "b" }, *other;
int a, *b, c[10], (*fp)(int), d = 5;
static inline int add(int a, int b) { return a + b; }
int main(int argc, char **argv);
void (*signal(int sig, void (*func)(int)))(int) { return 0; }
static int __init boot_probe(void)
{
	return 0;
}
static void __exit boot_leave(void)
{
}
int __weak board_id(void)
{
	return 1;
}
static int __init with_argument(int a) { return a; }
extern __printf(2, 3) int log_line(char *buf, const char *fmt, ...);
int * __attribute__((used)) keep_one(void)
{
  return 0;
}
__attribute__((noinline)) static char *keep_two(int a) { return 0; }
void die(const char *why) __attribute__((noreturn, format(printf, 1, 2)));
#define DEF(name) void name(void) {}
DEF(on_open)
DEF(on_close)
int dispatch(int code)
{
  return code;
}
int open_gate(int a, int b)
{
#ifdef STRICT
  if (a && b) {
#else
  if (a) {
#endif
    work();
  }
  return 0;
}
int close_gate(void)
{
  return 1;
}
#ifdef WIN
int plat(HANDLE h)
#else
int plat(int fd)
#endif
{
  return 1;
}
API_EXPORT int API_CALL exported(int a, struct node n[], int (*cmp)(int, int), unsigned);
MODULE_LICENSE("GPL");
EXPORT_SYMBOL(add);
int old_style(a, b) int a; char *b; { return a; }
struct point make(struct point p, const struct node *restrict n, int arr[static 4]) { struct local { int q; }; int x; return p; }
struct { int anon; } instance, *pointer;
int bits[] = { [0] = 1 }, after_bits;
_Static_assert(1, "x");
int after(void) { return 1; }
#endif
