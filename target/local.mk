noinst_LIBRARIES += libtarget.a
libtarget_a_SOURCES = target/arch.c target/arch.h target/arch.def target/costs.c target/costs.h \
  target/costs.def target/model.c target/model.h target/model.def target/registers.c target/registers.h \
  target/registers.def target/isa.c target/isa.h target/isa.def target/setup.def target/route.c target/route.h
