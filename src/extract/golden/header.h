#ifndef CALCULATOR_H
#define CALCULATOR_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

#define CALC_VERSION "1.0"
#define CALC_API __attribute__((visibility("default")))

/** Opaque handle. */
typedef struct calculator calculator_t;

struct calculator_options {
    int precision;
    void (*on_error)(int code);
};

/** Creates a calculator. */
CALC_API calculator_t *calculator_create(const struct calculator_options *options);

extern void calculator_free(calculator_t *self);
int multiply(int a, int b), negate(int a);

static inline int calculator_precision(const struct calculator_options *options) {
    return options ? options->precision : 2;
}

extern const char *const calculator_names[];

#ifdef __cplusplus
}
#endif

#endif
