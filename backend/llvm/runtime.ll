; Helpers that generated code calls, because the machine has no such instructions: 64-bit division, conversions between
; 64-bit integers and floats, copying and filling memory. Names and meanings are those of the compiler run-time libraries.
; Every function has a section of its own, so that the linker keeps only what is used.
target triple = "riscv32-unknown-none-elf"

; ---- 64-bit division: shift and subtract, aligned at the first set bits; a divisor of 0 is left to the machine's own
; division, which reports it ----

define internal { i64, i64 } @udivmod64(i64 %n, i64 %d) #0 section ".text.runtime.udivmod64" {
entry:
  %both = or i64 %n, %d
  %high = lshr i64 %both, 32
  %small = icmp eq i64 %high, 0
  %zero = icmp eq i64 %d, 0
  %either = or i1 %small, %zero
  br i1 %either, label %narrow, label %wide
narrow:
  %n32 = trunc i64 %n to i32
  %d32 = trunc i64 %d to i32
  %q32 = udiv i32 %n32, %d32
  %r32 = urem i32 %n32, %d32
  %q64 = zext i32 %q32 to i64
  %r64 = zext i32 %r32 to i64
  br label %done
wide:
  %less = icmp ult i64 %n, %d
  br i1 %less, label %done, label %align
align:
  %zn = call i64 @llvm.ctlz.i64(i64 %n, i1 false)
  %zd = call i64 @llvm.ctlz.i64(i64 %d, i1 false)
  %shift.raw = sub i64 %zd, %zn
  %shift = and i64 %shift.raw, 63
  %top = shl i64 %d, %shift
  br label %loop
loop:
  %k = phi i64 [ %shift, %align ], [ %k.next, %loop ]
  %q = phi i64 [ 0, %align ], [ %q.next, %loop ]
  %r = phi i64 [ %n, %align ], [ %r.next, %loop ]
  %s = phi i64 [ %top, %align ], [ %s.next, %loop ]
  %fits = icmp uge i64 %r, %s
  %take = select i1 %fits, i64 %s, i64 0
  %r.next = sub i64 %r, %take
  %bit = zext i1 %fits to i64
  %q.shifted = shl i64 %q, 1
  %q.next = or i64 %q.shifted, %bit
  %s.next = lshr i64 %s, 1
  %k.next = add i64 %k, -1
  %last = icmp eq i64 %k, 0
  br i1 %last, label %done, label %loop
done:
  %quotient = phi i64 [ %q64, %narrow ], [ 0, %wide ], [ %q.next, %loop ]
  %remainder = phi i64 [ %r64, %narrow ], [ %n, %wide ], [ %r.next, %loop ]
  %p0 = insertvalue { i64, i64 } poison, i64 %quotient, 0
  %p1 = insertvalue { i64, i64 } %p0, i64 %remainder, 1
  ret { i64, i64 } %p1
}

define i64 @__udivdi3(i64 %n, i64 %d) #0 section ".text.runtime.__udivdi3" {
  %both = call { i64, i64 } @udivmod64(i64 %n, i64 %d)
  %q = extractvalue { i64, i64 } %both, 0
  ret i64 %q
}

define i64 @__umoddi3(i64 %n, i64 %d) #0 section ".text.runtime.__umoddi3" {
  %both = call { i64, i64 } @udivmod64(i64 %n, i64 %d)
  %r = extractvalue { i64, i64 } %both, 1
  ret i64 %r
}

define i64 @__divdi3(i64 %n, i64 %d) #0 section ".text.runtime.__divdi3" {
  %n.abs = call i64 @llvm.abs.i64(i64 %n, i1 false)
  %d.abs = call i64 @llvm.abs.i64(i64 %d, i1 false)
  %both = call { i64, i64 } @udivmod64(i64 %n.abs, i64 %d.abs)
  %q = extractvalue { i64, i64 } %both, 0
  %signs = xor i64 %n, %d
  %negative = icmp slt i64 %signs, 0
  %minus = sub i64 0, %q
  %result = select i1 %negative, i64 %minus, i64 %q
  ret i64 %result
}

