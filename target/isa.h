// The tile ISA: custom instructions, descriptor words and configuration words shared by compiler
// and emulator.
//
// DSD operation (R4):   31    27 26 25 24    20 19    15 14  12 11     7 6      0
//                      +--------+-----+--------+--------+------+--------+--------+
//                      | scalar | f2  | src1   | src0   | f3   | dest   | opcode |
//                      +--------+-----+--------+--------+------+--------+--------+
//   dest: bits 3:0 DSR number, bit 4: 1 = the register is in file src0 instead of dest.
//   src0 (operand a) and src1 (operand b): bits 3:0 DSR number, bit 4: 1 = this operand is the
//   scalar register. Shape UN: src1 is the source; src1 bit 4 set with src0 bit 4 clear = the
//   source is in file src0; both set = the scalar. Shape BIN: both set = a is the scalar and b
//   the register of file src0 that src0 bits 3:0 name. The scalar is always an x register (floats
//   by their bits). A scalar destination (`@faddh(&s, s, d)`) is a dest DSR with DSD_SCALAR.
#ifndef WEFT_TARGET_ISA_H
#define WEFT_TARGET_ISA_H
#include <stdbool.h>
#include <stdint.h>

typedef enum DsdOp {
#define DSD_OP(name, n, shape, db, ab, bb, scalar, cost) DSD_##name = n,
#define SYS_OP(name, opcode, f3, f7, operands, meaning)
#include "target/isa.def"
#undef DSD_OP
#undef SYS_OP
  DSD_OPS
} DsdOp;
typedef enum SysOp {
#define DSD_OP(name, n, shape, db, ab, bb, scalar, cost)
#define SYS_OP(name, opcode, f3, f7, operands, meaning) SYS_##name,
#include "target/isa.def"
#undef DSD_OP
#undef SYS_OP
  SYS_OPS
} SysOp;
typedef enum DsdShape { SHAPE_UN, SHAPE_BIN, SHAPE_MAC } DsdShape;
typedef enum DsdScalar { SCALAR_W, SCALAR_D, SCALAR_H, SCALAR_S } DsdScalar;

typedef struct DsdOpInfo {
  const char *name;
  DsdShape shape;
  uint8_t dest_bits, a_bits, b_bits;
  DsdScalar scalar;
} DsdOpInfo;
typedef struct SysOpInfo {
  const char *name;
  uint8_t opcode, funct3, funct7;
  bool rd, rs1, rs2, imm; // imm: the rd field is a number, not a register
  const char *meaning;
} SysOpInfo;

const DsdOpInfo *isa_dsd(DsdOp op);
const SysOpInfo *isa_sys(SysOp op);
// By builtin name without @ ("fmacs"); DSD_OPS if there is none.
DsdOp isa_dsd_find(const char *name);
uint32_t isa_encode_dsd(DsdOp op, unsigned dest, unsigned src0, unsigned src1, unsigned scalar);
uint32_t isa_encode_sys(SysOp op, unsigned rd, unsigned rs1, unsigned rs2);

typedef struct IsaInsn { // a decoded custom instruction
  bool is_dsd;
  uint8_t op;                // DsdOp or SysOp
  uint8_t rd, rs1, rs2, rs3; // DSD: dest, src0, src1 fields and the scalar register
} IsaInsn;
// False if the word is not a custom instruction of this table.
bool isa_decode(uint32_t word, IsaInsn *out);
// Text such as "dsd.fmacs d1, s0.1, s1.1, a0"; returns the length.
int isa_print(uint32_t word, char *buf, unsigned size);

