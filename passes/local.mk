noinst_LIBRARIES += libpasses.a
libpasses_a_SOURCES = passes/passes.c passes/passes.h passes/passes.def passes/pass.h \
  passes/bind_queues.c passes/bind_dsrs.c passes/memory_layout.c passes/fixed_sections.c passes/host_routes.c \
  passes/check_routes.c passes/route_graph.c passes/route_graph.h \
  passes/facts.c passes/facts.h passes/traffic.c passes/traffic.h passes/check_queues.c \
  passes/check_tasks.c passes/check_commands.c passes/check_delivery.c