define i64 @__moddi3(i64 %n, i64 %d) #0 section ".text.runtime.__moddi3" {
  %n.abs = call i64 @llvm.abs.i64(i64 %n, i1 false)
  %d.abs = call i64 @llvm.abs.i64(i64 %d, i1 false)
  %both = call { i64, i64 } @udivmod64(i64 %n.abs, i64 %d.abs)
  %r = extractvalue { i64, i64 } %both, 1
  %negative = icmp slt i64 %n, 0
  %minus = sub i64 0, %r
  %result = select i1 %negative, i64 %minus, i64 %r
  ret i64 %result
}

; ---- integers of more than 64 bits: arrays of %n words, the low one first ----

; The low half of the product, one word of %a after the other.
define void @weft_wide_mul(ptr %r, ptr %a, ptr %b, i32 %n) #0 section ".text.runtime.weft_wide_mul" {
entry:
  br label %clear
clear:
  %c = phi i32 [ 0, %entry ], [ %c.next, %clear ]
  %r.clear = getelementptr i32, ptr %r, i32 %c
  store i32 0, ptr %r.clear, align 4
  %c.next = add i32 %c, 1
  %clear.more = icmp ult i32 %c.next, %n
  br i1 %clear.more, label %clear, label %row
row:
  %i = phi i32 [ 0, %clear ], [ %i.next, %row.end ]
  %a.at = getelementptr i32, ptr %a, i32 %i
  %x = load i32, ptr %a.at, align 4
  %x.64 = zext i32 %x to i64
  %count = sub i32 %n, %i
  %r.row = getelementptr i32, ptr %r, i32 %i
  br label %word
word:
  %j = phi i32 [ 0, %row ], [ %j.next, %word ]
  %carry = phi i64 [ 0, %row ], [ %carry.next, %word ]
  %b.at = getelementptr i32, ptr %b, i32 %j
  %r.at = getelementptr i32, ptr %r.row, i32 %j
  %y = load i32, ptr %b.at, align 4
  %old = load i32, ptr %r.at, align 4
  %y.64 = zext i32 %y to i64
  %old.64 = zext i32 %old to i64
  %p = mul i64 %x.64, %y.64
  %p.old = add i64 %p, %old.64
  %sum = add i64 %p.old, %carry
  %low = trunc i64 %sum to i32
  store i32 %low, ptr %r.at, align 4
  %carry.next = lshr i64 %sum, 32
  %j.next = add i32 %j, 1
  %word.more = icmp ult i32 %j.next, %count
  br i1 %word.more, label %word, label %row.end
row.end:
  %i.next = add i32 %i, 1
  %row.more = icmp ult i32 %i.next, %n
  br i1 %row.more, label %row, label %done
done:
  ret void
}

; %q: dividend, then quotient; %r: remainder; %d: divisor. A divisor of one word goes word by word, others bit by bit.
define void @weft_wide_div(ptr %q, ptr %r, ptr %d, i32 %n) #0 section ".text.runtime.weft_wide_div" {
entry:
  br label %look
look:
  %c = phi i32 [ 0, %entry ], [ %c.next, %look ]
  %high = phi i32 [ 0, %entry ], [ %high.next, %look ]
  %r.clear = getelementptr i32, ptr %r, i32 %c
  store i32 0, ptr %r.clear, align 4
  %d.look = getelementptr i32, ptr %d, i32 %c
  %d.word = load i32, ptr %d.look, align 4
  %is.first = icmp eq i32 %c, 0
  %d.high = select i1 %is.first, i32 0, i32 %d.word
  %high.next = or i32 %high, %d.high
  %c.next = add i32 %c, 1
  %look.more = icmp ult i32 %c.next, %n
  br i1 %look.more, label %look, label %chosen
chosen:
  %is.short = icmp eq i32 %high.next, 0
  br i1 %is.short, label %short, label %bits

