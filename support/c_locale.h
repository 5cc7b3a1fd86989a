// Numbers as in the C locale, whatever a program that libweft is part of has set: the decimal point
// of a statistics file is no comma.
#ifndef WEFT_SUPPORT_C_LOCALE_H
#define WEFT_SUPPORT_C_LOCALE_H
#include <locale.h>

// Between the two calls this thread reads and prints numbers as in C. Keep the value for the second
// call.
typedef struct CLocale {
  locale_t c, before;
} CLocale;
CLocale c_locale_begin(void);
void c_locale_end(CLocale l);
#endif
