// The one place where stb_ds is compiled.
#define STB_DS_IMPLEMENTATION
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#include <stb/stb_ds.h>
#pragma GCC diagnostic pop