short:
  %k = phi i32 [ %n, %chosen ], [ %k.next, %short ]
  %rest = phi i64 [ 0, %chosen ], [ %rest.next, %short ]
  %k.next = add i32 %k, -1
  %d0 = load i32, ptr %d, align 4
  %d0.64 = zext i32 %d0 to i64
  %q.short = getelementptr i32, ptr %q, i32 %k.next
  %a = load i32, ptr %q.short, align 4
  %a.64 = zext i32 %a to i64
  %rest.up = shl i64 %rest, 32
  %part = or i64 %rest.up, %a.64
  %both = call { i64, i64 } @udivmod64(i64 %part, i64 %d0.64)
  %part.q = extractvalue { i64, i64 } %both, 0
  %rest.next = extractvalue { i64, i64 } %both, 1
  %part.q32 = trunc i64 %part.q to i32
  store i32 %part.q32, ptr %q.short, align 4
  %short.more = icmp ne i32 %k.next, 0
  br i1 %short.more, label %short, label %short.end
short.end:
  %rest.32 = trunc i64 %rest.next to i32
  store i32 %rest.32, ptr %r, align 4
  ret void

; One bit of the dividend after the other, from the top, moves into the remainder.
bits:
  %all = shl i32 %n, 5
  br label %bit
bit:
  %left = phi i32 [ %all, %bits ], [ %at, %bit.end ]
  %at = add i32 %left, -1
  %word.no = lshr i32 %at, 5
  %bit.no = and i32 %at, 31
  %q.at = getelementptr i32, ptr %q, i32 %word.no
  %q.word = load i32, ptr %q.at, align 4
  %q.down = lshr i32 %q.word, %bit.no
  %in = and i32 %q.down, 1
  br label %shift
shift:
  %s = phi i32 [ 0, %bit ], [ %s.next, %shift ]
  %up = phi i32 [ %in, %bit ], [ %up.next, %shift ]
  %r.at = getelementptr i32, ptr %r, i32 %s
  %r.word = load i32, ptr %r.at, align 4
  %r.twice = shl i32 %r.word, 1
  %r.new = or i32 %r.twice, %up
  store i32 %r.new, ptr %r.at, align 4
  %up.next = lshr i32 %r.word, 31
  %s.next = add i32 %s, 1
  %shift.more = icmp ult i32 %s.next, %n
  br i1 %shift.more, label %shift, label %compare
; No bit leaves the remainder: it is at most what has been seen of the dividend.
compare:
  %m = phi i32 [ %n, %shift ], [ %m.next, %compare.next ]
  %m.next = add i32 %m, -1
  %r.cmp = getelementptr i32, ptr %r, i32 %m.next
  %d.cmp = getelementptr i32, ptr %d, i32 %m.next
  %r.v = load i32, ptr %r.cmp, align 4
  %d.v = load i32, ptr %d.cmp, align 4
  %same = icmp eq i32 %r.v, %d.v
  br i1 %same, label %compare.next, label %decided
compare.next:
  %compare.more = icmp ne i32 %m.next, 0
  br i1 %compare.more, label %compare, label %subtract
decided:
  %fits = icmp ugt i32 %r.v, %d.v
  br i1 %fits, label %subtract, label %keep
keep:
  br label %bit.end
subtract:
  br label %minus
minus:
  %t = phi i32 [ 0, %subtract ], [ %t.next, %minus ]
  %borrow = phi i32 [ 0, %subtract ], [ %borrow.next, %minus ]
  %r.sub = getelementptr i32, ptr %r, i32 %t
  %d.sub = getelementptr i32, ptr %d, i32 %t
  %r.s = load i32, ptr %r.sub, align 4
  %d.s = load i32, ptr %d.sub, align 4
  %diff = sub i32 %r.s, %d.s
  %less = icmp ult i32 %r.s, %d.s
  %diff.b = sub i32 %diff, %borrow
  %less.b = icmp ult i32 %diff, %borrow
  %any.less = or i1 %less, %less.b
  store i32 %diff.b, ptr %r.sub, align 4
  %borrow.next = zext i1 %any.less to i32
  %t.next = add i32 %t, 1
  %minus.more = icmp ult i32 %t.next, %n
  br i1 %minus.more, label %minus, label %bit.end
bit.end:
  %digit = phi i32 [ 0, %keep ], [ 1, %minus ]
  %one = shl i32 1, %bit.no
  %hole = xor i32 %one, -1
  %q.without = and i32 %q.word, %hole
  %digit.up = shl i32 %digit, %bit.no
  %q.with = or i32 %q.without, %digit.up
  store i32 %q.with, ptr %q.at, align 4
  %bit.more = icmp ne i32 %at, 0
  br i1 %bit.more, label %bit, label %end
