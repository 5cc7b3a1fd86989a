// What every program of unit tests is made of: its suite; suite.c runs it.
#ifndef WEFT_TESTS_SUITE_H
#define WEFT_TESTS_SUITE_H
#include <check.h>

// The tests of this program; each program defines its own.
Suite *suite(void);
#endif
