noinst_LIBRARIES += libarith.a
libarith_a_SOURCES = arith/arith.c arith/arith.h arith/vector.c arith/vector.h arith/exceptions.c arith/exceptions.h
