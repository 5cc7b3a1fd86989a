// Names of what the code generator emits, as the linker finds them again. Prefixes keep the names
// of a program apart from those that LLVM gives a meaning of its own (memcpy, sinf, …).
#ifndef WEFT_BACKEND_NAMES_H
#define WEFT_BACKEND_NAMES_H
#define NAME_FUNC "fn."               // fn.NAME: function of the program
#define NAME_GLOBAL "var."            // var.NAME: global, placed by the memory-layout pass
#define NAME_CONST "const."           // const.NUMBER: entry of the per-tile constant block
#define NAME_TASK "__task."           // entry of a task
#define NAME_LAUNCH "__launch."       // entry of a function that the host launches
#define NAME_WIDE_MUL "weft_wide_mul" // helpers of integers of more than 64 bits
#define NAME_WIDE_DIV "weft_wide_div"
#define NAME_RUNTIME_SECTION                                                                       \
  ".text.runtime." // helpers, each in its section: the linker drops unused ones
#endif
