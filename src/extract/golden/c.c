/*
 * A calculator with a history.
 */
#include <stdio.h>
#include "calculator.h"

#define MAX_HISTORY 16
#define SQUARE(x) ((x) * (x))
#define LOG(fmt, ...) \
    fprintf(stderr, fmt, __VA_ARGS__)

typedef unsigned long ulong_t;
typedef int (*operation_fn)(int, int);
typedef struct node node_t;

struct node {
    int value;
    struct node *next;
};

typedef struct {
    double total;
    int history[MAX_HISTORY];
} Calculator;

typedef enum { LOW, HIGH = 5 } level_t;

enum color { RED, GREEN };

union number {
    int i;
    float f;
};

static int counter = 0, limit = 10;
const char *names[] = {"plus", "minus"};
extern int verbose;
struct node *head;

static int helper(void);

/* Adds two numbers. */
int add_numbers(int a, int b) {
    return a + b;
}

/**
 * Divides; a zero divisor gives the fallback.
 */
static inline double
safe_divide(double a, double b, double fallback)
{
    if (b == 0 || a != a)
        return fallback;
    return a / b;
}

// Reads the numbers
// from a file.
int *fetch_data(const char *path, size_t *count, int (*accept)(int))
{
    FILE *file = fopen(path, "r");
    for (int i = 0; i < 10 && file; i++) {
        switch (accept ? accept(i) : i) {
        case 1:
        case 2:
            LOG("%d\n", i);
            break;
        default:
            do_it(i);
        }
    }
#ifdef DEBUG
    while (1) { goto done; }
done:;
#endif
    calc->ops.apply(file);
    return NULL;
}

unsigned long fibonacci(unsigned n)
{
    return n <= 1 ? n : fibonacci(n - 1) + fibonacci(n - 2);
}

#ifdef HAVE_MAIN
int main(int argc, char **argv) {
    printf("%lu\n", fibonacci(10));
    return 0;
}
#endif