end:
  ret void
}

; ---- float to 64-bit integer: the mantissa, shifted; out of range is for the caller ----

define i64 @__fixunssfdi(float %f) #0 section ".text.runtime.__fixunssfdi" {
  %bits = bitcast float %f to i32
  %e.raw = lshr i32 %bits, 23
  %e = and i32 %e.raw, 255
  %m.raw = and i32 %bits, 8388607
  %m.one = or i32 %m.raw, 8388608
  %m = zext i32 %m.one to i64
  %below.one = icmp ult i32 %e, 127
  %left.count = sub i32 %e, 150
  %is.left = icmp sge i32 %left.count, 0
  %right.count = sub i32 150, %e
  %left.64 = zext i32 %left.count to i64
  %left.safe = and i64 %left.64, 63
  %right.64 = zext i32 %right.count to i64
  %right.safe = and i64 %right.64, 63
  %left = shl i64 %m, %left.safe
  %right = lshr i64 %m, %right.safe
  %shifted = select i1 %is.left, i64 %left, i64 %right
  %result = select i1 %below.one, i64 0, i64 %shifted
  ret i64 %result
}

define i64 @__fixsfdi(float %f) #0 section ".text.runtime.__fixsfdi" {
  %magnitude = call i64 @__fixunssfdi(float %f)
  %bits = bitcast float %f to i32
  %negative = icmp slt i32 %bits, 0
  %minus = sub i64 0, %magnitude
  %result = select i1 %negative, i64 %minus, i64 %magnitude
  ret i64 %result
}

; ---- 64-bit integer to float: the top 32 bits with what is below them as a sticky bit, so that only one rounding ----
; ---- takes place, then scaled by a power of two                                                                    ----

define float @__floatundisf(i64 %v) #0 section ".text.runtime.__floatundisf" {
  %z = call i64 @llvm.ctlz.i64(i64 %v, i1 false)
  %small = icmp uge i64 %z, 32
  %s.raw = sub i64 32, %z
  %s = select i1 %small, i64 0, i64 %s.raw
  %top.64 = lshr i64 %v, %s
  %back = shl i64 %top.64, %s
  %inexact = icmp ne i64 %back, %v
  %sticky = zext i1 %inexact to i32
  %top = trunc i64 %top.64 to i32
  %odd = or i32 %top, %sticky
  %f = uitofp i32 %odd to float
  %s.32 = trunc i64 %s to i32
  %exponent = add i32 %s.32, 127
  %scale.bits = shl i32 %exponent, 23
  %scale = bitcast i32 %scale.bits to float
  %result = fmul float %f, %scale
  ret float %result
}

define float @__floatdisf(i64 %v) #0 section ".text.runtime.__floatdisf" {
  %magnitude = call i64 @llvm.abs.i64(i64 %v, i1 false)
  %f = call float @__floatundisf(i64 %magnitude)
  %minus = fneg float %f
  %negative = icmp slt i64 %v, 0
  %result = select i1 %negative, float %minus, float %f
  ret float %result
}

; Whatever passes 32 bits is infinite in 16.
define half @__floatundihf(i64 %v) #0 section ".text.runtime.__floatundihf" {
  %clamped = call i64 @llvm.umin.i64(i64 %v, i64 4294967295)
  %low = trunc i64 %clamped to i32
  %result = uitofp i32 %low to half
  ret half %result
}

define half @__floatdihf(i64 %v) #0 section ".text.runtime.__floatdihf" {
  %below = call i64 @llvm.smin.i64(i64 %v, i64 2147483647)
  %clamped = call i64 @llvm.smax.i64(i64 %below, i64 -2147483648)
  %low = trunc i64 %clamped to i32
  %result = sitofp i32 %low to half
  ret half %result
}

; ---- memory: words while both addresses and the rest allow it, then bytes ----

define ptr @memcpy(ptr %to, ptr %from, i32 %n) #0 section ".text.runtime.memcpy" {
entry:
  %to.int = ptrtoint ptr %to to i32
  %from.int = ptrtoint ptr %from to i32
  %either = or i32 %to.int, %from.int
  %low = and i32 %either, 3
  %aligned = icmp eq i32 %low, 0
  %words = and i32 %n, -4
  %start = select i1 %aligned, i32 %words, i32 0
  %any.words = icmp ne i32 %start, 0
  br i1 %any.words, label %word, label %bytes