// ---- DSD words: what a first-class DSD value holds, in a register pair (lo, hi) ----
// lo  15:0   memory: byte address
//            fabric: colour 7:0, queue 10:8, colour valid 11, queue valid 12
//            FIFO: number
//     31:16  length (0 = none, 0x7fff and 0xffff = endless, others above 0x7fff are undefined)
// hi  3:0    DsdKind
//     4      memory: DSD_SCALAR, one place without length    fabric: control
//     5      control_transform
//     7:6    SIMD_*
//     8, 9   zero first source, zero second source
//     10     advance_switch
//     12:11  priority (0 default, 1 low, 2 medium, 3 high)
//     13     fabin: DSD_TURNS, several colours take turns on its queue: an operation binds it and
//            gives it back
//     15:13  mem4d: dimensions used
//     23:16  memory: stride, signed, in elements
//     24     wavelet_index_offset
//     31:28  mem4d, circular buffer: XDSR number once loaded
// A mem4d value has four more words: extents e0|e1<<16, e2|e3<<16 (e0 outermost of the used ones;
// unused = 1), strides s0|s1<<16, s2|s3<<16 (s0 innermost).
typedef enum DsdKind {
  DSD_NONE,
  DSD_MEM1D,
  DSD_MEM4D,
  DSD_FABIN,
  DSD_FABOUT,
  DSD_FIFO,
  DSD_CIRCBUF
} DsdKind;
enum {
  DSD_LEN_SHIFT = 16,
  DSD_LEN_MASK = 0xffff,
  DSD_ENDLESS = 0x7fff,
  DSD_COLOR_MASK = 0xff,
  DSD_COLOR_VALID = 1 << 11,
  DSD_QUEUE_VALID = 1 << 12,
  DSD_QUEUE_SHIFT = 8,
  DSD_CONTROL = 1 << 4,
  DSD_SCALAR = 1 << 4, // of DSD_MEM1D
  DSD_CONTROL_TRANSFORM = 1 << 5,
  DSD_SIMD_SHIFT = 6,
  DSD_ZERO_FIRST = 1 << 8,
  DSD_ZERO_SECOND = 1 << 9,
  DSD_ADVANCE = 1 << 10,
  DSD_PRIO_SHIFT = 11,
  DSD_TURNS = 1 << 13, // of DSD_FABIN
  DSD_DIMS_SHIFT = 13,
  DSD_STRIDE_SHIFT = 16,
  DSD_WIO = 1 << 24,
  DSD_XDSR_SHIFT = 28
};

// ---- configuration word of an operation (dsd_cfg) or a register (dsr_cfg): language 13.4, 14.2 --
//   0      async
//   1      ut given          4:2    ut
//   6:5    completion, an ACTION_*     12:7   its target     14:13  its TARGET_*
//   16:15  on_control, an ACTION_*     22:17  its target     24:23  its TARGET_*
//   26:25  priority
//   27     save_address
//   28     single_step
//   29     index given
typedef enum CfgAction { ACTION_NONE, ACTION_ACTIVATE, ACTION_UNBLOCK, ACTION_TERMINATE } CfgAction;
typedef enum TargetKind { TARGET_TASK, TARGET_INPUT_QUEUE, TARGET_COLOR, TARGET_UT } TargetKind;
enum {
  CFG_ASYNC = 1,
  CFG_UT_GIVEN = 1 << 1,
  CFG_UT_SHIFT = 2,
  CFG_ACTION_SHIFT = 5,
  CFG_TARGET_SHIFT = 7,
  CFG_KIND_SHIFT = 13,
  CFG_OC_ACTION_SHIFT = 15,
  CFG_OC_TARGET_SHIFT = 17,
  CFG_OC_KIND_SHIFT = 23,
  CFG_PRIO_SHIFT = 25,
  CFG_SAVE_ADDRESS = 1 << 27,
  CFG_SINGLE_STEP = 1 << 28,
  CFG_INDEX = 1 << 29
};

// What happens when an operation meets an empty or a full FIFO (sdk-2.10 1.4): a synchronous one
// stops and an asynchronous one waits; both stop and count as complete; both wait; the tile stops.
typedef enum FifoAction {
  FIFO_TEST_OR_SUSPEND,
  FIFO_TERMINATE,
  FIFO_SUSPEND,
  FIFO_FAULT
} FifoAction;

// Control wavelets marked in 32-bit elements by control_transform: both upper bits of the index.
#define CONTROL_MARK 0xc0000000u

// Traps that compiled code raises on purpose.
enum { TRAP_ASSERT = 1, TRAP_UNREACHABLE = 2, TRAP_QUEUE = 3 };

// ---- address map (DESIGN 3.4) ----
// Nothing lies below DATA_FIRST, so that an access through a pointer that was never set is noticed.
enum {
  DATA_BASE = 0,
  DATA_FIRST = 4,
  DATA_LIMIT = 0xC000,
  CODE_BASE = 0x10000,
  CODE_LIMIT = 0x30000
};
// Returning to this address ends the task; the loader puts it into ra.
#define TASK_RETURN_ADDRESS 0xFFFFFFFEu
// A code pointer in memory: (address - CODE_BASE) / 2 + 1, so that 0 is no function.
#define CODE_POINTER(address) ((uint16_t)(((address) - CODE_BASE) / 2 + 1))
#define CODE_ADDRESS(pointer) (((uint32_t)(pointer) - 1) * 2 + CODE_BASE)
#endif