word:
  %i = phi i32 [ 0, %entry ], [ %i.next, %word ]
  %from.word = getelementptr i8, ptr %from, i32 %i
  %to.word = getelementptr i8, ptr %to, i32 %i
  %w = load i32, ptr %from.word, align 4
  store i32 %w, ptr %to.word, align 4
  %i.next = add i32 %i, 4
  %more.words = icmp ult i32 %i.next, %start
  br i1 %more.words, label %word, label %bytes
bytes:
  %any.bytes = icmp ult i32 %start, %n
  br i1 %any.bytes, label %byte, label %done
byte:
  %k = phi i32 [ %start, %bytes ], [ %k.next, %byte ]
  %from.byte = getelementptr i8, ptr %from, i32 %k
  %to.byte = getelementptr i8, ptr %to, i32 %k
  %b = load i8, ptr %from.byte, align 1
  store i8 %b, ptr %to.byte, align 1
  %k.next = add i32 %k, 1
  %more.bytes = icmp ult i32 %k.next, %n
  br i1 %more.bytes, label %byte, label %done
done:
  ret ptr %to
}

define ptr @memmove(ptr %to, ptr %from, i32 %n) #0 section ".text.runtime.memmove" {
entry:
  %to.int = ptrtoint ptr %to to i32
  %from.int = ptrtoint ptr %from to i32
  %distance = sub i32 %to.int, %from.int
  %forward = icmp uge i32 %distance, %n
  br i1 %forward, label %copy, label %bytes
copy:
  %unused = call ptr @memcpy(ptr %to, ptr %from, i32 %n)
  ret ptr %to
bytes:
  %any = icmp ne i32 %n, 0
  br i1 %any, label %byte, label %done
byte:
  %k = phi i32 [ %n, %bytes ], [ %k.next, %byte ]
  %k.next = add i32 %k, -1
  %from.byte = getelementptr i8, ptr %from, i32 %k.next
  %to.byte = getelementptr i8, ptr %to, i32 %k.next
  %b = load i8, ptr %from.byte, align 1
  store i8 %b, ptr %to.byte, align 1
  %more = icmp ne i32 %k.next, 0
  br i1 %more, label %byte, label %done
done:
  ret ptr %to
}

define ptr @memset(ptr %to, i32 %value, i32 %n) #0 section ".text.runtime.memset" {
entry:
  %to.int = ptrtoint ptr %to to i32
  %low = and i32 %to.int, 3
  %aligned = icmp eq i32 %low, 0
  %words = and i32 %n, -4
  %start = select i1 %aligned, i32 %words, i32 0
  %one = and i32 %value, 255
  %four = mul i32 %one, 16843009
  %any.words = icmp ne i32 %start, 0
  br i1 %any.words, label %word, label %bytes
word:
  %i = phi i32 [ 0, %entry ], [ %i.next, %word ]
  %to.word = getelementptr i8, ptr %to, i32 %i
  store i32 %four, ptr %to.word, align 4
  %i.next = add i32 %i, 4
  %more.words = icmp ult i32 %i.next, %start
  br i1 %more.words, label %word, label %bytes
bytes:
  %any.bytes = icmp ult i32 %start, %n
  br i1 %any.bytes, label %byte, label %done
byte:
  %k = phi i32 [ %start, %bytes ], [ %k.next, %byte ]
  %to.byte = getelementptr i8, ptr %to, i32 %k
  %b = trunc i32 %one to i8
  store i8 %b, ptr %to.byte, align 1
  %k.next = add i32 %k, 1
  %more.bytes = icmp ult i32 %k.next, %n
  br i1 %more.bytes, label %byte, label %done
done:
  ret ptr %to
}

declare i64 @llvm.ctlz.i64(i64, i1)
declare i64 @llvm.abs.i64(i64, i1)
declare i64 @llvm.umin.i64(i64, i64)
declare i64 @llvm.smin.i64(i64, i64)
declare i64 @llvm.smax.i64(i64, i64)

attributes #0 = { nounwind noinline null_pointer_is_valid "no-builtins" }
